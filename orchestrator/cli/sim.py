"""``orch sim`` and ``orch demo``: simulated Macs, and the main job on them."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from orchestrator.sim.background import Background

app = typer.Typer(help="Simulated Macs on this machine: up, down, list.", no_args_is_help=True)

Root = Annotated[
    Path | None, typer.Option("--root", help="Where they lie (default: the state directory)", metavar="DIR")
]


@app.command("up")
def up(
    names: Annotated[
        list[str] | None, typer.Argument(help="Their names (default: mac1 mac2 mac3)", metavar="[NAME…]")
    ] = None,
    macos: Annotated[int, typer.Option("--macos", help="13, 14, 15, 26 or 27")] = 26,
    front: Annotated[str, typer.Option("--front", help="embedded, or openssh for the real sshd")] = "embedded",
    hours: Annotated[float, typer.Option("--hours", help="They end by themselves after so long", min=0.01)] = 4.0,
    root: Root = None,
) -> int:
    """Start simulated Macs in the background and say how to reach them."""
    where = _root(root)
    fleet = start(where, names or ["mac1", "mac2", "mac3"], macos=macos, front=_front(front), max_age_s=hours * 3600)
    print(f"{len(fleet.inventory['all']['hosts'])} simulated Macs are up until {_clock(fleet.ends_at_s)}")
    print(f"  orch exec all -m ping -i {where / 'inventory.json'}")
    return 0


@app.command("down")
def down(root: Root = None) -> int:
    """End the simulated Macs."""
    from orchestrator.sim import background

    print("ended" if background.down(_root(root)) else "none were running")
    return 0


@app.command("list")
def list_(root: Root = None) -> int:
    """The simulated Macs that run."""
    from orchestrator.sim import background

    fleet = background.status(_root(root))
    if fleet is None:
        print("none are running: orch sim up", file=sys.stderr)
        return 0
    for name, found in sorted(fleet.inventory["all"]["hosts"].items()):
        print(f"{name:<20} {found['ansible_user']}@{found['ansible_host']}:{found['ansible_port']}")
    return 0


def demo(
    playbook: Annotated[
        Path | None, typer.Argument(help="Another playbook than the demo's", metavar="[PLAYBOOK]")
    ] = None,
) -> int:
    """Three simulated Macs, and the main job on them: here, now, nothing left behind."""
    from orchestrator.cli.flags import RunFlags
    from orchestrator.cli.run import play_files
    from orchestrator.sim import background

    chosen = playbook or demo_playbook()
    # A short path: the sockets below it may not be longer than about a hundred bytes.
    with tempfile.TemporaryDirectory(prefix="orch-demo-", ignore_cleanup_errors=True) as directory:
        root = Path(directory)
        print("starting three simulated Macs …", file=sys.stderr)
        try:
            start(root, ["mac1", "mac2", "mac3"], macos=26, front="embedded", max_age_s=1800)
            return play_files(RunFlags(inventory=[str(root / "inventory.json")]), [str(chosen)])
        finally:
            background.down(root)


def demo_playbook() -> Path:
    """The demo's playbook, beside the package or in the current directory. Raises UserError where it is missing."""
    import orchestrator
    from orchestrator.model.errors import UserError

    home = Path(orchestrator.__file__).parent
    found = [path for path in (home.parent / "playbooks/demo.yml", Path("playbooks/demo.yml")) if path.is_file()]
    if found:
        return found[0]
    raise UserError("the demo's playbook is not here", hint="run it from a checkout of the project, or give a playbook")


def start(
    root: Path, names: list[str], *, macos: int, front: Literal["embedded", "openssh"], max_age_s: float
) -> Background:
    """Start the Macs and write their inventory beside them."""
    from orchestrator.model.errors import UserError
    from orchestrator.sim import background
    from orchestrator.sim.mac import SimMac

    try:
        fleet = background.up(root, [SimMac(name, macos=macos) for name in names], front, max_age_s)
    except (background.FleetError, ValueError) as error:
        raise UserError(str(error)) from error
    (root / "inventory.json").write_text(json.dumps(fleet.inventory, indent=2) + "\n", encoding="utf-8")
    return fleet


def _front(front: str) -> Literal["embedded", "openssh"]:
    from orchestrator.model.errors import UserError

    if front == "openssh":
        return "openssh"
    if front == "embedded":
        return "embedded"
    raise UserError(f"--front {front}: expected embedded or openssh")


def _root(root: Path | None) -> Path:
    from orchestrator.journal.home import state_dir

    return root.absolute() if root else state_dir() / "sim"


def _clock(at: float) -> str:
    return time.strftime("%H:%M", time.localtime(at))
