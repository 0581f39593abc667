"""Inventory sources of every kind, merged in order: files, directories, scripts, lists of hosts, and their
variables files.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

from orchestrator.language.ansible_cfg import IGNORED_ENDS, INVENTORY_FORMS
from orchestrator.language.inventory.assembly import Assembly, Judge, Plugins, Warn, reconcile
from orchestrator.language.inventory.constructed import NAMES, read_constructed
from orchestrator.language.inventory.generator import NAMES as GENERATORS
from orchestrator.language.inventory.generator import read_generator
from orchestrator.language.inventory.ini import read_ini
from orchestrator.language.inventory.mapping import read_mapping
from orchestrator.language.inventory.names import hosts_in
from orchestrator.language.inventory.plugged import read_plugged
from orchestrator.language.inventory.script import TIMEOUT_S, is_script, read_script
from orchestrator.language.load import OpenVault, decode, load_file, load_text, read_bytes
from orchestrator.language.reading import Combine, combine
from orchestrator.language.vars_files import find_vars_files, load_vars_files
from orchestrator.model.errors import InventoryError, UserError
from orchestrator.model.frozen import frozen
from orchestrator.model.hosts import Inventory
from orchestrator.model.place import Place, Text

_IGNORED_NAMES = ("host_vars", "group_vars", "vars_plugins")
_YAML_ENDS = (".yml", ".yaml", ".json")
_LOOKS_LIKE_YAML = re.compile(r"^(---|\s*[\w.\"'-]+\s*:(\s|$))", re.MULTILINE)
_HAS_SECTION = re.compile(r"^\s*\[[^\]]+\]\s*$", re.MULTILINE)

VarsKind = Literal["group_vars", "host_vars"]


class Brought(Protocol):
    """Variables of hosts and groups that plug-ins of the user's bring, beside those in files."""

    def __call__(self, directory: str, kind: str, names: Iterable[str], *, is_task: bool) -> Mapping[str, Any]:
        """What they say of each of ``names``; ``is_task``: the directory is the playbook's, not an inventory's."""
        ...


@frozen
class Wanted:
    """What is read: the ``forms`` (Ansible's names of inventory plug-ins) alone; of directories no file whose name ends
    in one of ``ignored_ends`` or matches one of ``ignored_patterns``."""

    forms: tuple[str, ...] = INVENTORY_FORMS
    ignored_ends: tuple[str, ...] = IGNORED_ENDS
    ignored_patterns: tuple[str, ...] = ()

    def passes_over(self, name: str) -> bool:
        if name.startswith(".") or name in _IGNORED_NAMES or name.endswith(self.ignored_ends):
            return True
        return any(re.search(each, name) for each in self.ignored_patterns)

    def check(self, source: str, *forms: str) -> None:
        """Raises InventoryError where none of ``forms`` is wanted."""
        if not {each.rpartition(".")[2] for each in self.forms} & set(forms):
            raise InventoryError(
                f"the inventory {source} cannot be read",
                place=Place(source),
                evidence=f"enabled are {', '.join(self.forms) or 'none'}",
                hint=f"enable_plugins in section [inventory] of ansible.cfg must hold {' or '.join(forms)}",
            )


def load_inventory(
    sources: Sequence[str],
    *,
    open_vault: OpenVault | None = None,
    hash_behaviour: Combine = "replace",
    warn: Warn | None = None,
    script_timeout_s: float = TIMEOUT_S,
    broken: Callable[[InventoryError], None] | None = None,
    judge: Judge | None = None,
    makes_valid: bool = False,
    open_beside: OpenVault | None = None,
    wanted: Wanted | None = None,
    plugins: Plugins | None = None,
    brought: Brought | None = None,
) -> Inventory:
    """The inventory that ``sources`` describe together: paths of files, directories or scripts, or
    ``host1,host2,``.

    group_vars/ and host_vars/ beside the sources are read as well. ``warn`` is told what Ansible would warn
    of. ``broken`` is told of a file that is missing or wrong, which is then passed over; without it, that raises
    InventoryError (placed). ``judge`` evaluates the expressions of ``plugin: constructed`` and ``generator``; without
    it such a source is refused. ``makes_valid``: in names of groups, what could be in no variable's name becomes ``_``.
    ``open_beside`` opens vaulted files of group_vars/ and host_vars/ where ``open_vault`` is not to. ``plugins`` read
    sources, ``brought`` brings variables: they are the user's own.
    """
    wanted = wanted or Wanted()
    inventory = Inventory()
    inventory.groups["all"].children.append("ungrouped")
    into = Assembly(inventory, warn or (lambda message: None), open_vault, hash_behaviour, judge, makes_valid, plugins)
    for number, source in enumerate(sources, 1):
        inventory.directories = tuple(dict.fromkeys(filter(None, map(_vars_directory, sources[:number]))))
        for file in _files(source, wanted):
            try:
                _source(file, into, script_timeout_s, wanted)
            except InventoryError as error:
                if broken is None:
                    raise
                broken(error)
    reconcile(inventory, into.warn)
    inventory.sources = tuple(sources)
    load_beside(inventory, open_beside or open_vault, hash_behaviour, brought=brought)
    return inventory


def _files(source: str, wanted: Wanted) -> Iterable[str]:
    """The source itself, or those below it where it is a directory."""
    path = os.path.abspath(os.path.expanduser(source))
    if not os.path.isdir(path):
        yield source
        return
    for name in sorted(os.listdir(path)):
        if not wanted.passes_over(name):
            yield from _files(os.path.join(path, name), wanted)


def _source(source: str, into: Assembly, timeout_s: float, wanted: Wanted) -> None:
    if "," in source and not os.path.exists(source):
        wanted.check(source, "host_list", "advanced_host_list")
        _host_list(source, into)
        return
    path = os.path.abspath(os.path.expanduser(source))
    if not os.path.exists(path):
        hint = "for one host, put a comma behind its name" if "/" not in source else "give -i the path of an inventory"
        raise InventoryError(f"there is no inventory at {source}", place=Place(source), hint=hint)
    into.source = path
    if any(read_plugged(form, path, into) for form in wanted.forms if form not in INVENTORY_FORMS):
        return
    if is_script(path):
        wanted.check(source, "script")
        read_script(path, into, timeout_s)
    else:
        _file(path, into, wanted)


def _host_list(source: str, into: Assembly) -> None:
    into.source = source
    for part in source.split(","):
        if name := part.strip():
            names, port = hosts_in(name, Place("-i"))
            for each in names:
                into.host(each, "ungrouped", port)


def _file(path: str, into: Assembly, wanted: Wanted) -> None:
    raw, is_secret = read_bytes(path, into.open_vault, InventoryError)
    text = decode(raw, path, InventoryError)
    end = os.path.splitext(path)[1]
    if end == ".toml":
        wanted.check(path, "toml")
        read_mapping(_toml(text, path), path, into)
    elif end in _YAML_ENDS or (not end and _is_yaml(text, path)):
        data = load_text(text, path, error=InventoryError, is_secret=is_secret)
        plugin = str(data.get("plugin", "")).rpartition(".")[2] if isinstance(data, dict) else ""
        wanted.check(path, *(("auto", plugin) if plugin else ("yaml",)))
        _yaml(data, path, into)
    else:
        wanted.check(path, "ini")
        read_ini(text, path, into)


def _yaml(data: Any, path: str, into: Assembly) -> None:
    if into.judge is not None and isinstance(data, dict) and data.get("plugin") in NAMES:
        read_constructed(data, path, into, into.judge, functools.partial(_vars_of, into))
    elif into.judge is not None and isinstance(data, dict) and data.get("plugin") in GENERATORS:
        read_generator(data, path, into, into.judge)
    elif isinstance(data, dict) and into.plugins is not None and into.plugins.has(name := str(data.get("plugin"))):
        if not read_plugged(name, path, into):
            raise InventoryError(f"the inventory plugin {name!r} does not read such a source", place=Place(path))
    else:
        read_mapping(data, path, into)


def _vars_of(into: Assembly, host: str, is_deep: bool) -> dict[str, Any]:
    """What is known of ``host`` by now; with ``is_deep``, its group_vars/ and host_vars/ as well."""
    inventory, how = into.inventory, into.hash_behaviour
    groups = inventory.groups_of(host)

    def beside(kind: VarsKind, name: str) -> list[dict[str, Any]]:
        places = inventory.directories if is_deep else ()
        return [load_vars_dir(each, kind, name, open_vault=into.open_vault, hash_behaviour=how) for each in places]

    levels = [
        *(group.vars for group in groups),
        *(found for group in groups for found in beside("group_vars", group.name)),
        inventory.hosts[host].vars,
        *beside("host_vars", host),
    ]
    names = sorted(group.name for group in groups if group.name != "all")
    magic = {"inventory_hostname": host, "inventory_hostname_short": host.split(".")[0], "group_names": names}
    return functools.reduce(lambda below, above: combine(below, above, how), [*levels, magic], {})


def _is_yaml(text: str, path: str) -> bool:
    """Whether a file without an extension is YAML: it reads as a mapping, or cannot be read but looks like
    one.
    """
    try:
        return isinstance(load_text(text, path), dict)
    except UserError:
        return bool(_LOOKS_LIKE_YAML.search(text)) and not _HAS_SECTION.search(text)


def _toml(text: str, path: str) -> Any:
    import tomllib

    try:
        return _placed(tomllib.loads(text), Place(path))
    except tomllib.TOMLDecodeError as cause:
        found = re.search(r"line (\d+), column (\d+)", str(cause))
        place = Place(path, int(found[1]), int(found[2])) if found else Place(path)
        raise InventoryError(f"this is not TOML: {cause}", place=place) from cause


def _placed(value: Any, place: Place) -> Any:
    if isinstance(value, dict):
        return {Text(key, place): _placed(each, place) for key, each in value.items()}
    if isinstance(value, list):
        return [_placed(each, place) for each in value]
    return Text(value, place) if isinstance(value, str) else value


def _vars_directory(source: str) -> str | None:
    """The directory whose group_vars/ and host_vars/ belong to ``source``."""
    if "," in source and not os.path.exists(source):
        return None
    path = os.path.abspath(os.path.expanduser(source))
    return path if os.path.isdir(path) else os.path.dirname(path)


def load_vars_dir(
    directory: str,
    kind: VarsKind,
    name: str,
    *,
    open_vault: OpenVault | None = None,
    hash_behaviour: Combine = "replace",
) -> dict[str, Any]:
    """The variables of the group or host ``name`` in ``directory``/group_vars or /host_vars; empty where
    there are none.
    """
    if "/" in name or name in ("", ".", ".."):
        return {}
    files = find_vars_files(os.path.join(directory, kind), name)
    return load_vars_files(files, lambda path: load_file(path, open_vault), hash_behaviour)


def load_beside(
    inventory: Inventory,
    open_vault: OpenVault | None,
    how: Combine,
    names: Container[str] | None = None,
    brought: Brought | None = None,
) -> None:
    """Read group_vars/ and host_vars/ beside the sources for every group and host, or for those of ``names``; what is
    ``brought`` stands over that."""
    for directory in inventory.directories:
        kinds: dict[VarsKind, Any] = {"group_vars": inventory.groups, "host_vars": inventory.hosts}
        for kind, entities in kinds.items():
            for name, entity in _named_in(os.path.join(directory, kind), entities):
                if names is not None and name not in names:
                    continue
                found = load_vars_dir(directory, kind, name, open_vault=open_vault, hash_behaviour=how)
                entity.file_vars = combine(entity.file_vars, found, how)
            chosen = [name for name in entities if names is None or name in names] if brought else []
            for name, values in brought(directory, kind, chosen, is_task=False).items() if brought else ():
                entities[name].file_vars = combine(entities[name].file_vars, dict(values), how)


def _named_in(directory: str, entities: Any) -> Iterable[tuple[str, Any]]:
    """Those entities for which the directory may hold something, so that 10,000 hosts do not mean 40,000
    looks.
    """
    if not os.path.isdir(directory):
        return []
    there = {name.removesuffix(end) for name in os.listdir(directory) for end in ("", *_YAML_ENDS)}
    return [(name, entity) for name, entity in entities.items() if name in there]
