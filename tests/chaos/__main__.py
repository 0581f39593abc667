"""All of it as one command, ``python -m tests.chaos`` (`make chaos`): every part, its figures, and docs/reliability.md.

Two lanes at a time: the matrix, whose cells mostly wait, beside the other parts, one after another. What passed in the
matrix is kept in --kept, so that a call that was cut off goes on there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT_S = 5400


def lanes(workers: int, kept: Path) -> tuple[tuple[list[str], ...], ...]:
    """The parts, as words behind ``python -m``."""
    share = ["--workers", str(max(1, workers // 2))]
    matrix = ["tests.chaos.matrix", "--workers", str(workers), "--kept", str(kept)]
    others = (
        ["tests.chaos.silence", "--keep"],
        ["tests.chaos.flood", "--keep"],
        ["tests.chaos.hostile"],
        ["tests.chaos.quoting"],
        ["tests.chaos.figures", "kills", *share],
        ["tests.chaos.figures", "cuts", *share],
    )
    return (matrix,), others


def run(part: list[str], log: Path) -> bool:
    """Whether the part ended well; what it says is in ``log``, and its end here too, where it did not."""
    began = time.monotonic()
    with log.open("wb") as file:
        command = [sys.executable, "-m", *part]
        status = subprocess.run(command, cwd=ROOT, stdout=file, stderr=file, timeout=LIMIT_S, check=False).returncode
    last = log.read_text(errors="replace").splitlines()[-1:]
    print(
        f"{' '.join(part[:2])}: exit {status} after {time.monotonic() - began:.0f} s: {''.join(last)[:300]}", flush=True
    )
    if status:
        wrong = [line for line in log.read_text(errors="replace").splitlines() if " passed " not in line]
        print("\n".join(wrong[-200:]), flush=True)
    return status == 0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--workers", type=int, default=4, help="cells of the matrix at a time; they mostly wait")
    arguments.add_argument("--kept", type=Path, help="keeps what passed in the matrix, to go on from there")
    given = arguments.parse_args()
    began, well = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="orch-chaos-") as logs:
        kept = given.kept or Path(logs, "matrix.json")

        def ride(lane: Sequence[list[str]]) -> None:
            well.extend(run(part, Path(logs, f"{'-'.join(part[:2])}.log".replace("/", "-"))) for part in lane)

        threads = [threading.Thread(target=ride, args=(lane,)) for lane in lanes(given.workers, kept)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent: dict[str, float] = json.loads(kept.read_text()) if kept.exists() else {}
    from tests.chaos.matrix import SEEDS, cells_of
    from tests.chaos.page import write

    if spent:
        write({str(cell): str(cell) in spent for cell in cells_of([], SEEDS)}, SEEDS, max(spent.values()))
    print(f"chaos: {sum(well)} of {len(well)} parts went well, in {(time.monotonic() - began) / 60:.0f} minutes")
    return 0 if all(well) else 1


if __name__ == "__main__":
    raise SystemExit(main())
