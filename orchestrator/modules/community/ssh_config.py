"""This module sees to one Host block of an OpenSSH client configuration."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Steps
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.builtin.edit import EditArgs, Edited, edit
from orchestrator.modules.types import Bool, Dict, Int, Str

WORDS = {
    name: name.replace("_", "")
    for name in (
        *("hostname", "port", "remote_user", "identity_file", "identities_only", "user_known_hosts_file"),
        *("strict_host_key_checking", "proxycommand", "proxyjump", "forward_agent", "add_keys_to_agent"),
        *("host_key_algorithms", "controlmaster", "controlpath", "controlpersist", "dynamicforward"),
    )
} | {"remote_user": "user"}
"""Argument → keyword of ssh_config(5), in small letters as community.general writes it."""
INDENT = "    "


class SshConfigArgs(Args):
    host: Str = Field(pattern=r"^\S.*$", description="The block's patterns, as they stand behind Host.")
    state: Literal["present", "absent"] = Field("present", description="Whether the block is to be there.")
    user: Str | None = Field(None, description="Whose configuration; else that of the login user.")
    group: Str | None = Field(None, description="The file's group.")
    ssh_config_file: Str | None = Field(None, description="The file; else ~/.ssh/config.")
    hostname: Str | None = Field(None, description="The real name or address.")
    port: Int | None = Field(None, ge=1, le=65535, description="The port.")
    remote_user: Str | None = Field(None, description="The user to log in as.")
    identity_file: Str | None = Field(None, description="The private key.")
    identities_only: Bool | None = Field(None, description="Offer no other keys.")
    user_known_hosts_file: Str | None = Field(None, description="The known_hosts file.")
    strict_host_key_checking: Literal["yes", "no", "ask", "accept-new"] | bool | None = Field(
        None, description="What to do about unknown host keys."
    )
    proxycommand: Str | None = Field(None, description="The command to connect by.")
    proxyjump: Str | None = Field(None, description="The host to jump over.")
    forward_agent: Bool | None = Field(None, description="Forward the agent.")
    add_keys_to_agent: Bool | None = Field(None, description="Add keys to the agent.")
    host_key_algorithms: Str | None = Field(None, description="The host key algorithms.")
    controlmaster: Literal["yes", "no", "ask", "auto", "autoask"] | bool | None = Field(
        None, description="Share one connection."
    )
    controlpath: Str | None = Field(None, description="The shared connection's socket.")
    controlpersist: Str | None = Field(None, description="How long it stays.")
    dynamicforward: Str | None = Field(None, description="A SOCKS port.")
    other_options: Dict = Field(default_factory=dict, description="Further options, by their names in ssh_config(5).")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.user and self.ssh_config_file:
            raise ValueError("parameters are mutually exclusive: user|ssh_config_file")
        if self.proxycommand and self.proxyjump:
            raise ValueError("parameters are mutually exclusive: proxycommand|proxyjump")
        if any("\n" in value for _, value in self.options()):
            raise ValueError("an option has no line break")
        return self

    def options(self) -> list[tuple[str, str]]:
        """The options that were given, as ssh_config(5) spells them."""
        given = [(word, getattr(self, name)) for name, word in WORDS.items()]
        found = [(word, value) for word, value in given if value is not None]
        return [(word, _spelled(value)) for word, value in [*found, *self.other_options.items()]]


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _keyword(line: str) -> tuple[str, str]:
    """A line's keyword in lower case, and its value; empty for comments and blank lines."""
    text = line.strip()
    if not text or text.startswith("#"):
        return "", ""
    word, _, rest = text.replace("=", " ", 1).partition(" ")
    return word.lower(), rest.strip()


def bounds(lines: list[str], host: str) -> tuple[int, int] | None:
    """The block's first line, its Host line, and the one behind its last."""
    heads = [number for number, line in enumerate(lines) if _keyword(line)[0] in ("host", "match")]
    for number, end in zip(heads, [*heads[1:], len(lines)], strict=False):
        if _keyword(lines[number])[0] == "host" and _keyword(lines[number])[1].split() == host.split():
            return number, end
    return None


def block_of(content: str, host: str) -> dict[str, str] | None:
    """The options of the block; None: there is none."""
    lines = content.splitlines()
    found = bounds(lines, host)
    return dict(filter(any, map(_keyword, lines[found[0] + 1 : found[1]]))) if found else None


def changed(content: str, args: SshConfigArgs) -> str:
    """The file with the block as wanted: options that are given replace those of their name, others stay."""
    lines = [f"{line}\n" for line in content.splitlines()]
    found = bounds(lines, args.host)
    if args.state == "absent":
        return content if found is None else "".join([*lines[: found[0]], *lines[found[1] :]])
    if found is None:
        gap = ["\n"] if lines and lines[-1].strip() else []
        block = [f"Host {args.host}\n", *(f"{INDENT}{word} {value}\n" for word, value in args.options())]
        return "".join([*lines, *gap, *block])
    start, end = found
    body = lines[start + 1 : end]
    for word, value in args.options():
        body = _with_option(body, word, value)
    return "".join([*lines[: start + 1], *body, *lines[end:]])


def _with_option(body: list[str], word: str, value: str) -> list[str]:
    """The block's lines with one option; of several lines of its name the first is kept, as ssh reads them."""
    places = [number for number, line in enumerate(body) if _keyword(line)[0] == word.lower()]
    if places and [_keyword(body[number])[1] for number in places] == [value]:
        return body
    line = f"{INDENT}{word} {value}\n"
    if places:
        kept = [(number, old) for number, old in enumerate(body) if number not in places[1:]]
        return [line if number == places[0] else old for number, old in kept]
    end = len(body)
    while end and not body[end - 1].strip():
        end -= 1
    return [*body[:end], line, *body[end:]]


def steps(args: SshConfigArgs, ctx: Context) -> Steps:
    was: dict[str, str] | None = None
    now: dict[str, str] | None = None

    def change(old: bytes | None) -> Edited:
        nonlocal was, now
        text = (old or b"").decode(errors="surrogateescape")
        new = changed(text, args)
        was, now = block_of(text, args.host), block_of(new, args.host)
        return Edited(None if new == text else new.encode(errors="surrogateescape"))

    path = args.ssh_config_file or (f"~{args.user}/.ssh/config" if args.user else "~/.ssh/config")
    result = yield from edit(EditArgs(path=path, owner=args.user, group=args.group), ctx, change)
    if result.failed:
        return result
    verb = "removed" if args.state == "absent" else "changed" if was else "added"
    told: dict[str, list[Any]] = {f"hosts_{each}": [] for each in ("added", "changed", "removed", "change_diff")}
    if result.changed:
        told[f"hosts_{verb}"] = [args.host]
    if result.changed and verb == "changed":
        told["hosts_change_diff"] = [{args.host: {"old": was, "new": now}}]
    return result.but(data={**result.data, **told, "config_file": result.data.get("path", path)})


SSH_CONFIG = Module("ssh_config", SshConfigArgs, steps, "Sees to a Host block of an OpenSSH client configuration.")
