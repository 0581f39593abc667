"""The lookup ``config``: settings as they hold for this run, and options of the ways to a host.

Options of plug-ins, the variables that set them and their defaults are those of ansible-core 2.19's ``ssh``, ``sh`` and
``sudo``; of several variables that are set the last one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jinja2.utils import missing

from orchestrator.model.errors import TemplateError
from orchestrator.planning.lookups.base import Call, Lookup, options_of
from orchestrator.planning.markers import Marker

SETTING: Final = "setting "
"""What a default begins with that is a setting of the run."""

Known = tuple[tuple[str, ...], Any]
"""The variables that set an option, and what it is without them."""

PLUGINS: Final[Mapping[tuple[str, str], Mapping[str, Known]]] = {
    ("connection", "ssh"): {
        "remote_user": (("ansible_user", "ansible_ssh_user"), f"{SETTING}DEFAULT_REMOTE_USER"),
        "port": (("ansible_port", "ansible_ssh_port"), f"{SETTING}DEFAULT_REMOTE_PORT"),
        "host": (("inventory_hostname", "ansible_host", "ansible_ssh_host"), None),
        "private_key_file": (
            ("ansible_private_key_file", "ansible_ssh_private_key_file"),
            f"{SETTING}DEFAULT_PRIVATE_KEY_FILE",
        ),
        "ssh_common_args": (("ansible_ssh_common_args",), ""),
        "ssh_extra_args": (("ansible_ssh_extra_args",), ""),
        "timeout": (("ansible_ssh_timeout",), f"{SETTING}DEFAULT_TIMEOUT"),
    },
    ("shell", "sh"): {"remote_tmp": (("ansible_remote_tmp",), "~/.ansible/tmp")},
    ("become", "sudo"): {
        "become_user": (("ansible_become_user", "ansible_sudo_user"), f"{SETTING}DEFAULT_BECOME_USER"),
        "become_exe": (("ansible_become_exe", "ansible_sudo_exe"), "sudo"),
        "become_flags": (("ansible_become_flags", "ansible_sudo_flags"), "-H -S -n"),
    },
}
NUMBERS: Final = frozenset({"port", "timeout"})


def config(call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
    """Settings by name, or options of a plug-in (``plugin_type``, ``plugin_name``), as they hold for this task."""
    how = options_of(
        "config", options, {"on_missing": "error", "plugin_type": None, "plugin_name": None, "show_origin": 0}
    )
    kind, name = how["plugin_type"], how["plugin_name"]
    if bool(kind) != bool(name):
        raise TemplateError("Both plugin_type and plugin_name are required, cannot use one without the other.")
    if kind and (kind, name) not in PLUGINS:
        known = ", ".join(f"{each_kind} {each}" for each_kind, each in PLUGINS)
        raise TemplateError(f"Unable to load {kind} plugin {name!r}.", hint=f"options are known of: {known}")
    found: list[Any] = []
    for term in terms:
        if not isinstance(term, str):
            raise TemplateError(f"Invalid setting identifier, {term!r} is not a {str}, its a {type(term)}.")
        value, origin = _option(call, PLUGINS[kind, name], term) if kind else _setting(call, term)
        if origin is not None:
            found.append([value, origin] if how["show_origin"] else value)
        else:
            _miss(call, f"{term!r} for {name!r} {kind} plugin" if kind else repr(term), term, how["on_missing"])
    return found


def _setting(call: Call, term: str) -> tuple[Any, str | None]:
    settings = call.surroundings.settings
    return (settings[term], "this run") if term in settings else (None, None)


def _option(call: Call, options: Mapping[str, Known], term: str) -> tuple[Any, str | None]:
    """The value of a plug-in's option and where it comes from; no origin where there is no such option."""
    if term not in options:
        return None, None
    variables, default = options[term]
    for variable in reversed(variables):
        value = call.renderer.find(variable)
        if value is not missing and not isinstance(value, Marker):
            return _typed(term, value), f"var: {variable}"
    if isinstance(default, str) and default.startswith(SETTING):
        default = call.surroundings.settings.get(default.removeprefix(SETTING))
    return _typed(term, default), "default"


def _typed(term: str, value: Any) -> Any:
    return int(value) if term in NUMBERS and value is not None else value


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
