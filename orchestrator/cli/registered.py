"""The secrets of a registry, brought into a run: all of them resolved before the first connection, or none."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.model.errors import SecretError
from orchestrator.model.fingerprint import DIGITS, fingerprint
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Place
from orchestrator.model.secrets import Secret

if TYPE_CHECKING:
    from orchestrator.secrets.audit import Finding
    from orchestrator.secrets.redact import Redactor
    from orchestrator.secrets.registry import Registry
    from orchestrator.secrets.resolver import OpenVault, Resolver

EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
MENTION = re.compile(r"(?<![\w.'\"])secrets(?:\.(\w+)|\[\s*['\"](\w+)['\"]\s*\])")
METHODS = frozenset("get items keys values".split())


@frozen
class Registered:
    """What a registry gives a run: ``values`` by name, and what it warns of."""

    values: Mapping[str, Secret]
    evidence: str
    """Which registry, and which value behind each name, in words that show none: for the journal."""
    key: Secret
    """What the fingerprints are made with."""
    purposes: Mapping[str, str]
    """The ids of references in OpenClaw's own configuration, and what each is for."""
    warnings: tuple[str, ...] = ()

    @property
    def variables(self) -> dict[str, Any]:
        """For templates: ``secrets``, and what the modules for OpenClaw compare with; the redactor knows all of it."""
        values = {name: secret.reveal() for name, secret in self.values.items()}
        # Without a single id the modules would compare OpenClaw's configuration with nothing, and find it wrong.
        compared = {"secret_registry": dict(self.purposes)} if self.purposes else {}
        return {"secrets": values, "fingerprint_key": self.key.reveal(), **compared}


def registered(path: str, environment: str | None, open_vault: OpenVault, redactor: Redactor) -> Registered:
    """The secrets of the registry at ``path``. Raises SecretError that names all that stands against the run."""
    from orchestrator.cli import fingerprints
    from orchestrator.secrets.audit import audit
    from orchestrator.secrets.registry import load_registry

    registry = load_registry(path, open_vault)
    chosen = registry.chosen(environment)
    using = resolver(registry, open_vault)
    values = resolved(registry, chosen, using)
    findings = audit(registry, {chosen: values}, today())
    if blocking := [each for each in findings if each.level == "block"]:
        raise _refusal(path, blocking)
    for name, secret in values.items():
        redactor.add(secret, f"the secret {name}")
    warnings = tuple(f"{path}: {each.text} ({each.hint})" for each in findings)
    key = fingerprints.key(registry, using)
    redactor.add(key, "the fingerprint key")
    purposes = {each.openclaw_id: each.purpose for each in registry.secrets.values() if each.openclaw_id}
    return Registered(values, _evidence(path, chosen, values, key), key, purposes, warnings)


def _evidence(path: str, environment: str, values: Mapping[str, Secret], key: Secret) -> str:
    revision = hashlib.sha256(Path(path).read_bytes()).hexdigest()[:DIGITS]
    prints = ", ".join(f"{name} {fingerprint(key, value)}" for name, value in values.items())
    return f"secrets of {environment} by {path}, revision {revision}: {prints}"


def resolver(registry: Registry, open_vault: OpenVault) -> Resolver:
    from orchestrator.secrets.resolver import Resolver

    return Resolver(registry.providers, open_vault=open_vault)


def resolved(registry: Registry, environment: str, using: Resolver) -> dict[str, Secret]:
    """The values of all secrets of ``environment``. Raises SecretError that names every one that is missing."""
    refs = registry.refs(environment)
    errors = {failure.ref: failure.error for failure in using.check(refs.values())}
    missing = [f"{name}: {errors[ref].message}{_hinted(errors[ref])}" for name, ref in refs.items() if ref in errors]
    if missing:
        few = f"{len(missing)} of {len(refs)} secrets of {environment} cannot be resolved"
        raise SecretError(f"{few}; nothing was touched", evidence="\n            ".join(missing))
    return {name: using.resolve(ref) for name, ref in refs.items()}


def check_mentions(files: Iterable[str], known: Iterable[str]) -> None:
    """Raises SecretError where a template in ``files`` names a secret that is not ``known``."""
    from orchestrator.secrets.near import meant

    known = tuple(known)
    for file in files:
        for name, place in _mentions(file):
            if name not in known and name not in METHODS:
                hint = meant(name, known, f"the registry has {', '.join(known)}")
                raise SecretError(f"the registry has no secret {name}", place=place, hint=hint)


def check_literals(files: Iterable[str], secrets: Mapping[str, Secret]) -> None:
    """Raises SecretError where one of ``secrets`` itself is written in ``files``: from there it would be copied on."""
    from orchestrator.secrets.search import Copy, search

    for copy in search(files, secrets):
        if isinstance(copy, Copy) and copy.name in secrets:
            hint = f"write {{{{ secrets.{copy.name} }}}} in its place, and rotate it: who has the file has the value"
            raise SecretError(f"the value of {copy.name} is written here", place=Place(copy.path, copy.line), hint=hint)


def today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _mentions(file: str) -> Iterable[tuple[str, Place]]:
    """The names after ``secrets.`` in the templates of ``file``, with their places."""
    try:
        text = Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for expression in EXPRESSION.finditer(text):
        for mention in MENTION.finditer(expression[0]):
            at = expression.start() + mention.start()
            line = text.count("\n", 0, at) + 1
            yield mention[1] or mention[2], Place(file, line, at - text.rfind("\n", 0, at))


def _refusal(path: str, findings: list[Finding]) -> SecretError:
    first, *others = findings
    evidence = "\n            ".join(each.text for each in others)
    return SecretError(first.text, place=Place(path), evidence=evidence or None, hint=first.hint)


def _hinted(error: SecretError) -> str:
    return f" – {error.hint}" if error.hint else ""
