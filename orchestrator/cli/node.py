"""``orch node``: hands on one host – first of all, whether its key is to be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from orchestrator.transport.trust import HostKey

app = typer.Typer(help="One host, hands on: trust, rekey, forget.", no_args_is_help=True)

At = Annotated[str, typer.Argument(help="The host, as HOST or HOST:PORT", metavar="HOST[:PORT]")]
Fingerprint = Annotated[
    str | None,
    typer.Option(
        "--fingerprint", help="What the provider told you; without it the key is only shown", metavar="SHA256:…"
    ),
]


@app.command("trust")
def trust(host: At, fingerprint: Fingerprint = None) -> int:
    """Trust a host's key, if its fingerprint is the one that you were told by another way."""
    from orchestrator.transport.trust import TrustStore, own_store

    key = _confirmed(host, fingerprint)
    TrustStore(own_store()).add(*_address(host), key)
    print(f"{host} is trusted from now on: {key.type} {key.fingerprint}")
    return 0


@app.command("rekey")
def rekey(host: At, fingerprint: Fingerprint = None) -> int:
    """Trust a host's new key instead of its old one, after it was imaged anew."""
    from orchestrator.transport.trust import TrustStore, own_store

    key = _confirmed(host, fingerprint)
    store = TrustStore(own_store())
    gone = store.remove(*_address(host))
    store.add(*_address(host), key)
    print(f"{host}: {gone} old keys forgotten, trusted from now on: {key.type} {key.fingerprint}")
    return 0


@app.command("forget")
def forget(host: At) -> int:
    """Forget what was trusted for a host, in our own store."""
    from orchestrator.transport.trust import TrustStore, own_store

    count = TrustStore(own_store()).remove(*_address(host))
    print(f"{count} keys of {host} forgotten")
    return 0


def _confirmed(host: str, fingerprint: str | None) -> HostKey:
    """The key that the host shows, if it has this fingerprint. Raises UserError or IdentityError."""
    import asyncio

    from orchestrator.model.errors import IdentityError, UserError

    key = asyncio.run(_shown(*_address(host)))
    if fingerprint is None:
        raise UserError(
            f"{host} shows {key.type} {key.fingerprint}; nothing was trusted",
            hint="compare with what the provider or the machine's console says, then give --fingerprint",
        )
    if key.fingerprint != fingerprint:
        raise IdentityError(
            f"{host} does not show that key",
            evidence=f"it shows {key.type} {key.fingerprint}",
            hint="do not connect; ask the provider",
        )
    return key


async def _shown(host: str, port: int) -> HostKey:
    """The key that the host shows to somebody who trusts nobody; nothing is sent to it."""
    from orchestrator.model.errors import Bug
    from orchestrator.transport import ssh
    from orchestrator.transport.base import Address, Limits
    from orchestrator.transport.ramp import Ramp
    from orchestrator.transport.trust import UnknownKey

    try:
        # Where no key is known, the handshake ends with the key that the host shows.
        await ssh.dial(Address(name=host, host=host, port=port, known_hosts=("/dev/null",)), Limits(), Ramp())
    except UnknownKey as unknown:
        return unknown.key
    raise Bug(f"{host} was trusted although nothing is known of it")


def _address(host: str) -> tuple[str, int]:
    from orchestrator.model.errors import UserError

    name, colon, port = host.rpartition(":")
    if not colon or (":" in name and not name.endswith("]")):
        return host.strip("[]"), 22
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise UserError(f"{host}: {port!r} is not a port")
    return name.strip("[]"), int(port)
