import json
import stat
import sys
from pathlib import Path

import pytest

from orchestrator.model.errors import SecretError
from orchestrator.model.secrets import Secret
from orchestrator.secrets import sources
from orchestrator.secrets.providers import EnvProvider, ExecProvider, FileProvider, Provider
from orchestrator.secrets.refs import Ref, find_refs, is_ref, parse
from orchestrator.secrets.resolver import Resolver


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """A provider that speaks OpenClaw's protocol."""
    file = tmp_path / "provider"
    file.write_text(
        f"#!{sys.executable}\nimport json, sys\nasked = json.load(sys.stdin)\n"
        "values = {id: 'value of ' + id for id in asked['ids'] if id != 'no'}\n"
        "print(json.dumps({'protocolVersion': 1, 'values': values}))\n"
    )
    file.chmod(0o700)
    return file


def test_both_shapes_are_parsed() -> None:
    assert parse("env:TOKEN") == Ref("env", "TOKEN")
    assert parse("exec:pass show 'a b'") == Ref("exec", "pass show 'a b'")
    assert parse({"source": "file", "provider": "keys", "id": "/a/b"}) == Ref("file", "/a/b", "keys")
    assert str(parse("env:TOKEN")) == "env:TOKEN"
    assert parse("${TOKEN}") == parse("$TOKEN") == Ref("env", "TOKEN")
    assert str(Ref("file", "/a", "keys")) == "file:keys:/a"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("hunter2", "a reference to a secret is"),
        ("evn:TOKEN", "did you mean env:"),
        ("env:", "a reference to a secret is"),
        ({"source": "fiel", "id": "x"}, "did you mean file"),
        ({"source": "env", "id": ""}, "needs an id"),
    ],
)
def test_what_is_no_reference_is_said_without_repeating_it(written: object, message: str) -> None:
    with pytest.raises(SecretError) as caught:
        parse(written)
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_references_are_found_anywhere_in_data() -> None:
    ref = {"source": "env", "provider": "default", "id": "A"}
    assert find_refs({"x": [{"token": ref}], "y": {"source": "git", "url": "u"}}) == [Ref("env", "A")]
    assert not is_ref({"source": "env"})
    assert not is_ref("env:A")


def test_environment_variables_and_their_near_misses() -> None:
    assert sources.from_environment("TOKEN", {"TOKEN": "v"}) == Secret("v")
    with pytest.raises(SecretError, match="GATEWAY_TOKN is not set") as caught:
        sources.from_environment("GATEWAY_TOKN", {"GATEWAY_TOKEN": "v"})
    assert "did you mean GATEWAY_TOKEN?" in str(caught.value)
    with pytest.raises(SecretError):
        sources.from_environment("TOKEN", {"TOKEN": ""})


def test_files_whole_and_by_pointer(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    (tmp_path / "keys.json").write_text(json.dumps({"a": {"b/c": "deep"}, "n": 1}))
    assert sources.from_file(str(tmp_path / "password")) == Secret("hunter2")
    assert sources.from_file(str(tmp_path / "keys.json"), "/a/b~1c") == Secret("deep")
    with pytest.raises(SecretError, match="did you mean password"):
        sources.from_file(str(tmp_path / "pasword"))
    with pytest.raises(SecretError, match="did you mean a"):
        sources.from_file(str(tmp_path / "keys.json"), "/aa")
    with pytest.raises(SecretError, match="is not a text"):
        sources.from_file(str(tmp_path / "keys.json"), "/n")
    with pytest.raises(SecretError, match="is not JSON"):
        sources.from_file(str(tmp_path / "password"), "/a")


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "empty"), (b"\xff\xfe", "not UTF-8"), (b"x" * 70000, "more than 64 KB")]
)
def test_files_that_hold_no_secret(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(SecretError, match=message):
        sources.from_file(str(tmp_path / "f"))


def test_commands_run_without_a_shell_and_within_limits() -> None:
    assert sources.from_command(["printf", "%s\n", "$HOME; `id`"]) == Secret("$HOME; `id`")
    with pytest.raises(SecretError, match="ended with status 3") as caught:
        sources.from_command(["sh", "-c", "echo out-secret; echo why >&2; exit 3"])
    assert "why" in str(caught.value)
    assert "out-secret" not in str(caught.value)
    with pytest.raises(SecretError, match="within 0 s"):
        sources.from_command(["sleep", "5"], timeout_s=0.1)
    with pytest.raises(SecretError, match="No such file"):
        sources.from_command(["/nowhere/at-all"])
    with pytest.raises(SecretError, match="empty"):
        sources.from_command([])


def test_providers_are_asked_in_openclaws_protocol(command: Path, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"a": "from a file"}')
    (tmp_path / "keys.json").chmod(0o600)
    providers: dict[str, Provider] = {
        "vault": ExecProvider(source="exec", command=str(command)),
        "keys": FileProvider(source="file", path=str(tmp_path / "keys.json")),
        "few": EnvProvider(source="env", allowlist=("HOME",)),
    }
    resolver = Resolver(providers)
    assert resolver.resolve(Ref("exec", "db/password", "vault")) == Secret("value of db/password")
    assert resolver.resolve(Ref("file", "/a", "keys")) == Secret("from a file")
    with pytest.raises(SecretError, match="gave no value for no"):
        resolver.resolve(Ref("exec", "no", "vault"))
    with pytest.raises(SecretError, match="did you mean vault"):
        resolver.resolve(Ref("exec", "x", "vautl"))
    assert resolver.resolve(Ref("env", "HOME", "few"))
    with pytest.raises(SecretError, match="not in the allowlist"):
        resolver.resolve(Ref("env", "PATH", "few"))


@pytest.mark.parametrize(
    ("mode", "kind", "message"), [(0o644, "file", "chmod 600"), (0o722, "exec", "can be changed by others")]
)
def test_what_others_could_read_or_change_is_refused(
    command: Path, tmp_path: Path, mode: int, kind: str, message: str
) -> None:
    command.chmod(mode)
    providers: dict[str, Provider] = {
        "p": FileProvider(source="file", path=str(command), mode="singleValue")
        if kind == "file"
        else ExecProvider(source="exec", command=str(command))
    }
    with pytest.raises(SecretError, match=message):
        Resolver(providers).resolve(Ref(kind, "value", "p"))
    (tmp_path / "link").symlink_to(command)
    linked: dict[str, Provider] = {"p": FileProvider(source="file", path=str(tmp_path / "link"))}
    with pytest.raises(SecretError, match="is a link"):
        Resolver(linked).resolve(Ref("file", "value", "p"))


def test_the_gateways_own_store_is_not_ours_to_open() -> None:
    with pytest.raises(SecretError, match="the gateway's own store"):
        Resolver().resolve(parse({"source": "store", "provider": "default", "id": "TOKEN"}))


def test_each_reference_is_resolved_once_and_registered(tmp_path: Path) -> None:
    count = tmp_path / "count"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\necho x >>'{count}'\necho secret-value\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    seen: list[tuple[Secret, str]] = []
    resolver = Resolver(register=lambda secret, name: seen.append((secret, name)))
    for _ in range(3):
        assert resolver.resolve(parse(f"exec:{script}")) == Secret("secret-value")
    assert count.read_text() == "x\n"
    assert seen == [(Secret("secret-value"), f"exec:{script}")]


def test_all_missing_references_are_told_at_once() -> None:
    failures = Resolver().check([Ref("env", "ORCH_TEST_NONE_1"), Ref("env", "ORCH_TEST_NONE_2"), Ref("env", "PATH")])
    assert [each.ref.id for each in failures] == ["ORCH_TEST_NONE_1", "ORCH_TEST_NONE_2"]


def test_the_keyring_names_what_it_needs() -> None:
    with pytest.raises(SecretError, match="keyring"):
        Resolver().resolve(parse("keyring:orch/no-such-name"))
