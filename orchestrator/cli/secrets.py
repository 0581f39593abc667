"""``orch secrets``: are all references in order, where are copies that should not be, what is a value's fingerprint?

No value is ever shown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.flags import HostFlags, takes
from orchestrator.model.secrets import Secret

if TYPE_CHECKING:
    from orchestrator.cli.loading import Setting
    from orchestrator.secrets.registry import Registry
    from orchestrator.secrets.resolver import Resolver

app = typer.Typer(help="References to secrets: check, scan, fingerprint.", no_args_is_help=True)

Refs = Annotated[
    list[str] | None,
    typer.Argument(help="References like env:NAME; beside those of the registry and the inventory", metavar="[REF…]"),
]
Paths = Annotated[list[str] | None, typer.Argument(help="Files and folders here (default: .)", metavar="[PATH…]")]
On = Annotated[str | None, typer.Option("--on", help="Look on these hosts instead", metavar="PATTERN")]
Searches = Annotated[
    list[str] | None,
    typer.Option("--fingerprint", help="Look for a value that nobody knows any more; repeatable", metavar="FP:LENGTH"),
]
Places = Annotated[list[str] | None, typer.Option("--also", help="More places on hosts; repeatable", metavar="PATH")]


History = Annotated[bool, typer.Option("--history", help="Also in all commits of git work trees here")]


@app.callback()
def group() -> None:
    """References to secrets."""


@app.command("check")
@takes(HostFlags)
def check(flags: HostFlags, refs: Refs = None) -> int:
    """Resolve every reference in the registry, the inventory, the extra variables and the arguments, and judge them."""
    from orchestrator.cli import secrets_check

    where, registry, using = _begun(flags)
    return secrets_check.check(flags, where, registry, using, refs or [])


@app.command("fingerprint")
@takes(HostFlags)
def fingerprint(flags: HostFlags, refs: Refs = None) -> int:
    """Print the fingerprints of values, to compare and to look for; REF `-` reads a value from stdin."""
    from orchestrator.cli import fingerprints
    from orchestrator.model.fingerprint import fingerprint as made
    from orchestrator.model.fingerprint import searched

    _, registry, using = _begun(flags)
    key = fingerprints.key(registry, using)
    values = _values(flags, registry, using, refs or [])
    for name, value in values.items():
        search = next(iter(searched(key, value)), "too short to look for")
        print(f"{made(key, value)}  {search}  {name}")
    return 0


@app.command("scan")
@takes(HostFlags)
def scan(
    flags: HostFlags,
    paths: Paths = None,
    on: On = None,
    searches: Searches = None,
    also: Places = None,
    history: History = False,
) -> int:
    """Look for copies of the registry's secrets where they should not be: in files here, or on hosts by fingerprint."""
    from orchestrator.cli import secrets_scan

    where, registry, using = _begun(flags)
    values = _values(flags, registry, using, [])
    if on is not None:
        from orchestrator.cli import fingerprints

        key = fingerprints.key(registry, using)
        return secrets_scan.on_hosts(flags, where, on, key, values, searches or [], also or [])
    return secrets_scan.here(paths or ["."], values, secrets_scan.homes(registry), with_history=history)


def _begun(flags: HostFlags) -> tuple[Setting, Registry | None, Resolver]:
    """The setting without the registry's values, the registry, and what resolves its references."""
    from dataclasses import replace

    from orchestrator.cli import loading
    from orchestrator.secrets.registry import load_registry
    from orchestrator.secrets.resolver import Resolver

    where = loading.setting(replace(flags, secrets=None))
    registry = load_registry(flags.secrets, where.vault.open) if flags.secrets else None
    providers = registry.providers if registry else {}
    return where, registry, Resolver(providers, where.redactor.add, where.vault.open)


def _values(flags: HostFlags, registry: Registry | None, using: Resolver, written: Iterable[str]) -> dict[str, Secret]:
    """The values of the arguments, or of the whole registry where there are none. Raises SecretError."""
    from orchestrator.cli.registered import resolved
    from orchestrator.secrets.refs import parse

    given = {each: _stdin() if each == "-" else using.resolve(parse(each)) for each in written}
    if given or registry is None:
        return given
    return resolved(registry, registry.chosen(flags.environment), using)


def _stdin() -> Secret:
    return Secret(sys.stdin.read().rstrip("\r\n"))
