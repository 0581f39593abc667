"""When a restart may happen: budgets, spacing, back-off and the storm detector, as pure values.

The same code is driven by the engine, by property tests and by simulations: times come in as ages in seconds, chance
comes in as a number, and the answer is a verdict. Defaults: 3 restarts of a service in 15 minutes; at least
max(2 × ThrottleInterval, 30 s) apart; 3 starts in 5 minutes are a storm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum

from orchestrator.model.frozen import frozen

THROTTLE_S = 10.0
"""launchd's own spacing where a plist says nothing (launchd.plist(5), ThrottleInterval)."""


@frozen
class Limit:
    """At most ``count`` restarts in any ``window_s`` seconds."""

    count: int
    window_s: float

    def wait_s(self, ages_s: Iterable[float]) -> float:
        """How long until one more fits; 0 where it fits now. ``ages_s``: how long ago each restart was."""
        recent = sorted(age for age in ages_s if age < self.window_s)
        if self.count <= 0:
            return self.window_s
        return 0.0 if len(recent) < self.count else self.window_s - recent[self.count - 1]


@frozen
class Past:
    """Ages in seconds of restarts that we caused: of this service here, of anything here, of this service elsewhere."""

    service_s: tuple[float, ...] = ()
    host_s: tuple[float, ...] = ()
    fleet_s: tuple[float, ...] = ()


class Word(StrEnum):
    """What a budget says."""

    GO = "go"
    WAIT = "wait"
    STORM = "storm"


@frozen
class Verdict:
    """Go now, wait ``wait_s`` seconds and ask again, or nobody restarts: a storm. ``why`` names the rule."""

    word: Word
    wait_s: float = 0.0
    why: str = ""


@frozen
class Storm:
    """``starts`` or more within ``within_s`` seconds: restarting does not help, so the circuit opens."""

    starts: int = 3
    within_s: float = 300.0

    def is_raging(self, ages_s: Iterable[float]) -> bool:
        return sum(age < self.within_s for age in ages_s) >= self.starts

    def calm_in_s(self, ages_s: Iterable[float]) -> float:
        """Seconds until the circuit closes again by itself."""
        recent = sorted(age for age in ages_s if age < self.within_s)
        return self.within_s - recent[self.starts - 1] if len(recent) >= self.starts else 0.0


@frozen
class Budget:
    """All limits of one restart; ``spacing_s`` None derives it from the service's ThrottleInterval."""

    service: Limit = Limit(3, 900.0)
    host: Limit = Limit(6, 900.0)
    fleet: Limit | None = None
    spacing_s: float | None = None
    storm: Storm = Storm()

    @property
    def window_s(self) -> float:
        """How far back the past matters."""
        windows = (self.service.window_s, self.host.window_s, self.storm.within_s, self.spacing_s or 0.0)
        return max(*windows, self.fleet.window_s if self.fleet else 0.0)

    def spacing(self, throttle_s: float | None) -> float:
        """Seconds between two restarts of a service whose ThrottleInterval is ``throttle_s``."""
        if self.spacing_s is not None:
            return self.spacing_s
        return max(2 * (THROTTLE_S if throttle_s is None else throttle_s), 30.0)

    def verdict(self, past: Past, throttle_s: float | None = None) -> Verdict:
        """Whether a restart may happen now."""
        if self.storm.is_raging(past.service_s):
            why = f"{self.storm.starts} starts within {self.storm.within_s:g} s: a storm, so nobody restarts"
            return Verdict(Word.STORM, self.storm.calm_in_s(past.service_s), why)
        waits = [*self._waits(past, throttle_s)]
        wait_s, why = max(waits, default=(0.0, ""))
        return Verdict(Word.WAIT, wait_s, why) if wait_s > 0 else Verdict(Word.GO)

    def _waits(self, past: Past, throttle_s: float | None) -> Iterable[tuple[float, str]]:
        spacing_s = self.spacing(throttle_s)
        if past.service_s:
            yield spacing_s - min(past.service_s), f"restarts of a service are {spacing_s:g} s apart"
        rules = (
            (self.service, past.service_s, "of this service"),
            (self.host, past.host_s, "on this host"),
            (self.fleet, past.fleet_s, "of this service in the fleet"),
        )
        for limit, ages, of_what in rules:
            if limit is not None:
                yield limit.wait_s(ages), f"at most {limit.count} restarts {of_what} in {limit.window_s:g} s"


@frozen
class Backoff:
    """Jittered exponential waiting: first × factorⁿ ± jitter, never above the cap."""

    first_s: float = 5.0
    factor: float = 2.0
    cap_s: float = 300.0
    jitter: float = 0.2

    def delay_s(self, attempt: int, chance: float) -> float:
        """The wait before attempt ``attempt`` (0 is the first retry); ``chance`` in [0, 1) spreads it."""
        base = min(self.first_s * self.factor ** min(attempt, 64), self.cap_s)
        return min(base * (1 + self.jitter * (2 * chance - 1)), self.cap_s)


def chance(*parts: object) -> float:
    """A number in [0, 1) from names: the same for the same names, spread evenly over different ones."""
    digest = hashlib.sha256("\0".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def observation_s(throttle_s: float | None) -> float:
    """How long a new process must stay before it counts as up: one throttled respawn would show by then."""
    return max((THROTTLE_S if throttle_s is None else throttle_s) + 5.0, 15.0)


def settle_s(exit_timeout_s: float | None) -> float:
    """How long launchd may need to end a job: its ExitTimeOut (SIGKILL follows), and a margin."""
    return max((exit_timeout_s or 5.0) + 10.0, 30.0)
