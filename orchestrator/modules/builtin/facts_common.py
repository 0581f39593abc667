"""Facts that are read alike on every system: the load, name servers, what guards the system.

Sources: the fact names of ansible-core 2.19 (``setup``); resolv.conf(5), sysctl(8) of macOS, proc(5) of Linux.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def common_facts(said: Mapping[str, str]) -> dict[str, Any]:
    """The facts, names without ``ansible_``. ``said``: setup.sh's records."""
    facts: dict[str, Any] = {
        "dns": _name_servers(said.get("resolv_conf", "")),
        "fips": said.get("fips", "").strip() == "1",
        "selinux": {"status": "enabled" if said.get("selinux") else "disabled"},
        "apparmor": {"status": "enabled" if said.get("apparmor") else "disabled"},
    }
    facts |= _python(said)
    load = said.get("loadavg", "").strip("{ }").split()
    if len(load) >= 3:
        facts["loadavg"] = dict(zip(("1m", "5m", "15m"), map(float, load[:3]), strict=True))
    if container := said.get("container"):
        facts.update(virtualization_type=container, virtualization_role="guest")
        facts["virtualization_tech_guest"] = [container, "container"]
    return facts


def _python(said: Mapping[str, str]) -> dict[str, Any]:
    """The node's python3, of which only the paths speak: nobody runs it. How much of the version is known, is told:
    a package's is whole, that of a path ``…/python@3.12/3.12.4/…`` too, that of ``…/python3.11`` has two numbers."""
    at = said.get("python_at", "")
    package = re.match(r"(?:\d+:)?(\d+\.\d+\.\d+)", said.get("python_package", ""))
    at = f"{at} {said.get('python', '')}/"
    found = package or re.search(r"/(\d+\.\d+\.\d+)[/_]", at) or re.search(r"/(?:python)?(\d+\.\d+)(?:[/ ]|$)", at)
    if found is None:
        return {"python": {"executable": said["python"]}} if "python" in said else {}
    numbers = [int(each) for each in found[1].split(".")]
    version = dict(zip(("major", "minor", "micro"), numbers, strict=False))
    python = {"executable": said["python"], "version": version, "version_info": numbers}
    return {"python": python, "python_version": found[1]}


def _name_servers(text: str) -> dict[str, Any]:
    """What a resolv.conf says, as far as it says it."""
    words = [line.split() for line in text.splitlines() if line.strip() and line.lstrip()[0] not in "#;"]
    found: dict[str, Any] = {}
    for key, *values in words:
        if key == "nameserver":
            found.setdefault("nameservers", []).extend(values)
        elif key in ("search", "sortlist"):
            found[key] = values
        elif key == "domain" and values:
            found[key] = values[0]
        elif key == "options":
            pairs = (each.partition(":") for each in values)
            found[key] = {name: value if colon else True for name, colon, value in pairs}
    return found


def moments(epoch: str, local: str) -> dict[str, str]:
    """The forms of ISO 8601 in ``date_time``; nodes tell whole seconds. ``local``: the node's own, 20260131T235959."""
    there = datetime.fromtimestamp(int(epoch), UTC)
    return {
        "iso8601": there.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "iso8601_micro": there.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "iso8601_basic": f"{local}000000",
    }
