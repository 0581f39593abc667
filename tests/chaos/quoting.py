"""Random values through every shell we promise: ``python -m tests.chaos.quoting --count 100000``.

Each is quoted as programs quote it, given to the shell as text on its stdin, and printed by the shell's own printf.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from orchestrator.transport.compose import encoded, quoted

SHELLS = ("dash", "bash", "zsh")
BATCH = 500
NASTY = "\\'\"$`!*?[]{}()<>|&;#~=^% \n\t\r-\x01\x7f\x1b\u00e9\u202e\U0001f600\udcff\udc80"


def values(seed: int, count: int) -> list[str]:
    """``count`` values, the same for the same seed; bytes that are no UTF-8 are there as Python has them (PEP 383)."""
    dice = random.Random(seed)
    found = []
    for _ in range(count):
        length = dice.choice((0, 1, 2, 5, 20, 80))
        letters = (dice.choice(NASTY) if dice.random() < 0.7 else _letter(dice) for _ in range(length))
        found.append("".join(letters))
    return found


def _letter(dice: random.Random) -> str:
    code = dice.randrange(1, 0x11000)
    return "\udc81" if 0xD800 <= code <= 0xDFFF else chr(code)


def come_back(shell: Path, sent: Sequence[str]) -> list[bytes]:
    """What the shell, called sh, makes of the values: as arguments of a function, and as the value of a variable."""
    lines = ["show() { for each; do printf '%s\\0' \"$each\"; done; }"]
    for start in range(0, len(sent), 2):
        first, *second = sent[start : start + 2]
        lines += [f"value={quoted(first)}", f'show "$value" {" ".join(map(quoted, second))}']
    text = encoded("\n".join(lines) + "\n")
    done = subprocess.run([str(shell), "-s"], input=text, capture_output=True, timeout=60, check=True)
    return done.stdout.split(b"\0")[:-1]


def wrong(name: str, sent: Sequence[str]) -> int:
    """How many of the values the shell changes."""
    with tempfile.TemporaryDirectory() as folder:
        shell = Path(folder, "sh")
        shell.symlink_to(shutil.which(name) or f"/bin/{name}")
        bad = 0
        for start in range(0, len(sent), BATCH):
            batch = sent[start : start + BATCH]
            back = come_back(shell, batch)
            bad += sum(encoded(one) != other for one, other in zip(batch, back, strict=True))
        return bad


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    began, sent = time.monotonic(), values(given.seed, given.count)
    found = {name: wrong(name, sent) for name in SHELLS if shutil.which(name)}
    print(json.dumps(found))
    from tests.chaos.figures import keep

    keep("quoting", of=f"{given.count} in each of {', '.join(found)}", wrong=sum(found.values()))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
