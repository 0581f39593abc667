"""The modules about the line to the node: ``reboot`` restarts it and waits, ``wait_for_connection`` only waits."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

from pydantic import AliasChoices, Field

from orchestrator.model.program import Reconnect, Reply, Request, Run, Sleep, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, refusal
from orchestrator.modules.types import Int, Str, StrList

REBOOT_SH = script("reboot", __file__)
PAUSE_S = 5.0


class WaitForConnectionArgs(Args):
    connect_timeout: Int = Field(5, ge=1, description="Seconds that one try may take.")
    delay: Int = Field(0, ge=0, description="Seconds to wait before the first try.")
    sleep: Int = Field(1, ge=0, description="Seconds between two tries.")
    timeout: Int = Field(600, ge=1, description="Seconds after which it fails.")


class RebootArgs(Args):
    pre_reboot_delay: Int = Field(
        0,
        ge=0,
        validation_alias=AliasChoices("pre_reboot_delay", "pre_reboot_delay_sec"),
        description="Seconds before.",
    )
    post_reboot_delay: Int = Field(
        0,
        ge=0,
        validation_alias=AliasChoices("post_reboot_delay", "post_reboot_delay_sec"),
        description="Seconds after.",
    )
    reboot_timeout: Int = Field(
        600, ge=1, validation_alias=AliasChoices("reboot_timeout", "reboot_timeout_sec"), description="Seconds to wait."
    )
    connect_timeout: Int | None = Field(
        None, validation_alias=AliasChoices("connect_timeout", "connect_timeout_sec"), description="Accepted."
    )
    msg: Str = Field("Reboot initiated by Ansible", description="What users of the node are told.")
    test_command: Str | None = Field(None, description="A command that succeeds once the node is ready.")
    boot_time_command: Str | None = Field(None, description="A command whose output changes with each start.")
    reboot_command: Str | None = Field(None, description="The command that restarts the node.")
    search_paths: StrList = Field(default_factory=list, description="Accepted; /sbin and /usr/sbin are searched.")


def wait_steps(args: WaitForConnectionArgs, ctx: Context) -> Steps:
    if ctx.check:
        return Result(skipped=True)
    start = time.monotonic()
    if args.delay:
        yield Sleep(args.delay)
    reason: str | None = yield Reconnect(timeout_s=args.timeout)
    elapsed = int(time.monotonic() - start)
    if reason is not None:
        return failure(f"timed out waiting for the connection: {reason}", elapsed=elapsed)
    reply: Reply = yield Run(main=":", repeatable=True)
    return refusal(reply) or Result(data={"elapsed": elapsed})


def _back(args: RebootArgs, before: str, program: Any) -> Generator[Request, Any, str | None]:
    """Waits until the node is up again, started anew and ready; None, or what it still waits for."""
    end = time.monotonic() + args.reboot_timeout
    waits = "the node did not go down"
    tries = 0
    # bounded by the clock, and by a count where a test's clock does not run
    while time.monotonic() < end and tries < args.reboot_timeout:
        tries += 1
        yield Sleep(PAUSE_S)
        reason: str | None = yield Reconnect(timeout_s=max(1.0, end - time.monotonic()))
        if reason is not None:
            return reason
        boot: Reply = yield program("say_boot")
        if refusal(boot) or boot.first("boot") == before:
            continue
        waits = f"{args.test_command} does not succeed"
        ready: Reply = yield program("try_node")
        if not refusal(ready) and ready.first("unready") is None:
            return None
    return waits


def reboot_steps(args: RebootArgs, ctx: Context) -> Steps:
    if ctx.variables.get("ansible_connection") == "local":
        return failure("Running reboot with local connection would reboot the control node.", rebooted=False)
    if ctx.check:
        return Result(changed=True, data={"elapsed": 0, "rebooted": True})
    values = {
        "boot_time_command": args.boot_time_command or "",
        "reboot_command": args.reboot_command or "",
        "message": args.msg,
        "test_command": args.test_command or "",
    }

    def program(main: str, *, repeatable: bool = True) -> Run:
        scripts = (PRELUDE, REBOOT_SH)
        return Run(main=main, scripts=scripts, values=values, environment=ctx.environment, repeatable=repeatable)

    start = time.monotonic()
    seen: Reply = yield program("say_boot")
    if refused := refusal(seen):
        return refused
    if args.pre_reboot_delay:
        yield Sleep(args.pre_reboot_delay)
    begun: Reply = yield program("start_reboot", repeatable=False)
    if refused := refusal(begun):
        return refused
    why = yield from _back(args, seen.first("boot") or "", program)
    if why is None and args.post_reboot_delay:
        yield Sleep(args.post_reboot_delay)
    told = {"elapsed": int(time.monotonic() - start), "rebooted": why is None}
    if why is not None:
        return failure(f"Timed out waiting for last boot time check (timeout={args.reboot_timeout}): {why}", **told)
    return Result(changed=True, data=told)


WAIT_FOR_CONNECTION = Module("wait_for_connection", WaitForConnectionArgs, wait_steps, "Waits until the node answers.")
REBOOT = Module("reboot", RebootArgs, reboot_steps, "Restarts the node and waits until it is back.")
