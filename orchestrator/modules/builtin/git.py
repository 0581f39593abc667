"""This module sees to a working copy of a git repository, with the node's own git."""

from __future__ import annotations

from typing import Any, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS
from orchestrator.modules.declared import as_shell, refusal, shell_values
from orchestrator.modules.types import Bool, Int, Str

GIT_SH = script("git", __file__)


class GitArgs(Args):
    repo: Str = Field(pattern="^[^-]", validation_alias=AliasChoices("repo", "name"), description="The repository.")
    dest: Str | None = Field(None, description="The working copy's directory.")
    version: Str = Field("HEAD", pattern="^[^-]", description="A branch, tag or commit.")
    remote: Str = Field("origin", pattern=r"^[\w.][\w./-]*$", description="The remote's name.")
    clone: Bool = Field(True, description="Clone where there is no working copy.")
    update: Bool = Field(True, description="Bring a working copy up to date.")
    force: Bool = Field(False, description="Throw local changes away.")
    depth: Int | None = Field(None, ge=1, description="Only so many commits of history.")
    bare: Bool = Field(False, description="A bare repository.")
    recursive: Bool = Field(True, description="With submodules.")
    track_submodules: Bool = Field(False, description="Submodules at the tip of their branch.")
    single_branch: Bool = Field(False, description="Clone only one branch.")
    accept_hostkey: Bool = Field(False, description="Accept any host key.")
    accept_newhostkey: Bool = Field(False, description="Accept the host key of a host that is not known yet.")
    key_file: Str | None = Field(None, description="The private key, on the node.")
    ssh_opts: Str | None = Field(None, description="Further options for ssh.")
    refspec: Str | None = Field(None, pattern="^[^-]", description="Also fetch this.")
    executable: Str | None = Field(None, description="The git program.")
    reference: Str | None = Field(None, description="A repository of the node to take objects from.")
    separate_git_dir: Str | None = Field(None, description="Where the repository itself goes, apart from the files.")
    archive: Str | None = Field(None, description="Pack the version into this file: .zip, .tar, .tgz or .tar.gz.")
    archive_prefix: Str | None = Field(None, description="What stands before the names in the archive.")
    umask: Str | None = Field(None, pattern="^[0-7]{3,4}$", description="The umask of new files.")

    @model_validator(mode="after")
    def _has_dest(self) -> Self:
        for one, other in (("separate_git_dir", "bare"), ("accept_hostkey", "accept_newhostkey")):
            if getattr(self, one) and getattr(self, other):
                raise ValueError(f"parameters are mutually exclusive: {one}|{other}")
        if self.archive_prefix and not self.archive:
            raise ValueError("missing parameter(s) required by 'archive_prefix': archive")
        if self.dest is None and self.clone:
            raise ValueError("the destination directory must be specified unless clone=no")
        return self


def _told_by_git(reply: Reply) -> dict[str, Any]:
    """What a command of git's that failed has left, as Ansible registers it."""
    if (rc := reply.first("rc")) is None:
        return {}
    stderr = f"{reply.first('stderr')}\n"
    streams = {"stdout": "", "stdout_lines": [], "stderr": stderr, "stderr_lines": stderr.splitlines()}
    return {"cmd": reply.first("cmd"), "rc": int(rc), **streams}


def steps(args: GitArgs, ctx: Context) -> Steps:
    values = {
        **{name: value for name, value in shell_values(args).items() if name not in ("umask", "archive", "repo")},
        "repo_given": args.repo,
        "archive_given": args.archive or "",
        "dest_given": args.dest or "",
        "dest": "",
        "umask_given": args.umask or "",
        "check": as_shell(ctx.check),
        "diff": as_shell(ctx.diff),
    }
    reply: Reply = yield Run(
        main="git_main", scripts=(*FILE_SCRIPTS, GIT_SH), values=values, environment=ctx.environment, repeatable=True
    )
    if refused := refusal(reply):
        return refused.but(data={**refused.data, **_told_by_git(reply)})
    before, after = reply.first("before") or None, reply.first("after")
    changed = reply.first("changed") is not None
    diff = (Diff(f"{before or ''}\n", f"{after}\n", "before", "after"),) if before != after and changed else ()
    data: dict[str, Any] = {"before": before, "after": after}
    if before and args.update and args.dest:
        data["remote_url_changed"] = reply.first("remote_url_changed") is not None
    if moved := reply.first("git_dir_now"):
        data |= {"git_dir_before": reply.first("git_dir_before"), "git_dir_now": moved}
    if changed and ctx.diff and before != after:
        newly = f">> Newly checked out {after}"
        data["diff"] = {"prepared": newly if before is None else reply.first("difference") or ""}
    return Result(changed=changed, msg=reply.first("told"), data=data, diff=diff, registers_diff=False)


GIT = Module("git", GitArgs, steps, "Sees to a working copy of a git repository.")
