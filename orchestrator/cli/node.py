"""``orch node``: hands on one host – first of all, whether its key is to be trusted."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.flags import HostFlags, takes
from orchestrator.cli.plain import Command

if TYPE_CHECKING:
    from orchestrator.model.errors import UserError
    from orchestrator.transport.base import Address, Limits
    from orchestrator.transport.known_hosts import Entry
    from orchestrator.transport.trust import HostKey

app = typer.Typer(help="One host, hands on: trust, list, rekey, forget, shell, tunnel.", no_args_is_help=True)

At = Annotated[str, typer.Argument(help="The host, as HOST or HOST:PORT", metavar="HOST[:PORT]")]
Fingerprint = Annotated[
    str | None,
    typer.Option(
        "--fingerprint", help="What the provider told you; without it the key is only shown", metavar="SHA256:…"
    ),
]

Reason = Annotated[str, typer.Option("--reason", help="Why the key changed; 'orch node list' shows it", metavar="TEXT")]
Host = Annotated[str, typer.Argument(help="The host, as the inventory calls it", metavar="HOST")]
Ports = Annotated[str, typer.Argument(help="PORT, PORT:REMOTE_PORT or PORT:HOST:REMOTE_PORT", metavar="PORTS")]
Minutes = Annotated[float, typer.Option("--minutes", help="Close it after so long", min=0.01, metavar="N")]


@app.command("trust")
def trust(host: At, fingerprint: Fingerprint = None) -> int:
    """Trust a host's key, if its fingerprint is the one that you were told by another way."""
    from orchestrator.transport.base import Address
    from orchestrator.transport.trust import own_store, trust_of

    at, key = _address(host), _shown_by(host)
    if fingerprint is not None:
        _compare(host, key, fingerprint)
    store = trust_of(Address(name=at[0]))
    is_known = store.is_trusted(*at, key)
    if fingerprint is not None:
        store.add(*at, key)
    elif not is_known:
        raise _unconfirmed(host, key)
    since = "already" if is_known else "from now on"
    print(f"{host} is trusted {since}: {key.type} {key.fingerprint} (kept in {own_store()})")
    return 0


@app.command("list")
def trusted(host: Annotated[str | None, typer.Argument(help="Only this host", metavar="[HOST[:PORT]]")] = None) -> int:
    """The hosts that our own store trusts: key, the hardware that was seen with it, and why the key changed."""
    from orchestrator.report.safe import one_line
    from orchestrator.transport.known_hosts import entries_of, host_field
    from orchestrator.transport.machines import Machines
    from orchestrator.transport.trust import fingerprint, own_store

    machines, names = Machines(own_store()), (host_field(*_address(host)),) if host else None
    for entry in entries_of(own_store(), names):
        key = fingerprint(entry.blob)
        seen = machines.known(entry.hosts, key)
        hardware = f"hardware {seen.short} since {seen.since}" if seen else "hardware not seen yet"
        print(one_line("  ".join(filter(None, [entry.hosts, f"{entry.type} {key}", hardware, entry.comment]))))
    return 0


@app.command("rekey")
def rekey(host: At, fingerprint: Fingerprint = None, reason: Reason = "") -> int:
    """Trust a host's key instead of what was known, after it was imaged anew or is another machine."""
    import time

    from orchestrator.model.errors import UserError
    from orchestrator.transport.base import Address
    from orchestrator.transport.trust import trust_of

    if not reason.strip():
        raise UserError("a host's key is not changed without a reason", hint="--reason 'imaged anew, ticket 4711'")

    at, key = _address(host), _shown_by(host)
    if fingerprint is None:
        raise _unconfirmed(host, key)
    _compare(host, key, fingerprint)
    store = trust_of(Address(name=at[0]))
    store.refuse_revoked(*at, key)
    gone, _ = _forgotten(*at)
    store.add(*at, key, comment=f"rekeyed {time.strftime('%Y-%m-%d')}: {reason}")
    old = f"{_keys(gone, 'old key')} forgotten" if gone else "no old key was known"
    print(f"{host}: {old}, trusted from now on: {key.type} {key.fingerprint}")
    _warn_of_others(host, store.others(*at, key))
    return 0


@app.command("forget")
def forget(host: At) -> int:
    """Forget what was trusted for a host, in our own store."""
    from orchestrator.model.errors import UserError
    from orchestrator.transport.trust import own_store

    keys, machines = _forgotten(*_address(host))
    if not keys and not machines:
        raise UserError(f"{own_store()} holds no key of {host}", hint="orch node list shows whose keys it holds")
    print(f"{_keys(keys, 'key')} of {host} forgotten")
    return 0


@app.command("shell", cls=Command)
@takes(HostFlags)
def shell(flags: HostFlags, host: Host) -> int:
    """A shell on a host, on this terminal."""
    from orchestrator.transport import hands_on

    return hands_on.shell(*_reached(flags, host))


@app.command("tunnel", cls=Command)
@takes(HostFlags)
def tunnel(flags: HostFlags, host: Host, ports: Ports, minutes: Minutes = 60) -> int:
    """Bring a port of a host, or of what it can reach, to this machine's loopback."""
    import time

    from orchestrator.transport import hands_on

    forward = hands_on.forward_of(ports)
    with hands_on.tunnelled(*_reached(flags, host), forward):
        print(f"{forward} on {host}, for {minutes:g} minutes; Ctrl-C closes it", flush=True)
        with suppress(KeyboardInterrupt):
            time.sleep(minutes * 60)
    return 0


def _reached(flags: HostFlags, host: str) -> tuple[Address, Limits]:
    """Where and how ``host`` of the inventory is reached. Raises InventoryError, LeaseEnded."""
    from orchestrator.cli import loading
    from orchestrator.cli.exec import one_task
    from orchestrator.engine import lease
    from orchestrator.engine.login import Settings, login
    from orchestrator.engine.world import World
    from orchestrator.model.errors import InventoryError
    from orchestrator.planning.variables import Moment

    where = loading.setting(flags)
    inventory, options = loading.inventory_of(flags, where), loading.options_of(flags, where)
    if host not in inventory.hosts:
        raise InventoryError(f"the inventory names no host {host!r}", hint="orch inventory list shows them")
    playbook = one_task(host, "ping", "")
    world = World(inventory, playbook, options, lambda event: None)
    renderer = world.variables.renderer(Moment(play=playbook.plays[0], host=host))
    lease.check(host, renderer)
    return login(host, Settings(renderer, None), options, implicit=False).address, options.limits


def _forgotten(host: str, port: int) -> tuple[int, int]:
    """How many keys, and how much hardware seen with them, our own store has just forgotten of a host."""
    from orchestrator.transport.known_hosts import host_field
    from orchestrator.transport.machines import Machines
    from orchestrator.transport.trust import TrustStore, own_store

    return TrustStore(own_store()).remove(host, port), Machines(own_store()).remove(host_field(host, port))


def _keys(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _warn_of_others(host: str, others: Iterable[Entry]) -> None:
    """Files that are ssh's are not ours to change, and what they trust is trusted."""
    from orchestrator.transport.trust import fingerprint

    for each in others:
        said = f"{host} is still trusted by another key, too: {each.type} {fingerprint(each.blob)}"
        print(f"[WARNING]: {said}; take line {each.line} out of {each.file}", file=sys.stderr)


def _compare(host: str, key: HostKey, fingerprint: str) -> None:
    """Raises IdentityError where the ``key`` that the host shows has another fingerprint."""
    from orchestrator.model.errors import IdentityError

    if key.fingerprint != fingerprint:
        raise IdentityError(
            f"{host} does not show that key",
            evidence=f"it shows {key.type} {key.fingerprint}",
            hint="do not connect; ask the provider",
        )


def _unconfirmed(host: str, key: HostKey) -> UserError:
    from orchestrator.model.errors import UserError

    return UserError(
        f"{host} shows {key.type} {key.fingerprint}; nothing was trusted",
        hint="compare with what the provider or the machine's console says, then give --fingerprint",
    )


def _shown_by(host: str) -> HostKey:
    import asyncio

    return asyncio.run(_shown(*_address(host)))


async def _shown(host: str, port: int) -> HostKey:
    """The key that the host shows to somebody who trusts nobody; nothing is sent to it."""
    import socket

    from orchestrator.model.errors import Bug, Unreachable
    from orchestrator.transport import ssh
    from orchestrator.transport.base import Address, Limits
    from orchestrator.transport.ramp import Ramp
    from orchestrator.transport.trust import UnknownKey

    try:
        # Where no key is known, the handshake ends with the key that the host shows.
        await ssh.dial(Address(name=host, host=host, port=port, known_hosts=("/dev/null",)), Limits(), Ramp())
    except UnknownKey as unknown:
        return unknown.key
    except Unreachable as error:
        if not isinstance(error.__cause__, socket.gaierror):
            raise
        hint = (
            "an address is wanted here, HOST or HOST:PORT (ansible_host, ansible_port), not an inventory's name for it"
        )
        raise Unreachable(error.message, evidence=error.evidence, hint=hint) from error
    raise Bug(f"{host} was trusted although nothing is known of it")


def _address(host: str) -> tuple[str, int]:
    from orchestrator.model.errors import UserError

    name, colon, port = host.rpartition(":")
    if not colon or (":" in name and not name.endswith("]")):
        name, port = host, "22"
    if not name.strip("[]"):
        raise UserError(f"{host!r} names no host", hint="write HOST or HOST:PORT")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise UserError(f"{host}: {port!r} is not a port", hint="write HOST or HOST:PORT")
    return name.strip("[]"), int(port)
