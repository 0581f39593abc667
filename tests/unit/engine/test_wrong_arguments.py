"""Wrong arguments are told in the words of Ansible's modules.

``wrong_arguments.jsonl``: what ansible-core 2.19 and its collections say of arguments that are made from their modules'
specifications: unknown ones, such as are missing, of another type, no choice, not to be had together.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestrator.engine.arguments import checked
from orchestrator.model.errors import ArgsError
from orchestrator.modules import find

CASES = [json.loads(line) for line in Path(__file__).with_name("wrong_arguments.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['module']} {' '.join(case['args'])}"[:60])
def test_as_ansible_says(case: dict[str, Any]) -> None:
    assert said(case["module"], case["args"], case["module"].rpartition(".")[2]) == case["msg"]


@pytest.mark.parametrize(
    ("called", "as_told"),
    [
        ("file", "(file)"),
        ("ansible.builtin.file", "(ansible.builtin.file)"),
        ("ansible.builtin.shell", "(ansible.legacy.command)"),
        ("template", "(ansible.legacy.copy)"),
        ("ansible.builtin.pause", "(ansible_collections.ansible.builtin.plugins.action.pause)"),
    ],
)
def test_an_unknown_argument_is_told_by_the_module_that_gets_it(called: str, as_told: str) -> None:
    args = {"src": "a", "dest": "b"} if called == "template" else {"path": "a"} if "file" in called else {}
    assert f"Unsupported parameters for {as_told} module: bogus." in said(called, {**args, "bogus": 1}, called)


@pytest.mark.parametrize(
    ("name", "args", "told"),
    [
        ("include_vars", {"x": 1}, "Task failed: x is not a valid option in include_vars"),
        ("add_host", {}, "name, host or hostname needs to be provided"),
        ("group_by", {}, "the 'key' param is required when using group_by"),
        ("ansible.builtin.fail", {"x": 1}, "Invalid options for ansible.builtin.fail: x"),
        ("uri", {"url": "ftp//bad"}, "unknown url type: 'ftp//bad'"),
        ("lineinfile", {"path": "a", "line": "b", "regexp": "(("}, "missing ), unterminated subpattern at position 1"),
        (
            "stat",
            {"path": "a", "follow": "maybe"},
            "The value 'maybe' is not a valid boolean. Valid booleans include: ",
        ),
        ("stat", {"path": "a", "follow": None}, "<class 'NoneType'> cannot be converted to a bool"),
    ],
)
def test_words_of_actions(name: str, args: dict[str, Any], told: str) -> None:
    assert told in said(name, args, name)


def said(name: str, args: dict[str, Any], called: str) -> str:
    module = find(name)
    assert module is not None
    with pytest.raises(ArgsError) as caught:
        checked(module, args, None, called=called)
    return caught.value.message
