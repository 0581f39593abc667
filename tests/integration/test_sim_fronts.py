"""Both SSH fronts with real clients: what a command sees, and that nothing outlives the fleet."""

import asyncio
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import asyncssh
import pytest

from orchestrator.sim import faults
from orchestrator.sim.fleet import Front, SimFleet, SimNode
from orchestrator.sim.mac import SimMac
from tests.integration.sim_client import ssh, ssh_argv
from tests.sim_said import in_loop

FRONTS = [
    pytest.param(front, marks=pytest.mark.needs_sshd) if front == "openssh" else front for front in get_args(Front)
]
READYZ = "curl -s --max-time 5 http://127.0.0.1:{}/readyz"
RECORDINGS = Path(__file__).parents[1] / "fixtures" / "macos"
# Reads pid and name from the right of a row, whatever the release put before them.
ROW = re.compile(r"\s(?:(.+):)?(\d+)(?:\s+(\d+))?\s+[0-9a-f]{5}\s+[0-9a-f]{8}\s")


def marked(root: Path) -> list[int]:
    """The pids whose environment or command line names the directory: whatever a fleet has left."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            ended = "Z" in (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if os.fsencode(root) in text and not ended:
            found.append(int(entry.name))
    return found


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A fleet's directory; afterwards nothing that belongs to it may run."""
    yield tmp_path / "fleet"
    assert marked(tmp_path / "fleet") == []
    shutil.rmtree(tmp_path / "fleet", ignore_errors=True)


@pytest.mark.parametrize("front", FRONTS)
@in_loop
async def test_three_macs_are_up_soon_and_gone_after(root: Path, front: Front) -> None:
    started_s = asyncio.get_running_loop().time()
    async with SimFleet(root, [SimMac("a"), SimMac("b", macos=15), SimMac("c", macos=13)], front) as fleet:
        assert asyncio.get_running_loop().time() - started_s < 2
        said = await asyncio.gather(*(ssh(node, "sw_vers -productVersion") for node in fleet.nodes.values()))
        versions = dict(zip(fleet.nodes, (one.out.strip() for one in said), strict=True))
        assert versions == {"a": "26.6.2", "b": "15.7.9", "c": "13.7.8"}
        hosts = fleet.inventory()["all"]["hosts"]
        assert hosts["a"]["ansible_port"] == fleet["a"].port
        assert Path(hosts["a"]["ansible_ssh_private_key_file"]).stat().st_mode & 0o777 == 0o600
        assert len(set(fleet.pids.values())) == 3
        assert marked(root) != []
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", hosts["a"]["ansible_port"])


@pytest.mark.parametrize("front", FRONTS)
@in_loop
async def test_what_a_command_sees(root: Path, front: Front) -> None:
    async with SimFleet(root, [SimMac("m")], front) as fleet:
        node = fleet["m"]
        seen = await ssh(node, 'pwd; echo "$HOME $USER $PATH"; whoami; echo oops >&2; exit 7')
        assert seen.out.splitlines() == [str(node.dir.home), f"{node.dir.home} admin {node.dir.bin}", "admin"]
        assert (seen.err, seen.code) == ("oops\n", 7)
        assert (await ssh(node, "cat", "x" * 300_000)).out == "x" * 300_000
        assert (await ssh(node, "timeout 1 true")).code == 127
        assert (await ssh(node, "python3 -V")).code == 1
        assert (await ssh(node, "kill -TERM $$")).code in (143, 255)
        assert (await ssh(node, "exec >&-; sleep 0.1; echo late >&2")).err == "late\n"
        assert (await ssh(node, "/bin/sh -s", "echo $((6*7))\n")).out == "42\n"
        assert (await ssh(node, "echo ${LC_X}${OTHER}", "", "-o", "SetEnv=LC_X=yes OTHER=no")).out == "yes\n"
        assert (await ssh(node, "launchctl managername; sudo -n launchctl managername")).out == "Background\n"
        sudo = await ssh(node, "sudo -S -p '' sh -c 'id -un; cat'", "admin\nrest")
        assert (sudo.out, sudo.err) == ("root\nrest", "")


@pytest.mark.parametrize("front", FRONTS)
@in_loop
async def test_the_gateway_is_real(root: Path, front: Front) -> None:
    macs = [SimMac(f"m{major}", macos=major) for major in (14, 15, 26)]
    async with SimFleet(root, macs, front) as fleet:
        for node in fleet.nodes.values():
            for _ in range(50):
                ready = await ssh(node, READYZ.format(node.gateway_port))
                if ready.code == 0:
                    break
                await asyncio.sleep(0.1)
            assert '"ready": true' in ready.out
            pid = (await ssh(node, "launchctl list | awk '/gateway/ {print $1}'")).out.strip()
            rows = (await ssh(node, "netstat -anv -p tcp")).out.splitlines()
            listening = [row for row in rows if f"127.0.0.1.{node.gateway_port} " in row and "LISTEN" in row]
            found = ROW.search(listening[0])
            assert len(listening) == 1
            assert found
            assert pid in (found[2], found[3])
            assert rows[1] == recorded_head(node)
            lsof = await ssh(node, f"lsof -nP -a -p {pid} -iTCP -sTCP:LISTEN -Fpn")
            assert lsof.out.splitlines()[0] == f"p{pid}"
            assert lsof.out.splitlines()[-1] == f"n127.0.0.1:{node.gateway_port}"
            assert (await ssh(node, "netstat -an")).out.count("LISTEN") == 1


def recorded_head(node: SimNode) -> str:
    name = {14: "macos13-14-two-listeners", 15: "macos15-bytes-pid-epid", 26: "macos26-launchd-socket"}[node.mac.macos]
    return (RECORDINGS / "netstat-anv-tcp" / f"{name}.txt").read_text().splitlines()[1]


@in_loop
async def test_process_tools_see_this_mac_alone(root: Path) -> None:
    async with SimFleet(root, [SimMac("a"), SimMac("b")]) as fleet:
        node, other = fleet["a"], fleet["b"]
        await ssh(node, "nohup sleep 77 >/dev/null 2>&1 &")
        assert (await ssh(other, "pgrep -x sleep")).code == 1
        pid = (await ssh(node, "pgrep -x sleep")).out.strip()
        assert (await ssh(node, "pgrep -fl 'sleep 7[0-9]'")).out == f"{pid} sleep 77\n"
        assert (await ssh(node, "pgrep -q -u 501 -P 1 nothing")).code == 1
        assert (await ssh(node, "pgrep -n -i SLEEP")).out.strip() == pid
        assert (await ssh(node, "pgrep '('")).code == 2
        row = (await ssh(node, f"ps -o pid=,ppid=,user=,etime=,comm= -p {pid}")).out
        assert re.fullmatch(rf" *{pid} +\d+ admin +\d\d:\d\d sleep\n", row)
        assert (await ssh(node, f"ps -p {pid} -o args=")).out == "sleep 77\n"
        assert (await ssh(node, "ps -o colour -p 1")).code == 1
        assert (await ssh(node, "ps -p 1")).code == 1
        assert (await ssh(node, "ps auxww")).out.startswith("USER ")
        assert "sleep 77" in (await ssh(node, "ps -axo pid,command -U admin")).out
        long = await ssh(node, f"sh -c 'ps -axo pid,command; ps -axwwo pid,command' {'x' * 200}")
        assert {len(line) > 79 for line in long.out.splitlines()} == {True, False}
        assert (await ssh(node, "lsof -nP -iTCP:1 -sTCP:LISTEN")).code == 1
        assert (await ssh(node, f"lsof -nP -t -iTCP:{node.gateway_port}")).out.strip().isdigit()
        table = (await ssh(node, "lsof -nP -iTCP -sTCP:LISTEN +c 0")).out
        assert f"127.0.0.1:{node.gateway_port} (LISTEN)" in table
        assert (await ssh(node, "lsof /etc/passwd")).code == 1
        assert (await ssh(node, "pkill -TERM -f 'sleep 77'")).code == 0
        assert (await ssh(node, "pkill sleep")).code == 1


@pytest.mark.parametrize("front", FRONTS)
@in_loop
async def test_a_dropped_connection_leaves_the_command_running(root: Path, front: Front) -> None:
    async with SimFleet(root, [SimMac("m")], front) as fleet:
        node = fleet["m"]
        command = "echo begun; cat; touch eof; sleep 0.3; touch done"
        client = await asyncio.create_subprocess_exec(
            *ssh_argv(node), command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        assert client.stdout
        assert await client.stdout.readline() == b"begun\n"
        client.kill()
        await client.wait()
        for _ in range(100):
            if (node.dir.home / "done").exists():
                break
            await asyncio.sleep(0.1)
        assert (node.dir.home / "eof").exists()
        assert (node.dir.home / "done").exists()


@pytest.mark.parametrize("front", FRONTS)
@in_loop
async def test_keychains_stay_with_their_connection(root: Path, front: Front) -> None:
    async with SimFleet(root, [SimMac("m")], front) as fleet:
        node = fleet["m"]
        one, two = await connection(node), await connection(node)
        async with one, two:
            await one.run("security unlock-keychain login.keychain-db", input="admin\n", check=True)
            assert (await one.run("security show-keychain-info login.keychain-db")).exit_status == 0
            assert (await two.run("security show-keychain-info login.keychain-db")).exit_status == 36


@in_loop
async def test_pipes_lose_nothing_and_signals_arrive(root: Path) -> None:
    async with SimFleet(root, [SimMac("m")]) as fleet:
        node = fleet["m"]
        big = "x" * 300_000
        echoes = await asyncio.gather(*(ssh(node, "cat", big) for _ in range(6)))
        assert {echo.out == big for echo in echoes} == {True}
        assert (await ssh(node, "true", big)).code == 0
        assert (await ssh(node, "", "echo from stdin\n")).out == "from stdin\n"
        async with await connection(node) as line:
            process = await line.create_process(
                "trap 'echo got it; exit 3' TERM; echo up; while :; do sleep 0.05; done"
            )
            assert await process.stdout.readline() == "up\n"
            process.send_signal("NONSENSE")
            process.send_signal("TERM")
            ended = await process.wait()
            assert (ended.stdout, ended.exit_status) == ("got it\n", 3)
            assert (await line.run("kill -9 $$")).exit_signal[0] == "KILL"


async def connection(node: SimNode, **more: object) -> asyncssh.SSHClientConnection:
    options = {"client_keys": [str(node.key_file)], "known_hosts": str(node.known_hosts), "config": None, **more}
    return await asyncssh.connect(node.host, node.port, username=node.user, **options)


@pytest.mark.parametrize("front", FRONTS)
@in_loop
async def test_files_and_tunnels(root: Path, front: Front) -> None:
    async with SimFleet(root, [SimMac("m")], front) as fleet:
        node = fleet["m"]
        async with await connection(node) as line, line.start_sftp_client() as sftp:
            async with sftp.open("note", "w") as file:
                await file.write("hello")
            assert (node.dir.home / "note").read_text() == "hello"
            assert Path(await sftp.realpath(".")) == node.dir.home
            reader, writer = await line.open_connection("127.0.0.1", node.gateway_port)
            writer.write(b"ping\n")
            assert await reader.readline() == b"ok ping\n"
            writer.close()


@in_loop
async def test_first_contact_by_password_then_by_key(root: Path) -> None:
    async with SimFleet(root, [SimMac("m", password="vendor")]) as fleet:
        node = fleet["m"]
        keys = node.dir.home / ".ssh" / "authorized_keys"
        public = keys.read_text()
        keys.unlink()
        with pytest.raises(asyncssh.PermissionDenied):
            await connection(node)
        with pytest.raises(asyncssh.PermissionDenied):
            await connection(node, client_keys=None, password="wrong")
        async with await connection(node, client_keys=None, password="vendor") as line:
            await line.run("cat >>.ssh/authorized_keys", input=f"# me\n{public}", check=True)
            with pytest.raises(asyncssh.ChannelOpenError):
                await line.open_connection("192.0.2.1", 80)
        async with await connection(node) as line:
            assert (await line.run("echo hi", check=True)).stdout == "hi\n"
            fleet.drop_connections("m")
            await line.wait_closed()
        with pytest.raises(asyncssh.PermissionDenied):
            await asyncssh.connect(
                node.host, node.port, username="root", client_keys=[str(node.key_file)], config=None,
                known_hosts=str(node.known_hosts),
            )  # fmt: skip


@pytest.mark.parametrize("front", FRONTS)
@in_loop
async def test_a_reboot_ends_everything_and_keeps_the_disk(root: Path, front: Front) -> None:
    async with SimFleet(root, [SimMac("m")], front) as fleet:
        node = fleet["m"]
        await ssh(node, "launchctl disable gui/501/x; nohup sleep 88 >/dev/null 2>&1 & touch kept")
        before = (await ssh(node, "sysctl -n kern.bootsessionuuid")).out
        await fleet.reboot("m")
        assert (await ssh(node, "sysctl -n kern.bootsessionuuid")).out != before
        assert (await ssh(node, "pgrep sleep; ls kept; launchctl print-disabled gui/501")).out.startswith("kept\n")
        assert '"x" => disabled' in (await ssh(node, "launchctl print-disabled gui/501")).out
        assert (await ssh(node, "launchctl print gui/501/ai.openclaw.gateway >/dev/null")).code == 0


@in_loop
async def test_faults_of_files_and_clocks(root: Path) -> None:
    async with SimFleet(root, [SimMac("m")]) as fleet:
        node = fleet["m"]
        denied = await ssh(node, "ls ~/Library/Safari")
        recorded = (RECORDINGS / "ls-safari" / "tcc-denied.txt").read_text().strip().replace("/Users/example", "")
        assert denied.err.strip().replace(str(node.dir.home), "") == recorded
        assert denied.code == 1
        assert (await ssh(node, "rm -rf Library/Safari/History.db; find Library/Caches -type f")).out != ""
        assert (node.dir.home / "Library/Safari/History.db").exists()
        faults.switch(node.dir.root, denied=(), no_space=True, clock_skew_s=3600)
        assert (await ssh(node, "ls ~/Library/Safari")).code == 0
        full = await ssh(node, "mkdir d || mktemp || cat >f </etc/passwd")
        assert full.err.count("No space left on device") == 3
        clocks = "zmodload zsh/datetime; print $EPOCHREALTIME", 'printf "%.6f\\n", time'
        if shutil.which("zsh"):
            skew = float((await ssh(node, f"zsh -fc '{clocks[0]}'")).out) - float(
                (await ssh(node, "/bin/date +%s")).out
            )
            assert 3590 < skew < 3610
        said = await ssh(node, f"perl -MTime::HiRes=time -e '{clocks[1]}'; /bin/date +%s; perl -e 'print 1+1'")
        skewed, true, two = said.out.split()
        assert 3590 < float(skewed) - int(true) < 3610
        assert two == "2"
        faults.switch(node.dir.root, no_space=False, clock_skew_s=0)
        assert (await ssh(node, "mkdir d")).code == 0


@in_loop
async def test_sudo_in_its_many_forms(root: Path) -> None:
    async with SimFleet(root, [SimMac("m"), SimMac("easy", passwordless_sudo=True)]) as fleet:
        node = fleet["m"]
        refused = await ssh(node, "sudo -n true")
        assert (refused.err, refused.code) == ("sudo: a password is required\n", 1)
        recorded = (RECORDINGS / "reconstructed/sudo/no-tty.txt").read_text().strip()
        assert (await ssh(node, "sudo true")).err.strip() == recorded
        wrong = await ssh(node, "sudo -S -p 'pw: ' true", "a\nb\nc\n")
        assert wrong.err == "pw: Sorry, try again.\npw: Sorry, try again.\npw: sudo: 3 incorrect password attempts\n"
        assert "no password was provided" in (await ssh(node, "sudo -S -p '' true")).err
        ticket = await ssh(node, "sudo -S -v -p '' && sudo -n id -un && sudo -k && sudo -n true", "admin\n")
        assert (ticket.out, ticket.code) == ("root\n", 1)
        easy = fleet["easy"]
        said = await ssh(easy, "sudo -H -- sh -c 'echo $HOME $SUDO_USER $X $Y'; X=1 sudo Y=2 sh -c 'echo $X$Y $HOME'")
        assert said.out.splitlines() == [f"{easy.dir.root}/var/root admin", f"2 {easy.dir.home}"]
        assert (
            await ssh(easy, "sudo -u admin id -un; sudo -u '#0' id -un; sudo -s 'id -un'")
        ).out == "admin\nroot\nroot\n"
        assert (await ssh(easy, "sudo -n nonsense-command")).err == "sudo: nonsense-command: command not found\n"
        assert (await ssh(easy, "sudo -u ghost true")).code == 1
        assert (await ssh(easy, "sudo --non-interactive --user=admin id -un")).out == "admin\n"
        assert (await ssh(easy, "sudo -n")).code == 1
        asuser = await ssh(
            easy, "sudo launchctl asuser 501 sudo -u admin launchctl managername; sudo launchctl managername"
        )
        assert asuser.out == "Aqua\nSystem\n"
        assert (await ssh(easy, "launchctl asuser 501 true")).code == 1


@in_loop
async def test_a_mac_without_launchd_says_so(root: Path) -> None:
    async with SimFleet(root, [SimMac("m")]) as fleet:
        node = fleet["m"]
        os.kill(fleet.pids["m"], 9)
        await asyncio.sleep(0.2)
        assert "does not answer" in (await ssh(node, "launchctl list")).err


@in_loop
async def test_names_are_checked(root: Path) -> None:
    with pytest.raises(ValueError, match="no profile"):
        SimMac("x", macos=16)
    with pytest.raises(ValueError, match="cannot name"):
        SimMac("../x")
    with pytest.raises(ValueError, match="same name"):
        SimFleet(root, [SimMac("x"), SimMac("x")])
