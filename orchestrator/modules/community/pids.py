"""This module tells the numbers of processes by name or pattern, from ps(1)."""

from __future__ import annotations

import posixpath
import re
from typing import Self

from pydantic import Field, model_validator

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import Tool, call, calling
from orchestrator.modules.types import AsSaid, Bool, Str

PS = Tool("ps", "macOS has it; Debian's package procps brings it.")


class PidsArgs(Args):
    name: Str | None = Field(None, description="The processes of this name, in upper or lower case.")
    pattern: Str | None = Field(None, description="Those whose name, program or command line the expression fits.")
    ignore_case: Bool = Field(False, description="The expression fits upper and lower case.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.name is not None and self.pattern is not None:
            raise ValueError("parameters are mutually exclusive: name|pattern")
        if self.name is None and self.pattern is None:
            raise ValueError("one of the following is required: name, pattern")
        try:
            re.compile(self.pattern or "")
        except re.error as error:
            raise AsSaid(f"'{self.pattern}' is not a valid regular expression: {error}") from None
        return self

    def fits(self, process: Process) -> bool:
        """Whether that process is meant."""
        if self.name is not None:
            return self.name.lower() in (process.name.lower(), process.words.partition(" ")[0].lower())
        regex = re.compile(self.pattern or "", re.IGNORECASE if self.ignore_case else 0)
        return any(regex.search(each) for each in (process.name, process.words))


@frozen
class Process:
    """A process: its number, its name without a path, and its command line (empty for one of the kernel)."""

    pid: int
    name: str
    words: str


def processes(comm: str, args: str) -> list[Process]:
    """What ``ps -o pid=,comm=`` and ``ps -o pid=,args=`` list; of processes that are in both."""
    words = dict(line.strip().partition(" ")[::2] for line in args.splitlines())
    found = []
    for line in comm.splitlines():
        pid, _, name = line.strip().partition(" ")
        if pid in words:
            line_of = words[pid].strip()
            is_kernel = line_of.startswith("[") and line_of.endswith("]")
            found.append(
                Process(int(pid), whole(posixpath.basename(name.strip()), line_of), "" if is_kernel else line_of)
            )
    return found


def whole(name: str, words: str) -> str:
    """A name that Linux has cut to 15 letters, as the command line has it."""
    first = posixpath.basename(words.partition(" ")[0])
    return first if len(name) == 15 and first.startswith(name) else name


@calling
def steps(args: PidsArgs, ctx: Context) -> Steps:
    comm = yield from call(ctx, PS, "-axww", "-o", "pid=,comm=")
    words = yield from call(ctx, PS, "-axww", "-o", "pid=,args=")
    return Result(data={"pids": [each.pid for each in processes(comm.stdout, words.stdout) if args.fits(each)]})


PIDS = Module("pids", PidsArgs, steps, "Tells the numbers of processes by name or pattern.")
