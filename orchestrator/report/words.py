"""How things are said, in the words of ansible-core 2.19's default callback: results, banners, diffs, the recap.

Source of the forms: the output of ansible-playbook 2.19.14 for playbooks that reach each of them, compared byte by byte
in tests/unit/report. Only widths are ours where a terminal has one.
"""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.model.events import HostSummary

WIDTH = 79
"""The width of banners where there is no terminal."""

CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
CENSORED_ITEM = "(censored due to no_log)"
ALWAYS_SHOWN = frozenset({"debug", "assert"})
NEVER_SHOWN = frozenset({"setup", "gather_facts"})
LONE = frozenset({"msg", "warnings", "deprecations", "exception"})
"""What a debug task shows where it has a ``msg``."""
HIDDEN_IN_DEBUG = frozenset(
    "changed failed skipped invocation skip_reason ansible_loop_var ansible_index_var ansible_loop".split()
)


def short_action(action: str) -> str:
    """``debug`` for ``ansible.builtin.debug``."""
    for prefix in ("ansible.builtin.", "ansible.legacy."):
        action = action.removeprefix(prefix)
    return action


def banner(text: str, width: int = WIDTH) -> str:
    """An empty line, and ``text`` filled up with stars to ``width`` (three at least)."""
    return f"\n{text} {'*' * max(3, width - cells(text))}"


def cells(text: str) -> int:
    """How many columns ``text`` takes on a screen."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


def shown_result(result: Mapping[str, Any], action: str, *, verbosity: int = 0, no_log: bool = False) -> dict[str, Any]:
    """What of ``result`` is for people: without Ansible's inner keys, and only the message of a debug task."""
    if no_log and short_action(action) == "debug":
        return {"censored": CENSORED}
    if no_log:
        return {"censored": CENSORED, "changed": bool(result.get("changed"))}
    hidden = {"warnings", "deprecations", "exception"}
    if verbosity < 3:
        hidden |= {"invocation", "diff"}
    hidden |= {"failed", "skipped"}  # the line's first word says it
    if short_action(action) == "debug":
        hidden |= set(result) - LONE if "msg" in result else HIDDEN_IN_DEBUG
    shown: dict[str, Any] = _outer({key: value for key, value in result.items() if key not in hidden})
    return shown


def _outer(value: Any) -> Any:
    """``value`` without the keys that are Ansible's inner business, at any depth."""
    if isinstance(value, Mapping):
        return {key: _outer(each) for key, each in value.items() if not str(key).startswith("_ansible_")}
    return [_outer(each) for each in value] if isinstance(value, list) else value


def is_always_shown(result: Mapping[str, Any], action: str) -> bool:
    """True where showing the result is the task's purpose; a module says so in ``_ansible_verbose_always``."""
    said = result.get("_ansible_verbose_always", short_action(action) in ALWAYS_SHOWN)
    return bool(said) and not result.get("skipped") and "censored" not in result


def is_shown(result: Mapping[str, Any], action: str, verbosity: int) -> bool:
    """True where a result that is no failure is printed: asked for by ``-v``, or the task's purpose."""
    if is_always_shown(result, action):
        return True
    return verbosity > 0 and (bool(result.get("skipped")) or short_action(action) not in NEVER_SHOWN)


def custom_stats(stats: Mapping[str, Any], width: int) -> list[str]:
    """The lines for what ``set_stats`` gathered: by host, then (as ``RUN``) for the whole run."""
    lines = [banner("CUSTOM STATS:", width)]
    lines += [f"\t{host}: {_flat(stats[host])}" for host in sorted(stats) if host != "_run"]
    return [*lines, *(["", f"\tRUN: {_flat(stats['_run'])}"] if "_run" in stats else []), ""]


def _flat(values: Any) -> str:
    """JSON as Ansible prints it here: indented by one, its line breaks taken out."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, indent=1, default=str).replace("\n", "")


def as_json(result: Mapping[str, Any], *, is_indented: bool) -> str:
    """``result`` on one line, or indented by 4; keys sorted, other alphabets readable."""
    return json.dumps(result, ensure_ascii=False, sort_keys=True, indent=4 if is_indented else None, default=str)


def diff_text(diffs: Iterable[Mapping[str, str]]) -> str:
    """Unified diffs as ansible-playbook prints them, each followed by an empty line."""
    parts: list[str] = []
    for each in diffs:
        if "prepared" in each:
            parts.append(each["prepared"])
            continue
        lines = list(
            difflib.unified_diff(
                _lines(each.get("before", "")),
                _lines(each.get("after", "")),
                _header("before", each.get("before_header")),
                _header("after", each.get("after_header")),
            )
        )
        parts += [*lines, "\n"] if lines else []
    return "".join(parts)


def recap_line(host: HostSummary) -> str:
    """A host's line below PLAY RECAP; ``unknown=`` stands only where it is not 0."""
    counts = [
        ("ok", host.ok),
        ("changed", host.changed),
        ("unreachable", host.unreachable),
        ("failed", host.failed),
        ("skipped", host.skipped),
        ("rescued", host.rescued),
        ("ignored", host.ignored),
    ]
    if host.unknown:
        counts.append(("unknown", host.unknown))
    return f"{host.host:<26} : {' '.join(f'{name}={count!s:<4}' for name, count in counts)}"


def _lines(text: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n\\ No newline at end of file\n"
    return lines


def _header(word: str, name: str | None) -> str:
    return f"{word}: {name}" if name else word
