"""What is asked of a machine, and what comes back.

A module is a generator: it yields these requests, is sent the replies, and returns a ``Result``. So a module does no
I/O, and the engine, a test or a simulation can drive the same code.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from dataclasses import field
from typing import Any

from orchestrator.model.frozen import frozen
from orchestrator.model.results import Result
from orchestrator.model.secrets import Secret

_FOR_READERS = re.compile(r"^[ \t]*(?:#.*)?\n|^[ \t]+", re.MULTILINE)


def bare(text: str) -> str:
    """Shell text of ours as it is sent: without comments, empty lines and indentation, a third of it.

    bash takes a system call for each byte of its input. No text of ours has a string where these matter: a test looks.
    """
    return _FOR_READERS.sub("", text)


@frozen
class Script:
    """POSIX sh that only defines functions; sent once per session. ``name`` must be unique to its text."""

    name: str
    text: str


@frozen(kw_only=True)
class Run:
    """A program for the node's standing shell: assign ``values``, then call the function ``main``.

    ``values`` become shell variables of the same names (never exported); ``environment`` is exported to the tools
    that the program starts. The program runs in a subshell with stdin at /dev/null, stdout and stderr in files of its
    claim, and file descriptor 3 as the place where ``say NAME VALUE`` records structured facts. Replied with ``Reply``.
    """

    main: str
    scripts: tuple[Script, ...] = ()
    values: Mapping[str, str | Secret] = field(default_factory=dict)
    environment: Mapping[str, str | Secret] = field(default_factory=dict)
    stdin: str | Secret | None = None
    repeatable: bool = False
    """True where running it again does no harm, so that a lost outcome may simply be run again."""
    is_last: bool = False
    """True where the module asks for nothing after it, unless the program fails or says ``later``: the node itself then
    knows whether what comes after the task may begin."""
    timeout_s: float | None = None
    output_bytes: int | None = None
    """So much of each of its streams is wanted, where that is less than the connection's limit."""


@frozen
class Reply:
    """What a program left behind. ``said`` holds fd 3's records in order; a capped stream says so in ``capped``.

    ``span_s``: the controller's clock (seconds since 1970) when the program was written to the node's shell, and when
    the whole answer was here. None where that is not known, or where the program was written more than once.
    """

    rc: int
    stdout: bytes = b""
    stderr: bytes = b""
    said: tuple[tuple[str, str], ...] = ()
    capped: tuple[str, ...] = ()
    span_s: tuple[float, float] | None = field(default=None, compare=False)

    def first(self, name: str) -> str | None:
        """The first record called ``name``, or None."""
        return next((value for key, value in self.said if key == name), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.said if key == name]


@frozen
class Glimpse:
    """Ask what ``program``, which changes nothing, has seen ahead of the task; replied at once with its Reply, or with
    None where nobody looked. What it saw may be old: it tells what is worth sending, and nothing else."""

    program: Run


@frozen
class Upload:
    """Bring the controller's file ``source`` (or ``content``) to the new file ``path`` on the node, mode 0600."""

    path: str
    source: str | None = None
    content: bytes | None = None


@frozen
class Download:
    """Bring the node's file ``path`` here: into the controller's file ``into``, else replied as bytes."""

    path: str
    into: str | None = None
    limit_bytes: int = 64 * 1024 * 1024


@frozen
class Sleep:
    """Wait ``seconds`` on the engine's clock, without a program on the node."""

    seconds: float


@frozen
class Ask:
    """Ask the person at the terminal; replied with the line typed, or None where nobody answers (no terminal)."""

    prompt: str
    echo: bool = True
    timeout_s: float | None = None


@frozen
class Reach:
    """Open a TCP connection from the controller and close it; replied with None, or with the reason as text."""

    host: str
    port: int
    timeout_s: float = 5.0


@frozen
class Reconnect:
    """Close this host's connection and open it anew, at most ``timeout_s`` later; replied with None or the reason."""

    timeout_s: float = 600.0


@frozen
class Recall:
    """Ask what was remembered of ``topic`` in the last ``within_s`` seconds, in this and all earlier runs of this
    controller; replied with a tuple of (host, age in seconds), newest first."""

    topic: str
    within_s: float


@frozen
class Remember:
    """Keep a note that ``topic`` happened on this host now; durable before the reply (None) comes."""

    topic: str


@frozen
class JobStatus:
    """Ask how a task begun with ``async`` stands, by its job id; replied with its Result so far, None where there is no
    such job in this run. ``forget``: nobody will ask again."""

    jid: str
    forget: bool = False


@frozen
class Converse:
    """Say ``line`` to a program on the controller, which ``words`` start where the task has not yet talked with it and
    which ends with the task; replied with the line that it says next, or None where it has ended."""

    words: tuple[str, ...]
    line: str


Request = Run | Glimpse | Upload | Download | Sleep | Ask | Reach | Reconnect | Recall | Remember | JobStatus | Converse
Steps = Generator[Request, Any, Result]
"""A module at work: yields requests, is sent their replies, returns the result."""
