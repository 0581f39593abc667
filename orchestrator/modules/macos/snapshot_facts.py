"""The one table of facts: which answer each is read from, by which parser, and where in its result it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from orchestrator.model.frozen import frozen
from orchestrator.model.snapshot import Fact, Standing
from orchestrator.modules.macos.parsers import Output, Parsed, parse
from orchestrator.modules.macos.parsers.output import absent, known, otherwise
from orchestrator.modules.macos.parsers.values import integer, number
from orchestrator.modules.macos.probing import MISSING, Answer

Pick: TypeAlias = Callable[[Parsed], Any]


def _text(output: Output) -> Parsed:
    """The one line that was printed; None where there is none. More lines than one are another form: unknown."""
    is_one = output.exit_code == 0 and len(output.rows) <= 1
    return known(value=output.stdout.strip() or None) if is_one else otherwise(output)


def _count(output: Output) -> Parsed:
    return known(value=integer(output.stdout)) if output.exit_code == 0 else otherwise(output)


def _load(output: Output) -> Parsed:
    """`{ 1.50 1.40 1.30 }`: the averages of 1, 5 and 15 minutes."""
    words = output.stdout.strip(" {}\n").split()
    numbers = [number(word) for word in words]
    return known(value=numbers[0]) if len(numbers) == 3 and output.exit_code == 0 else otherwise(output)


def _digest(output: Output) -> Parsed:
    match = re.match(r"[0-9a-f]{64}\b", output.stdout)
    return known(value=match[0][:16]) if match and output.exit_code == 0 else otherwise(output)


def _zone(output: Output) -> Parsed:
    """`/var/db/timezone/zoneinfo/Europe/Berlin` or a relative form: what stands behind zoneinfo/."""
    _, found, zone = output.stdout.strip().partition("zoneinfo/")
    return known(value=zone) if found and output.exit_code == 0 else otherwise(output)


def _not_set(output: Output) -> Parsed:
    """scutil: a name, or `HostName: not set`."""
    return absent("not set") if "not set" in output.text else _text(output)


def _developer(output: Output) -> Parsed:
    """xcode-select -p: the path of the tools; exit status 2 says that there are none."""
    return absent("no Command Line Tools") if output.exit_code == 2 else _text(output)


def _names(output: Output) -> Parsed:
    if output.exit_code != 0:
        return otherwise(output)
    pairs = [line.split(" ", 1) for line in output.rows]
    fits = all(len(pair) == 2 and pair[1].startswith("/") for pair in pairs)
    return known(value=dict(pairs)) if fits else otherwise(output)


def _path_or_none(output: Output) -> Parsed:
    read = _text(output)
    return absent("not there") if read.get("value") == "none" else read


def _one_value(output: Output) -> Parsed:
    """A user default that is one word or line, as text."""
    read = parse("defaults-read", output)
    return read if read["status"] != "known" or len(output.rows) == 1 else otherwise(output)


def _switch(output: Output) -> Parsed:
    """A user default that is 0 or 1; any other value is not understood."""
    read = _one_value(output)
    if read["status"] != "known":
        return read
    return known(value=str(read["value"]) == "1") if str(read["value"]) in ("0", "1") else otherwise(output)


def _sleep_disabled(output: Output) -> Parsed:
    """`pmset -g` has the row only where it was ever set: None where the other rows are there without it."""
    read = parse("pmset-g", output)
    if read["status"] == "known" and read["timers_s"]["sleep"] is None:
        return otherwise(output)
    return known(value=read["sleep_disabled"]) if read["status"] == "known" else read


def _plist_integer(output: Output) -> Parsed:
    """plutil -extract: the key's number; a file or a key that is not there is an answer."""
    if re.search(r"No value at|does not exist|couldn.t be opened|not exist", output.text):
        return absent("the plist does not say")
    return _count(output)


def _exists(output: Output) -> Parsed:
    if output.exit_code == 0 and len(output.rows) == 1 and output.rows[0].startswith("/"):
        return known(value=True)
    missing = "No such file or directory" in output.text
    return known(value=False) if missing else otherwise(output)


@frozen
class Row:
    """One fact. ``reader``: a parser's slug or a function of this file. ``none``: None is an answer, not a gap."""

    name: str
    probe: str
    reader: str | Callable[[Output], Parsed]
    pick: str | Pick = "value"
    none: bool = False

    def fact(self, answers: Mapping[str, Answer]) -> Fact:
        answer = answers.get(self.probe, MISSING)
        read = self._read(answer)
        if read["status"] == "absent" and answer.rc != 127:
            return self._fact(answer, None, why=str(read["reason"]))
        if read["status"] == "not permitted":
            return self._fact(answer, None, Standing.NOT_PERMITTED, str(read["reason"]))
        if read["status"] != "known":
            return self._fact(answer, None, Standing.UNKNOWN, str(read["reason"]))
        value = self._value(read)
        if value is None and not self.none:
            return self._fact(answer, None, Standing.UNKNOWN, "the command answered without it")
        return self._fact(answer, value)

    def _read(self, answer: Answer) -> Parsed:
        if isinstance(self.reader, str) or answer.late:
            return answer.parsed(self.reader if isinstance(self.reader, str) else "sw-vers")
        return self.reader(answer.output)

    def _value(self, read: Parsed) -> Any:
        if callable(self.pick):
            return self.pick(read)
        value: Any = read
        for step in self.pick.split("/"):
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    def _fact(self, answer: Answer, value: Any, standing: Standing = Standing.KNOWN, why: str | None = None) -> Fact:
        return Fact(
            name=self.name, value=value, standing=standing, why=why, source=answer.command, exit_status=answer.rc
        )


def _listening(read: Parsed) -> list[Parsed]:
    """The listening sockets in an order of their own: port, address, process."""
    rows = [read["sockets"][index] for index in read["listening"]]
    found = [
        {
            "port": row["local"]["port"],
            "address": row["local"]["host"],
            "family": row["family"],
            "process": row["process"],
            "pid": row["pid"],
        }
        for row in rows
    ]
    return sorted(found, key=lambda one: (one["port"] or 0, str(one["address"]), str(one["family"])))


def _first_path(read: Parsed) -> Any:
    return next(iter(read["keychains"]), None)


def _disk(key: str) -> Pick:
    return lambda read: read["filesystems"][0][key] if read["filesystems"] else None


def _setting(name: str) -> Pick:
    return lambda read: read["settings"].get(name)


def _markers(read: Parsed) -> list[str]:
    return sorted(name for name in read["names"] if name.startswith(".cloudConfig"))


ROWS: tuple[Row, ...] = (
    Row("os.name", "sw_vers", "sw-vers", "name"),
    Row("os.version", "sw_vers", "sw-vers", "version"),
    Row("os.extra", "extra", _text, none=True),
    Row("os.build", "sw_vers", "sw-vers", "build"),
    Row("os.kernel", "uname", "uname-a", "release"),
    Row("hardware.arch", "uname", "uname-a", "machine"),
    Row("hardware.model", "sysctl", "sysctl-identity", lambda read: read["values"].get("hw.model")),
    Row("hardware.memory_bytes", "sysctl", "sysctl-identity", lambda read: read["values"].get("hw.memsize")),
    Row("hardware.processors", "sysctl", "sysctl-identity", lambda read: read["values"].get("hw.ncpu")),
    Row("hardware.cpu", "cpu", _text),
    Row("hardware.virtual", "hypervisor", _count, lambda read: None if read["value"] is None else read["value"] == 1),
    Row("hardware.digest", "digest", _digest),
    Row("boot.session", "sysctl", "sysctl-identity", lambda read: read["values"].get("kern.bootsessionuuid")),
    Row("boot.time", "sysctl", "sysctl-identity", "boot_time/sec"),
    Row("host.computer_name", "computer_name", _not_set),
    Row("host.local_name", "local_name", _not_set),
    Row("host.host_name", "host_name", _not_set),
    Row("user.name", "id", "id", "user"),
    Row("user.uid", "id", "id", "uid"),
    Row("user.admin", "id", "id", "admin"),
    Row("time.zone", "zone", _zone),
    Row("time.zone_automatic", "zone_automatic", _switch),
    Row("time.ntp_on", "ntp_on", "systemsetup", _setting("Network Time")),
    Row("time.ntp_server", "ntp_server", "systemsetup", _setting("Network Time Server")),
    Row("mdm.dep", "mdm", "profiles-status", "dep"),
    Row("mdm.enrolled", "mdm", "profiles-status", "mdm"),
    Row("mdm.server", "mdm", "profiles-status", "server_host", none=True),
    Row("mdm.profiles", "profiles", "profiles-list", lambda r: sorted(str(p["identifier"]) for p in r["profiles"])),
    Row("mdm.managed_preferences", "managed", "ls-home", "names"),
    Row("mdm.cloud_config", "cloud_config", "ls-home", _markers),
    Row("keychain.search_list", "keychains", "security-list-keychains", "keychains"),
    Row("keychain.default", "keychain_default", "security-list-keychains", _first_path),
    Row("keychain.login", "keychain_login", "security-list-keychains", _first_path),
    Row("keychain.login_locks_on_sleep", "keychain_info", "security-show-keychain-info", "lock_on_sleep"),
    Row("keychain.login_timeout_s", "keychain_info", "security-show-keychain-info", "timeout_s", none=True),
    Row("protection.sip", "sip", "csrutil-status", "sip"),
    Row("protection.gatekeeper", "gatekeeper", "spctl-status", "gatekeeper"),
    Row("protection.filevault", "filevault", "fdesetup-status", "filevault"),
    Row("protection.filevault_progress", "filevault", "fdesetup-status", "progress", none=True),
    Row("protection.firewall", "firewall", "socketfilterfw-getglobalstate", "firewall"),
    Row("protection.firewall_blocks_all", "firewall_block", "socketfilterfw-getblockall", "blocks_all"),
    Row("protection.firewall_stealth", "firewall_stealth", "socketfilterfw-getstealthmode", "stealth"),
    Row("protection.autologin", "autologin", _one_value),
    Row("power.sleep_s", "pmset", "pmset-g", "timers_s/sleep"),
    Row("power.display_sleep_s", "pmset", "pmset-g", "timers_s/displaysleep"),
    Row("power.sleep_disabled", "pmset", _sleep_disabled, none=True),
    Row("power.assertions", "assertions", "pmset-g-assertions", lambda r: sorted({a["kind"] for a in r["assertions"]})),
    Row("session.console_user", "console", _text),
    Row("session.logged_in", "who", "who", lambda read: sorted({one["user"] for one in read["sessions"]})),
    Row("session.manager", "manager", "launchctl-managername", "manager"),
    Row("session.on_demand_count", "gui", "launchctl-print", "on_demand_count"),
    Row("memory.free_percent", "memory", "memory-pressure", "free_percent"),
    Row("memory.pressure_level", "pressure_level", _count),
    Row("memory.swap_used_bytes", "swap", "sysctl-swapusage", "used_bytes"),
    Row("load.one_minute", "load", _load),
    Row("disk.size_bytes", "disk", "df-h", _disk("size_bytes")),
    Row("disk.available_bytes", "disk", "df-h", _disk("available_bytes")),
    Row("network.listening", "sockets", "netstat-anv-tcp", _listening),
    Row("network.default_interface", "route", "route-get-default", "interface"),
    Row("network.dns", "dns", "scutil-dns", lambda read: [n for r in read["resolvers"] for n in r["nameservers"]]),
    Row("tools.developer", "developer", _developer),
    Row("tools.found", "interpreters", _names),
    Row("tools.zsh", "zsh", _text),
    Row("tools.perl", "perl", _text),
    Row("tools.brew_prefix", "brew", _text, none=True),
    Row("openclaw.path", "openclaw_path", _path_or_none),
    Row("openclaw.config_present", "openclaw_config", _exists),
    Row("openclaw.agent_present", "openclaw_plist", _exists),
    Row("openclaw.throttle_s", "openclaw_throttle", _plist_integer),
    Row("updates.automatic_check", "update_schedule", "softwareupdate", "automatic_check"),
)  # fmt: skip
_OPENCLAW_VERSION = Row("openclaw.version", "openclaw_version", _text)
_UPDATES = Row("updates.offered", "updates", "softwareupdate-list", lambda r: sorted(u["label"] for u in r["updates"]))


def facts(answers: Mapping[str, Answer], labels: Iterable[str]) -> list[Fact]:
    """All facts of one program's answers, in the table's order, then those of the jobs asked for."""
    optional = [row for row in (_OPENCLAW_VERSION, _UPDATES) if row.probe in answers]
    found = [row.fact(answers) for row in (*ROWS, *optional)]
    found += [_gui(answers), _login_access(answers), _full_disk_access(answers), _screen_sharing(answers), _up(answers)]
    jobs = [_job(f"launchd.{label}", answers, f"job{place}") for place, label in enumerate(labels, start=1)]
    return [*found, *jobs]


def _told(name: str, answer: Answer, value: Any, why: str | None = None) -> Fact:
    return Fact(name=name, value=value, why=why, source=answer.command, exit_status=answer.rc)


def _dark(name: str, answer: Answer, why: str) -> Fact:
    return Fact(name=name, standing=Standing.UNKNOWN, why=why, source=answer.command, exit_status=answer.rc)


def _gui(answers: Mapping[str, Answer]) -> Fact:
    """Whether somebody is logged in at the console, so that gui/UID exists: exit status 0, or 112 and 125."""
    answer, name = answers.get("gui", MISSING), "session.gui_domain"
    if answer.parsed("launchctl-print")["status"] == "known" and answer.rc == 0:
        return _told(name, answer, True)
    if answer.rc in (112, 125):
        return _told(name, answer, False, "nobody is logged in at the console")
    return _dark(name, answer, answer.said)


def _screen_sharing(answers: Mapping[str, Answer]) -> Fact:
    """Screen Sharing is a job of the system's that is loaded, or (113) is not."""
    answer, name = answers.get("screen_sharing", MISSING), "network.screen_sharing"
    loaded = answer.parsed("launchctl-print").get("loaded") if answer.rc in (0, 113) else None
    return _dark(name, answer, answer.said) if loaded is None else _told(name, answer, loaded)


def _login_access(answers: Mapping[str, Answer]) -> Fact:
    """Whether this SSH session may use the login keychain. Each one begins locked, whatever the screen shows."""
    answer, name = answers.get("keychain_info", MISSING), "keychain.login_access"
    read = answer.parsed("security-show-keychain-info")
    if read.get("locked"):
        return _told(name, answer, "locked for this session", str(read["reason"]))
    if read["status"] == "known":
        return _told(name, answer, "not refused to this session")
    why = "no answer: a dialog may be on the screen" if answer.late else str(read["reason"])
    return _dark(name, answer, why)


def _full_disk_access(answers: Mapping[str, Answer]) -> Fact:
    """Whether remote logins have Full Disk Access, asked by listing a folder that needs it."""
    answer, name = answers.get("safari", MISSING), "privacy.full_disk_access"
    read = answer.parsed("ls-safari")
    if read["status"] == "known":
        return _told(name, answer, True)
    if read.get("cause") == "EPERM":
        return _told(name, answer, False, "~/Library/Safari is refused: remote users have no Full Disk Access")
    return _dark(name, answer, str(read["reason"]))


def _up(answers: Mapping[str, Answer]) -> Fact:
    """Seconds since boot by the node's own clock."""
    answer, clock = answers.get("sysctl", MISSING), answers.get("date", MISSING)
    boot, now = answer.parsed("sysctl-identity").get("boot_time"), clock.parsed("date").get("seconds")
    name = "boot.up_s"
    return _told(name, answer, now - boot["sec"]) if boot and now else _dark(name, answer, "no boot time or no clock")


_JOB_FIELDS = ("state", "pid", "runs", "minimum_runtime_s", "exit_timeout_s", "last_exit_code", "path")


def _job(name: str, answers: Mapping[str, Answer], probe: str) -> Fact:
    """One job of launchd's: None where it is not loaded."""
    answer = answers.get(probe, MISSING)
    read = answer.parsed("launchctl-print")
    if read.get("loaded") is False or read.get("missing") == "domain":
        return _told(name, answer, None, str(read["reason"]))
    if read["status"] != "known":
        return _dark(name, answer, str(read["reason"]))
    return _told(name, answer, {field: read.get(field) for field in _JOB_FIELDS})
