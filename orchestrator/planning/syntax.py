"""What can be seen to be wrong in a template without rendering it: broken syntax, filters and tests nobody knows."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

from jinja2 import TemplateAssertionError, TemplateSyntaxError

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.environment import Environment, looks_like_template
from orchestrator.planning.plugins import Plugins

_UNKNOWN = re.compile(r"No (filter|test) named '([^']+)'")


def mistake(text: Text, plugins: Plugins, *, is_expression: bool = False) -> TemplateError | None:
    """What is wrong with ``text``, a template; None where nothing can be seen. ``is_expression``: it is one without
    braces, as in ``when``."""
    if not is_expression and not looks_like_template(text):
        return None
    environment = _environment(plugins, not is_expression)
    try:
        if is_expression and not looks_like_template(text):
            environment.condition(text.strip())
        else:
            environment.compiled(text)
    except TemplateSyntaxError as error:
        said = str(error.message)
        if not isinstance(error, TemplateAssertionError):
            said = f"syntax error in {'expression' if is_expression else 'template'}: {said}"
        return TemplateError(said, place=text.place, evidence=str(text)[:160], hint=_hint(said, text, plugins))
    return None


def _hint(said: str, text: str, plugins: Plugins) -> str | None:
    if unknown := _UNKNOWN.search(said):
        known = plugins.filters if unknown[1] == "filter" else plugins.tests
        near = difflib.get_close_matches(unknown[2], [name for name in known if "." not in name], n=1)
        return f"did you mean {near[0]}?" if near else None
    for opened, closed in (("{{", "}}"), ("{%", "%}"), ("(", ")"), ("[", "]")):
        if text.count(opened) > text.count(closed):
            return f"a {opened} is not closed by {closed}"
        if text.count(opened) < text.count(closed):
            return f"a {closed} closes no {opened}"
    if text.count("'") % 2 or text.count('"') % 2:
        return "a quote is not closed"
    if re.search(r"[^=!<>]=[^=]", re.sub(r"^.*?\{[{%]|[}%]\}.*$", "", text, flags=re.S)):
        return "compare with =="
    return "texts stand in quotes, words are joined by and, or, ~"


@lru_cache(maxsize=8)
def _environment(plugins: Plugins, escape: bool) -> Environment:
    return Environment(plugins, escape=escape)
