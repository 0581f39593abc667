"""What can be seen to be wrong in a template without rendering it: broken syntax, filters and tests nobody knows."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

from jinja2 import TemplateAssertionError, TemplateSyntaxError, nodes

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.environment import Environment, looks_like_template
from orchestrator.planning.plugins import Plugins
from orchestrator.planning.template_options import is_all_template

NO_BRACES = "a condition is an expression already: write names without {{ }}"
SEVERAL = "text stands between the templates of this condition: together they come to text"
_UNKNOWN = re.compile(r"No (filter|test) named '([^']+)'")


def mistake(text: Text, plugins: Plugins, *, is_expression: bool = False) -> TemplateError | None:
    """What is wrong with ``text``, a template; None where nothing can be seen. ``is_expression``: it is one without
    braces, as in ``when``."""
    if not is_expression and not looks_like_template(text):
        return None
    is_bare = is_expression and not is_all_template(text.strip())
    environment = _environment(plugins, not is_expression)
    try:
        if is_bare:
            environment.condition(text.strip())
        else:
            environment.compiled(text)
    except TemplateSyntaxError as error:
        said = str(error.message)
        if not isinstance(error, TemplateAssertionError):
            said = f"syntax error in {'expression' if is_expression else 'template'}: {said}"
        hint = NO_BRACES if is_bare and _has_pairs(text) else _hint(said, text, plugins)
        return TemplateError(said, place=text.place, evidence=str(text)[:160], hint=hint)
    if is_expression and not is_bare and _has_text_between(environment, text.strip()):
        return TemplateError(SEVERAL, place=text.place, evidence=str(text)[:160], hint=NO_BRACES)
    return None


def _has_pairs(text: str) -> bool:
    return looks_like_template(text) and text.count("{{") == text.count("}}")


def _has_text_between(environment: Environment, text: str) -> bool:
    """Whether text stands between the expressions of a template (``{{ a }} == {{ b }}``): it always comes to text."""
    outputs = [part for part in environment.parse(text).body if isinstance(part, nodes.Output)]
    several = [part.nodes for part in outputs if len(part.nodes) > 1]
    return any(isinstance(each, nodes.TemplateData) for part in several for each in part)


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
