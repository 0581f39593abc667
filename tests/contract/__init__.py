"""One suite for every connection, every promised shell and every module."""
