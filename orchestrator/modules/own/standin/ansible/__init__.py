"""Stand-in for the package of Ansible: what modules and plug-ins import of it."""
