"""Markdown for a ticket: a header, the recap as a table, and what went wrong. At most about 60 lines."""

from __future__ import annotations

import re

from orchestrator.model.events import HostSummary
from orchestrator.report import explain
from orchestrator.report.jsonl import moment
from orchestrator.report.safe import one_line
from orchestrator.report.story import Story

HOSTS = 20
FAILURES = 6


def render(story: Story) -> str:
    """The story as Markdown."""
    lines = [f"# {plain(story.title)}: {plain(story.state)}", ""]
    if story.started:
        lines += [f"- command: {code(' '.join(story.started.command))}", f"- orch {plain(story.started.version)}"]
    if story.started_at:
        lines.append(f"- began {moment(story.started_at)}")
    if story.ended:
        lines.append(f"- took {story.ended.duration_s:.1f} s")
        lines += ["", *_recap(story.ended.hosts)]
    return "\n".join([*lines, *_failures(story), ""])


def _recap(hosts: tuple[HostSummary, ...]) -> list[str]:
    columns = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored", "unknown")
    rows = [f"| {plain(each.host)} | {' | '.join(str(getattr(each, name)) for name in columns)} |" for each in hosts]
    ordered = [row for _, row in sorted(zip([_is_well(each) for each in hosts], rows, strict=True))]
    more = [f"| and {len(rows) - HOSTS} more |{' |' * len(columns)}"] if len(rows) > HOSTS else []
    head = [f"| host | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]
    return [*head, *ordered[:HOSTS], *more]


def _is_well(host: HostSummary) -> bool:
    return not (host.failed or host.unreachable or host.unknown)


def _failures(story: Story) -> list[str]:
    found = story.failures()
    lines: list[str] = []
    for task, done in found[:FAILURES]:
        lines += ["", f"## {plain(done.host)}: {plain(task.started.name)} – {done.outcome}", ""]
        why = explain.failure(done, task.items.get(done.host, ())) or ["(hidden: no_log)"]
        lines += [f"    {line}" for line in why]
    if len(found) > FAILURES:
        lines += ["", f"… and {len(found) - FAILURES} more failures."]
    return lines


def plain(text: str) -> str:
    """``text`` on one line, with nothing that Markdown or HTML would take for markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|!~&])", r"\\\1", one_line(text))


def code(text: str) -> str:
    """``text`` as a code span, whatever backquotes it holds."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {one_line(text)} {fence}"
