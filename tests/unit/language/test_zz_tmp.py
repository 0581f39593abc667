"""Whatever people write: a value, or a placed error of ours; never an error of Python's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.language.inventory import load_inventory, select
from orchestrator.language.inventory.assembly import LOCAL_NAMES
from orchestrator.language.keywords import HANDLER, LOOP_CONTROL, PLAY, ROLE
from orchestrator.language.playbook import load_playbooks
from orchestrator.model.errors import InventoryError, PlaybookError
from tests.unit.language.test_inventory_like_ansible import INI, YAML
from tests.unit.language.test_like_ansible import FILES, write

ODD = st.sampled_from(
    [None, True, 0, 1.5, "", "x", "a=b 'c", "{{ x }}", [], [None], [[]], {}, {"a": 1}, {1: 2}, "2020-01-01"]
)
ROUNDS = settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def places_in(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to every value inside ``value``."""
    found = [way]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        found += places_in(each, (*way, key))
    return found


def replaced(value: Any, way: tuple[Any, ...], by: Any) -> Any:
    if not way:
        return by
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[way[0]] = replaced(copy[way[0]], way[1:], by)
    return copy


def renamed(value: Any, way: tuple[Any, ...], by: Any) -> Any:
    """``value`` with the key at the end of ``way`` replaced."""
    if len(way) == 1 and isinstance(value, dict):
        return {(by if key == way[0] else key): each for key, each in value.items()}
    return replaced(value, way[:1], renamed(value[way[0]], way[1:], by)) if len(way) > 1 else value


def is_placed(error: PlaybookError) -> bool:
    return error.place is not None and bool(error.message)


@ROUNDS
@given(data=st.data())
def test_a_playbook_with_one_odd_value(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(
        st.sampled_from(["play.yml", "sub/one.yml", "roles/web/meta/main.yml", "roles/base/tasks/main.yml"])
    )
    whole = yaml.safe_load(FILES[name])
    way = data.draw(st.sampled_from(places_in(whole)))
    broken = replaced(whole, way, data.draw(ODD))
    write(tmp_path, {**FILES, name: json.dumps(broken)})
    check(tmp_path)


@ROUNDS
@given(data=st.data())
def test_a_playbook_with_one_odd_key(tmp_path: Path, data: st.DataObject) -> None:
    whole = yaml.safe_load(FILES["play.yml"])
    ways = [way for way in places_in(whole) if way and isinstance(way[-1], str)]
    words = sorted({*PLAY, *ROLE, *HANDLER, *LOOP_CONTROL, "block", "with_x", "import_role", "import_tasks", "meta"})
    key = data.draw(st.sampled_from([*words, "", "x y", "5"]))
    write(tmp_path, {**FILES, "play.yml": yaml.safe_dump(renamed(whole, data.draw(st.sampled_from(ways)), key))})
    check(tmp_path)


def check(root: Path) -> None:
    try:
        load_playbooks([str(root / "play.yml")])
    except PlaybookError as error:
        assert is_placed(error)


@ROUNDS
@given(data=st.data())
def test_an_inventory_with_one_odd_value(tmp_path: Path, data: st.DataObject) -> None:
    whole = yaml.safe_load(YAML)
    way = data.draw(st.sampled_from(places_in(whole)))
    broken = replaced(whole, way, data.draw(ODD))
    path = tmp_path / "hosts.yml"
    path.write_text(yaml.safe_dump(broken))
    try:
        load_inventory([str(path)])
    except InventoryError as error:
        assert error.place is not None


@ROUNDS
@given(
    at=st.integers(0, len(INI)),
    text=st.text(alphabet=list("[]:=#'\"\\ \n-ab1{}(,é\t"), max_size=6),
    cut=st.integers(0, 5),
)
def test_an_ini_inventory_with_odd_text(tmp_path: Path, at: int, text: str, cut: int) -> None:
    path = tmp_path / "hosts.ini"
    path.write_text(INI[:at] + text + INI[at + cut :])
    try:
        load_inventory([str(path)])
    except InventoryError as error:
        assert error.place is not None


@ROUNDS
@given(pattern=st.text(alphabet=list("ab*?[]!&~:,.-01(){ @\\"), max_size=8))
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_any_pattern(tmp_path: Path, pattern: str) -> None:
    inventory = load_inventory(["a0,a1,b,"])
    try:
        assert set(select(inventory, pattern)) <= {*inventory.hosts, *LOCAL_NAMES}
    except InventoryError as error:
        assert error.message
