"""Other users' shells: sudo's prompt, the password on stdin, and each way it can be refused."""

import getpass
import os
import shutil
import stat
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.model.errors import AccessDenied, HostError, NodeFault
from orchestrator.model.program import Run, Script
from orchestrator.model.secrets import Secret
from orchestrator.transport.base import Become, Limits
from orchestrator.transport.connection import NodeConnection
from tests.contract.conftest import FRONTS, Machine, MakeMachine, play

PASSWORD = "it's a \\ password"
FAKE_SUDO = r"""#!/bin/sh
# Takes what our command line has of sudo(8), asks for the password as sudo does, and keeps its argv to be looked at.
printf '%s\n' "$*" >>"$0.argv"
asks=yes
while :; do
	case $1 in
	-S | -H | -E) shift ;;
	-n) asks=no; shift ;;
	-p) prompt=$2; shift 2 ;;
	-u) user=$2; shift 2 ;;
	--) shift; break ;;
	*) echo "sudo: bad option $1" >&2; exit 1 ;;
	esac
done
case $user in
slow) sleep 30 ;;
nobody-such) echo "sudo: unknown user: $user" >&2; exit 1 ;;
forbidden) printf '%s' "$prompt" >&2; IFS= read -r _; echo "Sorry, user me is not allowed to execute" >&2; exit 1 ;;
esac
[ $asks = yes ] || { echo "sudo: a password is required" >&2; exit 1; }
echo "We trust you have received the usual lecture." >&2
for _ in 1 2 3; do
	printf '%s' "$prompt" >&2
	IFS= read -r given || { echo "sudo: no password was provided" >&2; exit 1; }
	[ "$given" = "PASSWORD" ] && HOME=/become/$user && export HOME && exec "$@"
	echo "Sorry, try again." >&2
done
echo "sudo: 3 incorrect password attempts" >&2
exit 1
"""
WHO = Script("who", 'who() { say home "$HOME"; say lc "${LC_ALL-none}"; id -u; }')


@pytest.fixture
def sudo(tmp_path: Path) -> Path:
    path = tmp_path / "tools" / "sudo"
    path.parent.mkdir()
    path.write_text(FAKE_SUDO.replace("PASSWORD", PASSWORD.replace("\\", "\\\\")))
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return path


@pytest.fixture(params=FRONTS)
def machine(request: pytest.FixtureRequest, make_machine: MakeMachine) -> Machine:
    return make_machine(request.param, "")


def as_user(sudo: Path, user: str = "gateway", password: str | None = PASSWORD) -> Become:
    secret = None if password is None else Secret(password)
    return Become(user=user, password=secret, exe=str(sudo), flags="-H -S -n -E")


def test_becoming_another_user_is_paid_once(machine: Machine, sudo: Path) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"content"

    async def work(connection: NodeConnection) -> None:
        become, program = as_user(sudo), Run(main="who", scripts=(WHO,))
        for key in ("a", "b"):
            reply = await connection.run(key, program, become, timeout_s=20)
            assert reply.said == (("home", "/become/gateway"), ("lc", "none"))
        own = await connection.run("c", program, timeout_s=20)
        assert own.first("home") == os.environ["HOME"]
        assert sudo.with_name("sudo.argv").read_text().count("\n") == 1
        await connection.upload(pieces(), str(sudo.with_name("up")), become)
        assert [chunk async for chunk in connection.download(str(sudo.with_name("up")), become)] == [b"content"]

    play(machine, work)
    argv = sudo.with_name("sudo.argv").read_text()
    assert (
        PASSWORD not in argv
        and " -n " not in argv.partition(" -- ")[0]
        and argv.startswith("-H -E -S -p orch-password-")
    )


@pytest.mark.parametrize(
    ("user", "password", "words", "hint"),
    [
        ("gateway", "wrong", "refused the password", "become_password"),
        ("gateway", None, "asks for a password and none was given", "-K"),
        ("forbidden", PASSWORD, "does not allow this", "sudoers"),
        ("nobody-such", PASSWORD, "knows no such user", "become_user"),
        ("slow", PASSWORD, "did not come through within 1 s", "slow"),
    ],
)
def test_refusals_are_told_apart(
    make_machine: MakeMachine, sudo: Path, user: str, password: str | None, words: str, hint: str
) -> None:
    async def work(connection: NodeConnection) -> None:
        with pytest.raises(AccessDenied) as caught:
            await connection.run("k", Run(main=":"), as_user(sudo, user, password), timeout_s=20)
        assert words in caught.value.message
        assert hint in (caught.value.hint or "")
        assert PASSWORD not in str(caught.value)
        assert (await connection.run("l", Run(main=":"), timeout_s=20)).rc == 0

    play(make_machine("local", ""), work, Limits(open_s=1.0 if user == "slow" else 15.0))


@pytest.mark.parametrize(
    ("become", "error"),
    [
        (Become(exe="/nowhere/sudo"), NodeFault),
        (Become(method="doas"), NodeFault),
        (Become(method="su", password=Secret("x")), NodeFault),
    ],
)
def test_methods_that_cannot_work_say_so(make_machine: MakeMachine, become: Become, error: type[HostError]) -> None:
    async def work(connection: NodeConnection) -> None:
        with pytest.raises(error) as caught:
            await connection.run("k", Run(main=":"), become, timeout_s=20)
        assert "sudo" in (caught.value.hint or "")

    play(make_machine("local", ""), work)


@pytest.mark.skipif(os.getuid() != 0, reason="su without a password needs root")
def test_su_from_root(make_machine: MakeMachine) -> None:
    async def work(connection: NodeConnection) -> None:
        reply = await connection.run("k", Run(main="who", scripts=(WHO,)), Become(method="su"), timeout_s=20)
        assert reply.stdout == b"0\n"

    play(make_machine("local", ""), work)


def real_sudo_works() -> bool:
    sudo = shutil.which("sudo")
    command = [sudo or "false", "-n", "-u", getpass.getuser(), "true"]
    return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0


@pytest.mark.skipif(not real_sudo_works(), reason="needs a sudo that asks for nothing")
@pytest.mark.parametrize("kind", FRONTS)
def test_real_sudo(make_machine: MakeMachine, kind: str) -> None:
    async def work(connection: NodeConnection) -> None:
        become = Become(user=getpass.getuser())
        reply = await connection.run("k", Run(main="who", scripts=(WHO,)), become, timeout_s=20)
        assert reply.stdout == f"{os.getuid()}\n".encode()
        with pytest.raises(AccessDenied, match="no such user"):
            await connection.run("l", Run(main=":"), Become(user="nobody-such"), timeout_s=20)

    play(make_machine(kind, ""), work)
