from orchestrator.journal.entry import Entry
from orchestrator.model.events import (
    Connected,
    ConnectionLost,
    HostRescued,
    HostSummary,
    Included,
    ItemDone,
    NoHosts,
    Notified,
    PlayStarted,
    Retrying,
    RunEnded,
    RunStarted,
    Said,
    TaskDone,
    TaskStarted,
)
from orchestrator.report.telling import Telling
from orchestrator.report.transcript import Transcript
from tests.unit.report.conftest import Tell

COPY = TaskStarted(task="1", name="put it there", action="copy", play=1, place="site.yml:3:7")
DEBUG = TaskStarted(task="1", name="say", action="ansible.builtin.debug", play=1)


def test_a_play_a_task_and_a_handler(tell: Tell) -> None:
    handler = TaskStarted(task="2", name="restart", action="command", play=1, is_handler=True)
    out, _ = tell(
        Transcript(),
        PlayStarted(play=1, name="web", hosts=("a", "b")),
        COPY,
        TaskDone(host="a", task="1", outcome="ok", result={"changed": False}),
        TaskDone(host="b", task="1", outcome="changed", result={"changed": True}),
        handler,
        TaskDone(host="b", task="2", outcome="skipped"),
    )
    assert out == (
        "\nPLAY [web] *********************************************************************\n"
        "\nTASK [put it there] ************************************************************\n"
        "ok: [a]\nchanged: [b]\n"
        "\nRUNNING HANDLER [restart] ******************************************************\n"
        "skipping: [b]\n"
    )


def test_a_failure_is_explained_on_stderr_once_for_hosts_that_failed_alike(tell: Tell) -> None:
    result = {"changed": True, "msg": "non-zero return code", "rc": 3, "stderr": "a\nb\nc\nlast word\n"}
    failed = [
        TaskDone(host=host, task="1", outcome="failed", result=result, place="site.yml:3:7", hint="look there")
        for host in ("a", "b")
    ]
    out, talk = tell(Transcript(), COPY, *failed)
    shown = '{"changed": true, "msg": "non-zero return code", "rc": 3, "stderr": "a\\nb\\nc\\nlast word\\n"}'
    assert out.splitlines()[2:] == [f"fatal: [a]: FAILED! => {shown}", f"fatal: [b]: FAILED! => {shown}"]
    assert talk == (
        "a: non-zero return code\n  place: site.yml:3:7\n"
        "  evidence: b\n  evidence: c\n  evidence: last word\n  hint: look there\n"
    )


def test_unreachable_unknown_ignored_and_delegated(tell: Tell) -> None:
    out, _ = tell(
        Transcript(),
        COPY,
        TaskDone(host="a", task="1", outcome="unreachable", result={"msg": "no", "unreachable": True, "failed": False}),
        TaskDone(host="b", task="1", outcome="unknown", result={"msg": "cut", "unknown": True}, ignored=True),
        TaskDone(host="c", task="1", outcome="changed", delegated_to="d"),
        TaskDone(host="e", task="1", outcome="ok", delegated_to="e"),
    )
    assert out.splitlines()[2:] == [
        'fatal: [a]: UNREACHABLE! => {"msg": "no", "unreachable": true}',
        'fatal: [b]: UNKNOWN! => {"msg": "cut", "unknown": true}',
        "...ignoring",
        "changed: [c -> d]",
        "ok: [e]",
    ]


def test_debug_shows_its_message_alone_or_its_variable(tell: Tell) -> None:
    out, _ = tell(
        Transcript(),
        DEBUG,
        TaskDone(host="a", task="1", outcome="ok", result={"msg": "hi", "changed": False, "failed": False}),
        TaskDone(host="b", task="1", outcome="ok", result={"x": [1], "changed": False, "failed": False}),
        TaskDone(host="c", task="1", outcome="skipped", result={"skipped": True, "skip_reason": "…"}),
    )
    assert out.splitlines()[2:] == [
        "ok: [a] => {", '    "msg": "hi"', "}",
        "ok: [b] => {", '    "x": [', "        1", "    ]", "}",
        "skipping: [c]",
    ]  # fmt: skip


def test_verbosity_shows_results_but_not_gathered_facts(tell: Tell) -> None:
    setup = TaskStarted(task="2", name="Gathering Facts", action="setup", play=1)
    done = TaskDone(
        host="a", task="1", outcome="ok", result={"b": 1, "a": 2, "_ansible_no_log": False, "invocation": {}}
    )
    facts = TaskDone(host="a", task="2", outcome="ok", result={"ansible_facts": {}})
    assert tell(Transcript(verbosity=1), COPY, done)[0].splitlines()[-1] == 'ok: [a] => {"a": 2, "b": 1}'
    assert tell(Transcript(verbosity=1), setup, facts)[0].splitlines()[-1] == "ok: [a]"
    loud = tell(Transcript(verbosity=3), COPY, done)[0]
    assert "task path: site.yml:3:7\n" in loud
    assert loud.endswith('ok: [a] => {\n    "a": 2,\n    "b": 1,\n    "invocation": {}\n}\n')


def test_items(tell: Tell) -> None:
    diff = ({"before": "a\n", "after": "b\n", "after_header": "/etc/x"},)
    out, _ = tell(
        Transcript(),
        COPY,
        ItemDone(host="h", task="1", label="one", outcome="changed", result={}, diff=diff),
        ItemDone(host="h", task="1", label="two\nlines", outcome="ok", result={}),
        ItemDone(host="h", task="1", label="secret", outcome="ok", result={}, no_log=True),
        ItemDone(host="h", task="1", label="three", outcome="skipped"),
        ItemDone(host="h", task="1", label="four", outcome="failed", result={"msg": "no"}),
        TaskDone(host="h", task="1", outcome="failed", is_loop=True, ignored=True, result={"results": [], "msg": "m"}),
    )
    assert out.splitlines()[2:] == [
        "--- before", "+++ after: /etc/x", "@@ -1 +1 @@", "-a", "+b", "",
        "changed: [h] => (item=one)",
        "ok: [h] => (item=two\\nlines)",
        "ok: [h] => (item=(censored due to no_log))",
        "skipping: [h] => (item=three) ",
        'failed: [h] (item=four) => {"msg": "no"}',
        "...ignoring",
    ]  # fmt: skip


def test_no_log_hides_everything_but_the_outcome(tell: Tell) -> None:
    done = TaskDone(host="h", task="1", outcome="failed", result={"msg": "hunter2", "changed": True}, no_log=True)
    out, talk = tell(Transcript(verbosity=4), COPY, done)
    assert "hunter2" not in out + talk
    assert '{"censored": "the output has been hidden due to the fact that' in out


def test_free_strategy_repeats_the_banner_for_each_change_of_task(tell: Tell) -> None:
    other = TaskStarted(task="2", name="other", action="copy", play=1)
    out, _ = tell(
        Transcript(),
        COPY,
        other,
        TaskDone(host="a", task="1", outcome="ok"),
        TaskDone(host="b", task="2", outcome="ok"),
    )
    words = [line.split(" *")[0] for line in out.splitlines() if line]
    assert words == ["TASK [put it there]", "TASK [other]", "TASK [put it there]", "ok: [a]", "TASK [other]", "ok: [b]"]


def test_what_happens_between_tasks(tell: Tell) -> None:
    out, talk = tell(
        Transcript(),
        PlayStarted(play=1, name="", hosts=()),
        NoHosts(play=1, reason="no hosts matched"),
        COPY,
        Retrying(host="h", task="1", attempt=1, left=2),
        Included(task="1", what="/x/more.yml", hosts=("a", "b")),
        Included(task="1", what="/x/more.yml", hosts=("a",), item="two"),
        HostRescued(host="h", task="1"),
        Said(level="warning", text="careful"),
        Said(level="deprecation", text="old", host="h"),
        ConnectionLost(host="h", reason="silence", will_retry_s=2.0),
        ConnectionLost(host="h", reason="over"),
        Notified(host="h", handler="x", task="1"),
        NoHosts(play=1, reason="no hosts left"),
    )
    assert out.splitlines()[2:] == [
        "skipping: no hosts matched", "",
        "TASK [put it there] ************************************************************",
        "FAILED - RETRYING: [h]: put it there (2 retries left).",
        "included: /x/more.yml for a, b",
        "included: /x/more.yml for a => (item=two)", "",
        "NO MORE HOSTS LEFT *************************************************************",
    ]  # fmt: skip
    assert talk.splitlines() == [
        "[WARNING]: careful",
        "[DEPRECATION WARNING]: [h]: old",
        "connection lost: [h]: silence, trying again in 2 s",
    ]


def test_more_is_told_to_those_who_ask(tell: Tell) -> None:
    out, talk = tell(
        Transcript(verbosity=3),
        Notified(host="h", handler="x", task="1"),
        Connected(host="h", login="admin@h:22", duration_s=0.5),
        ConnectionLost(host="h", reason="over"),
        Retrying(host="h", task="1", attempt=1, left=2, result={"rc": 1}),
    )
    assert out.splitlines()[0] == "NOTIFIED HANDLER x for h"
    assert out.endswith('Result was: {\n    "rc": 1\n}\n')
    assert talk.splitlines() == ["connected: [h] as admin@h:22 in 0.50 s", "connection lost: [h]: over"]


def test_a_host_that_stays_away_is_told_of_seldom() -> None:
    told = Transcript()
    lost = [
        line.text
        for second in range(0, 40, 2)
        for host, pause_s in (("a", 0.2 + second), ("b", 0.0))
        for line in told.tell(Entry(1, 1000.0 + second, ConnectionLost(host=host, reason="gone", will_retry_s=pause_s)))
    ]
    assert lost == [
        "connection lost: [a]: gone, trying again",
        "connection lost: [b]: gone",
        "connection lost: [a]: gone, trying again in 16 s",
        "connection lost: [b]: gone",
        "connection lost: [a]: gone, trying again in 32 s",
        "connection lost: [b]: gone",
    ]


def test_a_loop_that_went_wrong_names_its_items(tell: Tell) -> None:
    _, talk = tell(
        Transcript(),
        TaskStarted(task="1", name="t", action="command", play=1),
        ItemDone(host="h", task="1", label="one", outcome="ok", key="k0"),
        ItemDone(host="h", task="1", label="two", outcome="unknown", key="k1",
                 result={"msg": "the line broke", "evidence": "refused"}),
        ItemDone(host="h", task="1", label="three", outcome="failed", key="k2", ignored=True, result={"msg": "no"}),
        TaskDone(host="h", task="1", outcome="unknown", is_loop=True, place="p.yml:1:1", hint="look",
                 result={"msg": "How one or more items ended is unknown", "results": []}),
    )  # fmt: skip
    assert talk.splitlines() == [
        "h: How one or more items ended is unknown",
        "  unknown: item two: the line broke",
        "  place: p.yml:1:1",
        "  evidence: refused",
        "  hint: look",
    ]


def test_the_recap_has_ansibles_layout_and_unknown_only_where_there_is_one(tell: Tell) -> None:
    hosts = (  # where nothing was tried, as on c, nothing is told
        HostSummary(host="b", ok=12, changed=1, failed=1),
        HostSummary(host="a", ok=3, unknown=2),
        HostSummary(host="c"),
    )
    slow = TaskDone(host="a", task="1", outcome="ok", duration_s=2.5)
    out, talk = tell(
        Transcript(width=30),
        RunStarted(run="r1", version="1", command=()),
        COPY,
        slow,
        RunEnded(status=2, hosts=hosts, duration_s=3.21, reason="stopped"),
    )
    rest = "skipped=0    rescued=0    ignored=0    "
    assert out.split("ok: [a]\n")[1].splitlines() == [
        "",
        f"PLAY RECAP {'*' * 20}",
        f"a                          : ok=3    changed=0    unreachable=0    failed=0    {rest}unknown=2   ",
        f"b                          : ok=12   changed=1    unreachable=0    failed=1    {rest[:-1]}",
        "",
    ]  # fmt: skip
    assert talk == "stopped\nrun r1 took 3.2 s; slowest: put it there 2.5 s on a\n"


def test_events_of_a_later_version_are_passed_over(tell: Tell) -> None:
    from orchestrator.model.events import Other

    assert tell(Transcript(), Other(kind="Later", data={})) == ("", "")


def test_a_run_without_an_inventory_says_so(tell: Tell) -> None:
    out, talk = tell(Transcript(), NoHosts(play=1, reason="no hosts matched: no inventory names any; give one with -i"))
    assert out.splitlines() == ["skipping: no hosts matched"]
    assert "give one with -i" in talk


def test_evidence_of_several_lines_stays_so(tell: Tell) -> None:
    failed = TaskDone(
        host="h", task="1", outcome="failed", result={"msg": "no"}, duration_s=1.0, evidence="first\n\nsecond"
    )
    lines = "".join(tell(Transcript(), COPY, failed))
    assert "evidence: first\n" in lines
    assert "evidence: second\n" in lines


def test_results_that_nobody_wants_to_see(tell: Tell) -> None:
    ok = TaskDone(host="h", task="1", outcome="ok", result={"msg": "fine"}, duration_s=1.0)
    skipped = TaskDone(host="i", task="1", outcome="skipped", result={"skipped": True}, duration_s=1.0)
    failed = TaskDone(host="j", task="1", outcome="failed", result={"msg": "no"}, duration_s=1.0)
    out, talk = tell(Transcript(telling=Telling(shows_ok=False, shows_skipped=False)), COPY, ok, skipped)
    assert out == talk == ""
    out, talk = tell(Transcript(telling=Telling(shows_ok=False, fails_to_stderr=True)), COPY, ok, skipped, failed)
    assert out.splitlines()[1].startswith("TASK [") and out.splitlines()[2:] == ["skipping: [i]"]
    assert "fatal: [j]: FAILED!" in talk
