"""What a task knows of the way to its host though nobody said it: ``ansible_host``, ``ansible_connection`` and so on.

Ansible adds these below all other variables while a task runs (its ``PlayContext.update_vars``); ``hostvars`` has none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.engine.options import Options
from orchestrator.language.tree import Keywords
from orchestrator.model.errors import UserError
from orchestrator.model.hosts import Inventory
from orchestrator.planning.render import OMIT

CONNECT_S: Final = 10
"""Ansible's default for ``ansible_timeout``."""


@dataclass(frozen=True, slots=True, eq=False)
class Reached(Mapping[str, Any]):
    """The names of ``TABLE`` that have a value for a task on ``host``, each made when it is asked for.

    ``render`` gives the value of a keyword as written, None for one that nobody gave; ``variables_of`` what the task
    would see on another host, as written.
    """

    host: str
    keywords: Keywords
    options: Options
    inventory: Inventory
    render: Callable[[Any], Any]
    variables_of: Callable[[str], Mapping[str, Any]]

    def __getitem__(self, name: str) -> Any:
        value = TABLE[name](self)
        if value is None or value is OMIT:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in TABLE and TABLE[str(name)](self) not in (None, OMIT)

    def __iter__(self) -> Iterator[str]:
        return (name for name in TABLE if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _target(reached: Reached) -> str:
    if reached.keywords.delegate_to is None:
        return reached.host
    try:
        elsewhere = reached.render(reached.keywords.delegate_to)
    except UserError:  # it names a loop's variable
        elsewhere = None
    return reached.host if elsewhere in (None, "", OMIT) else str(elsewhere)


def _address(reached: Reached) -> Any:
    name = _target(reached)
    known = reached.inventory.hosts.get(name)
    if known is None:
        return "127.0.0.1" if name == "localhost" else name
    return reached.render(known.vars.get("ansible_host", name))


def _connection(reached: Reached) -> Any:
    if _target(reached) == "localhost" and "localhost" not in reached.inventory.hosts:
        return "local"
    return reached.render(reached.keywords.connection) or reached.options.connection or "ssh"


def _python(reached: Reached) -> Any:
    """Ansible knows the interpreter of this machine alone, and only where no inventory names it."""
    is_implicit = _target(reached) == "localhost" and "localhost" not in reached.inventory.hosts
    return sys.executable if is_implicit else None


def _user(reached: Reached) -> Any:
    return reached.render(reached.keywords.remote_user) or reached.options.user


def _delegated(reached: Reached) -> Any:
    if reached.keywords.delegate_to is None:
        return None
    name = _target(reached)
    about = {"ansible_host": _address(reached), "inventory_hostname": reached.host}
    return {name: {**reached.variables_of(name), **about}}


TABLE: Final[Mapping[str, Callable[[Reached], Any]]] = {
    "ansible_host": _address,
    "ansible_ssh_host": _address,
    "ansible_connection": _connection,
    "ansible_delegated_vars": _delegated,
    "ansible_python_interpreter": _python,
    "ansible_user": _user,
    "ansible_ssh_user": _user,
    "ansible_timeout": lambda _: CONNECT_S,
    "ansible_ssh_timeout": lambda _: CONNECT_S,
    "ansible_shell_executable": lambda _: "/bin/sh",
}
