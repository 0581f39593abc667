"""Stand-in: what modules import. Directories of the user come before it."""
