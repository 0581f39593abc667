"""Modules for files and directories of collections, on every shell we promise."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.crypt import fits
from tests.contract import driver
from tests.contract.driver import FakeContext, Node

node = driver.node
three_shells = pytest.mark.parametrize(
    "node", ["dash", "bash", pytest.param("zsh", marks=pytest.mark.needs_zsh)], indirect=True
)


def three(node: Node, module: str, /, **args: Any) -> list[str]:
    """How the task ends foretold, done, and done again."""
    context = FakeContext(check=True), FakeContext(), FakeContext()
    return [node.play(module, args, each).outcome.value for each in context]


ONCE = ["changed", "changed", "ok"]


@three_shells
def test_filesize(node: Node) -> None:
    file = node.shell.home / "f"
    assert three(node, "filesize", path="~/f", size="1kB", blocksize=512) == ONCE
    assert (file.stat().st_size, file.read_bytes()[:3]) == (1000, b"\0\0\0")
    result = node.play("filesize", {"path": "~/f", "size": "3 KiB", "mode": "0600"})
    assert (result.data["size_diff"], result.data["filesize"]["iec"], file.stat().st_size) == (2072, "3.0 KiB", 3072)
    assert three(node, "filesize", path="~/f", size=100, blocksize="1B") == ONCE and file.stat().st_size == 100
    assert three(node, "filesize", path="~/f", size="1MiB", sparse=True) == ONCE and file.stat().st_size == 2**20
    assert node.play("filesize", {"path": "~/f", "size": "1MiB", "force": True}).changed
    failed = node.play("filesize", {"path": "~/f", "size": "2MiB", "source": "/nowhere"})
    assert failed.failed and failed.data["rc"]
    assert node.play("filesize", {"path": "~", "size": 1}).msg == f"{node.shell.home} exists but is not a regular file"


@pytest.mark.parametrize("node", ["mac"], indirect=True)
def test_filesize_of_a_mac(node: Node) -> None:
    assert node.play("filesize", {"path": "~/f", "size": 1}).data["filesize"]["blocks"] == 1


@three_shells
@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_decompress(node: Node, ending: str, pack: Any) -> None:
    home = node.shell.home
    (home / f"a.{ending}").write_bytes(pack(b"hello\n"))
    assert three(node, "decompress", src=f"~/a.{ending}", format=ending) == ONCE
    assert (home / "a").read_bytes() == b"hello\n"
    away = node.play(
        "decompress", {"src": f"~/a.{ending}", "dest": "~/b", "format": ending, "remove": True, "mode": "0600"}
    )
    assert away.changed and (home / "b").stat().st_mode & 0o777 == 0o600 and not (home / f"a.{ending}").exists()
    assert node.play("decompress", {"src": f"~/a.{ending}", "dest": "~/b", "remove": True}).outcome.value == "ok"
    assert node.play("decompress", {"src": "~/none"}).msg == f"Path does not exist: '{home}/none'"
    (home / "junk.gz").write_text("junk")
    assert node.play("decompress", {"src": "~/junk.gz"}).failed and not (home / "junk").exists()


@three_shells
def test_a_deployment_from_the_first_release_to_the_last(node: Node) -> None:
    home, base = node.shell.home, {"path": "~/app", "keep_releases": 1}
    assert three(node, "deploy_helper", **base, release="1") == ONCE
    for release in ("1", "2", "3"):
        made = node.play("deploy_helper", {**base, "release": release})
        facts = made.data["ansible_facts"]["deploy_helper"]
        place = Path(facts["new_release_path"])
        place.mkdir()
        (place / facts["unfinished_filename"]).touch()
        final = {**base, "release": release, "state": "finalize"}
        assert three(node, "deploy_helper", **final) == ONCE, release
        assert (home / "app/current").resolve() == place.resolve()
    assert facts["previous_release"] == "2" and facts["shared_path"] == f"{home}/app/shared"
    assert sorted(each.name for each in (home / "app/releases").iterdir()) == ["2", "3"]
    asked = node.play("deploy_helper", {**base, "state": "query"})
    assert len(asked.data["ansible_facts"]["deploy_helper"]["new_release"]) == 14 and not asked.changed
    assert three(node, "deploy_helper", path="~/app", state="absent") == ONCE


PATCH = "--- f\n+++ f\n@@ -1 +1 @@\n-one\n+two\n"


@three_shells
def test_patch(node: Node, tmp_path: Path) -> None:
    file = node.shell.home / "f"
    file.write_text("one\n")
    (tmp_path / "files").mkdir()
    (tmp_path / "files/p.patch").write_text(PATCH)
    (node.shell.home / "p.patch").write_text(PATCH)

    def play(check: bool = False, **args: Any) -> str:
        return node.play("patch", args, FakeContext(check=check, root=tmp_path)).outcome.value

    here = {"src": "p.patch", "basedir": "~"}
    assert [play(True, **here), play(**here), play(**here), file.read_text()] == ["changed", "changed", "ok", "two\n"]
    there = {"src": "~/p.patch", "remote_src": True, "dest": "~/f", "state": "absent", "backup": True}
    assert [play(**there), play(**there), file.read_text()] == ["changed", "ok", "one\n"]
    assert (node.shell.home / "f.~1~").read_text() == "two\n"
    file.write_text("three\n")
    assert play(**here) == play(src="nothing.patch", basedir="~") == "failed"


@three_shells
def test_htpasswd(node: Node) -> None:
    file = node.shell.home / "users"
    ann = {"path": "~/users", "name": "ann", "password": "s3cret", "mode": "0640"}
    assert three(node, "htpasswd", **ann) == ONCE
    bob = {"path": "~/users", "name": "bob", "password": "x", "hash_scheme": "ldap_sha1"}
    assert three(node, "htpasswd", **bob) == ONCE
    assert node.play("htpasswd", {**ann, "password": "other"}).msg == "Add/update ann"
    entries = dict(line.split(":") for line in file.read_text().splitlines())
    assert fits("other", entries["ann"]) and fits("x", entries["bob"]) and file.stat().st_mode & 0o777 == 0o640
    assert three(node, "htpasswd", path="~/users", name="ann", state="absent") == ONCE
    assert node.play("htpasswd", {"path": "~/none", "name": "a", "state": "absent"}).msg == "a not present"
    assert node.play("htpasswd", {**ann, "path": "~/none", "create": False}).failed


@three_shells
def test_cronvar(node: Node) -> None:
    file = node.shell.home / "tab"
    file.write_text("# a comment\nPATH=/bin\n0 1 * * * root X=1 true\n")
    given = {"cron_file": str(file), "name": "MAILTO"}
    assert [node.play("cronvar", {**given, "value": "ann"}).changed for _ in "ab"] == [True, False]
    node.play("cronvar", {**given, "name": "EMPTY", "value": "", "insertafter": "PATH"})
    assert file.read_text().splitlines()[:4] == ["MAILTO=ann", "# a comment", "PATH=/bin", 'EMPTY=""']
    gone = node.play("cronvar", {**given, "state": "absent"})
    assert (gone.changed, gone.data["vars"]) == (True, ["PATH", "EMPTY"])
    assert "does not exist for cron_file" in (
        node.play("cronvar", {**given, "cron_file": "/no/tab", "value": "1"}).msg or ""
    )


@three_shells
def test_ini_file_takes_the_place_of_a_link_unless_it_is_to_follow(node: Node) -> None:
    home = node.shell.home
    (home / "real").write_text("[s]\na = 1\n")
    (home / "link").symlink_to("real")
    option = {"path": "~/link", "section": "s", "option": "a"}
    assert node.play("ini_file", {**option, "value": "2", "follow": True}).changed
    assert (home / "link").is_symlink() and (home / "real").read_text() == "[s]\na = 2\n"
    assert node.play("ini_file", {**option, "value": "3"}).changed
    assert not (home / "link").is_symlink() and (home / "link").read_text() == "[s]\na = 3\n"
    assert (home / "real").read_text() == "[s]\na = 2\n"
