"""Stores across the network: HashiCorp Vault by hvac, AWS Secrets Manager by boto3. Both are extras."""

from __future__ import annotations

import json
import os
from typing import Any

from orchestrator.model.errors import SecretError
from orchestrator.model.secrets import Secret
from orchestrator.secrets.near import meant

TIMEOUT_S = 10


def from_vault(
    id: str, address: str | None, token: Secret | None, namespace: str | None = None, engine: int = 2
) -> Secret:
    """The field at ``MOUNT/PATH#FIELD`` of a key-value engine, version 1 or 2. Without ``address`` and ``token``,
    Vault's own VAULT_ADDR and VAULT_TOKEN hold."""
    hvac = _hvac()
    from requests.exceptions import RequestException

    mount, _, rest = id.partition("/")
    path, _, field = rest.partition("#")
    if not (mount and path and field):
        raise SecretError(f"vault:{id} names no field", hint="vault:MOUNT/PATH#FIELD")
    url = address or os.environ.get("VAULT_ADDR")
    if not url:
        raise SecretError(f"vault:{id}: no server is named", hint="export VAULT_ADDR, or declare a provider")
    known = token.reveal() if token else os.environ.get("VAULT_TOKEN")
    client = hvac.Client(url=url, token=known, namespace=namespace, timeout=TIMEOUT_S)
    try:
        fields = _fields(client, mount, path, engine)
    except (hvac.exceptions.VaultError, RequestException) as error:
        said = _first_line(error)
        raise SecretError(f"vault:{id}: {type(error).__name__}", evidence=said, hint=_vault_hint(error)) from error
    finally:
        client.adapter.close()
    return _member(fields, field, f"vault:{id}")


def from_aws(id: str, region: str | None = None, endpoint: str | None = None, profile: str | None = None) -> Secret:
    """The secret ``NAME``, or of a JSON secret the member ``NAME#KEY``, of AWS Secrets Manager. Region and credentials
    are found as every AWS tool finds them."""
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise SecretError("AWS needs another package", hint="pip install 'mac-orchestrator[aws]'") from error
    name, _, key = id.partition("#")
    limits = Config(connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"max_attempts": 2})
    try:
        session = boto3.session.Session(profile_name=profile, region_name=region)
        client = session.client("secretsmanager", endpoint_url=endpoint, config=limits)
        text = client.get_secret_value(SecretId=name).get("SecretString")
    except (BotoCoreError, ClientError) as error:
        raise SecretError(f"aws:{id}: {type(error).__name__}", evidence=_first_line(error)) from error
    if not text:
        raise SecretError(f"aws:{id} holds bytes, not a text")
    if not key:
        return Secret(text)
    try:
        members = json.loads(text)
    except ValueError as error:
        raise SecretError(f"aws:{name} is not JSON, so it has no {key}") from error
    return _member(members, key, f"aws:{id}")


def _hvac() -> Any:
    try:
        import hvac
    except ImportError as error:
        raise SecretError(
            "Vault needs another package", hint="pip install 'mac-orchestrator[vault-hashicorp]'"
        ) from error
    return hvac


def _fields(client: Any, mount: str, path: str, engine: int) -> Any:
    if engine == 1:
        return client.secrets.kv.v1.read_secret(path=path, mount_point=mount)["data"]
    found = client.secrets.kv.v2.read_secret_version(path=path, mount_point=mount, raise_on_deleted_version=True)
    return found["data"]["data"]


def _vault_hint(error: Exception) -> str | None:
    return {
        "Forbidden": "is the token still valid, and may it read this path?",
        "InvalidPath": "is the path right, and the engine of version 2? engine: 1 in the provider says otherwise",
        "ConnectionError": "is VAULT_ADDR right, and the server up?",
    }.get(type(error).__name__)


def _member(fields: Any, name: str, source: str) -> Secret:
    if not isinstance(fields, dict) or name not in fields:
        hint = meant(name, fields if isinstance(fields, dict) else ())
        raise SecretError(f"{source}: there is no field {name}", hint=hint)
    if not isinstance(fields[name], str) or not fields[name]:
        raise SecretError(f"{source}: {name} is not a text")
    return Secret(fields[name])


def _first_line(error: Exception) -> str | None:
    return next(iter(str(error).splitlines()), "")[:200] or None
