"""Settings of macOS, git, the kernel and cron on every shell we promise."""

from __future__ import annotations

import plistlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.contract import community, driver
from tests.contract.community import bin_of, provide, settled
from tests.contract.driver import FakeContext, Node

desk = community.desk
node = driver.node
DOMAIN = "com.example.app"


def written(desk: Node, domain: str = DOMAIN) -> dict[str, Any]:
    content: dict[str, Any] = plistlib.loads((desk.shell.home / f"Library/Preferences/{domain}.plist").read_bytes())
    return content


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("bool", "yes", True), ("int", "42", 42), ("float", 0.5, 0.5),
        ("string", "it's $HOME; \"x\"", "it's $HOME; \"x\""),
        ("array", ["a b", "c,d", 'e"f'], ["a b", "c,d", 'e"f']),
        ("dict", {"one": "1", "two": "2"}, {"one": "1", "two": "2"}), ("string", "two\nlines\n", "two\nlines\n"),
    ],
)  # fmt: skip
def test_osx_defaults(desk: Node, kind: str, value: Any, stored: Any) -> None:
    args = {"domain": DOMAIN, "key": "Key", "type": kind, "value": value}
    assert desk.play("osx_defaults", args, FakeContext(check=True)).changed
    result = desk.play("osx_defaults", args)
    assert result.changed and written(desk) == {"Key": stored}, result.msg
    again = desk.play("osx_defaults", args)
    assert (again.changed, again.failed, desk.runs()) == (False, False, 1), again.msg


def test_osx_defaults_in_other_places(desk: Node) -> None:
    settled(desk, "osx_defaults", {"key": "AppleShowAllExtensions", "type": "bool", "value": True})
    settled(desk, "osx_defaults", {"domain": DOMAIN, "host": "currentHost", "key": "x", "type": "int", "value": 1})
    assert len(list((desk.shell.home / "Library/Preferences/ByHost").iterdir())) == 1
    settled(desk, "osx_defaults", {"domain": "~/own.plist", "key": "x", "value": "y"})
    assert plistlib.loads((desk.shell.home / "own.plist").read_bytes()) == {"x": "y"}
    read = desk.play("osx_defaults", {"domain": DOMAIN, "host": "currentHost", "key": "x", "state": "list"})
    assert (read.changed, read.data) == (False, {"key": "x", "value": 1})


def test_osx_defaults_changes_types_only_if_told(desk: Node) -> None:
    desk.play("osx_defaults", {"domain": DOMAIN, "key": "x", "type": "int", "value": 1})
    args = {"domain": DOMAIN, "key": "x", "value": "1"}
    result = desk.play("osx_defaults", args)
    assert result.failed and result.msg == "Type mismatch. Type in defaults: int"
    assert not desk.play("osx_defaults", {**args, "check_type": False}).changed
    assert desk.play("osx_defaults", {**args, "value": "2", "check_type": False}).changed
    assert written(desk) == {"x": "2"}
    settled(desk, "osx_defaults", {"domain": DOMAIN, "key": "x", "state": "absent"})


def test_osx_defaults_adds_to_an_array(desk: Node) -> None:
    args: dict[str, Any] = {"domain": DOMAIN, "key": "list", "type": "array", "array_add": True}
    settled(desk, "osx_defaults", {**args, "value": ["a"]})
    settled(desk, "osx_defaults", {**args, "value": ["a", "b", 3]})
    assert written(desk)["list"] == ["a", "b", "3"]
    settled(desk, "osx_defaults", {**args, "array_add": False, "value": ["b"]})
    assert written(desk)["list"] == ["b"]


def test_osx_defaults_is_of_macos(tmp_path: Path) -> None:
    result = Node(driver.Shell(("dash",), tmp_path)).play("osx_defaults", {"key": "x", "value": "y"})
    assert result.failed and "it is a part of macOS" in (result.msg or "")


def test_timezone(desk: Node) -> None:
    result = desk.play("timezone", {"name": "Africa/Cairo"})
    assert result.failed and "needs root: say become: true" in (result.msg or "")
    as_root = Node(driver.Shell(desk.shell.argv, desk.shell.home, {**desk.shell.environment, "SIM_UID": "0"}))
    settled(as_root, "timezone", {"name": "Africa/Cairo"})
    for context in (FakeContext(check=True), FakeContext()):
        nowhere = as_root.play("timezone", {"name": "Africa/Berlin"}, context)
        assert nowhere.failed and nowhere.msg == 'Error message:\ngiven timezone "Africa/Berlin" is not available'


def give_git(node: Node) -> None:
    if node.is_mac:
        git = bin_of(node) / "git"
        git.unlink()
        git.symlink_to(str(shutil.which("git")))


def test_git_config(node: Node) -> None:
    give_git(node)
    settled(node, "git_config", {"name": "user.name", "value": "It's me; $HOME", "scope": "global"})
    assert "It's me; $HOME" in (node.shell.home / ".gitconfig").read_text()
    mine = {"name": "user.name", "scope": "global"}
    assert node.play("git_config_info", mine).data["config_value"] == "It's me; $HOME"
    assert not node.play("git_config", {**mine, "value": "It's me; $HOME"}).changed
    args = {"name": "remote.all.push", "scope": "file", "file": "~/own", "add_mode": "add"}
    settled(node, "git_config", {**args, "value": "one"})
    settled(node, "git_config", {**args, "value": "two"})
    own = {"scope": "file", "path": "~/own"}
    values = node.play("git_config_info", {**own, "name": "remote.all.push"}).data
    assert values["config_values"] == {"remote.all.push": ["one", "two"]} and values["config_value"] == "one"
    own_file = {"name": "remote.all.push", "scope": "file", "file": "~/own"}
    settled(node, "git_config", {**own_file, "value": "only"})
    assert node.play("git_config_info", own).data["config_values"] == {"remote.all.push": ["only"]}
    settled(node, "git_config", {**own_file, "state": "absent", "value": "goes without saying"})
    assert node.play("git_config", {**own_file, "state": "absent"}).msg == "no setting to unset"
    assert node.play("git_config_info", {**own, "name": "a.b"}).data["config_values"] == {"a.b": []}
    assert node.play("git_config_info", {"scope": "file", "path": "~/nowhere"}).data["config_values"] == {}
    assert "fatal" in (node.play("git_config_info", {"scope": "local", "path": "/"}).msg or "")
    assert "a value must be specified" in (node.play("git_config", {**own_file, "value": ""}).msg or "")
    assert node.play("git_config", {"name": "a.b", "value": "x", "scope": "local", "repo": "~/nowhere"}).failed
    assert node.play("git_config", {"name": "nosection", "value": "x", "scope": "global"}).failed


def test_a_git_that_is_a_stub_is_told(desk: Node) -> None:
    result = desk.play("git_config", {"name": "user.name", "value": "x"})
    assert result.failed and "git config user.name: xcode-select:" in (result.msg or "")


def test_cron_file(desk: Node) -> None:
    job = {"name": "nightly", "cron_file": str(desk.shell.home / "jobs"), "user": "operator", "hour": 2, "job": "true"}
    settled(desk, "cron", job)
    file = desk.shell.home / "jobs"
    assert file.read_text() == "#Ansible: nightly\n* 2 * * * operator true\n"
    gone = desk.play("cron", {"name": "nightly", "cron_file": str(file), "state": "absent"})
    assert (gone.data, file.exists()) == ({"cron_file": str(file), "state": "absent"}, False)
    again = desk.play("cron", {"name": "nightly", "cron_file": str(file), "state": "absent"})
    assert (again.changed, again.data["jobs"]) == (False, [])


def test_cron(desk: Node) -> None:
    assert "crontab is not on this node" in (desk.play("cron", {"name": "x", "job": "true"}).msg or "")
    provide(desk, "crontab")
    result = settled(desk, "cron", {"name": "clean", "minute": 5, "job": "rm -f /tmp/x # 100%"})
    assert result.data["jobs"] == ["clean"]
    settled(
        desk, "cron", {"name": "at boot", "special_time": "reboot", "job": "true", "disabled": True, "backup": True}
    )
    settled(desk, "cron", {"name": "PATH", "env": True, "job": "/bin:/usr/bin"})
    settled(desk, "cron", {"name": "HOME", "env": True, "job": "/x", "insertafter": "PATH"})
    lost = desk.play("cron", {"name": "X", "env": True, "job": "/x", "insertbefore": "NONE"})
    assert lost.failed and lost.msg == "Variable named 'NONE' not found."
    lines = desk.play("cron", {"name": "clean", "state": "absent"}, FakeContext(diff=True)).diff[0].after.splitlines()
    assert lines == ['PATH="/bin:/usr/bin"', 'HOME="/x"', "#Ansible: at boot", "#@reboot true"]
    settled(desk, "cron", {"name": "HOME", "env": True, "state": "absent"})
    settled(desk, "cron", {"name": "x", "job": "true", "user": "operator"})


def test_sysctl(node: Node) -> None:
    file = node.shell.home / "sysctl.conf"
    file.write_text("# a comment\nkern.maxproc = 10\nkern.maxproc=20\n")
    args = {"name": "kern.maxproc", "value": "30", "sysctl_file": "~/sysctl.conf", "reload": False}
    settled(node, "sysctl", args)
    assert file.read_text() == "# a comment\nkern.maxproc=30\n"
    settled(node, "sysctl", {**args, "name": "kern.other"})
    settled(node, "sysctl", {**args, "state": "absent"})
    assert file.read_text() == "# a comment\nkern.other=30\n"
    result = node.play("sysctl", {**args, "name": "no.such", "sysctl_set": True})
    assert result.failed and "no.such" in (result.msg or "")
    assert node.play("sysctl", {**args, "name": "no.such", "sysctl_set": True, "ignoreerrors": True}).changed
    for wrong, said in (
        ({"name": ""}, "name cannot be blank"),
        ({"value": None}, "cannot be None"),
        ({"value": ""}, "blank"),
    ):
        assert said in (node.play("sysctl", {**args, **wrong}).msg or "")
    loaded = node.play("sysctl", {**args, "name": "no.other", "reload": True})
    assert loaded.failed is not node.is_mac, "a Mac's kernel is not asked, Linux knows no such setting"


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("osx_defaults", {"domain": "x"}), ("osx_defaults", {"key": "x"}), ("osx_defaults", {"key": "-x", "value": 1}),
        ("osx_defaults", {"key": "x", "type": "int", "value": "many"}),
        ("osx_defaults", {"key": "x", "type": "bool", "value": "?"}),
        ("osx_defaults", {"key": "x", "type": "array", "value": "a"}),
        ("osx_defaults", {"key": "x", "type": "dict", "value": "a"}),
        ("osx_defaults", {"key": "x", "type": "date", "value": "soon"}), ("timezone", {}),
        ("timezone", {"name": "Europe/Berlin", "hwclock": "UTC"}), ("git_config", {}),
        ("git_config", {"name": "a.b", "scope": "local", "value": "x"}),
        ("git_config", {"name": "a.b"}), ("git_config_info", {"scope": "file"}), ("cron", {"name": "x"}),
        ("cron", {"name": "x", "job": "y", "cron_file": "z"}), ("cron", {"name": "x", "job": "a\nb"}),
        ("cron", {"name": "x", "job": "y", "special_time": "daily", "minute": "1"}),
        ("sysctl", {"name": "-x", "value": "1"}),
    ],
)  # fmt: skip
def test_wrong_arguments(name: str, args: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Node(driver.Shell(("dash",), tmp_path)).play(name, args)
