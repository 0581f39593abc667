"""A plug-in file of the user's as a Python module."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from orchestrator.model.errors import PlaybookError, TemplateError
from orchestrator.model.place import Place
from orchestrator.planning.containers import plain
from orchestrator.planning.markers import Tripped
from orchestrator.planning.own import ansible_names


@functools.cache
def load(path: Path) -> ModuleType:
    """The file at ``path``, run once as a module. Raises PlaybookError where it cannot be imported."""
    ansible_names.provide()
    name = _name_of(path)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PlaybookError(f"{path.name} is no Python file", place=Place(str(path)))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # the user's code: whatever it raises is told, not ours to sort
        del sys.modules[name]
        raise PlaybookError(
            f"this plug-in cannot be imported: {type(error).__name__}: {error}",
            place=Place(str(path), _line_of(error, path)),
            hint="it may import the standard library and what is installed beside orch",
        ) from error
    return module


def _name_of(path: Path) -> str:
    """The module's name as Ansible gives it, since some plug-ins read ``__name__``; those of a collection may import
    one another by it."""
    parts = path.with_suffix("").parts
    if "ansible_collections" in parts:
        top = parts.index("ansible_collections")
        root = str(Path(*parts[:top]).resolve())
        if root not in sys.path:
            sys.path.append(root)
        return ".".join(parts[top:])
    kind = path.parent.name.removesuffix("_plugins")
    number = "" if kind == "lookup" else f"_{int(hashlib.sha256(str(path).encode()).hexdigest()[:12], 16)}"
    return f"ansible.plugins.{kind}.{path.stem}{number}"


def _line_of(error: BaseException, path: Path) -> int:
    """The line of ``path`` at which ``error`` arose; 1 where it says none."""
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def attribute_of(path: Path, name: str) -> Any:
    """The class ``name`` of the plug-in file. Raises PlaybookError where it has none."""
    found = getattr(load(path), name, None)
    if found is None:
        raise PlaybookError(f"this plug-in defines no class {name}", place=Place(str(path)))
    return found


def plain_call(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` called with plain values (no lazy containers), its exceptions turned into ours."""
    taken = 1 if hasattr(function, "jinja_pass_arg") else 0

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        given = [*args[:taken], *(plain(each, strict=False) for each in args[taken:])]
        try:
            return function(*given, **{name: plain(each, strict=False) for name, each in options.items()})
        except Tripped:
            raise
        except Exception as error:  # the user's code
            raise TemplateError(str(getattr(error, "message", None) or error) or type(error).__name__) from error

    return call
