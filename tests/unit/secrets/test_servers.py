import json

import pytest

from orchestrator.model.errors import SecretError
from orchestrator.model.secrets import Secret
from orchestrator.secrets.providers import AwsProvider, VaultProvider
from orchestrator.secrets.refs import Ref
from orchestrator.secrets.resolver import Resolver
from tests.unit.secrets.servers import TOKEN, aws, vault

KEPT = {"secret/prod/gateway": {"token": "from vault"}, "old/gateway": {"token": "of engine 1"}}
AWS_KEPT = {"plain": "from aws", "json": json.dumps({"token": "a member"})}


def test_vault_gives_a_field_of_either_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("hvac")
    monkeypatch.setenv("VAULT_TOKEN_HERE", TOKEN)
    with vault(KEPT) as server:
        providers = {
            "v": VaultProvider(source="vault", address=server.url, token="env:VAULT_TOKEN_HERE"),
            "one": VaultProvider(source="vault", address=server.url, token="env:VAULT_TOKEN_HERE", engine=1),
        }
        resolver = Resolver(providers)
        assert resolver.resolve(Ref("vault", "secret/prod/gateway#token", "v")) == Secret("from vault")
        assert resolver.resolve(Ref("vault", "old/gateway#token", "one")) == Secret("of engine 1")
        monkeypatch.setenv("VAULT_ADDR", server.url)
        monkeypatch.setenv("VAULT_TOKEN", TOKEN)
        assert Resolver().resolve(Ref("vault", "secret/prod/gateway#token")) == Secret("from vault")


@pytest.mark.parametrize(
    ("id", "token", "message"),
    [
        ("secret/prod/gateway#tokn", TOKEN, "did you mean token"),
        ("secret/prod/other#token", TOKEN, "InvalidPath"),
        ("secret/prod/gateway#token", "wrong", "Forbidden"),
        ("secret/prod/gateway", TOKEN, "names no field"),
    ],
)
def test_what_vault_does_not_give_is_told(id: str, token: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("hvac")
    with vault(KEPT) as server:
        monkeypatch.setenv("VAULT_ADDR", server.url)
        monkeypatch.setenv("VAULT_TOKEN", token)
        with pytest.raises(SecretError, match=message) as caught:
            Resolver().resolve(Ref("vault", id))
    assert token not in str(caught.value)


def test_a_vault_that_is_away_or_unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("hvac")
    monkeypatch.delenv("VAULT_ADDR", raising=False)
    with pytest.raises(SecretError, match="no server is named"):
        Resolver().resolve(Ref("vault", "secret/a#b"))
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:9")
    with pytest.raises(SecretError, match="is VAULT_ADDR right"):
        Resolver().resolve(Ref("vault", "secret/a#b"))


def test_aws_gives_texts_and_members(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("boto3")
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "key"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ):
        monkeypatch.setenv(name, value)
    with aws(AWS_KEPT) as server:
        resolver = Resolver({"a": AwsProvider(source="aws", region="eu-central-1", endpoint=server.url)})
        assert resolver.resolve(Ref("aws", "plain", "a")) == Secret("from aws")
        assert resolver.resolve(Ref("aws", "json#token", "a")) == Secret("a member")
        for id, message in (("json#tokem", "did you mean token"), ("none", "can't find"), ("plain#x", "is not JSON")):
            with pytest.raises(SecretError, match=message):
                resolver.resolve(Ref("aws", id, "a"))
        assert server.asked
