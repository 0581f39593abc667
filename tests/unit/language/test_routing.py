"""What collections say of names, in ``meta/runtime.yml``."""

from pathlib import Path

import pytest

from orchestrator.language.locator import Locator
from orchestrator.model.errors import RemovedAction, UnknownName

RUNTIME = """
action_groups:
  pings:
    - metadata: {extend_group: more}
    - hello
    - ansible.builtin.ping
    - 7
  our.tools.more:
    - metadata: {extend_group: [pings, other.tools.unknown]}
    - {surprise: true}
    - old
plugin_routing:
  action: {drawn: {redirect: our.tools.hello}}
  modules:
    old: {redirect: our.tools.older}
    older: {redirect: our.tools.hello}
    there: {redirect: our.tools.back}
    back: {redirect: our.tools.there}
    gone: {tombstone: {warning_text: Use our.tools.hello instead.}}
    homebrew: {redirect: our.tools.hello}
    odd: [no, mapping]
"""


def collection(root: Path, runtime: str, *modules: str) -> Locator:
    place = root / "collections/ansible_collections/our/tools"
    (place / "meta").mkdir(parents=True)
    (place / "plugins/modules").mkdir(parents=True)
    (place / "meta/runtime.yml").write_text(runtime)
    for each in modules:
        (place / f"plugins/modules/{each}.py").touch()
    locator = Locator(ours=frozenset({"our.tools.homebrew"}))
    locator.meet(str(root))
    return locator


def test_names_lead_to_where_the_module_is_by_now(tmp_path: Path) -> None:
    locator = collection(tmp_path, RUNTIME, "hello")
    for name in ("our.tools.old", "our.tools.older", "our.tools.drawn", "our.tools.hello"):
        assert locator.routed(name) == "our.tools.hello"
    for name in ("our.tools.odd", "our.tools.homebrew", "other.tools.old", "old", "ansible.builtin.old", "our.old"):
        assert locator.routed(name) == name


def test_a_short_name_is_that_of_the_first_collection_that_has_it(tmp_path: Path) -> None:
    locator = collection(tmp_path, RUNTIME, "hello")
    assert locator.routed("old", ["other.tools", "our.tools"]) == "our.tools.hello"
    assert locator.routed("hello", ["our.tools"]) == "hello"
    assert locator.routed("old", ["ansible.builtin", "our.tools"]) == "our.tools.hello"


def test_what_is_gone_and_what_goes_round_in_circles(tmp_path: Path) -> None:
    locator = collection(tmp_path, RUNTIME)
    with pytest.raises(RemovedAction, match=r"'our.tools.gone' module has been removed. Use our.tools.hello instead."):
        locator.routed("our.tools.gone")
    with pytest.raises(UnknownName, match="in a circle"):
        locator.routed("our.tools.there")


def test_groups_take_in_one_another(tmp_path: Path) -> None:
    locator = collection(tmp_path, RUNTIME, "hello")
    both = {"our.tools.hello", "ansible.builtin.ping"}
    assert locator.routing.members("our.tools.pings") == both
    assert locator.routing.members("our.tools.more") == both
    assert locator.routing.members("our.tools.none") == frozenset()
    assert locator.routing.members("testgroup") == {"ansible.builtin.ping", "testns.testcoll.ping"}
    assert locator.routing.members("docker") == frozenset()


def test_a_file_of_another_shape_says_nothing(tmp_path: Path) -> None:
    locator = collection(tmp_path, "[plugin_routing, action_groups]")
    assert locator.routed("our.tools.old") == "our.tools.old"
    assert locator.routing.members("our.tools.pings") == frozenset()


def test_plug_ins_go_by_other_names_too(tmp_path: Path) -> None:
    runtime = """
plugin_routing:
  filter:
    loud: {redirect: our.tools.louder}
    louder: {redirect: ansible.builtin.upper}
    circle: {redirect: our.tools.back}
    back: {redirect: our.tools.circle}
    short: {redirect: upper}
  connection: {here: {redirect: ansible.builtin.local}}
"""
    locator = collection(tmp_path, runtime)
    assert locator.routing.plugin("filter", "our.tools.loud") == "ansible.builtin.upper"
    for kind, name in (("test", "our.tools.loud"), ("filter", "our.tools.other"), ("filter", "upper")):
        assert locator.routing.plugin(kind, name) == name
    assert locator.connection("our.tools.here") == "local"
    with pytest.raises(UnknownName, match=r"recursive collection redirect found for 'our.tools.circle'"):
        locator.routing.plugin("filter", "our.tools.circle")
    with pytest.raises(UnknownName, match=r"our.tools contains invalid redirect for our.tools.short: upper"):
        locator.routing.plugin("filter", "our.tools.short")
