"""How many round trips plays cost: exact counts over a line with some delay, and what going ahead must never change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.bench.lab import ORCH, Cost, Lab, lab
from tests.bench.line import line

pytestmark = pytest.mark.needs_sshd
RTT_S = 0.1


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with lab(tmp_path_factory.mktemp("lab")) as made:
        yield made


def play(laboratory: Lab, tasks: str, *, strategy: str = "free", hosts: int = 1, rtt_s: float = RTT_S) -> Cost:
    """One play with these tasks."""
    path = laboratory.home / "play.yml"
    head = f"- hosts: all\n  gather_facts: false\n  strategy: {strategy}\n  tasks:\n"
    path.write_text(head + tasks.replace("MARKS", str(laboratory.home / "nodes")))
    with line(laboratory.sshd.port, rtt_s) as between:
        inventory = laboratory.inventory(hosts, between.port)
        return laboratory.cost([*ORCH, str(path), "-i", str(inventory)], between)


def fewest(run: Callable[[], Cost], expected: int, *, hosts: int = 1) -> int:
    """The flights a host of the run that had fewest, of three: a busy machine may write one flight in two pieces."""
    found = 999
    for _ in range(3):
        cost = run()
        assert cost.status == 0 and cost.connections == hosts, cost.output
        found = min(found, cost.flights)
        if found <= expected:
            break
    return found


def marks(laboratory: Lab) -> str:
    """What the tasks wrote, in order."""
    file = laboratory.home / "nodes" / "log"
    return file.read_text() if file.exists() else ""


def mark(word: str, *more: str) -> str:
    lines = [f"- shell: echo {word} >>MARKS/log", *(f"  {each}" for each in more)]
    return "".join(f"    {each}\n" for each in lines)


@pytest.fixture(autouse=True)
def clean(laboratory: Lab) -> None:
    laboratory.wipe()


START_AND_END = 5
"""KEXINIT, key exchange, login with the shell; then leaving nothing behind, and the good-bye that nobody waits for."""


def test_one_task_costs_one_flight_beside_start_and_end(laboratory: Lab) -> None:
    assert fewest(lambda: play(laboratory, mark("a")), START_AND_END + 1) == START_AND_END + 1


def test_free_writes_tasks_that_need_nothing_of_one_another_in_one_flight(laboratory: Lab) -> None:
    flights = fewest(lambda: play(laboratory, "".join(mark(word) for word in "abcdefgh")), START_AND_END + 1)
    assert marks(laboratory).split()[:8] == list("abcdefgh")
    assert flights == START_AND_END + 1


def test_linear_gives_each_task_its_own(laboratory: Lab) -> None:
    tasks = "".join(mark(word) for word in "abcd")
    expected = START_AND_END + 4
    assert fewest(lambda: play(laboratory, tasks, strategy="linear", hosts=2), expected, hosts=2) == expected
    assert marks(laboratory).split()[:8] == list("aabbccdd")


def test_one_host_waits_for_nobody_under_linear_either(laboratory: Lab) -> None:
    tasks = "".join(mark(word) for word in "abcd")
    assert fewest(lambda: play(laboratory, tasks, strategy="linear"), START_AND_END + 1) == START_AND_END + 1
    assert marks(laboratory).split()[:4] == list("abcd")


def test_the_last_host_left_waits_for_nobody(laboratory: Lab) -> None:
    """Its ten tasks are with it at once when the other one has failed."""
    failing = "    - command: 'false'\n      when: inventory_hostname == 'h1'\n"
    cost = play(laboratory, failing + "".join(mark(word) for word in "abcdefghij"), strategy="linear", hosts=2)
    assert marks(laboratory).split() == list("abcdefghij") and cost.status == 2
    assert cost.flights < START_AND_END + 6, cost.output


def test_a_hundred_tasks_cost_a_hundred_flights_and_few_more(laboratory: Lab) -> None:
    tasks = "    - command: 'true'\n" * 100
    assert fewest(lambda: play(laboratory, tasks, strategy="linear", hosts=2, rtt_s=0.03), 110, hosts=2) <= 110


def test_a_loop_is_one_flight_under_linear_too(laboratory: Lab) -> None:
    tasks = mark("'{{ item }}'", "loop: [1, 2, 3, 4, 5]")
    run = partial(play, laboratory, tasks, strategy="linear", hosts=2)
    assert fewest(run, START_AND_END + 1, hosts=2) == START_AND_END + 1
    assert sorted(marks(laboratory).split()[:10]) == list("1122334455")


def test_a_loop_goes_on_behind_a_failed_turn(laboratory: Lab) -> None:
    cost = play(laboratory, "    - shell: echo {{ item }} >>MARKS/log; test {{ item }} != 2\n      loop: [1, 2, 3]\n")
    assert marks(laboratory).split() == list("123") and cost.status == 2


def test_what_is_behind_a_failed_task_is_not_begun(laboratory: Lab) -> None:
    failing = "    - command: 'false'\n"
    cost = play(laboratory, mark("a") + failing + mark("b") + mark("c"))
    assert marks(laboratory).split() == ["a"]
    assert cost.status == 2 and "failed=1" in cost.output and "ok=1" in cost.output


def test_what_is_behind_a_failed_loop_is_not_begun(laboratory: Lab) -> None:
    failing = "    - shell: test {{ item }} != 1\n      loop: [1, 2]\n"
    assert play(laboratory, failing + mark("b")).status == 2
    assert marks(laboratory) == ""


def test_an_ignored_failure_lets_the_others_on(laboratory: Lab) -> None:
    ignored = "    - command: 'false'\n      ignore_errors: true\n"
    assert play(laboratory, mark("a") + ignored + mark("b")).status == 0
    assert marks(laboratory).split() == ["a", "b"]


def test_a_missing_program_stops_those_behind(laboratory: Lab) -> None:
    assert play(laboratory, "    - command: no-such-program\n" + mark("b")).status == 2
    assert marks(laboratory) == ""


def test_a_registered_result_is_waited_for_however_it_is_reached(laboratory: Lab) -> None:
    first = "    - shell: echo yes\n      register: told\n"
    direct = mark("'{{ told.stdout }}'")
    through = mark("'{{ hostvars[inventory_hostname].told.stdout }}2'")
    nested = mark("'{{ inner }}3'", "vars: {inner: '{{ told.stdout }}'}")
    asked = mark("four", "when: told.stdout == 'yes'") + mark("never", "when: told.stdout == 'no'")
    assert play(laboratory, first + direct + through + nested + asked).status == 0
    assert marks(laboratory).split() == ["yes", "yes2", "yes3", "four"]


def test_a_variable_set_in_between_is_seen(laboratory: Lab) -> None:
    before = "    - set_fact: {word: one}\n"
    between = "    - set_fact: {word: two}\n"
    assert play(laboratory, before + mark("'{{ word }}'") + between + mark("'{{ word }}'")).status == 0
    assert marks(laboratory).split() == ["one", "two"]


LINE = "    - lineinfile: {path: MARKS/conf, regexp: '^a=', line: 'a=1', create: true}\n"


def test_what_a_task_has_still_to_do_goes_out_with_what_comes_behind_it(laboratory: Lab) -> None:
    """Where the file is not as it should be, its new content and the tasks behind it are one flight more."""
    conf = laboratory.home / "nodes" / "conf"

    def over(content: str | None) -> Cost:
        laboratory.wipe()
        if content is not None:
            conf.write_text(content)
        cost = play(laboratory, mark("a") + LINE + mark("b") + mark("c"))
        assert conf.read_text() == "a=1\n" and marks(laboratory).split() == list("abc")
        return cost

    for content, more in ((None, 1), ("a=1\n", 1), ("a=2\n", 2)):
        assert fewest(partial(over, content), START_AND_END + more) == START_AND_END + more


def test_what_is_behind_a_failed_edit_is_not_begun(laboratory: Lab) -> None:
    failing = LINE.replace("create: true", "create: false")
    cost = play(laboratory, mark("a") + failing + mark("b"))
    assert cost.status == 2 and marks(laboratory).split() == ["a"]


def test_turns_of_a_loop_that_edit_one_file_build_on_one_another(laboratory: Lab) -> None:
    tasks = "    - lineinfile: {path: MARKS/conf, line: '{{ item }}', create: true}\n      loop: [a, b, c]\n"
    (laboratory.home / "nodes" / "conf").write_text("0\n")
    cost = play(laboratory, tasks + mark("b"))
    assert cost.status == 0, cost.output
    assert (laboratory.home / "nodes" / "conf").read_text() == "0\na\nb\nc\n"


def test_a_tree_is_whole_before_what_comes_behind_it_looks(laboratory: Lab) -> None:
    tree = laboratory.home / "tree"
    tree.mkdir(exist_ok=True)
    for name in "abc":
        (tree / name).write_text(name * 100)
    again = "    - copy: {src: '{{ playbook_dir }}/tree/', dest: MARKS/tree}\n"
    cost = play(laboratory, again + again)
    assert cost.status == 0 and "ok=2" in cost.output and "changed=1 " in cost.output, cost.output


def test_a_file_here_that_a_task_before_writes_is_sent_as_it_is_then(laboratory: Lab) -> None:
    """The node is this machine: what is sent ahead was read too early, and is sent again."""
    source = laboratory.home / "source"
    source.write_text("old\n")
    write = f"    - shell: sleep 0.3; echo new >{source}\n"
    copy = f"    - copy: {{src: {source}, dest: MARKS/copy}}\n"
    cost = play(laboratory, write + copy + mark("b"))
    assert cost.status == 0 and "changed=3 " in cost.output, cost.output
    assert (laboratory.home / "nodes" / "copy").read_text() == "new\n"


BLOB = "    - copy: {src: '{{ bench_blob }}', dest: MARKS/blob}\n"
ASKED = "    - command: pwd\n    - command: pwd\n      register: told\n"


def test_content_goes_along_where_a_look_has_seen_that_it_differs(laboratory: Lab) -> None:
    tasks = ASKED + mark("{{ told.rc }}") + BLOB + mark("b")

    def run(*, is_cold: bool) -> Cost:
        if is_cold:
            laboratory.wipe()
        return play(laboratory, tasks)

    for is_cold in (True, False):
        assert fewest(partial(run, is_cold=is_cold), START_AND_END + 2) == START_AND_END + 2
        assert (laboratory.home / "nodes" / "blob").read_bytes() == (laboratory.home / "blob").read_bytes()
    assert play(laboratory, tasks).up_kb < 40


@pytest.mark.parametrize(
    ("before", "after"), [("cp {{ bench_blob }}", "echo x >"), ("echo x >", "cp {{ bench_blob }}")]
)
def test_a_look_that_has_grown_old_does_no_harm(laboratory: Lab, before: str, after: str) -> None:
    """The file is changed between the look and the task that writes it."""
    first, then = (f"    - shell: {each} MARKS/blob\n" for each in (before, after))
    assert play(laboratory, first + ASKED + then + "      when: told.rc == 0\n" + BLOB + mark("b")).status == 0
    assert (laboratory.home / "nodes" / "blob").read_bytes() == (laboratory.home / "blob").read_bytes()
    assert marks(laboratory).split() == ["b"]


def test_linear_looks_behind_a_task_for_what_the_next_one_writes(laboratory: Lab) -> None:
    """The directory is made by the task that the look goes behind."""
    tasks = mark("a") + "    - file: {path: MARKS/d, state: directory}\n" + BLOB.replace("MARKS", "MARKS/d") + mark("b")
    for _ in ("cold", "warm"):
        run = partial(play, laboratory, tasks, strategy="linear", hosts=2)
        assert fewest(run, START_AND_END + 4, hosts=2) == START_AND_END + 4
    assert (laboratory.home / "nodes" / "d" / "blob").read_bytes() == (laboratory.home / "blob").read_bytes()
    assert run().up_kb < 2 * 50, "content that is there is not sent"


def test_a_look_that_nobody_asks_for_any_more_leaves_nothing(laboratory: Lab) -> None:
    """The task that the look went behind is stopped by its limit, and the host is through."""
    cost = play(laboratory, "    - command: sleep 20\n      timeout: 1\n" + BLOB, strategy="linear", hosts=2)
    assert cost.status == 2 and "Timed out" in cost.output
    assert "may still be running" not in cost.output and "left behind" not in cost.output


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, who becomes somebody else without being asked")
def test_the_shells_of_several_users_are_left_at_once(laboratory: Lab) -> None:
    other = "    - command: id -un\n      become: true\n      become_method: su\n      become_user: nobody\n"
    tasks = mark("a") + other + "      become_flags: -s /bin/sh\n"
    expected = START_AND_END + 2 + 2  # two tasks; the second shell's channel, and its command
    assert fewest(lambda: play(laboratory, tasks), expected) == expected


def test_handlers_run_behind_what_notified_them(laboratory: Lab) -> None:
    tasks = mark("a", "notify: told") + mark("b") + "  handlers:\n    - name: told\n      shell: echo c >>MARKS/log\n"
    assert play(laboratory, tasks).status == 0
    assert marks(laboratory).split() == ["a", "b", "c"]


def test_a_rescue_takes_over_and_nothing_in_between_has_run(laboratory: Lab) -> None:
    inside = (mark("a") + "    - command: 'false'\n" + mark("b")).replace("    ", "        ", 1)
    block = "    - block:\n" + "".join(f"    {each}\n" for each in inside.replace("        -", "    -", 1).splitlines())
    rescue = "      rescue:\n" + "".join(f"    {each}\n" for each in mark("r").splitlines())
    assert play(laboratory, block + rescue).status == 0
    assert marks(laboratory).split() == ["a", "r"]


@pytest.mark.parametrize(("strategy", "hosts", "expected"), [("linear", 2, 15), ("linear", 1, 7), ("free", 1, 7)])
def test_ten_small_tasks(laboratory: Lab, strategy: str, hosts: int, expected: int) -> None:
    """The workload that is told in docs/performance.md, on new nodes and again."""

    def run(*, is_cold: bool) -> Cost:
        if is_cold:
            laboratory.wipe()
        return laboratory.run(ORCH, "w1.yml", hosts, RTT_S, bench_strategy=strategy)

    for is_cold in (True, False):
        assert fewest(partial(run, is_cold=is_cold), expected, hosts=hosts) == expected


def test_ten_small_tasks_take_one_channel_and_send_a_file_once(laboratory: Lab) -> None:
    cold, warm = (laboratory.run(ORCH, "w1.yml", 1, 0.02) for _ in range(2))
    assert (cold.channels, warm.channels) == (1, 1)
    assert (cold.connections, warm.connections) == (1, 1)
    assert cold.up_kb < 200 and warm.up_kb < 60, "a file of 100 KB, and the programs"
