"""Which handlers a notification means.

A name means one handler: the first of that name in the file that was read last (a play's handlers are read behind its
roles', those of an included role behind both). A topic means every handler that listens to it, each name once. Names
may be templates; topics are taken as written (so does Ansible).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from orchestrator.language.tree import Block, Node, Task

Render = Callable[[Task, Any], str | None]
"""A handler's name or topic, rendered; None where it cannot be (a handler that nobody can name is skipped)."""


def tasks_in(nodes: Iterable[Node]) -> Iterator[Task]:
    """All tasks of a tree, in order."""
    for node in nodes:
        if isinstance(node, Block):
            yield from tasks_in((*node.body, *node.rescue, *node.always))
        else:
            yield node


class Handlers:
    """The handlers of a play; roles included on the way add theirs."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._handlers: dict[str, Task] = {each.key: each for each in tasks_in(nodes)}

    def add(self, nodes: Iterable[Node]) -> None:
        """Handlers of a role or file included on the way; known ones stay where they are."""
        for each in tasks_in(nodes):
            self._handlers.setdefault(each.key, each)

    def in_order(self) -> list[Task]:
        return list(self._handlers.values())

    def meant_by(self, name: str, render: Render) -> list[Task]:
        """The handlers that ``name`` means; empty where there is none."""
        latest = self._latest_first()
        named = [each for each in latest if name in self._names(each, render)][:1]
        topics: dict[Any, Task] = {}
        for each in latest:
            if name in self._topics(each):
                topics.setdefault(each.name or each.key, each)
        return list({each.key: each for each in (*named, *topics.values())}.values())

    def _latest_first(self) -> list[Task]:
        """The handlers, the file that was read last first; within a file as written (so does Ansible)."""
        files = [list(group) for _, group in groupby(self._handlers.values(), key=lambda each: each.place.file)]
        return [each for group in reversed(files) for each in group]

    def _names(self, handler: Task, render: Render) -> set[str]:
        name = render(handler, handler.name) if handler.name is not None else None
        if name is None:
            return set()
        role = handler.role
        return {name, f"{role.name} : {name}", f"{role.full_name} : {name}"} if role is not None else {name}

    def _topics(self, handler: Task) -> set[str]:
        return set(map(str, handler.listen))
