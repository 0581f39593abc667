"""What kind of module a file is, as ansible-core 2.19 tells it from the file's own text."""

from __future__ import annotations

import os
import re
import shlex
from typing import Literal

from orchestrator.model.errors import PlaybookError
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Place

Style = Literal["python", "inside", "json", "words", "binary", "windows"]
"""How arguments are given: to our stand-in for Ansible's library; as JSON in the module's own text; in a file, as JSON
or as ``key=value`` words; as JSON to a program that is no text; not at all."""
COMMON, JSON_ARGS = b"#<<INCLUDE_ANSIBLE_MODULE_COMMON>>", b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
"""What stands in modules of the oldest kinds for Ansible's library, and for the arguments."""

LIMIT_BYTES = 256 * 1024 * 1024
_TEXT = bytes({7, 8, 9, 10, 12, 13, 27} | set(range(0x20, 0x100)) - {0x7F})
_IN_PYTHON = re.compile(
    rb"(?:^|;)\s*(?:from +\.{2,} *module_utils.* +import "
    rb"|from +ansible_collections(?:\.[^. ]+){2}\.plugins\.module_utils"
    rb"|import +ansible_collections(?:\.[^. ]+){2}\.plugins\.module_utils"
    rb"|from +ansible\.module_utils.* +import |import +ansible\.module_utils\.)",
    re.MULTILINE,
)


@frozen
class Source:
    """A module's file as read. ``words`` start it, by its ``#!`` line; none where it has no such line."""

    path: str
    name: str
    collection: str | None
    style: Style
    words: tuple[str, ...]
    data: bytes
    module_utils: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Its name with what it is of: ``ansible.legacy`` for a file that no collection holds."""
        return self.name if self.collection else f"ansible.legacy.{self.name}"

    @property
    def needs_python(self) -> bool:
        """Whether Python is what runs it, in whatever form its arguments come."""
        return self.style == "python" or is_python(self.words)


def is_python(words: tuple[str, ...]) -> bool:
    """Whether the words of a ``#!`` line start Python, by ``env`` or by themselves."""
    found = words[1:] if words[:1] and os.path.basename(words[0]) == "env" else words
    return bool(found) and os.path.basename(found[0]).startswith("python")


def read(
    path: str,
    name: str,
    collection: str | None = None,
    module_utils: tuple[str, ...] = (),
    collections: tuple[str, ...] = (),
) -> Source:
    """The module in the file ``path``. Raises PlaybookError where it cannot be read."""
    try:
        with open(path, "rb") as file:
            data = file.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise PlaybookError(f"the module cannot be read: {error.strerror}", place=Place(path)) from error
    if len(data) > LIMIT_BYTES:
        raise PlaybookError(f"the module is larger than {LIMIT_BYTES} bytes", place=Place(path))
    return Source(path, name, collection, _style(data), _words(data), data, module_utils, collections)


def says(source: Source, attribute: str) -> bool:
    """Whether a plug-in's class sets ``attribute`` to True, by its text alone."""
    return re.search(rb"^\s+%s\s*=\s*True\b" % attribute.encode(), source.data, re.MULTILINE) is not None


def _style(data: bytes) -> Style:
    if data[:1024].translate(None, _TEXT):
        return "binary"
    if COMMON in data or _IN_PYTHON.search(data):
        return "python"
    if b"#Requires -Module" in data or b"#AnsibleRequires" in data or b"# POWERSHELL_COMMON" in data:
        return "windows"
    if JSON_ARGS in data:
        return "inside"
    return "json" if b"WANT_JSON" in data else "words"


def _words(data: bytes) -> tuple[str, ...]:
    line = data.split(b"\n", 1)[0].strip()
    if not line.startswith(b"#!"):
        return ()
    try:
        return tuple(shlex.split(line[2:].decode("utf-8", "replace")))
    except ValueError:
        return ()
