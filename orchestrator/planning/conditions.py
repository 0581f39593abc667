"""Whether a task's conditions hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from orchestrator.model.frozen import frozen
from orchestrator.planning.render import Renderer


@frozen
class Verdict:
    """What came of several conditions that must all hold; ``false_condition`` is the first that did not, as written."""

    holds: bool
    false_condition: Any = None

    def __bool__(self) -> bool:
        return self.holds


def delimited(conditions: Iterable[Any]) -> int:
    """How many of ``conditions`` stand in template delimiters as a whole, which Ansible deprecates."""
    texts = (each.strip() for each in conditions if isinstance(each, str))
    return sum(text.startswith(("{{", "{%", "{#")) and text.endswith(("}}", "%}", "#}")) for text in texts)


def judge(conditions: Iterable[Any], renderer: Renderer) -> Verdict:
    """Whether all ``conditions`` hold, asked in order and no further than the first that does not.

    An entry may be a list of conditions. Raises TemplateError and UndefinedVariable as ``Renderer.condition`` does.
    """
    for condition in conditions:
        if isinstance(condition, list | tuple):
            verdict = judge(condition, renderer)
            if not verdict:
                return verdict
        elif not renderer.condition(condition):
            return Verdict(False, str(condition) if isinstance(condition, str) else condition)
    return Verdict(True)
