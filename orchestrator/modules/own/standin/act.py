"""Runs one action plug-in: ``python act.py``, with all that it is told as the first line of stdin.

What the plug-in then asks for – a module on the node, a variable, a file – goes line by line, as JSON, to what was
stdout, and its answers come on stdin; the last line is its result. What it raises is told in ansible-core's words.
"""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import sys
from typing import Any

_modules: Any = importlib.import_module("run")
"""How modules are run, beside this file."""


class Unsendable(Exception):
    """A result that Ansible's worker could not hand over."""


def main() -> None:
    """Read what is told, run the plug-in, tell its result."""
    controller: Any = importlib.import_module("ansible._controller")
    told = controller.begin()
    try:
        result = run(told)
    except Exception as error:
        result = failed(error, told)
    controller.end(result)


def run(told: dict[str, Any]) -> dict[str, Any]:
    """The plug-in's result, with what it warned of."""
    _modules.provide(told)
    around: Any = importlib.import_module("ansible.plugins.action._surroundings")
    warnings: Any = importlib.import_module("ansible.module_utils.common.warnings")
    surroundings = around.made_of(told)
    listen(warnings)
    action = loaded(told).ActionModule(**surroundings)
    try:
        result = action.run(task_vars=surroundings["templar"].available_variables)
    finally:
        action.cleanup()
    try:
        pickle.dumps(result)
    except Exception as error:
        raise Unsendable(f"Task result omitted due to queue send failure: {error}") from None
    for name in ("warnings", "deprecations"):
        if said := getattr(warnings, f"get_{name[:-1]}_messages")():
            result[name] = [*result.get(name, ()), *said]
    return dict(result)


def listen(warnings: Any) -> None:
    """Have what a plug-in displays as a warning told with its result."""
    display: Any = importlib.import_module("ansible.utils.display").Display
    display.warning = lambda _self, msg, *_how, **_more: warnings.warn(msg)
    display.deprecated = lambda _self, msg, *when, **more: warnings.deprecate(msg, *when[:1], **more)


def loaded(told: dict[str, Any]) -> Any:
    """The plug-in's file as a module, under the name that Ansible gives it."""
    name, path = told["name"], told["path"]
    if told["collection"]:
        namespace, collection, short = name.split(".", 2)
        return importlib.import_module(f"ansible_collections.{namespace}.{collection}.plugins.action.{short}")
    spec: Any = importlib.util.spec_from_file_location(f"ansible.plugins.action.{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def failed(error: Exception, told: dict[str, Any]) -> dict[str, Any]:
    """The result that an exception stands for."""
    shown = _modules.trace(error) if told["task"]["verbosity"] >= 3 else {}
    contributed = getattr(error, "result", None)
    if isinstance(contributed, dict):  # an AnsibleAction: it says itself what the task comes to
        return {**(shown if contributed.get("failed") else {}), **contributed}
    why = f": {': '.join(_modules.reasons(error))}" if str(error) else "."
    is_said = isinstance(error, Unsendable)
    return {"failed": True, "msg": str(error) if is_said else f"Task failed{why}", **shown}


if __name__ == "__main__":
    main()
