"""Which reports a run gets: what stdout and stderr carry, and the files of ``--report``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from orchestrator.model.errors import UserError
from orchestrator.report.lines import Sink, Teller
from orchestrator.report.output import Plain, Writer, is_rich
from orchestrator.secrets.redact import Redactor

KINDS = ("html", "junit", "md")


def sinks(
    make_teller: Callable[[int], Teller], *, is_json: bool, reports: Sequence[str] | None, redactor: Redactor
) -> tuple[Sink, ...]:
    """The sinks for one run; ``make_teller`` gets the width of the screen. Raises UserError for a wrong ``--report``."""
    files = tuple(_file(each, redactor) for each in reports or [])
    return (*_standard(make_teller, is_json, redactor), *files)


def _standard(make_teller: Callable[[int], Teller], is_json: bool, redactor: Redactor) -> tuple[Sink, ...]:
    from orchestrator.report.output import width_of

    out = Writer(sys.stdout, redactor.text)
    talk = Writer(sys.stderr, redactor.text)
    if is_json:
        from orchestrator.report.jsonl import JsonLines
        from orchestrator.report.output import Talk

        return JsonLines(out), Talk(make_teller(width_of(sys.stderr)), talk)
    teller = make_teller(width_of(sys.stdout))
    if is_rich(sys.stdout):
        from orchestrator.report.screen import Screen

        return (Screen(teller, sys.stdout, redactor.text, talk=None if sys.stderr.isatty() else talk),)
    return (Plain(teller, out, talk),)


def _file(given: str, redactor: Redactor) -> Sink:
    from orchestrator.report.files import FileReport, renderer

    kind, colon, name = given.partition(":")
    if not colon or kind not in KINDS or not name:
        raise UserError(f"--report {given}: expected html:FILE, junit:FILE or md:FILE")
    path = Path(name).expanduser()
    if not path.parent.is_dir():
        raise UserError(f"--report {given}: the directory {path.parent} does not exist")
    return FileReport(path, renderer(kind), redactor.text)
