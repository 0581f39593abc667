"""Generated expressions and values: we and ansible-core come to the same."""

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from orchestrator.model.place import Text
from orchestrator.planning.render import OMIT, Renderer
from tests.unit.planning.expressions import VARIABLES
from tests.unit.planning.oracle import is_error, ours, shape, theirs

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SOME = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

NAMES = st.sampled_from(
    "a n f t no nil empty words numbers nested d e people chain ghost broken nowhere d.b d.c d.zz".split()
)
LITERALS = st.sampled_from("1 0 2.5 'x' '' [] {} true none [1,'a'] {'k':2} omit".split())
ATOMS = NAMES | LITERALS
FILTERS = st.sampled_from(
    "default('z') upper length list string int bool first last sort unique flatten to_json type_debug dict2items "
    "join(',') map('string') reverse sum b64encode quote d(omit) ternary('y','n') from_yaml combine({'k':1}) "
    "combine({'k':[1]},recursive=true,list_merge='append') map(attribute='k')|list items batch(2)|list zip([1,2])|list "
    "pprint regex_replace('a','b') abs items basename trim hash select reject min max".split()
)
TESTS = st.sampled_from("defined undefined none string number mapping iterable truthy falsy sequence boolean".split())
OPERATORS = st.sampled_from("+ - * ~ == != < > and or in //".split())


def expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, FILTERS).map(" | ".join),
        st.tuples(inner, OPERATORS, inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, TESTS).map(lambda parts: f"({parts[0]} is {parts[1]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.tuples(inner, inner).map(lambda parts: f"{{'p': {parts[0]}, 'q': {parts[1]}}}"),
        inner.map(lambda part: f"({part})[0]"),
        inner.map(lambda part: f"({part}).k"),
    )


EXPRESSIONS = st.recursive(ATOMS, expressions, max_leaves=5)


def agree(text: Any, conditional: bool = False) -> None:
    expected, found = theirs(text, VARIABLES, conditional), ours(text, VARIABLES, conditional)
    assert is_error(expected) == is_error(found), f"theirs: {expected!r}, ours: {found!r}"
    if not is_error(expected):
        assert shape(found) == shape(expected)


@SOME
@given(EXPRESSIONS)
def test_expressions(expression: str) -> None:
    agree("{{ " + expression + " }}")


@SOME
@given(st.lists(EXPRESSIONS | st.just("a"), min_size=1, max_size=3), st.sampled_from(["", " ", "\n", "x", "\n\n"]))
def test_templates(parts: list[str], between: str) -> None:
    agree(between.join("{{ " + part + " }}" for part in parts) + between)


@SOME
@given(EXPRESSIONS)
def test_conditions(expression: str) -> None:
    assume(ours("{{ " + expression + " }}", VARIABLES) is not OMIT)  # theirs hands omit on as if it were a verdict
    agree(expression, conditional=True)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@SOME
@given(VALUES)
def test_data_comes_through_unchanged(value: Any) -> None:
    renderer = Renderer({"v": value, "held": {"in": [value]}})
    assert shape(renderer.value(Text("{{ v }}"))) == shape(value)
    assert shape(renderer.value(Text("{{ held['in'][0] }}"))) == shape(value)
    assert shape(renderer.value(value)) == shape(value)
    assert shape(renderer.value(Text("{{ v | to_json | from_json }}"))) == shape(value)


@SOME
@given(st.text(max_size=30), st.text(max_size=30))
def test_data_is_never_executed(data: str, name: str) -> None:
    renderer = Renderer({"v": data, "w": {name: data}, "x": Text("{{ v }}")})
    assert renderer.value(Text("{{ v }}")) == data
    assert (
        renderer.value(Text("{{ x }}|{{ w[n] }}")) == f"{data}|{data}"
        if renderer.extended({"n": name}) is None
        else True
    )
    assert renderer.extended({"n": name}).value(Text("{{ x }}|{{ w[n] }}|")) == f"{data}|{data}|"
