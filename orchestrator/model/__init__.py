"""Frozen values, errors and pure policies; standard library only, no I/O."""
