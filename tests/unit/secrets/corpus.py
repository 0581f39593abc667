"""Ten megabytes of what ordinary nodes print: logs, digests, identifiers, lock files, addresses, code; no secret."""

from __future__ import annotations

import base64
import random
import sysconfig
import uuid
from collections.abc import Iterator
from pathlib import Path

SIZE = 10_000_000
WORDS = (
    "gateway node token password secret session restart ready listening connected refused timeout admin default "
    "private config launchd service error warning info debug request response channel device pairing approved "
    "the of and to in is for on with from at by not this has was"
).split()


def lines(seed: int) -> Iterator[str]:
    """Endless lines of eight kinds."""
    chance = random.Random(seed)
    while True:
        data = chance.randbytes(chance.choice((16, 20, 32, 48, 64)))
        words = " ".join(chance.choices(WORDS, k=chance.randint(4, 14)))
        stamp = f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T{chance.randint(0, 23):02}:41:07.113Z"
        yield from (
            f"{stamp} [gateway] {words}",
            f"{data.hex()}  ./Library/{chance.choice(WORDS)}/{chance.randint(0, 10**6)}.plist",
            f'"integrity": "sha512-{base64.b64encode(data).decode()}",',
            f"{stamp} pid={chance.randint(1, 99999)} id={uuid.UUID(bytes=data[:16])} took={chance.random():.6f}s",
            f"GET https://a.example/{chance.choice(WORDS)}?q={base64.urlsafe_b64encode(data).decode()}&n=%20x",
            f"tcp4 0 0 10.0.{chance.randint(0, 255)}.{data[0]}.{chance.randint(1024, 65535)} ESTABLISHED",
            f'{{"level":"{chance.choice(WORDS)}","msg":"{words}","seq":{chance.randint(0, 10**9)}}}',
            f"\tat {words.replace(' ', '.')} (node:internal/{chance.choice(WORDS)}:{chance.randint(1, 999)}:9)",
        )


def corpus(seed: int = 1) -> list[str]:
    """Half of it generated, half of it the texts of Python's own library."""
    code = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    found = [line for file in code for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
    size = sum(map(len, found))
    for line in lines(seed):
        if size >= SIZE:
            return found
        found.append(line)
        size += len(line) + 1
    return found
