"""The many ways to write an action, and a few shapes that only some people use."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.mod_args import ModuleArgsParser

from orchestrator.language.actions import action_of, short_name, split_args
from orchestrator.language.free_form import split_free_form
from orchestrator.language.inventory.ini import literal
from orchestrator.language.load import Vaulted, load_text
from orchestrator.language.reading import Options, combine
from orchestrator.model.errors import PlaybookError
from orchestrator.model.place import Place, Text

PLACE = Place("f.yml")
TASKS = """
- copy: src=a dest=b
- copy: {src: a, dest: b}
- copy: src=a
  args: {dest: b, src: z}
- action: copy src=a dest=b
- action: {module: copy, src: a}
- action: {module: copy src=a, dest: b}
- action: {module: copy, args: {src: a}}
- action: {module: copy, args: src=a dest=b}
- action: {module: copy, args: some text}
- local_action: command echo a=b chdir=/x
- local_action: {module: shell echo hi, chdir: /x}
- command: echo "a  b" \\
    c
- ansible.builtin.shell: "echo {{ x }} | cat"
- ping:
- win_shell: dir a=b
- raw: echo a=b
- set_fact: a=1 b=two
- include_tasks: file.yml
- ns.col.thing: {x: 1}
"""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("task", load_text(TASKS, "f.yml"), ids=str)
def test_actions_are_what_ansible_makes_of_them(task: dict[str, Any]) -> None:
    action = action_of(task, Options(), (), PLACE)
    name, args, delegate_to = ModuleArgsParser(dict(task)).parse(skip_action_validation=True)
    assert (action.name, split_args(action)) == (name, args)
    assert action.is_local == (delegate_to == "localhost")


def test_arguments_that_are_only_known_later_stay_beside() -> None:
    task = load_text("copy: {src: a}\nargs: '{{ more }}'\n", "f.yml")
    action = action_of(task, Options(), (), PLACE)
    assert (action.args, action.extra) == ({"src": "a"}, "{{ more }}")
    vaulted = action_of({"command": Vaulted(Text("$ANSIBLE_VAULT"))}, Options(), (), PLACE)
    assert vaulted.args == {"_raw_params": Vaulted(Text("$ANSIBLE_VAULT"))}


def test_names_are_known_in_all_their_forms() -> None:
    options = Options(actions=frozenset({"copy", "community.general.homebrew"}))
    for task in (
        {"copy": None},
        {"ansible.builtin.copy": None},
        {"ansible.legacy.copy": None},
        {"action": Text("{{ x }}")},
    ):
        action_of(task, options, (), PLACE)
    action_of({"homebrew": None}, options, ("community.general",), PLACE)
    with pytest.raises(PlaybookError, match="couldn't resolve"):
        action_of({"homebrew": None}, options, (), PLACE)
    assert short_name("ansible.builtin.copy") == "copy"


def test_plain_actions_stay_plain() -> None:
    action = action_of({"action": "copy src={{ x }}"}, Options(), (), PLACE)
    assert type(action.args) is str


def test_an_unknown_escape_is_told() -> None:
    with pytest.raises(PlaybookError, match="unknown escape"):
        split_free_form("a=\\N{NONSUCH}")


def test_literals_of_every_kind() -> None:
    texts = {
        "(1, 'a')": [1, "a"],
        "b'x'": "x",
        "{'a': {'b': 1}}": {"a": {"b": 1}},
        "...": "...",
        "1j": "1j",
        "{1}": [1],
    }
    for text, value in texts.items():
        assert literal(text, PLACE) == value
    assert literal("[" * 300, PLACE) == "[" * 300


def test_merging_mappings() -> None:
    below, above = {"a": {"x": 1, "y": {"z": 1}}, "b": 1}, {"a": {"y": {"w": 2}}, "b": {"c": 1}}
    assert combine(below, above) == {"a": {"y": {"w": 2}}, "b": {"c": 1}}
    assert combine(below, above, "merge") == {"a": {"x": 1, "y": {"z": 1, "w": 2}}, "b": {"c": 1}}
