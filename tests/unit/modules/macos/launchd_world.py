"""A launchd and a gateway as pure models with a virtual clock: they answer a module's requests in recorded forms.

No process, no waiting: a restart that takes two minutes plays in milliseconds. launchd starts a job at most once in a
ThrottleInterval, also on demand (the harder case); SIGKILL follows SIGTERM after ExitTimeOut; a label stays visible for
a while after bootout, and bootstrap is refused for a while longer. Facts: docs/reference/macos.md, "launchd".
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from orchestrator.model.program import Reach, Recall, Remember, Reply, Request, Run, Sleep
from orchestrator.model.results import Result

LABEL = "ai.openclaw.gateway"
DOMAIN = "gui/501"
PORT = 18789
TEXTS = {
    3: "No such process",
    5: "Input/output error",
    36: "Operation now in progress",
    37: "Operation already in progress",
    112: "Could not find specified domain",
    113: "Could not find specified service",
    125: "Domain does not support specified action",
}


@dataclass(frozen=True)
class Gateway:
    """How the program behaves. ``heals_s``: seconds after the order until starts succeed (None: never), before that it
    exits with ``exit_code`` after ``lives_s``. ``ready_s``: from a start to readiness (None: never ready)."""

    stops_in_s: float = 3.0
    heals_s: float | None = 0.0
    exit_code: int = 1
    lives_s: float = 0.2
    ready_s: float | None = 1.0
    keep_alive: bool = True


@dataclass(frozen=True)
class Launchd:
    """How launchd behaves. ``order_code``: what the first order is answered with; ``vanishes``: the label is gone then;
    ``busy_code`` and ``busy_s``: bootstrap's refusal after a bootout; ``watchdog_s``: another tool restarts a service
    that has been down for so long."""

    throttle_s: float = 10.0
    exit_timeout_s: float = 5.0
    bootout_delay_s: float = 0.2
    busy_code: int = 5
    busy_s: float = 0.0
    order_code: int | None = None
    vanishes: bool = False
    domain_lost: bool = False
    watchdog_s: float | None = None
    latency_s: float = 0.05


@dataclass
class World:
    """One Mac. ``deliberate``: starts that we ordered; ``bootstraps``: attempts; ``started_at``: all starts."""

    launchd: Launchd
    gateway: Gateway
    now_s: float = 1000.0
    loaded: bool = True
    domain_exists: bool = True
    pid: int | None = 100
    runs: int = 1
    ending: str = "last exit code = (never exited)"
    scheduled: bool = False
    demanded: bool = False
    removing: bool = False
    refuses_until_s: float = 0.0
    ordered_s: float | None = None
    deliberate: int = 0
    bootstraps: int = 0
    started_at: list[float] = field(default_factory=list)
    last_start_s: float = 0.0
    orders: list[str] = field(default_factory=list)
    foreign: int = 0
    remembered: list[tuple[str, str, float]] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _count: int = 100

    def __post_init__(self) -> None:
        if self.launchd.watchdog_s:
            self.at(1.0, self._watch)

    # ---- the clock

    def at(self, after_s: float, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (self.now_s + after_s, self._count, act))

    def pass_time(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self._events and self._events[0][0] <= until_s:
            self.now_s, _, act = heapq.heappop(self._events)
            act()
        self.now_s = until_s

    # ---- the gateway and launchd's care for it

    def start(self) -> None:
        """At once, or as soon as ThrottleInterval allows."""
        if self.pid is not None or self.scheduled or self.removing:
            return
        self.scheduled = True
        self.at(max(self.last_start_s + self.launchd.throttle_s - self.now_s, 0.01), self._spawn)

    def _spawn(self) -> None:
        if not self.scheduled or self.removing:
            return
        self.scheduled = self.demanded = False
        self._count += 1
        pid = self.pid = self._count
        self.runs += 1
        self.last_start_s = self.now_s
        self.started_at.append(self.now_s)
        heals_s = self.gateway.heals_s
        if self.ordered_s is not None and (heals_s is None or self.now_s < self.ordered_s + heals_s):
            self.at(self.gateway.lives_s, lambda: self._end(pid, f"last exit code = {self.gateway.exit_code}"))

    def _end(self, pid: int, ending: str) -> None:
        if self.pid != pid:
            return
        self.pid, self.ending = None, ending
        if not self.removing and (self.gateway.keep_alive or self.demanded):
            self.start()

    def _stop(self) -> None:
        """SIGTERM, and SIGKILL after ExitTimeOut."""
        if (pid := self.pid) is None:
            return
        polite = self.gateway.stops_in_s <= self.launchd.exit_timeout_s
        ending = f"last terminating signal = {'Terminated: 15' if polite else 'Killed: 9'}"
        self.at(min(self.gateway.stops_in_s, self.launchd.exit_timeout_s), lambda: self._end(pid, ending))

    def _watch(self) -> None:
        """The other tool: looks each second, and restarts what has not listened for ``watchdog_s``."""
        down_s = self.now_s - (self.ordered_s if self.ordered_s is not None else self.now_s)
        if self.loaded and self.pid is None and down_s >= (self.launchd.watchdog_s or 0) and not self.foreign:
            self.foreign += 1
            self.demanded = True
            self.start()
        self.at(1.0, self._watch)

    @property
    def listens(self) -> bool:
        return self.pid is not None and self.now_s >= self.last_start_s + self.gateway.lives_s

    @property
    def is_ready(self) -> bool:
        ready_s = self.gateway.ready_s
        return self.listens and ready_s is not None and self.now_s >= self.last_start_s + ready_s

    @property
    def is_up(self) -> bool:
        return self.loaded and self.listens

    # ---- launchctl

    def order(self, verb: str) -> int:
        """The exit status; what it sets off happens in its own time."""
        first, self.ordered_s = self.ordered_s is None, self.ordered_s if self.ordered_s is not None else self.now_s
        self.orders.append(verb)
        if first and self.launchd.domain_lost:
            self.domain_exists, self.loaded, self.pid = False, False, None
        if first and self.launchd.vanishes:
            self.loaded, self.pid = False, None
        if first and self.launchd.order_code is not None:
            self.bootstraps += verb == "bootstrap"
            return self.launchd.order_code
        return {"bootout": self._bootout, "bootstrap": self._bootstrap}.get(verb, lambda: self._kick(verb))()

    def _kick(self, verb: str) -> int:
        if not self.loaded:
            return 113
        self.deliberate += 1
        self.demanded = True
        if self.pid is None:
            self.start()
        elif verb == "kickstart-k":
            self._stop()
        return 0

    def _bootout(self) -> int:
        if not self.loaded:
            return 3
        self.removing = True
        self._stop()
        self.at(0.05, self._unload)
        return 0

    def _unload(self) -> None:
        if self.pid is not None:
            self.at(0.05, self._unload)
        else:
            self.at(self.launchd.bootout_delay_s, self._gone)

    def _gone(self) -> None:
        self.loaded = self.removing = self.scheduled = False
        self.refuses_until_s = self.now_s + self.launchd.busy_s

    def _bootstrap(self) -> int:
        self.bootstraps += 1
        if self.loaded or self.now_s < self.refuses_until_s:
            return self.launchd.busy_code
        self.loaded, self.runs, self.ending = True, 0, "last exit code = (never exited)"
        self.deliberate += 1
        self.start()
        return 0

    # ---- what a module asks

    def reply(self, request: Request) -> Any:
        match request:
            case Sleep(seconds=seconds):
                self.slept.append(seconds)
                self.pass_time(seconds)
            case Recall(topic=topic, within_s=within_s):
                ages = [(host, self.now_s - at) for kept, host, at in self.remembered if kept == topic]
                return tuple(sorted((one for one in ages if one[1] < within_s), key=lambda one: one[1]))
            case Remember(topic=topic):
                self.remembered.append((topic, "mac1", self.now_s))
            case Reach(port=port):
                return None if self.listens and port == PORT else "Connection refused"
            case Run():
                self.pass_time(self.launchd.latency_s)
                return self._ran(request)
        return None

    def _ran(self, request: Run) -> Reply:
        frames = self._frames()
        match request.main:
            case "order":
                code = self.order(str(request.values["verb"]))
                self.pass_time(self.launchd.latency_s)
                text = f"Bootstrap failed: {code}: {TEXTS[code]}" if code else ""
                frames = {**self._frames(), "order": (code, "", text)}
            case "listeners_main":
                return self._answered(self._sockets())
            case "hook":
                self.hooks.append(command := str(request.values["command"]))
                frames["hook"] = (int(command.removeprefix("exit ")), "", "busy") if "exit " in command else (0, "", "")
            case "ready_url":
                frames["ready"] = (0, "", "") if self.is_ready else (22, "", "curl: (22) error: 503")
        return self._answered(frames)

    def _answered(self, frames: dict[str, tuple[int, str, str]]) -> Reply:
        lines = []
        for name, (code, out, err) in frames.items():
            lines += [f"./{name}.cmd:launchctl {name}", f"./{name}.rc:{code}"]
            lines += [f"./{name}.out:{line}" for line in out.splitlines()]
            lines += [f"./{name}.err:{line}" for line in err.splitlines()]
        said = (("domain", DOMAIN), ("plist", f"/Users/admin/Library/LaunchAgents/{LABEL}.plist"))
        return Reply(0, "\n".join(lines).encode(), said=said)

    def _frames(self) -> dict[str, tuple[int, str, str]]:
        if not self.domain_exists:
            lost = (125, "", "Could not print domain: 125: Domain does not support specified action")
            return {"job": lost, "domain": lost, "disabled": lost}
        job = (0, self._printed(), "") if self.loaded else (113, "", f'Could not find service "{LABEL}" in domain')
        domain = f"{DOMAIN} = {{\n\ttype = gui\n\ton-demand count = 0\n}}\n"
        return {"job": job, "domain": (0, domain, ""), "disabled": (0, "disabled services = {\n}\n", "")}

    def _printed(self) -> str:
        state = "running" if self.pid else "spawn scheduled" if self.scheduled else "not running"
        fields = [f"state = {state}", f"minimum runtime = {self.launchd.throttle_s:g}"]
        fields += [f"exit timeout = {self.launchd.exit_timeout_s:g}", f"runs = {self.runs}"]
        fields += [f"pid = {self.pid}"] if self.pid else []
        return "\n".join([f"{DOMAIN}/{LABEL} = {{", *(f"\t{one}" for one in [*fields, self.ending]), "}"]) + "\n"

    def _sockets(self) -> dict[str, tuple[int, str, str]]:
        row = f"tcp4 0 0 127.0.0.1.{PORT} *.* LISTEN 131072 131072 {self.pid} 0 00100 00000006 0 0 900 1 0 000001\n"
        sockets = "Active Internet connections (including servers)\n" + (row if self.listens else "")
        ps = f"  PID  PPID  PGID USER COMM\n{self.pid or 2} 1 {self.pid or 2} admin node\n"
        lsof = f"p{self.pid}\ncnode\nf3\nPTCP\nn127.0.0.1:{PORT}\nTST=LISTEN\n" if self.listens else ""
        return {"sockets": (0, sockets, ""), "lsof": (0 if lsof else 1, lsof, ""), "ps": (0, ps, "")}


def drive(steps: Generator[Request, Any, Result], world: World) -> Result:
    """The module's result in this world."""
    try:
        request = next(steps)
        while True:
            request = steps.send(world.reply(request))
    except StopIteration as stop:
        result = stop.value
        assert isinstance(result, Result)
        return result
