"""Device management: enrollment, configuration profiles, and what mdmclient tells."""

import re
from typing import Any
from urllib.parse import urlsplit

from orchestrator.modules.macos.parsers.nextstep import from_nextstep
from orchestrator.modules.macos.parsers.output import Output, Parsed, failed, known, otherwise, refused
from orchestrator.modules.macos.parsers.structured import from_xml_plist
from orchestrator.modules.macos.parsers.values import listed, on_off

_ENROLLED = {"no": "no", "yes": "yes", "yes (user approved)": "user approved"}
_NONE = re.compile(
    r"There are no configuration profiles installed(?: in the (system) domain| for user '(.*)'| on this system)?"
)
_ATTRIBUTE = re.compile(r"\s*(.+?)\[([0-9]+)\] attribute: (\w+): (.*)")
_RESPONSE = re.compile(r"^(Daemon|Agent) response: ", re.MULTILINE)


def parse_status(output: Output) -> Parsed:
    """
    Enrollment: `dep` (automated), `mdm` "no", "yes" or "user approved", and the server's host name.

    A line that is missing or says something new gives None there; the whole URL may hold a token and is not kept.
    """
    said = dict(line.split(":", 1) for line in output.rows if ":" in line)
    if not {"Enrolled via DEP", "MDM enrollment"} & said.keys():
        return otherwise(output)
    return known(
        dep=on_off(said.get("Enrolled via DEP")),
        mdm=_ENROLLED.get(said.get("MDM enrollment", "").strip().lower()),
        mdm_text=said.get("MDM enrollment", "").strip() or None,
        server_host=_host(said.get("MDM server", "").strip()),
        extra=sorted(said.keys() - {"Enrolled via DEP", "MDM enrollment", "MDM server"}),
    )


def _host(url: str) -> str | None:
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return None


def parse_show_enrollment(output: Output) -> Parsed:
    """What Apple's servers say; `enrollable` False when the device is not in their list. Rate limited by Apple."""
    text = output.text
    if "Must be running as root" in text:
        return refused("profiles show needs root", enrollable=None)
    if "not DEP enabled" in text:
        return known(enrollable=False, configuration={})
    if "Request too soon" in text:
        return failed("asked too often: Apple's servers answer about ten times a day", enrollable=None)
    start = output.stdout.find("{")
    found = from_nextstep(output.stdout[start:]) if start >= 0 else None
    if isinstance(found, dict) and found:
        return known(enrollable=True, configuration=found)
    return {**otherwise(output), "enrollable": None}


def parse_list(output: Output) -> Parsed:
    """`profiles` by owner (a user, or `_computerlevel`), as plain text or as a property list; empty when none."""
    if "<?xml" in output.stdout:
        return parse_list_xml(output)
    if none := _NONE.search(output.text):
        return known(profiles=[], scope="system" if none[1] else none[2])
    rows = [match for line in output.rows if (match := _ATTRIBUTE.fullmatch(line))]
    if not rows:
        return otherwise(output)
    found: dict[tuple[str, str], Parsed] = {}
    for match in rows:
        profile = found.setdefault((match[1], match[2]), {"owner": match[1], "identifier": None, "attributes": {}})
        profile["attributes"][match[3]] = match[4]
        profile["identifier"] = profile["attributes"].get("profileIdentifier")
    return known(profiles=list(found.values()), scope=None)


def parse_list_xml(output: Output) -> Parsed:
    """`profiles`: owner, identifier, name, uuid, organisation, dates, and `payloads` with their settings."""
    found = from_xml_plist(output.stdout)
    if not isinstance(found, dict):
        return parse_list(Output(output.stdout.replace("<?xml", ""), output.stderr, output.exit_code))
    profiles = [
        _profile(owner, item) for owner, items in found.items() for item in listed(items) if isinstance(item, dict)
    ]
    return known(profiles=profiles, scope=None)


def _profile(owner: str, item: dict[str, Any]) -> Parsed:
    payloads = [entry for entry in listed(item.get("ProfileItems")) if isinstance(entry, dict)]
    named = ("Identifier", "DisplayName", "UUID", "Organization", "InstallDate", "VerificationState", "Type", "Version")
    rest = {f"Profile{name}" for name in (*named, "Items", "RemovalDisallowed")}
    return {
        "owner": owner,
        **{_snake(name): item.get(f"Profile{name}") for name in named},
        "removal_disallowed": str(item.get("ProfileRemovalDisallowed", "false")).lower() == "true",
        "payloads": [_payload(entry) for entry in payloads],
        "extra": {key: value for key, value in item.items() if key not in rest},
    }


def _payload(entry: dict[str, Any]) -> Parsed:
    named = ("Type", "Identifier", "DisplayName", "UUID", "Organization", "Version")
    return {**{_snake(name): entry.get(f"Payload{name}") for name in named}, "settings": entry.get("PayloadContent")}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def parse_mdmclient(output: Output) -> Parsed:
    """`daemon` and `agent`: the two responses as data, None for `(null)`; what identifies the machine is redacted."""
    parts = _RESPONSE.split(output.stdout)
    if len(parts) < 3:
        return otherwise(output)
    answers = {name.lower(): from_nextstep(body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}
    heading = [line.strip() for line in parts[0].split("\n") if line.strip()]
    return known(daemon=answers.get("daemon"), agent=answers.get("agent"), heading=heading)
