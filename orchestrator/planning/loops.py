"""What a task loops over, and what it knows at each turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchestrator.language.keywords import is_variable_name
from orchestrator.language.load import is_template
from orchestrator.language.tree import Task
from orchestrator.model.errors import OrchestratorError, PlaybookError, TemplateError
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Text, place_of
from orchestrator.planning.containers import LazyList, plain_but_trusted
from orchestrator.planning.filters.values import to_bool
from orchestrator.planning.lookups.call import run_lookup
from orchestrator.planning.markers import FAILURES, OMIT, Tripped, first_marker, type_name
from orchestrator.planning.render import Renderer


@frozen(kw_only=True)
class LoopControl:
    """``loop_control``, rendered, but for ``label`` and ``break_when``, which are for each turn."""

    loop_var: str = "item"
    index_var: str | None = None
    label: Any = None
    pause_s: float = 0.0
    extended: bool = False
    extended_allitems: bool = True
    break_when: tuple[Any, ...] = ()


def loop_items(task: Task, renderer: Renderer) -> list[Any] | None:
    """The items of ``loop`` or ``with_NAME``, rendered; None for a task without a loop."""
    if task.loop_with is not None:
        return _items_with(task, task.loop_with, renderer)
    if task.loop is None:
        return None
    items = _rendered(task.loop, renderer)
    if not isinstance(items, list):
        raise PlaybookError(
            f"The `loop` value must resolve to a 'list', not {type_name(items)!r}.",
            place=place_of(task.loop) or task.place,
            hint="give a list, or a template that comes to one: {{ my_dict | dict2items }}, {{ [x] }}",
        )
    return items


def _rendered(written: Any, renderer: Renderer) -> Any:
    """``written`` rendered; text of a literal list that is no template stays what its author wrote, so that a task may
    take a condition from it."""
    if type(written) is list:
        return [each for each in (_rendered(each, renderer) for each in written) if each is not OMIT]
    if type(written) is dict:
        pairs = ((renderer.value(key), _rendered(each, renderer)) for key, each in written.items())
        return {key: each for key, each in pairs if each is not OMIT}
    return written if type(written) is Text and not is_template(written) else renderer.trusted(written)


def _items_with(task: Task, name: str, renderer: Renderer) -> list[Any]:
    written = Text(task.loop.rstrip("\n"), task.loop.place) if isinstance(task.loop, Text) else task.loop
    terms = renderer.resolve(written)
    listed = [terms.peek(index) for index in range(len(terms))] if type(terms) is LazyList else [terms]
    if name not in ("first_found", "ansible.builtin.first_found") and (marker := first_marker(listed)) is not None:
        renderer.raise_marker(marker, task.loop)
    try:
        found: list[Any] = plain_but_trusted(run_lookup(renderer, name, listed, {}, action=str(task.action)))
        return found
    except Tripped as tripped:
        renderer.raise_marker(tripped.marker, task.loop)
    except FAILURES as error:
        failed = error if isinstance(error, OrchestratorError) else TemplateError(str(error))
        raise PlaybookError(
            f"The lookup plugin '{name}' failed: {failed.message}",
            place=failed.place or place_of(task.loop) or task.place,
            evidence=failed.evidence,
            hint=failed.hint,
        ) from error


def loop_control(task: Task, renderer: Renderer) -> LoopControl:
    """The task's ``loop_control``; raises TemplateError for values of the wrong type."""
    written = dict(task.loop_control or {})
    label, breaks = written.pop("label", None), written.pop("break_when", ())
    said = {str(key): value for key, value in renderer.value(written).items() if value is not OMIT}
    loop_var = said.get("loop_var", "item")
    if not is_variable_name(str(loop_var)):
        raise TemplateError(f"{loop_var!r} cannot be a variable's name", place=place_of(written) or task.place)
    try:
        return LoopControl(
            loop_var=str(loop_var),
            index_var=str(said["index_var"]) if said.get("index_var") else None,
            label=label,
            pause_s=float(said.get("pause") or 0),
            extended=to_bool(said.get("extended", False)),
            extended_allitems=to_bool(said.get("extended_allitems", True)),
            break_when=tuple(breaks) if isinstance(breaks, list | tuple) else (breaks,),
        )
    except (TypeError, ValueError) as error:
        raise TemplateError(f"loop_control: {error}", place=place_of(written) or task.place) from error


def turn_variables(items: Sequence[Any], index: int, control: LoopControl) -> dict[str, Any]:
    """The variables of the turn with ``items[index]``: the item, its index, ``ansible_loop`` where extended."""
    known: dict[str, Any] = {"ansible_loop_var": control.loop_var, control.loop_var: items[index]}
    if control.index_var:
        known |= {"ansible_index_var": control.index_var, control.index_var: index}
    if control.extended:
        known["ansible_loop"] = _extended(items, index, control.extended_allitems)
    return known


def _extended(items: Sequence[Any], index: int, with_all: bool) -> dict[str, Any]:
    length = len(items)
    return {
        "index": index + 1,
        "index0": index,
        "first": index == 0,
        "last": index + 1 == length,
        "length": length,
        "revindex": length - index,
        "revindex0": length - index - 1,
        **({"allitems": list(items)} if with_all else {}),
        **({"nextitem": items[index + 1]} if index + 1 < length else {}),
        **({"previtem": items[index - 1]} if index else {}),
    }


def label_of(item: Any, control: LoopControl, renderer: Renderer) -> Any:
    """What people see of a turn; ``renderer`` knows the turn's variables."""
    return item if control.label in (None, "") else renderer.value(control.label)
