"""One Mac's answers to all that a snapshot asks, in recorded forms, and the facts that they mean."""

from __future__ import annotations

import re
from typing import Any

from orchestrator.modules.macos.parsers import Output
from orchestrator.modules.macos.probing import Answer

HOME = "/Users/admin"
KEYCHAIN = f"{HOME}/Library/Keychains/login.keychain-db"
GUI = "gui/501 = {\n\ttype = user\n\tactive count = 401\n\ton-demand count = 0\n}\n"
JOB = """gui/501/ai.openclaw.gateway = {
\tstate = running
\tpath = /Users/admin/Library/LaunchAgents/ai.openclaw.gateway.plist
\tminimum runtime = 10
\texit timeout = 20
\truns = 1
\tpid = 731
\tlast exit code = (never exited)
}
"""
SOCKETS = """Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4 0 0 127.0.0.1.18789 *.* LISTEN 0 0 131072 131072 node:731 00180 00000006 0 0 00000900 1 0 000000
"""
DNS = "DNS configuration\n\nresolver #1\n  nameserver[0] : 192.168.64.1\n  flags    : Request A records\n"
ROUTE = """   route to: default
destination: default
       mask: default
    gateway: 192.168.64.1
  interface: en0
      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>
"""
PMSET = """System-wide power settings:
 SleepDisabled\t\t1
Currently in use:
 standby              0
 disksleep            10
 sleep                1 (sleep prevented by powerd)
 displaysleep         2
"""
ASSERTIONS = """Assertion status system-wide:
   PreventUserIdleSystemSleep     1
Listed by owning process:
   pid 322(powerd): [0x0000329f000191ea] 03:00:17 PreventUserIdleSystemSleep named: "Powerd"
"""
GOOD: dict[str, tuple[str, str, int]] = {
    "sw_vers": ("ProductName:\t\tmacOS\nProductVersion:\t\t26.6.2\nBuildVersion:\t\t25G83\n", "", 0),
    "extra": ("(a)\n", "", 0),
    "uname": ("Darwin mac.local 25.6.0 Darwin Kernel Version 25.6.0: Mon Aug  3 20:41:26 PDT 2026; "
              "root:xnu-12377.161.1~1/RELEASE_ARM64_VMAPPLE arm64\n", "", 0),
    "sysctl": ("hw.model: VirtualMac2,1\nhw.memsize: 8589934592\nhw.ncpu: 4\n"
               "kern.bootsessionuuid: FECCFD15-9E10-4D65-895E-539FFA706946\n"
               "kern.boottime: { sec = 1790000000, usec = 979990 } Mon Sep 21 14:13:20 2026\n", "", 0),
    "hypervisor": ("1\n", "", 0),
    "cpu": ("Apple M1 (Virtual)\n", "", 0),
    "load": ("{ 1.50 1.40 1.30 }\n", "", 0),
    "pressure_level": ("1\n", "", 0),
    "swap": ("total = 4096.00M  used = 3283.19M  free = 812.81M  (encrypted)\n", "", 0),
    "memory": ("The system has 8589934592 bytes of physical memory.\n"
               "System-wide memory free percentage: 40%\n", "", 0),
    "disk": ("Filesystem   1024-blocks     Used Available Capacity iused ifree %iused  Mounted on\n"
             "/dev/disk3s5   264212084 23719432  82671480    23%  404k  4.3G    0%   /System/Volumes/Data\n", "", 0),
    "digest": ("b9c743827035958929d4b1de9307d7df4f09607024d898145021735ec1588192  -\n", "", 0),
    "computer_name": ("m26\n", "", 0),
    "local_name": ("m26\n", "", 0),
    "host_name": ("m26.example\n", "", 0),
    "id": ("uid=501(admin) gid=20(staff) groups=20(staff),12(everyone),80(admin)\n", "", 0),
    "date": ("1790000100\n", "", 0),
    "zone": ("/var/db/timezone/zoneinfo/Europe/Berlin\n", "", 0),
    "zone_automatic": ("1\n", "", 0),
    "ntp_on": ("Network Time: On\n", "", 0),
    "ntp_server": ("Network Time Server: time.apple.com\n", "", 0),
    "mdm": ("Enrolled via DEP: Yes\nMDM enrollment: Yes (User Approved)\nMDM server: https://mdm.example.com\n", "", 0),
    "profiles": ("There are no configuration profiles installed for user 'admin'\n", "", 0),
    "managed": ("com.apple.loginwindow.plist\n", "", 0),
    "cloud_config": (".cloudConfigHasActivationRecord\n.cloudConfigRecordFound\n", "", 0),
    "sip": ("System Integrity Protection status: enabled.\n", "", 0),
    "gatekeeper": ("assessments enabled\n", "", 0),
    "filevault": ("FileVault is On.\nDecryption in progress: Percent completed = 40\n", "", 0),
    "firewall": ("Firewall is enabled. (State = 1)\n", "", 0),
    "firewall_block": ("Firewall has block all state set to disabled.\n", "", 0),
    "firewall_stealth": ("Firewall stealth mode is on\n", "", 0),
    "autologin": ("admin\n", "", 0),
    "update_schedule": ("Automatic checking for updates is turned on\n", "", 0),
    "keychains": (f'    "{KEYCHAIN}"\n', "", 0),
    "keychain_default": (f'    "{KEYCHAIN}"\n', "", 0),
    "keychain_login": (f'    "{KEYCHAIN}"\n', "", 0),
    "keychain_info": ("", f'Keychain "{KEYCHAIN}" lock-on-sleep timeout=300s\n', 0),
    "safari": ("Bookmarks.plist\n", "", 0),
    "pmset": (PMSET, "", 0),
    "assertions": (ASSERTIONS, "", 0),
    "console": ("admin\n", "", 0),
    "who": ("admin            console      Nov 21 02:46 \n", "", 0),
    "manager": ("Background\n", "", 0),
    "gui": (GUI, "", 0),
    "screen_sharing": ("system/com.apple.screensharing = {\n\tstate = not running\n}\n", "", 0),
    "sockets": (SOCKETS, "", 0),
    "route": (ROUTE, "", 0),
    "dns": (DNS, "", 0),
    "developer": ("/Library/Developer/CommandLineTools\n", "", 0),
    "interpreters": ("sh /bin/sh\nzsh /bin/zsh\n", "", 0),
    "zsh": ("zsh 5.9 (arm64-apple-darwin25.0)\n", "", 0),
    "perl": ("5.034001", "", 0),
    "brew": ("/opt/homebrew\n", "", 0),
    "openclaw_path": ("/opt/homebrew/bin/openclaw\n", "", 0),
    "openclaw_config": (f"{HOME}/.openclaw/openclaw.json\n", "", 0),
    "openclaw_plist": (f"{HOME}/Library/LaunchAgents/ai.openclaw.gateway.plist\n", "", 0),
    "openclaw_throttle": ("10\n", "", 0),
    "job1": (JOB, "", 0),
}  # fmt: skip
FACTS: dict[str, Any] = {
    "os.name": "macOS", "os.version": "26.6.2", "os.extra": "(a)", "os.build": "25G83", "os.kernel": "25.6.0",
    "hardware.arch": "arm64", "hardware.model": "VirtualMac2,1", "hardware.memory_bytes": 8589934592,
    "hardware.processors": 4, "hardware.cpu": "Apple M1 (Virtual)", "hardware.virtual": True,
    "hardware.digest": "b9c7438270359589", "boot.session": "FECCFD15-9E10-4D65-895E-539FFA706946",
    "boot.time": 1790000000, "boot.up_s": 100, "host.computer_name": "m26", "host.local_name": "m26",
    "host.host_name": "m26.example", "user.name": "admin", "user.uid": 501, "user.admin": True,
    "time.zone": "Europe/Berlin", "time.zone_automatic": True, "time.ntp_on": True, "time.ntp_server": "time.apple.com",
    "mdm.dep": True, "mdm.enrolled": "user approved", "mdm.server": "mdm.example.com", "mdm.profiles": [],
    "mdm.managed_preferences": ["com.apple.loginwindow.plist"],
    "mdm.cloud_config": [".cloudConfigHasActivationRecord", ".cloudConfigRecordFound"],
    "keychain.search_list": [KEYCHAIN], "keychain.default": KEYCHAIN, "keychain.login": KEYCHAIN,
    "keychain.login_locks_on_sleep": True, "keychain.login_timeout_s": 300,
    "keychain.login_access": "not refused to this session",
    "protection.sip": "enabled", "protection.gatekeeper": True, "protection.filevault": True,
    "protection.filevault_progress": {"direction": "decrypting", "percent": 40, "waiting": None},
    "protection.firewall": "on", "protection.firewall_blocks_all": False,
    "protection.firewall_stealth": True, "protection.autologin": "admin", "privacy.full_disk_access": True,
    "power.sleep_s": 60, "power.display_sleep_s": 120, "power.sleep_disabled": True,
    "power.assertions": ["PreventUserIdleSystemSleep"], "session.console_user": "admin",
    "session.logged_in": ["admin"], "session.manager": "Background", "session.on_demand_count": 0,
    "session.gui_domain": True, "memory.free_percent": 40, "memory.pressure_level": 1,
    "memory.swap_used_bytes": 3442674237, "load.one_minute": 1.5, "disk.size_bytes": 264212084 * 1024,
    "disk.available_bytes": 82671480 * 1024, "network.default_interface": "en0", "network.dns": ["192.168.64.1"],
    "network.screen_sharing": True, "tools.developer": "/Library/Developer/CommandLineTools",
    "tools.found": {"sh": "/bin/sh", "zsh": "/bin/zsh"}, "tools.zsh": "zsh 5.9 (arm64-apple-darwin25.0)",
    "tools.perl": "5.034001", "tools.brew_prefix": "/opt/homebrew", "openclaw.path": "/opt/homebrew/bin/openclaw",
    "openclaw.config_present": True, "openclaw.agent_present": True, "openclaw.throttle_s": 10,
    "updates.automatic_check": True,
    "network.listening": [
        {"port": 18789, "address": "127.0.0.1", "family": "ipv4", "process": "node", "pid": 731},
    ],
}  # fmt: skip


def answer(name: str, out: str, err: str, rc: int) -> Answer:
    return Answer(name, Output(out, err, rc))


def good() -> dict[str, Answer]:
    return {name: answer(name, *text) for name, text in GOOD.items()}


def refused() -> dict[str, Answer]:
    return {name: answer(name, "", f"ls: {name}: Operation not permitted\n", 1) for name in GOOD}


def missing() -> dict[str, Answer]:
    return {name: answer(name, "", f"sh: {name}: command not found\n", 127) for name in GOOD}


def odd() -> dict[str, Answer]:
    """A tool of a later macOS that answers in another form, and says that all is well."""
    return {name: answer(name, f"{name} 2.0\n  status <new>\n  ¿¿ 17\n", "", 0) for name in GOOD}


def elsewhere() -> dict[str, Answer]:
    """The same Mac in another language: decimal commas, other names of months, other words for yes and no."""
    words = {"Yes": "Ja", "No": "Nein", "enabled": "aktiviert", "disabled": "deaktiviert", "Nov": "Nov.", "Mon": "Mo"}

    def told(text: str) -> str:
        text = re.sub(r"(?<=\b\d)\.(?=\d\d(?:M|\s))", ",", text)
        for word, other in words.items():
            text = re.sub(rf"\b{word}\b", other, text)
        return text

    return {name: answer(name, told(out), told(err), rc) for name, (out, err, rc) in GOOD.items()}
