"""The real OpenClaw gateway and nodes, on simulated Macs."""
