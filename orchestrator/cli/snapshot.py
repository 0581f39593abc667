"""``orch snapshot``: a host's environment at a moment, and what has changed since."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.flags import HostFlags, takes

if TYPE_CHECKING:
    from orchestrator.model.snapshot import Snapshot

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
def show(
    where: Where = "last",
    host: Annotated[str | None, typer.Argument(metavar="[HOST]")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown for a ticket")] = False,
) -> int:
    """Print snapshots as JSON."""
    from orchestrator.model.snapshot import markdown as for_ticket
    from orchestrator.report.safe import safe

    taken = _snapshots(where)
    chosen = {host: _of(taken, host, where)} if host else taken
    if markdown:
        print(safe("\n".join(for_ticket(_read(name, data, where)) for name, data in chosen.items())), end="")
    else:
        print(safe(_as_text(chosen)), end="")
    return 0


@app.command("diff")
def diff(before: Where, after: Where) -> int:
    """What has drifted between two sets of snapshots, host by host; facts that change by themselves are left out."""
    from orchestrator.model.snapshot import drift
    from orchestrator.report.drift import lines
    from orchestrator.report.safe import one_line

    left, right = _snapshots(before), _snapshots(after)
    for host in sorted(left.keys() | right.keys()):
        if host not in left or host not in right:
            print(f"{one_line(host)}: only in {before if host in left else after}")
            continue
        print("\n".join(lines(host, drift(_read(host, left[host], before), _read(host, right[host], after)))))
    return 0


def _read(host: str, data: Mapping[str, Any], where: str) -> Snapshot:
    from orchestrator.model.errors import UserError
    from orchestrator.model.snapshot import BadSnapshot, from_data

    try:
        return from_data(data)
    except BadSnapshot as error:
        raise UserError(f"{where}: {host}: {error}") from error


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
        raise UserError(f"{where} holds no snapshots", hint="orch snapshot take -o FILE writes one")
    return found


def _of(taken: Mapping[str, Mapping[str, Any]], host: str, where: str) -> Mapping[str, Any]:
    from orchestrator.model.errors import UserError

    if host not in taken:
        raise UserError(f"{where} has no snapshot of {host}", evidence=f"it has: {', '.join(sorted(taken))}")
    return taken[host]


def _as_text(taken: Mapping[str, Mapping[str, Any]]) -> str:
    return json.dumps(taken, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
