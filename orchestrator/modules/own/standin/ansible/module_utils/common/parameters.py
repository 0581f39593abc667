"""Options by their specification: aliases, fallbacks, defaults, types, and values that must not be seen."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

from ..parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE
from . import validation

DEFAULT_TYPE_VALIDATORS: dict[str, Callable[..., Any]] = {
    "str": validation.check_type_str,
    "list": validation.check_type_list,
    "dict": validation.check_type_dict,
    "bool": validation.check_type_bool,
    "int": validation.check_type_int,
    "float": validation.check_type_float,
    "path": validation.check_type_path,
    "raw": validation.check_type_raw,
    "jsonarg": validation.check_type_jsonarg,
    "json": validation.check_type_jsonarg,
    "bytes": validation.check_type_bytes,
    "bits": validation.check_type_bits,
}
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
STARS = "********"
Spec = Mapping[str, Any]
__all__ = [
    "BOOLEANS_FALSE",
    "BOOLEANS_TRUE",
    "DEFAULT_TYPE_VALIDATORS",
    "env_fallback",
    "remove_values",
    "sanitize_keys",
]


class AnsibleFallbackNotFound(Exception):
    """A fallback has no value."""


def env_fallback(*args: str, **_more: Any) -> str:
    """The value of the first of these environment variables that is there."""
    for name in args:
        if name in os.environ:
            return os.environ[name]
    raise AnsibleFallbackNotFound


def set_fallbacks(argument_spec: Spec, parameters: MutableMapping[str, Any]) -> set[str]:
    """Give options that nobody gave their fallbacks; returns those that must not be seen."""
    secret = set()
    for name, rule in argument_spec.items():
        strategy, *more = rule.get("fallback") or (None,)
        if name in parameters or strategy is None:
            continue
        words = [each for part in more if not isinstance(part, dict) for each in part]
        options = next((part for part in more if isinstance(part, dict)), {})
        try:
            parameters[name] = strategy(*words, **options)
        except AnsibleFallbackNotFound:
            continue
        if rule.get("no_log") and parameters[name]:
            secret.add(str(parameters[name]))
    return secret


def set_defaults(argument_spec: Spec, parameters: MutableMapping[str, Any], *, all_of_them: bool) -> set[str]:
    """Give options that nobody gave their defaults, those without one too if ``all_of_them``."""
    secret = set()
    for name, rule in argument_spec.items():
        default = rule.get("default")
        if name not in parameters and (default is not None or all_of_them):
            parameters[name] = default
            if rule.get("no_log") and default:
                secret.add(str(default))
    return secret


def handle_aliases(argument_spec: Spec, parameters: MutableMapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Options given by another name get their own; returns alias → name, and which names were given twice."""
    aliases: dict[str, str] = {}
    twice = []
    for name, rule in argument_spec.items():
        if rule.get("required") and rule.get("default") is not None:
            raise ValueError(f"internal error: required and default are mutually exclusive for {name}")
        given = rule.get("aliases")
        if given is not None and not isinstance(given, (list, tuple)):
            raise TypeError("internal error: aliases must be a list or tuple")
        for alias in given or ():
            aliases[alias] = name
            if alias in parameters:
                twice += [alias] if name in parameters else []
                parameters[name] = parameters[alias]
    return aliases, twice


def no_log_values(argument_spec: Spec, parameters: Mapping[str, Any]) -> set[str]:
    """The texts in options that must not be seen, at any depth."""
    found: set[str] = set()
    for name, rule in argument_spec.items():
        value = parameters.get(name)
        if rule.get("no_log") and value:
            found.update(_texts(value))
        inner = rule.get("options")
        if inner is not None and value is not None and holds_options(rule):
            for each in value if isinstance(value, list) else [value]:
                each = validation.check_type_dict(each) if isinstance(each, str) else each
                if not isinstance(each, Mapping):
                    kind = type(each).__name__
                    raise TypeError(
                        f"Value '{each}' in the sub parameter field '{name}' must be a {rule.get('type')}, not '{kind}'"
                    )
                found.update(no_log_values(inner, each))
    return found


def holds_options(rule: Spec) -> bool:
    """Whether an option's value is a mapping of options, or a list of such."""
    return rule.get("type") == "dict" or (rule.get("type") == "list" and rule.get("elements") == "dict")


def _texts(value: Any) -> set[str]:
    if isinstance(value, (str, bytes)):
        text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
        return {text} if text else set()
    if isinstance(value, Mapping):
        return set().union(*map(_texts, value.values()))
    if isinstance(value, (list, tuple, set)):
        return set().union(*map(_texts, value))
    return set() if value is None or isinstance(value, bool) else {str(value)}


def remove_values(value: Any, no_log_strings: Any) -> Any:
    """``value`` with the texts that must not be seen covered, in containers too."""
    hidden = sorted(map(str, no_log_strings), key=len, reverse=True)
    return _without(value, hidden) if hidden else value


def sanitize_keys(obj: Any, no_log_strings: Any, ignore_keys: Any = frozenset()) -> Any:
    """``obj`` with those texts covered in the keys of mappings."""
    hidden = sorted(map(str, no_log_strings), key=len, reverse=True)
    if isinstance(obj, Mapping):
        return {
            key if key in ignore_keys or str(key).startswith("_ansible") else _without(key, hidden): sanitize_keys(
                each, hidden, ignore_keys
            )
            for key, each in obj.items()
        }
    return [sanitize_keys(each, hidden, ignore_keys) for each in obj] if isinstance(obj, (list, tuple)) else obj


def _without(value: Any, hidden: Sequence[str]) -> Any:
    if isinstance(value, (str, bytes)):
        return _covered(value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value, hidden)
    if isinstance(value, Mapping):
        return {key: _without(each, hidden) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_without(each, hidden) for each in value]
    if value is None or isinstance(value, bool):
        return value
    return HIDDEN if any(each in str(value) for each in hidden) else value


def _covered(text: str, hidden: Sequence[str]) -> str:
    if text in hidden:
        return HIDDEN
    for each in hidden:
        text = text.replace(each, STARS)
    return text
