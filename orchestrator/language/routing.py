"""What the ``meta/runtime.yml`` of collections says: modules that go by another name, and groups of modules.

Source: ansible-core 2.19, ``plugins/loader.py`` and ``playbook/base.py``; for the groups of ansible.builtin, all but
two of which stand for modules of other collections, its own ``ansible_builtin_runtime.yml``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orchestrator.language.load import load_file
from orchestrator.model.errors import RemovedAction, UnknownName

OF_CORE = "ansible.builtin"
BUILTIN_GROUPS: Mapping[str, tuple[str, ...]] = {
    "acme": ("community.crypto.acme",),
    "aws": ("amazon.aws.aws", "community.aws.aws"),
    "azure": ("azure.azcollection.azure",),
    "cpm": ("wti.remote.cpm",),
    "docker": ("community.general.docker", "community.docker.docker"),
    "gcp": ("google.cloud.gcp",),
    "k8s": ("community.kubernetes.k8s", "community.general.k8s", "community.okd.k8s", "kubernetes.core.k8s"),
    "os": ("openstack.cloud.os",),
    "ovirt": ("ovirt.ovirt.ovirt", "community.general.ovirt"),
    "testgroup": ("testns.testcoll.testgroup",),
    "testlegacy": (),
    "vmware": ("community.vmware.vmware",),
}
"""The groups of ansible.builtin, and those of collections that each takes in."""
BUILTIN_MEMBERS = {
    "testgroup": frozenset({"ansible.builtin.ping", "testns.testcoll.ping"}),
    "testlegacy": frozenset({"ansible.legacy.legacy_ping"}),
}
BUILTIN_REDIRECTS = {"formerly_core_ping": "testns.testcoll.ping"}
"""Modules of ansible.builtin that are a collection's by now, of those that orch has not itself."""
KINDS = ("modules", "action")
STEPS = 10
"""How often a name may be handed on before it is taken for a circle."""


class Routing:
    """What collections say of names; each file is read once."""

    def __init__(self, roots: Callable[[], Iterable[str]]) -> None:
        """``roots``: the directories, as known at the moment, in which ``ansible_collections`` lies."""
        self._roots = roots
        self._read: dict[str, Mapping[str, Any]] = {}

    def target(self, full: str) -> str:
        """The name by which the module ``full`` goes by now, itself where nobody has renamed it.

        Raises RemovedAction where it is gone, UnknownName where names lead to one another."""
        name = full
        for _ in range(STEPS):
            entry = self._entry(name)
            if tombstone := entry.get("tombstone"):
                words = f"The {name!r} module has been removed. {tombstone.get('warning_text', '')}"
                raise RemovedAction(words.strip())
            if not isinstance(entry.get("redirect"), str):
                return name
            name = entry["redirect"]
        raise UnknownName(f"{full!r} cannot be found: in meta/runtime.yml, names lead to one another in a circle")

    def plugin(self, kind: str, full: str) -> str:
        """The name by which the plug-in ``full`` of a ``kind`` (filter, test, lookup, connection …) goes by now.

        Raises UnknownName where names lead to one another, or to what is no full name."""
        seen = [full]
        while isinstance(name := self._entry(seen[-1], (kind,)).get("redirect"), str):
            if name in seen:
                raise UnknownName(f"recursive collection redirect found for {full!r}")
            if name.count(".") < 2:
                collection = seen[-1].rpartition(".")[0]
                wrong = f"Collection {collection} contains invalid redirect for {seen[-1]}: {name}."
                raise UnknownName(f"{wrong} Redirects must use fully qualified collection names.")
            seen.append(name)
        return seen[-1]

    def members(self, group: str) -> frozenset[str]:
        """The full names of all modules in the ``group`` of ``module_defaults``, with those of groups it takes in."""
        return self._members(group if group.count(".") > 1 else f"{OF_CORE}.{group}", set())

    def _members(self, full: str, seen: set[str]) -> frozenset[str]:
        if full in seen:
            return frozenset()
        seen.add(full)
        collection, _, name = full.rpartition(".")
        if collection == OF_CORE:
            own, taken_in = BUILTIN_MEMBERS.get(name, frozenset()), BUILTIN_GROUPS.get(name, ())
        else:
            own, taken_in = self._group(collection, full, name)
        return own.union(*(self._members(each, seen) for each in taken_in))

    def _group(self, collection: str, full: str, name: str) -> tuple[frozenset[str], tuple[str, ...]]:
        """The modules that a collection's group names, and the groups it takes in."""
        groups = _mapping(self._of(collection), "action_groups")
        own, taken_in = set[str](), list[str]()
        for entry in groups.get(full) or groups.get(name) or ():
            if isinstance(entry, str):
                own.add(self.target(_in(collection, entry)))
            else:
                wider = _mapping(_mapping({"": entry}, ""), "metadata").get("extend_group") or ()
                taken_in += [_in(collection, str(each)) for each in ([wider] if isinstance(wider, str) else wider)]
        return frozenset(own), tuple(taken_in)

    def _entry(self, full: str, kinds: Iterable[str] = KINDS) -> Mapping[str, Any]:
        """What is said of one plug-in, of whatever kind of ``kinds`` comes first: a module, or else an action."""
        namespace, _, rest = full.partition(".")
        collection, _, name = rest.partition(".")
        if not name or f"{namespace}.{collection}" == OF_CORE:
            return {}
        routes = _mapping(self._of(f"{namespace}.{collection}"), "plugin_routing")
        return next(filter(None, (_mapping(_mapping(routes, kind), name) for kind in kinds)), {})

    def _of(self, collection: str) -> Mapping[str, Any]:
        """The file of the first root that has the collection; empty where there is none."""
        if collection not in self._read:
            paths = (os.path.join(root, "ansible_collections", *collection.split(".")) for root in self._roots())
            there = next(filter(os.path.isdir, paths), "")
            path = os.path.join(there, "meta", "runtime.yml")
            self._read[collection] = _mapping({"": load_file(path) if os.path.isfile(path) else None}, "")
        return self._read[collection]


def _in(collection: str, name: str) -> str:
    return name if name.count(".") > 1 else f"{collection}.{name}"


def _mapping(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The mapping at ``key``; an empty one where there is none."""
    found = given.get(key)
    return found if isinstance(found, dict) else {}
