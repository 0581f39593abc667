"""`package_facts` with the tools that list packages, played by scripts first in PATH."""

import shutil

import pytest

from orchestrator.modules.builtin.package_facts import packages_of
from tests.contract import driver
from tests.contract.driver import Node

node = driver.node


def test_packages_of_the_node(node: Node) -> None:
    result = node.play("package_facts", {})
    if shutil.which("dpkg-query") and not node.is_mac:
        facts = result.data["ansible_facts"]["packages"]
        assert facts["dpkg"][0]["source"] == "apt" and facts["dpkg"][0]["version"]
        assert not result.changed
    else:
        assert not result.failed or "package manager" in str(result.msg)


def test_a_manager_that_is_not_here(node: Node) -> None:
    unknown = node.play("package_facts", {"manager": "portage-like"})
    assert unknown.failed and "Unsupported package managers requested: portage-like" in str(unknown.msg)
    if not shutil.which("rpm"):
        lacking = node.play("package_facts", {"manager": ["rpm"]})
        assert lacking.failed and "Could not detect a supported package manager" in str(lacking.msg)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("homebrew\tjq\t1.7\nhomebrew\tjq\t1.8", {"jq": [("homebrew", "1.7"), ("homebrew", "1.8")]}),
        ("rpm\tbash\t5.2\t1.el9\t(none)\tx86_64", {"bash": [("rpm", "5.2")]}),
    ],
)
def test_lines_of_tools(told: str, found: dict[str, list[tuple[str, str]]]) -> None:
    packages = packages_of(told)
    assert {name: [(each["source"], each["version"]) for each in listed] for name, listed in packages.items()} == found
    assert all(each.get("epoch") is None for listed in packages.values() for each in listed)
