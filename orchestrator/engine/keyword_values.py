"""Keywords' values once rendered: what is no boolean or no number fails its task, in Ansible's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from orchestrator.language.keywords import DEBUGGERS
from orchestrator.language.tree import Task
from orchestrator.model.errors import TemplateError, UnknownName
from orchestrator.model.lenient import to_bool
from orchestrator.model.place import place_of
from orchestrator.planning.markers import type_name
from orchestrator.planning.render import OMIT, Renderer

_TRUTHS = (
    *("any_errors_fatal", "become", "check_mode", "delegate_facts", "diff", "ignore_errors"),
    *("ignore_unreachable", "no_log", "run_once"),
)
_TEXTS = ("become_exe", "become_flags", "become_method", "become_user", "connection", "remote_user")


class NoSuchValue(TemplateError):
    """A keyword's value is not of the kind that it takes."""


def boolean(renderer: Renderer, written: Any, default: Any = False) -> bool:
    """The truth of a keyword. Raises NoSuchValue for what is neither yes nor no."""
    return bool(_converted(renderer, written, default, to_bool, "bool"))


def check_action(task: Task, renderer: Renderer) -> None:
    """Raise UnknownName for the template of a module's name that cannot be rendered, be it for want of a loop's
    variable: Ansible does so before it looks at the task, and ends the run."""
    try:
        renderer.value(task.action)
    except TemplateError as error:
        raise UnknownName(f"action: {error.message}", place=error.place or task.place, hint=error.hint) from error


def runs_once(task: Task, renderer: Renderer) -> bool:
    """Whether one host does the task for all: Ansible takes whatever ``run_once`` comes to for an answer, so that the
    text "false" is a yes. Raises UnknownName for what cannot be rendered: that ends the run."""
    try:
        return bool(renderer.keyword(task.keywords.run_once))
    except TemplateError as error:
        raise UnknownName(f"run_once: {error.message}", place=error.place or task.place, hint=error.hint) from error


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
    """Raise TemplateError for the first keyword of ``task`` whose value cannot be: Ansible looks at all of them before
    the task does anything (ansible-core 2.19, ``Base.post_validate``)."""
    keywords = task.keywords
    for name in _TRUTHS:
        if not isinstance(written := getattr(keywords, name), bool | None):
            with _named(name):
                boolean(renderer, written)
    for name in _TEXTS:
        with _named(name):
            renderer.keyword(getattr(keywords, name))
    with _named("debugger"):
        _check_debugger(renderer.keyword(keywords.debugger))
    with _named("notify"):
        renderer.value(list(task.notify))
    timing = {"async_val": task.run_async, "poll": task.poll, "retries": task.retries}
    for name, written in {"port": keywords.port, "timeout": keywords.timeout, **timing}.items():
        if not isinstance(written, int | None):
            with _named(name):
                _converted(renderer, written, 0, _whole, "int")
    with _named("delay"):
        number(renderer, task.delay, named="float")
    for name, written in {"async": task.run_async, "delay": task.delay}.items():
        if written is not None and renderer.value(written) is None:
            raise NoSuchValue(f"{name} has no value", place=task.place)


def _whole(value: Any) -> int:
    """A number without a fraction. Raises ValueError or TypeError for anything else."""
    if float(value) != int(float(value)):
        raise ValueError(value)
    return int(float(value))


def _check_debugger(value: Any) -> None:
    if value and isinstance(value, str) and value not in DEBUGGERS:
        raise NoSuchValue(f"{value!r} is not a valid value for debugger. Must be one of {', '.join(DEBUGGERS)}")


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Tells of which keyword a value cannot be."""
    try:
        yield
    except TemplateError as error:
        raise error.within(f"Error processing keyword {name!r}") from error
