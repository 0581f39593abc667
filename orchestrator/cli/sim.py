"""``orch sim`` and ``orch demo``: simulated Macs, and the main job on them."""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from orchestrator.sim.background import Background

app = typer.Typer(help="Simulated Macs on this machine: up, down, list.", no_args_is_help=True)

MOST = 100
"""How many Macs a count may ask for: each has processes of its own."""

Root = Annotated[
    Path | None, typer.Option("--root", help="Where they lie (default: the state directory)", metavar="DIR")
]


@app.command("up")
def up(
    names: Annotated[
        list[str] | None, typer.Argument(help="Their names, or how many (default: 3)", metavar="[NAME…|COUNT]")
    ] = None,
    macos: Annotated[int, typer.Option("--macos", help="13, 14, 15, 26 or 27")] = 26,
    front: Annotated[str, typer.Option("--front", help="embedded, or openssh for the real sshd")] = "embedded",
    hours: Annotated[float, typer.Option("--hours", help="They end by themselves after so long", min=0.01)] = 4.0,
    openclaw: Annotated[
        Path | None,
        typer.Option("--openclaw", help="Run the real OpenClaw: DIR holds its node_modules", metavar="DIR"),
    ] = None,
    root: Root = None,
) -> int:
    """Start simulated Macs in the background and say how to reach them."""
    where = _root(root)
    if openclaw:
        named = _distinct(names or ["gateway1", "node1", "node2", "node3"])
        return _up_openclaw(where, named, openclaw, hours * 3600)
    wanted = _names(names or ["3"])
    fleet = start(where, wanted, macos=macos, front=_front(front), max_age_s=hours * 3600)
    up_now = list(fleet.inventory["all"]["hosts"])
    if up_now != wanted:
        others = f"orch sim down{_rooted(root)}, then this command once more"
        print(f"hint: these were up already; for others: {others}", file=sys.stderr)
    many = f"{len(up_now)} simulated Macs are" if len(up_now) != 1 else "1 simulated Mac is"
    print(f"{many} up until {_clock(fleet.ends_at_s)}: {', '.join(up_now)}")
    print(f"  orch exec all -m ping -i {where / 'inventory.json'}")
    return 0


def _up_openclaw(where: Path, names: list[str], install: Path, max_age_s: float) -> int:
    """The first name is the gateway, the others are its nodes; its made-up token lies in gateway-token, 0600."""
    import secrets

    from orchestrator.model.errors import UserError
    from orchestrator.sim import background
    from orchestrator.sim.fleet import free_port
    from orchestrator.sim.mac import SimMac
    from orchestrator.sim.openclaw import OpenClaw

    where_from, port, token = str(install.expanduser().absolute()), free_port(), secrets.token_hex(32)
    products = [OpenClaw(where_from, "node" if place else "gateway", port, token) for place in range(len(names))]
    is_running = background.status(where) is not None
    try:
        products[0].node_program()
        macs = [SimMac(name, gateway_throttle_s=1, openclaw=each) for name, each in zip(names, products, strict=True)]
        fleet = background.up(where, macs, "embedded", max_age_s)
    except (background.FleetError, ValueError) as error:
        raise UserError(str(error)) from error
    (where / "inventory.json").write_text(json.dumps(fleet.inventory, indent=2) + "\n", encoding="utf-8")
    if not is_running:
        secret = where / "gateway-token"
        secret.touch(mode=0o600)
        secret.write_text(token, encoding="utf-8")
    print(f"OpenClaw's gateway and {len(names) - 1} nodes are up until {_clock(fleet.ends_at_s)}")
    print(f"  SIM_ROOT={where} orch run playbooks/rollout.yml -i inventory/demo-openclaw.yml")
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
        print(f"none are running: orch sim up{_rooted(root)}", file=sys.stderr)
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
    from orchestrator.language.load import read_bytes
    from orchestrator.sim import background

    chosen = [str(playbook)] if playbook else [str(each) for each in demo_playbooks()]
    for path in chosen:
        read_bytes(path, lambda data, _: data)  # what cannot be read is told before anything starts
    # A short path: the sockets below it may not be longer than about a hundred bytes.
    with tempfile.TemporaryDirectory(prefix="orch-demo-", ignore_cleanup_errors=True) as directory:
        root = Path(directory)
        # The stand-in gateway is up at once and may be restarted every second; so three seconds prove that it stays.
        flags = RunFlags(inventory=[str(root / "inventory.json")], extra_vars=["gateway_observe_s=3"])
        print("starting three simulated Macs …", file=sys.stderr)
        try:
            start(root, ["mac1", "mac2", "mac3"], macos=26, front="embedded", max_age_s=1800, throttle_s=1)
            for path in chosen:
                shown = playbook or f"{Path(path).parent.name}/{Path(path).name}"
                print(f"\n$ orch run {shown}", file=sys.stderr)
                # Their restarts are remembered beside them: the next demo's Macs are other machines.
                if status := play_files(flags, [path], memory=root):
                    return status
            print("\n  orch runs show last      tells the last run again, from its journal", file=sys.stderr)
            return 0
        finally:
            background.down(root)


def demo_playbooks() -> list[Path]:
    """The main job, then the reset once more, which has nothing left to do. Raises UserError where they are missing."""
    import orchestrator
    from orchestrator.model.errors import UserError

    for home in (Path(orchestrator.__file__).parents[1] / "playbooks", Path("playbooks")):
        if (home / "demo.yml").is_file():
            return [home / "demo.yml", home / "reset.yml"]
    raise UserError("the demo's playbooks are not here", hint="run it from a checkout of the project, or give one")


def start(
    root: Path,
    names: list[str],
    *,
    macos: int,
    front: Literal["embedded", "openssh"],
    max_age_s: float,
    throttle_s: int = 10,
) -> Background:
    """Start the Macs and write their inventory beside them."""
    from orchestrator.model.errors import UserError
    from orchestrator.sim import background
    from orchestrator.sim.mac import SimMac

    try:
        macs = [SimMac(name, macos=macos, gateway_throttle_s=throttle_s) for name in names]
        fleet = background.up(root, macs, front, max_age_s)
    except (background.FleetError, ValueError) as error:
        raise UserError(str(error)) from error
    (root / "inventory.json").write_text(json.dumps(fleet.inventory, indent=2) + "\n", encoding="utf-8")
    return fleet


def _names(given: list[str]) -> list[str]:
    """The names given; mac1, mac2 … where it is one number. Raises UserError where that is no sensible count."""
    from orchestrator.model.errors import UserError

    if len(given) > 1 or not given[0].isdecimal():
        return _distinct(given)
    if not 1 <= int(given[0]) <= MOST:
        raise UserError(
            f"{given[0]} simulated Macs: from 1 to {MOST} can be up", hint="or give names: orch sim up a b c"
        )
    return [f"mac{number}" for number in range(1, int(given[0]) + 1)]


def _distinct(names: list[str]) -> list[str]:
    """The names as they are. Raises UserError for one that is given twice: each Mac has a directory of its name."""
    from orchestrator.model.errors import UserError

    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UserError(
            f"{', '.join(twice)}: each simulated Mac needs a name of its own",
            hint=f"orch sim up {' '.join(dict.fromkeys(names))}",
        )
    return names


def _rooted(root: Path | None) -> str:
    """The option that names this fleet, as it is typed."""
    return f" --root {shlex.quote(str(root))}" if root else ""


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
