"""Answers whose point is a refusal: ls of guarded folders, sudo, osascript, Xcode's stubs, a locked browser profile."""

import re

from orchestrator.modules.macos.parsers.output import Output, Parsed, absent, failed, known, otherwise, refused
from orchestrator.modules.macos.parsers.values import integer

_LS = re.compile(r"ls: (.*): (Operation not permitted|Permission denied|No such file or directory|Not a directory)")
_EVENT = re.compile(r"\b(?:execution|syntax|script) error: (.*?)\s*\((-?[0-9]{1,9})\)")
_TO_APP = re.compile(r"Apple events to (.*?)\.?$")
_CHROME = re.compile(r"\[([0-9]+):([0-9]+):([0-9]{4}/[0-9]{6}\.[0-9]+):(\w+):(.*?)(?:\(([0-9]+)\)|:([0-9]+))\] (.*)")
_LOCK = re.compile(r"Failed to create (\S.*/SingletonLock): File exists \(17\)")
_SUDO = (
    ("is not in the sudoers file", "not in sudoers"),
    ("is not allowed to", "not allowed by sudoers"),
    ("may not run sudo", "not allowed by sudoers"),
    ("incorrect password", "wrong password"),
    ("Sorry, try again", "wrong password"),
    ("no password was provided", "password required"),
    ("a password is required", "password required"),
    ("a terminal is required", "password required"),
)


def parse_ls(output: Output) -> Parsed:
    """
    `names` in a folder, or why not: `cause` "EPERM" (TCC or another policy; sudo does not help) or "EACCES"
    (file modes; root may pass).
    """
    match = next((found for line in output.lines if (found := _LS.fullmatch(line.strip()))), None)
    if match is None:
        told = output.exit_code == 0 or (output.exit_code is None and bool(output.stdout.strip()))
        return known(names=output.rows) if told and not output.stderr.strip() else otherwise(output)
    if match[2] in {"No such file or directory", "Not a directory"}:
        return absent(match[2], path=match[1])
    policy = match[2] == "Operation not permitted"
    reason = "refused by TCC or another policy" if policy else "refused by the file modes"
    return refused(reason, path=match[1], cause="EPERM" if policy else "EACCES")


def parse_sudo(output: Output) -> Parsed:
    """Whether `sudo` lets us: `known` (exit status 0), or `not permitted` with `obstacle`, e.g. "password required"."""
    obstacle = next((word for sentence, word in _SUDO if sentence in output.text), None)
    if obstacle and output.exit_code != 0:
        return refused(obstacle, obstacle=obstacle, terminal_asked="a terminal is required" in output.text)
    return known(obstacle=None) if output.exit_code == 0 else otherwise(output)


def parse_osascript(output: Output) -> Parsed:
    """The script's `answer`, or its error: -1743 is a missing Automation grant for the asking program."""
    error = _EVENT.search(output.text)
    if error is None:
        done = output.exit_code == 0 or (output.exit_code is None and bool(output.stdout.strip()))
        return known(answer=output.stdout.strip()) if done else otherwise(output)
    code = integer(error[2])
    app = _TO_APP.search(error[1])
    make = refused if code in {-1743, -1719, -25211, -10004} else failed
    return make(error[1], error_code=code, app=app[1] if app else None)


def parse_xcode_stub(output: Output) -> Parsed:
    """`developer_tools` False: the program is only a stub, and by being run it has opened a dialog on the screen."""
    if "xcode-select: note:" in output.text.lower():
        return absent("no Command Line Tools", developer_tools=False, dialog_opened="requesting install" in output.text)
    if "xcode-select: error:" in output.text or "xcrun: error: invalid active developer path" in output.text:
        return absent("no Command Line Tools", developer_tools=False, dialog_opened=False)
    if output.exit_code != 0:
        return otherwise(output)
    return known(developer_tools=True, answer=output.text.strip()[:200])


def parse_browser_log(output: Output) -> Parsed:
    """`entries` of a Chromium log, and `profile_in_use` with `lock_path` when another process holds the profile."""
    entries = [_entry(match) for line in output.lines if (match := _CHROME.fullmatch(line.strip()))]
    lock = _LOCK.search(output.text)
    if not entries and not lock:
        return otherwise(output)
    in_use = bool(lock) or "Failed to create a ProcessSingleton" in output.text
    return known(profile_in_use=in_use, lock_path=lock[1] if lock else None, entries=entries)


def _entry(match: re.Match[str]) -> Parsed:
    return {
        "pid": integer(match[1]),
        "thread": integer(match[2]),
        "time": match[3],
        "level": match[4],
        "source": match[5],
        "line": integer(match[6] or match[7]),
        "message": match[8],
    }
