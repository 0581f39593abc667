"""``orch runs``: what was run, told again from the journals."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="What was run: list, show, report.", no_args_is_help=True)

RunName = Annotated[str, typer.Argument(help="A run's id, a beginning of it, or 'last'", metavar="RUN")]
Json = Annotated[bool, typer.Option("--json", help="As JSON")]


@app.command("list")
def list_(count: Annotated[int, typer.Option("-n", help="At most so many", min=1)] = 20, json: Json = False) -> int:
    """Runs, newest first."""
    from orchestrator.journal.home import state_dir
    from orchestrator.journal.reading import list_runs
    from orchestrator.report.safe import one_line

    runs = list_runs(state_dir(), count)
    if json:
        return _print_json(
            [
                {
                    "run": each.run_id,
                    "at": each.started_at,
                    "state": each.state,
                    "status": each.status,
                    "command": each.command,
                    "resumed": each.resumed,
                    "can_resume": each.can_resume,
                }
                for each in runs
            ]
        )
    if runs:
        print(f"{'RUN':<20}  {'STARTED':<19}  {'STATE':<10}  EXIT  COMMAND", file=sys.stderr, flush=True)
    for each in runs:
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(each.started_at)) if each.started_at else "–"
        status = "–" if each.status is None else str(each.status)
        again = f" (resumed {each.resumed}×)" if each.resumed else ""
        what = one_line(each.trouble or " ".join(each.command) + again)
        print(f"{each.run_id:<20}  {at:<19}  {each.state:<10}  {status:>4}  {what}")
    if any(each.can_resume for each in runs):
        print("hint: orch resume RUN finishes what is stopped, cut off or unfinished", file=sys.stderr)
    return 0


@app.command("show")
def show(
    run: RunName = "last",
    verbose: Annotated[int, typer.Option("-v", "--verbose", help="Say more", count=True)] = 0,
    json: Annotated[bool, typer.Option("--json", help="Events as JSON Lines")] = False,
) -> int:
    """Tell a run again as it was told while it ran."""
    from orchestrator.journal.home import state_dir
    from orchestrator.journal.reading import open_run
    from orchestrator.report.jsonl import JsonLines
    from orchestrator.report.lines import Sink
    from orchestrator.report.output import Plain, Writer, width_of
    from orchestrator.report.transcript import Transcript

    recorded = open_run(state_dir(), run)
    out = Writer(sys.stdout, str)
    transcript = Transcript(width=width_of(sys.stdout), verbosity=verbose)
    sink: Sink = JsonLines(out) if json else Plain(transcript, out, Writer(sys.stderr, str))
    for entry in recorded.events():
        sink.take(entry)
    sink.close()
    if lost := recorded.lost():
        print(f"[WARNING]: the last {lost} events of {recorded.run_id} did not reach the disk", file=sys.stderr)
    if recorded.summary().state == "cut off":
        print(f"[WARNING]: {recorded.run_id} was cut off before its end", file=sys.stderr)
    return 0


@app.command("report")
def report(
    run: RunName = "last",
    kind: Annotated[str, typer.Option("--as", help="md, html or junit", metavar="KIND")] = "md",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file", metavar="FILE")] = None,
) -> int:
    """Render a run as a report."""
    from orchestrator.cli.showing import KINDS
    from orchestrator.journal.home import state_dir
    from orchestrator.journal.reading import open_run
    from orchestrator.model.errors import UserError
    from orchestrator.report.files import renderer, write
    from orchestrator.report.story import story_of

    if kind not in KINDS:
        raise UserError(f"--as {kind}: expected {', '.join(KINDS)}")
    text = renderer(kind)(story_of(open_run(state_dir(), run).events()))
    if output is None:
        sys.stdout.write(text)
    else:
        write(output, text)
    return 0


def _print_json(data: object) -> int:
    import json

    print(json.dumps(data, ensure_ascii=False, indent=2))
    return 0
