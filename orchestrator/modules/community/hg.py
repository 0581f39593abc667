"""This module brings a working copy of a Mercurial repository to a revision."""

from __future__ import annotations

from collections.abc import Generator

from pydantic import AliasChoices, Field

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, not_foretold
from orchestrator.modules.community.calling import PLAIN, Called, Tool, call, calling, places, refuse
from orchestrator.modules.types import Bool, Str


class HgArgs(Args):
    repo: Str = Field(validation_alias=AliasChoices("repo", "name"), description="The repository.")
    dest: Str | None = Field(None, description="The working copy.")
    revision: Str | None = Field(
        None, validation_alias=AliasChoices("revision", "version"), description="A revision, branch or tag."
    )
    force: Bool = Field(False, description="Throw away what was changed in the working copy.")
    purge: Bool = Field(False, description="Remove files that Mercurial does not know.")
    update: Bool = Field(True, description="Get new revisions into a working copy that is there.")
    clone: Bool = Field(True, description="Clone where there is none.")
    executable: Str | None = Field(None, description="The hg program.")


@frozen
class WorkingCopy:
    """Mercurial at work on ``dest``."""

    args: HgArgs
    ctx: Context
    dest: str

    def say(self, *words: str) -> Generator[Run, Reply, Called]:
        """What hg says to these words. Raises Refused where it fails."""
        hg = Tool("hg", "Homebrew brings it: brew install mercurial", self.args.executable)
        told = yield from call(self.ctx, hg, *words, environment={**PLAIN, "HGPLAIN": "1"}, must=False)
        if told.rc:
            raise refuse(told.stderr)
        return told

    def revision(self) -> Generator[Run, Reply, str]:
        """Identity, branch and tags; a plus where something was changed."""
        return (yield from self.say("id", "-b", "-i", "-t", "-R", self.dest)).stdout.strip("\n")

    def is_at(self, revision: str | None) -> Generator[Run, Reply, bool]:
        """Whether it is at that revision; of one that is short nobody knows."""
        if revision is None or len(revision) < 7:
            return False
        return (yield from self.say("--debug", "id", "-i", "-R", self.dest)).stdout.startswith(revision)

    def clean(self) -> Generator[Run, Reply, bool]:
        """Throws away what the task says; whether there was any."""
        purge = ("purge", "--config", "extensions.purge=", "-R", self.dest)
        cleaned = False
        if self.args.force and "+" in (yield from self.revision()):
            yield from self.say("update", "-C", "-R", self.dest, "-r", ".")
            cleaned = "+" not in (yield from self.revision())
        if self.args.purge and (yield from self.say(*purge, "--print")).stdout:
            yield from self.say(*purge)
            cleaned = True
        return cleaned


@calling
def steps(args: HgArgs, ctx: Context) -> Steps:
    if ctx.check:
        return not_foretold("community.general.hg")
    if not args.dest and (args.clone or args.update):
        raise refuse("the destination directory must be specified unless clone=false and update=false")
    copy = WorkingCopy(args, ctx, args.dest or "")
    if not args.clone and not args.update:
        return Result(data={"after": (yield from copy.say("id", args.repo)).stdout.strip("\n")})
    place, inside = yield from places(ctx, copy.dest, f"{copy.dest}/.hg/hgrc")
    copy = WorkingCopy(args, ctx, place.path)
    at = ("-r", args.revision) if args.revision is not None else ()
    before, cleaned = "", False
    if inside.kind == "absent" and not args.clone:
        return Result()
    if inside.kind == "absent":
        yield from copy.say("clone", args.repo, copy.dest, *at)
    else:
        before = yield from copy.revision()
        if args.update:
            is_there = yield from copy.is_at(args.revision)
            cleaned = yield from copy.clean()
            if not is_there:
                yield from copy.say("pull", "-R", copy.dest, args.repo)
                yield from copy.say("update", *at, "-R", copy.dest)
    after = yield from copy.revision()
    return Result(changed=before != after or cleaned, data={"before": before, "after": after, "cleaned": cleaned})


HG = Module("hg", HgArgs, steps, "Brings a working copy of Mercurial to a revision.", checks="skip")
