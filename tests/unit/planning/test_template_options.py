"""What a template file knows about itself, and ``ansible_managed`` as ansible.cfg may set it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.render import OMIT, Renderer
from orchestrator.planning.surroundings import Surroundings
from orchestrator.planning.template_options import template_variables


def managed(path: Path, setting: str) -> str:
    about = template_variables("files/%n{{ 1 }}.j2", path, {}, settings={"DEFAULT_MANAGED_STR": setting})
    return str(Renderer(about).text(Text("{{ ansible_managed }}")))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "x.j2"
    path.touch()
    return path


def test_ansible_managed_names_the_file_as_it_is(source: Path) -> None:
    assert managed(source, "{file} is ours, {{{{ 1 + 1 }}}}") == "files/%n{{ 1 }}.j2 is ours, 2"
    assert managed(source, "%Y").isdigit()
    with pytest.raises(TemplateError, match="the setting ansible_managed cannot be used"):
        managed(source, "{nobody}")


def test_who_sets_the_variable_wins(source: Path) -> None:
    assert "ansible_managed" not in template_variables("x", source, {"ansible_managed": "mine"})


def test_a_keyword_that_is_omitted_has_its_default() -> None:
    renderer = Renderer({"omit": OMIT, "five": 5})
    assert renderer.keyword(None, 1) == 1
    assert renderer.keyword(Text("{{ omit }}"), 2) == 2
    assert renderer.keyword(Text("{{ five }}"), 3) == 5


def test_a_template_of_one_expression_keeps_its_type_in_a_lookup(tmp_path: Path) -> None:
    (tmp_path / "t.j2").write_text("{% macro m() %}{{ {'a': 1} }}{% endmacro %}\n{{ m() }}\n")
    (tmp_path / "empty.j2").write_text("")
    renderer = Renderer({}, surroundings=Surroundings(search_path=(str(tmp_path),)))
    assert renderer.text(Text("{{ lookup('template', 't.j2').a }}")) == 1
    assert renderer.text(Text("{{ lookup('template', 'empty.j2') }}")) == ""


def test_a_macro_imported_without_context_has_lookups_but_no_variables(tmp_path: Path) -> None:
    (tmp_path / "macros.j2").write_text("{% macro m() %}{{ lookup('vars', 'a') }}{{ a is defined }}{% endmacro %}")
    renderer = Renderer({"a": 1}, surroundings=Surroundings(search_path=(str(tmp_path),)))
    assert renderer.template("{% from 'macros.j2' import m %}{{ m() }} {{ a is defined }}") == "1False True"
