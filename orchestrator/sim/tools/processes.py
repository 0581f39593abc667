"""
The processes of this Mac: those of the host whose environment carries its mark.

Read from /proc, so on a host without it (macOS) these answers are refused rather than guessed.
"""

from __future__ import annotations

import os

from orchestrator.sim.tools.base import Mac, Refusal

_CLOCK_HZ = os.sysconf("SC_CLK_TCK")


class Process:
    """One process: numbers from /proc, and the user it plays."""

    def __init__(self, pid: int, uid: int, argv: list[str]) -> None:
        fields = _read(f"/proc/{pid}/stat").decode(errors="replace")
        self.pid = pid
        self.uid = uid
        self.argv = argv
        self.comm, _, rest = fields.partition("(")[2].rpartition(")")
        numbers = rest.split()
        self.state = numbers[0]
        self.ppid, self.pgid, self.sid = int(numbers[1]), int(numbers[2]), int(numbers[3])
        self.cpu_s = (int(numbers[11]) + int(numbers[12])) / _CLOCK_HZ
        self.started_at_s = _boot_s() + int(numbers[19]) / _CLOCK_HZ
        self.size_kib = int(numbers[20]) // 1024
        self.resident_kib = int(numbers[21]) * os.sysconf("SC_PAGE_SIZE") // 1024

    @property
    def command(self) -> str:
        """The whole command line."""
        return " ".join(self.argv)

    @property
    def name(self) -> str:
        """The name pgrep matches: the kernel's, of at most 15 characters, else the program's own."""
        program = os.path.basename(self.argv[0]) if self.argv else self.comm
        return program if program.startswith(self.comm) else self.comm


_boot: list[float] = []


def _boot_s() -> float:
    if not _boot:
        text = _read("/proc/stat").decode()
        _boot.append(float(text.partition("btime ")[2].split()[0]))
    return _boot[0]


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def processes(mac: Mac) -> list[Process]:
    """This Mac's processes by pid; zombies and what ended meanwhile are left out."""
    if not os.path.isdir("/proc/self"):
        raise Refusal(1, "simulated Mac: this host has no /proc, so its processes cannot be told apart")
    mark = f"SIM_MAC={mac.root}".encode()
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            environment = _read(f"/proc/{entry}/environ").split(b"\0")
            if mark not in environment:
                continue
            uid = next((int(row[8:]) for row in environment if row.startswith(b"SIM_UID=")), int(mac.facts["uid"]))
            argv = _read(f"/proc/{entry}/cmdline").decode(errors="replace").rstrip("\0").split("\0")
            process = Process(int(entry), uid, argv)
        except (OSError, ValueError):
            continue
        if process.state != "Z":
            found.append(process)
    return sorted(found, key=lambda process: process.pid)
