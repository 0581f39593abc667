"""``orch secrets``: are all references to secrets in order? Values are never shown."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.flags import InventoryFlags, takes

app = typer.Typer(help="References to secrets: check.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """References to secrets."""


@app.command("check")
@takes(InventoryFlags)
def check(
    flags: InventoryFlags,
    refs: Annotated[
        list[str] | None,
        typer.Argument(help="References like env:NAME; beside those of the inventory", metavar="[REF…]"),
    ] = None,
) -> int:
    """Resolve every reference in the inventory, the extra variables and the arguments; say which are missing."""
    from orchestrator.cli import loading
    from orchestrator.cli.inventory import variables
    from orchestrator.secrets.refs import Resolver, find_refs, parse

    where = loading.setting(flags)
    inventory = loading.inventory_of(flags, where)
    found = [parse(each) for each in refs or []] + find_refs(where.extra_vars)
    found += [ref for host in inventory.hosts for ref in find_refs(variables(inventory, host))]
    wanted = list(dict.fromkeys(found))
    failures = {each.ref: each.error for each in Resolver().check(wanted)}
    for ref in wanted:
        error = failures.get(ref)
        print(f"missing  {ref}: {error.message}" if error else f"ok       {ref}")
        if error and error.hint:
            print(f"         hint: {error.hint}")
    print(f"{len(wanted)} references, {len(failures)} missing")
    return 1 if failures else 0
