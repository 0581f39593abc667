"""The inventory source ``plugin: constructed``: variables and groups made of what the sources before it say.

The rules are those of ansible-core 2.19's ``constructed`` inventory plugin. Host by host: ``compose`` sets variables
(none sees another of the same source), then ``groups`` takes in the hosts for which a condition holds, then
``keyed_groups`` names groups after values. What fails for a host is passed over, unless ``strict``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from orchestrator.language.inventory.assembly import Assembly, Judge, Values, Warn
from orchestrator.language.keywords import did_you_mean
from orchestrator.language.load import kind_of
from orchestrator.model.errors import InventoryError, UserError
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Place, Text, place_of

NAMES = ("constructed", "ansible.builtin.constructed")
_OPTIONS = frozenset(
    "plugin compose groups keyed_groups strict use_vars_plugins use_extra_vars leading_separator".split()
)
_TRUE = (True, "true", "yes", "on", "1", 1)

VarsOf = Callable[[str, bool], dict[str, Any]]
"""A host's variables from the sources read so far; the flag asks for group_vars/ and host_vars/ as well."""


def read_constructed(data: Mapping[Any, Any], file: str, into: Assembly, judge: Judge, vars_of: VarsOf) -> None:
    """Add what ``data``, the configuration in ``file``, makes of each host that is known by now."""
    given = _checked(data, Place(file), into.warn)
    maker = _Maker(given, into, judge, given.get("strict") in _TRUE)
    is_deep = given.get("use_vars_plugins") in _TRUE
    for host in list(into.inventory.hosts):
        maker.compose(host, vars_of(host, is_deep))
        known = vars_of(host, is_deep)
        maker.groups(host, known)
        maker.keyed_groups(host, known)


def make(what: str, rules: Mapping[str, Any], known: Values, host: str, into: Assembly, judge: Judge) -> None:
    """Do for ``host`` what the ``rules`` of ``what`` (compose …) say; its variables: ``known``."""
    maker = _Maker(_checked(rules, Place(into.source), into.warn), into, judge, rules.get("strict") in _TRUE)
    getattr(maker, what)(host, known)


def _checked(data: Mapping[Any, Any], place: Place, warn: Warn) -> dict[str, Any]:
    shapes = {"compose": dict, "groups": dict, "keyed_groups": list}
    for key, value in data.items():
        if key not in _OPTIONS:
            hint = did_you_mean(str(key), _OPTIONS)
            warn(f"{place_of(key) or place}: {key!r} is no option of constructed{f' ({hint})' if hint else ''}")
        if key in shapes and value is not None and not isinstance(value, shapes[key]):
            wanted = "a mapping" if shapes[key] is dict else "a list"
            raise InventoryError(f"{key} is {wanted}, not {kind_of(value)}", place=place_of(key) or place)
    return {str(key): value for key, value in data.items()}


@frozen
class _Maker:
    given: dict[str, Any]
    into: Assembly
    judge: Judge
    is_strict: bool

    def compose(self, host: str, known: Values) -> None:
        for name, written in (self.given.get("compose") or {}).items():
            found = self._tried(partial(self._value, written, known), f"set {name} for host {host}")
            if found:
                self.into.host_var(host, name, found[0], place_of(name))

    def groups(self, host: str, known: Values) -> None:
        for name, condition in (self.given.get("groups") or {}).items():
            holds = self._tried(partial(self.judge.holds, condition, known), f"add host {host} to group {name}")
            if holds and holds[0]:
                self.into.host(host, self.into.group(_safe(str(name)), place_of(name)))

    def keyed_groups(self, host: str, known: Values) -> None:
        for entry in self.given.get("keyed_groups") or []:
            if not isinstance(entry, dict) or not entry:
                raise InventoryError(f"an entry of keyed_groups is a mapping, not {kind_of(entry)}")
            if entry.get("trailing_separator") is not None and entry.get("default_value") is not None:
                raise InventoryError("default_value and trailing_separator exclude each other", place=place_of(entry))
            self._keyed(entry, host, known)

    def _keyed(self, entry: dict[str, Any], host: str, known: Values) -> None:
        what = f"generate a group for host {host} from {entry.get('key')}"
        found = self._tried(lambda: self._value(entry.get("key"), known), what)
        if not found:
            return
        key, default = found[0], entry.get("default_value")
        if not key and not (key in (None, "") and default is not None):
            if self.is_strict and key not in ([], {}):
                raise InventoryError(f"Could not {what}: it came to nothing", place=place_of(entry))
            return
        parent = self._tried(lambda: self.judge.text(entry.get("parent_group"), known), f"{what}: its parent")
        if not parent:
            return
        for name in _names(key, entry):
            group = self.into.group(_safe(self._prefixed(name, entry)), place_of(entry))
            self.into.host(host, group)
            if parent[0]:
                self.into.child(self.into.group(_safe(str(parent[0]))), group, place_of(entry))

    def _prefixed(self, name: Any, entry: Mapping[str, Any]) -> str:
        prefix, separator = entry.get("prefix", ""), entry.get("separator", "_")
        is_bare = prefix == "" and self.given.get("leading_separator", True) not in _TRUE
        return f"{prefix}{'' if is_bare else separator}{name}"

    def _value(self, written: Any, known: Values) -> Any:
        if not isinstance(written, Text):
            raise InventoryError(f"an expression is text, not {kind_of(written)}", hint="put it in quotes")
        is_extra = self.given.get("use_extra_vars") in _TRUE
        return self.judge.value(written, {**known, **self.judge.extra_vars} if is_extra else known)

    def _tried(self, work: Callable[[], Any], what: str) -> tuple[Any] | None:
        """What ``work`` gives, in a tuple; None where it fails and that does not matter."""
        try:
            return (work(),)
        except UserError as error:
            if not self.is_strict:
                return None
            raise InventoryError(f"Could not {what}: {error.message}", place=error.place, hint=error.hint) from error


def _names(key: Any, entry: Mapping[str, Any]) -> Iterator[Any]:
    """The names that a key's value stands for, without prefix: one, those of a list, or key and value of a mapping."""
    default, separator = entry.get("default_value"), entry.get("separator", "_")
    if key in (None, ""):
        yield default
    elif isinstance(key, str):
        yield key
    elif isinstance(key, list):
        yield from (default if each in (None, "") and default is not None else each for each in key)
    elif isinstance(key, Mapping):
        for name, value in key.items():
            is_empty = value in (None, "")
            if is_empty and default is None and entry.get("trailing_separator") is False:
                yield name
            else:
                yield f"{name}{separator}{default if is_empty and default is not None else value}"
    else:
        raise InventoryError(
            f"a group is named after text, a list or a mapping, not {kind_of(key)}", place=place_of(entry)
        )


def _safe(name: str) -> str:
    """``name`` as Ansible makes a variable's name of it: underscores for all that cannot stand in one."""
    return re.sub(r"^[\d\W]|[^\w]", "_", str(name))
