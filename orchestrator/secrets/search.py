"""Looking for known secrets in files of this machine, where none should be: by value, in every encoding.

Values of tokens that nobody knows any more are looked for on nodes by fingerprint (the module ``secret_sweep``).
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from orchestrator.model.frozen import frozen
from orchestrator.model.secrets import Secret
from orchestrator.secrets.redact import Redactor

PIECE = 1 << 20
LARGEST_BYTES = 256 << 20
SKIPPED = frozenset(".venv venv node_modules __pycache__ .mypy_cache .ruff_cache .pytest_cache .tox".split())
"""Folders that tools fill and nobody writes into."""


SHAPES = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "a Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{20,}",
    "an OpenAI or Anthropic key": r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}",
    "an AWS secret key": r"(?i:aws_secret_access_key)\s*[=:]\s*[\"']?[A-Za-z0-9/+]{40}\b",
    "a Vault token": r"\bhvs\.[A-Za-z0-9_-]{24,}",
    "a signed web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}",
    "a gateway token": r"\bOPENCLAW_GATEWAY_TOKEN=[\"']?[A-Za-z0-9_-]{32,}",
}
"""What secrets that nobody told us look like: forms that mean nothing else."""
_shape = re.compile("|".join(f"(?P<s{number}>{shape})" for number, shape in enumerate(SHAPES.values())))
LONGEST_SHAPE = 256


@frozen
class Copy:
    """A secret found where it should not be; ``mode`` is the file's."""

    name: str
    path: str
    line: int
    mode: int


@frozen
class Unseen:
    """What could not be looked at, and why."""

    path: str
    why: str


def search(
    tops: Iterable[str], secrets: Mapping[str, Secret], apart_from: Iterable[str] = ()
) -> Iterator[Copy | Unseen]:
    """Every copy of a secret in the files at and below ``tops``: the first of each secret in each file; where there is
    none, the first that has the shape of a secret.

    ``apart_from`` are the files where the values belong. git's packed objects and gzip files are looked into.
    """
    known = {name: Redactor({name: secret}) for name, secret in secrets.items()}
    left_out = {os.path.realpath(os.path.expanduser(each)) for each in apart_from}
    for path in _files(tops):
        if isinstance(path, Unseen):
            yield path
        elif os.path.realpath(path) not in left_out:
            yield from _in_file(path, known)


def _files(tops: Iterable[str]) -> Iterator[str | Unseen]:
    for top in tops:
        if not os.path.isdir(top):
            yield top
            continue
        refused: list[OSError] = []
        for folder, folders, names in os.walk(top, onerror=refused.append):
            folders[:] = sorted(each for each in folders if each not in SKIPPED)
            yield from (os.path.join(folder, name) for name in sorted(names))
        yield from (Unseen(str(error.filename), error.strerror or "refused") for error in refused)


def _in_file(path: str, known: Mapping[str, Redactor]) -> Iterator[Copy | Unseen]:
    try:
        status = os.lstat(path)
        if not Path(path).is_file() or os.path.islink(path):
            return
        if status.st_size > LARGEST_BYTES:
            yield Unseen(path, f"larger than {LARGEST_BYTES >> 20} MB")
            return
        yield from (Copy(name, path, line, status.st_mode & 0o7777) for name, line in _hits(path, known))
    except (OSError, EOFError, zlib.error) as error:
        yield Unseen(path, getattr(error, "strerror", None) or str(error) or type(error).__name__)


def _hits(path: str, known: Mapping[str, Redactor]) -> Iterator[tuple[str, int]]:
    """The names of the secrets in the file, each with the line of its first place."""
    overlap = max([LONGEST_SHAPE, *(each.longest() for each in known.values())])
    left, before, lines, shaped = dict(known), "", 1, False
    for piece in _pieces(path):
        text = before + piece
        for name, redactor in list(left.items()):
            if (hit := next(redactor.matches(text), None)) is not None:
                yield name, lines + text.count("\n", 0, hit[0])
                del left[name]
        if not shaped and len(left) == len(known) and (shape := _shape.search(text)):
            shaped = True
            yield f"what looks like {_named(shape)}", lines + text.count("\n", 0, shape.start())
        kept = text[-overlap:]
        lines += text.count("\n", 0, len(text) - len(kept))
        before = kept


def _named(shape: re.Match[str]) -> str:
    return list(SHAPES)[int(str(shape.lastgroup).removeprefix("s"))]


def _pieces(path: str) -> Iterator[str]:
    """The text of a file in pieces; a byte that is no UTF-8 is one character all the same."""
    with open(path, "rb") as file:
        head = file.read(2)
        file.seek(0)
        if head == b"\x1f\x8b":
            with gzip.open(file) as unpacked:
                while data := unpacked.read(PIECE):
                    yield data.decode("utf-8", "surrogateescape")
        elif head[:1] == b"\x78" and "/.git/objects/" in Path(path).as_posix():
            yield zlib.decompress(file.read()).decode("utf-8", "surrogateescape")
        else:
            while data := file.read(PIECE):
                yield data.decode("utf-8", "surrogateescape")
