"""
The simulated Mac: a real SSH server, a home of its own, and the system tools of a Mac first in PATH.

Import what you need from its file (`fleet`, `mac`, `faults`); nothing is imported here, since every simulated
tool passes through this package and must start within milliseconds.
"""
