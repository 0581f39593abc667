"""What tasks ask of the play itself: included files and roles, ``meta`` words, new hosts and groups, statistics."""

from __future__ import annotations

import difflib
import fnmatch
import hashlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestrator.engine.handlers import tasks_in
from orchestrator.engine.host_state import HostState
from orchestrator.engine.lockstep import Position, Round
from orchestrator.engine.own_modules import bypasses
from orchestrator.engine.signals import EndHost, EndRole, TaskFailed
from orchestrator.language.free_form import split_free_form
from orchestrator.language.locator import Locator
from orchestrator.language.playbook import Loaded, load_role, load_tasks
from orchestrator.language.reading import first_of
from orchestrator.language.tree import Node, Task
from orchestrator.model.errors import (
    MissingFile,
    NotIncluded,
    PlaybookError,
    RemovedAction,
    RoleCircle,
    UnknownName,
    UserError,
)
from orchestrator.model.events import Included, SnapshotTaken
from orchestrator.model.place import Text
from orchestrator.model.results import GATHERED, Effect, IncludeRole, IncludeTasks, KeepSnapshot, Meta, SetStats
from orchestrator.modules import canonical
from orchestrator.planning.render import Renderer
from orchestrator.planning.variables import roles_of

if TYPE_CHECKING:
    from orchestrator.engine.host_run import HostRun
    from orchestrator.engine.play_run import PlayRun
    from orchestrator.engine.reports import Report, Told

GATHERING = "Gathering Facts"
ONCE_FOR_ALL = frozenset({"add_host", "pause"})
"""Modules that Ansible runs once for all hosts (its BYPASS_HOST_LOOP)."""
META_ONCE = frozenset({"clear_facts", "clear_host_errors", "end_batch", "end_play", "refresh_inventory"})
"""Words of ``meta`` that are meant for the play: the first host's condition decides."""
SPARED = (MissingFile, NotIncluded, RemovedAction, RoleCircle)
"""What is wrong with a file that is included fails the hosts that do; anything else ends the run."""
REFRESH = Meta(word="refresh_inventory")


class Control:
    """One play's answers to its tasks."""

    def __init__(self, play: PlayRun) -> None:
        self.play = play

    def sections(self, renderer: Renderer) -> tuple[Sequence[Node], ...]:
        """The play's sections in running order, handlers being flushed behind each: facts and pre_tasks, roles and
        tasks, post_tasks."""
        play = self.play.play
        before: list[Node] = [*play.pre_tasks]
        if self._is_begun() and (self._gathers(renderer) or self._starts_at_once()):
            before.insert(0, self._gathering(renderer))
        return before, [*play.roles, *play.tasks], play.post_tasks

    def _starts_at_once(self) -> bool:
        """Whether ``--start-at-task`` names the play's first task: then facts are gathered whatever the play says."""
        wanted, play = self.play.options.start_at_task, self.play.play
        if not wanted or self.play.fleet.start_was_found:
            return False
        first = next(tasks_in((*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks)), None)
        return first is not None and self.is_start(first, wanted, self.play.fleet.world.state_of(self.play.hosts[0]))

    def _gathers(self, renderer: Renderer) -> bool:
        asked = self.play.play.gather_facts
        if asked is None:
            return self.play.options.gathering != "explicit"
        return self.play.flag(renderer, asked, default=True)

    def _is_begun(self) -> bool:
        """Whether ``--start-at-task`` has been found in an earlier play or names a task of this one: else no fact of it
        is needed."""
        wanted, play = self.play.options.start_at_task, self.play.play
        if not wanted or self.play.fleet.start_was_found:
            return True
        state = self.play.fleet.world.state_of(self.play.hosts[0])
        nodes = (*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks)
        return any(self.is_start(task, wanted, state) for task in tasks_in(nodes))

    def _gathering(self, renderer: Renderer) -> Task:
        play = self.play.play
        said = {name: getattr(play, name) for name in ("gather_subset", "gather_timeout", "fact_path")}
        args = {name: value for name, value in said.items() if value is not None}
        tags = play.keywords.tags or ("always",)
        keywords = replace(play.keywords, tags=tags, when=(), vars=(), run_once=None)
        return Task(
            key=f"{play.index}.facts",
            place=play.place,
            action="gather_facts",
            args=args,
            keywords=keywords,
            outer=play.keywords,
            name=GATHERING,
        )

    def is_known_already(self, host: str, task: Task) -> bool:
        """Whether ``task`` would gather the facts of a ``host`` that has told them, and gathering is ``smart``."""
        if self.play.options.gathering != "smart" or task.key != f"{self.play.play.index}.facts":
            return False
        return GATHERED in self.play.fleet.world.variables.state(host).facts

    # ---- effects -------------------------------------------------------------------------------------------

    async def carry_out(self, host: HostRun, task: Task, position: Position, together: Round, report: Report) -> None:
        """Do what the task's result asks of the play, on behalf of ``host``."""
        if report.brings:
            await self._include(host, task, position, together, report.brings)
        for told in report.effects:
            await self._one(host, task, position, told.effect)

    async def _one(self, host: HostRun, task: Task, position: Position, effect: Effect) -> None:
        fleet = self.play.fleet
        match effect:
            case Meta(word=word):
                await self._meta(host, task, position, word)
            case SetStats():
                fleet.world.set_stats(host.name, effect)
            case KeepSnapshot(snapshot=snapshot):
                self.play.emit(SnapshotTaken(host=host.name, snapshot=snapshot))
            case _:
                pass

    async def _include(
        self, host: HostRun, task: Task, position: Position, together: Round, includes: list[Told]
    ) -> None:
        """Walk what was included. Files are numbered over all hosts of the round, so that hosts that include the same
        one stay together and different ones run one after another, as Ansible groups them."""
        brought = self._bring(host, task, together)
        failed: TaskFailed | None = None
        for told in includes:
            number, loaded = brought[_mark(told)]
            if isinstance(loaded, UserError):
                first = first_of(loaded)
                is_there = loaded.place is not None and loaded.place.file != task.place.file
                is_wrong = is_there or isinstance(first, PlaybookError)
                if is_wrong and not isinstance(first, SPARED):
                    raise loaded  # the file is there and is wrong, or ``apply`` is: that ends the run, as in Ansible
                failed = self.play.consequences.failed_include(host, task, loaded)
                continue
            host.state.counts["ok"] += 1
            host.state.tasks_run += 1
            self.play.handlers.add(loaded.handlers)
            self._export(loaded, told.effect)
        if failed is not None and not host.rescues:
            raise failed
        for told in includes:  # where a rescue waits, it begins with what could be included (so does Ansible)
            number, loaded = brought[_mark(told)]
            if isinstance(loaded, Loaded):
                with self.play.fleet.world.included(host.name, told.loop_vars):
                    await host.walk_last(loaded.nodes, (*position, number))
        if failed is not None:
            raise failed

    def _bring(self, host: HostRun, task: Task, together: Round) -> dict[str, tuple[int, Loaded | UserError]]:
        """Everything that the hosts of this round include, read and told once: a mark's number and what it brings."""
        if "brought" not in together.shared:
            together.shared["brought"] = brought = {}
            met = Counter[str]()
            for number, (mark, (told, names)) in enumerate(_marked(together).items()):
                word = _word(told)
                met[word] += 1
                begin = (f"{task.key}.{number}", f"{task.identity}.{word}.{met[word]}/")
                loaded = self._read(host, task, told.effect, begin)
                brought[mark] = (number, loaded)
                if isinstance(loaded, Loaded):
                    is_role = isinstance(told.effect, IncludeRole)
                    what = _what(told.effect) if is_role else os.path.abspath(next(iter(loaded.files)))
                    self.play.fleet.world.variables.enter(self.play.play, roles_of(loaded.nodes))
                    self.play.emit(Included(task=task.key, what=what, hosts=tuple(names), item=told.label))
        found: dict[str, tuple[int, Loaded | UserError]] = together.shared["brought"]
        return found

    def _export(self, loaded: Loaded, effect: Effect) -> None:
        """Let the rest of the play see variables of an included role that is public and of those imported in it,
        and the plug-ins of all."""
        variables = self.play.fleet.world.variables
        is_public = isinstance(effect, IncludeRole) and self._is_public(effect)
        if is_public and loaded.role is not None:
            variables.export(self.play.play, loaded.role)
        roles = roles_of(loaded.nodes)
        self.play.fleet.world.use_plugins_of([*roles, *([loaded.role] if loaded.role is not None else [])])
        for role in roles:
            is_hidden = role.is_dependency and not is_public
            if role.public and role != loaded.role and not is_hidden:
                variables.export(self.play.play, role)

    def _is_public(self, effect: IncludeRole) -> bool:
        is_open = self.play.fleet.world.reading.private_role_vars is False  # said so: unset is something else
        return is_open if effect.public is None else effect.public

    def _read(self, host: HostRun, task: Task, effect: Effect, begin: tuple[str, str]) -> Loaded | UserError:
        try:
            loaded = self._load(host, task, effect, *begin)
            self._check_tags(host, () if task.is_handler else loaded.nodes)
            return loaded
        except UserError as error:
            return error

    def _check_tags(self, host: HostRun, nodes: Sequence[Node]) -> None:
        """Raise NotIncluded for tags that cannot be rendered: Ansible looks at those of a whole file at once."""
        for each in tasks_in(nodes):
            try:
                self.play.is_tagged(host, each)
            except UserError as error:
                raise NotIncluded(f"tags: {error.message}", place=error.place or each.place) from error

    def _load(self, host: HostRun, task: Task, effect: Effect, key: str, within: str) -> Loaded:
        play, fleet = self.play.play, self.play.fleet
        variables = self.play.renderer(host.state, task).variables
        if isinstance(effect, IncludeTasks):
            return load_tasks(
                effect.file,
                task,
                key_prefix=key,
                within=within,
                playbook=play.path,
                apply=effect.apply,
                variables=variables,
                options=fleet.world.reading,
            )
        if not isinstance(effect, IncludeRole):
            raise TypeError(effect)
        kinds = ("tasks", "vars", "defaults", "handlers")
        named = {kind: getattr(effect, f"{kind}_from") for kind in kinds}
        return load_role(
            effect.name,
            task,
            key_prefix=key,
            within=within,
            playbook=play.path,
            from_files={kind: name for kind, name in named.items() if name is not None},
            apply=effect.apply,
            public=self._is_public(effect),
            allow_duplicates=effect.allow_duplicates,
            validate=effect.rolespec_validate,
            variables=variables,
            options=fleet.world.reading,
        )

    def refresh(self) -> None:
        """``meta: refresh_inventory``: hosts that the play no longer means leave it at their next task."""
        world = self.play.fleet.world
        world.refresh_inventory()
        for name in set(self.play.hosts) - set(world.hosts_of(self.play.play)):
            world.state_of(name).has_left = True

    async def _meta(self, host: HostRun, task: Task, position: Position, word: str) -> None:
        play = self.play
        match word:
            case "flush_handlers":
                await host.flush((*position, 0))
            case "end_host":
                host.state.has_left = True
                raise EndHost
            case "end_role":
                raise EndRole
            case "end_batch":
                play.is_over = True
                raise EndHost
            case "end_play":
                play.is_over = play.play_ended = True
                raise EndHost
            case "clear_host_errors":
                play.fleet.world.clear_errors()
            case "clear_facts":
                for name in play.hosts:
                    play.fleet.world.variables.forget(name)
            case "reset_connection":
                await play.fleet.reset_connection(play, host.state, task)

    # ---- names ---------------------------------------------------------------------------------------------

    def facts_target(self, state: HostState, task: Task, told: Told) -> HostState:
        """Whose facts a task's facts become: the delegate's where ``delegate_facts`` says so."""
        renderer = self.play.renderer(state, task).extended(told.loop_vars)
        if task.keywords.delegate_to is None or not self.play.flag(renderer, task.keywords.delegate_facts):
            return state
        return self.play.fleet.world.state_of(told.delegate or str(renderer.value(task.keywords.delegate_to)))

    def try_render(self, host: HostState, task: Task, written: Any) -> str | None:
        """``written`` rendered for ``host``; None where it cannot be."""
        if not isinstance(written, Text):
            return None if written is None else str(written)
        try:
            return str(self.play.renderer(host, task).text(written))
        except UserError:
            return None

    def name_of(self, task: Task, renderer: Renderer) -> str:
        """The task's name as people see it: ``role : name``; the module's name where it has none."""
        name: Any = task.name
        if isinstance(name, Text):
            try:
                name = renderer.shown(name)
            except UserError:
                name = str(task.name)
        if not name and canonical(str(task.action)) == "include_role":
            args = split_free_form(task.args)[1] if isinstance(task.args, str) else task.args or {}
            return f"{task.action} : {args.get('name', args.get('role', ''))}"
        if canonical(str(task.action)) == "include_role":
            return str(name)
        shown = str(name) if name else str(task.action)
        return f"{task.role.full_name} : {shown}" if task.role is not None else shown

    def action_of(self, task: Task, renderer: Renderer) -> str:
        """The module's name, rendered where it is a template; as written where a loop is needed for that."""
        try:
            return str(renderer.value(task.action))
        except UserError:
            return str(task.action)

    def is_start(self, task: Task, wanted: str, host: HostState) -> bool:
        """Whether ``task`` is the one that ``--start-at-task`` names (globs work)."""
        name = str(task.name or "")
        shown = self.name_of(task, self.play.renderer(host, task))
        return any(each == wanted or fnmatch.fnmatch(each, wanted) for each in (name, shown))

    def unknown_handler(self, task: Task, name: str) -> UnknownName:
        known = [str(each.name) for each in self.play.handlers.in_order() if each.name]
        near = difflib.get_close_matches(name, known, n=1)
        return UnknownName(
            f"The requested handler '{name}' was not found in either the main handlers list nor in the listening "
            "handlers list",
            place=task.place,
            hint=f"did you mean {near[0]!r}?" if near else f"handlers of this play: {', '.join(known) or 'none'}",
        )


def is_for_all(task: Task, locator: Locator) -> bool:
    """Whether the task's module is one for the whole play: it runs on the first host, whatever ``run_once`` says."""
    name = canonical(str(task.action))
    if name == "meta":
        return str(task.args).strip() in META_ONCE
    return name in ONCE_FOR_ALL or (name is None and bypasses(locator, str(task.action), task.keywords.collections))


def is_gathering(task: Task) -> bool:
    """Whether ``task`` is the play's own gathering of facts."""
    return task.key.endswith(".facts")


def _what(effect: Effect) -> str:
    return effect.file if isinstance(effect, IncludeTasks) else effect.name if isinstance(effect, IncludeRole) else ""


def _mark(told: Told) -> str:
    """What makes two inclusions the same one: the file or role, the loop variables and the item's label."""
    return f"{_what(told.effect)}\0{told.loop_vars!r}\0{told.label}"


def _word(told: Told) -> str:
    """The same in short, as every process of the run has it: by the values alone that a file could hold."""
    values = json.dumps(told.loop_vars, skipkeys=True, default=lambda value: type(value).__name__)
    return hashlib.sha256(f"{_what(told.effect)}\0{values}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _marked(together: Round) -> dict[str, tuple[Told, list[str]]]:
    """The different inclusions of a round, each with its hosts, in the order of the hosts."""
    marks: dict[str, tuple[Told, list[str]]] = {}
    for name in together.members:
        report = together.results.get(name)
        for told in report.brings if report is not None else ():
            marks.setdefault(_mark(told), (told, []))[1].append(name)
    return marks
