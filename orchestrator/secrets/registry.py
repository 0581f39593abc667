"""This file reads the registry of secrets: each name's purpose, class, owner, consumers, and where its value is kept.

Nothing in a registry is secret. What is wrong in it is told all at once, with places.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from orchestrator.language.load import decode, load_text, read_bytes
from orchestrator.model.errors import SecretError
from orchestrator.model.place import Place, Text
from orchestrator.secrets.near import meant
from orchestrator.secrets.providers import CLOSED, Provider
from orchestrator.secrets.refs import Ref, parse
from orchestrator.secrets.resolver import OpenVault

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""Names are written in templates as ``secrets.NAME``."""
ANY = "any"
"""The environment of a registry that tells none apart."""
Class = Literal["root", "provider", "channel", "login", "session", "tool"]
"""What a secret opens: everything; a model provider; a chat channel; a machine or account; one session; one tool."""


class Environment(BaseModel):
    """``namespaces``: patterns of the references that this environment may use; none allows all."""

    model_config = CLOSED
    namespaces: tuple[str, ...] = ()


class Limits(BaseModel):
    """So many secrets without class or owner are told, and so many stop a run."""

    model_config = CLOSED
    warn_unclassified: int = Field(12, ge=1)
    block_unclassified: int = Field(20, ge=1)


class Entry(BaseModel):
    """One secret. ``ref`` holds in every environment, ``refs`` name one for each; ``openclaw_id`` is the id of the
    reference that OpenClaw's own configuration has to the same secret."""

    model_config = CLOSED
    purpose: str = Field(min_length=1)
    ref: Any = None
    refs: dict[str, Any] = Field(default_factory=dict)
    class_: Class | None = Field(None, alias="class")
    owner: str | None = None
    consumers: tuple[str, ...] = ()
    rotated: datetime.date | None = None
    rotate_days: int | None = Field(None, ge=1)
    block_days: int | None = Field(None, ge=1)
    rotation: str | None = None
    openclaw_id: str | None = None

    @property
    def is_classified(self) -> bool:
        return self.class_ is not None and self.owner is not None


class Registry(BaseModel):
    """A whole registry. ``fingerprint_key`` is a reference; without it this machine's own key holds."""

    model_config = CLOSED
    version: Literal[1]
    environment: str | None = None
    environments: dict[Name, Environment] = Field(default_factory=dict)
    fingerprint_key: str | None = None
    limits: Limits = Limits.model_construct(warn_unclassified=12, block_unclassified=20)
    providers: dict[str, Provider] = Field(default_factory=dict)
    secrets: dict[Name, Entry]

    @property
    def names(self) -> tuple[str, ...]:
        """All environments."""
        return tuple(self.environments) or (ANY,)

    def chosen(self, asked: str | None) -> str:
        """The environment that holds: the one asked for, else the registry's own. Raises SecretError."""
        name = asked or self.environment or (self.names[0] if len(self.names) == 1 else None)
        if name in self.names:
            return name
        if name is None:
            raise SecretError("which environment?", hint=f"--environment {' or '.join(self.names)}")
        hint = meant(name, self.names, f"the registry has {', '.join(self.names)}")
        raise SecretError(f"there is no environment {name}", hint=hint)

    def refs(self, environment: str) -> dict[str, Ref]:
        """Name → reference, of all secrets that ``environment`` has."""
        written = {name: entry.refs.get(environment, entry.ref) for name, entry in self.secrets.items()}
        return {name: parse(each) for name, each in written.items() if each is not None}


def load_registry(path: str, open_vault: OpenVault | None = None) -> Registry:
    """The registry in the file at ``path``. Raises SecretError with the place of the first mistake, and all of them."""
    doubled: list[str] = []
    raw, is_secret = read_bytes(path, open_vault, SecretError)
    data = load_text(decode(raw, path, SecretError), path, error=SecretError, is_secret=is_secret, warn=doubled.append)
    if doubled:
        raise SecretError("a name stands for one secret only", place=Place(path), evidence="; ".join(doubled))
    if not isinstance(data, Mapping):
        raise SecretError("a registry is a mapping with version and secrets", place=Place(path))
    try:
        registry = Registry.model_validate(data)
    except ValidationError as error:
        raise _told(error, data, path) from None
    if wrong := [each for name, entry in registry.secrets.items() for each in _mistakes(registry, name, entry)]:
        name, message = wrong[0]
        rest = "; ".join(f"{other}: {text}" for other, text in wrong[1:])
        raise SecretError(f"{name}: {message}", place=_place(data, ("secrets", name), path), evidence=rest or None)
    return registry


def _mistakes(registry: Registry, name: str, entry: Entry) -> list[tuple[str, str]]:
    """What is wrong in one entry, that no single field shows."""
    if entry.ref is None and not entry.refs:
        return [(name, "it needs a ref, or refs by environment")]
    wrong = [
        (name, f"there is no environment {each}: {meant(each, registry.names, f'known are {registry.names}')}")
        for each in entry.refs
        if each not in registry.names
    ]
    for environment in registry.names:
        written = entry.refs.get(environment, entry.ref)
        try:
            ref = None if written is None else parse(written)
        except SecretError as error:
            wrong.append((name, f"{error.message} ({error.hint})"))
            continue
        if ref is not None and not _is_allowed(ref, registry.environments.get(environment)):
            wrong.append((name, f"{ref} is outside the namespaces of {environment}"))
    return wrong


def _is_allowed(ref: Ref, environment: Environment | None) -> bool:
    patterns = environment.namespaces if environment else ()
    return not patterns or any(fnmatchcase(str(ref), pattern) for pattern in patterns)


def _told(error: ValidationError, data: Any, path: str) -> SecretError:
    """The first mistake at its place, the others as evidence. What was written is not repeated: it may be a secret."""
    first, *others = [
        (tuple(part for part in each["loc"] if part != "[key]"), str(each["msg"])) for each in error.errors()
    ]
    rest = "; ".join(f"{'.'.join(map(str, loc))}: {message}" for loc, message in others)
    return SecretError(
        f"{'.'.join(map(str, first[0]))}: {first[1]}",
        place=_place(data, first[0], path),
        evidence=rest or None,
        hint="docs/reference/secrets.md tells what a registry holds",
    )


def _place(data: Any, loc: tuple[int | str, ...], path: str) -> Place:
    """The place of the innermost key of ``loc`` that ``data`` has."""
    place = Place(path)
    for part in loc:
        if not isinstance(data, Mapping) or part not in data:
            break
        key = next(each for each in data if each == part)
        place = key.place if isinstance(key, Text) and key.place else place
        data = data[part]
    return place
