"""JUnit XML: one test suite a play, one test case a task and host. Read by CI systems."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from orchestrator.model.events import TaskDone
from orchestrator.report import explain
from orchestrator.report.safe import safe
from orchestrator.report.story import PlayStory, Story, TaskStory
from orchestrator.report.words import as_json, shown_result

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(story: Story) -> str:
    """The story as JUnit XML: failed → failure; unreachable and unknown → error; skipped → skipped."""
    root = ElementTree.Element("testsuites", name=_text(story.title))
    for play in story.plays:
        root.append(_suite(play))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(play: PlayStory) -> ElementTree.Element:
    cases = [(task, done) for task in play.tasks for done in task.done]
    bad = [done.outcome for _, done in cases if not done.ignored]
    suite = ElementTree.Element(
        "testsuite",
        name=_text(play.started.name or f"play {play.started.play}"),
        tests=str(len(cases)),
        failures=str(bad.count("failed")),
        errors=str(bad.count("unreachable") + bad.count("unknown")),
        skipped=str(sum(done.outcome == "skipped" for _, done in cases)),
        time=f"{sum(done.duration_s for _, done in cases):.3f}",
    )
    suite.extend(_case(task, done) for task, done in cases)
    return suite


def _case(task: TaskStory, done: TaskDone) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        name=_text(f"[{done.host}] {task.started.name}"),
        classname=_text(done.host),
        time=f"{done.duration_s:.3f}",
    )
    if done.place:
        case.set("file", _text(done.place.rsplit(":", 2)[0]))
    if done.outcome == "skipped":
        ElementTree.SubElement(case, "skipped", message=_text(str(done.result.get("skip_reason", ""))))
    elif done.outcome in ("failed", "unreachable", "unknown") and not done.ignored:
        why = explain.failure(done, task.items.get(done.host, ())) or ["hidden: no_log"]
        tag = "failure" if done.outcome == "failed" else "error"
        told = ElementTree.SubElement(case, tag, type=done.outcome, message=_text(why[0]))
        told.text = _text(
            "\n".join([*why, as_json(shown_result(done.result, "", no_log=done.no_log), is_indented=True)])
        )
    return case


def _text(text: str) -> str:
    """``text`` without characters that XML cannot hold."""
    return NOT_XML.sub("\ufffd", safe(text))
