"""The text of a program: quoting, names, and what never is in it twice."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.errors import Bug, NodeFault
from orchestrator.model.program import Run, Script
from orchestrator.model.secrets import Secret
from orchestrator.transport import compose
from orchestrator.transport.introduction import Introduction


@given(st.text(st.characters(exclude_characters="\0")))
def test_quoted_value_is_one_word_of_sh(value: str) -> None:
    assert shlex.split(compose.quoted(value)) == [value]
    assert compose.quoted(Secret(value)) == compose.quoted(value)


def test_nul_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(Bug, match="NUL"):
        compose.quoted("a\0b")


@given(st.text(max_size=50), st.text(max_size=50))
def test_claims_are_hex_and_tell_keys_apart(one: str, other: str) -> None:
    try:
        names = compose.claim_name(one), compose.claim_name(other)
    except UnicodeEncodeError:
        return  # lone surrogates that are no bytes of a file name
    assert all(len(name) == 32 and set(name) <= set("0123456789abcdef") for name in names)
    assert (names[0] == names[1]) == (one == other)


def test_scripts_are_named_by_their_text() -> None:
    one, same, other = Script("a", "x() { :; }"), Script("b", "x() { :; }"), Script("a", "y() { :; }")
    assert compose.script_name(one) == compose.script_name(same) != compose.script_name(other)
    assert one.text in compose.definition(one)


def test_whole_task_is_one_compound_command() -> None:
    program = Run(main="probe", values={"a": "1"}, environment={"LANG": "C"}, scripts=(Script("s", "probe() { :; }"),))
    text = compose.task("k", program, again=True, forget=["old"], wait_s=9, output_bytes=7)
    lines = text.splitlines()
    assert (lines[0], lines[-1]) == ("if {", "} </dev/null; then :; fi") and text.endswith("\n")
    assert "a='1'" in lines and "export LANG='C'" in lines and "orch_reply 9 7" in lines
    assert lines[1] == f"orch_forget {compose.claim_name('k')}"
    assert lines[-2] == f"orch_forget {compose.claim_name('old')}", "old claims go after the reply"


@pytest.mark.parametrize("name", ["orch_spool", "IFS", "PATH", "1a", "a-b", ""])
def test_names_that_a_value_may_not_take(name: str) -> None:
    with pytest.raises(Bug):
        compose.task("k", Run(main=":", values={name: ""}), again=False, forget=(), wait_s=1, output_bytes=1)


@pytest.mark.parametrize("tmp", ["relative", "", "/a\nb"])
def test_temporary_directory_is_absolute(tmp: str) -> None:
    with pytest.raises(NodeFault):
        compose.opening(nonce="n", name="n", tmp=tmp, run="r", shell="/bin/sh")


def test_a_shells_opening_passes_any_login_shell() -> None:
    words = compose.opening(nonce="n", name="orch.t", tmp="/tmp", run="r", shell="/bin/sh")
    assert words[2:] == ["orch.t", "/tmp", "r", "n", "/bin/sh"]
    for each in (words, Introduction(print).within(words)):
        text = " ".join(map(compose.quoted, each))
        assert not set(text) & set("\n\\!") and shlex.split(text) == each
