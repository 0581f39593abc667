"""Plug-ins of the user's own, found in directories and called from templates."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.errors import PlaybookError, TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.own import beside, with_collections, with_directories
from orchestrator.planning.plugins import Plugins, builtin
from orchestrator.planning.render import Renderer
from orchestrator.planning.surroundings import Surroundings

FILTERS = """
import jinja2

@jinja2.pass_context
def known(context, name):
    return context[name]

def broken(value):
    raise ZeroDivisionError("of all things")

class FilterModule:
    def filters(self):
        return {"known": known, "broken": broken, "kinds": lambda value: [type(each).__name__ for each in value]}
"""
LOOKUP = """
DOCUMENTATION = '''
options:
  colour: {type: str, default: red, vars: [{name: favourite}], env: [{name: OWN_COLOUR}]}
  depth: {type: int, aliases: [deep]}
  wanted: {required: true}
'''
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        if terms == ["all"]:
            return [self.get_options()]
        if terms == ["file"]:
            found = self.find_file_in_search_path(variables, "files", "here.txt")
            missing = self.find_file_in_search_path(variables, "files", "no.txt", ignore_missing=True)
            return [found, missing, self.get_basedir(variables), self._loader.path_dwim("x/../y"),
                    self._loader.get_basedir(), self._loader.get_real_file("as is")]
        if terms == ["template"]:
            return [self._templar.template("{{ favourite }}!"), variables["favourite"], "no such" in variables,
                    len(variables) == len(list(variables)), self._flatten([[1], 2])]
        if terms == ["fail"]:
            raise AnsibleLookupError("on purpose")
        if terms == ["one"]:
            return "alone"
        return [self.get_option(name) for name in terms]
"""


def written(directory: Path, name: str, text: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_text(text)
    return path


@pytest.fixture
def renderer(tmp_path: Path) -> Renderer:
    written(tmp_path / "filter_plugins", "some.py", FILTERS)
    written(tmp_path / "lookup_plugins", "tell.py", LOOKUP)
    written(
        tmp_path / "test_plugins",
        "odd.py",
        "class TestModule:\n    def tests(self):\n        return {'odd': lambda n: n % 2}",
    )
    written(tmp_path / "files", "here.txt", "x")
    plugins = with_directories(builtin(), beside(str(tmp_path)))
    variables = {"favourite": Text("{{ 'bl' ~ 'ue' }}"), "items": [Text("{{ 1 }}"), "a"]}
    return Renderer(variables, plugins=plugins, surroundings=Surroundings(search_path=(str(tmp_path),)))


def test_filters_and_tests_get_plain_values(renderer: Renderer) -> None:
    assert renderer.text(Text("{{ items | kinds }}")) == ["int", "str"]
    assert renderer.text(Text("{{ 'favourite' | known }}")) == "blue"
    assert renderer.condition(Text("3 is odd and 2 is not odd and 3 is ansible.legacy.odd"))


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("lookup('tell', 'colour', wanted=1)", "blue"),
        ("lookup('tell', 'colour', wanted=1, colour='green')", "green"),
        ("query('tell', 'depth', 'undocumented', wanted=1, deep='3', undocumented=4)", [3, 4]),
        ("lookup('tell', 'all', wanted=1)", {"colour": "blue", "depth": None, "wanted": 1}),
        ("query('tell', 'template')", ["blue!", "blue", False, True, [1, 2]]),
        ("query('ansible.legacy.tell', 'one')", ["alone"]),
    ],
)
def test_lookups_have_options_and_variables(renderer: Renderer, template: str, value: Any) -> None:
    assert renderer.text(Text("{{ " + template + " }}")) == value


def test_lookups_find_files(renderer: Renderer, tmp_path: Path) -> None:
    found = renderer.text(Text("{{ query('tell', 'file') }}"))
    assert found == [str(tmp_path / "files/here.txt"), None, str(tmp_path), f"{tmp_path}/y", str(tmp_path), "as is"]


def test_an_option_comes_from_the_environment(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWN_COLOUR", "grey")
    bare = Renderer({}, plugins=renderer.plugins)
    assert bare.text(Text("{{ lookup('tell', 'colour', wanted=1) }}")) == "grey"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ 1 | broken }}", "The filter plugin 'broken' failed: of all things"),
        ("{{ lookup('tell', 'fail') }}", "The lookup plugin 'tell' failed: on purpose"),
        ("{{ lookup('tell', 'wanted') }}", "Required config 'wanted' for 'tell' lookup plugin not provided."),
        ("{{ lookup('tell', 'nothing', wanted=1) }}", "setting: nothing ) was not defined in configuration."),
        ("{{ lookup('tell', 'depth', depth='x', wanted=1) }}", "Option 'depth' of tell"),
    ],
)
def test_what_a_plugin_raises_is_an_error_of_the_template(renderer: Renderer, template: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        renderer.text(Text(template))
    assert message in caught.value.message


def test_plugins_of_collections_go_by_their_full_names(tmp_path: Path) -> None:
    top = tmp_path / "ansible_collections/me/mine/plugins"
    written(top / "filter", "up.py", "class FilterModule:\n    def filters(self):\n        return {'up': str.upper}")
    written(top / "lookup", "tell.py", LOOKUP)
    renderer = Renderer({}, plugins=with_collections(builtin(), [str(tmp_path)]))
    assert renderer.text(Text("{{ 'a' | me.mine.up }} {{ lookup('me.mine.tell', 'one') }}")) == "A alone"


def test_where_there_is_nothing_nothing_is_made(tmp_path: Path) -> None:
    plugins = Plugins()
    assert with_directories(plugins, beside(str(tmp_path))) is plugins
    assert with_collections(plugins, [str(tmp_path)]) is plugins


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = 1\nimport no_such_thing\n", 2, "this plug-in cannot be imported: ModuleNotFoundError"),
        ("x = 1\n\ndef (:\n", 3, "this plug-in cannot be imported: SyntaxError"),
        ("x = 1\n", 1, "this plug-in defines no class FilterModule"),
    ],
)
def test_a_file_that_is_no_plugin_is_an_error_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = written(tmp_path / "filter_plugins", "wrong.py", text)
    with pytest.raises(PlaybookError) as caught:
        with_directories(builtin(), beside(str(tmp_path)))
    assert caught.value.message.startswith(message)
    assert caught.value.place is not None and (caught.value.place.file, caught.value.place.line) == (str(path), line)


WITHOUT_ANSIBLE = """
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "ansible" else real(name, package)
from orchestrator.planning.own import ansible_names
ansible_names.provide()
ansible_names.provide()
from ansible.errors import AnsibleError, AnsibleFilterError
from ansible.module_utils.common.collections import is_sequence
from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.module_utils.six import string_types
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

assert issubclass(AnsibleFilterError, AnsibleError) and AnsibleError("x", orig_exc=None).message == "x"
assert (to_text(b"\\xc3\\xa9"), to_native("a"), to_text(1), to_text(1, nonstring="passthru")) == ("\\xe9", "a", "1", 1)
assert (to_bytes("\\xe9"), to_bytes(b"a")) == (b"\\xc3\\xa9", b"a")
assert (to_bytes(1), to_bytes(1, nonstring="passthru")) == (b"1", 1)
assert is_sequence([1]) and not is_sequence("a") and is_sequence("a", include_strings=True) and boolean("yes")
assert isinstance("a", string_types) and LookupBase()._flatten([[1], 2]) == [1, 2]
assert LookupBase._combine([1], [2, 3]) == [[1, 2], [1, 3]]
display = Display()
display.display("told")
display.warning("careful")
display.vvv("unheard")
"""


def test_where_ansible_is_not_installed_its_common_names_are_there() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ANSIBLE], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "told\nwarning: careful\n"), done.stderr
