"""References to secrets: what playbooks, registries and flags hold in place of values.

Two shapes. OpenClaw's object ``{source: env|file|exec|store, provider: ALIAS, id: ID}``; and a string: ``env:NAME``,
``op://VAULT/ITEM/FIELD`` and the others that ``FORMS`` lists.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from orchestrator.model.errors import SecretError
from orchestrator.model.frozen import frozen

FORMS = {
    "env": "env:NAME",
    "file": "file:PATH",
    "exec": "exec:COMMAND",
    "keyring": "keyring:SERVICE/NAME",
    "keychain": "keychain:SERVICE/ACCOUNT",
    "op": "op://VAULT/ITEM/FIELD",
    "vault": "vault:MOUNT/PATH#FIELD",
    "aws": "aws:NAME#KEY",
    "sops": "sops:FILE#/POINTER",
    "age": "age:FILE",
    "ansible-vault": "ansible-vault:FILE#/POINTER",
}
"""Source → how a reference to it is written as a string."""

ON_THE_NODE = "store"
"""OpenClaw's own store, a database beside the gateway: only the gateway resolves references into it."""


VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}|\$([A-Z][A-Z0-9_]*)")
"""OpenClaw's shorthand for ``env``."""


@frozen
class Ref:
    """One reference. ``id`` is env's variable, file's pointer into JSON, what is asked of exec's command …"""

    source: str
    id: str
    provider: str = "default"

    def __str__(self) -> str:
        if self.source == "op" and self.provider == "default":
            return self.id
        return f"{self.source}:{self.id}" if self.provider == "default" else f"{self.source}:{self.provider}:{self.id}"


def parse(written: Any) -> Ref:
    """The reference that ``written`` stands for: a string or OpenClaw's object. Raises SecretError."""
    if isinstance(written, Mapping):
        return _from_object(written)
    text = str(written)
    if text.startswith("op://"):
        return Ref("op", text)
    if variable := VARIABLE.fullmatch(text):
        return Ref("env", variable[1] or variable[2])
    source, colon, id = text.partition(":")
    if not colon or source not in FORMS or source == "op" or not id:
        near = difflib.get_close_matches(source, FORMS, 1) if colon else []
        raise SecretError(
            "a reference to a secret is env:NAME, file:PATH, exec:COMMAND, keyring:SERVICE/NAME or another form",
            # Whoever wrote the secret itself here must not find it in a log.
            hint=f"did you mean {FORMS[near[0]]}?" if near else f"one of {', '.join(FORMS.values())}",
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
    source, known = written.get("source"), (*FORMS, ON_THE_NODE)
    if source not in known:
        near = difflib.get_close_matches(str(source), known, 1)
        raise SecretError(
            f"a reference's source is {' or '.join(known)}, not {source!r}",
            hint=f"did you mean {near[0]}?" if near else None,
        )
    if not isinstance(written.get("id"), str) or not written["id"]:
        raise SecretError("a reference needs an id", evidence=f"source: {source}")
    return Ref(str(source), str(written["id"]), str(written.get("provider", "default")))
