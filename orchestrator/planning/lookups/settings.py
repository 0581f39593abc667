"""The lookup ``config``: settings as they hold for this run, and options of the ways to a host.

Options are known of what ``plugin_options`` lists and of lookups of the user's own, as their DOCUMENTATION has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol, runtime_checkable

from orchestrator.model.errors import TemplateError
from orchestrator.planning.described import Described, Seen
from orchestrator.planning.lookups.base import Call, Lookup, options_of
from orchestrator.planning.lookups.plugin_options import PLUGINS


@runtime_checkable
class Documented(Protocol):
    """A lookup of the user's own."""

    def described(self, call: Call) -> Described: ...


def config(call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
    """Settings by name, or options of a plug-in (``plugin_type``, ``plugin_name``), as they hold for this task."""
    how = options_of(
        "config", options, {"on_missing": "error", "plugin_type": None, "plugin_name": None, "show_origin": 0}
    )
    kind, name = how["plugin_type"], how["plugin_name"]
    if bool(kind) != bool(name):
        raise TemplateError("Both plugin_type and plugin_name are required, cannot use one without the other.")
    plugin = _described(call, str(kind), str(name)) if kind else None
    found: list[Any] = []
    for term in terms:
        if not isinstance(term, str):
            raise TemplateError(f"Invalid setting identifier, {term!r} is not a {str}, its a {type(term)}.")
        value, origin = _option(plugin, term) if plugin else _setting(call, term)
        if origin is not None:
            found.append([value, origin] if how["show_origin"] else value)
        else:
            _miss(call, f"{term!r} for {name!r} {kind} plugin" if kind else repr(term), term, how["on_missing"])
    return found


def _setting(call: Call, term: str) -> tuple[Any, str | None]:
    settings = call.surroundings.settings
    return (settings[term], "this run") if term in settings else (None, None)


def _described(call: Call, kind: str, name: str) -> Described:
    """The options of a plug-in as they hold for this task."""
    short = name.removeprefix("ansible.builtin.")
    seen = Seen(call.renderer)
    if kind == "lookup" and isinstance(own := call.renderer.lookup_named(name), Documented):
        return own.described(call).given({}, seen)
    if (kind, short) not in PLUGINS:
        known = ", ".join(f"{each_kind} {each}" for each_kind, each in PLUGINS)
        raise TemplateError(f"Unable to load {kind} plugin {name!r}.", hint=f"options are known of: {known}")
    settings = call.surroundings.settings
    options = {
        option: {**rule, "default": settings.get(rule["setting"])} if "setting" in rule else rule
        for option, rule in PLUGINS[kind, short].items()
    }
    return Described(short, options, variables=seen, ini=call.surroundings.ini, kind=kind)


def _option(plugin: Described, term: str) -> tuple[Any, str | None]:
    """The value of a plug-in's option and where it comes from; no origin where there is no such option."""
    return (plugin.value(term), plugin.origin(term)) if term in plugin.options else (None, None)


def _miss(call: Call, label: str, term: str, on_missing: str) -> None:
    said = f"No config definition exists for {label}."
    if on_missing == "warn":
        call.surroundings.warn(f"Skipping {term}. {said}")
    elif on_missing == "error":
        raise TemplateError(said)
    elif on_missing != "skip":
        raise TemplateError(
            f"Invalid option for error handling, missing must be error, warn or skip, got: {on_missing}."
        )


SETTINGS: Final[Mapping[str, Lookup]] = {"config": config}
