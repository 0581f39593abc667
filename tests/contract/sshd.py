"""A real OpenSSH sshd on the loopback, with keys and configuration of its own, ended by its pid."""

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.transport.base import Address

CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host_key
PidFile {home}/sshd.pid
AuthorizedKeysFile {home}/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitRootLogin yes
MaxStartups 100
LogLevel {log_level}
# bash reads ~/.bashrc for ssh's commands, unless it is told that a shell is around it
SetEnv SHLVL=1
{more}
"""


@dataclass
class Sshd:
    """The server, and what a client needs to log in as the user who runs the tests."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def user(self) -> str:
        return getpass.getuser()

    @property
    def key_file(self) -> str:
        return str(self.home / "user_key")

    @property
    def known_hosts(self) -> Path:
        return self.home / "known_hosts"

    def address(self, **changes: object) -> Address:
        """Where it listens; ``changes`` replace fields of the address."""
        fields: dict[str, object] = {
            "name": "node",
            "host": "127.0.0.1",
            "port": self.port,
            "user": self.user,
            "key_files": (self.key_file,),
            "known_hosts": (str(self.known_hosts),),
            "ssh_config": ("/dev/null",),
            **changes,
        }
        return Address(**fields)  # type: ignore[arg-type]

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(5)


def make_key(path: Path, kind: str = "ed25519") -> str:
    """A new key pair at ``path``; returns the public line."""
    keygen = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(keygen, check=True, timeout=20)
    return path.with_name(path.name + ".pub").read_text().strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_sshd(home: Path, more: str = "", log_level: str = "ERROR", words: Sequence[str] = ()) -> Sshd:
    """A server that answers; ``more`` is further configuration, ``words`` are further ones of the command line."""
    home.mkdir(parents=True, exist_ok=True)
    Path("/run/sshd").mkdir(exist_ok=True)  # sshd wants it for privilege separation where it runs as root
    (home / "authorized_keys").write_text(make_key(home / "user_key") + "\n")
    host_key = make_key(home / "host_key")
    port = free_port()
    (home / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}\n")
    (home / "sshd_config").write_text(CONFIG.format(port=port, home=home, more=more, log_level=log_level))
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin")
    assert sshd, "tests marked needs_sshd are skipped where there is none"
    command = [sshd, "-D", "-e", "-f", str(home / "sshd_config"), *words]
    with (home / "sshd.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    wait_until_it_listens(port, process)
    return Sshd(home, port, process)


def wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("sshd did not start")
