"""Filters that read and write JSON and YAML."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import pass_context

from orchestrator.language.load import load_text
from orchestrator.model.errors import TemplateError
from orchestrator.model.secrets import Secret
from orchestrator.planning.containers import plain
from orchestrator.planning.markers import type_name


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    raise TypeError(f"a value of type {type_name(value)!r} has no form in JSON")


def _with_text_keys(value: Any) -> Any:
    """``value`` with keys as JSON writes them, so that they are sorted as text."""
    if isinstance(value, list):
        return [_with_text_keys(each) for each in value]
    if not isinstance(value, dict):
        return value
    keyed = {key if isinstance(key, str) else _text_of_key(key): each for key, each in value.items()}
    return {key: _with_text_keys(each) for key, each in keyed.items()}


def _text_of_key(key: Any) -> str:
    if key is None or isinstance(key, int | float):
        return json.dumps(key)
    raise TypeError(f"Key of type {type_name(key)!r} is not JSON serializable by the 'tagless' profile.")


def to_json(value: Any, profile: str | None = None, **options: Any) -> str | Secret:
    """``value`` as JSON, secret where it holds a secret; options are those of Python's ``json.dumps``."""
    for ignored in ("vault_to_text", "preprocess_unsafe"):
        options.pop(ignored, None)
    secrets: list[Secret] = []

    def known(each: Any) -> Any:
        if isinstance(each, Secret):
            secrets.append(each)
            return each.reveal()
        return _json_value(each)

    value = list(value) if isinstance(value, range) else plain(value)
    text = json.dumps(_with_text_keys(value), default=known, **options)
    return Secret(text) if secrets else text


def to_nice_json(value: Any, indent: int = 4, sort_keys: bool = True, **options: Any) -> str | Secret:
    """``value`` as JSON for people."""
    options.pop("separators", None)
    return to_json(value, indent=indent, sort_keys=sort_keys, separators=(",", ": "), **options)


def from_json(text: Any, profile: str | None = None, **options: Any) -> Any:
    """The value that JSON ``text`` holds."""
    return json.loads(text, **options)


@pass_context
def to_yaml(context: Any, value: Any, *_ignored: Any, default_flow_style: bool | None = None, **options: Any) -> str:
    """``value`` as YAML; options are those of PyYAML's ``dump``."""
    renderer = context.scope.renderer
    write = None if renderer is None else renderer.surroundings.write_yaml
    if write is None:
        raise TemplateError("to_yaml: nobody here writes YAML")
    how = {"allow_unicode": True, "default_flow_style": default_flow_style, **options}
    return str(write(plain(value), how))


@pass_context
def to_nice_yaml(context: Any, value: Any, indent: int = 4, default_flow_style: bool = False, **options: Any) -> str:
    """``value`` as YAML for people."""
    return to_yaml(context, value, indent=indent, default_flow_style=default_flow_style, **options)


def _for_any_reader(context: Any, value: Any, redact_sensitive_values: bool, options: Mapping[str, Any]) -> str:
    told = _redacted(value) if redact_sensitive_values else value
    return to_yaml(context, told, **options)


def _redacted(value: Any) -> Any:
    """``value`` with a word in the place of what came out of a vault."""
    if isinstance(value, Mapping):
        return {_redacted(key): _redacted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_redacted(each) for each in value]
    return "<redacted>" if isinstance(value, Secret) or hasattr(value, "ciphertext") else value


@pass_context
def community_to_yaml(context: Any, value: Any, *, redact_sensitive_values: bool = False, **options: Any) -> str:
    """As ``to_yaml``; what came out of a vault may be left out."""
    return _for_any_reader(context, value, redact_sensitive_values, options)


@pass_context
def community_to_nice_yaml(
    context: Any,
    value: Any,
    *,
    redact_sensitive_values: bool = False,
    indent: int = 2,
    default_flow_style: bool = False,
    **options: Any,
) -> str:
    """As ``to_nice_yaml``, with two blanks to a level; what came out of a vault may be left out."""
    how = {"indent": indent, "default_flow_style": default_flow_style, **options}
    return _for_any_reader(context, value, redact_sensitive_values, how)


def from_yaml(text: Any) -> Any:
    """The value that YAML ``text`` holds; what is no text stays as it is."""
    return plain(load_text(str(text), "<from_yaml>", error=TemplateError)) if isinstance(text, str) else text


def from_yaml_all(text: Any) -> Any:
    """The values of all documents in YAML ``text``."""
    if not isinstance(text, str):
        return [] if text is None else text
    parts = re.split(r"^(?:---|\.\.\.)(?=\s|$)", text, flags=re.MULTILINE)
    first, rest = parts[0], parts[1:]
    wanted = [first, *rest] if _holds_something(first) else rest
    return [from_yaml(part) for part in wanted if _holds_something(part) or part is not wanted[-1]]


def _holds_something(part: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith(("#", "%")) for line in part.splitlines())


DOCUMENTS: Final[Mapping[str, Callable[..., Any]]] = {
    "community.general.to_nice_yaml": community_to_nice_yaml,
    "community.general.to_yaml": community_to_yaml,
    "from_json": from_json,
    "from_yaml": from_yaml,
    "from_yaml_all": from_yaml_all,
    "to_json": to_json,
    "to_nice_json": to_nice_json,
    "to_nice_yaml": to_nice_yaml,
    "to_yaml": to_yaml,
}
