"""``--list-hosts``, ``--list-tasks``, ``--list-tags``, ``--syntax-check``: what would run, in Ansible's form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from orchestrator.cli.flags import RunFlags
from orchestrator.cli.last_write import say
from orchestrator.cli.loading import Setting, playbook_of, reading_of, split_tags
from orchestrator.engine.options import Options
from orchestrator.engine.world import World
from orchestrator.language.tree import Block, Node, Play, Playbook, Task
from orchestrator.model.hosts import Inventory
from orchestrator.modules import canonical
from orchestrator.planning.select import is_selected, tags_before_hosts
from orchestrator.planning.variables import Moment


def show(paths: Sequence[str], inventory: Inventory, flags: RunFlags, where: Setting) -> int:
    """Print what is asked for, playbook by playbook; nothing is run. Raises UserError, before it prints, where a play's
    keyword has no value."""
    worlds = [_world(playbook_of([path], where), inventory, flags, where) for path in paths]
    for path, (playbook, world) in zip(paths, worlds, strict=True):
        say(f"\nplaybook: {path}")
        if flags.list_hosts or flags.list_tasks or flags.list_tags:
            for play in playbook.plays:
                _Listing(play, flags, where, world).show()
    return 0


def _world(playbook: Playbook, inventory: Inventory, flags: RunFlags, where: Setting) -> tuple[Playbook, World]:
    """The playbook, and what is known before its first task; nobody is asked, so prompts have their defaults."""
    options = Options(
        extra_vars=where.extra_vars,
        limit=flags.limit,
        open_vault=where.open_vault,
        open_beside=where.open_if_possible,
        collections_path=where.config.collections_path,
        hash_behaviour=where.config.hash_behaviour,
    )
    world = World(inventory, playbook, options, lambda _event: None, reading_options=reading_of(where))
    for play in playbook.plays:
        world.answer(play, {each.name: each.default for each in play.vars_prompt if each.name not in where.extra_vars})
        world.settle(play)
    return playbook, world


class _Listing:
    """One play's listing. Tasks' names are shown as written: they may need a host's variables."""

    def __init__(self, play: Play, flags: RunFlags, where: Setting, world: World) -> None:
        self._play = play
        self._flags = flags
        self._where = where
        self._world = world
        self._renderer = world.variables.renderer(Moment(play=play))

    def show(self) -> None:
        hosts = self._world.play_value(self._play, self._play.hosts)
        patterns = list(map(str, hosts)) if isinstance(hosts, list) else str(hosts).split(",")
        name, number = self._world.play_name(self._play), self._play.index
        tags = _shown(self._tags(self._play.keywords.tags))
        say(f"\n  play #{number} ({','.join(patterns)}): {name}\tTAGS: [{tags}]")
        if self._flags.list_hosts:
            self._show_hosts(patterns)
        if self._flags.list_tasks:
            say("    tasks:")
            for task in self._tasks():
                say(f"      {_title(task)}\tTAGS: [{_shown(self._tags(task.keywords.tags))}]")
        if self._flags.list_tags:
            asked = {tag for task in self._tasks() for tag in self._tags(task.keywords.tags)}
            say(f"      TASK TAGS: [{_shown(asked)}]")

    def _show_hosts(self, patterns: list[str]) -> None:
        hosts = self._world.hosts_of(self._play)
        say(f"    pattern: {patterns}\n    hosts ({len(hosts)}):")
        for host in hosts:
            say(f"      {host}")

    def _tasks(self) -> Iterator[Task]:
        """Those that the tags select. Where all tags are to be listed, that is every task, ``never`` or not."""
        only, skip = split_tags(self._flags.tags), split_tags(self._flags.skip_tags)
        if self._flags.list_tags and not only and not skip:
            only = ("never", "all")
        only = only or self._where.config.run_tags or ("all",)
        skip = skip or self._where.config.skip_tags
        for task in _flat([*self._play.pre_tasks, *self._play.roles, *self._play.tasks, *self._play.post_tasks]):
            if is_selected(self._tags(task.keywords.tags), only, skip):
                yield task

    def _tags(self, tags: Iterable[object]) -> frozenset[Any]:
        return tags_before_hosts(tags, self._renderer)


def _shown(tags: Iterable[Any]) -> str:
    return ", ".join(sorted(map(str, tags)))


def _title(task: Task) -> str:
    """As in Ansible: the task's role stands only before a name that somebody gave, and never before an include_role."""
    if not task.name:
        return str(task.action)
    if task.role is None or canonical(str(task.action)) == "include_role":
        return str(task.name)
    return f"{task.role.full_name} : {task.name}"


def _flat(nodes: Iterable[Node]) -> Iterator[Task]:
    """The tasks as Ansible lists them: what is in ``rescue`` and ``always`` is not."""
    for node in nodes:
        if isinstance(node, Block):
            yield from _flat(node.body)
        else:
            yield node
