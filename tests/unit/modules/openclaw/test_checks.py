"""Each fault is found in its layer, under its name, with evidence and a command; a sound gateway shows none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.modules.macos.sockets import Listener
from orchestrator.modules.openclaw.checks import CHECKS, Wanted, findings, summary
from orchestrator.modules.openclaw.facts import FactsArgs, facts_of, fingerprint, install_method
from orchestrator.modules.openclaw.looking import Seen, masked
from tests.unit.modules.openclaw.looks import CONFIG, NODE, NOW, PID, answer, job, look, refusal, rpc, view

DEGRADED = {
    "ownerKind": "provider",
    "ownerId": "demo",
    "degradationState": "cold",
    "reason": "not found",
    "paths": ["x"],
}
FAULTS: list[tuple[str, str, Seen, Wanted]] = [
    ("second_install", "D", look(installs=answer("/a/openclaw\tA 1\n/b/openclaw\tB 2\n")), Wanted()),
    ("not_installed", "D", look(installs=answer(""), version=answer("", 127)), Wanted()),
    ("memory_pressure", "D", look(pressure=answer("2\n")), Wanted()),
    ("permissions_wide", "B", look(files=answer("644 1 /h/.openclaw/openclaw.json\n")), Wanted()),
    ("permissions_wide", "B", look(files=answer("777 1 /h/.openclaw\n")), Wanted()),
    ("config_invalid", "B", look(config=answer("", 1, "SyntaxError: JSON5: invalid end of input\n")), Wanted()),
    ("config_invalid", "B", look(validate=answer('{"valid":false,"issues":[{"path":"x","message":"no"}]}')), Wanted()),
    ("bind_wide", "A", look(seen_view=view(Listener("*", 18789, "ipv4", PID, "node"))), Wanted()),
    ("port_taken", "D", look(seen_view=view(Listener("127.0.0.1", 18789, "ipv4", 99, "nc"))), Wanted()),
    ("service_down", "D", look(job(fields={})), Wanted()),
    ("service_manager", "D", look(job(loaded=False, domain_exists=False, fields={})), Wanted()),
    ("config_invalid", "B", look(job(fields={}), log=answer("Invalid config at x: Unrecognized key\n")), Wanted()),
    ("stale_process", "D", look(files=answer(f"600 {NOW - 10} /h/e.env\n")), Wanted()),
    ("version_skew", "D", look(rpc=answer(rpc(status={"runtimeVersion": "2026.8.1"}))), Wanted()),
    ("not_ready", "A", look(ready=answer('{"ready":false,"failing":["startup-sidecars"]}')), Wanted()),
    ("unreachable", "A", look(ready=answer("", 7, "curl: (7) Failed to connect\n")), Wanted()),
    ("unreachable", "A", look(ready=answer("<html>the user interface</html>")), Wanted()),
    ("token_mismatch", "A", look(rpc=answer(refusal("AUTH_TOKEN_MISMATCH", "unauthorized: token mismatch"))), Wanted()),
    ("anonymous_let_in", "A", look(anonymous=answer("200")), Wanted()),
    ("proxy_header", "B", look(host=answer('{"error":{}}')), Wanted()),
    ("policy_changed", "B", look(rpc=answer(rpc(exec_approvals_get={"resolvedDefaults": {"security": "full"}}))),
     Wanted(exec_security="allowlist")),
    ("secret_missing_env", "C", look(names=answer("NO_COLOR\n")), Wanted()),
    ("secret_name", "C", look(names=answer("DEMO_KEYS\n")), Wanted()),
    ("secret_name", "C", look(), Wanted(registry={"DEMO_KEYS": "models"})),
    ("secret_unregistered", "C", look(), Wanted(registry={"DEMO_KEY": "models", "OTHER_NAME_ENTIRELY": "x"})),
    ("secret_unregistered", "C", look(), Wanted(registry={})),
    ("secret_unresolved", "C", look(rpc=answer(rpc(status={"degradedSecretOwners": [DEGRADED]}))), Wanted()),
    ("node_absent", "D", look(), Wanted(nodes=("node9",))),
    ("node_unsound", "D", look(rpc=answer(rpc(node_list={"nodes": [{**NODE, "connected": False}]}))),
     Wanted(nodes=("node1",))),
    ("awaiting_approval", "B", look(rpc=answer(rpc(node_list={"nodes": [{**NODE, "approvalState": "unapproved"}]}))),
     Wanted(nodes=("node1",))),
]  # fmt: skip


def test_a_sound_gateway_shows_nothing() -> None:
    sound = Wanted(registry={"DEMO_KEY": "models"}, nodes=("node1",), exec_security="allowlist")
    assert findings(look(), sound, list(CHECKS)) == []
    assert summary([]) == {"A": "green", "B": "green", "C": "green", "D": "green"}


@pytest.mark.parametrize(("code", "layer", "seen", "wanted"), FAULTS, ids=[f"{n}-{f[0]}" for n, f in enumerate(FAULTS)])
def test_a_fault_is_found(code: str, layer: str, seen: Seen, wanted: Wanted) -> None:
    found = findings(seen, wanted, list(CHECKS))
    assert code in {one.code for one in found}
    first = next(one for one in found if one.code == code)
    assert first.symptom.layer == layer
    assert first.evidence
    assert "{" not in first.command


def test_without_a_token_that_is_said_and_nothing_is_guessed() -> None:
    answers: dict[str, Any] = {"rpc": answer("")}
    seen = look(**answers)
    assert [one.code for one in findings(seen, Wanted(nodes=("node1",)), ["token", "nodes", "degraded"])] == [
        "unreachable"
    ]


def test_the_digest_of_a_configuration_knows_no_order_and_no_secret() -> None:
    turned = dict(reversed(CONFIG.items()))
    same = look(config=answer(json.dumps({**turned, "meta": {"lastTouchedVersion": "1"}})))
    assert same.config_hash() == look().config_hash()
    inline = {**CONFIG, "gateway": {**CONFIG["gateway"], "auth": {"mode": "token", "token": "made-up-one"}}}
    other = {**CONFIG, "gateway": {**CONFIG["gateway"], "auth": {"mode": "token", "token": "made-up-two"}}}
    first, second = (look(config=answer(json.dumps(one))) for one in (inline, other))
    assert first.config_hash() == second.config_hash() != look().config_hash()
    assert (first.token_source, look().token_source) == ("inline", "file")
    assert "made-up" not in json.dumps(masked(inline))


def test_facts_name_no_secret_and_say_what_was_not_seen() -> None:
    facts = facts_of(look(), FactsArgs(token="made-up-token", fingerprint_key="k"), 0.0)
    assert facts["token_fingerprint"] == fingerprint("made-up-token", "k") != fingerprint("made-up-token", "other")
    assert "made-up-token" not in json.dumps(facts)
    assert (facts["version"], facts["runtime_version"], facts["boot_id"]) == ("2026.9.6", "2026.9.6", "b1")
    assert facts["memory_pressure_level"] == 1 and facts["cpu_s"] == 12.5
    unseen = facts_of(look(process=answer(""), pressure=answer("?")), FactsArgs(), 0.0)
    assert unseen["pid"] is None and unseen["memory_pressure_level"] is None and unseen["token_fingerprint"] is None


@pytest.mark.parametrize(
    ("entry", "method"),
    [
        ("/opt/homebrew/lib/node_modules/openclaw/openclaw.mjs", "homebrew"),
        ("/Users/a/.bun/install/global/node_modules/openclaw/x", "bun"),
        ("/usr/local/lib/node_modules/openclaw/openclaw.mjs", "npm"),
        ("/x/openclaw", "unknown"),
    ],
)
def test_the_way_it_was_installed(entry: str, method: str) -> None:
    assert install_method(entry) == method
