"""What a change comes to is decided in pure functions: configuration, pairing, token, comparison, bisection."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.model.program import Reply, Run
from orchestrator.model.results import Result
from orchestrator.model.secrets import plain
from orchestrator.modules.openclaw.asking import GatewayArgs, Told, request_text, rpc, told_from
from orchestrator.modules.openclaw.bisect import BisectArgs, bisect_steps
from orchestrator.modules.openclaw.compare import differences
from orchestrator.modules.openclaw.config import ConfigArgs, changed
from orchestrator.modules.openclaw.pairing import PairingArgs, plan
from orchestrator.modules.openclaw.secrets import audited
from orchestrator.modules.openclaw.token import TokenArgs, token_steps
from orchestrator.modules.openclaw.triage import explained, logged
from tests.contract.driver import FakeContext
from tests.unit.modules.openclaw.looks import answer, look

OLD = "fedcba9876543210" * 4
GOOD = "0123456789abcdef" * 4


def test_values_are_set_by_path_and_removed_and_the_old_ones_stay() -> None:
    before = {"gateway": {"bind": "lan", "port": 1}}
    after = changed(before, {"gateway.bind": "loopback", "logging.level": "debug"}, ["gateway.port", "not.there"])
    assert after == {"gateway": {"bind": "loopback"}, "logging": {"level": "debug"}}
    assert before == {"gateway": {"bind": "lan", "port": 1}}


def test_a_path_through_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="bind is a value"):
        changed({"gateway": {"bind": "lan"}}, {"gateway.bind.deeper": 1}, [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "rotated", "token": "short", "old": GOOD},
        {"state": "rotated", "token": "a" * 40, "old": GOOD},
        {"state": "rotated", "token": GOOD, "old": GOOD},
        {"state": "rotated", "token": "change-me-change-me-change-me-now-please", "old": GOOD},
        {"state": "swept"},
        {"state": "delivered"},
    ],
)
def test_bad_tokens_are_refused_before_any_host_is_asked(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TokenArgs.model_validate(wrong)


class Gateway:
    """A gateway that holds one token, as the answers of its node's programs; ``config`` is what its file holds."""

    def __init__(self, holds: str, config: dict[str, Any]) -> None:
        self.holds, self.config = holds, config
        self.mains: list[str] = []

    def answer(self, request: Any) -> Reply:
        assert isinstance(request, Run)
        self.mains.append(request.main)
        if request.main == "oc_config_read":
            return Reply(0, json.dumps(self.config).encode())
        if request.main != "oc_rpc_alone":
            return Reply(0, said=(("written", "/h/file"), ("verdict", '{"valid":true}')))
        asked = json.loads(plain(request.values["request"]))
        good = asked["token"] == self.holds
        if any(call["method"] == "secrets.reload" for call in asked["calls"]) or not asked["token"]:
            self.holds = asked["prove"]
        calls = [{"method": call["method"], "ok": True, "payload": {}} for call in asked["calls"]]
        refused = {"ok": False, "error": {"message": "token mismatch", "details": {"code": "AUTH_TOKEN_MISMATCH"}}}
        told = {"connect": {"ok": True} if good else refused, "calls": calls if good else []}
        return Reply(0, json.dumps({**told, "proof": {"accepted": True, "after_ms": 40}}).encode())

    def play(self, **args: Any) -> Result:
        steps, reply = token_steps(TokenArgs.model_validate(args), FakeContext()), None
        while True:
            try:
                reply = self.answer(steps.send(reply))
            except StopIteration as end:
                assert isinstance(end.value, Result)
                return end.value


def held_by(token: Any, **provider: str) -> dict[str, Any]:
    return {"gateway": {"auth": {"mode": "token", "token": token}}, "secrets": {"providers": {"p": provider}}}


@pytest.mark.parametrize(
    ("config", "source", "writes"),
    [
        (held_by(OLD), "inline", "oc_config_write"),
        (
            held_by({"source": "file", "provider": "p", "id": "value"}, mode="singleValue", path="/t"),
            "file",
            "oc_private_write",
        ),
        (held_by({"source": "store", "provider": "p", "id": "GATEWAY"}), "store", "oc_store_write"),
    ],
)
def test_a_token_is_rotated_by_the_way_the_gateway_takes_it(config: dict[str, Any], source: str, writes: str) -> None:
    gateway = Gateway(OLD, config)
    done = gateway.play(state="rotated", token=GOOD, old=OLD)
    assert (done.changed, done.failed, done.data["source"], done.data["outage_ms"]) == (True, False, source, 40), done
    assert writes in gateway.mains
    gateway.mains.clear()
    again = gateway.play(state="rotated", token=GOOD, old=OLD)
    assert (again.changed, again.failed) == (False, False)
    assert set(gateway.mains) == {"oc_rpc_alone"}


def test_a_token_in_the_service_s_environment_waits_for_a_restart() -> None:
    gateway = Gateway(OLD, held_by({"source": "env", "provider": "default", "id": "GATEWAY"}))
    done = gateway.play(state="rotated", token=GOOD, old=OLD)
    assert done.changed and done.data["restart_needed"] is True
    assert gateway.mains[-1] == "oc_variable_write"


def test_nothing_is_written_where_the_old_token_is_not_the_gateway_s() -> None:
    gateway = Gateway("some-other-token", held_by(OLD))
    done = gateway.play(state="rotated", token=GOOD, old=OLD)
    assert done.failed and "nothing was changed" in str(done.msg)
    assert "oc_config_write" not in gateway.mains


def test_setting_and_a_snapshot_are_two_tasks() -> None:
    with pytest.raises(ValidationError):
        ConfigArgs.model_validate({"set": {"a": 1}, "snapshot": "taken"})


def test_only_what_waits_is_approved_and_only_live_tokens_are_revoked() -> None:
    told = Told(
        True,
        payloads={
            "device.pair.list": {
                "pending": [{"displayName": "n2", "requestId": "d2"}],
                "paired": [
                    {"displayName": "n1", "deviceId": "1", "tokens": [{"role": "node"}]},
                    {"displayName": "n3", "deviceId": "3", "tokens": [{"role": "node", "revokedAtMs": 5}]},
                ],
            },
            "node.pair.list": {"pending": [{"displayName": "n1", "requestId": "s1"}]},
        },
    )
    args = PairingArgs(approve=["n1", "n2"], revoke=["n1", "n3"], remove=["n3"])
    assert list(plan(args, told)) == [
        ("device.pair.approve", {"requestId": "d2"}),
        ("node.pair.approve", {"requestId": "s1"}),
        ("device.token.revoke", {"deviceId": "1", "role": "node"}),
        ("device.pair.remove", {"deviceId": "3"}),
    ]
    assert list(plan(PairingArgs(approve=["n9"]), told)) == []


def test_two_hosts_that_differ_in_one_field_differ_in_that_alone() -> None:
    left = {"version": "1", "service": {"enabled": True, "pid": 3}, "pid": 3}
    right = {"version": "1", "service": {"enabled": False, "pid": 9}, "pid": 9}
    found = list(differences(left, right, ["pid", "service.pid"]))
    assert found == [{"field": "service.enabled", "left": True, "right": False}]


@pytest.mark.parametrize("count", [2, 3, 8, 9, 33])
def test_the_first_bad_configuration_is_found_in_log2_tries(count: int) -> None:
    names = [f"/s/{number}" for number in range(count)]
    for first_bad in range(count):
        steps = bisect_steps(BisectArgs(snapshots=names), FakeContext())
        result = _driven(steps, names, first_bad)
        assert result.data["first_bad"] == names[first_bad]
        assert len(result.data["tries"]) <= (count - 1).bit_length()


def _driven(steps: Any, names: list[str], first_bad: int) -> Result:
    reply: Reply | None = None
    while True:
        try:
            request = steps.send(reply)
        except StopIteration as end:
            assert isinstance(end.value, Result)
            return end.value
        assert isinstance(request, Run)
        good = names.index(str(request.values["candidate"])) < first_bad
        reply = Reply(0, said=(("good", "yes" if good else "no"),))


def test_no_token_is_in_a_program_s_text_or_its_environment() -> None:
    args = GatewayArgs(token=GOOD)
    request = next(rpc(FakeContext(), args, ("status", {})))
    assert isinstance(request, Run)
    assert GOOD not in str(request.environment) + request.main + "".join(one.text for one in request.scripts)
    assert GOOD not in str({name: str(value) for name, value in request.values.items()})
    assert GOOD in plain(request.values["request"])


def test_answers_that_are_none_are_said_to_be_none() -> None:
    assert not told_from("", "no Node.js was found\nmore").ok
    assert told_from("", "no Node.js was found\nmore").trouble == "no Node.js was found"
    assert "@PORT@" in request_text("t", [("status", {})])


def test_the_audit_judges_env_references_only_where_the_service_runs() -> None:
    rows = [
        {"code": "REF_UNRESOLVED", "message": "Failed to resolve env:default:X", "severity": "error"},
        {"code": "REF_UNRESOLVED", "message": "Failed to resolve file:a:value", "severity": "error"},
        {"code": "PLAINTEXT_FOUND", "message": "a token", "severity": "warn"},
    ]
    assert [one.code for one in audited({"findings": rows}, look())] == ["secret_unresolved", "secret_plaintext"]


def test_a_message_is_explained_and_the_log_is_read_from_its_end() -> None:
    seen = look(log=answer("reason=token_mismatch\nconnect ECONNREFUSED 127.0.0.1:1\n[gateway] started\n"))
    assert [one.code for one in explained(["device identity required", "words of nobody"], seen)] == ["token_missing"]
    assert [one.code for one in logged(seen)] == ["unreachable"]
    assert logged(look(log=answer("connect ECONNREFUSED 127.0.0.1:1\nnode host gateway connected: ws://x\n"))) == []
