"""A plug-in of the user's that belongs to no task, in a process of its own that asks line by line.

As with action plug-ins (docs/design/0011), what it cannot do by itself – read YAML, open a vault, know an option –
it asks for. Text that may be a template is ``{"__template": TEXT}`` in either direction; all other text is data.
"""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import Any

from orchestrator.language.load import OpenVault, load_file, load_text
from orchestrator.language.locator import Locator
from orchestrator.language.vars_files import find_vars_files
from orchestrator.model.errors import PlaybookError, TemplateError, UserError
from orchestrator.model.place import Place, Text
from orchestrator.planning.described import Described

TIMEOUT_S = 300.0
MARK = "__template"
Serve = Callable[[Mapping[str, Any]], Any]


def told_of(kind: str, locator: Locator, **more: Any) -> dict[str, Any]:
    """What every plug-in is told first, and ``more``: what its ``kind`` needs beside."""
    shared = {"arguments": {}, "module_utils": locator.module_utils, "collections": locator.collections}
    return {"kind": kind, **shared, **more}


def answer_of(
    told: Mapping[str, Any],
    serve: Serve,
    path: str,
    error: type[UserError] = PlaybookError,
    *,
    timeout_s: float = TIMEOUT_S,
) -> Any:
    """What the plug-in in the file ``path`` comes to; ``serve`` answers what it asks for.

    Raises ``error`` where it fails or takes longer than ``timeout_s``."""
    with closing(Talk(path, error, timeout_s)) as talk:
        asked = talk.say(marked(told))
        while asked["do"] != "end":
            try:
                answer = {"value": marked(serve(asked))}
            except (UserError, OSError) as wrong:
                answer = {"error": "AnsibleParserError", "message": str(wrong)}
            asked = talk.say(answer)
        return unmarked(asked["result"]["value"], Place(path))


class Talk:
    """The line to the process of the plug-in in the file ``path``, which has ``limit_s`` for each of its answers."""

    def __init__(self, path: str, error: type[UserError] = PlaybookError, limit_s: float = TIMEOUT_S) -> None:
        program = str(resources.files("orchestrator.modules").joinpath("own", "standin", "plug.py"))
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [sys.executable, program], stdin=pipe, stdout=pipe, text=True, start_new_session=True
        )
        self._path, self._error, self._limit_s = path, error, limit_s

    def say(self, said: Any) -> dict[str, Any]:
        """Says one line; the next that comes back. Raises the error of this talk where the plug-in fails."""
        assert self._process.stdin and self._process.stdout  # both are pipes, asked for above
        ender = threading.Timer(self._limit_s, self._process.kill)
        ender.start()
        try:
            self._process.stdin.write(f"{json.dumps(said, default=str)}\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            ender.cancel()
        asked = dict(json.loads(line or '{"result": {"error": "it ended early, or took too long"}}'))
        if "error" in asked.get("result", ()):
            raise self._error(f"the plug-in fails: {asked['result']['error']}", place=Place(self._path))
        return asked

    def close(self) -> None:
        """Ends the process, and what it has started."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


def read_for(asked: Mapping[str, Any], open_vault: OpenVault | None) -> Any:
    """Answers to what all plug-ins may ask for: files and text in YAML, and the names of variables files."""
    match asked:
        case {"do": "file", "path": path}:
            return load_file(path, open_vault)
        case {"do": "text", "text": text, "name": name}:
            return load_text(text, name)
        case {"do": "vars_files", "path": path, "name": name}:
            return find_vars_files(path, name)
    raise UserError(f"a plug-in asks for {asked['do']!r}, which nobody here can do")


def marked(value: Any) -> Any:
    """``value`` as JSON can have it, with text marked that may be a template."""
    if isinstance(value, Text):
        return {MARK: str.__str__(value)}
    if isinstance(value, Mapping):
        return {str.__str__(str(name)): marked(each) for name, each in value.items()}
    return [marked(each) for each in value] if isinstance(value, list | tuple) else value


def unmarked(value: Any, place: Place) -> Any:
    """``value`` as JSON had it, with what is marked in it as Text from ``place``."""
    if isinstance(value, dict):
        if value.keys() == {MARK}:
            return Text(value[MARK], place)
        return {name: unmarked(each, place) for name, each in value.items()}
    return [unmarked(each, place) for each in value] if isinstance(value, list) else value


def described(path: str, name: str, kind: str, ini: Mapping[str, str]) -> Described:
    """The options that the plug-in's file documents."""
    found = Described.of(name, _documentation(path))
    return Described(name, found.options, ini=ini, kind=kind)


def values_of(options: Described) -> dict[str, Any]:
    """The values of all options that have one; one that is required and not there has none."""
    found = {}
    for name in options.options:
        try:
            found[name] = options.value(name)
        except TemplateError:
            continue
    return found


def _documentation(path: str) -> str:
    """The text of DOCUMENTATION in a Python file that is not run for it."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(getattr(each, "id", "") == "DOCUMENTATION" for each in node.targets):
            return node.value.value if isinstance(node.value, ast.Constant) and type(node.value.value) is str else ""
    return ""
