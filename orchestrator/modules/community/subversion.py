"""This module brings a working copy of a Subversion repository to a revision, or exports one."""

from __future__ import annotations

import re
from collections.abc import Generator

from pydantic import AliasChoices, Field

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import Called, Tool, call, calling, places, refuse
from orchestrator.modules.types import Bool, Str

REVISION = re.compile(r"^\w+\s?:\s+\d+$", re.MULTILINE)
URL = re.compile(r"^URL\s?:.*$", re.MULTILINE)
TOUCHED = re.compile(r"^[ABDUCGE]\s", re.MULTILINE)
MODIFIED = "ERROR: modified files exist in the repository."


class SubversionArgs(Args):
    repo: Str = Field(validation_alias=AliasChoices("repo", "name", "repository"), description="The repository's URL.")
    dest: Str | None = Field(None, description="The working copy.")
    revision: Str = Field(
        "HEAD", validation_alias=AliasChoices("revision", "rev", "version"), description="The revision."
    )
    force: Bool = Field(False, description="Throw away what was changed; overwrite what an export meets.")
    username: Str | None = Field(None, description="Who asks the server.")
    password: Str | None = Field(None, description="Their password; Subversion (1.10 or newer) gets it on stdin.")
    executable: Str | None = Field(None, description="The svn program.")
    export: Bool = Field(False, description="Export, without a working copy.")
    checkout: Bool = Field(True, description="Check out where there is no working copy.")
    update: Bool = Field(True, description="Bring one that is there to the revision.")
    switch: Bool = Field(True, description="And to the URL.")
    in_place: Bool = Field(False, description="Check out into a directory that is there.")
    validate_certs: Bool = Field(False, description="Verify the server's certificate.")


@frozen
class WorkingCopy:
    """Subversion at work on ``dest``."""

    args: SubversionArgs
    ctx: Context
    dest: str

    def say(self, *words: str, must: bool = True) -> Generator[Run, Reply, Called]:
        args = self.args
        svn = Tool("svn", "Homebrew brings it: brew install subversion", args.executable)
        flags = [
            "--non-interactive", "--no-auth-cache",
            *([] if args.validate_certs else ["--trust-server-cert"]),
            *(["--username", args.username] if args.username else []),
            *(["--password-from-stdin"] if args.password else []),
        ]  # fmt: skip
        return (yield from call(self.ctx, svn, *flags, *words, must=must, stdin=args.password))

    def place(self) -> Generator[Run, Reply, list[str]]:
        """Revision and URL as `svn info` tells them."""
        text = (yield from self.say("info", self.dest)).stdout
        return [found(REVISION, text, "Unable to get revision"), found(URL, text, "Unable to get URL")]

    def is_modified(self) -> Generator[Run, Reply, bool]:
        told = yield from self.say("status", "--quiet", "--ignore-externals", self.dest)
        return any(line[:1] not in ("", "?", "X") for line in told.stdout.splitlines())

    def foretell(self) -> Generator[Run, Reply, Result]:
        """What an update would bring."""
        if not self.args.force and (yield from self.is_modified()):
            raise refuse(MODIFIED)
        before = (yield from self.place())[0]
        text = (yield from self.say("info", "-r", self.args.revision, self.dest)).stdout
        after = found(REVISION, text, "Unable to get revision")
        return Result(changed=number(before) < number(after), data={"before": before, "after": after})

    def bring(self) -> Generator[Run, Reply, bool]:
        """To the URL and the revision; whether that changed a file. Raises Refused."""
        args, touched = self.args, False
        is_modified = yield from self.is_modified()
        if args.switch:
            told = yield from self.say("switch", "--revision", args.revision, args.repo, self.dest)
            touched = bool(TOUCHED.search(told.stdout))
        if is_modified and not args.force:
            raise refuse(MODIFIED)
        if is_modified:
            yield from self.say("revert", "-R", self.dest)
        told = yield from self.say("update", "-r", args.revision, self.dest)
        return touched or is_modified or bool(TOUCHED.search(told.stdout))


def found(form: re.Pattern[str], text: str, else_said: str) -> str:
    match = form.search(text)
    return match[0] if match else else_said


def number(told: str) -> int:
    """The number of ``Revision: 12``; -1 where none is told."""
    return int(told.partition(":")[2] or -1)


@calling
def steps(args: SubversionArgs, ctx: Context) -> Steps:
    if not args.dest and (args.checkout or args.update or args.export):
        raise refuse("the destination directory must be specified unless checkout=no, update=no, and export=no")
    copy = WorkingCopy(args, ctx, args.dest or "")
    if not (args.export or args.update or args.checkout):
        told = yield from copy.say("info", args.repo)
        return Result(data={"after": found(REVISION, told.stdout, "Unable to get remote revision")})
    [place] = yield from places(ctx, copy.dest)
    copy = WorkingCopy(args, ctx, place.path)
    if args.export or place.kind == "absent":
        return (yield from _made(copy))
    if (yield from copy.say("info", copy.dest, must=False)).rc == 0:
        if not args.update:
            return Result()
        if ctx.check:
            return (yield from copy.foretell())
        before = yield from copy.place()
        changed = yield from copy.bring()
        return Result(changed=changed, data={"before": before, "after": (yield from copy.place())})
    if not args.in_place:
        raise refuse(f"ERROR: {place.path} folder already exists, but its not a subversion repository.")
    if not ctx.check:
        yield from copy.say("checkout", "--force", "-r", args.revision, args.repo, copy.dest)
        if args.force and (yield from copy.is_modified()):
            yield from copy.say("revert", "-R", copy.dest)
    return Result(changed=True, data={"before": None, "after": [] if ctx.check else (yield from copy.place())})


def _made(copy: WorkingCopy) -> Steps:
    """An export, or a first working copy."""
    args = copy.args
    if copy.ctx.check or not (args.export or args.checkout):
        return Result(changed=copy.ctx.check)
    verb = ["export", *(["--force"] if args.force else [])] if args.export else ["checkout"]
    yield from copy.say(*verb, "-r", args.revision, args.repo, copy.dest)
    if args.export:
        return Result(changed=True)
    return Result(changed=True, data={"before": None, "after": (yield from copy.place())})


SUBVERSION = Module("subversion", SubversionArgs, steps, "Brings a working copy of Subversion to a revision.")
