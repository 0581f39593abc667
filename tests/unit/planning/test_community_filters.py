"""What filters of collections refuse, and in which words; what they give stands in the differential tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.model.errors import TemplateError
from orchestrator.planning.filters import FILTERS

ROWS = [{"a": 1}]


def cg(name: str) -> Callable[..., Any]:
    return FILTERS[f"community.general.{name}"]


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("accumulate", (1,), "Invalid value type"),
        ("counter", ({},), "must be a sequence"),
        ("counter", ([[]],), "hashable elements"),
        ("groupby_as_dict", (1, "a"), "not a sequence"),
        ("groupby_as_dict", ([1], "a"), "#0 is not a mapping"),
        ("groupby_as_dict", (ROWS, "b"), "not contained in element #0"),
        ("groupby_as_dict", (ROWS * 2, "a"), "Multiple sequence entries"),
        ("lists_mergeby", (ROWS,), "At least one list"),
        ("lists_mergeby", (1, "a"), "must be lists"),
        ("lists_mergeby", (ROWS, ROWS, 1), "must be string"),
        ("lists_mergeby", (ROWS, [1], "a"), "must be dictionaries"),
        ("to_time_unit", ("1s", "moons"), "following unit: moons"),
        ("to_hours", ("soon",), "interpret following string: soon"),
        ("from_csv", ("a", "lisp"), "Dialect 'lisp' is not supported"),
        ("from_ini", (1,), "requires a str"),
        ("from_ini", ("x",), "failed to parse"),
        ("to_ini", (1,), "requires a dict"),
        ("to_ini", ({},), "empty dict"),
        ("to_ini", ({"a": 1},), "failed to parse"),
        ("unicode_normalize", (1,), "not a valid input type"),
        ("unicode_normalize", ("a", "X"), "X is not a valid form"),
        ("random_mac", (1,), "Invalid value type"),
        ("random_mac", ("1:2:3:4:5:6",), "items max"),
        ("random_mac", ("zz:",), "zz not hexa byte,empty item"),
        ("crc32", (1,), "Invalid value type"),
        ("keep_keys", (1, "a"), "must be a list"),
        ("keep_keys", ([1], "a"), "must be dictionaries"),
        ("keep_keys", ([{1: 1}], "a"), "must be strings"),
        ("keep_keys", (ROWS, "a", "like"), "must be one of"),
        ("keep_keys", (ROWS, 1), "must be a string or a list"),
        ("keep_keys", (ROWS, []), "can't be empty"),
        ("keep_keys", (ROWS, [1]), "items must be strings"),
        ("keep_keys", (ROWS, ["a", "b"], "regex"), "Single item"),
        ("keep_keys", (ROWS, "(", "regex"), "valid regex"),
        ("replace_keys", (ROWS, "a"), "must be a list"),
        ("replace_keys", (ROWS, []), "can't be empty"),
        ("replace_keys", (ROWS, ["a"]), "must be dictionaries"),
        ("replace_keys", (ROWS, [{"before": "a"}]), "after, before"),
        ("replace_keys", (ROWS, [{"before": 1, "after": "a"}]), "before must be strings"),
        ("replace_keys", (ROWS, [{"before": "(", "after": "a"}], "regex"), "Not all items are valid regex"),
    ],
)
def test_what_is_refused(name: str, given: tuple[Any, ...], said: str) -> None:
    with pytest.raises(TemplateError, match=said.replace("(", r"\(")):
        cg(name)(*given)


def test_lists_that_need_no_other() -> None:
    assert cg("lists_union")() == [] and cg("lists_union")([1, 1]) == [1, 1]
    assert cg("lists_mergeby")([], "a") == [] and cg("lists_mergeby")([ROWS], "a") == ROWS
    with pytest.raises(TemplateError, match="must be lists"):
        cg("lists_union")(1, flatten=True)


def test_a_time_has_no_other_days() -> None:
    with pytest.raises(TemplateError, match="unknown keyword arguments: second"):
        cg("to_seconds")("1s", second=23)


def test_a_mac_is_random_unless_seeded() -> None:
    assert cg("random_mac")("52:54:00", seed=1) == cg("random_mac")("52:54:00", seed=1)
    assert len(cg("random_mac")("52")) == 17 and cg("to_seconds")("0") == 0


def test_defaults_are_in_every_section() -> None:
    text = "[DEFAULT]\na=1\n[x]\nb=2\n"
    assert cg("from_ini")(text) == {"x": {"a": "1", "b": "2"}, "DEFAULT": {"a": "1"}}


@pytest.mark.parametrize("name", ["keep_keys", "remove_keys", "replace_keys"])
def test_keys_of_what_has_none(name: str) -> None:
    with pytest.raises(TemplateError, match=f"plugin '{name}': Input is not valid"):
        FILTERS[f"ansible.utils.{name}"](1, ["a"])
