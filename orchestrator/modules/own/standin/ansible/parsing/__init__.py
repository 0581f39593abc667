"""Stand-in: files that Ansible reads."""
