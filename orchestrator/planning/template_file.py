"""Whole template files: the ``#jinja2:`` header, and where they include others from."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from jinja2 import BaseLoader, TemplateNotFound
from jinja2 import Environment as JinjaEnvironment

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.environment import Environment
from orchestrator.planning.plugins import Plugins
from orchestrator.planning.surroundings import Surroundings
from orchestrator.planning.template_options import OVERRIDE, TemplateOptions

_HEADER_FIELDS = {field.name for field in dataclasses.fields(TemplateOptions)} - {"escape_backslashes"}


def split_header(text: Text, options: TemplateOptions) -> tuple[str, TemplateOptions]:
    """The template without its ``#jinja2: key:value, …`` line, and ``options`` with what that line says."""
    if not text.startswith(OVERRIDE):
        return text, options
    line, newline, body = text.partition("\n")
    if not newline:
        raise TemplateError(f"Syntax error in template: Missing newline after {OVERRIDE!r} override.", place=text.place)
    changes: dict[str, object] = {}
    for pair in line.removeprefix(OVERRIDE).split(","):
        key, colon, value = pair.partition(":")
        if not colon or key.strip() not in _HEADER_FIELDS:
            missing = f"Missing key-value separator `:` in {OVERRIDE!r} override pair {pair.strip()!r}."
            wrong = f"Invalid {OVERRIDE!r} override key {key.strip()!r}."
            raise TemplateError(
                f"Syntax error in template: {wrong if colon else missing}",
                place=text.place,
                hint=f"a name of {', '.join(sorted(_HEADER_FIELDS))}, a colon, and a Python literal",
            )
        changes[key.strip()] = _fitting(key.strip(), _literal(value.strip(), text), text)
    return body, dataclasses.replace(options, **changes)  # type: ignore[arg-type]


def _literal(value: str, text: Text) -> object:
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError) as error:
        said = f"Syntax error in template: {OVERRIDE!r} override: {value!r} is no literal"
        raise TemplateError(said, place=text.place) from error


def _fitting(key: str, value: object, text: Text) -> object:
    """``value`` where it is of a type that ``key`` takes, told in Ansible's words: ``"true"`` is text, and not True."""
    default = getattr(TemplateOptions(), key)
    takes = (str, type(None)) if default is None else (type(default),)
    if type(value) not in takes:
        wanted = " or ".join(repr(each) for each in takes)
        said = f"Syntax error in template: TemplateOverrides.{key} must be {wanted} instead of {type(value)}"
        raise TemplateError(said, place=text.place)
    return value


class Includes(BaseLoader):
    """Finds what ``include``, ``import`` and ``extends`` name: below the search path, in ``templates/`` first."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings

    def get_source(
        self, environment: JinjaEnvironment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        path = self.surroundings.find(template, "templates")
        if path is None or not path.is_file():
            raise TemplateNotFound(template, f"{template!r} is in none of {_searched(self.surroundings)}")
        seen = path.stat().st_mtime_ns
        text = self.surroundings.read(path).decode("utf-8")
        return text, str(path), lambda: Path(path).stat().st_mtime_ns == seen


def _searched(surroundings: Surroundings) -> str:
    return ", ".join(surroundings.search_path) or "the current directory"


def file_environment(plugins: Plugins, options: TemplateOptions, surroundings: Surroundings) -> Environment:
    """The environment for these options; includes are looked for in ``surroundings``."""
    environment = _environment(plugins, options, surroundings.search_path)
    if not isinstance(environment.loader, Includes):
        environment.loader = Includes(surroundings)
    environment.loader.surroundings = surroundings
    return environment


@lru_cache(maxsize=128)
def _environment(plugins: Plugins, options: TemplateOptions, _search_path: tuple[str, ...]) -> Environment:
    fields = dataclasses.asdict(options)
    return Environment(plugins, escape=fields.pop("escape_backslashes"), **fields)
