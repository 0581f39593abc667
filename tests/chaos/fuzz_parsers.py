"""
Throws mangled recordings and noise at every parser: `python -m tests.chaos.fuzz_parsers --seed 1 --count 1000000`.

For each input: no exception, a result that is a dict with a status of the five and a reason where one is due, that
JSON can carry, and that does not take long. The first input that breaks a rule is printed with its seed and number.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from orchestrator.modules.macos.parsers import TABLE, Output, parse

RECORDINGS = Path(__file__).parents[1] / "fixtures" / "macos"
STATUSES = {"known", "absent", "not permitted", "failed", "unknown"}
SLOW_S = 2.0
_NOISE = (
    "\0",
    "\x1b[31m",
    "\ufffd",
    "²",
    "٣",
    "\u2028",
    "\x0b",
    "\r",
    "\t",
    "{",
    "}",
    "(",
    ")",
    '"',
    "\\",
    "=",
    ";",
    "<",
    ">",
)
_NUMBERS = ("-1", "0", "9" * 30, "1e999", "0x0", "NaN", "1,5", "18446744073709551616", "٣٤")


def recordings() -> dict[str, list[str]]:
    """Slug → texts recorded for it."""
    texts: dict[str, list[str]] = {}
    for path in sorted(RECORDINGS.rglob("*.txt")):
        slug = path.parent.relative_to(RECORDINGS).as_posix()
        texts.setdefault(slug, []).append(path.read_bytes().decode("utf-8", "replace")[:6000])
    return texts


def check(slug: str, output: Output) -> None:
    """Raises AssertionError, or whatever the parser raises, when a rule is broken."""
    started = time.perf_counter()
    result = parse(slug, output)
    took_s = time.perf_counter() - started
    assert took_s < SLOW_S, f"took {took_s:.1f} s"
    assert result["status"] in STATUSES, result["status"]
    assert result["status"] == "known" or (isinstance(result["reason"], str) and result["reason"]), "no reason"
    assert json.loads(json.dumps(result, allow_nan=False)) == result, "JSON changes it"


def inputs(seed: int, count: int) -> Iterator[tuple[str, Output]]:
    """`count` pairs of slug and output, the same for the same seed."""
    dice = random.Random(seed)
    texts = recordings()
    slugs = sorted(TABLE)
    everything = sorted({text for some in texts.values() for text in some})
    for _ in range(count):
        slug = dice.choice(slugs)
        own = texts.get(slug, everything)
        text = mangled(dice, dice.choice(own if dice.random() < 0.85 else everything), everything)
        code = dice.choice((None, 0, 0, 1, 3, 5, 36, 37, 44, 69, 112, 113, 125, 127, 255, -9))
        other = dice.choice(("", "", "", "zsh: command not found: x\n", text[:40]))
        yield slug, Output(text, other, code) if dice.random() < 0.7 else Output(other, text, code)


def mangled(dice: random.Random, text: str, others: list[str]) -> str:
    """The text after up to five small accidents."""
    for _ in range(dice.randrange(6)):
        text = _accident(dice, text, others)
    return text


def _accident(dice: random.Random, text: str, others: list[str]) -> str:
    start = dice.randrange(len(text) + 1)
    end = min(len(text), start + dice.randrange(1, 60))
    kind = dice.randrange(9)
    if kind == 0:
        return text[:start]
    if kind == 1:
        return text[:start] + text[end:]
    if kind == 2:
        return text[:end] + text[start:]
    if kind == 3:
        return text[:start] + dice.choice(_NOISE) * dice.choice((1, 1, 2, 200)) + text[start:]
    if kind == 4:
        return text[:start] + dice.choice(_NUMBERS) + text[end:]
    if kind == 5:
        return text[:start] + "".join(chr(dice.randrange(1, 0x3000)) for _ in range(8)) + text[end:]
    if kind == 6:
        return text.replace("\n", dice.choice(("\r\n", "\r", "\n\n", " ")), dice.randrange(1, 20))
    if kind == 7:
        return text.replace("\t", dice.choice(("    ", "", "  ")))
    other = dice.choice(others)
    cut = dice.randrange(len(other) + 1)
    return text[:start] + other[cut : cut + 400]


def main() -> int:
    """0 when every input was handled, 1 at the first that was not."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--count", type=int, default=1_000_000)
    given = arguments.parse_args()
    started = time.monotonic()
    for number, (slug, output) in enumerate(inputs(given.seed, given.count)):
        try:
            check(slug, output)
        except Exception as error:
            print(f"seed {given.seed}, input {number}, {slug}: {error!r}\n{output!r}", file=sys.stderr)
            return 1
    print(f"{given.count} inputs in {time.monotonic() - started:.0f} s, seed {given.seed}: all handled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
