"""The modules that never touch a node: what they tell the engine, and what they refuse."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Place, Text
from orchestrator.model.program import Ask, Sleep
from orchestrator.model.results import (
    AddHost,
    GroupBy,
    IncludeRole,
    IncludeTasks,
    IncludeVars,
    Meta,
    SetFacts,
    SetStats,
)
from tests.contract.driver import FakeContext, Node, Shell

HERE = Place("play.yml", 1, 1)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(Shell(("sh",), tmp_path))


def test_debug(node: Node) -> None:
    assert node.play("debug", {}).data == {"msg": "Hello world!"}
    assert node.play("debug", {"msg": [1, {"a": None}]}).data == {"msg": [1, {"a": None}]}
    ctx = FakeContext(variables={"x": {"y": 1}})
    assert node.play("debug", {"var": Text("x", HERE)}, ctx).data == {"x": {"y": 1}}
    assert node.play("debug", {"var": Text("z", HERE)}, ctx).data == {
        "z": "<< error 1 - 'z' is undefined >>",
        "warnings": ["Encountered 1 template error.\nerror 1 - 'z' is undefined"],
    }
    assert node.play("debug", {"verbosity": 2}).skipped
    assert not node.play("debug", {"verbosity": 2}, FakeContext(variables={"ansible_verbosity": 2})).skipped
    with pytest.raises(ValidationError):
        node.play("debug", {"msg": "a", "var": "b"})
    with pytest.raises(TemplateError, match="untrusted"):
        node.play("debug", {"var": "x"}, ctx)


def test_assert_and_fail(node: Node) -> None:
    ctx = FakeContext(variables={"a": 1})
    assert node.play("assert", {"that": "a == 1"}, ctx).data["msg"] == "All assertions passed"
    failed = node.play("assert", {"that": ["a == 1", "a == 2"], "msg": ["no", "never"]}, ctx)
    assert failed.failed
    assert failed.as_vars() == {
        "failed": True,
        "changed": False,
        "msg": ["no", "never"],
        "assertion": "a == 2",
        "evaluated_to": False,
        "exception": "(traceback unavailable)",
    }
    assert node.play("assert", {"that": "a == 1, 'one thing'"}, ctx).failed is False, "a comma does not split"
    assert node.play("fail", {}).msg == "Failed as requested from task"
    for wrong in ({}, {"that": 1}, {"that": "a", "msg": 1}):
        with pytest.raises(ValidationError):
            node.play("assert", wrong)


def test_set_fact(node: Node) -> None:
    result = node.play("set_fact", {"a": 1, "b": [2]})
    assert result.effects == (SetFacts(values={"a": 1, "b": [2]}),)
    assert not result.changed and result.data["ansible_facts"] == {"a": 1, "b": [2]}
    kept = node.play("set_fact", {"a": 1, "cacheable": "yes"})
    assert kept.effects == (SetFacts(values={"a": 1}), SetFacts(values={"a": 1}, discovered=True))
    for wrong in ({}, {"a-b": 1}, {"1a": 1}, {"none": 1}):
        assert node.play("set_fact", wrong).failed


def test_words_to_the_engine(node: Node) -> None:
    assert node.play("meta", {"word": "flush_handlers"}).effects == (Meta(word="flush_handlers"),)
    with pytest.raises(ValidationError):
        node.play("meta", {"word": "nonsense"})
    assert node.play("set_stats", {"data": {"n": 1}, "per_host": True}).effects == (
        SetStats(data={"n": 1}, per_host=True),
    )
    assert node.play("set_stats", {"data": {"a b": 1}}).failed
    assert node.play("group_by", {"key": "os mac", "parents": "a b"}).effects == (
        GroupBy(key="os-mac", parents=("a-b",)),
    )


def test_add_host(node: Node) -> None:
    result = node.play("add_host", {"name": "mac9:2222", "groups": "a, b", "x": 1})
    assert result.effects == (AddHost(name="mac9", groups=("a", "b"), variables={"x": 1, "ansible_ssh_port": 2222}),)
    assert node.play("add_host", {"hostname": "fe80::1"}).effects == (AddHost(name="fe80::1"),)
    with pytest.raises(ValidationError):
        node.play("add_host", {"groups": "a"})


def test_includes(node: Node) -> None:
    (effect,) = node.play("include_tasks", {"file": "x.yml", "apply": {"tags": ["a"]}}).effects
    assert effect == IncludeTasks(file="x.yml", apply={"tags": ["a"]})
    (role,) = node.play("include_role", {"role": "web", "public": True, "tasks_from": "x"}).effects
    assert role == IncludeRole(name="web", public=True, tasks_from="x")
    assert node.play("import_role", {"name": "web"}).effects == (IncludeRole(name="web"),)


def test_include_vars(node: Node, tmp_path: Path) -> None:
    (tmp_path / "vars/more/deep").mkdir(parents=True)
    (tmp_path / "vars/one.yml").write_text("a: 1\n")
    (tmp_path / "vars/more/two.yml").write_text("a: 2\nb: 3\n")
    (tmp_path / "vars/more/deep/three.json").write_text("c: 4\n")
    (tmp_path / "vars/more/notes.txt").write_text("x")
    ctx = FakeContext(root=tmp_path, variables={"all": {"kept": 1}})

    def values(args: dict[str, Any]) -> Any:
        result = node.play("include_vars", args, ctx)
        assert not result.failed, result.msg
        (effect,) = result.effects
        assert isinstance(effect, IncludeVars)
        return effect.values

    assert values({"file": "one.yml"}) == {"a": "1"}
    assert values({"dir": "more", "ignore_unknown_extensions": True}) == {"a": "2", "b": "3", "c": "4"}
    assert values({"dir": "more", "depth": 1, "ignore_files": ["notes.txt"]}) == {"a": "2", "b": "3"}
    assert values({"dir": "more", "files_matching": "^three"}) == {"c": "4"}
    assert values({"file": "one.yml", "name": "all"}) == {"all": {"a": "1"}}
    assert values({"file": "one.yml", "name": "all", "hash_behaviour": "merge"}) == {"all": {"kept": 1, "a": "1"}}
    assert "valid extension" in (node.play("include_vars", {"dir": "more"}, ctx).msg or "")
    assert node.play("include_vars", {"file": "none.yml"}, ctx).failed
    assert node.play("include_vars", {"dir": "one.yml"}, ctx).failed
    assert "Could not find file" in (node.play("include_vars", {"file": ""}, ctx).msg or "")
    for wrong in (
        {"file": "a", "dir": "b"},
        {"dir": "a", "files_matching": "("},
        {"file": "a", "hash_behaviour": "x"},
    ):
        with pytest.raises(ValidationError):
            node.play("include_vars", wrong)


def test_pause(node: Node) -> None:
    result = node.play("pause", {"seconds": 7})
    assert node.asked == [Sleep(7)]
    assert result.data["stdout"].startswith("Paused for 0.") and result.data["stdout"].endswith(" seconds")
    node.play("pause", {"minutes": 2})
    assert node.asked == [Sleep(120)]
    node.answer = "yes"
    assert node.play("pause", {"prompt": "Go?", "echo": False}).data["user_input"] == "yes"
    assert node.asked == [Ask("[a task]\nGo? (output is hidden):", echo=False)]
    node.answer = None
    assert node.play("pause", {}).data["user_input"] == ""
    with pytest.raises(ValidationError):
        node.play("pause", {"seconds": 1, "minutes": 1})


@pytest.mark.parametrize(
    ("rule", "value", "problem"),
    [
        ({"type": "int"}, "5", None),
        ({"type": "int"}, "x", "unable to convert to int"),
        ({"type": "list", "elements": "int"}, [1, "x"], "Elements value for option 'a'"),
        ({"choices": ["x", "y"]}, "z", "value of a must be one of: x, y, got: z"),
        ({"choices": ["x"]}, "x", None),
        ({"required": True}, None, None),
        ({"required": True, "type": "int"}, None, '"None" cannot be converted to an int'),
        ({"type": "int"}, None, None),
        ({"type": "path"}, "~", None),
        (
            {"type": "dict", "options": {"b": {"type": "bool", "required": True}}},
            {},
            "missing required arguments: b found in a",
        ),
        (
            {"type": "list", "elements": "dict", "options": {"b": {}}},
            [{"c": 1}],
            "a.c. Supported parameters include: b.",
        ),
        ({"type": "nonsense"}, 1, "unknown type"),
    ],
)
def test_validate_argument_spec(node: Node, rule: dict[str, Any], value: Any, problem: str | None) -> None:
    ctx = FakeContext(variables={"a": value, "unrelated": 1})
    result = node.play("validate_argument_spec", {"argument_spec": {"a": rule}}, ctx)
    if problem is None:
        assert not result.failed and result.msg == "The arg spec validation passed"
    else:
        assert result.failed and problem in (result.msg or "")
        assert result.data["argument_errors"]
    wrong = node.play("validate_argument_spec", {"argument_spec": {"a": 1}}, ctx)
    assert wrong.failed and wrong.msg == "the specification of a is no mapping"
