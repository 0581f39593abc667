"""launchctl's other verbs: orders (bootstrap, bootout, kickstart) and lists (list, print-disabled, managername)."""

import re
from typing import Any

from orchestrator.modules.macos.parsers.launchd_codes import command_error
from orchestrator.modules.macos.parsers.nextstep import from_nextstep
from orchestrator.modules.macos.parsers.output import Output, Parsed, absent, failed, known, otherwise, refused, unknown
from orchestrator.modules.macos.parsers.values import identifier, integer

# What each code means for the order: launchctl(1), launchd's error table, and observed behaviour.
_BOOTSTRAP = {
    5: "ambiguous: loaded already, disabled, wrong owner or mode, bad plist, or a bootout still runs",
    17: "loaded already",
    36: "in progress",
    37: "in progress",
    112: "no such domain",
    119: "disabled",
    122: "bad ownership or permissions",
    124: "domain is tearing down",
    125: "no such session",
    134: "not for this session type",
}
_BOOTOUT = {
    3: "not loaded",
    5: "ambiguous: on its way out, or never loaded",
    36: "in progress",
    37: "in progress",
    112: "no such domain",
    113: "not loaded",
    124: "domain is tearing down",
    125: "no such session",
}
_KICKSTART = {
    3: "not loaded",
    37: "running already",
    64: "the label lacks its domain",
    112: "no such domain",
    113: "not loaded",
    119: "disabled",
    125: "no such session",
    150: "protected by System Integrity Protection",
}
_DISABLED_ROW = re.compile(r'\s*"(.*)" => (\w+),?')
_LIST_ROW = re.compile(r"\s*(-|[0-9]{1,9})\s+(-|-?[0-9]{1,9})\s+(\S.*)")
_PID = re.compile(r"(?:.*\bpid:?)?\s*([0-9]{1,9})")
_MANAGERS = {"Aqua": True, "Background": False, "System": False, "LoginWindow": False, "StandardIO": False}


def parse_bootstrap(output: Output) -> Parsed:
    """The order `bootstrap`: `outcome` "accepted" (launchd took it; it does not mean the job lives) or why not."""
    return _order(output, _BOOTSTRAP)


def parse_bootout(output: Output) -> Parsed:
    """The order `bootout`, which launchd carries out later: `outcome` "accepted", "in progress", "not loaded", …"""
    return _order(output, _BOOTOUT)


def parse_kickstart(output: Output) -> Parsed:
    """The order `kickstart`; with -p `pid` is the job's process, also when it ran already (exit status 37)."""
    told = next((match for line in output.lines if (match := _PID.fullmatch(line))), None)
    pid = integer(told[1]) if told else None
    if pid is not None and output.exit_code in {0, None, 37}:
        outcomes = {0: "accepted", 37: "running already", None: None}
        return known(outcome=outcomes[output.exit_code], pid=pid, error=None)
    return {**_order(output, _KICKSTART), "pid": None}


def _order(output: Output, meanings: dict[int, str]) -> Parsed:
    error = command_error(output)
    code = error["code"]
    if code is None and output.silent and output.exit_code == 0:
        return known(outcome="accepted", error=None)
    if code is None:
        return {**otherwise(output), "outcome": None, "error": error}
    outcome = "loaded already" if "exists" in (error["text"] or "").lower() else meanings.get(code)
    if code in {1, 150}:
        return refused(error["text"] or "not permitted", outcome=outcome or "not permitted", error=error)
    if outcome in {"not loaded", "no such domain", "no such session"}:
        return absent(outcome, outcome=outcome, error=error)
    if outcome in {"in progress", "loaded already", "running already"}:
        return known(outcome=outcome, error=error)
    return failed(error["text"] or f"exit status {code}", outcome=outcome, error=error)


def parse_managername(output: Output) -> Parsed:
    """The session a command runs in: `manager` (Aqua, Background, System …) and `gui_session`."""
    name = output.rows[0].strip() if len(output.rows) == 1 else ""
    if output.exit_code or not re.fullmatch(r"[A-Za-z]{2,40}", name):
        return otherwise(output)
    return known(manager=name, gui_session=_MANAGERS.get(name))


def parse_list(output: Output) -> Parsed:
    """`services`: label, pid, and how the run *before* ended: `last_exit_code` or `last_signal` (a negative status)."""
    rows = [match for line in output.rows if (match := _LIST_ROW.fullmatch(line))]
    if not rows and not any(line.split() == ["PID", "Status", "Label"] for line in output.rows):
        return otherwise(output)
    extra = [line for line in output.rows if not _LIST_ROW.fullmatch(line) and not line.startswith("PID")]
    return known(services=[_service(match) for match in rows], extra=extra)


def _service(match: re.Match[str]) -> Parsed:
    status = integer(match[2])
    return {
        "label": match[3],
        "pid": integer(match[1]),
        "last_exit_code": status if status is not None and status >= 0 else None,
        "last_signal": -status if status is not None and status < 0 else None,
    }


def parse_list_label(output: Output) -> Parsed:
    """
    One job in the old form. `LastExitStatus` is a raw wait status and is decoded into `last_exit_code` or
    `last_signal`. Arguments and environment are dropped; `exit_timeout_s` is TimeOut; the rest stands in `extra`.
    """
    start = output.stdout.find("{")
    found = from_nextstep(output.stdout[start:]) if start >= 0 else None
    if output.exit_code or not isinstance(found, dict) or not found:
        error = command_error(output)
        return absent("no such service", error=error) if error["code"] == 113 else otherwise(output, quote=False)
    dropped = [key for key in found if "Arguments" in key or "Environment" in key]
    fields = {"Label", "PID", "Program", "OnDemand", "LimitLoadToSessionType", "TimeOut", "LastExitStatus"}
    return known(
        **{identifier(_spaced(key)): found.get(key) for key in sorted(fields - {"TimeOut", "LastExitStatus"})},
        exit_timeout_s=found.get("TimeOut"),
        **_wait_status(found.get("LastExitStatus")),
        dropped=sorted(dropped),
        extra={key: value for key, value in found.items() if key not in fields and key not in dropped},
    )


def _spaced(key: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)


def _wait_status(status: Any) -> Parsed:
    """wait(2): the low seven bits are the signal, the next byte is the exit status."""
    if not isinstance(status, int) or status < 0:
        return {"last_exit_code": None, "last_signal": None, "wait_status": None}
    signal = status & 0x7F
    code = (status >> 8) & 0xFF if signal == 0 else None
    return {"last_exit_code": code, "last_signal": signal or None, "wait_status": status}


def parse_print_disabled(output: Output) -> Parsed:
    """`services`: label → "enabled" or "disabled" (an override was set); a label that is not listed has its default."""
    services: dict[str, str] = {}
    opened = False
    for line in output.rows:
        opened = "disabled services" in line if line.endswith("{") else opened
        if opened and (match := _DISABLED_ROW.fullmatch(line)):
            services[match[1]] = {"true": "disabled", "false": "enabled"}.get(match[2], match[2])
    if not services and "disabled services" not in output.stdout:
        return otherwise(output)
    odd = {label: word for label, word in services.items() if word not in {"enabled", "disabled"}}
    if odd and len(odd) == len(services):
        return unknown("the words for enabled and disabled are new", extra=odd)
    return known(services=services)
