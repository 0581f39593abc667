"""Templates in plug-ins. As in ansible-core 2.19, text is one only where somebody vouches for it."""

from __future__ import annotations

from typing import Any

from ._controller import ask
from .errors import AnsibleUndefinedVariable

MARK = "__template"


class _Trusted(str):
    """Text that may be a template."""


def trust_as_template(value: Any) -> Any:
    """``value``, vouched for."""
    return _Trusted(value)


def is_trusted_as_template(value: Any) -> bool:
    """Whether somebody vouched for ``value``."""
    return isinstance(value, _Trusted)


def marked(value: Any) -> Any:
    """``value`` with what is vouched for in it marked, as the line to the controller's side needs it."""
    if isinstance(value, _Trusted):
        return {MARK: str(value)}
    if isinstance(value, dict):
        return {str(name): marked(each) for name, each in value.items()}
    return [marked(each) for each in value] if isinstance(value, (list, tuple, set, frozenset)) else value


def unmarked(value: Any, *, is_vouched: bool = True) -> Any:
    """``value`` as the line brought it: what is marked in it is text, vouched for if ``is_vouched``."""
    if isinstance(value, dict):
        if value.keys() == {MARK}:
            return _Trusted(value[MARK]) if is_vouched else value[MARK]
        return {name: unmarked(each, is_vouched=is_vouched) for name, each in value.items()}
    return [unmarked(each, is_vouched=is_vouched) for each in value] if isinstance(value, list) else value


class Templar:
    """``self._templar``; the variables are rendered already, so that most text is as it should be."""

    def __init__(self, loader: Any = None, variables: Any = None) -> None:
        self.available_variables = variables if variables is not None else {}

    def template(self, variable: Any, fail_on_undefined: bool = True, **_how: Any) -> Any:
        """``variable`` with what is vouched for in it rendered."""
        if isinstance(variable, dict):
            return {self.template(name): self.template(value) for name, value in variable.items()}
        if isinstance(variable, (list, tuple)):
            return [self.template(each) for each in variable]
        if not isinstance(variable, _Trusted):
            return variable
        set_here = getattr(self.available_variables, "changed", self.available_variables)
        try:
            return ask("render", text=variable, variables=dict(set_here))
        except AnsibleUndefinedVariable:
            if fail_on_undefined:
                raise
            return variable

    def is_template(self, data: Any) -> bool:
        """Whether ``data`` would be rendered."""
        return is_trusted_as_template(data) and "{" in data
