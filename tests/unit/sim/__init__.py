"""The simulated Mac: its tools against recordings of real Macs, its launchd against the documented behaviour."""
