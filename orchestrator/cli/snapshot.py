"""``orch snapshot``: a host's environment at a moment, and what has changed since."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestrator.cli.flags import HostFlags, takes

app = typer.Typer(help="Environment state: take, show, diff.", no_args_is_help=True)

Where = Annotated[str, typer.Argument(help="A run's id, 'last', or a file that 'take -o' wrote", metavar="RUN|FILE")]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Also write the snapshots to this file", metavar="FILE")
]


@app.command("take")
@takes(HostFlags)
def take(
    flags: HostFlags, pattern: Annotated[str, typer.Argument(metavar="PATTERN")] = "all", output: Output = None
) -> int:
    """Take a snapshot of each host; it stays in the run's journal."""
    from orchestrator.cli import loading, playing
    from orchestrator.cli.exec import one_task, session
    from orchestrator.journal.home import state_dir
    from orchestrator.journal.reading import open_run
    from orchestrator.report.files import write
    from orchestrator.report.transcript import Transcript

    where = loading.setting(flags)

    def transcript(width: int) -> Transcript:
        return Transcript(width=width, verbosity=flags.verbose)

    status = playing.play(session(flags, where, one_task(pattern, "snapshot", ""), transcript))
    recorded = open_run(state_dir())
    if output is not None:
        write(output, _as_text(recorded.snapshots()))
    print(f"snapshots of {len(recorded.snapshots())} hosts: orch snapshot show {recorded.run_id}", file=sys.stderr)
    return status


@app.command("show")
def show(where: Where = "last", host: Annotated[str | None, typer.Argument(metavar="[HOST]")] = None) -> int:
    """Print snapshots as JSON."""
    from orchestrator.report.safe import safe

    taken = _snapshots(where)
    print(safe(_as_text({host: _of(taken, host, where)} if host else taken)), end="")
    return 0


@app.command("diff")
def diff(before: Where, after: Where) -> int:
    """What differs between two sets of snapshots, host by host."""
    from orchestrator.report.drift import drift
    from orchestrator.report.safe import one_line

    left, right = _snapshots(before), _snapshots(after)
    for host in sorted(left.keys() | right.keys()):
        if host not in left or host not in right:
            print(f"{host}: only in {before if host in left else after}")
            continue
        changes = drift(left[host], right[host])
        print(f"{one_line(host)}: {f'{len(changes)} differences' if changes else 'no difference'}")
        for change in changes:
            print(f"  {one_line(str(change))}")
    return 0


def _snapshots(where: str) -> dict[str, Mapping[str, Any]]:
    """The snapshots in a file or a run, by host. Raises UserError where there are none."""
    from orchestrator.journal.home import state_dir
    from orchestrator.journal.reading import open_run
    from orchestrator.model.errors import UserError

    if not Path(where).is_file():
        if taken := open_run(state_dir(), where).snapshots():
            return taken
        raise UserError(f"the run {where} took no snapshot", hint="orch snapshot take PATTERN -i INVENTORY")
    try:
        found = json.loads(Path(where).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{where} holds no snapshots: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
        raise UserError(
            f"{where} holds no snapshots", hint="a JSON object of hosts, as orch snapshot take -o writes it"
        )
    return found


def _of(taken: Mapping[str, Mapping[str, Any]], host: str, where: str) -> Mapping[str, Any]:
    from orchestrator.model.errors import UserError

    if host not in taken:
        raise UserError(f"{where} has no snapshot of {host}", evidence=f"it has: {', '.join(sorted(taken))}")
    return taken[host]


def _as_text(taken: Mapping[str, Mapping[str, Any]]) -> str:
    return json.dumps(taken, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
