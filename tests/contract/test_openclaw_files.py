"""The files of a change on a simulated Mac: kept and put back byte for byte, replaced atomically, swept.

OpenClaw's command line is stood in for by one that calls a configuration valid unless it holds the word nonsense.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.sim.layout import lay_out
from orchestrator.sim.mac import MacDir, SimMac, session_environment
from tests.contract.driver import FakeContext, Node, Shell

OLD, NEW = "made-up-old-" + "0" * 32, "made-up-new-" + "1a2b" * 8
STAND_IN = """#!/bin/sh
if grep -q nonsense "${OPENCLAW_CONFIG_PATH:-$HOME/.openclaw/openclaw.json}"; then
	echo '{"valid":false,"issues":[{"path":"gateway","message":"Unrecognized key: nonsense"}]}'
	exit 1
fi
echo '{"valid":true}'
"""
ENVIRONMENT = f"export NO_COLOR='1'\nexport OPENCLAW_GATEWAY_TOKEN='{OLD}'\n"


@pytest.fixture(
    params=[("bash", "--posix"), ("dash",), pytest.param(("zsh", "--emulate", "sh"), marks=pytest.mark.needs_zsh)]
)
def mac(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    machine, where = SimMac("mac1", gateway=False), MacDir(tmp_path / "mac")
    lay_out(machine, where, 0)
    (where.bin / "openclaw").write_text(STAND_IN)
    (where.bin / "openclaw").chmod(0o755)
    state = where.home / ".openclaw"
    (state / "service-env").mkdir(parents=True, exist_ok=True)
    (state / "openclaw.json").write_text(json.dumps({"gateway": {"bind": "lan", "auth": {"token": OLD}}}))
    (state / "openclaw.json").chmod(0o600)
    (state / "service-env/ai.openclaw.gateway.env").write_text(ENVIRONMENT)
    plist = where.home / "Library/LaunchAgents/ai.openclaw.gateway.plist"
    words = ["/bin/sh", "wrapper", str(state / "service-env/ai.openclaw.gateway.env")]
    strings = "".join(f"<string>{word}</string>" for word in words)
    plist.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>Label</key><string>x</string>'
        f"<key>ProgramArguments</key><array>{strings}</array></dict></plist>"
    )
    yield Node(Shell(request.param, where.home, {**session_environment(machine, where), "SIM_SESSION": "test"}))


def state_of(mac: Node) -> Path:
    return mac.shell.home / ".openclaw"


def test_a_value_is_set_once_and_the_secret_is_not_told(mac: Node) -> None:
    done = mac.play("openclaw_config", {"set": {"gateway.bind": "loopback"}})
    assert done.changed, done
    config = json.loads((state_of(mac) / "openclaw.json").read_text())
    assert config == {"gateway": {"bind": "loopback", "auth": {"token": OLD}}}
    assert (state_of(mac) / "openclaw.json").stat().st_mode & 0o777 == 0o600
    assert OLD not in str(done)
    assert not mac.play("openclaw_config", {"set": {"gateway.bind": "loopback"}}).changed


def test_what_the_product_calls_invalid_is_not_written(mac: Node) -> None:
    before = (state_of(mac) / "openclaw.json").read_bytes()
    done = mac.play("openclaw_config", {"set": {"gateway.nonsense": 1}})
    assert done.failed and done.data["finding"]["code"] == "config_invalid"
    assert (state_of(mac) / "openclaw.json").read_bytes() == before
    assert [file.name for file in state_of(mac).glob(".orch*")] == []


def test_check_mode_judges_and_writes_nothing(mac: Node) -> None:
    before = (state_of(mac) / "openclaw.json").read_bytes()
    assert mac.play("openclaw_config", {"set": {"gateway.bind": "loopback"}}, FakeContext(check=True)).changed
    assert (state_of(mac) / "openclaw.json").read_bytes() == before


def test_a_snapshot_brings_back_content_and_mode_of_what_differs_alone(mac: Node) -> None:
    config, env = state_of(mac) / "openclaw.json", state_of(mac) / "service-env/ai.openclaw.gateway.env"
    extra = mac.shell.home / "token"
    extra.write_text(OLD)
    before = {file: (file.read_bytes(), file.stat().st_mode) for file in (config, env, extra)}
    names = {"name": "r1", "extra": [str(extra)]}
    assert not mac.play("openclaw_config", {"snapshot": "taken", **names}).failed
    assert mac.play("openclaw_config", {"snapshot": "taken", **names}).failed
    config.write_text("{}")
    config.chmod(0o644)
    extra.write_text(NEW)
    back = mac.play("openclaw_config", {"snapshot": "restored", **names})
    assert back.changed and sorted(back.data["files"]) == sorted([str(config), str(extra)])
    assert {file: (file.read_bytes(), file.stat().st_mode) for file in before} == before
    assert not mac.play("openclaw_config", {"snapshot": "restored", **names}).changed
    assert (mac.shell.home / ".openclaw-snapshots").stat().st_mode & 0o777 == 0o700
    assert not mac.play("openclaw_config", {"snapshot": "dropped", **names}).failed
    assert not (mac.shell.home / ".openclaw-snapshots").exists()
    assert mac.play("openclaw_config", {"snapshot": "restored", **names}).failed


def test_a_token_is_delivered_once_and_the_other_variables_stay(mac: Node) -> None:
    first = mac.play("openclaw_token", {"state": "delivered", "token": NEW})
    assert first.changed, first
    env = state_of(mac) / "service-env/ai.openclaw.gateway.env"
    assert env.read_text() == f"export NO_COLOR='1'\nexport OPENCLAW_GATEWAY_TOKEN='{NEW}'\n"
    assert env.stat().st_mode & 0o777 == 0o600
    assert not mac.play("openclaw_token", {"state": "delivered", "token": NEW}).changed


def test_the_sweep_finds_the_old_token_and_removes_backup_copies_alone(mac: Node) -> None:
    backup = state_of(mac) / "openclaw.json.bak"
    backup.write_text(OLD)
    told = mac.play("openclaw_token", {"state": "swept", "old": OLD})
    assert len(told.data["found"]) == 3 and backup.exists() and not told.changed
    removed = mac.play("openclaw_token", {"state": "swept", "old": OLD, "remove": True})
    assert removed.data["removed"] == [str(backup)] and not backup.exists()
    assert str(state_of(mac) / "openclaw.json") in removed.data["left"]
