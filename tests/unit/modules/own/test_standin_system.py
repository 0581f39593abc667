"""The stand-in as modules ask it about the system, versions and old names."""

from __future__ import annotations

from pathlib import Path

from tests.unit.modules.own.test_standin import said


def test_what_modules_ask_of_the_system(tmp_path: Path) -> None:
    text = """
import urllib.error
from ansible.module_utils import distro, six
from ansible.module_utils.basic import get_distribution, get_module_path, get_platform, load_platform_subclass
from ansible.module_utils.common.locale import get_best_parsable_locale
from ansible.module_utils.common.sys_info import get_distribution_codename, get_distribution_version
from ansible.module_utils.common.sys_info import get_platform_subclass
from ansible.module_utils.compat.typing import Dict
from ansible.module_utils.compat.version import LooseVersion, StrictVersion
from ansible.module_utils.facts.utils import get_file_content, get_file_lines, get_mount_size
from ansible.module_utils.six.moves import http_client, urllib as moved, xmlrpc_client
from ansible.module_utils.six.moves.urllib.error import HTTPError
from ansible.module_utils.urls import unquote, urlparse, urlunparse

assert HTTPError is urllib.error.HTTPError and moved.parse.quote("a b") == "a%20b" and xmlrpc_client.ServerProxy
assert http_client.HTTPConnection and not hasattr(six.moves, "nothing")
assert unquote("%20") == " " and urlunparse(urlparse("http://x/y")) == "http://x/y"

class Tool:
    platform = "Generic"
    distribution = None
    def __new__(cls, *args, **more):
        return load_platform_subclass(Tool, args, more)
class OfHere(Tool):
    platform = get_platform()
class Elsewhere(Tool):
    platform = "VMS"
class Exact(OfHere):
    distribution = get_distribution()
assert type(Tool()) is Exact and get_platform_subclass(Elsewhere) is Elsewhere

assert isinstance(distro.id() + distro.name() + distro.name(pretty=True) + distro.like() + distro.major_version(), str)
assert get_distribution_version() == distro.version() and (get_distribution_codename() or "") == distro.codename()
assert LooseVersion("1.10") > "1.9" and LooseVersion("2.4b1") == LooseVersion("2.4b1") and repr(LooseVersion("1"))
assert StrictVersion("1.2a1") < StrictVersion("1.2") < "1.2.1" and str(StrictVersion("1.2")) == "1.2"
try:
    StrictVersion("1")
except ValueError as error:
    assert "invalid version number" in str(error)
assert get_file_content("/no/such/file", default="none") == "none" and get_file_lines("/no/such/file") == []
assert get_file_lines("/etc/passwd")[0].count(":") == 6 and "root" in get_file_content("/etc/passwd")
assert get_file_lines("/etc/passwd", line_sep=":")[0] == "root"
assert get_mount_size("/")["size_total"] > 0 and get_mount_size("/no/such/place") == {}
assert get_best_parsable_locale(m) and get_best_parsable_locale(m, preferences=["xx_YY"]) == "C"
assert get_module_path().endswith("module_utils") and Dict
m.exit_json(ok=True)
"""
    assert said(tmp_path, text)["ok"]
