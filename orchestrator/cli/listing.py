"""``--list-hosts``, ``--list-tasks``, ``--list-tags``, ``--syntax-check``: what would run, in Ansible's form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.cli.flags import RunFlags
from orchestrator.cli.last_write import say
from orchestrator.cli.loading import Setting, playbook_of, split_tags
from orchestrator.language.inventory import select
from orchestrator.language.tree import Block, Node, Play, Task
from orchestrator.model.errors import TemplateError
from orchestrator.model.hosts import Inventory
from orchestrator.planning.render import Renderer
from orchestrator.planning.select import is_selected, tags_of


def show(paths: Iterable[str], inventory: Inventory, flags: RunFlags, where: Setting) -> int:
    """Print what is asked for, playbook by playbook; nothing is run."""
    for path in paths:
        say(f"\nplaybook: {path}")
        plays = playbook_of([path], where).plays
        if flags.list_hosts or flags.list_tasks or flags.list_tags:
            for play in plays:
                _Listing(play, flags, where).show(inventory)
    return 0


class _Listing:
    """One play's listing. Names and tags that need a host's variables are shown as written."""

    def __init__(self, play: Play, flags: RunFlags, where: Setting) -> None:
        self._play = play
        self._flags = flags
        self._where = where
        self._renderer = Renderer({**play.vars, **where.extra_vars})

    def show(self, inventory: Inventory) -> None:
        pattern = self._text(self._play.hosts)
        name = self._text(self._play.name) or pattern
        number = self._play.index
        say(f"\n  play #{number} ({pattern}): {name}\tTAGS: [{self._tags(self._play.keywords.tags)}]")
        if self._flags.list_hosts:
            self._show_hosts(pattern, inventory)
        if self._flags.list_tasks:
            say("    tasks:")
            for task in self._tasks():
                say(f"      {self._name(task)}\tTAGS: [{self._tags(task.keywords.tags)}]")
        if self._flags.list_tags:
            tags = {tag for task in self._tasks() for tag in self._set(task.keywords.tags)}
            say(f"      TASK TAGS: [{', '.join(sorted(tags))}]")

    def _show_hosts(self, pattern: str, inventory: Inventory) -> None:
        hosts = select(inventory, pattern, self._flags.limit)
        say(f"    pattern: {pattern.split(',')}\n    hosts ({len(hosts)}):")
        for host in hosts:
            say(f"      {host}")

    def _tasks(self) -> Iterator[Task]:
        only = split_tags(self._flags.tags) or self._where.config.run_tags or ("all",)
        skip = split_tags(self._flags.skip_tags) or self._where.config.skip_tags
        for task in _flat([*self._play.pre_tasks, *self._play.roles, *self._play.tasks, *self._play.post_tasks]):
            if is_selected(self._set(task.keywords.tags), only, skip):
                yield task

    def _name(self, task: Task) -> str:
        """As in Ansible: its role stands only before a name that somebody gave."""
        name = self._text(task.name)
        return f"{task.role.fqcn or task.role.name} : {name}" if task.role and name else name or str(task.action)

    def _set(self, tags: Iterable[Any]) -> frozenset[str]:
        try:
            return tags_of(tags, self._renderer)
        except TemplateError:
            return frozenset(map(str, tags))

    def _tags(self, tags: Iterable[Any]) -> str:
        return ", ".join(sorted(self._set(tags)))

    def _text(self, written: Any) -> str:
        if written is None:
            return ""
        try:
            value = self._renderer.value(written)
        except TemplateError:
            value = written
        return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _flat(nodes: Iterable[Node]) -> Iterator[Task]:
    """The tasks as Ansible lists them: what is in ``rescue`` and ``always`` is not."""
    for node in nodes:
        if isinstance(node, Block):
            yield from _flat(node.body)
        else:
            yield node
