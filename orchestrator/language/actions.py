"""What a task does: its action and arguments, out of the many ways in which Ansible lets people write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.language.free_form import COMMAND_ACTIONS, split_free_form, split_words
from orchestrator.language.keywords import HANDLER, did_you_mean
from orchestrator.language.load import Vaulted, is_template, kind_of
from orchestrator.language.reading import Options
from orchestrator.model.errors import PlaybookError, RemovedAction, UnknownName
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Place, Text, place_of

_BUILTIN = ("ansible.builtin.", "ansible.legacy.")
_RESERVED = "_ansible_"
_NOT_LOOPS = "with_"
_INCLUDES = frozenset({"include_tasks", "import_tasks", "include_role", "import_role", "meta"})


@frozen
class Action:
    """``args`` is a mapping, or Text in free form; ``extra`` the ``args:`` keyword where it goes beside them."""

    name: Any
    args: Any
    extra: Any = None
    is_local: bool = False
    keys: frozenset[str] = frozenset()
    """The task's keys that spelled the action."""


def short_name(action: Any) -> str:
    """The action's name without Ansible's own prefixes: ``ansible.builtin.copy`` is ``copy``."""
    name = str(action)
    for prefix in _BUILTIN:
        name = name.removeprefix(prefix)
    return name


def action_of(task: Mapping[str, Any], options: Options, collections: tuple[str, ...], place: Place) -> Action:
    """The action of a task as loaded from YAML. Raises PlaybookError for none, several, unknown or malformed
    ones.
    """
    if "action" in task and "local_action" in task:
        raise PlaybookError("action and local_action exclude each other", place=place)
    named = [key for key in task if key not in HANDLER and not str(key).startswith(_NOT_LOOPS)]
    old = next((key for key in ("action", "local_action") if key in task), None)
    if old:
        action = _old_style(old, task[old], task.get("args"), place_of(old) or place)
    elif named:
        action = _new_style(named[0], task[named[0]], task.get("args"), place)
    else:
        raise PlaybookError("no module/action detected in task", place=place, hint="name a module: command, copy, …")
    _check_others(action, named if old else named[1:], options, place)
    _check_known(_routed(action.name, options, collections, place), options, collections, place)
    _check_args(action, place)
    return action


def _routed(name: Any, options: Options, collections: tuple[str, ...], place: Place) -> Any:
    """The name that a collection has given the action since; raises at its place where the action is gone."""
    if is_template(name):
        return name
    where = place_of(name) or place
    try:
        return Text(options.locator.routed(str(name), collections), where)
    except PlaybookError as error:
        raise type(error)(error.message, place=where) from error


def _new_style(name: str, value: Any, extra: Any, place: Place) -> Action:
    keys = frozenset({name})
    where = place_of(name) or place
    if isinstance(value, dict) or value is None:
        merged, left = _merged(value or {}, extra, where)
        return Action(name, merged, left, keys=keys)
    if isinstance(value, Vaulted):
        return Action(name, {"_raw_params": value}, extra, keys=keys)
    if not isinstance(value, str):
        hint = "write the arguments as a mapping, or quote them if they are text"
        raise PlaybookError(f"{name} takes a mapping or text, not {kind_of(value)}", place=where, hint=hint)
    return _in_free_form(name, value, extra, keys, where)


def _in_free_form(name: str, value: str, extra: Any, keys: frozenset[str], place: Place, local: bool = False) -> Action:
    split_free_form(value, is_command=name in COMMAND_ACTIONS)  # finds quotes left open now, not in mid-run
    _check_extra(extra, place)
    return Action(name, value, extra, is_local=local, keys=keys)


def _old_style(key: str, value: Any, extra: Any, place: Place) -> Action:
    """``action: copy src=a dest=b`` or ``action: {module: copy, src: a, dest: b}``."""
    keys, local = frozenset({key}), key == "local_action"
    if isinstance(value, str):
        name, rest = _first_word(value, place)
        return _in_free_form(name, rest, extra, keys, place, local)
    if not isinstance(value, dict):
        raise PlaybookError(f"{key} takes a mapping or text, not {kind_of(value)}", place=place)
    if not isinstance(value.get("module"), str):
        raise PlaybookError(f"{key} names no module", place=place, hint=f"{key}: {{module: copy, src: …}}")
    name, rest = _first_word(value["module"], place)
    raw, pairs = split_free_form(rest, is_command=name in COMMAND_ACTIONS)
    args = {**{each: value[each] for each in value if each != "module"}, **pairs}
    if raw is not None:
        args["_raw_params"] = raw
    inner = args.pop("args", None)
    if isinstance(inner, str):
        raw, inner = split_free_form(inner)
        inner = inner if raw is None else {**inner, "_raw_params": raw}
    merged, left = _merged({**args, **(inner or {})}, extra, place)
    return Action(name, merged, left, is_local=local, keys=keys)


def _first_word(text: str, place: Place) -> tuple[str, str]:
    words = split_words(text)
    if not words or not words[0].strip():
        raise PlaybookError("no module/action detected in task", place=place, hint="action: copy src=… dest=…")
    where = text.place if isinstance(text, Text) else None
    if not isinstance(text, Text):
        return words[0].strip(), " ".join(words[1:])
    return Text(words[0].strip(), where), Text(" ".join(words[1:]), where)


def _merged(args: dict[str, Any], extra: Any, place: Place) -> tuple[dict[str, Any], Any]:
    """The arguments over those of ``args:``, and what of the latter can be known only when it is rendered."""
    _check_extra(extra, place)
    if isinstance(extra, dict):
        return {**extra, **args}, None
    return dict(args), extra


def _check_extra(extra: Any, place: Place) -> None:
    if extra is not None and not isinstance(extra, dict) and not is_template(extra):
        raise PlaybookError(
            f"args takes a mapping or a template of one, not {kind_of(extra)}", place=place_of(extra) or place
        )


def _check_others(action: Action, others: list[str], options: Options, place: Place) -> None:
    """A second word that is no keyword: a misspelt keyword where it looks like one, else a second action."""
    for other in others:
        where = place_of(other) or place
        hint = did_you_mean(str(other), HANDLER)
        known = options.actions is not None and short_name(other) in options.actions
        other_known = options.actions is not None and short_name(action.name) in options.actions
        if not known and (hint or other_known):
            raise PlaybookError(f"{other!r} is not a keyword of a task", place=where, hint=hint)
        first = did_you_mean(str(action.name), HANDLER)
        raise PlaybookError(
            f"conflicting action statements: {action.name}, {other}",
            place=where,
            hint=first or "one task has one action",
        )


def _check_known(name: Any, options: Options, collections: tuple[str, ...], place: Place) -> None:
    if options.actions is None or is_template(name) or short_name(name) in _INCLUDES:
        return
    candidates = {str(name), short_name(name), *(f"{each}.{name}" for each in collections)}
    if candidates & options.actions or options.locator.find(str(name), collections):
        return
    if short_name(name) == "include":
        gone = "The 'ansible.builtin.include' action plugin has been removed"
        raise RemovedAction(gone, place=place_of(name) or place, hint="use include_tasks or import_tasks")
    hint = did_you_mean(short_name(name), options.actions) or did_you_mean(str(name), HANDLER)
    raise PlaybookError(f"couldn't resolve module/action {str(name)!r}", place=place_of(name) or place, hint=hint)


def _check_args(action: Action, place: Place) -> None:
    given = action.args if isinstance(action.args, dict) else {}
    reserved = next((key for key in given if str(key).startswith(_RESERVED)), None)
    if reserved is not None and action.name not in COMMAND_ACTIONS:
        raise UnknownName(
            f"{reserved}: names that begin with {_RESERVED} are reserved", place=place_of(reserved) or place
        )


def split_args(action: Action) -> dict[str, Any]:
    """The arguments as one mapping, free form split; raw text under ``_raw_params``."""
    if isinstance(action.args, dict):
        return action.args
    raw, pairs = split_free_form(action.args, is_command=action.name in COMMAND_ACTIONS)
    args: dict[str, Any] = {**(action.extra if isinstance(action.extra, dict) else {}), **pairs}
    return args if raw is None else {**args, "_raw_params": raw}
