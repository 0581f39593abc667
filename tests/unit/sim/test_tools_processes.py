"""ps, pgrep, pkill, netstat, lsof over real processes; sudo's refusals; launchctl and its server."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator.sim import gateway, sweep
from orchestrator.sim.fleet import free_port
from orchestrator.sim.launchd import server
from orchestrator.sim.mac import MacDir, SimMac, session_environment
from orchestrator.sim.tools import main
from tests.sim_said import Said, in_loop
from tests.unit.sim.desk import Desk, recording

LIMIT_S = 10.0
# Reads a name and a pid from the right of a row, whatever the release put before them.
ROW = re.compile(r"\s(?:(\S+):)?(\d+)(?:\s+(\d+))?\s+[0-9a-f]{5}\s+[0-9a-f]{8}\s")


class Guest:
    """A gateway that runs as a process of the Mac on the desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, gateway.__file__, "--port", str(self.port)],
            env={**os.environ, **session_environment(desk.mac, desk.dir)}, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout
        assert b"listening" in self.process.stdout.readline()

    @property
    def pid(self) -> str:
        return str(self.process.pid)

    def end(self) -> None:
        sweep.sweep(self.desk.dir.root)
        assert self.process.wait(LIMIT_S) == 0
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture
def guest(desk: Desk) -> Iterator[Guest]:
    found = Guest(desk)
    yield found
    found.end()


def test_ps_has_the_recorded_columns(guest: Guest) -> None:
    line = re.compile(r" *\d+ +\d+ \w+ +(\d+-)?(\d\d:)?\d\d:\d\d \S.*")
    for row in recording("ps/pid-ppid-user-etime-comm-26").splitlines():
        assert line.fullmatch(row)
    row = guest.desk.call("ps", "-o", "pid=,ppid=,user=,etime=,comm=", "-p", guest.pid).out.rstrip("\n")
    assert line.fullmatch(row)
    assert f" {sys.executable}"[:60] in row


def test_ps_selects_and_cuts(guest: Guest) -> None:
    ps = guest.desk.call
    assert ps("ps", "-p", "1").code == 1
    assert ps("ps", "-o", "colour").code == 1
    assert ps("ps", "-axww", "-o", "pid=", "-o", "args=").out.count(str(guest.port)) == 1
    assert {len(line) <= 79 for line in ps("ps", "-ax").out.splitlines()} == {True}
    assert guest.pid in ps("ps", "-U", "admin").out
    assert guest.pid not in ps("ps", "-U", "root").out
    assert guest.pid in ps("ps").out
    assert ps("ps", "aux").out.startswith("USER ")
    everything = "pid,pgid,sess,uid,lstart,start,time,pcpu,pmem,rss,vsz,state,tt,ucomm=WHO,command"
    assert "WHO" in ps("ps", "-axwwo", everything).out


def test_pgrep_and_pkill_match_as_bsd(guest: Guest) -> None:
    def pgrep(*argv: str) -> tuple[str, int]:
        said = guest.desk.call("pgrep", *argv)
        return said.out.strip(), said.code

    assert pgrep("-f", "gateway.py --port") == (guest.pid, 0)
    assert pgrep("-f", "-u", "501", "gateway") == (guest.pid, 0)
    assert pgrep("-f", "-u", "root", "gateway") == ("", 1)
    assert pgrep("-f", "-P", str(os.getpid()), "gateway") == (guest.pid, 0)
    assert pgrep("-f", "-P", "1", "gateway") == ("", 1)
    assert pgrep("-q", "-f", "gateway") == ("", 0)
    assert pgrep("-fi", "GATEWAY") == (guest.pid, 0)
    assert pgrep("-fn", "gateway") == pgrep("-fo", "gateway") == (guest.pid, 0)
    assert pgrep("-v", "-f", "gateway") == ("", 1)
    assert pgrep("-x", "pyth") == ("", 1)
    assert pgrep("-l", "--", "python")[0].startswith(f"{guest.pid} ")
    assert pgrep("(")[1] == 2
    assert guest.desk.call("pkill", "-0", "nothing").code == 1
    assert guest.desk.call("pkill", "-CONT", "-f", "gateway").code == 0
    assert guest.desk.call("pkill", "-15", "nothing").code == 1


@pytest.mark.parametrize(
    ("major", "name"),
    [(13, "macos13-14-two-listeners"), (15, "macos15-bytes-pid-epid"), (26, "macos26-launchd-socket")],
)
def test_netstat_has_the_layout_of_its_release(desk_of: Callable[[int], Desk], major: int, name: str) -> None:
    guest = Guest(desk_of(major))
    try:
        head = guest.desk.call("netstat", "-anv", "-p", "tcp").out.splitlines()[:2]
        assert head == recording(f"netstat-anv-tcp/{name}").splitlines()[:2]
        (row,) = guest.desk.call("netstat", "-anv", "-p", "tcp").out.splitlines()[2:]
        assert row.startswith(f"tcp4       0      0  127.0.0.1.{guest.port:<12} *.*                    LISTEN ")
        found = ROW.search(row)
        assert found
        assert found[2] == guest.pid
        assert (found[1] is not None) == (major >= 26)
        assert guest.desk.call("netstat", "-an").out.count("LISTEN") == 1
        assert "LISTEN" not in guest.desk.call("netstat", "-n").out
    finally:
        guest.end()


def test_lsof_answers_in_all_its_forms(guest: Guest) -> None:
    def lsof(*argv: str) -> Said:
        return guest.desk.call("lsof", "-nP", *argv)

    assert lsof("-iTCP", "-sTCP:LISTEN", "-F", "pcLPn").out.splitlines()[0] == f"p{guest.pid}"
    letters = [line[0] for line in lsof("-iTCP", "-sTCP:LISTEN", "-FpcLPnT").out.splitlines()]
    assert letters == list("pcLfPnTTT")
    assert recording("lsof-F/full-record-listen").splitlines()[-3:] == ["TST=LISTEN", "TQR=0", "TQS=0"]
    assert f"n127.0.0.1:{guest.port}" in lsof("-a", "-p", guest.pid, "-iTCP", "-F").out.splitlines()
    head, row = lsof("-iTCP", "-sTCP:LISTEN").out.splitlines()
    assert head.split() == recording("lsof-listen/one-port-loopback").splitlines()[0].split()
    assert row.split()[-2:] == [f"127.0.0.1:{guest.port}", "(LISTEN)"]
    assert len(row.split()[0]) <= 9
    assert lsof("-t", f"-iTCP:{guest.port}").out == f"{guest.pid}\n"
    none = lsof("-iTCP:1", "-sTCP:LISTEN")
    assert (none.out, none.err, none.code) == (recording("lsof-listen/none"), "", 1)
    assert lsof("-p", "1", "-iTCP").code == 1
    assert lsof("+c", "0", "-iTCP").code == 0
    assert guest.desk.call("lsof", "/etc/passwd").code == 1
    assert guest.desk.root("lsof", "-nP", "-iTCP").code == 0


def as_session(desk: Desk, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A tool in a process of its own, as bin/ would start it."""
    environment = {**os.environ, **session_environment(desk.mac, desk.dir)}
    argv = [sys.executable, main.__file__, str(desk.dir.root), *words]
    return subprocess.run(argv, input=stdin, capture_output=True, text=True, env=environment, check=False)


def test_sudo_refuses_in_its_own_words(desk: Desk) -> None:
    assert (
        as_session(desk, "sudo", "-n", "true").stderr.strip()
        == recording("reconstructed/sudo/n-password-required").strip()
    )
    assert as_session(desk, "sudo", "true").stderr.strip() == recording("reconstructed/sudo/no-tty").strip()
    assert "Sorry, try again." in as_session(desk, "sudo", "-S", "-p", "", "true", stdin="x\n").stderr
    assert as_session(desk, "sudo", "-S", "true", stdin="a\nb\nc\n").stderr.endswith("3 incorrect password attempts\n")
    assert as_session(desk, "sudo", "-S", "-v", stdin="admin\n").returncode == 0
    assert as_session(desk, "sudo", "-n", "true").returncode == 0
    assert as_session(desk, "sudo", "-n").returncode == 1
    assert as_session(desk, "sudo", "-n", "no-such-command").stderr == "sudo: no-such-command: command not found\n"
    assert as_session(desk, "sudo", "-nH", "-u", "admin", "A=b", "sh", "-c", "echo $A$USER").stdout == "badmin\n"
    assert as_session(desk, "sudo", "-ns", "id -un").stdout == "root\n"
    assert as_session(desk, "sudo", "-k").returncode == 0
    assert as_session(desk, "sudo", "-n", "true").returncode == 1
    assert as_session(desk, "sudo", "-u", "ghost", "true").returncode == 1
    assert as_session(desk, "sudo", "--user=#501", "--non-interactive", "true").returncode == 1


def test_a_tool_ends_quietly_when_nobody_reads(desk: Desk) -> None:
    environment = {**os.environ, **session_environment(desk.mac, desk.dir)}
    argv = [sys.executable, main.__file__, str(desk.dir.root), "vm_stat"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(argv, stdout=writer, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_launchctl_asks_its_server(tmp_path: Path) -> None:
    deep = tmp_path / ("a-long-name-" * 9)
    desk = Desk(deep, SimMac("m", gateway=False))
    assert not desk.dir.socket.is_relative_to(desk.dir.root)
    missing = desk.call("launchctl", "managername")
    assert (missing.code, "does not answer" in missing.err) == (1, True)
    process = subprocess.Popen(
        [sys.executable, server.__file__, str(desk.dir.root), "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == b"ready\n"
        assert desk.call("launchctl", "managername").out == "Background\n"
        assert desk.root("launchctl", "managername").out == "System\n"
        assert desk.call("launchctl", "print", "gui/501/x").code == 113
        assert desk.call("launchctl", "asuser", "501", "true").code == 1
        process.stdin.close()
        assert process.wait(LIMIT_S) == 0
    assert not desk.dir.socket.parent.exists()


def test_a_launchd_ends_when_its_time_is_up(desk: Desk) -> None:
    argv = [sys.executable, server.__file__, str(desk.dir.root), "0.3"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.wait(LIMIT_S) == 0


@in_loop
async def test_the_gateway_answers() -> None:
    port = free_port()
    serving = asyncio.create_task(gateway.run("127.0.0.1", port, slow_start_s=0.01))
    async with asyncio.timeout(LIMIT_S):
        assert '"ready": true' in await _ask(port, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert '"bootId"' in await _ask(port, "GET /healthz HTTP/1.1\r\n\r\n")
        assert (await _ask(port, "GET /x HTTP/1.1\r\n\r\n")).startswith("HTTP/1.1 404")
        assert await _ask(port, "hello\n", end=True) == "ok hello\n"
        os.kill(os.getpid(), 15)
        await serving


async def _ask(port: int, text: str, end: bool = False) -> str:
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        except OSError:
            await asyncio.sleep(0.01)
    writer.write(text.encode())
    if end:
        writer.write_eof()
    answer = (await reader.read()).decode()
    writer.close()
    return answer


def test_a_gateway_can_be_told_to_crash() -> None:
    assert gateway.main(["--port", "0", "--crash"]) == 1


def test_sweeping_an_empty_directory_does_nothing(tmp_path: Path) -> None:
    sweep.sweep(MacDir(tmp_path).root)
