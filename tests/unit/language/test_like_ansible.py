"""Whole playbooks: we and ansible-core read the same tasks, in the same order, under the same keywords."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestrator.language.free_form import COMMAND_ACTIONS, split_free_form
from orchestrator.language.playbook import load_playbooks
from orchestrator.language.tree import Block, Node, Role, Task
from tests.unit.language import oracle
from tests.unit.language.oracle import KEYWORDS

FILES = {
    "play.yml": """
- hosts: all
  name: first
  vars: {which: one, color: blue}
  become: yes
  become_user: "{{ color }}"
  tags: [t0, t1]
  environment: {A: 1}
  remote_user: ops
  vars_files: [more.yml]
  pre_tasks:
    - command: ls -l chdir=/tmp creates="a b"
    - name: with everything
      copy: {src: a}
      args: {dest: b}
      with_items: [1, 2]
      loop_control: {loop_var: x, label: "{{ x }}"}
      register: out
      until: out is success
      retries: 3
      delay: 1.5
      changed_when: false
      failed_when: [a, b]
      environment: [{B: 2}, "{{ env }}"]
      notify: [h1, h2]
  roles:
    - base
    - {role: web, when: z, tags: [q], port: 22, foo: bar, vars: {k: 1}, become: no}
    - role: base
      tags: again
  tasks:
    - name: t
      notify: blocked
      vars: {from_block: 1}
      delegate_to: elsewhere
      block:
        - copy: src=a dest="{{ b }}"
          when: c
          notify: own
        - import_tasks: "sub/{{ which }}.yml"
          when: imp
          tags: imported
          vars: {v: 1}
          become_method: su
        - block:
            - debug:
          when: inner
          ignore_errors: true
          environment: {C: 3}
      when: [d, e]
      rescue:
        - debug: {msg: hi}
      always:
        - ping:
    - import_role: {name: base, tasks_from: other}
      become_user: me
      tags: rolled
      vars: {given: 5}
    - include_tasks: {file: x.yml, apply: {tags: zz}}
      vars: {iv: 1}
      tags: only
      loop: [1]
    - include_role: name=web
      vars: {rv: 1}
    - action: command echo hi
    - local_action: copy src=a dest=b
      when: [a, b]
    - ansible.builtin.shell: |
        echo a=b
        echo "c"
    - meta: flush_handlers
    - set_fact: a=1 b="{{ c }}"
    - import_tasks: "{{ from_file }}.yml"
  post_tasks:
    - debug: msg="post {{ x }}"
      tags: a,b
  handlers:
    - name: h1
      listen: topic
      debug: msg=1
    - import_tasks: hand.yml
      tags: hh
- import_playbook: other/second.yml
  when: w
  tags: imp
  vars: {pv: 1, which: second}
""",
    "more.yml": "from_file: sub/two\n",
    "sub/one.yml": "- debug: msg=one\n- import_tasks: two.yml\n  when: deeper\n",
    "sub/two.yml": "- debug: msg=two\n  tags: [x]\n",
    "hand.yml": "- name: h2\n  debug: msg=2\n  listen: [t2]\n",
    "other/second.yml": """
- hosts: [a, b]
  vars: {which: own, mine: 1}
  user: root
  tasks:
    - block:
        - debug: {}
      when: blockwise
  roles: [local]
- hosts: c
""",
    "other/roles/local/tasks/main.yaml": "- debug: msg=local\n",
    "roles/base/tasks/main.yml": "- debug: msg=base\n  become: true\n- import_tasks: extra.yml\n  when: ex\n",
    "roles/base/tasks/extra.yml": "- debug: msg=extra\n",
    "roles/base/tasks/other.yml": "- debug: msg=other\n- import_tasks: extra.yml\n",
    "roles/base/defaults/main.yml": "d: base\nbase_default: 1\n",
    "roles/base/vars/main/a.yml": "va: 1\nvb: 1\n",
    "roles/base/vars/main/b.yaml": "vb: 2\n",
    "roles/base/vars/main/c.txt": "not: read\n",
    "roles/base/handlers/main.yml": "- name: hb\n  debug: msg=hb\n  listen: basic\n",
    "roles/web/tasks/main": "- debug: msg=web\n",
    "roles/web/defaults/main.json": '{"d": "web"}',
    "roles/web/meta/main.yml": """
allow_duplicates: true
dependencies:
  - role: base
    when: dd
    tags: dep
    become_user: depuser
    level: 3
  - name: third
galaxy_info: {author: me}
argument_specs: {main: {short_description: sd, options: {foo: {type: str}}}}
""",
    "roles/web/handlers/main.yml": "- name: hw\n  debug: msg=hw\n",
    "roles/third/tasks/main.yml": "- debug: msg=third\n",
    "roles/third/vars/main.yml": "third_var: 1\n",
}


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def flat(nodes: Iterable[Node]) -> Iterator[Task]:
    for node in nodes:
        if isinstance(node, Block):
            yield from flat((*node.body, *node.rescue, *node.always))
        else:
            yield node


def told(task: Task) -> dict[str, Any]:
    k = task.keywords
    args = task.args
    if isinstance(args, str):
        raw, args = split_free_form(args, is_command=str(task.action) in COMMAND_ACTIONS)
        args = {**(task.extra_args or {}), **args, **({"_raw_params": raw} if raw is not None else {})}
    return {
        **{key: getattr(k, key) for key in KEYWORDS},
        "action": task.action,
        "name": task.name,
        "when": list(k.when),
        "tags": sorted(set(map(str, k.tags))),
        "environment": list(k.environment),
        "notify": list(task.notify),
        "vars": merged(k.vars),
        "include_params": merged(k.include_params),
        "role": (task.role.fqcn or task.role.name) if task.role else None,
        "role_vars": role_vars(task.role) if task.role else None,
        "role_defaults": role_defaults(task.role) if task.role else None,
        "loop": task.loop,
        "loop_with": task.loop_with,
        "listen": list(task.listen),
        "args": file_as_raw(str(task.action), args),
    }


def file_as_raw(action: str, args: dict[str, Any]) -> dict[str, Any]:
    if action == "include_tasks" and "file" in args:
        args = {**args, "_raw_params": args["file"]}
        del args["file"]
    return args


def merged(several: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {key: value for each in several for key, value in each.items()}


def role_vars(role: Role) -> dict[str, Any]:
    """The variables of a role where one of its tasks runs, by the rules of ansible-core's Role.get_vars."""
    chain = list(reversed(role.parents))
    inherited = merged(part for parent in chain for part in (parent.given_vars, parent.vars))
    exported = merged(each.vars for each in role.depends_on)
    params = merged(each.params for each in (*chain, role))
    return {**inherited, **exported, **role.vars, **params, **role.given_vars}


def role_defaults(role: Role) -> dict[str, Any]:
    chain = list(reversed(role.parents))
    return merged([*(each.defaults for each in role.depends_on), *(each.defaults for each in chain), role.defaults])


def render(text: str, variables: Mapping[str, Any]) -> str:
    for name, value in variables.items():
        text = text.replace("{{ " + name + " }}", str(value))
    return text


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    return tmp_path / "play.yml"


def ours(path: Path) -> list[dict[str, Any]]:
    from orchestrator.language.reading import Options

    found: list[dict[str, Any]] = []
    for play in load_playbooks([str(path)], Options(render=render)).plays:
        for section in (play.pre_tasks, play.roles, play.tasks, play.post_tasks, play.role_handlers, play.handlers):
            found += map(told, flat(section))
    return found


def test_every_task_is_what_ansible_makes_of_it(site: Path) -> None:
    mine, theirs = ours(site), list(oracle.tasks_of(site))
    assert [each["action"] for each in mine] == [each["action"] for each in theirs]
    for index, (one, other) in enumerate(zip(mine, theirs, strict=True)):
        if one["action"] == "ansible.builtin.validate_argument_spec":
            other["args"]["provided_arguments"] = dict(other["args"]["provided_arguments"])
        assert one == other, index


def test_keys_are_unique_and_the_same_at_every_load(site: Path) -> None:
    from orchestrator.language.reading import Options

    def keys() -> list[str]:
        plays = load_playbooks([str(site)], Options(render=render)).plays
        sections = (
            section
            for play in plays
            for section in (
                play.pre_tasks,
                play.roles,
                play.tasks,
                play.post_tasks,
                play.role_handlers,
                play.handlers,
            )
        )
        return [task.key for section in sections for task in flat(section)]

    first = keys()
    assert len(set(first)) == len(first)
    assert first == keys()
    assert "1.tasks.0.block.1.0" in first
