"""References to secrets: what playbooks and flags hold in place of values, and how they are resolved – once.

Two shapes. OpenClaw's object ``{source: env|file|exec, provider: ALIAS, id: ID}``; and a string for flags:
``env:NAME``, ``file:PATH``, ``exec:PROGRAM ARGUMENTS``, ``keyring:SERVICE/NAME``.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.model.errors import SecretError
from orchestrator.model.secrets import Secret
from orchestrator.secrets import sources

SOURCES = ("env", "file", "exec", "keyring")


@dataclass(frozen=True, slots=True)
class Ref:
    """One reference. ``id`` is env's variable, file's pointer into JSON, or what is asked of exec's command."""

    source: str
    id: str
    provider: str = "default"

    def __str__(self) -> str:
        return f"{self.source}:{self.id}" if self.provider == "default" else f"{self.source}:{self.provider}:{self.id}"


@dataclass(frozen=True, slots=True)
class Provider:
    """What an alias in a reference stands for: a file's path, or a command."""

    source: str
    path: str | None = None
    argv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A reference that could not be resolved, and why."""

    ref: Ref
    error: SecretError


@dataclass(slots=True)
class Resolver:
    """Resolves references, each once; ``register`` is told every value, so that it can be hidden."""

    providers: Mapping[str, Provider] = field(default_factory=dict)
    register: Callable[[Secret, str], None] = lambda secret, name: None
    _known: dict[Ref, Secret] = field(default_factory=dict)

    def resolve(self, ref: Ref) -> Secret:
        """The value behind ``ref``. Raises SecretError with near-miss names where there are some."""
        if ref not in self._known:
            self._known[ref] = secret = self._fetch(ref)
            self.register(secret, str(ref))
        return self._known[ref]

    def check(self, refs: Iterable[Ref]) -> list[Failure]:
        """Resolve all of ``refs``; what failed, all of it."""
        failures: list[Failure] = []
        for ref in dict.fromkeys(refs):
            try:
                self.resolve(ref)
            except SecretError as error:
                failures.append(Failure(ref, error))
        return failures

    def _fetch(self, ref: Ref) -> Secret:
        match ref.source:
            case "env":
                return sources.from_environment(ref.id)
            case "keyring":
                service, _, name = ref.id.rpartition("/")
                return sources.from_keyring(service, name)
            case "file" if ref.provider == "default":
                return sources.from_file(ref.id)
            case "exec" if ref.provider == "default":
                return sources.from_command(shlex.split(ref.id))
        provider = self._provider(ref)
        if ref.source == "file":
            return sources.from_file(provider.path or "", ref.id)
        return sources.from_protocol(provider.argv, ref.provider, ref.id)

    def _provider(self, ref: Ref) -> Provider:
        found = self.providers.get(ref.provider)
        if found is None or found.source != ref.source:
            near = difflib.get_close_matches(ref.provider, self.providers, 3, 0.6)
            raise SecretError(
                f"there is no {ref.source} provider called {ref.provider}",
                hint=f"did you mean {' or '.join(near)}?" if near else "declare it, or name the source itself",
            )
        return found


def parse(written: Any) -> Ref:
    """The reference that ``written`` stands for: a string or OpenClaw's object. Raises SecretError."""
    if isinstance(written, Mapping):
        return _from_object(written)
    source, colon, id = str(written).partition(":")
    if not colon or source not in SOURCES or not id:
        near = difflib.get_close_matches(source, SOURCES, 1) if colon else []
        raise SecretError(
            "a reference to a secret is env:NAME, file:PATH, exec:COMMAND or keyring:SERVICE/NAME",
            # Whoever wrote the secret itself here must not find it in a log.
            hint=f"did you mean {near[0]}:?" if near else "the secret itself does not belong here",
        )
    return Ref(source, id)


def is_ref(written: Any) -> bool:
    """True where ``written`` has the shape of OpenClaw's reference object."""
    return (
        isinstance(written, Mapping)
        and set(written) <= {"source", "provider", "id"}
        and {"source", "id"} <= set(written)
    )


def find_refs(data: Any) -> list[Ref]:
    """All of OpenClaw's reference objects in plain data, in order."""
    if is_ref(data):
        return [parse(data)]
    if isinstance(data, Mapping):
        return [ref for each in data.values() for ref in find_refs(each)]
    if isinstance(data, list | tuple):
        return [ref for each in data for ref in find_refs(each)]
    return []


def _from_object(written: Mapping[str, Any]) -> Ref:
    source = written.get("source")
    if source not in SOURCES:
        near = difflib.get_close_matches(str(source), SOURCES, 1)
        raise SecretError(
            f"a reference's source is {' or '.join(SOURCES)}, not {source!r}",
            hint=f"did you mean {near[0]}?" if near else None,
        )
    if not isinstance(written.get("id"), str) or not written["id"]:
        raise SecretError("a reference needs an id", evidence=f"source: {source}")
    return Ref(str(source), written["id"], str(written.get("provider", "default")))
