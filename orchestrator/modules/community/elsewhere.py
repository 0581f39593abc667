"""Modules that a Mac has no use for: known by name, so that a playbook for several systems runs, and refused when reached.

A task for Debian behind `when: ansible_os_family == "Debian"` is skipped on a Mac, as it should be. One that is not
skipped fails with the reason.
"""

from __future__ import annotations

from pydantic import ConfigDict

from orchestrator.model.program import Steps
from orchestrator.model.results import failure
from orchestrator.modules.base import Args, Context, Module

INSTEAD = {
    "apt": "homebrew or package",
    "dnf": "homebrew or package",
    "yum": "homebrew or package",
    "systemd": "launchd",
    "systemd_service": "launchd",
    "service_facts": "snapshot",
    "ufw": "a command task with socketfilterfw",
    "firewalld": "a command task with socketfilterfw",
    "iptables": "a command task with pfctl",
    "mount": "a command task with mount, or a line in /etc/fstab",
    "sefcontext": "nothing: macOS has no SELinux",
}


class AnyArgs(Args):
    model_config = ConfigDict(extra="allow")


def _refusing(name: str) -> Module[AnyArgs]:
    def steps(args: AnyArgs, ctx: Context) -> Steps:
        hint = f"; on a Mac use {INSTEAD[name]}" if name in INSTEAD else ""
        return failure(f"{name} is Linux-only, not for a Mac{hint}. Guard it with when: ansible_system == 'Linux'")
        yield  # a generator, as all modules are

    return Module(name, AnyArgs, steps, "Linux-only: fails where it is reached.", needs_host=False)


LINUX_ONLY = frozenset({
    "acl", "alternatives", "apparmor", "apt", "apt_key", "apt_repository", "deb822_repository", "debconf", "dnf", "dnf5",
    "dpkg_selections", "firewalld", "flatpak", "iptables", "locale_gen", "lvg", "lvol", "modprobe", "mount", "pacman",
    "pam_limits", "parted", "rhel_facts", "rpm_key", "seboolean", "sefcontext", "selinux", "snap", "systemd",
    "systemd_service", "sysvinit", "ufw", "yum", "yum_repository", "zypper",
})  # fmt: skip
"""Names of ansible.builtin, ansible.posix and community.general."""

MODULES: dict[str, Module[AnyArgs]] = {name: _refusing(name) for name in LINUX_ONLY}
