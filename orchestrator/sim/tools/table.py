"""Which function answers for which tool: the explicit table behind a simulated Mac's bin/."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.sim.tools.base import Mac

    Tool = Callable[[Mac, list[str]], int]

# Tool name to "file:function"; without a function, the tool's name with dashes as underscores.
TOOLS = {
    "PlistBuddy": "plistbuddy:plistbuddy",
    "base64": "files",
    "brew": "brew",
    "chown": "files",
    "csrutil": "posture",
    "date": "clock",
    "defaults": "preferences",
    "dscl": "accounts",
    "dseditgroup": "accounts",
    "fdesetup": "posture",
    "git": "developer:stub",
    "hostname": "identity",
    "id": "accounts:id_",
    "ioreg": "identity",
    "launchctl": "launchctl",
    "lsof": "lsof",
    "make": "developer:stub",
    "md5": "files",
    "memory_pressure": "power",
    "netstat": "netstat",
    "open": "desktop:open_",
    "osascript": "desktop",
    "pgrep": "ps:pgrep",
    "pkill": "ps:pkill",
    "plutil": "plutil",
    "pmset": "power",
    "profiles": "posture",
    "ps": "ps",
    "python3": "developer:stub",
    "route": "presence",
    "scutil": "identity",
    "security": "security",
    "sntp": "clock",
    "socketfilterfw": "posture",
    "softwareupdate": "desktop",
    "spctl": "posture",
    "stat": "stat:stat_",
    "sudo": "sudo",
    "sw_vers": "identity",
    "sysadminctl": "accounts",
    "sysctl": "identity",
    "systemsetup": "clock",
    "tccutil": "desktop",
    "uname": "identity",
    "uptime": "presence",
    "vm_stat": "power",
    "who": "presence",
    "whoami": "accounts",
    "xcode-select": "developer",
}
# Not in PATH: what a wrapper calls when the clock is skewed.
_HIDDEN = {"skewed-clock": "clock:skewed"}


def load(name: str) -> Tool:
    """The function that answers for a tool: takes the Mac and the arguments, returns the exit status."""
    module, _, function = {**TOOLS, **_HIDDEN}[name].partition(":")
    found = import_module(f"orchestrator.sim.tools.{module}")
    tool: Tool = getattr(found, function or name.replace("-", "_"))
    if function == "stub":
        return lambda mac, argv: tool(mac, [name, *argv])
    return tool
