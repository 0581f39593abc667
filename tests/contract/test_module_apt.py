"""`apt` with an apt-get and a dpkg-query that are played by scripts first in PATH."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from orchestrator.modules.builtin.apt import AptArgs
from tests.contract import community
from tests.contract.community import bin_of
from tests.contract.driver import FakeContext, Node

desk = community.desk

APT_GET = """#!/bin/sh
simulated=''
for word in "$@"; do
	case $word in
	-s) simulated=yes ;;
	update) echo updated >>"$HOME/log"; exit 0 ;;
	autoremove | upgrade | dist-upgrade) echo '0 upgraded, 0 newly installed, 0 to remove and 0 not.'; exit 0 ;;
	clean) echo cleaned >>"$HOME/log"; exit 0 ;;
	install | remove | purge) verb=$word ;;
	nowhere) echo 'E: Unable to locate package nowhere' >&2; exit 100 ;;
	held) echo 'E: held packages' >&2; exit 100 ;;
	*=9) echo "E: Version '9' for '${word%=9}' was not found" >&2; exit 100 ;;
	-*) ;;
	*) [ -n "$simulated" ] || if [ "$verb" = install ]; then echo ii >"$HOME/is.$word"; else rm "$HOME/is.$word"; fi ;;
	esac
done
echo '0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.'
"""
DPKG_QUERY = """#!/bin/sh
for word in "$@"; do name=$word; done
[ -e "$HOME/is.$name" ] || exit 1
case $3 in *Status*) echo 'ii  1.0' ;; *) printf 1.0 ;; esac
"""


@pytest.fixture
def debian(desk: Node) -> Node:
    for name, text in (("apt-get", APT_GET), ("dpkg-query", DPKG_QUERY)):
        tool = bin_of(desk) / name
        tool.unlink(missing_ok=True)
        tool.write_text(text)
        tool.chmod(0o755)
    return desk


def there(node: Node) -> set[str]:
    return {path.name.removeprefix("is.") for path in node.shell.home.glob("is.*")}


def log(node: Node) -> str:
    path: Path = node.shell.home / "log"
    return path.read_text() if path.exists() else ""


def test_packages_come_and_go(debian: Node) -> None:
    args = {"name": ["tree", "jq"]}
    assert debian.play("apt", args, FakeContext(check=True)).changed and there(debian) == set()
    result = debian.play("apt", args)
    assert result.changed and there(debian) == {"tree", "jq"}
    assert "1 newly installed" in result.data["stdout"] and result.data["cache_updated"] is False
    again = debian.play("apt", args)
    assert not again.changed and "stdout" not in again.data
    assert not debian.play("apt", {"name": "tree=1.0"}).changed
    assert debian.play("apt", {"pkg": "tree", "state": "absent", "purge": True}).changed and there(debian) == {"jq"}
    assert debian.play("apt", {"pkg": "tree", "state": "removed"}).data == {}
    assert not debian.play("apt", {"name": "tree", "state": "latest", "only_upgrade": True}).changed
    assert debian.play("apt", {"name": "jq", "state": "latest"}).changed


def test_sources_upgrades_and_what_is_left_over(debian: Node) -> None:
    result = debian.play("apt", {"update_cache": True})
    assert result.changed and result.data["cache_updated"] and log(debian) == "updated\n"
    assert not debian.play("apt", {"upgrade": True, "autoremove": True, "clean": True}).changed
    assert log(debian) == "updated\ncleaned\n"
    assert not debian.play("apt", {}).changed


def test_apt_says_what_is_wrong(debian: Node) -> None:
    assert debian.play("apt", {"name": "nowhere"}).msg == "No package matching 'nowhere' is available"
    assert debian.play("apt", {"name": "jq=9"}).msg == "no available installation candidate for jq=9"
    result = debian.play("apt", {"name": "held"})
    assert result.failed and "E: held packages" in str(result.msg)
    with pytest.raises(ValidationError, match="is not a package's name"):
        AptArgs.model_validate({"name": "a b;c"})


def test_a_mac_has_none(desk: Node) -> None:
    if desk.is_mac:
        result = desk.play("apt", {"name": "jq"})
        assert result.failed and "on a Mac use homebrew" in str(result.msg)
