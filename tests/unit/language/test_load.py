"""YAML and JSON files as values with places."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.language import load
from orchestrator.language.load import Vaulted, is_template, load_file, load_text
from orchestrator.language.mistakes import QUOTE_TEMPLATE
from orchestrator.model.errors import InventoryError, PlaybookError
from orchestrator.model.place import Place, Text

EVERYTHING = """\
yes: no
octal: 0644
minutes: 1:30
big: 1_000
hex: 0xff
exponent: 1e3
float: 1.5
inf: .inf
nothing: ~
empty:
day: 2020-01-02
moment: 2001-12-14t21:59:43.10-05:00
text: 'on'
base: &base {k: v, deep: [1, 2]}
merged: {<<: *base, k: own}
several:
  <<: [{a: 1, b: 1}, {b: 2, c: 2}]
folded: >
  one
  two
kept: |
  a
   b
equals: =
binary: !!binary aGVsbG8=
forced: !!str 5
number: !!int "7"
set: !!set {a, b}
pairs: !!pairs [a: 1, a: 2]
5: five
"""


def test_every_kind_of_value_is_what_pyyaml_makes_of_it() -> None:
    mine = load_text(EVERYTHING.replace("equals: =\n", ""), "f.yml")
    theirs = yaml.safe_load(EVERYTHING.replace("equals: =\n", ""))
    assert mine == theirs
    assert [type(key) for key in mine if key not in (True, 5)] == [Text] * (len(mine) - 2)
    assert isinstance(mine["day"], datetime.date)
    assert load_text(EVERYTHING, "f.yml")["equals"] == "="


def test_strings_know_their_place() -> None:
    value = load_text("a:\n  - b: 'c'\n    d: |\n      text\n", "f.yml")
    inner = value["a"][0]
    assert [key.place for key in inner] == [Place("f.yml", 2, 5), Place("f.yml", 3, 5)]
    assert [each.place for each in inner.values()] == [Place("f.yml", 2, 8), Place("f.yml", 3, 8)]


def test_unsafe_text_is_never_a_template_at_any_depth() -> None:
    value = load_text("a: !unsafe '{{ x }}'\nb: !unsafe [{c: '{{ x }}'}, 5]\nc: '{{ x }}'\n", "f.yml")
    assert type(value["a"]) is str
    assert type(value["b"][0]["c"]) is str
    assert value["b"][1] == 5
    assert is_template(value["c"])
    assert not is_template(value["a"])


def test_vaulted_values_stay_closed() -> None:
    value = load_text("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n", "f.yml")["a"]
    assert value == Vaulted(Text("$ANSIBLE_VAULT;1.1;AES256\n6162\n"))
    assert value.ciphertext.place == Place("f.yml", 1, 4)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(JSON, max_size=3) | st.dictionaries(st.text(max_size=5), JSON, max_size=3), st.sampled_from([None, "\t"])
)
def test_json_is_json(value: Any, indent: str | None) -> None:
    assert load_text(json.dumps(value, indent=indent), "f.json") == value


def test_json_spells_unsafe_and_vault_as_ansible_does() -> None:
    value = load_text(
        '{"a": {"__ansible_unsafe": "{{ x }}"}, "b": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;x"}}', "f.json"
    )
    assert type(value["a"]) is str
    assert isinstance(value["b"], Vaulted)


def test_a_file_that_is_a_vault_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "v.yml"
    path.write_bytes(b"$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    asked: list[tuple[bytes, str]] = []

    def open_vault(raw: bytes, name: str) -> bytes:
        asked.append((raw, name))
        return b"key: value\n"

    assert load_file(str(path), open_vault) == {"key": "value"}
    assert asked == [(path.read_bytes(), str(path))]
    with pytest.raises(PlaybookError, match="no vault password was given"):
        load_file(str(path))


def test_lines_out_of_a_vault_are_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "v.yml"
    path.write_bytes(b"$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    for inside in (b"password: hunter2: x\n", b"? [hunter2]\n: 1\n"):
        with pytest.raises(PlaybookError) as caught:
            load_file(str(path), lambda raw, name, inside=inside: inside)  # type: ignore[misc]
        assert caught.value.evidence is None


def test_limits(tmp_path: Path) -> None:
    large = tmp_path / "large.yml"
    large.write_bytes(b"#" * (load.SIZE_LIMIT_BYTES + 1))
    with pytest.raises(PlaybookError, match="larger than"):
        load_file(str(large))
    with pytest.raises(PlaybookError, match="deeper than 64"):
        load_text("[" * 70 + "]" * 70, "f.yml")
    laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{two}: &{two} [{', '.join([f'*{one}'] * 10)}]\n" for one, two in zip("abcdef", "bcdefg", strict=True)
    )
    with pytest.raises(PlaybookError, match="aliases repeat more than"):
        load_text(laughs, "f.yml")


def test_a_file_that_cannot_be_read_is_an_error_of_the_asked_kind(tmp_path: Path) -> None:
    with pytest.raises(InventoryError) as caught:
        load_file(str(tmp_path / "none.yml"), error=InventoryError)
    told = str(caught.value).splitlines()
    assert told[0] == f"{tmp_path}/none.yml:1:1: cannot read the file: No such file or directory"
    (tmp_path / "latin.yml").write_bytes("a: 1\nb: ü".encode("latin-1"))
    with pytest.raises(PlaybookError) as other:
        load_file(str(tmp_path / "latin.yml"))
    assert other.value.place == Place(str(tmp_path / "latin.yml"), 2, 4)


def test_an_empty_file_is_nothing_and_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    assert load_text("", "f.yml") is None
    assert load_text("# only words\n---\n", "f.yml") is None
    (tmp_path / "bom.yml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert load_file(str(tmp_path / "bom.yml")) == {"a": 1}


BROKEN = {
    "a: {{ b }}\n": ("1:4", "a template stands without quotes", QUOTE_TEMPLATE),
    "a: {{ b }} c\n": ("1:4", "a template stands without quotes", QUOTE_TEMPLATE),
    "a:\n\tb: 1\n": ("2:1", "tabs cannot indent YAML", "use spaces"),
    "a: 'x\nb: 2\n": ("1:4", "a quote is opened here and never closed", "close the quote"),
    "a: [1,2\nb: 3\n": ("1:4", "a bracket or brace is opened here and never closed", "close the bracket or brace"),
    "a: {b: 1\n": ("1:4", "a bracket or brace is opened here and never closed", "close the bracket or brace"),
    "a: b: c\n": ("1:5", "a colon in unquoted text reads as a key", "put the whole value in quotes"),
    'a: "x" y\n': (
        "1:4",
        "a value that starts with a quote must end with it, and not go on after it",
        "put other quotes around the whole value",
    ),
    "a:1\nb: 2\n": (
        "2:2",
        "mapping values are not allowed in this context",
        "a space is missing after the colon of a:",
    ),
    "- a\n b: c\n": (
        "2:3",
        "mapping values are not allowed in this context",
        "check the indentation of this line and of those above it",
    ),
    "- x: 1\n  y: 2\n z: 3\n": (
        "3:2",
        "while parsing a block collection, did not find expected '-' indicator",
        "check the indentation of this line and of those above it",
    ),
    "a: %x\n": (
        "1:4",
        "while scanning for the next token, found character that cannot start any token",
        "put the value in quotes",
    ),
    "a: *x\n": ("1:4", "alias *x names no anchor that stands complete above it", None),
    "a: &a [*a]\n": ("1:8", "alias *a names no anchor that stands complete above it", None),
    "a: !foo 1\n": ("1:4", "unknown tag !foo", "known tags: !vault, !unsafe"),
    "a: !vault [1]\n": ("1:4", "unknown tag !vault here", "known tags: !vault (on text), !unsafe"),
    "a: !!pairs [1]\n": ("1:4", "!!pairs wants a list of one-key mappings", None),
    "a: 1\n---\nb: 2\n": ("2:1", "a second document begins here; one file holds one", "split the file at ---"),
    "a: 2020-13-45\n": ("1:4", "'2020-13-45' is not a valid timestamp", "quote it if it is text"),
    "a: !!int x\n": ("1:4", "'x' is not a valid int", "quote it if it is text"),
    "a: {<<: 5}\n": ("1:5", "<< wants a mapping or a list of mappings", None),
    "? [a]\n: b\n": ("1:3", "a key must be a plain value", None),
    ".nan: 1\n": ("1:1", "a key must equal itself, .nan does not", None),
    "x: 1\ny: \x01\n": ("2:4", "character U+0001 is not allowed in YAML", "remove it"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), BROKEN.items(), ids=[repr(text) for text in BROKEN])
def test_what_is_broken_is_told_with_place_and_hint(text: str, told: tuple[str, str, str | None]) -> None:
    with pytest.raises(PlaybookError) as caught:
        load_text(text, "f.yml")
    place, message, hint = told
    assert (str(caught.value.place), caught.value.message, caught.value.hint) == (f"f.yml:{place}", message, hint)
    line = text.split("\n")[int(place.split(":")[0]) - 1]
    assert caught.value.evidence in (line, None)


def test_of_a_key_that_is_written_twice_the_last_counts_and_somebody_hears() -> None:
    heard: list[str] = []
    assert load_text("a: 1\na: 2\n", "f.yml", warn=heard.append) == {"a": 2}
    assert heard == ["f.yml:2:1: Found duplicate mapping key 'a', first at f.yml:1:1; the last one counts"]


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet=list("ab:-'\"{}[]#&*!|>%@ \n\t,?0.1"), max_size=40))
def test_any_text_loads_as_with_pyyaml_or_is_a_placed_error(text: str) -> None:
    try:
        mine = load_text(text, "f.yml")
    except PlaybookError as error:
        assert error.place is not None
        return
    try:
        theirs = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        theirs = json.loads(text)  # JSON may be indented with tabs, YAML may not
    assert repr(mine) == repr(theirs)
