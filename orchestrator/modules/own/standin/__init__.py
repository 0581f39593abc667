"""A stand-in for the ``ansible`` package, for modules and plug-ins of the user's own: on this machine, never on a node.

``run.py`` starts a module with this directory first on its path. All below it is the standard library's alone and fits
any Python from 3.9 on, since a user may name another interpreter than the one that runs orch. Names, arguments and
messages are those of Ansible's developer guide and of ansible-core 2.19.
"""
