"""What osx_defaults makes of types: the words it writes, and what it takes for equal."""

from __future__ import annotations

import plistlib
from datetime import datetime
from typing import Any

import pytest

from orchestrator.modules.community.osx_defaults import DefaultsArgs, same, seen, shown, words

NOON = datetime(2024, 1, 2, 12, 0, 5)  # noqa: DTZ001 - property lists hold times without a zone, in UTC


@pytest.mark.parametrize(
    ("kind", "value", "have", "written"),
    [
        ("bool", "off", None, ["-bool", "FALSE"]),
        ("int", "7", None, ["-int", "7"]),
        ("float", 1, None, ["-float", "1.0"]),
        ("string", True, None, ["-string", "true"]),
        ("date", "2024-01-02 12:00:05", None, ["-date", "2024-01-02 12:00:05 +0000"]),
        ("date", NOON, None, ["-date", "2024-01-02 12:00:05 +0000"]),
        ("array", [1, True, "x"], None, ["-array", "1", "1", "x"]),
        ("dict", {"a": 1, "b": False}, None, ["-dict", "a", "1", "b", "0"]),
    ],
)
def test_words(kind: str, value: Any, have: Any, written: list[str]) -> None:
    args = DefaultsArgs.model_validate({"key": "x", "type": kind, "value": value})
    assert words(args, have) == written


def test_only_what_is_missing_is_added() -> None:
    args = DefaultsArgs.model_validate({"key": "x", "type": "array", "value": ["a", "b"], "array_add": True})
    assert words(args, ["b", "c"]) == ["-array-add", "a"]
    assert words(args, None) == ["-array-add", "a", "b"]


def test_what_defaults_shows() -> None:
    assert seen("date", "2024-01-02 13:00:05 +0100\n", b"", "x") == NOON
    assert seen("bool", "1", b"", "x") is True
    assert seen("float", "0.25", b"", "x") == 0.25
    assert seen("dict", "", plistlib.dumps({"x": {"a": 1}}), "x") == {"a": 1}
    assert shown(NOON) == "2024-01-02 12:00:05"
    with pytest.raises(ValueError, match="Invalid integer value"):
        seen("int", "many", b"", "x")


def test_equal_in_containers_means_equal_as_text() -> None:
    assert same([1, True, "x"], ["1", "1", "x"]) and not same(["a"], ["a", "b"])
    assert same({"a": 1}, {"a": "1"}) and not same({"a": 1}, {"b": 1})
    assert same("1", "1") and not same("1 ", "1")
