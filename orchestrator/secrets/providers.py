"""What an alias in a reference stands for, as a registry declares it: OpenClaw's three shapes, and stores of ours.

The keys of ``env``, ``file`` and ``exec`` are OpenClaw's (2026.9), so that a block ``secrets.providers`` of its
configuration can be copied here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

CLOSED = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class EnvProvider(BaseModel):
    model_config = CLOSED
    source: Literal["env"]
    allowlist: tuple[str, ...] = ()


class FileProvider(BaseModel):
    model_config = CLOSED
    source: Literal["file"]
    path: str
    mode: Literal["json", "singleValue"] = "json"


class ExecProvider(BaseModel):
    model_config = CLOSED
    source: Literal["exec"]
    command: str
    args: tuple[str, ...] = ()
    pass_env: tuple[str, ...] = Field((), alias="passEnv")
    timeout_ms: int = Field(10_000, alias="timeoutMs", ge=100, le=120_000)


class KeychainProvider(BaseModel):
    model_config = CLOSED
    source: Literal["keychain"]
    path: str


class OnePasswordProvider(BaseModel):
    model_config = CLOSED
    source: Literal["op"]
    account: str


class VaultProvider(BaseModel):
    """``token`` is a reference itself, resolved like any other."""

    model_config = CLOSED
    source: Literal["vault"]
    address: str | None = None
    token: str | None = None
    namespace: str | None = None
    engine: Literal[1, 2] = 2


class AwsProvider(BaseModel):
    model_config = CLOSED
    source: Literal["aws"]
    region: str | None = None
    endpoint: str | None = None
    profile: str | None = None


class AgeProvider(BaseModel):
    model_config = CLOSED
    source: Literal["age"]
    identity: str


Provider = Annotated[
    EnvProvider
    | FileProvider
    | ExecProvider
    | KeychainProvider
    | OnePasswordProvider
    | VaultProvider
    | AwsProvider
    | AgeProvider,
    Field(discriminator="source"),
]
