"""The stand-in's services at work: programs, files, requests, warnings, and what a module is that ends in each way."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from orchestrator.modules.own.steps import RUNNER

LIMIT_S = 30
HEAD = """
import os, sys
from ansible.module_utils.basic import *
from ansible.module_utils.basic import AnsibleModule, _load_params, missing_required_lib
"""


def run(tmp_path: Path, text: str, **arguments: Any) -> tuple[int, dict[str, Any]]:
    """The exit status and the result of a module with this text."""
    path = tmp_path / "tried.py"
    path.write_text(HEAD + text)
    told = {"path": str(path), "name": "tried", "collection": None, "module_utils": [], "collections": []}
    given = {"_ansible_module_name": "tried", "_ansible_shell_executable": "/bin/sh", **arguments}
    done = subprocess.run(
        [sys.executable, RUNNER],
        input=json.dumps({**told, "arguments": given}),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        cwd=tmp_path,
        check=False,
    )
    return done.returncode, json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {
        "": done.stderr
    }


def said(tmp_path: Path, text: str, **arguments: Any) -> dict[str, Any]:
    status, result = run(tmp_path, f"m = AnsibleModule({{}}, supports_check_mode=True)\n{text}", **arguments)
    assert status == 0 and not result.get("failed"), result
    return result


def test_programs(tmp_path: Path) -> None:
    text = """
plain = m.run_command(["sh", "-c", "cat; echo err >&2; exit 3"], data="in")
line = m.run_command("echo '$HOME' ~ a\\\\ b", expand_user_and_vars=False)
shell = m.run_command("echo $((1 + 1)) && pwd", use_unsafe_shell=True, cwd="/")
raw = m.run_command(["printf", "x"], encoding=None)
given = {"environ_update": {"A": "1"}, "umask": 0o027, "path_prefix": os.getcwd()}
env = m.run_command(["sh", "-c", "echo $A; umask; command -v tool"], **given)
asked = m.run_command(["sh", "-c", "printf 'Password: '; sleep 60"], prompt_regex="Password:")
unasked = m.run_command(["echo", "done"], prompt_regex="Password:")
left = m.run_command(["sh", "-c", "sleep 20 & echo left"])
listed = m.run_command(["echo", "a b", None, "c"], use_unsafe_shell=False)
seen = []
m.run_command(["true"], before_communicate_callback=lambda process: seen.append(process.pid > 0), pass_fds=(0,))
m.exit_json(plain=plain, line=line, shell=shell, raw=raw[1].decode(), env=env[1], asked=asked, unasked=unasked[1],
    left=left, listed=listed[1], seen=seen)
"""
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    found = said(tmp_path, text)
    assert found["plain"] == [3, "in\n", "err\n"]
    assert found["line"][1] == "$HOME ~ a b\n"
    assert found["shell"][1] == "2\n/\n" and found["raw"] == "x"
    assert found["env"].split() == ["1", "0027", str(tool)]
    assert found["asked"][:2] == [257, "Password: "] and found["unasked"] == "done\n"
    assert found["left"] == [0, "left\n", ""] and found["listed"] == "a b c\n" and found["seen"] == [True]


@pytest.mark.parametrize(
    ("call", "msg"),
    [
        ("m.run_command(['false'], check_rc=True)", ""),
        ("m.run_command(['sh', '-c', 'echo no >&2; exit 2'], check_rc=True)", "no"),
        ("m.run_command(['/no/such'])", "Error executing command."),
        ("m.run_command(3)", "Argument 'args' to run_command must be list or string"),
        (
            "m.run_command(['true'], cwd='/no/such', ignore_invalid_cwd=False)",
            "Provided cwd is not a valid directory: /no/such",
        ),
        (
            "m.get_bin_path('no-such-tool', required=True)",
            'Failed to find required executable "no-such-tool" in paths:',
        ),
        ("m.fail_on_missing_params(['a', 'b'])", "missing required arguments: a, b"),
        ("m.boolean('perhaps')", "The value 'perhaps' is not a valid boolean."),
        ("m.set_owner_if_different('.', 'no-such-user', False)", "chown failed: failed to look up user no-such-user"),
        (
            "m.set_group_if_different('.', 'no-such-group', False)",
            "chgrp failed: failed to look up group no-such-group",
        ),
        ("m.set_mode_if_different('.', 'nonsense', False)", "mode must be in octal or symbolic form"),
        ("m.set_mode_if_different('.', '77777', False)", "Invalid mode supplied, only permission info is allowed"),
        (
            "m.digest_from_file('tried.py', 'no-such-sum')",
            "Could not hash file 'tried.py' with algorithm 'no-such-sum'.",
        ),
        ("m.sha256('.')", "attempted to take checksum of directory: ."),
    ],
)
def test_services_that_end_the_module(tmp_path: Path, call: str, msg: str) -> None:
    status, result = run(tmp_path, f"m = AnsibleModule({{}})\n{call}\nm.exit_json()")
    assert (status, result["failed"]) == (1, True) and result["msg"].startswith(msg), result


def test_run_command_may_raise(tmp_path: Path) -> None:
    tried = "try:\n    m.run_command(['/no/such'], handle_exceptions=False)\n"
    text = f"{tried}except OSError as e:\n    m.exit_json(errno=e.errno)\n"
    assert said(tmp_path, text)["errno"] == 2


def test_small_services(tmp_path: Path) -> None:
    text = """
m.add_cleanup_file("litter"); m.add_cleanup_file("litter"); open("litter", "w").close()
m.warn("w", help_text="h"); m.warn("w", help_text="h"); m.error_as_warning("e", ValueError("v"))
m.debug("x"); m.log("y")
m.exit_json(bin=m.get_bin_path("sh"), none=m.get_bin_path("no-such"), yes=m.boolean("yes"), nothing=m.boolean(None),
    json=m.jsonify({"a": {1}}), back=m.from_json("[1]"), bytes=m.human_to_bytes("1K"), human=m.bytes_to_human(1024),
    lib=missing_required_lib("x", "for y", "http://z"), params=_load_params(), tmp=os.path.isdir(m.tmpdir),
    where=m.tmpdir, warnings="late", deprecations=["a", ("b", "2"), {"msg": "c", "date": "2030-01-01"}],
    when=__import__("datetime").date(2030, 1, 2))
"""
    found = said(tmp_path, text)
    assert found["bin"].endswith("/sh") and found["none"] is None and found["yes"] is True and found["nothing"] is None
    assert (found["json"], found["back"], found["bytes"], found["human"]) == ('{"a": [1]}', [1], 1024, "1.00 KB")
    assert found["lib"].startswith("Failed to import the required Python library (x)") and "for y" in found["lib"]
    assert found["tmp"] and not Path(found["where"]).exists() and not (tmp_path / "litter").exists()
    assert found["warnings"] == ["w h", "e: v", "late"] and found["when"] == "2030-01-02"
    assert found["deprecations"] == [{"msg": "a"}, {"msg": "b", "version": "2"}, {"msg": "c", "date": "2030-01-01"}]


def test_what_ansible_tells_a_module(tmp_path: Path) -> None:
    text = "m.exit_json(seen=[m.check_mode, m._diff, m._verbosity, m.no_log, m.params])"
    told = {"_ansible_check_mode": True, "_ansible_diff": True, "_ansible_verbosity": 2, "_ansible_no_log": True}
    assert said(tmp_path, text, **told)["seen"] == [True, True, 2, True, {}]
    status, result = run(tmp_path, "AnsibleModule({})", _ansible_check_mode=True)
    msg = "remote module (tried) does not support check mode"
    assert (status, result["skipped"], result["msg"]) == (0, True, msg)
    status, result = run(
        tmp_path, "AnsibleModule({'password': {}, 'key': {'no_log': True}}).exit_json()", password="p", key="k"
    )
    assert result["warnings"] == ["Module did not set no_log for password"]
    assert result["invocation"]["module_args"]["key"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    status, result = run(tmp_path, "AnsibleModule({'a': {'aliases': ['b']}})", c=1)
    assert result["msg"] == "Unsupported parameters for (tried) module: c. Supported parameters include: a (b)."


def test_deprecated_options_are_told(tmp_path: Path) -> None:
    spec = {
        "a": {"removed_in_version": "9", "removed_from_collection": "n.c"},
        "b": {"aliases": ["old"], "deprecated_aliases": [{"name": "old", "version": "8", "collection_name": "n.c"}]},
        "c": {"type": "dict", "options": {"d": {"removed_at_date": "2030-01-01"}}},
        "e": {"fallback": ("env_fallback", ["TRIED_E"]), "no_log": True},
    }
    text = f"spec = {spec!r}\nspec['e']['fallback'] = (env_fallback, ['TRIED_E'])\nos.environ['TRIED_E'] = 'hush'\n"
    _, result = run(tmp_path, f"{text}AnsibleModule(spec).exit_json(e='a hush')", a=1, b=1, old=2, c={"d": 1})
    assert [each["msg"].split(" is ")[0] for each in result["deprecations"]] == [
        "Param 'a'",
        "Alias 'old'",
        "Param 'c[\"d\"]'",
    ]
    assert result["warnings"] == ["Both option b and its alias old are set."] and result["e"] == "a ********"


def test_modes_and_moves(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("1")
    (tmp_path / "f").chmod(0o600)
    text = """
modes = []
for mode in ("u=rwx,g=rx,o=", "a-x", "g=u", "+X", "u+s,g+s", "o+t", "=r", "ug=rw,o-rwx", 0o644, "0600"):
    changed = m.set_mode_if_different("f", mode, False)
    modes.append([oct(os.stat("f").st_mode & 0o7777), changed])
again = m.set_mode_if_different("f", "0600", False)
same = m.set_owner_if_different("f", os.getuid(), False) or m.set_group_if_different("f", os.getgid(), False)
os.symlink("f", "l"); os.mkdir("d"); os.link("f", "h")
infos = [m.add_path_info({"path": p})["state"] for p in ("l", "d", "h")] + [m.add_path_info({"dest": "none"})]
open("new", "w").write("2"); m.atomic_move("new", "made"); open("new", "w").write("3"); m.atomic_move("new", "f")
m._move_by_copy("made", "copied", False)
args = m.load_file_common_arguments({"path": "l", "follow": True, "mode": "0640"})
nothing = m.load_file_common_arguments({})
m.set_attributes_if_different("f", "i", m.set_context_if_different("f", m.selinux_context("f"), m.selinux_enabled()))
m.exit_json(modes=modes, again=again, same=same, infos=infos, f=open("f").read(), copied=open("copied").read(),
    args=os.path.basename(args["path"]), nothing=nothing, mode=oct(os.stat("f").st_mode & 0o777),
    backup=m.backup_local("nowhere"), sums=[m.md5("none"), m.sha1("f")])
"""
    found = said(tmp_path, "os.umask(0o022)\n" + text)
    (tmp_path / "g").touch(0o600)
    by_chmod = []
    for mode in ("u=rwx,g=rx,o=", "a-x", "g=u", "+X"):
        subprocess.run(["sh", "-c", f"umask 022; chmod {mode} g"], cwd=tmp_path, check=True, timeout=LIMIT_S)
        by_chmod.append(oct((tmp_path / "g").stat().st_mode & 0o7777))
    assert [mode for mode, _ in found["modes"]] == [
        *by_chmod, "0o6660", "0o7660", "0o1444", "0o1660", "0o644", "0o600",
    ]  # fmt: skip
    assert found["again"] is False and found["same"] is False
    assert found["infos"] == ["link", "directory", "hard", {"dest": "none"}]
    assert (found["f"], found["copied"], found["args"], found["nothing"], found["backup"]) == ("3", "2", "f", {}, "")
    assert found["mode"] == "0o600" and found["sums"][0] is None and len(found["sums"][1]) == 40


def test_a_module_respawns(tmp_path: Path) -> None:
    text = f"""
from ansible.module_utils.common.respawn import has_respawned, probe_interpreters_for_module, respawn_module
if not has_respawned():
    respawn_module({sys.executable!r})
found = probe_interpreters_for_module(["/no/such", {sys.executable!r}], "json")
nowhere = probe_interpreters_for_module([{sys.executable!r}], "no_such_module")
try:
    respawn_module("x")
except Exception as e:
    m.exit_json(found=found, nowhere=nowhere, why=str(e))
"""
    found = said(tmp_path, text)
    assert (found["found"], found["nowhere"]) == (sys.executable, None)
    assert found["why"] == "module has already been respawned"


# ---- requests --------------------------------------------------------------------------------------------------


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/")
        else:
            self.send_response({"/missing": 404}.get(self.path, 200))
            self.send_header("Set-Cookie", "c=1")
        body = json.dumps(dict(self.headers)).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_requests(tmp_path: Path, address: str) -> None:
    text = f"""
from ansible.module_utils.urls import basic_auth_header, fetch_file, fetch_url, open_url, url_argument_spec
import json
m = AnsibleModule(dict(url_argument_spec()))
base = {address!r}
r, info = fetch_url(m, base + "/", headers={{"X-One": "1"}}, force=True)
seen = json.loads(r.read())
posted = open_url(base + "/", data="body", method="post", use_proxy=False).read().decode()
missing = fetch_url(m, base + "/missing")[1]
stays = fetch_url(m, base + "/away", follow_redirects="no", unredirected_headers=["X"])[1]
refused = fetch_url(m, "http://127.0.0.1:1/")[1]
file = fetch_file(m, base + "/")
try:
    open_url(base, unix_socket="x")
except NotImplementedError as e:
    why = str(e)
unchecked = open_url(base + "/", validate_certs=False).status
m.exit_json(info=info, seen=seen, posted=posted, missing=missing, stays=stays["status"], refused=refused,
    file=open(file).read()[:1], why=why, unchecked=unchecked)
"""
    status, found = run(tmp_path, text, url_username="u", url_password="pw-secret", use_proxy=False)
    assert status == 0, found
    assert (
        found["info"]["status"] == 200
        and found["info"]["cookies"] == {"c": "1"}
        and found["info"]["cookies_string"] == "c=1"
    )
    assert found["seen"]["X-One"] == "1" and found["seen"]["Authorization"].startswith("Basic ")
    assert found["seen"]["Cache-Control"] == "no-cache" and found["seen"]["User-Agent"] == "ansible-httpget"
    assert (
        found["posted"] == "body" and found["missing"]["status"] == 404 and "HTTP Error 404" in found["missing"]["msg"]
    )
    assert (
        found["stays"] == 302
        and found["refused"]["status"] == -1
        and found["file"] == "{"
        and found["unchecked"] == 200
    )
    status, found = run(
        tmp_path, "from ansible.module_utils.urls import *\nm = AnsibleModule({})\nfetch_url(m, 'nonsense')"
    )
    assert (status, found["failed"]) == (1, True) and "unknown url type" in found["msg"]
    text = f"from ansible.module_utils.urls import *\nm = AnsibleModule({{}})\nfetch_file(m, {address!r} + '/missing')"
    assert "Failure downloading" in run(tmp_path, text)[1]["msg"]


def test_names_of_the_time_between_two_pythons(tmp_path: Path) -> None:
    text = """
from ansible.module_utils import six
assert six.PY3 and isinstance("a", six.string_types) and list(six.iteritems({1: 2})) == [(1, 2)]
assert list(six.iterkeys({1: 2})) == [1] and list(six.itervalues({1: 2})) == [2]
assert six.b("a") == b"a" and six.u("a") == "a"
assert six.ensure_text(b"a") == "a" == six.ensure_str("a") and six.ensure_binary("a") == b"a" == six.ensure_binary(b"a")
class Meta(type): pass
class Made(six.with_metaclass(Meta, object)): pass
@six.add_metaclass(Meta)
class Added: pass
assert type(Made) is Meta and type(Added) is Meta
try:
    six.raise_from(ValueError("a"), KeyError("b"))
except ValueError as e:
    assert isinstance(e.__cause__, KeyError)
m.exit_json(ok=True)
"""
    assert said(tmp_path, text)["ok"]


def test_small_modules_of_the_stand_in(tmp_path: Path) -> None:
    text = """
from ansible.module_utils.six.moves import configparser, range, shlex_quote
from ansible.module_utils.six.moves.urllib.parse import quote, urlparse
from ansible.module_utils._text import to_bytes, to_native, to_text
from ansible.module_utils.ansible_release import __version__
from ansible.module_utils.common._collections_compat import Mapping
from ansible.module_utils.common.collections import ImmutableDict, count, is_iterable, is_sequence, is_string
from ansible.module_utils.common.file import is_executable
from ansible.module_utils.common.parameters import sanitize_keys
from ansible.module_utils.common.text.converters import container_to_bytes, container_to_text, jsonify, plain
from ansible.module_utils.parsing.convert_bool import boolean

frozen = ImmutableDict(a=1)
assert frozen.union({"b": 2}) == {"a": 1, "b": 2} and frozen.difference(["a"]) == {}
assert hash(frozen) and len(frozen) == 1
assert isinstance(frozen, Mapping) and "a" in repr(frozen) and frozen["a"] == 1 and list(frozen) == ["a"]
assert count("aab") == {"a": 2, "b": 1} and is_iterable([1])
assert not is_iterable("a") and is_sequence((1,)) and is_string(b"")
assert quote("a b") == "a%20b" and urlparse("http://x/").netloc == "x"
assert shlex_quote("a b") == "'a b'" and configparser.ConfigParser
assert to_text(b"\\xff", errors="surrogate_or_replace") == "\\ufffd"
assert to_bytes(1) == b"1" and to_native(None, nonstring="empty") == ""
assert to_text(b"a", errors="strict") == "a" and to_bytes("a", nonstring="strict") == b"a"
try:
    to_text(1, nonstring="strict")
except TypeError:
    pass
assert container_to_text({b"a": [b"b", 1]}) == {"a": ["b", 1]} and container_to_bytes({"a": ("b",)}) == {b"a": (b"b",)}
assert jsonify({"a": b"x", "b": frozen, "c": {1}}) == '{"a": "x", "b": {"a": 1}, "c": [1]}'
try:
    plain(object())
except TypeError:
    pass
assert boolean("nonsense", strict=False) is False and boolean(b"yes") is True
assert sanitize_keys({"hush": [{"x hush": 1}], "_ansible_hush": 1, "k": 2}, {"hush"}, {"k"}) == {
    "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER": [{"x ********": 1}], "_ansible_hush": 1, "k": 2}
assert is_executable(sys.executable)
m.exit_json(version=__version__)
"""
    assert said(tmp_path, text)["version"].startswith("2.19")


def test_arguments_for_the_moment_and_values_that_will_go_away(tmp_path: Path) -> None:
    text = """
from ansible.module_utils.datatag import deprecate_value, deprecator_from_collection_name, native_type_name
from ansible.module_utils.testing import patch_module_args
given = _load_params()
with patch_module_args({"a": "3"}):
    m = AnsibleModule({"a": {"type": "int"}})
m.deprecate("old", version="9", deprecator=deprecator_from_collection_name("ns.col"))
value = deprecate_value("x", "x goes", version="9")
assert deprecator_from_collection_name(None) is None
m.exit_json(a=m.params["a"], b=given["b"], again=_load_params() == given, value=value, type=native_type_name(1))
"""
    status, said = run(tmp_path, text, b=1)
    assert status == 0, said
    assert (said["a"], said["b"], said["again"], said["value"], said["type"]) == (3, 1, True, "x", "int")
    assert [each.get("collection_name") for each in said["deprecations"]] == ["ns.col", None]
