"""Dialling a play's hosts as it begins, while the rest of the engine is still getting ready for its first task.

Only hosts that the play is sure to work on are dialled: no other may notice that a run names it. That is told from the
first task alone, since whatever comes later may not be reached. Where the task turns out to be mistaken, a login is
broken off, which leaves nothing behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from orchestrator.engine.site import Site
from orchestrator.language.load import is_template
from orchestrator.language.tree import Node, Task
from orchestrator.model.errors import HostError, UserError
from orchestrator.modules import works_on_host

if TYPE_CHECKING:
    from orchestrator.engine.host_run import HostRun
    from orchestrator.engine.play_run import PlayRun


async def approach(play: PlayRun) -> None:
    """Begin to dial those hosts of the batch that are sure to be worked on, as many as may be at work at once.

    The first packets to them have left then: whatever the first tasks need to be got ready is done while those travel.
    """
    if play.options.check or play.options.step or play.options.start_at_task:
        return
    for host in [*play.runs.values()][: play.options.forks]:
        if (task := _first(play, host)) is not None:
            try:
                place = Site.of(play, host.state, task, play.renderer(host.state, task)).login()
            except (HostError, UserError):
                continue  # the task will say it
            play.fleet.connections.to(place).approach()
    await asyncio.sleep(0)  # lets each begin its way, and
    await asyncio.sleep(0)  # lets those connect that need not wait for a turn


def _first(play: PlayRun, host: HostRun) -> Task | None:
    """The task that ``host`` begins with, if it is sure to work there."""
    wanted = (task for task in _in_order(chain(*play.sections)) if play.is_wanted(host, task))
    task = next(wanted, None)
    return task if task is not None and _is_sure(task) else None


def _in_order(nodes: Iterator[Node] | Sequence[Node]) -> Iterator[Task]:
    for node in nodes:
        if isinstance(node, Task):
            yield node
        else:
            yield from _in_order((*node.body, *node.always))


def _is_sure(task: Task) -> bool:
    """Whether nothing but a mistake in it can keep the task from its host."""
    keywords = task.keywords
    if is_template(task.action) or not works_on_host(str(task.action)) or keywords.when:
        return False
    hindrances = (task.loop, keywords.check_mode, keywords.delegate_to, keywords.run_once, keywords.throttle)
    return all(each is None for each in hindrances)
