"""What is wrong with a registry and its values that still resolves: names, classes, ages, sharing, weakness.

A ``block`` stops a run before its first connection; a ``warn`` is told. No finding shows a value.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Literal

from orchestrator.model.frozen import frozen
from orchestrator.model.secrets import Secret
from orchestrator.secrets.near import confusable
from orchestrator.secrets.redact import is_trackable
from orchestrator.secrets.registry import Entry, Registry
from orchestrator.secrets.strength import weakness

Level = Literal["warn", "block"]
Values = Mapping[str, Mapping[str, Secret]]
"""Environment → name → value, as far as they could be resolved."""


@frozen
class Finding:
    """``code`` is for machines, ``text`` for people, ``hint`` the next step."""

    level: Level
    code: str
    text: str
    hint: str


def audit(registry: Registry, values: Values, today: datetime.date) -> list[Finding]:
    """All findings, those that block first."""
    found = [
        *_names(registry),
        *_classes(registry),
        *_ages(registry, today),
        *_rotations(registry),
        *_values(registry, values),
    ]
    return sorted(found, key=lambda each: each.level != "block")


def _names(registry: Registry) -> Iterator[Finding]:
    for a, b in confusable(registry.secrets):
        yield Finding("warn", "near-miss", f"{a} and {b} are easily mixed up", "rename one of them")
    by_purpose: dict[str, list[str]] = {}
    for name, entry in registry.secrets.items():
        by_purpose.setdefault(" ".join(entry.purpose.lower().split()), []).append(name)
    for names in by_purpose.values():
        if len(names) > 1:
            text = f"{' and '.join(names)} have the same purpose"
            yield Finding("block", "purpose-twice", text, "one name, one purpose: keep one of them")


def _classes(registry: Registry) -> Iterator[Finding]:
    bare = [name for name, entry in registry.secrets.items() if not entry.is_classified]
    if len(bare) >= registry.limits.warn_unclassified:
        level: Level = "block" if len(bare) >= registry.limits.block_unclassified else "warn"
        text = f"{len(bare)} secrets have no class or no owner: {', '.join(bare)}"
        yield Finding(level, "unclassified", text, "give each a class and an owner")


def _ages(registry: Registry, today: datetime.date) -> Iterator[Finding]:
    for name, entry in registry.secrets.items():
        if entry.rotated is None or entry.rotate_days is None:
            continue
        days = (today - entry.rotated).days
        if days > entry.rotate_days:
            level: Level = "block" if entry.block_days is not None and days > entry.block_days else "warn"
            text = f"{name} is {days} days old; it is to be rotated every {entry.rotate_days}"
            yield Finding(level, "overdue", text, _rotation(entry))


def _rotations(registry: Registry) -> Iterator[Finding]:
    for name, entry in registry.secrets.items():
        if entry.class_ == "root" and not (entry.rotation and entry.rotate_days):
            text = f"{name} opens everything, and nobody wrote down how and when it is rotated"
            yield Finding("warn", "no-rotation", text, "give it rotation and rotate_days before it is needed")


def _values(registry: Registry, values: Values) -> Iterator[Finding]:
    for name, secret in {name: secret for each in values.values() for name, secret in each.items()}.items():
        if not is_trackable(secret):
            text = f"{name} is too short or too common to be kept out of sight"
            yield Finding("block", "untrackable", text, "at least 6 characters that are no common word")
        elif registry.secrets[name].class_ == "root" and (why := weakness(secret)):
            yield Finding("block", "weak", f"{name} opens everything, and {why}", "openssl rand -hex 32 makes one")
    yield from _shared(values)


def _shared(values: Values) -> Iterator[Finding]:
    """Values that stand behind more than one name or environment."""
    held = [(environment, name, secret) for environment, each in values.items() for name, secret in each.items()]
    for (env_a, name_a, a), (env_b, name_b, b) in combinations(held, 2):
        if a != b:
            continue
        if env_a != env_b:
            text = f"{name_a} of {env_a} and {name_b} of {env_b} are the same value"
            yield Finding("block", "shared", text, "each environment has a value of its own")
        else:
            text = f"{name_a} and {name_b} are the same value"
            yield Finding("warn", "same-value", text, "revoking one revokes both: give each its own")


def _rotation(entry: Entry) -> str:
    return f"orch run {entry.rotation}" if entry.rotation else f"ask {entry.owner or 'its owner'} to rotate it"
