"""openclaw_token: a token is rotated by the way the gateway takes it, proven, delivered to clients, swept for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Generator
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.model.secrets import Secret
from orchestrator.modules.base import Context, Module
from orchestrator.modules.declared import as_shell
from orchestrator.modules.openclaw.asking import GatewayArgs, Told, ask, refused, rpc
from orchestrator.modules.openclaw.catalogue import Finding
from orchestrator.modules.openclaw.config import FILES_SH, changed, read_config, write_config
from orchestrator.modules.openclaw.facts import fingerprint
from orchestrator.modules.openclaw.looking import refs_in
from orchestrator.modules.types import Bool, Str

LEAST_CHARACTERS = 32
"""The product has no minimum; 32 characters of hexadecimal or base64 are 16 to 24 bytes, and no word or date."""
PLACEHOLDER = re.compile(r"^(.)\1+$|change.?me|example|placeholder|your[-_ ]?token|undefined|null", re.IGNORECASE)
VARIABLE = "OPENCLAW_GATEWAY_TOKEN"


class TokenArgs(GatewayArgs):
    state: Literal["accepted", "rotated", "delivered", "swept"] = Field(
        "accepted",
        description="accepted: the running gateway takes `token` and refuses `old`; rotated: it is brought to that;"
        " delivered: a client's service environment holds `token`; swept: where on this host `old` still lies.",
    )
    old: Str | None = Field(
        None, description="The token before the rotation; it authorises the switch, then is refused."
    )
    variable: Str = Field(VARIABLE, pattern=r"^[A-Z][A-Z0-9_]*$", description="The variable that delivered sets.")
    remove: Bool = Field(False, description="With swept: remove backup copies of the configuration that hold it.")
    fingerprint_key: Str | None = Field(None, description="The project's key for fingerprints.")

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if self.state == "swept" and not self.old:
            raise ValueError("swept needs old")
        if self.state != "swept" and not self.token:
            raise ValueError(f"{self.state} needs token")
        if self.state == "rotated" and self.token:
            if len(self.token) < LEAST_CHARACTERS or PLACEHOLDER.search(self.token):
                raise ValueError("token: too short or no random value; openssl rand -hex 32 makes a good one")
            if self.token == self.old:
                raise ValueError("token and old are the same")
        return self


def token_steps(args: TokenArgs, ctx: Context) -> Steps:
    match args.state:
        case "accepted":
            return (yield from _accepted(args, ctx))
        case "rotated":
            return (yield from _rotated(args, ctx))
        case "delivered":
            return (yield from _delivered(args, ctx))
        case _:
            return (yield from _swept(args, ctx))


def _marks(args: TokenArgs) -> dict[str, Any]:
    key = args.fingerprint_key
    return {"fingerprint": fingerprint(args.token, key), "old_fingerprint": fingerprint(args.old, key)}


def _proven(args: TokenArgs, ctx: Context) -> Generator[Any, Any, Result | None]:
    """None where the gateway takes the new token and refuses the old one; else what is not so."""
    new = yield from rpc(ctx, args)
    if isinstance(new, Result):
        return new
    if not new.ok:
        return refused(new, "the token is not accepted")
    if args.old is None:
        return None
    old = yield from rpc(ctx, args, token=args.old)
    if isinstance(old, Result):
        return old
    if old.ok:
        return failure("the old token is still accepted", finding=Finding("token_mismatch", "the old token").as_data())
    return None


def _accepted(args: TokenArgs, ctx: Context) -> Steps:
    trouble = yield from _proven(args, ctx)
    told = "accepted" + ("; the old one is refused" if args.old else "")
    return trouble or Result(msg=told, data={**_marks(args), "source": None, "outage_ms": 0, "restart_needed": False})


def _rotated(args: TokenArgs, ctx: Context) -> Steps:
    there = yield from rpc(ctx, args)
    if isinstance(there, Result):
        return there
    if there.ok:
        return (yield from _accepted(args, ctx))
    config = yield from read_config(ctx, args)
    if isinstance(config, Result):
        return config
    if not args.old:
        return failure("rotated needs old: the running gateway does not take the new token yet")
    held = yield from rpc(ctx, args, token=args.old)
    if isinstance(held, Result):
        return held
    if not held.ok:
        return refused(held, "nothing was changed: the gateway takes neither the new token nor the old one")
    source = _source(config)
    if ctx.check:
        return Result(changed=True, data={**_marks(args), "source": source, "outage_ms": None})
    if source in ("env", "environment"):
        return (yield from _delivered_to_gateway(args, ctx, config, source))
    switched = yield from _switched(args, ctx, config, source)
    if isinstance(switched, Result):
        return switched
    outage_ms = switched.proof.get("after_ms")
    trouble = yield from _proven(args, ctx)
    if trouble:
        return trouble
    msg = f"rotated by {source}; accepted {outage_ms} ms after the switch; the old one is refused"
    told = {**_marks(args), "source": source, "outage_ms": outage_ms, "restart_needed": False}
    return Result(changed=True, msg=msg, data=told)


def _source(config: dict[str, Any]) -> str:
    token = ((config.get("gateway") or {}).get("auth") or {}).get("token")
    if isinstance(token, dict):
        return str(token.get("source"))
    return "inline" if token and not re.fullmatch(r"\$\{?\w+\}?", str(token)) else "environment"


def _switched(args: TokenArgs, ctx: Context, config: dict[str, Any], source: str) -> Generator[Any, Any, Told | Result]:
    """Write the new value where the gateway takes it from, let it read that, and time until it is accepted."""
    new = Secret(args.token or "")
    if source == "inline":
        mode = {"gateway.auth.mode": "token", "gateway.auth.token": args.token}
        trouble = yield from write_config(ctx, args, changed(config, mode, []))
        if trouble:
            return trouble
        return (yield from rpc(ctx, args, token="", prove=args.token))
    if source == "file":
        path = _token_file(config)
        if path is None:
            return failure("the token's file is one of JSON values; give the whole file by copy, then reload")
        written = yield from _run(ctx, args, "oc_private_write", file=path, content=new)
    elif source == "store":
        written = yield from _run(ctx, args, "oc_store_write", variable=_ref_name(config), content=new)
    else:
        return failure(
            f"a token from {source} is that program's to change: change it there, then reload (openclaw_secrets)"
        )
    if isinstance(written, Result):
        return written
    # The gateway still holds the old token, so it is the old one that may tell it to read the new.
    told = yield from rpc(ctx, args, ("secrets.reload", {}), token=args.old, prove=args.token)
    if isinstance(told, Result):
        return told
    return told if told.ok and not told.errors else refused(told, "the gateway did not read the new token")


def _delivered_to_gateway(args: TokenArgs, ctx: Context, config: dict[str, Any], source: str) -> Steps:
    """A token in the service's environment is read at a start alone: it is written there, the restart is the play's."""
    variable = _ref_name(config) if source == "env" else VARIABLE
    quoted = Secret(_quoted(args.token or ""))
    reply = yield from _run(ctx, args, "oc_variable_write", variable=variable, quoted=quoted)
    if isinstance(reply, Result):
        return reply
    msg = f"{variable} is in the service's environment; the gateway takes it at its next start"
    told = {**_marks(args), "source": source, "outage_ms": None, "restart_needed": True}
    return Result(changed=True, msg=msg, data=told)


def _run(ctx: Context, args: TokenArgs, main: str, **values: str | Secret) -> Generator[Run, Reply, Reply | Result]:
    return (yield from ask(ctx, args, main, FILES_SH, repeatable=False, check=as_shell(ctx.check), **values))


def _token_file(config: dict[str, Any]) -> str | None:
    """The file that is the token as a whole."""
    ref = refs_in(config.get("gateway"))[0]
    provider = ((config.get("secrets") or {}).get("providers") or {}).get(ref.provider) or {}
    return str(provider["path"]) if provider.get("mode") == "singleValue" and provider.get("path") else None


def _ref_name(config: dict[str, Any]) -> str:
    return refs_in(config.get("gateway"))[0].id


def _delivered(args: TokenArgs, ctx: Context) -> Steps:
    """The service's environment file holds the token; a client reads it when it starts next."""
    quoted = Secret(_quoted(args.token or ""))
    reply = yield from _run(ctx, args, "oc_variable_write", variable=args.variable, quoted=quoted)
    if isinstance(reply, Result):
        return reply
    files = reply.all("written")
    told = "delivered; the client takes it at its next start" if files else "the client has it"
    return Result(changed=bool(files), msg=told, data={**_marks(args), "files": files})


def _quoted(value: str) -> str:
    """As the product's installer writes it into its environment file: always in single quotes."""
    return "'" + value.replace("'", "'\\''") + "'" if shlex.quote(value) == value else shlex.quote(value)


def _swept(args: TokenArgs, ctx: Context) -> Steps:
    old = Secret(args.old or "")
    reply = yield from _run(ctx, args, "oc_sweep", content=old, remove=as_shell(args.remove))
    if isinstance(reply, Result):
        return reply
    found, removed = reply.all("found"), reply.all("removed")
    left = [path for path in found if path not in removed]
    msg = f"{len(found)} files hold the old token, {len(removed)} removed" if found else "no file holds the old token"
    return Result(changed=bool(removed), msg=msg, data={"found": found, "removed": removed, "left": left})


TOKEN = Module(
    "openclaw_token",
    TokenArgs,
    token_steps,
    "Rotates the gateway's token by the way it is configured, proves and delivers it, sweeps for the old one.",
    returns={
        "source": "How the gateway takes it: inline, file, store, env, environment, exec.",
        "restart_needed": "True where the new token waits in the service's environment for a restart.",
        "outage_ms": "Milliseconds between the switch and the first time the new token was accepted.",
        "fingerprint": "A keyed mark of the new token; `old_fingerprint` likewise. null without fingerprint_key.",
        "left": "Files that still hold the old token.",
    },
)
