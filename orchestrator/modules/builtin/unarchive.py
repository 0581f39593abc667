"""This module unpacks an archive on the node.

GNU's tar compares and unpacks it right there, as it does for Ansible. Where there is none (a Mac), and for zip files,
the archive is unpacked aside first, so that only what differs is moved in.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from orchestrator.model.errors import PlaybookError
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, Module, lost, script
from orchestrator.modules.builtin.content import CONTENT_SH, upload_of
from orchestrator.modules.builtin.curl import CURL_SH, UrlArgs, configuration, masked
from orchestrator.modules.builtin.files import FILE_SCRIPTS, FileArgs, changes, last_stat, worded_lists
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Int, Str, StrList

UNARCHIVE_SH = script("unarchive", __file__)


class UnarchiveArgs(FileArgs):
    when_missing = "src (or content) and dest are required"
    src: Str = Field(min_length=1, description="The archive; with remote_src a path or URL as the node sees it.")
    dest: Str = Field(min_length=1, description="The directory, which must be there.")
    remote_src: Bool = Field(False, description="src is not on the controller.")
    copy_: Bool = Field(True, alias="copy", description="The old name of the opposite of remote_src.")
    creates: Str | None = Field(None, description="Where this file exists, nothing is done.")
    list_files: Bool = Field(False, description="Return the names in the archive.")
    exclude: StrList = Field(default_factory=list, description="Patterns of names to leave out.")
    include: StrList = Field(default_factory=list, description="The names to unpack; else all.")
    keep_newer: Bool = Field(False, description="Do not replace files that are newer.")
    extra_opts: StrList = Field(default_factory=list, description="Further arguments for tar.")
    validate_certs: Bool = Field(True, description="Verify the certificate of a server.")
    io_buffer_size: Int | None = Field(None, description="Accepted.")
    decrypt: Bool = Field(True, description="Open an archive that is a vault file.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.include and self.exclude:
            raise ValueError("parameters are mutually exclusive: include|exclude")
        return self

    def kind(self) -> str:
        """Where the archive is: ``upload``, ``file`` or ``url``."""
        if not self.remote_src and self.copy_:
            return "upload"
        return "url" if "://" in self.src else "file"

    def words(self) -> list[str]:
        """Further arguments of BSD's tar; an empty one stands for the archive."""
        excludes = [word for pattern in self.exclude for word in ("--exclude", pattern)]
        return ["-f", "", *excludes, *self.extra_opts, *self.include]

    def gnu_words(self) -> list[str]:
        """Those of GNU's tar, in the order in which Ansible gives them."""
        given = {"--owner": self.owner, "--group": self.group}
        return [
            *(["--show-transformed-names", *self.extra_opts] if self.extra_opts else []),
            *(f"{option}={value}" for option, value in given.items() if value),
            *(["--keep-newer-files"] if self.keep_newer else []),
            *(f"--exclude={pattern.rstrip('/')}" for pattern in self.exclude),
            *("-f", "", *self.include),
        ]

    def zip_words(self) -> list[str]:
        """Those of unzip(1)."""
        return [*self.extra_opts, "", *(["-x", *self.exclude] if self.exclude else self.include)]


def steps(args: UnarchiveArgs, ctx: Context) -> Steps:
    kind = args.kind()
    fetch = UrlArgs(url=args.src, validate_certs=args.validate_certs) if kind == "url" else None
    values = {
        **worded_lists(words=args.words(), gnu_words=args.gnu_words(), zip_words=args.zip_words()),
        "dest_given": args.dest,
        "src": args.src,
        "remote": kind,
        "creates": args.creates or "",
        "list_files": as_shell(args.list_files),
        "keep_newer": as_shell(args.keep_newer),
        "mode": args.mode or "",
        "owner": args.owner or "",
        "group": args.group or "",
        "check": as_shell(ctx.check),
        "config": configuration(fetch.options()) + "location\n" if fetch else "",
        "body": "",
        "has_body": "",
        "place": "",
    }

    def program(main: str) -> Run:
        scripts = (*FILE_SCRIPTS, CONTENT_SH, CURL_SH, UNARCHIVE_SH)
        return Run(main=main, scripts=scripts, values=values, environment=ctx.environment, repeatable=True)

    if kind == "upload" and "://" in args.src:
        shown = masked(args.src, user=True)
        return failure(f"Unsupported option, an URI src ({shown}) is only supported when remote_src is True")
    if kind == "upload":
        try:
            archive = ctx.find("files", args.src)
        except PlaybookError as error:
            return lost(error, registered="Task failed: ")
        place: Reply = yield program("place_archive")
        if refused := refusal(place):
            return refused
        if held := place.first("held"):
            return Result(skipped=True, msg=held, tells_failed=False)
        values["place"] = place.first("place") or ""
        yield upload_of(f"{values['place']}/content", archive, ctx, decrypt=args.decrypt)
    reply: Reply = yield program("unpack")
    return result_of(reply, args)


def result_of(reply: Reply, args: UnarchiveArgs) -> Result:
    if refused := refusal(reply):
        return refused
    if held := reply.first("held"):
        return Result(skipped=True, msg=held, tells_failed=False)
    found = changes(reply)
    data: dict[str, Any] = {
        "src": reply.first("src") or (masked(args.src, user=True) if "://" in args.src else args.src),
        "dest": reply.first("dest") or args.dest,
        "handler": reply.all("handler")[-1],
        **extracted(reply),
        **(stat.info() if (stat := last_stat(reply)) else {}),
    }
    if (reply.first("rc") or "0") != "0":
        return failure(f"failed to unpack {data['src']} to {data['dest']}", **data)
    if args.list_files:
        data["files"] = (reply.first("files") or "").splitlines()
    changed = bool(found) or reply.first("changed") is not None
    return Result(changed=changed, data=data)


def extracted(reply: Reply) -> dict[str, Any]:
    """What the tool that unpacked said; nothing where nothing was unpacked in place."""
    if not (cmd := reply.all("cmd")):
        return {}
    told = {"cmd": cmd, "rc": int(reply.first("rc") or 0), "out": reply.first("out"), "err": reply.first("err")}
    return {"extract_results": told}


UNARCHIVE = Module("unarchive", UnarchiveArgs, steps, "Unpacks an archive on the node.", behind="unarchive")
