import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from orchestrator import __version__
from orchestrator.cli import errors
from orchestrator.model.errors import Bug, Unreachable
from orchestrator.model.snapshot import Fact, Snapshot
from tests.unit.cli.conftest import ROOT, Orch


def test_without_arguments_there_is_help(orch: Orch) -> None:
    found, out, _ = orch()
    assert found == 0
    assert "orch run site.yml" in out and "snapshot" in out


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "exec",
        "runs",
        "snapshot",
        "inventory",
        "secrets",
        "vault",
        "node",
        "sim",
        "demo",
        "lint",
        "doc",
        "schema",
    ],
)
def test_every_command_has_help(orch: Orch, command: str) -> None:
    found, out, _ = orch(command, "--help")
    assert found == 0
    assert "Usage" in out


def test_the_version_needs_nothing_else(process: Callable[..., subprocess.Popen[str]]) -> None:
    out, _ = process("--version").communicate(timeout=20)
    assert out == f"orch {__version__}\n"


def test_exec_runs_one_module_as_ansible_does(orch: Orch) -> None:
    assert orch("exec", "all", "-i", "hosts", "-a", "echo hi")[:2] == (0, "here | CHANGED | rc=0 >>\nhi\n")
    assert (
        orch("exec", "all", "-i", "hosts", "-m", "debug", "-a", "msg='a b'")[1]
        == 'here | SUCCESS => {\n    "msg": "a b"\n}\n'
    )
    assert orch("exec", "all", "-i", "hosts", "-m", "debug", "-a", '{"msg": [1]}')[1].count("1") == 1
    found, out, _ = orch("exec", "all", "-i", "hosts", "-m", "shell", "-a", "exit 3")
    assert (found, out) == (2, "here | FAILED | rc=3 >>\nnon-zero return code\n")


def test_exec_knows_its_modules(orch: Orch) -> None:
    found, out, err = orch("exec", "all", "-i", "hosts", "-m", "comand")
    assert (found, out) == (1, "")
    assert "did you mean command" in err


def test_runs_are_listed_shown_and_reported(orch: Orch) -> None:
    _, told, _ = orch("exec", "all", "-i", "hosts", "-m", "debug", "--json")
    found, out, _ = orch("runs", "list")
    run_id, *words = out.split()
    assert (found, words[2:4]) == (0, ["ended", "0"])
    assert json.loads(orch("runs", "list", "--json")[1])[0]["run"] == run_id
    assert orch("runs", "show", "last", "--json")[1] == told
    _, out, _ = orch("runs", "show", run_id[-4:], "-v")
    assert "TASK [debug]" in out and "PLAY RECAP" in out
    assert orch("runs", "report", "--as", "junit")[1].startswith("<?xml")
    assert orch("runs", "report", run_id, "--as", "html", "-o", "r.html")[0] == 0
    assert "<title>" in Path("r.html").read_text()
    assert orch("runs", "report", "--as", "pdf")[0] == 1
    assert orch("runs", "show", "nonsense")[0] == 1


def ansible_inventory(*argv: str) -> str:
    tool = Path(sys.executable).with_name("ansible-inventory")
    return subprocess.run([tool, *argv], capture_output=True, text=True, timeout=50, check=True).stdout


INVENTORY = """
all:
  children:
    web:
      hosts: {a: {x: 1}, b: {}}
      vars: {y: "{{ x }}"}
    db:
      children: {web: {}}
      hosts: {c: {}}
  hosts: {d: {}}
"""


def test_the_inventory_is_listed_as_ansible_lists_it(orch: Orch, here: Path) -> None:
    (here / "inv.yml").write_text(INVENTORY)
    found, out, err = orch("inventory", "list", "-i", "inv.yml")
    assert found == 0, err
    assert json.loads(out) == json.loads(ansible_inventory("-i", "inv.yml", "--list"))
    ours = orch("inventory", "graph", "-i", "inv.yml", "--vars")[1]
    assert sorted(ours.splitlines()) == sorted(ansible_inventory("-i", "inv.yml", "--graph", "--vars").splitlines())


def test_one_host_and_one_group(orch: Orch, here: Path) -> None:
    (here / "inv.yml").write_text(INVENTORY)
    assert json.loads(orch("inventory", "host", "a", "-i", "inv.yml")[1]) == {"x": 1, "y": "{{ x }}"}
    assert orch("inventory", "graph", "web", "-i", "inv.yml")[1] == "@web:\n  |--a\n  |--b\n"
    assert json.loads(orch("inventory", "list", "-i", "inv.yml", "-l", "c")[1])["_meta"]["hostvars"] == {}
    assert orch("inventory", "host", "aa", "-i", "inv.yml")[0] == 1
    assert orch("inventory", "graph", "nope", "-i", "inv.yml")[0] == 1


def test_vault_files_make_the_whole_round(orch: Orch, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "one").write_text("first\n")
    (here / "two").write_text("second\n")
    (here / "f.yml").write_text("a: 1\n")
    (here / "f.yml").chmod(0o640)
    assert orch("vault", "encrypt", "--vault-id", "one", "f.yml")[0] == 0
    assert (here / "f.yml").stat().st_mode & 0o777 == 0o640
    assert VaultLib([("default", VaultSecret(b"first"))]).decrypt((here / "f.yml").read_bytes()) == b"a: 1\n"
    assert orch("vault", "encrypt", "--vault-id", "one", "f.yml")[0] == 1
    assert orch("vault", "view", "--vault-id", "one", "f.yml")[1] == "a: 1\n"
    assert orch("vault", "rekey", "--vault-id", "one", "--new-vault-id", "new@two", "f.yml")[0] == 0
    assert (here / "f.yml").read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;new\n")
    assert "no vault secrets were found that could decrypt" in orch("vault", "view", "--vault-id", "one", "f.yml")[2]
    (here / "editor").write_text("#!/bin/sh\necho 'a: 2' >\"$1\"\n")
    (here / "editor").chmod(0o700)
    monkeypatch.setenv("EDITOR", str(here / "editor"))
    assert orch("vault", "edit", "--vault-id", "new@two", "f.yml")[0] == 0
    assert orch("vault", "create", "--vault-id", "new@two", "g.yml")[0] == 0
    assert orch("vault", "create", "--vault-id", "new@two", "g.yml")[0] == 1
    assert orch("vault", "decrypt", "--vault-id", "new@two", "f.yml", "g.yml")[0] == 0
    assert (here / "f.yml").read_text() == (here / "g.yml").read_text() == "a: 2\n"
    monkeypatch.setenv("EDITOR", "false")
    assert "nothing was changed" in orch("vault", "create", "--vault-id", "one", "h.yml")[2]


def test_a_vault_password_comes_from_a_client_script(orch: Orch, here: Path) -> None:
    script = here / "pass-client.sh"
    script.write_text('#!/bin/sh\n[ "$1" = --vault-id ] && echo "password of $2"\n')
    script.chmod(0o700)
    (here / "f").write_text("x")
    assert orch("vault", "encrypt", "--vault-id", f"prod@{script}", "f")[0] == 0
    assert VaultLib([("prod", VaultSecret(b"password of prod"))]).decrypt((here / "f").read_bytes()) == b"x"


def test_a_value_is_encrypted_from_stdin(process: Callable[..., subprocess.Popen[str]], here: Path) -> None:
    (here / "one").write_text("first\n")
    out, err = process("vault", "encrypt-string", "--vault-id", "one", "-n", "token").communicate(timeout=20)
    assert out.startswith("token: !vault |\n          $ANSIBLE_VAULT;1.1;AES256\n"), err


def test_secrets_check_names_what_is_missing(orch: Orch, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_TOKEN", "very-secret-value")
    (here / "inv.yml").write_text(
        "all:\n  hosts:\n    a:\n      token: {source: env, provider: default, id: GATEWAY_TOKEN}\n"
        "      other: {source: env, provider: default, id: GATEWAY_TOKN}\n"
    )
    found, out, err = orch("secrets", "check", "-i", "inv.yml", "file:/nowhere/x")
    assert found == 1, err
    assert "ok       env:GATEWAY_TOKEN\n" in out
    assert "missing  env:GATEWAY_TOKN: " in out and "did you mean GATEWAY_TOKEN?" in out
    assert "3 references, 2 missing" in out
    assert "very-secret" not in out + err
    assert orch("secrets", "check", "-i", "hosts", "env:GATEWAY_TOKEN")[0] == 0


def test_modules_are_documented_from_their_arguments(orch: Orch) -> None:
    found, out, err = orch("doc", "command")
    assert found == 0, err
    assert "creates (string)" in out
    found, out, _ = orch("doc", "ansible.builtin.command", "--markdown")
    assert out.startswith("## command\n") and "| `creates` |" in out
    assert orch("doc")[0] == 1
    assert "did you mean command" in orch("doc", "comand")[2]


def test_all_modules_and_the_schema(orch: Orch) -> None:
    found, out, err = orch("doc", "--list")
    assert (found, "command " in out) == (0, True), err
    assert orch("doc", "--all")[1].startswith("# Modules\n")
    schema = json.loads(orch("schema")[1])
    assert "ignore_errors" in schema["$defs"]["task"]["properties"]
    assert "hosts" in schema["items"]["anyOf"][0]["required"]


def snapshots(file: Path, **versions: str) -> None:
    """A file of snapshots that know only the version of each host's system."""
    taken = {
        host: Snapshot(host=host, taken_at="2026-01-01T00:00:00+00:00", facts=(Fact(name="os.version", value=version),))
        for host, version in versions.items()
    }
    file.write_text(json.dumps({host: each.as_data() for host, each in taken.items()}))


def test_snapshots_are_shown_and_compared(orch: Orch, here: Path) -> None:
    snapshots(here / "a.json", m1="15.1", m2="15.1")
    snapshots(here / "b.json", m1="15.2", m3="15.1")
    found, out, err = orch("snapshot", "diff", "a.json", "b.json")
    assert found == 0, err
    assert out == ('m1: 1 change\n  breaking  os.version: "15.1" → "15.2"\nm2: only in a.json\nm3: only in b.json\n')
    assert orch("snapshot", "diff", "a.json", "a.json")[1] == "m1: no drift\nm2: no drift\n"
    assert json.loads(orch("snapshot", "show", "a.json", "m1")[1])["m1"]["known"] == {"os": {"version": "15.1"}}
    assert "| os.version | 15.1 |" in orch("snapshot", "show", "a.json", "m1", "--markdown")[1]


def test_what_holds_no_snapshot_is_said(orch: Orch, here: Path) -> None:
    snapshots(here / "a.json", m1="15.1")
    assert "it has: m1" in orch("snapshot", "show", "a.json", "m9")[2]
    (here / "c.json").write_text("[1]")
    (here / "d.json").write_text("{")
    (here / "e.json").write_text('{"m1": {}}')
    for file in ("c.json", "d.json"):
        assert f"{file} holds no snapshots" in orch("snapshot", "show", file)[2]
    assert "e.json: m1: this is no snapshot" in orch("snapshot", "diff", "a.json", "e.json")[2]
    orch("exec", "all", "-i", "hosts", "-m", "debug")
    assert "took no snapshot" in orch("snapshot", "show", "last")[2]


@pytest.mark.parametrize("host", ["h:none", "h:0", "h:70000"])
def test_a_wrong_port_is_said(orch: Orch, host: str) -> None:
    found, _, err = orch("node", "trust", host)
    assert found == 1
    assert "is not a port" in err


def test_simulated_macs_come_up_answer_are_trusted_and_go(orch: Orch, here: Path) -> None:
    root = here.parent / "s"
    assert orch("sim", "list", "--root", root)[2].startswith("none are running")
    try:
        found, out, err = orch("sim", "up", "one", "--hours", "0.05", "--root", root)
        assert found == 0, err
        assert f"were up already; for others: orch sim down --root {root}," in orch("sim", "up", "2", "--root", root)[2]
        assert "1 simulated Mac is up" in out
        name, login = orch("sim", "list", "--root", root)[1].split()
        assert name == "one"
        found, out, err = orch("exec", "all", "-i", root / "inventory.json", "-a", "sw_vers -productName")
        assert (found, out) == (0, "one | CHANGED | rc=0 >>\nmacOS\n"), err
        assert orch("snapshot", "take", "-i", root / "inventory.json", "-o", "taken.json")[0] == 0
        assert orch("snapshot", "diff", "taken.json", "last")[1] == "one: no drift\n"
        at = login.partition("@")[2]
        found, out, err = orch("node", "trust", at)
        assert (found, "nothing was trusted" in err) == (1, True)
        shown = next(word for word in err.split() if word.startswith("SHA256:")).rstrip(";")
        assert orch("node", "trust", at, "--fingerprint", "SHA256:other")[0] == 4
        assert "is trusted from now on" in orch("node", "trust", at, "--fingerprint", shown)[1]
        assert orch("node", "list")[1].rstrip().endswith(f"{shown}  hardware not seen yet")
        host, port = at.split(":")
        login = ["-i", f"{host},", "-e", f"ansible_port={port}", "-u", "admin", "--private-key", root / "client_key"]
        (here / "play.yml").write_text("- {hosts: all, gather_facts: false, tasks: [ping: ]}")
        assert "its hardware is " in "".join(orch("run", "play.yml", *login, "-v")[1:])
        assert f" since {time.strftime('%Y-%m-%d')}" in orch("node", "list", at)[1]
        store = here.parent / "config/orch/known_hosts.machines"
        store.write_text(re.sub(r"[0-9A-F]{8}-", "00000000-", store.read_text()))
        found, out, err = orch("exec", "all", *login, "-m", "ping")
        assert (found, "is another machine" in out + err, f"orch node rekey {at}" in out + err) == (4, True, True)
        orch("node", "rekey", at, "--reason", "another Mac", "--fingerprint", shown)
        assert orch("exec", "all", *login, "-m", "ping")[0] == 0
        assert orch("node", "forget", at)[1].startswith("1 key of")
    finally:
        ended = orch("sim", "down", "--root", root)
    assert ended[1] == "ended\n"
    assert orch("sim", "down", "--root", root)[1] == "none were running\n"
    assert orch("sim", "up", "0")[0] == orch("sim", "up", "101")[0] == 1
    assert orch("sim", "up", "--front", "nonsense")[0] == 1
    assert orch("sim", "up", "--macos", "12")[0] == 1
    for more in ([], ["--openclaw", "nowhere"]):
        found, _, err = orch("sim", "up", "a", "b", "a", "--root", root, *more)
        assert (found, err) == (1, "error: a: each simulated Mac needs a name of its own\n  hint: orch sim up a b\n")


def test_the_demo_runs_a_playbook_on_three_simulated_macs(orch: Orch, here: Path) -> None:
    play = "- hosts: macs\n  gather_facts: false\n  tasks: [{command: sw_vers -productName, changed_when: false}]\n"
    (here / "play.yml").write_text(play)
    found, out, err = orch("demo", "play.yml")
    assert found == 0, err
    assert all(f"ok: [mac{number}]" in out for number in (1, 2, 3))


def test_a_demo_without_its_playbook_starts_nothing(orch: Orch) -> None:
    found, _, err = orch("demo", "nix.yml")
    assert (found, "cannot read the file" in err, "starting" in err) == (1, True, False)


@pytest.mark.parametrize("command", ["runs", "node", "sim", "vault", "secrets", "snapshot"])
def test_a_group_s_name_alone_asks_which_command(orch: Orch, command: str) -> None:
    found, out, err = orch(command)
    assert (found, "Usage" in out) == (2, True)
    assert err.startswith(f"error: orch {command}: which one? ") and err.count(",") >= 2


def test_completion_names_no_shell(orch: Orch) -> None:
    found, out, err = orch("--show-completion", "zsh")
    assert (found, out, "_ORCH_COMPLETE=source_zsh orch" in err) == (1, "", True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [["doc", "--list"], ["node", "--help"], ["inventory", "graph"]])
def test_no_room_for_the_output_is_no_bug(here: Path, words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "orchestrator", *words]
        ended = subprocess.run(
            command,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: the output cannot be written: No space left on device\n  hint: ")
    assert not (here.parent / "state/bugs").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_run_whose_output_has_no_room_is_whole_and_says_so(here: Path, orch: Orch) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "orchestrator", "exec", "all", "-i", "hosts", "-a", "touch done"]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=30, env=env)
    assert (ended.returncode, (here / "done").exists()) == (1, True)
    assert "error: stdout could not be written to its end: No space left on device" in ended.stderr
    assert "changed: [here]" in orch("runs", "show")[1]


def test_a_bug_leaves_a_file_and_no_traceback(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("odd \x1b[31m thing")
    except ValueError as error:
        found = errors.tell(error, ["run", "--token=hunter2", "hunter3", "-x"])
    err = capfd.readouterr().err
    assert found == 250
    assert err.startswith("bug: ValueError: odd \\x1b[31m thing\n")
    (file,) = (here.parent / "state/bugs").iterdir()
    assert str(file) in err
    text = file.read_text()
    assert "Traceback" in text and "hunter" not in text.split("Traceback")[0]
    assert file.stat().st_mode & 0o777 == 0o600


def test_other_errors_have_their_own_status(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert errors.tell(Unreachable("no route", hint="wake it"), []) == 4
    assert capfd.readouterr().err == "error: no route\n  hint: wake it\n"
    assert errors.tell(Bug("contract"), []) == 250
