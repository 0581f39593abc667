import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from orchestrator.model.errors import UserError
from orchestrator.model.events import (
    Event,
    HostSummary,
    ItemDone,
    NoHosts,
    PlayStarted,
    RunEnded,
    RunStarted,
    Said,
    SnapshotTaken,
    TaskDone,
    TaskStarted,
)
from orchestrator.model.snapshot import Fact, Snapshot, drift
from orchestrator.report import html, junit, markdown
from orchestrator.report.drift import lines
from orchestrator.report.files import FileReport, renderer, write
from orchestrator.report.story import Story, story_of
from tests.unit.report.conftest import entries

EVIL = "<script>alert(1)</script>\x1b[31m|`*_\x00 & ' \""
EVENTS: tuple[Event, ...] = (
    RunStarted(run="r1", version="0.1.0", command=("orch", "run", EVIL)),
    Said(level="warning", text=EVIL),
    PlayStarted(play=1, name="web", hosts=("a", "b")),
    TaskStarted(task="1", name=f"copy {EVIL}", action="copy", play=1, place="site.yml:3:7"),
    ItemDone(host="a", task="1", label=EVIL, outcome="changed", diff=({"before": EVIL, "after": "x"},)),
    TaskDone(host="a", task="1", outcome="changed", is_loop=True, result={"results": []}, duration_s=0.5),
    TaskDone(host="b", task="1", outcome="failed", result={"msg": EVIL, "rc": 1}, place="site.yml:3:7", hint="h"),
    TaskStarted(task="2", name="secret", action="command", play=1),
    TaskDone(host="a", task="2", outcome="unknown", result={"msg": "hunter2"}, no_log=True),
    TaskDone(host="b", task="2", outcome="skipped", result={"skip_reason": "false"}),
    TaskDone(host="c", task="2", outcome="failed", result={"msg": "never mind"}, ignored=True),
    SnapshotTaken(host="a", snapshot={"os": 1}),
    PlayStarted(play=2, name="", hosts=()),
    NoHosts(play=2, reason="no hosts matched"),
    RunEnded(status=4, hosts=(HostSummary(host="a", changed=1), HostSummary(host=EVIL, failed=1)), duration_s=2.0),
)


@pytest.fixture
def story() -> Story:
    return story_of(entries(EVENTS))


def test_the_story_puts_results_below_their_tasks(story: Story) -> None:
    assert [[task.outcome for task in play.tasks] for play in story.plays] == [["failed", "unknown"], []]
    assert [(task.started.task, done.host) for task, done in story.failures()] == [("1", "b"), ("2", "a")]
    assert story.state == "exit status 4"
    assert story_of([]).state == "cut off before its end"


class Tags(HTMLParser):
    """All tags and attributes of a document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_page_runs_nothing_and_loads_nothing(story: Story) -> None:
    page = html.render(story)
    seen = Tags(page)
    assert not seen.tags & {"script", "img", "link", "iframe", "object", "form", "a"}
    assert not [name for name in seen.attributes if name.startswith("on") or name in ("src", "href", "style")]
    policy = re.search(r'Security-Policy" content="([^"]+)"', page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy and style
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert policy[1] == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "\x1b" not in page and "\x00" not in page
    assert "hunter2" not in page
    assert "site.yml:3:7" in page and "hint: h" in page


def test_a_page_of_a_run_that_was_cut_off() -> None:
    assert "cut off before its end" in html.render(story_of(entries(EVENTS[:5])))


def test_junit_counts_and_explains(story: Story) -> None:
    root = ElementTree.fromstring(junit.render(story))
    first, second = root
    assert (first.get("tests"), first.get("failures"), first.get("errors"), first.get("skipped")) == (
        "5",
        "1",
        "1",
        "1",
    )
    assert (second.get("name"), second.get("tests")) == ("play 2", "0")
    cases = {(case.get("classname"), case.get("name", "")[-6:]): [child.tag for child in case] for case in first}
    assert cases[("a", "secret")] == ["error"]
    assert cases[("b", "secret")] == ["skipped"]
    assert cases[("c", "secret")] == []
    failed = next(case for case in first if case.find("failure") is not None)
    assert failed.get("file") == "site.yml"
    assert "hint: h" in str(failed.findtext("failure"))
    assert "hunter2" not in junit.render(story)


def test_markdown_fits_a_ticket_and_bears_markup(story: Story) -> None:
    text = markdown.render(story)
    assert text.startswith("# run r1: exit status 4\n")
    assert "| a | 0 | 1 | 0 | 0 | 0 | 0 | 0 | 0 |" in text
    assert "## b: copy \\<script\\>" in text
    assert "hunter2" not in text and "(hidden: no_log)" in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1


def test_markdown_of_a_large_fleet_stays_short() -> None:
    hosts = tuple(HostSummary(host=f"m{n}", failed=int(n == 99)) for n in range(100))
    failed = [TaskDone(host=f"m{n}", task="1", outcome="failed", result={"msg": "no"}) for n in range(40)]
    text = markdown.render(story_of(entries((EVENTS[0], *failed, RunEnded(status=2, hosts=hosts)))))
    assert len(text.splitlines()) <= 60
    assert "and 80 more" in text and "and 34 more failures" in text
    assert text.index("| m99 |") < text.index("| m0 |")


def test_a_file_report_is_written_at_the_end_and_redacted(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    report = FileReport(path, renderer("md"), lambda text: text.replace("never mind", "***"))
    for entry in entries(EVENTS):
        report.take(entry)
    assert not path.exists()
    report.close()
    assert path.read_text().startswith("# run r1")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["report.md"]


def test_an_existing_reports_mode_stays_and_a_wrong_place_is_said(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text("old")
    path.chmod(0o644)
    write(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o644)
    with pytest.raises(UserError, match="cannot be written"):
        write(tmp_path / "missing/report", "x")


def snapshot(**values: object) -> Snapshot:
    facts = tuple(Fact(name=name.replace("__", "."), value=value) for name, value in values.items())
    return Snapshot(host="m1", taken_at="", facts=facts)


def test_drift_is_told_worst_first() -> None:
    before = snapshot(user__shell="zsh", os__version="15.1", boot__session="a", hardware__digest="x")
    after = snapshot(user__shell="\x1b" * 200, os__version="15.2", boot__session="b", hardware__digest="x")
    told = lines("m1", drift(before, after))
    assert told[0] == "m1: 3 changes, rebooted in between"
    assert told[1] == '  breaking  os.version: "15.1" → "15.2"'
    assert any(line.startswith('  warning   user.shell: "zsh" → ') and line.endswith("…") for line in told)
    assert lines("m1", drift(before, before)) == ["m1: no drift"]
    other = lines("m1", drift(before, snapshot(hardware__digest="y")))
    assert "another machine" in other[0]
