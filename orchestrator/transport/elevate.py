"""Starting a shell on the node, as the login user or as another one.

sudo's prompt is a random token, and the password is sent only after that token was seen. What follows is not sent
before the new shell has greeted, so that a second prompt can never swallow a program. sudo(8): with ``-S`` the
password is read from stdin byte by byte and the prompt goes to stderr, here merged into the one stream we read.
"""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Sequence

from orchestrator.model.errors import ConnectionDropped, ElevationDenied, HostError, IdentityError, NodeFault
from orchestrator.model.frozen import frozen
from orchestrator.transport.base import Become, Channel, Front
from orchestrator.transport.compose import encoded, quoted
from orchestrator.transport.frames import Ended, Stream, was_killed
from orchestrator.transport.introduction import Introduction, withdraw
from orchestrator.transport.limit import within

_OURS = re.compile(r"-[HSn]+")


@frozen
class _Sign:
    """What a tool's words mean. ``wrong``: what Ansible calls the password then, where it tells so."""

    words: str
    error: type[HostError]
    meaning: str
    hint: str
    wrong: str | None = None


_SIGNS = (
    _Sign(
        r"incorrect password attempt|[Ss]orry, try again",
        ElevationDenied,
        "refused the password",
        "check become_password",
        wrong="Incorrect",
    ),
    _Sign(
        r"password is required|terminal is required|no password was provided",
        ElevationDenied,
        "asks for a password and none was given",
        "give one: --ask-become-pass (-K), or ansible_become_password",
        wrong="Missing",
    ),
    _Sign(
        r"not allowed|not in the sudoers|may not run",
        ElevationDenied,
        "does not allow this",
        "let the login user become this user in /etc/sudoers.d, or log in as another user",
    ),
    _Sign(r"unknown user|no passwd entry|does not exist", ElevationDenied, "knows no such user", "check become_user"),
    _Sign(
        r"not found|[Nn]o such file",
        NodeFault,
        "is not on the node",
        "check become_exe, or use become_method: sudo",
    ),
)


async def start(
    front: Front,
    become: Become | None,
    shell: str,
    words: Sequence[str],
    open_s: float,
    introduction: Introduction | None = None,
) -> tuple[Channel, Stream]:
    """``shell`` with arguments (``words``: -c TEXT NAME …) at work on the node. Raises ElevationDenied, NodeFault.

    ``introduction``: what the machine says of itself first. Before a password it is heard here; else it is the first
    thing in the stream, and whoever reads that is to hear it.
    """
    if become is None:
        channel = await front.open(f"exec {_called(shell, introduction.within(words) if introduction else words)}")
        return channel, Stream(channel)
    prompt, greeting = (f"{word}-{secrets.token_hex(12)}" for word in ("orch-password", "orch-shell"))
    command = _command(become, shell, _called(shell, words), prompt, greeting)
    channel = await front.open(f"exec {introduction.before(shell, command) if introduction else command}")
    stream = Stream(channel)
    try:
        late = f"{become.method} to {become.user} did not come through"
        async with within(
            open_s, late, ElevationDenied, "the node may be slow to check passwords (directory service?)"
        ):
            await _pass_the_prompt(channel, stream, become, prompt.encode(), f"\n{greeting}\n".encode(), introduction)
    except BaseException as error:
        if isinstance(error, IdentityError) and become.password is None:  # else sudo would take it for the password
            await withdraw(channel)
        channel.close()
        raise
    return channel, stream


def _called(shell: str, words: Sequence[str]) -> str:
    """The command. The login shell may be any, so all it is asked is to become /bin/sh."""
    return " ".join(map(quoted, (shell, *words)))


def _command(become: Become, shell: str, called: str, prompt: str, greeting: str) -> str:
    """The command that becomes the other user, in words for sh. One who may not look into the directory in which the
    login left the shell begins at home, as under Ansible's modules: find(1) and others would fail there."""
    sh = quoted(shell)
    at_home = "[ -r . ] && [ -x . ] || cd 2>/dev/null || cd /"
    inner = f"unset LC_ALL; {at_home}; printf '\\n%s\\n' {greeting}; exec {called} 2>/dev/null"
    elevation = ELEVATIONS.get(become.method)
    if elevation is None:
        raise NodeFault(f"become_method {become.method!r} is not known here", hint="use sudo, or su from root")
    return f"{sh} -c {quoted(f'LC_ALL=C exec {elevation(become, sh, inner, prompt)} 2>&1')}"


def _sudo(become: Become, sh: str, inner: str, prompt: str) -> str:
    """sudo's command line; its own flags are ours to choose, further ones come from become_flags."""
    flags = [flag for flag in shlex.split(become.flags) if not _OURS.fullmatch(flag)]
    asks = ["-n"] if become.password is None else ["-S", "-p", prompt]
    words = [become.exe or "sudo", "-H", *flags, *asks, "-u", become.user, "--"]
    return f"{' '.join(map(quoted, words))} {sh} -c {quoted(inner)}"


def _su(become: Become, sh: str, inner: str, prompt: str) -> str:
    """su's command line. macOS's su reads a password from a terminal only, and a session has none."""
    if become.password is not None:
        raise NodeFault(
            "su reads its password from a terminal, which a session has not", hint="use become_method: sudo"
        )
    words = [become.exe or "su", *shlex.split(become.flags), become.user, "-c", f"exec {sh} -c {quoted(inner)}"]
    return " ".join(map(quoted, words))


ELEVATIONS = {"sudo": _sudo, "su": _su}


async def _pass_the_prompt(
    channel: Channel,
    stream: Stream,
    become: Become,
    prompt: bytes,
    greeting: bytes,
    introduction: Introduction | None,
) -> None:
    """Returns when the new shell has greeted."""
    asked = 0
    try:
        if introduction is not None:
            await introduction.heard(stream)
        while (await stream.until(greeting, prompt))[0] == 1:
            asked += 1
            if asked > 1 or become.password is None:
                raise _refusal(become, "Sorry, try again")
            await channel.write(encoded(become.password.reveal()) + b"\n")
    except Ended as ended:
        if not ended.evidence and await was_killed(channel):
            raise ConnectionDropped(f"{become.method} to {become.user} was killed") from ended
        raise _refusal(become, ended.evidence or "") from ended


def _refusal(become: Become, evidence: str) -> HostError:
    """Why there is no shell as another user, from the tool's own words (asked for in the C locale)."""
    for sign in _SIGNS:
        if re.search(sign.words, evidence):
            message = f"{become.method} to {become.user} {sign.meaning}"
            said = f"{sign.wrong} {become.method} password" if sign.wrong else None
            return sign.error(message, evidence=evidence or None, hint=sign.hint, said=said)
    return ElevationDenied(f"{become.method} to {become.user} failed", evidence=evidence or None)
