"""The modules that edit a file on every shell we promise, and that nobody else's edit is ever lost."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.model.program import Run
from orchestrator.model.results import Result
from orchestrator.modules import find
from tests.contract import driver
from tests.contract.driver import FakeContext, Node

node = driver.node


def settled(node: Node, name: str, args: dict[str, Any]) -> Result:
    assert node.play(name, args, FakeContext(check=True)).changed
    result = node.play(name, args, FakeContext(diff=True))
    assert result.changed and not result.failed and result.diff, result.msg
    again = node.play(name, args)
    assert not again.changed and not again.failed, again.msg
    assert node.runs() <= 1 + ("mode" in args)
    return result


def test_lineinfile(node: Node) -> None:
    file = node.shell.home / "conf"
    file.write_text("a=1\nb=2\n")
    file.chmod(0o600)
    result = settled(node, "lineinfile", {"path": "~/conf", "regexp": "^b=", "line": "b=3", "backup": True})
    assert file.read_text() == "a=1\nb=3\n"
    assert (result.msg, file.stat().st_mode & 0o777) == ("line replaced", 0o600)
    assert Path(result.data["backup"]).read_text() == "a=1\nb=2\n"
    assert settled(node, "lineinfile", {"path": "~/conf", "line": "c=4", "insertbefore": "^b"}).msg == "line added"
    result = settled(node, "lineinfile", {"path": "~/conf", "regexp": "=[13]", "state": "absent"})
    assert (file.read_text(), result.data["found"]) == ("c=4\n", 2)


def test_a_file_that_is_not_there(node: Node) -> None:
    result = node.play("lineinfile", {"path": "~/new/conf", "line": "x"})
    assert (result.failed, result.msg, result.data["rc"]) == (True, "Destination ~/new/conf does not exist !", 257)
    settled(node, "lineinfile", {"path": "~/new/conf", "line": "x", "create": True, "mode": "0600"})
    assert (node.shell.home / "new/conf").read_text() == "x\n"
    assert node.play("lineinfile", {"path": "~/no", "line": "x", "state": "absent"}).msg == "file not present"
    result = node.play("lineinfile", {"path": "~/", "line": "x"})
    assert result.failed and result.data["rc"] == 256


def test_a_link_is_followed_and_stays(node: Node) -> None:
    (node.shell.home / "real").write_text("x\n")
    (node.shell.home / "l").symlink_to("real")
    settled(node, "lineinfile", {"path": "~/l", "line": "y"})
    assert (node.shell.home / "l").is_symlink()
    assert (node.shell.home / "real").read_text() == "x\ny\n"


def test_only_attributes_differ(node: Node) -> None:
    (node.shell.home / "f").write_text("x\n")
    (node.shell.home / "f").chmod(0o644)
    result = node.play("lineinfile", {"path": "~/f", "line": "x", "mode": "0600"})
    assert result.changed and result.msg == "ownership, perms or SE linux context changed"
    assert (node.shell.home / "f").stat().st_mode & 0o777 == 0o600


def test_an_edit_of_somebody_else_is_not_lost(node: Node) -> None:
    file = node.shell.home / "f"
    file.write_text("x\n")
    module = find("lineinfile")
    assert module is not None
    steps = module.steps(module.args.model_validate({"path": "~/f", "line": "y"}), FakeContext())
    read = next(steps)
    assert isinstance(read, Run)
    write = steps.send(node.shell.run(read))
    file.write_text("theirs\n")
    with pytest.raises(StopIteration) as end:
        steps.send(node.reply(write))
    assert end.value.value.failed and "changed by somebody else" in end.value.value.msg
    assert file.read_text() == "theirs\n"


def test_blockinfile(node: Node) -> None:
    file = node.shell.home / "f"
    file.write_text("a\nb")
    result = settled(node, "blockinfile", {"path": "~/f", "block": "one\ntwo", "insertafter": "^a"})
    assert result.msg == "Block inserted"
    block = "# BEGIN ANSIBLE MANAGED BLOCK\none\ntwo\n# END ANSIBLE MANAGED BLOCK\n"
    assert file.read_text() == f"a\n{block}b"
    assert settled(node, "blockinfile", {"path": "~/f", "state": "absent"}).msg == "Block removed"
    assert file.read_text() == "a\nb"
    assert settled(node, "blockinfile", {"path": "~/n", "block": "x", "create": True}).msg == "File created"
    assert node.play("blockinfile", {"path": "~/no", "block": "x"}).data["rc"] == 257


def test_replace(node: Node) -> None:
    file = node.shell.home / "f"
    file.write_text("port 1\n[x]\nport 1\nport 2\n")
    args = {"path": "~/f", "regexp": r"^port (\d)$", "replace": r"port: \1", "after": r"\[x\]"}
    assert settled(node, "replace", args).msg == "2 replacements made"
    assert file.read_text() == "port 1\n[x]\nport: 1\nport: 2\n"
    none = node.play("replace", {"path": "~/f", "regexp": "x", "before": "not there"})
    assert not none.changed and "did not match" in (none.msg or "")
    assert node.play("replace", {"path": "~/f", "regexp": "(p)", "replace": r"\2"}).failed
    assert node.play("replace", {"path": "~/f", "regexp": "p", "encoding": "nonsense"}).failed


def test_assemble(node: Node, tmp_path: Path) -> None:
    parts = node.shell.home / "d"
    parts.mkdir()
    for name, text in (("b", "two\n"), ("a", "one"), (".c", "hidden\n"), ("skip", "no\n")):
        (parts / name).write_text(text)
    args = {"src": "~/d", "dest": "~/out", "regexp": "^.?[abc]$", "delimiter": "--", "ignore_hidden": True}
    foretold = node.play("assemble", args, FakeContext(check=True, diff=True))
    assert foretold.changed and foretold.diff and not (node.shell.home / "out").exists()
    assert node.play("assemble", args).changed
    assert (node.shell.home / "out").read_text() == "one\n--\ntwo\n"
    assert not node.play("assemble", args).changed
    (tmp_path / "here").mkdir()
    (tmp_path / "here/x").write_text("x")
    assert node.play(
        "assemble", {"src": "here", "dest": "~/x", "remote_src": False}, FakeContext(root=tmp_path)
    ).changed
    assert node.play("assemble", {"src": "~/no", "dest": "~/x"}).failed


def test_known_hosts(node: Node) -> None:
    args: dict[str, Any] = {"name": "Host", "key": "host ssh-ed25519 AAAA", "path": "~/known"}
    settled(node, "known_hosts", args)
    settled(node, "known_hosts", {**args, "key": "host ssh-ed25519 BBBB"})
    assert (node.shell.home / "known").read_text() == "host ssh-ed25519 BBBB\n"
    settled(node, "known_hosts", {**args, "key": "host ssh-rsa CCCC", "hash_host": True})
    assert "|1|" in (node.shell.home / "known").read_text()
    settled(node, "known_hosts", {"name": "host", "path": "~/known", "state": "absent"})
    assert (node.shell.home / "known").read_text() == ""
    assert "Destination directory" in (node.play("known_hosts", {**args, "path": "~/none/known"}).msg or "")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("lineinfile", {"path": "f"}),
        ("lineinfile", {"path": "f", "line": "x", "regexp": "("}),
        ("lineinfile", {"path": "f", "line": "x", "backrefs": True}),
        ("lineinfile", {"path": "f", "state": "absent"}),
        ("lineinfile", {"path": "f", "line": "x", "insertbefore": "a", "insertafter": "b"}),
        ("blockinfile", {"path": "f", "insertbefore": "a", "insertafter": "b"}),
        ("blockinfile", {"path": "f", "insertafter": "("}),
        ("replace", {"path": "f", "regexp": "("}),
        ("replace", {"path": "f"}),
        ("assemble", {"src": "a", "dest": "b", "regexp": "("}),
        ("known_hosts", {"name": "h"}),
        ("known_hosts", {"name": "h", "key": "other ssh-rsa A"}),
    ],
)
def test_wrong_arguments(node: Node, name: str, args: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        node.play(name, args)
