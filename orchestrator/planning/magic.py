"""The names a run says of itself: ``inventory_hostname``, ``groups``, ``hostvars`` and their like; made when asked."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, Final, Protocol

from orchestrator.language.tree import Play, Role, Task
from orchestrator.model.frozen import frozen
from orchestrator.model.hosts import Inventory
from orchestrator.planning.layers import Layers

ANSIBLE_VERSION: Final = {"full": "2.19.14", "major": 2, "minor": 19, "revision": 14, "string": "2.19.14"}
"""The language we speak: playbooks that ask for a version of Ansible ask for this."""

ABSENT: Final = object()


@frozen(kw_only=True)
class RunFacts:
    """What holds for a whole run. ``playbook_dir`` is the directory of the playbook named on the command line."""

    playbook_dir: str
    check_mode: bool = False
    diff_mode: bool = False
    forks: int = 5
    limit: str | None = None
    run_tags: tuple[str, ...] = ("all",)
    skip_tags: tuple[str, ...] = ()
    verbosity: int = 0
    inventory_sources: tuple[str, ...] = ()
    config_file: str | None = None


@frozen(kw_only=True)
class Moment:
    """Who asks: which task, of which play, on which host, and where in a loop.

    ``hosts_all`` are the hosts of the play, ``hosts`` those still in it, ``batch`` those of the batch still in it.
    ``loop`` holds loop variables (``item``, ``ansible_loop`` …) and stands above all else; ``include_params`` are the
    ``vars`` of the dynamic includes that brought the task (level 21).
    """

    play: Play | None = None
    host: str | None = None
    task: Task | None = None
    role: Role | None = None
    loop: Mapping[str, Any] = field(default_factory=dict)
    include_params: Mapping[str, Any] = field(default_factory=dict)
    otherwise: Mapping[str, Any] = field(default_factory=dict)
    """What holds where no variable says anything else: below all levels."""
    hosts_all: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    batch: tuple[str, ...] = ()


class Owner(Protocol):
    """What is asked for the answers: ``variables.Variables``."""

    inventory: Inventory
    run: RunFacts

    @property
    def groups(self) -> Mapping[str, list[str]]: ...
    @property
    def hostvars(self) -> Mapping[str, Any]: ...
    def roles_in(self, play: Play) -> list[Role]: ...


@frozen
class Asked:
    """One question: whose variables, at which moment, over what other variables."""

    owner: Owner
    moment: Moment
    below: Layers

    @property
    def role(self) -> Role | None:
        return self.moment.role or (self.moment.task.role if self.moment.task is not None else None)


Answer = Callable[[Asked], Any]


class Magic(Mapping[str, Any]):
    """The names of ``TABLE`` that mean something at this moment."""

    __slots__ = ("_asked",)

    def __init__(self, owner: Owner, moment: Moment, below: Layers) -> None:
        self._asked = Asked(owner, moment, below)

    def __getitem__(self, name: str) -> Any:
        answer = TABLE.get(name)
        value = ABSENT if answer is None else answer(self._asked)
        if value is ABSENT:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in TABLE and TABLE[name](self._asked) is not ABSENT  # type: ignore[index]

    def __iter__(self) -> Iterator[str]:
        return (name for name in TABLE if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _host(answer: Callable[[Asked, str], Any]) -> Answer:
    return lambda asked: ABSENT if asked.moment.host is None else answer(asked, asked.moment.host)


def _play(answer: Callable[[Asked, Play], Any]) -> Answer:
    return lambda asked: ABSENT if asked.moment.play is None else answer(asked, asked.moment.play)


def _role(answer: Callable[[Role], Any]) -> Answer:
    return lambda asked: ABSENT if asked.role is None else answer(asked.role)


def _run(answer: Callable[[RunFacts], Any]) -> Answer:
    return lambda asked: answer(asked.owner.run)


def _group_names(asked: Asked, host: str) -> list[str]:
    inventory = asked.owner.inventory
    if host not in inventory.hosts:
        return []
    return sorted(group.name for group in inventory.groups_of(host) if group.name != "all") or ["ungrouped"]


def _source(name: str) -> Callable[[Asked, str], Any]:
    """The variable ``name``, which tells the source that first named the host; empty where the run added it."""

    def told(asked: Asked, host: str) -> Any:
        hosts = asked.owner.inventory.hosts
        return hosts[host].vars.get(name, "") if host in hosts else ABSENT

    return told


def _roles(asked: Asked, play: Play) -> tuple[list[str], list[str]]:
    """Names of the roles that the play lists, imports or has included so far, and of those they depend on."""
    named = [role for role in asked.owner.roles_in(play) if not role.is_dependency]
    needed = {name for role in named for name in role.dependencies}
    return [role.full_name for role in named], sorted(needed)


def _includers(role: Role) -> list[Role]:
    """The roles that include or import this one; those that only depend on it do not count (so does Ansible)."""
    steps = zip((role, *role.parents), role.parents, strict=False)
    return [parent for child, parent in steps if not child.is_dependency]


def _play_name(_asked: Asked, play: Play) -> Any:
    name = play.name if play.name is not None else play.hosts
    return ",".join(map(str, name)) if isinstance(name, list | tuple) else name


def _playbook_dir(run: RunFacts, play: Play | None) -> str:
    """The directory of the play's own file, imported or not."""
    return os.path.abspath(run.playbook_dir if play is None else os.path.dirname(play.path))


class _ButVars(Magic):
    """The names that are in ``vars``: all but itself, and one that Ansible adds later."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        return name not in ("vars", "ansible_search_path") and super().__contains__(name)


def _everything(asked: Asked) -> Layers:
    """What a task's variables are, but for its loop's and for how its host is reached (so does Ansible)."""
    return asked.below.over(_ButVars(asked.owner, asked.moment, asked.below))


def _search_path(asked: Asked) -> list[str]:
    """Where a task's files are looked for: its role, the roles that role runs for, the tasks file, the playbook."""
    task, role = asked.moment.task, asked.role
    places = [] if role is None else [role.path, *(parent.path for parent in role.parents)]
    if task is not None:
        places.append(os.path.dirname(os.path.abspath(task.place.file)))
    return list(dict.fromkeys([*places, asked.owner.run.playbook_dir]))


TABLE: Final[Mapping[str, Answer]] = {
    "inventory_hostname": _host(lambda asked, host: host),
    "inventory_hostname_short": _host(lambda asked, host: host.split(".")[0]),
    "inventory_file": _host(_source("inventory_file")),
    "inventory_dir": _host(_source("inventory_dir")),
    "group_names": _host(_group_names),
    "groups": lambda asked: asked.owner.groups,
    "hostvars": lambda asked: asked.owner.hostvars,
    "vars": lambda asked: _everything(asked) if asked.moment.play or asked.moment.task else ABSENT,
    "environment": lambda asked: ABSENT if asked.moment.task is None else list(asked.moment.task.keywords.environment),
    "playbook_dir": lambda asked: _playbook_dir(asked.owner.run, asked.moment.play),
    "ansible_playbook_python": lambda asked: sys.executable,
    "ansible_config_file": _run(lambda run: run.config_file),
    "ansible_version": lambda asked: ANSIBLE_VERSION,
    "ansible_check_mode": _run(lambda run: run.check_mode),
    "ansible_diff_mode": _run(lambda run: run.diff_mode),
    "ansible_forks": _run(lambda run: run.forks),
    "ansible_limit": _run(lambda run: ABSENT if run.limit is None else run.limit),
    "ansible_run_tags": _run(lambda run: tuple(run.run_tags)),
    "ansible_skip_tags": _run(lambda run: tuple(run.skip_tags)),
    "ansible_verbosity": _run(lambda run: run.verbosity),
    "ansible_inventory_sources": _run(lambda run: list(run.inventory_sources)),
    "ansible_play_name": _play(_play_name),
    "ansible_play_hosts_all": _play(lambda asked, play: list(asked.moment.hosts_all)),
    "ansible_play_hosts": _play(lambda asked, play: list(asked.moment.hosts)),
    "ansible_play_batch": _play(lambda asked, play: list(asked.moment.batch)),
    "play_hosts": _play(lambda asked, play: list(asked.moment.batch)),
    "ansible_play_role_names": _play(lambda asked, play: _roles(asked, play)[0]),
    "role_names": _play(lambda asked, play: _roles(asked, play)[0]),
    "ansible_dependent_role_names": _play(lambda asked, play: _roles(asked, play)[1]),
    "ansible_role_names": _play(lambda asked, play: list(dict.fromkeys(itertools.chain(*_roles(asked, play))))),
    "role_name": _role(lambda role: role.name.rpartition(".")[2] if role.fqcn else role.name),
    "role_path": _role(lambda role: role.path),
    "role_uuid": _role(lambda role: role.key),
    "ansible_role_name": _role(lambda role: role.full_name),
    "ansible_collection_name": _role(lambda role: role.fqcn.rpartition(".")[0] if role.fqcn else None),
    "ansible_parent_role_names": _role(lambda role: [each.full_name for each in _includers(role)] or ABSENT),
    "ansible_parent_role_paths": _role(lambda role: [each.path for each in _includers(role)] or ABSENT),
    "ansible_search_path": lambda asked: ABSENT if asked.moment.task is None else _search_path(asked),
}
