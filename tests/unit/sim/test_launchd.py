"""launchd's promises: throttle, restarts, removal, domains, codes and texts, with real processes."""

import asyncio
import os
import plistlib
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from orchestrator.sim import faults
from orchestrator.sim.launchd.verbs import Answer
from tests.sim_said import in_loop
from tests.unit.sim.bench import JOB, bench, is_alive, running
from tests.unit.sim.desk import recording


@in_loop
async def test_a_job_really_runs_in_the_gui_session(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        await mac.load(
            "env >env.txt; pwd; sleep 60", RunAtLoad=True, StandardOutPath=str(tmp_path / "out"),
            EnvironmentVariables={"PATH": "/usr/bin", "A": "b"}, Umask="077",
        )  # fmt: skip
        fields = await mac.until(JOB, running)
        await mac.until(JOB, lambda _: (tmp_path / "out").stat().st_size > 0)
        assert (tmp_path / "out").read_text() == f"{mac.desk.home}\n"
        environment = (mac.desk.home / "env.txt").read_text().splitlines()
        assert {"A=b", "SIM_MANAGER=Aqua", "SIM_SESSION=gui", "XPC_SERVICE_NAME=x.job"} <= set(environment)
        assert f"PATH={mac.desk.dir.bin}:/usr/bin" in environment
        assert (mac.desk.home / "env.txt").stat().st_mode & 0o777 == 0o600
        assert fields["immediate reason"] == "speculative"
        pid = int(fields["pid"])
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@in_loop
async def test_starts_are_a_throttle_interval_apart(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        await mac.load("date +%s%N >>times", KeepAlive=True, ThrottleInterval=0.5)
        waiting = await mac.until(JOB, lambda fields: fields["state"] == "spawn scheduled" and fields["runs"] == "1")
        assert waiting["last exit code"] == "0"
        await mac.until(JOB, lambda fields: int(fields["runs"]) >= 3)
        assert "Pushing respawn out" in (mac.desk.dir.run / "launchd.log").read_text()


@in_loop
async def test_a_kickstart_is_throttled_too(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        await mac.load("sleep 60", RunAtLoad=True, ThrottleInterval=0.6)
        before = await mac.until(JOB, running)
        started_s = asyncio.get_running_loop().time()
        assert await mac.ctl(f"kickstart -k {JOB}") == Answer()
        await mac.until(JOB, lambda fields: fields["state"] == "spawn scheduled")
        after = await mac.until(JOB, running)
        assert asyncio.get_running_loop().time() - started_s > 0.4
        assert (after["runs"], after["last terminating signal"]) == ("2", "Terminated: 15")
        assert after["pid"] != before["pid"]


@in_loop
async def test_kickstart_k_of_a_stubborn_job_takes_the_exit_timeout(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        await mac.load("trap '' TERM; touch ready; while :; do sleep 0.05; done", RunAtLoad=True, ExitTimeOut=0.3)
        before = await mac.until(JOB, lambda _: (mac.desk.home / "ready").exists())
        said = await mac.ctl(f"kickstart -kp {JOB}")
        assert said.out.strip().isdigit()
        assert said.out.strip() != before["pid"]
        assert (await mac.fields(JOB))["last terminating signal"] == "Killed: 9"


@pytest.mark.parametrize(
    ("keep_alive", "script", "revives"),
    [
        ({"SuccessfulExit": False}, "exit 1", True),
        ({"SuccessfulExit": False}, "exit 0", False),
        ({"SuccessfulExit": False}, "kill -9 $$", True),
        ({"SuccessfulExit": True}, "exit 0", True),
        ({"Crashed": True}, "kill -9 $$", False),
        ({"Crashed": True}, "kill -SEGV $$", True),
        ({"Crashed": False}, "exit 0", True),
        ({"PathState": {"/": True}}, "exit 0", True),
        (False, "exit 1", False),
    ],
)
@in_loop
async def test_keepalive_conditions(tmp_path: Path, keep_alive: Any, script: str, revives: bool) -> None:
    async with bench(tmp_path) as mac:
        await mac.load(script, KeepAlive=keep_alive, RunAtLoad=True, ThrottleInterval=0.05)
        if revives:
            await mac.until(JOB, lambda fields: int(fields["runs"]) >= 2)
        else:
            fields = await mac.until(JOB, lambda fields: fields["state"] == "not running")
            assert fields["runs"] == "1"


@in_loop
async def test_an_interval_starts_a_job_again_and_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        await mac.load("exit 0", StartInterval=1, ThrottleInterval=0.05)
        assert (await mac.fields(JOB))["runs"] == "0"
        fields = await mac.until(JOB, lambda fields: int(fields["runs"]) >= 1)
        assert fields["run interval"] == "1 seconds"


@in_loop
async def test_a_program_that_is_missing_ends_with_ex_config(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        path = mac.plist("", KeepAlive=True, ProgramArguments=["/no/such/program"], ThrottleInterval=5)
        await mac.ctl(f"bootstrap gui/501 {path}")
        fields = await mac.until(JOB, lambda fields: fields["last exit code"] != "(never exited)")
        recorded = recording("launchctl-print/ex-config-spawn-scheduled")
        assert f"last exit code = {fields['last exit code']}" in recorded
        assert f"state = {fields['state']}" in recorded
        assert fields["job state"] == "spawn failed"


@in_loop
async def test_bootout_is_asynchronous_and_guards_its_window(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        path = mac.plist("sleep 60", RunAtLoad=True)
        await mac.ctl(f"bootstrap gui/501 {path}")
        await mac.until(JOB, running)
        faults.switch(mac.desk.dir.root, bootout_delay_s=0.3)
        assert await mac.ctl(f"bootout {JOB}") == Answer()
        assert (await mac.ctl(f"print {JOB}")).code == 0
        again = await mac.ctl(f"bootout {JOB}")
        assert (again.err, again.code) == (recording("launchctl-bootout/in-progress").strip() + "\n", 36)
        early = await mac.ctl(f"bootstrap gui/501 {path}")
        assert (early.err, early.code) == (recording("launchctl-bootstrap/io-error").strip() + "\n", 5)
        vanished = await mac.ctl(f"kickstart {JOB}")
        assert (vanished.err, vanished.code) == (recording("launchctl-kickstart/vanished").strip() + "\n", 3)
        faults.switch(mac.desk.dir.root, bootstrap_busy_code=37)
        busy = await mac.ctl(f"bootstrap gui/501 {path}")
        assert (busy.err, busy.code) == (recording("launchctl-bootstrap/already-in-progress").strip() + "\n", 37)
        await mac.answers(f"print {JOB}", 113)
        gone = await mac.ctl(f"bootout {JOB}")
        assert (gone.err, gone.code) == (recording("launchctl-bootout/not-loaded").strip() + "\n", 3)
        assert (await mac.ctl(f"bootstrap gui/501 {path}")).code == 0
        assert (await mac.ctl(f"bootout gui/501 {path}")).code == 0


@in_loop
async def test_an_eio_window_follows_a_bootout(tmp_path: Path) -> None:
    async with bench(tmp_path, bootstrap_eio_s=0.4) as mac:
        path = mac.plist("exit 0")
        await mac.ctl(f"bootstrap gui/501 {path}")
        await mac.ctl(f"bootout {JOB}")
        await mac.answers(f"print {JOB}", 113)
        assert (await mac.ctl(f"bootstrap gui/501 {path}")).code == 5
        await mac.answers(f"bootstrap gui/501 {path}", 0)
        assert (await mac.ctl(f"print {JOB}")).code == 0


@in_loop
async def test_bootstrap_refuses_with_five(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        good = mac.plist("exit 0")
        assert (await mac.ctl(f"bootstrap gui/501 {good}")).code == 0
        assert (await mac.ctl(f"bootstrap gui/501 {good}")).code == 5
        assert (await mac.ctl(f"bootstrap gui/501 {mac.plist('', 'writable', mode=0o666)}")).code == 5
        assert (await mac.ctl("bootstrap gui/501 /no/such.plist")).code == 5
        bad = mac.desk.home / "bad.plist"
        bad.write_text("<plist>")
        assert (await mac.ctl("bootstrap gui/501 bad.plist")).code == 5
        bad.write_bytes(plistlib.dumps({"Program": "/bin/true"}))
        assert (await mac.ctl("bootstrap gui/501 bad.plist")).code == 5
        bad.write_bytes(plistlib.dumps({"Label": "x"}))
        assert (await mac.ctl("bootstrap gui/501 bad.plist")).code == 5
        assert (await mac.ctl(f"bootstrap user/501 {mac.plist('', 'aqua')}")).code == 5
        both = mac.plist("exit 0", "both", LimitLoadToSessionType=["Aqua", "Background"])
        assert (await mac.ctl(f"bootstrap user/501 {both}")).code == 0
        assert (await mac.ctl(f"bootstrap gui/501 {mac.plist('', 'off', Disabled=True)}")).code == 5


@in_loop
async def test_a_disabled_label_is_refused_until_it_is_enabled(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        path = mac.plist("exit 0")
        assert (await mac.ctl(f"disable {JOB}")).code == 0
        assert (await mac.ctl(f"bootstrap gui/501 {path}")).code == 5
        text = (await mac.ctl("print-disabled gui/501")).out
        assert text == '\n\tdisabled services = {\n\t\t"x.job" => disabled\n\t}\n'
        assert text.splitlines()[:2] == recording("launchctl-print-disabled/system-real").splitlines()[:2]
        assert (await mac.ctl(f"enable {JOB}")).code == 0
        assert '"x.job" => enabled' in (await mac.ctl("print-disabled gui/501")).out
        assert (await mac.ctl(f"bootstrap gui/501 {path}")).code == 0


@in_loop
async def test_who_may_change_what(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        path = mac.plist("exit 0")
        assert (await mac.ctl(f"bootstrap system {path}")).code == 1
        assert (await mac.ctl(f"bootstrap system {path}", uid=0)).code == 0
        refused = await mac.ctl("kickstart -k system/x.job")
        assert (refused.err, refused.code) == (recording("launchctl-kickstart/not-permitted").strip() + "\n", 1)
        assert (await mac.ctl("disable system/x.job")).code == 1
        assert (await mac.ctl("kill TERM system/x.job")).code == 1
        assert (await mac.ctl("bootout system/x.job")).code == 1
        assert (await mac.ctl("print system/x.job")).code == 0
        protected = await mac.ctl("kickstart -k system/com.openssh.sshd", uid=0)
        assert (protected.err, protected.code) == (recording("launchctl-kickstart/sip-protected").strip() + "\n", 150)
        assert (await mac.ctl("bootout system/com.openssh.sshd", uid=0)).code == 150


@in_loop
async def test_without_a_gui_session_there_is_no_gui_domain(tmp_path: Path) -> None:
    async with bench(tmp_path, no_gui=True) as mac:
        path = mac.plist("sleep 60", RunAtLoad=True)
        missing = await mac.ctl(f"print {JOB}")
        assert (missing.err, missing.code) == (recording("launchctl-print/gui-domain-missing").strip() + "\n", 112)
        refused = await mac.ctl(f"bootstrap gui/501 {path}")
        assert (refused.err, refused.code) == (recording("launchctl-bootstrap/gui-domain-missing").strip() + "\n", 125)
        assert (await mac.ctl("bootout gui/501/x")).code == 125
        assert (await mac.ctl(f"bootstrap gui/0 {path}", uid=0)).code == 125
        faults.switch(mac.desk.dir.root, no_gui=False)
        await mac.until(JOB, running)
        faults.switch(mac.desk.dir.root, no_gui=True)
        assert (await mac.ctl(f"print {JOB}")).code == 112


@in_loop
async def test_an_on_demand_domain_obeys_only_kickstart(tmp_path: Path) -> None:
    async with bench(tmp_path, on_demand_only=True) as mac:
        await mac.load("sleep 60", RunAtLoad=True, KeepAlive=True, ThrottleInterval=0.05)
        fields = await mac.fields(JOB)
        assert (fields["state"], fields["runs"], fields["pended nondemand spawn"]) == (
            "not running",
            "0",
            "speculative",
        )
        assert "\ton-demand count = 56\n" in (await mac.ctl("print gui/501")).out
        assert "on-demand" not in (await mac.ctl("print system")).out
        await mac.ctl(f"kickstart {JOB}")
        await mac.until(JOB, running)
        assert (await mac.ctl(f"kill 9 {JOB}")).code == 0
        fields = await mac.until(JOB, lambda fields: not running(fields))
        assert fields["pended nondemand spawn"] == "inefficient"
        faults.switch(mac.desk.dir.root, on_demand_only=False)
        await mac.until(JOB, running)


@in_loop
async def test_a_job_told_to_crash_loops(tmp_path: Path) -> None:
    async with bench(tmp_path, crash_on_start=("x.job",)) as mac:
        await mac.load("sleep 60", KeepAlive=True, ThrottleInterval=0.05)
        fields = await mac.until(JOB, lambda fields: int(fields["runs"]) >= 3)
        assert fields["last exit code"] == "1"


@in_loop
async def test_kickstart_of_a_running_job(tmp_path: Path) -> None:
    async with bench(tmp_path, macos=27) as mac:
        await mac.load("sleep 60")
        started = await mac.ctl(f"kickstart -p {JOB}")
        assert (started.out, started.code) == (f"{(await mac.fields(JOB))['pid']}\n", 0)
        assert await mac.ctl(f"kickstart -p {JOB}") == Answer(started.out, code=37)
        await mac.load("exit 0", label="lazy", ProgramArguments=["/no/such"], ThrottleInterval=0)
        assert (await mac.ctl(f"kill SIGTERM {JOB}")).code == 0
        await mac.until(JOB, lambda fields: not running(fields))
        assert (await mac.ctl(f"kill SIGTERM {JOB}")).code == 3


@in_loop
async def test_what_a_job_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        await mac.load("sleep 300 & echo $! >child; exit 0", RunAtLoad=True, ThrottleInterval=5)
        await mac.until(JOB, lambda fields: fields["state"] == "not running")
        child = int((mac.desk.home / "child").read_text())
        await mac.until(JOB, lambda _: not is_alive(child))


@in_loop
async def test_unknown_targets(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        recorded = recording("launchctl-print/gui-unknown-label-27").strip() + "\n"
        assert await mac.ctl("print gui/501/com.example.nope") == Answer(err=recorded, code=113)
        recorded = recording("launchctl-print/sshd-off-system").replace("com.openssh.sshd", "a.b").strip() + "\n"
        assert await mac.ctl("print system/a.b") == Answer(err=recorded, code=113)
        recorded = recording("launchctl-kickstart/unqualified-label").strip() + "\n"
        assert await mac.ctl("kickstart -p com.apple.wallpaper.agent") == Answer(err=recorded, code=64)
        assert (await mac.ctl("kickstart gui/501")).code == 64
        assert (await mac.ctl("kickstart gui/501/com.example.nope")).code == 113
        assert (await mac.ctl("print user/77")).code == 112
        assert (await mac.ctl("print")).code == 64
        assert (await mac.ctl("frobnicate")).code == 64
        assert (await mac.ctl("list com.example.nope")).code == 113


@in_loop
async def test_lists(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        await mac.load("sleep 60", RunAtLoad=True)
        fields = await mac.until(JOB, running)
        head = recording("launchctl-list/10.15-short").splitlines()[0]
        assert (await mac.ctl("list")).out == f"{head}\n{fields['pid']}\t0\tx.job\n"
        assert "com.openssh.sshd" in (await mac.ctl("list", uid=0)).out
        shape = set(re.findall(r'^\t"(\w+)"', recording("launchctl-list-label/autopkgr-system"), re.MULTILINE))
        ours = set(re.findall(r'^\t"(\w+)"', (await mac.ctl("list x.job")).out, re.MULTILINE))
        assert ours - {"PID"} <= shape
        await mac.ctl(f"kill TERM {JOB}")
        await mac.until(JOB, lambda fields: not running(fields))
        assert "-\t-15\tx.job\n" in (await mac.ctl("list")).out
        assert '"LastExitStatus" = 15;' in (await mac.ctl("list x.job")).out


@in_loop
async def test_small_verbs(tmp_path: Path) -> None:
    async with bench(tmp_path) as mac:
        assert (await mac.ctl("error 5")).out == "5: Input/output error\n"
        assert (await mac.ctl("managername")).out == recording("launchctl-managername/background").strip() + "\n"
        assert (await mac.ctl("managername", manager="Aqua")).out == recording(
            "launchctl-managername/aqua"
        ).strip() + "\n"
        assert (await mac.ctl("manageruid")).out == "501\n"
        assert (await mac.ctl("managerpid")).out == "1\n"
        path = mac.plist("sleep 60", RunAtLoad=True)
        assert (await mac.ctl(f"load -w {path}")) == Answer()
        await mac.until(JOB, running)
        assert (await mac.ctl(f"load {path}")) == Answer(err="Load failed: 5: Input/output error\n")
        assert (await mac.ctl(f"blame {JOB}")).out == "speculative\n"
        assert (await mac.ctl(f"unload {path}")).err != ""
        assert (await mac.ctl(f"unload {path}", manager="Aqua")) == Answer()


@pytest.mark.parametrize(
    ("macos", "name"),
    [(13, "otelcol-system-running"), (26, "agent-running-never-exited"), (27, "agent-keepalive-semaphore-running-27")],
)
@in_loop
async def test_print_has_the_lines_of_the_release(tmp_path: Path, macos: int, name: str) -> None:
    recorded = set(re.findall(r"^\t(\w[^=\n]*?) =", recording(f"launchctl-print/{name}"), re.MULTILINE))
    async with bench(tmp_path, macos=macos) as mac:
        await mac.load("sleep 60", RunAtLoad=True, KeepAlive={"SuccessfulExit": False}, WorkingDirectory="/",
                       StandardOutPath="/dev/null", StandardErrorPath="/dev/null")  # fmt: skip
        ours = set(await mac.until(JOB, running))
    # What the recording's own job does not have (a GUI domain, a KeepAlive dictionary), and 26's `job state`.
    other = {
        "asid",
        "inherited environment",
        "semaphores",
        "working directory",
        "job state",
        "stdout path",
        "stderr path",
    }
    assert ours - recorded <= other
    assert {"state", "pid", "runs", "minimum runtime", "exit timeout", "properties"} <= ours
    assert ("job state" in ours) == (macos >= 26)


def test_signals_have_their_mac_numbers() -> None:
    from orchestrator.sim.launchd.job import Ending
    from orchestrator.sim.launchd.printing import SIGNALS, ending_line, signal_number

    assert signal_number("SIGBUS") == 10
    assert signal_number("SIGNONE") == 0
    assert ending_line(Ending.of(-signal.SIGBUS)) == "last terminating signal = Bus error: 10"
    assert all(re.fullmatch(r"[\w /]+: \d+", words) for words in SIGNALS.values())
