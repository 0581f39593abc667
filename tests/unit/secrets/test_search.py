import base64
import gzip
import zlib
from pathlib import Path

from orchestrator.model.fingerprint import core, fingerprint, searched
from orchestrator.model.secrets import Secret
from orchestrator.secrets import search as searching
from orchestrator.secrets.dotenv import read_dotenv
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
