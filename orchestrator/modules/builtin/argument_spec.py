"""This module checks variables against an argument specification, as roles do with meta/argument_specs.yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.types import Dict, to_bool, to_dict, to_float, to_int, to_list, to_text


def _text(value: Any) -> str:
    return "" if value is None else to_text(value)


def _raw(value: Any) -> Any:
    return value


KINDS: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "path": _text,
    "bool": to_bool,
    "int": to_int,
    "float": to_float,
    "list": to_list,
    "dict": to_dict,
    "raw": _raw,
    "json": _raw,
    "jsonarg": _raw,
    "bytes": _text,
    "bits": _text,
}


class ValidateArgs(Args):
    argument_spec: Dict = Field(description="The specification: names to type, required, choices, elements, options.")
    provided_arguments: Dict = Field(default_factory=dict, description="Values that take precedence over variables.")
    validate_args_context: Dict = Field(default_factory=dict, description="Where the specification comes from.")


def problems(spec: Mapping[str, Any], given: Mapping[str, Any], where: str = "") -> list[str]:
    """What is wrong with ``given``, in Ansible's words; ``where`` names the option that holds these."""
    below = f" found in {where}" if where else ""
    found = []
    missing = sorted(name for name, rule in spec.items() if rule.get("required") and not _is_given(name, rule, given))
    if missing:
        found.append(f"missing required arguments: {', '.join(missing)}{below}")
    names = set(spec).union(*(rule.get("aliases") or [] for rule in spec.values()))
    prefix = where.replace(" -> ", ".") + "." if where else ""
    unknown = sorted(f"{prefix}{name}" for name in given if name not in names)
    for name, rule in spec.items():
        is_null = name in given and given[name] is None and not rule.get("required") and rule.get("default") is None
        if name in given and not is_null:
            found.extend(_value_problems(name, rule, given[name], f"{where} -> {name}" if where else name, below))
    if unknown:
        found.append(f"{', '.join(unknown)}. Supported parameters include: {', '.join(sorted(names))}.")
    return found


def _is_given(name: str, rule: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    return any(each in given for each in (name, *(rule.get("aliases") or ())))


def _value_problems(name: str, rule: Mapping[str, Any], value: Any, where: str, below: str) -> list[str]:
    kind = str(rule.get("type") or "str")
    if kind not in KINDS:
        return [f"argument '{name}' has an unknown type {kind!r} in its specification"]
    try:
        typed = KINDS[kind](value)
    except ValueError as error:
        return [
            f"argument '{name}' is of type {type(value).__name__}{f'{below}.' if below else ''}"
            f" and we were unable to convert to {kind}: {error}"
        ]
    items = typed if kind == "list" else [typed]
    element = str(rule.get("elements") or "raw") if kind == "list" else kind
    found = []
    for item in items:
        try:
            typed_item = KINDS.get(element, _raw)(item)
        except ValueError as error:
            found.append(
                f"Elements value for option '{name}'{below} is of type {type(item).__name__}"
                f" and we were unable to convert to {element}: {error}"
            )
            continue
        choices = rule.get("choices")
        if choices and typed_item not in choices:
            listed = ", ".join(str(choice) for choice in choices)
            found.append(f"value of {name} must be one of: {listed}, got: {item}{below}")
        if rule.get("options") and isinstance(typed_item, dict):
            found.extend(problems(rule["options"], typed_item, where))
    return found


def steps(args: ValidateArgs, ctx: Context) -> Steps:
    yield from ()
    given = {name: ctx.variables[name] for name in args.argument_spec if name in ctx.variables}
    if wrong := [name for name, rule in args.argument_spec.items() if not isinstance(rule, dict)]:
        return failure(f"the specification of {', '.join(map(str, wrong))} is no mapping")
    found = problems(args.argument_spec, {**given, **args.provided_arguments})
    told = {"validate_args_context": args.validate_args_context}
    if found:
        msg = "Validation of arguments failed:\n" + "\n".join(found)
        return failure(msg, argument_errors=found, argument_spec_data=args.argument_spec, **told)
    return Result(msg="The arg spec validation passed", data=told)


VALIDATE_ARGUMENT_SPEC = Module(
    "validate_argument_spec", ValidateArgs, steps, "Checks variables against a specification.", needs_host=False
)
