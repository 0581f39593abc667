"""This module sees to a host's key in a known_hosts file of the node."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import ClassVar, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Steps
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.builtin.edit import EditArgs, Edited, edit
from orchestrator.modules.types import Bool, Str


class KnownHostsArgs(Args):
    name: Str = Field(pattern=r"^\S+$", validation_alias=AliasChoices("name", "host"), description="The host.")
    key: Str | None = Field(None, description="The line: names, type and key.")
    path: Str = Field("~/.ssh/known_hosts", description="The file.")
    hash_host: Bool = Field(False, description="Hide the name behind a hash.")
    state: Literal["absent", "present"] = Field("present", description="Whether the key is to be there.")

    @model_validator(mode="after")
    def _key_fits(self) -> Self:
        if self.state == "present" and not self.key:
            raise ValueError("No key specified when adding a host")
        if "," in self.name:
            raise ValueError(
                "Comma separated list of names is not supported. "
                "Please pass a single name to lookup in the known_hosts file."
            )
        words = parts(self.key or "")[1]
        if words and (len(words) < 3 or self.name.lower() not in words[0].lower().split(",")):
            raise ValueError("Host parameter does not match hashed host field in supplied key")
        return self

    def kind(self) -> str:
        return parts(self.key)[1][1] if self.key else ""


def parts(line: str) -> tuple[str, list[str]]:
    """A line's marker (``@cert-authority``, ``@revoked`` or nothing) and its words: names, type, key, comment."""
    words = line.split()
    return (words[0], words[1:]) if words and words[0].startswith("@") else ("", words)


def hashed(name: str) -> str:
    """The name's hash as ssh-keygen -H writes it; the salt is made of the name, so that it is the same each time."""
    salt = hashlib.sha1(b"known_hosts:" + name.encode(), usedforsecurity=False).digest()
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def bears(field: str, name: str) -> bool:
    """Whether the first field of a line names the host, plainly or by a hash."""
    if not field.startswith("|1|"):
        return name.lower() in field.lower().split(",")
    try:
        salt, digest = (base64.b64decode(part) for part in field.split("|")[2:4])
    except ValueError:
        return False
    return hmac.compare_digest(hmac.new(salt, name.lower().encode(), hashlib.sha1).digest(), digest)


def changed(content: str, args: KnownHostsArgs) -> str:
    """The file with the key in it or without: an entry for the host of the same type is replaced."""
    wanted = ""
    marker, given = parts(args.key or "")
    if args.state == "present" and given:
        field, *rest = given
        wanted = " ".join(
            [*([marker] if marker else []), hashed(args.name.lower()) if args.hash_host else field, *rest]
        )
        wanted += "\n"
    kept: list[str] = []
    for line in content.splitlines(keepends=True):
        mark, words = parts(line)
        about = mark == marker and len(words) >= 3 and not words[0].startswith("#") and bears(words[0], args.name)
        if marker:  # what a marker says of one key says nothing of another
            about = about and words[1:3] == given[1:3]
        if about and (not args.kind() or words[1] == args.kind()):
            if line.strip() == wanted.strip():
                return content
            continue
        kept.append(line)
    if wanted and kept and not kept[-1].endswith("\n"):
        kept[-1] += "\n"
    return "".join([*kept, wanted])


class HostsFile(EditArgs):
    """The file; as in Ansible its directory must be there."""

    makes_parents: ClassVar[bool] = False


def steps(args: KnownHostsArgs, ctx: Context) -> Steps:
    def change(old: bytes | None) -> Edited:
        text = (old or b"").decode(errors="surrogateescape")
        new = changed(text, args)
        content = None if new == text else new.encode(errors="surrogateescape")
        missing = {"before_header": "/dev/null"} if old is None else {}
        return Edited(content, data={"diff": {"before": text, "after": new, **missing}})

    result = yield from edit(HostsFile(path=args.path), ctx, change)
    path = result.data.get("path", args.path)
    if "diff" in result.data:
        headed = {"before_header": path, **result.data["diff"], "after_header": path}
        result = result.but(data={**result.data, "diff": headed})
    if result.failed:
        return result
    if ctx.check:  # Ansible tells no more then
        return result.but(msg=None, data={"diff": result.data["diff"]} if "diff" in result.data else {})
    told = {"name": args.name, "key": args.key, "state": args.state, "hash_host": args.hash_host}
    return result.but(msg=None, data={**told, **result.data})


KNOWN_HOSTS = Module("known_hosts", KnownHostsArgs, steps, "Sees to a host's key in a known_hosts file.")
