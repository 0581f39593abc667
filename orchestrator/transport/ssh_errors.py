"""What asyncssh's errors mean for us: who must act, and may we try again?"""

from __future__ import annotations

import asyncssh

from orchestrator.model.errors import AccessDenied, HostError, IdentityError
from orchestrator.transport.hops import Hop
from orchestrator.transport.refusals import denied, unreachable
from orchestrator.transport.trust import TrustStore


def translated(error: Exception, hop: Hop, store: TrustStore) -> HostError:
    """asyncssh's or the system's ``error`` as one of ours."""
    words = str(error)
    if isinstance(error, asyncssh.PermissionDenied):
        return denied(hop, words)
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return IdentityError(f"the identity of {hop} could not be verified", evidence=words, hint=_identity_hint(hop))
    if isinstance(error, asyncssh.KeyExchangeFailed) and store.known(hop.host, hop.port or 22):
        return IdentityError(
            f"{hop} shows no key of a type that is known for it: another machine, or an attack",
            evidence=words,
            hint=_identity_hint(hop),
        )
    if isinstance(error, ValueError):  # asyncssh's errors about key files and configuration
        return AccessDenied(f"the keys or the ssh configuration for {hop} cannot be used", evidence=words)
    return unreachable(error, hop)


def _identity_hint(hop: Hop) -> str:
    return f"ask the provider for the fingerprint, then: orch node rekey {hop} --fingerprint SHA256:…"
