"""The stand-in beside Ansible's own ``module_utils``: the same values, the same words, for whatever comes in."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common import dict_transformations as their_dicts
from ansible.module_utils.common import network as their_network
from ansible.module_utils.common import validation as theirs
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator as TheirValidator
from ansible.module_utils.common.parameters import remove_values as their_remove
from ansible.module_utils.common.text import formatters as their_sizes
from ansible.module_utils.compat import version as their_versions
from ansible.utils import vars as their_vars
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from orchestrator.modules.own import standin
from orchestrator.modules.own.standin.ansible.module_utils.common import dict_transformations as our_dicts
from orchestrator.modules.own.standin.ansible.module_utils.common import network as our_network
from orchestrator.modules.own.standin.ansible.module_utils.common import validation as ours
from orchestrator.modules.own.standin.ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from orchestrator.modules.own.standin.ansible.module_utils.common.parameters import remove_values
from orchestrator.modules.own.standin.ansible.module_utils.common.text import formatters as our_sizes
from orchestrator.modules.own.standin.ansible.module_utils.compat import version as our_versions
from orchestrator.modules.own.standin.ansible.utils import vars as our_vars

TYPES = ("str", "int", "bool", "float", "list", "dict", "path", "raw", "json", "bytes", "bits")
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3000), st.sampled_from([0.5, 2.0]),
    st.sampled_from(["", "a", "1", "1,2", "yes", "no", "x=1", 'x=1 y="a b"', '{"x": 2}', "{'x': 3}", "{bad"]),
    st.sampled_from(["1K", "2Mb", "7.5", "~/f"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from(["one", "two", "three", "other"])
SOME = st.lists(NAMES, min_size=1, max_size=2)


def outcome(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except (TypeError, ValueError) as error:
        return type(error).__name__, _steady(str(error))


def _steady(text: str) -> str:
    """Their words for booleans are listed in no order."""
    return text.partition("Valid booleans include")[0]


@pytest.mark.parametrize("kind", [*TYPES, "jsonarg"])
def test_types_take_what_ansible_takes(kind: str) -> None:
    name = f"check_type_{kind.replace('json', 'jsonarg').replace('argarg', 'arg')}"

    @settings(max_examples=120, deadline=None, derandomize=True)
    @given(VALUES)
    def alike(value: Any) -> None:
        wanted = outcome(lambda: getattr(theirs, name)(copy.deepcopy(value)))
        assert outcome(lambda: getattr(ours, name)(copy.deepcopy(value))) == wanted

    alike()


def rule(inner: bool) -> st.SearchStrategy[dict[str, Any]]:
    options = {
        "type": st.sampled_from(TYPES),
        "required": st.booleans(),
        "no_log": st.just(False),
        "choices": st.sampled_from([["a", "1", "yes"], [1, 2], ["no", "b"]]),
        "aliases": st.sampled_from([["uno"], ["due", "dos"]]),
        "default": st.sampled_from(["a", 1, None]),
    }
    if inner:
        below = st.dictionaries(st.sampled_from("xyz"), rule(False), max_size=2)
        options |= {
            "elements": st.sampled_from(["str", "int", "dict"]),
            "options": below,
            "apply_defaults": st.booleans(),
        }
    return st.fixed_dictionaries({}, optional=options).map(_sound)


def _sound(made: dict[str, Any]) -> dict[str, Any]:
    """A rule that is no mistake of its author's."""
    if "elements" in made:
        made["type"] = "list"
    if made.get("default") is not None:
        made.pop("required", None)
    return made


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    spec=st.dictionaries(st.sampled_from(["one", "two", "three"]), rule(True), max_size=3),
    given_=st.dictionaries(st.sampled_from(["one", "two", "three", "uno", "due", "odd"]), VALUES, max_size=4),
    exclusive=st.lists(st.lists(NAMES, min_size=2, max_size=2, unique=True), max_size=1),
    together=st.lists(st.lists(NAMES, min_size=2, max_size=3, unique=True), max_size=1),
    one_of=st.lists(st.lists(NAMES, min_size=1, max_size=2, unique=True), max_size=1),
    needs_if=st.lists(st.tuples(NAMES, st.sampled_from(["a", 1]), SOME, st.booleans()), max_size=1),
    needs_by=st.dictionaries(NAMES, SOME, max_size=1),
)  # fmt: skip
def test_options_are_judged_as_ansible_judges_them(
    spec: Any, given_: Any, exclusive: Any, together: Any, one_of: Any, needs_if: Any, needs_by: Any
) -> None:
    rules = (exclusive, together, one_of, needs_if, needs_by)
    seen = []
    for validator in (TheirValidator, ArgumentSpecValidator):
        try:
            result = validator(copy.deepcopy(spec), *copy.deepcopy(rules)).validate(copy.deepcopy(given_))
        except (AttributeError, TypeError) as error:
            assert validator is TheirValidator, error
            reject()  # options within what is no mapping: a traceback there
        messages = [_steady(each) for each in result.error_messages]
        seen.append((messages[:1], result.validated_parameters))
    assert seen[0] == seen[1]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(VALUES, st.sets(st.sampled_from(["a", "1", "yes", "x=1"]), max_size=2))
def test_secrets_are_covered_as_ansible_covers_them(value: Any, hidden: set[str]) -> None:
    wrapped = {"v": value}
    wanted = outcome(lambda: their_remove(wrapped, hidden))
    assert remove_values(wrapped, hidden) == wanted or not hidden


@pytest.mark.parametrize(
    "size",
    [
        "1",
        "10B",
        "1.5K",
        "2 MB",
        "3Gb",
        "7x",
        "",
        "M",
        "1KBs",
        "5kb",
        12,
        "1 Kilo",
        "1 megabyte",
        "2kilobit",
        "3b",
        "3bit",
    ],
)
@pytest.mark.parametrize("isbits", [False, True])
def test_sizes(size: Any, isbits: bool) -> None:
    wanted = outcome(lambda: their_sizes.human_to_bytes(size, isbits=isbits))
    found = outcome(lambda: our_sizes.human_to_bytes(size, isbits=isbits))
    assert found == wanted


@pytest.mark.parametrize("number", [0, 1, 1023, 1024, 1536, 10**9, 10**15])
def test_sizes_for_people(number: int) -> None:
    for isbits in (False, True):
        assert our_sizes.bytes_to_human(number, isbits) == their_sizes.bytes_to_human(number, isbits)
    assert our_sizes.bytes_to_human(number, unit="K") == their_sizes.bytes_to_human(number, unit="K")
    assert our_sizes.lenient_lowercase(["A", 1]) == ["a", 1]


CAMELS = ["HTTPEndpoint", "TargetGroupARNs", "maxSize", "a", "", "ABC", "aB", "fooBarBAZ", "x_Y"]


def test_names_of_keys() -> None:
    nested = {each or "k": {"innerKey": [{"DeepKey": 1}, 2], "tags": {"KeepMe": 1}} for each in CAMELS}
    for reversible in (False, True):
        wanted = their_dicts.camel_dict_to_snake_dict(nested, reversible, ("tags",))
        assert our_dicts.camel_dict_to_snake_dict(nested, reversible, ("tags",)) == wanted
    snakes = {"max_size": {"a_b_c": [{"d_e": 1}, "x"]}, "_odd__one_": 1, "plain": 2}
    for first in (False, True):
        assert our_dicts.snake_dict_to_camel_dict(snakes, first) == their_dicts.snake_dict_to_camel_dict(snakes, first)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(*[st.dictionaries(st.sampled_from("xyz"), VALUES, max_size=3)] * 2)
def test_mappings_put_together_and_compared(left: Any, right: Any) -> None:
    assert our_dicts.dict_merge(left, right) == their_dicts.dict_merge(left, right)
    assert our_dicts.recursive_diff(left, right) == their_dicts.recursive_diff(left, right)
    assert outcome(lambda: our_dicts.recursive_diff(left, 1)) == outcome(lambda: their_dicts.recursive_diff(left, 1))


@pytest.mark.parametrize("path", sorted(Path(standin.__file__).parent.rglob("*.py")), ids=lambda path: path.name)
def test_it_fits_older_pythons(path: Path) -> None:
    """A user may name another interpreter: that of macOS is 3.9."""
    ast.parse(path.read_text(), feature_version=(3, 9))


ADDRESSES = st.sampled_from([
    "10.1.2.3", "255.255.240.0", "255.0.0.0", "0.0.0.0", "24", 8, "0", "33", "a", "", "1.2.3", "255.255.255.255",
    "2001:db8:1:2:3::9", "::1", "fe80::1:2", "AA:bb:cc:dd:ee:0f", "aa-bb-cc-dd-ee-0f", "aa:bb-cc:dd:ee:0f",
])  # fmt: skip


@pytest.mark.parametrize("name", "is_netmask is_masklen is_mac to_netmask to_bits to_masklen to_ipv6_subnet".split())
@given(value=ADDRESSES)
@settings(max_examples=60, deadline=None)
def test_addresses(name: str, value: Any) -> None:
    if name.startswith("to_ipv6") and ":" not in str(value):
        reject()
    assert of_address(getattr(our_network, name), value) == of_address(getattr(their_network, name), value)


@pytest.mark.parametrize("mask", ["24", 8, "255.255.240.0", "0"])
@pytest.mark.parametrize("dotted", [False, True])
def test_networks(mask: Any, dotted: bool) -> None:
    for address in ("10.1.2.3", "192.168.255.1"):
        ours_, theirs_ = (each.to_subnet(address, mask, dotted) for each in (our_network, their_network))
        assert ours_ == theirs_


def of_address(function: Callable[[Any], Any], value: Any) -> Any:
    try:
        return function(value)
    except (AttributeError, ValueError) as error:
        return type(error)


MAPPINGS = st.dictionaries(
    st.sampled_from("abc"),
    st.one_of(
        st.integers(0, 2),
        st.lists(st.integers(0, 3), max_size=3),
        st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(0, 2), max_size=2), max_size=2),
    ),
    max_size=3,
)


@given(first=MAPPINGS, second=MAPPINGS, deep=st.booleans(), lists=st.sampled_from([*our_vars.LISTS]))
@settings(max_examples=150, deadline=None)
def test_mappings_merged(first: Any, second: Any, deep: bool, lists: str) -> None:
    assert our_vars.merge_hash(first, second, deep, lists) == their_vars.merge_hash(first, second, deep, lists)
    assert our_vars.combine_vars(first, second) == their_vars.combine_vars(first, second, merge=False)
    for function in (our_vars.merge_hash, their_vars.merge_hash):
        with pytest.raises(Exception, match="can only be equal"):
            function(first, second, list_merge="none")
        with pytest.raises(Exception, match="expected dicts but got"):
            function(first, 3)


VERSIONS = st.sampled_from(
    "0 1 1.0 1.0.0 1.0.1 1.10 1.9 2.4b1 2.4a 2.4.0a2 3.1b12 1.2.3.4 1.2-rc1 v2 2.x 1.2.a".split()
)


@given(kind=st.sampled_from(["LooseVersion", "StrictVersion"]), one=VERSIONS, other=VERSIONS)
def test_versions_compare_as_ansible_compares_them(kind: str, one: str, other: str) -> None:
    def compared(versions: Any) -> Any:
        version = getattr(versions, kind)
        first, second = version(one), version(other)
        return first < second, first <= second, first == second, first != second, first > other, str(first)

    assert outcome(lambda: compared(our_versions)) == outcome(lambda: compared(their_versions))
