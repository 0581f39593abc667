"""Hosts and groups as the inventory sources describe them; grown in a run only by ``add_host`` and ``group_by``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Group:
    """A named set of hosts and child groups. ``vars`` come from the source, ``file_vars`` from group_vars beside it."""

    name: str
    vars: dict[str, Any] = field(default_factory=dict)
    file_vars: dict[str, Any] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    priority: int = 1


@dataclass(slots=True)
class Host:
    """One managed node. ``vars`` come from the source, ``file_vars`` from host_vars beside it."""

    name: str
    vars: dict[str, Any] = field(default_factory=dict)
    file_vars: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Inventory:
    """All hosts and groups, in the order they were read. Always holds the groups ``all`` and ``ungrouped``.

    ``sources`` are the paths that were read; ``directories`` are those whose group_vars/ and host_vars/ count.
    """

    hosts: dict[str, Host] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=lambda: {"all": Group("all"), "ungrouped": Group("ungrouped")})
    sources: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()

    def host(self, name: str) -> Host:
        """The host ``name``, created on first mention."""
        return self.hosts.setdefault(name, Host(name))

    def group(self, name: str) -> Group:
        """The group ``name``, created on first mention."""
        return self.groups.setdefault(name, Group(name))

    def members(self, group: str) -> list[str]:
        """Names of all hosts in ``group`` and below it, in inventory order."""
        if group == "all":
            return list(self.hosts)
        below = {name for each in self._below(group) for name in self.groups[each].hosts}
        return [name for name in self.hosts if name in below]

    def groups_of(self, host: str) -> list[Group]:
        """The groups of ``host`` from farthest to nearest: depth, then priority, then name – the order in which
        their variables override one another (Ansible: child over parent, then ansible_group_priority, then name)."""
        names = {name for name, group in self.groups.items() if host in group.hosts}
        while True:
            above = {name for name, group in self.groups.items() if names & set(group.children)} - names
            if not above:
                break
            names |= above
        names.discard("all")
        depths = {name: self._depth(name) for name in names}
        ranked = sorted(names, key=lambda name: (depths[name], self.groups[name].priority, name))
        return [self.groups["all"], *(self.groups[name] for name in ranked)]

    def _below(self, group: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        if group not in self.groups or group in seen:
            return
        yield group
        for child in self.groups[group].children:
            yield from self._below(child, seen | {group})

    def _depth(self, group: str, seen: frozenset[str] = frozenset()) -> int:
        parents = [name for name, each in self.groups.items() if group in each.children and name not in seen]
        return 1 + max((self._depth(name, seen | {group}) for name in parents), default=0)
