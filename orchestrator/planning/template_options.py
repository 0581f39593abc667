"""How a template file is read, and what it knows about itself."""

from __future__ import annotations

import datetime
import platform
import pwd
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from orchestrator.model.errors import TemplateError
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Text

LINE_ENDS = re.compile(r"\r\n|\r|\n")
"""What Jinja takes for the end of a line, and makes one kind of."""
OVERRIDE: Final = "#jinja2:"
"""Begins the line of a template file that says how to read it."""


def is_all_template(text: str) -> bool:
    """Whether ``text`` is a template from its first character to its last, as a condition may be; else a condition is
    an expression, and delimiters have no place in it."""
    starts, ends = ("{{", "{%", "{#"), ("}}", "%}", "#}")
    return text.startswith(OVERRIDE) or (text.startswith(starts) and text.endswith(ends))


@frozen(kw_only=True)
class TemplateOptions:
    """How a template's text is read; names and defaults are those of Ansible's template module."""

    block_start_string: str = "{%"
    block_end_string: str = "%}"
    variable_start_string: str = "{{"
    variable_end_string: str = "}}"
    comment_start_string: str = "{#"
    comment_end_string: str = "#}"
    line_statement_prefix: str | None = None
    line_comment_prefix: str | None = None
    trim_blocks: bool = True
    lstrip_blocks: bool = False
    newline_sequence: str = "\n"
    keep_trailing_newline: bool = False
    escape_backslashes: bool = False

    def may_be_in(self, text: str) -> bool:
        """Whether ``text`` holds what starts a template, or the header line that changes these options."""
        starts = (self.block_start_string, self.variable_start_string, self.comment_start_string)
        return text.startswith(OVERRIDE) or any(start in text for start in starts)


def template_variables(
    name: str,
    path: Path,
    known: Mapping[str, Any],
    destination: str | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a template file knows about itself: ``template_path`` and its like, ``ansible_managed`` unless ``known``."""
    facts = path.stat()
    try:
        owner: str | int = pwd.getpwuid(facts.st_uid).pw_name
    except KeyError:
        owner = facts.st_uid
    about: dict[str, Any] = {
        "template_host": platform.node(),
        "template_path": name,
        "template_mtime": datetime.datetime.fromtimestamp(facts.st_mtime),  # noqa: DTZ006 - as Ansible's: no zone
        "template_uid": owner,
        "template_run_date": datetime.datetime.now(),  # noqa: DTZ005
        "template_destpath": destination,
        "template_fullpath": str(path.absolute()),
    }
    if "ansible_managed" not in known:
        about["ansible_managed"] = _managed(
            str((settings or {}).get("DEFAULT_MANAGED_STR", "Ansible managed")), about["template_mtime"]
        )
    return about


def _managed(written: str, changed: datetime.datetime) -> Text:
    """The setting ``ansible_managed`` as a template: {host}, {uid} and {file} name what the file knows about itself,
    strftime's signs are filled in by the time it was ``changed``."""
    names = {"host": "{{ template_host }}", "uid": "{{ template_uid }}", "file": "{{ template_path }}"}
    try:
        return Text(changed.strftime(written.format(**names)))
    except (LookupError, ValueError) as error:
        hint = "it may hold {file}, {host}, {uid} and signs of strftime; braces of its own are doubled"
        message = f"the setting ansible_managed cannot be used: {error}"
        raise TemplateError(message, evidence=written, hint=hint) from error
