"""Lookups, filters and tests of community.general and ansible.utils, as templates call them. What is expected here was
asked of those collections, versions 11.4 and 6.0."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.render import Renderer, Surroundings

VARIABLES: dict[str, Any] = {
    "tree": {Text("a"): {Text("b"): [Text("x"), {Text("c-d"): 1}]}, Text("e"): []},
    "rows": [{"name": "a", "id": 1}, {"name": "b", "id": 2}, {"name": "a"}],
    "admins": {"bob": {"active": True}, "ann": {"active": False}},
    "keys": {"ann": ["k1"], "bob": ["k2", "k3"]},
    "one__list": ["x"],
    "two__list": ["y"],
    "one__map": {"a": {"b": 1}, "c": [1]},
    "two__map": {"a": {"d": 2}, "c": [2]},
    "three__clash": {"a": 1},
    "four__clash": {"a": 2},
    "hostvars": {
        "h1": {"group_names": ["web"], "some__list": [1]},
        "h2": {"group_names": ["db"], "some__list": [2]},
    },
    "letters": "abcdefghijklmnopqrstuvwxyz",
    "sources": [
        {"match_key": "name", "name": "left", "data": [{"name": "a", "x": 1}, {"name": "b", "x": 2}]},
        {"match_key": "id", "name": "right", "data": [{"id": "a", "y": 3}]},
    ],
}


def value(expression: str, warnings: list[str] | None = None, place: Path | None = None) -> Any:
    surroundings = Surroundings(
        search_path=(str(place),) if place else (), warn=(warnings if warnings is not None else []).append
    )
    return Renderer(VARIABLES, surroundings=surroundings).expression(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("tree | ansible.utils.to_paths", {"a.b[0]": "x", "a.b[1]['c-d']": 1, "e": []}),
        ("[] | ansible.utils.to_paths", []),
        ("tree | ansible.utils.to_paths(prepend='t', wantlist=true) | first | list | last", "t.e"),
        ("lookup('ansible.utils.to_paths', tree)", {"a.b[0]": "x", "a.b[1]['c-d']": 1, "e": []}),
        ("tree | ansible.utils.get_path(\"a.b[1]['c-d']\")", 1),
        ("tree | ansible.utils.get_path('a.b[0]', wantlist=true)", ["x"]),
        ("lookup('ansible.utils.get_path', tree, 'a.b[0]')", "x"),
        ("[4, 5, 6] | ansible.utils.index_of('eq', 5)", 1),
        ("[4, 5, 6] | ansible.utils.index_of('!=', 5)", [0, 2]),
        ("[4, 5, 6] | ansible.utils.index_of('not in', [4, 5], wantlist=true)", [2]),
        ("[4, 5, 6] | ansible.utils.index_of('odd')", 1),
        ("rows | ansible.utils.index_of('eq', 'a', 'name')", [0, 2]),
        ("rows | ansible.utils.index_of('gt', 1, 'id')", 1),
        ("query('ansible.utils.index_of', rows, 'eq', 'b', 'name')", [1]),
        (
            "sources | ansible.utils.consolidate",
            {
                "a": {"left": {"name": "a", "x": 1}, "right": {"id": "a", "y": 3}},
                "b": {"left": {"name": "b", "x": 2}, "right": {}},
            },
        ),
        (
            "{'a': 1, 'b': 2} | ansible.utils.fact_diff({'a': 1, 'b': 3}) | from_yaml",
            [
                "--- before",
                "+++ after",
                "@@ -1,4 +1,4 @@",
                " {",
                '     "a": 1,',
                '-    "b": 2',
                '+    "b": 3',
                " }",
                "",
            ],
        ),
        (
            "['a', 'b'] | ansible.utils.fact_diff(['a', 'c'], common=true) | from_yaml",
            ["--- before", "+++ after", "-b", "+c", ""],
        ),
        ("'a\nb' | ansible.utils.fact_diff('a\nc', plugin={'vars': {'skip_lines': ['b', 'c']}})", "[]"),
        (
            "['x', 'y', 'z'] | ansible.utils.param_list_compare(['all', '!y', 'w'])",
            {"actionable": ["x", "z"], "unsupported": ["w"]},
        ),
        (
            "query('community.general.dependent', {'who': 'admins'}, {'key': 'keys[item.who.key]'})",
            [
                {"who": {"key": "ann", "value": {"active": False}}, "key": "k1"},
                {"who": {"key": "bob", "value": {"active": True}}, "key": "k2"},
                {"who": {"key": "bob", "value": {"active": True}}, "key": "k3"},
            ],
        ),
        ("query('community.general.dependent')", []),
        ("lookup('community.general.merge_variables', '^.+__list$') | sort", ["x", "y"]),
        ("lookup('community.general.merge_variables', '__map', pattern_type='suffix').a", {"b": 1, "d": 2}),
        ("lookup('community.general.merge_variables', '__map', pattern_type='suffix').c | sort", [1, 2]),
        ("lookup('community.general.merge_variables', 'none_', initial_value=['z'])", ["z"]),
        ("lookup('community.general.merge_variables', '__list', pattern_type='suffix', groups=['db'])", [2]),
        ("lookup('community.general.merge_variables', '__clash', override='ignore')", {"a": 1}),
        ("lookup('community.general.random_string', length=5, override_all='0')", "00000"),
        (
            "query('community.general.random_string', seed='1') == query('community.general.random_string', seed='1')",
            True,
        ),
        ("lookup('community.general.random_string', length=9, base64=true) | b64decode | length", 9),
        ("lookup('community.general.random_string', special=false, upper=false, lower=false) | int >= 0", True),
        ("lookup('community.general.random_string', ignore_similar_chars=true, min_numeric=4) | length", 8),
        ("lookup('community.general.collection_version', 'community.general') is version('11', '>=')", True),
        ("query('community.general.collection_version', 'no.such', result_not_found='-')", ["-"]),
        ("[1, 'a'] | community.general.reveal_ansible_type", "list[int|str]"),
        ("{'a': 1} is community.general.ansible_type('dict[str, int]')", True),
        ("'a' is community.general.ansible_type(['text'], {'str': 'text'})", True),
        ("'srv.example.com' is community.general.fqdn_valid(min_labels=3)", True),
        ("'-rv' is community.general.fqdn_valid", False),
        ("'s_v' is community.general.fqdn_valid", False),
        ("'s_v.x' is community.general.fqdn_valid(allow_underscores=true)", True),
    ],
)
def test_what_it_gives(expression: str, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("tree | ansible.utils.get_path('a.z')", "has no attribute 'z'"),
        ("lookup('ansible.utils.get_path', tree, 'a.z')", "has no attribute 'z'"),
        ("[1] | ansible.utils.index_of('unheard_of', 1)", "the test 'unheard_of' was not found"),
        ("['x'] | ansible.utils.index_of('gt', 1)", "Error encountered when testing value 'x'"),
        ("[1] | ansible.utils.index_of('eq', 1, 'k')", "all list entries are required to be dictionaries"),
        ("rows | ansible.utils.index_of('eq', 1, 'id', fail_on_missing=true)", "'id' was not found in"),
        ("rows | ansible.utils.index_of('eq', 1, [2])", "Unknown key type"),
        ("query('ansible.utils.index_of', rows, 'unheard_of')", "was not found"),
        (
            "sources | ansible.utils.consolidate(fail_missing_match_value=true)",
            "missing match value b in data source 2",
        ),
        (
            "[{'match_key': 'q', 'name': 'n', 'data': rows}] | ansible.utils.consolidate(fail_missing_match_key=true)",
            "missing match key 'q'",
        ),
        (
            "[{'match_key': 'name', 'name': 'n', 'data': rows}] | ansible.utils.consolidate(fail_duplicate=true)",
            "duplicate values in data source 1",
        ),
        ("'a' | ansible.utils.fact_diff('b', plugin={'vars': {'skip_lines': ['(']}})", "is not valid"),
        ("query('community.general.dependent', 'x')", "must be a dictionary"),
        ("query('community.general.dependent', {'a': 1, 'b': 2})", "one-element dictionary, got 2"),
        ("query('community.general.dependent', {'a': [1]}, {'a': [2]})", "appears more than once"),
        ("query('community.general.dependent', {'a': 'nowhere'})", "while evaluating 'a'"),
        ("query('community.general.dependent', {'a': '1'})", "Did not obtain dictionary or list"),
        ("lookup('community.general.merge_variables', 1)", "Non-string type"),
        ("lookup('community.general.merge_variables', '__clash')", "The key 'a' with value '2' will be overwritten"),
        ("lookup('community.general.merge_variables', '__(list|map)')", "not all variables are of the same type"),
        ("lookup('community.general.merge_variables', '^rows$', initial_value='x')", "must be a list or a dict"),
        (
            "lookup('community.general.random_string', upper=false, lower=false, special=false, numbers=false)",
            "cannot be None",
        ),
        (
            "lookup('community.general.random_string', min_lower=1, ignore_similar_chars=1, similar_chars=letters)",
            "cannot be None",
        ),
        ("lookup('community.general.collection_version', 'a.b.c')", "is not a FQCN"),
        ("lookup('community.general.binary_file', 'nothing')", "Could not locate file"),
        ("1 | community.general.reveal_ansible_type(5)", "alias must be a dictionary"),
        ("1 is community.general.ansible_type(5)", "dtype must be a string or a list"),
    ],
)
def test_what_it_refuses(expression: str, said: str) -> None:
    with pytest.raises(TemplateError) as error:
        value(expression)
    assert said in str(error.value)


def test_variables_that_override_one_another_are_told_of() -> None:
    warnings: list[str] = []
    assert value("lookup('community.general.merge_variables', '__clash', override='warn')", warnings) == {"a": 1}
    assert warnings == ["The key 'a' with value '2' will be overwritten with value '1' from 'three__clash.a'"]


def test_files_of_any_content_and_installed_collections(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/logo").write_bytes(b"\x00\xff")
    found = value("query('community.general.binary_file', 'logo', 'nothing', not_exist='empty')", place=tmp_path)
    assert found == [base64.b64encode(b"\x00\xff").decode(), ""]
    top = tmp_path / "collections/ansible_collections/ns"
    for name, file, text in (
        ("made", "MANIFEST.json", '{"collection_info": {"version": "2.0.1"}}'),
        ("here", "galaxy.yml", "version: 0.0.1\n"),
        ("bare", "README", ""),
    ):
        (top / name).mkdir(parents=True)
        (top / name / file).write_text(text)
    versions = value("query('community.general.collection_version', 'ns.made', 'ns.here', 'ns.bare')", place=tmp_path)
    assert versions == ["2.0.1", "0.0.1", "*"]
