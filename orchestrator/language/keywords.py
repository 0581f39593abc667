"""The keywords of plays, roles, blocks, tasks and handlers: which there are, what type each takes, how they
are handed down.

The lists are those of ansible-core 2.19 (``ansible-doc -t keyword``); tests compare them with the installed
one.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from orchestrator.language.load import Vaulted, is_template, kind_of
from orchestrator.language.routing import BUILTIN_GROUPS
from orchestrator.language.tree import Keywords
from orchestrator.model.errors import KeywordValue, PlaybookError, UnknownName
from orchestrator.model.place import Place, Text, nearer, place_of

# What a keyword takes: text, int, float, bool, percent, list (a lone value counts as a list of one), conditions, dict,
# vars, tags.
BASE = {
    "name": "text",
    "connection": "text",
    "port": "int",
    "remote_user": "text",
    "vars": "vars",
    "module_defaults": "defaults",
    "environment": "list",
    "no_log": "bool",
    "run_once": "bool",
    "ignore_errors": "bool",
    "ignore_unreachable": "bool",
    "check_mode": "bool",
    "diff": "bool",
    "any_errors_fatal": "bool",
    "throttle": "int",
    "timeout": "int",
    "debugger": "text",
    "become": "bool",
    "become_method": "text",
    "become_user": "text",
    "become_flags": "text",
    "become_exe": "text",
}
_TAGGED = {"tags": "tags"}
_SEARCH = {"collections": "names"}
_CONDITIONAL = {"when": "conditions"}
_DELEGATED = {"delegate_to": "text", "delegate_facts": "bool"}

PLAY = {
    **BASE,
    **_TAGGED,
    **_SEARCH,
    "hosts": "list",
    "gather_facts": "bool",
    "gather_subset": "names",
    "gather_timeout": "int",
    "fact_path": "text",
    "vars_files": "list",
    "vars_prompt": "any",
    "roles": "any",
    "handlers": "any",
    "pre_tasks": "any",
    "post_tasks": "any",
    "tasks": "any",
    "force_handlers": "bool",
    "max_fail_percentage": "percent",
    "serial": "list",
    "strategy": "text",
    "order": "text",
}
ROLE = {**BASE, **_CONDITIONAL, **_TAGGED, **_SEARCH, **_DELEGATED, "role": "text"}
BLOCK = {
    **BASE,
    **_CONDITIONAL,
    **_TAGGED,
    **_SEARCH,
    **_DELEGATED,
    "notify": "list",
    "block": "any",
    "rescue": "any",
    "always": "any",
}
TASK = {
    **BASE,
    **_CONDITIONAL,
    **_TAGGED,
    **_SEARCH,
    **_DELEGATED,
    "notify": "list",
    "args": "any",
    "action": "any",
    "async": "int",
    "changed_when": "conditions",
    "delay": "float",
    "failed_when": "conditions",
    "loop": "any",
    "loop_control": "any",
    "poll": "int",
    "register": "text",
    "retries": "int",
    "until": "conditions",
    "local_action": "any",
}
HANDLER = {**TASK, "listen": "list"}
INCLUDE = {
    key: TASK[key]
    for key in (
        "action args collections debugger ignore_errors loop loop_control name no_log register run_once tags "
        "timeout vars when"
    ).split()
}
"""What a dynamic include may say of itself; the rest goes under ``apply``."""
PLAYBOOK_IMPORT = {**BASE, **_CONDITIONAL, **_TAGGED, "import_playbook": "text"}
LOOP_CONTROL = {
    "loop_var": "text",
    "index_var": "text",
    "label": "any",
    "pause": "float",
    "extended": "bool",
    "extended_allitems": "bool",
    "break_when": "conditions",
}
ORDERS = ("inventory", "sorted", "reverse_sorted", "reverse_inventory", "shuffle")
DEBUGGERS = ("always", "on_failed", "on_unreachable", "on_skipped", "never")
_CHOICES = {"order": ORDERS, "debugger": DEBUGGERS}
_TRUE = frozenset({"y", "yes", "on", "1", "true", "t"})
_BOOLEANS = _TRUE | {"n", "no", "off", "0", "false", "f"}

_SHAPES = frozenset({"text", "vars", "tags", "names", "defaults"})
_OF_PLAYS = frozenset({"max_fail_percentage", "serial", "gather_facts", "gather_timeout", "force_handlers"})
"""Kinds, and keywords of plays alone, that Ansible looks at before the play; the others it looks at task by task."""

_NEAREST = frozenset(each.name for each in fields(Keywords)) - {
    "vars", "include_params", "when", "tags", "environment", "module_defaults", "collections", "notify",
}  # fmt: skip
_JINJA_WORDS = frozenset({"true", "false", "none", "True", "False", "None", "not"})


def is_true(value: Any) -> bool:
    """The truth of a boolean keyword's literal value."""
    return value if isinstance(value, bool) else str(value).lower() in _TRUE


def key_place(given: Mapping[Any, Any], key: str, fallback: Place) -> Place:
    """Where ``key`` itself stands in a loaded mapping."""
    return next((place_of(each) or fallback for each in given if each == key), fallback)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the nearest known word, if one is near."""
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.66)
    return f"did you mean {near[0]}?" if near else None


def near_file(path: str, there: Iterable[str]) -> str | None:
    """A hint that names the nearest of the files ``there``, if one is near: an ending, which many share, brings no two
    names together."""
    name = os.path.basename(path)
    return did_you_mean(name, [each for each in there if did_you_mean(_stem(name), [_stem(each)])])


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]


def check_keys(
    given: Mapping[Any, Any],
    known: Mapping[str, str],
    what: str,
    place: Place,
    late: Callable[[KeywordValue], None] | None = None,
) -> None:
    """Raise for a key that is no keyword of a ``what``, and for a literal value of the wrong type; ``late`` is told of
    one that only fails the task when it runs."""
    for key, value in given.items():
        if key not in known:
            hint = did_you_mean(str(key), known)
            article = "an" if what[0] in "aeiou" else "a"
            raise PlaybookError(
                f"{key!r} is not a keyword of {article} {what}", place=place_of(key) or place, hint=hint
            )
        try:
            check_type(key, known[key], value, place_of(key) or place)
        except KeywordValue as error:
            if late is None:
                raise
            late(error)


def check_type(key: str, kind: str, value: Any, place: Place) -> None:
    """Raise where ``value`` cannot be of the kind that ``key`` takes; what a template gives is checked when
    it is rendered.
    """
    is_open = isinstance(value, Vaulted) or is_template(value)
    if (value is None and kind != "tags") or (is_open and kind != "defaults") or kind in ("any", "list"):
        return
    of_shape = UnknownName if kind == "tags" else PlaybookError
    error = of_shape if kind in _SHAPES or key in _OF_PLAYS else KeywordValue
    if not _FITS[kind](value):
        raise error(
            f"{key} takes {_WORDS[kind]}, not {kind_of(value)}",
            place=place,
            evidence=f"{key}: {str(value)[:80]}",
            hint=_QUOTED if kind == "conditions" else None,
        )
    if kind == "defaults":
        _check_groups(value, place)
    if key in _CHOICES and isinstance(value, str) and value not in _CHOICES[key]:
        raise KeywordValue(f"{key} is one of {', '.join(_CHOICES[key])}", place=place, evidence=f"{key}: {value}")


def _check_groups(value: Any, place: Place) -> None:
    """Raise for a ``group/NAME`` in ``module_defaults`` that ansible.builtin does not have; those of other collections
    are for modules that are not here, and are passed over."""
    for name in (name for each in as_list(value) for name in each if str(name).startswith("group/")):
        group = str(name).rpartition("group/")[2].removeprefix("ansible.builtin.")
        if group.count(".") < 2 and group not in BUILTIN_GROUPS:
            in_full = "a collection's group is named in full: group/NAMESPACE.NAME.GROUP"
            hint = did_you_mean(group, BUILTIN_GROUPS) or in_full
            where = place_of(name) or place
            raise PlaybookError(f"there is no module_defaults group {group!r}", place=where, hint=hint)


def _is_number(value: Any) -> bool:
    try:
        float(str(value).replace("%", ""))
    except ValueError:
        return False
    return not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return _is_number(value) and "%" not in str(value) and float(str(value)).is_integer()


_WORDS = {
    "text": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "percent": "a percentage",
    "conditions": "a condition or a list of conditions",
    "vars": "a mapping of variables",
    "tags": "a list of tags or a comma-separated text",
    "names": "a name or a list of names",
    "defaults": "a mapping of module names to arguments, or a list of such",
}
_QUOTED = "put a condition in quotes where it contains a colon followed by a blank"
_FITS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: not isinstance(value, dict | list),
    "int": _is_whole,
    "float": lambda value: _is_number(value) and "%" not in str(value),
    "bool": lambda value: isinstance(value, bool) or str(value).lower() in _BOOLEANS,
    "percent": _is_number,
    "conditions": lambda value: not any(isinstance(each, dict | list) for each in as_list(value)),
    "vars": lambda value: isinstance(value, dict),
    "tags": lambda value: (
        isinstance(value, str)
        or (isinstance(value, list) and all(isinstance(each, str | int) for each in _flat(value)))
    ),
    "names": lambda value: all(isinstance(each, str) for each in as_list(value)),
    "defaults": lambda value: all(isinstance(each, dict) for each in as_list(value)),
}


def check_variable_names(given: Mapping[Any, Any], place: Place) -> None:
    """Raise for a key that cannot be a variable's name."""
    for key in given:
        if not is_variable_name(key):
            raise UnknownName(
                f"{key!r} cannot be a variable's name",
                place=place_of(key) or place,
                hint="letters, digits and underscores, not beginning with a digit",
            )


def is_variable_name(name: Any) -> bool:
    """Whether Ansible takes ``name`` as a variable's name (ansible-core 2.19, validate_variable_name)."""
    return isinstance(name, str) and name.isidentifier() and name.isascii() and name not in _JINJA_WORDS


def as_list(value: Any) -> list[Any]:
    """A list keyword's value: a lone value counts as a list of one, nothing as an empty list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def conditions(value: Any) -> tuple[Any, ...]:
    """The conditions of ``when`` and its like; empty ones are left out."""
    return tuple(each for each in as_list(value) if each is not None)


def tags_of(value: Any) -> tuple[Any, ...]:
    """The tags as a tuple. A text holds several, separated by commas, be it a template or not; what stands in a list is
    one tag with all its commas (ansible-core 2.19, ``Taggable._load_tags``)."""
    if isinstance(value, str):
        place = value.place if isinstance(value, Text) else None
        parts = [part.strip() for part in value.split(",")]
        return tuple(Text(part, place) if isinstance(value, Text) else part for part in parts if part)
    return tuple(as_list(value))


def hand_down(outer: Keywords, given: Mapping[str, Any], place: Place) -> Keywords:
    """The keywords that hold inside an object that says ``given`` and stands in ``outer``."""
    nearest = {key: _before(outer, key, given[key]) for key in given.keys() & _NEAREST if given[key] is not None}
    changed: dict[str, Any] = dict(nearest)
    if given.get("vars"):
        check_variable_names(given["vars"], place)
        changed["vars"] = (*outer.vars, given["vars"])
    if "when" in given:
        changed["when"] = _added(outer.when, conditions(given["when"]))
    if "tags" in given:
        changed["tags"] = tuple(dict.fromkeys((*outer.tags, *_flat(tags_of(given["tags"])))))
    for key in ("environment", "module_defaults"):
        if key in given:
            changed[key] = _added(getattr(outer, key), tuple(as_list(given[key])))
    if given.get("collections"):
        changed["collections"] = _with_legacy(as_list(given["collections"]))
    if given.get("notify") is not None:
        changed["notify"] = tuple(as_list(given["notify"]))
    return replace(outer, **changed)


def _before(outer: Keywords, key: str, written: Any) -> Any:
    """What is ``written`` of a keyword; a template may come to ``omit``, which leaves the keyword to ``outer``. Only
    ``delegate_to`` is nobody's then (so does Ansible)."""
    around = None if key == "delegate_to" else getattr(outer, key)
    return (
        nearer(written, around)
        if around is not None and isinstance(written, Text) and is_template(written)
        else written
    )


def _flat(tags: Iterable[Any]) -> list[Any]:
    return [each for tag in tags for each in (tag if isinstance(tag, list) else [tag])]


def _added(outer: tuple[Any, ...], own: tuple[Any, ...]) -> tuple[Any, ...]:
    """Both, outer first; what is repeated at the seam stands once."""
    return outer if outer[-len(own) :] == own else (*outer, *own)


def _with_legacy(names: list[str]) -> tuple[str, ...]:
    is_complete = "ansible.builtin" in names or "ansible.legacy" in names
    return tuple(names) if is_complete else (*names, "ansible.legacy")
