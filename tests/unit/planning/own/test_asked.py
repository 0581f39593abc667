"""Plug-ins of the user's that belong to no task: asked in a process of their own, bounded, told of when they fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestrator.cli.plugged import InventoryPlugins
from orchestrator.language.ansible_cfg import Config
from orchestrator.language.inventory import Wanted, load_inventory
from orchestrator.language.locator import Locator
from orchestrator.model.errors import InventoryError, UserError
from orchestrator.model.hosts import Inventory
from orchestrator.planning.own.asked import Talk, answer_of, described, values_of
from orchestrator.planning.own.vars import VarsPlugins

INVENTORY = """
from ansible.errors import AnsibleError
from ansible.plugins.inventory import BaseFileInventoryPlugin, expand_hostname_range

class InventoryModule(BaseFileInventoryPlugin):
    NAME = "mine"

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        print("what a plug-in prints is no answer")
{}
"""
VARS = '''
DOCUMENTATION = """
options:
  stage: {{choices: [all, inventory, task], ini: [{{section: mine, key: stage}}]}}
"""
from ansible.plugins.vars import BaseVarsPlugin

class VarsModule(BaseVarsPlugin):
    def get_vars(self, loader, path, entities, cache=True):
        super().get_vars(loader, path, entities)
        {}
'''


def plug_in(root: Path, kind: str, text: str) -> Locator:
    (root / f"{kind}_plugins").mkdir()
    (root / f"{kind}_plugins" / "mine.py").write_text(text)
    locator = Locator()
    locator.meet(str(root))
    return locator


def inventory(
    root: Path, body: str, *, source: str = "plugin: mine\n", forms: tuple[str, ...] = ("auto",)
) -> Inventory:
    locator = plug_in(root, "inventory", INVENTORY.format("\n".join(f"        {line}" for line in body.splitlines())))
    (root / "hosts.yml").write_text(source)
    plugins = InventoryPlugins(Config(), locator, lambda data, _file: data)
    return load_inventory([str(root / "hosts.yml")], plugins=plugins, wanted=Wanted(forms))


def test_what_an_inventory_plug_in_does_to_the_inventory(tmp_path: Path) -> None:
    body = """
self.inventory.add_group("web")
self.inventory.add_group("all_web")
self.inventory.add_child("all_web", "web")
self._populate_host_vars(self._expand_hostpattern("w[1:2].lan")[0], {"role": "web"}, group="web", port=22)
for name in expand_hostname_range("d[1:2]"):
    self.inventory.add_host(name)
self.inventory.hosts["d1"].set_variable("number", 1)
self.inventory.groups["web"].set_variable("all_of", self.inventory.get_groups_dict()["web"])
self.inventory.add_child("web", "d2")
assert self.inventory.get_host("none") is None and str(self.inventory.get_host("d1")) == "d1"
assert [str(each) for each in self.inventory.groups["all_web"].get_hosts()] == ["w1.lan", "w2.lan", "d2"]
assert self.loader.load("[1, a]") == [1, "a"] and self.loader.is_file(path) and self.loader.list_directory(".")
assert not self.loader.is_directory(path) and self.has_option("strict") and self.get_option("compose") == {}
self.inventory.reconcile_inventory()
"""
    found = inventory(tmp_path, body)
    assert found.members("all_web") == ["w1.lan", "w2.lan", "d2"] and found.groups["ungrouped"].hosts == ["d1"]
    assert found.hosts["w1.lan"].vars["role"] == "web" and found.hosts["w1.lan"].vars["ansible_port"] == 22
    assert found.hosts["d1"].vars["number"] == 1 and found.groups["web"].vars["all_of"] == ["w1.lan", "w2.lan"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('raise AnsibleError("no such cloud")', "the plug-in fails: no such cloud"),
        ("import os; os._exit(3)", "the plug-in fails: it ended early"),
        ('self.get_option("none")', "setting: none ) was not defined"),
        ('self.inventory.add_child("none", "x")', "none is not a known group"),
        ('self.inventory.add_host("a", "none")', "Could not find group none in inventory"),
        ('self.inventory.set_variable("none", "a", 1)', "Could not identify group or host named none"),
        ('self.loader.load_from_file("/no/such/file")', "/no/such/file"),
        ('from ansible._controller import ask; ask("dance")', "asks for 'dance', which nobody here can do"),
        ('self._read_config_data(path + "x")', "hosts.ymlx"),
        ('self.loader.load("a: [")', "a bracket or brace is opened here"),
    ],
)
def test_a_plug_in_that_fails(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(InventoryError) as caught:
        inventory(tmp_path, body)
    assert message in caught.value.message and caught.value.place is not None


def test_a_source_that_only_the_plug_in_knows(tmp_path: Path) -> None:
    body = "self.inventory.add_host(open(path).read().strip())"
    assert list(inventory(tmp_path, body, source="lonely\n", forms=("mine",)).hosts) == ["lonely"]


def test_a_plug_in_that_takes_too_long(tmp_path: Path) -> None:
    locator = plug_in(tmp_path, "vars", "import time\ntime.sleep(60)\n")
    path = locator.plugin("vars", "mine")
    assert path is not None
    told = {"kind": "vars", "plugins": [{"name": "mine", "path": path, "options": {}}], "of": "host_vars", "names": []}
    with pytest.raises(UserError, match="took too long"):
        answer_of({**told, "arguments": {}}, lambda asked: asked, path, timeout_s=0.5)
    talk = Talk(path)
    talk.close()


@pytest.mark.parametrize(
    ("ini", "at", "beside", "for_tasks"),
    [
        ({}, "demand", True, True),
        ({}, "start", True, False),
        ({"mine:stage": "task"}, "start", True, True),
        ({"mine:stage": "inventory"}, "demand", True, False),
        ({"mine:stage": "all"}, "start", True, True),
    ],
)
def test_when_a_vars_plug_in_is_asked(
    tmp_path: Path, ini: dict[str, str], at: str, beside: bool, for_tasks: bool
) -> None:
    locator = plug_in(tmp_path, "vars", VARS.format("return {'of': [each.name for each in entities]}"))
    plugins = VarsPlugins(locator, ini, ("host_group_vars",), at, None)

    def seen(*, is_task: bool) -> dict[str, Any]:
        return dict(plugins(str(tmp_path), "host_vars", ["a", "b"], is_task=is_task))

    told = {"a": {"of": ["a"]}, "b": {"of": ["b"]}}
    nothing: dict[str, Any] = {"a": {}, "b": {}}
    assert seen(is_task=False) == (told if beside else nothing)
    assert seen(is_task=True) == (told if for_tasks else nothing)
    (tmp_path / "vars_plugins" / "mine.py").unlink()
    assert seen(is_task=True) == (told if for_tasks else nothing)  # each is asked once


def test_options_of_a_plug_in_that_says_nothing_of_them(tmp_path: Path) -> None:
    for number, text in enumerate(("x = 1\n", "DOCUMENTATION = some()\n", "def broken(:\n")):
        path = tmp_path / f"{number}.py"
        path.write_text(text)
        assert values_of(described(str(path), "mine", "vars", {})) == {}
