"""The 25 faults: what each does to the line, the node or the controller when its phase has come, and what may follow.

A fault is struck once, while everything waits. Unless it says otherwise, a run that it ends is resumed after the
cause was mended, and must come to the end of an undisturbed run.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.cutting import BUSY, DELAY, END, LOSS, PENALTY, RESET, SWALLOW, TRICKLE, Proxy
from tests.chaos.node import Node, fill
from tests.chaos.nursery import Child, Nursery, Told
from tests.chaos.plays import ENDED, LEASE, Stage

PAUSE_S = 3.0
BEFORE_A_LINE = ("P1", "P2")
NEEDS_KEYS = ("P1", "P2", "P3", "P4", "P5", "P6")


@dataclass
class Scene:
    """What a fault can reach. ``child`` is the controller that is struck."""

    stage: Stage
    node: Node
    proxy: Proxy
    second: Nursery
    dice: random.Random
    phase: str
    seed: int
    child: Child | None = None
    told: list[Told] = field(default_factory=list)
    """What a second controller said."""

    @property
    def disk(self) -> Path:
        """The file system that holds the controller's state."""
        return self.stage.home / "state"

    def signal(self, number: signal.Signals) -> None:
        assert self.child is not None
        self.child.send(number)


Strike = Callable[[Scene], None]


def nothing(scene: Scene) -> None:
    """No harm, and nothing to mend."""


@dataclass(frozen=True)
class Fault:
    """``says``: what the first run must say where the fault ends it; where ``stays``, one of those that follow until
    it is mended. ``also``: other ends than the undisturbed run's that are honest: ``unknown`` (nobody can know
    whether a task was done) and ``failed`` (with the words of ``says``)."""

    name: str
    strike: Strike
    mend: Strike = nothing
    before: Strike = nothing
    says: str = ""
    also: tuple[str, ...] = ()
    ssh_options: str = ""
    stays: bool = False


def on_lines(kind: str) -> Strike:
    return lambda scene: scene.proxy.strike(kind)


def refused(words: bytes) -> Strike:
    """The line breaks, and the next one or two knocks are turned away."""

    def strike(scene: Scene) -> None:
        scene.proxy.refusals = [words] * (1 + scene.seed % 2)
        scene.proxy.strike(RESET)

    return strike


def sshd_killed(scene: Scene) -> None:
    scene.node.kill_sshd()
    scene.node.later(scene.dice.uniform(0.1, 1.0), scene.node.serve)


def asleep(scene: Scene) -> None:
    scene.node.sleep(scene.dice.uniform(1, PAUSE_S))


def rebooted(scene: Scene) -> None:
    scene.proxy.strike(RESET)
    scene.node.reboot()


def reimaged(scene: Scene) -> None:
    scene.proxy.strike(RESET)
    scene.node.reimage()


def clock_turned(scene: Scene) -> None:
    if scene.seed % 3 == 2:
        scene.node.set_clock(scene.dice.choice((-3600, 3600)))
    else:
        scene.signal((signal.SIGUSR1, signal.SIGUSR2)[scene.seed % 3])


def suspended(scene: Scene) -> None:
    scene.signal(signal.SIGSTOP)
    scene.node.later(PAUSE_S, lambda: scene.signal(signal.SIGCONT))


def second_controller(scene: Scene) -> None:
    scene.told.append(scene.second.run(scene.stage.home, "resume", "last", label="second"))


def revoked(scene: Scene) -> None:
    scene.node.allowed.write_text("")
    if scene.seed % 3 != 2:
        scene.proxy.strike(RESET)


def set_lease(text: str) -> Strike:
    """In one step: the run at work must never see the file between two texts."""

    def strike(scene: Scene) -> None:
        beside = scene.stage.home / "lease.new"
        beside.write_text(text)
        beside.replace(scene.stage.home / "lease")

    return strike


def set_backend(text: str) -> Strike:
    return lambda scene: (scene.stage.home / "backend").write_text(text) and None


def torn(scene: Scene) -> None:
    """Killed, and what was being written is half there: noise behind the end of the log, or its last bytes missing."""
    scene.signal(signal.SIGKILL)
    for log in scene.disk.glob("runs/*/journal.sqlite-wal"):
        data = log.read_bytes()
        if scene.seed % 3 == 0:
            log.write_bytes(data + scene.dice.randbytes(scene.dice.randrange(1, 4096)))
        elif scene.seed % 3 == 1:
            log.write_bytes(data + data[-4120 : -scene.dice.randrange(1, 4000)])
        else:
            log.write_bytes(data[: -scene.dice.randrange(1, 100)])


def rekeying(scene: Scene) -> None:
    scene.node.rekeys = f"RekeyLimit {(1, 4, 16)[scene.seed % 3]}K"
    scene.node.restart_sshd()


def rekeyed(scene: Scene) -> None:
    scene.node.rekeys = ""
    scene.node.restart_sshd()


FAULTS = {
    "F1": Fault("reset (RST)", on_lines(RESET)),
    "F2": Fault("end of stream (FIN)", on_lines(END)),
    "F3": Fault(
        "black hole",
        on_lines(SWALLOW),
        ssh_options="-o ServerAliveInterval=1 -o ServerAliveCountMax=2 -o ConnectTimeout=3",
    ),
    "F4": Fault("30 % loss", on_lines(LOSS)),
    "F5": Fault("2 s latency", on_lines(DELAY)),
    "F6": Fault("16 kbit/s", on_lines(TRICKLE)),
    "F7": Fault("sshd killed", sshd_killed),
    "F8": Fault("handshake refused (MaxStartups)", refused(BUSY), says="hung up before it greeted"),
    "F9": Fault("source penalty", refused(PENALTY), says="hung up before it greeted"),
    "F10": Fault("host asleep", asleep),
    "F11": Fault("host reboots", rebooted, also=("unknown", "failed")),
    "F12": Fault("host re-imaged (new key)", reimaged, says="another machine", stays=True),
    "F13": Fault("clock ±1 h", clock_turned, mend=lambda scene: scene.node.set_clock(0)),
    "F14": Fault("node's disk full", lambda scene: scene.node.fill(), says="disk|space", also=("failed",)),
    "F15": Fault("controller's disk full", lambda scene: fill(scene.disk) and None, says="disk|space"),
    "F16": Fault("SIGTERM", lambda scene: scene.signal(signal.SIGTERM)),
    "F17": Fault("SIGKILL", lambda scene: scene.signal(signal.SIGKILL)),
    "F18": Fault("controller suspended (scaled to 3 s)", suspended),
    "F19": Fault("second controller", second_controller),
    "F20": Fault("rekey mid-stream", nothing, before=rekeying, mend=rekeyed),
    "F21": Fault("key revoked mid-run", revoked, says="refused the login", stays=True),
    "F22": Fault("lease ends mid-run", set_lease(ENDED), mend=set_lease(LEASE), says="the lease of n1 has ended"),
    "F23": Fault(
        "secret backend hangs",
        nothing,
        before=set_backend("hangs"),
        mend=set_backend("works"),
        says="gave no secret within 10 s",
    ),
    "F24": Fault(
        "secret backend errors",
        nothing,
        before=set_backend("fails"),
        mend=set_backend("works"),
        says="ended with status 3",
    ),
    "F25": Fault("torn journal write", torn),
}


def reason_against(fault: str, phase: str) -> str | None:
    """Why the cell cannot occur; None where it can."""
    if fault in ("F1", "F2", "F3", "F4", "F5", "F6") and phase in BEFORE_A_LINE:
        return "no line is open in this phase"
    if fault == "F20" and phase in NEEDS_KEYS:
        return "keys are exchanged anew only after the login"
    if fault == "F25" and phase in BEFORE_A_LINE:
        return "no journal is written in this phase"
    if fault in ("F23", "F24") and phase != "P2":
        return "references are resolved before all other phases, and never again"
    return None
