"""Plists from data, and their differences key by key; values of environments stay out of sight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.modules.macos.launchd_plist import BadPlist, definition_for, differing, from_xml, key_diff, to_xml

TEXT = st.text(st.characters(min_codepoint=32, blacklist_categories=("Cs",), blacklist_characters="\ufffe\uffff"))
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**31), 2**31) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_what_is_written_is_read_back(definition: dict[str, object]) -> None:
    again = from_xml(to_xml(definition))
    assert again == definition
    assert differing(again, definition) == []


def test_the_label_is_filled_in_and_never_contradicted() -> None:
    assert definition_for("a.b", {"RunAtLoad": True}) == {"Label": "a.b", "RunAtLoad": True}
    with pytest.raises(BadPlist, match="'other'"):
        definition_for("a.b", {"Label": "other"})


def test_what_a_plist_cannot_hold_is_refused() -> None:
    with pytest.raises(BadPlist, match="cannot be written"):
        to_xml({"KeepAlive": None})
    for text in ("", "<plist>", "<plist version='1.0'><array/></plist>"):
        with pytest.raises(BadPlist):
            from_xml(text)


def test_differences_name_keys_and_hide_environments() -> None:
    old = {"KeepAlive": True, "EnvironmentVariables": {"TOKEN": "old-secret", "PATH": "/bin"}, "Nice": 1}
    new = {"KeepAlive": {"Crashed": True}, "EnvironmentVariables": {"TOKEN": "new-secret", "PATH": "/bin"}, "Nice": 1}
    diff = key_diff(old, new, "x.plist")
    assert diff.before == "EnvironmentVariables/TOKEN: (value withheld)\nKeepAlive: True\n"
    assert diff.after == "EnvironmentVariables/TOKEN: (value withheld)\nKeepAlive/Crashed: True\n"
    assert key_diff(None, {"Nice": 1}, "x").before == ""
