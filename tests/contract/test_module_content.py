"""`copy`, `template` and trees on every shell we promise: any content, any size, nothing half-written, nothing left."""

import hashlib
import os
import random
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.model.program import Run, Upload
from orchestrator.model.results import Result
from tests.contract import driver
from tests.contract.driver import FakeContext, Node

node = driver.node
BINARY = bytes(range(256)) * 4
CONTENTS = {
    "text": b"hello\nworld\n",
    "no end": b"hello",
    "empty": b"",
    "quotes": b'it\'s "$HOME" `id` \\n %s\n\n\n',
    "umlaut": "ä\r\nö\n".encode(),
    "binary": BINARY,
    "inline": b"x" * 17_000,
    "inline binary": BINARY * 20,
    "inline, as it is": random.Random(1).randbytes(20_000),
    "large": BINARY * 300,
}


def settled(node: Node, name: str, args: dict[str, Any], ctx: FakeContext) -> Result:
    """Check mode predicts and changes nothing; the run changes; a second does not."""
    before = sorted(node.shell.home.rglob("*"))
    check = FakeContext(check=True, diff=ctx.diff, root=ctx.root, variables=ctx.variables)
    assert node.play(name, args, check).changed
    assert sorted(node.shell.home.rglob("*")) == before
    result = node.play(name, args, ctx)
    assert result.changed and not result.failed, result.msg
    again = node.play(name, args, ctx)
    assert not again.changed and not again.failed, again.msg
    assert not node.play(name, args, check).changed
    assert not list(node.shell.home.rglob(".orch*")), "nothing of ours is left"
    return result


@pytest.mark.parametrize("name", CONTENTS)
def test_any_content_arrives(node: Node, tmp_path: Path, name: str) -> None:
    data = CONTENTS[name]
    (tmp_path / "source").write_bytes(data)
    ctx = FakeContext(root=tmp_path, diff=True)
    result = settled(node, "copy", {"src": "source", "dest": "~/t arget", "mode": "0640"}, ctx)
    target = node.shell.home / "t arget"
    assert target.read_bytes() == data
    assert (result.data["mode"], result.data["size"]) == ("0640", len(data))
    assert result.data["checksum"] == hashlib.sha1(data).hexdigest()
    assert result.data["dest"] == str(target)


@pytest.mark.parametrize("has_gzip", [True, False])
def test_content_is_compressed_where_that_spares_enough(node: Node, tmp_path: Path, has_gzip: bool) -> None:
    tools = ["base64", "chmod", "ls", "mktemp", "mv", "rm", "sha1sum", "shasum", "stat"] + ["gzip"] * has_gzip
    for place in filter(None, map(shutil.which, tools)):
        (tmp_path / Path(place).name).symlink_to(place)
    ctx = FakeContext(environment={"PATH": str(tmp_path)})
    for text, is_worth_it in (("line of text\n" * 5000, True), (random.Random(1).randbytes(9000).hex(), False)):
        node.asked.clear()
        assert node.play("copy", {"content": text, "dest": "~/f"}, ctx).changed
        assert (node.shell.home / "f").read_text() == text
        ways = [each.values["how"] for each in node.asked if isinstance(each, Run) and each.main == "with_words put"]
        assert ways == ["later", "gzip" if is_worth_it and has_gzip else "text"]


OLD = [b"same text\n", b"same test\n", b"same \x00ext\n", b"same text", b"same text\n\n", b"same\ntext\n"]


@pytest.mark.parametrize("new", ["same text\n", "same\ntext\n", "same \x01 ü\n"])
def test_only_content_that_differs_is_written(node: Node, new: str) -> None:
    for old in (*OLD, new.encode()):
        (node.shell.home / "it").write_bytes(old)
        result = node.play("copy", {"content": new, "dest": "~/it"})
        assert (result.changed, (node.shell.home / "it").read_bytes()) == (new.encode() != old, new.encode())


def test_round_trips_and_what_is_sent(node: Node, tmp_path: Path) -> None:
    node.play("copy", {"content": "small", "dest": "~/s"})
    assert node.runs() == 1
    (tmp_path / "big").write_bytes(BINARY * 300)
    ctx = FakeContext(root=tmp_path)
    node.play("copy", {"src": "big", "dest": "~/b"}, ctx)
    assert [type(request) for request in node.asked] == [Run, Upload, Run]
    node.play("copy", {"src": "big", "dest": "~/b"}, ctx)
    assert node.runs() == 1, "equal content is not sent again"
    sent = sum(
        len(str(value)) for request in node.asked if isinstance(request, Run) for value in request.values.values()
    )
    assert sent < 1000


def test_the_mode_of_the_old_file_is_kept_and_its_change_is_told(node: Node) -> None:
    target = node.shell.home / "f"
    target.write_text("old\n")
    target.chmod(0o600)
    result = node.play("copy", {"content": "new\n", "dest": "~/f"}, FakeContext(diff=True))
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert (result.diff[0].before, result.diff[0].after) == ("old\n", "new\n")
    result = node.play("copy", {"content": "newer\n", "dest": "~/f", "mode": "u+x"}, FakeContext(diff=True))
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    assert len(result.as_vars()["diff"]) == 1, "the content alone"
    result = node.play("copy", {"content": "newer\n", "dest": "~/f", "mode": "0600"}, FakeContext(diff=True))
    assert result.changed and result.data["mode"] == "0600"
    there = {"path": str(target)}
    assert result.data["diff"] == {"before": {**there, "mode": "0700"}, "after": {**there, "mode": "0600"}}


def test_a_new_file_follows_the_umask(node: Node) -> None:
    node.play("copy", {"content": "x", "dest": "~/f"})
    old = os.umask(0)
    os.umask(old)
    assert stat.S_IMODE((node.shell.home / "f").stat().st_mode) == 0o666 & ~old


def test_directories_at_the_end(node: Node, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/s").write_text("x")
    (tmp_path / "files/s").chmod(0o751)
    ctx = FakeContext(root=tmp_path)
    result = settled(node, "copy", {"src": "s", "dest": "~/a/b/", "mode": "preserve", "directory_mode": "0711"}, ctx)
    assert result.data["dest"] == f"{node.shell.home}/a/b/s"
    assert result.data["mode"] == "0751"
    assert stat.S_IMODE((node.shell.home / "a").stat().st_mode) == 0o711
    (node.shell.home / "d").mkdir()
    assert node.play("copy", {"src": "s", "dest": "~/d"}, ctx).data["dest"] == f"{node.shell.home}/d/s"
    missing = node.play("copy", {"src": "s", "dest": "~/no/s"}, ctx)
    assert missing.failed and missing.msg == f"Destination directory {node.shell.home}/no does not exist"


def test_force_backup_validate_checksum(node: Node) -> None:
    target = node.shell.home / "f"
    target.write_text("old")
    kept = node.play("copy", {"content": "new", "dest": "~/f", "force": False})
    assert not kept.changed and target.read_text() == "old"
    refused = node.play("copy", {"content": "new", "dest": "~/f", "validate": "grep nothing %s"})
    assert refused.failed and "failed to validate" in (refused.msg or "")
    assert target.read_text() == "old"
    assert not list(node.shell.home.glob(".orch*"))
    result = node.play("copy", {"content": "new", "dest": "~/f", "validate": "grep new %s", "backup": True})
    assert Path(result.data["backup_file"]).read_text() == "old"
    assert target.read_text() == "new"
    wrong = node.play("copy", {"content": "x", "dest": "~/f", "checksum": "0" * 40})
    assert wrong.failed and "expected checksum" in (wrong.msg or "")


def test_links_are_replaced_or_followed(node: Node) -> None:
    home = node.shell.home
    (home / "real").write_text("x")
    (home / "l").symlink_to("real")
    assert node.play("copy", {"content": "y", "dest": "~/l", "follow": True}).changed
    assert (home / "l").is_symlink() and (home / "real").read_text() == "y"
    assert node.play("copy", {"content": "y", "dest": "~/l"}).changed
    assert not (home / "l").is_symlink() and (home / "real").read_text() == "y"


def test_structures_become_json(node: Node) -> None:
    node.play("copy", {"content": {"a": [1, None]}, "dest": "~/f"})
    assert (node.shell.home / "f").read_text() == '{"a": [1, null]}'


def test_a_tree(node: Node, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "sub dir/deep").mkdir(parents=True)
    (tree / "top").write_text("top")
    (tree / "sub dir/deep/bin").write_bytes(BINARY)
    (tree / "link").symlink_to("top")
    ctx = FakeContext(root=tmp_path)
    settled(node, "copy", {"src": "tree", "dest": "~/", "mode": "0600", "local_follow": False}, ctx)
    there = node.shell.home / "tree"
    assert (there / "sub dir/deep/bin").read_bytes() == BINARY
    assert os.readlink(there / "link") == "top"
    assert stat.S_IMODE((there / "top").stat().st_mode) == 0o600
    assert node.runs() == 1, "an equal tree costs one round trip"
    settled(node, "copy", {"src": "tree/", "dest": "~/contents"}, ctx)
    assert (node.shell.home / "contents/link").read_text() == "top"
    (there / "top").write_text("changed")
    assert node.play("copy", {"src": "tree", "dest": "~/", "force": False}, ctx).changed is False


def test_a_tree_keeps_modes_of_what_is_there(node: Node, tmp_path: Path) -> None:
    (tmp_path / "files/tree").mkdir(parents=True)
    (tmp_path / "files/tree/run").write_text("x")
    (tmp_path / "files/tree/run").chmod(0o750)
    ctx = FakeContext(root=tmp_path)
    assert node.play("copy", {"src": "tree", "dest": "~/d", "mode": "0600"}, ctx).changed
    settled(node, "copy", {"src": "tree", "dest": "~/d", "mode": "preserve"}, ctx)
    assert (node.shell.home / "d/tree/run").stat().st_mode & 0o777 == 0o750


def test_within_the_node(node: Node, tmp_path: Path) -> None:
    home = node.shell.home
    (home / "a").write_bytes(BINARY)
    (home / "a").chmod(0o640)
    args = {"src": "~/a", "dest": "~/b", "remote_src": True, "mode": "preserve"}
    result = settled(node, "copy", args, FakeContext())
    assert (home / "b").read_bytes() == BINARY and result.data["mode"] == "0640"
    (home / "t/u").mkdir(parents=True)
    (home / "t/u/f").write_text("x")
    settled(node, "copy", {"src": "~/t", "dest": "~/into", "remote_src": True}, FakeContext())
    assert (home / "into/t/u/f").read_text() == "x"
    (home / "t/to").symlink_to("u/f")
    (home / "t/nowhere").symlink_to("gone")
    settled(node, "copy", {"src": "~/t", "dest": "~/linked", "remote_src": True}, FakeContext())
    assert (home / "linked/t/to").is_symlink() and (home / "linked/t/nowhere").is_symlink()
    (home / "t.old/t").mkdir(parents=True)  # named like the source, and has what that has not
    settled(node, "copy", {"src": "~/t/", "dest": "~/t.old/", "remote_src": True}, FakeContext())
    assert (home / "t.old/u/f").read_text() == "x" and (home / "t.old/t").is_dir()
    missing = node.play("copy", {"src": "~/no", "dest": "~/b", "remote_src": True})
    assert missing.failed and missing.msg == f"Source {home}/no not found"


def test_template(node: Node, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/t.j2").write_text("port {port}\n")
    ctx = FakeContext(root=tmp_path, variables={"port": 18789}, diff=True)
    result = settled(node, "template", {"src": "t.j2", "dest": "~/conf", "mode": "0600"}, ctx)
    assert (node.shell.home / "conf").read_text() == "port 18789\n"
    assert result.data["src"].endswith("templates/t.j2")
    assert node.play("template", {"src": "no.j2", "dest": "~/x"}, ctx).failed
    (node.shell.home / "d").mkdir()
    assert node.play("template", {"src": "t.j2", "dest": "~/d"}, ctx).data["dest"].endswith("/d/t.j2")


def test_diffs_of_large_and_binary_content_are_named_not_shown(node: Node) -> None:
    (node.shell.home / "f").write_bytes(BINARY)
    result = node.play("copy", {"content": "text", "dest": "~/f"}, FakeContext(diff=True))
    assert "appears to be binary" in result.diff[0].before
    result = node.play("copy", {"content": "y" * 200_000, "dest": "~/f"}, FakeContext(diff=True))
    assert "larger than" in result.diff[0].after


@pytest.mark.parametrize(
    "args",
    [
        {"dest": "x"},
        {"src": "a"},
        {"src": "a", "content": "b", "dest": "c"},
        {"content": "b", "dest": "c/"},
        {"content": "b", "dest": "c", "nonsense": 1},
    ],
)
def test_wrong_arguments(node: Node, args: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        node.play("copy", args)
