"""A line's pulse, for Paramiko, whose own keep-alives ask for no answer, so that it never learns of a dead peer."""

from __future__ import annotations

import threading

import paramiko

from orchestrator.transport.base import Limits

_QUESTION = "keepalive@openssh.com"
"""A request that no server knows, and each must answer, if only with a refusal (RFC 4254, 4)."""


class Pulse:
    """Asks the peer at the other end, every ``keepalive_s``. Where no answer comes until it has been silent for
    ``keepalive_s`` × ``keepalive_count``, the line is closed, and ``get_exception`` of its transport says why."""

    def __init__(self, transport: paramiko.Transport, limits: Limits) -> None:
        self._transport = transport
        self._limits = limits
        self._ended = threading.Event()
        threading.Thread(target=self._beat, daemon=True, name="fabric-pulse").start()

    def end(self) -> None:
        self._ended.set()

    def _beat(self) -> None:
        pause_s = self._limits.keepalive_s
        while not self._ended.wait(pause_s) and self._transport.is_active():
            late = threading.Timer(pause_s * max(1, self._limits.keepalive_count - 1), self._give_up)
            late.daemon = True
            late.start()
            self._transport.global_request(_QUESTION, wait=True)  # returns when the line is closed, too
            late.cancel()

    def _give_up(self) -> None:
        silent_s = self._limits.keepalive_s * self._limits.keepalive_count
        self._transport.saved_exception = EOFError(f"the peer has not answered for {silent_s:g} s")
        self._transport.close()
