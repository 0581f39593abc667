"""Settings and updates: systemsetup, defaults, dscl, softwareupdate."""

import re

from orchestrator.modules.macos.parsers.nextstep import from_nextstep
from orchestrator.modules.macos.parsers.output import Output, Parsed, absent, failed, known, otherwise, refused
from orchestrator.modules.macos.parsers.values import integer, on_off, size_bytes, typed

_NOISE = re.compile(r".*### Error:.*|.*\bsystemsetup\[[0-9]+:.*")
_SETTING = re.compile(r"(?:[sg]et\w+: )?([A-Z][^:]*?|[sg]et\w+): (.*)")
_SLEEPS = re.compile(
    r"(?:Sleep: (\w+) sleeps|(Computer|Display|(?:Hard )?Disk) Sleep:) (?:after ([0-9]{1,6}) minutes?|[Nn]ever)"
)
_MISSING_PAIR = re.compile(r"The domain/default pair of \((.*), (.*)\) does not exist")
_MISSING_DOMAIN = re.compile(r"Domain (.*) does not exist")
_DS_ERROR = re.compile(r"DS Error: (-[0-9]+) \((\w+)\)")
_DS_KEY = re.compile(r"(\S+):(?:\s(.*))?")
_DS_SECRET = re.compile(r"ShadowHash|Kerberos|SRP|Password|accountPolicyData|HashData", re.IGNORECASE)
_UPDATE_FIELD = re.compile(r"(\w[\w ]*): (.*?)(?=, \w[\w ]*: |,?\s*$)")
_SCAN_ERROR = re.compile(r"Scan finished with error: (.*)|(Can.t connect to the Apple Software Update server.*)")
_ERROR_DOMAIN = re.compile(r'Error Domain=(\S+) Code=(-?[0-9]{1,9}) "(.*?)"')
_SCHEDULE = re.compile(r"Automatic check(?:ing for updates)? is (?:turned )?(on|off)", re.IGNORECASE)


def parse_systemsetup(output: Output) -> Parsed:
    """
    `settings` by the name printed: On and Off as booleans, texts otherwise, None for `(null)`.

    The exit status says nothing here, so sentences decide. `unsupported`: settings this machine does not have.
    `sleep_s`: seconds for Computer, Display, Disk, 0 = never. `### Error:-99` lines are noise beside a valid answer.
    """
    if "need administrator access" in output.text:
        return refused("systemsetup needs root")
    if "requires Full Disk Access" in output.text:
        return refused("systemsetup needs Full Disk Access for this setting")
    settings: dict[str, bool | str | None] = {}
    sleeps: dict[str, int] = {}
    extra: list[str] = []
    for line in (line.strip() for line in output.lines if not _NOISE.fullmatch(line.strip())):
        if match := _SLEEPS.fullmatch(line):
            sleeps[(match[1] or match[2].split()[-1]).lower()] = int(match[3] or 0) * 60
        elif match := _SETTING.fullmatch(line):
            settings[match[1]] = _setting(match[2])
        else:
            extra.append(line)
    if extra == ["(null)"]:
        return absent("the setting has no value")
    unsupported = [name for name, value in settings.items() if str(value).startswith("Not supported")]
    if not settings and not sleeps:
        return otherwise(output)
    return known(
        settings={name: value for name, value in settings.items() if name not in unsupported},
        sleep_s=sleeps,
        unsupported=unsupported,
        extra=extra,
    )


def _setting(text: str) -> bool | str | None:
    value = on_off(text)
    if value is not None:
        return value
    return None if text.strip() in {"", "(null)"} else text.strip()


def parse_defaults(output: Output) -> Parsed:
    """
    One preference: `value` an integer, text, list or dict; `text` as printed.

    `defaults` does not print types: an integer may be a number, a boolean or a text of digits.
    """
    if pair := _MISSING_PAIR.search(output.text):
        return absent("the key is not set", domain=pair[1], key=pair[2])
    if domain := _MISSING_DOMAIN.search(output.text):
        return absent("the domain does not exist", domain=domain[1].strip(), key=None)
    text = output.stdout.strip()
    if output.exit_code or not text:
        return otherwise(output)
    if text[0] in "({":
        return known(value=from_nextstep(text), text=None)
    return known(value=typed(text), text=text)


def parse_dscl(output: Output) -> Parsed:
    """
    `record`: attribute → list of values (as printed; a value on its own line may hold blanks).

    `absent` for a record or key that does not exist. Password hashes and pictures are dropped, their names told.
    """
    if error := _DS_ERROR.search(output.text):
        fields = {"ds_error": integer(error[1]), "name": error[2]}
        if "NotFound" in error[2] or "UnknownNode" in error[2]:
            return absent("no such record", **fields)
        refusal = "Permission" in error[2] or "Auth" in error[2]
        return refused(error[2], **fields) if refusal else failed(error[2], **fields)
    if missing := re.search(r"No such key: (.*)", output.text):
        return absent("no such attribute", key=missing[1].strip())
    record: dict[str, list[str]] = {}
    name = None
    for line in output.rows:
        if line[0] == " " and name:
            record[name].append(line.strip())
        elif match := _DS_KEY.fullmatch(line):
            name = match[1]
            record[name] = (match[2] or "").split()
    dropped = sorted(key for key in record if _DS_SECRET.search(key) or key.endswith("JPEGPhoto"))
    if not record:
        return otherwise(output)
    return known(record={key: value for key, value in record.items() if key not in dropped}, dropped=dropped)


def parse_update_schedule(output: Output) -> Parsed:
    """`automatic_check`: whether the Mac looks for updates by itself."""
    match = _SCHEDULE.search(output.text)
    return known(automatic_check=match[1].lower() == "on") if match else otherwise(output)


def parse_update_list(output: Output) -> Parsed:
    """`updates` on offer: label, title, version, `size_bytes`, recommended, `restart`; empty when there are none."""
    if error := _SCAN_ERROR.search(output.text):
        detail = _ERROR_DOMAIN.search(error[0])
        fields = {"error_domain": detail[1], "error_code": integer(detail[2])} if detail else {}
        return failed(detail[3] if detail else error[0][:200], **fields)
    updates: list[Parsed] = []
    for line in (line.strip() for line in output.lines):
        if line.startswith("* "):
            updates.append(_update({}, line.removeprefix("* ").removeprefix("Label: "), None))
        elif updates and updates[-1]["text"] is None:
            updates[-1] = _update(dict(_UPDATE_FIELD.findall(line)), updates[-1]["label"], line)
    if not updates and "No new software available" not in output.text and "No updates are available" not in output.text:
        return otherwise(output)
    return known(updates=updates)


def _update(fields: dict[str, str], label: str, text: str | None) -> Parsed:
    names = {"Title", "Version", "Size", "Recommended", "Action"}
    return {
        "label": label,
        "title": fields.get("Title"),
        "version": fields.get("Version"),
        "size_bytes": size_bytes(fields.get("Size")),
        "recommended": on_off(fields.get("Recommended")),
        "restart": "restart" in fields.get("Action", "").lower() if fields else None,
        "extra": {name: value for name, value in fields.items() if name not in names},
        "text": text,
    }
