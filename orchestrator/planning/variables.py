"""What a task knows on a host: variables of twenty-two levels, and those that the run says of itself.

The order is Ansible's ("Understanding variable precedence" in its user guide, and ansible-core 2.19's vars/manager.py);
it stands once, in ``PRECEDENCE``, and ``Variables.layers`` follows it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from orchestrator.language.tree import Block, Node, Play, Role
from orchestrator.model.frozen import frozen
from orchestrator.model.hosts import Inventory
from orchestrator.planning.facts import HostState
from orchestrator.planning.filters.collections import merged
from orchestrator.planning.hostvars import HostVars
from orchestrator.planning.layers import Layers
from orchestrator.planning.magic import Magic, Moment, RunFacts
from orchestrator.planning.plugins import Plugins
from orchestrator.planning.render import BARE, Renderer
from orchestrator.planning.surroundings import Surroundings

if TYPE_CHECKING:
    from orchestrator.planning.fact_cache import FactCache

Values = Mapping[str, Any]
IMPLICIT: Final[Values] = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
"""What Ansible sets for this machine where no inventory names it."""
HERE: Final = ("localhost", "127.0.0.1", "::1")
NOTHING: Final[Values] = {}

PRECEDENCE: Final = (
    "command line values",
    "role defaults",
    "inventory group vars",
    "inventory group_vars/all",
    "playbook group_vars/all",
    "inventory group_vars/*",
    "playbook group_vars/*",
    "inventory host vars",
    "inventory host_vars/*",
    "playbook host_vars/*",
    "host facts and cached set_facts",
    "play vars",
    "play vars_prompt",
    "play vars_files",
    "role vars",
    "block vars",
    "task vars",
    "include_vars",
    "set_facts and registered vars",
    "role and include_role params",
    "include params",
    "extra vars",
)
"""From weakest to strongest. Loop variables and the run's own names stand above all."""


@frozen(kw_only=True)
class Beside:
    """Variables from group_vars/ and host_vars/ beside the playbook, by group and by host."""

    groups: Callable[[str], Values] = lambda _group: NOTHING
    hosts: Callable[[str], Values] = lambda _host: NOTHING


class Variables:
    """Everything that variables come from in a run of playbooks; asked for each task on each host."""

    def __init__(
        self,
        inventory: Inventory,
        *,
        run: RunFacts,
        extra_vars: Values = NOTHING,
        command_line: Values = NOTHING,
        beside: Beside = Beside(),
        merge: bool = False,
        plugins: Plugins | None = None,
        surroundings: Surroundings = BARE,
        cache: FactCache | None = None,
        inject: bool = True,
    ) -> None:
        self.inventory = inventory
        self.run = run
        self.extra_vars = extra_vars
        self.command_line = command_line
        self.beside = beside
        self.merge = merge
        self.plugins = plugins
        self.surroundings = surroundings
        self.cache = cache
        self.inject = inject
        self.hostvars = HostVars(self)
        self._states: dict[str, HostState] = {}
        self._static: dict[str, dict[str, Any]] = {}
        self._groups: dict[str, list[str]] | None = None
        self._prompted: dict[int, Values] = {}
        self._exported: dict[int, list[Role]] = {}
        self._entered: dict[int, list[Role]] = {}
        self._files: dict[tuple[int, str], tuple[Values, ...]] = {}

    # ---- what a run tells ----------------------------------------------------------------------------------

    def state(self, host: str) -> HostState:
        """What ``host`` gained in this run; change it through this object's own methods where there is one."""
        if (state := self._states.get(host)) is None:
            state = self._states[host] = HostState(injects=self.inject)
            if self.cache and (known := self.cache.facts(host)):
                state.learn(known)
        return state

    def learn(self, host: str, facts: Values) -> None:
        """Facts of ``host``, or a cacheable ``set_fact`` (level 11)."""
        self.state(host).learn(facts)
        if self.cache:
            self.cache.add(host, facts)

    def forget(self, host: str) -> None:
        """Drop all facts of ``host`` (``meta: clear_facts``)."""
        self.state(host).forget()
        if self.cache:
            self.cache.forget(host)

    def set(self, host: str, values: Values) -> None:
        """``set_fact`` and registered results of ``host`` (level 19)."""
        self.state(host).set.update(values)

    def include(self, host: str, values: Values) -> None:
        """``include_vars`` for ``host`` (level 18); mappings of the same name are merged where merging is on."""
        held = self.state(host).included
        held.update(merged(held, values) if self.merge else values)

    def prompted(self, play: Play, values: Values) -> None:
        """The answers to a play's ``vars_prompt`` (level 13)."""
        self._prompted[play.index] = values

    def read_files(self, play: Play, host: str, contents: tuple[Values, ...]) -> None:
        """What a play's ``vars_files`` hold for ``host`` ("": for the play itself), in order (level 14)."""
        self._files[play.index, host] = contents

    def export(self, play: Play, role: Role) -> None:
        """Keep a role's defaults and vars for the rest of the play (``public: true``)."""
        exported = self._exports(play)
        if role not in exported:
            exported.append(role)

    def enter(self, play: Play, roles: list[Role]) -> None:
        """The play has included ``roles``, which its variables of roles' names tell from now on."""
        self._entered.setdefault(play.index, []).extend(roles)

    def inventory_changed(self) -> None:
        """The inventory has grown (``add_host``, ``group_by``)."""
        self._static.clear()
        self._groups = None

    # ---- what is asked -------------------------------------------------------------------------------------

    @property
    def groups(self) -> dict[str, list[str]]:
        """Group → its hosts, as the variable ``groups`` has it."""
        if self._groups is None:
            self._groups = {name: self._members(name) for name in self.inventory.groups}
        return self._groups

    def _members(self, group: str) -> list[str]:
        """The hosts of ``group``, then those of its children, level by level: Ansible's order, so that
        ``groups['db'][0]`` is the host that was named first."""
        groups, found, level = self.inventory.groups, dict.fromkeys([group]), [group]
        while level:
            level = [
                child for name in level for child in groups[name].children if child in groups and child not in found
            ]
            found |= dict.fromkeys(level)
        hosts = dict.fromkeys(host for name in found for host in groups[name].hosts)
        return list(hosts | dict.fromkeys(self.inventory.hosts) if group == "all" else hosts)

    def roles_in(self, play: Play) -> list[Role]:
        """The roles of the play in Ansible's order: those it lists, those it imports, those it has included so far."""
        imported = roles_of((*play.pre_tasks, *play.post_tasks, *play.tasks))
        return [*roles_of(play.roles), *imported, *self._entered.get(play.index, [])]

    def renderer(self, moment: Moment, *, search_path: tuple[str, ...] | None = None) -> Renderer:
        """A renderer that sees what ``moment`` knows."""
        surroundings = self.surroundings if search_path is None else self.surroundings.at(search_path)
        return Renderer(self.layers(moment), plugins=self.plugins, surroundings=surroundings)

    def layers(self, moment: Moment) -> Layers:
        """The variables of a task on a host, as written; strongest first, in the order of ``PRECEDENCE`` reversed."""
        play, host, task = moment.play, moment.host, moment.task
        role = moment.role or (task.role if task is not None else None)
        exported = tuple(reversed(self._exports(play))) if play is not None else ()
        below = (
            self.extra_vars,
            moment.include_params,
            *(each.params for each in _line(role)),
            *((self.state(host).set, self.state(host).included) if host is not None else ()),
            *(reversed(task.keywords.vars) if task is not None else ()),
            *(_role_vars(role) if role is not None else ()),
            *(each.vars for each in exported),
            *(reversed(self._files.get((play.index, host or ""), ())) if play is not None else ()),
            *((self._prompted.get(play.index, NOTHING), play.vars) if play is not None else ()),
            *self._of_host(host),
            *(_role_defaults(role) if role is not None else ()),
            *(each.defaults for each in exported),
            self.command_line,
        )
        known = Layers([layer for layer in below if layer is not NOTHING], merge=self.merge)
        return known.over(moment.loop, Magic(self, moment, known)).above(moment.otherwise)

    def _of_host(self, host: str | None) -> tuple[Values, ...]:
        """Levels 11 down to 3."""
        if host is None:
            return ()
        state = self.state(host)
        return state.injected, {"ansible_facts": state.facts}, self._inventory_vars(host)

    def _inventory_vars(self, host: str) -> Values:
        """Levels 3 to 10 of ``host``, as one mapping, remembered."""
        held = self._static.get(host)
        if held is None:
            held = {}
            for values in self._inventory_levels(host):
                held = merged(held, values) if self.merge else {**held, **values}
            self._static[host] = held
        return held

    def _inventory_levels(self, host: str) -> list[Values]:
        everyone, *nearer = (
            self.inventory.groups_of(host) if host in self.inventory.hosts else [self.inventory.groups["all"]]
        )
        beside = self.beside.groups
        own = self.inventory.hosts.get(host)
        return [
            everyone.vars,
            *(group.vars for group in nearer),
            everyone.file_vars,
            beside("all"),
            *(group.file_vars for group in nearer),
            *(beside(group.name) for group in nearer),
            own.vars if own else IMPLICIT if host in HERE else NOTHING,
            own.file_vars if own else NOTHING,
            self.beside.hosts(host),
        ]

    def _exports(self, play: Play) -> list[Role]:
        """The roles of the play whose defaults and vars every task sees, in running order."""
        if play.index not in self._exported:
            named = roles_of(play.roles) + roles_of((*play.pre_tasks, *play.tasks, *play.post_tasks))
            self._exported[play.index] = [role for role in named if role.public]
        return self._exported[play.index]


def _line(role: Role | None) -> tuple[Role, ...]:
    """A role, then those it runs for, nearest first."""
    return () if role is None else (role, *role.parents)


def _role_vars(role: Role) -> list[Values]:
    """Level 15, strongest first: what the line that uses the role gives, its own vars, those in the files of the roles
    that it depends on, and behind them its parents', whose files stand above what they were given."""
    inherited = [values for each in role.parents for values in (each.vars, each.given_vars)]
    return [role.given_vars, *_file_vars(role), *inherited]


def _file_vars(role: Role) -> list[Values]:
    """The vars in the role's files and in those of the roles it depends on, but not what is given to these."""
    return [role.vars, *(values for each in reversed(role.depends_on) for values in _file_vars(each))]


def _role_defaults(role: Role) -> list[Values]:
    """Level 2, strongest first: its own, its parents', those of the roles it depends on."""
    depended = [values for each in reversed(role.depends_on) for values in _role_defaults(replace(each, parents=()))]
    return [role.defaults, *(each.defaults for each in role.parents), *depended]


def roles_of(nodes: tuple[Node, ...]) -> list[Role]:
    """The roles that ``nodes`` run, dependencies before those who need them, each once."""
    found: list[Role] = []
    for node in nodes:
        if isinstance(node, Block):
            inner = roles_of((*node.body, *node.rescue, *node.always))
            own = [node.role] if node.is_role and node.role is not None else []
            found += [role for role in (*inner, *own) if role not in found]
    return found


__all__ = ["PRECEDENCE", "Beside", "Moment", "RunFacts", "Variables", "roles_of"]
