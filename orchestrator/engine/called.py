"""What a result says of the call that led to it: every argument of the module with what it came to.

Ansible's modules write it down as ``invocation``. ``register`` drops it where a task runs once, and keeps it in the
turns of a loop; ``ansible_failed_result`` keeps it. Compared with ansible-core 2.19.14.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestrator.engine.arguments import COMMANDS, RAW, spellings
from orchestrator.model.results import Result
from orchestrator.modules import find

if TYPE_CHECKING:
    from orchestrator.modules.base import Args, Module

HELD = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
"""What stands for a secret that was given."""
CENSORED = "CENSORED: content is a no_log parameter"
SECRETS = frozenset("content password passphrase ssh_key_passphrase sudo_password url_password".split())
AS_GIVEN = frozenset("body directory_mode mode umask".split())
"""Arguments of no type: they keep the one they were given with."""
PATHS = frozenset("dest path src".split())
"""Arguments whose ``~`` the node knows; the module's result tells what became of it."""

CALLED = frozenset(
    "archive authorized_key blockinfile command cron file find gem get_url getent git git_config group homebrew "
    "homebrew_cask homebrew_tap hostname ini_file known_hosts lineinfile mas npm osx_defaults pamd ping pip pipx "
    "replace setup shell slurp ssh_config stat sysctl tempfile timezone unarchive uri user wait_for".split()
)
"""Modules that Ansible has as such. What it does by an action on the controller alone writes down no call."""

UNSET: dict[str, dict[str, Any]] = {
    "archive": {"exclusion_patterns": None},
    "command": {"_raw_params": None, "_uses_shell": False},
    "copy": {"_original_basename": None, "content": None},
    "file": {"_diff_peek": None, "_original_basename": None},
    "find": {"encoding": None, "excludes": None},
    "get_url": {"ciphers": None, "headers": None},
    "getent": {"key": None},
    "git": {"gpg_allowlist": [], "verify_commit": False},
    "homebrew": {"name": None},
    "homebrew_cask": {"name": None},
    "ini_file": {"section_has_values": None, "values": None},
    "mas": {"id": None},
    "pip": {"name": None, "virtualenv_command": "virtualenv"},
    "pipx": {"global": False, "inject_packages": None, "spec_metadata": None, "state": "install"},
    "shell": {"_raw_params": None, "_uses_shell": True, "argv": None, "expand_argument_vars": True},
    "ssh_config": {"other_options": None},
    "unarchive": {"io_buffer_size": 65536},
    "uri": {"ciphers": None},
    "user": {"generate_ssh_key": None},
}
"""What Ansible holds of arguments that were not given, where ours begin with something else."""


def called(module: Module[Any], args: Args, result: Result) -> Result:
    """``result`` with the call that led to it, where Ansible's module of this name writes that down."""
    if "invocation" in result.data or result.unreachable or result.unknown:
        return result
    if module.name in CALLED:
        told = {name: _came_to(name, value, result.data) for name, value in _arguments(module, args).items()}
        return _with(result, {"module_args": told})
    if module.name in ("copy", "template") and not result.failed:
        return _with(result, _brought(args.given, result, is_template=module.name == "template"))
    return result


def _with(result: Result, call: Mapping[str, Any]) -> Result:
    return result.but(data={**result.data, "invocation": call})


def _arguments(module: Module[Any], args: Args) -> dict[str, Any]:
    """All that Ansible's module takes, and the aliases that were used."""
    held = dict(UNSET.get(module.name, {}))
    for field, names in spellings(module):
        if names[0] in module.args.unlisted:
            continue
        if field in args.model_fields_set:
            is_raw = names[0] in AS_GIVEN or (module.name, names[0]) == ("osx_defaults", "value")
            held[names[0]] = args.given.get(names[0]) if is_raw else getattr(args, field)
        else:
            held.setdefault(names[0], getattr(args, field))
    if module.name in COMMANDS and RAW in args.given:
        held |= {RAW: args.given[RAW], "cmd": None}
    others = {name: value for name, value in args.given.items() if name not in held}
    return held | {name: value for name, value in others.items() if name not in module.args.unlisted}


def _came_to(name: str, value: Any, data: Mapping[str, Any]) -> Any:
    if value is not None and name in SECRETS:
        return HELD
    known = data.get(name, data.get("dest" if name == "path" else "path"))
    if name in PATHS and isinstance(value, str) and value.startswith(("~", "$")) and isinstance(known, str):
        return known
    return value


def _brought(given: Mapping[str, Any], result: Result, *, is_template: bool) -> dict[str, Any]:
    """The call behind ``copy`` and ``template``: of the module ``copy`` where that wrote a file, of ``file`` where it
    was right already, and the task's own words where neither was asked."""
    data = result.data
    if "uid" not in data or ("checksum" not in data and not given.get("remote_src")):
        words = {"follow": False, "mode": None, **_common(given, "dest", "follow", "mode")} if is_template else given
        if "content" not in words:
            return {**words, "module_args": dict(words)}
        return {**words, "content": CENSORED, "module_args": {**words, "content": HELD}}
    dest = data.get("dest", data.get("path"))
    name = posixpath.basename(str(given.get("src") or "")) or None
    if given.get("remote_src"):
        return {"module_args": {**_unset("copy"), **given}}
    if result.changed and "md5sum" in data:
        asked = _common(given, *_unset("copy")) | {"content": None, "src": data.get("src"), "dest": dest}
        return {"module_args": {**_unset("copy"), **asked, "_original_basename": name, "checksum": data["checksum"]}}
    asked = _common(given, "attributes", "group", "mode", "owner", "selevel", "serole", "setype", "seuser")
    found = {"dest": dest, "path": dest, "state": "file", "_original_basename": name}
    return {"module_args": {**_unset("file"), **asked, **found}}


def _common(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _unset(name: str) -> dict[str, Any]:
    """What the module ``name`` holds before anything is given."""
    module = find(name)
    assert module is not None
    held: dict[str, Any] = {}
    for field, names in spellings(module):
        known = module.args.model_fields[field]
        if names[0] not in module.args.unlisted:
            held[names[0]] = None if known.is_required() else known.get_default(call_default_factory=True)
    return held | UNSET.get(name, {})
