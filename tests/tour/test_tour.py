"""Playbooks in the shape of public ones for Macs, on a simulated Mac: foretold, run, and then left alone.

A workstation (Homebrew, dotfiles, defaults), a node of a build farm (accounts, power, a launchd agent) and command-line
tools (downloads, archives, facts). They are our own, written after what such repositories do most.
"""

from __future__ import annotations

import hashlib
import http.server
import io
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from orchestrator.sim.mac import SimMac
from tests.contract import community_tools
from tests.integration.conftest import Macs, Orch, Told, running_macs

pytestmark = [pytest.mark.needs_sshd, pytest.mark.timeout(240)]
HERE = Path(__file__).parent
FORETOLD = 0.99
UNGUARDED = "Command would have run if not in check mode"

Changes = dict[tuple[str, str], str]
"""How each task, and each item of a loop, ended: by task key and item."""


@pytest.fixture(scope="module")
def mac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Macs]:
    """One Mac with git and with stand-ins for npm and mas; nobody types a sudo password."""
    for macs in running_macs(tmp_path_factory.mktemp("tour"), SimMac("mac1", passwordless_sudo=True, gateway=False)):
        node = macs.nodes[0]
        git = node.dir.bin / "git"
        git.unlink()
        git.symlink_to(str(shutil.which("git")))
        community_tools.install(node.dir.bin, node.dir.state, "npm", "mas")
        yield macs


@pytest.fixture
def orch(tmp_path: Path) -> Orch:
    return Orch(tmp_path)


def outcomes(told: Told) -> Changes:
    """What became of each task and item; commands that nothing guards are told apart, since check mode skips them."""
    found: Changes = {}
    for event in told.events:
        if event["kind"] == "ItemDone" or (event["kind"] == "TaskDone" and not event["is_loop"]):
            is_open = event["result"].get("msg") == UNGUARDED and event["outcome"] == "skipped"
            found[event["task"], event.get("label", "")] = "unguarded" if is_open else event["outcome"]
    return found


def toured(orch: Orch, macs: Macs, name: str, *words: str) -> Changes:
    """Runs the playbook foretelling, for real and once more; returns how the real run ended."""
    hosts = macs.inventory(orch.home / "hosts.yml")
    command: tuple[str | Path, ...] = ("run", HERE / name / "playbook.yml", "-i", hosts, "--json", *words)
    check, first, again = (orch(*command, *more, limit_s=100) for more in (["--check", "--diff"], ["--diff"], []))
    for told in (check, first, again):
        assert told.status == 0, told.stderr + "\n".join(str(event) for event in told.of("TaskDone")[-2:])
    foretold, real = outcomes(check), outcomes(first)
    judged = {key: outcome for key, outcome in foretold.items() if outcome != "unguarded" and key in real}
    wrong = {
        key: (outcome, real[key])
        for key, outcome in judged.items()
        if (real[key] == "changed") != (outcome == "changed")
    }
    assert len(wrong) <= (1 - FORETOLD) * len(judged), wrong
    late = {key for key, outcome in real.items() if outcome == "changed" and key not in foretold}
    assert not late, f"changed without having been foretold: {late}"
    left = {key: outcome for key, outcome in outcomes(again).items() if outcome == "changed"}
    assert not left, f"changed again: {left}"
    return real


def changed(real: Changes) -> int:
    return sum(outcome == "changed" for outcome in real.values())


def test_workstation(mac: Macs, orch: Orch, tmp_path: Path) -> None:
    repo = tmp_path / "dotfiles"
    repo.mkdir()
    for name in ("vimrc", "tmux.conf"):
        (repo / name).write_text(f"# {name}\n")
    git = ("git", "-C", str(repo), "-c", "user.name=x", "-c", "user.email=x@example.com")
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "all")):
        subprocess.run([*git, *words], check=True, timeout=20)
    real = toured(orch, mac, "workstation", "-e", f"dotfiles_repo={repo}")
    assert changed(real) >= 25
    home = mac.nodes[0].dir.home
    assert (home / ".vimrc").read_text() == "# vimrc\n"
    assert "person@example.com" in (home / ".gitconfig").read_text()
    assert (home / "Library/Preferences/com.apple.dock.plist").exists()


def test_ci_node(mac: Macs, orch: Orch) -> None:
    real = toured(orch, mac, "ci_node")
    assert changed(real) >= 12
    home = mac.nodes[0].dir.home
    assert (home / "runner/hooks/pre-job").read_text().startswith("#!/bin/sh")
    assert (home / ".ssh/builders").read_text().count("\n") == 2
    assert "name = runner-mac1" in (home / ".runner.ini").read_text()


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A server on the loopback, and the package's SHA-256."""
    root = tmp_path / "mirror"
    root.mkdir()
    (root / "version").write_text("16.4\n")
    (root / "package.pkg").write_bytes(b"a package" * 1000)
    with tarfile.open(root / "tools.tar.gz", "w:gz") as archive:
        for name in ("hello", "other"):
            script = b"#!/bin/sh\necho hello from Apple silicon\n"
            entry = tarfile.TarInfo(f"Tools/bin/{name}")
            entry.size, entry.mode = len(script), 0o755
            archive.addfile(entry, io.BytesIO(script))
    handler = partial(Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        digest = hashlib.sha256((root / "package.pkg").read_bytes()).hexdigest()
        yield f"http://127.0.0.1:{server.server_address[1]}", digest
        server.shutdown()
        thread.join(10)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_command_line_tools(mac: Macs, orch: Orch, mirror: tuple[str, str]) -> None:
    url, digest = mirror
    real = toured(orch, mac, "tools", "-e", f"mirror={url}", "-e", f"package_sha256={digest}")
    assert changed(real) >= 4
    assert "26." in (mac.nodes[0].dir.home / "Library/receipt").read_text()
