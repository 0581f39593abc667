"""The work of a module of the user's own: its file and its arguments go to the node, its answer comes back.

Arguments are values: they travel on stdin or in a file of mode 0600 that goes with the claim, never in a command line
or an environment.
"""

from __future__ import annotations

import datetime
import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.model.errors import PlaybookError
from orchestrator.model.program import Reply, Run, Steps, Upload
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, script
from orchestrator.modules.builtin.content import CONTENT_SH, INLINE_BYTES, Content
from orchestrator.modules.builtin.files import FILE_SCRIPTS, worded
from orchestrator.modules.declared import refusal
from orchestrator.modules.own.answer import answered
from orchestrator.modules.own.packed import check, inner_name, packed
from orchestrator.modules.own.source import JSON_ARGS, Source, is_python

OWN_SH = script("own", __file__)
SCRIPTS = (*FILE_SCRIPTS, CONTENT_SH, OWN_SH)
RUNNER = Path(__file__).with_name("standin") / "run.py"
OUTPUT_BYTES = 16 * 1024 * 1024
ANSIBLE_VERSION = "2.19"
"""The ansible-core whose modules' contract is kept."""
DISCOVERED = frozenset({"", "auto", "auto_legacy", "auto_silent", "auto_legacy_silent"})
"""Values of ``ansible_python_interpreter`` that leave the choice to Ansible: here, the Python that runs orch."""
NO_PYTHON = (
    "{} needs Python on the node, and none is asked of nodes; it runs with connection: local or delegate_to: localhost"
    ", and on a node whose variable ansible_python_interpreter is the path of a Python"
)


def steps(source: Source, args: Args, ctx: Context) -> Steps:
    """Runs the module with what the task says."""
    if source.style == "windows":
        return failure(f"{source.path} is a module for Windows")
    if source.needs_python and not has_python(ctx.interpreter("python"), is_local=ctx.is_local()):
        return failure(NO_PYTHON.format(source.path))
    given = {**(args.model_extra or {}), **_told(source, ctx)}
    try:
        if source.style == "python":
            check(source)
    except PlaybookError as error:
        return failure(f"Task failed: {error.message}")
    if source.style == "python" and ctx.is_local():
        reply = yield _in_python(source, given, ctx)
        return refusal(reply) or _heard(answered(reply, _python(ctx), source), reply, ctx)
    words = _interpreter(source, ctx)
    if not words and source.style != "binary":
        return failure(f"Task failed: module ({source.name}) is missing interpreter line")
    content = Content(_sent(source, given))
    values = {**worded(words), "arguments": _arguments(source, given), "file": os.path.basename(source.path)}
    if content.size <= INLINE_BYTES:
        values |= {**content.values(), "place": ""}
    else:
        place: Reply = yield Run(main="place_module", scripts=SCRIPTS)
        if refused := refusal(place):
            return refused
        folder = place.first("place") or ""
        yield Upload(f"{folder}/{values['file']}", content=content.bytes())
        values |= {"how": "upload", "text": "", "base64": "", "place": folder}
    reply = yield _run("with_words run_module", values, ctx)
    return refusal(reply) or _heard(answered(reply, " ".join(words), source), reply, ctx)


def _heard(result: Result, reply: Reply, ctx: Context) -> Result:
    """``result`` with what the module said on stderr, which only a job in the background keeps."""
    if not reply.stderr or not ctx.told()["async_val"]:
        return result
    said = reply.stderr.decode("utf-8", "replace")
    return result.but(data={**result.data, "stderr": said, "stderr_lines": said.splitlines()})


def _run(main: str, values: Mapping[str, str], ctx: Context, stdin: str | None = None) -> Run:
    return Run(
        main=main,
        scripts=SCRIPTS,
        values=values,
        environment=ctx.environment,
        stdin=stdin,
        output_bytes=OUTPUT_BYTES,
    )


def _in_python(source: Source, given: Mapping[str, Any], ctx: Context) -> Run:
    """The program that runs a Python module here; all that it is told stands on its stdin."""
    told = {
        "path": source.path,
        "name": source.name,
        "collection": source.collection,
        "module_utils": source.module_utils,
        "collections": source.collections,
        "arguments": given,
    }
    values = {"python": _python(ctx), "runner": str(RUNNER)}
    return _run("run_python", values, ctx, stdin=json.dumps(told, default=plain))


def has_python(chosen: str, *, is_local: bool) -> bool:
    """Whether a module in Python can run: this machine has one, a node where the user names its path (``chosen``)."""
    return is_local or chosen.startswith("/")


def _python(ctx: Context) -> str:
    """The Python that the user names for the machine; here, otherwise, the one that runs orch."""
    chosen = ctx.interpreter("python")
    return sys.executable if chosen in DISCOVERED else chosen


def _interpreter(source: Source, ctx: Context) -> list[str]:
    """The words that start the module: those of its ``#!`` line, unless a variable names another interpreter."""
    if source.style == "python":
        return [_python(ctx)]
    if is_python(source.words):
        inner = source.words[1:] if os.path.basename(source.words[0]) == "env" else source.words
        return [_python(ctx), *inner[1:]]
    if not source.words:
        return []
    name = os.path.basename(source.words[0])
    return [ctx.interpreter(name) or source.words[0], *source.words[1:]]


def _told(source: Source, ctx: Context) -> dict[str, Any]:
    """What Ansible tells every module of the run, beside its arguments."""
    return {
        "_ansible_check_mode": ctx.check,
        "_ansible_no_log": ctx.no_log,
        "_ansible_debug": False,
        "_ansible_diff": ctx.diff,
        "_ansible_verbosity": ctx.verbosity,
        "_ansible_version": ANSIBLE_VERSION,
        "_ansible_module_name": source.name,
        "_ansible_shell_executable": "/bin/sh",
        "_ansible_keep_remote_files": False,
        "_ansible_ignore_unknown_opts": False,
    }


def _sent(source: Source, given: Mapping[str, Any]) -> bytes:
    """The file as it is started on the machine."""
    if source.style == "inside":
        return source.data.replace(JSON_ARGS, json.dumps(given, default=plain).encode())
    return packed(source) if source.style == "python" else source.data


def _arguments(source: Source, given: Mapping[str, Any]) -> str:
    if source.style == "python":
        given = {"name": source.name, "collection": source.collection, "inside": inner_name(source), "arguments": given}
    if source.style == "words":
        return "".join(f"{name}={shlex.quote(str(value))} " for name, value in given.items())
    return json.dumps(given, default=plain)


def plain(value: Any) -> Any:
    """A value that JSON does not know, as Ansible sends it to modules."""
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
