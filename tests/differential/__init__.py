"""The same playbooks through ansible-core and through orch: same words, same exit status, same files."""
