"""Options of a plug-in: what its DOCUMENTATION names, and where a value comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any

import jinja2

from orchestrator.language.load import load_text
from orchestrator.model.errors import TemplateError, UserError
from orchestrator.model.frozen import frozen
from orchestrator.model.lenient import to_bool, to_dict, to_float, to_int, to_list, to_text
from orchestrator.planning.containers import plain
from orchestrator.planning.surroundings import Rendering

TYPES = {
    "bool": to_bool,
    "boolean": to_bool,
    "int": to_int,
    "integer": to_int,
    "float": to_float,
    "list": to_list,
    "dict": to_dict,
    "dictionary": to_dict,
    "str": to_text,
    "string": to_text,
}


class Seen(Mapping[str, Any]):
    """The variables as a plug-in sees them: plain values, rendered when looked at."""

    def __init__(self, renderer: Rendering) -> None:
        self._renderer = renderer

    def __getitem__(self, name: str) -> Any:
        value = self._renderer.find(name)
        if value is jinja2.utils.missing:
            raise KeyError(name)
        return plain(value, strict=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self._renderer.variables)

    def __len__(self) -> int:
        return len(self._renderer.variables)


def _unquoted(text: str, rule: Mapping[str, Any]) -> str | list[str]:
    """What ansible.cfg says without the quotes around it, or around each item of a list."""
    if rule.get("type") == "list":
        return [_unquoted(each.strip(), {}) for each in text.split(",")]  # type: ignore[misc]
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


@frozen
class Described:
    """The documented options of a plug-in with the values given so far: the call's own, then variables, then the
    environment, then ansible.cfg (``ini``: by ``section:key``), then the default."""

    plugin: str
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    direct: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    ini: Mapping[str, str] = field(default_factory=dict)
    kind: str = "lookup"

    @classmethod
    def of(cls, plugin: str, documentation: str) -> Described:
        """From the text of a plug-in's DOCUMENTATION; one that is no YAML documents nothing."""
        try:
            told = load_text(documentation or "{}", f"DOCUMENTATION of {plugin}")
        except UserError:
            told = {}
        options = told.get("options") if isinstance(told, dict) else None
        return cls(plugin, {str(name): each or {} for name, each in (options or {}).items()})

    def given(self, direct: Mapping[str, Any], variables: Mapping[str, Any]) -> Described:
        """The same with the values of one call."""
        return replace(self, direct=direct, variables=variables)

    def with_direct(self, name: str, value: Any) -> Described:
        """The same with one more value of the call."""
        return replace(self, direct={**self.direct, name: value})

    def value(self, name: str) -> Any:
        """The value of the option ``name``. Raises TemplateError for one that nobody documented."""
        if name not in self.options:
            if name in self.direct:
                return self.direct[name]
            raise TemplateError(f"Requested entry (plugin_type: {self.kind} plugin: {self.plugin} setting: {name} ) "
                                "was not defined in configuration.")  # fmt: skip
        rule = self.options[name]
        found = self._written(name, rule)
        if found is None and rule.get("required"):
            raise TemplateError(f"Required config {name!r} for {self.plugin!r} {self.kind} plugin not provided.")
        convert = TYPES.get(str(rule.get("type", "")))
        if found is None or convert is None:
            return found
        try:
            value = convert(found)
        except ValueError as error:
            raise TemplateError(f"Option {name!r} of {self.plugin}: {error}") from error
        choices = rule.get("choices")
        if choices and (
            wrong := [each for each in (value if isinstance(value, list) else [value]) if each not in choices]
        ):
            raise TemplateError(
                f"Invalid value {wrong[0]!r} for config {name!r} of the {self.kind} plugin {self.plugin!r}.",
                hint=f"one of {', '.join(map(str, choices))}",
            )
        return value

    def origin(self, name: str) -> str:
        """Where the value of the option ``name`` comes from, in Ansible's words."""
        return self._found(name, self.options.get(name, {}))[1]

    def _written(self, name: str, rule: Mapping[str, Any]) -> Any:
        return self._found(name, rule)[0]

    def _found(self, name: str, rule: Mapping[str, Any]) -> tuple[Any, str]:
        for alias in (name, *(rule.get("aliases") or ())):
            if alias in self.direct:
                return self.direct[alias], "Direct"
        for source in reversed(rule.get("vars") or ()):  # the last that is there counts
            if source.get("name") in self.variables:
                return self.variables[source["name"]], f"var: {source['name']}"
        for source in reversed(rule.get("env") or ()):
            if str(source.get("name")) in os.environ:
                return os.environ[str(source["name"])], f"env: {source['name']}"
        for source in reversed(rule.get("ini") or ()):
            if (text := self.ini.get(f"{source.get('section')}:{source.get('key')}")) is not None:
                return _unquoted(text, rule), "ansible.cfg"
        return rule.get("default"), "default"

    def values(self) -> dict[str, Any]:
        """All documented options that have a value, by name."""
        return {name: self.value(name) for name in self.options}
