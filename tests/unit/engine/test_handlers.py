"""Which handlers a name or topic means."""

from __future__ import annotations

from typing import Any

from orchestrator.engine.handlers import Handlers, tasks_in
from orchestrator.language.tree import Block, Keywords, Role, Task
from orchestrator.model.place import Place

PLAIN = Keywords()


def handler(
    name: str | None, *, file: str = "play.yml", line: int = 1, listen: tuple[str, ...] = (), role: str = ""
) -> Task:
    owner = Role(name=role, path=f"roles/{role}") if role else None
    key = f"{file}:{line}"
    return Task(
        key=key,
        place=Place(file, line, 1),
        action="debug",
        args=None,
        keywords=PLAIN,
        outer=PLAIN,
        name=name,
        listen=listen,
        role=owner,
        is_handler=True,
    )


def as_written(_task: Task, written: Any) -> str | None:
    return None if "{{" in str(written) else str(written)


def meant(handlers: Handlers, name: str) -> list[str]:
    return [each.key for each in handlers.meant_by(name, as_written)]


def test_a_name_means_the_first_of_its_file() -> None:
    handlers = Handlers([handler("x", line=1), handler("x", line=2)])
    assert meant(handlers, "x") == ["play.yml:1"]


def test_the_file_that_was_read_last_wins() -> None:
    handlers = Handlers([handler("x", file="role.yml", role="r"), handler("x")])
    assert meant(handlers, "x") == ["play.yml:1"]
    handlers.add([handler("x", file="included.yml", role="i")])
    assert meant(handlers, "x") == ["included.yml:1"]


def test_a_role_s_handler_can_be_named_with_its_role() -> None:
    handlers = Handlers([handler("x", file="role.yml", role="r"), handler("x")])
    assert meant(handlers, "r : x") == ["role.yml:1"]


def test_a_topic_means_all_that_listen_each_name_once() -> None:
    handlers = Handlers(
        [
            handler("a", line=1, listen=("t",)),
            handler("a", line=2, listen=("t",)),
            handler(None, line=3, listen=("t", "u")),
            handler(None, line=4, listen=("t",)),
        ]
    )
    assert meant(handlers, "t") == ["play.yml:1", "play.yml:3", "play.yml:4"]
    assert meant(handlers, "u") == ["play.yml:3"]


def test_a_name_that_cannot_be_rendered_is_nobody_s() -> None:
    handlers = Handlers([handler("{{ x }}"), handler("y", line=2)])
    assert meant(handlers, "{{ x }}") == []
    assert meant(handlers, "nobody") == []


def test_a_handler_known_already_stays_where_it_is() -> None:
    first, again = handler("a"), handler("a")
    handlers = Handlers([first, handler("b", line=2)])
    handlers.add([again])
    assert handlers.in_order()[0] is first
    assert len(handlers.in_order()) == 2


def test_tasks_are_found_below_blocks_in_order() -> None:
    inner = Block(
        key="b", place=Place("f"), keywords=PLAIN, body=(handler("1"),), rescue=(handler("2"),), always=(handler("3"),)
    )
    assert [each.name for each in tasks_in([inner, handler("4")])] == ["1", "2", "3", "4"]
