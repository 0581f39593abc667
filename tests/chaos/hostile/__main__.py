"""Gives hostile inputs to the command line, in this process, and looks: ``python -m tests.chaos.hostile [SET …]``.

Each input has an empty directory, five seconds and 1 GB of memory. An audit hook (PEP 578) sees every program that is
started and every file that is opened for writing.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from tests.chaos.hostile import Case, files, journals, names, outputs, texts

SETS: dict[str, Callable[[], Iterator[Case]]] = {
    "names": names.cases,
    "outputs": outputs.cases,
    "texts": texts.cases,
    "files": files.cases,
    "journals": journals.cases,
}
LIMIT_S = 20
"""For one input, on a busy machine."""
MEMORY_BYTES = 1 << 30
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What no terminal may get: control characters, and those that turn the direction of text."""


class TooLong(BaseException):
    """The limit of one input passed."""


class Watch:
    """What the process does while an input is at work."""

    def __init__(self) -> None:
        self.home = Path()
        self.case: Case | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if self.case is None:
            return
        if event in ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"):
            program = os.fsdecode(given[0]) if given[0] is not None else ""
            if program not in self.case.starts:
                self.seen.append(f"started {program} {given[1:2]}")
        elif event == "open" and isinstance(given[0], str | bytes) and given[2] & (os.O_WRONLY | os.O_RDWR):
            path = os.path.realpath(os.fsdecode(given[0]))
            if not path.startswith((str(self.home), "/dev/", "/proc/")) and "__pycache__" not in path:
                self.seen.append(f"wrote {path}")


def check(case: Case, watch: Watch) -> str | None:
    """What is wrong, or None."""
    home = Path(tempfile.mkdtemp(prefix="orch-hostile-")).resolve()
    try:
        for name, data in case.files.items():
            path = home / "work" / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_bytes(data)
        for name, target in case.links.items():
            (home / "work" / name).symlink_to(target)
        os.chdir(home / "work")
        os.environ["ORCH_HOME"] = str(home / "work/state")
        before = _listing(home)
        watch.home, watch.seen = home, []
        said, status, spent_s = _run(case, watch)
        wrong = list(watch.seen)
        if status not in case.status:
            wrong.append(f"status {status}")
        if re.search("^Traceback|^bug: ", said, re.MULTILINE):
            wrong.append("a traceback")
        if raw := RAW.search(said):
            wrong.append(f"raw {raw[0]!r} in what is printed")
        if spent_s > LIMIT_S:
            wrong.append(f"took {spent_s:.0f} s")
        if look := case.look(said):
            wrong.append(look)
        new = _listing(home) - before
        ours = ("work/state", "work/page", ".orch-", *(f"work/{each}" for each in case.allowed))
        wrong += [f"made {path}" for path in new if not path.startswith(ours) and "pwned" in path]
        return f"{case.name}: {'; '.join(wrong)}\n{said[-3000:]}" if wrong else None
    finally:
        os.chdir("/")
        shutil.rmtree(home, ignore_errors=True)


def _run(case: Case, watch: Watch) -> tuple[str, int, float]:
    from orchestrator.cli.main import status

    def late(_number: int, _frame: FrameType | None) -> None:
        raise TooLong

    out, began = io.StringIO(), time.monotonic()
    signal.signal(signal.SIGALRM, late)
    signal.alarm(LIMIT_S * 2)
    sys.argv = ["orch", *case.words]
    watch.case = case
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            found = status(list(case.words))
    except SystemExit as ended:
        found = int(ended.code or 0)
    except TooLong:
        found = -1
    finally:
        signal.alarm(0)
        watch.case = None
    return out.getvalue(), found, time.monotonic() - began


def _listing(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*")}


def run(wanted: list[str], most: int | None = None) -> tuple[int, list[str]]:
    """How many inputs were given, and what was wrong with some; ``most``: evenly chosen ones of each set."""
    import orchestrator.transport.local
    import orchestrator.transport.ssh  # noqa: F401 - what is imported later would count as an input's memory

    watch, wrong, count = Watch(), [], 0
    os.environ |= {"NO_COLOR": "1", "HOME": tempfile.gettempdir()}
    for name in wanted or SETS:
        cases = list(SETS[name]())
        chosen = cases if most is None else cases[:: max(1, len(cases) // most)]
        for case in chosen:
            if found := check(case, watch):
                wrong.append(found)
                print(found, flush=True)
        count += len(chosen)
        print(json.dumps({"set": name, "inputs": len(chosen), "wrong so far": len(wrong)}), flush=True)
    return count, wrong


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("sets", nargs="*", choices=[*SETS, []])
    arguments.add_argument("--most", type=int, help="so many of each set")
    given = arguments.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (2 * MEMORY_BYTES, 2 * MEMORY_BYTES))
    began = time.monotonic()
    count, wrong = run(given.sets, given.most)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    figures = {"of": count, "wrong": len(wrong), "peak_mb": peak_mb, "spent_s": round(time.monotonic() - began)}
    print(json.dumps(figures))
    if not given.sets and given.most is None:
        from tests.chaos.figures import keep

        keep("hostile", **figures)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
