"""Lays a simulated Mac out on disk: home, tools, state, and the gateway's LaunchAgent."""

from __future__ import annotations

import json
import sys
import time
import uuid
from pathlib import Path

from orchestrator.sim import openclaw
from orchestrator.sim.faults import write_faults
from orchestrator.sim.mac import GATEWAY_LABEL, MacDir, SimMac
from orchestrator.sim.tools.base import Mac
from orchestrator.sim.tools.keychains import new_keychain
from orchestrator.sim.wrappers import write_launchers

_FOLDERS = (
    "Desktop", "Documents", "Downloads", ".ssh", ".openclaw/logs", "Library/LaunchAgents", "Library/Keychains",
    "Library/Preferences", "Library/Logs", "Library/Caches/Google/Chrome", "Library/Safari",
    "Library/Containers/com.apple.Safari/Data/Library/Cookies", "Library/Cookies",
    "Library/Application Support/Google/Chrome/Default",
    "Library/Application Support/Firefox/Profiles/a1b2c3d4.default-release",
)  # fmt: skip
# Small files with the names browsers use; their contents are placeholders, never a real cookie or history.
_BROWSER_FILES = {
    "Library/Application Support/Google/Chrome/Local State": "{}\n",
    "Library/Application Support/Google/Chrome/Default/Cookies": "simulated cookies\n",
    "Library/Application Support/Google/Chrome/Default/History": "simulated history\n",
    "Library/Application Support/Google/Chrome/Default/Login Data": "simulated logins\n",
    "Library/Application Support/Google/Chrome/Default/Preferences": "{}\n",
    "Library/Application Support/Firefox/profiles.ini": "[General]\nStartWithLastProfile=1\n",
    "Library/Application Support/Firefox/Profiles/a1b2c3d4.default-release/cookies.sqlite": "simulated\n",
    "Library/Safari/History.db": "simulated history\n",
    "Library/Safari/Bookmarks.plist": "simulated bookmarks\n",
    "Library/Cookies/Cookies.binarycookies": "simulated cookies\n",
    "Library/Caches/Google/Chrome/data_0": "simulated cache\n",
}


def lay_out(mac: SimMac, where: MacDir, gateway_port: int) -> None:
    """Create the Mac below `where.root`, which must be absent or empty; the gateway will listen on the port."""
    for folder in (where.home, where.bin, where.state, where.run, where.tmp, where.root / "var" / "root"):
        folder.mkdir(parents=True)
    for folder in (where.root, where.home, where.state, where.run, where.socket.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    for name in _FOLDERS:
        (where.home / name).mkdir(parents=True, exist_ok=True)
    for name, text in _BROWSER_FILES.items():
        (where.home / name).write_text(text)
    (where.home / ".ssh").chmod(0o700)
    _write_state(mac, where, gateway_port)
    write_launchers(where.root, mac.host_tools)
    write_faults(where.root, mac.faults)
    login = where.home / "Library" / "Keychains" / "login.keychain-db"
    new_keychain(str(login), mac.password, timeout_s=None, lock_on_sleep=False)
    if mac.openclaw:
        openclaw.install(mac.openclaw, where.home, where.bin, mac.name, mac.gateway_throttle_s)
    elif mac.gateway:
        write_gateway_plist(where, gateway_port, mac.gateway_throttle_s)


def write_gateway_plist(where: MacDir, port: int, throttle_s: int) -> None:
    """The LaunchAgent of the stand-in gateway."""
    logs = where.home / ".openclaw" / "logs"
    program = Path(__file__).with_name("gateway.py")
    argv = [sys.executable, "-I", "-S", str(program), "--port", str(port)]
    out, err = logs / "gateway.log", logs / "gateway.err.log"
    openclaw.write_agent(where.gateway_plist, GATEWAY_LABEL, argv, throttle_s, out, err)


def boot(mac: SimMac, where: MacDir) -> None:
    """Give a Mac that is laid out a new boot: everything is locked again but the login keychain in the GUI."""
    login = str(where.home / "Library" / "Keychains" / "login.keychain-db")
    state = Mac(str(where.root))
    with state.change("mac") as facts:
        facts["boot_session"] = str(uuid.uuid4()).upper()
        facts["booted_at_s"] = int(time.time())
        # The socket may lie in a directory under the system's temporary one, which is fresh for each boot.
        facts["socket"] = str(where.socket)
    where.socket.parent.mkdir(mode=0o700, exist_ok=True)
    with state.change("unlocked") as unlocked:
        unlocked.clear()
        unlocked[login] = ["gui"]
    with state.change("sudo") as sudo:
        sudo["tickets"] = {}


def _write_state(mac: SimMac, where: MacDir, gateway_port: int) -> None:
    profile = mac.profile
    login = where.home / "Library" / "Keychains" / "login.keychain-db"
    states: dict[str, object] = {
        "mac": {
            "name": mac.name, "user": mac.user, "uid": mac.uid, "major": profile.major,
            "version": profile.version, "build": profile.build, "extra": profile.extra,
            "darwin": profile.darwin, "kernel": profile.kernel, "model": "VirtualMac2,1",
            "cpu": "Apple M1 (Virtual)", "memory_bytes": 8 << 30, "cores": 4,
            "hardware_uuid": str(uuid.uuid4()).upper(), "serial": f"SIM{uuid.uuid4().hex[:9].upper()}",
            "boot_session": str(uuid.uuid4()).upper(), "booted_at_s": int(time.time()),
            "socket": str(where.socket), "gateway_port": gateway_port, "asid": 100003,
        },
        "settings": {
            "sip": "enabled", "gatekeeper": "enabled", "filevault": "Off", "firewall": 0, "stealth": False,
            "dep": False, "mdm": "No", "mdm_server": None, "timezone": "UTC", "network_time": True,
            "time_server": "time.apple.com", "computer_name": mac.name, "host_name": None, "updates": [],
            "power": {"sleep": "0", "displaysleep": "0", "disksleep": "10", "womp": "1", "powernap": "0",
                      "standby": "0", "ttyskeepawake": "1", "tcpkeepalive": "1", "lowpowermode": "0"},
        },
        "accounts": {
            "users": {
                "root": {"UniqueID": "0", "PrimaryGroupID": "0", "RealName": "System Administrator",
                         "NFSHomeDirectory": str(where.root / "var" / "root"), "UserShell": "/bin/sh"},
                mac.user: {"UniqueID": str(mac.uid), "PrimaryGroupID": "20", "RealName": mac.user,
                           "NFSHomeDirectory": str(where.home), "UserShell": "/bin/zsh"},
                "nobody": {"UniqueID": "-2", "PrimaryGroupID": "-2", "RealName": "Unprivileged User",
                           "NFSHomeDirectory": "/var/empty", "UserShell": "/usr/bin/false"},
            },
            "groups": {
                "wheel": {"PrimaryGroupID": "0", "GroupMembership": ["root"]},
                "staff": {"PrimaryGroupID": "20", "GroupMembership": ["root"]},
                "everyone": {"PrimaryGroupID": "12", "GroupMembership": []},
                "admin": {"PrimaryGroupID": "80", "GroupMembership": ["root", mac.user]},
                "com.apple.access_ssh": {"PrimaryGroupID": "399", "GroupMembership": [mac.user]},
            },
        },
        "sudo": {"password": mac.password, "passwordless": mac.passwordless_sudo, "tickets": {}},
        "keychains": {"list": [str(login)], "default": str(login), "login": str(login)},
        "unlocked": {str(login): ["gui"]},
        "brew": {"formulae": {}, "casks": {}, "taps": ["homebrew/core", "homebrew/cask"]},
        "overrides": {},
        "owners": {},
    }  # fmt: skip
    for name, value in states.items():
        path = where.state / f"{name}.json"
        path.write_text(json.dumps(value, indent=1))
        path.chmod(0o600)
