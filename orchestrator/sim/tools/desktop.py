"""
What needs a desktop or Apple's servers: osascript, open, tccutil, softwareupdate.

Recorded: osascript's refusal (-1743), `softwareupdate --list`, `--list --no-scan` and `--schedule`. Unrecorded:
what `open` says without a desktop (it always refuses here), tccutil's answer, osascript -e of plain expressions.
"""

from __future__ import annotations

import re
import sys

from orchestrator.sim.tools.base import Mac, Refusal


def osascript(mac: Mac, argv: list[str]) -> int:
    """Refuses Apple events to other programs, as for an SSH session that nobody granted Automation."""
    script = " ".join(argv[argv.index("-e") + 1 :]) if "-e" in argv else sys.stdin.read()
    target = re.search(r'(?:tell application|quit app(?:lication)?)\s+"([^"]+)"', script)
    if target is None:
        raise Refusal(1, "osascript: the simulated Mac runs no scripts of its own")
    prefix = "" if "-e" in argv else "/dev/stdin: "
    raise Refusal(1, f"{prefix}execution error: Not authorized to send Apple events to {target[1]}. (-1743)")


def open_(mac: Mac, argv: list[str]) -> int:
    raise Refusal(1, "open: the simulated Mac has no desktop to open anything on")


def tccutil(mac: Mac, argv: list[str]) -> int:
    match argv:
        case ["reset", service]:
            print(f"Successfully reset {service}")
        case ["reset", service, bundle]:
            print(f"Successfully reset {service} approval status for {bundle}")
        case _:
            raise Refusal(64, "tccutil: Usage: tccutil reset SERVICE [BUNDLE_ID]")
    return 0


def softwareupdate(mac: Mac, argv: list[str]) -> int:
    if "--schedule" in argv:
        print("Automatic checking for updates is turned on")
        return 0
    if not {"--list", "-l"} & set(argv):
        raise Refusal(1, "usage: softwareupdate --list [--no-scan] | --schedule")
    updates = mac.settings()["updates"]
    print("Software Update Tool\n")
    if "--no-scan" not in argv:
        print("Finding available software")
    if not updates:
        print("No new software available.")
        return 0
    print("Software Update found the following new or updated software:")
    for update in updates:
        print(f"* Label: {update['label']}")
        print(f"\tTitle: {update['title']}, Version: {update['version']}, Size: {update['size_kib']}KiB, "
              f"Recommended: YES, {'Action: restart,' if update['restart'] else ''} ")  # fmt: skip
    return 0
