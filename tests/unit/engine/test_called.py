"""What a loop's turns say of their calls; ansible-core's own answers are in tests/differential (calls_of_turns)."""

from typing import Any

import pytest

from orchestrator.engine.arguments import checked
from orchestrator.engine.called import CALLED, CENSORED, HELD, called
from orchestrator.model.results import Result, failure
from orchestrator.modules import find

STAT = {"uid": 0, "checksum": "abc", "dest": "/d/a.txt"}


def call(name: str, given: dict[str, Any], result: Result = Result()) -> dict[str, Any]:
    module = find(name)
    assert module is not None
    told: dict[str, Any] = called(module, checked(module, given, None), result).data.get("invocation", {})
    return told


def test_arguments_and_the_names_they_were_given_under() -> None:
    told = call("file", {"dest": "~/x", "mode": 488, "state": "touch"}, Result(data={"dest": "/home/x"}))["module_args"]
    assert (told["path"], told["dest"], told["mode"], told["recurse"]) == ("/home/x", "/home/x", 488, False)


@pytest.mark.parametrize(
    ("given", "raw", "cmd"), [({"_raw_params": "ls -l"}, "ls -l", None), ({"cmd": "ls -l"}, None, "ls -l")]
)
def test_commands(given: dict[str, Any], raw: str | None, cmd: str | None) -> None:
    told = call("shell", given)["module_args"]
    assert (told["_raw_params"], told["cmd"], told["_uses_shell"]) == (raw, cmd, True)


def test_secrets_are_held_back() -> None:
    assert call("user", {"name": "a", "password": "x"})["module_args"]["password"] == HELD
    told = call("copy", {"content": "x", "dest": "/d"})
    assert (told["content"], told["module_args"]["content"]) == (CENSORED, HELD)


def test_a_copy_tells_who_did_the_work() -> None:
    given = {"src": "files/a.txt", "dest": "/d/", "mode": "0600"}
    written = call("copy", given, Result(changed=True, data={**STAT, "md5sum": "x", "src": "/here"}))["module_args"]
    assert (written["_original_basename"], written["checksum"], written["validate"]) == ("a.txt", "abc", None)
    kept = call("template", given, Result(data=STAT))["module_args"]
    assert (kept["state"], kept["path"], kept["mode"]) == ("file", "/d/a.txt", "0600")
    assert call("template", given) == {"dest": "/d/", "follow": False, "mode": "0600"} | {
        "module_args": {"dest": "/d/", "follow": False, "mode": "0600"}
    }
    near = call("copy", {"src": "/a", "dest": "/b", "remote_src": True}, Result(data=STAT))["module_args"]
    assert (near["src"], near["remote_src"], near["local_follow"]) == ("/a", True, None)


def test_what_says_nothing_of_its_call() -> None:
    assert call("debug", {"msg": "x"}) == {}
    assert call("copy", {"content": "x", "dest": "/d"}, failure("no room")) == {}
    assert call("ping", {}, Result(data={"invocation": {"own": 1}})) == {"own": 1}


def test_each_module_named_is_there() -> None:
    assert [name for name in CALLED if find(name) is None] == []
