import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.unit.cli.conftest import Orch

HELLO = """
- name: greet
  hosts: all
  gather_facts: false
  tasks:
    - name: say hello
      debug:
        msg: "hello {{ who | default('world') }}"
      tags: [talk]
    - name: count
      command: echo one
      changed_when: false
      tags: [work]
"""


@pytest.fixture
def hello(here: Path) -> Path:
    (here / "hello.yml").write_text(HELLO)
    return here / "hello.yml"


def recap(out: str) -> str:
    return out.split("PLAY RECAP")[1].splitlines()[1]


def test_a_playbook_runs_and_is_told_in_ansibles_words(orch: Orch, hello: Path) -> None:
    found, out, err = orch("run", "-i", "hosts", hello)
    assert found == 0, err
    assert out == (
        "\nPLAY [greet] *******************************************************************\n"
        "\nTASK [say hello] ***************************************************************\n"
        'ok: [here] => {\n    "msg": "hello world"\n}\n'
        "\nTASK [count] *******************************************************************\n"
        "ok: [here]\n"
        "\nPLAY RECAP *********************************************************************\n"
        "here                       : ok=2    changed=0    unreachable=0    failed=0    "
        "skipped=0    rescued=0    ignored=0   \n\n"
    )
    assert err.startswith("run 20")


@pytest.mark.parametrize(
    ("given", "who"),
    [
        (["-e", "who=you"], "you"),
        (["-e", '{"who": [1]}'], "[1]"),
        (["-e", "@vars.yml", "-e", "x=1"], "file"),
        (["-e", ""], "world"),
    ],
)
def test_extra_variables(orch: Orch, hello: Path, here: Path, given: list[str], who: str) -> None:
    (here / "vars.yml").write_text("who: file\n")
    found, out, err = orch("run", "-i", "hosts", hello, *given)
    assert (found, f"hello {who}" in out) == (0, True), err


@pytest.mark.parametrize(
    ("given", "status", "message"),
    [
        ("vars.yml", 1, "is no key=value"),
        ("/etc/vars.yml", 5, "-e @/etc/vars.yml"),
        ("@/etc/vars.yml", 1, "/etc/vars.yml"),
        ("[1]", 5, "mapping of variables"),
        ("[1", 4, "--extra-vars:1"),
    ],
)
def test_wrong_extra_variables(orch: Orch, hello: Path, given: str, status: int, message: str) -> None:
    found, out, err = orch("run", "-i", "hosts", hello, "-e", given)
    assert (found, out) == (status, "")
    assert message in err


def test_tags_choose_tasks(orch: Orch, hello: Path) -> None:
    assert "ok=1 " in recap(orch("run", "-i", "hosts", hello, "-t", "talk")[1])
    assert "ok=1 " in recap(orch("run", "-i", "hosts", hello, "--skip-tags", "talk,other")[1])


def test_json_is_one_event_a_line_and_talk_is_apart(orch: Orch, hello: Path) -> None:
    found, out, err = orch("run", "-i", "hosts", hello, "--json")
    kinds = [json.loads(line)["kind"] for line in out.splitlines()]
    assert found == 0
    assert kinds[0] == "RunStarted" and kinds[-1] == "RunEnded"
    assert kinds.count("TaskDone") == 2
    assert err.startswith("run 20") and len(err.splitlines()) == 1


def test_reports_are_written(orch: Orch, hello: Path, here: Path) -> None:
    found, _, err = orch(
        "run", "-i", "hosts", hello, "--report", "junit:r.xml", "--report", "html:r.html", "--report", "md:r.md"
    )
    assert found == 0, err
    assert ElementTree.parse("r.xml").getroot()[0].get("tests") == "2"
    assert "hello world" in (here / "r.html").read_text()
    assert "all well" in (here / "r.md").read_text()


@pytest.mark.parametrize("given", ["pdf:x", "html", "html:", "html:/nowhere/at/all"])
def test_a_wrong_report_is_said_before_anything_runs(orch: Orch, hello: Path, given: str) -> None:
    found, out, err = orch("run", "-i", "hosts", hello, "--report", given)
    assert (found, out) == (1, "")
    assert f"--report {given}:" in err


def test_a_report_that_cannot_be_written_does_not_hide_the_run(orch: Orch, hello: Path, here: Path) -> None:
    (here / "taken.md").mkdir()
    found, out, err = orch("run", "-i", "hosts", hello, "--report", "md:taken.md")
    assert found == 1
    assert "PLAY RECAP" in out
    assert "error: the report taken.md cannot be written" in err


def test_a_failure_ends_with_2_and_says_where(orch: Orch, here: Path) -> None:
    (here / "bad.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: no\n      command: 'false'\n"
    )
    found, out, err = orch("run", "-i", "hosts", "bad.yml")
    assert found == 2
    assert "fatal: [here]: FAILED! => {" in out
    assert "here: non-zero return code\n  place: " in err and "bad.yml:4:7" in err


def test_an_unreachable_host_ends_with_4(orch: Orch, hello: Path, here: Path) -> None:
    (here / "gone").write_text("gone ansible_host=127.0.0.1 ansible_port=1\n")
    found, out, _ = orch("run", "-i", "gone", hello)
    assert found == 4
    assert "fatal: [gone]: UNREACHABLE! => {" in out
    assert "unreachable=1 " in recap(out)


def test_mistakes_are_all_told_with_place_and_hint_before_anything_runs(orch: Orch, here: Path) -> None:
    (here / "bad.yml").write_text("- hosts: all\n  taks: []\n- hosts: all\n  tasks:\n    - comand: ls\n")
    found, out, err = orch("run", "-i", "hosts", "bad.yml")
    assert (found, out) == (4, "")
    assert "bad.yml:2:" in err and "bad.yml:5:" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("status", "argv"),
    [
        (1, ["run", "missing.yml"]),
        (2, ["run"]),
        (2, ["run", "x.yml", "--no-such-flag"]),
        (2, ["nonsense"]),
        (2, ["run", "x.yml", "-f", "none"]),
    ],
)
def test_a_wrong_command_line_ends_as_with_ansible(orch: Orch, status: int, argv: list[str]) -> None:
    found, out, err = orch(*argv)
    assert (found, out) == (status, "")
    assert err.startswith("error: ") and "Traceback" not in err


def test_listings_run_nothing(orch: Orch, hello: Path, here: Path) -> None:
    found, out, _ = orch("run", "-i", "hosts", "hello.yml", "--list-hosts", "--list-tasks", "--list-tags")
    assert found == 0
    assert out == (
        "\nplaybook: hello.yml\n\n  play #1 (all): greet\tTAGS: []\n    pattern: ['all']\n    hosts (1):\n      here\n"
        "    tasks:\n      say hello\tTAGS: [talk]\n      count\tTAGS: [work]\n      TASK TAGS: [talk, work]\n"
    )
    assert "say hello" not in orch("run", "-i", "hosts", hello, "--list-tasks", "--tags", "work")[1]
    assert orch("run", "-i", "hosts", "hello.yml", "--syntax-check")[:2] == (0, "\nplaybook: hello.yml\n")
    assert not (here.parent / "state/runs").exists()


def test_listings_need_no_vault_password(orch: Orch, hello: Path, here: Path) -> None:
    (here / "group_vars").mkdir()
    (here / "group_vars/all.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n3031\n")
    for option in ("--syntax-check", "--list-hosts", "--list-tasks", "--list-tags"):
        assert orch("run", "-i", "hosts", hello, option)[0] == 0
    found, _, err = orch("run", "-i", "hosts", hello)
    assert found == 1 and "group_vars/all.yml" in err


def test_a_log_grows_with_each_run_and_never_stops_one(
    orch: Orch, hello: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_LOG_PATH", str(here / "run.log"))
    orch("run", "-i", "hosts", hello)
    once = (here / "run.log").read_text()
    assert re.search(
        r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} p=\d+ u=\S+ n=ansible INFO\| TASK \[say hello\]", once, re.M
    )
    orch("run", "-i", "hosts", hello)
    assert len((here / "run.log").read_text()) > len(once)
    monkeypatch.setenv("ANSIBLE_LOG_PATH", str(here / "missing/run.log"))
    found, _, err = orch("run", "-i", "hosts", hello)
    assert found == 0 and "[WARNING]: no log is kept in" in err


def test_a_password_from_a_reference_is_hidden_everywhere(
    orch: Orch, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_PASSWORD", "correct-horse-battery")
    (here / "leak.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - debug:\n        msg: \"{{ lookup('env', 'MY_PASSWORD') }}\"\n"
    )
    found, out, err = orch(
        "run", "-i", "hosts", "leak.yml", "--become-password-ref", "env:MY_PASSWORD", "--report", "md:r.md"
    )
    assert found == 0, err
    assert '"msg": "***"' in out
    left = [path for path in here.parent.rglob("*") if path.is_file() and b"correct-horse" in path.read_bytes()]
    assert left == []


def test_a_short_password_is_warned_about(orch: Orch, hello: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCH_BECOME_PASSWORD", "abc")
    _, _, err = orch("run", "-i", "hosts", hello)
    assert "[WARNING]: the become password is too short or too common to be hidden" in err


@pytest.mark.parametrize("flag", ["-K", "-k", "-J"])
def test_questions_need_somebody_to_answer(orch: Orch, hello: Path, flag: str) -> None:
    with open(os.devnull) as nobody:
        kept = os.dup(0)
        os.dup2(nobody.fileno(), 0)
        try:
            found, _, err = orch("run", "-i", "hosts", hello, flag)
        finally:
            os.dup2(kept, 0)
            os.close(kept)
    assert found == 1
    assert "nobody is here to answer" in err


def test_a_question_is_answered_by_the_next_line_of_a_pipe(orch: Orch, hello: Path, here: Path) -> None:
    (here / "pw").write_text("vault-password\n")
    (here / "secret.yml").write_text("who: from-the-vault\n")
    assert orch("vault", "encrypt", "--vault-password-file", "pw", "secret.yml")[0] == 0
    (here / "lines").write_text("vault-password\nanother line\n")
    with open(here / "lines") as lines:
        kept = os.dup(0)
        os.dup2(lines.fileno(), 0)
        try:
            found, _, _ = orch("run", "-i", "hosts", hello, "-J", "-e", "@secret.yml")
            rest = os.read(0, 100)
        finally:
            os.dup2(kept, 0)
            os.close(kept)
    assert (found, rest) == (0, b"another line\n")


def test_a_vault_password_file_that_gives_none_is_passed_over(orch: Orch, hello: Path, here: Path) -> None:
    (here / "pw").write_text("vault-password\n")
    found, _, err = orch("run", "-i", "hosts", hello, "--vault-id", "a@nowhere", "--vault-id", "b@pw")
    assert (found, "this vault password is passed over" in err) == (0, True)
    assert orch("run", "-i", "hosts", hello, "--vault-id", "a@nowhere")[0] == 1


def test_vaulted_variables_open_with_a_password_file(orch: Orch, hello: Path, here: Path) -> None:
    (here / "pw").write_text("vault-password\n")
    (here / "secret.yml").write_text("who: from-the-vault\n")
    assert orch("vault", "encrypt", "--vault-password-file", "pw", "secret.yml")[0] == 0
    found, out, err = orch("run", "-i", "hosts", hello, "-e", "@secret.yml", "--vault-password-file", "pw")
    assert (found, "hello from-the-vault" in out) == (0, True), err
    found, out, err = orch("run", "-i", "hosts", hello, "-e", "@secret.yml")
    assert (found, out) == (1, "")
    assert "--vault-password-file" in err


def test_ansible_cfg_is_honoured(orch: Orch, hello: Path, here: Path) -> None:
    (here / "ansible.cfg").write_text("[defaults]\ninventory = hosts\n[tags]\nrun = talk\n")
    found, out, err = orch("run", hello)
    assert (found, "ok=1 " in recap(out)) == (0, True), err


def test_passwords_in_the_inventory_are_hidden(orch: Orch, hello: Path, here: Path) -> None:
    (here / "inv").write_text("here ansible_connection=local ansible_become_password=open-sesame-1\n")
    found, out, err = orch("run", "-i", "inv", hello, "-e", "who=open-sesame-1")
    assert (found, "hello ***" in out, "open-sesame" in out + err) == (0, True, False)


def test_flags_without_effect_are_said(orch: Orch, hello: Path) -> None:
    _, _, err = orch("run", "-i", "hosts", hello, "-M", "library", "--scp-extra-args", "-l 10")
    assert "--module-path" not in err
    assert "[WARNING]: --scp-extra-args has no effect" in err


def test_two_ways_to_give_one_password_exclude_one_another(orch: Orch, hello: Path) -> None:
    found, _, err = orch("run", "-i", "hosts", hello, "--become-password-file", "f", "--become-password-ref", "env:X")
    assert found == 2
    assert "a file and a reference exclude one another" in err


@pytest.mark.timeout(60)
def test_ctrl_c_finishes_the_running_task_and_ends_with_99(
    process: Callable[..., subprocess.Popen[str]], here: Path
) -> None:
    (here / "slow.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - name: slow\n      command: sh -c 'touch began; sleep 2; touch ended'\n"
        "    - name: after\n      command: touch after\n"
    )
    orch = process("run", "-i", "hosts", "slow.yml")
    until = time.monotonic() + 20
    while not (here / "began").exists() and time.monotonic() < until:
        time.sleep(0.05)
    orch.send_signal(signal.SIGINT)
    out, err = orch.communicate(timeout=30)
    assert orch.returncode == 99, err
    assert "changed: [here]" in out and "PLAY RECAP" in out
    assert "stopping after the running tasks" in err
    assert (here / "ended").exists() and not (here / "after").exists()


def test_a_long_option_may_be_cut_short(orch: Orch, hello: Path) -> None:
    assert orch("run", "-i", "hosts", hello, "--extra-v", "who=short")[0] == 0
    assert orch("run", "-i", "hosts", hello, "--list-task")[0] == 0
    found, _, err = orch("run", "-i", "hosts", hello, "--list")
    assert (found, "No such option: --list" in err) == (2, True)


def test_what_a_prompt_gives_is_text_and_encrypted_where_it_says_so(orch: Orch, here: Path) -> None:
    (here / "asks.yml").write_text(
        "- hosts: localhost\n  gather_facts: false\n  vars_prompt:\n"
        "    - {name: hashed, default: open, encrypt: sha512_crypt, salt: saltsalt}\n"
        "    - {name: number, default: 5}\n    - name: nothing\n"
        '  tasks: [{debug: {msg: "{{ hashed }} {{ number is string }} {{ nothing }}"}}]\n'
    )
    found, out, _ = orch("run", "asks.yml")
    assert (found, "$6$rounds=656000$saltsalt$" in out, "True None" in out) == (0, True, True)
