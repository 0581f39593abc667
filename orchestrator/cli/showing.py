"""Which reports a run gets: what stdout and stderr carry, and the files of ``--report``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from orchestrator.language.ansible_cfg import Config
from orchestrator.model.errors import UserError
from orchestrator.model.frozen import frozen
from orchestrator.report.lines import Sink, Teller
from orchestrator.report.output import Plain, Talk, Writer, is_rich, width_of
from orchestrator.report.telling import Telling
from orchestrator.report.words import WIDTH
from orchestrator.secrets.redact import Redactor

KINDS = ("html", "junit", "md")


@frozen
class Shown:
    """The sinks of one run, and how to keep the screen still while a person is asked."""

    sinks: tuple[Sink, ...]
    still: Callable[[], AbstractContextManager[None]] = nullcontext


def shown(
    make_teller: Callable[[int], Teller],
    *,
    is_json: bool,
    reports: Sequence[str] | None,
    redactor: Redactor,
    log: str | None = None,
) -> Shown:
    """The sinks for one run; ``make_teller`` gets the screen's width, ``log`` is the path that ``log_path`` names.
    Raises UserError for a wrong ``--report``."""
    files = tuple(_file(each, redactor) for each in reports or [])
    out = Writer(sys.stdout, redactor.text)
    talk = Writer(sys.stderr, redactor.text)
    if log:
        files = (*files, *_log(log, make_teller(WIDTH), redactor, talk))
    if is_json:
        from orchestrator.report.jsonl import JsonLines

        return Shown((JsonLines(out), Talk(make_teller(width_of(sys.stderr)), talk), *files))
    teller = make_teller(width_of(sys.stdout))
    if not is_rich(sys.stdout):
        return Shown((Plain(teller, out, talk), *files))
    from orchestrator.report.screen import Screen

    screen = Screen(teller, sys.stdout, redactor.text, talk=None if sys.stderr.isatty() else talk)
    return Shown((screen, *files), screen.still)


def telling_of(config: Config) -> Telling:
    """What ansible.cfg and the environment say of how results are told."""
    return Telling(
        shows_skipped=config.display_skipped_hosts,
        shows_ok=config.display_ok_hosts,
        fails_to_stderr=config.display_failed_stderr,
        shows_stats=config.show_custom_stats,
        result_format=config.callback_result_format,
        is_pretty=config.callback_format_pretty,
    )


def _log(path: str, teller: Teller, redactor: Redactor, talk: Writer) -> Iterator[Sink]:
    """The log, unless it cannot be written to: then that is said, and the run goes on, as in Ansible."""
    from orchestrator.report.log import Log

    try:
        yield Log(Path(path).expanduser(), teller, redactor.text)
    except OSError as error:
        talk.line(f"[WARNING]: no log is kept in {path}: {error.strerror}")


def _file(given: str, redactor: Redactor) -> Sink:
    from orchestrator.report.files import FileReport, renderer

    kind, colon, name = given.partition(":")
    if not colon or kind not in KINDS or not name:
        raise UserError(f"--report {given}: expected html:FILE, junit:FILE or md:FILE")
    path = Path(name).expanduser()
    if not path.parent.is_dir():
        raise UserError(f"--report {given}: the directory {path.parent} does not exist")
    return FileReport(path, renderer(kind), redactor.text)
