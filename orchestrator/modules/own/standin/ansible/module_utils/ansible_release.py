"""The same as ``ansible.release``, where modules look for it."""

__version__ = "2.19.0"
__author__ = "Ansible, Inc."
__codename__ = "orch"
