"""Files of any content and size, over every front."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.model.errors import NodeFault, TaskFailed
from orchestrator.transport.connection import NodeConnection
from tests.contract.conftest import FRONTS, Machine, MakeMachine, play


@pytest.fixture(params=FRONTS)
def machine(request: pytest.FixtureRequest, make_machine: MakeMachine) -> Machine:
    return make_machine(request.param, "")


async def pieces(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def test_five_megabytes_there_and_back(machine: Machine, tmp_path: Path) -> None:
    data, path = os.urandom(5_000_000), tmp_path / "it's a file"

    async def work(connection: NodeConnection) -> None:
        await connection.upload(pieces(data), str(path))
        assert b"".join([chunk async for chunk in connection.download(str(path))]) == data

    play(machine, work)
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o600


def test_empty_file(machine: Machine, tmp_path: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        await connection.upload(pieces(b""), str(tmp_path / "empty"))
        assert [chunk async for chunk in connection.download(str(tmp_path / "empty"))] == []

    play(machine, work)
    assert (tmp_path / "empty").read_bytes() == b""


def test_upload_replaces_a_leftover_and_never_follows_a_link(machine: Machine, tmp_path: Path) -> None:
    precious, path = tmp_path / "precious", tmp_path / "file"
    precious.write_text("precious")
    path.symlink_to(precious)

    async def work(connection: NodeConnection) -> None:
        await connection.upload(pieces(b"new"), str(path))

    play(machine, work)
    assert precious.read_text() == "precious"
    assert path.read_text() == "new" and not path.is_symlink()


def test_the_node_says_why_not(machine: Machine, tmp_path: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        with pytest.raises(TaskFailed, match="could not be written") as refused:
            await connection.upload(pieces(b"new" * 100_000), str(tmp_path / "absent" / "file"))
        assert "irectory" in str(refused.value)
        with pytest.raises(TaskFailed, match="could not be read") as missing:
            _ = [chunk async for chunk in connection.download(str(tmp_path / "absent"))]
        assert "No such file" in str(missing.value)
        with pytest.raises(NodeFault, match="cannot be transferred"):
            await connection.upload(pieces(b""), "a\nb")

    play(machine, work)
