"""This module sees to the keys that may log in to an account."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.content import Content, Target, put, put_result
from orchestrator.modules.builtin.edit import SCRIPTS
from orchestrator.modules.builtin.files import last_stat
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str

KEY_SH = script("authorized_key", __file__)
TYPE = re.compile(
    r"(?:^|(?<=\s))((?:(?:webauthn-)?sk-)?"
    r"(?:ssh-(?:ed25519|rsa|dss|xmss)|ecdsa-sha2-nistp(?:256|384|521)|rsa-sha2-(?:256|512))"
    r"(?:-cert-v01)?(?:@openssh\.com)?)\s+(\S+)\s*(.*)$"
)
"""A key's type, as sshd(8) names them, its text and its comment. Ansible takes any text for a key's, so do we."""
OPTION = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*")+')
TOLD = tuple("user key exclusive state comment key_options manage_dir follow validate_certs".split())


class KeyArgs(Args):
    user: Str = Field(pattern=r"^[A-Za-z_][\w.-]*$", description="The account.")
    key: Str = Field(description="The public keys, a line each; or a URL (https, file) that the node reads them from.")
    path: Str | None = Field(None, description="The file; else ~USER/.ssh/authorized_keys.")
    manage_dir: Bool = Field(True, description="Make the file's directory, mode 0700.")
    state: Literal["absent", "present"] = Field("present", description="Whether the keys may log in.")
    key_options: Str | None = Field(None, description="What sshd is to restrict them to.")
    exclusive: Bool = Field(False, description="Remove all other keys.")
    validate_certs: Bool = Field(True, description="Check the certificate of a URL.")
    comment: Str | None = Field(None, description="Replaces the keys' own comments.")
    follow: Bool = Field(False, description="Accepted: links are followed.")

    @model_validator(mode="after")
    def _key_fits(self) -> Self:
        if not self.is_url():
            self.parsed(self.key)
        return self

    def is_url(self) -> bool:
        return self.key.startswith(("http://", "https://", "file:///"))

    def parsed(self, text: str) -> list[Key]:
        """The keys in ``text``, with this task's options and comment. Raises ValueError."""
        found = []
        for line in text.splitlines():
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            key = parse(line)
            if key is None:
                raise ValueError(f"invalid key specified: {line}")
            options = self.key_options if self.key_options is not None else key.options
            found.append(Key(options, key.type, key.blob, self.comment if self.comment is not None else key.comment))
        return found


@frozen
class Key:
    """One line of an authorized_keys file."""

    options: str
    type: str
    blob: str
    comment: str

    def line(self) -> str:
        """As Ansible writes it: where there is no comment, its blank is there all the same."""
        return f"{f'{self.options} ' if self.options else ''}{self.type} {self.blob} {self.comment}\n"

    def is_same(self, other: Key | str | None) -> bool:
        """Whether ``other`` says the same, its options in whatever order."""
        return isinstance(other, Key) and self._said() == other._said()

    def _said(self) -> tuple[str, str, frozenset[str], str]:
        return self.type, self.blob, frozenset(OPTION.findall(self.options)), self.comment


def parse(line: str) -> Key | None:
    """The key of a line; None for a comment or what is none. A quoted option may hold blanks, even a key's type."""
    bare = re.sub(r'"(?:\\.|[^"\\])*"', lambda quoted: "x" * len(quoted.group()), line)
    match = TYPE.search(bare.strip())
    if bare.lstrip().startswith("#") or match is None:
        return None
    stripped = line.strip()
    comment = " ".join(stripped[match.start(3) :].split())
    return Key(stripped[: match.start()].strip(), match.group(1), match.group(2), comment)


def changed(content: str, args: KeyArgs, keys: list[Key]) -> str:
    """The file with the keys, or without, in Ansible's order: one that was there with other words goes to the end.

    A key is known by its text alone. Lines that are no keys stay, but where the keys are to be the only ones.
    """
    known: dict[str, tuple[int, Key | str]] = {}
    for rank, line in enumerate(content.splitlines()):
        key = parse(line)
        known[key.blob if key else line] = (rank, key or f"{line}\n")
    before, behind = dict(known), len(known)
    for rank, key in enumerate(keys):
        if args.state == "absent":
            known.pop(key.blob, None)
        elif not key.is_same(known.get(key.blob, (0, None))[1]):
            known[key.blob] = (behind + rank, key)
    if args.state == "present" and args.exclusive:
        wanted = {key.blob for key in keys}
        known = {blob: entry for blob, entry in known.items() if blob in wanted}
    if known == before:
        return content
    entries = (entry for _, entry in sorted(known.values(), key=lambda ranked: ranked[0]))
    return "".join(entry if isinstance(entry, str) else entry.line() for entry in entries)


def _fetched(args: KeyArgs, ctx: Context, url: str) -> Steps:
    reply: Reply = yield Run(
        main="fetch_keys",
        scripts=(*SCRIPTS, KEY_SH),
        values={"url": url, "insecure": "" if args.validate_certs else "--insecure"},
        environment=ctx.environment,
        repeatable=True,
    )
    return refusal(reply) or Result(msg=reply.stdout.decode(errors="replace"))


def steps(args: KeyArgs, ctx: Context) -> Steps:
    text = args.key
    if args.is_url():
        fetched = yield from _fetched(args, ctx, args.key)
        if fetched.failed:
            return fetched
        text = fetched.msg or ""
    try:
        keys = args.parsed(text)
    except ValueError as error:
        return failure(str(error))
    return (yield from _edited(args, ctx, keys))


def _owning(args: KeyArgs, ctx: Context) -> Run:
    path = args.path or f"~{args.user}/.ssh/authorized_keys"
    return Run(
        main="own_keys",
        scripts=(*SCRIPTS, KEY_SH),
        values={"user": args.user, "path_given": path, "manage_dir": as_shell(args.manage_dir)},
        environment=ctx.environment,
        repeatable=True,
    )


def _unknown_user(args: KeyArgs, ctx: Context) -> str:
    if ctx.check:
        return "Either user must exist or you must provide full path to key file in check mode"
    return f"Failed to lookup user {args.user}: \"getpwnam(): name not found: '{args.user}'\""


def _edited(args: KeyArgs, ctx: Context, keys: list[Key]) -> Steps:
    path = args.path or f"~{args.user}/.ssh/authorized_keys"
    read: Reply = yield Run(
        main="read_file", scripts=SCRIPTS, values={"path_given": path}, environment=ctx.environment, repeatable=True
    )
    if refused := refusal(read):
        return refused if f"no user {args.user} " not in (refused.msg or "") else failure(_unknown_user(args, ctx))
    old = read.stdout.decode(errors="surrogateescape")
    new = changed(old, args, keys)
    path = read.first("path") or path
    given = args.path is not None
    told = {name: getattr(args, name) for name in TOLD} | {"keyfile": path, "path": path if given else None}
    if new == old:
        return Result(data={**told, **_there(read, given)})
    content = Content(data=new.encode(errors="surrogateescape"))
    target = Target(
        dest=path,
        expected=read.first("cksum") or "absent",
        make_parents=args.manage_dir,
        directory_mode="0700",
        mode="0600",
        owner=args.user,
    )
    reply = yield from put(content, target, ctx)
    result = put_result(reply, content, ctx)
    if not (result.failed or ctx.check):
        owned = yield _owning(args, ctx)
        if refused := refusal(owned):
            return refused
    diff = tuple(replace(each, before_header=path) for each in result.diff if each.after_header)
    seen = _there(read if ctx.check else reply, given)
    return result if result.failed else result.but(data={**told, **seen}, diff=diff)


def _there(reply: Reply, given: bool) -> dict[str, Any]:
    """What is told of a file that was named: as with Ansible, its ``state`` stands in place of the task's."""
    stat = last_stat(reply)
    return stat.info() if stat and given else {}


AUTHORIZED_KEY = Module("authorized_key", KeyArgs, steps, "Sees to the keys that may log in to an account.")
