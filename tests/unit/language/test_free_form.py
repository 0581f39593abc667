"""Free-form arguments: the same raw text and pairs as ansible-core finds, for any text."""

from __future__ import annotations

import pytest
from ansible.parsing.splitter import parse_kv
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestrator.language.free_form import split_free_form
from orchestrator.model.errors import PlaybookError
from orchestrator.model.place import Place, Text

TEXTS = st.text(alphabet=list("ab= \n\\'\"{}%#n xuäN\t"), max_size=40)


@settings(max_examples=1500, deadline=None)
@given(TEXTS, st.booleans())
@example("ls -l chdir=/tmp x=1 creates='a b'", True)
@example('src=a dest="{{ b | default("c d") }}"', False)
@example("echo \\\n  a=b\\=c", False)
@example("msg='it''s {% if x %} y {% endif %}' {# a b #}", False)
@example("a\\=b=c", False)
def test_any_text_splits_as_in_ansible(text: str, is_command: bool) -> None:
    try:
        expected = dict(parse_kv(text, check_raw=is_command))
    except Exception:
        with pytest.raises(PlaybookError):
            split_free_form(text, is_command=is_command)
        return
    raw, found = split_free_form(text, is_command=is_command)
    assert {**found, **({} if raw is None else {"_raw_params": raw})} == expected


def test_what_a_person_wrote_stays_a_template_and_keeps_its_place() -> None:
    place = Place("f.yml", 3, 5)
    raw, pairs = split_free_form(Text("echo {{ x }} chdir={{ d }}", place), is_command=True)
    assert isinstance(raw, Text)
    assert (raw, raw.place) == ("echo {{ x }}", place)
    assert [(type(key), type(value), value) for key, value in pairs.items()] == [(Text, Text, "{{ d }}")]


def test_data_never_becomes_a_template() -> None:
    raw, pairs = split_free_form("{{ x }} a={{ y }}")
    assert type(raw) is str
    assert type(pairs["a"]) is str


def test_open_quotes_are_told_with_their_place() -> None:
    with pytest.raises(PlaybookError) as caught:
        split_free_form(Text("msg='open", Place("f.yml", 3, 5)))
    assert str(caught.value).splitlines() == [
        "f.yml:3:5: quotes or template braces are left open in the arguments",
        "  evidence: msg='open",
        "  hint: close them, or write the arguments as a mapping",
    ]
