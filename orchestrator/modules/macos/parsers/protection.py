"""How a Mac protects itself: SIP, Gatekeeper, FileVault, firewall, boot policy."""

import re

from orchestrator.modules.macos.parsers.output import Output, Parsed, known, otherwise, refused
from orchestrator.modules.macos.parsers.structured import REDACTED, sensitive
from orchestrator.modules.macos.parsers.values import identifier, integer, on_off, typed

_SIP = re.compile(r"System Integrity Protection status: ([^.(]*?)\s*(?:\((.*?)\))?\.?\s*")
_PAIR = re.compile(r"\s*([^:]+?)\s*:\s*(.*)")
_PROGRESS = re.compile(r"(Encryption|Decryption) in progress: (?:Percent completed = ([0-9.]+)|(Pending|Paused)).*")
_DEFERRED = re.compile(r"Deferred enablement appears to be active for user '(.*)'\.?")
_FIREWALL = re.compile(r"\(State = ([0-9])\)")
_GROUP = re.compile(r"Local policy for volume group (\S+?):")
_POLICY = re.compile(r"(.*?)\s*(?:\((\w{3,5})\))?\s*: (.*)")
_FIREWALL_STATES = {0: "off", 1: "on", 2: "blocks all incoming"}


def parse_csrutil(output: Output) -> Parsed:
    """
    `sip` is "enabled", "disabled" or "custom" (then `configuration` has its parts); `note` is what stood in ().

    A custom configuration is custom whatever word is before it: up to 10.15 that was "enabled", with parts disabled.
    """
    match = next((found for line in output.rows if (found := _SIP.fullmatch(line))), None)
    word = match[1].strip() if match else ""
    custom = match is not None and "Custom" in (match[2] or "")
    if match is None or not (custom or word in {"enabled", "disabled"}):
        return otherwise(output)
    pairs = [pair for line in output.rows if line[:1].isspace() and (pair := _PAIR.fullmatch(line))]
    return known(
        sip="custom" if custom else word,
        note=match[2],
        configuration={identifier(pair[1]): on_off(pair[2]) for pair in pairs},
    )


def parse_spctl(output: Output) -> Parsed:
    """`gatekeeper`: True when assessments are enabled."""
    match = re.search(r"^assessments (enabled|disabled)", output.text, re.MULTILINE)
    return known(gatekeeper=match[1] == "enabled") if match else otherwise(output)


def parse_fdesetup(output: Output) -> Parsed:
    """`filevault` on or off, `progress` (direction, percent or None while pending), `deferred_user`, other `notes`."""
    match = re.search(r"^FileVault is (On|Off)\b|^(true|false)$", output.text, re.MULTILINE)
    if not match:
        return otherwise(output)
    rest = [
        line.strip() for line in output.lines if not re.fullmatch(r"FileVault is (On|Off)\.|true|false", line.strip())
    ]
    progress = next((found for line in rest if (found := _PROGRESS.fullmatch(line))), None)
    deferred = next((found for line in rest if (found := _DEFERRED.fullmatch(line))), None)
    return known(
        filevault=(match[1] or match[2]) in {"On", "true"},
        progress=_progress(progress) if progress else None,
        deferred_user=deferred[1] if deferred else None,
        notes=[line for line in rest if not _PROGRESS.fullmatch(line) and not _DEFERRED.fullmatch(line)],
    )


def _progress(match: re.Match[str]) -> Parsed:
    direction = {"Encryption": "encrypting", "Decryption": "decrypting"}[match[1]]
    percent = integer((match[2] or "").partition(".")[0])
    return {"direction": direction, "percent": percent, "waiting": (match[3] or "").lower() or None}


def parse_firewall_state(output: Output) -> Parsed:
    """`firewall` "off", "on" or "blocks all incoming", `state` the number behind it."""
    match = _FIREWALL.search(output.text)
    if match and int(match[1]) in _FIREWALL_STATES:
        return known(firewall=_FIREWALL_STATES[int(match[1])], state=int(match[1]))
    word = re.search(r"^Firewall is (enabled|disabled)", output.text, re.MULTILINE)
    return known(firewall="on" if word[1] == "enabled" else "off", state=None) if word else otherwise(output)


def parse_firewall_block(output: Output) -> Parsed:
    """`blocks_all`: the firewall refuses all incoming connections."""
    match = re.search(r"block all\b[ a-z]{0,40}\b(enabled|disabled|on|off)\b", output.text, re.IGNORECASE)
    if match is None and re.search(r"set to block all\b|blocking all\b", output.text, re.IGNORECASE):
        return known(blocks_all=True)
    return known(blocks_all=on_off(match[1])) if match else otherwise(output)


def parse_firewall_stealth(output: Output) -> Parsed:
    """`stealth`: the Mac does not answer probes of closed ports."""
    match = re.search(r"stealth mode (?:is )?(enabled|disabled|on|off)\b", output.text, re.IGNORECASE)
    return known(stealth=on_off(match[1])) if match else otherwise(output)


def parse_bputil(output: Output) -> Parsed:
    """`policies`: volume group, values by name (`SDOM` style codes beside); `failures`: groups not shown."""
    policies: list[Parsed] = []
    failures = [line.strip() for line in output.lines if re.match(r"(Can't|Failed to|Could not)", line.strip())]
    for line in (line.strip() for line in output.rows):
        if group := _GROUP.fullmatch(line):
            policies.append({"volume_group": group[1], "values": {}, "codes": {}})
        elif policies and (match := _POLICY.fullmatch(line)) and line not in failures:
            hidden = sensitive(identifier(match[1])) or sensitive(match[2] or "")
            policies[-1]["values"][match[1]] = REDACTED if hidden else typed(match[3])
            if match[2]:
                policies[-1]["codes"][match[2]] = match[1]
    if not policies:
        root = "running as root" in output.text
        return refused("bputil needs root") if root else otherwise(output)
    return known(policies=policies, failures=failures)


def parse_ibridge(output: Output) -> Parsed:
    """The boot policy of the controller: `secure_boot` in Apple's words, switches as booleans, UUID redacted."""
    pairs = [pair for line in output.rows if (pair := _PAIR.fullmatch(line)) and pair[2]]
    if not pairs:
        return otherwise(output)
    fields = {identifier(pair[1]): _policy_value(pair[1], pair[2]) for pair in pairs}
    first = {name: fields.pop(name, None) for name in ("model_identifier", "firmware_version", "secure_boot")}
    return known(**first, policy=fields)


def _policy_value(name: str, text: str) -> bool | str:
    if sensitive(identifier(name)):
        return REDACTED
    value = on_off(text)
    return text if value is None else value
