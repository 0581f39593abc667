"""keychain_reset and browser_reset on a simulated Mac: undo, idempotence, refusals, and nothing else touched."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.model.program import Run
from orchestrator.model.results import Outcome
from orchestrator.model.secrets import Secret
from orchestrator.sim.faults import switch
from orchestrator.sim.fleet import SimNode
from orchestrator.sim.mac import SimMac, session_environment
from tests.contract.driver import FakeContext
from tests.contract.macos import MacNode, macs, node_of

PASSWORD = 'pa"ss \\w $x'
CHROME = "Library/Application Support/Google/Chrome"


@pytest.fixture
def mac(tmp_path: Path) -> Iterator[SimNode]:
    with macs(tmp_path / "sim", SimMac("m26", gateway=False)) as nodes:
        yield nodes["m26"]


def keychains(mac: SimNode) -> list[str]:
    return sorted(path.name for path in (mac.dir.home / "Library/Keychains").iterdir())


def fresh(node: MacNode, *, check: bool = False, **args: Any) -> Any:
    wanted = {"keychain": "rehearsal", "state": "fresh", "password": PASSWORD, **args}
    return node.play("keychain_reset", wanted, FakeContext(check=check))


def absent(node: MacNode, **args: Any) -> Any:
    return node.play("keychain_reset", {"keychain": "rehearsal", **args})


def test_a_keychain_lives_through_a_rehearsal_and_leaves_nothing(mac: SimNode) -> None:
    node = node_of(mac)
    before = absent(node)
    assert before.outcome is Outcome.OK
    assert fresh(node, check=True).changed and keychains(mac) == ["login.keychain-db"]
    made = fresh(node, default=True)
    assert made.changed and made.data["items"] == 0
    assert made.data["default"].endswith("rehearsal.keychain-db")
    assert made.data["search_list"][0] == made.data["file"]
    assert fresh(node, default=True).outcome is Outcome.OK
    gone = absent(node)
    assert gone.changed and keychains(mac) == ["login.keychain-db"]
    assert (gone.data["search_list"], gone.data["default"]) == (before.data["search_list"], before.data["default"])
    assert absent(node).outcome is Outcome.OK


def test_a_used_keychain_is_made_anew(mac: SimNode) -> None:
    node = node_of(mac)
    fresh(node)
    used = {"cmd": "security add-generic-password -s x -a y -w z rehearsal.keychain-db"}
    assert node.play("shell", used).data["rc"] == 0
    again = fresh(node)
    assert again.data["changed_fields"] == ["keychain"] and again.data["items"] == 0
    assert fresh(node, password="another").changed
    assert fresh(node, password="another", lock_after_s=600, lock_on_sleep=True).changed
    assert fresh(node, password="another", lock_after_s=600, lock_on_sleep=True).outcome is Outcome.OK


def test_only_the_lists_are_put_right_where_the_keychain_is_fine(mac: SimNode) -> None:
    node = node_of(mac)
    fresh(node, search=False)
    moved = fresh(node, search=True, default=True)
    assert moved.data["changed_fields"] == ["search_list", "default"]


def test_an_interrupted_reset_is_finished_by_the_next(mac: SimNode) -> None:
    node = node_of(mac)
    fresh(node, default=True)
    (mac.dir.home / "Library/Keychains/rehearsal.keychain-db").unlink()
    ended = absent(node)
    assert ended.changed and keychains(mac) == ["login.keychain-db"]
    assert ended.data["default"].endswith("login.keychain-db")
    assert all("rehearsal" not in path for path in ended.data["search_list"])


def test_the_password_is_in_no_argument_and_in_no_result(mac: SimNode) -> None:
    node = node_of(mac)
    made = fresh(node)
    assert PASSWORD not in str(made)
    runs = [request for request in node.asked if isinstance(request, Run)]
    assert all(isinstance(request.values["password_quoted"], Secret) for request in runs)


def test_the_login_keychain_needs_the_host_s_name_typed_out(mac: SimNode) -> None:
    node = node_of(mac)
    for name in ("login", "login.keychain-db", "~/Library/Keychains/login.keychain-db"):
        for consent in ({}, {"allow_login_reset": "another"}):
            refused = node.play("keychain_reset", {"keychain": name, **consent})
            assert refused.failed and "allow_login_reset: mac1" in str(refused.msg)
            assert node.asked == []
    consent = {"keychain": "login", "state": "fresh", "password": "admin", "allow_login_reset": "mac1"}
    used = {"cmd": "security unlock-keychain -p admin && security add-generic-password -s x -a y -w z"}
    assert node.play("shell", used).data["rc"] == 0
    done = node.play("keychain_reset", consent)
    assert done.changed and "log out" in str(done.msg), done.msg
    assert keychains(mac)[-1] == "login.keychain-db"


def test_a_running_browser_keeps_the_login_keychain(mac: SimNode) -> None:
    with browser(mac):
        consent = {"keychain": "login", "allow_login_reset": "mac1"}
        refused = node_of(mac).play("keychain_reset", consent)
    assert refused.failed and "browser_reset" in str(refused.msg)


def test_a_hanging_security_is_a_dialog_on_the_screen(mac: SimNode) -> None:
    switch(mac.dir.root, security_hangs_s=15.0)
    hung = node_of(mac).play("keychain_reset", {"keychain": "rehearsal", "limit_s": 1})
    assert hung.failed and "dialog may be on the screen" in str(hung.msg)


@pytest.mark.parametrize(
    "args",
    [
        {"keychain": "/Library/Keychains/System.keychain"},
        {"keychain": 'a"b'},
        {"keychain": "a", "state": "fresh"},
        {"keychain": "a", "password": "x\ny"},
        {"keychain": "a", "password": "x" * 1001},
    ],
)
def test_senseless_keychain_arguments_are_refused(mac: SimNode, args: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        node_of(mac).play("keychain_reset", args)


class browser:  # noqa: N801 - reads as what it is: with browser(mac) as process
    """A process of the Mac's that goes by Chrome's name, with the lock that Chrome leaves."""

    def __init__(self, mac: SimNode, *words: str) -> None:
        program = mac.dir.root / "Google Chrome"
        if not program.exists():
            shutil.copy(shutil.which("sleep") or "", program)
        self.process = subprocess.Popen([str(program), "30", *words], env=session_environment(mac.mac, mac.dir))
        threading.Thread(target=self.process.wait, daemon=True).start()  # else it stays as a zombie, which seems alive
        lock = mac.dir.home / CHROME / "SingletonLock"
        if not lock.is_symlink():
            lock.symlink_to(f"{mac.mac.name}.local-{self.process.pid}")

    def __enter__(self) -> "subprocess.Popen[bytes]":
        return self.process

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(5)


def test_a_browser_is_quit_cleared_and_a_second_run_changes_nothing(mac: SimNode) -> None:
    node, home = node_of(mac), mac.dir.home
    with browser(mac) as process:
        predicted = node.play("browser_reset", {"browsers": ["chrome"]}, FakeContext(check=True))
        assert predicted.changed and process.poll() is None
        done = node.play("browser_reset", {"browsers": ["chrome"]})
        assert done.changed, done.msg
        assert done.data["browsers"][0]["quit_pids"] == [process.pid]
        assert process.wait(5) == -15
    left = sorted(path.name for path in (home / CHROME).rglob("*") if path.is_file())
    assert left == ["Local State", "Login Data", "Preferences"]
    assert not (home / CHROME / "SingletonLock").is_symlink()
    assert list(home.rglob(".orch-gone*")) == []
    assert node.play("browser_reset", {"browsers": ["chrome"]}).outcome is Outcome.OK


def test_only_the_classes_asked_for_are_cleared(mac: SimNode) -> None:
    node_of(mac).play("browser_reset", {"browsers": ["chrome", "firefox"], "clear": ["cookies"]})
    default = mac.dir.home / CHROME / "Default"
    assert not (default / "Cookies").exists() and (default / "History").exists()
    assert not list(mac.dir.home.rglob("cookies.sqlite"))


def test_what_macos_does_not_show_is_unknown_and_not_clean(mac: SimNode) -> None:
    node = node_of(mac)
    refused = node.play("browser_reset", {"browsers": ["safari", "firefox"]})
    assert refused.failed and "Full Disk Access" in str(refused.msg)
    assert any(path.endswith("Library/Safari") for path in refused.data["not_permitted"])
    assert (mac.dir.home / "Library/Safari/History.db").exists()
    assert not list(mac.dir.home.rglob("cookies.sqlite")), "the others are reset all the same"
    reported = node.play("browser_reset", {"browsers": ["safari"], "denied": "report"})
    assert not reported.failed and reported.data["not_permitted"]
    switch(mac.dir.root, denied=())
    assert node.play("browser_reset", {"browsers": ["safari"]}).changed
    assert not (mac.dir.home / "Library/Safari/History.db").exists()
    assert (mac.dir.home / "Library/Safari/Bookmarks.plist").exists()


def test_own_data_directories_and_those_who_use_them(mac: SimNode) -> None:
    node, own = node_of(mac), mac.dir.home / "work dir/user data"
    (own / "Default/Local Storage").mkdir(parents=True)
    (own / "Profile 2/Network").mkdir(parents=True)
    (own / "Profile 2/Network/Cookies").write_text("x")
    (own / "Default/Extensions").mkdir()
    args = {"user_data_dirs": [str(own)], "quit_s": 5}
    with browser(mac, "sleep", f"--user-data-dir={own}"):
        pass
    done = node.play("browser_reset", args)
    assert done.changed and done.data["cleared"] == 2, done.msg
    assert (own / "Default/Extensions").exists()
    assert node.play("browser_reset", {"user_data_dirs": ["~/work dir/user data/"]}).outcome is Outcome.OK


def test_a_browser_that_does_not_quit_is_left_alone_unless_forced(mac: SimNode) -> None:
    node = node_of(mac)
    program = mac.dir.root / "Google Chrome"
    shutil.copy(shutil.which("sleep") or "", program)
    stubborn = ["/bin/sh", "-c", 'trap "" TERM; exec "$1" 30', "sh", str(program)]
    process = subprocess.Popen(stubborn, env=session_environment(mac.mac, mac.dir))
    try:
        left = node.play("browser_reset", {"browsers": ["chrome"], "quit_s": 1})
        assert left.failed and "did not quit" in str(left.msg)
        assert (mac.dir.home / CHROME / "Default/Cookies").exists()
        forced = node.play("browser_reset", {"browsers": ["chrome"], "quit_s": 1, "force": True})
        assert forced.changed and process.wait(5) == -9
    finally:
        process.kill()
        process.wait(5)


@pytest.mark.parametrize(
    "args", [{}, {"browsers": ["lynx"]}, {"browsers": ["chrome"], "clear": ["all"]}, {"user_data_dirs": ["relative"]}]
)
def test_senseless_browser_arguments_are_refused(mac: SimNode, args: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        node_of(mac).play("browser_reset", args)
