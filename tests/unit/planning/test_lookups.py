"""Lookups that touch files, programs and servers of this machine."""

import http.server
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.plugins import builtin
from orchestrator.planning.render import Renderer, Surroundings


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A role and a playbook directory, each with files of its own."""
    for place in ("role/files", "role/templates", "play/files"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "role/files/motd").write_text("  of the role\n\n")
    (tmp_path / "play/files/motd").write_text("of the play\n")
    (tmp_path / "play/only").write_text("$ANSIBLE_VAULT;1.1;AES256\n31\n")
    (tmp_path / "play/files/elements.csv").write_text("Li,3,6.94\nBe;4\nHe,2,4.0\n")
    (tmp_path / "play/files/tabs.csv").write_text("a\t1\nb\t2\n")
    (tmp_path / "play/files/users.ini").write_text("[a]\nuser=ann\nPass=x y\nempty\n[b]\nuser=bob\nuser2=%(user)s!\n")
    (tmp_path / "play/files/app.properties").write_text("user.name=joe\n")
    (tmp_path / "role/templates/t.j2").write_text(
        "{{ who }} {{ extra | default('-') }} {{ ansible_managed }} {{ 'a\\tb' }}\n"
    )
    return tmp_path


class Asking:
    def __init__(self, site: Path, **more: Any) -> None:
        self.warnings: list[str] = []
        self.surroundings = Surroundings(
            search_path=(str(site / "role"), str(site / "play")),
            decrypt=lambda data, where: b"opened",
            warn=self.warnings.append,
            settings={"DEFAULT_FORKS": 5},
            **more,
        )
        self.renderer = Renderer({"who": Text("{{ name }}"), "name": "me"}, surroundings=self.surroundings)

    def __call__(self, expression: str) -> Any:
        return self.renderer.value(Text("{{ " + expression + " }}"))


@pytest.fixture
def ask(site: Path) -> Asking:
    return Asking(site)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("lookup('file', 'motd')", "  of the role"),
        ("lookup('file', 'motd', lstrip=true)", "of the role"),
        ("lookup('file', 'motd', rstrip=false)", "  of the role\n\n"),
        ("lookup('file', 'only')", "opened"),
        ("lookup('unvault', 'only')", "opened"),
        ("lookup('file', 'motd', 'only')", "  of the role,opened"),
        ("lookup('csvfile', 'Li', file='elements.csv', delimiter=',')", "3"),
        ("lookup('csvfile', 'Li file=elements.csv delimiter=, col=2')", "6.94"),
        ("lookup('csvfile', '3', file='elements.csv', delimiter=',', keycol=1, col=0)", "Li"),
        ("lookup('csvfile', 'b', file='tabs.csv')", "2"),
        ("lookup('csvfile', 'zz', file='tabs.csv', default='none')", "none"),
        ("query('csvfile', 'zz', file='tabs.csv')", []),
        ("lookup('ini', 'user', section='a', file='users.ini', allow_no_value=true)", "ann"),
        ("lookup('ini', 'user section=b file=users.ini', allow_no_value=true)", "bob"),
        ("lookup('ini', 'user2', section='b', file='users.ini', allow_no_value=true)", "bob!"),
        (
            "lookup('ini', 'user2', section='b', file='users.ini', allow_no_value=true, interpolation=false)",
            "%(user)s!",
        ),
        ("lookup('ini', 'nope', section='a', file='users.ini', default='d', allow_no_value=true)", "d"),
        ("query('ini', '.*', section='b', file='users.ini', re=true, allow_no_value=true)", ["bob", "bob!"]),
        ("lookup('ini', 'Pass', section='a', file='users.ini', case_sensitive=true, allow_no_value=true)", "x y"),
        ("lookup('ini', 'user.name', type='properties', file='app.properties')", "joe"),
        ("lookup('template', 't.j2')", "me - Ansible managed a\tb\n"),
        ("lookup('template', 't.j2', template_vars={'extra': 'x', 'ansible_managed': 'mine'})", "me x mine a\tb\n"),
        ("lookup('config', 'DEFAULT_FORKS')", 5),
        ("lookup('config', 'DEFAULT_FORKS', show_origin=true)", [5, "this run"]),
        ("query('config', 'NOPE', on_missing='skip')", []),
        ("lookup('config', 'remote_tmp', plugin_type='shell', plugin_name='sh')", "~/.ansible/tmp"),
        ("lookup('config', 'timeout', plugin_type='connection', plugin_name='ssh', on_missing='skip')", None),
        ("query('config', 'nope', plugin_type='shell', plugin_name='sh', on_missing='skip')", []),
        ("query('flattened', [1, [2, [3, none]]], 4)", [1, 2, 3, 4]),
        ("query('cartesian', [1, 2], 'x')", [[1, "x"], [2, "x"]]),
        ("query('random_choice')", []),
        ("lookup('password', '/dev/null', length=5, chars=['digits'], seed='s') | length", 5),
    ],
)
def test_lookup(ask: Asking, expression: str, found: Any) -> None:
    assert ask(expression) == found


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("lookup('file', 'gone')", "Unable to access the file 'gone'"),
        ("lookup('csvfile')", "Search key is required"),
        ("lookup('csvfile', 'file=x')", "Search key is required"),
        ("lookup('ini', 'user', section='zz', file='app.properties', type='properties2')", "no section headers"),
        ("lookup('ini', 'user', section='zz', file='users.ini', allow_no_value=true)", "No section 'zz'"),
        ("lookup('ini', 'section=a', file='users.ini')", "No key to look up"),
        ("lookup('config', 'NOPE')", "No config definition exists for 'NOPE'"),
        ("lookup('config', 'NOPE', on_missing='boo')", "must be error, warn or skip, got: boo"),
        ("lookup('config', 1337)", "Invalid setting identifier"),
        ("lookup('config', 'x', plugin_type='shell')", "Both plugin_type and plugin_name"),
        ("lookup('config', 'x', plugin_type='shell', plugin_name='nope')", "Unable to load shell plugin 'nope'"),
        ("lookup('config', 'x', plugin_type='shell', plugin_name='sh')", "'x' for 'sh' shell plugin"),
        ("lookup('url', 'gopher://x')", "only http, https, ftp and file"),
        ("lookup('dict', 1)", "expects a dictionary"),
        ("lookup('subelements', 1)", "two or three items"),
        ("lookup('nested')", "at least one element"),
        ("lookup('cartesian')", "at least one element"),
        ("lookup('together')", "at least one element"),
        ("lookup('varnames', '(')", "varnames"),
        ("lookup('varnames', 1)", "is not a string"),
        ("lookup('sequence', 'start=x end=2')", "has an invalid value"),
        ("lookup('first_found', 3)", "string, dict or list is required"),
    ],
)
def test_lookup_that_fails(ask: Asking, expression: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message.replace("(", r"\(")):
        ask(expression)


def test_a_missing_file_says_where_it_was_looked_for(ask: Asking, site: Path) -> None:
    with pytest.raises(TemplateError) as caught:
        ask("lookup('file', 'gone')")
    assert caught.value.evidence is not None
    assert f"{site}/role/files/gone" in caught.value.evidence


def test_errors_may_be_warned_about(ask: Asking) -> None:
    assert ask("lookup('file', 'gone', errors='warn')") is None
    assert ask("query('config', 'NOPE', on_missing='warn')") == []
    assert len(ask.warnings) == 2
    assert "gone" in ask.warnings[0]


def test_fileglob(ask: Asking, site: Path) -> None:
    assert ask("query('fileglob', 'mot*')") == [f"{site}/role/files/motd"]
    assert ask("query('fileglob', '../play/files/*.ini') | map('basename')") == ["users.ini"]
    assert ask(f"query('fileglob', '{site}/play/files/*.ini')") == [f"{site}/play/files/users.ini"]
    assert ask("query('fileglob', 'gone/*')") == []


def test_first_found_looks_where_files_are(ask: Asking, site: Path) -> None:
    assert ask("lookup('first_found', ['gone', 'files/motd'])") == f"{site}/role/files/motd"
    assert ask("lookup('first_found', {'files': 'gone,motd', 'paths': 'files'})") == f"{site}/role/files/motd"
    assert ask("query('first_found', [{'files': ['gone'], 'skip': true}])") == []
    with pytest.raises(TemplateError, match="'nowhere' is undefined"):
        ask("lookup('first_found', [nowhere, 'files/motd'])")


def test_a_password_is_made_once(ask: Asking, site: Path) -> None:
    first = ask("lookup('password', 'secrets/pw length=12 chars=digits')")
    assert len(first) == 12 and first.isdigit()
    assert ask("lookup('password', 'secrets/pw')") == first
    path = site / "play/secrets/pw"
    assert path.read_text() == first + "\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    hashed = ask("lookup('password', 'secrets/pw', encrypt='sha256_crypt')")
    assert hashed.startswith("$5$rounds=535000$")
    assert ask("lookup('password', 'secrets/pw', encrypt='sha256_crypt')") == hashed
    assert path.read_text().startswith(f"{first} salt=")
    assert ask("lookup('password', 'secrets/pw')") == first
    assert set(ask("lookup('password', '/dev/null', chars='a,b,,', length=50)")) <= {"a", "b", ","}
    (site / "play/blocked").write_text("")
    with pytest.raises(TemplateError, match="cannot be kept"):
        ask("lookup('password', 'blocked/pw')")


def test_programs_run_beside_the_playbook(ask: Asking, site: Path) -> None:
    assert ask("lookup('pipe', 'pwd')") == os.path.realpath(site / "play")
    assert ask("query('lines', 'printf a; echo; echo b')") == ["a", "b"]
    assert ask("lookup('pipe', 'cat')") == ""


def test_hosts_by_pattern(site: Path) -> None:
    groups = {"all": ["a", "b", "c"], "web": ["a", "b"], "db": ["c"]}
    renderer = Renderer({"groups": groups})

    def hosts(*patterns: str) -> Any:
        return renderer.value(Text("{{ query('inventory_hostnames', " + ", ".join(map(repr, patterns)) + ") }}"))

    assert hosts("all") == ["a", "b", "c"]
    assert hosts("all:!web") == ["c"]
    assert hosts("web", "!a") == ["b"]
    assert hosts("all:&d*") == ["c"]
    asked = Asking(site, select_hosts=lambda pattern: [pattern])
    assert asked("query('inventory_hostnames', 'web:!a')") == ["web:!a"]


def test_every_lookup_is_known_by_its_full_name() -> None:
    names = set(builtin().lookups)
    assert {f"ansible.builtin.{name}" for name in names if name.isidentifier()} <= names


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/gone":
            self.send_error(404)
            return
        body = f"one\n{self.headers.get('Authorization', '-')}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(5)


def test_url(ask: Asking, server: str) -> None:
    assert ask(f"query('url', '{server}/', use_proxy=false)") == ["one", "-"]
    assert ask(f"lookup('url', '{server}/', use_proxy=false, split_lines=false)") == "one\n-\n"
    login = ask(f"query('url', '{server}/', username='u', password='p', use_proxy=false, validate_certs=false)")
    assert login == ["one", "Basic dTpw"]
    with pytest.raises(TemplateError, match="Received HTTP error"):
        ask(f"lookup('url', '{server}/gone', use_proxy=false)")
    with pytest.raises(TemplateError, match="Failed lookup url"):
        ask("lookup('url', 'http://127.0.0.1:9/', use_proxy=false, timeout=1)")
