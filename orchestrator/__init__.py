"""orch: Ansible-style playbooks over SSH on macOS hosts that offer sshd and /bin/sh, and nothing else."""

__version__ = "0.1.0"
