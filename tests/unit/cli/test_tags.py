"""Tags as they are written: commas in texts and in lists, templates; names and keywords without a value."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Orch

TASKS = """\
- hosts: all
  gather_facts: false
  vars: {one: "p,q", list: [a, "b,c"], number: 5}
  tasks:
    - {debug: {msg: text}, tags: "x, y"}
    - {debug: {msg: entry}, tags: ["x,y", z]}
    - {debug: {msg: template}, tags: "{{ one }}"}
    - {debug: {msg: values}, tags: "{{ list }}"}
    - {debug: {msg: parts}, tags: "{{ list[0] }}b,w"}
    - {debug: {msg: numbers}, tags: [5, "{{ number }}"]}
    - {debug: {msg: either}, tags: [true, "{{ omit }}"]}
"""


@pytest.mark.parametrize(
    ("asked", "run"),
    [
        ("x", ["text"]),
        ("z", ["entry"]),
        ("p", []),
        ("a", ["values"]),
        ("c", []),
        ("ab", ["parts"]),
        ("w", ["parts"]),
        ("5", []),
        ("all", ["text", "entry", "template", "values", "parts", "numbers", "either"]),
    ],
)
def test_only_a_text_s_own_commas_part_tags(orch: Orch, here: Path, asked: str, run: list[str]) -> None:
    (here / "p.yml").write_text(TASKS)
    found, out, _ = orch("run", "p.yml", "-i", "hosts", "--tags", asked)
    assert found == 0
    assert list(dict.fromkeys(re.findall(r'"msg": "(\w+)"', out))) == run


@pytest.mark.parametrize("listed", [(), ("--list-tasks",), ("--tags", "other")])
@pytest.mark.parametrize("tag", ["{{ nowhere }}", "{{ inventory_hostname }}", "{{ 1 / 0 }}"])
def test_a_tag_without_value_ends_the_run_before_its_first_task(
    orch: Orch, here: Path, tag: str, listed: tuple[str, ...]
) -> None:
    (here / "p.yml").write_text(
        f"- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: {{}}\n    - {{debug: {{}}, tags: '{tag}'}}\n"
    )
    found, out, err = orch("run", "p.yml", "-i", "hosts", *listed)
    assert found == 1 and "TASK [debug]" not in out and "p.yml:5" in err


@pytest.mark.parametrize(
    ("play", "status"),
    [
        ("roles: ['{{ nowhere }}']", 1),
        ("roles: [{role: '{{ 1 / 0 }}'}]", 1),
        ("tasks: [import_role: {name: '{{ nowhere }}'}]", 1),
        ("tasks: [import_role: {name: r, tasks_from: '{{ nowhere }}'}]", 1),
        ("tasks: [import_tasks: '{{ nowhere }}']", 4),
        ("tasks: [import_tasks: '{{ 1 / 0 }}']", 1),
        ("vars_files: ['{{ 1 / 0 }}']", 1),
        ("tags:", 1),
        ("tasks: [{debug: {}, tags: }]", 1),
        ("tasks: [{debug: {}, loop_control: }]", 4),
        ("tasks: [{debug: {}, with_items: }]", 1),
        ("tasks: [block: ]", 4),
        ("tasks: [{block: [], rescue: }]", 4),
        ("tasks: [{block: [debug: {}], always: }]", 4),
    ],
)
def test_names_and_keywords_without_value_end_as_with_ansible(orch: Orch, here: Path, play: str, status: int) -> None:
    (here / "p.yml").write_text(f"- hosts: all\n  gather_facts: false\n  {play}\n")
    found, _, err = orch("run", "p.yml", "-i", "hosts")
    assert found == status and "p.yml:3" in err
