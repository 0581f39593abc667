"""``orch`` in a process of its own, forked from one that has imported everything: real, and ready in milliseconds."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

PRELOADED = ["orchestrator.cli.main", "orchestrator.cli.run", "orchestrator.engine.fleet", "tests.differential.preload"]
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(PRELOADED)


def orch(words: list[str], environment: dict[str, str], home: Path, limit_s: float) -> tuple[int, str, str]:
    """Run ``orch words`` in ``home``: exit status, stdout, stderr. Raises TimeoutError past the limit."""
    with tempfile.TemporaryDirectory(prefix="forked-") as scratch:
        out, err = Path(scratch) / "out", Path(scratch) / "err"
        child = FORKING.Process(target=_run, args=(words, environment, str(home), str(out), str(err)))
        child.start()
        child.join(limit_s)
        if child.exitcode is None:
            child.kill()
            child.join()
            raise TimeoutError(f"orch {' '.join(words)} did not end within {limit_s:g} s")
        return child.exitcode, out.read_text(), err.read_text() if err.exists() else ""


def _run(words: list[str], environment: dict[str, str], home: str, out: str, err: str) -> None:
    for path, stream in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), stream)
    os.environ.update(environment)
    os.chdir(home)
    sys.argv = ["orch", *words]
    from orchestrator.cli.main import status

    raise SystemExit(status(words))
