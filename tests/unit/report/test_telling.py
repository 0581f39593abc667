"""Results as ansible-playbook 2.19 tells them under other options of its callback (those it gave are the oracle's in
``tests/differential/cases/told_in_yaml``)."""

from orchestrator.report.telling import Telling

RESULT = {"msg": "a\nb \tc\x07\n", "stdout": "x", "stdout_lines": ["x"]}


def test_yaml_is_readable_or_exact() -> None:
    assert Telling(result_format="yaml").text(RESULT, is_indented=False) == (
        "\n    msg: |-\n        a\n        b       c\n    stdout: x\n    stdout_lines: <omitted>"
    )
    assert Telling(result_format="yaml", is_pretty=False).text(RESULT, is_indented=True) == (
        '\n    msg: "a\\nb \\tc\\a\\n"\n    stdout: x\n    stdout_lines:\n    - x'
    )


def test_json_is_indented_as_asked_for() -> None:
    assert Telling().text({"a": 1}, is_indented=False) == '{"a": 1}'
    assert Telling(is_pretty=True).text({"a": 1}, is_indented=False) == '{\n    "a": 1\n}'
    assert Telling(is_pretty=False).text({"a": 1}, is_indented=True) == '{"a": 1}'
