"""What asyncssh's errors mean for us: who must act, and may we try again?"""

from __future__ import annotations

import asyncssh

from orchestrator.model.errors import AccessDenied, HostError, IdentityError
from orchestrator.transport.hops import Hop
from orchestrator.transport.refusals import denied, unreachable


def translated(error: Exception, hop: Hop, *, was_greeted: bool, methods: str = "") -> HostError:
    """asyncssh's or the system's ``error`` as one of ours. ``was_greeted``: the server had shown its version.
    ``methods``: by what it would let somebody in, where it has said so."""
    words = str(error)
    if isinstance(error, asyncssh.PermissionDenied):
        return denied(hop, words, methods)
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return IdentityError(
            f"the identity of {hop} could not be verified",
            evidence=words,
            hint=f"ask the provider for the fingerprint, then: orch node rekey {hop} --reason … --fingerprint SHA256:…",
        )
    if isinstance(error, ValueError):  # asyncssh's errors about key files and configuration
        return AccessDenied(f"the keys or the ssh configuration for {hop} cannot be used", evidence=words)
    return unreachable(error, hop, was_greeted=was_greeted)
