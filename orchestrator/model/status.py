"""Exit statuses, ansible-playbook's own (ansible-core 2.19, ``ansible.errors.ExitCode``)."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """How a command ended."""

    OK = 0
    WRONG = 1
    """A file is missing, or the command line asks for what cannot be."""
    FAILED = 2
    """A task failed on a host. Also: options that nobody knows."""
    UNREACHABLE = 4
    """A host was out of reach, or it is unknown how a task ended there."""
    UNREADABLE = 4
    """A playbook, role or variables file cannot be understood; Ansible has one number for both."""
    MISCONFIGURED = 5
    """ansible.cfg or the data of ``-e`` is wrong."""
    INTERRUPTED = 99
    BUG = 250
