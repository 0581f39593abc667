import io
import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.cli import errors, last_write
from orchestrator.model.fingerprint import fingerprint
from orchestrator.model.secrets import Secret
from orchestrator.model.status import Status
from tests.unit.cli.conftest import Orch

TOKEN = "9f2c7a1be04d58836f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"
REGISTRY = """version: 1
environment: staging
environments: {staging: {}, production: {namespaces: ["env:PROD_*"]}}
secrets:
  gateway_token:
    purpose: opens the gateway
    class: root
    owner: ana
    openclaw_id: GATEWAY
    refs: {staging: env:GATEWAY, production: env:PROD_GATEWAY}
"""


@pytest.fixture
def kept(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a registry, whose secret is in the environment."""
    (here / "secrets.yml").write_text(REGISTRY)
    monkeypatch.setenv("GATEWAY", TOKEN)
    monkeypatch.delenv("PROD_GATEWAY", raising=False)
    return here


def played(orch: Orch, here: Path, *tasks: object) -> tuple[int, str, str]:
    (here / "play.json").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": list(tasks)}]))
    return orch("run", "play.json", "-i", "hosts", "--secrets", "secrets.yml", "--diff")


def test_a_run_takes_its_secrets_from_the_registry(orch: Orch, kept: Path) -> None:
    found, out, err = played(
        orch,
        kept,
        {"copy": {"dest": str(kept / "token"), "content": "{{ secrets.gateway_token }}"}},
        {"debug": {"msg": "it is {{ secrets['gateway_token'] }}, for {{ secret_registry.GATEWAY }}"}},
        {"debug": {"var": "fingerprint_key"}},
    )
    assert found == 0, out + err
    assert (kept / "token").read_text() == TOKEN
    assert '"fingerprint_key": "***"' in out
    assert "it is ***, for opens the gateway" in out and TOKEN not in out + err
    assert "secrets of staging by secrets.yml, revision " in err
    told = orch("runs", "show", "last")
    assert f"gateway_token {orch('secrets', 'fingerprint', 'env:GATEWAY')[1][:12]}" in "".join(map(str, told))


def test_one_missing_secret_stops_everything(orch: Orch, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY")
    monkeypatch.setenv("GATEWAYS", "x")
    found, _, err = played(orch, kept, {"copy": {"dest": str(kept / "made"), "content": "x"}})
    assert found == 1 and not (kept / "made").exists()
    assert "1 of 1 secrets of staging cannot be resolved; nothing was touched" in err
    assert "did you mean GATEWAYS" in err


def test_a_name_that_the_registry_does_not_have_is_found_before_anything(orch: Orch, kept: Path) -> None:
    found, _, err = played(orch, kept, {"debug": {"msg": "{{ secrets.gatway_token }}"}})
    assert found == 1
    assert "the registry has no secret gatway_token" in err and "did you mean gateway_token?" in err


def test_a_value_in_a_playbook_is_refused(orch: Orch, kept: Path) -> None:
    found, _, err = played(orch, kept, {"debug": {"msg": f"oh {TOKEN}"}})
    assert found == 1
    assert "play.json:1" in err and "write {{ secrets.gateway_token }} in its place" in err and TOKEN not in err
    (kept / "hosts").write_text(f"here ansible_connection=local token={TOKEN}\n")
    found, _, err = played(orch, kept, {"debug": {"msg": "well"}})
    assert found == 1 and "hosts:1" in err


def test_what_must_not_run_is_told(orch: Orch, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY", "password")
    found, _, err = played(orch, kept, {"debug": {"msg": "x"}})
    assert found == 1 and "too short or too common to be kept out of sight" in err
    monkeypatch.setenv("GATEWAY", "correct horse battery")
    assert "opens everything" in played(orch, kept, {"debug": {"msg": "x"}})[2]


def test_check_says_all_there_is_to_say(orch: Orch, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, out, _ = orch("secrets", "check", "--secrets", "secrets.yml")
    assert found == 0, out
    assert "ok       gateway_token = env:GATEWAY" in out and "1 of 1 secrets of production cannot be seen" in out
    monkeypatch.setenv("PROD_GATEWAY", TOKEN)
    (kept / ".env").write_text("GATEWAY=another\n")
    found, out, _ = orch("secrets", "check", "--secrets", "secrets.yml", "env:HOME")
    assert found == 1
    assert "gateway_token of production are the same value" in out
    assert "GATEWAY has another value in .env" in out
    assert "outside the registry: env:HOME" in out
    assert TOKEN not in out


def test_references_into_the_gateways_store_are_the_nodes_affair(orch: Orch, kept: Path) -> None:
    ref = json.dumps({"x": {"source": "store", "provider": "default", "id": "T"}})
    found, out, _ = orch("secrets", "check", "-e", ref)
    assert found == 0 and "on node  store:T" in out


def test_fingerprints_are_comparable_and_keyed(orch: Orch, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, out, _ = orch("secrets", "fingerprint", "--secrets", "secrets.yml")
    assert found == 0 and TOKEN not in out
    key = kept.parent / "state/fingerprint.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    made = fingerprint(Secret(key.read_text()), TOKEN)
    assert out == f"{made}  {made}:64  gateway_token\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(TOKEN + "\n"))
    assert orch("secrets", "fingerprint", "-")[1].startswith(made)
    team = REGISTRY.replace("secrets:\n", "fingerprint_key: env:TEAM_KEY\nsecrets:\n")
    (kept / "secrets.yml").write_text(team)
    monkeypatch.setenv("TEAM_KEY", "t" * 32)
    assert orch("secrets", "fingerprint", "--secrets", "secrets.yml")[1].startswith(
        fingerprint(Secret("t" * 32), TOKEN)
    )


def test_scan_finds_copies_here(orch: Orch, kept: Path) -> None:
    assert orch("secrets", "scan", "--secrets", "secrets.yml")[0] == 0
    (kept / "notes.txt").write_text(f"first\n{TOKEN}\n")
    found, out, _ = orch("secrets", "scan", "--secrets", "secrets.yml")
    assert found == 2
    assert "./notes.txt:2: gateway_token" in out and TOKEN not in out
    assert orch("secrets", "scan")[0] == 0
    (kept / "notes.txt").write_text("GITHUB=ghp_" + "a1B2" * 9)
    found, out, _ = orch("secrets", "scan")
    assert found == 2 and "./notes.txt:1: what looks like a GitHub token" in out


def test_scan_finds_copies_on_hosts_by_fingerprint(
    orch: Orch, kept: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (kept / "copy.txt").write_text(f"<{TOKEN}>")
    where = ["--on", "all", "-i", "hosts", "--also", str(kept / "copy.txt")]
    found, out, err = orch("secrets", "scan", "--secrets", "secrets.yml", *where)
    assert found == 2 and "gateway_token as it is in " in out + err
    old = orch("secrets", "fingerprint", "--secrets", "secrets.yml")[1].split()[1]
    found, out, err = orch("secrets", "scan", *where, "--fingerprint", old)
    assert found == 2 and f"the value of {old} in" in out + err
    key = (tmp_path / "state/fingerprint.key").read_text()
    assert TOKEN not in out + err and key not in out + err


def test_bugs_and_warnings_show_nothing(process: Callable[..., "subprocess.Popen[str]"], kept: Path) -> None:
    """What a plug-in of the user's prints to stderr comes by no way of ours, and is hidden all the same."""
    (kept / "filter_plugins").mkdir()
    (kept / "filter_plugins/mine.py").write_text(
        "import sys, warnings, logging\n"
        "def loud(text):\n"
        "    logging.getLogger('x').error('logged %s', text)\n"
        "    warnings.warn('warned ' + text)\n"
        "    sys.stderr.write('written ' + text)\n"
        "    return ''\n"
        "class FilterModule:\n    def filters(self): return {'loud': loud}\n"
    )
    play = [
        {"hosts": "all", "gather_facts": False, "tasks": [{"debug": {"msg": "{{ secrets.gateway_token | loud }}"}}]}
    ]
    (kept / "play.json").write_text(json.dumps(play))
    told = process("run", "play.json", "-i", "hosts", "--secrets", "secrets.yml")
    out, err = told.communicate(timeout=40)
    assert "logged ***" in err and "warned ***" in err and "written ***" in err
    assert TOKEN not in out + err


def test_a_bug_of_ours_tells_no_secret(kept: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    last_write.hide_with(lambda text: text.replace(TOKEN, "***"))
    assert errors.tell(RuntimeError(f"it was {TOKEN}"), ["run"]) == Status.BUG
    last_write.forget()
    (trace,) = (tmp_path / "state/bugs").iterdir()
    assert "it was ***" in trace.read_text() and TOKEN not in trace.read_text()


def test_the_last_write_holds_back_no_whole_line() -> None:
    stream = io.StringIO()
    guarded = last_write.LastWrite(stream)
    last_write.hide_with(lambda text: text.replace("secret", "***"))
    guarded.writelines(["a sec", "ret\nand a "])
    assert stream.getvalue() == "a ***\n"
    guarded.flush()
    assert stream.getvalue() == "a ***\nand a "
    assert not guarded.isatty()
    last_write.forget()


def test_secrets_in_command_lines_are_warned_of(orch: Orch, kept: Path) -> None:
    tasks = [
        {"name": "bad", "shell": "true {{ secrets.gateway_token }}", "changed_when": False},
        {"name": "bad", "command": {"argv": ["true", "{{ db_password }}"]}, "changed_when": False},
        {"name": "bad", "command": "true", "environment": {"T": "{{ x_token | b64encode }}"}, "changed_when": False},
        {"name": "bad", "osx_defaults": {"domain": "d", "key": "k", "value": "{{ api_secret }}"}},
        {"name": "good", "command": "cat", "args": {"stdin": "{{ secrets.gateway_token }}"}, "changed_when": False},
        {"name": "good", "copy": {"content": "{{ secrets.gateway_token }}", "dest": "/tmp/none"}, "when": False},
    ]
    (kept / "play.json").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    advice = orch("lint", "play.json")[1].splitlines()
    assert [line.split(": ")[2].split(" is in")[0] for line in advice] == [
        "secrets.gateway_token", "db_password", "x_token", "api_secret"
    ]  # fmt: skip
    _, _, err = played(orch, kept, tasks[0])
    assert "secrets.gateway_token is in a command line" in err


def test_a_resumed_run_takes_its_secrets_anew(orch: Orch, kept: Path) -> None:
    tasks = [
        {"command": "sleep 1.5"},
        {"copy": {"dest": str(kept / "token"), "content": "{{ secrets.gateway_token }}", "mode": "0600"}},
    ]
    (kept / "play.json").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    began = orch("run", "play.json", "-i", "hosts", "--secrets", "secrets.yml", "--run-limit", "1")
    assert began[0] != 0 and not (kept / "token").exists()
    found, out, err = orch("resume", "last")
    assert found == 0, out + err
    assert (kept / "token").read_text() == TOKEN and TOKEN not in out + err
