"""This module tells which ports are listened on, and by whom; on Linux alone, as community.general's."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any, Literal

from pydantic import Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, SetFacts
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import Tool, call, calling, refuse
from orchestrator.modules.types import Bool

HINT = "Debian's packages iproute2 and net-tools bring ss and netstat."
ADDRESS = re.compile(r"\[?(.+?)\]?:([0-9]+)$")
HOLDER = re.compile(r'"(.*?)",pid=(\d+)')

Port = dict[str, Any]
"""``protocol state address foreign_address port name pid``."""


class PortsArgs(Args):
    command: Literal["netstat", "ss"] | None = Field(None, description="Which program is asked.")
    include_non_listening: Bool = Field(False, description="Tell of connections as well.")


def from_netstat(text: str) -> list[Port]:
    """What ``netstat -plunt`` prints, each once."""
    found: list[Port] = []
    for line in text.splitlines():
        if not line.startswith(("tcp", "udp")):
            continue
        protocol, _, _, local, foreign, *rest = line.split()
        address, _, port = local.rpartition(":")
        is_tcp = protocol.startswith("tcp")
        state, *holder = rest if is_tcp and len(rest) > 1 else ["", *rest]
        pid, _, name = (holder[0] if holder else "").partition("/")
        entry = {
            "protocol": protocol[:3], "state": state, "address": address, "foreign_address": foreign,
            "port": int(port), "name": name.rstrip(":") if name else "", "pid": int(pid) if name else 0,
        }  # fmt: skip
        if entry not in found:
            found.append(entry)
    return found


def from_ss(text: str) -> list[Port]:
    """What ``ss -plunt`` prints; a socket without a process that may be seen is left out."""
    head, *lines = text.splitlines() or [""]
    if not head.startswith("Netid "):
        raise refuse(f"Unknown stdout format of `ss`: {text}")
    found: list[Port] = []
    for line in lines:
        cells = line.split(None, 6)
        conns = ADDRESS.search(cells[4]) if len(cells) > 5 else None
        if conns is None:
            raise refuse(f"Expected another table layout of `ss`, but got: {line}")
        for name, pid in HOLDER.findall(cells[6] if len(cells) > 6 else ""):
            found.append({
                "protocol": cells[0], "state": cells[1], "address": conns[1], "foreign_address": cells[5],
                "port": int(conns[2]), "name": name, "pid": int(pid),
            })  # fmt: skip
    return found


@calling
def steps(args: PortsArgs, ctx: Context) -> Steps:
    system = yield from call(ctx, Tool("uname", ""))
    if system.stdout.strip() != "Linux":
        raise refuse("This module requires Linux.")
    flags = ["-p", "-u", "-n", "-t", "-a"] if args.include_non_listening else ["-p", "-l", "-u", "-n", "-t"]
    told = yield from call(ctx, Tool(args.command or "netstat ss", HINT), *flags, must=False)
    is_ss = told.cmd[0].endswith("/ss")
    ports = [] if told.rc else from_ss(told.stdout) if is_ss else from_netstat(told.stdout)
    holders = yield from _holders(ctx, ports)
    facts: dict[str, list[Port]] = {"tcp_listen": [], "udp_listen": []}
    for port in ports:
        kept = {
            name: port[name] for name in port if args.include_non_listening or name not in ("state", "foreign_address")
        }
        facts[f"{port['protocol'][:3]}_listen"].append({**kept, **holders.get(port["pid"], {"stime": "", "user": ""})})
    return Result(data={"ansible_facts": facts}, effects=(SetFacts(values=facts, discovered=True),))


def _holders(ctx: Context, ports: list[Port]) -> Generator[Run, Reply, dict[int, dict[str, str]]]:
    """By process, since when it runs and whose it is."""
    pids = sorted({str(port["pid"]) for port in ports if port["pid"]})
    if not pids:
        return {}
    told = yield from call(ctx, Tool("ps", HINT), "-ww", "-o", "pid=,user=,lstart=", "-p", ",".join(pids), must=False)
    rows = (line.split(None, 2) for line in told.stdout.splitlines())
    return {int(pid): {"user": user, "stime": since} for pid, user, since in rows}


LISTEN_PORTS_FACTS = Module("listen_ports_facts", PortsArgs, steps, "Tells which ports are listened on (Linux).")
