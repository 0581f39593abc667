"""No secret is seen anywhere: 24 canaries, every sink, ten encodings, on good ways and bad ones."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.canaries import ENCODINGS, Hunt, made
from tests.integration.conftest import Macs, Orch, Told

pytestmark = [pytest.mark.needs_sshd, pytest.mark.timeout(240)]

SEED = 7
PLAY = Path(__file__).with_name("canaries.yml")
LIMIT = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: in what ran into its limit
      shell: cat; sleep 20
      args: {stdin: "{{ secrets.jwt }}"}
      timeout: 1
"""
HZ = 50


class Watch(threading.Thread):
    """Reads every process's command line and environment, 50 times a second where the machine lets it.

    Young processes are read on every look, since a fork becomes another program; old ones once a second.
    """

    def __init__(self, shapes: list[bytes]) -> None:
        super().__init__(daemon=True)
        self.found: list[str] = []
        self.looks = 0
        self.is_over = False
        self.shapes = shapes

    def run(self) -> None:
        first_seen: dict[str, float] = {}
        while not self.is_over:
            began = time.monotonic()
            self.looks += 1
            pids = set(filter(str.isdigit, os.listdir("/proc")))
            first_seen = {pid: first_seen.get(pid, began) for pid in pids}
            for pid in pids:
                if began - first_seen[pid] < 2 or self.looks % HZ == 0:
                    self._look(pid)
            time.sleep(max(0.001, 1 / HZ - (time.monotonic() - began)))

    def _look(self, pid: str) -> None:
        for kind in ("cmdline", "environ"):
            try:
                data = Path(f"/proc/{pid}/{kind}").read_bytes()
            except OSError:
                continue
            self.found += [f"{kind} of {pid}: {data[:60]!r}" for shape in self.shapes if shape in data]


@dataclass
class Scene:
    """A simulated Mac, a registry of canaries kept in files, and everything that was written so far."""

    macs: Macs
    orch: Orch
    home: Path
    canaries: Mapping[str, str]
    hunt: Hunt

    def run(self, sink: str, *words: str, status: int = 2, **environment: str) -> Told:
        """``orch run`` of the canaries' play; its outputs are sinks."""
        reports = [f"--report={kind}:{self.home}/reports/{sink}.{kind}" for kind in ("html", "junit", "md")]
        inventory = self.macs.inventory(self.home / "hosts.yml")
        base = ["run", "play.yml", "-i", str(inventory), "-l", "mac1", "--secrets", "registry.json", *reports]
        told = self.orch(*base, *words, limit_s=200, **environment)
        self.hunt.look(f"stdout {sink}", told.stdout)
        self.hunt.look(f"stderr {sink}", told.stderr)
        self.last = told
        assert told.status == status, told.stdout[-3000:] + told.stderr[-3000:]
        return told

    def look_at_files(self, sink: str, folder: Path) -> None:
        files = [each for each in folder.rglob("*") if each.is_file() and not each.is_symlink()]
        assert files, folder
        self.hunt.look(sink, *(each.read_bytes() for each in files))


@pytest.fixture
def scene(macs: Macs, orch: Orch, tmp_path: Path) -> Scene:
    canaries = {name: value for name, value in made(SEED).items() if name != "common"}
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o700)
    (tmp_path / "reports").mkdir()
    for name, value in canaries.items():
        (kept / name).touch(0o600)
        (kept / name).write_text(value)
    entries = {name: {"purpose": f"the canary {name}", "ref": f"file:{kept / name}"} for name in canaries}
    limits = {"warn_unclassified": 90, "block_unclassified": 99}
    (tmp_path / "registry.json").write_text(json.dumps({"version": 1, "secrets": entries, "limits": limits}))
    shutil.copy(PLAY, tmp_path / "play.yml")
    (tmp_path / "canary.j2").write_text("{% for each in secrets %}{{ each }} = {{ secrets[each] }}\n{% endfor %}")
    return Scene(macs, orch, tmp_path, canaries, Hunt(canaries))


@pytest.fixture
def watch(scene: Scene) -> Iterator[Watch]:
    watch = Watch([value.encode() for value in scene.canaries.values()])
    watch.start()
    yield watch
    watch.is_over = True
    watch.join(10)


def ways(scene: Scene, *, is_whole: bool) -> None:
    """The same play in many ways: what differs is what is told, and where."""
    whole = ["-e", "whole=true"] if is_whole else []
    told = scene.run("verbose", "-vvv", "--diff", *whole)
    assert "***" in told.stdout
    scene.run("json", "--json", *([] if is_whole else ["--skip-tags", "files"]))
    if is_whole:
        scene.run("json with diff", "--json", "--diff", *whole)
        scene.run("plain")
        scene.run("check", "--check", "--diff", "-v", *whole)
        scene.run("debug", "-vvvv", "--diff", *whole)
        scene.run("fabric", "-c", "fabric")
        scene.run("workers", "--engine", "processes:1")

    limit = scene.orch.play(LIMIT, "-c", "local", "--secrets", "registry.json", "-vvv", name="limit.yml")
    assert limit.status == 2
    scene.hunt.look("limit", limit.stdout, limit.stderr)
    password = {"ansible_password": "{{ secrets.base64_32 }}", "ansible_ssh_private_key_file": "/nowhere"}
    wrong = scene.macs.inventory(scene.home / "wrong.yml", mac2=password)
    denied = scene.orch("exec", "mac2", "-m", "ping", "-i", wrong, "--secrets", "registry.json", "-vvv")
    assert denied.status == 4, denied.stdout + denied.stderr
    scene.hunt.look("denied", denied.stdout, denied.stderr)
    for words in (["runs", "list"], ["runs", "show", "last"], ["runs", "report", "last", "--as", "html"]):
        past = scene.orch(*words)
        scene.hunt.look(" ".join(words), past.stdout, past.stderr)
    asked = ["run", "play.yml", "-i", "hosts.yml", "--secrets", "registry.json"]
    plan = scene.orch(*asked, "--list-tasks", "--list-hosts", "--list-tags")
    assert plan.status == 0, plan.stderr
    scene.hunt.look("plan", plan.stdout, plan.stderr)
    checked = scene.orch("secrets", "check", "--secrets", "registry.json")
    scene.hunt.look("secrets check", checked.stdout, checked.stderr)
    prints = scene.orch("secrets", "fingerprint", "--secrets", "registry.json")
    scene.hunt.look("fingerprints", prints.stdout, prints.stderr)


def look_everywhere(scene: Scene) -> None:
    """The sinks that are files: reports, journal, and all that stayed on the node."""
    for kind in ("html", "junit", "md"):
        scene.hunt.look(f"report {kind}", *(each.read_bytes() for each in (scene.home / "reports").glob(f"*.{kind}")))
    scene.look_at_files("journal and state", scene.home / "state")
    node = scene.macs.nodes[0].dir
    scene.look_at_files("the node: home, histories, logs", node.home)
    ours = (spool for spool in Path("/tmp").glob(".orch-*") if changed_s(spool) >= changed_s(scene.home / "kept"))
    left = [each for spool in ours for each in spool.rglob("*")]
    scene.hunt.look("the node: temporary files", *map(content, left))


def changed_s(path: Path) -> float:
    """When a file was changed; never, where it was removed just now."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def content(path: Path) -> bytes:
    """What is in a file; nothing where it is none, or was removed just now by a run beside ours."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def hunted(scene: Scene, watch: Watch, *, is_whole: bool) -> None:
    """Goes all the ways; no canary may be anywhere."""
    began = time.monotonic()
    ways(scene, is_whole=is_whole)
    seconds = time.monotonic() - began
    look_everywhere(scene)
    print(f"{scene.hunt.looks} checks, {watch.looks / seconds:.0f} looks a second at all processes")
    assert not scene.hunt.found, scene.hunt.found[:20]
    assert not watch.found, watch.found[:5]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
def test_no_canary_in_any_sink(scene: Scene, watch: Watch) -> None:
    hunted(scene, watch, is_whole=False)
    assert watch.looks > 20


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
def test_no_canary_in_any_sink_on_any_way(scene: Scene, watch: Watch) -> None:
    hunted(scene, watch, is_whole=True)
    assert scene.hunt.looks >= 18 * 23 * len(ENCODINGS)


def test_the_hunt_finds_what_is_there() -> None:
    """Each shape of each canary, so that no hit means something."""
    canaries = made(SEED)
    for name, value in canaries.items():
        for encoding, encode in ENCODINGS.items():
            hunt = Hunt({name: value})
            hunt.look("here", f"before {next(iter(encode(value)))} after")
            assert any(encoding in each for each in hunt.found) or len(next(iter(encode(value)))) < 6
    assert len(canaries) == 24
