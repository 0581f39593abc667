"""Kills and cuts in numbers: ``python -m tests.chaos.figures kills|cuts`` runs all of them and keeps what they came to.

The figures are in figures.json; docs/reliability.md, which the matrix writes, shows them.
"""

from __future__ import annotations

import argparse
import json
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.chaos import test_cuts, test_kills
from tests.chaos.conftest import ending
from tests.chaos.nursery import Nursery
from tests.contract.sshd import Sshd, start_sshd

FIGURES = Path(__file__).with_name("figures.json")
Check = Callable[[Path, Sshd, dict[str, Any], Any, Nursery], str | None]


def kept() -> dict[str, Any]:
    return dict(json.loads(FIGURES.read_text())) if FIGURES.exists() else {}


def keep(name: str, **figures: Any) -> None:
    FIGURES.write_text(json.dumps({**kept(), name: figures}, indent=1, sort_keys=True) + "\n")


def many(check: Check, cases: Sequence[Any], home: Path, sshd: Sshd, undisturbed: dict[str, Any], workers: int) -> int:
    """Check all ``cases``; how many went wrong, told as they come."""
    left: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for case in cases:
        left.put(case)
    wrong: list[str] = []

    def work(number: int) -> None:
        nursery = Nursery()
        while not left.empty():
            case = left.get()
            place = home / f"{number}"
            found = check(place, sshd, undisturbed, case, nursery)
            print(case, "FAILED\n" + found if found else "right", flush=True)
            wrong.extend([found] if found else [])
            shutil.rmtree(place, ignore_errors=True)
        nursery.end()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(wrong)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("what", choices=("kills", "cuts"))
    arguments.add_argument("--workers", type=int, default=2)
    given = arguments.parse_args()
    home = Path(tempfile.mkdtemp(prefix="orch-figures-"))
    sshd = start_sshd(home / "sshd")
    began = time.monotonic()
    try:
        undisturbed = ending(home / "undisturbed", sshd)
        check: Check = test_kills.check if given.what == "kills" else test_cuts.check
        cases: Sequence[Any] = test_kills.points(undisturbed["events"])
        if given.what == "cuts":
            cases = [test_cuts.harm_of(seed) for seed in range(2 * test_cuts.CUTS)]
        wrong = many(check, cases, home, sshd, undisturbed, given.workers)
    finally:
        sshd.end()
        shutil.rmtree(home, ignore_errors=True)
    keep(given.what, of=len(cases), wrong=wrong, spent_s=round(time.monotonic() - began))
    print(json.dumps(kept()[given.what]))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
