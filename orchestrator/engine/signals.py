"""How a task on a host changes the way the host goes on. Only ``HostRun`` raises and catches these."""

from __future__ import annotations


class Signal(Exception):
    """The host leaves the straight path."""


class TaskFailed(Signal):
    """A task failed here: the nearest rescue takes over, else the host is out."""

    def __init__(self, *, is_twice: bool = False) -> None:
        super().__init__("task failed")
        self.is_twice = is_twice
        """Whether the innermost block's next section is passed over, be it its rescue or its ``always``: Ansible fails
        the other hosts of a ``run_once`` task twice."""


class HostGone(Signal):
    """The host is unreachable or its state unknown: nothing more is sent to it, not even ``always``."""


class EndHost(Signal):
    """``meta: end_host``, ``end_batch`` or ``end_play``: the host is through, without fault."""


class Stopped(EndHost):
    """The run is to stop, and the host is between two turns of a loop, or two tries: no other begins."""


class EndRole(Signal):
    """``meta: end_role``: the rest of the innermost role is left out."""
