"""The way to a host: bastions first, the host last."""

from __future__ import annotations

import re

from orchestrator.model.errors import Unreachable
from orchestrator.model.frozen import frozen
from orchestrator.model.secrets import Secret
from orchestrator.transport.base import Address
from orchestrator.transport.known_hosts import typed

# A name that begins with "-" or holds a shell's characters could be taken for an option or a command (CVE-2023-51385).
_HOST = re.compile(r"[A-Za-z0-9_:][A-Za-z0-9_.:%-]*")
_USER = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.@\\+-]*\$?")
_JUMP = re.compile(r"(?:(?P<user>[^@]+)@)?(?P<host>\[[^]]+\]|[^:\[\]]+)(?::(?P<port>[0-9]+))?")


@frozen
class Hop:
    """One SSH server. None for ``user`` and ``port`` leaves them to ~/.ssh/config."""

    host: str
    port: int | None = None
    user: str | None = None
    password: Secret | None = None

    def __str__(self) -> str:
        return typed(self.host, self.port or 22)


def hops_of(address: Address) -> list[Hop]:
    """The servers to pass, the target last. The password is the target's; bastions take keys."""
    jumps = [_jump(part.strip(), address) for part in (address.jump or "").split(",") if part.strip()]
    port = None if address.port in (0, 22) else address.port
    return [*jumps, _checked(Hop(address.host or address.name, port, address.user, address.password), address)]


def _jump(text: str, address: Address) -> Hop:
    found = _JUMP.fullmatch(text)
    if found is None:
        raise _unusable(address, f"the jump host {text!r}", "write [user@]host[:port]")
    port = int(found["port"][:6]) if found["port"] else None
    if port is not None and not 0 < port < 65536:
        raise _unusable(address, f"the port of the jump host {text[:80]!r}", "a port is 1 to 65535")
    return _checked(Hop(found["host"].strip("[]"), port, found["user"]), address)


def _checked(hop: Hop, address: Address) -> Hop:
    if not _HOST.fullmatch(hop.host):
        raise _unusable(address, f"the host name {hop.host!r}", "a host name is made of letters, digits and . - : %")
    if hop.user is not None and not _USER.fullmatch(hop.user):
        raise _unusable(address, f"the user name {hop.user!r}", "check ansible_user")
    return hop


def _unusable(address: Address, what: str, hint: str) -> Unreachable:
    return Unreachable(f"{what} of {address.name} cannot be used", hint=hint)
