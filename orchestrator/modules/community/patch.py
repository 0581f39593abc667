"""This module applies a patch file with patch(1), or takes it back."""

from __future__ import annotations

import posixpath
from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.errors import PlaybookError
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, lost, script
from orchestrator.modules.builtin.content import upload_of
from orchestrator.modules.builtin.files import FILE_SCRIPTS, worded
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Int, Str

PATCH_SH = script("patch", __file__)


class PatchArgs(Args):
    src: Str = Field(validation_alias=AliasChoices("src", "patchfile"), description="The patch file.")
    dest: Str | None = Field(
        None, validation_alias=AliasChoices("dest", "originalfile"), description="The file to patch."
    )
    basedir: Str | None = Field(None, description="The directory that the names in the patch are below; else dest's.")
    strip: Int = Field(0, description="How many leading parts of these names do not count.")
    remote_src: Bool = Field(False, description="The patch file is on the node.")
    backup: Bool = Field(False, description="Keep numbered copies of what is patched.")
    binary: Bool = Field(False, description="Leave the ends of lines as they are.")
    ignore_whitespace: Bool = Field(False, description="Blanks do not count.")
    state: Literal["absent", "present"] = Field("present", description="Whether it is to be applied.")
    decrypt: Bool = Field(True, description="Open a patch file that is a vault file.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.dest is None and self.basedir is None:
            raise ValueError("one of the following is required: dest, basedir")
        return self

    def words(self) -> list[str]:
        """The options of patch that looking and applying share."""
        binary = ["--binary"] if self.binary else []
        return [f"--strip={self.strip}", *binary, *(["--ignore-whitespace"] if self.ignore_whitespace else [])]


def steps(args: PatchArgs, ctx: Context) -> Steps:
    values: dict[str, Any] = {
        **worded(args.words()),
        "src": args.src,
        "place": "",
        "dest_given": args.dest or "",
        "folder_given": args.basedir or posixpath.dirname(args.dest or ""),
        "backup": as_shell(args.backup),
        "state": args.state,
        "check": as_shell(ctx.check),
    }

    def program(main: str, *, repeatable: bool) -> Run:
        scripts = (*FILE_SCRIPTS, PATCH_SH)
        return Run(main=main, scripts=scripts, values=values, environment=ctx.environment, repeatable=repeatable)

    if not args.remote_src:
        try:
            source = ctx.find("files", args.src)
        except PlaybookError as error:
            return lost(error).but(gave_up=False)
        place: Reply = yield program("make_place", repeatable=True)
        if refused := refusal(place):
            return refused
        values["place"] = place.first("place") or ""
        yield upload_of(f"{values['place']}/patch", source, ctx, decrypt=args.decrypt)
    reply: Reply = yield program("with_words patch_main", repeatable=True)
    return refusal(reply) or Result(changed=reply.first("changed") is not None)


PATCH = Module("patch", PatchArgs, steps, "Applies a patch file, or takes it back.")
