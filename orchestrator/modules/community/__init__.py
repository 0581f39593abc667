"""Modules of community.general and ansible.posix that playbooks for Macs use: same arguments, same return values."""
