"""From what a task says to a module's checked arguments: free form, defaults, templates, types, near misses."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchestrator.language.free_form import split_free_form
from orchestrator.language.load import is_template
from orchestrator.language.tree import Task
from orchestrator.model.errors import ArgsError, TemplateError
from orchestrator.model.place import Place, Text
from orchestrator.modules import canonical
from orchestrator.planning.markers import Marker
from orchestrator.planning.render import OMIT, Renderer

if TYPE_CHECKING:
    from orchestrator.modules.base import Args, Module

RAW = "_raw_params"
_COUNTED = ("extra_forbidden", "missing")
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
    raw, options = split_free_form(task.args, is_command=module.name in COMMANDS)
    return {**options, **({RAW: raw} if raw else {})}


def _mapping(written: Any, task: Task, module: Module[Any], renderer: Renderer) -> dict[str, Any]:
    """Arguments that a template gives as one mapping."""
    value = renderer.resolve(written) if isinstance(written, Text) else written or {}
    if isinstance(value, Marker):
        renderer.raise_marker(value, written)
    if not isinstance(value, Mapping):
        raise ArgsError(f"the arguments of {module.name} must be a mapping, not {value!r}", place=task.place)
    return dict(dict.items(value)) if isinstance(value, dict) else dict(value)


def arguments(task: Task, module: Module[Any], renderer: Renderer) -> Args:
    """The checked arguments of ``task``. Raises ArgsError, or TemplateError from a template."""
    own = _own_arguments(task, module)
    if module.args.free_form is None and list(own) == [RAW] and is_template(own[RAW]):
        own = _mapping(own[RAW], task, module, renderer)
    merged = {**_defaults(task, module, renderer), **_mapping(task.extra_args, task, module, renderer), **own}
    kept = module.args.unrendered
    rendered = {
        renderer.value(name): value if name in kept else _rendered(module, name, value, renderer)
        for name, value in merged.items()
    }
    return checked(module, {name: value for name, value in rendered.items() if value is not OMIT}, task.place)


def _rendered(module: Module[Any], name: str, value: Any, renderer: Renderer) -> Any:
    try:
        return renderer.value(value)
    except TemplateError as error:
        full = module.name if "." in module.name else f"ansible.builtin.{module.name}"
        finalizing = f"Finalization of task args for '{full}' failed"
        raise error.within(f"{finalizing}: Error while resolving value for '{name}'") from error


def checked(module: Module[Any], values: Mapping[str, Any], place: Place | None) -> Args:
    """``values`` as the module's Args; every mistake is told at once, with what was probably meant."""
    from pydantic import ValidationError  # here, since a run that checks nothing need not import it

    given = dict(values)
    free_form = module.args.free_form
    if RAW in given and free_form is not None:
        given[free_form] = given.pop(RAW)
    try:
        found: Args = module.args.model_validate(given)
    except ValidationError as error:
        raise _complaint(module, error.errors(), values, place) from error
    return found


def unknown_names(module: Module[Any], values: Mapping[str, Any], place: Place | None) -> ArgsError | None:
    """The error for those names in ``values`` that no argument of ``module`` bears; None where all are known."""
    if module.args.model_config.get("extra") == "allow":
        return None
    known = {RAW, *accepted(module)}
    details = [{"type": "extra_forbidden", "loc": (str(name),), "msg": ""} for name in values if name not in known]
    return _complaint(module, details, values, place) if details else None


def accepted(module: Module[Any]) -> list[str]:
    """All argument names that ``module`` takes, aliases too."""
    names: list[str] = []
    for name, field in module.args.model_fields.items():
        names.append(name)
        alias = field.validation_alias
        choices = getattr(alias, "choices", [alias] if isinstance(alias, str) else [])
        names += [each for each in choices if isinstance(each, str) and each != name and not each.startswith("_")]
    return names


def _complaint(
    module: Module[Any], details: Sequence[Any], values: Mapping[str, Any], place: Place | None
) -> ArgsError:
    mistakes = _mistakes(module, details)
    names = [str(each["loc"][0]) for each in details if each["loc"]]
    unknown = [str(each["loc"][0]) for each in details if each["type"] == "extra_forbidden"]
    near = [match for name in unknown for match in difflib.get_close_matches(name, accepted(module), n=1)]
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    where = next((found for name in names if (found := _place_of_key(values, name))), None)
    return ArgsError(
        "; ".join(mistakes),
        place=where or place,
        hint=f"{hint}{module.name} takes: {', '.join(accepted(module)) or 'no arguments'}",
    )


def _mistakes(module: Module[Any], details: Sequence[Any]) -> list[str]:
    """What is wrong, in the words of Ansible's modules."""
    named = {kind: [str(each["loc"][0]) for each in details if each["type"] == kind] for kind in _COUNTED}
    said = []
    if unknown := named["extra_forbidden"]:
        known = ", ".join(accepted(module)) or "none"
        said.append(
            f"Unsupported parameters for ({module.name}) module: {', '.join(unknown)}. "
            f"Supported parameters include: {known}."
        )
    if missing := named["missing"]:
        said.append(f"missing required arguments: {', '.join(missing)}")
    return said + [_mistake(each) for each in details if each["type"] not in _COUNTED]


def _mistake(detail: Any) -> str:
    name = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "literal_error":
        choices = ", ".join(re.findall(r"'([^']*)'", detail["ctx"]["expected"]))
        return f"value of {name} must be one of: {choices}, got: {detail['input']}"
    message = str(detail["msg"]).removeprefix("Value error, ")
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
    if message.startswith("dictionary requested"):
        return "dict"
    found = re.search(r"cannot be converted to an? (\w+)$", message)
    return found[1] if found else None


def _place_of_key(values: Mapping[str, Any], name: str) -> Place | None:
    return next((key.place for key in values if key == name and isinstance(key, Text)), None)


def _defaults(task: Task, module: Module[Any], renderer: Renderer) -> dict[str, Any]:
    """What ``module_defaults`` say for this module, under its short or full name; ``gather_facts`` takes those of the
    module behind it as well."""
    own = _defaults_of(module.name, task, renderer)
    return {**_defaults_of("setup", task, renderer), **own} if module.name == "gather_facts" else own


def _defaults_of(wanted: str, task: Task, renderer: Renderer) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for layer in task.keywords.module_defaults:
        table = renderer.value(layer) if isinstance(layer, Text) else layer
        for name, values in (table or {}).items():
            if not str(name).startswith("group/") and canonical(str(name)) == wanted:
                found |= renderer.value(values) if isinstance(values, Text) else values
    return found
