"""Which ansible-core's contract is kept."""

__version__ = "2.19.0"
__author__ = "Ansible, Inc."
__codename__ = "orch"
