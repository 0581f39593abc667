"""Faults × phases: what happens to a rollout when one thing goes wrong in one phase of it.

``python -m tests.chaos.matrix`` runs all cells, writes docs/reliability.md; ``… F1 F3`` only those faults, and writes
nothing. A cell is a runner, a reason why it cannot occur, or neither: then it is not tested yet, and the page says it.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.cutting import DELAY, END, IN, OUT, RESET, SWALLOW, TRICKLE, Harm, proxied
from tests.chaos.scene import Scene, Told
from tests.contract.sshd import Sshd, start_sshd

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
FAULTS = {
    "F1": "reset (RST)",
    "F2": "end of stream (FIN)",
    "F3": "black hole",
    "F4": "30 % loss",
    "F5": "2 s latency",
    "F6": "16 kbit/s",
    "F7": "sshd killed",
    "F8": "handshake refused (MaxStartups)",
    "F9": "source penalty",
    "F10": "host asleep",
    "F11": "host reboots",
    "F12": "host re-imaged (new key)",
    "F13": "clock ±1 h",
    "F14": "node's disk full",
    "F15": "controller's disk full",
    "F16": "SIGTERM",
    "F17": "SIGKILL",
    "F18": "controller suspended (scaled to 3 s)",
    "F19": "second controller",
    "F20": "rekey mid-stream",
    "F21": "key revoked mid-run",
    "F22": "lease ends mid-run",
    "F23": "secret backend hangs",
    "F24": "secret backend errors",
    "F25": "torn journal write",
}
ONE = ("-l", "n1")
LIMIT_S = 110
CANARY = "hidden-n"

LINE = {"F1": RESET, "F2": END, "F3": SWALLOW, "F5": DELAY, "F6": TRICKLE}
AT_BYTE = {
    "P3": (IN, 0),
    "P4": (IN, 30),
    "P5": (IN, 1400),
    "P6": (OUT, 2300),
    "P7": (IN, 2150),
    "P9": (OUT, 7000),
    "P10": (OUT, 17000),
    "P11": (IN, 2700),
    "P12": (IN, 3300),
    "P20": (OUT, 33000),
}
"""Where in the life of a line a phase is, by bytes: a handshake is some 2 KB each way, the prelude 12 KB out."""
SIGNALS = {"F16": "TERM", "F17": "KILL", "F18": "STOP"}
AT_EVENT = {
    "P3": "4:before",
    "P4": "5:during",
    "P6": "5:after",
    "P7": "6:before",
    "P9": "10:during",
    "P10": "12:after",
    "P11": "21:during",
    "P12": "23:before",
    "P13": "24:during",
    "P20": "53:after",
}
"""The same by events of the journal of a run on one host."""
NO_NETWORK = "nothing is on a line in this phase"


@dataclass(frozen=True)
class Lab:
    """What the cells share: a server, a place for scenes, and how the rollout ends when nothing goes wrong."""

    home: Path
    sshd: Sshd
    undisturbed: dict[str, Any]

    @classmethod
    def opened(cls, home: Path) -> Lab:
        sshd = start_sshd(home / "sshd")
        scene = Scene.laid(home / "undisturbed", sshd)
        told = scene.play(*ONE)
        assert told.status == 0, told
        return cls(home, sshd, scene.final())

    def check(self, scene: Scene, *told: Told, limit_s: float, began: float) -> str | None:
        """The invariants that are broken, in words; None where all hold."""
        wrong: list[str] = []
        final = scene.final()
        for name in ("logs", "recap", "status", "spools"):  # once, resumed to the same end, right words, nothing left
            if final[name] != self.undisturbed[name]:
                wrong.append(f"{name}: {final[name]} instead of {self.undisturbed[name]}")
        if (spent_s := time.monotonic() - began) > limit_s:
            wrong.append(f"it took {spent_s:.0f} s")
        if any(CANARY in each.stdout + each.stderr for each in told) or CANARY in _journal(scene):
            wrong.append("a secret is in a sink")
        if (gaps := _gaps(scene)) is not None:
            wrong.append(gaps)
        return "\n".join([*wrong, *map(str, told)]) if wrong else None

    def finish(self, scene: Scene, first: Told, began: float) -> str | None:
        """Resume what was cut off, then look."""
        told = [first]
        while told[-1].status != 0 and len(told) < 3:
            if "Traceback" in told[-1].stderr or told[-1].status in (1, 2, 250):
                break
            told.append(scene.resume())
        if "was cut off before it began" in told[-1].stderr:
            told.append(scene.play(*ONE))
        return self.check(scene, *told, limit_s=LIMIT_S, began=began)


Runner = Callable[[Lab], str | None]


def on_line(fault: str, phase: str) -> Runner:
    """A harmed line."""

    def run(lab: Lab) -> str | None:
        direction, offset = AT_BYTE[phase]
        with proxied(lab.sshd.port, Harm(0, direction, offset, LINE[fault])) as proxy:
            scene, began = Scene.laid(lab.home / f"{fault}.{phase}", lab.sshd, proxy.port), time.monotonic()
            return lab.finish(scene, scene.play(*ONE, limit_s=LIMIT_S), began)

    return run


def on_controller(fault: str, phase: str) -> Runner:
    """A signal to the controller."""

    def run(lab: Lab) -> str | None:
        scene, began = Scene.laid(lab.home / f"{fault}.{phase}", lab.sshd), time.monotonic()
        return lab.finish(scene, scene.play_until(f"{AT_EVENT[phase]}:{SIGNALS[fault]}", *ONE), began)

    return run


def cell(fault: str, phase: str) -> Runner | str | None:
    """What is done for a cell: a runner, the reason why it cannot occur, or nothing yet."""
    if fault in LINE:
        if phase in ("P1", "P2", "P13"):
            return NO_NETWORK
        return on_line(fault, phase) if phase in AT_BYTE else None
    if fault in SIGNALS and phase in AT_EVENT:
        return on_controller(fault, phase)
    if phase == "P1" and fault in ("F7", "F8", "F9", "F10", "F12", "F14", "F20", "F21"):
        return "no node takes part in this phase"
    if phase != "P2" and fault in ("F23", "F24"):
        return "references are resolved before all other phases, and never again"
    return None


def _journal(scene: Scene) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in (scene.home / "state/runs").glob("*/*"))


def _gaps(scene: Scene) -> str | None:
    """Whether a journal of the scene is broken, or has gaps."""
    for path in (scene.home / "state/runs").glob("*/journal.sqlite"):
        database = sqlite3.connect(path)
        try:
            count, last = database.execute("SELECT count(*), max(seq) FROM events").fetchone()
            (state,) = database.execute("PRAGMA integrity_check").fetchone()
        finally:
            database.close()
        if count != (last or 0) or state != "ok":
            return f"{path}: {count} events up to number {last}, integrity: {state}"
    return None


def main(wanted: list[str]) -> None:
    found: dict[str, str | None] = {}
    lab = Lab.opened(Path(tempfile.mkdtemp(prefix="orch-matrix-")))
    try:
        for fault in wanted or FAULTS:
            for phase in PHASES:
                runner = cell(fault, phase)
                if callable(runner):
                    found[f"{fault}.{phase}"] = wrong = runner(lab)
                    print(f"{fault}.{phase}", "FAILED" if wrong else "passed", flush=True)
                    if wrong:
                        print(wrong, flush=True)
    finally:
        lab.sshd.end()
    print(json.dumps({"passed": sum(each is None for each in found.values()), "of": len(found)}))
    if not wanted:
        from tests.chaos.page import write

        write(found)


if __name__ == "__main__":
    main(sys.argv[1:])
