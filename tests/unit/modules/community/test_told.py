"""What modules of collections make of a tool's words, and of sizes, paths and patterns."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.modules.community.filesize import human, size_of
from orchestrator.modules.community.pids import PidsArgs, processes
from orchestrator.modules.community.update_fact import UPDATE_FACT, UpdateFactArgs
from tests.contract.driver import FakeContext


@pytest.mark.parametrize(
    ("wanted", "block", "told"),
    [
        (256, 4096, (256, 4096)),
        ("256", "1 kB", (256, 1000)),
        ("1MiB", 4096, (256, 4096)),
        ("57kB", 4096, (57, 1000)),
        ("1.5 kB", 4096, (1, 1500)),
        ("5GB", 4096, (5000, 1_000_000)),
        ("3.5 kB", 1024, (35, 100)),
        ("0", 512, (0, 512)),
    ],
)
def test_sizes_in_blocks_that_go_into_them(wanted: Any, block: Any, told: tuple[int, int]) -> None:
    size = size_of(wanted, block)
    assert (size.blocks, size.block) == told


@pytest.mark.parametrize(
    ("wanted", "block", "words"),
    [
        ("1 QB", 512, "invalid size unit (QB)"),
        (1, "0", "block size cannot be equal to zero"),
        (1, "1.5B", "bytes require an integer"),
        ("1.5B", 512, "smallest unit"),
        ({}, 512, "size must be integer"),
    ],
)
def test_sizes_that_cannot_be(wanted: Any, block: Any, words: str) -> None:
    with pytest.raises(ValueError, match=r"size|unit|integer") as caught:
        size_of(wanted, block)
    assert words in str(caught.value)


def test_sizes_for_people() -> None:
    assert [human(999, 1000), human(1500, 1000), human(1024**2, 1024), human(5 * 10**9, 1000)] == [
        "999 B", "1.5 kB", "1.0 MiB", "5.0 GB",
    ]  # fmt: skip


COMM = "    1 init\n   42 a-rather-long-n\n  77 /usr/sbin/cfprefsd\n  90 kthreadd\n  99 gone\n"
ARGS = "    1 /sbin/init splash\n   42 /opt/a-rather-long-name 5\n  77 /usr/sbin/cfprefsd agent\n  90 [kthreadd]\n"


@pytest.mark.parametrize(
    ("args", "pids"),
    [
        ({"name": "init"}, [1]),
        ({"name": "A-rather-long-name"}, [42]),
        ({"name": "/opt/a-rather-long-name"}, [42]),
        ({"name": "cfprefsd"}, [77]),
        ({"pattern": "name 5$"}, [42]),
        ({"pattern": "CFPREFS", "ignore_case": True}, [77]),
        ({"pattern": r"\["}, []),
        ({"name": "kthreadd"}, [90]),
    ],
)
def test_processes_by_name_and_pattern(args: dict[str, Any], pids: list[int]) -> None:
    asked = PidsArgs.model_validate(args)
    assert [each.pid for each in processes(COMM, ARGS) if asked.fits(each)] == pids


@pytest.mark.parametrize("args", [{}, {"name": "a", "pattern": "b"}, {"pattern": "("}])
def test_processes_are_asked_for_in_one_way(args: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"required|mutually|regular"):
        PidsArgs.model_validate(args)


KNOWN = {"a": {"b": [1, {"c d": 2}]}, "n": 1}


def updated(*updates: tuple[str, Any]) -> Any:
    args = UpdateFactArgs.model_validate({"updates": [{"path": path, "value": value} for path, value in updates]})
    steps = UPDATE_FACT.steps(args, FakeContext(variables=KNOWN))
    with pytest.raises(StopIteration) as end:
        next(steps)
    return end.value.value


def test_a_fact_is_worked_out_anew_and_stays_as_it_is() -> None:
    result = updated(("a.b[1]['c d']", 3), ("a['b'][2]", "new"), ("n", 2))
    assert (result.changed, result.data) == (True, {"a": {"b": [1, {"c d": 3}, "new"]}, "n": 2})
    assert KNOWN == {"a": {"b": [1, {"c d": 2}]}, "n": 1}
    assert not updated(("a.b.0", 1)).changed


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("x", "'x' was not found in the current facts."),
        ("a.z.y", "the key 'z' was not found"),
        ("a.b.y", "index provided was not an integer: 'y'"),
        ("a.b[9]", "not long enough for item #9"),
        ("n.y", "can only modify mutable objects"),
    ],
)
def test_a_path_that_leads_nowhere_is_no_matter_for_failed_when(path: str, words: str) -> None:
    result = updated((path, 1))
    assert result.failed and result.gave_up and words in result.msg
