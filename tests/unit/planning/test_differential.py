"""What templates and conditions come to, expression by expression: the same as in ansible-core."""

import pytest

from tests.unit.planning.expressions import CONDITIONS, EXPRESSIONS, TEMPLATES, VARIABLES
from tests.unit.planning.oracle import is_error, ours, shape, theirs

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SAME_WORDS = ("is undefined", "has no attribute", "Syntax error", "is unsafe")
"""Errors that users meet daily, where our words are ansible-core's."""


def compare(text: object, conditional: bool = False) -> None:
    expected, found = theirs(text, VARIABLES, conditional), ours(text, VARIABLES, conditional)
    assert is_error(expected) == is_error(found), f"theirs: {expected!r}, ours: {found!r}"
    if not is_error(expected):
        assert shape(found) == shape(expected)
    elif any(words in expected[1] for words in SAME_WORDS) and not conditional and "_Ansible" not in expected[1]:
        assert found[1].strip() == expected[1].strip()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str) -> None:
    compare("{{ " + expression + " }}")


@pytest.mark.parametrize("template", TEMPLATES)
def test_template(template: str) -> None:
    compare(template)


@pytest.mark.parametrize("condition", CONDITIONS, ids=repr)
def test_condition(condition: object) -> None:
    compare(condition, conditional=True)


def test_containers_are_rendered_at_any_depth() -> None:
    value = {"x": ["{{ a }}", {"y": "{{ d }}"}], "o": "{{ omit }}", "l": ["{{ omit }}", 1], "n": 3, "k": None}
    assert (
        ours(value, VARIABLES)
        == theirs(value, VARIABLES)
        == {"x": ["hi", {"y": ours("{{ d }}", VARIABLES)}], "l": [1], "n": 3, "k": None}
    )
