"""One HTML file: no network, no script at all, a Content-Security-Policy that says so, readable and printable.

What to show is chosen by radio buttons and CSS, so that nothing from a node could ever run.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files

from orchestrator.model.events import HostSummary, ItemDone, TaskDone
from orchestrator.report import explain
from orchestrator.report.jsonl import moment
from orchestrator.report.safe import safe
from orchestrator.report.story import PlayStory, Story, TaskStory
from orchestrator.report.words import CENSORED_ITEM, as_json, diff_text, shown_result

OUTCOMES = ("ok", "changed", "failed", "unreachable", "unknown", "skipped")
COUNTS = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored", "unknown")


def render(story: Story) -> str:
    """The story as one HTML document."""
    style = files("orchestrator.report").joinpath("page.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    body = "\n".join([*_head(story), *_recap(story), *_filters(), *map(_play, story.plays)])
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(story.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def text(value: object) -> str:
    """``value`` as HTML text: markup escaped, control and direction characters visible."""
    return escape(safe(str(value)), quote=True)


def _head(story: Story) -> list[str]:
    facts = []
    if story.started:
        facts += [f"<code>{text(' '.join(story.started.command))}</code>", f"orch {text(story.started.version)}"]
    if story.started_at:
        facts.append(f"began {moment(story.started_at)}")
    if story.ended:
        facts.append(f"took {story.ended.duration_s:.1f} s")
    well = "ok" if story.ended and story.ended.status == 0 else "failed"
    said = [f'<p class="said">{text(each.level)}: {text(each.text)}</p>' for each in story.said]
    return [
        f'<h1>{text(story.title)} <span class="{well}">{text(story.state)}</span></h1>',
        f"<p>{' · '.join(facts)}</p>",
        *said,
    ]


def _recap(story: Story) -> list[str]:
    if story.ended is None:
        return []
    head = "".join(f"<th>{name}</th>" for name in COUNTS)
    return [
        f"<table><thead><tr><th>host</th>{head}</tr></thead><tbody>",
        *map(_row, story.ended.hosts),
        "</tbody></table>",
    ]


def _row(host: HostSummary) -> str:
    counts = [(name, getattr(host, name)) for name in COUNTS]
    cells = "".join(f'<td class="{name if count else "none"}">{count}</td>' for name, count in counts)
    return f"<tr><th>{text(host.host)}</th>{cells}</tr>"


def _filters() -> list[str]:
    choices = "".join(map(_choice, ("all", *OUTCOMES)))
    return [f'<div class="filters">{choices}</div>']


def _choice(name: str) -> str:
    checked = " checked" if name == "all" else ""
    return f'<input type="radio" name="show" id="show-{name}"{checked}><label for="show-{name}">{name}</label>'


def _play(play: PlayStory) -> str:
    note = f"<p>{text(play.note)}</p>" if play.note else ""
    tasks = "\n".join(map(_task, play.tasks))
    return f"<section><h2>{text(play.started.name or f'play {play.started.play}')}</h2>{note}\n{tasks}\n</section>"


def _task(task: TaskStory) -> str:
    place = f" <small>{text(task.started.place)}</small>" if task.started.place else ""
    is_open = " open" if task.outcome in ("failed", "unreachable", "unknown") else ""
    results = "\n".join(_result(task, done) for done in task.done)
    outcomes = " ".join(f"has-{name}" for name in sorted({done.outcome for done in task.done}))
    return (
        f'<details class="task {outcomes}"{is_open}><summary><span class="{task.outcome}">{task.outcome}</span> '
        f"{text(task.started.name)}{place}</summary>\n{results}\n</details>"
    )


def _result(task: TaskStory, done: TaskDone) -> str:
    ignored = " (ignored)" if done.ignored else ""
    head = f"<p>{_badge(done.outcome)} {text(done.host)}{ignored} · {done.duration_s:.2f} s</p>"
    why = explain.failure(done) if done.outcome in ("failed", "unreachable", "unknown") else []
    parts = [head, *([f'<pre class="why">{text(chr(10).join(why))}</pre>'] if why else [])]
    parts += map(_item, task.items.get(done.host, []))
    if diff := diff_text(done.diff):
        parts.append(f'<pre class="diff">{text(diff)}</pre>')
    shown = shown_result(done.result, task.started.action, no_log=done.no_log)
    if not done.is_loop and shown:
        parts.append(f"<pre>{text(as_json(shown, is_indented=True))}</pre>")
    return f'<div class="result is-{text(done.outcome)}">{"".join(parts)}</div>'


def _badge(outcome: str) -> str:
    return f'<span class="{text(outcome)}">{text(outcome)}</span>'


def _item(item: ItemDone) -> str:
    label = CENSORED_ITEM if item.no_log else item.label
    diff = f'<pre class="diff">{text(diff_text(item.diff))}</pre>' if item.diff else ""
    return f'<p class="item">{_badge(item.outcome)} {text(label)}</p>{diff}'
