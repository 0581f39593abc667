"""Stand-in: the plug-ins of Ansible."""
