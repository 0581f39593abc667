"""What the commands of one program left behind: the reader of ``probe.sh``."""

from __future__ import annotations

import math
from collections.abc import Mapping

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import script
from orchestrator.modules.declared import refusal
from orchestrator.modules.macos.parsers import Output, Parsed, parse

PROBE = script("probe", __file__)
_ENDED = {137, 143}  # 128 + SIGKILL, 128 + SIGTERM


@frozen
class Answer:
    """One command: its words, what it printed, and whether it had to be ended at the limit (``late``)."""

    command: str
    output: Output
    late: bool = False

    @property
    def rc(self) -> int | None:
        return self.output.exit_code

    @property
    def said(self) -> str:
        """Its complaint in one line: stderr's first, else stdout's, else its exit status."""
        lines = Output(self.output.stderr).lines or self.output.lines
        return "no answer within the limit" if self.late else lines[0].strip() if lines else f"exit status {self.rc}"

    def parsed(self, slug: str) -> Parsed:
        """The answer read by the parser for ``slug``; unknown where the command had to be ended."""
        if self.late:
            return {"status": "unknown", "reason": "no answer within the limit: the command was ended"}
        return parse(slug, self.output)


MISSING = Answer("", Output("", "this was not asked", None))


def answers(reply: Reply) -> dict[str, Answer]:
    """All commands' answers by name."""
    files: dict[str, list[str]] = {}
    for line in reply.stdout.decode(errors="replace").split("\n"):
        name, colon, text = line.partition(":")
        if colon:
            files.setdefault(name.removeprefix("./"), []).append(text)
    names = [file.removesuffix(".cmd") for file in files if file.endswith(".cmd")]
    return {name: _answer(name, files) for name in names}


def _answer(name: str, files: Mapping[str, list[str]]) -> Answer:
    def text(kind: str) -> str:
        lines = files.get(f"{name}.{kind}", [])
        return "".join(f"{line}\n" for line in lines)

    status = text("rc").strip()
    rc = int(status) if status.isdigit() else None
    late = f"{name}.late" in files and rc in _ENDED
    output = Output(text("out"), text("err"), None if late else rc)
    return Answer(text("cmd").strip(), output, late)


def whole_seconds(limit_s: float) -> str:
    """A limit as ``probe.sh`` takes it: whole seconds, at least one."""
    return str(max(math.ceil(limit_s), 1))


def read(reply: Reply) -> dict[str, Answer] | Result:
    """The answers, or the failed result of a program that could not go on."""
    refused = refusal(reply)
    if refused is None and reply.capped:
        return failure("the node's answer was longer than the limit of this connection", capped=list(reply.capped))
    return refused or answers(reply)
