"""Which facts words of ``gather_subset`` ask for, as ansible-core's collectors of facts divide them."""

from __future__ import annotations

from typing import Final

from orchestrator.model.frozen import frozen


@frozen
class Collector:
    """Facts that are gathered together. ``facts``: how their names begin; ``ids``: further words that mean all of them;
    ``needs``: collectors that come along."""

    facts: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


COLLECTORS: Final[dict[str, Collector]] = {
    "apparmor": Collector(("apparmor",)),
    "caps": Collector(("system_capabilities",), ("system_capabilities", "system_capabilities_enforced")),
    "chroot": Collector(("is_chroot",), ("is_chroot",)),
    "cmdline": Collector(("cmdline", "proc_cmdline")),
    "date_time": Collector(("date_time",)),
    "distribution": Collector(
        ("distribution", "os_family"),
        ("distribution_version", "distribution_release", "distribution_major_version", "os_family"),
    ),
    "dns": Collector(("dns",)),
    "env": Collector(("env",)),
    "facter": Collector(("facter",)),
    "fibre_channel_wwn": Collector(("fibre_channel_wwn",)),
    "fips": Collector(("fips",)),
    "hardware": Collector(
        (
            *("processor", "mem", "swap", "model", "uptime", "product", "osversion", "osrevision", "mounts", "devices"),
            *("flags", "bios_", "board_", "chassis_", "system_vendor"),
        ),
        ("processor", "processor_cores", "processor_count", "mounts", "devices"),
        ("platform",),
    ),
    "iscsi": Collector(("iscsi",)),
    "loadavg": Collector(("loadavg",)),
    "local": Collector(("local",)),
    "lsb": Collector(("lsb",)),
    "network": Collector(
        ("default_ipv4", "default_ipv6", "all_ipv4", "all_ipv6", "interfaces"),
        ("interfaces", "default_ipv4", "default_ipv6", "all_ipv4_addresses", "all_ipv6_addresses"),
        ("platform", "distribution"),
    ),
    "nvme": Collector(("hostnqn",)),
    "ohai": Collector(("ohai",)),
    "pkg_mgr": Collector(("pkg_mgr",), needs=("distribution",)),
    "platform": Collector(
        (
            *("system", "kernel", "machine", "architecture", "hostname", "nodename", "fqdn", "domain", "userspace"),
            "python_version",
        ),
        ("system", "kernel", "kernel_version", "machine", "python_version", "architecture", "machine_id"),
    ),
    "python": Collector(("python",)),
    "selinux": Collector(("selinux",)),
    "service_mgr": Collector(("service_mgr",), needs=("platform", "distribution")),
    "ssh_pub_keys": Collector(
        ("ssh_host_key",),
        ("ssh_host_pub_keys", *(f"ssh_host_key_{kind}_public" for kind in ("dsa", "rsa", "ecdsa", "ed25519"))),
    ),
    "systemd": Collector(("systemd",)),
    "user": Collector(
        ("user_", "real_", "effective_"),
        (
            *("user_id", "user_uid", "user_gid", "user_gecos", "user_dir", "user_shell", "real_user_id"),
            *("real_group_id", "effective_user_id", "effective_group_ids"),
        ),
    ),
    "virtual": Collector(
        ("virtualization",),
        ("virtualization_type", "virtualization_role", "virtualization_tech_guest", "virtualization_tech_host"),
    ),
}
MINIMAL: Final = frozenset(
    "apparmor caps cmdline date_time distribution dns env fips local lsb pkg_mgr platform python selinux service_mgr "
    "ssh_pub_keys user".split()
)
"""What ``min`` stands for."""
KNOWN: Final = frozenset({"min", *COLLECTORS, *(word for each in COLLECTORS.values() for word in each.ids)})
STARTS: Final = sorted(((start, name) for name, each in COLLECTORS.items() for start in each.facts), reverse=True)


def collectors(words: list[str]) -> set[str]:
    """The collectors that ``words`` name. ``min`` comes first and always, so words that only leave something out leave
    it out of ``min``; what a word names itself no other word leaves out."""
    wanted, unwanted, named = set(MINIMAL), set[str](), set[str]()
    for word in words:
        bare = word.removeprefix("!")
        if bare in ("all", "min"):
            meant = set(MINIMAL) if bare == "min" else set(KNOWN - {"min"})
            if bare == word:
                wanted |= meant
            else:
                unwanted |= meant - (MINIMAL if bare == "all" else set())
        elif bare == word:
            named.add(word)
        else:
            unwanted |= {bare, *(COLLECTORS[bare].ids if bare in COLLECTORS else ())}
    wanted = (wanted | named) - (unwanted - named)
    found = {name for name, each in COLLECTORS.items() if wanted & {name, *each.ids}}
    return found.union(*(COLLECTORS[name].needs for name in found))


def owner(fact: str) -> str:
    """The collector that gathers the fact; what none claims is a network interface."""
    return next((name for start, name in STARTS if fact.startswith(start)), "network")


def unknown(words: list[str]) -> str | None:
    """Why ``words`` cannot be gathered, in Ansible's own; None where they can."""
    for word in words:
        if not word.startswith("!") and word not in KNOWN | {"all"}:
            told = ", ".join(sorted(KNOWN))
            return f"Bad subset '{word}' given to Ansible. gather_subset options allowed: all, {told}"
    return None
