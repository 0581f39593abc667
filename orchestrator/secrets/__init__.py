"""From a reference to a value that prints as ***, and vault files."""
