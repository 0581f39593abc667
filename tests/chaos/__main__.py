"""All of it as one command, ``python -m tests.chaos`` (`make chaos`): every part, its figures, and docs/reliability.md.

Two lanes at a time: the matrix, whose cells mostly wait, beside the other parts, one after another. What went well is
noted in the directory --kept, so that a call that was cut off goes on there; one that came to its end leaves no notes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT_S = 5400


def lanes(workers: int, minutes: float, kept: Path) -> tuple[tuple[list[str], ...], ...]:
    """The parts, as words behind ``python -m``."""
    share = ["--workers", str(max(1, workers // 2))]
    cells = ["--workers", str(workers), "--minutes", str(minutes), "--kept", str(kept / "matrix.json")]
    others = (
        ["tests.chaos.silence", "--keep"],
        ["tests.chaos.flood", "--keep"],
        ["tests.chaos.hostile"],
        ["tests.chaos.quoting"],
        ["tests.chaos.figures", "kills", *share],
        ["tests.chaos.figures", "cuts", *share],
    )
    return (["tests.chaos.matrix", *cells],), others


class Ride:
    """Parts on their way, and the notes of those that went well."""

    def __init__(self, kept: Path) -> None:
        self.failed: list[str] = []
        self._kept = kept
        self._notes = kept / "parts.json"
        self._well: list[str] = json.loads(self._notes.read_text()) if self._notes.exists() else []

    def take(self, lane: Sequence[list[str]]) -> None:
        """The parts of a lane, one after another."""
        for part in lane:
            name = " ".join(part[:2]).removesuffix(" --workers").removesuffix(" --keep")
            if name in self._well:
                print(f"{name}: went well before this call", flush=True)
            elif self._goes_well(name, part):
                self._well.append(name)
                self._notes.write_text(json.dumps(self._well))
            else:
                self.failed.append(name)

    def _goes_well(self, name: str, part: list[str]) -> bool:
        """Runs the part; its last line is told, and all that is not good news where it fails."""
        began, log = time.monotonic(), self._kept / f"{name}.log"
        with log.open("wb") as file:
            command = [sys.executable, "-m", *part]
            done = subprocess.run(command, cwd=ROOT, stdout=file, stderr=file, timeout=LIMIT_S, check=False)
        said = log.read_text(errors="replace").splitlines()
        spent_s, last = time.monotonic() - began, "".join(said[-1:])[:300]
        print(f"{name}: exit {done.returncode} after {spent_s:.0f} s: {last}", flush=True)
        if done.returncode:
            print("\n".join([line for line in said if " passed " not in line][-200:]), flush=True)
        return done.returncode == 0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--workers", type=int, default=4, help="cells of the matrix at a time; they mostly wait")
    arguments.add_argument("--minutes", type=float, default=40, help="for the matrix's seeds behind the first")
    arguments.add_argument("--kept", type=Path, default=ROOT / ".chaos", help="notes of what went well")
    given = arguments.parse_args()
    given.kept.mkdir(exist_ok=True)
    began, ride = time.monotonic(), Ride(given.kept)
    threads = [
        threading.Thread(target=ride.take, args=(lane,)) for lane in lanes(given.workers, given.minutes, given.kept)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    write_page(given.kept)
    print(f"chaos: {(time.monotonic() - began) / 60:.0f} minutes; failed: {', '.join(ride.failed) or 'nothing'}")
    if not ride.failed:
        shutil.rmtree(given.kept)
    return 1 if ride.failed else 0


def write_page(kept: Path) -> None:
    """docs/reliability.md anew, with the figures of all parts."""
    from tests.chaos.matrix import SEEDS
    from tests.chaos.page import write

    spent, failed = kept / "matrix.json", kept / "failed.json"
    if spent.exists() and failed.exists():
        seconds: dict[str, float] = json.loads(spent.read_text())
        found = {**dict.fromkeys(seconds, True), **dict.fromkeys(json.loads(failed.read_text()), False)}
        write(found, SEEDS, max(seconds.values()))


if __name__ == "__main__":
    raise SystemExit(main())
