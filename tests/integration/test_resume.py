"""Runs that were cut off are finished by another process: side effects once, one recap, nothing left behind."""

from __future__ import annotations

import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import test_cuts, test_kills
from tests.chaos.conftest import sshd, undisturbed  # noqa: F401 - fixtures
from tests.contract.sshd import Sshd
from tests.integration.conftest import Orch

HEARD_S = 0.5
"""Within so long a signal or a limit has been noticed; where it has not, the tasks behind tell so."""
HOSTS = "here ansible_connection=local ansible_remote_tmp={0}/spools log={0}/log\n"


@pytest.fixture
def local(orch: Orch) -> Orch:
    """``orch`` with an inventory of this machine, and a directory for its spools."""
    (orch.home / "spools").mkdir()
    (orch.home / "hosts").write_text(HOSTS.format(orch.home))
    return orch


def lines(orch: Orch) -> list[str]:
    return (orch.home / "log").read_text().split()


def begun(orch: Orch, play: str, *words: str) -> subprocess.Popen[str]:
    """``orch run`` of ``play``, as soon as it has written its first word to the log."""
    (orch.home / "play.yml").write_text(play)
    return started(orch, "run", "play.yml", *words)


def started(orch: Orch, *words: str) -> subprocess.Popen[str]:
    """``orch`` with ``words`` on the hosts, as soon as a task of it has written its first word to the log."""
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestrator", *words, "-i", "hosts"],
        cwd=orch.home,
        env={**os.environ, "ORCH_HOME": str(orch.home / "state")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while not (orch.home / "log").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return process


def listed(orch: Orch) -> dict[str, Any]:
    """What ``orch runs list`` says of the newest run."""
    found: dict[str, Any] = json.loads(orch("runs", "list", "--json").stdout)[0]
    return found


def go(orch: Orch) -> None:
    """Let the first task of ``SLOW`` end."""
    (orch.home / "log.go").touch()


SLOW = """\
- hosts: all
  gather_facts: false
  tasks:
    - shell: >-
        echo first >> {{ log }};
        n=600; until [ -e {{ log }}.go ] || [ $((n -= 1)) -lt 0 ]; do sleep 0.05; done;
        echo ended >> {{ log }}; echo out
      register: first
    - shell: echo second {{ first.stdout }} >> {{ log }}
"""


@pytest.mark.needs_sshd
@pytest.mark.timeout(240)
class TestSmoke:
    """A few of the cases of ``make chaos``."""

    @pytest.mark.parametrize("point", ["6:after", "44:during", "72:after", "97:before", "140:during"])
    def test_killed_at_an_event(self, tmp_path: Path, sshd: Sshd, undisturbed: dict[str, Any], point: str) -> None:  # noqa: F811
        assert test_kills.check(tmp_path, sshd, undisturbed, point) is None

    @pytest.mark.parametrize("seed", range(4))
    def test_a_line_is_cut(self, tmp_path: Path, sshd: Sshd, undisturbed: dict[str, Any], seed: int) -> None:  # noqa: F811
        assert test_cuts.check(tmp_path, sshd, undisturbed, test_cuts.harm_of(seed)) is None


class TestInterrupted:
    def test_once_lets_the_running_task_finish(self, local: Orch) -> None:
        process = begun(local, SLOW)
        process.send_signal(signal.SIGINT)
        time.sleep(HEARD_S)
        go(local)
        _, stderr = process.communicate(timeout=40)
        assert process.returncode == 99
        assert "hint: orch resume " in stderr
        assert lines(local) == ["first", "ended"]
        stopped = listed(local)
        assert (stopped["state"], stopped["status"], stopped["can_resume"]) == ("stopped", 99, True)
        assert local("resume").status == 0
        assert lines(local) == ["first", "ended", "second", "out"]
        assert os.listdir(local.home / "spools") == []
        over = listed(local)
        assert (over["state"], over["status"], over["can_resume"], over["resumed"]) == ("ended", 0, False, 1)
        assert over["command"] == stopped["command"] == ["orch", "run", "play.yml", "-i", "hosts"]
        assert over["at"] == stopped["at"]
        assert local("runs", "list").stdout.endswith("orch run play.yml -i hosts (resumed 1×)\n")

    def test_twice_leaves_at_once_and_the_task_goes_on(self, local: Orch) -> None:
        process = begun(local, SLOW)
        process.send_signal(signal.SIGINT)
        time.sleep(HEARD_S)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=40)
        assert process.returncode == 99
        assert "unknown=1" in stdout and "fatal: [here]: UNKNOWN!" in stdout
        assert "here: the run was stopped at once while the task was at work" in stderr
        assert "hint: orch resume " in stderr and "claims" not in stderr
        assert lines(local) == ["first"]
        go(local)
        resumed = local("resume")
        assert resumed.status == 0, resumed
        assert lines(local) == ["first", "ended", "second", "out"]
        assert os.listdir(local.home / "spools") == []

    @pytest.mark.parametrize(
        "more", ["", "      register: turns\n", "      delay: 30\n      retries: 9\n      until: turns.rc == 1\n"]
    )
    @pytest.mark.parametrize("strategy", ["linear", "free"])
    def test_once_ends_a_loop_after_the_running_turn(self, local: Orch, strategy: str, more: str) -> None:
        register = "      register: turns\n" if "until" in more else ""
        play = (
            f"- hosts: all\n  gather_facts: false\n  strategy: {strategy}\n  tasks:\n"
            "    - shell: echo {{ item }} >> {{ log }}; sleep 1; exit $(grep -c b {{ log }})\n"
            f"      loop: [a, b, c, d, e, f]\n      failed_when: false\n{register}{more}"
            "    - shell: echo last >> {{ log }}\n"
        )
        process = begun(local, play)
        time.sleep(0.2)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=40)
        assert time.monotonic() - began < 4, stderr
        assert process.returncode == 99
        assert lines(local) == ["a"]
        if "until" in more:
            return  # the resumed run would wait for its next try
        assert local("resume").status == 0
        assert lines(local) == [*"abcdef", "last"]
        assert os.listdir(local.home / "spools") == []

    def test_a_secret_result_stays_on_the_node_until_it_is_asked_for(self, local: Orch) -> None:
        secret = (
            "- hosts: all\n  gather_facts: false\n  tasks:\n"
            "    - shell: echo first >> {{ log }}; echo hidden-$((40+2))\n"
            "      register: first\n      no_log: true\n    - shell: sleep 1.5\n"
            "    - shell: echo {{ first.stdout }} >> {{ log }}\n      no_log: true\n"
        )
        process = begun(local, secret)
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=40)
        assert os.listdir(local.home / "spools") != []
        assert local("resume").status == 0
        assert lines(local) == ["first", "hidden-42"]
        assert os.listdir(local.home / "spools") == []
        journal = next((local.home / "state/runs").iterdir())
        assert not any(b"hidden-42" in path.read_bytes() for path in journal.iterdir())


def test_one_module_on_some_hosts_is_resumed_too(local: Orch) -> None:
    log = local.home / "log"
    task = f"echo first >>{log}; until [ -e {log}.go ]; do sleep 0.05; done; echo ended | tee -a {log}"
    process = started(local, "exec", "all", "-m", "shell", "-a", task)
    process.kill()
    process.communicate(timeout=40)
    go(local)
    resumed = local("resume")
    assert (resumed.status, resumed.stdout) == (0, "here | CHANGED | rc=0 >>\nended\n"), resumed
    assert lines(local) == ["first", "ended"]
    assert "came to its end" in local("resume").stderr


class TestKilled:
    @pytest.fixture
    def killed(self, local: Orch) -> Iterator[Orch]:
        process = begun(local, SLOW)
        process.kill()
        process.communicate(timeout=40)
        go(local)
        yield local

    def test_a_task_that_was_running_is_waited_for(self, killed: Orch) -> None:
        resumed = killed("resume", "--json")
        assert resumed.status == 0, resumed
        assert lines(killed) == ["first", "ended", "second", "out"]
        assert [event["resumed"] for event in resumed.of("RunStarted")] == [True]

    def test_where_the_spool_is_gone_the_outcome_is_unknown(self, killed: Orch) -> None:
        time.sleep(2.5)
        for path in (killed.home / "spools").glob(".orch-*"):
            subprocess.run(["rm", "-rf", str(path)], check=True)
        resumed = killed("resume")
        assert resumed.status == 4, resumed
        assert "UNKNOWN" in resumed.stdout
        assert lines(killed) == ["first", "ended"]

    def test_where_the_playbook_is_not_it_says_where_it_looked(self, killed: Orch) -> None:
        (killed.home / "play.yml").unlink()
        refused = killed("resume")
        assert refused.status == 1
        assert "the playbook of this run is not here: play.yml" in refused.stderr
        assert f"it was begun in {killed.home}; looked there\n" in refused.stderr

    def test_it_is_refused_when_the_playbook_changed(self, killed: Orch) -> None:
        (killed.home / "play.yml").write_text(SLOW.replace("second", "third"))
        refused = killed("resume")
        assert refused.status == 1
        assert "play.yml" in refused.stderr
        assert "--changed-files-anyway" in refused.stderr
        assert killed("resume", "--changed-files-anyway").status == 0
        assert lines(killed)[-2:] == ["third", "out"]

    def test_it_is_refused_when_the_inventory_changed(self, killed: Orch) -> None:
        with (killed.home / "hosts").open("a") as file:
            file.write("there ansible_connection=local\n")
        refused = killed("resume")
        assert refused.status == 1
        assert "the inventory" in refused.stderr

    def test_an_ended_run_is_not_resumed(self, killed: Orch) -> None:
        assert killed("resume").status == 0
        again = killed("resume")
        assert again.status == 1
        assert "came to its end" in again.stderr

    def test_the_reports_tell_one_story(self, killed: Orch) -> None:
        killed("resume")
        report = killed("runs", "report", "--as", "md").stdout
        assert "cut off" not in report
        events = [json.loads(line) for line in killed("runs", "show", "--json").stdout.splitlines()]
        done = [event["key"] for event in events if event["kind"] == "TaskDone"]
        assert len(done) == len(set(done)) == 2

    def test_another_machine_must_say_that_the_first_is_gone(self, killed: Orch) -> None:
        lock = next((killed.home / "state/runs").iterdir()) / "lock"
        owner = {**json.loads(lock.read_text()), "host": "another-machine", "beat": time.time()}
        lock.write_text(json.dumps(owner))
        fresh = killed("resume", "--take-over")
        assert fresh.status == 1
        assert "another-machine" in fresh.stderr and "silent for 60 s" in fresh.stderr
        lock.write_text(json.dumps({**owner, "beat": time.time() - 61}))
        silent = killed("resume")
        assert silent.status == 1
        assert "--take-over" in silent.stderr
        assert killed("resume", "--take-over").status == 0


def test_a_run_that_is_being_written_is_not_resumed(local: Orch) -> None:
    process = begun(local, SLOW)
    second = local("resume")
    assert second.status == 1
    assert f"by process {process.pid} on " in second.stderr
    go(local)
    process.communicate(timeout=40)
    assert lines(local) == ["first", "ended", "second", "out"]


def test_an_unreachable_host_is_tried_again(local: Orch) -> None:
    (local.home / "hosts").write_text(
        HOSTS.format(local.home)
        + f"away ansible_host=127.0.0.1 ansible_port=1 log={local.home}/log ansible_remote_tmp={local.home}/spools\n"
    )
    play = "- hosts: all\n  gather_facts: false\n  tasks:\n    - shell: echo {{ inventory_hostname }} >> {{ log }}\n"
    assert local.play(play, "-i", "hosts").status == 4
    assert lines(local) == ["here"]
    assert local("resume").status == 4
    assert local("resume", "-c", "local").status == 0
    assert lines(local) == ["here", "away"]


@pytest.mark.timeout(120)
def test_a_simulated_mac_whose_user_is_not_the_one_that_owns_its_files(orch: Orch) -> None:
    """Where the tests run as root, the Mac's id says 501 and its ls says 0."""
    assert orch("sim", "up", "mac1", "--root", "sims").status == 0
    try:
        log = orch.home / "log"
        (orch.home / "hosts").write_text((orch.home / "sims/inventory.json").read_text())
        process = begun(orch, SLOW.replace("{{ log }}", str(log)))
        process.send_signal(signal.SIGINT)
        time.sleep(HEARD_S)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=40)
        go(orch)
        resumed = orch("resume")
        assert resumed.status == 0, resumed
        assert lines(orch) == ["first", "ended", "second", "out"]
    finally:
        orch("sim", "down", "--root", "sims")


HARMS = {
    "no JSON": "UPDATE events SET data = '{' WHERE seq = 5",
    "another shape": "UPDATE events SET data = '[]' WHERE seq = 5",
    "fields are missing": "UPDATE events SET data = '{}' WHERE seq = 5",
    "fields of other types": """UPDATE events SET data = '{"task": 5, "host": [], "key": {}}' WHERE seq = 5""",
    "an unknown kind": "UPDATE events SET kind = 'Nobody' WHERE seq = 5",
    "no invocation": "UPDATE events SET data = json_remove(data, '$.invocation') WHERE seq = 1",
    "a strange invocation": "UPDATE events SET data = json_set(data, '$.invocation', 'x') WHERE seq = 1",
    "strange flags": "UPDATE events SET data = json_set(data, '$.invocation.flags', 7) WHERE seq = 1",
    "strange playbooks": "UPDATE events SET data = json_set(data, '$.invocation.playbooks', 7) WHERE seq = 1",
    "no beginning": "DELETE FROM events WHERE seq = 1",
    "no events": "DELETE FROM events",
    "no table": "DROP TABLE events",
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_journal_that_was_changed_is_no_bug_of_ours(local: Orch, harm: str) -> None:
    go(local)
    assert local.play(SLOW, "-i", "hosts", "-e", "x=1").status == 0
    path = next((local.home / "state/runs").iterdir()) / "journal.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM events WHERE kind IN ('RunEnded', 'Leaving')")
        database.execute(HARMS[harm])
    told = local("resume")
    assert told.status in (0, 1), told
    assert "Traceback" not in told.stderr
    assert "bug:" not in told.stderr


REST = """\
- hosts: here
  gather_facts: true
  tasks:
    - set_fact: {stamp: "{{ lookup('pipe', 'date +%s%N') }}"}
    - shell: echo {{ stamp }} >> {{ log }}
    - add_host: {name: third, groups: new, ansible_connection: local, log: "{{ log }}"}
    - shell: echo delegated >> {{ log }}
      delegate_to: there
    - shell: sleep 0.5; echo job >> {{ log }}; echo out
      async: 30
      poll: 0
      register: job
    - async_status: {jid: "{{ job.ansible_job_id }}"}
      register: ended
      until: ended.finished
      retries: 50
      delay: 0.1
    - include_vars: more.yml
    - shell: echo {{ ended.stdout }} {{ more }} {{ ansible_system }} >> {{ log }}
- hosts: new
  gather_facts: false
  tasks:
    - shell: echo {{ hostvars.here.stamp }} >> {{ log }}
"""


@pytest.mark.parametrize("point", ["12:after", "20:before", "30:during"])
def test_facts_jobs_delegates_and_new_hosts_come_back(local: Orch, point: str) -> None:
    for name, text in {"play.yml": REST, "more.yml": "more: read\n"}.items():
        (local.home / name).write_text(text)
    with (local.home / "hosts").open("a") as file:
        file.write(HOSTS.format(local.home).replace("here", "there"))
    words = [sys.executable, "-m", "tests.chaos.killed", point, "run", "play.yml", "-i", "hosts"]
    killed = subprocess.run(
        words,
        cwd=local.home,
        env={**os.environ, "ORCH_HOME": str(local.home / "state"), "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=40,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    resumed = local("resume")
    assert resumed.status == 0, resumed
    stamp, *rest, again = lines(local)
    assert stamp == again
    assert rest == ["delegated", "job", "out", "read", platform.system()]
    assert os.listdir(local.home / "spools") == []
