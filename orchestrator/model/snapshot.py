"""The state of one node's environment at one moment: facts, each with its source, and the drift between two snapshots.

Schema version 1, plain JSON out. A fact is *known* (its value may be None: known not to be there), *unknown* with the
reason, or *not permitted*. Unknown is never shown as clean, and turning unknown is drift too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from orchestrator.model.frozen import frozen

SCHEMA = 1


class Standing(StrEnum):
    """What we can say of a fact."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    NOT_PERMITTED = "not permitted"


class Severity(StrEnum):
    """How much a difference matters: breaks what runs here, may explain a failure, or is only told."""

    BREAKING = "breaking"
    WARNING = "warning"
    INFO = "info"


@frozen(kw_only=True)
class Fact:
    """One fact: ``section.name``, its JSON value, the command it came from and that command's exit status."""

    name: str
    value: Any = None
    standing: Standing = Standing.KNOWN
    why: str | None = None
    source: str = ""
    exit_status: int | None = None

    def as_data(self) -> dict[str, Any]:
        data = {"value": self.value, "standing": str(self.standing), "source": self.source, "exit": self.exit_status}
        return {**data, "why": self.why} if self.why else data


@frozen(kw_only=True)
class Snapshot:
    """All facts of one host; ``taken_at`` is the controller's time, ISO 8601 in UTC."""

    host: str
    taken_at: str
    facts: tuple[Fact, ...]

    def find(self, name: str) -> Fact | None:
        return next((fact for fact in self.facts if fact.name == name), None)

    def value(self, name: str) -> Any:
        """The fact's value; None where it is not known or not there."""
        fact = self.find(name)
        return fact.value if fact and fact.standing is Standing.KNOWN else None

    def stable(self) -> Snapshot:
        """Without the facts that change by themselves: two of one unchanged host are equal."""
        return Snapshot(
            host=self.host,
            taken_at="",
            facts=tuple(_without_pids(fact) for fact in self.facts if not is_volatile(fact.name)),
        )

    def as_data(self) -> dict[str, Any]:
        """Plain JSON; ``known`` holds the known values once more, nested by section, for use in playbooks."""
        return {
            "schema": SCHEMA,
            "host": self.host,
            "taken_at": self.taken_at,
            "facts": {fact.name: fact.as_data() for fact in self.facts},
            "known": self._nested(),
        }

    def _nested(self) -> dict[str, dict[str, Any]]:
        nested: dict[str, dict[str, Any]] = {}
        for fact in self.facts:
            if fact.standing is Standing.KNOWN:
                section, _, name = fact.name.partition(".")
                nested.setdefault(section, {})[name] = fact.value
        return nested


class BadSnapshot(ValueError):
    """The data is no snapshot of a schema that we know; says why."""


def from_data(data: Any) -> Snapshot:
    """The snapshot that ``as_data`` wrote. Raises BadSnapshot."""
    if not isinstance(data, Mapping) or not isinstance(data.get("facts"), Mapping):
        raise BadSnapshot("this is no snapshot: a mapping with `schema`, `host`, `taken_at` and `facts` is expected")
    if data.get("schema") != SCHEMA:
        raise BadSnapshot(f"this snapshot has schema {data.get('schema')!r}; this version reads schema {SCHEMA}")
    facts = tuple(_fact(str(name), entry) for name, entry in data["facts"].items())
    return Snapshot(host=str(data.get("host", "")), taken_at=str(data.get("taken_at", "")), facts=facts)


def _fact(name: str, entry: Any) -> Fact:
    if not isinstance(entry, Mapping) or entry.get("standing") not in set(Standing):
        raise BadSnapshot(f"the fact {name!r} has no standing (known, unknown, not permitted)")
    return Fact(
        name=name,
        value=entry.get("value"),
        standing=Standing(entry["standing"]),
        why=entry.get("why"),
        source=str(entry.get("source", "")),
        exit_status=entry.get("exit"),
    )


VOLATILE = (
    "clock.*", "boot.time", "boot.up_s", "load.*", "memory.*", "disk.available_bytes", "power.assertions",
    "session.logged_in",
)  # fmt: skip
"""Facts that change by themselves; they are kept and never compared."""
_CHANGING_KEYS = frozenset({"pid", "runs", "last_exit_code"})
_RULES: tuple[tuple[str, Severity], ...] = (
    ("os.*", Severity.BREAKING),
    ("hardware.*", Severity.BREAKING),
    ("protection.*", Severity.BREAKING),
    ("mdm.*", Severity.BREAKING),
    ("keychain.*", Severity.BREAKING),
    ("privacy.*", Severity.BREAKING),
    ("session.gui_domain", Severity.BREAKING),
    ("session.on_demand_count", Severity.BREAKING),
    ("network.listening", Severity.BREAKING),
    ("openclaw.*", Severity.BREAKING),
    ("launchd.*", Severity.WARNING),
    ("session.*", Severity.WARNING),
    ("power.*", Severity.WARNING),
    ("time.*", Severity.WARNING),
    ("user.*", Severity.WARNING),
    ("tools.*", Severity.WARNING),
    ("updates.*", Severity.WARNING),
)


def is_volatile(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in VOLATILE)


def severity(name: str) -> Severity:
    """The severity of a change in the fact called ``name``: the first rule that fits, else info."""
    return next((found for pattern, found in _RULES if fnmatchcase(name, pattern)), Severity.INFO)


def _without_pids(fact: Fact) -> Fact:
    return Fact(name=fact.name, value=_steady(fact.value), standing=fact.standing, why=fact.why, source=fact.source)


def _steady(value: Any) -> Any:
    """The value without process ids and counters, which change at each restart."""
    if isinstance(value, Mapping):
        return {key: _steady(item) for key, item in value.items() if key not in _CHANGING_KEYS}
    return [_steady(item) for item in value] if isinstance(value, list | tuple) else value


@frozen(kw_only=True)
class Change:
    """One fact that differs; ``before`` and ``after`` as shown: the value, or ``unknown: why``."""

    name: str
    before: Any
    after: Any
    severity: Severity

    def as_data(self) -> dict[str, Any]:
        return {"name": self.name, "before": self.before, "after": self.after, "severity": str(self.severity)}


@frozen(kw_only=True)
class Drift:
    """What changed since a baseline. ``other_machine``: the hardware is another one, so all else is moot."""

    changes: tuple[Change, ...]
    other_machine: bool = False
    rebooted: bool = False

    @property
    def worst(self) -> Severity | None:
        ranked = [found for found in Severity if any(change.severity is found for change in self.changes)]
        return Severity.BREAKING if self.other_machine else next(iter(ranked), None)


def drift(baseline: Snapshot, now: Snapshot) -> Drift:
    """The differences of what does not change by itself, worst first, then by name."""
    order = list(Severity)
    changes = sorted(_changes(baseline.stable(), now.stable()), key=lambda one: (order.index(one.severity), one.name))
    machines = baseline.value("hardware.digest"), now.value("hardware.digest")
    boots = baseline.value("boot.session"), now.value("boot.session")
    return Drift(
        changes=tuple(changes),
        other_machine=None not in machines and machines[0] != machines[1],
        rebooted=None not in boots and boots[0] != boots[1],
    )


def _changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old = {fact.name: fact for fact in before.facts}
    new = {fact.name: fact for fact in after.facts}
    for name in sorted({*old, *new}):
        pair = shown(old.get(name)), shown(new.get(name))
        if pair[0] != pair[1]:
            lost = any(fact and fact.standing is not Standing.KNOWN for fact in (old.get(name), new.get(name)))
            worth = severity(name)
            worth = Severity.WARNING if lost and worth is Severity.BREAKING else worth
            yield Change(name=name, before=pair[0], after=pair[1], severity=worth)


def shown(fact: Fact | None) -> Any:
    """A fact as people read it."""
    if fact is None:
        return "not asked"
    return fact.value if fact.standing is Standing.KNOWN else f"{fact.standing}: {fact.why}"


TICKET_LINES = 60
_TICKET = (
    "os.version", "os.extra", "os.build", "hardware.model", "hardware.arch", "hardware.memory_bytes",
    "hardware.virtual", "hardware.digest", "boot.session", "boot.up_s", "clock.offset_s", "clock.bound_s",
    "time.zone", "time.ntp_on", "mdm.enrolled", "mdm.dep", "mdm.server", "mdm.profiles", "mdm.managed_preferences",
    "keychain.search_list", "keychain.default", "keychain.login_access", "privacy.full_disk_access", "protection.sip",
    "protection.filevault", "protection.gatekeeper", "protection.firewall", "protection.autologin",
    "power.sleep_s", "session.console_user", "session.gui_domain", "session.on_demand_count",
    "memory.pressure_level", "memory.swap_used_bytes", "disk.available_bytes", "network.listening",
    "tools.developer", "tools.brew_prefix", "openclaw.version", "updates.offered",
)  # fmt: skip
_CELL = 90


def markdown(snapshot: Snapshot) -> str:
    """The snapshot for a ticket: at most 60 lines, the facts that explain failures, then what could not be seen."""
    head = [f"**{snapshot.host}** at {snapshot.taken_at}", "", "| fact | value |", "|---|---|"]
    chosen = [fact for name in _TICKET if (fact := snapshot.find(name)) and fact.standing is Standing.KNOWN]
    jobs = [fact for fact in snapshot.facts if fact.name.startswith("launchd.")]
    rows = [f"| {fact.name} | {_cell(fact.value)} |" for fact in [*chosen, *jobs[:6]]]
    dark = [fact for fact in snapshot.facts if fact.standing is not Standing.KNOWN]
    room = TICKET_LINES - len(head) - len(rows) - 3
    notes = [f"- {fact.name}: {fact.standing}, {_cell(fact.why)}" for fact in dark[:room]]
    more = [f"- and {len(dark) - room} more"] if len(dark) > room else []
    tail = ["", f"Not seen: {len(dark)} of {len(snapshot.facts)} facts", *notes, *more] if dark else []
    return "\n".join([*head, *rows, *tail]) + "\n"


def _cell(value: Any) -> str:
    text = "none" if value is None else _listed(value) if isinstance(value, list | tuple) else str(value)
    text = " ".join(text.replace("|", "\\|").split())
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _listed(values: list[Any] | tuple[Any, ...]) -> str:
    words = [f"{one.get('address')}:{one.get('port')}" if isinstance(one, Mapping) else str(one) for one in values]
    return ", ".join(words) or "none"
