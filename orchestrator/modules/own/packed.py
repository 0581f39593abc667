"""A module in Python as one file for a node that has a Python: a zip, which Python starts as it starts any program.

It holds the module, our stand-in for Ansible's own library as far as the module imports it, and what it imports of the
user's ``module_utils`` and collections. What is imported is told from the text alone, as ansible-core 2.19 does
(``executor/module_common.py``): at the top of a file it must be there, further in it may be missing.
"""

from __future__ import annotations

import ast
import io
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from orchestrator.model.errors import PlaybookError
from orchestrator.modules.own.source import COMMON, Source

STANDIN = Path(__file__).with_name("standin")
MODULE_UTILS = "ansible.module_utils"
ALWAYS = (MODULE_UTILS, f"{MODULE_UTILS}._told")
"""What the runner itself imports."""
MADE_LATER = f"{MODULE_UTILS}.six"
"""A module whose inner modules no files stand for."""
OURS = ("ansible.", "ansible_collections.")
SENT = (MODULE_UTILS, "ansible_collections.")
"""What Ansible sends along, so that it has to be there."""
LIBRARY = b"from ansible.module_utils.basic import *"
"""What takes the place of the line that modules of the oldest kind have instead."""
WHEN = (1980, 1, 1, 0, 0, 0)
"""The time that all files bear, so that the same module comes to the same bytes."""


def inner_name(source: Source) -> str:
    """The name that Python knows the module by, inside the zip."""
    if source.collection is None:
        return f"ansible.modules.{source.name}"
    short = source.name.removeprefix(f"{source.collection}.")
    return f"ansible_collections.{source.collection}.plugins.modules.{short}"


@lru_cache(maxsize=64)
def check(source: Source) -> None:
    """Raises PlaybookError where something is not to be found that the module imports."""
    _Pack(source, is_whole=False).read(inner_name(source), source.data)


@lru_cache(maxsize=64)
def packed(source: Source) -> bytes:
    """The zip. Raises PlaybookError where something is not to be found that the module imports."""
    pack = _Pack(source, is_whole=True)
    for name in ALWAYS:
        pack.add(name)
    pack.read(inner_name(source), source.data.replace(COMMON, LIBRARY))
    files = {"__main__.py": (STANDIN / "run.py").read_bytes(), **pack.files}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(path, WHEN), files[path], zipfile.ZIP_DEFLATED)
    return written.getvalue()


class _Pack:
    """The files of one zip, by path; grows by what they import. ``is_whole``: by what our stand-in imports, too."""

    def __init__(self, source: Source, *, is_whole: bool) -> None:
        self.files: dict[str, bytes] = {}
        self._source, self._is_whole = source, is_whole

    def add(self, name: str) -> bool:
        """Take in the module ``name`` with the packages around it; whether there is such a one."""
        inside = name.replace(".", "/")
        if f"{inside}.py" in self.files or f"{inside}/__init__.py" in self.files:
            return True
        found = self._found(name)
        if found is not None and (self._is_whole or STANDIN not in found.parents):
            text = found.read_bytes() if found.is_file() else b""
            self.read(name, text, is_package=found.is_dir() or found.name == "__init__.py")
        return found is not None

    def read(self, name: str, text: bytes, *, is_package: bool = False) -> None:
        """Take in ``text`` as the module ``name``, and all that it imports."""
        outer = name.rpartition(".")[0]
        if outer and not self.add(outer):
            self.read(outer, b"", is_package=True)
        self.files[name.replace(".", "/") + ("/__init__.py" if is_package else ".py")] = text
        for wanted, must_be_there in _imports(text, name if is_package else outer):
            is_known = not wanted[-1].startswith(OURS) or self._has_any(wanted)
            if not is_known and must_be_there and wanted[-1].startswith(SENT):
                named = f"Could not find imported module support code for {self._source.full_name}"
                raise PlaybookError(f"{named}. Looked for ({wanted})")

    def _has_any(self, wanted: list[str]) -> bool:
        return any(map(self.add, wanted)) or (wanted[0].startswith(f"{MADE_LATER}.") and self.add(MADE_LATER))

    def _found(self, name: str) -> Path | None:
        """The file of the module ``name``, or the directory of the package ``name``."""
        parts = name.split(".")
        roots = self._source.collections if parts[0] == "ansible_collections" else (STANDIN,)
        places = [Path(root, *parts) for root in roots]
        if name.startswith(f"{MODULE_UTILS}."):
            places = [*(Path(each, *parts[2:]) for each in self._source.module_utils), *places]
        for place in places:
            if (place / "__init__.py").is_file():
                return place / "__init__.py"
            if place.with_name(f"{place.name}.py").is_file():
                return place.with_name(f"{place.name}.py")
        return next((place for place in places if place.is_dir()), None)


def _imports(text: bytes, package: str) -> Iterator[tuple[list[str], bool]]:
    """What the file ``text`` of ``package`` imports: names of which one has to be found, and whether one must be."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return  # Python will say so, where the module runs
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield [each.name], node in tree.body
        elif isinstance(node, ast.ImportFrom):
            outer = package.split(".")[: 1 - node.level or None] if node.level else []
            base = ".".join([*outer, *([node.module] if node.module else [])])
            for each in node.names:
                yield [f"{base}.{each.name}", base], node in tree.body
