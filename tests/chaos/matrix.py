"""Faults × phases: what happens to a run when one thing goes wrong in one phase of it.

``python -m tests.chaos.matrix`` runs all cells with three seeds and writes docs/reliability.md; ``… F1 F3.P7`` only
those faults or cells, and writes nothing. A cell is run, or there is a reason why it cannot occur. Needs root (for
the small disks), sshd, and for all of it some twenty minutes.
"""

from __future__ import annotations

import argparse
import json
import math
import queue
import random
import re
import shutil
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.cutting import IN, OUT, Trip, proxied
from tests.chaos.faults import FAULTS, Fault, Scene, reason_against
from tests.chaos.node import Node, running_node, small_disk
from tests.chaos.nursery import Child, Nursery, Told
from tests.chaos.plays import PLAY_OF, PLAYS, Stage

PHASES = {
    "P1": "inventory",
    "P2": "resolve secret",
    "P3": "TCP",
    "P4": "banner, key exchange",
    "P5": "host key",
    "P6": "authentication",
    "P7": "channel open",
    "P8": "elevation",
    "P9": "program delivery",
    "P10": "running",
    "P11": "output",
    "P12": "exit status",
    "P13": "journal commit",
    "P14": "bootout",
    "P15": "settle",
    "P16": "bootstrap",
    "P17": "readiness",
    "P18": "keychain reset",
    "P19": "browser reset",
    "P20": "evidence, cleaning up",
}
SEEDS = (0, 1, 2)
LIMIT_S = 120
"""For everything in a cell, resumptions included."""
TRIPS = {
    "P3": (OUT, 0, 0),
    "P4": (IN, 30, 200),
    "P5": (IN, 1200, 100),
    "P6": (OUT, 2300, 100),
    "P7": (IN, 2100, 50),
    "P9": (OUT, 5000, 5000),
    "P12": (IN, 2900, 150),
}
"""Where on the first line a phase is: direction, bytes, and bytes more for each seed. The prelude is some 13 KB out."""
COMMITS: dict[str, Any] = {"P13": (9, 12, 15), "P20": ("Leaving",) * 3}
"""Which event is being committed, by seed."""


@dataclass(frozen=True)
class Cell:
    fault: str
    phase: str
    seed: int

    def __str__(self) -> str:
        return f"{self.fault}.{self.phase}.{self.seed}"


@dataclass
class Lab:
    """A node and two nurseries, and how each play ends there when nothing goes wrong."""

    home: Path
    node: Node
    first: Nursery
    second: Nursery
    undisturbed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def prepare(self, plays: Iterable[str]) -> None:
        for play in plays:
            with proxied(self.node.port) as proxy:
                stage = Stage.laid(self.home / "stage", self.node, play, proxy.port)
                told = self.first.run(stage.home, *stage.run_words)
                assert told.status == 0, told
                self.undisturbed[play] = stage.final()

    def check(self, cell: Cell) -> str | None:
        """What is wrong with the cell, in words; None where all eight invariants hold."""
        try:
            return self._check(cell)
        finally:
            self.node.heal()
            if self.node.is_clean(0.0):
                self.node.end_shells()

    def _check(self, cell: Cell) -> str | None:
        fault, play = FAULTS[cell.fault], PLAY_OF.get(cell.phase, "core")
        began = time.monotonic()
        reached, struck, started = threading.Event(), threading.Event(), threading.Event()
        scene: Scene

        def strike() -> None:
            if not reached.is_set():
                reached.set()
                started.wait(10)
                try:
                    fault.strike(scene)
                finally:
                    struck.set()

        with proxied(self.node.port, trips=_trips(cell, strike), seed=cell.seed) as proxy:
            if play == "restart":
                self.node.load_gateway()
            stage = Stage.laid(self.home / "stage", self.node, play, proxy.port, fault.ssh_options)
            scene = Scene(stage, self.node, proxy, self.second, random.Random(str(cell)), cell.phase, cell.seed)
            fault.before(scene)
            if cell.phase not in TRIPS:
                (self.node.gates / f"want.{cell.phase}").touch()
            scene.child = self.first.begin(stage.home, *stage.run_words, gate=_gate(cell, self.node))
            started.set()
            watch = threading.Thread(target=self._watch, args=(cell, strike, scene.child))
            watch.start()
            told = [scene.child.wait()]
            (self.node.gates / "go").touch()
            watch.join(20)
            struck.wait(30 if reached.is_set() else 0)
            if fault.stays and told[0].status and not re.search(fault.says, str(told[0])):
                told.append(self._again(stage, told[0]))
            fault.mend(scene)
            self._mend_disk(stage)
            self.node.heal()
            wrong = self._finish(scene, fault, told)
            if not reached.is_set():
                wrong.append("the phase was not reached")
        if (spent_s := time.monotonic() - began) > LIMIT_S:
            wrong.append(f"it took {spent_s:.0f} s")
        bugs = [path.read_text() for path in stage.home.glob("state/bugs/*")] if wrong else []
        return "\n".join([f"{cell}: {'; '.join(wrong)}", *map(str, told + scene.told), *bugs]) if wrong else None

    def _watch(self, cell: Cell, strike: Any, child: Child) -> None:
        """Waits for the gate of the phase, strikes, and opens it."""
        at, deadline = self.node.gates / f"at.{cell.phase}", time.monotonic() + LIMIT_S
        while not at.exists() and time.monotonic() < deadline and not (self.node.gates / "go").exists():
            time.sleep(0.02)
        if at.exists():
            try:
                strike()
            finally:
                (self.node.gates / "go").touch()

    def _mend_disk(self, stage: Stage) -> None:
        (stage.home / "state" / "ballast").unlink(missing_ok=True)

    def _again(self, stage: Stage, last: Told) -> Told:
        """The run goes on where it was cut off; one that had not begun begins."""
        if stage.journal is None or not stage.events("RunStarted") or "there are no runs yet" in last.stderr:
            return self.first.run(stage.home, *stage.run_words)
        return self.first.run(stage.home, "resume", "last", *stage.run_words[-2:])

    # ---- what must hold afterwards ---------------------------------------------------------------------------

    def _finish(self, scene: Scene, fault: Fault, told: list[Told]) -> list[str]:
        """Resume what was cut off; then what is wrong, invariant by invariant."""
        stage, wrong = scene.stage, []
        if told[0].status not in (0, -9) and not re.search(fault.says, "".join(map(str, told))):
            wrong.append(f"it does not say {fault.says!r}")
        while told[-1].status != 0 and len(told) < 4 and not _is_honest_end(fault, stage):
            told.append(self._again(stage, told[-1]))
        final, expected = stage.final(), self.undisturbed[stage.play]
        if told[-1].status == 0:
            wrong += [
                f"{name}: {final[name]} instead of {expected[name]}" for name in final if final[name] != expected[name]
            ]
        elif not _is_honest_end(fault, stage):
            wrong.append(f"it ends with {told[-1].status}")
        else:
            wrong += _repeated(stage, expected)
            told.append(self.first.run(stage.home, *stage.run_words))
            wrong += ["a plain second run does not converge"] if told[-1].status else []
        is_said = any("may be left behind" in each.stderr for each in told)  # the node let nobody in to clean up
        wrong += [each for each in (None if is_said else self.node.is_clean(), stage.gaps()) if each]
        wrong += [f"a secret is in {leak}" for leak in stage.leaks(told + scene.told)]
        wrong += ["a traceback" for each in told + scene.told if "Traceback" in each.stderr or "bug: " in each.stderr]
        wrong += ["a second controller was let in" for each in scene.told if each.status not in (1, 4)]
        return wrong


def _trips(cell: Cell, strike: Any) -> tuple[Trip, ...]:
    if cell.phase not in TRIPS:
        return ()
    direction, start, more = TRIPS[cell.phase]
    return (Trip(0, direction, start + more * cell.seed, strike),)


def _gate(cell: Cell, node: Node) -> Any:
    if cell.phase not in COMMITS:
        return None
    return [COMMITS[cell.phase][cell.seed % 3], [str(node.gates / "gate"), cell.phase]]


def _is_honest_end(fault: Fault, stage: Stage) -> bool:
    """Whether the run ended otherwise than the undisturbed one, as the fault allows, and said so."""
    recap = {name: count for each in stage.final()["recap"] or () for name, count in each.items() if name != "host"}
    return any(recap.get(word) for word in fault.also)


def _repeated(stage: Stage, expected: dict[str, Any]) -> list[str]:
    """Side effects that an end short of the undisturbed one has more often than that."""
    return [
        f"{name}: {line!r} twice"
        for name, lines in stage.logs().items()
        for line in set(lines)
        if lines.count(line) > expected["logs"].get(name, []).count(line)
    ]


# ---- many cells ----------------------------------------------------------------------------------------------


@contextmanager
def laboratory(home: Path, plays: Iterable[str] = PLAYS) -> Iterator[Lab]:
    with ExitStack() as stack:
        node = stack.enter_context(running_node(home))
        stack.enter_context(small_disk(home / "stage" / "state", "6m"))
        first, second = Nursery(), Nursery()
        stack.callback(first.end)
        stack.callback(second.end)
        lab = Lab(home, node, first, second)
        lab.prepare(plays)
        yield lab


def run(
    cells: Sequence[Cell], workers: int, tell: Callable[[Cell, str | None, float], None], minutes: float = math.inf
) -> None:
    """All ``cells``, several laboratories at work; ``tell`` hears what each came to, and after how many seconds. Once
    ``minutes`` have passed, only cells of the first seed are begun."""
    deadline = time.monotonic() + minutes * 60
    home = Path(tempfile.mkdtemp(prefix="orch-matrix-"))
    left: queue.SimpleQueue[Cell] = queue.SimpleQueue()
    for cell in cells:
        left.put(cell)

    def work(number: int) -> None:
        with laboratory(home / str(number)) as lab:
            while not left.empty():
                try:
                    cell = left.get_nowait()
                except queue.Empty:
                    return
                if cell.seed != SEEDS[0] and time.monotonic() > deadline:
                    continue
                began = time.monotonic()
                try:
                    wrong = lab.check(cell)
                except Exception:
                    wrong = traceback.format_exc()
                tell(cell, wrong, time.monotonic() - began)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shutil.rmtree(home, ignore_errors=True)


def cells_of(wanted: Sequence[str], seeds: Sequence[int]) -> list[Cell]:
    """The cells that can occur; ``wanted`` names faults or cells, nothing: all."""
    return [
        Cell(fault, phase, seed)
        for seed in seeds
        for phase in PHASES
        for fault in FAULTS
        if reason_against(fault, phase) is None
        and (not wanted or fault in wanted or phase in wanted or f"{fault}.{phase}" in wanted)
    ]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("wanted", nargs="*", help="faults (F3), phases (P7) or cells (F3.P7)")
    arguments.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    arguments.add_argument("--workers", type=int, default=5)
    arguments.add_argument(
        "--kept", type=Path, help="a file that keeps what passed, so that another call goes on there"
    )
    arguments.add_argument(
        "--minutes", type=float, default=math.inf, help="then only what the first seed has left is begun"
    )
    given = arguments.parse_args()
    kept: Path | None = given.kept
    spent: dict[str, float] = json.loads(kept.read_text()) if kept and kept.exists() else {}
    failed: dict[str, str] = {}

    def tell(cell: Cell, wrong: str | None, spent_s: float) -> None:
        print(f"{cell} {'FAILED' if wrong else 'passed'} {spent_s:.1f}\n{wrong or ''}", end="", flush=True)
        if wrong:
            failed[str(cell)] = wrong
            return
        spent[str(cell)] = round(spent_s, 1)
        if kept:
            kept.write_text(json.dumps(spent))

    cells = cells_of(given.wanted, given.seeds)
    run([cell for cell in cells if str(cell) not in spent], given.workers, tell, given.minutes)
    if kept:
        kept.with_name("failed.json").write_text(json.dumps(sorted(failed)))
    print(json.dumps({"passed": len(spent), "of": len(cells), "failed": sorted(failed)}))
    if not given.wanted:
        from tests.chaos.page import write

        write({**dict.fromkeys(spent, True), **dict.fromkeys(failed, False)}, given.seeds, max(spent.values()))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
