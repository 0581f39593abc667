"""``orch restart``: what restart policies would do to a fleet, before one is chosen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Restart policies: simulate them on a fleet.", no_args_is_help=True)


@app.callback()
def _restart() -> None:
    """Restart policies."""


@app.command("simulate")
def simulate(
    nodes: Annotated[int, typer.Option("--nodes", help="How many nodes come back", min=1, max=100_000)] = 10_000,
    capacity: Annotated[
        float, typer.Option("--capacity", help="Connections a second that the gateway can take", min=1)
    ] = 200.0,
    outage: Annotated[float, typer.Option("--outage", help="Seconds that the gateway is away", min=0, max=600)] = 20.0,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same figures")] = 1,
    svg: Annotated[Path | None, typer.Option("--svg", help="Also draw it into this file", metavar="FILE")] = None,
) -> int:
    """A gateway restarts and its nodes come back: fixed delay, exponential, jittered, and in turns as orch does it."""
    from orchestrator.model.fleet_sim import POLICIES, Fleet
    from orchestrator.model.fleet_sim import simulate as play
    from orchestrator.report.restart_plot import svg as drawn
    from orchestrator.report.restart_plot import table

    fleet = Fleet(nodes=nodes, capacity_per_s=capacity, outage_s=outage)
    stories = [play(fleet, policy, seed) for policy in POLICIES]
    print(f"{nodes:,} nodes, gateway away {outage:g} s, takes {capacity:g}/s, queue of {fleet.backlog}; a simulation")
    print("\n".join(table(stories)))
    if svg is not None:
        _write(svg, drawn(stories))
        print(f"drawn: {svg}", file=sys.stderr)
    return 0


def _write(path: Path, text: str) -> None:
    from orchestrator.model.errors import UserError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error
