"""launchd's error numbers with their texts, and the error that carries one."""

from __future__ import annotations

# macOS errno texts as recorded with launchctl, and the launchd numbers 107–158 that occur here (from Apple's source).
TEXTS = {
    1: "Operation not permitted",
    2: "No such file or directory",
    3: "No such process",
    5: "Input/output error",
    13: "Permission denied",
    17: "File exists",
    22: "Invalid argument",
    36: "Operation now in progress",
    37: "Operation already in progress",
    107: "Malformed bundle",
    108: "Invalid path",
    109: "Invalid property list",
    110: "Invalid or missing service identifier",
    111: "Invalid or missing Program/ProgramArguments",
    112: "Could not find specified domain",
    113: "Could not find specified service",
    119: "Service is disabled",
    122: "Path had bad ownership/permissions",
    124: "Domain is tearing down",
    125: "Domain does not support specified action",
    130: "The system encountered a condition where behavior was undefined",
    133: "Multiple errors were returned; see stderr",
    134: "Service cannot load in requested session",
    139: "Service cannot presently execute",
    146: "Domain is in on-demand-only mode",
    150: "Operation not permitted while System Integrity Protection is engaged",
}


class LaunchError(Exception):
    """launchd refuses; `number` is launchctl's exit status, `text` what stands behind the number."""

    def __init__(self, number: int, text: str | None = None) -> None:
        super().__init__(number)
        self.number = number
        self.text = text or TEXTS[number]
