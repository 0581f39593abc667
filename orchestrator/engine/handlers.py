"""Which handlers a notification means.

A name means the handler of that name (the last one defined wins, a role's own before others when the notifying task is
in that role); a topic means every handler that listens to it. Names and topics may be templates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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

    def meant_by(self, name: str, by: Task, render: Render) -> list[Task]:
        """The handlers that ``name`` means when ``by`` notifies; empty where there is none."""
        named = self._named(name, by, render)
        topics = [each for each in self._handlers.values() if name in self._topics(each, render)]
        return list({each.key: each for each in (*named, *topics)}.values())

    def _named(self, name: str, by: Task, render: Render) -> list[Task]:
        matching = [each for each in self._handlers.values() if name in self._names(each, render)]
        own = [
            each
            for each in matching
            if by.role is not None and each.role is not None and each.role.path == by.role.path
        ]
        return (own or matching)[-1:]

    def _names(self, handler: Task, render: Render) -> set[str]:
        name = render(handler, handler.name) if handler.name is not None else None
        if name is None:
            return set()
        role = handler.role
        return {name, f"{role.name} : {name}", f"{role.fqcn} : {name}"} if role is not None else {name}

    def _topics(self, handler: Task, render: Render) -> set[str]:
        return {topic for topic in (render(handler, each) for each in handler.listen) if topic is not None}
