"""Runs one plug-in that belongs to no task: an inventory's, or one of variables.

Lines of JSON as for action plug-ins: what is told comes first, the plug-in's side asks, the last line is the answer.
Text that may be a template is ``{"__template": TEXT}`` in either direction.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import Any

_modules: Any = importlib.import_module("run")


def main() -> None:
    """Read what is told, run the plug-in, tell its answer or why there is none."""
    controller: Any = importlib.import_module("ansible._controller")
    template: Any = importlib.import_module("ansible.template")
    told = template.unmarked(controller.begin())
    try:
        _modules.provide(told)
        answer = {"value": template.marked(WORK[told["kind"]](told))}
    except Exception as error:
        answer = {"error": ": ".join(_modules.reasons(error))}
    controller.end(answer)


def inventory(told: dict[str, Any]) -> list[list[Any]] | None:
    """What the plug-in makes of the source ``path``, step by step; None where it does not read such a source."""
    data: Any = importlib.import_module("ansible.inventory.data").InventoryData(told["inventory"])
    loader = importlib.import_module("ansible.parsing.dataloader").DataLoader()
    plugin = made(told, "InventoryModule", told["plugin"])
    if not plugin.verify_file(told["path"]):
        return None
    plugin.parse(data, loader, told["path"], cache=True)
    steps: list[list[Any]] = data.steps
    return steps


def variables(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The variables of each of the hosts or groups ``names``, of all plug-ins together."""
    loader = importlib.import_module("ansible.parsing.dataloader").DataLoader()
    entity: Any = importlib.import_module("ansible.inventory.data")
    kind = entity.Group if told["of"] == "group_vars" else entity.Host
    plugins = [made(told, "VarsModule", each) for each in told["plugins"]]
    combined: Any = importlib.import_module("ansible.utils.vars").combine_vars
    found = []
    for name in told["names"]:
        values: dict[str, Any] = {}
        for plugin in plugins:
            if hasattr(plugin, "get_vars"):
                more = plugin.get_vars(loader, told["directory"], [kind(name)])
            else:  # the older entry points
                more = (plugin.get_group_vars if kind is entity.Group else plugin.get_host_vars)(name)
            values = combined(values, more or {}, merge=told["merges"])
        found.append(values)
    return found


def cache(told: dict[str, Any]) -> None:
    """Does with the cache what it is asked to, until nobody asks any more."""
    controller: Any = importlib.import_module("ansible._controller")
    plugin = made(told, "CacheModule", told["plugin"])
    answer: Any = None
    while True:
        what, *given = controller.ask("next", answer=answer)
        try:
            answer = getattr(plugin, what)(*given)
        except KeyError:
            answer = None
        answer = list(answer) if what == "keys" else answer


def made(told: dict[str, Any], class_name: str, plugin: dict[str, Any]) -> Any:
    """An object of the plug-in's class, with its options."""
    wanted = getattr(_loaded(told, plugin), class_name)
    found = wanted.__new__(wanted)
    found._load_name, found.ansible_name = plugin["name"].rpartition(".")[2], plugin["name"]
    found._options = dict(plugin["options"])
    found.__init__()
    return found


def _loaded(told: dict[str, Any], plugin: dict[str, Any]) -> Any:
    path = os.path.abspath(plugin["path"])
    parts = os.path.splitext(path)[0].split(os.sep)
    if "ansible_collections" in parts:
        top = parts.index("ansible_collections")
        sys.path.append(os.sep.join(parts[:top]))
        return importlib.import_module(".".join(parts[top:]))
    spec: Any = importlib.util.spec_from_file_location(f"ansible.plugins.{told['kind']}.{parts[-1]}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


WORK = {"cache": cache, "inventory": inventory, "vars": variables}

if __name__ == "__main__":
    main()
