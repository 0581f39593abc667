import errno
import io
import json
import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.errors import UserError
from orchestrator.model.events import (
    ConnectionLost,
    Dispatched,
    Event,
    HostSummary,
    PlayStarted,
    RunEnded,
    Said,
    TaskDone,
    TaskStarted,
)
from orchestrator.report.jsonl import JsonLines
from orchestrator.report.output import Plain, Talk, Writer, is_rich, width_of
from orchestrator.report.safe import UNSAFE, one_line, safe
from orchestrator.report.screen import Grid, Screen
from orchestrator.report.transcript import Transcript
from orchestrator.secrets.redact import Redactor
from tests.unit.report.conftest import entries

HOSTILE = "\x1b[2J\x1b]0;title\x07 \u202etxt.exe\u2066 \x9b31m\r\x08"


class Tty(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def scene(text: str) -> list[Event]:
    return [
        PlayStarted(play=1, name=text, hosts=(text,)),
        TaskStarted(task="1", name=text, action="debug", play=1),
        Dispatched(host=text, task="1", key="k"),
        TaskDone(host="h", task="1", outcome="ok", result={"msg": text}, diff=({"before": text, "after": ""},)),
        ConnectionLost(host="h", reason=text, will_retry_s=1.0),
        Said(level="warning", text=text),
        RunEnded(status=0, hosts=(HostSummary(host=text),)),
    ]


@given(st.text())
def test_safe_text_has_no_control_or_direction_characters(text: str) -> None:
    assert not UNSAFE.search(safe(text))
    assert "\n" not in one_line(text)


@given(st.text())
def test_ordinary_text_is_left_alone(text: str) -> None:
    plain = UNSAFE.sub("", text)
    assert safe(plain) == plain


def test_plain_output_has_no_control_characters() -> None:
    out, talk = io.StringIO(), io.StringIO()
    sink = Plain(Transcript(), Writer(out, str), Writer(talk, str))
    for entry in entries(tuple(scene(HOSTILE))):
        sink.take(entry)
    sink.close()
    assert not UNSAFE.search(out.getvalue() + talk.getvalue())
    assert "\\x1b[2J" in out.getvalue()
    assert "[WARNING]: \\x1b" in talk.getvalue()


def test_the_screen_shows_lines_grid_and_no_character_of_a_node() -> None:
    stream = Tty()
    screen = Screen(Transcript(), stream, Redactor({"s": "swordfish"}).text)
    for entry in entries(tuple(scene(f"{HOSTILE} swordfish"))):
        screen.take(entry)
    with screen.still():
        stream.write("[question]")
    screen.close()
    shown = stream.getvalue()
    assert "swordfish" not in shown
    assert "\x1b]0;" not in shown and "\u202e" not in shown and "\x9b" not in shown
    assert "\\u202etxt.exe" in shown


def test_the_screen_leaves_talk_to_a_stderr_that_is_a_file() -> None:
    stream, talk = Tty(), io.StringIO()
    screen = Screen(Transcript(), stream, str, talk=Writer(talk, str))
    screen.take(entries((Said(level="warning", text="careful"),))[0])
    screen.close()
    assert talk.getvalue() == "[WARNING]: careful\n"
    assert "careful" not in stream.getvalue()


def test_the_grid_shows_the_longest_at_work_and_forgets_who_is_done() -> None:
    from rich.console import Console

    now = [0.0]
    grid = Grid(now=lambda: now[0])
    start = [TaskStarted(task="1", name="copy it", action="copy", play=1)]
    work = [Dispatched(host=f"m{n:02}", task="1", key="k") for n in range(12)]
    for entry in entries((*start, *work, TaskDone(host="m00", task="1", outcome="changed"))):
        now[0] += 1
        grid.take(entry)
    console = Console(file=io.StringIO(), width=80)
    console.print(grid)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "m00" not in shown
    assert re.search(r"m01 +11\.0 s +copy it", shown)
    assert "and 3 more" in shown and "changed 1" in shown


def test_a_reader_who_leaves_does_not_end_the_run() -> None:
    read, write = os.pipe()
    stream = os.fdopen(write, "w", encoding="ascii")
    out = Writer(stream, str)
    out.line("déjà")
    assert os.read(read, 100) == b"d\\xe9j\\xe0\n"
    os.close(read)
    out.line("gone")
    out.line("still gone")
    assert out.is_broken
    try:
        stream.close()
    except BrokenPipeError:
        pass


class Full(io.StringIO):
    """A file on a disk without room, from its third line on."""

    name = "<stdout>"

    def flush(self) -> None:
        if self.getvalue().count("\n") > 2:
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("kind", ["plain", "json", "talk"])
def test_a_full_disk_does_not_end_the_run_and_is_told_at_its_end(kind: str) -> None:
    out = Writer(Full(), str)
    sinks = {"plain": Plain(Transcript(), out, Writer(io.StringIO(), str)), "json": JsonLines(out)}
    sink = sinks.get(kind, Talk(Transcript(), out))
    for entry in entries((*scene("x"), *scene("y"))):
        sink.take(entry)
    if kind == "talk":
        sink.close()
        return
    with pytest.raises(UserError, match="stdout could not be written to its end: No space left on device"):
        sink.close()


def test_colours_and_width_follow_the_terminal() -> None:
    assert is_rich(Tty(), {"TERM": "xterm"})
    assert not is_rich(Tty(), {"TERM": "dumb"})
    assert not is_rich(Tty(), {"NO_COLOR": "1"})
    assert not is_rich(io.StringIO(), {})
    assert width_of(io.StringIO()) == 79
    assert width_of(Tty()) >= 20


def test_json_lines_hold_every_event_exactly() -> None:
    out = io.StringIO()
    sink = JsonLines(Writer(out, str))
    events = scene(HOSTILE)
    for entry in entries(tuple(events)):
        sink.take(entry)
    sink.close()
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert not UNSAFE.search(out.getvalue())
    assert lines[0] == {
        "v": 1, "seq": 1, "at": "2026-08-01T12:00:01.000Z",
        "kind": "PlayStarted", "play": 1, "name": HOSTILE, "hosts": [HOSTILE], "place": None,
    }  # fmt: skip
    assert [line["kind"] for line in lines] == [type(event).__name__ for event in events]


def test_where_stdout_is_data_only_the_talk_is_told() -> None:
    out = io.StringIO()
    sink = Talk(Transcript(), Writer(out, str))
    for entry in entries(tuple(scene("x"))):
        sink.take(entry)
    assert out.getvalue() == "connection lost: [h]: x, trying again in 1 s\n[WARNING]: x\ntook 0.0 s\n"
