"""
`security`: keychains.

The exit status is the OSStatus modulo 256 (SecurityTool's source), sometimes only 1; the sentence then decides.
Locked without a screen shows as 36 with a sentence or as 152 with none: never as "item missing", which is 44 alone.
Secrets that `find-generic-password` prints never get into a result.
"""

import re

from orchestrator.modules.macos.parsers.output import (
    Output,
    Parsed,
    absent,
    failed,
    known,
    otherwise,
    refused,
)
from orchestrator.modules.macos.parsers.values import integer

_STATUSES = {
    -25291: "no keychain available",
    -25293: "wrong password",
    -25294: "no such keychain",
    -25295: "invalid keychain",
    -25296: "keychain exists already",
    -25299: "item exists already",
    -25300: "no such item",
    -25307: "no default keychain",
    -25308: "locked, and no screen to ask on",
    -25315: "interaction required",
    -60005: "authorization denied",
    -60006: "authorization cancelled",
    -60007: "locked, and no screen to ask on",
    -60008: "locked, or no session",
    -34018: "missing entitlement",
    -128: "cancelled by the user",
    -50: "invalid argument",
}
_BY_EXIT = {status & 255: status for status in _STATUSES}
_SENTENCES = (
    ("user name or passphrase you entered is not correct", -25293),
    ("specified keychain could not be found", -25294),
    ("not a valid keychain", -25295),
    ("keychain with the same name already exists", -25296),
    ("specified item already exists", -25299),
    ("specified item could not be found", -25300),
    ("default keychain could not be found", -25307),
    ("user interaction is not allowed", -25308),
    ("interaction with the security server is not allowed", -25308),
    ("authorization was denied", -60005),
    ("required entitlement", -34018),
)
_ABSENT = {-25291, -25294, -25300, -25307}
_REFUSED = {-25308, -25315, -60005, -60006, -60007, -60008, -34018, -128}
_SETTINGS = re.compile(r'Keychain "(.*?)"((?: (?:lock-on-sleep|use-lock-interval|no-timeout|timeout=[0-9]+s?))*)(.*)')
_ATTRIBUTE = re.compile(r'\s*(?:"(\w{4})"|0x0000000([78]))\s*<(?:blob|timedate)>=(?:0x[0-9A-Fa-f]+\s+)?"(.*)"')
_ITEM_FIELDS = {"acct": "account", "svce": "service", "cdat": "created", "mdat": "modified", "7": "title"}
_RETURNED = re.compile(r"\s*(?:security: )?([\w-]+): returned (-?[0-9]{1,9})")
_ERROR = re.compile(r"Error: 0x([0-9A-Fa-f]{8}) (-?[0-9]{1,10}) (.+)")
_CERTIFICATE = re.compile(r"Cert ([0-9]+): (.*)")


def parse_done(output: Output) -> Parsed:
    """Commands that are silent when all is well (create, delete, unlock, lock, set-…): `done`, or the `error`."""
    if problem := _problem(output):
        return {**problem, "done": False}
    return known(done=True) if output.exit_code == 0 else {**otherwise(output, quote=False), "done": None}


def _problem(output: Output) -> Parsed | None:
    """The failed, absent or refused result for what `security` said; None when it did not complain."""
    lowered = output.stderr.lower() + ("" if output.exit_code == 0 else output.stdout.lower())
    status = next((status for sentence, status in _SENTENCES if sentence in lowered), None)
    if status is None and output.exit_code:
        status = _BY_EXIT.get(output.exit_code)
    if status is None:
        return failed("security failed", error=_error(None, output)) if output.exit_code else None
    make = absent if status in _ABSENT else refused if status in _REFUSED else failed
    return make(_STATUSES[status], error=_error(status, output))


def _error(status: int | None, output: Output) -> Parsed:
    return {"os_status": status, "exit_code": output.exit_code}


def parse_show_info(output: Output) -> Parsed:
    """
    Lock settings of one keychain, printed on stderr: `timeout_s` None with `no_timeout` True means never by time.

    `locked` is True only when the command was refused for it, None otherwise: an answer does not prove it unlocked.
    """
    match = next((found for line in output.lines if (found := _SETTINGS.fullmatch(line.strip()))), None)
    if match is None:
        problem = _problem(output) or otherwise(output)
        return {**problem, "locked": True if problem["status"] == "not permitted" else None}
    words = match[2].split()
    timeout = next((word.removeprefix("timeout=") for word in words if word.startswith("timeout=")), "")
    return known(
        keychain=match[1],
        lock_on_sleep="lock-on-sleep" in words,
        use_lock_interval="use-lock-interval" in words,
        no_timeout=True if "no-timeout" in words else False if timeout else None,
        timeout_s=integer(timeout.rstrip("s")),
        locked=None,
        extra=match[3].strip() or None,
    )


def parse_list_keychains(output: Output) -> Parsed:
    """`keychains`: paths of the search list in its order (also for default-keychain and login-keychain)."""
    if problem := _problem(output):
        return problem
    paths = [line.strip()[1:-1] for line in output.rows if re.fullmatch(r'\s*".*"', line)]
    if not paths and not (output.exit_code == 0 and output.silent):
        return otherwise(output)
    return known(keychains=paths)


def parse_find_password(output: Output) -> Parsed:
    """One item: `found`, and its account, service, title, dates when attributes were printed; never its secret."""
    if problem := _problem(output):
        return {**problem, "found": False if problem["status"] == "absent" else None}
    if output.exit_code is None and not output.stdout.strip():
        return {**otherwise(output, quote=False), "found": None}
    item = {}
    if any(line.startswith("keychain: ") for line in output.rows):
        matches = [match for line in output.rows if (match := _ATTRIBUTE.fullmatch(line))]
        item = {
            _ITEM_FIELDS[match[1] or match[2]]: match[3] for match in matches if (match[1] or match[2]) in _ITEM_FIELDS
        }
    return known(found=True, item=item, secret="redacted")


def parse_trust_settings(output: Output) -> Parsed:
    """`certificates`: names of those with trust settings of their own; empty when there are none."""
    if "no trust settings were found" in output.text.lower():
        return known(certificates=[])
    names = [match[2].strip() for line in output.rows if (match := _CERTIFICATE.fullmatch(line.strip()))]
    return known(certificates=names) if names else otherwise(output)


def parse_error(output: Output) -> Parsed:
    """`errors` that `security error` explains (it always exits 1): OSStatus, exit status it becomes, sentence."""
    matches = [match for line in output.lines if (match := _ERROR.fullmatch(line.strip()))]
    if not matches:
        return otherwise(output)
    return known(errors=[_explained(match) for match in matches])


def _explained(match: re.Match[str]) -> Parsed:
    status = int(match[2])
    return {"os_status": status, "exit_code": status & 255, "text": match[3], "meaning": _STATUSES.get(status)}


def parse_interactive(output: Output) -> Parsed:
    """`failures` of a `security -i` batch in order: command, OSStatus, meaning. The exit status is the last one's."""
    matches = [match for line in output.lines if (match := _RETURNED.fullmatch(line))]
    failures = [_failure(match[1], int(match[2])) for match in matches]
    if not failures and output.exit_code != 0:
        return _problem(output) or otherwise(output, quote=False)
    if not failures:
        return known(failures=[])
    return failed(failures[-1]["meaning"] or "a command failed", failures=failures)


def _failure(command: str, status: int) -> Parsed:
    return {"command": command, "os_status": status, "meaning": _STATUSES.get(status)}
