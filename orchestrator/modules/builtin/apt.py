"""This module sees to packages of Debian and its kin, by apt-get and dpkg-query.

Source: the arguments and results of ansible-core 2.19's ``apt``; apt-get(8).
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import AliasChoices, Field, field_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, as_shell, refusal
from orchestrator.modules.types import Bool, Int, Str, StrList

APT_SH = script("apt", __file__)
LIMIT_S = 3600.0
STATES = {"installed": "present", "removed": "absent"}
UPGRADES = {"dist": "dist-upgrade", "full": "dist-upgrade", "safe": "upgrade", "yes": "upgrade"}


class AptArgs(Args):
    name: StrList | None = Field(
        None, validation_alias=AliasChoices("name", "package", "pkg"), description="Packages, as NAME or NAME=VERSION."
    )
    state: Literal["present", "installed", "absent", "removed", "latest", "fixed"] = Field(
        "present", description="What they are to be; `fixed` mends what is broken."
    )
    update_cache: Bool | None = Field(
        None, validation_alias=AliasChoices("update_cache", "update-cache"), description="Read the sources anew."
    )
    cache_valid_time: Int = Field(0, ge=0, description="Seconds for which what was read is new enough.")
    purge: Bool = Field(False, description="Remove configuration files, too.")
    autoremove: Bool = Field(False, description="Remove what nothing needs any more.")
    autoclean: Bool = Field(False, description="Forget package files that cannot be had any more.")
    clean: Bool = Field(False, description="Forget all package files.")
    upgrade: Literal["dist", "full", "no", "safe", "yes"] = Field("no", description="Upgrade all packages.")
    default_release: Str | None = Field(
        None, validation_alias=AliasChoices("default_release", "default-release"), description="As -t of apt-get."
    )
    install_recommends: Bool | None = Field(
        None,
        validation_alias=AliasChoices("install_recommends", "install-recommends"),
        description="Whether to take what is recommended; left out: as apt is set up.",
    )
    only_upgrade: Bool = Field(False, description="Install nothing that is not there.")
    dpkg_options: Str = Field("force-confdef,force-confold", description="Options of dpkg, commas between.")
    force: Bool = Field(False, description="Accepted: as --force-yes.")
    allow_unauthenticated: Bool = Field(
        False,
        validation_alias=AliasChoices("allow_unauthenticated", "allow-unauthenticated"),
        description="Take packages that nobody signed.",
    )
    allow_downgrade: Bool = Field(
        False,
        validation_alias=AliasChoices("allow_downgrade", "allow-downgrade", "allow_downgrades", "allow-downgrades"),
        description="Take an older version where one is named.",
    )
    allow_change_held_packages: Bool = Field(False, description="Change packages that are held.")
    fail_on_autoremove: Bool = Field(False, description="Accepted.")
    force_apt_get: Bool = Field(False, description="Accepted: it always is apt-get.")
    lock_timeout: Int = Field(60, description="Seconds to wait for another apt.")
    update_cache_retries: Int = Field(5, description="Accepted.")
    update_cache_retry_max_delay: Int = Field(12, description="Accepted.")
    policy_rc_d: Int | None = Field(None, description="Accepted.")
    auto_install_module_deps: Bool = Field(True, description="Accepted.")

    @field_validator("upgrade", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value

    @field_validator("name")
    @classmethod
    def _are_names(cls, value: list[str] | None) -> list[str] | None:
        names = [part.strip() for each in value or () for part in each.split(",") if part.strip()]
        for name in names:
            if not re.fullmatch(r"[a-zA-Z0-9][\w.+:-]*(?:=[\w.+:~-]+)?", name):
                raise ValueError(f"{name!r} is not a package's name")
        return names if value is not None else None


def steps(args: AptArgs, ctx: Context) -> Steps:
    values = {
        "names": " ".join(args.name or ()),
        "state": STATES.get(args.state, args.state),
        "update": as_shell(bool(args.update_cache or (args.update_cache is None and args.cache_valid_time))),
        "valid_s": str(args.cache_valid_time),
        "upgrade": UPGRADES.get(args.upgrade, ""),
        "options": " ".join(_options(args)),
        "purge": as_shell(args.purge),
        "only_upgrade": as_shell(args.only_upgrade),
        "clean": "clean" if args.clean else "autoclean" if args.autoclean else "",
        "autoremove": as_shell(args.autoremove),
        "check": as_shell(ctx.check),
    }
    reply: Reply = yield Run(
        main="apt_main", scripts=(PRELUDE, APT_SH), values=values, environment=ctx.environment, timeout_s=LIMIT_S
    )
    said = {name: stream.decode("utf-8", "replace") for name, stream in _streams(reply)}
    if missing := re.search(
        r"E: (?:Unable to locate|Couldn't find any) package (?:by \w+ ')?([^\s']+)", said["stderr"]
    ):
        return failure(f"No package matching '{missing[1]}' is available")
    if wrong := re.search(r"E: Version '([^']+)' for '([^']+)' was not found", said["stderr"]):
        return failure(f"no available installation candidate for {wrong[2]}={wrong[1]}")
    if refused := refusal(reply):
        return refused.but(msg=f"{refused.msg}: {said['stderr']}") if said["stderr"] else refused
    data: dict[str, Any] = {}
    if args.state not in ("absent", "removed"):
        data["cache_updated"] = reply.first("updated") == "true"
        data["cache_update_time"] = int(reply.first("cache_time") or 0)
    if any(said.values()):
        data["diff"] = {}
        data |= {**said, **{f"{name}_lines": text.splitlines() for name, text in said.items()}}
    return Result(changed=reply.first("changed") == "true", data=data)


def _streams(reply: Reply) -> tuple[tuple[str, bytes], ...]:
    return (("stdout", reply.stdout), ("stderr", reply.stderr))


def _options(args: AptArgs) -> list[str]:
    """Words for apt-get."""
    given = {
        "--allow-unauthenticated": args.allow_unauthenticated,
        "--allow-downgrades": args.allow_downgrade,
        "--allow-change-held-packages": args.allow_change_held_packages,
    }
    words = [f"-oDpkg::Options::=--{each.strip()}" for each in args.dpkg_options.split(",") if each.strip()]
    words += [f"-oDPkg::Lock::Timeout={args.lock_timeout}", *(word for word, is_on in given.items() if is_on)]
    if args.install_recommends is not None:
        words.append(f"-oAPT::Install-Recommends={'yes' if args.install_recommends else 'no'}")
    return [*words, *([f"-t{args.default_release}"] if args.default_release else [])]


APT = Module("apt", AptArgs, steps, "Sees to packages of Debian.")
