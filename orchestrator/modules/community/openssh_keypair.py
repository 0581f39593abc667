"""This module sees to a pair of SSH keys, as community.crypto does with ssh-keygen."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS, FileArgs, attribute_diff, changes
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Int, Str

KEYPAIR_SH = script("keypair", __file__)
SIZES = {"rsa": 4096, "rsa1": 4096, "dsa": 1024, "ecdsa": 256, "ed25519": 256}
REFUSED = {
    "rsa": "For RSA keys, the minimum size is 1024 bits and the default is 4096 bits. "
    "Attempting to use bit lengths under 1024 will cause the module to fail.",
    "dsa": "DSA keys must be exactly 1024 bits as specified by FIPS 186-2.",
    "ecdsa": "For ECDSA keys, size determines the key length by selecting from one of three elliptic curve sizes: "
    "256, 384 or 521 bits. Attempting to use bit lengths other than these three values for ECDSA keys will "
    "cause this module to fail.",
}


class KeypairArgs(FileArgs):
    path: Str = Field(min_length=1, description="The private key; the public one has .pub behind its name.")
    state: Literal["present", "absent"] = Field("present", description="Whether the keys are to be there.")
    type: Literal["rsa", "dsa", "rsa1", "ecdsa", "ed25519"] = Field("rsa", description="The kind of key.")
    size: Int | None = Field(None, description="Its bits: 4096 of rsa, 256 of ecdsa unless said.")
    comment: Str | None = Field(None, description="The comment of the public key.")
    force: Bool = Field(False, description="Make new keys each time.")
    regenerate: Literal["never", "fail", "partial_idempotence", "full_idempotence", "always"] = Field(
        "partial_idempotence", description="What becomes of a key of another kind or size, or one that cannot be read."
    )
    passphrase: Str | None = Field(None, description="Refused: it would be an argument of ssh-keygen.")
    private_key_format: Literal["auto", "pkcs1", "pkcs8", "ssh"] = Field(
        "auto", description="auto: as ssh-keygen has it."
    )
    backend: Literal["auto", "cryptography", "opensshbin"] = Field("auto", description="Always ssh-keygen here.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.passphrase or self.private_key_format != "auto" or self.backend == "cryptography":
            raise ValueError("passphrase, private_key_format and the backend cryptography are not to be had here")
        fits = {"rsa": self.bits() >= 1024, "dsa": self.bits() == 1024, "ecdsa": self.bits() in (256, 384, 521)}
        if not fits.get(self.type.removesuffix("1"), True):
            raise ValueError(REFUSED[self.type.removesuffix("1")])
        return self

    def bits(self) -> int:
        return 256 if self.type == "ed25519" else self.size or SIZES[self.type]


def steps(args: KeypairArgs, ctx: Context) -> Steps:
    reply: Reply = yield Run(
        main="keypair_main",
        scripts=(*FILE_SCRIPTS, KEYPAIR_SH),
        values={
            "path_given": args.path,
            "type": args.type,
            "size": str(args.bits()),
            "comment": args.comment or "",
            "has_comment": as_shell(args.comment is not None),
            "regenerate": "always" if args.force else args.regenerate,
            "state": args.state,
            "mode": args.mode or "",
            "owner": args.owner or "",
            "group": args.group or "",
            "check": as_shell(ctx.check),
        },
        environment=ctx.environment,
        repeatable=not (args.force or args.regenerate == "always"),
    )
    if refused := refusal(reply):
        return refused
    found = changes(reply)
    told = {name: reply.first(name) or "" for name in ("filename", "fingerprint", "public_key", "comment")}
    is_changed = reply.first("changed") is not None or bool(found)
    diff = attribute_diff(told["filename"], found)
    return Result(changed=is_changed, data={"size": args.bits(), "type": args.type, **told}, diff=diff)


OPENSSH_KEYPAIR = Module(
    "openssh_keypair",
    KeypairArgs,
    steps,
    "Sees to a pair of SSH keys.",
    returns={
        "filename": "The private key.",
        "fingerprint": "Its digest.",
        "public_key": "The public key, without its comment.",
        "comment": "The public key's comment.",
        "size": "Bits.",
        "type": "The kind of key.",
    },
)
