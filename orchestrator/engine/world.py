"""What a run knows: the inventory as it grows, every host's state, and the renderer for a task on a host."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.engine import vars_beside
from orchestrator.engine.batches import in_batches
from orchestrator.engine.host_state import HostState
from orchestrator.engine.options import Options
from orchestrator.engine.reached import Reached
from orchestrator.language import reading
from orchestrator.language.dump import dump
from orchestrator.language.inventory import load_beside, reconcile, select
from orchestrator.language.load import is_template, kind_of, load_file
from orchestrator.language.tree import Play, Playbook, Role, Task
from orchestrator.model.errors import InventoryError, PlaybookError
from orchestrator.model.events import Event, Said
from orchestrator.model.hosts import Inventory
from orchestrator.model.place import Place, place_of
from orchestrator.model.results import AddHost, GroupBy, SetStats
from orchestrator.planning.own import beside, with_collections, with_directories
from orchestrator.planning.plugins import Plugins, builtin
from orchestrator.planning.render import Renderer
from orchestrator.planning.surroundings import Surroundings
from orchestrator.planning.variables import Beside, Moment, RunFacts, Variables, roles_of
from orchestrator.planning.vars_files import load_vars_files

if TYPE_CHECKING:
    from orchestrator.engine.play_run import PlayRun

DEFAULT_SOURCES = ("/etc/ansible/hosts",)  # what ``ansible_inventory_sources`` says where no inventory is given


class World:
    """Inventory, states and variables of one run."""

    def __init__(
        self,
        inventory: Inventory,
        playbook: Playbook,
        options: Options,
        emit: Callable[[Event], None],
        *,
        reading_options: reading.Options | None = None,
        reload_inventory: Callable[[], Inventory] | None = None,
        plugins: Plugins | None = None,
    ) -> None:
        self.inventory = inventory
        self.options = options
        self.reading = reading_options or reading.Options(extra_vars=options.extra_vars, open_vault=options.open_vault)
        self.stats: dict[str, dict[str, Any]] = {}
        self.clearances = 0  # how often ``meta: clear_host_errors`` has run
        self._emit = emit
        self._reload = reload_inventory
        self._states: dict[str, HostState] = {}
        self._present: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}  # by identity: hosts, who takes part
        self._grown: list[tuple[str, AddHost | GroupBy]] = []
        self._hosts_all: tuple[str, ...] = ()
        self._included: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self._playbook_dir = os.path.dirname(os.path.abspath(playbook.plays[0].path)) if playbook.plays else os.getcwd()
        self.variables = Variables(
            inventory,
            run=self._run_facts(),
            extra_vars=options.extra_vars,
            beside=self._beside_playbook(),
            merge=options.hash_behaviour == "merge",
            plugins=plugins,
            surroundings=self._surroundings(),
            cache=options.fact_cache,
            inject=options.inject_facts,
        )
        self._searched: set[str] = set()
        self._find_plugins(playbook)

    # ---- plays and hosts -----------------------------------------------------------------------------------

    def settle(self, play: Play) -> None:
        """Read what the vars_files say before there is a host. Raises TemplateError for a keyword without a value."""
        self.read_vars_files(play, None, is_final=False)
        self.play_value(play, list(play.early))

    def begin(self, play: Play, hosts: Sequence[str]) -> None:
        """A play begins on ``hosts`` (in the inventory's order): they have states, and vars_files are read for each."""
        self._hosts_all = tuple(hosts)
        for name in hosts:
            self.read_vars_files(play, name, is_final=False)

    def end_batch(self, hosts: Sequence[str]) -> None:
        """Hosts whom the batch has lost without a fault of theirs are there again."""
        for state in map(self.state_of, hosts):
            if state.has_left or state.is_struck:
                state.has_left = state.is_struck = False

    def hosts_of(self, play: Play) -> list[str]:
        """The hosts that the play's pattern and ``--limit`` mean, in the inventory's order."""
        said = self.play_value(play, play.hosts)
        patterns = list(map(str, said)) if isinstance(said, list) else str(said)
        return select(self.inventory, patterns, self.options.limit, warn=self._mismatch)

    def _mismatch(self, text: str) -> None:
        if self.options.needs_matches:
            raise InventoryError(text.replace("ignoring: ", ""), hint="host_pattern_mismatch is set to error")
        self._warn(text)

    def check_limit(self) -> int:
        """How many hosts ``--limit`` leaves. Raises InventoryError where that is none of an inventory that has some."""
        if not self.options.limit:
            return len(self.inventory.hosts)
        left = select(self.inventory, "all", self.options.limit)
        if self.inventory.hosts and not left:
            raise InventoryError(
                "Specified inventory, host pattern and/or --limit leaves us with no hosts to target.",
                evidence=f"--limit {self.options.limit}",
                hint=f"the inventory's hosts: {', '.join(list(self.inventory.hosts)[:10])}",
            )
        return len(left)

    def state_of(self, name: str) -> HostState:
        """What the run knows of the host ``name`` beside its variables."""
        if (state := self._states.get(name)) is None:
            state = self._states[name] = HostState(name, self._present.clear)
        return state

    def seen_states(self) -> list[HostState]:
        """The states of all hosts that a play has named, by name."""
        return [self._states[name] for name in sorted(self._states)]

    def play_value(self, play: Play, written: Any) -> Any:
        """A keyword of a play, rendered with what is known before any host: the play's and the extra vars."""
        return self.play_renderer(play).keyword(written)

    def play_renderer(self, play: Play) -> Renderer:
        """Sees what is known of a play before any host: its own, its roles' and the extra vars."""
        return self.variables.renderer(Moment(play=play, hosts_all=self._hosts_all))

    def play_name(self, play: Play) -> str:
        name = self.play_value(play, play.name)
        return ",".join(map(str, name)) if isinstance(name, list) else str(name)

    def batches(self, play: Play, hosts: list[str]) -> list[list[str]]:
        """The play's hosts in serial batches. An entry of ``serial`` is a number or a percentage; the last repeats."""
        sizes = [self.play_value(play, each) for each in play.serial]
        flat = [size for each in sizes if each is not None for size in (each if isinstance(each, list) else [each])]
        return in_batches(hosts, flat, place_of(play.serial) or play.place)

    def answer(self, play: Play, answers: Mapping[str, Any]) -> None:
        """What a person answered to the play's ``vars_prompt``."""
        self.variables.prompted(play, answers)

    # ---- renderers -----------------------------------------------------------------------------------------

    def renderer(self, run: PlayRun, host: HostState, task: Task | None) -> Renderer:
        """What ``task`` on ``host`` sees."""
        moment = self._moment(run, host.name, task)
        if task is not None:
            render, of = partial(self._keyword, moment), self.variables.renderer
            seen = (render, lambda name: of(replace(moment, host=name)).variables)
            known = replace(moment, otherwise=Reached(host.name, task.keywords, self.options, self.inventory, *seen))
            return self.variables.renderer(known, search_path=_search_path(run.play, task))
        return self.variables.renderer(moment, search_path=_search_path(run.play, task))

    def _keyword(self, moment: Moment, written: Any) -> Any:
        return None if written is None else self.variables.renderer(moment).value(written)

    def delegate_renderer(self, run: PlayRun, target: str, host: HostState, task: Task, renderer: Renderer) -> Renderer:
        """What decides how to reach ``target`` for a delegated task: the target's own variables below the task's."""
        if target not in self.inventory.hosts:
            near = [name for name, each in self.inventory.hosts.items() if each.vars.get("ansible_host") == target]
            target = near[0] if near else target
        moment = replace(self._moment(run, host.name, task), host=target, loop={"inventory_hostname": host.name})
        return self.variables.renderer(moment, search_path=renderer.surroundings.search_path)

    def _moment(self, run: PlayRun, host: str, task: Task | None) -> Moment:
        params: dict[str, Any] = {}
        for each in task.keywords.include_params if task is not None else ():
            params |= each
        for each in self._included[host]:
            params |= each
        return Moment(
            play=run.play,
            host=host,
            task=task,
            include_params=params,
            hosts_all=self._hosts_all,
            hosts=self._taking_part(self._hosts_all),
            batch=self._taking_part(run.hosts),
        )

    def _taking_part(self, hosts: tuple[str, ...]) -> tuple[str, ...]:
        """Those of ``hosts`` still in the play. Asked for each task of each host: kept until a host's fate turns."""
        kept = self._present.get(id(hosts))
        if kept is None or kept[0] is not hosts:
            states = map(self.state_of, hosts)
            left = tuple(state.name for state in states if state.takes_part)
            kept = self._present[id(hosts)] = (hosts, left)
        return kept[1]

    @contextmanager
    def included(self, host: str, loop_vars: Mapping[str, Any]) -> Iterator[None]:
        """While the tasks of a dynamic include run on ``host``, they see the loop variables it was included under."""
        self._included[host].append(loop_vars)
        try:
            yield
        finally:
            self._included[host].pop()

    # ---- what tasks change ---------------------------------------------------------------------------------

    def grow(self, host: str, effect: AddHost | GroupBy) -> bool:
        """Carry out ``add_host`` or ``group_by``; whether the inventory has another host or another member now."""
        has_grown = self._grow(host, effect)
        if has_grown and isinstance(effect, AddHost) and effect.name not in self._hosts_all:
            self._hosts_all = (*self._hosts_all, effect.name)  # among the running play's hosts, though it plays no part
        self._grown.append((host, effect))
        self.variables.inventory_changed()
        return has_grown

    def _grow(self, host: str, effect: AddHost | GroupBy) -> bool:
        known = {*self.inventory.hosts, *self.inventory.groups}
        has_grown = self._add_host(effect) if isinstance(effect, AddHost) else self._group_by(host, effect)
        reconcile(self.inventory, self._warn)
        if new := {*self.inventory.hosts, *self.inventory.groups} - known:
            how, brought = self.reading.hash_behaviour, self.options.brought
            load_beside(self.inventory, self.options.open_vault, how, new, brought)
        return has_grown

    def _add_host(self, effect: AddHost) -> bool:
        is_new = effect.name not in self.inventory.hosts
        groups = ("all", *effect.groups) if is_new else effect.groups  # so it stands before the hosts of other groups
        known = self.inventory.host(effect.name).vars
        is_new |= {**known, **effect.variables} != known
        known.update(effect.variables)
        return any([is_new, *(_joins(self.inventory.group(group).hosts, effect.name) for group in groups)])

    def _group_by(self, host: str, effect: GroupBy) -> bool:
        is_new = effect.key not in self.inventory.groups
        for parent in effect.parents:
            if parent != effect.key:
                is_new |= _joins(self.inventory.group(parent).children, effect.key) and parent != "all"
        return _joins(self.inventory.group(effect.key).hosts, host) or is_new

    def set_stats(self, host: str, effect: SetStats) -> None:
        held = self.stats.setdefault(host if effect.per_host else "_run", {})
        for name, value in effect.data.items():
            held[name] = _aggregated(held.get(name), value) if effect.aggregate and name in held else value

    def clear_errors(self) -> None:
        """``meta: clear_host_errors``: failed and unreachable hosts take part in later plays again."""
        self.clearances += 1
        for state in self._states.values():
            state.failed = state.written_off = state.unreachable = state.unknown = False

    def refresh_inventory(self) -> None:
        """``meta: refresh_inventory``: read the sources again; what add_host and group_by added stays."""
        if self._reload is not None:
            fresh = self._reload()
            self.inventory.hosts, self.inventory.groups = fresh.hosts, fresh.groups
            for host, effect in self._grown:
                if isinstance(effect, AddHost) or host in self.inventory.hosts:
                    self._grow(host, effect)
            self.variables.inventory_changed()

    # ---- files ---------------------------------------------------------------------------------------------

    def read_vars(self, path: Path) -> dict[str, Any]:
        """The mapping in a variables file of the user's."""
        value = load_file(str(path), self.options.open_vault)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise PlaybookError(f"a variables file holds a mapping, not {kind_of(value)}", place=Place(str(path)))
        return value

    def read_vars_files(self, play: Play, host: str | None, *, is_final: bool) -> None:
        """The play's vars_files as ``host`` (None: the play itself) sees them. Names that need a fact wait for it."""
        if not play.vars_files:
            return
        moment = Moment(play=play, host=host, hosts_all=self._hosts_all)
        renderer = self.variables.renderer(moment, search_path=(os.path.dirname(os.path.abspath(play.path)),))
        load = partial(load_file, open_vault=self.options.open_vault)
        found = load_vars_files(play, renderer, load, is_final=is_final, stronger=self.variables.extra_vars)
        self.variables.read_files(play, host or "", found)

    def learn(self, play: Play, host: str, facts: Mapping[str, Any]) -> None:
        """Facts of ``host``; files named by facts are read now. Raises UnknownName where a name is still undefined."""
        self.variables.learn(host, facts)
        if any(map(_waits_for_facts, play.vars_files)):
            self.read_vars_files(play, host, is_final="module_setup" in self.variables.state(host).facts)

    def _beside_playbook(self) -> Beside:
        """group_vars/ and host_vars/ beside the first playbook."""
        options, how = self.options, self.reading.hash_behaviour
        opener = options.open_beside or options.open_vault
        return vars_beside.beside(self._playbook_dir, self.inventory, how, opener, options.brought)

    def _find_plugins(self, playbook: Playbook) -> None:
        """Plug-ins of the user's own: of the configuration, beside the playbooks, in the roles they name."""
        known = with_directories(self.variables.plugins or builtin(), self.options.plugin_dirs, self._warn)
        around = list(dict.fromkeys(os.path.dirname(os.path.abspath(play.path)) for play in playbook.plays))
        roots = [*(os.path.join(directory, "collections") for directory in around), *self.options.collections_path]
        known = with_collections(known, roots, self._warn, self.reading.locator.routing.plugin)
        for directory in around:
            known = with_directories(known, beside(directory), self._warn)
        self.variables.plugins = known
        for play in playbook.plays:
            self.use_plugins_of(roles_of((*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks)))

    def use_plugins_of(self, roles: Sequence[Role]) -> None:
        """From now on templates may call what the plug-ins in these roles' directories define."""
        for role in roles:
            if role.path not in self._searched:
                self._searched.add(role.path)
                known = self.variables.plugins or builtin()
                self.variables.plugins = with_directories(known, beside(role.path), self._warn)

    # ---- settings ------------------------------------------------------------------------------------------

    def _run_facts(self) -> RunFacts:
        options = self.options
        return RunFacts(
            playbook_dir=self._playbook_dir,
            check_mode=options.check,
            diff_mode=options.diff,
            forks=options.forks,
            limit=options.limit,
            run_tags=options.tags,
            skip_tags=options.skip_tags,
            verbosity=options.verbosity,
            inventory_sources=self.inventory.sources or DEFAULT_SOURCES,
            config_file=options.config_file,
        )

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            search_path=(self._playbook_dir,),
            decrypt=self.options.open_vault,
            vault=self.options.vault,
            unvault=self.options.unvault,
            select_hosts=lambda pattern: select(self.inventory, pattern),
            write_yaml=dump,
            settings=self.options.settings,
            ini=self.options.ini,
            warn=self._warn,
        )

    def _warn(self, text: str) -> None:
        self._emit(Said(level="warning", text=text))


def _search_path(play: Play, task: Task | None) -> tuple[str, ...]:
    """Where a task's files are looked for."""
    places: list[str] = []
    if task is not None and task.role is not None:
        places += [task.role.path, *(parent.path for parent in task.role.parents)]
    if task is not None:
        places.append(_directory_of(task.place.file))
    places.append(_directory_of(play.path))
    return tuple(dict.fromkeys(places))


@lru_cache(maxsize=1024)
def _directory_of(file: str) -> str:
    return os.path.dirname(os.path.abspath(file))


def _waits_for_facts(entry: Any) -> bool:
    """Whether a file of ``vars_files``, or one of its alternatives, is named by a template."""
    return any(isinstance(name, str) and is_template(name) for name in (entry if isinstance(entry, list) else [entry]))


def _joins(members: list[str], name: str) -> bool:
    """Add ``name``; False where it was a member already."""
    if name in members:
        return False
    members.append(name)
    return True


def _aggregated(held: Any, value: Any) -> Any:
    """Two statistics of the same name as one: mappings merge, lists and numbers add up (Ansible's ``set_stats``)."""
    if isinstance(held, dict) and isinstance(value, dict):
        return {**held, **value}
    if type(held) is type(value) and isinstance(held, list | int | float | str):
        return held + value
    return value
