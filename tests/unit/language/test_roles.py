"""Roles and dynamic includes: what is looked for where, what is handed down, and what the engine gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestrator.language.playbook import Loaded, handed_down, load_playbooks, load_role, load_tasks
from orchestrator.language.reading import Options
from orchestrator.language.tree import Block, Play, Task
from orchestrator.model.errors import PlaybookError
from tests.unit.language.test_like_ansible import write


def load(root: Path, text: str, files: dict[str, str] | None = None, **options: Any) -> Play:
    write(root, {"play.yml": text, **(files or {})})
    return load_playbooks([str(root / "play.yml")], Options(**options)).plays[0]


def include(play: Play) -> Task:
    (task,) = play.tasks
    assert isinstance(task, Task)
    return task


ROLE = {"roles/r/tasks/main.yml": "- debug:\n", "roles/r/handlers/main.yml": "- name: h\n  debug:\n"}


def test_included_tasks_get_what_surrounds_the_include_and_its_apply(tmp_path: Path) -> None:
    play = load(
        tmp_path,
        """
- hosts: all
  become: yes
  tasks:
    - include_tasks: {file: more.yml, apply: {tags: applied, become_user: me, vars: {a: 1}, when: ap}}
      vars: {v: 1}
      tags: own
      when: mine
""",
        {"more.yml": "- debug:\n  tags: t\n- import_role: {name: r}\n- include_tasks: x.yml\n  vars: {w: 2}\n", **ROLE},
    )
    task = include(play)
    loaded = load_tasks("more.yml", task, key_prefix="k", within="w/", playbook=play.path, apply=task.args["apply"])
    first, role, second = loaded.nodes
    assert first.keywords.when == ("ap",)
    assert first.keywords.tags == ("applied", "t")
    assert first.keywords.vars == ({"v": 1}, {"a": 1})
    assert first.keywords.include_params == ({"v": 1},)
    assert second.keywords.include_params == ({"v": 1}, {"w": 2})
    assert (first.keywords.become, first.keywords.become_user) == (True, "me")
    assert [node.key for node in loaded.nodes] == ["k.0", "k.1", "k.2"]
    assert isinstance(role, Block)
    assert role.is_role
    assert [handler.name for handler in loaded.handlers] == ["h"]
    assert {Path(path).name for path in loaded.files} == {"more.yml", "main.yml"}


def test_an_included_role_brings_blocks_handlers_and_variables(tmp_path: Path) -> None:
    play = load(
        tmp_path,
        "- hosts: all\n  tasks:\n    - include_role: {name: r, tasks_from: other}\n      vars: {v: 1}\n",
        {
            **ROLE,
            "roles/r/tasks/other.yaml": "- include_tasks: third.yml\n",
            "roles/r/tasks/third.yml": "- copy: {}\n",
            "roles/r/vars/special.yml": "x: 1\n",
            "roles/r/meta/main.yml": "dependencies: [{src: 'git+https://host/x/dep.git,v1'}, {src: 'a,v2,named'}, 7]\n",
            "roles/dep/tasks/main.yml": "- debug:\n",
            "roles/named/tasks/main.yml": "",
            "roles/7/tasks/main.yml": "",
        },
    )
    loaded = load_role(
        "r",
        include(play),
        key_prefix="k",
        within="w/",
        playbook=play.path,
        from_files={"tasks": "other", "vars": "special"},
        apply={"become": True},
        public=True,
    )
    assert loaded.role
    assert loaded.role.public
    assert loaded.role.allow_duplicates
    assert (loaded.role.vars, loaded.role.given_vars) == ({"x": 1}, {"v": 1})
    assert [block.role.name for block in loaded.nodes if isinstance(block, Block) and block.role] == [
        "dep",
        "named",
        "7",
        "r",
    ]
    assert loaded.role.dependencies == ("dep", "named", "7")
    block = loaded.nodes[-1]
    assert isinstance(block, Block)
    inner = block.body[0]
    assert isinstance(inner, Task)
    assert inner.keywords.become is True
    deeper: Loaded = load_tasks("third.yml", inner, key_prefix="k2", within="w2/", playbook=play.path)
    assert isinstance(deeper.nodes[0], Task)
    assert deeper.nodes[0].role == inner.role


def test_included_handlers_are_handlers(tmp_path: Path) -> None:
    play = load(
        tmp_path,
        "- hosts: all\n  handlers:\n    - name: h\n      include_tasks: more.yml\n      listen: x\n",
        {"more.yml": "- debug:\n"},
    )
    (handler,) = play.handlers
    assert isinstance(handler, Task)
    loaded = load_tasks("more.yml", handler, key_prefix="k", within="w/", playbook=play.path)
    assert isinstance(loaded.nodes[0], Task)
    assert loaded.nodes[0].is_handler


def test_what_a_dynamic_include_brings_is_checked(tmp_path: Path) -> None:
    play = load(tmp_path, "- hosts: all\n  tasks:\n    - include_tasks: more.yml\n", {"more.yml": "a: 1\n"})
    with pytest.raises(PlaybookError, match="a tasks file holds a list of tasks, not mapping"):
        load_tasks("more.yml", include(play), key_prefix="k", within="w/", playbook=play.path)
    with pytest.raises(PlaybookError, match=r"the tasks file 'mor\.yml' was not found") as caught:
        load_tasks("mor.yml", include(play), key_prefix="k", within="w/", playbook=play.path)
    assert caught.value.hint == "did you mean more.yml?"
    with pytest.raises(PlaybookError, match="'loop' is not a keyword of an apply"):
        handed_down(include(play), {"loop": [1]})


def test_where_roles_are_looked_for(tmp_path: Path) -> None:
    files = {
        "roles/near/tasks/main.yml": "",
        "far/path_role/tasks/main.yml": "",
        "beside/tasks/main.yml": "",
        "else/where/abs/tasks/main.yml": "",
        "collections/ansible_collections/ns/col/roles/c/tasks/main.yml": "",
        "cols/ansible_collections/ns/other/roles/short/tasks/main.yml": "",
        "far/path_role/meta/main.yml": "dependencies: [sibling]\n",
        "far/sibling/tasks/main.yml": "",
    }
    text = f"""
- hosts: all
  collections: [ns.other]
  roles: [near, path_role, beside, "{tmp_path}/else/where/abs", ns.col.c, short]
"""
    play = load(tmp_path, text, files, roles_path=(str(tmp_path / "far"),), collections_path=(str(tmp_path / "cols"),))
    found = {block.role.name: block.role for block in play.roles if block.role}
    by_path = str(tmp_path / "else/where/abs")  # a role named by its path keeps that name, as with Ansible
    assert list(found) == ["near", "sibling", "path_role", "beside", by_path, "c", "short"]
    assert found["c"].fqcn == "ns.col.c"
    assert found["short"].path == str(tmp_path / "cols/ansible_collections/ns/other/roles/short")
    assert [block.keywords.collections for block in play.roles][-2:] == [
        ("ns.col", "ansible.builtin"),
        ("ns.other", "ansible.builtin"),
    ]


def test_a_missing_role_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError) as caught:
        load(tmp_path, "- hosts: all\n  roles: [webb]\n", {"roles/web/tasks/main.yml": ""})
    assert caught.value.hint == "did you mean web?"
    assert f"{tmp_path}/roles" in str(caught.value.evidence)


def test_equal_uses_of_a_role_have_equal_keys(tmp_path: Path) -> None:
    play = load(
        tmp_path, "- hosts: all\n  roles: [r, r, {role: r, x: 1}, {role: r, tags: t}, {role: r, when: w}]\n", ROLE
    )
    keys = [block.role.key for block in play.roles if block.role]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4


BROKEN_ROLES = {
    "roles/r/meta/main.yml": [
        ("dependencies: [r]\n", "static imports or role dependencies go round in a circle"),
        ("- x\n", "meta/main of a role holds a mapping, not list"),
        ("dependencie: []\n", "'dependencie' is not a keyword of a role's meta"),
        ("dependencies: {a: b}\n", "role dependencies are a list"),
    ],
    "roles/r/defaults/main.yml": [("- x\n", "defaults/main of a role holds a mapping of variables, not list")],
    "roles/r/tasks/main.yml": [
        ("a: 1\n", "tasks/main takes a list, not mapping"),
        ("- import_role: {name: r}\n", "static imports or role dependencies go round in a circle"),
        ("- import_tasks: main.yml\n", "static imports or role dependencies go round in a circle"),
        ("- import_role: {name: r, tasks_from: none}\n", "the role has no tasks/none"),
        ("- import_role: {name: r, tasks_from: ../meta/x}\n", "is not inside the role's tasks directory"),
    ],
}


@pytest.mark.parametrize(
    ("name", "text", "message"), [(name, *each) for name, several in BROKEN_ROLES.items() for each in several]
)
def test_what_is_broken_in_a_role(tmp_path: Path, name: str, text: str, message: str) -> None:
    files = {**ROLE, "roles/r/meta/x.yml": "- debug:\n", name: text}
    with pytest.raises(PlaybookError) as caught:
        load(tmp_path, "- hosts: all\n  roles: [r]\n", files)
    assert message in caught.value.message
    assert caught.value.place
    assert caught.value.place.file.startswith(str(tmp_path))


def test_argument_specs_of_their_own_file_win(tmp_path: Path) -> None:
    files = {
        **ROLE,
        "roles/r/meta/main.yml": "argument_specs: {main: {options: {old: {}}}}\n",
        "roles/r/meta/argument_specs.yml": "argument_specs: {main: {options: {new: {type: int}}}}\n",
    }
    (block,) = load(tmp_path, "- hosts: all\n  roles: [{role: r, new: 1}]\n", files).roles
    check = block.body[0]
    assert isinstance(check, Task)
    assert check.args["argument_spec"] == {"new": {"type": "int"}}
    assert check.args["provided_arguments"] == {"new": 1}
    assert check.keywords.tags == ("always",)
    assert check.key == "1.roles.0.argument_spec"


def test_names_of_imports_may_use_the_variables_there_are(tmp_path: Path) -> None:
    def render(text: str, variables: Any) -> Any:
        return text.replace("{{ n }}", str(variables["n"]))

    files = {
        "roles/r/tasks/main.yml": "- import_tasks: '{{ n }}.yml'\n",
        "roles/r/tasks/from_defaults.yml": "- debug:\n",
        "roles/r/defaults/main.yml": "n: from_defaults\n",
        "extra.yml": "- debug:\n",
    }
    play = load(tmp_path, "- hosts: all\n  roles: [r]\n", files, render=render)
    assert len(play.roles) == 1
    text = "- hosts: all\n  vars: {n: play}\n  tasks: [{import_tasks: '{{ n }}.yml'}]\n"
    assert len(load(tmp_path, text, files, render=render, extra_vars={"n": "extra"}).tasks) == 1


def test_playbooks_of_collections_and_prompts(tmp_path: Path) -> None:
    files = {
        "cols/ansible_collections/ns/col/playbooks/site.yml": """
- hosts: all
  vars_prompt:
    - {name: x, prompt: what, private: no, confirm: yes, salt_size: 8}
""",
    }
    play = load(tmp_path, "- import_playbook: ns.col.site\n", files, collections_path=(str(tmp_path / "cols"),))
    (prompt,) = play.vars_prompt
    assert (prompt.name, prompt.private, prompt.confirm, prompt.salt_size) == ("x", False, True, 8)
    assert play.path.endswith("col/playbooks/site.yml")
