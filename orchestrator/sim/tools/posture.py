"""
How the Mac is guarded and managed: csrutil, fdesetup, spctl, socketfilterfw, profiles.

Recorded: `csrutil status`, `spctl --status`, `fdesetup status`, the firewall's states (enabled and disabled),
profiles status, list and the errors of show. Unrecorded: usage texts, and the answers of the setting verbs.
"""

from __future__ import annotations

from orchestrator.sim.tools.base import Mac, Refusal


def csrutil(mac: Mac, argv: list[str]) -> int:
    if argv != ["status"]:
        raise Refusal(64, "usage: csrutil status")
    print(f"System Integrity Protection status: {mac.settings()['sip']}.")
    return 0


def spctl(mac: Mac, argv: list[str]) -> int:
    if argv != ["--status"]:
        raise Refusal(64, "usage: spctl --status")
    print(f"assessments {mac.settings()['gatekeeper']}")
    return 0


def fdesetup(mac: Mac, argv: list[str]) -> int:
    state = mac.settings()["filevault"]
    match argv:
        case ["status"]:
            print(f"FileVault is {state}.")
            return 0
        case ["isactive"]:
            print("true" if state == "On" else "false")
            return 0 if state == "On" else 1
    raise Refusal(22, "usage: fdesetup status|isactive")


def socketfilterfw(mac: Mac, argv: list[str]) -> int:
    settings = mac.settings()
    match argv:
        case ["--getglobalstate"]:
            level = int(settings["firewall"])
            print(f"Firewall is {'enabled' if level else 'disabled'}. (State = {level})")
        case ["--getstealthmode"]:
            print(f"Firewall stealth mode is {'on' if settings['stealth'] else 'off'}")
        case ["--getblockall"]:
            state = "enabled" if settings["firewall"] == 2 else "disabled"
            print(f"Firewall has block all state set to {state}.")
        case ["--setglobalstate" | "--setstealthmode" as verb, "on" | "off" as value]:
            if not mac.is_root:
                raise Refusal(1, "Must be root to change settings.")
            with mac.change("settings") as changed:
                if verb == "--setglobalstate":
                    changed["firewall"] = int(value == "on")
                    state = "enabled" if value == "on" else "disabled"
                    print(f"Firewall is {state}. (State = {changed['firewall']})")
                else:
                    changed["stealth"] = value == "on"
                    print(f"Firewall stealth mode is {value}")
        case _:
            raise Refusal(1, "usage: socketfilterfw --getglobalstate|--getstealthmode|--getblockall")
    return 0


def profiles(mac: Mac, argv: list[str]) -> int:
    settings = mac.settings()
    if argv[:1] == ["status"]:
        print(f"Enrolled via DEP: {'Yes' if settings['dep'] else 'No'}")
        print(f"MDM enrollment: {settings['mdm']}")
        if settings["mdm"] != "No" and settings["mdm_server"]:
            print(f"MDM server: {settings['mdm_server']}")
        return 0
    if argv[:1] == ["show"] and "enrollment" in argv:
        if not mac.is_root:
            raise Refusal(1, "Must be running as root")
        raise Refusal(1, "Error fetching Device Enrollment configuration: Client is not DEP enabled.")
    if argv[:1] == ["list"] or argv[:1] == ["-L"]:
        where = "in the system domain" if mac.is_root else f"for user '{mac.facts['user']}'"
        print(f"There are no configuration profiles installed {where}")
        return 0
    raise Refusal(1, "profiles: usage: profiles status|list|show -type enrollment")
