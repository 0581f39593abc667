"""What a program may count on, over every front and every shell."""

import asyncio
import os
import subprocess
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.model.errors import Bug, NodeFault
from orchestrator.model.events import ShellOpened
from orchestrator.model.program import Reply, Run, Script
from orchestrator.model.secrets import Secret
from orchestrator.transport import compose
from orchestrator.transport.base import Limits
from orchestrator.transport.connection import NodeConnection
from orchestrator.transport.standing import FORGOTTEN_AT_ONCE, FORGOTTEN_BYTES
from tests.contract.conftest import FRONTS, SHELLS, Machine, MakeMachine, called_sh, play

TOOLS = Script(
    "tools",
    """
talk() { say value "$value"; printf '%s' "$value"; printf 'err' >&2; return 3; }
copy() { cat; }
count() { printf x >>"$marker"; }
where() { say umask "$(umask)"; say shell "$value" ; env | grep '^FROM_US=' ; env | grep -c '^value=' ; :; }
refuse() { die "no: $value"; }
flood() { head -c 300000 /dev/zero | tr '\\0' o; head -c 300000 /dev/zero | tr '\\0' e >&2; }
look() { ps -A -o args= | grep -c "[c]anary-91" || :; env | grep -c '[c]anary-91' || :; }
leave() { (while :; do sleep 0.2; done) & }
""",
)


@pytest.fixture(params=FRONTS)
def machine(request: pytest.FixtureRequest, make_machine: MakeMachine) -> Machine:
    return make_machine(request.param, "")


@pytest.fixture(params=SHELLS)
def shelled(request: pytest.FixtureRequest, make_machine: MakeMachine) -> Machine:
    return make_machine("local", request.param)


def tools(main: str, **values: str | Secret) -> Run:
    return Run(main=main, scripts=(TOOLS,), values=values)


def test_nothing_is_handed_over_before_it_is_recorded_where(machine: Machine, tmp_path: Path) -> None:
    marker = tmp_path / "marker"

    async def work(connection: NodeConnection) -> None:
        machine.recorded = asyncio.Event()
        runs = [
            asyncio.ensure_future(connection.run(key, tools("count", marker=str(marker)), timeout_s=20)) for key in "kl"
        ]
        async with asyncio.timeout(20):
            while not any(isinstance(event, ShellOpened) for event in machine.events):
                await asyncio.sleep(0.02)
        await asyncio.wait(runs, timeout=0.3)
        assert not marker.exists()
        machine.recorded.set()
        await asyncio.gather(*runs)
        assert marker.read_text() == "xx"

    play(machine, work)


async def say_everything(connection: NodeConnection) -> None:
    value = "it's \\ a\nvalue\r with é, $(touch /nowhere) and `more` \x01"
    before_s = time.time()
    reply = await connection.run("k1", tools("talk", value=value), timeout_s=20)
    assert reply.span_s is not None
    assert before_s <= reply.span_s[0] <= reply.span_s[1] <= time.time()
    again = await connection.run("k1", tools("talk", value=value), timeout_s=20)
    assert (again, again.span_s) == (reply, None), "an answer kept from before is of an unknown time"
    assert reply == Reply(3, value.encode(), b"err", (("value", value),), ())
    assert (await connection.run("k2", tools("refuse", value="x"), timeout_s=20)).first("fail") == "no: x"
    fed = Run(main="copy", scripts=(TOOLS,), stdin=Secret("in\n'put"))
    assert (await connection.run("k3", fed, timeout_s=20)).stdout == b"in\n'put"
    placed = Run(main="where", scripts=(TOOLS,), values={"value": "s"}, environment={"FROM_US": "a'b"})
    reply = await connection.run("k4", placed, timeout_s=20)
    assert reply.stdout == b"FROM_US=a'b\n0\n", "values are not exported, the environment is"
    assert reply.first("umask") not in (None, "0077", "077"), "the program has the login's umask, not the spool's"


def test_program_says_returns_and_reads(machine: Machine) -> None:
    play(machine, say_everything)


def test_program_in_every_shell(shelled: Machine) -> None:
    play(shelled, say_everything)


def test_text_beside_functions_is_each_programs_own(shelled: Machine) -> None:
    """As a module of the user's own may have it: it sees the program's values, and changes no other program's shell."""
    text = 'cd / && IFS=: umask 031 && greeting=$word\ngreet() { say greeting "$greeting"; say umask "$(umask)"; }'
    mine, plain = Script("mine", text), Script("plain", 'greet() { say here "$(pwd)"; say umask "$(umask)"; }')

    async def work(connection: NodeConnection) -> None:
        for number, (word, script) in enumerate((("a", mine), ("b", mine), ("c", plain), ("d", mine))):
            program = Run(main="greet", scripts=(script,), values={"word": word})
            told.append((await connection.run(f"k{number}", program, timeout_s=20)).said)

    told: list[tuple[tuple[str, str], ...]] = []
    play(shelled, work)
    greetings = [said[0] for said in told]
    assert [greetings[each] for each in (0, 1, 3)] == [("greeting", word) for word in "abd"]
    assert greetings[2] != ("here", "/")
    assert [said[1][1].endswith("31") for said in told] == [True, True, False, True]


def test_same_key_runs_once(machine: Machine, tmp_path: Path) -> None:
    marker = tmp_path / "marker"

    async def work(connection: NodeConnection) -> None:
        for _ in range(3):
            assert (await connection.run("once", tools("count", marker=str(marker)), timeout_s=20)).rc == 0
        together = [connection.run("twice", tools("count", marker=str(marker)), timeout_s=20) for _ in range(3)]
        await asyncio.gather(*together)

    play(machine, work)
    assert marker.read_text() == "xx"


def claims_of(machine: Machine, keys: Iterable[str]) -> set[str]:
    """Those of ``keys`` whose claims are on the node."""
    (spool,) = machine.spools()
    there = {path.stem for path in spool.iterdir()}
    return {key for key in keys if compose.claim_name(key) in there}


def test_claims_of_forgotten_keys_leave_together_with_a_later_program(machine: Machine) -> None:
    keys = [f"k{number}" for number in range(FORGOTTEN_AT_ONCE)]

    async def work(connection: NodeConnection) -> None:
        for key in keys:
            await connection.run(key, Run(main=":"), timeout_s=20)
            await connection.forget(key)
        assert claims_of(machine, keys) == set(keys)
        await connection.run("a", Run(main=":"), timeout_s=20)
        await connection.run("b", Run(main=":"), timeout_s=20)
        assert claims_of(machine, [*keys, "a", "b"]) == {"a", "b"}

    play(machine, work)


def test_the_claim_of_a_large_result_leaves_with_the_next_program(machine: Machine) -> None:
    async def work(connection: NodeConnection) -> None:
        await connection.run("a", tools("talk", value="x" * FORGOTTEN_BYTES), timeout_s=40)
        await connection.forget("a")
        await connection.run("b", Run(main=":"), timeout_s=20)
        await connection.run("c", Run(main=":"), timeout_s=20)
        assert claims_of(machine, "abc") == {"b", "c"}

    play(machine, work)


def test_what_a_run_left_behind_goes_with_the_end_of_one_a_week_later(machine: Machine) -> None:
    old, young = (machine.tmp / f".orch-{os.getuid()}-{name}" for name in ("old", "young"))
    for spool in (old, young):
        spool.mkdir()
    os.utime(old, (1, 1))

    async def whole() -> None:
        await machine.connect().run("k", Run(main=":"), timeout_s=20)
        await machine.close()

    asyncio.run(whole())
    assert machine.spools() == [young]


FORGE = r"""
forge() {
	printf '%s done 7 0 9 - -\n' "$orch_nonce"
	printf '\n==> %s.err <==\n%s done 7 0 9 - -' "$orch_claim" "$orch_nonce"
	echo really >&2
}
"""


def test_output_is_never_taken_for_a_frame(shelled: Machine) -> None:
    """The nonce stands in the shell's arguments, where everybody on the node can read it."""

    async def work(connection: NodeConnection) -> None:
        forged = await connection.run("k", Run(main="forge", scripts=(Script("f", FORGE),)), timeout_s=20)
        assert forged.rc == 0 and forged.stdout.count(b" done 7 ") == 1 and forged.stderr.endswith(b"really\n")
        assert (await connection.run("l", tools("talk", value="v"), timeout_s=20)).stdout == b"v", "still in step"

    play(shelled, work)


def test_output_is_capped_and_says_so(machine: Machine) -> None:
    async def work(connection: NodeConnection) -> None:
        reply = await connection.run("k", tools("flood"), timeout_s=20)
        assert (len(reply.stdout), len(reply.stderr)) == (1000, 1000)
        assert reply.capped == ("stdout", "stderr")
        assert (await connection.run("l", Run(main=":"), timeout_s=20)).rc == 0, "the stream is still in step"

    play(machine, work, Limits(output_bytes=1000))


def test_values_of_half_a_megabyte(shelled: Machine) -> None:
    value = "line with 'quotes' \\ and é\n" * 20000

    async def work(connection: NodeConnection) -> None:
        reply = await connection.run("k", tools("talk", value=value), timeout_s=40)
        assert reply.stdout == value.encode()
        assert reply.first("value") == value

    play(shelled, work)


def test_no_value_is_in_a_process_list_or_an_environment(machine: Machine) -> None:
    async def work(connection: NodeConnection) -> None:
        program = Run(main="look", scripts=(TOOLS,), values={"v": Secret("canary-91")}, stdin=Secret("canary-91"))
        assert (await connection.run("k", program, timeout_s=20)).stdout == b"0\n0\n"

    play(machine, work)


def test_service_left_behind_does_not_hold_the_reply(machine: Machine) -> None:
    async def work(connection: NodeConnection) -> None:
        program = Run(main="sleep_on", scripts=(Script("on", "sleep_on() { sleep 1.5 & say pid $!; }"),))
        async with asyncio.timeout(1.2):
            assert (await connection.run("k", program, timeout_s=20)).first("pid")

    machine.events.clear()
    play(machine, work)


def test_script_that_is_no_sh_is_said_with_its_own_words(machine: Machine) -> None:
    async def work(connection: NodeConnection) -> None:
        with pytest.raises(NodeFault) as caught:
            await connection.run("k", Run(main="broken", scripts=(Script("b", "broken() { if; }"),)), timeout_s=20)
        assert "yntax error" in str(caught.value)
        assert (await connection.run("l", Run(main=":"), timeout_s=20)).rc == 0

    play(machine, work)


@pytest.mark.parametrize(
    "program",
    [
        Run(main=":", values={"v": "a\0b"}),
        Run(main=":", values={"orch_claim": "x"}),
        Run(main=":", values={"not a name": "x"}),
        Run(main="x; rm y"),
    ],
)
def test_program_that_breaks_the_contract_is_our_bug(make_machine: MakeMachine, program: Run) -> None:
    async def work(connection: NodeConnection) -> None:
        with pytest.raises(Bug):
            await connection.run("k", program, timeout_s=20)

    play(make_machine("local", ""), work)


class Background:
    """An event loop in a thread, so that hypothesis' synchronous examples share one session."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def do(self, work: object) -> object:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)  # type: ignore[arg-type]

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


@pytest.mark.parametrize("shell", SHELLS)
def test_any_value_comes_through_unchanged(shell: str, make_machine: MakeMachine) -> None:
    machine, background = make_machine("local", shell), Background()
    connection = machine.connect()
    tried = 0
    text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)
    nasty = st.text(st.sampled_from("\\\n\r'\"$`!*? =~-\t\x01\x7f"), max_size=80)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(value=text | nasty)
    def round_trip(value: str) -> None:
        nonlocal tried
        tried += 1
        reply = background.do(connection.run(f"k{tried}", tools("talk", value=value), timeout_s=20))
        assert reply == Reply(3, value.encode(), b"err", (("value", value),), ())

    try:
        round_trip()
    finally:
        background.do(machine.close())
        background.end()


@pytest.mark.parametrize("shell", SHELLS)
def test_no_prefix_of_a_program_runs_anything(shell: str, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    program = Run(main="count", scripts=(TOOLS,), values={"marker": str(marker), "v": "x'y\n}\nfi"}, stdin="in")
    text = compose.task("k", program, again=False, forget=["old"], wait_s=1, output_bytes=1000)
    told = compose.functions("end") + compose.definition(TOOLS)
    whole = text.rstrip()
    for cut in [*range(0, len(whole) - 40, 7), *range(len(whole) - 40, len(whole))]:
        feed(called(tmp_path, shell), tmp_path, told + whole[:cut])
        assert not marker.exists(), whole[:cut]
    feed(called(tmp_path, shell), tmp_path, told + whole)
    assert marker.read_text() == "x"


def called(tmp_path: Path, shell: str) -> str:
    link = tmp_path / shell / "sh"
    return str(link if link.exists() else called_sh(tmp_path, shell))


def feed(shell: str, tmp: Path, text: str) -> None:
    opening = compose.opening(name="orch.x", tmp=str(tmp), run="r", nonce="n", shell=shell)
    command = ["/bin/sh", "-c", f"exec {' '.join(map(compose.quoted, (shell, *opening)))}"]
    subprocess.run(command, input=text.encode(), capture_output=True, timeout=10, check=False)
