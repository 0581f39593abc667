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
from importlib import resources
from pathlib import Path
from typing import Any

from orchestrator.language.load import OpenVault, load_file, load_text
from orchestrator.language.vars_files import find_vars_files
from orchestrator.model.errors import PlaybookError, TemplateError, UserError
from orchestrator.model.place import Place, Text
from orchestrator.planning.described import Described

TIMEOUT_S = 300.0
MARK = "__template"
Serve = Callable[[Mapping[str, Any]], Any]


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
    program = str(resources.files("orchestrator.modules").joinpath("own", "standin", "plug.py"))
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, program], stdin=pipe, stdout=pipe, text=True, start_new_session=True)
    ender = threading.Timer(timeout_s, os.killpg, (process.pid, signal.SIGKILL))
    with process:
        ender.start()
        try:
            ended = _converse(process, marked(told), serve)
        except BrokenPipeError:
            ended = {"error": "it ended early"}
        finally:
            ender.cancel()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    if "error" in ended:
        raise error(f"the plug-in fails: {ended['error']}", place=Place(path))
    return unmarked(ended["value"], Place(path))


def _converse(process: subprocess.Popen[str], said: Any, serve: Serve) -> dict[str, Any]:
    assert process.stdin and process.stdout  # both are pipes, asked for above
    while True:
        process.stdin.write(f"{json.dumps(said, default=str)}\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            return {"error": "it ended without an answer, or took too long"}
        asked = json.loads(line)
        if asked["do"] == "end":
            return dict(asked["result"])
        try:
            said = {"value": marked(serve(asked))}
        except (UserError, OSError) as error:
            said = {"error": "AnsibleParserError", "message": getattr(error, "message", None) or str(error)}


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
