"""Runs one module in Python: ``python run.py``, with all that it is told as JSON on stdin or in a named file.

On a node it is the main program of a zip that holds the module, too (``modules/own/packed.py``).

The module sees itself as ``__main__``, by the name that Ansible gives it, so that its relative imports work. What it
raises is told as JSON, in the words of ansible-core 2.19.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import runpy
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any


def main() -> None:
    """Read what is told, run the module, and end; a module prints its own result."""
    with open(sys.argv[1], encoding="utf-8") if sys.argv[1:] else sys.stdin as file:
        told = {**json.load(file), "runner": os.path.abspath(sys.argv[0])}
    try:
        provide(told)
        run(told)
        raise RuntimeError("New-style module did not handle its own exit.")
    except Exception as error:
        shows_trace = told["arguments"].get("_ansible_verbosity", 0) >= 3
        fail(error, f"Module failed: {': '.join(reasons(error))}", shows_trace=shows_trace)


def provide(told: dict[str, Any]) -> None:
    """Make importable what the module may import: our stand-in, the user's module_utils before it, collections."""
    module_utils: Any = importlib.import_module("ansible.module_utils")
    module_utils.__path__[:0] = told.get("module_utils", ())
    known: Any = importlib.import_module("ansible.module_utils._told")
    sys.path.extend(told.get("collections", ()))
    known.ARGUMENTS.update(told["arguments"])
    known.TOLD.update(told)


class Loader(SourceFileLoader):
    """Reads modules of the oldest kind, too, which have a line instead of the import."""

    def get_data(self, path: str) -> bytes:
        text = super().get_data(path)
        return text.replace(b"#<<INCLUDE_ANSIBLE_MODULE_COMMON>>", b"from ansible.module_utils.basic import *")


def run(told: dict[str, Any]) -> None:
    """Run the module as ``__main__``, in the package that its collection, or Ansible, would put it in."""
    if "inside" in told:
        runpy.run_module(told["inside"], run_name="__main__", alter_sys=True)
        return
    path = told["path"]
    loader = Loader("__main__", path)
    spec = importlib.util.spec_from_loader("__main__", loader)
    assert spec is not None
    module: Any = importlib.util.module_from_spec(spec)
    module.__spec__ = None  # whose name would stand against the package's
    module.__package__ = _package(path, told["collection"])
    sys.modules["__main__"] = module
    loader.exec_module(module)


def _package(path: str, collection: str | None) -> str:
    if collection is None:
        package = ModuleType("ansible.modules")
        package.__path__ = [os.path.dirname(path)]
        sys.modules["ansible.modules"] = package
        return "ansible.modules"
    parts = os.path.dirname(os.path.abspath(path)).split(os.sep)
    return ".".join(parts[len(parts) - parts[::-1].index("ansible_collections") - 1 :])


def fail(error: BaseException, words: str, *, shows_trace: bool) -> None:
    """Tell an exception as the module's result, and end with status 1."""
    told = {"failed": True, "msg": f"Task failed: {words}"}
    print(f"\n{json.dumps({**told, **(trace(error) if shows_trace else {})})}")
    sys.exit(1)


def reasons(error: BaseException | None) -> list[str]:
    """What an exception says, and those that are behind it."""
    found: list[str] = []
    while error is not None and str(error) not in found:
        found.append(str(error) or type(error).__name__)
        error = error.__cause__
    return found


def trace(error: BaseException) -> dict[str, str]:
    """Where it arose, for those who ask for details."""
    import traceback

    return {"exception": "".join(traceback.format_exception(type(error), error, error.__traceback__))}


if __name__ == "__main__":
    main()
