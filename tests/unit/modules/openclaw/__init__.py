"""OpenClaw modules, without an OpenClaw."""
