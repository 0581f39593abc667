"""Stand-in: hosts and groups."""
