"""`file` and `stat` on every shell we promise: apply, apply again, check, diff; and Ansible's refusals."""

import hashlib
import json
import os
import stat
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.model.results import Result
from tests.contract import driver
from tests.contract.driver import FakeContext, Node

node = driver.node


def settled(node: Node, args: dict[str, Any]) -> Result:
    """Check mode predicts a change and makes none; the run changes; a second run and a second check do not."""
    before = sorted(node.shell.home.rglob("*"))
    assert node.play("file", args, FakeContext(check=True)).changed
    assert sorted(node.shell.home.rglob("*")) == before
    result = node.play("file", args, FakeContext(diff=True))
    assert not result.failed, result.msg
    assert result.changed and result.diff
    assert not node.play("file", args).changed
    assert not node.play("file", args, FakeContext(check=True)).changed
    return result


def mode_of(node: Node, name: str) -> str:
    return f"{stat.S_IMODE(os.lstat(node.shell.home / name).st_mode):04o}"


def test_directories_on_the_way_get_the_mode(node: Node) -> None:
    result = settled(node, {"path": "~/a/b c", "state": "directory", "mode": "0750"})
    assert mode_of(node, "a") == mode_of(node, "a/b c") == "0750"
    assert result.data["path"] == f"{node.shell.home}/a/b c"
    assert (result.data["mode"], result.data["state"]) == ("0750", "directory")
    assert node.runs() == 1


@pytest.mark.parametrize(
    ("start", "mode", "end"),
    [
        (0o644, "0600", "0600"),
        (0o644, "600", "0600"),
        (0o644, 0o600, "0600"),
        (0o600, "u=rw,g=r,o=", "0640"),
        (0o644, "u+x", "0744"),
        (0o755, "a-x", "0644"),
        (0o644, "ugo+X", "0644"),
        (0o744, "g+X", "0754"),
        (0o644, "4755", "4755"),
        (0o644, "0o640", "0640"),
    ],
)
def test_modes(node: Node, start: int, mode: Any, end: str) -> None:
    (node.shell.home / "f").touch()
    (node.shell.home / "f").chmod(start)
    args = {"path": "~/f", "mode": mode}
    predicted = node.play("file", args, FakeContext(check=True))
    assert mode_of(node, "f") == f"{start:04o}"
    result = node.play("file", args, FakeContext(diff=True))
    shown = f"0{int(end, 8):03o}"
    assert mode_of(node, "f") == end and result.data["mode"] == shown, "Ansible writes 04755"
    assert result.changed == predicted.changed == (f"{start:04o}" != end)
    if result.changed:
        there = str(node.shell.home / "f")
        told = [json.loads(text) for text in (result.diff[0].before, result.diff[0].after)]
        assert told == [{"mode": f"{start:04o}", "path": there}, {"mode": shown, "path": there}]
        assert result.data["diff"] == {"before": told[0], "after": told[1]}


def test_a_bad_mode_is_refused(node: Node) -> None:
    (node.shell.home / "f").touch()
    result = node.play("file", {"path": "~/f", "mode": "u=nonsense"})
    assert result.failed and "bad symbolic permission for mode: u=nonsense" in (result.msg or "")
    assert result.as_vars()["msg"] == "mode must be in octal or symbolic form"
    assert node.play("file", {"path": "~/f", "mode": "ao=r"}).failed, "chmod(1) takes it, Ansible does not"


def test_a_file_is_not_created(node: Node) -> None:
    result = node.play("file", {"path": "~/nothing", "mode": "0600"})
    assert result.failed and result.msg == f"file ({node.shell.home}/nothing) is absent, cannot continue"


def test_touch(node: Node) -> None:
    args: dict[str, Any] = {"path": "~/t", "state": "touch", "mode": "0600"}
    assert node.play("file", args, FakeContext(check=True)).changed
    assert not (node.shell.home / "t").exists()
    assert node.play("file", args).changed
    assert node.play("file", args).changed, "touch always sets the times"
    args |= {"modification_time": "preserve", "access_time": "preserve"}
    assert not node.play("file", args).changed


def test_times(node: Node) -> None:
    (node.shell.home / "t").touch()
    settled(node, {"path": "~/t", "modification_time": "202001020304.05", "access_time": "202101020304.05"})
    settled(node, {"path": "~/t", "modification_time": "2019-05-06", "modification_time_format": "%Y-%m-%d"})


def test_links(node: Node) -> None:
    settled(node, {"path": "~/l", "src": "there", "state": "link", "force": True})
    assert os.readlink(node.shell.home / "l") == "there"
    (node.shell.home / "real").mkdir()
    result = settled(node, {"dest": "~/l", "src": "real", "state": "link"})
    assert os.readlink(node.shell.home / "l") == "real"
    assert (result.data["src"], result.data["dest"]) == ("real", f"{node.shell.home}/l")
    settled(node, {"path": "~/l", "state": "absent"})
    assert (node.shell.home / "real").is_dir()


def test_links_refuse(node: Node) -> None:
    home = node.shell.home
    (home / "f").touch()
    (home / "full/x").mkdir(parents=True)
    assert "src file does not exist" in (node.play("file", {"path": "~/l", "src": "no", "state": "link"}).msg or "")
    assert "refusing to convert from file" in (
        node.play("file", {"path": "~/f", "src": ".", "state": "link"}).msg or ""
    )
    full = node.play("file", {"path": "~/full", "src": "x", "state": "link", "force": True})
    assert full.failed and "not empty" in (full.msg or "")
    assert node.play("file", {"path": "~/new", "state": "link"}).msg == "src is required for creating new symlinks"
    settled(node, {"path": "~/f", "src": "full", "state": "link", "force": True})


def test_an_empty_directory_gives_way_to_a_link(node: Node) -> None:
    (node.shell.home / "empty").mkdir()
    (node.shell.home / "x").touch()
    settled(node, {"path": "~/empty", "src": "x", "state": "link", "force": True})
    assert (node.shell.home / "empty").is_symlink()


def test_hard_links(node: Node) -> None:
    home = node.shell.home
    (home / "a").write_text("a")
    (home / "b").write_text("b")
    settled(node, {"path": "~/h", "src": "~/a", "state": "hard"})
    assert (home / "h").stat().st_ino == (home / "a").stat().st_ino
    assert node.play("file", {"path": "~/h"}).data["state"] == "hard"
    assert (
        node.play("file", {"path": "~/b", "src": "~/a", "state": "hard"}).msg
        == "Cannot link, file exists at destination"
    )
    settled(node, {"path": "~/b", "src": "~/a", "state": "hard", "force": True})
    assert node.play("file", {"path": "~/n", "src": "~/no", "state": "hard"}).msg == "src does not exist"


def test_absent(node: Node) -> None:
    (node.shell.home / "d/e").mkdir(parents=True)
    (node.shell.home / "d/e/f").touch()
    result = settled(node, {"path": "~/d", "state": "absent"})
    assert (result.data["path"], result.data["state"]) == (f"{node.shell.home}/d", "absent")
    assert not (node.shell.home / "d").exists()


@pytest.mark.parametrize("mode", ["0700", "u=rwX,go="])
def test_recurse(node: Node, mode: str) -> None:
    (node.shell.home / "d/e").mkdir(parents=True)
    (node.shell.home / "d/e/f\ng").touch()
    settled(node, {"path": "~/d", "state": "directory", "recurse": True, "mode": mode})
    assert mode_of(node, "d/e") == "0700"
    assert mode_of(node, "d/e/f\ng") == ("0700" if mode == "0700" else "0600")


def test_recursion_meets_links(node: Node) -> None:
    """Owners of links themselves are seen to, though they lead nowhere; what is followed is seen to as well."""
    home = node.shell.home
    if home.parent.name == "mac":
        pytest.skip("the simulated Mac plays who is root")
    (home / "d").mkdir()
    (home / "d/broken").symlink_to("nowhere")
    (home / "other").touch()
    (home / "d/out").symlink_to("../other")
    asked = {"path": "~/d", "state": "directory", "recurse": True, "owner": str(os.getuid()), "group": str(os.getgid())}
    result = node.play("file", asked)
    assert (result.failed, result.changed) == (False, False), result.msg


def test_what_goes_is_listed(node: Node) -> None:
    home = node.shell.home
    (home / "d/in").mkdir(parents=True)
    (home / "d/in/f").touch()
    (home / "d/to").symlink_to("in")
    gone = node.play("file", {"path": "~/d", "state": "absent"}, FakeContext(diff=True)).data["diff"]["before"]
    listed = {kind: sorted(names) for kind, names in gone["path_content"].items()}
    assert listed == {"directories": [f"{home}/d/in", f"{home}/d/to"], "files": [f"{home}/d/in/f"]}


def test_a_second_name_needs_no_state(node: Node) -> None:
    (node.shell.home / "f").touch()
    os.link(node.shell.home / "f", node.shell.home / "g")
    assert not node.play("file", {"path": "~/g", "src": "~/f"}).failed
    refused = node.play("file", {"path": "~/new", "src": "~/f"})
    assert refused.msg == "src option requires state to be 'link' or 'hard'"


def test_refusals_of_the_system_are_told_as_python_tells_them(node: Node) -> None:
    home = node.shell.home
    (home / "f").touch()
    made = node.play("file", {"path": "~/f/x", "state": "directory"})
    why = f"There was an issue creating {home}/f/x as requested: [Errno 20] Not a directory: b'{home}/f/x'"
    assert made.msg == why
    linked = node.play("file", {"path": "~/no/l", "src": "../f", "state": "link", "force": True})
    assert linked.msg == f"Error while linking: [Errno 2] No such file or directory: b'../f' -> b'{home}/no/l'"


def test_a_link_to_a_directory_is_followed(node: Node) -> None:
    (node.shell.home / "d").mkdir()
    (node.shell.home / "l").symlink_to("d")
    assert node.play("file", {"path": "~/l", "state": "directory", "mode": "0700"}).changed
    assert mode_of(node, "d") == "0700"
    kept = node.play("file", {"path": "~/l", "state": "directory", "follow": False})
    assert kept.failed and "already exists as a link" in (kept.msg or "")


def test_owners_by_name_and_number_agree(node: Node) -> None:
    (node.shell.home / "f").touch()
    seen = node.play("stat", {"path": "~/f"}).data["stat"]
    for owner, group in ((seen["pw_name"], seen["gr_name"]), (str(seen["uid"]), str(seen["gid"]))):
        assert not node.play("file", {"path": "~/f", "owner": owner, "group": group}).changed
    failed = node.play("file", {"path": "~/f", "owner": "nobody-of-that-name"})
    assert failed.failed and "chown failed" in (failed.msg or "")


def test_a_place_that_may_not_be_looked_at(node: Node) -> None:
    if os.getuid() == 0:
        pytest.skip("root may look everywhere")
    (node.shell.home / "shut/in").mkdir(parents=True)
    (node.shell.home / "shut").chmod(0)
    result = node.play("stat", {"path": "~/shut/in"})
    (node.shell.home / "shut").chmod(0o700)
    assert result.failed and "not permitted to look" in (result.msg or "")


@pytest.mark.parametrize(
    "args",
    [
        {"path": "x", "state": "nonsense"},
        {"state": "file"},
        {"path": "x", "src": "y", "state": "touch"},
        {"path": ""},
        {"path": "x", "recurse": True, "state": "file"},
        {"path": "x", "modification_time": "noon"},
    ],
)
def test_wrong_arguments(node: Node, args: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        node.play("file", args)


def test_stat(node: Node) -> None:
    file = node.shell.home / "a | b"
    file.write_text("hello")
    file.chmod(0o4640)
    os.utime(file, (1, 2))
    seen = node.play("stat", {"path": "~/a | b"}).data["stat"]
    real = file.stat()
    assert seen["checksum"] == hashlib.sha1(b"hello").hexdigest()
    shown = ("exists", "isreg", "islnk", "isuid", "mode", "size", "inode", "nlink", "mtime", "atime", "path", "roth")
    assert tuple(seen[name] for name in shown) == (
        True,
        True,
        False,
        True,
        "4640",
        5,
        real.st_ino,
        1,
        2.0,
        1.0,
        str(file),
        False,
    )
    assert node.runs() == 1
    assert node.play("stat", {"path": "~/no"}).data["stat"] == {"exists": False}


def test_stat_of_links(node: Node) -> None:
    (node.shell.home / "d").mkdir()
    (node.shell.home / "d/f").write_text("x")
    (node.shell.home / "l").symlink_to("d/f")
    (node.shell.home / "broken").symlink_to("nowhere")
    seen = node.play("stat", {"path": "~/l"}).data["stat"]
    assert (seen["islnk"], seen["lnk_target"]) == (True, "d/f")
    assert os.path.samefile(seen["lnk_source"], node.shell.home / "d/f")
    seen = node.play("stat", {"path": "~/l", "follow": True}).data["stat"]
    assert (seen["isreg"], seen["size"]) == (True, 1)
    assert node.play("stat", {"path": "~/broken"}).data["stat"]["exists"]
    assert not node.play("stat", {"path": "~/broken", "follow": True}).data["stat"]["exists"]


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_checksums(node: Node, algorithm: str) -> None:
    (node.shell.home / "f").write_bytes(b"\0\xff")
    seen = node.play("stat", {"path": "~/f", "checksum_algorithm": algorithm}).data["stat"]
    assert seen["checksum"] == hashlib.new(algorithm, b"\0\xff").hexdigest()


def test_flags_keep_a_file_from_being_replaced(node: Node) -> None:
    folder = node.shell.home / "kept"
    folder.mkdir()
    (folder / "f").write_text("old")
    done = node.play("file", {"path": "~/kept", "attributes": "+i"})
    if done.failed:
        assert "chattr" in str(done.msg)
        pytest.skip("no right to set flags, or no file system that has them")
    try:
        assert done.changed and "i" in node.play("stat", {"path": "~/kept"}).data["stat"]["attr_flags"]
        assert "not writable" in str(node.play("copy", {"content": "new", "dest": "~/kept/f"}).msg)
        assert (folder / "f").read_text() == "old"
        assert node.play("copy", {"content": "new", "dest": "~/kept/f", "unsafe_writes": True}).changed
        by_environment = FakeContext(environment={"ANSIBLE_UNSAFE_WRITES": "1"})
        assert node.play("copy", {"content": "newer", "dest": "~/kept/f"}, by_environment).changed
        assert (folder / "f").read_text() == "newer"
    finally:
        assert node.play("file", {"path": "~/kept", "attr": "-i"}).changed
    with pytest.raises(ValidationError, match="use the module file"):
        node.play("copy", {"content": "new", "dest": "~/kept/f", "attributes": "+i"})
