"""Frames come through whatever pieces the line delivers them in."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.errors import NodeFault
from orchestrator.model.program import Reply
from orchestrator.transport.frames import Ended, Frame, Stream, parsed

WHOLE = b"welcome\r\nno newline\nabc done 3 1 9 out some words\na=b\\nc\\\\\nhi there, END\n"


class Pieces:
    """A channel that delivers given pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)

    async def read(self, size: int) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    def stderr_tail(self) -> bytes:
        return b"last words\n"

    async def write(self, data: bytes) -> None: ...
    async def write_eof(self) -> None: ...
    async def wait(self) -> int | None:
        return None

    def close(self) -> None: ...


def read(*pieces: bytes, first: bool = True) -> Frame:
    return asyncio.run(Stream(Pieces(*pieces)).frame("abc", "END", first=first))


@given(st.lists(st.integers(0, len(WHOLE)), max_size=6))
def test_any_pieces(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(WHOLE)]
    pieces = [WHOLE[a:b] for a, b in pairwise(edges) if a < b]
    said = (("a", "b\nc\\"),)
    assert read(*pieces) == Frame("done", "some words", Reply(3, b"hi there,", b"", said, ("stdout",)))


HEADED = (
    b"\nabc done 0 0 9 said,out,err -\n==> /t/c.said <==\na=b\n\n==> /t/c.out <==\nout\n\n==> /t/c.err <==\n\nENDEND\n"
)


def test_short_streams_may_be_records() -> None:
    told = read(b"\nabc done 0 3 4 err -\n.out=a\\n\\\\b\n.err=1\nrc=0\n2345END\n").reply
    assert told == Reply(0, b"a\n\\b", b"1234", (("rc", "0"),), ("stderr",))


def test_a_claim_in_full_is_its_records_and_what_stands_around_them() -> None:
    told = read(b"\nabc done 0 0 99 said -\n7 orch.x\na=b\n=0=\nEND\n").reply
    assert told == Reply(0, said=(("a", "b"),))


def test_several_streams_stand_under_their_headings() -> None:
    assert read(HEADED).reply == Reply(0, b"out\n", b"\nEND", (("a", "b"),))
    forged = HEADED.replace(b"out\n\n", b"\n==> /t/c.said <==\n==> c.err <==\n")
    assert read(forged.replace(b" 9 ", b" 99 ")).reply.stdout == b"\n==> /t/c.said <==\n==> c.err <==", (
        "no heading of ours"
    )
    for lost in (b"==> /t/c.said <==\n", b"==> /t/c.out <==\n"):
        with pytest.raises(NodeFault, match="out of step"):
            read(HEADED.replace(lost, b""))


def test_each_stream_is_cut_behind_the_cap() -> None:
    reply = read(HEADED.replace(b" 9 ", b" 3 ")).reply
    assert (reply.stdout, reply.stderr, reply.said) == (b"out", b"\nEN", ())
    assert reply.capped == ("said", "stdout", "stderr")


def test_a_mark_that_does_not_come_is_not_waited_for_without_end() -> None:
    with pytest.raises(NodeFault):
        read(b"\nabc done 0 0 9 out -\n", *[b"x" * 300_000] * 9)


def test_noise_later_on_is_out_of_step() -> None:
    with pytest.raises(NodeFault, match="out of step"):
        read(WHOLE, first=False)
    with pytest.raises(NodeFault, match="out of step"):
        read(b"\nabc done x y z - -\n")


def test_end_of_stream_carries_the_last_words() -> None:
    with pytest.raises(Ended) as caught:
        read(b"\nabc done 0 1 9 - -\nab")
    assert caught.value.evidence == "ab\nlast words"


def test_endless_login_is_refused() -> None:
    with pytest.raises(NodeFault, match="without end"):
        read(*[b"x" * 300_000] * 9)


@given(st.lists(st.tuples(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.text(st.characters(codec="utf-8")))))
def test_records_round_trip(records: list[tuple[str, str]]) -> None:
    def escaped(value: str) -> str:
        return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")

    written = "".join(f"{name}={escaped(value)}\n" for name, value in records).encode()
    assert list(parsed(written)) == records
    assert list(parsed(written + b"cut=off")) == records, "a cut line is no record"
