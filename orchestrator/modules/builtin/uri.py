"""This module makes a request to a web server from the node, with the node's own curl."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode, urljoin

from pydantic import BeforeValidator, Field, model_validator

from orchestrator.model.errors import PlaybookError
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, Module, called, lost
from orchestrator.modules.builtin.content import CONTENT_SH, WriteArgs, target_of
from orchestrator.modules.builtin.curl import (
    CURL_SH,
    UrlArgs,
    anonymous,
    configuration,
    file_name,
    header_fields,
    reached,
    shown_headers,
)
from orchestrator.modules.builtin.files import FILE_SCRIPTS, changes, last_stat
from orchestrator.modules.builtin.multipart import multipart
from orchestrator.modules.declared import refusal
from orchestrator.modules.types import Bool, Int, Str, to_list

TYPES = {
    "json": "application/json",
    "form-urlencoded": "application/x-www-form-urlencoded",
    "raw": None,
    "form-multipart": None,
}
Codes = Annotated[list[Int], BeforeValidator(to_list)]


def form_text(fields: dict[Any, Any] | list[Any]) -> str:
    """The text of a form: of a mapping, or of a list of pairs; a list stands for several fields of one name, None for
    no field. Raises ValueError for other shapes."""
    pairs = []
    for name, values in fields.items() if isinstance(fields, dict) else fields:
        each = values if isinstance(values, list | tuple | dict) else [values]
        pairs += [(str(name), str(value)) for value in each if value is not None]
    return urlencode(pairs)


class UriArgs(UrlArgs, WriteArgs):
    unlisted = frozenset({"backup", "validate"})

    dest: Str | None = Field(None, description="Keep the body in this file of the node.")
    method: Str = Field("GET", description="The request's verb.")
    body: Any = Field(None, description="What to send; a mapping with body_format json or form-urlencoded.")
    body_format: Literal["form-urlencoded", "json", "raw", "form-multipart"] = Field(
        "raw", description="How body is written."
    )
    src: Str | None = Field(None, description="A file to send as the body.")
    remote_src: Bool = Field(False, description="src is on the node.")
    status_code: Codes = Field(default_factory=lambda: [200], description="The statuses that are success.")
    return_content: Bool = Field(False, description="Return the body as `content`.")
    follow_redirects: Literal["all", "no", "none", "safe", "urllib2", "yes"] = Field(
        "safe", description="safe: only those of GET and HEAD."
    )
    creates: Str | None = Field(None, description="Where this file exists, no request is made.")
    removes: Str | None = Field(None, description="Where this file does not exist, no request is made.")
    timeout: Int = Field(30, ge=1, description="Seconds without progress after which it is given up.")
    unix_socket: Str | None = Field(None, description="Connect to this socket of the node.")
    force: Bool = Field(False, description="Do not let caches answer.")

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.body is not None and self.src is not None:
            raise ValueError("parameters are mutually exclusive: body|src")
        if not re.fullmatch("[A-Za-z]+", self.method):
            raise ValueError("Parameter 'method' needs to be a single word in uppercase, like GET or POST.")
        return self

    def text(self) -> str | None:
        """The body as text; None where there is none. Raises ValueError for a form that is none."""
        if self.body is None or isinstance(self.body, str):
            return self.body
        if self.body_format == "form-urlencoded" and isinstance(self.body, dict | list):
            return form_text(self.body)
        return json.dumps(self.body, default=str)

    def request(self, kind: str | None = None) -> str:
        """curl's configuration for the whole request; ``kind``: the body's type where only the body tells it."""
        method, options = self.method.upper(), self.options()
        options.append(("head", None) if method == "HEAD" else ("request", method))
        named = {name.lower() for name in self.headers}
        if (kind := kind or TYPES.get(self.body_format)) and "content-type" not in named:
            options.append(("header", f"Content-Type: {kind}"))
        if self.force:
            options.append(("header", "Cache-Control: no-cache"))
        safe = self.follow_redirects in ("safe", "urllib2") and method in ("GET", "HEAD")
        if safe or self.follow_redirects in ("all", "yes"):
            options.append(("location", None))
        if self.unix_socket:
            options.append(("unix-socket", self.unix_socket))
        return configuration(options)


def _json(content: str, kind: str) -> dict[str, Any]:
    """The content as ``json`` where its type says so and it can be read."""
    word = kind.partition(";")[0].strip().lower().rpartition("/")[2].rpartition("+")[2]
    if word not in ("json", "javascript"):
        return {}
    try:
        return {"json": json.loads(content)}
    except ValueError:
        return {}


def result_of(reply: Reply, args: UriArgs) -> Result:
    if refused := refusal(reply):
        return refused
    if held := reply.first("held"):
        return Result(data={"stdout": held, "stdout_lines": [held]})
    status, url = int(reply.first("status") or 0) or -1, reached(args.url, reply.first("url") or args.url)
    reason, headers = header_fields(reply.first("headers") or "")
    kind = headers.get("content-type", "application/octet-stream")
    content = reply.stdout.decode(headers.get_content_charset() or "utf-8", errors="replace")
    if args.method.upper() == "HEAD":
        content = ""
    is_error, is_asked = status >= 300, args.return_content or status not in args.status_code
    data: dict[str, Any] = {
        **shown_headers(headers, cookies=not is_error),
        **({"body": content} if is_error and not is_asked else {}),
        "status": status,
        "url": anonymous(url),
        "redirected": anonymous(url) != args.url,
        "elapsed": int(reply.first("elapsed") or 0),
        **_json(content, kind),
    }
    if "location" in data:
        data["location"] = urljoin(anonymous(url), data["location"])
    trouble, length = reply.first("curl"), headers.get("content-length", str(len(reply.stdout)))
    msg = f"HTTP Error {status}: {reason}" if is_error else f"{reason or 'OK'} ({length} bytes)"
    if trouble:
        data = {name: value for name, value in data.items() if not name.startswith("cookies")}
        slow = "Operation too slow" in trouble
        msg = "Connection failure: timed out" if slow else f"Request failed: {trouble}"
    data["msg"] = msg
    if path := reply.first("path"):
        data["path"] = path
    if stat := last_stat(reply):
        data.update(stat.info())
    if args.return_content:
        data["content"] = content
    if status not in args.status_code:
        told = f"Status code was {status} and not {list(args.status_code)}: {msg}"
        return Result(failed=True, msg=told, data={**data, "msg": told})
    return Result(changed=reply.first("changed") is not None or bool(changes(reply)), msg=msg, data=data)


def _form(fields: Any, ctx: Context) -> tuple[str, str]:
    """The type and the text of a form whose files are the controller's. Raises PlaybookError, OSError, ValueError."""
    if not isinstance(fields, dict):
        raise ValueError(f"body must be mapping, cannot be type {type(fields).__name__}")
    return multipart(fields, lambda name: ctx.find("files", name).read_bytes())


def steps(args: UriArgs, ctx: Context) -> Steps:
    if ctx.check:
        msg = f"This action ({called(ctx, 'uri')}) does not support check mode."
        return Result(skipped=True, msg=msg, tells_failed=False)
    kind = None
    try:
        body = args.text() if args.body_format != "form-multipart" else None
    except (ValueError, TypeError) as error:
        return failure(f"failed to parse body as form_urlencoded: {error}", elapsed=0)
    if args.body_format == "form-multipart" and args.src is None:
        try:
            kind, body = _form(args.body, ctx)
        except PlaybookError as error:
            return lost(error, registered="Task failed: ")
        except (OSError, ValueError) as error:
            return failure(str(error))
    has_body = "text" if body is not None else ""
    if args.src is not None and args.remote_src:
        body, has_body = args.src, "file"
    elif args.src is not None:
        try:
            body, has_body = ctx.find("files", args.src).read_text(encoding="utf-8"), "text"
        except PlaybookError as error:
            return lost(error, registered="Task failed: ")
        except (OSError, UnicodeDecodeError) as error:
            return failure(f"Unable to open source file {args.src}: {error}")
    values = {
        **target_of(args, args.dest or "", follow=True).values(),
        "config": args.request(kind),
        "body": body or "",
        "has_body": has_body,
        "creates": args.creates or "",
        "removes": args.removes or "",
        "status_codes": " ".join(map(str, args.status_code)),
        "file_name": file_name(args.url),
        "check": "false",
    }
    reply: Reply = yield Run(
        main="ask_uri",
        scripts=(*FILE_SCRIPTS, CONTENT_SH, CURL_SH),
        values=values,
        environment=ctx.environment,
        repeatable=args.method.upper() in ("GET", "HEAD"),
    )
    return result_of(reply, args)


URI = Module("uri", UriArgs, steps, "Makes a web request from the node.", checks="skip", behind="uri")
