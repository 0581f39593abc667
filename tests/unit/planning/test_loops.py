"""Loops: items, turns and labels; tags; conditions; vars_files."""

from pathlib import Path
from typing import Any

import pytest

from orchestrator.language.load import load_file
from orchestrator.language.tree import Keywords, Play, Task
from orchestrator.model.errors import PlaybookError, TemplateError, UndefinedVariable, UnknownName
from orchestrator.model.place import Place, Text
from orchestrator.planning.conditions import judge
from orchestrator.planning.loops import LoopControl, label_of, loop_control, loop_items, turn_variables
from orchestrator.planning.render import Renderer, Surroundings
from orchestrator.planning.select import is_selected, tags_of
from orchestrator.planning.vars_files import load_vars_files
from tests.unit.planning.oracle import written

HERE = Place("site.yml", 5, 3)
KNOWN = Renderer(
    {
        "n": 3,
        "l": [1, 2],
        "d": {"a": Text("{{ n }}"), "b": 2},
        "users": [{"name": "x", "keys": ["k1", "k2"]}, {"name": "y", "keys": []}],
        "groups": {"all": ["h1", "h2"]},
    }
)


def task(loop: Any = None, loop_with: str | None = None, action: str = "debug", **more: Any) -> Task:
    return Task(
        key="1", place=HERE, action=action, args={}, keywords=Keywords(), outer=Keywords(),
        loop=written(loop), loop_with=loop_with, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("loop", "items"),
    [
        (["a", "{{ n }}", [1]], ["a", 3, [1]]),
        ("{{ l }}", [1, 2]),
        ("{{ l | map('string') }}", ["1", "2"]),
        ("{{ d | dict2items }}", [{"key": "a", "value": 3}, {"key": "b", "value": 2}]),
        ([], []),
        (["{{ omit }}", 1], [1]),
    ],
)
def test_loop(loop: Any, items: list[Any]) -> None:
    assert loop_items(task(loop), KNOWN) == items


@pytest.mark.parametrize(
    ("name", "terms", "items"),
    [
        ("items", ["{{ l }}", 5, "{{ n }}"], [1, 2, 5, 3]),
        ("items", "{{ l }}", [1, 2]),
        ("items", "{{ l }}\n", [1, 2]),
        ("items", "x", ["x"]),
        ("list", [[1, 2], 3], [[1, 2], 3]),
        ("dict", "{{ d }}", [{"key": "a", "value": 3}, {"key": "b", "value": 2}]),
        ("nested", [[1, 2], "{{ l }}"], [[1, 1], [1, 2], [2, 1], [2, 2]]),
        ("together", ["{{ l }}", ["a"]], [[1, "a"], [2, None]]),
        ("sequence", "start=1 end={{ n }}", ["1", "2", "3"]),
        ("indexed_items", ["a", "b"], [[0, "a"], [1, "b"]]),
        ("subelements", ["{{ users }}", "keys"], [[{"name": "x"}, "k1"], [{"name": "x"}, "k2"]]),
        ("ansible.builtin.items", [1], [1]),
        ("inventory_hostnames", ["all"], ["h1", "h2"]),
        ("flattened", [[1, [2]], 3], [1, 2, 3]),
        ("lines", ["echo a; echo b"], ["a", "b"]),
    ],
)
def test_with(name: str, terms: Any, items: list[Any]) -> None:
    assert loop_items(task(terms, name), KNOWN) == items


def test_with_first_found_leaves_out_what_is_not_defined(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/b.j2").write_text("")
    renderer = Renderer({"os": "mac"}, surroundings=Surroundings(search_path=(str(tmp_path),)))
    found = loop_items(task(["{{ nowhere }}", "{{ os }}.j2", "b.j2"], "first_found", action="template"), renderer)
    assert found == [str(tmp_path / "templates/b.j2")]
    assert loop_items(task([{"files": ["{{ nowhere }}", "no"], "skip": True}], "first_found"), renderer) == []
    with pytest.raises(PlaybookError, match="No file was found") as caught:
        loop_items(task(["no"], "first_found", action="copy"), renderer)
    assert f"{tmp_path}/files/no" in str(caught.value.evidence)
    assert caught.value.place is not None


@pytest.mark.parametrize(
    ("loop", "name", "error", "message"),
    [
        ("{{ d }}", None, PlaybookError, "must resolve to a 'list', not 'dict'"),
        ("{{ nowhere }}", None, UndefinedVariable, "'nowhere' is undefined"),
        ("{{ nowhere }}", "items", UndefinedVariable, "'nowhere' is undefined"),
        ([1, "{{ nowhere }}"], "items", UndefinedVariable, "'nowhere' is undefined"),
        (["{{ l }}", "keys"], "subelements", PlaybookError, "expects a dictionary"),
        ([1], "nosuch", PlaybookError, "'nosuch' was not found"),
        (["("], "varnames", PlaybookError, "lookup plugin 'varnames' failed"),
    ],
)
def test_loop_that_fails(loop: Any, name: str | None, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        loop_items(task(loop, name), KNOWN)
    assert getattr(caught.value, "place", None) is not None


def test_no_loop() -> None:
    assert loop_items(task(), KNOWN) is None


def test_loop_control() -> None:
    assert loop_control(task(), KNOWN) == LoopControl()
    said = written({"loop_var": "u", "index_var": "i", "pause": "{{ n }}", "extended": "yes", "label": "{{ u }}"})
    more = written({"extended_allitems": False, "break_when": ["u == 1"]})
    found = loop_control(task(loop_control={**said, **more}), KNOWN)
    assert found == LoopControl(
        loop_var="u",
        index_var="i",
        label="{{ u }}",
        pause_s=3.0,
        extended=True,
        extended_allitems=False,
        break_when=("u == 1",),
    )
    assert loop_control(task(loop_control=written({"break_when": "x"})), KNOWN).break_when == ("x",)
    with pytest.raises(TemplateError, match="loop_control"):
        loop_control(task(loop_control=written({"pause": "soon"})), KNOWN)


def test_turns() -> None:
    items = ["a", "b", "c"]
    assert turn_variables(items, 1, LoopControl()) == {"ansible_loop_var": "item", "item": "b"}
    known = turn_variables(items, 1, LoopControl(loop_var="x", index_var="i", extended=True))
    assert known["x"] == "b" and known["i"] == 1 and known["ansible_index_var"] == "i"
    assert known["ansible_loop"] == {
        "index": 2,
        "index0": 1,
        "first": False,
        "last": False,
        "length": 3,
        "revindex": 2,
        "revindex0": 1,
        "allitems": items,
        "nextitem": "c",
        "previtem": "a",
    }
    last = turn_variables(items, 2, LoopControl(extended=True, extended_allitems=False))["ansible_loop"]
    assert last["last"] and "nextitem" not in last and "allitems" not in last
    assert "previtem" not in turn_variables(items, 0, LoopControl(extended=True))["ansible_loop"]


def test_labels() -> None:
    control = LoopControl(label=Text("{{ item.name }}"))
    assert label_of({"name": "x"}, control, KNOWN.extended({"item": {"name": "x"}})) == "x"
    assert label_of(5, LoopControl(), KNOWN) == 5


def test_conditions_are_asked_in_order() -> None:
    conditions = [written("n == 3"), [written("l | length == 2"), True], written("n == 4"), written("nowhere")]
    verdict = judge(conditions, KNOWN)
    assert not verdict and verdict.false_condition == "n == 4"
    assert judge(conditions[:2], KNOWN)
    assert judge([False], KNOWN).false_condition is False
    assert judge([[False], True], KNOWN).false_condition is False
    assert judge([], KNOWN).holds


@pytest.mark.parametrize(
    ("tags", "only", "skip", "runs"),
    [
        ("", "all", "", True),
        ("a", "all", "", True),
        ("a", "a", "", True),
        ("a", "b", "", False),
        ("", "a", "", False),
        ("", "untagged", "", True),
        ("a", "untagged", "", False),
        ("a", "tagged", "", True),
        ("", "tagged", "", False),
        ("always", "a", "", True),
        ("always", "a", "always", False),
        ("always", "all", "all", True),
        ("always", "all", "all always", False),
        ("never", "all", "", False),
        ("never", "never", "", True),
        ("never a", "a", "", True),
        ("never a", "tagged", "", False),
        ("a", "all", "a", False),
        ("a", "all", "tagged", False),
        ("", "all", "tagged", True),
        ("", "all", "untagged", False),
        ("", "all", "all", False),
        ("a b", "a", "b", False),
    ],
)
def test_tags(tags: str, only: str, skip: str, runs: bool) -> None:
    assert is_selected(tags.split(), only.split(), skip.split()) is runs


def test_tags_as_written() -> None:
    assert tags_of((Text("a, b"), [Text("{{ n }}"), True], Text("{{ l }}"), Text("{{ omit }}")), KNOWN) == {
        "a, b",
        3,
        True,
        2,
    }
    with pytest.raises(PlaybookError, match="'dict'"):
        tags_of((Text("{{ d }}"),), KNOWN)


def test_vars_files(tmp_path: Path) -> None:
    (tmp_path / "vars").mkdir()
    (tmp_path / "vars/mac.yml").write_text("a: 1\nb: '{{ a }}'\n")
    (tmp_path / "late.yml").write_text("- a: 2\n- c: 3\n")
    (tmp_path / "empty.yml").write_text("")
    (tmp_path / "bad.yml").write_text("just text\n")
    warnings: list[str] = []
    renderer = Renderer({"os": "mac"}, surroundings=Surroundings(warn=warnings.append))

    def contents(*entries: Any, **how: Any) -> Any:
        play = Play(index=1, place=HERE, name="p", hosts="all", keywords=Keywords(), path=str(tmp_path / "site.yml"),
                    vars_files=tuple(map(written, entries)))  # fmt: skip
        return load_vars_files(play, renderer, load_file, **how)

    assert contents(["gone.yml", "{{ os }}.yml"], "late.yml", "empty.yml") == (
        {"a": 1, "b": "{{ a }}"},
        {"a": 2},
        {"c": 3},
    )
    assert contents("gone.yml") == ()
    assert "gone.yml" in warnings[-1]
    assert contents("{{ nowhere }}.yml", is_final=False) == ()
    assert "undefined variable" in warnings[-1]
    (tmp_path / "first.yml").write_text("kind: late\n")
    assert contents("first.yml", ["{{ kind }}.yml", "{{ nowhere }}.yml"]) == ({"kind": "late"}, {"a": 2}, {"c": 3})
    assert contents("first.yml", "{{ kind }}.yml", stronger={"kind": "empty"}) == ({"kind": "late"},)
    for entry, error in (("{{ nowhere }}", UnknownName), ("{{ 5 }}", PlaybookError), ("bad.yml", PlaybookError)):
        with pytest.raises(error):
            contents(entry)
