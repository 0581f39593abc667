"""The keywords there are, compared with the installed ansible-core, and their types."""

from __future__ import annotations

import pytest
from ansible.playbook.block import Block
from ansible.playbook.handler import Handler
from ansible.playbook.loop_control import LoopControl
from ansible.playbook.play import Play
from ansible.playbook.role.include import RoleInclude
from ansible.playbook.task import Task
from ansible.playbook.task_include import TaskInclude
from ansible.utils.vars import validate_variable_name

from orchestrator.language import keywords
from orchestrator.language.keywords import check_type, is_variable_name, tags_of
from orchestrator.model.errors import PlaybookError
from orchestrator.model.place import Place, Text

PRIVATE = {"async_val", "loop_with"}


@pytest.mark.parametrize(
    ("mine", "theirs", "ours_too"),
    [
        (keywords.PLAY, Play.fattributes, set()),
        (keywords.BLOCK, Block.fattributes, set()),
        (keywords.TASK, Task.fattributes, {"local_action"}),
        (keywords.HANDLER, Handler.fattributes, {"local_action"}),
        (keywords.ROLE, RoleInclude.fattributes, set()),
        (keywords.LOOP_CONTROL, LoopControl.fattributes, set()),
        (keywords.INCLUDE, TaskInclude.VALID_INCLUDE_KEYWORDS, set()),
    ],
)
def test_the_keywords_are_those_of_ansible(
    mine: dict[str, str], theirs: dict[str, object] | frozenset[str], ours_too: set[str]
) -> None:
    assert set(mine) == (set(theirs) - PRIVATE) | ours_too


GOOD = [
    ("bool", [True, "yes", "Off", 1, "{{ x }}", None]),
    ("int", [1, "22", 3.0, "{{ x }}"]),
    ("float", [1, "1.5", 0.1]),
    ("percent", [10, "30%", "12.5"]),
    ("text", ["x", 5, True]),
    ("tags", ["a,b", ["a", 1]]),
    ("vars", [{"a": 1}]),
    ("defaults", [{"copy": {}}, [{"copy": {}}]]),
]
BAD = [
    ("bool", ["maybe", [], 2], "true or false"),
    ("int", ["x", 1.5, True, {}], "a whole number"),
    ("float", ["x", []], "a number"),
    ("percent", ["x%"], "a percentage"),
    ("text", [{}, []], "text"),
    ("tags", [{}, 5, [{}], [[[]]]], "a list of tags or a comma-separated text"),
    ("vars", [[1], "x"], "a mapping of variables"),
    ("defaults", ["x"], "a mapping of module names to arguments, or a list of such"),
]


@pytest.mark.parametrize(("kind", "values"), GOOD)
def test_values_of_the_right_type_pass(kind: str, values: list[object]) -> None:
    for value in values:
        check_type("key", kind, Text(value) if isinstance(value, str) else value, Place("f.yml"))


@pytest.mark.parametrize(("kind", "values", "words"), BAD)
def test_values_of_the_wrong_type_are_told(kind: str, values: list[object], words: str) -> None:
    for value in values:
        with pytest.raises(PlaybookError) as caught:
            check_type("key", kind, value, Place("f.yml", 2, 3))
        assert caught.value.message.startswith(f"key takes {words}, not ")
        assert caught.value.place == Place("f.yml", 2, 3)


@pytest.mark.parametrize("name", ["a", "_x", "ä", "1a", "a-b", "none", "True", "not", "class", "", 5, None])
def test_variable_names_are_those_of_ansible(name: object) -> None:
    try:
        validate_variable_name(name)
    except Exception:
        assert not is_variable_name(name)
    else:
        assert is_variable_name(name)


def test_tags_may_be_one_text() -> None:
    assert tags_of(Text("a, b")) == ("a", "b")
    assert tags_of(["a,c", "b"]) == ("a,c", "b")
    assert tags_of(Text("{{ a }}, b")) == ("{{ a }}", "b")
    assert tags_of(None) == ()
