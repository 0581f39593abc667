"""Real playbooks against simulated Macs, and against a real one where it is named."""
