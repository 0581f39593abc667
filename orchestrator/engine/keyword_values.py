"""Keywords' values once rendered: what is no boolean or no number fails its task, in Ansible's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from orchestrator.language.tree import Task
from orchestrator.model.errors import TemplateError
from orchestrator.model.lenient import to_bool
from orchestrator.model.place import place_of
from orchestrator.planning.markers import type_name
from orchestrator.planning.render import OMIT, Renderer

_OF_KEYWORDS = ("become", "check_mode", "delegate_facts", "diff", "ignore_errors", "ignore_unreachable", "no_log")


class NoSuchValue(TemplateError):
    """A keyword's value is not of the kind that it takes."""


def boolean(renderer: Renderer, written: Any, default: Any = False) -> bool:
    """The truth of a keyword. Raises NoSuchValue for what is neither yes nor no."""
    return bool(_converted(renderer, written, default, to_bool, "bool"))


def number(renderer: Renderer, written: Any, default: float = 0, named: str = "int") -> float:
    """A keyword's number, which Ansible takes for an ``int`` or a ``float``. Raises NoSuchValue for what is none."""
    return float(_converted(renderer, written, default, float, named))


def _converted(renderer: Renderer, written: Any, default: Any, kind: Callable[[Any], Any], named: str) -> Any:
    value = renderer.keyword(written, default)
    try:
        return kind(value)
    except (TypeError, ValueError):
        shown = str(value) if isinstance(value, str) else value
        raise NoSuchValue(
            f"The value {shown!r} could not be converted to {named!r}.", place=place_of(written)
        ) from None


def delegate(renderer: Renderer, written: Any) -> str | None:
    """The host that ``delegate_to`` names, None for ``omit``. Raises TemplateError for what is no name."""
    value = renderer.value(written)
    if value is OMIT:
        return None
    if not value:
        raise TemplateError(f'Empty hostname produced from delegate_to: "{written}"', place=place_of(written))
    if not isinstance(value, str):
        said = f"expected string or bytes-like object, got {type_name(value)!r}"
        raise TemplateError(said, place=place_of(written), hint="delegate_to is the name of one host")
    return str(value)


def check(task: Task, renderer: Renderer) -> None:
    """Raise NoSuchValue for the first keyword of ``task`` whose value cannot be: Ansible looks at all of them before
    the task does anything (ansible-core 2.19, ``Base.post_validate``)."""
    keywords = task.keywords
    numbers = {"async_val": task.run_async, "poll": task.poll, "retries": task.retries, "timeout": keywords.timeout}
    for name in _OF_KEYWORDS:
        if isinstance(written := getattr(keywords, name), str):
            with _named(name):
                boolean(renderer, written)
    for name, written in {**numbers, "delay": task.delay}.items():
        if isinstance(written, str):
            with _named(name):
                number(renderer, written, named="float" if name == "delay" else "int")


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Tells of which keyword a value cannot be."""
    try:
        yield
    except NoSuchValue as error:
        raise error.within(f"Error processing keyword {name!r}") from error
