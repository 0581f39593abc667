"""Lookups into what is already known: variables, environment, settings, inventory."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Mapping
from typing import Any, Final

from jinja2.utils import missing

from orchestrator.model.errors import TemplateError
from orchestrator.planning.lookups.base import Call, Lookup, options_of
from orchestrator.planning.markers import Missing, type_name

Options = Mapping[str, Any]


def env(_call: Call, terms: list[Any], options: Options) -> list[Any]:
    """Environment variables of this machine; ``default`` where one is not set, which may be ``undef()``."""
    how = options_of("env", options, {"default": ""})
    found = []
    for term in terms:
        name = term.split()[0]
        default = how["default"]
        if isinstance(default, Missing):
            default = Missing(f"The environment variable {name!r} is not set.")
        found.append(os.environ.get(name, default))
    return found


def variables(call: Call, terms: list[Any], options: Options) -> list[Any]:
    """Variables by name; ``default`` where one is not defined."""
    default = options_of("vars", options, {"default": None})["default"]
    found = []
    for term in terms:
        if not isinstance(term, str):
            raise TypeError(f"Variable name must be 'str' not {type_name(term)!r}.")
        value = call.renderer.find(term)
        if value is missing:
            value = Missing(f"No variable named {term!r} was found.") if default is None else default
        found.append(value)
    return found


def varnames(call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """The names of variables that match patterns."""
    found: list[Any] = []
    for term in terms:
        if not isinstance(term, str):
            raise TemplateError(f'Invalid setting identifier, "{term}" is not a string, it is a {type(term)}')
        try:
            pattern = re.compile(term)
        except re.error as error:
            raise TemplateError(f"Unable to use {term!r} as a search parameter: {error}") from error
        found += [str(name) for name in call.renderer.variables if pattern.search(name)]
    return found


def inventory_hostnames(call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """The hosts that patterns select."""
    pattern = ":".join(str(each) for term in terms for each in (term if isinstance(term, list) else [term]))
    if call.surroundings.select_hosts is not None:
        return list(call.surroundings.select_hosts(pattern))
    groups = call.renderer.find("groups")
    known = groups if isinstance(groups, dict) else {}
    return _selected(pattern.replace(",", ":").split(":"), known)


def _selected(patterns: list[str], groups: Mapping[str, list[str]]) -> list[str]:
    """Unions, ``&`` and ``!`` over group and host names with ``*``: enough where nobody better answers."""
    everyone = list(dict.fromkeys(host for hosts in groups.values() for host in hosts))

    def named(pattern: str) -> set[str]:
        in_groups = {host for name, hosts in groups.items() if fnmatch.fnmatchcase(name, pattern) for host in hosts}
        return in_groups | set(fnmatch.filter(everyone, pattern))

    chosen: set[str] = set()
    for pattern in sorted(filter(None, patterns), key=lambda each: each.startswith(("&", "!"))):
        if pattern.startswith("!"):
            chosen -= named(pattern[1:])
        elif pattern.startswith("&"):
            chosen &= named(pattern[1:])
        else:
            chosen |= set(everyone) if pattern == "all" else named(pattern)
    return [host for host in everyone if host in chosen]


VARIABLES: Final[Mapping[str, Lookup]] = {
    "env": env,
    "inventory_hostnames": inventory_hostnames,
    "varnames": varnames,
    "vars": variables,
}
