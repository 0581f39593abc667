"""What proc(5) of Linux tells of memory and processors, as Ansible's facts.

Source: the facts of ansible-core 2.19 (``module_utils/facts/hardware/linux.py``), compared on x86 and arm64.
"""

from __future__ import annotations

import re
from typing import Any

OF_PROCESSORS = frozenset({"model name", "Processor", "vendor_id", "cpu", "Vendor", "processor"})
"""The lines of cpuinfo whose values stand in the fact ``processor``, one after another."""


def memory_facts(meminfo: str) -> dict[str, Any]:
    """Totals in MiB; what the file does not tell is left out, in ``memory_mb`` it is none."""
    kib = re.findall(r"^(\w+):\s+(\d+) kB", meminfo, re.MULTILINE)
    mib = {name: int(value) // 1024 for name, value in kib}
    if not mib:
        return {}
    top: dict[str, Any] = {
        f"{name.lower()}_mb": mib[name] for name in ("MemTotal", "MemFree", "SwapTotal", "SwapFree") if name in mib
    }
    total, free = mib.get("MemTotal"), mib.get("MemFree")
    caches = (mib.get("Cached"), free, mib.get("Buffers"))
    unused = None if None in caches else sum(each or 0 for each in caches)
    swap, swap_free = mib.get("SwapTotal"), mib.get("SwapFree")
    top["memory_mb"] = {
        "real": {"total": total, "used": _less(total, free), "free": free},
        "nocache": {"free": unused, "used": _less(total, unused)},
        "swap": {"total": swap, "free": swap_free, "used": _less(swap, swap_free), "cached": mib.get("SwapCached")},
    }
    return top


def _less(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part


def processor_facts(cpuinfo: str, machine: str) -> dict[str, Any]:
    """How many processors, cores and threads there are; nothing where the file names no processor.

    Where cpuinfo tells of no sockets (virtual machines on arm64), each processor counts as one, as in Ansible."""
    pairs = [(key.strip(), value.strip()) for key, _, value in (line.partition(":") for line in cpuinfo.splitlines())]
    number = sum(key == "processor" for key, _ in pairs)
    if not number:
        return {}
    named = [value for key, value in pairs if key in OF_PROCESSORS]
    vendors, models = (sum(key == wanted for key, _ in pairs) for wanted in ("vendor_id", "model name"))
    counted = vendors if vendors and vendors == models else len(named)
    if machine.startswith(("armv", "aarch", "ppc")):
        counted = number
    sockets = {value for key, value in pairs if key == "physical id"}
    cores = int(next((value for key, value in pairs if key == "cpu cores"), "1") or 1)
    siblings = int(next((value for key, value in pairs if key == "siblings"), "1") or 1)
    threads, count = round(siblings / cores), len(sockets) or counted
    flags = next((value.split() for key, value in pairs if key == "flags"), None)
    return {
        **({} if flags is None else {"flags": flags}),
        "processor": named,
        "processor_count": count,
        "processor_cores": cores,
        "processor_threads_per_core": threads,
        "processor_vcpus": threads * count * cores,
        "processor_nproc": number,
    }
