"""Package modules on every shell we promise: foretold, applied, left alone the second time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.contract import community, driver
from tests.contract.community import bin_of, provide, settled
from tests.contract.driver import FakeContext, Node

desk = community.desk
node = driver.node


def brew_state(desk: Node) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(brew_file(desk).read_text())
    return state


def brew_file(desk: Node) -> Path:
    return desk.shell.home.parent / "state/brew.json"


def test_homebrew(desk: Node) -> None:
    result = settled(desk, "homebrew", {"name": ["git", "jq"]})
    assert result.data == {"changed_pkgs": ["git", "jq"], "unchanged_pkgs": []}
    assert brew_state(desk)["formulae"] == {"git": "2.0.0", "jq": "2.0.0"}
    result = desk.play("homebrew", {"name": "git,wget"})
    assert (result.msg, result.data["unchanged_pkgs"]) == ("Changed: 1, Unchanged: 1", ["git"])
    assert desk.play("homebrew", {"name": "git"}).msg == "Package already installed: git"
    assert settled(desk, "homebrew", {"name": "jq", "state": "removed"}).msg == "Package uninstalled: jq"


def test_no_packages_are_none_to_see_to(desk: Node) -> None:
    """As with the empty lists that roles have as defaults."""
    for name, args in (("homebrew", {"name": []}), ("homebrew", {"name": None}), ("package", {"name": []})):
        result = desk.play(name, args)
        assert not (result.failed or result.changed), result.msg
    assert desk.play("homebrew_tap", {"name": []}).msg == "added: 0, unchanged: 0"
    assert not desk.play("mas", {"id": []}).failed
    assert desk.play("pip", {"name": []}).warnings == ("No valid name or requirements file found.",)
    assert desk.play("homebrew_cask", {"name": []}).msg == "You must select a cask to install."


def test_homebrew_foretells_in_ansibles_words(desk: Node) -> None:
    desk.play("homebrew", {"name": "git"})
    told = desk.play("homebrew", {"name": ["git", "jq", "wget"]}, FakeContext(check=True))
    assert (told.msg, told.data["changed_pkgs"], told.data["unchanged_pkgs"]) == (
        "Packages would be installed: jq, wget", [], [],
    )  # fmt: skip
    assert "diff" not in told.as_vars()
    assert (
        desk.play("homebrew", {"name": "nothing-here", "state": "linked"}).msg == "Package not installed: nothing-here."
    )


def test_homebrew_latest(desk: Node) -> None:
    state = brew_state(desk)
    state["formulae"] = {"git": "1.0.0", "jq": "2.0.0"}
    brew_file(desk).write_text(json.dumps(state))
    result = settled(desk, "homebrew", {"name": ["git", "jq", "new"], "state": "latest"})
    assert result.data["changed_pkgs"] == ["git", "new"]
    state["formulae"] = {"git": "1.0.0"}
    brew_file(desk).write_text(json.dumps(state))
    assert desk.play("homebrew", {"upgrade_all": True}, FakeContext(check=True)).changed
    result = desk.play("homebrew", {"upgrade_all": True, "update_homebrew": True})
    assert result.changed and result.msg == "Homebrew upgraded."
    assert not desk.play("homebrew", {"upgrade_all": True}).changed
    assert not desk.play("homebrew", {"update_homebrew": True, "name": "git"}).changed


def test_a_formula_of_a_tap_is_listed_by_its_last_name(desk: Node) -> None:
    brew_file(desk).write_text(json.dumps({**brew_state(desk), "formulae": {"terraform": "2.0.0"}}))
    assert not desk.play("homebrew", {"name": "hashicorp/tap/terraform"}).changed


def test_homebrew_says_what_is_wrong(desk: Node) -> None:
    result = desk.play("homebrew", {"name": "missing-thing"})
    assert result.failed and 'No available formula with the name "missing-thing"' in (result.msg or "")
    as_root = Node(desk.shell.__class__(desk.shell.argv, desk.shell.home, {**desk.shell.environment, "SIM_UID": "0"}))
    result = as_root.play("homebrew", {"name": "git"})
    assert result.failed and "Homebrew refuses to run as root: say become: false" in (result.msg or "")
    (bin_of(desk) / "brew").unlink()
    result = desk.play("homebrew_cask", {"name": "firefox", "path": "/nowhere:/usr/local/nothing"})
    for word in ("brew is not on this node", "PATH (", "/nowhere", "/usr/local/nothing", "https://brew.sh"):
        assert word in (result.msg or "")


def linking_brew(desk: Node) -> None:
    """A brew that knows links, heads and options, for one formula."""
    home = desk.shell.home
    (home / "prefix/var/homebrew/linked").mkdir(parents=True)
    brew = bin_of(desk) / "brew"
    brew.unlink()
    brew.write_text(
        f"""#!/bin/sh
cd {home} || exit 1
echo "$*" >>calls
case $1 in
--prefix) echo {home}/prefix ;;
list) case $* in *versions) cat installed 2>/dev/null; exit 0 ;; *alias) echo 'git 1.0' ;; *) exit 1 ;; esac ;;
info) case $* in *alias) echo '{{"formulae": [{{"name": "git", "installed": [ {{"version": "1.0"}} ]}}]}}' ;; esac ;;
link) touch prefix/var/homebrew/linked/$2 ;;
unlink) rm prefix/var/homebrew/linked/$2 ;;
install) case $* in *--HEAD*) echo 'git HEAD-abc' >installed ;; *) echo 'git 1.0' >installed ;; esac ;;
uninstall) : >installed ;;
esac
"""
    )
    brew.chmod(0o755)


def test_homebrew_links_heads_aliases_and_options(desk: Node) -> None:
    linking_brew(desk)
    calls = desk.shell.home / "calls"
    settled(
        desk, "homebrew", {"name": "git", "install_options": ["with-x", "build-from-source"], "force_formula": True}
    )
    assert "install --formula --with-x --build-from-source git" in calls.read_text()
    for state in ("linked", "linked", "unlinked"):
        result = desk.play("homebrew", {"name": "git", "state": state})
        assert (result.changed, result.msg, result.doubts) == (True, f"Package {state}: git", ()), "asked each time"
    assert desk.play("homebrew", {"name": "git", "state": "head"}).msg == "Package already installed: git"
    settled(desk, "homebrew", {"name": "git", "state": "absent"})
    settled(desk, "homebrew", {"name": "git", "state": "head"})
    assert "uninstall --force git\n" in calls.read_text() and "install --HEAD git\n" in calls.read_text()
    assert not desk.play("homebrew", {"name": "alias"}).changed


def test_one_unknown_formula_and_none_is_installed(desk: Node) -> None:
    for context in (FakeContext(check=True), FakeContext()):
        result = desk.play("homebrew", {"name": ["git", "missing-thing"]}, context)
        assert result.failed and 'No available formula with the name "missing-thing"' in (result.msg or "")
        assert not brew_state(desk)["formulae"]


def test_a_package_manager_is_believed_but_for_casks(desk: Node) -> None:
    brew = bin_of(desk) / "brew"
    brew.unlink()
    brew.write_text('#!/bin/sh\ncase $1 in info) echo \'{"formulae": [], "casks": []}\' ;; list) exit 1 ;; esac\n')
    brew.chmod(0o755)
    result = desk.play("homebrew", {"name": ["git", "jq"]})
    assert result.changed and result.doubts == ("reported as done, yet still different: formula:git formula:jq",)
    result = desk.play("homebrew_tap", {"name": "some/tap"})
    assert result.changed and "tap:some/tap" in result.doubts[0] and "warnings" not in result.as_vars()
    assert desk.play("homebrew_cask", {"name": "firefox"}).failed
    brew.write_text("#!/bin/sh\nexit 0\n")
    assert not desk.play("homebrew_cask", {"name": "firefox"}).changed


def test_homebrew_cask(desk: Node) -> None:
    result = settled(desk, "homebrew_cask", {"name": "firefox", "install_options": "no-quarantine"})
    assert result.msg == "Cask installed: firefox" and brew_state(desk)["casks"] == {"firefox": "2.0.0"}
    assert not brew_state(desk)["formulae"]
    brew_file(desk).write_text(json.dumps({**brew_state(desk), "casks": {"firefox": "1.0.0"}}))
    assert not desk.play("homebrew_cask", {"name": "firefox"}).changed
    settled(desk, "homebrew_cask", {"name": "firefox", "state": "latest", "greedy": True})
    settled(desk, "homebrew_cask", {"name": "firefox", "state": "absent"})


def test_a_cask_gets_the_sudo_password_by_askpass_only(desk: Node) -> None:
    linking_brew(desk)
    brew = bin_of(desk) / "brew"
    brew.write_text(
        brew.read_text().replace('echo "$*" >>calls', 'env >environment; "$SUDO_ASKPASS" >asked; echo "$*" >>calls')
    )
    settled(desk, "homebrew_cask", {"name": "git", "sudo_password": "s3cret it's"})
    home = desk.shell.home
    assert (home / "asked").read_text() == "s3cret it's\n"
    assert "s3cret" not in (home / "environment").read_text() + (home / "calls").read_text()
    assert not list(Path(desk.shell.environment["TMPDIR"]).iterdir())


def test_homebrew_tap(desk: Node) -> None:
    result = settled(desk, "homebrew_tap", {"name": "HashiCorp/homebrew-tap"})
    assert result.msg == "added: 1, unchanged: 0"
    assert "hashicorp/tap" in brew_state(desk)["taps"]
    own = {"tap": "me/own", "url": "https://host.invalid/own.git"}
    assert settled(desk, "homebrew_tap", own).msg == "successfully tapped: me/own"
    assert (
        settled(desk, "homebrew_tap", {"name": ["hashicorp/tap", "me/own"], "state": "absent"}).msg
        == "removed: 2, unchanged: 0"
    )


def test_mas(desk: Node) -> None:
    assert "brew install mas" in (desk.play("mas", {"id": 497799835}).msg or "")
    provide(desk, "mas")
    assert settled(desk, "mas", {"id": [497799835, 409183694]}).msg == "Installed 2 app(s)"
    (desk.shell.home.parent / "mas.tool.json").write_text('{"497799835": "1.0.0"}')
    assert not desk.play("mas", {"id": 497799835}).changed
    settled(desk, "mas", {"id": 497799835, "state": "latest"})
    (desk.shell.home.parent / "mas.tool.json").write_text('{"497799835": "1.0.0"}')
    assert desk.play("mas", {"upgrade_all": True}, FakeContext(check=True)).changed
    assert desk.play("mas", {"upgrade_all": True}).msg == "Upgraded 1 app(s)"
    assert not desk.play("mas", {"upgrade_all": True}).changed
    assert "needs root" in (desk.play("mas", {"id": 497799835, "state": "absent"}).msg or "")


def test_gem(desk: Node) -> None:
    assert "gem is not on this node" in (desk.play("gem", {"name": "cocoapods"}).msg or "")
    provide(desk, "gem")
    settled(desk, "gem", {"name": "cocoapods", "version": "1.11.3", "user_install": False})
    settled(desk, "gem", {"name": "cocoapods", "state": "latest"})
    settled(desk, "gem", {"name": "cocoapods", "version": "1.11.3", "state": "absent"})
    settled(desk, "gem", {"name": "cocoapods", "state": "absent"})
    result = desk.play("gem", {"name": "missing", "state": "latest"})
    assert result.failed and "Could not find a valid gem 'missing'" in (result.msg or "")


def test_npm(desk: Node) -> None:
    assert "brew install node" in (desk.play("npm", {"name": "eslint", "global": True}).msg or "")
    provide(desk, "npm")
    settled(desk, "npm", {"name": "eslint", "global": True, "version": "1.2.3"})
    assert not desk.play("npm", {"name": "eslint", "global": True}).changed
    settled(desk, "npm", {"name": "eslint", "global": True, "state": "latest"})
    settled(desk, "npm", {"name": "eslint", "global": True, "state": "absent"})
    result = desk.play("npm", {"name": "missing", "path": "~/project"})
    assert result.failed and "404 Not Found" in (result.msg or "")
    (desk.shell.home / "project/package.json").write_text('{"dependencies": {"left-pad": "*"}}')
    settled(desk, "npm", {"path": "~/project"})
    assert desk.play("npm", {"path": "~/project", "ci": True}).changed


def test_pipx(desk: Node) -> None:
    assert "brew install pipx" in (desk.play("pipx", {"name": "ruff"}).msg or "")
    provide(desk, "pipx")
    settled(desk, "pipx", {"name": "ruff", "source": "ruff==1.0.0"})
    settled(desk, "pipx", {"name": "ruff", "state": "inject", "inject_packages": ["one", "two"]}, runs=2)
    assert desk.play("pipx", {"name": "ruff", "state": "latest"}).changed
    assert not desk.play("pipx", {"name": "ruff", "state": "upgrade"}).changed
    assert desk.play("pipx", {"name": "ruff", "state": "reinstall"}).changed
    assert not desk.play("pipx", {"state": "upgrade_all"}).changed
    told = desk.play("pipx", {"name": "ruff"}).data
    app = {"name": "ruff", "version": "2.0.0", "pinned": None, "injected": {"one": "2.0.0", "two": "2.0.0"}}
    assert told["application"] == {"ruff": app} and (told["version"], told["force"]) == ("1.7.1", False)
    settled(desk, "pipx", {"name": "ruff", "state": "absent"})
    result = desk.play("pipx", {"name": "ruff", "state": "upgrade"})
    assert result.failed and result.msg == "Trying to upgrade a non-existent application: ruff"
    assert not desk.play("pipx", {"state": "uninstall_all"}).changed


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("homebrew", {"name": "--eval"}), ("homebrew", {"name": "a b"}),
        ("homebrew", {"name": "git", "state": "there"}), ("homebrew", {"name": "git", "nmae": "x"}),
        ("homebrew_cask", {"name": "x", "sudo_password": "a\nb"}),
        ("homebrew_tap", {"name": "nothing"}), ("homebrew_tap", {"name": ["a/b", "c/d"], "url": "https://x.invalid"}),
        ("homebrew_tap", {"name": "a/b", "url": "https://x.invalid", "state": "absent"}),
        ("mas", {"id": "Xcode"}), ("gem", {"name": "a b"}),
        ("gem", {"name": "a", "version": "1", "state": "latest"}), ("gem", {"name": "a", "install_dir": "/x"}),
        ("gem", {"name": "a", "gem_source": "/x", "state": "latest"}), ("npm", {"name": "x"}),
        ("npm", {"path": "/x", "state": "absent"}), ("pipx", {}), ("pipx", {"name": "x", "state": "inject"}),
    ],
)  # fmt: skip
def test_wrong_arguments(name: str, args: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Node(driver.Shell(("dash",), tmp_path)).play(name, args)


@pytest.mark.parametrize("name", ["dnf", "ansible.builtin.systemd", "community.general.ufw", "iptables"])
def test_what_is_of_linux_says_so_where_it_is_reached(name: str, tmp_path: Path) -> None:
    result = Node(driver.Shell(("dash",), tmp_path)).play(name, {"name": "x", "anything": True})
    assert result.failed and "is Linux-only, not for a Mac" in (result.msg or "")


def test_modules_that_are_not_here_say_what_does_their_work(node: Node) -> None:
    result = node.play("mysql_db", {"name": "x"})
    assert result.failed and "there is no module community.mysql.mysql_db here" in (result.msg or "")
    result = node.play("mount_facts", {})
    assert result.failed and "there is no module mount_facts here; use a command task" in (result.msg or "")
