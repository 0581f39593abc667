"""From what a task says to a module's checked arguments: free form, defaults, templates, types, near misses."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from orchestrator.language.free_form import split_free_form
from orchestrator.language.load import is_template
from orchestrator.language.locator import Locator
from orchestrator.language.tree import Task
from orchestrator.model.errors import ArgsError, TemplateError
from orchestrator.model.lenient import AsSaid
from orchestrator.model.place import Place, Text, place_of
from orchestrator.modules import canonical, find, full_name
from orchestrator.planning.markers import Marker, type_name
from orchestrator.planning.render import OMIT, Renderer

if TYPE_CHECKING:
    from orchestrator.modules.base import Args, Module

RAW = "_raw_params"
NO_LOCATOR = Locator()
_COUNTED = ("extra_forbidden", "missing")
_INVALID_OPTIONS = frozenset({"fail", "group_by", "reboot", "set_stats", "wait_for_connection"})
"""Modules whose unknown arguments Ansible tells of in other words."""
_ACTIONS = frozenset({"assert", "debug", "pause"})
"""What works on the controller alone, and so is named by the file it stands in where its full name is used."""
UNASKED = frozenset(
    "add_host assemble assert async_status debug fail fetch include_vars pause raw script set_stats template "
    "unarchive validate_argument_spec wait_for_connection".split()
)
"""Modules whose wrong arguments fail the task, whatever ``failed_when`` says (ansible-core 2.19, case by case)."""
COMMANDS = frozenset({"command", "shell", "script", "raw"})
"""Modules whose free-form text keeps every ``key=value`` that is not one of their few options."""


def written_arguments(task: Task, module: Module[Any]) -> dict[str, Any] | Text:
    """The task's arguments as written: a mapping, or a template that will become one."""
    extra = task.extra_args or {}
    if isinstance(extra, Text):
        return extra
    return {**extra, **_own_arguments(task, module)}


def _own_arguments(task: Task, module: Module[Any]) -> dict[str, Any]:
    """What stands behind the module's name, as written."""
    if isinstance(task.args, Mapping):
        return dict(task.args)
    if not task.args:
        return {}
    raw, options = _split(task.args, place_of(task.args), module.name in COMMANDS)
    return {**options, **({RAW: raw} if raw else {})}


@lru_cache(maxsize=1024, typed=True)
def _split(written: str, _place: Place | None, is_command: bool) -> tuple[str | None, Mapping[str, str]]:
    """What ``written``, which stands at ``_place``, comes to: the same for each host. A template (``Text``) and text
    that is none are told apart, and so are equal texts at two places."""
    return split_free_form(written, is_command=is_command)


def _mapping(written: Any, task: Task, module: Module[Any], renderer: Renderer) -> dict[str, Any]:
    """Arguments that a template gives as one mapping; none where it comes to ``omit``."""
    value = renderer.resolve(written) if isinstance(written, Text) else written or {}
    if isinstance(value, Marker):
        try:
            renderer.raise_marker(value, written)
        except TemplateError as error:
            raise error.within(_finalizing(module)) from error
    if value is OMIT:
        return {}
    if not isinstance(value, Mapping):
        said = f"{_finalizing(module)}: Task args must resolve to a 'dict' not {type_name(value)!r}."
        raise TemplateError(said, place=place_of(written) or task.place)
    return dict(dict.items(value)) if isinstance(value, dict) else dict(value)


def arguments(task: Task, module: Module[Any], renderer: Renderer, locator: Locator = NO_LOCATOR) -> Args:
    """The checked arguments of ``task``. Raises ArgsError, or TemplateError from a template. ``locator``: whose
    collections say what belongs to a group of ``module_defaults``."""
    own, extra = _own_arguments(task, module), _mapping(task.extra_args, task, module, renderer)
    if module.args.free_form is None and _is_all_template(own.get(RAW)):
        raw = _mapping(own.pop(RAW), task, module, renderer)
        extra = {**extra, **raw} if isinstance(task.extra_args, Text) else {**raw, **extra}
    merged = {**defaults(module, task, renderer, locator), **extra, **own}
    kept = module.args.unrendered
    rendered = {
        renderer.value(name) if module.name == "set_fact" else str(name): value
        if name in kept
        else _rendered(module, name, value, renderer)
        for name, value in merged.items()
    }
    given = {name: value for name, value in rendered.items() if value is not OMIT}
    return checked(module, given, task.place, written=merged, called=str(task.action))


def judged_arguments(task: Task, module: Module[Any], renderer: Renderer, locator: Locator) -> Args | ArgsError:
    """The checked arguments, or what the module will say of wrong ones: that is a result like any other, which
    ``failed_when`` and ``until`` judge. Raises what keeps it from being asked at all."""
    try:
        return arguments(task, module, renderer, locator)
    except ArgsError as error:
        if module.name in UNASKED or error.message.startswith("Task failed"):
            raise
        return error


def _is_all_template(raw: Any) -> bool:
    """Whether free-form text looks like a template and nothing beside it, which may come to a mapping."""
    return is_template(raw) and raw.startswith(("{{", "{%", "{#")) and raw.endswith(("}}", "%}", "#}"))


def _rendered(module: Module[Any], name: str, value: Any, renderer: Renderer) -> Any:
    is_trusted = name in module.args.trusted or "*" in module.args.trusted
    try:
        return renderer.trusted(value) if is_trusted else renderer.value(value)
    except TemplateError as error:
        raise error.within(f"{_finalizing(module)}: Error while resolving value for '{name}'") from error


def _finalizing(module: Module[Any]) -> str:
    return f"Finalization of task args for '{_full(module)}' failed"


def _full(module: Module[Any]) -> str:
    return module.name if canonical(module.name) is None else full_name(module.name)


def checked(
    module: Module[Any],
    values: Mapping[str, Any],
    place: Place | None,
    *,
    written: Mapping[str, Any] | None = None,
    called: str = "",
) -> Args:
    """``values`` as the module's Args; every mistake is told at once, with what was probably meant.

    ``written``: the same as it stands in a file, whose names know their places. ``called``: the module's name there."""
    from pydantic import ValidationError  # here, since a run that checks nothing need not import it

    given = dict(values)
    free_form = module.args.free_form
    if RAW in given:
        if free_form is None:
            raise ArgsError(f"Task failed: Action '{_full(module)}' does not support raw params.", place=place)
        given[free_form] = given.pop(RAW)
    try:
        found: Args = module.args.model_validate(given)
    except ValidationError as error:
        if (once := _each_once(module, given)) != given:
            return checked(module, once, place, written=written, called=called)
        raise _complaint(module, error.errors(), written or values, place, called) from error
    found.keep(values)
    return found


def _each_once(module: Module[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` with each argument under one of its names: of several the last alias counts, as with Ansible."""
    once = dict(given)
    for _, (first, *aliases) in spellings(module):
        for alias in aliases:
            if alias in once and first in once:
                once[first] = once.pop(alias)
    return once


def unknown_names(module: Module[Any], values: Mapping[str, Any], place: Place | None) -> ArgsError | None:
    """The error for those names in ``values`` that no argument of ``module`` bears; None where all are known."""
    if module.args.model_config.get("extra") == "allow":
        return None
    known = {RAW, *accepted(module)}
    details = [{"type": "extra_forbidden", "loc": (str(name),), "msg": ""} for name in values if name not in known]
    return _complaint(module, details, values, place) if details else None


def accepted(module: Module[Any]) -> list[str]:
    """All argument names that ``module`` takes, aliases too."""
    return [name for _, names in spellings(module) for name in names]


def spellings(module: Module[Any]) -> list[tuple[str, list[str]]]:
    """Each argument's field and its names, the one to use first; those that begin with an underscore are left out."""
    found: list[tuple[str, list[str]]] = []
    for name, field in module.args.model_fields.items():
        alias = field.validation_alias
        choices = [str(each) for each in getattr(alias, "choices", [alias] if isinstance(alias, str) else [name])]
        names = [each for each in choices if not each.startswith("_")]
        if names:
            found.append((name, names))
    return found


def _supported(module: Module[Any]) -> str:
    """All names as Ansible's modules list them: in order, aliases behind them."""
    listed = [names for _, names in spellings(module) if names[0] not in module.args.unlisted]
    first = ", ".join(sorted({*module.args.also_listed, *(names[0] for names in listed)})) or "none"
    others = ", ".join(sorted(name for names in listed for name in names[1:]))
    return f"{first} ({others})" if others else first


def _complaint(
    module: Module[Any], details: Sequence[Any], values: Mapping[str, Any], place: Place | None, called: str = ""
) -> ArgsError:
    first, *others = _mistakes(module, details, called or module.name)
    names = [str(each["loc"][0]) for each in details if each["loc"]]
    unknown = [str(each["loc"][0]) for each in details if each["type"] == "extra_forbidden"]
    near = [match for name in unknown for match in difflib.get_close_matches(name, accepted(module), n=1)]
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    where = next((found for name in names if (found := _place_of_key(values, name))), None)
    return ArgsError(
        first,
        place=where or place,
        evidence=f"also: {'; '.join(others)}" if others else None,
        hint=f"{hint}{module.name} takes: {', '.join(accepted(module)) or 'no arguments'}",
    )


def _mistakes(module: Module[Any], details: Sequence[Any], called: str) -> list[str]:
    """What is wrong, in the words of Ansible's modules and in the order in which they look at it."""
    named = {kind: sorted(str(each["loc"][0]) for each in details if each["type"] == kind) for kind in _COUNTED}
    missing = module.args.when_missing or f"missing required arguments: {', '.join(named['missing'])}"
    said = [missing] if named["missing"] else []
    said += [_mistake(each) for each in details if each["type"] not in _COUNTED]
    if unknown := named["extra_forbidden"]:
        said.append(_unknown(module, unknown, called))
    return said


def _unknown(module: Module[Any], names: list[str], called: str) -> str:
    """What is said of ``names`` that no argument bears, by the module that Ansible hands them to."""
    listed = ", ".join(names)
    if module.name in _INVALID_OPTIONS:
        return f"Invalid options for {called}: {','.join(names)}"
    if module.name == "include_vars":
        return f"Task failed: {listed} is not a valid option in include_vars"
    judge = module
    if module.behind:
        called, judge = f"ansible.legacy.{module.behind}", find(module.behind) or module
    elif module.name in _ACTIONS:
        called = called.replace("ansible.builtin.", "ansible_collections.ansible.builtin.plugins.action.")
    return f"Unsupported parameters for ({called}) module: {listed}. Supported parameters include: {_supported(judge)}."


def _mistake(detail: Any) -> str:
    name = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "literal_error":
        choices = ", ".join(re.findall(r"'([^']*)'", detail["ctx"]["expected"]))
        return f"value of {name} must be one of: {choices}, got: {'' if detail['input'] is None else detail['input']}"
    message = str(detail["msg"]).removeprefix("Value error, ")
    if isinstance((detail.get("ctx") or {}).get("error"), AsSaid):
        return message
    if kind := _wanted_kind(message):
        what = f"is of type {_plain_type(detail['input'])} and we were unable to convert to {kind}"
        return f"argument {name!r} {what}: {message}"
    return f"argument {name!r}: {message}" if name else message


def _plain_type(value: Any) -> str:
    """The type as Python itself names it: our texts know their places, but are texts."""
    return next(base.__name__ for base in type(value).__mro__ if base.__module__ == "builtins")


def _wanted_kind(message: str) -> str | None:
    """The type that a value could not be turned into, by the words of ``modules.types``; None for another mistake."""
    if "is not a valid boolean" in message:
        return "bool"
    if message.endswith("is not a string and conversion is not allowed"):
        return "str"
    if message.startswith("dictionary requested"):
        return "dict"
    if message.startswith("invalid literal for int()"):
        return "int"
    found = re.search(r"cannot be converted to an? (\w+)$", message)
    return found[1] if found else None


def _place_of_key(values: Mapping[str, Any], name: str) -> Place | None:
    return next((key.place for key in values if key == name and isinstance(key, Text)), None)


def defaults(module: Module[Any], task: Task, renderer: Renderer, locator: Locator) -> dict[str, Any]:
    """What ``module_defaults`` say for this module, under its short or full name, over what they say for its groups;
    ``gather_facts`` takes those of the module behind it as well."""
    is_ours = find(module.name) is module
    own = _defaults_of(module.name, task, renderer, locator, is_ours=is_ours)
    if module.name != "gather_facts" or not is_ours:
        return own
    return {**_defaults_of("setup", task, renderer, locator, is_ours=True), **own}


def _defaults_of(wanted: str, task: Task, renderer: Renderer, locator: Locator, *, is_ours: bool) -> dict[str, Any]:
    """An inner layer's word on a module or a group takes the place of the outer ones', whole. What is said of
    ``ansible.builtin.NAME`` is not said of a user's own module of that name."""
    named, grouped = dict[str, Any](), dict[str, Any]()
    for layer in task.keywords.module_defaults:
        table = renderer.value(layer) if isinstance(layer, Text) else layer
        for name, values in (table or {}).items():
            if (group := str(name).removeprefix("group/")) != name:
                if wanted in map(_plainly, locator.routing.members(group)):
                    grouped[group.removeprefix("ansible.builtin.")] = values
            elif _plainly(str(name)) == wanted and (is_ours or not str(name).startswith("ansible.builtin.")):
                named[wanted] = values
    found: dict[str, Any] = {}
    for values in (*grouped.values(), *named.values()):
        given = renderer.value(values) if isinstance(values, Text) else values
        if not isinstance(given, Mapping):
            raise TemplateError(f"module_defaults of {wanted} are no mapping", place=place_of(values) or task.place)
        found |= given
    return found


def _plainly(name: str) -> str:
    """The module that ``name`` means, ours or the user's own."""
    return canonical(name) or name.removeprefix("ansible.legacy.")
