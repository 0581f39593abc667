"""This module downloads a file to the node, with the node's own curl."""

from __future__ import annotations

import re
from typing import Any, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, Module
from orchestrator.modules.builtin.content import CONTENT_SH, WriteArgs, target_of
from orchestrator.modules.builtin.curl import CURL_SH, UrlArgs, configuration, file_name, header_fields, masked
from orchestrator.modules.builtin.files import FILE_SCRIPTS, changes, last_stat
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str

ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
BSD_LINE = re.compile(r"\w+ ?\((?P<path>.+)\) ?= (?P<digest>[\w.]+)")
GNU_LINE = re.compile(r"(?P<digest>[\w.]+)\s+(\*|\./|\.)?(?P<path>.+)")
SCRIPTS = (*FILE_SCRIPTS, CONTENT_SH, CURL_SH)


NOTHING_SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
"""Of what check mode has fetched: it asks for the headers alone."""


class GetUrlArgs(UrlArgs, WriteArgs):
    unlisted = frozenset({"ca_path", "validate"})

    dest: Str = Field(min_length=1, description="The file, or a directory that is there.")
    force: Bool = Field(False, description="Download even where the file is there.")
    checksum: Str = Field("", description="ALGORITHM:DIGEST, or ALGORITHM:URL of a file of digests.")
    tmp_dest: Str | None = Field(None, description="Where to keep the file while it comes in.")

    @model_validator(mode="after")
    def _is_checksum(self) -> Self:
        algorithm, colon, digest = self.checksum.partition(":")
        if self.checksum and (not colon or algorithm not in ALGORITHMS):
            raise ValueError("The checksum parameter has to be in format <algorithm>:<checksum>")
        if digest and "://" not in digest and not re.fullmatch(r"[0-9a-fA-F]+", re.sub(r"\W+", "", digest)):
            raise ValueError("The checksum format is invalid")
        return self


def find_digest(text: str, name: str) -> str | None:
    """The digest of the file ``name`` in a file of digests (GNU or BSD form, or one digest alone)."""
    lines = text.splitlines()
    if len(lines) == 1 and len(lines[0].split()) == 1:
        return lines[0].strip()
    for line in lines:
        match = BSD_LINE.match(line) or GNU_LINE.match(line)
        if match and match["path"].lstrip("./") == name:
            return match["digest"]
    return None


def digest_request(args: GetUrlArgs, url: str, ctx: Context) -> Run:
    """The file of digests, shown on stdout."""
    config = configuration(args.model_copy(update={"url": url}).options())
    values = dict.fromkeys(("creates", "removes", "dest_given", "body", "has_body", "status_codes"), "")
    return Run(
        main="ask_uri",
        scripts=SCRIPTS,
        values={**values, "config": config + "location\n"},
        environment=ctx.environment,
        repeatable=True,
    )


def request(args: GetUrlArgs, digest: str, ctx: Context) -> Run:
    values = {
        **target_of(args, args.dest).values(),
        "force": as_shell(args.force),
        "config": configuration(args.options()) + "location\n",
        "body": "",
        "has_body": "",
        "algorithm": args.checksum.partition(":")[0],
        "expected_sum": re.sub(r"\W+", "", digest).lower(),
        "file_name": file_name(args.url),
        "tmp_dest": args.tmp_dest or "",
        "is_file_url": as_shell(args.url.startswith("file:")),
        "check": as_shell(ctx.check),
    }
    return Run(main="with_words get_url", scripts=SCRIPTS, values=values, environment=ctx.environment, repeatable=True)


def result_of(reply: Reply, args: GetUrlArgs, ctx: Context) -> Result:
    status = int(reply.first("status") or 0)
    shared: dict[str, Any] = {"url": masked(args.url), "elapsed": int(reply.first("elapsed") or 0)}
    reason, headers = header_fields(reply.first("headers") or "")
    if refused := refusal(reply):
        told = {**refused.data, **shared, "dest": args.dest, "status_code": status or -1}
        return refused.but(data={**told, "response": f"HTTP Error {status}: {reason}"} if status >= 300 else told)
    dest, stat, found = reply.first("dest") or args.dest, last_stat(reply), changes(reply)
    data: dict[str, Any] = {
        **shared,
        "dest": dest,
        "checksum_src": NOTHING_SHA1 if ctx.check else reply.first("checksum_src"),
        "checksum_dest": reply.first("checksum_dest"),
        **(stat.info() if stat else {}),
    }
    if backup := reply.first("backup_file"):
        data["backup_file"] = backup
    if reply.first("kept"):
        msg = "file already exists" + (" but file attributes changed" if found else "")
        return Result(changed=bool(found), msg=msg, data={**data, "checksum_src": None})
    length = headers.get("content-length", str(stat.size if stat else 0))
    msg = f"{reason or 'OK'} ({length} bytes)" if status != 304 else "HTTP Error 304: Not Modified"
    if not ctx.check:
        data |= {"md5sum": reply.first("md5sum") or None, "status_code": status or None}
    return Result(changed=bool(found) or reply.first("changed") is not None, msg=msg, data=data)


def steps(args: GetUrlArgs, ctx: Context) -> Steps:
    digest = args.checksum.partition(":")[2]
    if "://" in digest:
        listed: Reply = yield digest_request(args, digest, ctx)
        if refused := refusal(listed):
            return refused
        found = find_digest(listed.stdout.decode(errors="replace"), file_name(args.url))
        if listed.first("status") not in ("200", "000") or found is None:
            return failure(f"Unable to find a checksum for file '{file_name(args.url)}' in '{masked(digest)}'")
        digest = found
    reply: Reply = yield request(args, digest, ctx)
    return result_of(reply, args, ctx)


GET_URL = Module("get_url", GetUrlArgs, steps, "Downloads a file to the node.")
