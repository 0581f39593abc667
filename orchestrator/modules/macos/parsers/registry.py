"""
The one table of parsers, by the slug of the recordings they were written from.

A slug under `reconstructed/` names the same parser: those recordings were built from Apple's source, not taken on a
Mac. `markdown()` renders the table for docs/reference/parsers.md.
"""

from collections.abc import Mapping
from types import MappingProxyType

from orchestrator.model.frozen import frozen
from orchestrator.modules.macos.parsers import (
    clock,
    identity,
    keychain,
    launchd,
    launchd_codes,
    launchd_print,
    logs,
    lsof,
    mdm,
    netstat,
    network,
    power,
    processes,
    protection,
    refusals,
    resources,
    sessions,
    settings,
)
from orchestrator.modules.macos.parsers.output import Output, Parsed, Parser


@frozen
class Entry:
    """One row: which command's output, the parser, and what it yields, in words."""

    slug: str
    command: str
    parser: Parser
    yields: str


class UnknownSlug(KeyError):
    """No parser has this slug."""


_ENTRIES = (
    # Identity
    Entry("sw-vers", "sw_vers", identity.parse_sw_vers, "name, version (and numbers), extra, build"),
    Entry(
        "systemversion-plist",
        "cat /System/Library/CoreServices/SystemVersion.plist",
        identity.parse_system_version,
        "as sw-vers, and its other keys",
    ),
    Entry(
        "sysctl-hw-model",
        "sysctl -n machdep.cpu.brand_string hw.model",
        identity.parse_sysctl_model,
        "model, virtual, values",
    ),
    Entry(
        "sysctl-identity",
        "sysctl hw.memsize kern.boottime …",
        identity.parse_sysctl,
        "values by name, boot time, unknown names",
    ),
    Entry("sysctl-swapusage", "sysctl -n vm.swapusage", identity.parse_swap, "total, used, free in bytes; encrypted"),
    Entry("uname-a", "uname -a", identity.parse_uname, "kernel, host, release, macOS major version, machine"),
    Entry("id", "id", identity.parse_id, "uid, user, gid, group, groups, admin"),
    Entry(
        "system-profiler-hardware",
        "system_profiler SPHardwareDataType -json",
        identity.parse_hardware,
        "model, chip, memory in bytes, processors; identity redacted",
    ),
    Entry(
        "system-profiler-ibridge",
        "system_profiler SPiBridgeDataType",
        protection.parse_ibridge,
        "model, firmware, secure boot, policy switches",
    ),
    # launchd
    Entry(
        "launchctl-print",
        "launchctl print TARGET",
        launchd_print.parse_print,
        "job or domain: state, pid, runs, last exit, on-demand count; no secrets",
    ),
    Entry(
        "launchctl-print-disabled",
        "launchctl print-disabled DOMAIN",
        launchd.parse_print_disabled,
        "label → enabled or disabled",
    ),
    Entry("launchctl-list", "launchctl list", launchd.parse_list, "label, pid, how the run before ended"),
    Entry(
        "launchctl-list-label",
        "launchctl list LABEL",
        launchd.parse_list_label,
        "one job, wait status decoded; no arguments",
    ),
    Entry("launchctl-managername", "launchctl managername", launchd.parse_managername, "manager, GUI session or not"),
    Entry("launchctl-bootstrap", "launchctl bootstrap DOMAIN PLIST", launchd.parse_bootstrap, "outcome, error"),
    Entry("launchctl-bootout", "launchctl bootout TARGET", launchd.parse_bootout, "outcome, error"),
    Entry(
        "launchctl-kickstart",
        "launchctl kickstart [-k] [-p] TARGET",
        launchd.parse_kickstart,
        "outcome, pid, error",
    ),
    Entry("launchctl-error", "launchctl error N", launchd_codes.parse_error_table, "code → sentence"),
    Entry(
        "launchd-log",
        "log show …; launchd.log",
        logs.parse_launchd_log,
        "events: on-demand only, throttled, spawned, exited",
    ),
    Entry("log-show", "log show --style compact", logs.parse_log_show, "entries: time, level, process, pid, message"),
    # Sockets and network
    Entry(
        "netstat-anv-tcp",
        "netstat -anv -p tcp",
        netstat.parse_netstat,
        "sockets with addresses, state, pid, process",
    ),
    Entry("netstat-anp-tcp", "netstat -anp tcp", netstat.parse_netstat, "sockets without processes"),
    Entry("netstat-anp-udp", "netstat -anp udp", netstat.parse_netstat, "sockets without processes or states"),
    Entry("netstat-an", "netstat -An", netstat.parse_netstat, "sockets of all kinds; other kinds counted"),
    Entry(
        "lsof-listen",
        "lsof -nP -iTCP -sTCP:LISTEN",
        lsof.parse_lsof,
        "sockets: pid, command, user, addresses, state",
    ),
    Entry("lsof-udp", "lsof -nP -iUDP", lsof.parse_lsof, "sockets: pid, command, user, addresses"),
    Entry("lsof-F", "lsof -nP -iTCP -sTCP:LISTEN -F pcLPnT", lsof.parse_lsof_fields, "sockets, as lsof-listen"),
    Entry("route-get-default", "route -n get default", network.parse_route, "gateway, interface, flags, metrics"),
    Entry("scutil-dns", "scutil --dns", network.parse_dns, "resolvers"),
    Entry("curl", "curl URL", network.parse_curl, "code and meaning of curl's failure"),
    Entry(
        "ssh-preboot",
        "ssh user@node after a reboot",
        network.parse_preboot,
        "disk locked, unlocked, or a plain refusal",
    ),
    # Keychain
    Entry(
        "security-list-keychains",
        "security list-keychains [-d user]",
        keychain.parse_list_keychains,
        "paths of the search list",
    ),
    Entry(
        "security-show-keychain-info",
        "security show-keychain-info FILE",
        keychain.parse_show_info,
        "lock settings; locked when refused for it",
    ),
    Entry("security-create-keychain", "security create-keychain FILE", keychain.parse_done, "done, or the error"),
    Entry("security-delete-keychain", "security delete-keychain FILE", keychain.parse_done, "done, or the error"),
    Entry("security-unlock-keychain", "security unlock-keychain FILE", keychain.parse_done, "done, or the error"),
    Entry(
        "security-set-key-partition-list",
        "security set-key-partition-list …",
        keychain.parse_done,
        "done, or the error",
    ),
    Entry(
        "security-find-generic-password",
        "security find-generic-password -s NAME",
        keychain.parse_find_password,
        "found or not; never the secret",
    ),
    Entry(
        "security-dump-trust-settings",
        "security dump-trust-settings -d",
        keychain.parse_trust_settings,
        "certificates with trust settings",
    ),
    Entry("security-error", "security error STATUS", keychain.parse_error, "OSStatus, exit status, sentence"),
    Entry("security-interactive", "security -i", keychain.parse_interactive, "failed commands of the batch"),
    # Protection and management
    Entry("csrutil-status", "csrutil status", protection.parse_csrutil, "SIP enabled, disabled or custom"),
    Entry("spctl-status", "spctl --status", protection.parse_spctl, "Gatekeeper on or off"),
    Entry("fdesetup-status", "fdesetup status", protection.parse_fdesetup, "FileVault on or off, progress, deferral"),
    Entry(
        "socketfilterfw-getglobalstate",
        "socketfilterfw --getglobalstate",
        protection.parse_firewall_state,
        "firewall off, on, or blocks all",
    ),
    Entry(
        "socketfilterfw-getblockall",
        "socketfilterfw --getblockall",
        protection.parse_firewall_block,
        "blocks all incoming or not",
    ),
    Entry(
        "socketfilterfw-getstealthmode",
        "socketfilterfw --getstealthmode",
        protection.parse_firewall_stealth,
        "stealth on or off",
    ),
    Entry("bputil", "bputil --display-all-policies", protection.parse_bputil, "boot policy of each volume group"),
    Entry(
        "profiles-status",
        "profiles status -type enrollment",
        mdm.parse_status,
        "DEP, MDM in three states, server's host",
    ),
    Entry(
        "profiles-show-enrollment",
        "profiles show -type enrollment",
        mdm.parse_show_enrollment,
        "enrollable, configuration",
    ),
    Entry("profiles-list", "profiles list", mdm.parse_list, "profiles installed"),
    Entry("profiles-list-xml", "profiles list -output stdout-xml", mdm.parse_list_xml, "profiles with payloads"),
    Entry(
        "mdmclient",
        "mdmclient QueryDeviceInformation …",
        mdm.parse_mdmclient,
        "daemon's and agent's response; identity redacted",
    ),
    # System state
    Entry(
        "ps",
        "ps axu; ps -o pid=,ppid=,user=,etime=,comm=",
        processes.parse_ps,
        "processes; times in seconds, sizes in bytes",
    ),
    Entry("vm-stat", "vm_stat", resources.parse_vm_stat, "page size, counts, bytes"),
    Entry("memory-pressure", "memory_pressure -Q", resources.parse_memory_pressure, "physical memory, free percentage"),
    Entry("top-physmem", "top -l 1 -n 0", resources.parse_top_memory, "used, unused, parts in bytes"),
    Entry("df-h", "df", resources.parse_df, "file systems; sizes in bytes"),
    Entry("pmset-g", "pmset -g", power.parse_pmset, "settings, timers in seconds, what prevents sleep"),
    Entry("pmset-g-assertions", "pmset -g assertions", power.parse_assertions, "assertions by process"),
    Entry("who", "who [-a]", sessions.parse_who, "sessions, console user"),
    Entry("w", "w", sessions.parse_w, "uptime, sessions"),
    Entry("last", "last", sessions.parse_last, "logins, reboots, shutdowns"),
    Entry("uptime", "uptime", sessions.parse_uptime, "up in seconds, users, load"),
    Entry("date", "date +%s.%N", clock.parse_date, "seconds, nanoseconds, resolution"),
    Entry("sntp", "sntp SERVER", clock.parse_sntp, "offset to add, bound, server, address"),
    # Settings and updates
    Entry("systemsetup", "systemsetup -get…", settings.parse_systemsetup, "settings by name"),
    Entry("defaults-read", "defaults read DOMAIN KEY", settings.parse_defaults, "value, or absent"),
    Entry("dscl-read", "dscl . read RECORD", settings.parse_dscl, "attributes of a record"),
    Entry("softwareupdate", "softwareupdate --schedule", settings.parse_update_schedule, "automatic check on or off"),
    Entry("softwareupdate-list", "softwareupdate --list [--no-scan]", settings.parse_update_list, "updates on offer"),
    # Refusals
    Entry("ls-home", "ls HOME", refusals.parse_ls, "names, or EPERM and EACCES told apart"),
    Entry("ls-safari", "ls ~/Library/Safari", refusals.parse_ls, "names, or EPERM and EACCES told apart"),
    Entry("sudo", "sudo -n true", refusals.parse_sudo, "allowed, or the obstacle"),
    Entry("osascript", "osascript -e SCRIPT", refusals.parse_osascript, "answer, or the error"),
    Entry("xcode-stub", "python3, git, make … on an unknown Mac", refusals.parse_xcode_stub, "developer tools or none"),
    Entry("browser-log", "Google Chrome's stderr", refusals.parse_browser_log, "profile in use, entries"),
)
_RECONSTRUCTED = (
    "date",
    "launchctl-error",
    "security-error",
    "security-interactive",
    "security-show-keychain-info",
    "sntp",
    "sudo",
)
_BY_SLUG = {entry.slug: entry for entry in _ENTRIES}

TABLE: Mapping[str, Entry] = MappingProxyType(
    _BY_SLUG | {f"reconstructed/{slug}": _BY_SLUG[slug] for slug in _RECONSTRUCTED}
)


def parse(slug: str, output: Output) -> Parsed:
    """What the output of the slug's command says. UnknownSlug when the table has no such row."""
    entry = TABLE.get(slug)
    if entry is None:
        raise UnknownSlug(slug)
    return entry.parser(output)


def markdown() -> str:
    """The table as a page: slug, command, what the parser yields."""
    intro = (
        "# Parsers of macOS output\n\n"
        "Generated by `python -m orchestrator.modules.macos.parsers --table`; do not edit.\n\n"
        "Each result has a `status`: `known`, `absent`, `not permitted`, `failed` or `unknown`; all but `known`\n"
        "carry a `reason`. Sizes are bytes, times seconds. Fields that are not understood are kept under `extra`.\n\n"
        "| slug | command | yields | parser |\n| --- | --- | --- | --- |\n"
    )
    return intro + "".join(_row(slug, entry) for slug, entry in TABLE.items())


def _row(slug: str, entry: Entry) -> str:
    module = entry.parser.__module__.rpartition(".")[2]
    return f"| `{slug}` | `{entry.command}` | {entry.yields} | `{module}.{entry.parser.__name__}` |\n"
