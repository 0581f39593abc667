"""A node's own facts, ``ansible_local``: what its ``*.fact`` files say, in JSON or as an INI file.

Rules and words are those of ansible-core 2.19 (``facts.d`` in its user guide): a program's output counts as a file's
text would; a file that cannot be understood becomes a sentence that says so, in place of the fact.
"""

from __future__ import annotations

import configparser
import json
from collections.abc import Mapping
from typing import Any

from orchestrator.model.program import Reply
from orchestrator.modules.base import script

LOCAL_FACTS_SH = script("local_facts", __file__)


def local_facts(reply: Reply) -> Mapping[str, Any]:
    """Fact → its value, from the records that ``gather_local`` said."""
    told = zip(*(reply.all(f"local_{each}") for each in ("path", "name", "how", "text")), strict=True)
    return {name: _read(path, text) if how in ("text", "ran") else text for path, name, how, text in told}


def _read(path: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        return f"error loading facts as JSON or ini - please check content: {path}"
    try:
        return {section: dict(parser.items(section, vars={})) for section in parser.sections()}
    except configparser.Error as error:
        return f"error loading facts as ini - please check content: {path} ({error})"
