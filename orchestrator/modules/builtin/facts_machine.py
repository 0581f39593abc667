"""What files of Linux tell of a machine: its firmware, how it was started, what is mounted, its host keys.

Sources: proc(5), sysfs' class/dmi, os-release(5), sshd(8); the names of ansible-core 2.19 (``module_utils/facts``:
``hardware/linux.py``, ``system``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

Facts = dict[str, Any]
NOT_TOLD: Final = "NA"
DMI: Final = {
    **{
        name: name
        for name in (
            "bios_date bios_vendor bios_version board_asset_tag board_name board_serial board_vendor board_version "
            "chassis_asset_tag chassis_serial chassis_vendor chassis_version product_name product_serial product_uuid "
            "product_version"
        ).split()
    },
    "sys_vendor": "system_vendor",
}
"""File below /sys/devices/virtual/dmi/id → fact."""
INITS: Final = {"procd": "openwrt_init", "runit-init": "runit", "svscan": "svc", "openrc-init": "openrc"}
HYPERVISORS: Final = (
    ("KVM", "kvm"), ("Bochs", "kvm"), ("RHEV Hypervisor", "RHEV"), ("VMware", "VMware"), ("VirtualBox", "virtualbox"),
    ("Virtual Machine", "VirtualPC"), ("OpenStack", "openstack"), ("HVM domU", "xen"), ("Google", "kvm"),
)  # fmt: skip
"""What a product's name begins with → the kind of virtual machine."""


def opened(text: str) -> dict[str, str]:
    """The files that ``head`` printed one behind another, by their paths."""
    parts = re.split(r"^==> (/\S+) <==\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def firmware_facts(files: Mapping[str, str]) -> Facts:
    at = "/sys/devices/virtual/dmi/id/"
    return {fact: files.get(f"{at}{name}", "").strip() or NOT_TOLD for name, fact in DMI.items()}


def start_facts(files: Mapping[str, str]) -> Facts:
    """How the kernel was started: the last of what is said twice counts; ``proc_cmdline`` lists all."""
    last: Facts = {}
    every: Facts = {}
    for word in files.get("/proc/cmdline", "").split():
        name, equals, said = word.partition("=")
        value: Any = said if equals else True
        last[name] = value
        known = every.get(name)
        every[name] = value if known is None else [*(known if isinstance(known, list) else [known]), value]
    return {"cmdline": last, "proc_cmdline": every}


def system_facts(files: Mapping[str, str], release: Mapping[str, str], *, has_lsb: bool) -> Facts:
    """``release``: os-release; ``has_lsb``: whether the program lsb_release is there, which tells the same."""
    facts: Facts = {"lsb": _lsb(files, release) if has_lsb or "/etc/lsb-release" in files else {}}
    if machine := files.get("/etc/machine-id", "").strip():
        facts["machine_id"] = machine
    first = files.get("/proc/1/comm", "").strip()
    if first and first != "init" and not first.endswith("sh"):
        facts["service_mgr"] = INITS.get(first, first)
    for path, text in files.items():
        if match := re.fullmatch(r"/etc/ssh/ssh_host_(\w+)_key\.pub", path):
            kind, _, key = text.partition(" ")
            facts[f"ssh_host_key_{match[1]}_public_keytype"] = kind
            facts[f"ssh_host_key_{match[1]}_public"] = key.split(" ")[0].strip()
    return facts


def _lsb(files: Mapping[str, str], release: Mapping[str, str]) -> Facts:
    said = dict(re.findall(r"^DISTRIB_(\w+)=[\"']?(.*?)[\"']?$", files.get("/etc/lsb-release", ""), re.MULTILINE))
    ident = release.get("ID", "")
    facts = {
        "id": said.get("ID", ident[:1].upper() + ident[1:]),
        "description": said.get("DESCRIPTION", release.get("PRETTY_NAME", "")),
        "release": said.get("RELEASE", release.get("VERSION_ID", "")),
        "codename": said.get("CODENAME", release.get("VERSION_CODENAME", "")),
    }
    return {**facts, "major_release": facts["release"].split(".")[0]}


def virtual_facts(files: Mapping[str, str], container: str | None) -> Facts:
    """Which kind of virtual machine or container it is; ``container``: what its marks say."""
    product = files.get("/sys/devices/virtual/dmi/id/product_name", "")
    kinds = [kind for begin, kind in HYPERVISORS if product.startswith(begin)]
    found = ["container", container] if container else kinds
    return {
        "virtualization_type": found[-1] if found else NOT_TOLD,
        "virtualization_role": "guest" if found else NOT_TOLD,
        "virtualization_tech_guest": found,
        "virtualization_tech_host": [],
    }


def mount_facts(files: Mapping[str, str], sizes: str) -> list[Facts]:
    """What is mounted of devices and from other machines. ``sizes``: for each mount point what ``stat -f`` tells of it,
    one a line: its name, size of a block, blocks, free to all, inodes, free ones; ``|`` between."""
    told = {}
    for line in sizes.splitlines():
        name, *numbers = line.rsplit("|", 5)
        if len(numbers) == 5 and all(each.isdigit() for each in numbers):
            told[name] = [int(each) for each in numbers]
    found: list[Facts] = []
    for line in files.get("/proc/mounts", "").splitlines():
        fields = [re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), each) for each in line.split()]
        if len(fields) < 6 or not (fields[0].startswith(("/", "\\")) or ":/" in fields[0]) or fields[2] == "none":
            continue
        device, mount, kind, options = fields[:4]
        entry = {"device": device, "mount": mount, "fstype": kind, "options": options, "uuid": "N/A"}
        found.append({**entry, "dump": int(fields[4]), "passno": int(fields[5]), **_sizes(told.get(mount))})
    return found


def _sizes(numbers: list[int] | None) -> Facts:
    if numbers is None:
        return {}
    block, blocks, open_blocks, inodes, free_inodes = numbers
    return {
        "block_size": block,
        "block_total": blocks,
        "block_available": open_blocks,
        "block_used": blocks - open_blocks,
        "size_total": block * blocks,
        "size_available": block * open_blocks,
        "inode_total": inodes,
        "inode_available": free_inodes,
        "inode_used": inodes - free_inodes,
    }
