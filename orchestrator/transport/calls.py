"""What an engine and a worker that holds its connections say to each other, and the bytes it travels as.

Values keep their types, secrets too, so the bytes are pickles: they go over a socket between a process and its own
child, or inside a Dask cluster, whose members run one another's code anyway.
"""

from __future__ import annotations

import io
import pickle
import traceback
from dataclasses import field, replace
from typing import Any

from orchestrator.model import errors
from orchestrator.model.events import Event
from orchestrator.model.frozen import frozen
from orchestrator.model.program import Run, Script
from orchestrator.model.secrets import Secret
from orchestrator.transport.base import Limits


@frozen
class Start:
    """What a worker must know before anything else. ``share``: how many workers there are in all."""

    run_id: str
    limits: Limits
    share: int


@frozen
class Call:
    """Something asked of the connection ``line``; ``number`` is 0 where nobody waits for an answer."""

    number: int
    line: int
    verb: str
    words: tuple[Any, ...] = ()


@frozen
class Fault:
    """An error that must leave its process: the nearest class of ``model.errors``, and its story."""

    kind: str
    message: str
    evidence: str | None = None
    hint: str | None = None
    said: str | None = None

    @classmethod
    def of(cls, error: BaseException) -> Fault:
        """``error`` as it will be told; one that is not ours is a bug, with its traceback as evidence."""
        if not isinstance(error, errors.OrchestratorError):
            return cls("Bug", f"a worker failed: {error!r}", "".join(traceback.format_exception(error)))
        kind = next(each.__name__ for each in type(error).__mro__ if vars(errors).get(each.__name__) is each)
        return cls(kind, error.message, error.evidence, error.hint, error.said)

    def error(self) -> errors.OrchestratorError:
        kind: type[errors.OrchestratorError] = getattr(errors, self.kind)
        return kind(self.message, evidence=self.evidence, hint=self.hint, said=self.said)


@frozen
class Answer:
    """What came of the call ``number``."""

    number: int
    value: Any = None
    fault: Fault | None = None


@frozen
class Heard:
    """What the connection ``line`` told by itself."""

    line: int
    event: Event


@frozen
class Past:
    """What a connection must know of earlier ones to the same host in this run: see NodeConnection."""

    sent: frozenset[str] = frozenset()
    births: dict[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


def packed(message: object) -> bytes:
    return pickle.dumps(message, pickle.HIGHEST_PROTOCOL)


def unpacked(data: bytes) -> Any:
    return pickle.loads(data)  # noqa: S301 - see above: whoever writes these bytes can run code here anyway


class Packer:
    """Makes bytes of calls, in the order they leave on one link: what defines functions goes along only once."""

    def __init__(self) -> None:
        self._sent: dict[Script, int] = {}

    def packed(self, message: object) -> bytes:
        data = io.BytesIO()
        _Pickler(data, self._sent).dump(message)
        return data.getvalue()


class _Pickler(pickle.Pickler):
    def __init__(self, data: io.BytesIO, sent: dict[Script, int]) -> None:
        super().__init__(data, pickle.HIGHEST_PROTOCOL)
        self._sent = sent

    def persistent_id(self, obj: object) -> object:
        """None for what is pickled as it is."""
        if type(obj) is not Script:
            return None
        if obj in self._sent:
            return self._sent[obj]
        self._sent[obj] = len(self._sent)
        return obj.name, obj.text


class Unpacker:
    """The other end of a Packer."""

    def __init__(self) -> None:
        self._met: list[Script] = []

    def unpacked(self, data: bytes) -> Any:
        return _Unpickler(data, self._met).load()


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, met: list[Script]) -> None:
        super().__init__(io.BytesIO(data))
        self._met = met

    def persistent_load(self, pid: Any) -> Script:
        if isinstance(pid, int):
            return self._met[pid]
        self._met.append(Script(*pid))
        return self._met[-1]


def portable(program: Run) -> Run:
    """``program`` with texts that are nothing but text, whatever they remember in this process."""
    stdin = program.stdin
    return replace(
        program,
        values={name: _portable(value) for name, value in program.values.items()},
        environment={name: _portable(value) for name, value in program.environment.items()},
        stdin=None if stdin is None else _portable(stdin),
    )


def _portable(value: str | Secret) -> str | Secret:
    return Secret(str(value.reveal())) if isinstance(value, Secret) else str(value)
