"""What is wrong in playbooks: every kind of mistake with its exact place, message and hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.language.playbook import load_playbooks
from orchestrator.language.reading import Options, PlaybookErrors
from orchestrator.model.errors import PlaybookError

ACTIONS = frozenset(
    {"copy", "debug", "command", "include_tasks", "import_tasks", "include_role", "import_role", "meta"}
)
OPTIONS = Options(actions=ACTIONS, lookups=frozenset({"items", "dict"}))
TASK = "- hosts: all\n  tasks:\n"

BROKEN = {
    "": ("1:1", "the playbook is empty, nothing to do", "- hosts: all"),
    "hosts: all\n": ("1:1", "a playbook is a list of plays, not mapping", "begin each play with '- '"),
    "- all\n": ("1:3", "a playbook's entries are plays or import_playbook statements", None),
    "- tasks: []\n": ("1:3", "the play names no hosts", "did you mean"),
    "- host: all\n": ("1:3", "'host' is not a keyword of a play", "did you mean hosts?"),
    "- hosts:\n": ("1:3", "hosts cannot be empty", "hosts: all"),
    "- hosts: []\n": ("1:3", "hosts cannot be empty", "hosts: all"),
    "- hosts: [a, {b: c}]\n": ("1:11", "hosts takes names and patterns, not mapping", None),
    "- hosts: a\n  user: x\n  remote_user: y\n": (
        "1:3",
        "both 'user' and 'remote_user' are set for this play",
        "keep remote_user",
    ),
    "- hosts: a\n  become: maybe\n": ("2:3", "become takes true or false, not text", None),
    "- hosts: a\n  vars: [x]\n": ("2:3", "vars takes a mapping of variables, not list", None),
    "- hosts: a\n  vars: {a-b: 1}\n": (
        "2:10",
        "'a-b' cannot be a variable's name",
        "letters, digits and underscores, not beginning with a digit",
    ),
    "- hosts: a\n  order: sort\n": (
        "2:3",
        "order is one of inventory, sorted, reverse_sorted, reverse_inventory, shuffle",
        None,
    ),
    "- hosts: a\n  roles: x\n": ("2:3", "roles takes a list, not text", None),
    "- hosts: a\n  roles: [{tags: x}]\n": ("2:12", "a role definition must contain a role name", "- role: NAME"),
    "- hosts: a\n  roles: ['a,b']\n": ("2:11", "invalid old style role requirement: a,b", None),
    "- hosts: a\n  roles: [[x]]\n": ("2:12", "a role is a name or a mapping, not list", None),
    "- hosts: a\n  vars_prompt: [{prompt: x}]\n": ("2:18", "an entry of vars_prompt is a mapping with a name", None),
    "- hosts: a\n  vars_prompt: [{name: x, privat: y}]\n": (
        "2:27",
        "'privat' is not a keyword of a vars_prompt",
        "did you mean private?",
    ),
    "- hosts: a\n  tasks: {debug: }\n": ("2:11", "tasks takes a list, not mapping", "begin each with '- '"),
    TASK + "  - debug\n": ("3:5", "a task is a mapping, not text", "- debug: …"),
    TASK + "  - name: x\n": ("3:5", "no module/action detected in task", "name a module: command, copy, …"),
    TASK + "  - copy: {}\n    command: ls\n": (
        "4:5",
        "conflicting action statements: copy, command",
        "one task has one action",
    ),
    TASK + "  - copy: {}\n    registr: x\n": ("4:5", "'registr' is not a keyword of a task", "did you mean register?"),
    TASK + "  - copy: {}\n    listen: x\n": ("4:5", "'listen' is not a keyword of a task", None),
    TASK + "  - coppy: {}\n": ("3:5", "couldn't resolve module/action 'coppy'", "did you mean copy?"),
    TASK + "  - include: x.yml\n": (
        "3:5",
        "The 'ansible.builtin.include' action plugin has been removed",
        "use include_tasks or import_tasks",
    ),
    TASK + "  - copy: [a]\n": (
        "3:5",
        "copy takes a mapping or text, not list",
        "write the arguments as a mapping, or quote them if they are text",
    ),
    TASK + "  - copy: src='a\n": (
        "3:11",
        "quotes or template braces are left open in the arguments",
        "close them, or write the arguments as a mapping",
    ),
    TASK + "  - copy: {_ansible_x: 1}\n": (
        "3:12",
        "_ansible_x: names that begin with _ansible_ are reserved",
        None,
    ),
    TASK + "  - copy: {}\n    args: [x]\n": ("4:12", "args takes a mapping or a template of one, not list", None),
    TASK + "  - action: copy x=y\n    local_action: copy\n": (
        "3:5",
        "action and local_action exclude each other",
        None,
    ),
    TASK + "  - action: {src: x}\n": ("3:5", "action names no module", "action: {module: copy, src: …}"),
    TASK + "  - action: [x]\n": ("3:5", "action takes a mapping or text, not list", None),
    TASK + "  - action: ''\n": ("3:5", "no module/action detected in task", "action: copy src=… dest=…"),
    TASK + "  - debug:\n    with_item: [1]\n": ("4:5", "'with_item' is not a keyword of a task", "did you mean"),
    TASK + "  - debug:\n    with_items:\n": ("4:5", "with_items needs a value", None),
    TASK + "  - debug:\n    loop: [1]\n    with_items: [2]\n": (
        "5:5",
        "a task has one loop, this one has several",
        None,
    ),
    TASK + "  - debug:\n    loop_control: x\n": (
        "4:5",
        "loop_control takes a mapping, not text",
        "it may contain templates, but cannot be one itself",
    ),
    TASK + "  - debug:\n    loop_control: {loopvar: x}\n": (
        "4:20",
        "'loopvar' is not a keyword of a loop_control",
        "did you mean loop_var?",
    ),
    TASK + "  - debug:\n    register: a-b\n": (
        "4:15",
        "register takes a variable's name, not 'a-b'",
        "letters, digits and underscores, not beginning with a digit",
    ),
    TASK + "  - debug:\n    when: {a: b}\n": (
        "4:5",
        "when takes a condition or a list of conditions, not mapping",
        "put a condition in quotes where it contains a colon followed by a blank",
    ),
    TASK + "  - debug:\n    retries: many\n": ("4:5", "retries takes a whole number, not text", None),
    TASK + "  - debug:\n    debugger: sometimes\n": (
        "4:5",
        "debugger is one of always, on_failed, on_unreachable, on_skipped, never",
        None,
    ),
    TASK + "  - rescue: []\n": ("3:5", "'rescue' keyword cannot be used without 'block'", None),
    TASK + "  - block: []\n    loop: [1]\n": (
        "4:5",
        "a block cannot loop",
        "put the tasks into a file and loop over include_tasks",
    ),
    TASK + "  - block: []\n    register: x\n": ("4:5", "'register' is not a keyword of a block", None),
    TASK + "  - block: {debug: }\n": ("3:13", "block takes a list, not mapping", "begin each with '- '"),
    TASK + "  - include_tasks: {fil: x}\n": ("3:21", "invalid option for include_tasks: fil", "did you mean file?"),
    TASK + "  - include_tasks: {apply: {}}\n": ("3:5", "no file specified for include_tasks", None),
    TASK + "  - include_tasks: {file: x, apply: y}\n": ("3:30", "apply takes a mapping, not text", None),
    TASK + "  - include_tasks: x\n    become: yes\n": (
        "4:5",
        "'become' is not a keyword of an include_tasks (what it brings takes keywords by apply)",
        None,
    ),
    TASK + "  - include_role: {tasks_from: x}\n": ("3:5", "'name' is a required field for include_role", None),
    TASK + "  - include_role: {name: x, tasks_from: [y]}\n": ("3:29", "tasks_from takes text, not list", None),
    TASK + "  - import_tasks: {file: x, apply: {a: b}}\n": (
        "3:29",
        "apply is not an option of import_tasks",
        "an import hands its own keywords down",
    ),
    TASK + "  - import_tasks: x.yml\n    loop: [1]\n": (
        "3:5",
        "you cannot use loops on 'import_tasks' statements",
        "use include_tasks instead",
    ),
    TASK + "  - import_tasks: none.yml\n": ("3:19", "the tasks file 'none.yml' was not found", None),
    TASK + "  - import_tasks: '{{ x }}'\n": (
        "3:19",
        "the imported file's name holds a template, and nothing here can render it",
        None,
    ),
    TASK + "  - import_role: {name: none}\n": (
        "3:5",
        "the role 'none' was not found",
        "ansible-galaxy role install puts roles into ~/.ansible/roles",
    ),
    TASK + "  - meta: end_role\n": ("3:5", "cannot execute 'end_role' from outside of a role", None),
    "- hosts: a\n  handlers:\n  - block:\n    - block: []\n": (
        "4:7",
        "using a block as a handler is not supported",
        None,
    ),
    TASK + "  - debug:\n    loop: [1]\n    loop_control:\n      label: {a: 1}\n": (
        "6:15",
        "label takes text, not mapping",
        None,
    ),
    "- hosts: a\n  handlers:\n  - include_role: {name: x}\n": (
        "3:5",
        "using 'include_role' as a handler is not supported",
        None,
    ),
    "- hosts: a\n  handlers:\n  - meta: end_role\n": ("3:5", "cannot execute 'end_role' from a handler", None),
    "- hosts: a\n  handlers:\n  - debug:\n    listen: [{a: b}]\n": (
        "4:5",
        "listen takes text or a list of texts, not mapping",
        None,
    ),
    "- import_playbook: none.yml\n": ("1:20", "the playbook 'none.yml' was not found", None),
    "- import_playbook: [x]\n": ("1:21", "the imported playbook's name must be text", None),
    "- import_playbook: play.yml\n": ("1:3", "the playbook imports itself", None),
    "- import_playbook: x\n  ansible.builtin.import_playbook: y\n": (
        "1:3",
        "conflicting import_playbook actions: import_playbook, ansible.builtin.import_playbook",
        None,
    ),
    "- import_playbook: x\n  hosts: y\n": ("2:3", "'hosts' is not a keyword of a playbook import", None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), BROKEN.items(), ids=[repr(text) for text in BROKEN])
def test_a_mistake_is_told_with_place_and_hint(tmp_path: Path, text: str, told: tuple[str, str, str | None]) -> None:
    path = tmp_path / "play.yml"
    path.write_text(text)
    with pytest.raises(PlaybookError) as caught:
        load_playbooks([str(path)], OPTIONS)
    place, message, hint = told
    assert (str(caught.value.place), caught.value.message) == (f"{path}:{place}", message)
    if hint is None or not hint.endswith("did you mean"):
        assert caught.value.hint == hint


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(TASK + "  - coppy:\n  - debug:\n    registr: x\n  - debug:\n- hosts:\n")
    (tmp_path / "b.yml").write_text("a: b: c\n")
    with pytest.raises(PlaybookErrors) as caught:
        load_playbooks([str(tmp_path / "a.yml"), str(tmp_path / "b.yml")], OPTIONS)
    assert [str(each.place).removeprefix(f"{tmp_path}/") for each in (caught.value, *caught.value.others)] == [
        "a.yml:3:5",
        "a.yml:5:5",
        "a.yml:7:3",
        "b.yml:1:5",
    ]
    assert str(caught.value).count("hint: ") == 4
