"""The work of an action plug-in of the user's own, in Python: it runs here, what it asks of the node our modules do.

It is a process of its own (``standin/act.py``), which asks line by line, as JSON: ``{"do": "module", "name": …}``. One
line is answered with one, until it tells its result. So claims, limits and ``become`` hold for what it does to a node.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from orchestrator.model.errors import (
    ArgsError,
    HostError,
    LimitExceeded,
    UndefinedVariable,
    UnknownModule,
    UserError,
)
from orchestrator.model.program import Converse, Download, Request, Steps, Upload
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context
from orchestrator.modules.own.answer import result_of
from orchestrator.modules.own.source import Source
from orchestrator.modules.own.steps import RUNNER, plain

WORDS = (sys.executable, str(RUNNER.with_name("act.py")))
SHOWN = "_ansible_verbose_always"
LOST = "AnsibleConnectionFailure"


def action_steps(source: Source, args: Args, ctx: Context) -> Steps:
    """Runs the plug-in to its result, and serves what it asks for."""
    said = yield Converse(WORDS, _begin(source, args, ctx))
    lost: HostError | None = None
    while said is not None:
        asked = json.loads(said)
        if asked["do"] == "end":
            if lost is not None and asked["result"].get("failed"):
                raise lost
            return _told(asked["result"], source)
        try:
            answer: dict[str, Any] = {"value": (yield from _served(asked, ctx))}
        except LimitExceeded:
            raise
        except HostError as error:
            lost, answer = error, {"error": LOST, "message": error.message}
        except (KeyError, UserError) as error:
            answer = _refusal(error)
        said = yield Converse(WORDS, json.dumps(answer, default=plain))
    return failure(f"Task failed: the action plug-in {source.path} ended without a result")


def _told(said: Mapping[str, Any], source: Source) -> Result:
    """The plug-in's result. Unlike modules, plug-ins may have it hidden, or shown at any verbosity."""
    result = result_of(said, source)
    is_shown = bool(said.get(SHOWN))  # said in so many words, since the name may be that of a module always shown
    return result.but(data={**result.data, SHOWN: is_shown}, is_secret=bool(said.get("_ansible_no_log")))


def _begin(source: Source, args: Args, ctx: Context) -> str:
    told = {
        "path": source.path,
        "name": source.name,
        "collection": source.collection,
        "module_utils": source.module_utils,
        "collections": source.collections,
        "arguments": args.model_extra or {},
        "task": ctx.told(),
        "variables": list(ctx.variables),
    }
    return json.dumps(told, default=plain)


def _served(asked: Mapping[str, Any], ctx: Context) -> Generator[Request, Any, Any]:
    """The answer to what the plug-in asks for."""
    match asked:
        case {"do": "module", "name": name, "arguments": values, "check": check}:
            try:
                result = yield from ctx.hand_on(name, values, check=check)
            except UnknownModule as error:
                raise UnknownModule(f"The module {name} was not found in configured module paths") from error
            except ArgsError as error:
                result = failure(error.message)
            return result.as_vars()
        case {"do": "variable", "path": path}:
            found = ctx.seen(path)
            return {"names": found} if isinstance(found, tuple) else {"is": found}
        case {"do": "render", "text": text, "variables": variables}:
            return ctx.render(text, variables)
        case {"do": "find", "kind": kind, "name": name}:
            return str(ctx.find(kind, name))
        case {"do": "opened", "path": path}:
            plain_text = ctx.opened(Path(path))
            return None if plain_text is None else base64.b64encode(plain_text).decode()
        case {"do": "upload", "path": path, "source": source}:
            return (yield Upload(path, source=source))
        case {"do": "upload", "path": path, "content": content}:
            return (yield Upload(path, content=base64.b64decode(content)))
        case {"do": "download", "path": path, "into": into}:
            return (yield Download(path, into=into))
    raise UserError(f"an action plug-in asks for {asked['do']!r}, which nobody here can do")


def _refusal(error: KeyError | UserError) -> dict[str, Any]:
    """What the plug-in gets for a mistake in the user's files, its own included: an exception."""
    if isinstance(error, KeyError):
        return {"error": "KeyError", "message": str(error.args[0])}
    kind = "AnsibleUndefinedVariable" if isinstance(error, UndefinedVariable) else "AnsibleError"
    return {"error": kind, "message": error.message}
