"""Lookups that read files of this machine."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from orchestrator.model.errors import TemplateError, UserError
from orchestrator.model.secrets import NO_PASSWORD, UNOPENED
from orchestrator.planning.lookups.base import Call, Lookup, options_of
from orchestrator.planning.template_options import TemplateOptions, template_variables

_TEMPLATE_DEFAULTS: Final = {
    "variable_start_string": "{{",
    "variable_end_string": "}}",
    "comment_start_string": "{#",
    "comment_end_string": "#}",
    "trim_blocks": True,
}


def text_of_file(call: Call, name: str, kind: str = "files", *, missing: str | None = None) -> str:
    """The text of the task's file ``name``."""
    path = call.find(name, kind, missing=missing)
    try:
        return call.surroundings.read(path).decode("utf-8")
    except OSError as error:
        raise TemplateError(f"Unable to access the file {name!r}: {error.strerror}") from error


def file(call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
    """The contents of files, without blanks at the end."""
    how = options_of("file", options, {"rstrip": True, "lstrip": False})
    texts = [_text_of(call, term) for term in terms]
    texts = [text.lstrip() for text in texts] if how["lstrip"] else texts
    return [text.rstrip() for text in texts] if how["rstrip"] else list(texts)


def _text_of(call: Call, name: str) -> str:
    """``text_of_file``; this lookup names the file where it cannot be opened."""
    try:
        return text_of_file(call, name)
    except UserError as error:
        if error.message not in (NO_PASSWORD, UNOPENED):
            raise
        raise error.within(f"Unable to access the file {name!r}") from error


def unvault(call: Call, terms: list[Any], _options: Mapping[str, Any]) -> list[Any]:
    """The contents of files as they are, opened where they are vaults."""
    return [text_of_file(call, term, missing=f'Unable to find file matching "{term}"') for term in terms]


def fileglob(call: Call, terms: list[Any], _options: Mapping[str, Any]) -> list[Any]:
    """The files that match patterns, in the first directory that has any."""
    found: list[Any] = []
    for term in terms:
        directory, pattern = os.path.split(term)
        for place in _directories(call, directory):
            matches = [path for path in glob.glob(os.path.join(place, pattern)) if os.path.isfile(path)]
            if matches:
                found += matches
                break
    return found


def _directories(call: Call, directory: str) -> list[Path]:
    if directory:
        place = call.surroundings.find(directory, "files")
        return [place] if place is not None else []
    tops = [Path(top) for top in call.surroundings.search_path or (".",)]
    return [place for top in tops for place in (top / "files", top)]


def template(call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
    """Template files, rendered; ``template_vars`` are known to them besides the task's."""
    known = {**_TEMPLATE_DEFAULTS, "template_vars": {}, "convert_data": False, "jinja2_native": False}
    how = options_of("template", options, known)
    rendered = []
    for term in terms:
        path = call.find(term, "templates", missing=f"the template file {term} could not be found for the lookup")
        variables, settings = call.renderer.variables, call.surroundings.settings
        extra = {**template_variables(str(term), path, variables, settings=settings), **how["template_vars"]}
        renderer = call.renderer.extended(extra)
        chosen = TemplateOptions(**{name: how[name] for name in _TEMPLATE_DEFAULTS})
        found = renderer.template_value(call.surroundings.read(path).decode("utf-8"), chosen, name=str(path))
        rendered.append("" if found is None else found)
    return rendered


FILES: Final[Mapping[str, Lookup]] = {
    "file": file,
    "fileglob": fileglob,
    "template": template,
    "unvault": unvault,
}
