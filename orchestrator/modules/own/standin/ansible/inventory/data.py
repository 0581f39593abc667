"""Hosts and groups as inventory plug-ins see and change them; each change is kept as a step, to be told."""

from __future__ import annotations

from typing import Any

from ..errors import AnsibleError


class _Entity:
    """A host or a group: a name and variables."""

    def __init__(self, name: str = "", steps: list[list[Any]] | None = None) -> None:
        self.name, self.vars = name, dict[str, Any]()
        self._steps = [] if steps is None else steps

    def __str__(self) -> str:
        return self.name

    def get_name(self) -> str:
        """Its name."""
        return self.name

    def get_vars(self) -> dict[str, Any]:
        """Its own variables."""
        return dict(self.vars)

    def set_variable(self, key: str, value: Any) -> None:
        """Give it a variable."""
        self.vars[key] = value
        self._steps.append(["set", self.name, key, value])


class Group(_Entity):
    """A group."""

    def __init__(self, name: str = "", steps: list[list[Any]] | None = None) -> None:
        super().__init__(name, steps)
        self.hosts = list[Host]()
        self.child_groups, self.parent_groups = list[Group](), list[Group]()

    def get_hosts(self) -> list[Host]:
        """Its hosts, those of its children among them."""
        below = [host for child in self.child_groups for host in child.get_hosts()]
        return list(dict.fromkeys([*self.hosts, *below]))


class Host(_Entity):
    """A host."""

    def __init__(self, name: str = "", steps: list[list[Any]] | None = None) -> None:
        super().__init__(name, steps)
        self.address, self.groups = name, list[Group]()

    def get_groups(self) -> list[Group]:
        """The groups that hold it."""
        return list(self.groups)

    def get_vars(self) -> dict[str, Any]:
        """Its own variables, and its name."""
        return {**self.vars, "inventory_hostname": self.name, "inventory_hostname_short": self.name.split(".")[0]}


class InventoryData:
    """``self.inventory``. ``known``: what earlier sources have brought."""

    def __init__(self, known: dict[str, Any]) -> None:
        self.steps: list[list[Any]] = []
        self.hosts: dict[str, Host] = {}
        self.groups: dict[str, Group] = {}
        self.localhost = None
        for name, group in known["groups"].items():
            self.add_group(name)
            self.groups[name].vars = group["vars"]
        for name, variables in known["hosts"].items():
            self.add_host(name)
            self.hosts[name].vars = variables
        for name, group in known["groups"].items():
            for child in (*group["hosts"], *group["children"]):
                self.add_child(name, child)
        self.steps.clear()

    def add_group(self, group: str) -> str:
        """The group exists."""
        if not isinstance(group, str) or not group:
            raise AnsibleError(f"Invalid group name provided: {group!r}")
        if group not in self.groups:
            self.groups[group] = Group(group, self.steps)
            self.steps.append(["group", group])
        return group

    def add_host(self, host: str, group: str | None = None, port: int | None = None) -> str:
        """The host exists, and belongs to ``group``."""
        if not isinstance(host, str) or not host:
            raise AnsibleError(f"Invalid host name provided: {host!r}")
        if group is not None and group not in self.groups:
            raise AnsibleError(f"Could not find group {group} in inventory")
        if host not in self.hosts:
            self.hosts[host] = Host(host, self.steps)
        self.steps.append(["host", host, group, port])
        if group is not None and self.hosts[host] not in self.groups[group].hosts:
            self.groups[group].hosts.append(self.hosts[host])
            self.hosts[host].groups.append(self.groups[group])
        return host

    def add_child(self, group: str, child: str) -> bool:
        """The host or group ``child`` stands below ``group``."""
        if group not in self.groups:
            raise AnsibleError(f"{group} is not a known group")
        if child in self.groups:
            self.groups[group].child_groups.append(self.groups[child])
            self.groups[child].parent_groups.append(self.groups[group])
            self.steps.append(["child", group, child])
        elif child in self.hosts:
            self.add_host(child, group)
        else:
            raise AnsibleError(f"{child} is not a known host nor group")
        return True

    def set_variable(self, entity: str, varname: str, value: Any) -> None:
        """Give a host or group a variable."""
        if entity not in self.groups and entity not in self.hosts:
            raise AnsibleError(f"Could not identify group or host named {entity}")
        (self.groups.get(entity) or self.hosts[entity]).set_variable(varname, value)

    def get_host(self, hostname: str) -> Host | None:
        """The host, or None."""
        return self.hosts.get(hostname)

    def get_groups_dict(self) -> dict[str, list[str]]:
        """Group → names of its hosts."""
        return {name: [host.name for host in group.get_hosts()] for name, group in self.groups.items()}

    def reconcile_inventory(self) -> None:
        """Done where the steps are carried out."""
