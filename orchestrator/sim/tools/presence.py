"""
Who is here, since when, and by which way out: who, uptime, route, and `scutil --dns`.

Recorded: the layouts of `who` and `uptime` (10.14), `route -n get default`, and the first resolver of `scutil --dns`.
Unrecorded: `uptime` of a Mac that was started less than a minute ago, the answers to other arguments, and how `who`
names an SSH session's line, so that only the console's is shown.
"""

from __future__ import annotations

import os
import time

from orchestrator.sim.tools.base import Mac, Refusal

_ROUTE = """\
   route to: default
destination: default
       mask: default
    gateway: 192.0.2.1
  interface: en0
      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>
 recvpipe  sendpipe  ssthresh  rtt,msec    rttvar  hopcount      mtu     expire
       0         0         0         0         0         0      1500         0
"""
_DNS = """\
DNS configuration

resolver #1
  nameserver[0] : 192.0.2.53
  flags    : Request A records
  reach    : 0x00000002 (Reachable)
"""


def uptime(mac: Mac, argv: list[str]) -> int:
    if argv:
        raise Refusal(1, "usage: uptime")
    up_minutes = int(time.time() - mac.facts["booted_at_s"]) // 60
    days, hours, minutes = up_minutes // 1440, up_minutes // 60 % 24, up_minutes % 60
    parts = [f"{days} day{'s' if days != 1 else ''}"] if days else []
    parts.append(f"{hours:2d}:{minutes:02d}" if hours else f"{minutes} min{'s' if minutes != 1 else ''}")
    users = "0 users" if mac.faults()["no_gui"] else "1 user"
    load = " ".join(f"{each:.2f}" for each in os.getloadavg())
    print(f"{time.strftime('%H:%M')}  up {', '.join(parts)}, {users}, load averages: {load}")
    return 0


def who(mac: Mac, argv: list[str]) -> int:
    if argv not in ([], ["-H"]):
        raise Refusal(1, "who: only `who` and `who -H` are played here")
    if argv:
        print("USER     LINE     WHEN         ")
    if not mac.faults()["no_gui"]:
        since = time.strftime("%b %e %H:%M", time.localtime(mac.facts["booted_at_s"]))
        print(f"{mac.facts['user']:<8} {'console':<8} {since} ")
    return 0


def route(mac: Mac, argv: list[str]) -> int:
    if [word for word in argv if word != "-n"] != ["get", "default"]:
        raise Refusal(64, "route: only `route -n get default` is played here")
    print(_ROUTE, end="")
    return 0


def dns() -> None:
    """What `scutil --dns` prints."""
    print(_DNS, end="")
