"""``plugin: constructed`` through the command line's own loading: what is passed over, and what is refused."""

from pathlib import Path

import pytest

from orchestrator.cli.flags import InventoryFlags
from orchestrator.cli.loading import inventory_of, setting
from orchestrator.model.errors import InventoryError
from orchestrator.model.hosts import Inventory

HOSTS = '[web]\nw1 os=mac tags=\'{"a": "", "b": 1}\'\n[db]\nd1 os=\'\'\n'


def load(tmp_path: Path, built: str) -> Inventory:
    """Two hosts and ``built``, as the command line reads them."""
    (tmp_path / "1hosts").write_text(HOSTS)
    (tmp_path / "2built.yml").write_text(f"plugin: constructed\n{built}")
    flags = InventoryFlags(inventory=[str(tmp_path)], extra_vars=["more=given"])
    return inventory_of(flags, setting(flags))


@pytest.mark.parametrize(
    ("built", "told"),
    [
        ("keyed_groups: [{key: os, prefix: os}]", "os_mac"),
        ("keyed_groups: [{key: os, prefix: os, default_value: none}]", "os_none"),
        ("keyed_groups: [{key: os, separator: ''}]", "mac"),
        ("leading_separator: false\nkeyed_groups: [{key: os}]", "mac"),
        ("keyed_groups: [{key: tags, prefix: t, trailing_separator: false}]", "t_a"),
        ("keyed_groups: [{key: tags, prefix: t, default_value: x}]", "t_a_x"),
        ("keyed_groups: [{key: tags, prefix: t}]", "t_b_1"),
        ("keyed_groups: [{key: os, parent_group: '{{ os }}s'}]", "macs"),
        ("groups: {1st: os == 'mac'}", "_st"),
        ("use_extra_vars: true\nkeyed_groups: [{key: more}]", "_given"),
    ],
)
def test_groups_are_named_after_values(tmp_path: Path, built: str, told: str) -> None:
    assert told in load(tmp_path, built).groups


@pytest.mark.parametrize(
    "built",
    [
        "compose: [a]",
        "strict: true\ncompose: {a: nobody}",
        "strict: true\nkeyed_groups: [{key: os, prefix: p}]",
        "strict: true\ngroups: {a: nobody}",
        "keyed_groups: [os]",
        "keyed_groups: [{key: 1 + 1}]",
        "keyed_groups: [{key: os, default_value: a, trailing_separator: true}]",
    ],
)
def test_what_is_refused_ends_any_unparsed_inventory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built: str
) -> None:
    monkeypatch.setenv("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "1")
    with pytest.raises(InventoryError):
        load(tmp_path, built)


def test_what_fails_is_passed_over_unless_strict(tmp_path: Path) -> None:
    found = load(tmp_path, "compose: {a: nobody, b: omit, c: 1, d: os}\ngroups: {x: nobody}\nfavourite: 1")
    assert found.hosts["w1"].vars["d"] == "mac" and "x" not in found.groups
    assert not found.hosts["w1"].vars.keys() & {"a", "b", "c"}
