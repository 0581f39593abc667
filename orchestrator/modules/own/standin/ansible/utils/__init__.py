"""Stand-in: what plug-ins talk with."""
