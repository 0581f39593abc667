"""Filters about a value as such: is it there, what is it, which of two."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2.filters import do_pprint

from orchestrator.model.errors import TemplateError
from orchestrator.planning.markers import Marker, Missing, type_name

_ANSIBLE_NAMESPACE: Final = uuid.UUID("361E6D51-FAEC-444A-9079-341386DA8E2E")
"""The namespace of ``to_uuid`` (ansible-core, plugins/filter/core.py)."""


def default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    """``value``, or ``default_value`` where it is not defined (or, with ``boolean``, where it is empty)."""
    if not isinstance(boolean, bool):
        raise TypeError(f"The 'boolean' argument must be of type 'bool', not {type_name(boolean)!r}.")
    if isinstance(value, Missing):
        return default_value
    if isinstance(value, Marker):
        return value
    return default_value if boolean and not value else value


def mandatory(value: Any, msg: str | None = None) -> Any:
    """``value``; an error saying ``msg`` where it is not defined."""
    if not isinstance(value, Missing):
        return value
    name = f"{value._undefined_name!r} " if value._undefined_name is not None else ""
    raise TemplateError(str(msg) if msg is not None else f"Mandatory variable {name}not defined.")


def ternary(value: Any, true_val: Any, false_val: Any, none_val: Any = None) -> Any:
    """``true_val`` where ``value`` holds, else ``false_val``; ``none_val`` for None where one is given."""
    if value is None and none_val is not None:
        return none_val
    return true_val if bool(value) else false_val


def to_bool(value: Any) -> bool:
    """The boolean that ``value`` says: yes, on, true and 1 in any case; all else is False."""
    if isinstance(value, str | int):
        return str(value).lower() in ("yes", "on", "true", "1")
    return bool(value == 1)


def to_uuid(value: Any, namespace: Any = _ANSIBLE_NAMESPACE) -> str:
    """A UUID that is always the same for the same ``value``."""
    try:
        known = namespace if isinstance(namespace, uuid.UUID) else uuid.UUID(namespace)
    except (AttributeError, ValueError) as error:
        raise TemplateError(f"Invalid value '{namespace}' for 'namespace': {error}") from error
    return str(uuid.uuid5(known, str(value)))


def pprint(value: Any) -> str:
    """``value`` as Python writes it: lists and mappings on one line, as Ansible's own kinds of them come out."""
    return repr(value) if isinstance(value, list | dict) else do_pprint(value)


VALUES: Final[Mapping[str, Callable[..., Any]]] = {
    "bool": to_bool,
    "d": default,
    "default": default,
    "mandatory": mandatory,
    "pprint": pprint,
    "ternary": ternary,
    "to_uuid": to_uuid,
    "type_debug": type_name,
}
