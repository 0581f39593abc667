"""
The stubs in place of python3, git and make on a Mac without Command Line Tools, and xcode-select.

Recorded: both texts of the stub, and exit 1. On a real Mac a stub also opens a dialog, so a program that calls one
is at fault; each call is recorded in state/violations.log, where a test can find it.
"""

from __future__ import annotations

import os

from orchestrator.sim.tools.base import Mac, Refusal

_OLDER = """\
xcode-select: note: no developer tools were found at '/Applications/Xcode.app', requesting install.
Choose an option in the dialog to download the command line developer tools.
"""
_NEWER = "xcode-select: note: No developer tools were found, requesting install.\n"


def stub(mac: Mac, argv: list[str]) -> int:
    with open(os.path.join(mac.root, "state", "violations.log"), "a", encoding="utf-8") as log:
        log.write(" ".join(argv) + "\n")
    raise Refusal(1, _OLDER if mac.major == 13 else _NEWER)


def xcode_select(mac: Mac, argv: list[str]) -> int:
    """Exit 2 without tools is documented; the text is unrecorded."""
    raise Refusal(2, "xcode-select: error: unable to get active developer directory")
