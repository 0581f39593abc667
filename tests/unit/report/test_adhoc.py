from orchestrator.model.events import NoHosts, RunEnded, Said, TaskDone, TaskStarted
from orchestrator.report.adhoc import AdHoc
from tests.unit.report.conftest import Tell

COMMAND = TaskStarted(task="1", name="command", action="command", play=1)
PING = TaskStarted(task="1", name="ping", action="ping", play=1)


def test_commands_show_their_output_as_it_is(tell: Tell) -> None:
    out, _ = tell(
        AdHoc(),
        COMMAND,
        TaskDone(host="a", task="1", outcome="changed", result={"rc": 0, "stdout": "hi\nthere", "stderr": ""}),
        TaskDone(host="b", task="1", outcome="failed", result={"rc": 1, "stdout": "", "msg": "non-zero return code"}),
        TaskDone(host="c", task="1", outcome="skipped"),
    )
    assert out == "a | CHANGED | rc=0 >>\nhi\nthere\nb | FAILED | rc=1 >>\nnon-zero return code\nc | SKIPPED\n"


def test_other_modules_show_their_result(tell: Tell) -> None:
    lost = {"msg": "no route", "unreachable": True, "changed": False}
    out, talk = tell(
        AdHoc(),
        PING,
        TaskDone(host="a", task="1", outcome="ok", result={"ping": "pong", "changed": False, "failed": False}),
        TaskDone(host="b", task="1", outcome="unreachable", result=lost, hint="wake it"),
        Said(level="warning", text="careful"),
        NoHosts(play=1, reason="no hosts matched"),
        RunEnded(status=4, reason="stopped"),
    )
    assert out == (
        'a | SUCCESS => {\n    "changed": false,\n    "ping": "pong"\n}\n'
        'b | UNREACHABLE! => {\n    "changed": false,\n    "msg": "no route",\n    "unreachable": true\n}\n'
    )
    assert talk == "no route\n  hint: wake it\n[WARNING]: careful\n[WARNING]: no hosts matched\nstopped\n"
