"""Rendering: what is a template, where errors point, what stays secret, what data can never do."""

from pathlib import Path

import pytest

from orchestrator.language.load import Vaulted, load_text
from orchestrator.model.errors import TemplateError, UndefinedVariable
from orchestrator.model.place import Place, Text
from orchestrator.model.secrets import Secret
from orchestrator.planning.render import OMIT, Renderer, Surroundings, TemplateOptions
from orchestrator.planning.template_options import template_variables

SEALED = Text("$ANSIBLE_VAULT;1.1;AES256\n3132", Place("v.yml", 2, 4))


def text(value: str, line: int = 3, column: int = 7) -> Text:
    return Text(value, Place("play.yml", line, column))


def test_only_text_is_a_template() -> None:
    renderer = Renderer({"data": "{{ 7 * 7 }}", "said": text("{{ 7 * 7 }}")})
    assert renderer.value("{{ 1 }}") == "{{ 1 }}"
    assert renderer.value(text("{{ data }} {{ said }}")) == "{{ 7 * 7 }} 49"
    assert renderer.value({"k": ["{{ 1 }}", text("{{ 1 }}")]}) == {"k": ["{{ 1 }}", 1]}


def test_results_are_plain_and_never_templates_again() -> None:
    renderer = Renderer({"a": text("{{ '{{ b }}' }}"), "b": text("x"), "d": {"k": text("{{ a }}")}})
    found = renderer.value({"t": text("{{ a }}"), "d": text("{{ d }}"), "p": text("plain")})
    assert found == {"t": "{{ b }}", "d": {"k": "{{ b }}"}, "p": "plain"}
    assert {type(each) for each in (*found.values(), *found)} == {str, dict}
    assert renderer.value(text("{{ d.k }}{{ d.k }}")) == "{{ b }}{{ b }}"


def test_keys_that_a_person_wrote_are_rendered() -> None:
    assert Renderer({"name": "x"}).value({text("{{ name }}"): 1}) == {"x": 1}


def test_omit_alone_is_omit() -> None:
    renderer = Renderer({"maybe": text("{{ nowhere | default(omit) }}")})
    assert renderer.value(text("{{ maybe }}")) is OMIT
    assert renderer.value({"a": text("{{ maybe }}"), "b": [text("{{ maybe }}"), {"c": text("{{ maybe }}")}]}) == {
        "b": [{}]
    }


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ("{{ colour }}", "'colour' is undefined", "did you mean color?"),
        ("{{ host.addres }}", "object of type 'dict' has no attribute 'addres'", "did you mean address?"),
        ("{{ host['x'] }}", "object of type 'dict' has no attribute 'x'", None),
        ("{{ zzz }}", "'zzz' is undefined", None),
    ],
)
def test_undefined_says_what_where_and_what_may_be_meant(written: str, message: str, hint: str | None) -> None:
    renderer = Renderer({"color": 1, "host": {"address": 1}})
    with pytest.raises(UndefinedVariable) as caught:
        renderer.value({"deep": [text(written)]})
    error = caught.value
    assert (error.message, error.hint, error.evidence) == (message, hint, written)
    assert error.place == Place("play.yml", 3, 7)


def test_the_innermost_template_is_blamed() -> None:
    renderer = Renderer(
        {"a": text("{{ b }}", 10), "b": text("{{ gone }}", 20, 5), "c": text("{{ 'x' | from_json }}", 30)}
    )
    with pytest.raises(UndefinedVariable) as caught:
        renderer.value(text("see {{ a }}"))
    assert caught.value.place == Place("play.yml", 20, 5)
    with pytest.raises(TemplateError, match="from_json") as broken:
        renderer.value(text("see {{ c }}"))
    assert broken.value.place == Place("play.yml", 30, 7)
    assert "play.yml:30:7" in str(broken.value)


def test_a_loop_of_variables_is_named() -> None:
    renderer = Renderer({"a": text("{{ b }}"), "b": text("x{{ a }}")})
    with pytest.raises(TemplateError, match="Recursive loop detected in template"):
        renderer.value(text("{{ a }}"))
    assert renderer.value(text("still {{ 1 }}")) == "still 1"


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__ }}",
        "{{ d.__class__.__init__.__globals__ }}",
        "{{ lookup.__globals__ }}",
        "{{ (1).real.__class__.__base__.__subclasses__() }}",
        "{{ d.items.__self__ }}",
        "{{ '{0.__class__}'.format(d) }}",
        "{{ ('{0.__class__}' | attr('format'))(d) }}",
        "{{ '{0.__class__}'['format'](d) }}",
        "{{ '{x.__class__}'.format_map({'x': d}) }}",
        "{{ ['{0.__class__}'.format] | map('string') | first ~ ''.__class__ }}",
        "{{ d | attr('__class__') }}",
        "{{ d._resolve }}",
        "{{ secret.reveal() }}",
        "{{ secret._value }}",
    ],
)
def test_the_sandbox_holds(attack: str) -> None:
    with pytest.raises(TemplateError):
        Renderer({"d": {"x": text("{{ 1 }}")}, "secret": Secret("s3")}).value(text(attack))


def test_templates_cannot_change_the_variables() -> None:
    variables = {"l": [1], "d": {"x": [1]}}
    assert Renderer(variables).value(
        text("{% set _ = l.append(2) %}{% set _ = d.x.append(2) %}{% set _ = d.update({'y': 1}) %}{{ l }}")
    )
    assert variables == {"l": [1], "d": {"x": [1]}}


def test_secrets_stay_secret_through_text_filters_and_tests() -> None:
    renderer = Renderer({"pw": Secret("s3cret"), "user": "me"})
    assert renderer.value(text("{{ pw }}")) == Secret("s3cret")
    assert renderer.value(text("{{ user }}:{{ pw }}")) == Secret("me:s3cret")
    assert renderer.value(text("{{ pw | b64encode }}")) == Secret("czNjcmV0")
    assert renderer.value(text("{{ pw | split('c') }}")) == [Secret("s3"), Secret("ret")]
    assert renderer.value(text("{{ {'k': [pw]} | to_json }}")) == Secret('{"k": ["s3cret"]}')
    assert renderer.value(text("{{ [user, pw] | join(':') }}")) == Secret("me:s3cret")
    assert renderer.value(text("{{ user ~ ':' ~ pw }}")) == Secret("me:s3cret")
    assert renderer.value(text("{{ pw | length }}")) == 6
    assert renderer.condition(text("pw is match('s3')")) is True
    assert "s3cret" not in repr(renderer.value({"a": text("x{{ pw }}")}))


def test_sealed_values_open_when_looked_at() -> None:
    opened: list[str] = []

    def decrypt(data: bytes, where: str) -> bytes:
        opened.append(where)
        return b"pw-{{ user }}" if data.endswith(b"3132") else b"plain"

    variables = {"pw": Vaulted(SEALED), "d": {"k": Vaulted(Text("$ANSIBLE_VAULT;1.1;AES256\n33"))}, "user": "me"}
    renderer = Renderer(variables, surroundings=Surroundings(decrypt=decrypt))
    assert renderer.value(text("{{ user }}")) == "me"
    assert opened == []
    assert renderer.value(text("{{ pw }} {{ d.k }}")) == "pw-me plain"
    assert type(renderer.value(text("{{ d }}"))["k"]) is str
    assert renderer.value(Vaulted(SEALED)) == "pw-me"
    assert opened[:2] == ["v.yml", "a vaulted value"]
    assert renderer.condition(text("d.k is vault_encrypted and user is not vault_encrypted"))


def test_sealed_values_without_a_password() -> None:
    with pytest.raises(TemplateError, match="no vault secrets found") as caught:
        Renderer({"pw": Vaulted(SEALED)}).value(text("{{ pw }}"))
    assert caught.value.place == Place("v.yml", 2, 4)
    assert Renderer({"pw": Vaulted(SEALED)}).value(text("{{ 1 if true else pw }}")) == 1


def test_what_was_sealed_is_not_shown_in_errors() -> None:
    surroundings = Surroundings(openers={Vaulted: lambda _sealed: Text("hunter2 {{ oops")})
    with pytest.raises(TemplateError) as caught:
        Renderer({"pw": Vaulted(SEALED)}, surroundings=surroundings).value(text("{{ pw }}"))
    assert "hunter2" not in str(caught.value)


def test_loaded_yaml_renders_as_it_is() -> None:
    loaded = load_text("a: '{{ b }}'\nb: [1, '{{ c }}']\nc: !unsafe '{{ d }}'\n", "vars.yml")
    assert Renderer(loaded).value(text("{{ a }}")) == [1, "{{ d }}"]


def test_extended_sees_both() -> None:
    renderer = Renderer({"a": text("{{ item }}-{{ b }}"), "b": 1}).extended({"item": "i", "b": 2})
    assert renderer.value(text("{{ a }}")) == "i-2"


def test_expression_is_bare() -> None:
    assert Renderer({"a": [1, 2]}).expression(text("a | length + 1")) == 3
    with pytest.raises(TemplateError, match="Syntax error"):
        Renderer({}).expression(text("{{ a }}"))


def test_conditions_come_from_people_only() -> None:
    renderer = Renderer({"computed": "true", "said": text("n == 1"), "n": 1})
    assert renderer.condition(text("{{ said }}")) is True
    for condition in (text("{{ computed }}"), "true"):
        with pytest.raises(TemplateError, match="untrusted template or expression"):
            renderer.condition(condition)


def test_a_condition_must_be_a_boolean() -> None:
    with pytest.raises(TemplateError, match=r"derived from value of type 'str'") as caught:
        Renderer({"name": "x"}).condition(text("name"))
    assert caught.value.place == Place("play.yml", 3, 7)
    assert caught.value.hint is not None


# ---- template files ----------------------------------------------------------------------------------------


def test_a_file_keeps_its_newlines_and_backslashes() -> None:
    renderer = Renderer({"a": 1, "items": [1, 2]})
    source = "# {{ a }}\n{% for i in items %}\n  - {{ i }}\n{% endfor %}\nend {{ 'a\\tb' }}\n\n"
    assert renderer.template(source) == "# 1\n  - 1\n  - 2\nend a\tb\n\n"
    assert renderer.template("{{ a }}") == "1"
    assert renderer.template("{{ nil }}") == "" if "nil" in renderer.variables else True
    assert renderer.template("{% if false %}x{% endif %}") == ""


def test_options_of_a_file() -> None:
    renderer = Renderer({"a": 1})
    options = TemplateOptions(
        variable_start_string="[[", variable_end_string="]]", lstrip_blocks=True, newline_sequence="\r\n"
    )
    assert renderer.template("[[ a ]] {{ a }}\n  {% if true %}\nx\n  {% endif %}\n", options) == "1 {{ a }}\r\nx\r\n"
    assert renderer.template("#jinja2: trim_blocks: False\n{% if true %}\nx{% endif %}\n") == "\nx\n"


def test_includes_are_found_on_the_search_path(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/part.j2").write_text("part {{ a }}\n")
    (tmp_path / "templates/macros.j2").write_text(
        "{% macro hi(x) %}hi {{ x }}{% endmacro %}{% macro who() %}{{ a }}{% endmacro %}"
    )
    (tmp_path / "base.j2").write_text("<{% block body %}none{% endblock %}>")
    renderer = Renderer({"a": text("{{ b }}"), "b": 2}, surroundings=Surroundings(search_path=(str(tmp_path),)))
    assert renderer.template("{% include 'part.j2' %}!") == "part 2!"
    assert renderer.template("{% set x = 5 %}{% include 'part.j2' %}") == "part 2"
    assert renderer.template("{% import 'macros.j2' as m %}{{ m.hi('x') }}") == "hi x"
    assert renderer.template("{% from 'macros.j2' import who with context %}{{ who() }}") == "2"
    assert renderer.template("{% extends 'base.j2' %}{% block body %}{{ super() }} {{ a }}{% endblock %}") == "<none 2>"
    assert renderer.template("{% include 'gone.j2' ignore missing %}x") == "x"
    with pytest.raises(TemplateError, match="gone") as caught:
        renderer.template("{% include 'gone.j2' %}", name="site.j2")
    assert caught.value.place is not None and caught.value.place.file == "site.j2"


def test_syntax_errors_of_a_file_have_its_line() -> None:
    with pytest.raises(TemplateError, match="Syntax error") as caught:
        Renderer({}).template("ok\nok\n{% if %}\n", name="site.conf.j2")
    assert str(caught.value.place) == "site.conf.j2:3:1"


def test_what_a_file_knows_about_itself(tmp_path: Path) -> None:
    path = tmp_path / "x.j2"
    path.write_text("")
    known = template_variables("x.j2", path, {}, "/etc/x")
    assert known["ansible_managed"] == "Ansible managed"
    assert known["template_path"] == "x.j2"
    assert known["template_fullpath"] == str(path)
    assert known["template_destpath"] == "/etc/x"
    assert "ansible_managed" not in template_variables("x.j2", path, {"ansible_managed": "mine"})


def test_a_hundred_thousand_renders_would_take_seconds() -> None:
    import time

    renderer = Renderer({"a": text("{{ b }}"), "b": "x", "l": [1, 2]})
    texts = [text(f"{{{{ a }}}} {{{{ l | length }}}} {number}") for number in range(50)]
    begin = time.perf_counter()
    for _ in range(40):
        for each in texts:
            renderer.value(each)
    assert (time.perf_counter() - begin) / 2000 < 0.0005
