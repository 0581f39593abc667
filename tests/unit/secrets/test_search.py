import base64
import gzip
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from orchestrator.model.fingerprint import core, fingerprint, searched
from orchestrator.model.secrets import Secret
from orchestrator.secrets import search as searching
from orchestrator.secrets.dotenv import read_dotenv
from orchestrator.secrets.history import search_history
from orchestrator.secrets.search import Copy, Unseen, search

TOKEN = "t0k3n-9f2c7a1be04d58836f1e2d3c"
KEY = Secret("k" * 64)


def found(root: Path, *apart: Path) -> list[tuple[str, int]]:
    copies = search([str(root)], {"token": Secret(TOKEN)}, map(str, apart))
    return [(Path(each.path).name, each.line) for each in copies if isinstance(each, Copy)]


def test_copies_are_found_in_every_shape(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text(f"one\ntwo\nx={TOKEN}\nagain {TOKEN}\n")
    (tmp_path / "base64").write_text(base64.b64encode(f"x{TOKEN}".encode()).decode())
    (tmp_path / "binary").write_bytes(b"\x00\xff\xfe" + TOKEN.encode() + b"\x00")
    (tmp_path / "log.gz").write_bytes(gzip.compress(f"\n{TOKEN}".encode()))
    (tmp_path / "nothing").write_text("t0k3n-")
    objects = tmp_path / ".git/objects/ab"
    objects.mkdir(parents=True)
    (objects / "cdef").write_bytes(zlib.compress(f"blob 9\0{TOKEN}".encode()))
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/left-out").write_text(TOKEN)
    (tmp_path / "home").write_text(TOKEN)
    assert sorted(found(tmp_path, tmp_path / "home")) == [
        ("base64", 1), ("binary", 1), ("cdef", 1), ("log.gz", 2), ("plain", 3)
    ]  # fmt: skip


def test_a_copy_over_the_border_of_two_pieces_has_its_line(tmp_path: Path) -> None:
    filler = "line\n" * (searching.PIECE // 5)
    (tmp_path / "large").write_text(filler[: searching.PIECE - 7] + TOKEN + "\n")
    assert found(tmp_path) == [("large", filler[: searching.PIECE - 7].count("\n") + 1)]


def test_what_cannot_be_looked_at_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8b\x08broken")
    seen = list(search([str(tmp_path), str(tmp_path / "gone")], {"token": Secret(TOKEN)}))
    assert [type(each) for each in seen] == [Unseen, Unseen]


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *identity, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_what_was_removed_is_found_in_the_past(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for name, text in (("first", "nothing\n"), ("notes", f"x {TOKEN}\n"), ("last", "line\n" * 300_000)):
        (tmp_path / name).write_text(text)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", name)
    git(tmp_path, "rm", "-q", "notes")
    git(tmp_path, "commit", "-qm", "away")
    (copy,) = search_history(str(tmp_path), {"token": Secret(TOKEN), "other": Secret("n0t-there-at-all")})
    newest = git(tmp_path, "log", "-1", "--format=%H")
    assert copy == Copy("token", f"commit {newest[:12]}", 0, 0)
    assert list(search_history(str(tmp_path / "none"), {"token": Secret(TOKEN)})) == []


def test_fingerprints_need_the_key_and_search_by_the_core() -> None:
    assert fingerprint(KEY, TOKEN) == fingerprint(KEY, Secret(TOKEN)) != fingerprint(Secret("other" * 9), TOKEN)
    assert core("a/b+" + "c" * 20 + "==") == "c" * 20
    assert core("too.short") is None
    assert searched(KEY, "too.short") == {}
    names = searched(KEY, TOKEN)
    assert names[f"{fingerprint(KEY, TOKEN)}:{len(TOKEN)}"] == "as it is"
    assert sorted(names.values()) == ["as it is", "in base64", "in hexadecimal"]


def test_assignments_are_read_as_a_shell_reads_them(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nexport B='two words' # why\nC=\"x\n# D=4\nnot one\nE=\n")
    assert read_dotenv(tmp_path / ".env") == {"A": "1", "B": "two words", "C": '"x', "E": ""}
    assert read_dotenv(tmp_path / "none") == {}
