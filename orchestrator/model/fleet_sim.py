"""A fleet that comes back after its gateway was restarted, simulated event by event, to compare policies.

The model, all of it: at second 0 the gateway goes down for ``outage_s`` and every node loses its connection, which it
notices within ``notice_s``. The gateway then takes ``capacity_per_s`` connections a second, one after the other; up to
``backlog`` may queue, further ones are refused at once, as a full listen queue does. A refused node waits as its
policy says and tries again. Nothing here does I/O; the same seed gives the same figures.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from orchestrator.model.frozen import frozen
from orchestrator.model.restart import observation_s

LIMIT_S = 3600.0
"""A simulation ends here, whoever is still waiting."""


@frozen
class Fleet:
    """What comes back, to what."""

    nodes: int = 10_000
    capacity_per_s: float = 200.0
    backlog: int = 512
    outage_s: float = 20.0
    notice_s: float = 1.0


@frozen
class Waves:
    """Nodes are held back and let go in turns: one canary, watched; then at most ``share`` of them at a time.

    Within a turn each node starts at a random moment of a window so long that ``load`` of the gateway's capacity is
    used. The next turn begins when all of the last are up. ``proof_s``: how long the gateway itself is watched first.
    """

    share: float = 0.2
    load: float = 0.8
    proof_s: float = observation_s(None)
    canary_s: float = 10.0


@frozen
class Policy:
    """When a node tries again: first × factorⁿ up to a cap; with ``jitter`` any moment up to that (full jitter)."""

    name: str
    first_s: float
    factor: float
    cap_s: float
    jitter: bool = False
    waves: Waves | None = None

    def delay_s(self, failures: int, chance: float) -> float:
        """The wait after the ``failures``th refusal in a row (1 is the first)."""
        bound = min(self.first_s * self.factor ** min(failures - 1, 64), self.cap_s)
        return bound * chance if self.jitter else bound


POLICIES = (
    Policy("fixed 5 s", 5.0, 1.0, 5.0),
    Policy("exponential", 1.0, 2.0, 60.0),
    Policy("full jitter", 1.0, 2.0, 60.0, jitter=True),
    Policy("orch", 5.0, 2.0, 300.0, jitter=True, waves=Waves()),
)


@frozen
class Story:
    """How it went. ``attempts`` and ``ups``: per whole second; times in seconds since the gateway went down.

    ``all_up_s`` None: not all were up when the simulation ended. ``most_released``: nodes on their way at once.
    """

    policy: Policy
    fleet: Fleet
    attempts: tuple[int, ...]
    ups: tuple[int, ...]
    half_up_s: float | None
    all_up_s: float | None
    refused: int
    most_released: int

    @property
    def peak_per_s(self) -> int:
        return max(self.attempts, default=0)


@dataclass(slots=True)
class _Run:
    """The simulation's state: events are (time, node); the gateway's queue ends at ``free_s``."""

    fleet: Fleet
    policy: Policy
    chance: random.Random
    events: list[tuple[float, int]] = field(default_factory=list)
    failures: Counter[int] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    up_s: list[float] = field(default_factory=list)
    refused: int = 0
    free_s: float = 0.0

    def release(self, nodes: range, from_s: float, window_s: float) -> None:
        """Let nodes begin, each at its own moment of the window."""
        for node in nodes:
            heapq.heappush(self.events, (from_s + window_s * self.chance.random(), node))

    def settle(self) -> None:
        """Play until every released node is up, or the time is over."""
        while self.events and self.events[0][0] < LIMIT_S:
            now_s, node = heapq.heappop(self.events)
            self.attempts[int(now_s)] += 1
            queued = max(self.free_s - now_s, 0.0) * self.fleet.capacity_per_s
            if now_s < self.fleet.outage_s or queued >= self.fleet.backlog:
                self.refused += 1
                self.failures[node] += 1
                again_s = now_s + self.policy.delay_s(self.failures[node], self.chance.random())
                heapq.heappush(self.events, (again_s, node))
            else:
                self.free_s = max(self.free_s, now_s) + 1 / self.fleet.capacity_per_s
                self.up_s.append(self.free_s)


def simulate(fleet: Fleet, policy: Policy, seed: int = 1) -> Story:
    """How the fleet comes back under the policy."""
    run = _Run(fleet, policy, random.Random(seed))
    most = 0
    if policy.waves is None:
        run.release(range(fleet.nodes), 0.0, fleet.notice_s)
        run.settle()
        most = fleet.nodes
    else:
        begin_s = fleet.outage_s + policy.waves.proof_s
        for nodes in turns(fleet.nodes, policy.waves.share):
            window_s = len(nodes) / (policy.waves.load * fleet.capacity_per_s)
            run.release(nodes, begin_s, window_s)
            run.settle()
            most = max(most, len(nodes))
            begin_s = max(run.up_s, default=begin_s) + (policy.waves.canary_s if len(run.up_s) == 1 else 0.0)
    return _story(run, most)


def turns(nodes: int, share: float) -> Iterator[range]:
    """The canary, then the others, at most ``share`` of all nodes (and at least one) at a time."""
    size, begin = max(math.floor(nodes * share), 1), min(nodes, 1)
    if nodes:
        yield range(begin)
    while begin < nodes:
        yield range(begin, min(begin + size, nodes))
        begin += size


def _story(run: _Run, most: int) -> Story:
    nodes, up_s = run.fleet.nodes, sorted(run.up_s)
    seconds = math.ceil(max([*run.attempts, *up_s[-1:]], default=0)) + 1
    counted = Counter(int(at) for at in up_s)
    return Story(
        run.policy,
        run.fleet,
        attempts=tuple(run.attempts[second] for second in range(seconds)),
        ups=tuple(counted[second] for second in range(seconds)),
        half_up_s=up_s[(nodes - 1) // 2] if len(up_s) * 2 >= nodes and up_s else None,
        all_up_s=up_s[-1] if len(up_s) == nodes and up_s else None,
        refused=run.refused,
        most_released=most,
    )
