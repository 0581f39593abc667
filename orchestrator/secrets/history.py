"""Looking for known secrets in what git keeps of a folder's past: a value that was removed is still in every clone."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress

from orchestrator.model.secrets import Secret
from orchestrator.secrets.redact import Redactor
from orchestrator.secrets.search import PIECE, Copy, Unseen

COMMIT = re.compile(r"^commit ([0-9a-f]{40,64})$", re.MULTILINE)
LOG = ("log", "--all", "--patch", "--no-color", "--no-ext-diff", "--no-textconv", "--text")
END_S = 5.0


def search_history(folder: str, secrets: Mapping[str, Secret]) -> Iterator[Copy | Unseen]:
    """The newest commit that brings or removes each secret, on any branch. Nothing where ``folder`` is no work tree."""
    command = ["git", "-C", folder, *LOG]
    try:
        git = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError as error:
        yield Unseen(f"{folder} (history)", f"git: {error.strerror}")
        return
    left = {name: Redactor({name: secret}) for name, secret in secrets.items()}
    try:
        for name, commit in _hits(git, left):
            yield Copy(name, f"commit {commit[:12]}", 0, 0)
    finally:
        git.terminate()
        with suppress(subprocess.TimeoutExpired):
            git.communicate(timeout=END_S)


def _hits(git: subprocess.Popen[bytes], left: dict[str, Redactor]) -> Iterator[tuple[str, str]]:
    assert git.stdout is not None
    overlap = max((each.longest() for each in left.values()), default=0) + len("commit ") + 64
    before, commit = "", ""
    while left and (data := git.stdout.read(PIECE)):
        text = before + data.decode("utf-8", "surrogateescape")
        for name, redactor in list(left.items()):
            if (hit := next(redactor.matches(text), None)) is not None:
                yield name, _last_commit(text[: hit[0]]) or commit
                del left[name]
        commit = _last_commit(text[: len(text) - overlap]) or commit
        before = text[-overlap:]


def _last_commit(text: str) -> str | None:
    at = text.rfind("\ncommit ")
    found = COMMIT.match(text, at + 1)
    return found[1] if found else None
