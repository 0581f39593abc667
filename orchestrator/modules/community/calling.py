"""Programs of the node called word by word: for modules that go by what a tool says, one call after the other.

A module calls with ``yield from call(…)``; decorated with ``calling``, it ends where a call is refused.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator, Mapping
from functools import wraps
from typing import Any, TypeVar

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, script
from orchestrator.modules.builtin.files import worded
from orchestrator.modules.community.packages import TOOL_SCRIPTS
from orchestrator.modules.declared import as_shell, refusal

CALLING_SH = script("calling", __file__)
SCRIPTS = (*TOOL_SCRIPTS, CALLING_SH)
PLAIN = {"LANG": "C", "LC_ALL": "C"}
"""The environment in which tools speak as their parsers expect."""


class Refused(Exception):
    """Ends a module at work; ``result`` is what its task came to."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.msg)
        self.result = result


def refuse(msg: str, **data: Any) -> Refused:
    """What to raise where a task cannot go on."""
    return Refused(failure(msg, **data))


A = TypeVar("A", bound=Args)


def calling(work: Callable[[A, Context], Steps]) -> Callable[[A, Context], Steps]:
    """``work`` as a module's steps: what is ``Refused`` in it is its result."""

    @wraps(work)
    def steps(args: A, ctx: Context) -> Steps:
        try:
            return (yield from work(args, ctx))
        except Refused as refused:
            return refused.result

    return steps


@frozen
class Tool:
    """A program: the first of ``names`` (blank-separated) that the node has, unless ``executable`` is told.
    ``remedy`` says what brings it; ``folders`` are looked in besides the path."""

    names: str
    remedy: str
    executable: str | None = None
    folders: str = "/opt/homebrew/bin /usr/local/bin"


@frozen
class Called:
    """What a program came to: its words, exit status and streams."""

    cmd: tuple[str, ...]
    rc: int
    stdout: str
    stderr: str

    def told(self, *names: str) -> dict[str, Any]:
        """The fields ``names`` (``cmd rc stdout stderr``) as a module registers them; streams by lines as well."""
        found: dict[str, Any] = {}
        for name in names:
            value = getattr(self, name)
            found[name] = list(value) if name == "cmd" else value
            if name in ("stdout", "stderr"):
                found[f"{name}_lines"] = value.splitlines()
        return found

    def broken(self) -> Refused:
        """What to raise where the program had to succeed: the words are those of Ansible's ``run_command``."""
        told = {**self.told("rc", "stdout", "stderr"), "cmd": shlex.join(self.cmd)}
        return refuse(self.stderr.rstrip(), **told)


def call(
    ctx: Context,
    tool: Tool,
    *words: str,
    folder: str | None = None,
    environment: Mapping[str, str] = PLAIN,
    must: bool = True,
    stdin: str | None = None,
    repeatable: bool = True,
) -> Generator[Run, Reply, Called]:
    """Calls ``tool`` with ``words`` in ``folder``. ``must``: it has to exit with 0. Raises Refused."""
    reply = yield Run(
        main="with_words call_tool",
        scripts=SCRIPTS,
        values={
            **worded(words),
            "tools": tool.names,
            "executable": tool.executable or "",
            "remedy": tool.remedy,
            "more_folders": tool.folders,
            "folder_given": folder or "",
            "is_fed": as_shell(stdin is not None),
        },
        stdin=stdin,
        environment={**ctx.environment, **environment},
        repeatable=repeatable,
    )
    if refused := refusal(reply):
        raise Refused(refused)
    streams = (stream.decode(errors="replace") for stream in (reply.stdout, reply.stderr))
    called = Called((reply.first("tool") or tool.names, *words), int(reply.first("rc") or 0), *streams)
    if must and called.rc:
        raise called.broken()
    return called


@frozen
class Place:
    """A path as the node means it, and what is there (``absent file directory …``), links followed."""

    path: str
    kind: str


def places(ctx: Context, *paths: str) -> Generator[Run, Reply, list[Place]]:
    """What is at ``paths``. Raises Refused."""
    reply = yield Run(
        main="with_words tell_places",
        scripts=SCRIPTS,
        values=worded(paths),
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        raise Refused(refused)
    return [Place(path, kind) for path, kind in zip(reply.all("path"), reply.all("kind"), strict=True)]
