"""
Who this Mac is: sw_vers, sysctl, uname, hostname, scutil, ioreg.

Recorded: sw_vers (26.5, 26.6.2, and a rapid response of 13.3.1), sysctl of a VM and of an M1, uname of 26.5.
Unrecorded: the words of an unknown sysctl name, ioreg's rows beside IOPlatformUUID, scutil's answers.
"""

from __future__ import annotations

import sys
import time

from orchestrator.sim.tools.base import Mac, Refusal
from orchestrator.sim.tools.presence import dns


def sw_vers(mac: Mac, argv: list[str]) -> int:
    facts = mac.facts
    rows = {"productName": "macOS", "productVersion": facts["version"], "buildVersion": facts["build"]}
    if argv:
        name = argv[0].lstrip("-")
        if name == "productVersionExtra":
            print(facts["extra"])
        elif name in rows:
            print(rows[name])
        else:
            raise Refusal(
                1, "Usage: sw_vers [--help|--productName|--productVersion|--productVersionExtra|--buildVersion]"
            )
        return 0
    # Two tabs after a key; one in every row where the longer ProductVersionExtra is among them.
    gap = "\t" if facts["extra"] else "\t\t"
    print(f"ProductName:{gap}macOS\nProductVersion:{gap}{facts['version']}")
    if facts["extra"]:
        print(f"ProductVersionExtra:{gap}{facts['extra']}")
    print(f"BuildVersion:{gap}{facts['build']}")
    return 0


def _oids(mac: Mac) -> dict[str, str]:
    facts = mac.facts
    booted = int(facts["booted_at_s"])
    when = time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(booted))
    return {
        "hw.model": facts["model"],
        "hw.memsize": str(facts["memory_bytes"]),
        "hw.ncpu": str(facts["cores"]),
        "hw.logicalcpu": str(facts["cores"]),
        "hw.physicalcpu": str(facts["cores"]),
        "hw.pagesize": "16384",
        "hw.optional.arm64": "1",
        "machdep.cpu.brand_string": facts["cpu"],
        "kern.osversion": facts["build"],
        "kern.osproductversion": facts["version"],
        "kern.osrelease": facts["darwin"],
        "kern.ostype": "Darwin",
        "kern.version": facts["kernel"],
        "kern.hostname": _host(mac),
        "kern.bootsessionuuid": facts["boot_session"],
        "kern.uuid": facts["boot_session"],
        "kern.boottime": f"{{ sec = {booted}, usec = 979990 }} {when}",
        "kern.memorystatus_vm_pressure_level": str(mac.settings().get("pressure_level", 1)),
        "kern.hv_vmm_present": "1",
        "vm.swapusage": "total = 4096.00M  used = 3283.19M  free = 812.81M  (encrypted)",
        "vm.loadavg": "{ 1.50 1.40 1.30 }",
    }


def sysctl(mac: Mac, argv: list[str]) -> int:
    oids = _oids(mac)
    names = [word for word in argv if not word.startswith("-")]
    bare = any(word.startswith("-") and "n" in word for word in argv)
    status = 0
    for name in names:
        if name in oids:
            print(oids[name] if bare else f"{name}: {oids[name]}")
        else:
            sys.stdout.flush()
            sys.stderr.write(f"sysctl: unknown oid '{name}'\n")
            status = 1
    return status


def _host(mac: Mac) -> str:
    return str(mac.settings()["host_name"] or f"{mac.facts['name']}.local")


def uname(mac: Mac, argv: list[str]) -> int:
    letters = "".join(word.lstrip("-") for word in argv) or "s"
    if "a" in letters:
        letters = "snrvm"
    values = {
        "s": "Darwin",
        "n": _host(mac),
        "r": mac.facts["darwin"],
        "v": mac.facts["kernel"],
        "m": "arm64",
        "p": "arm",
        "o": "Darwin",
    }
    print(" ".join(values[letter] for letter in "snrvmpo" if letter in letters))
    return 0


def hostname(mac: Mac, argv: list[str]) -> int:
    print(_host(mac).split(".")[0] if "-s" in argv else _host(mac))
    return 0


def scutil(mac: Mac, argv: list[str]) -> int:
    settings = mac.settings()
    names = {
        "ComputerName": settings["computer_name"],
        "LocalHostName": settings["computer_name"],
        "HostName": settings["host_name"],
    }
    match argv:
        case ["--get", name] if name in names:
            if names[name] is None:
                # Text and stream from configd's source, not recorded.
                raise Refusal(1, f"{name}: not set")
            print(names[name])
        case ["--set", name, value] if name in names:
            if not mac.is_root:
                raise Refusal(1, "This operation requires root privileges")
            with mac.change("settings") as changed:
                changed["host_name" if name == "HostName" else "computer_name"] = value
        case ["--dns"]:
            dns()
        case _:
            raise Refusal(1, "usage: scutil --dns | --get|--set ComputerName|LocalHostName|HostName")
    return 0


def ioreg(mac: Mac, argv: list[str]) -> int:
    print("+-o IOPlatformExpertDevice  <class IOPlatformExpertDevice, id 0x100000110, registered, matched, active>")
    print("    {")
    print(f'      "model" = <"{mac.facts["model"]}">')
    print(f'      "IOPlatformUUID" = "{mac.facts["hardware_uuid"]}"')
    print(f'      "IOPlatformSerialNumber" = "{mac.facts["serial"]}"')
    print("    }")
    return 0
