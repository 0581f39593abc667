"""Copies of a token, planted where copies have been found, are found again by fingerprint, in every shell."""

from __future__ import annotations

import base64
import gzip
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.fingerprint import searched
from orchestrator.model.secrets import Secret
from tests.contract import driver
from tests.contract.driver import Node

node = driver.node

KEY = Secret("5" * 64)
TOKEN = "9f2c7a1be04d58836f1e2d3c4b5a69788796a5b4c3d2e1f0"
WITH_SIGNS = "a/b+Zm9vYmFyYmF6cXV4+c29tZXRoaW5n/=="


def args(*values: str, **more: Any) -> dict[str, Any]:
    fingerprints = {each: f"the token {shape}" for value in values for each, shape in searched(KEY, value).items()}
    return {"key": KEY.reveal(), "fingerprints": fingerprints, "places": ["~"], **more}


def plant(home: Path, token: str) -> set[str]:
    """A copy in each of eight places; their names."""
    (home / ".openclaw").mkdir(exist_ok=True)
    (home / ".openclaw/openclaw.json.bak").write_text(f'{{"gateway":{{"auth":{{"token":"{token}"}}}}}}')
    (home / "Library/LaunchAgents").mkdir(parents=True, exist_ok=True)
    (home / "Library/LaunchAgents/x.plist").write_text(f"<key>TOKEN</key><string>{token}</string>")
    (home / ".zsh_history").write_text(f": 1700000000:0;export TOKEN={token}; ls\n")
    (home / "service.env").write_text(f"export TOKEN='{token}'\n")
    (home / "gateway.log").write_text("filler\n" * 200_000 + f"auth: {token}.\n")
    (home / "old.log.gz").write_bytes(gzip.compress(f"glued{token}glued".encode()))
    (home / "encoded.txt").write_text(base64.b64encode(token.encode()).decode())
    with sqlite3.connect(home / "state.sqlite") as database:
        database.execute("create table kv (k text, v text, more text)")
        database.execute("insert into kv values ('name', ?, 'neighbour')", (token,))
    database.close()
    return {
        "openclaw.json.bak", "x.plist", ".zsh_history", "service.env", "gateway.log", "old.log.gz", "encoded.txt",
        "state.sqlite",
    }  # fmt: skip


def test_eight_copies_in_eight_places(node: Node) -> None:
    planted = plant(node.shell.home, TOKEN)
    (node.shell.home / "nothing.txt").write_text(TOKEN[:-1] + " " + TOKEN[1:])
    result = node.play("secret_sweep", args(TOKEN))
    assert result.failed
    assert {Path(each["path"]).name for each in result.data["copies"]} == planted
    assert TOKEN not in str(result) and KEY.reveal() not in str(result)
    assert node.runs() == 1


def test_a_value_with_signs_is_found_by_its_longest_run(node: Node) -> None:
    (node.shell.home / "a file").write_text(f"x {WITH_SIGNS} y")
    result = node.play("secret_sweep", args(WITH_SIGNS, copies="report"))
    assert [each["secret"] for each in result.data["copies"]] == ["the token as it is"]
    assert not result.failed and "1 copies" in result.msg


def test_where_a_copy_belongs_it_is_none(node: Node) -> None:
    (node.shell.home / "token").write_text(TOKEN)
    assert not node.play("secret_sweep", args(TOKEN, allow=["*/token"])).failed
    assert not node.play("secret_sweep", args(TOKEN, places=["~/none*", "/no/where"])).failed


def test_command_lines_are_looked_at(node: Node) -> None:
    result = node.play("secret_sweep", args(TOKEN, places=["processes"]))
    assert not result.data["copies"] and result.data["looked_at"] == 1
    if node.is_mac:
        return  # a simulated Mac shows only its own processes
    loud = subprocess.Popen(["sh", "-c", "read nothing", TOKEN], stdin=subprocess.PIPE)
    try:
        result = node.play("secret_sweep", args(TOKEN, places=["processes"]))
        assert f"the command line of process {loud.pid}" in {each["path"] for each in result.data["copies"]}
    finally:
        loud.communicate(timeout=10)


def test_what_cannot_be_read_is_unknown(node: Node) -> None:
    (node.shell.home / "broken.gz").write_bytes(b"\x1f\x8b\x08broken")
    result = node.play("secret_sweep", args(TOKEN))
    assert "broken.gz: it could not be unpacked" in result.data["unseen"][0]
    assert "unknown: " in result.msg


def test_long_stretches_are_told(node: Node) -> None:
    (node.shell.home / "blob").write_text("A" * 9000)
    result = node.play("secret_sweep", args(TOKEN))
    assert "4096" in result.data["unseen"][0]
    with pytest.raises(ValueError, match="FINGERPRINT:LENGTH"):
        node.play("secret_sweep", {"key": KEY.reveal(), "fingerprints": {"xyz": "x"}})
