"""Cuts, kills, half-open lines, full disks; afterwards a plain second run converges."""
