"""Random pollutions of browsers' data: after the reset the home is what it was before the rehearsal, byte for byte."""

import os
import random
import shutil
from pathlib import Path

import pytest

from orchestrator.model.results import Outcome
from orchestrator.modules.macos.browser_recipes import CLASSES, RECIPES, Recipe
from tests.contract.driver import Node, Shell

BROWSERS = ["chrome", "edge", "brave", "arc", "chromium", "openclaw", "firefox", "safari"]
KEPT = ("Extensions/abc/manifest.json", "Bookmarks", "Preferences", "Login Data", "places.sqlite", "Cookie notes.txt")
ODD = ("", " 2", "-journal", "é", "$x")


def baseline(home: Path) -> None:
    """What a user had before: profiles with things that a reset must leave."""
    for name in BROWSERS:
        recipe = RECIPES[name]
        for profile in profiles(recipe):
            for kept in KEPT:
                path = home / recipe.root / profile / kept
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"{name} {kept}")


def profiles(recipe: Recipe) -> list[str]:
    return [pattern.replace("*", "7 x") for pattern in recipe.profiles] or [""]


def pollute(home: Path, luck: random.Random) -> int:
    """One to forty things that a rehearsal may leave; how many there are."""
    done = 0
    for _ in range(luck.randint(1, 40)):
        recipe = RECIPES[luck.choice(BROWSERS)]
        names, base = luck.choice(
            [(recipe.inside, home / recipe.root / luck.choice(profiles(recipe))), (recipe.beside, home / recipe.root),
             (recipe.home, home)]
        )  # fmt: skip
        found = [name for one in CLASSES for name in names.get(one, ())]
        if not found:
            continue
        name = luck.choice(found)
        path = base / (name.replace("*", luck.choice(ODD)) if name[-1] == "*" and not name.endswith("/*") else
                       name.replace("*", "some thing"))  # fmt: skip
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if luck.random() < 0.5:
            path.write_bytes(luck.randbytes(20))
        else:
            (path / "deep er").mkdir(parents=True)
            (path / "deep er" / "data").write_bytes(luck.randbytes(20))
        done += 1
    if luck.random() < 0.3:
        lock = home / RECIPES["chrome"].root / "SingletonLock"
        lock.symlink_to(f"{os.uname().nodename}-4194399")
    return done


def tree(home: Path) -> dict[str, bytes]:
    """Every file with its content, links by their target; empty folders count for nothing."""
    found = {}
    for path in home.rglob("*"):
        if path.is_symlink():
            found[str(path.relative_to(home))] = os.readlink(path).encode()
        elif path.is_file():
            found[str(path.relative_to(home))] = path.read_bytes()
    return found


def rounds(tmp_path: Path, part: int, count: int, shell: tuple[str, ...]) -> None:
    for number in range(count):
        home = tmp_path / f"home{number}"
        baseline(home)
        before = tree(home)
        polluted = pollute(home, random.Random(f"{part} {number}"))
        node = Node(Shell(shell, home))
        result = node.play("browser_reset", {"browsers": BROWSERS})
        assert not result.failed, result.msg
        assert polluted == 0 or result.changed
        assert tree(home) == before
        shutil.rmtree(home)


@pytest.mark.parametrize("shell", [("dash",), ("bash", "--posix")], ids=["dash", "bash"])
def test_a_polluted_home_is_as_before(tmp_path: Path, shell: tuple[str, ...]) -> None:
    rounds(tmp_path, 0, 3, shell)


def test_a_second_reset_finds_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    baseline(home)
    pollute(home, random.Random(7))
    node = Node(Shell(("dash",), home))
    assert node.play("browser_reset", {"browsers": BROWSERS}).changed
    assert node.play("browser_reset", {"browsers": BROWSERS}).outcome is Outcome.OK


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(1, 5))
def test_two_hundred_pollutions(tmp_path: Path, part: int) -> None:
    rounds(tmp_path, part, 50, ("dash",))
