"""This module waits on the node for a port, a file, or a time."""

from __future__ import annotations

import re
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Sleep, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, called, not_foretold, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS, last_stat
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Int, Str, StrList

WAIT_SH = script("wait_for", __file__)
STATES = ("ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_RECV", "SYN_SENT", "TIME_WAIT")
BSD_NAMES = {"FIN_WAIT_1": "FIN_WAIT1", "FIN_WAIT_2": "FIN_WAIT2", "SYN_RCVD": "SYN_RECV"}


class WaitArgs(Args):
    host: Str = Field("127.0.0.1", description="The host to connect to, as the node sees it.")
    port: Int | None = Field(None, ge=1, le=65535, description="The port.")
    path: Str | None = Field(None, description="The file, instead of a port.")
    search_regex: Str | None = Field(None, description="Wait until this is found in the file or comes from the port.")
    state: Literal["absent", "drained", "present", "started", "stopped"] = Field("started", description="For what.")
    timeout: Int = Field(300, ge=0, description="Seconds after which it fails.")
    connect_timeout: Int = Field(5, ge=1, description="Seconds that one connection may take.")
    delay: Int = Field(0, ge=0, description="Seconds to wait before the first look.")
    sleep: Int = Field(1, ge=0, description="Seconds between two looks.")
    active_connection_states: StrList = Field(default_factory=lambda: list(STATES), description="drained: these count.")
    exclude_hosts: StrList | None = Field(None, description="drained: connections with these hosts do not count.")
    msg: Str | None = Field(None, description="Said instead of the usual words where it fails.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.port and self.path:
            raise ValueError("port and path parameter can not both be passed to wait_for")
        if self.path and self.state in ("stopped", "drained"):
            raise ValueError(f"state={self.state} should only be used for checking a port in the wait_for module")
        if self.exclude_hosts is not None and self.state != "drained":
            raise ValueError("exclude_hosts should only be with state=drained")
        if unknown := set(self.active_connection_states) - set(STATES):
            raise ValueError(f"unknown active_connection_state ({sorted(unknown)[0]}) defined")
        if self.state == "drained" and self.port is None:
            raise ValueError("state=drained needs a port")
        try:
            re.compile((self.search_regex or "").encode())
        except re.error as error:
            raise ValueError(f"Invalid regular expression: {error}") from None
        return self

    def late(self) -> str:
        """What is said where the time is over."""
        where = self.path if self.path else f"{self.host}:{self.port}"
        if self.msg:
            return self.msg
        if self.state == "drained":
            return f"Timeout when waiting for {where} to drain"
        if self.state in ("absent", "stopped"):
            return f"Timeout when waiting for {where} to {'be absent' if self.path else 'stop'}."
        if self.search_regex:
            return f"Timeout when waiting for search string {self.search_regex} in {where}"
        return f"Timeout when waiting for {'file ' if self.path else ''}{where}"


def active(table: str, args: WaitArgs) -> int:
    """How many connections of the port count, in the layout of GNU's (HOST:PORT) or BSD's (HOST.PORT) netstat(1)."""
    count = 0
    for line in table.splitlines():
        words = line.split()
        if len(words) < 6 or not words[0].startswith("tcp"):
            continue
        local, remote, state = words[3], words[4], BSD_NAMES.get(words[5], words[5])
        far = re.split(r"[.:](?=[^.:]*$)", remote)[0]
        here = re.split(r"[.:](?=[^.:]*$)", local)[-1] == str(args.port)
        count += here and state in args.active_connection_states and far not in (args.exclude_hosts or [])
    return count


def look(args: WaitArgs, ctx: Context) -> Run:
    wants = args.search_regex is not None and args.state in ("started", "present")
    main = "look_connections" if args.state == "drained" else "look_path" if args.path else "look_port"
    return Run(
        main=main,
        scripts=(*FILE_SCRIPTS, WAIT_SH),
        values={
            "host": args.host,
            "port": str(args.port or ""),
            "path_given": args.path or "",
            "connect_timeout": str(args.connect_timeout),
            "want_content": as_shell(wants),
        },
        environment=ctx.environment,
        repeatable=True,
    )


def met(reply: Reply, args: WaitArgs) -> tuple[bool, re.Match[bytes] | None]:
    """Whether what is waited for has come, and the match of search_regex."""
    if args.state == "drained":
        return active(reply.stdout.decode(errors="replace"), args) == 0, None
    there = reply.first("open") is not None
    if args.state in ("absent", "stopped"):
        return not there, None
    if args.search_regex is None:
        return there, None
    match = re.search(args.search_regex.encode(), reply.stdout, re.MULTILINE)
    return match is not None, match


def text_of(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def steps(args: WaitArgs, ctx: Context) -> Steps:
    if ctx.check:
        return not_foretold(called(ctx, "wait_for"))
    if args.delay:
        yield Sleep(args.delay)
    if not args.port and not args.path:
        yield Sleep(args.timeout)
        asked = {"state": args.state, "port": None, "path": None, "search_regex": args.search_regex}
        waited = args.delay + args.timeout
        return Result(data={**asked, "match_groups": [], "match_groupdict": {}, "elapsed": waited})
    start: int | None = None
    while True:
        reply: Reply = yield look(args, ctx)
        if refused := refusal(reply):
            return refused
        now = int(reply.first("now") or 0)
        start = now if start is None else start
        elapsed = now - start + args.delay
        good, match = met(reply, args)
        if good:
            break
        if elapsed >= args.timeout:
            return failure(args.late(), elapsed=elapsed)
        # a pause of nothing would be a busy loop at the node's cost
        yield Sleep(max(args.sleep, 0.2))
    groups = [text_of(group) for group in match.groups()] if match else []
    named = {name: text_of(group) for name, group in match.groupdict().items()} if match else {}
    told = {"state": args.state, "port": args.port, "path": args.path, "search_regex": args.search_regex}
    there = last_stat(reply)
    told |= there.info() if there else {}
    return Result(data={**told, "match_groups": groups, "match_groupdict": named, "elapsed": elapsed})


WAIT_FOR = Module("wait_for", WaitArgs, steps, "Waits for a port, a file or a time.", checks="skip")
