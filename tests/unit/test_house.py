"""The house rules have teeth, and what we ship is complete: scripts/ seen from outside."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = {".sh", ".pl", ".yml", ".yaml", ".json", ".html", ".typed"}


def run(*command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
    )


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "orchestrator").mkdir()
    return tmp_path


def test_sizes_names_each_long_file_and_function(room: Path) -> None:
    (room / "orchestrator/long.py").write_text("x = 1\n" * 401)
    (room / "orchestrator/full.py").write_text("x = 1\n" * 400)
    (room / "orchestrator/deep.py").write_text("def f():\n" + "    x = 1\n" * 50)
    (room / "orchestrator/limit.py").write_text("def f():\n" + "    x = 1\n" * 49)
    (room / "orchestrator/node.sh").write_text("a() {\n" + "\t:\n" * 49 + "}\nb() {\n\t:\n}\n")
    (room / "orchestrator/tool").write_text("#!/bin/sh\nc() (\n" + "\t:\n" * 60 + ")\n")
    found = run(sys.executable, "scripts/sizes.py", room)
    assert found.returncode == 1
    assert found.stdout.splitlines() == [
        "orchestrator/deep.py:1: 51 lines in f(), at most 50",
        "orchestrator/long.py:1: 401 lines in this file, at most 400",
        "orchestrator/node.sh:1: 51 lines in a(), at most 50",
        "orchestrator/tool:2: 62 lines in c(), at most 50",
    ]


def test_sizes_is_silent_about_a_small_house(room: Path) -> None:
    (room / "orchestrator/small.py").write_text("def f():\n    return 1\n")
    found = run(sys.executable, "scripts/sizes.py", room)
    assert (found.returncode, found.stdout) == (0, "")


@pytest.mark.parametrize(
    ("changelog", "status"),
    [("# Changelog\n\n## [1.2.3] – unreleased\n\n## [1.0.0]\n", 0), ("## [1.2.4]\n", 1), ("nothing\n", 1)],
)
def test_versions_must_agree(room: Path, changelog: str, status: int) -> None:
    (room / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (room / "orchestrator/__init__.py").write_text('"""It."""\n\n__version__ = "1.2.3"\n')
    (room / "CHANGELOG.md").write_text(changelog)
    found = run(sys.executable, "scripts/version.py", room)
    assert found.returncode == status
    assert "1.2.3" in found.stdout + found.stderr


def test_a_missing_tool_is_named_with_its_remedy() -> None:
    found = run("scripts/provide-tools", "sh", "no-such-tool", ORCH_NO_INSTALL="1")
    assert found.returncode == 1
    present, absent = found.stdout.splitlines()[:2]
    assert present.split() == ["sh", "present"]
    assert absent.split()[:3] == ["no-such-tool", "missing", "remedy:"]


def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.6\nexit 1\n')
    old.chmod(0o755)
    copy = tmp_path / "project/scripts"
    copy.mkdir(parents=True)
    shutil.copy(ROOT / "scripts/install", copy)
    found = run(copy / "install", PYTHON=str(old))
    assert found.returncode == 1
    assert found.stderr.startswith("error: Python 3.11 or newer is needed, found: Python 3.9.6")
    assert "hint:" in found.stderr
    assert not (tmp_path / "project/.venv").exists()


def test_the_wheel_carries_every_file_of_the_package(tmp_path: Path) -> None:
    backend = pytest.importorskip("hatchling.builders.wheel", reason="needs hatchling: make test")
    wheel = next(backend.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    package = {path for path in (ROOT / "orchestrator").rglob("*") if path.is_file()}
    wanted = {str(path.relative_to(ROOT)) for path in package if path.suffix in DATA | {".py"}}
    assert wanted <= packed
    assert "orchestrator/py.typed" in packed
    assert not [name for name in packed if name.startswith("tests/")]
