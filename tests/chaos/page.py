"""docs/reliability.md, from what the cells of the matrix came to, and from the figures that were kept."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.chaos.faults import FAULTS, reason_against
from tests.chaos.figures import kept
from tests.chaos.matrix import LIMIT_S, PHASES

PAGE = Path(__file__).parents[2] / "docs/reliability.md"
HEAD = """\
# Reliability

What happens when one thing goes wrong in one phase of a run. Each cell is a play on a simulated Mac behind OpenSSH's
sshd (loops, a rescue, handlers, another user, a secret that no journal may hold; a service that is restarted, a
keychain and a browser that are reset), with one fault in one phase of it. The run stops at a gate in that phase, the
fault strikes, and the gate opens. What was cut off is resumed once the cause is mended. This page is written by

    make chaos

or its first part alone, `.venv/bin/python -m tests.chaos.matrix`, and holds what that run found, on
{machine}.

**{passed} of {run} cells passed**, in {runs} runs with {seeds}; {reasons} cannot occur. The slowest run took
{slowest:.0f} s. A cell passes when all of these hold in each run:

1. everything ends, resumptions included, within {limit} s;
2. the outcome word is right: the recap is the undisturbed run's, or *unknown* or *failed* where nothing else is honest;
3. where the run ends early, it says why in words of that fault;
4. each side effect, counted by a line in a file on the node, has happened once;
5. after `orch resume`, state, recap and exit status are those of an undisturbed run; after an honest *unknown* or
   *failed* a plain second run converges;
6. no process, spool or file of ours is left on the node, or the run has said that it may be;
7. the canary secret, which is also sudo's password, is in no output, no journal and no file of the controller;
8. the journal is whole and without gaps.

`✓` passed · `✗` failed · `·` not run · `–` cannot occur

"""
TAIL = """
Phases: {phases}.

Notes: *30 % loss* is what an application sees of it: each segment of 1,460 bytes is lost with that chance, and comes
0.2 s × 2ⁿ later, in order. *Source penalty* and *MaxStartups* are played by a proxy that says sshd's words and hangs
up. *Clock* turns the controller's by an hour either way, or the node's. *Torn write* kills the controller and leaves
half a page, noise, or no end of the journal's log. Disks are small file systems that are filled to the last byte.

## Why cells cannot occur

{why}
{figures}"""
KINDS = {
    "kills": (
        "Kill and resume",
        "SIGKILL at each event of the journal of a five-step rollout on five hosts, before it is on disk, during the"
        " commit and after it; then `orch resume`: state, recap and side effects as undisturbed",
        ".venv/bin/python -m tests.chaos.figures kills",
    ),
    "cuts": (
        "Cuts at any byte",
        "the line is reset, ended or swallowed after a random number of bytes, 200 times in each direction",
        ".venv/bin/python -m tests.chaos.figures cuts",
    ),
    "flood": (
        "One stalls, three flood",
        "a play of three tasks on 300 hosts, of which one never answers and three write to stdout – 1 GB of text, 200"
        " MB of random bytes, 4 MB of lines of two letters –: the others are right, each side effect has happened once,"
        " stdout is cut at 4 MiB, and the controller's peak memory is at most 64 MB above that of the same run without"
        " the four",
        ".venv/bin/python -m tests.chaos.flood --keep",
    ),
    "hostile": (
        "Hostile inputs",
        "names, outputs, YAML, files and archives, journals: no traceback, no program started that should not be, no"
        " file outside of its place, no control character printed, memory bounded",
        ".venv/bin/python -m tests.chaos.hostile",
    ),
    "silence": (
        "A dead peer is named",
        "nothing passes any more while a line is dialled, greets, logs in, is idle or has a task at work: seconds"
        " until the host is said to be lost, at most 30, for the fleet's transport (ssh) and Fabric's",
        ".venv/bin/python -m tests.chaos.silence --keep",
    ),
    "quoting": (
        "Values through shells",
        "random values, every byte but NUL, as words of a program through dash, bash and zsh: all come out equal",
        ".venv/bin/python -m tests.chaos.quoting",
    ),
}


def write(found: Mapping[str, bool], seeds: Sequence[int], slowest_s: float) -> None:
    """Write the page; ``found``: FAULT.PHASE.SEED → whether it passed."""
    marks = {(fault, phase): _mark(fault, phase, seeds, found) for fault in FAULTS for phase in PHASES}
    counts = {mark: sum(each == mark for each in marks.values()) for mark in "✓✗–·"}
    head = HEAD.format(
        machine=f"{platform.system()} with Python {platform.python_version()}",
        passed=counts["✓"],
        run=counts["✓"] + counts["✗"],
        seeds=_seeds(found, seeds),
        runs=len(found),
        reasons=counts["–"],
        slowest=slowest_s,
        limit=LIMIT_S,
    )
    table = [f"| fault | {' | '.join(PHASES)} |", f"|---|{'---|' * len(PHASES)}"]
    for fault, described in FAULTS.items():
        table.append(f"| {fault} {described.name} | {' | '.join(marks[fault, phase] for phase in PHASES)} |")
    phases = " · ".join(f"{phase} {name}" for phase, name in PHASES.items())
    tail = TAIL.format(phases=phases, why="\n".join(_reasons()), figures=_figures())
    PAGE.write_text(head + "\n".join(table) + "\n" + tail)


def _seeds(found: Mapping[str, bool], seeds: Sequence[int]) -> str:
    """How many seeds each cell was run with."""
    counts = Counter(key.rpartition(".")[0] for key in found).values()
    least, most = min(counts, default=0), max(counts, default=0)
    return f"{most} seed{'s'[: most > 1]}" if least == most else f"{least} to {most} seeds"


def _mark(fault: str, phase: str, seeds: Sequence[int], found: Mapping[str, bool]) -> str:
    if reason_against(fault, phase) is not None:
        return "–"
    results = [found[key] for seed in seeds if (key := f"{fault}.{phase}.{seed}") in found]
    return "✗" if not all(results) else "✓" if results else "·"


def _reasons() -> list[str]:
    """The reasons, each with its cells."""
    cells: dict[str, list[str]] = {}
    for fault in FAULTS:
        for phase in PHASES:
            if (reason := reason_against(fault, phase)) is not None:
                cells.setdefault(reason, []).append(f"{fault}.{phase}")
    return [f"- {reason}: {', '.join(each)}" for reason, each in cells.items()]


def _figures() -> str:
    """The other figures, each with what it means and the command that makes it again."""
    lines = ["\n## Other figures\n", "| what | figures | again with |", "|---|---|---|"]
    for name, found in kept().items():
        title, meaning, command = KINDS[name]
        said = ", ".join(f"{word.replace('_', ' ')} {value}" for word, value in found.items())
        lines.append(f"| **{title}**: {meaning} | {said} | `{command}` |")
    return "\n".join(lines) + "\n"
