"""The modules that look and fetch on every shell we promise: find, slurp, fetch, unarchive, wait_for, setup …"""

import base64
import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.model.program import Reconnect, Sleep, Upload
from orchestrator.model.results import SetFacts
from tests.contract import driver
from tests.contract.driver import FakeContext, Node

node = driver.node


def found(node: Node, **args: Any) -> list[str]:
    result = node.play("find", {"paths": "~/t", **args})
    assert not result.failed, result.msg
    root = node.shell.home / "t"
    return sorted(str(Path(file["path"]).relative_to(root)) for file in result.data["files"])


@pytest.fixture
def tree(node: Node) -> Path:
    root: Path = node.shell.home / "t"
    (root / "d/deep").mkdir(parents=True)
    (root / "a.txt").write_text("hello\nworld\n")
    (root / "a.txt").chmod(0o600)
    (root / "b c.log").write_text("x" * 3000)
    (root / ".hidden").write_text("")
    (root / "d/deep/e.txt").write_text("world\n")
    (root / "line\nbreak").write_text("")
    (root / "l").symlink_to("a.txt")
    return root


@pytest.mark.parametrize(
    ("args", "names"),
    [
        ({}, ["a.txt", "b c.log", "line\nbreak"]),
        ({"patterns": "*.txt,*.log"}, ["a.txt", "b c.log"]),
        ({"patterns": "*.txt", "recurse": True}, ["a.txt", "d/deep/e.txt"]),
        ({"patterns": [r"^[ab].*\.(txt|log)$"], "use_regex": True, "excludes": ["b.*"]}, ["a.txt"]),
        ({"patterns": "*.txt", "recurse": True, "depth": 2}, ["a.txt"]),
        ({"hidden": True, "patterns": ".*"}, [".hidden"]),
        ({"file_type": "directory", "recurse": True}, ["d", "d/deep"]),
        ({"file_type": "link"}, ["l"]),
        ({"size": "2k"}, ["b c.log"]),
        ({"size": "-1k", "patterns": "*.txt"}, ["a.txt"]),
        ({"age": "1d"}, []),
        ({"age": "-1h", "patterns": "a*"}, ["a.txt"]),
        ({"mode": "0600"}, ["a.txt"]),
        ({"mode": "u=rw"}, ["a.txt"]),
        ({"mode": "go+r", "exact_mode": False, "patterns": "*.txt"}, []),
        ({"contains": "wor", "recurse": True}, ["a.txt", "d/deep/e.txt"]),
        ({"contains": "hello\nworld", "read_whole_file": True}, ["a.txt"]),
        ({"patterns": "nothing"}, []),
    ],
)
def test_find(node: Node, tree: Path, args: dict[str, Any], names: list[str]) -> None:
    assert found(node, **args) == names


def test_find_tells_what_it_saw_and_what_it_did_not(node: Node, tree: Path) -> None:
    result = node.play("find", {"paths": ["~/t", "~/no"], "patterns": "a.txt", "get_checksum": True, "limit": 1})
    (file,) = result.data["files"]
    assert (file["mode"], file["size"], file["isreg"]) == ("0600", 12, True)
    assert file["checksum"] == "4177a93fe9ac60ddaed8f4c8a50a3dc6a6ecc1ad" or len(file["checksum"]) == 40
    assert result.data["matched"] == 1
    assert list(result.data["skipped_paths"]) == [f"{node.shell.home}/no"]
    assert result.msg == "Not all paths examined, check warnings for details"


def test_find_looks_behind_a_link_that_is_named(node: Node, tree: Path) -> None:
    (tree.parent / "named").symlink_to(tree)
    (tree / "inner").symlink_to(tree.parent / "named")
    for path in ("~/named", "~/named/"):
        result = node.play("find", {"paths": path, "patterns": "a.txt", "recurse": True})
        assert [each["path"] for each in result.data["files"]] == [f"{node.shell.home}/named/a.txt"], path


def test_slurp(node: Node) -> None:
    (node.shell.home / "f").write_bytes(b"\0\xff")
    result = node.play("slurp", {"src": "~/f"})
    assert base64.b64decode(result.data["content"]) == b"\0\xff"
    (node.shell.home / "l").symlink_to("f")
    assert node.play("slurp", {"src": "~/l"}).data["source"] == f"{node.shell.home}/l"
    assert node.play("slurp", {"src": "~/no"}).msg == f"File not found: {node.shell.home}/no"
    assert "is a directory" in (node.play("slurp", {"src": "~"}).msg or "")
    assert (node.play("slurp", {"src": "~/f/below"}).msg or "").startswith("Unable to slurp file")


def test_fetch(node: Node, tmp_path: Path) -> None:
    (node.shell.home / "f").write_text("data")
    ctx = FakeContext(variables={"playbook_dir": str(tmp_path)}, host="../mac")
    result = node.play("fetch", {"src": "~/f", "dest": "got"}, ctx)
    assert result.changed
    assert result.data["dest"] == f"{tmp_path}/got/.._mac{node.shell.home}/f"
    assert Path(result.data["dest"]).read_text() == "data"
    assert not node.play("fetch", {"src": "~/f", "dest": "got"}, ctx).changed
    assert node.play("fetch", {"src": "~/f", "dest": "flat/", "flat": True}, ctx).data["dest"] == f"{tmp_path}/flat/f"
    assert node.play("fetch", {"src": "~/f", "dest": "flat", "flat": True}, ctx).failed
    assert node.play("fetch", {"src": "~/no", "dest": "got"}, ctx).failed
    ignored = node.play("fetch", {"src": "~/no", "dest": "got", "fail_on_missing": False}, ctx)
    assert not ignored.failed and "ignored" in (ignored.msg or "")
    assert node.play("fetch", {"src": "~", "dest": "got"}, ctx).failed
    assert node.play("fetch", {"src": "~/f", "dest": "x"}, FakeContext(check=True)).skipped


@pytest.mark.parametrize("state", ["file", "directory"])
@pytest.mark.parametrize("suffix", ["", ".x y"])
def test_tempfile(node: Node, state: str, suffix: str) -> None:
    args = {"state": state, "suffix": suffix, "prefix": "p.", "path": "~"}
    one, other = (Path(node.play("tempfile", args).data["path"]) for _ in range(2))
    assert one != other and one.name.startswith("p.") and one.name.endswith(suffix)
    assert one.is_dir() == (state == "directory")
    assert one.stat().st_mode & 0o077 == 0
    assert len(list(node.shell.home.glob("p.*"))) == 2
    assert node.play("tempfile", args, FakeContext(check=True)).skipped
    assert node.play("tempfile", {"prefix": "a/b"}).failed


def test_unarchive(node: Node, tmp_path: Path) -> None:
    (tmp_path / "a/d").mkdir(parents=True)
    (tmp_path / "a/d/f").write_text("one")
    (tmp_path / "a/g").write_text("two")
    (tmp_path / "a/g").chmod(0o755)
    subprocess.run(["tar", "-czf", "x.tgz", "-C", "a", "."], cwd=tmp_path, check=True)
    (node.shell.home / "out").mkdir()
    ctx, check = FakeContext(root=tmp_path), FakeContext(root=tmp_path, check=True)
    args = {"src": "x.tgz", "dest": "~/out", "list_files": True}
    out = node.shell.home / "out"
    assert node.play("unarchive", args, check).changed
    assert not list(out.iterdir())
    result = node.play("unarchive", args, ctx)
    assert result.changed and not result.failed, result.msg
    assert any(isinstance(request, Upload) for request in node.asked)
    assert (out / "d/f").read_text() == "one" and (out / "g").stat().st_mode & 0o111
    assert sorted(result.data["files"]) == ["./", "./d/", "./d/f", "./g"], "as tar lists them"
    assert result.data["handler"] == "TgzArchive" and result.data["state"] == "directory"
    (out / "mine").write_text("stays")
    assert not node.play("unarchive", args, ctx).changed
    (out / "g").write_text("other")
    assert node.play("unarchive", {**args, "exclude": "g", "mode": "u=rwX,go="}, ctx).changed
    assert (out / "g").read_text() == "other" and (out / "d/f").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in out.iterdir()) == ["d", "g", "mine"], "nothing of ours is left"
    assert node.play("unarchive", {**args, "creates": "~/out/g"}, ctx).skipped
    remote = {"src": str(tmp_path / "x.tgz"), "dest": "~/out", "remote_src": True}
    assert node.play("unarchive", remote, ctx).changed
    assert node.play("unarchive", {**remote, "dest": "~/no"}, ctx).failed
    assert node.play("unarchive", {**remote, "src": "/etc/passwd"}, ctx).failed


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_wait_for_a_port(node: Node, port: int) -> None:
    assert not node.play("wait_for", {"port": port, "timeout": 5}).failed
    late = node.play("wait_for", {"port": port, "state": "stopped", "timeout": 0})
    assert late.failed and late.msg == f"Timeout when waiting for 127.0.0.1:{port} to stop."
    assert not node.play("wait_for", {"port": 1, "state": "stopped", "timeout": 0}).failed
    assert node.play("wait_for", {"port": 1, "timeout": 0, "msg": "too late"}).msg == "too late"


def test_wait_for_a_file(node: Node) -> None:
    (node.shell.home / "log").write_text("starting\nready on 18789\n")
    result = node.play("wait_for", {"path": "~/log", "search_regex": r"^ready on (?P<port>\d+)"})
    assert (result.data["match_groups"], result.data["match_groupdict"]) == (["18789"], {"port": "18789"})
    assert not node.play("wait_for", {"path": "~/no", "state": "absent"}).failed
    start = time.monotonic()
    assert node.play("wait_for", {"path": "~/no", "timeout": 0}).msg == "Timeout when waiting for file ~/no"
    assert time.monotonic() - start < 10
    node.play("wait_for", {"timeout": 7, "delay": 2})
    assert node.asked == [Sleep(2), Sleep(7)]


def test_wait_for_connection(node: Node) -> None:
    assert not node.play("wait_for_connection", {"delay": 1, "timeout": 9}).failed
    assert node.asked[:2] == [Sleep(1), Reconnect(timeout_s=9)]
    node.reconnect = "no route"
    assert "no route" in (node.play("wait_for_connection", {}).msg or "")


def test_reboot(node: Node) -> None:
    home = node.shell.home
    (home / "boot").write_text("1")
    args = {
        "reboot_command": f"echo 2 >{home}/boot",
        "boot_time_command": f"cat {home}/boot",
        "test_command": f"test -f {home}/boot",
        "post_reboot_delay": 3,
        "reboot_timeout": 600,
    }
    assert node.play("reboot", args, FakeContext(check=True)).data["rebooted"] is True
    assert node.play("reboot", args, FakeContext(variables={"ansible_connection": "local"})).failed
    node.sleeps = 0.5
    result = node.play("reboot", args)
    assert result.changed and result.data["rebooted"], result.msg
    assert Sleep(3) in node.asked
    node.reconnect = "still down"
    assert "still down" in (node.play("reboot", args).msg or "")


def test_ping(node: Node) -> None:
    assert node.play("ping", {}).data == {"ping": "pong"}
    assert node.play("ping", {"data": "crash"}).failed


def test_services(node: Node) -> None:
    """What a Debian has; a Mac has none, and Ansible's module says so in these words."""
    told = node.play("service_facts", {})
    if told.skipped:
        assert (told.msg or "").startswith("Failed to find any services.")
    else:
        service = next(iter(told.data["ansible_facts"]["services"].values()))
        assert set(service) == {"name", "state", "source"}


def test_setup(node: Node) -> None:
    result = node.play("setup", {})
    facts = result.data["ansible_facts"]
    mac = node.is_mac
    assert facts["ansible_os_family"] == ("Darwin" if mac else "Debian")
    assert facts["ansible_system"] == ("Darwin" if mac else "Linux")
    assert facts["ansible_env"]["HOME"] == str(node.shell.home)
    if not mac:
        assert facts["ansible_user_dir"] == pwd.getpwuid(os.getuid()).pw_dir, "the account's, whatever HOME says"
    assert facts["ansible_memtotal_mb"] > 100
    assert len(facts["ansible_date_time"]["iso8601_basic_short"]) == 15
    if mac:
        assert facts["ansible_distribution"] == "MacOSX"
        assert facts["ansible_distribution_major_version"] == "26"
        assert (facts["ansible_user_id"], facts["ansible_pkg_mgr"]) == ("admin", "homebrew")
    assert result.effects == (SetFacts(values=facts, discovered=True),)
    assert node.runs() == 1
    few = node.play("setup", {"gather_subset": "!all", "filter": "ansible_user*"}).data["ansible_facts"]
    assert "ansible_user_id" in few and "ansible_memtotal_mb" not in few and "ansible_system" not in few


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("find", {"paths": "x", "age": "soon"}),
        ("find", {"paths": "x", "size": "big"}),
        ("find", {}),
        ("find", {"paths": "x", "patterns": "(", "use_regex": True}),
        ("wait_for", {"port": 1, "path": "x"}),
        ("wait_for", {"path": "x", "state": "stopped"}),
        ("wait_for", {"path": "x", "search_regex": "("}),
        ("wait_for", {"port": 1, "exclude_hosts": "a"}),
        ("wait_for", {"state": "drained"}),
        ("wait_for", {"port": 1, "active_connection_states": "X"}),
        ("unarchive", {"src": "a", "dest": "b", "include": "c", "exclude": "d"}),
        ("tempfile", {"state": "pipe"}),
        ("fetch", {"src": "a"}),
        ("slurp", {}),
    ],
)
def test_wrong_arguments(name: str, args: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        driver.Node(driver.Shell(("dash",), tmp_path)).play(name, args)
