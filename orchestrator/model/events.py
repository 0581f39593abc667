"""What the engine tells while it works: the only source of everything people see.

Every event is a frozen value of plain data, numbered and timed when the journal takes it. Reports read events; the
engine knows no screen. ``to_json`` and ``from_json`` are each other's inverse; unknown kinds and fields of newer
versions are kept as ``Other``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field, fields
from typing import Any

from orchestrator.model.frozen import frozen
from orchestrator.model.status import Status


@frozen(kw_only=True)
class RunStarted:
    """A run begins, or goes on in another process (``resumed``).

    ``command`` is argv without secrets, ``playbooks`` maps path → text digest, ``invocation`` is what ``orch resume``
    needs to begin it again.
    """

    run: str
    version: str
    command: tuple[str, ...]
    playbooks: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    check: bool = False
    resumed: bool = False
    invocation: Mapping[str, Any] = field(default_factory=dict)


@frozen(kw_only=True)
class PlayStarted:
    """A play begins; ``hosts`` in running order, ``play`` counts from 1 through the run."""

    play: int
    name: str
    hosts: tuple[str, ...]
    place: str | None = None


@frozen(kw_only=True)
class BatchStarted:
    """A serial batch of a play begins."""

    play: int
    batch: int
    hosts: tuple[str, ...]


@frozen(kw_only=True)
class NoHosts:
    """A play matched no host, or none was left."""

    play: int
    reason: str


@frozen(kw_only=True)
class TaskStarted:
    """A task is about to run on the first host of its batch. ``task`` is the task's key, stable over resume."""

    task: str
    name: str
    action: str
    play: int
    is_handler: bool = False
    place: str | None = None


@frozen(kw_only=True)
class Dispatched:
    """A host is about to be handed a program under ``key``: written before the act. ``where`` names the shell that it
    goes to, as ``ShellOpened`` does."""

    host: str
    task: str
    key: str
    item: str | None = None
    repeatable: bool = False
    where: str = ""


@frozen(kw_only=True)
class ItemDone:
    """One loop item ended on a host. ``label`` is what people see of the item; ``key``, ``is_kept`` and ``facts`` as in
    TaskDone."""

    host: str
    task: str
    label: str
    outcome: str
    key: str = ""
    is_kept: bool = False
    facts: tuple[str, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    diff: tuple[Mapping[str, str], ...] = ()
    ignored: bool = False
    no_log: bool = False
    delegated_to: str | None = None


@frozen(kw_only=True)
class Retrying:
    """An attempt did not meet ``until``; another follows."""

    host: str
    task: str
    attempt: int
    left: int
    result: Mapping[str, Any] = field(default_factory=dict)


@frozen(kw_only=True)
class TaskDone:
    """A task ended on a host. ``result`` is what ``register`` stores, secrets replaced; a loop has ``results``.

    ``rescued`` is told later by ``HostRescued``. ``delegated_to`` names the host that did the work where another did.
    For resuming: ``key`` is the same whenever the run is walked; ``is_kept`` says that a resumed run needs no more than
    what stands here; ``notify`` and ``facts`` (``set``, ``discovered``) are what followed from the result.
    """

    host: str
    task: str
    outcome: str
    key: str = ""
    is_kept: bool = False
    facts: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    diff: tuple[Mapping[str, str], ...] = ()
    duration_s: float = 0.0
    ignored: bool = False
    is_loop: bool = False
    no_log: bool = False
    delegated_to: str | None = None
    place: str | None = None
    evidence: str | None = None
    hint: str | None = None


@frozen(kw_only=True)
class HostRescued:
    """A block's rescue takes over after a failure on this host."""

    host: str
    task: str


@frozen(kw_only=True)
class Included:
    """A file or role was included for these hosts."""

    task: str
    what: str
    hosts: tuple[str, ...]
    item: str | None = None


@frozen(kw_only=True)
class Notified:
    """A changed task notified a handler on a host."""

    host: str
    handler: str
    task: str


@frozen(kw_only=True)
class Connected:
    """A connection stands. ``login`` is user@address:port as dialled."""

    host: str
    login: str
    duration_s: float = 0.0
    facts: Mapping[str, str] = field(default_factory=dict)


@frozen(kw_only=True)
class ShellOpened:
    """A standing shell answered. ``where`` is its login, host and user; ``birth`` names the spool that it found."""

    host: str
    where: str
    birth: str


@frozen(kw_only=True)
class ConnectionLost:
    """A connection broke or could not be made; ``will_retry_s`` is when the next try comes, 0 for at once, None for
    never."""

    host: str
    reason: str
    will_retry_s: float | None = None


@frozen(kw_only=True)
class Said:
    """A line for people that belongs to no result: a warning, a prompt's text, a deprecation. A ``note`` is for those
    who asked for more (``-v``)."""

    level: str
    text: str
    host: str | None = None


@frozen(kw_only=True)
class Answered:
    """What a person answered to a play's ``vars_prompt``; None for one that is asked without echo."""

    play: int
    name: str
    value: Any = None


@frozen(kw_only=True)
class Leaving:
    """All plays are through: what follows only cleans up."""


@frozen(kw_only=True)
class SnapshotTaken:
    """A host's environment, as the snapshot module recorded it."""

    host: str
    snapshot: Mapping[str, Any]


@frozen(kw_only=True)
class HostSummary:
    """A host's counts at the end, in the words of Ansible's recap."""

    host: str
    ok: int = 0
    changed: int = 0
    unreachable: int = 0
    failed: int = 0
    skipped: int = 0
    rescued: int = 0
    ignored: int = 0
    unknown: int = 0


@frozen(kw_only=True)
class RunEnded:
    """The run is over. ``status`` is the exit status; ``reason`` says why where it ended early."""

    status: int
    hosts: tuple[HostSummary, ...] = ()
    duration_s: float = 0.0
    reason: str | None = None
    stats: Mapping[str, Any] = field(default_factory=dict)

    @property
    def leaves_work(self) -> bool:
        """Whether a resumed run has something to do: it ended early, or there are hosts that were out of reach or whose
        outcome nobody knows."""
        return self.reason is not None or self.status >= Status.UNREACHABLE


@frozen(kw_only=True)
class Other:
    """An event of a newer version: kept, not understood."""

    kind: str
    data: Mapping[str, Any]


Event = (
    RunStarted
    | PlayStarted
    | BatchStarted
    | NoHosts
    | TaskStarted
    | Dispatched
    | ItemDone
    | Retrying
    | TaskDone
    | HostRescued
    | Included
    | Notified
    | Connected
    | ShellOpened
    | ConnectionLost
    | Answered
    | Said
    | SnapshotTaken
    | Leaving
    | RunEnded
    | Other
)

KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in Event.__args__ if kind is not Other}
NAMES = {name: tuple(each.name for each in fields(kind)) for name, kind in KINDS.items()}
"""The fields of each kind, in order."""


def to_json(event: Event) -> dict[str, Any]:
    """``event`` as plain JSON data with its ``kind``."""
    if isinstance(event, Other):
        return {"kind": event.kind, **event.data}
    kind = type(event).__name__
    data = {"kind": kind, **{name: getattr(event, name) for name in NAMES[kind]}}
    if isinstance(event, RunEnded):
        data["hosts"] = [asdict(each) for each in event.hosts]
    return data


def from_json(data: Mapping[str, Any]) -> Event:
    """The event that ``to_json`` made ``data`` from; fields this version does not know are dropped."""
    kind = KINDS.get(str(data.get("kind")))
    if kind is None:
        return Other(kind=str(data.get("kind")), data={key: data[key] for key in data if key != "kind"})
    known = NAMES[kind.__name__]
    values = {key: _frozen(value) for key, value in data.items() if key in known}
    if kind is RunEnded:
        values["hosts"] = tuple(HostSummary(**host) for host in values.get("hosts", ()))
    event: Event = kind(**values)
    return event


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
