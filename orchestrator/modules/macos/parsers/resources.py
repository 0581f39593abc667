"""Memory and disk: vm_stat, memory_pressure, top, df."""

import re

from orchestrator.modules.macos.parsers.output import Output, Parsed, known, otherwise
from orchestrator.modules.macos.parsers.values import identifier, integer, number, size_bytes

_PAGE = re.compile(r"page size of ([0-9]{1,9})(?: bytes)?\)")
_COUNT = re.compile(r'\s*"?([A-Za-z][^":]*?)"?:\s+([0-9]{1,18})\.?')
_PHYSICAL = re.compile(r"The system has ([0-9]{1,18})\b")
_FREE = re.compile(r"memory free percentage:\s*([0-9]{1,3})%")
_USED = re.compile(r"PhysMem:\s*(\S+) used(?: \((.*?)\))?, (\S+?) unused")
_DISK = re.compile(
    r"(.+?)\s+(-?[0-9.]+[A-Za-z]*)\s+(-?[0-9.]+[A-Za-z]*)\s+(-?[0-9.]+[A-Za-z]*)\s+([0-9]+)%"
    r"(?:\s+(-?[0-9.]+[A-Za-z]*)\s+(-?[0-9.]+[A-Za-z]*)\s+([0-9]+|-)%?)?\s+(/.*)"
)
_UNIT = re.compile(r"\b(512|1024|1K|1M|1G)-?[Bb]locks|([0-9]+)-blocks")
_BLOCKS = {"512": 512, "1024": 1024, "1K": 1024, "1M": 1024**2, "1G": 1024**3}
_IN_PAGES = {
    "Pages free", "Pages active", "Pages inactive", "Pages speculative", "Pages throttled", "Pages wired down",
    "Pages purgeable", "File-backed pages", "Anonymous pages", "Pages stored in compressor",
    "Pages occupied by compressor",
}  # fmt: skip


def parse_vm_stat(output: Output) -> Parsed:
    """
    `page_size_bytes`, `counts` (pages and events, by the name printed, quotes removed; rows vary by version) and
    `bytes` for the rows that are amounts of memory. Events count since boot.
    """
    page = _PAGE.search(output.stdout)
    counts = {match[1]: int(match[2]) for line in output.rows if (match := _COUNT.fullmatch(line))}
    if not counts:
        return otherwise(output)
    size = int(page[1]) if page else None
    amounts = {identifier(name): count * size for name, count in counts.items() if size and name in _IN_PAGES}
    return known(page_size_bytes=size, counts=counts, bytes=amounts)


def parse_memory_pressure(output: Output) -> Parsed:
    """`physical_bytes`, `free_percent` (free as macOS counts it), and `counts` of pages in the long form."""
    physical, free = _PHYSICAL.search(output.stdout), _FREE.search(output.stdout)
    if not free:
        return otherwise(output)
    counts = {match[1]: int(match[2]) for line in output.rows if (match := _COUNT.match(line.strip()))}
    page = _PAGE.search(output.stdout)
    return known(
        physical_bytes=int(physical[1]) if physical else None,
        free_percent=int(free[1]),
        page_size_bytes=int(page[1]) if page else None,
        counts={name: count for name, count in counts.items() if "percentage" not in name},
    )


def parse_top_memory(output: Output) -> Parsed:
    """`used_bytes`, `unused_bytes`, and the `parts` of what is used (wired, compressor); top rounds to whole units."""
    match = _USED.search(output.stdout)
    if not match:
        return otherwise(output)
    parts = [part.split() for part in (match[2] or "").split(",")]
    return known(
        used_bytes=size_bytes(match[1]),
        unused_bytes=size_bytes(match[3]),
        parts={part[1]: size_bytes(part[0]) for part in parts if len(part) == 2},
    )


def parse_df(output: Output) -> Parsed:
    """
    `filesystems`: device, mount point, `size_bytes`, `used_bytes`, `available_bytes`, `used_percent`, inodes.

    With -h and -H sizes are rounded to two or three digits (`rounded` True); inode counts are decimal (459k = 459000).
    APFS volumes share their container: used and available do not add up to the size.
    """
    heading = next((line for line in output.rows if line.startswith("Filesystem")), None)
    rows = [match for line in output.rows if line != heading and (match := _DISK.fullmatch(line))]
    if heading is None and not rows:
        return otherwise(output)
    unit = _UNIT.search(heading or "")
    block = (_BLOCKS.get(unit[1] or "") or integer(unit[2])) if unit else None
    extra = [line for line in output.rows if line != heading and not _DISK.fullmatch(line)]
    return known(filesystems=[_filesystem(match, block) for match in rows], rounded=block is None, extra=extra)


def _filesystem(match: re.Match[str], block: int | None) -> Parsed:
    return {
        "device": match[1],
        "mount_point": match[9],
        "size_bytes": _amount(match[2], block),
        "used_bytes": _amount(match[3], block),
        "available_bytes": _amount(match[4], block),
        "used_percent": integer(match[5]),
        "inodes_used": _decimal_count(match[6]),
        "inodes_free": _decimal_count(match[7]),
    }


def _amount(text: str, block: int | None) -> int | None:
    """Bytes of one cell: blocks where the header says so, else a size; `Gi` is 1024³, `G` (from -H) 1000³."""
    if block is None:
        return size_bytes(text, base=1000)
    count = integer(text)
    return None if count is None else count * block


def _decimal_count(text: str | None) -> int | None:
    match = re.fullmatch(r"([0-9.]+)([kKMGTP]?)", text or "")
    value = number(match[1]) if match else None
    if match is None or value is None:
        return None
    unit: int = 1000 ** "_KMGTP".index(match[2].upper() or "_")
    return round(value * unit)
