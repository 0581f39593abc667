"""A node's own words turned into Ansible's facts. Pure: recorded answers are enough to test it.

Sources: the fact names of ansible-core 2.19 (``setup``); sw_vers(1), sysctl(8), ifconfig(8) and route(8) of macOS;
os-release(5) and proc(5) of Linux. What a node does not say is left out, never guessed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.modules.builtin.facts_cards import linux_cards, mac_cards
from orchestrator.modules.builtin.facts_common import common_facts, moments
from orchestrator.modules.builtin.facts_linux import memory_facts, processor_facts
from orchestrator.modules.builtin.facts_machine import (
    firmware_facts,
    mount_facts,
    opened,
    start_facts,
    system_facts,
    virtual_facts,
)

Facts = dict[str, Any]
MIB = 1024 * 1024
FAMILIES = {
    "debian": "Debian", "ubuntu": "Debian", "raspbian": "Debian", "linuxmint": "Debian", "fedora": "RedHat",
    "rhel": "RedHat", "centos": "RedHat", "rocky": "RedHat", "almalinux": "RedHat", "amzn": "RedHat",
    "alpine": "Alpine", "arch": "Archlinux", "opensuse-leap": "Suse", "sles": "Suse",
}  # fmt: skip
NAMES = {
    "debian": "Debian",
    "ubuntu": "Ubuntu",
    "fedora": "Fedora",
    "rhel": "RedHat",
    "centos": "CentOS",
    "alpine": "Alpine",
    "arch": "Archlinux",
}
FILES = {
    "cpuinfo": "/proc/cpuinfo",
    "debian_version": "/etc/debian_version",
    "fips": "/proc/sys/crypto/fips_enabled",
    "loadavg": "/proc/loadavg",
    "meminfo": "/proc/meminfo",
    "os_release": "/etc/os-release",
    "route": "/proc/net/route",
    "route6": "/proc/net/ipv6_route",
    "uptime": "/proc/uptime",
}
"""What is said, and the file of Linux that says it."""
MANAGERS = {"apt-get": "apt", "dnf": "dnf", "apk": "apk", "pacman": "pacman"}


def facts_of(said: Mapping[str, str], tools: Sequence[str]) -> Facts:
    """All facts, names without ``ansible_``. ``said``: setup.sh's records; ``tools``: the programs it found."""
    mac = said.get("system") == "Darwin"
    files = opened(said.get("files", ""))
    said = {**{name: files[path] for name, path in FILES.items() if path in files}, **said}
    return {
        **_identity(said),
        **_user(said),
        **_clock(said.get("date", "")),
        **common_facts(said),
        **(_mac(said, tools) if mac else _linux(said, tools, files)),
        **(mac_cards(said) if mac else linux_cards(said)),
    }


def _identity(said: Mapping[str, str]) -> Facts:
    nodename, machine = said.get("nodename", ""), said.get("machine", "")
    fqdn = said.get("fqdn") or _known_as(said.get("known_as", "")) or nodename
    bits = "64" if machine in ("x86_64", "arm64", "aarch64", "amd64") else "32"
    return {
        "system": said.get("system", ""),
        "kernel": said.get("kernel", ""),
        "kernel_version": said.get("kernel_version", ""),
        "machine": machine,
        "architecture": "x86_64" if machine == "amd64" else machine,
        "userspace_bits": bits,
        "userspace_architecture": "i386" if bits == "32" and machine.startswith("i") else machine,
        "nodename": nodename,
        "hostname": nodename.split(".")[0],
        "fqdn": fqdn,
        "domain": fqdn.partition(".")[2],
        "virtualization_tech_guest": [],
        "lsb": {},
    }


def _known_as(line: str) -> str:
    """The full name in a line of hosts(5), as Python's ``socket.getfqdn`` picks it; empty where there is no name."""
    names = line.split("\n")[0].split()[1:]
    return next((name for name in names if "." in name), next(iter(names), ""))


def _user(said: Mapping[str, str]) -> Facts:
    shown = (line.partition("=") for line in said.get("env", "").splitlines() if re.match(r"[A-Za-z_]\w*=", line))
    uid, gid = int(said.get("user_uid") or -1), int(said.get("user_gid") or -1)
    user: Facts = {
        "user_id": said.get("user_id", ""),
        "user_uid": uid,
        "user_gid": gid,
        "user_dir": said.get("home", ""),
        "user_shell": said.get("shell", ""),
        "real_user_id": uid,
        "effective_user_id": uid,
        "real_group_id": int(said.get("real_group_id") or gid),
        "effective_group_id": gid,
        "env": {name: value for name, _, value in shown},
    }
    passwd = said.get("passwd", "")
    if match := re.search(r"^UserShell: (.+)$", passwd, re.MULTILINE):
        user["user_shell"] = match[1]
    if match := re.search(r"^RealName:\s+(.+)$", passwd, re.MULTILINE):
        user["user_gecos"] = match[1]
    if match := re.search(r"^NFSHomeDirectory:\s+(.+)$", passwd, re.MULTILINE):
        user["user_dir"] = match[1]
    fields = passwd.split(":")
    if len(fields) == 7:
        user.update(user_gecos=fields[4], user_dir=fields[5], user_shell=fields[6])
    return user


def _clock(said: str) -> Facts:
    parts = said.split("|")
    if len(parts) != 13:
        return {}
    epoch, year, month, day, hour, minute, second, weekday, number, _, week, zone, offset = parts
    seconds = f"{year}-{month}-{day}T{hour}:{minute}:{second}"
    return {
        "date_time": {
            "epoch": epoch,
            "epoch_int": epoch,
            "year": year,
            "month": month,
            "day": day,
            "hour": hour,
            "minute": minute,
            "second": second,
            "weekday": weekday,
            "weekday_number": str(int(number) % 7),
            "weeknumber": week,
            "date": f"{year}-{month}-{day}",
            "time": f"{hour}:{minute}:{second}",
            "tz": zone,
            "tz_dst": zone,
            "tz_offset": offset,
            "iso8601_basic_short": (short := seconds.replace("-", "").replace(":", "")),
            **moments(epoch, short),
        }
    }


def _mac(said: Mapping[str, str], tools: Sequence[str]) -> Facts:
    vers = {
        key.strip(): value.strip()
        for key, _, value in (line.partition(":") for line in said.get("sw_vers", "").splitlines())
    }
    version = vers.get("ProductVersion", "")
    facts: Facts = {
        "distribution": "MacOSX",
        "distribution_version": version,
        "distribution_major_version": version.split(".")[0],
        "distribution_release": said.get("kernel", ""),
        "os_family": "Darwin",
        "osversion": vers.get("BuildVersion", ""),
        "osrevision": said.get("sysctl.kern.osversion", ""),
        "pkg_mgr": "homebrew" if "brew" in tools else "unknown",
        "service_mgr": "launchd",
    }
    if model := said.get("sysctl.hw.model"):
        facts.update(model=model, product_name=model)
    if brand := said.get("sysctl.machdep.cpu.brand_string"):
        facts["processor"] = [brand]
    physical, logical = (
        said.get("sysctl.hw.physicalcpu"),
        said.get("sysctl.hw.logicalcpu") or said.get("sysctl.hw.ncpu"),
    )
    if physical:
        facts["processor_cores"] = int(physical)
    if logical:
        facts.update(processor_vcpus=int(logical), processor_count=int(logical), processor_nproc=int(logical))
    if memory := said.get("sysctl.hw.memsize"):
        facts["memtotal_mb"] = int(memory) // MIB
        facts.update(_mac_free(said, int(memory)))
    booted = re.search(r"sec = (\d+)", said.get("sysctl.kern.boottime", ""))
    if booted and (now := said.get("date", "").partition("|")[0]):
        facts["uptime_seconds"] = int(now) - int(booted[1])
    return facts


def _mac_free(said: Mapping[str, str], memory: int) -> Facts:
    """Free memory as Ansible counts it on macOS: all but wired, active and inactive pages."""
    text = said.get("vm_stat", "")
    size = re.search(r"page size of (\d+) bytes", text)
    pages = {match[1]: int(match[2]) for match in re.finditer(r"^Pages ([a-z ]+):\s+(\d+)\.", text, re.MULTILINE)}
    if size is None or "free" not in pages:
        return {}
    used = sum(pages.get(name, 0) for name in ("wired down", "active", "inactive")) * int(size[1])
    return {"memfree_mb": max(0, memory - used) // MIB}


def _linux(said: Mapping[str, str], tools: Sequence[str], files: Mapping[str, str]) -> Facts:
    release = dict(
        pair.split("=", 1)
        for line in said.get("os_release", "").splitlines()
        for pair in shlex.split(line)
        if "=" in pair
    )
    ident, like = release.get("ID", ""), release.get("ID_LIKE", "").split()
    version = release.get("VERSION_ID", "")
    family = next((FAMILIES[word] for word in (ident, *like) if word in FAMILIES), said.get("system", ""))
    full = said.get("debian_version", version) if ident == "debian" else version
    facts: Facts = {
        "distribution": NAMES.get(ident, release.get("NAME", "")),
        "distribution_version": full.strip() if re.match(r"\d", full) else version,
        "distribution_major_version": version.split(".")[0],
        "distribution_release": release.get("VERSION_CODENAME", "NA"),
        "os_family": family,
        "pkg_mgr": next((MANAGERS[tool] for tool in tools if tool in MANAGERS), "unknown"),
        "service_mgr": "systemd" if "systemctl" in tools else "service",
    }
    if family == "Debian" and "." in facts["distribution_version"]:
        facts["distribution_file_path"], facts["distribution_file_variety"] = "/etc/os-release", "Debian"
        facts["distribution_file_parsed"] = True
        facts["distribution_minor_version"] = facts["distribution_version"].split(".")[1]
    if files:
        facts |= {**firmware_facts(files), **start_facts(files), **virtual_facts(files, said.get("container"))}
        facts |= system_facts(files, release, has_lsb="has_lsb" in said)
        facts["mounts"] = mount_facts(files, said.get("mounted", ""))
    facts |= memory_facts(said.get("meminfo", ""))
    facts |= processor_facts(said.get("cpuinfo", ""), said.get("machine", ""))
    if uptime := said.get("uptime", "").partition(".")[0]:
        facts["uptime_seconds"] = int(uptime)
    return facts
