"""
Power and memory: pmset, memory_pressure, vm_stat.

Recorded: the rows and layout of `pmset -g` on Apple silicon, the assertions' line, `memory_pressure -Q`, and
vm_stat of 26.5 with its page counts. Unrecorded: the "Assertion status" head, the answer to setting as a user,
and the tagged-memory rows that 27 adds to vm_stat, which are left out.
"""

from __future__ import annotations

from orchestrator.sim.tools.base import Mac, Refusal

_VM_STAT = """\
Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                                     4264.
Pages active:                                 362969.
Pages inactive:                               359379.
Pages speculative:                              3477.
Pages throttled:                                   0.
Pages wired down:                             123478.
Pages purgeable:                               14226.
"Translation faults":                       18519673.
Pages copy-on-write:                          752378.
Pages zero filled:                           8253654.
Pages reactivated:                           1737513.
Pages purged:                                 142231.
File-backed pages:                            262958.
Anonymous pages:                              462867.
Pages stored in compressor:                   403679.
Pages occupied by compressor:                 160282.
Decompressions:                               925037.
Compressions:                                1628073.
Pageins:                                     1687853.
Pageouts:                                      16872.
Swapins:                                           0.
Swapouts:                                          0.
"""


def pmset(mac: Mac, argv: list[str]) -> int:
    match argv:
        case ["-g"] | ["-g", "live" | "custom"]:
            print("System-wide power settings:\nCurrently in use:")
            for name, value in mac.settings()["power"].items():
                print(f" {name:<20} {value}")
        case ["-g", "therm"]:
            print("Note: No thermal warning level has been recorded")
        case ["-g", "assertions"]:
            print("Assertion status system-wide:\n   PreventUserIdleSystemSleep    1")
            print("Listed by owning process:")
            print('   pid 322(powerd): [0x0000329f000191ea] 03:00:17 PreventUserIdleSystemSleep'
                  ' named: "Powerd - Prevent sleep while display is on"')  # fmt: skip
        case ["-a" | "-c" | "-b", *pairs] if pairs and len(pairs) % 2 == 0:
            if not mac.is_root:
                raise Refusal(77, "'pmset' must be run as root...")
            with mac.change("settings") as changed:
                changed["power"].update(zip(pairs[::2], pairs[1::2], strict=True))
        case _:
            raise Refusal(64, "Usage:  pmset <options>")
    return 0


def memory_pressure(mac: Mac, argv: list[str]) -> int:
    print(f"The system has {mac.facts['memory_bytes']} bytes of physical memory.")
    print("System-wide memory free percentage: 40%")
    return 0


def vm_stat(mac: Mac, argv: list[str]) -> int:
    print(_VM_STAT, end="")
    return 0
