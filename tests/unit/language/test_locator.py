"""Whose file a module's name means: what was read first comes first, as in ansible-core 2.19."""

from pathlib import Path

import pytest

from orchestrator.language.locator import Locator, OwnModule


def made(root: Path, *names: str) -> str:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return str(root)


def file_of(found: OwnModule | None) -> str:
    return "" if found is None else "/".join(Path(found.path).parts[-3:])


def test_the_playbook_comes_before_its_roles_and_both_before_the_configuration(tmp_path: Path) -> None:
    play, first, second = (made(tmp_path / name, "library/both.py") for name in ("play", "first", "second"))
    made(tmp_path / "first", "library/role", "library/two.sh")
    made(tmp_path / "second", "library/two.sh")
    configured = made(tmp_path / "configured", "both.py", "inner/most/deep.py")
    locator = Locator([configured])
    assert file_of(locator.find("both")) == f"{tmp_path.name}/configured/both.py"
    assert file_of(locator.find("deep")) == "inner/most/deep.py"
    for each in (play, first, second, play):
        locator.meet(each)
    assert file_of(locator.find("both")) == "play/library/both.py"
    assert file_of(locator.find("two")) == "first/library/two.sh"
    assert file_of(locator.find("ansible.legacy.role")) == "first/library/role"


def test_what_is_no_module_and_what_is_never_the_users(tmp_path: Path) -> None:
    names = ("a.ini", "a.py", "b.md", "copy.py", "ping.py", "__init__.py", "_old.py", "c.ps1", "d.rb", "sub/x.py")
    locator = Locator()
    locator.meet(made(tmp_path, *(f"library/{name}" for name in names)))
    assert file_of(locator.find("a")).endswith("library/a.py")
    assert file_of(locator.find("old")).endswith("library/_old.py")
    assert locator.find("ping") and locator.find("ansible.legacy.ping")
    for name in ("b", "c", "copy", "__init__", "x", "ansible.builtin.ping", "no_such"):
        assert locator.find(name) is None, name


def test_modules_of_collections(tmp_path: Path) -> None:
    inside = "ansible_collections/ns/col/plugins/modules"
    root = made(tmp_path / "root", f"{inside}/one.py", f"{inside}/sub/two.py", f"{inside}/ping.py")
    beside = made(tmp_path / "play" / "collections", f"{inside}/one.py")
    ours = made(tmp_path / "root", "ansible_collections/community/general/plugins/modules/osx_defaults.py")
    locator = Locator(collections=[root], ours=frozenset({"ansible.builtin.ping", "community.general.osx_defaults"}))
    locator.meet(str(tmp_path / "play"))
    assert locator.find("ns.col.one") == OwnModule(f"{beside}/{inside}/one.py", "ns.col.one", "ns.col")
    assert file_of(locator.find("ns.col.sub.two")) == "modules/sub/two.py"
    assert file_of(locator.find("ping", ["ns.col", "ansible.legacy"])) == "plugins/modules/ping.py"
    assert locator.find("ping", ["ansible.builtin", "ns.col"]) is None
    assert file_of(locator.find("one", ["ansible.builtin", "ns.col"])) == "plugins/modules/one.py"
    assert locator.find("community.general.osx_defaults") is None
    assert locator.find("osx_defaults", ["community.general"]) is None
    assert locator.find("ns.col.three") is None and locator.find("ns.other.one") is None
    assert locator.collections == (beside, root) and ours == root


@pytest.mark.parametrize("name", ["a..b", "..x", "a.b.", ".", "1.2.3", "a/b.c.d"])
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    assert Locator(collections=[str(tmp_path)]).find(name) is None


def test_what_modules_import_lies_beside_playbooks_and_roles(tmp_path: Path) -> None:
    locator = Locator(module_utils=[made(tmp_path / "configured", "x.py")])
    locator.meet(made(tmp_path / "play", "module_utils/y.py"))
    locator.meet(str(tmp_path / "nothing"))
    assert locator.module_utils == (str(tmp_path / "play" / "module_utils"), str(tmp_path / "configured"))


def test_an_action_plugin_comes_before_a_module_of_its_name(tmp_path: Path) -> None:
    names = ("action_plugins/acts.py", "action_plugins/copy.py", "action_plugins/meta.py", "library/acts.py")
    play = made(tmp_path / "play", *names)
    inside = "ansible_collections/ns/col/plugins"
    root = made(
        tmp_path / "root", f"{inside}/action/acts.py", f"{inside}/action/sub/more.py", f"{inside}/modules/acts.sh"
    )
    configured = made(tmp_path / "configured", "else.py", "acts.py")
    locator = Locator(collections=[root], actions=[configured])
    locator.meet(play)
    assert locator.find("acts") == OwnModule(f"{play}/action_plugins/acts.py", "acts", is_action=True)
    assert file_of(locator.find("acts", actions=False)) == "play/library/acts.py"
    assert file_of(locator.find("ns.col.acts")) == "plugins/action/acts.py"
    assert file_of(locator.find("ns.col.acts", actions=False)) == "plugins/modules/acts.sh"
    assert file_of(locator.find("acts", ["ns.col"])) == "plugins/action/acts.py"
    assert file_of(locator.find("ns.col.sub.more")) == "action/sub/more.py"
    assert file_of(locator.find("copy")) == "play/action_plugins/copy.py"
    assert file_of(locator.find("else")).endswith("configured/else.py")
    assert locator.find("meta") is None and locator.find("ansible.builtin.copy") is None
