"""What a module of the user's own said, as a result: the JSON on its stdout, or why that is none.

Source of the forms: ``_parse_returned_data`` and ``_execute_module`` of ``plugins/action/__init__.py``, and what
ansible-playbook 2.19.14 registers for modules that end in each of these ways.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from orchestrator.model.program import Reply
from orchestrator.model.results import Diff, Effect, Result, SetFacts, SetStats
from orchestrator.modules.own.source import Source

UNTOLD = "Task failed: Action failed: Unknown error."
"""The message of a module that fails by its ``rc`` alone."""
REACHING = frozenset(
    "ansible_connection ansible_host ansible_port ansible_user ansible_password ansible_ssh_pass ansible_timeout "
    "ansible_private_key_file ansible_pipelining ansible_shell_type ansible_shell_executable ansible_playbook_python "
    "ansible_remote_tmp ansible_become ansible_async_dir ansible_facts".split()
)
"""Facts by which a module could change how its host is reached; Ansible drops them, too."""
_STEERS = re.compile(r"ansible_(?:ssh|local|winrm|psrp|paramiko_ssh|become)_\w+|ansible_\w+_interpreter", re.ASCII)


def answered(reply: Reply, interpreter: str, source: Source) -> Result:
    """The result that the module's stdout tells. ``interpreter``: the words that started it."""
    rc = int(reply.first("rc") or "-1")
    stdout, stderr = (stream.decode("utf-8", "replace") for stream in (reply.stdout, reply.stderr))
    try:
        text, junk = json_in(stdout)
        data = json.loads(text)
    except ValueError as error:
        why = f"Module result deserialization failed: {error}"
        if "stdout" in reply.capped:
            why = "the module said more than is taken of it, so that its answer is incomplete"
        elif rc == 127 and interpreter and re.search("not found|no such file", stderr, re.IGNORECASE):
            why = f"The module interpreter {interpreter!r} was not found."
        elif rc == 126 and interpreter:
            why = f"The module interpreter {interpreter!r} may not be started by this user."
        return Result(failed=True, msg=why, data={"module_stdout": stdout, "module_stderr": stderr, "rc": rc})
    result = result_of(data, source)
    return result.but(warnings=(*_junk(junk), *result.warnings))


def _junk(text: str) -> list[str]:
    return [f"Module invocation had junk after the JSON data: {text}"] if text else []


def json_in(text: str) -> tuple[str, str]:
    """The lines of ``text`` from the first that begins an object to the last that ends one, and what stands behind
    them. Raises ValueError where there is none."""
    lines = text.splitlines()
    first = next((at for at, line in enumerate(lines) if line.strip().startswith("{")), None)
    if first is None:
        raise ValueError("No start of json char found")
    last = next((at for at in reversed(range(first, len(lines))) if lines[at].strip().endswith("}")), None)
    if last is None:
        raise ValueError("No end of json char found")
    return "\n".join(lines[first : last + 1]), "\n".join(lines[last + 1 :]).strip()


def result_of(said: Mapping[str, Any], source: Source) -> Result:
    """The result that the JSON object of the module ``source`` stands for."""
    data: dict[str, Any] = without_inner(said)
    warnings, deprecations = (_list(data.pop(name, None)) for name in ("warnings", "deprecations"))
    if "results" in data and not isinstance(data["results"], list | dict):
        data["ansible_module_results"] = data.pop("results")
    for name in ("stdout", "stderr"):
        if name in data and f"{name}_lines" not in data:
            data[f"{name}_lines"] = str(data[name] or "").splitlines()
    failed = bool(data.pop("failed", data.get("rc", 0) not in (0, "0")))
    msg = data.pop("msg", UNTOLD if failed else None)
    if msg is not None and not isinstance(msg, str):
        data["msg"], msg = msg, None
    effects = () if failed else tuple(_effects(data))
    diff = data.get("diff")
    return Result(
        changed=_is_true(data.pop("changed", False)),
        failed=failed,
        skipped=_is_true(data.pop("skipped", False)),
        msg=msg,
        diff=tuple(_diff(each) for each in (diff if isinstance(diff, list) else [diff]) if isinstance(each, dict)),
        data=data,
        effects=effects,
        warnings=tuple(map(str, warnings)),
        deprecations=tuple(_deprecation(each, source) for each in deprecations),
    )


def without_inner(value: Any) -> Any:
    """``value`` without the keys that are between Ansible and its modules, at any depth."""
    if isinstance(value, dict):
        return {name: without_inner(each) for name, each in value.items() if not str(name).startswith("_ansible_")}
    return [without_inner(each) for each in value] if isinstance(value, list) else value


def _list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [] if said is None else [said]


def _deprecation(said: Any, source: Source) -> Mapping[str, Any]:
    """What a module says will go away, with whose it is where the module says nothing of that."""
    told = dict(said) if isinstance(said, dict) else {"msg": str(said)}
    owner = told.get("collection_name")
    mine = {"resolved_name": source.full_name, "type": "module"}
    told["deprecator"] = {"resolved_name": owner, "type": None} if owner else mine
    return {**told, "collection_name": owner or source.collection or "ansible.legacy"}


def _is_true(value: Any) -> bool:
    return str(value).lower() in ("true", "yes", "on", "1")


def _effects(data: Mapping[str, Any]) -> list[Effect]:
    """What the module's facts and statistics mean for the run."""
    found: list[Effect] = []
    if isinstance(facts := data.get("ansible_facts"), dict):
        kept = {str(name): value for name, value in facts.items() if not steers(str(name))}
        found.append(SetFacts(values=kept, discovered=True))
    stats = data.get("ansible_stats")
    if isinstance(stats, dict) and isinstance(stats.get("data"), dict):
        is_of_host, is_sum = bool(stats.get("per_host", False)), bool(stats.get("aggregate", True))
        found.append(SetStats(data=stats["data"], per_host=is_of_host, aggregate=is_sum))
    return found


def steers(name: str) -> bool:
    """Whether a fact of this ``name`` could change how the host is reached, or what runs there."""
    is_key = name.startswith("ansible_ssh_host_key_")
    return not is_key and (name in REACHING or bool(_STEERS.fullmatch(name)))


def _diff(said: Mapping[str, Any]) -> Diff:
    """A diff as a module tells it; ``prepared`` text is shown as an addition."""
    if "prepared" in said:
        return Diff("", str(said["prepared"]))
    before, after = (_as_text(said.get(each, "")) for each in ("before", "after"))
    return Diff(before, after, str(said.get("before_header", "")), str(said.get("after_header", "")))


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=4, sort_keys=True, default=str) + "\n"
