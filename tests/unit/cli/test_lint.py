"""What `orch lint` tells, and of what it is silent."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.conftest import Orch

RIGHT = """
- hosts: all
  strategy: ansible.builtin.free
  serial: [1, "30%", "{{ sizes }}", 2.0]
  tasks:
    - {name: a, debug: {msg: x}, when: "a == '{{ b }}'", loop: "{{ these }}", timeout: 0}
    - {name: b, debug: {msg: x}, when: ["{{ a == 1 }}", true, "{% if a %}{{ b }}{% endif %}"], loop: []}
    - {name: c, include_tasks: "{{ item }}.yml", loop: [x], when: a}
    - {name: d, include_tasks: {file: there.yml, apply: {tags: two words, environment: {A: "x {{ b }}"}}}}
    - {name: e, include_role: {name: "{{ r }}"}, timeout: "{{ t }}"}
    - {name: f, assert: {that: [a, "b == 1"], fail_msg: "no {{ a }} == {{ b }}"}}
    - {name: g, command: x creates=y, async: 5, poll: 0, until: true, retries: "{{ n }}", delay: 0.5}
"""


def test_lint_tells_all_mistakes_and_gives_advice(orch: Orch, here: Path) -> None:
    (here / "bad.yml").write_text("- hosts: all\n  taks: []\n- hosts: all\n  tasks:\n    - comand: ls\n")
    (here / "meh.yml").write_text(
        "- hosts: all\n  tasks:\n    - command: ls\n    - {name: b, command: ls creates=/x}\n"
        "    - {name: c, mysql_db: {name: x}}\n    - {name: d, apt: {name: x}, when: is_linux}\n"
    )
    found, out, _ = orch("lint", "bad.yml", "meh.yml", "-i", "nowhere")
    assert "meh.yml:5:8: there is no module community.mysql.mysql_db here" in out and "meh.yml:6" not in out
    assert found == 1
    assert out.count("bad.yml:") >= 2
    assert "advice: " in out and "always reports a change" in out and "meh.yml:4" not in out
    assert orch("lint", "meh.yml")[0] == 0


def test_what_is_right_raises_no_alarm(orch: Orch, here: Path) -> None:
    (here / "there.yml").touch()
    (here / "right.yml").write_text(RIGHT)
    (here / "inv").write_text("a lease_until=2026-11-30T18:00:00+01:00\nb lease_until=\nc lease_until='{{ end }}'\n")
    found, out, err = orch("lint", "right.yml", "-i", "inv")
    assert (found, out) == (0, ""), err


def test_lint_tells_leases_that_end_at_no_moment(orch: Orch, here: Path) -> None:
    (here / "right.yml").write_text("- hosts: all\n  tasks: []\n")
    (here / "inv").write_text("a lease_until=tomorrow\n[g]\nb\n[g:vars]\nlease_until=2026-11-30\n")
    (here / "host_vars").mkdir()
    (here / "host_vars/b.yml").write_text("lease_until: 2026-11-30\n")
    found, out, err = orch("lint", "right.yml", "-i", "inv")
    assert found == 1 and err.startswith("3 mistakes")
    assert "inv:1:15: lease_until 'tomorrow' of a names no moment\n  hint: write a date and time with its zone" in out
    assert "inv:5:13: lease_until '2026-11-30' of g" in out
    assert "host_vars/b.yml:1:1: lease_until '2026-11-30' of b" in out


def test_a_file_is_near_by_its_name_not_by_its_ending(orch: Orch, here: Path) -> None:
    (here / "lim.yml").touch()
    (here / "p.yml").write_text("- hosts: all\n  tasks:\n    - import_tasks: nix2.yml\n    - import_tasks: lin.yml\n")
    out = orch("lint", "p.yml")[1]
    assert out.count("did you mean") == 1 and "did you mean lim.yml?" in out.partition("'lin.yml'")[2]


def test_places_that_were_looked_at_are_told_once(orch: Orch, here: Path) -> None:
    (here / "p.yml").write_text("- hosts: all\n  roles: [nobody]\n")
    evidence = orch("lint", "p.yml")[1].partition("looked in ")[2].partition("\n")[0].split(":")
    assert all(evidence) and len(evidence) == len(set(evidence))
