"""Turns: who goes when, and who waits."""

from __future__ import annotations

import asyncio

from orchestrator.engine.lockstep import Free, Lockstep, Position, Turns


async def walk(turns: Turns, host: str, positions: list[Position], told: list[tuple[str, Position]]) -> None:
    for position in positions:
        together = await turns.turn(host, position)
        told.append((host, position))
        await together.finish(host, None)
    turns.leave(host)


def order(turns: Turns, ways: dict[str, list[Position]]) -> list[tuple[str, Position]]:
    told: list[tuple[str, Position]] = []

    async def everyone() -> None:
        async with asyncio.timeout(5):
            await asyncio.gather(*(walk(turns, host, positions, told) for host, positions in ways.items()))

    asyncio.run(everyone())
    return told


def test_all_hosts_finish_a_task_before_the_next_begins() -> None:
    told = order(Lockstep(["a", "b"]), {"a": [(0,), (1,)], "b": [(0,), (1,)]})
    assert told == [("a", (0,)), ("b", (0,)), ("a", (1,)), ("b", (1,))]


def test_the_lowest_position_goes_first_and_others_wait() -> None:
    told = order(Lockstep(["a", "b"]), {"a": [(0, 1), (2,)], "b": [(0, 0), (0, 2), (2,)]})
    assert told == [("b", (0, 0)), ("a", (0, 1)), ("b", (0, 2)), ("a", (2,)), ("b", (2,))]


def test_hosts_go_in_their_own_order_whoever_asks_first() -> None:
    told = order(Lockstep(["a", "b", "c"]), {"c": [(0,)], "b": [(0,)], "a": [(0,)]})
    assert [host for host, _ in told] == ["a", "b", "c"]


def test_a_host_that_left_is_not_waited_for() -> None:
    told = order(Lockstep(["a", "b"]), {"a": [], "b": [(0,), (1,)]})
    assert told == [("b", (0,)), ("b", (1,))]


def test_free_hosts_wait_for_nobody() -> None:
    told = order(Free(), {"a": [(0,), (1,), (2,)], "b": [(5,)]})
    assert [each for each in told if each[0] == "a"] == [("a", (0,)), ("a", (1,)), ("a", (2,))]


def test_a_round_tells_its_members_and_leader() -> None:
    async def one() -> tuple[tuple[str, ...], str]:
        turns = Lockstep(["a", "b"])
        first, second = await asyncio.gather(turns.turn("b", (0,)), turns.turn("a", (0,)))
        assert first is second
        return first.members, first.leader

    assert asyncio.run(one()) == (("a", "b"), "a")
