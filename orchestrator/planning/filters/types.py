"""What community.general calls the type of a value, and its test; and its test of host names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.markers import type_name

Aliases = Mapping[str, str]


def _name(value: Any, aliases: Aliases) -> str:
    # text of the user's files bears a name of its own in ansible-core 2.19
    name = "_AnsibleTaggedStr" if type(value) is Text else type_name(value)
    return aliases.get(name, name)


def reveal_ansible_type(data: Any, alias: Aliases | None = None) -> str:
    """The name of a value's type, and of what it holds: ``list[int]``. Numbers have their plain names."""
    aliases = alias or {}
    if not isinstance(aliases, Mapping):
        raise TemplateError(f"The argument alias must be a dictionary. {alias} is {type(alias)}")
    name = _name(data, aliases)
    if name == "list" and data:
        return f"list[{_joined(data, aliases)}]"
    if name == "dict" and data:
        return f"dict[{_joined(data.keys(), aliases)}, {_joined(data.values(), aliases)}]"
    return name


def _joined(values: Any, aliases: Aliases) -> str:
    return "|".join(sorted({_name(value, aliases) for value in values}))


def ansible_type(data: Any, dtype: Any, alias: Aliases | None = None) -> bool:
    """Whether that is the name of the type of ``data``, or one of several."""
    if not isinstance(dtype, Sequence):
        raise TemplateError(f"The argument dtype must be a string or a list. dtype is {dtype}.")
    return reveal_ansible_type(data, alias) in ([dtype] if isinstance(dtype, str) else dtype)


def fqdn_valid(name: Any, min_labels: int = 1, allow_underscores: bool = False) -> bool:
    """Whether RFC 1123 lets a host be called so; at most 253 letters, and 63 between dots."""
    letters = "a-z0-9_" if allow_underscores else "a-z0-9"
    label = rf"[{letters}](?:[{letters}-]{{0,61}}[{letters}])?"
    host = str(name).removesuffix(".")
    labels = host.split(".")
    fits = all(re.fullmatch(label, each, re.IGNORECASE | re.ASCII) for each in labels)
    return fits and len(host) <= 253 and len(labels) >= min_labels


TYPES: Final[Mapping[str, Callable[..., Any]]] = {"community.general.reveal_ansible_type": reveal_ansible_type}
TYPE_TESTS: Final[Mapping[str, Callable[..., Any]]] = {
    "community.general.ansible_type": ansible_type,
    "community.general.fqdn_valid": fqdn_valid,
}
