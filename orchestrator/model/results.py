"""What a task came to: the closed set of outcomes, and the result a module returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field, replace
from enum import StrEnum
from typing import Any

from orchestrator.model.frozen import frozen


class Outcome(StrEnum):
    """How a task ended on a host. Never guessed: no exit status means ``unknown``."""

    OK = "ok"
    CHANGED = "changed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


@frozen
class Diff:
    """Before and after of one thing, as text; the headers name it. Redacted like any other output."""

    before: str
    after: str
    before_header: str = "before"
    after_header: str = "after"

    def registered(self) -> dict[str, str]:
        """The diff as ``register`` stores it; an empty header is none."""
        return {name: text for name, text in asdict(self).items() if text or not name.endswith("_header")}


GATHERED = "_ansible_facts_gathered"
"""The fact that says that others were gathered: what ``gathering: smart`` looks for."""


@frozen(kw_only=True)
class SetFacts:
    """Variables for this host: ``set_fact`` (precedence 19), cacheable or discovered facts (precedence 11)."""

    values: Mapping[str, Any]
    discovered: bool = False


@frozen(kw_only=True)
class IncludeVars:
    """Variables for this host at the precedence of include_vars (18)."""

    values: Mapping[str, Any]


@frozen(kw_only=True)
class IncludeTasks:
    """Load a tasks file now and run it in place of the including task. ``file`` is as written, already rendered."""

    file: str
    apply: Mapping[str, Any] = field(default_factory=dict)


@frozen(kw_only=True)
class IncludeRole:
    """Load a role now. ``…_from`` name files other than main, which must be there; None: main, where the role has one.
    ``public`` keeps its defaults and vars for the rest of the play; None: as the setting ``private_role_vars`` says."""

    name: str
    tasks_from: str | None = None
    vars_from: str | None = None
    defaults_from: str | None = None
    handlers_from: str | None = None
    apply: Mapping[str, Any] = field(default_factory=dict)
    public: bool | None = None
    allow_duplicates: bool = True
    rolespec_validate: bool = True


@frozen(kw_only=True)
class AddHost:
    """Add ``name`` to the inventory of this run, in ``groups``, with ``variables``."""

    name: str
    groups: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)


@frozen(kw_only=True)
class GroupBy:
    """Put this host into the group ``key``, itself below ``parents``."""

    key: str
    parents: tuple[str, ...] = ("all",)


@frozen(kw_only=True)
class Meta:
    """A word to the engine: ``flush_handlers end_host end_play end_batch end_role clear_host_errors …``."""

    word: str


@frozen(kw_only=True)
class SetStats:
    """Custom statistics for the recap."""

    data: Mapping[str, Any]
    per_host: bool = False
    aggregate: bool = True


@frozen(kw_only=True)
class KeepSnapshot:
    """A host's environment, to be kept in the journal."""

    snapshot: Mapping[str, Any]


Effect = KeepSnapshot | SetFacts | IncludeVars | IncludeTasks | IncludeRole | AddHost | GroupBy | Meta | SetStats


NO_TRACEBACK = "(traceback unavailable)"
"""What ``exception`` says in every failed result, as in ansible-core 2.19; people are not shown it."""


@frozen(kw_only=True)
class Result:
    """What a module returns. ``data`` holds the module's documented return values (what ``register`` sees)."""

    changed: bool = False
    failed: bool = False
    skipped: bool = False
    unreachable: bool = False
    unknown: bool = False
    msg: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    diff: tuple[Diff, ...] = ()
    effects: tuple[Effect, ...] = ()
    warnings: tuple[str, ...] = ()
    deprecations: tuple[Mapping[str, Any], ...] = ()
    """What people are to be told beside the result: sentences, and of what will go away ``msg``, ``version``,
    ``date`` and ``collection_name``. A loop registers those of its turns as its own (so does Ansible)."""
    doubts: tuple[str, ...] = ()
    """What people are told besides, and no variable: where a tool's own word was to be trusted, and yet …"""
    lists_diff: bool = False
    """Whether ``register`` stores the diff as a list even where it is one: modules that write whole files do."""
    registers_diff: bool = True
    """Whether ``register`` stores the diff at all: of accounts, packages and the like Ansible has none."""
    is_secret: bool = False
    """Whether people are told no more than how it ended, as under ``no_log``."""
    tells_failed: bool = True
    """Whether ``register`` stores ``failed`` even where nothing failed: not for a task whose condition did not hold,
    nor for the sum of a loop (so does Ansible)."""
    evidence: str | None = None
    """What people are told beside the result: what was seen. ``register`` does not store it."""
    gave_up: bool = False
    """Whether the module had nothing to ask its node for, such as a file that is not here: a failure that
    ``changed_when``, ``failed_when`` and ``until`` do not judge (so does Ansible, whose action raises there)."""
    ran_out: bool = False
    """Whether its tries ran out: ``register`` then stores a failure, also where ``failed_when`` says it is none
    (so does Ansible)."""

    @property
    def outcome(self) -> Outcome:
        if self.unknown:
            return Outcome.UNKNOWN
        if self.unreachable:
            return Outcome.UNREACHABLE
        if self.failed:
            return Outcome.FAILED
        if self.skipped:
            return Outcome.SKIPPED
        return Outcome.CHANGED if self.changed else Outcome.OK

    def as_vars(self) -> dict[str, Any]:
        """The mapping that ``register`` stores, in Ansible's shape."""
        shown: dict[str, Any] = {**self.data, "changed": self.changed}
        if (self.tells_failed and not self.unreachable) or self.failed or self.unknown or self.ran_out:
            shown["failed"] = self.failed or self.unknown or self.ran_out
        if self.tells_failed and (self.failed or self.unreachable):
            shown.setdefault("exception", NO_TRACEBACK)
        if self.skipped:
            shown["skipped"] = True
        if self.unreachable:
            shown["unreachable"] = True
        if self.unknown:
            shown["unknown"] = True
        if self.msg is not None:
            shown.setdefault("msg", self.msg)
        if self.warnings:
            shown["warnings"] = [*shown.get("warnings", ()), *self.warnings]
        if self.deprecations:
            shown["deprecations"] = [*shown.get("deprecations", ()), *map(dict, self.deprecations)]
        if self.diff and self.registers_diff:
            listed = [each.registered() for each in self.diff]
            shown.setdefault("diff", listed if self.lists_diff or len(listed) > 1 else listed[0])
        return shown

    def but(self, **changes: Any) -> Result:
        """A copy with some fields replaced."""
        return replace(self, **changes)


def failure(msg: str, **data: Any) -> Result:
    """A failed result with its reason."""
    return Result(failed=True, msg=msg, data=data)
