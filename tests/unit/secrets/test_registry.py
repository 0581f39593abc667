import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.errors import SecretError
from orchestrator.model.secrets import Secret
from orchestrator.secrets.audit import Finding, audit
from orchestrator.secrets.near import confusable, distance
from orchestrator.secrets.registry import Registry, load_registry
from orchestrator.secrets.strength import weakness

HEAD = """version: 1
environment: staging
environments:
  staging: {namespaces: ["env:STAGING_*"]}
  production: {namespaces: ["op://prod/*"]}
secrets:
"""
GOOD = (
    f"{HEAD}  token: {{purpose: opens it, owner: ana, refs: {{staging: env:STAGING_T, production: op://prod/t/x}}}}\n"
)
TODAY = datetime.date(2026, 11, 21)
STRONG = "9f2c7a1be04d58836f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"


Load = Callable[[str], Registry]


@pytest.fixture
def registry_of(tmp_path: Path) -> Load:
    def load(text: str) -> Registry:
        (tmp_path / "r.yml").write_text(text)
        return load_registry(str(tmp_path / "r.yml"))

    return load


def test_a_registry_gives_references_by_environment(registry_of: Load) -> None:
    registry = registry_of(GOOD)
    assert registry.chosen(None) == "staging"
    assert {name: str(ref) for name, ref in registry.refs("production").items()} == {"token": "op://prod/t/x"}
    with pytest.raises(SecretError, match="did you mean production"):
        registry.chosen("prodution")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "  token: {purpose: p, refs: {staging: env:PROD_T}}",
            "r.yml:7:3: token: env:PROD_T is outside the namespaces",
        ),
        ("  token: {purpose: p, refs: {stagin: env:STAGING_T}}", "did you mean staging"),
        ("  token: {purpose: p}", "needs a ref"),
        ("  token: {purpose: p, refs: {staging: hunter2}}", "a reference to a secret is"),
        ("  token: {purpose: p, refs: {staging: env:STAGING_T}, clas: root}", "r.yml:7:55: secrets.token.clas"),
        ("  token: {refs: {staging: env:STAGING_T}}", "secrets.token.purpose: Field required"),
        ("  Token: {purpose: p, refs: {staging: env:STAGING_T}}", "r.yml:7:3"),
        ("  a: {purpose: p, ref: env:STAGING_A}\n  a: {purpose: q, ref: env:STAGING_B}", "one secret only"),
    ],
)
def test_mistakes_are_told_with_their_places(registry_of: Load, line: str, message: str) -> None:
    with pytest.raises(SecretError) as caught:
        registry_of(HEAD + line + "\n")
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_registry_is_a_mapping_and_an_environment_is_named(registry_of: Load) -> None:
    with pytest.raises(SecretError, match="is a mapping"):
        registry_of("- 1\n")
    with pytest.raises(SecretError, match="--environment staging or production"):
        registry_of(GOOD.replace("environment: staging\n", "")).chosen(None)


def registry(**entries: dict[str, object]) -> Registry:
    whole = {
        name: {"purpose": name, "ref": f"env:{name}", "class": "tool", "owner": "ana", **more}
        for name, more in entries.items()
    }
    return Registry.model_validate({"version": 1, "secrets": whole})


def codes(found: list[Finding]) -> list[tuple[str, str]]:
    return [(each.level, each.code) for each in found]


def test_names_that_are_mixed_up_and_purposes_that_are_the_same() -> None:
    found = audit(registry(openai_key={}, openai_keys={}, node1={}, node2={}), {}, TODAY)
    assert codes(found) == [("warn", "near-miss")]
    assert codes(audit(registry(token={"class": "root"}), {}, TODAY)) == [("warn", "no-rotation")]
    found = audit(registry(one={"purpose": "Opens  it"}, other={"purpose": "opens it"}), {}, TODAY)
    assert codes(found) == [("block", "purpose-twice")]


@pytest.mark.parametrize(("count", "level"), [(11, None), (12, "warn"), (19, "warn"), (20, "block")])
def test_unclassified_secrets_are_counted(count: int, level: str | None) -> None:
    names = [f"{letter * 9}" for letter in "abcdefghijklmnopqrstuvwxyz"[:count]]
    found = audit(registry(**{name: {"owner": None} for name in names}), {}, TODAY)
    assert codes(found) == ([(level, "unclassified")] if level else [])


@pytest.mark.parametrize(("days", "level"), [(90, None), (91, "warn"), (181, "block")])
def test_secrets_grow_old(days: int, level: str | None) -> None:
    entry = {
        "rotated": TODAY - datetime.timedelta(days),
        "rotate_days": 90,
        "block_days": 180,
        "rotation": "rotate.yml",
    }
    found = audit(registry(token=entry), {}, TODAY)
    assert codes(found) == ([(level, "overdue")] if level else [])
    assert not found or found[0].hint == "orch run rotate.yml"


def test_values_that_are_shared() -> None:
    a, b = Secret("value-one"), Secret("value-one")
    both = registry(first={}, second={})
    assert codes(audit(both, {"any": {"first": a, "second": b}}, TODAY)) == [("warn", "same-value")]
    found = audit(both, {"staging": {"first": a}, "production": {"first": b}}, TODAY)
    assert codes(found) == [("block", "shared")]
    assert "value-one" not in str(found)


@pytest.mark.parametrize("value", ["short", "password"])
def test_values_that_cannot_be_hidden_are_refused(value: str) -> None:
    assert codes(audit(registry(token={}), {"any": {"token": Secret(value)}}, TODAY)) == [("block", "untrackable")]


@pytest.mark.parametrize(
    "value",
    [
        "0d2a7c1e-8b1f-4c52-9f3e-7b1d2c3a4e5f",
        "2026-11-21",
        "correct horse",
        "hunter2",
        "12345678",
        "ab" * 20,
        STRONG[:31],
    ],
)
def test_what_opens_everything_must_be_made_by_chance(value: str) -> None:
    assert weakness(Secret(value))
    assert value not in str(weakness(Secret(value)))
    if len(value) >= 8:
        planned = {"class": "root", "rotation": "rotate.yml", "rotate_days": 90}
        found = audit(registry(token=planned), {"any": {"token": Secret(value)}}, TODAY)
        assert codes(found) == [("block", "weak")]


@given(st.binary(min_size=32, max_size=64))
def test_tokens_made_by_chance_are_strong(data: bytes) -> None:
    assert weakness(Secret(STRONG)) is None
    if len(set(data)) > 24:
        assert weakness(Secret(data.hex())) is None


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_is_a_distance(a: str, b: str) -> None:
    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (a == b)
    assert abs(len(a) - len(b)) <= distance(a, b) <= max(len(a), len(b))
    assert distance("gateway", "gatewya") == 1
    assert confusable(["pin", "tls", "gateway_a", "gateway_b"]) == [("gateway_a", "gateway_b")]
