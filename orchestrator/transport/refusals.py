"""Why a host lets nobody in, in words that say what to do; for every SSH library."""

from __future__ import annotations

import re
import socket

from orchestrator.model.errors import AccessDenied, TurnedAway, Unreachable
from orchestrator.transport.hops import Hop

_PENALTY = (
    "sshd closed the line before it greeted: too many handshakes at once (MaxStartups), or it is penalising this "
    "address (OpenSSH 9.8 and later, up to 10 minutes): wait, and do not knock in a loop"
)

_HUNG_UP = ("lost", "reset", "broken", "closed", "banner", "eof")
"""Words of libraries and the system for a line whose other end has gone."""


def denied(hop: Hop, words: str, methods: str = "") -> AccessDenied:
    """Why nobody is let in. ``words``: the library's; ``methods``: what the server takes for a login, where known."""
    who = f"{hop.user}@{hop}" if hop.user else str(hop)
    if hop.password is None:
        tried, next_step = (
            "no key was accepted, and no password was given",
            "the key (--private-key, ssh-add -l), or -k",
        )
    else:
        tried, next_step = (
            "neither the password nor a key was accepted",
            "the password (-k, ansible_password), or the key",
        )
    return AccessDenied(
        f"{who} refused the login: {tried}",
        evidence=words,
        hint=f"check the user (-u, ansible_user) and {next_step}; "
        "on a Mac the user must be in com.apple.access_ssh (Remote Login)",
        said=_turned_down(hop, words, methods),
    )


def _turned_down(hop: Hop, words: str, methods: str) -> str | None:
    """How ssh(1) puts it. Which user and host it was, ssh_config may say; asyncssh's words tell."""
    told = re.fullmatch(r"Permission denied for user (\S+) on host (\S+)", words)
    user, host = told.groups() if told else (hop.user, hop.host)
    return f"{user}@{host}: Permission denied ({methods})." if user and methods else None


def unreachable(error: Exception, hop: Hop, *, was_greeted: bool = False) -> Unreachable:
    """Why there is no line, with what can be done about it. ``was_greeted``: sshd had shown its version."""
    words = str(error) or type(error).__name__
    if isinstance(error, socket.gaierror):
        said = f"ssh: Could not resolve hostname {hop.host}: {error.strerror}"
        hint = "check ansible_host, or the DNS"
        return Unreachable(f"the name {hop.host} is not known", evidence=words, hint=hint, said=said)
    if isinstance(error, ConnectionRefusedError) or "refused" in words.lower():
        hint = "is Remote Login on (System Settings > General > Sharing), and is the port right?"
        tried = re.search(r", (\d+)\)", words)  # which may be ssh_config's
        port = tried[1] if tried else hop.port or 22
        said = f"ssh: connect to host {hop.host} port {port}: Connection refused"
        return Unreachable(f"{hop.host} refuses connections on port {port}", evidence=words, hint=hint, said=said)
    if isinstance(error, TimeoutError):
        said = f"ssh: connect to host {hop.host} port {hop.port or 22}: Connection timed out"
        return Unreachable(f"{hop} does not answer", evidence=words, hint="is it awake, and its network up?", said=said)
    has_hung_up = isinstance(error, ConnectionResetError) or any(sign in words.lower() for sign in _HUNG_UP)
    if has_hung_up and not was_greeted:
        return TurnedAway(f"{hop} hung up before it greeted", evidence=words, hint=_PENALTY)
    return Unreachable(
        f"no SSH connection to {hop}", evidence=words, hint="its network, or its sshd, went away just now: try again"
    )
