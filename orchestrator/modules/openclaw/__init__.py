"""OpenClaw's gateway and nodes: what they are, whether they are sound, and the steps of a change."""
