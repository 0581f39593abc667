"""The same key on other hardware is another machine: told before a task and sudo's password, by both libraries."""

import asyncio
import dataclasses
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.model.errors import IdentityError
from orchestrator.model.events import Said
from orchestrator.model.program import Run, Script
from orchestrator.model.secrets import Secret
from orchestrator.transport.base import Become, Limits
from orchestrator.transport.compose import one_line
from tests.contract.conftest import SHELLS, Machine, called_sh
from tests.contract.sshd import Sshd

pytestmark = pytest.mark.needs_sshd

FIRST, SECOND = "0A1B2C3D-1111-2222-3333-444455556666", "5E6F7081-1111-2222-3333-444455556666"
IOREG = """\
#!/bin/sh
cat <<'.'
+-o J413AP  <class IOPlatformExpertDevice, id 0x100000228, registered, matched, active, busy 0 (4 ms), retain 38>
    {{
      "IOPolledInterface" = "AppleARMWatchdogTimerHibernateHandler is not serializable"
      "compatible" = <"J413AP","Mac14,2","AppleARM">
      "IOPlatformSerialNumber" = "XXXXXXXXXX"
      "IOPlatformUUID" = "{uuid}"
      "target-type" = <"J413*">
    }}
.
"""
SUDO = """\
#!/bin/sh
# as sudo: with -S asks and reads one line; becomes nobody else
prompt=
while [ "$1" != -- ]; do
	[ "$1" != -p ] || prompt=$2
	shift
done
shift
[ -n "$prompt" ] || exec "$@"
printf %s "$prompt" >&2
IFS= read -r password || exit 1
printf '%s\\n' "$password" >>"${0%/*}/passwords"
exec "$@"
"""


MARK = Script("mark", 'mark() { true >"$mark"; }')


class Hardware:
    """A host whose ioreg and sudo are ours, at the beginning of its shell's PATH."""

    def __init__(self, sshd: Sshd, home: Path) -> None:
        self.home = home
        self.passwords = home / "tools/passwords"
        self.machines = home / "known_hosts.machines"
        self._mark = home / "ran"
        self._sshd = sshd
        (home / "tools").mkdir()
        self._tool("shell", f'#!/bin/sh\nPATH={home}/tools:$PATH\nexec sh "$@"\n')
        self._tool("sudo", SUDO)
        (home / "known_hosts").write_text(sshd.known_hosts.read_text())

    def is_now(self, uuid: str | None) -> None:
        """Other hardware from now on; None: it does not say which, as Linux."""
        self._tool("ioreg", IOREG.format(uuid=uuid) if uuid else "#!/bin/sh\nexit 1\n")

    def by(self, kind: str, **changes: object) -> Machine:
        fields = {"known_hosts": (str(self.home / "known_hosts"),), "shell": str(self.home / "tools/shell"), **changes}
        return Machine(kind, self._sshd.address(tmp=str(self.home), **fields), self.home)

    def attempt(self, kind: str, become: Become | None = None, **changes: object) -> list[tuple[str, str]]:
        """What is said during one task by a new connection; raises what it raises."""
        machine = self.by(kind, **changes)

        async def whole() -> None:
            connection = machine.connect(limits=Limits(connect_s=5))
            try:
                program = Run(main="mark", values={"mark": str(self._mark)}, scripts=(MARK,))
                assert (await connection.run("k", program, become, timeout_s=20)).rc == 0
            finally:
                await machine.close()

        self._mark.unlink(missing_ok=True)
        asyncio.run(whole())
        assert self._mark.exists()
        return [(event.level, event.text) for event in machine.events if isinstance(event, Said)]

    def refusal(self, kind: str, become: Become | None = None) -> IdentityError:
        """Why nothing was done, and nothing was."""
        with pytest.raises(IdentityError) as caught:
            self.attempt(kind, become)
        assert not self._mark.exists()
        assert not list(self.home.glob(".orch-*")), "not even a spool was made"
        return caught.value

    def _tool(self, name: str, text: str) -> None:
        (self.home / "tools" / name).write_text(text)
        (self.home / "tools" / name).chmod(0o755)


@pytest.fixture
def hardware(sshd: Sshd, tmp_path: Path) -> Hardware:
    return Hardware(sshd, tmp_path)


@pytest.fixture(params=["ssh", "fabric"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_first_meeting_is_remembered_and_said_to_who_asks(kind: str, hardware: Hardware) -> None:
    hardware.is_now(FIRST)
    ((level, text),) = hardware.attempt(kind)
    assert level == "note" and FIRST[:8] in text and FIRST not in text
    assert hardware.machines.stat().st_mode & 0o777 == 0o600
    assert hardware.machines.read_text().split()[2] == FIRST
    assert hardware.attempt(kind) == [], "it is said once"


def test_other_hardware_with_the_same_key_is_refused(kind: str, hardware: Hardware) -> None:
    hardware.is_now(FIRST)
    hardware.attempt(kind)
    hardware.is_now(SECOND)
    error = hardware.refusal(kind)
    assert "is another machine" in error.message
    assert FIRST[:8] in str(error.evidence) and SECOND[:8] in str(error.evidence) and SECOND not in str(error)
    assert str(hardware.machines) in str(error.evidence) and "take its line out of that file" in str(error.hint)
    ((level, text),) = hardware.attempt(kind, host_key_checking=False)
    assert level == "warning" and "host keys are not checked" in text
    hardware.machines.unlink()
    assert hardware.attempt(kind), "now it is the machine that is known"
    assert hardware.attempt(kind) == []


def test_no_password_leaves_for_another_machine(kind: str, hardware: Hardware) -> None:
    become = Become(user="root", password=Secret("canary-17"))
    hardware.is_now(FIRST)
    hardware.attempt(kind, become)
    assert hardware.passwords.read_text() == "canary-17\n"
    hardware.passwords.unlink()
    hardware.is_now(SECOND)
    hardware.refusal(kind, become)
    assert not hardware.passwords.exists()
    hardware.refusal(kind, dataclasses.replace(become, password=None))


def test_what_is_not_known_is_never_refused(kind: str, hardware: Hardware) -> None:
    hardware.is_now(None)
    assert hardware.attempt(kind) == []
    assert not hardware.machines.exists()
    hardware.is_now(FIRST)
    hardware.attempt(kind)
    hardware.is_now(None)
    assert hardware.attempt(kind) == []


def test_a_file_is_not_sent_to_a_machine_that_nobody_knows(kind: str, hardware: Hardware) -> None:
    hardware.is_now(FIRST)
    hardware.attempt(kind)
    hardware.is_now(SECOND)
    target = hardware.home / "file"
    machine = hardware.by(kind)

    async def content() -> AsyncIterator[bytes]:
        yield b"secret"

    async def whole() -> None:
        try:
            with pytest.raises(IdentityError):
                await machine.connect().upload(content(), str(target))
        finally:
            await machine.close()

    asyncio.run(whole())
    assert not target.exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_finds_the_word(shell: str, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "ioreg").write_text(IOREG.format(uuid=FIRST))
    (tools / "ioreg").chmod(0o755)
    words = [
        str(called_sh(tmp_path, shell)),
        "-c",
        one_line("machine.sh") + ' exec "$@"',
        "orch.machine",
        "NONCE",
        "printf",
        "%s|",
        "a *",
        "b",
    ]
    done = subprocess.run(words, env={"PATH": f"{tools}:/usr/bin:/bin"}, capture_output=True, text=True, timeout=20)
    assert (done.stdout, done.stderr) == (f"\nNONCE machine {FIRST}\na *|b|", "")
