"""security: texts and exit statuses against recordings, lock state by session."""

import time
from collections.abc import Callable

import pytest

from orchestrator.sim import faults
from tests.sim_said import Said
from tests.unit.sim.desk import Desk, recording

LOGIN = "login.keychain-db"


def text(name: str) -> str:
    return recording(name).rstrip() + "\n"


def test_the_search_list_is_printed_as_recorded(desk: Desk) -> None:
    path = desk.home / "Library/Keychains" / LOGIN
    assert path.stat().st_mode & 0o777 == 0o600
    said = desk.call("security", "list-keychains")
    recorded = recording("security-list-keychains/login-and-system").splitlines()
    assert said.out.splitlines() == [f'    "{path}"', recorded[1]]
    assert desk.call("security", "list-keychains", "-d", "user").out == f'    "{path}"\n'
    assert desk.call("security", "default-keychain", "-d", "user").out == f'    "{path}"\n'
    assert desk.call("security", "login-keychain").out == f'    "{path}"\n'


def test_login_is_locked_over_ssh_and_open_in_the_gui(desk: Desk) -> None:
    locked = desk.call("security", "show-keychain-info", LOGIN)
    assert (locked.out, locked.err, locked.code) == ("", text("security-show-keychain-info/locked-over-ssh"), 36)
    path = str(desk.home / "Library/Keychains" / LOGIN)
    gui = desk.call("security", "show-keychain-info", path, SIM_SESSION="gui")
    words = text("security-show-keychain-info/no-timeout").partition('db" ')[2]
    assert (gui.err, gui.code) == (f'Keychain "{path}" {words}', 0)
    faults.switch(desk.dir.root, keychain_locked=True)
    assert desk.call("security", "show-keychain-info", path, SIM_SESSION="gui").code == 36


def test_an_unlock_belongs_to_one_session(desk: Desk) -> None:
    wrong = desk.call("security", "unlock-keychain", "-p", "wrong", LOGIN)
    assert wrong.err == text("security-unlock-keychain/wrong-password").replace("test-unlock", LOGIN)
    assert wrong.code == 51
    assert desk.call("security", "unlock-keychain", LOGIN, stdin="admin\n").code == 0
    assert desk.call("security", "show-keychain-info", LOGIN).code == 0
    assert desk.call("security", "show-keychain-info", LOGIN, SIM_SESSION="ssh 2").code == 36
    assert desk.call("security", "lock-keychain", LOGIN).code == 0
    assert desk.call("security", "show-keychain-info", LOGIN).code == 36
    assert desk.call("security", "unlock-keychain", "-p", "admin").code == 0
    assert desk.call("security", "lock-keychain", "-a").code == 0
    assert desk.call("security", "show-keychain-info").code == 36


def test_a_keychain_is_made_set_and_deleted(desk: Desk) -> None:
    name = "build.keychain"
    assert desk.call("security", "create-keychain", "-p", "pw", name).code == 0
    exists = desk.call("security", "create-keychain", "-p", "pw", name)
    assert (exists.err, exists.code) == (text("security-create-keychain/exists"), 48)
    info = desk.call("security", "show-keychain-info", name)
    assert info.err.endswith('" ' + text("security-show-keychain-info/lock-on-sleep-timeout").partition('db" ')[2])
    assert desk.call("security", "set-keychain-settings", "-u", "-t", "900", name).code == 0
    assert desk.call("security", "show-keychain-info", name).err == f'Keychain "{name}" timeout=900s\n'
    desk.call("security", "set-keychain-settings", name)
    assert desk.call("security", "show-keychain-info", name).err == f'Keychain "{name}" no-timeout\n'
    assert desk.call("security", "set-keychain-password", "-o", "pw", "-p", "new", name).code == 0
    assert desk.call("security", "set-keychain-password", "-o", "pw", "-p", "new", name).code == 51
    desk.call("security", "list-keychains", "-d", "user", "-s", name, LOGIN)
    desk.call("security", "default-keychain", "-s", name)
    assert "build.keychain-db" in desk.call("security", "default-keychain").out
    assert desk.call("security", "delete-keychain", name).code == 0
    assert "build" not in desk.call("security", "list-keychains").out
    assert LOGIN in desk.call("security", "default-keychain").out
    gone = desk.call("security", "delete-keychain", name)
    assert (gone.err, gone.code) == (text("security-delete-keychain/missing"), 50)
    assert desk.call("security", "unlock-keychain", "-p", "x", name).code == 50
    assert desk.call("security", "set-keychain-settings", LOGIN).code == 36
    assert desk.call("security", "create-keychain", "asked", stdin="a\na\n").code == 0
    assert desk.call("security", "create-keychain", "unsure", stdin="a\nb\n").code == 1
    (desk.home / "Library/Keychains/odd-db").write_text("[]")
    assert desk.call("security", "unlock-keychain", "-p", "x", "odd-db").code == 49
    desk.call("security", "default-keychain", "-s")
    assert desk.call("security", "default-keychain").code == 37


@pytest.fixture
def opened(desk: Desk) -> Callable[..., Said]:
    assert desk.call("security", "unlock-keychain", "-p", "admin", LOGIN).code == 0
    return lambda *argv, **more: desk.call("security", *argv, **more)


def test_items_are_kept_and_found(opened: Callable[..., Said]) -> None:
    assert opened("add-generic-password", "-s", "svc", "-a", "me", "-w", "s3cret").code == 0
    assert opened("add-generic-password", "-s", "svc", "-a", "me", "-w", "x").code == 45
    assert opened("add-generic-password", "-U", "-s", "svc", "-a", "me", "-w", "newer").code == 0
    assert opened("find-generic-password", "-s", "svc", "-w").out == "newer\n"
    found = opened("find-generic-password", "-s", "svc", "-g")
    assert '"svce"<blob>="svc"' in found.out
    assert found.err == 'password: "newer"\n'
    assert "newer" not in opened("dump-keychain", LOGIN).out
    assert opened("add-generic-password", "-s", "asked", "-a", "me", "-w", stdin="p\np\n").code == 0
    assert opened("find-generic-password", "-s", "asked", "-w").out == "p\n"
    assert opened("delete-generic-password", "-s", "svc").code == 0
    missing = opened("find-generic-password", "-s", "svc", "-w")
    assert (missing.err, missing.code) == (text("security-find-generic-password/not-found"), 44)
    assert opened("delete-generic-password", "-s", "svc").code == 44


def test_a_locked_keychain_shows_attributes_but_no_secret(desk: Desk, opened: Callable[..., Said]) -> None:
    opened("add-generic-password", "-s", "svc", "-a", "me", "-w", "s3cret")
    secret = opened("find-generic-password", "-s", "svc", "-w", SIM_SESSION="ssh 2")
    assert (secret.err, secret.code) == (text("security-find-generic-password/interaction-not-allowed-36"), 36)
    assert opened("find-generic-password", "-s", "svc", SIM_SESSION="ssh 2").code == 0
    assert opened("add-generic-password", "-s", "x", "-a", "y", "-w", "z", SIM_SESSION="ssh 2").code == 36
    assert opened("delete-generic-password", "-s", "svc", SIM_SESSION="ssh 2").code == 36


def test_a_batch_names_each_failed_command(desk: Desk) -> None:
    batch = f'unlock-keychain -p "wrong" {LOGIN}\n\nunlock-keychain -p "admin" {LOGIN}\nshow-keychain-info {LOGIN}\n'
    said = desk.call("security", "-i", stdin=batch)
    assert text("reconstructed/security-interactive/failed-command") in said.err
    assert said.code == 0
    assert desk.call("security", "-i", stdin=batch.splitlines()[0]).code == 51
    assert desk.call("security", "-i", stdin="frobnicate\n").code == 2


@pytest.mark.parametrize(("major", "name"), [(15, "wrong-keychain-password-old"), (26, "wrong-keychain-password-new")])
def test_partition_list_refuses_in_the_words_of_its_release(
    desk_of: Callable[[int], Desk], major: int, name: str
) -> None:
    said = desk_of(major).call("security", "set-key-partition-list", "-S", "apple:", "-s", "-k", "WRONG", LOGIN)
    assert (said.err, said.code) == (text(f"security-set-key-partition-list/{name}"), 1)


def test_small_verbs(desk: Desk) -> None:
    error = desk.call("security", "error", "-25308")
    assert (error.out, error.code) == (text("reconstructed/security-error/interaction-not-allowed"), 1)
    assert desk.call("security", "dump-trust-settings", "-d").err == text("security-dump-trust-settings/none")
    assert desk.call("security", "set-key-partition-list", "-S", "apple:", "-s", "-k", "admin", LOGIN).code == 0
    assert desk.call("security").code == 2
    assert desk.call("security", "frobnicate").code == 2


def test_a_hanging_security_takes_its_time(desk: Desk) -> None:
    faults.switch(desk.dir.root, security_hangs_s=0.2)
    started_s = time.monotonic()
    desk.call("security", "list-keychains")
    assert time.monotonic() - started_s >= 0.2
