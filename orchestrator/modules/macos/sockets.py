"""Listening sockets and whose they are, from netstat, lsof and ps together."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from orchestrator.model.frozen import frozen
from orchestrator.modules.base import script
from orchestrator.modules.macos.parsers import Parsed
from orchestrator.modules.macos.probing import MISSING, Answer

LISTENERS_SH = script("listeners", __file__)


@frozen
class Listener:
    """One listening socket. ``address`` "*" is any; ``family`` ipv4, ipv6 or dual; pid None: nobody could be seen."""

    address: str
    port: int
    family: str | None
    pid: int | None = None
    process: str | None = None

    @property
    def is_wildcard(self) -> bool:
        return self.address in ("*", "0.0.0.0", "::")

    @property
    def is_loopback(self) -> bool:
        try:
            return ipaddress.ip_address(self.address.partition("%")[0]).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        who = f"{self.process or '?'} ({self.pid})" if self.pid else "unseen process"
        return f"{host}:{self.port} {self.family or ''} {who}".replace("  ", " ")

    def as_data(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "port": self.port,
            "family": self.family,
            "pid": self.pid,
            "process": self.process,
        }


@frozen
class View:
    """What could be seen. ``blind``: why sockets of other users, or all, could not; None where all could."""

    listeners: tuple[Listener, ...]
    blind: str | None = None
    parents: Mapping[int, int] = field(default_factory=dict)
    groups: Mapping[int, int] = field(default_factory=dict)

    def on(self, port: int) -> tuple[Listener, ...]:
        """Every listener on the port, of whatever address: on BSD several may stand side by side."""
        return tuple(one for one in self.listeners if one.port == port)

    def descends(self, pid: int | None, ancestor: int) -> bool:
        """Whether ``pid`` is ``ancestor``, one of its descendants, or of the process group it leads."""
        if pid is None:
            return False
        if self.groups.get(pid) == ancestor:
            return True
        for _ in range(100):
            if pid == ancestor:
                return True
            if pid not in self.parents:
                return False
            pid = self.parents[pid]
        return False


def view(answers: Mapping[str, Answer]) -> View:
    """The view that the answers of ``ask_sockets`` give."""
    netstat = answers.get("sockets", MISSING).parsed("netstat-anv-tcp")
    lsof = answers.get("lsof", MISSING).parsed("lsof-F")
    second = list(_lsof_rows(lsof)) if lsof["status"] == "known" else []
    processes = answers.get("ps", MISSING).parsed("ps").get("processes", [])
    names = {one["pid"]: str(one.get("command", "")).rpartition("/")[2] for one in processes}
    parents = {one["pid"]: one["ppid"] for one in processes if one.get("ppid") is not None}
    groups = {one["pid"]: one["pgid"] for one in processes if one.get("pgid") is not None}
    if netstat["status"] == "known":
        first = [_completed(row, second) for row in _netstat_rows(netstat)]
        seen, blind = [*first, *_unmet(second, first)], None
    elif lsof["status"] == "known":
        seen, blind = second, f"netstat: {netstat['reason']}; lsof shows this user's own processes only"
    else:
        seen, blind = [], f"netstat: {netstat['reason']}; lsof: {lsof['reason']}"
    return View(tuple(_named(one, names) for one in seen), blind, parents, groups)


def _netstat_rows(read: Parsed) -> Iterable[Listener]:
    for index in read["listening"]:
        row = read["sockets"][index]
        port = row["local"]["port"]
        if port is not None:
            yield Listener(row["local"]["host"], port, row["family"], row["pid"] or None, row["process"])


def _lsof_rows(read: Parsed) -> Iterable[Listener]:
    seen = set()
    for row in read["sockets"]:
        port = row["local"]["port"]
        one = Listener(row["local"]["host"], port or 0, row["family"], row["pid"], row["command"])
        if port is not None and row["state"] in ("LISTEN", None) and one not in seen:
            seen.add(one)
            yield one


def _completed(row: Listener, others: Iterable[Listener]) -> Listener:
    """netstat cuts long IPv6 addresses: lsof's, of the same process and port, stands in."""
    if len(row.address) < 15 or ":" not in row.address:
        return row
    whole = (
        one for one in others if (one.pid, one.port) == (row.pid, row.port) and one.address.startswith(row.address)
    )
    found = next(whole, None)
    return Listener(found.address, row.port, row.family, row.pid, row.process) if found else row


def _unmet(second: Iterable[Listener], first: Iterable[Listener]) -> list[Listener]:
    met = {(one.port, one.pid) for one in first}
    return [one for one in second if (one.port, one.pid) not in met and (one.port, None) not in met]


def _named(one: Listener, names: Mapping[int, str]) -> Listener:
    """With the process's whole name, which netstat cuts (26) or does not print (up to 15)."""
    name = names.get(one.pid or 0) or one.process
    return Listener(one.address, one.port, one.family, one.pid, name)
