"""This module sees to a user of a file of basic authentication, as htpasswd(1) keeps one.

The password is hashed here: no node sees it.
"""

from __future__ import annotations

import importlib
import secrets
from typing import Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.crypt import ALPHABET, MARKS, fits, ldap_sha1, md5_crypt, sha_crypt
from orchestrator.model.program import Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, Module
from orchestrator.modules.builtin.edit import EditArgs, Edited, edit
from orchestrator.modules.types import AsSaid, Bool, Str

ROUNDS = {"sha256_crypt": 535_000, "sha512_crypt": 656_000}
"""The default of passlib 1.7, which community.general's module hashes with."""
SCHEMES = ("apr_md5_crypt", "md5_crypt", "sha256_crypt", "sha512_crypt", "ldap_sha1", "plaintext", "bcrypt")


class HtpasswdArgs(EditArgs):
    unlisted = frozenset({"validate", "backup"})

    path: Str = Field(min_length=1, validation_alias=AliasChoices("path", "dest", "destfile"), description="The file.")
    name: Str = Field(validation_alias=AliasChoices("name", "username"), description="The user.")
    password: Str | None = Field(None, description="The password.")
    hash_scheme: Str = Field(
        "apr_md5_crypt",
        validation_alias=AliasChoices("hash_scheme", "crypt_scheme"),
        description=f"How the password is hashed: {', '.join(SCHEMES)} (the last with the Python library bcrypt).",
    )
    state: Literal["present", "absent"] = Field("present", description="Whether the user is to be there.")
    create: Bool = Field(True, description="Make a file that is not there.")

    @model_validator(mode="after")
    def _can_hash(self) -> Self:
        if self.hash_scheme not in SCHEMES:
            raise AsSaid(f"the hash scheme {self.hash_scheme} is not known here; use one of {', '.join(SCHEMES)}")
        if self.state == "present" and self.password is None:
            raise AsSaid("secret must be unicode or bytes, not None")
        return self


def hashed(password: str, scheme: str) -> str:
    """``password`` hashed, with a salt by chance. Raises ImportError for bcrypt without its library."""

    def salt(size: int) -> str:
        return "".join(secrets.choice(ALPHABET) for _ in range(size))

    if scheme == "bcrypt":
        bcrypt = importlib.import_module("bcrypt")
        return str(bcrypt.hashpw(password.encode(), bcrypt.gensalt(12)).decode())
    if kind := next((kind for kind in MARKS if scheme == f"{kind}_crypt"), None):
        return sha_crypt(password, salt(16), kind, ROUNDS[scheme])
    if scheme in ("apr_md5_crypt", "md5_crypt"):
        return md5_crypt(password, salt(8), "apr1" if scheme.startswith("apr") else "1")
    return ldap_sha1(password) if scheme == "ldap_sha1" else password


def is_password(password: str, entry: str) -> bool:
    """Whether ``entry`` of the file is made of ``password``."""
    if entry.startswith("$2"):
        try:
            return bool(importlib.import_module("bcrypt").checkpw(password.encode(), entry.encode()))
        except (ImportError, ValueError):
            return False
    return bool(fits(password, entry))


def changed(content: str | None, args: HtpasswdArgs) -> Edited | Result:
    """The new content and what was done. Comments stay, empty lines do not."""
    lines = [line for line in (content or "").splitlines(keepends=True) if line.strip()]
    mine = [number for number, line in enumerate(lines) if line.startswith(f"{args.name}:")]
    if args.state == "absent":
        left = "".join(line for number, line in enumerate(lines) if number not in mine).encode()
        return Edited(left, f"Remove {args.name}") if mine else Edited(None, f"{args.name} not present")
    if content is None and not args.create:
        return failure(f"Destination {args.path} does not exist")
    password = args.password or ""
    if mine and is_password(password, lines[mine[0]].rstrip().partition(":")[2]):
        return Edited(None, f"{args.name} already present")
    try:
        entry = f"{args.name}:{hashed(password, args.hash_scheme)}\n"
    except ImportError:
        return failure("bcrypt needs the Python library of that name, on the controller")
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    new = [*lines[: mine[0]], entry, *lines[mine[0] + 1 :]] if mine else [*lines, entry]
    word = f"Created {args.path} and added {args.name}" if content is None else f"Add/update {args.name}"
    return Edited("".join(new).encode(errors="surrogateescape"), word)


def steps(args: HtpasswdArgs, ctx: Context) -> Steps:
    def change(old: bytes | None) -> Edited | Result:
        if old is None and args.state == "absent":
            return Result(msg=f"{args.name} not present", warnings=(f"{args.path} does not exist",))
        edited = changed(None if old is None else old.decode(errors="surrogateescape"), args)
        if ctx.check and old is None and isinstance(edited, Edited):
            return Edited(edited.content, f"Create {args.path}")
        return edited

    result = yield from edit(args, ctx, change)
    return result if result.failed else result.but(data={}, registers_diff=False)


HTPASSWD = Module("htpasswd", HtpasswdArgs, steps, "Sees to a user of a file of basic authentication.")
