"""Literal values of keywords with which no run comes to anything: a run meets them when it gets there, as Ansible does;
``orch lint`` tells them before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.language.keywords import as_list, did_you_mean, is_variable_name, key_place
from orchestrator.language.load import Vaulted, is_template, kind_of
from orchestrator.model.errors import KeywordValue
from orchestrator.model.place import Place

Tell = Callable[[KeywordValue], None]

IN_STEP, ALONE = ("linear", "debug"), ("free", "host_pinned")
"""The strategies there are: all hosts go from task to task together, or each goes its own way."""

_FROM_ZERO = frozenset({"async", "delay", "gather_timeout", "poll", "retries", "throttle", "timeout"})
"""Keywords of times and counts: Ansible refuses a ``timeout`` below zero, and makes something else of the others."""


def tell_impossible(given: Mapping[Any, Any], tell: Tell | None, place: Place) -> None:
    """Tell of each value in ``given``, the keywords of one object at ``place``, that cannot be; without ``tell`` nobody
    asked. What a template gives is not known yet."""
    if tell is None:
        return
    for key, value in given.items():
        if value is None or _is_open(value) or (found := _why_not(str(key), value)) is None:
            continue
        message, hint = found
        where = key_place(given, key, place)
        tell(KeywordValue(message, place=where, evidence=f"{key}: {str(value)[:80]}", hint=hint))


def batch_size(value: Any) -> tuple[int, bool]:
    """What an entry of ``serial`` says: a number, and whether it is a percentage. Raises ValueError or TypeError for
    one that is neither, as Ansible's ``pct_to_int`` does."""
    if isinstance(value, str) and value.endswith("%"):
        return int(value.replace("%", "")), True
    return int(value), False


def _is_open(value: Any) -> bool:
    return isinstance(value, Vaulted) or is_template(value)


def _why_not(key: str, value: Any) -> tuple[str, str | None] | None:
    """What is wrong with ``value``, and a hint; None where nothing is."""
    if key in _FROM_ZERO:
        return (f"{key} takes 0 or more, not {value}", None) if _is_negative(value) else None
    if key == "loop" and not isinstance(value, list | tuple):
        of_mapping = 'loop: "{{ mapping | dict2items }}"'
        hint = of_mapping if isinstance(value, dict) else "a list, or a template that gives one"
        return f"loop takes a list, not {kind_of(value)}", hint
    if key == "loop_var" and not is_variable_name(str(value)):
        return f"{value!r} cannot be a variable's name", None
    if key == "serial" and not all(_is_open(each) or _is_size(each) for each in _entries(value)):
        return "serial takes numbers of hosts and percentages", 'serial: 5, serial: "30%", or a list of such'
    if key == "strategy" and str(value).rpartition(".")[2] not in (*IN_STEP, *ALONE):
        known = (*IN_STEP, *ALONE)
        near = did_you_mean(str(value).rpartition(".")[2], known)
        return f"there is no strategy {str(value)!r}", near or f"known: {', '.join(known)}"
    return None


def _entries(value: Any) -> list[Any]:
    return [each for entry in as_list(value) for each in as_list(entry)]


def _is_negative(value: Any) -> bool:
    try:
        return float(value) < 0
    except (TypeError, ValueError):
        return False  # what is no number is told by its type


def _is_size(value: Any) -> bool:
    try:
        batch_size(value)
    except (TypeError, ValueError):
        return False
    return True
