"""
sudo: -n, -S, -p, -H, -u, -k, -K, -v, -E, -i, -s, NAME=VALUE and `--`; then runs the command "as" the other user.

Nothing is really run as another user: SIM_UID, USER, LOGNAME and, with -H, HOME say who is played. The environment is
reset as Apple's sudoers does (HOME and SSH_AUTH_SOCK are kept). A ticket belongs to the parent process, as without a
terminal. Texts of `-n` and of a missing terminal come from sudo's source; those of a wrong password are sudo's own
1.9 words, unrecorded on a Mac.
"""

from __future__ import annotations

import os
import sys
import time

from orchestrator.sim.tools.base import Mac, Refusal

_KEPT = ("HOME", "MAIL", "PATH", "TERM", "SSH_AUTH_SOCK", "TZ", "EDITOR", "VISUAL", "LANG", "LANGUAGE", "DISPLAY")
_NO_TTY = (
    "sudo: a terminal is required to read the password; either use the -S option to read from standard input or "
    "configure an askpass helper\nsudo: a password is required"
)
_LONG = {
    "stdin": "-S", "non-interactive": "-n", "set-home": "-H", "reset-timestamp": "-k", "validate": "-v",
    "preserve-env": "-E", "login": "-i", "shell": "-s",
}  # fmt: skip
_TICKET_S = 300
_TRIES = 3


class _Request:
    """The parsed command line."""

    def __init__(self, argv: list[str]) -> None:
        self.flags: set[str] = set()
        self.user, self.prompt = "root", "Password:"
        self.variables: dict[str, str] = {}
        words = list(argv)
        while words and words[0].startswith("-") and len(words[0]) > 1:
            word = words.pop(0)
            if word == "--":
                break
            if word.startswith("--"):
                name, _, value = word[2:].partition("=")
                word = _LONG.get(name, f"-u{value}")
            for place, letter in enumerate(word[1:], start=1):
                if letter in "upg":
                    value = word[place + 1 :] or (words.pop(0) if words else "")
                    self.user, self.prompt = (value, self.prompt) if letter == "u" else (self.user, value)
                    break
                self.flags.add(letter)
        while words and "=" in words[0] and words[0].partition("=")[0].isidentifier():
            name, _, value = words.pop(0).partition("=")
            self.variables[name] = value
        self.command = words


def sudo(mac: Mac, argv: list[str]) -> int:
    request = _Request(argv)
    if "K" in request.flags or ("k" in request.flags and not request.command and "v" not in request.flags):
        _set_ticket(mac, None)
        return 0
    users = mac.read("accounts")["users"]
    name = mac.users().get(int(request.user[1:]), "") if request.user.startswith("#") else request.user
    if name not in users:
        raise Refusal(1, f"sudo: unknown user {request.user}\nsudo: error initializing audit plugin sudoers_audit")
    _authenticate(mac, request)
    if "v" in request.flags:
        return 0
    command = request.command or ([os.environ.get("SHELL", "/bin/sh")] if {"i", "s"} & request.flags else [])
    if not command:
        raise Refusal(1, "usage: sudo -h | -K | -k | -V\nusage: sudo [-AbEHknPS] [-u user] command")
    if {"i", "s"} & request.flags and request.command:
        command = ["/bin/sh", "-c", " ".join(request.command)]
    return _execute(mac, request, name, users[name], command)


def _authenticate(mac: Mac, request: _Request) -> None:
    state = mac.read("sudo")
    ticket = _ticket(state) and "k" not in request.flags
    if mac.is_root or state["passwordless"] or ticket:
        return
    if "n" in request.flags:
        raise Refusal(1, "sudo: a password is required")
    if "S" not in request.flags:
        raise Refusal(1, _NO_TTY)
    for attempt in range(_TRIES):
        sys.stderr.write(request.prompt)
        sys.stderr.flush()
        line = _line()
        if line is None:
            said = f"sudo: {attempt} incorrect password attempt{'s' if attempt > 1 else ''}\n" if attempt else ""
            raise Refusal(1, f"sudo: no password was provided\n{said or 'sudo: a password is required'}")
        if line == state["password"]:
            _set_ticket(mac, time.time() + _TICKET_S)
            return
        if attempt < _TRIES - 1:
            sys.stderr.write("Sorry, try again.\n")
    raise Refusal(1, f"sudo: {_TRIES} incorrect password attempts")


def _line() -> str | None:
    """One line of stdin, byte by byte, since the command reads on behind it; None at its end."""
    content = b""
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        content += byte
    return content.decode(errors="surrogateescape") if content or byte else None


def _owner() -> str:
    """Whom a ticket belongs to: the parent process, with its start so that a reused pid inherits nothing."""
    try:
        with open(f"/proc/{os.getppid()}/stat", encoding="utf-8", errors="replace") as file:
            started = file.read().rpartition(")")[2].split()[19]
    except OSError:
        started = "0"
    return f"{os.getppid()} {started}"


def _ticket(state: dict[str, object]) -> bool:
    tickets = state["tickets"]
    return isinstance(tickets, dict) and float(tickets.get(_owner(), 0)) > time.time()


def _set_ticket(mac: Mac, until_s: float | None) -> None:
    with mac.change("sudo") as state:
        state["tickets"].pop(_owner(), None)
        if until_s is not None:
            state["tickets"][_owner()] = until_s


def _execute(mac: Mac, request: _Request, name: str, user: dict[str, str], command: list[str]) -> int:
    caller = mac.users()[mac.uid]
    kept = {key: value for key, value in os.environ.items()
            if key in _KEPT or key.startswith(("LC_", "SIM_")) or "E" in request.flags}  # fmt: skip
    environment = {
        **kept,
        "USER": name, "LOGNAME": name, "SHELL": "/bin/sh", "SUDO_USER": caller, "SUDO_UID": str(mac.uid),
        "SUDO_GID": "20", "SUDO_COMMAND": " ".join(command), "SIM_UID": user["UniqueID"],
        "SIM_SESSION": mac.session, **request.variables,
    }  # fmt: skip
    if {"H", "i"} & request.flags:
        environment["HOME"] = user["NFSHomeDirectory"]
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execvpe(command[0], command, environment)
    except FileNotFoundError as error:
        raise Refusal(1, f"sudo: {command[0]}: command not found") from error
    except PermissionError as error:
        raise Refusal(1, f"sudo: {command[0]}: command not found") from error
