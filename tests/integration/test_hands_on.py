"""``orch node shell`` and ``tunnel`` on a real sshd, and hosts whose lease has ended."""

from __future__ import annotations

import os
import pty
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.chaos.conftest import sshd  # noqa: F401 - a fixture
from tests.contract.sshd import Sshd, free_port
from tests.integration.conftest import Orch


@pytest.fixture
def inventory(orch: Orch, sshd: Sshd) -> Path:  # noqa: F811
    path = orch.home / "hosts"
    path.write_text(
        f"node ansible_host=127.0.0.1 ansible_port={sshd.port} ansible_user={sshd.user} "
        f"ansible_ssh_private_key_file={sshd.key_file} "
        f"ansible_ssh_common_args='-o UserKnownHostsFile={sshd.known_hosts}'\n"
    )
    return path


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port that greets, and what was sent to it: empty while nobody came."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)

        def serve() -> None:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                line.sendall(b"hello\n")
                heard.append(line.recv(1000))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "orchestrator", *words]


def environment(orch: Orch) -> dict[str, str]:
    return {**os.environ, "ORCH_HOME": str(orch.home / "state"), "TERM": "dumb"}


@pytest.mark.needs_sshd
def test_a_shell_on_a_terminal(orch: Orch, inventory: Path) -> None:
    words = command("node", "shell", "node", "-i", str(inventory))
    pid, ours = pty.fork()
    if pid == 0:
        os.execve(sys.executable, words, environment(orch))
    said, deadline, is_asked = b"", time.monotonic() + 40, False
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 1)[0]:
            try:
                said += os.read(ours, 4096)
            except OSError:  # the terminal's other side is closed
                break
        elif said and not is_asked:  # the prompt is there
            os.write(ours, b"echo $((6 * 7)) there; exit 3\n")
            is_asked = True
    os.close(ours)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    assert b"42 there" in said


@pytest.mark.needs_sshd
@pytest.mark.parametrize(
    ("typed", "status", "out", "err"),
    [("", 0, "", ""), ("echo $((6 * 7)) there\necho oh >&2\nfalse", 1, "42 there\n", "oh\n"), ("exit 3\n", 3, "", "")],
)
def test_a_shell_without_a_terminal_ends_where_stdin_does(
    orch: Orch, inventory: Path, typed: str, status: int, out: str, err: str
) -> None:
    words = command("node", "shell", "node", "-i", str(inventory))
    told = subprocess.run(words, input=typed, capture_output=True, text=True, timeout=40, env=environment(orch))
    assert (told.returncode, told.stderr[-len(err) :]) == (status, err or told.stderr)
    assert told.stdout.endswith(out)


@pytest.mark.needs_sshd
def test_what_a_shell_without_a_terminal_prints_is_whole(orch: Orch, inventory: Path) -> None:
    words = command("node", "shell", "node", "-i", str(inventory))
    typed = "cat <<'end' | tr x y\n" + "x" * 70_000 + "\nend\nexit 0\n"
    told = subprocess.run(words, input=typed, capture_output=True, text=True, timeout=40, env=environment(orch))
    assert (told.returncode, told.stdout.count("y")) == (0, 70_000)


@pytest.mark.needs_sshd
def test_a_tunnel(orch: Orch, inventory: Path, listener: tuple[int, list[bytes]]) -> None:
    here, (there, heard) = free_port(), listener
    process = subprocess.Popen(
        command("node", "tunnel", "node", f"{here}:{there}", "-i", str(inventory), "--minutes", "1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(orch),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job is deaf to it
    )
    assert process.stdout is not None
    assert f"127.0.0.1:{here} → 127.0.0.1:{there}" in process.stdout.readline()
    with socket.create_connection(("127.0.0.1", here), timeout=10) as line:
        assert line.recv(100) == b"hello\n"
        line.sendall(b"thanks\n")
        assert line.recv(100) == b"", "who listens hangs up once it has heard"
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert heard == [b"thanks\n"]
    process.communicate()


def test_a_tunnel_whose_port_is_taken(orch: Orch, listener: tuple[int, list[bytes]]) -> None:
    (orch.home / "hosts").write_text("node ansible_host=127.0.0.1\n")
    told = orch("node", "tunnel", "node", f"{listener[0]}:22", "-i", "hosts")
    assert told.status == 1
    assert f"port {listener[0]} of this machine is taken" in told.stderr


@pytest.mark.parametrize("ports", ["", "0", "70000", "80:a:b:c", "80:-x:1", "80:$(id):1"])
def test_what_names_no_tunnel(orch: Orch, ports: str) -> None:
    (orch.home / "hosts").write_text("node\n")
    told = orch("node", "tunnel", "node", ports, "-i", "hosts")
    assert told.status == 1
    assert "names no tunnel" in told.stderr


def test_a_host_that_the_inventory_does_not_name(orch: Orch) -> None:
    (orch.home / "hosts").write_text("node\n")
    told = orch("node", "shell", "other", "-i", "hosts")
    assert told.status == 1
    assert "no host 'other'" in told.stderr


class TestLease:
    def test_after_its_end_nobody_is_dialled(self, orch: Orch, listener: tuple[int, list[bytes]]) -> None:
        port, heard = listener
        (orch.home / "hosts").write_text(
            f"away ansible_host=127.0.0.1 ansible_port={port} ansible_password=a-password-of-ours "
            "lease_until=2026-01-01T00:00:00Z\n"
        )
        told = orch.play("- hosts: all\n  tasks:\n    - command: id\n", "-i", "hosts")
        assert told.status == 4
        assert "the lease of away has ended" in told.stdout
        assert orch("node", "shell", "away", "-i", "hosts").status == 4
        assert heard == []

    @pytest.mark.parametrize("left_s", [4, 8])
    def test_in_the_middle_of_a_run(self, orch: Orch, left_s: float) -> None:
        """Of 8 s the first are enough to send the second task ahead, behind the first."""
        end = (datetime.now(UTC) + timedelta(seconds=left_s)).isoformat()
        (orch.home / "hosts").write_text(f"here ansible_connection=local lease_until={end}\n")
        tasks = f"    - command: sleep {left_s + 0.5}\n    - command: touch late\n"
        play = f"- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}"
        told = orch.play(play, "-i", "hosts")
        assert told.status == 4, told
        assert "the lease of here has ended" in told.stdout
        assert "changed: [here]" in told.stdout
        assert not (orch.home / "late").exists()

    def test_a_moment_without_a_zone_is_refused(self, orch: Orch) -> None:
        (orch.home / "hosts").write_text("here ansible_connection=local lease_until=2026-01-01\n")
        told = orch.play("- hosts: all\n  gather_facts: false\n  tasks:\n    - command: id\n", "-i", "hosts")
        assert told.status != 0
        assert "names no moment" in told.stdout + told.stderr
