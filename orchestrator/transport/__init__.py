"""The only seam to a machine: connections, sessions, trust in host keys."""
