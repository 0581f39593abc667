"""This module runs a program without a shell in between, and ``shell`` runs text with one; guarded by files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Generator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.model.secrets import Secret
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS, worded
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str, StrList

COMMAND_SH = script("command", __file__)
ERRNO = {"2": "[Errno 2] No such file or directory", "13": "[Errno 13] Permission denied"}

OUTPUT_BYTES = 4 * 1024 * 1024
"""So much of what a user's command prints is kept: as text in a variable, it may take four times as much memory."""

LINED_CHARS = 1024 * 1024
"""So much of a capped stream is there in lines."""

MOST_LINES = 100_000
"""So many lines of it are there one by one: each takes some sixty bytes, however short it is."""

END_OF_LINE = r"\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]"
"""Where ``str.splitlines`` ends one."""

NOTHING_TO_RUN = "one of the following is required: _raw_params, cmd, argv"


class GuardedArgs(Args):
    """What command and shell share."""

    also_listed = frozenset({"_raw_params", "_uses_shell"})

    free_form: ClassVar[str | None] = "cmd"
    cmd: Str | None = Field(None, description="The command to run.")
    chdir: Str | None = Field(None, description="Change into this directory before.")
    creates: Str | None = Field(None, description="A glob pattern: where a file fits it, nothing is run.")
    removes: Str | None = Field(None, description="A glob pattern: where no file fits it, nothing is run.")
    stdin: Str | None = Field(None, description="What the command reads on its standard input.")
    stdin_add_newline: Bool = Field(True, description="Add a newline to `stdin`.")
    strip_empty_ends: Bool = Field(True, description="Drop empty lines from the end of stdout and stderr.")
    executable: Str | None = Field(None, description="shell only: the absolute path of the shell to use.")

    def input(self) -> str | None:
        if self.stdin is None:
            return None
        return self.stdin + "\n" if self.stdin_add_newline else self.stdin

    def values(self, ctx: Context) -> dict[str, str | Secret]:
        return {
            "chdir": self.chdir or "",
            "creates": self.creates or "",
            "removes": self.removes or "",
            "check": as_shell(ctx.check),
        }


@lru_cache(maxsize=1024)
def _split(text: str) -> tuple[str, ...]:
    """The words of ``text``, which are asked for when it is checked and when it is run, on each host."""
    return tuple(shlex.split(text))


class CommandArgs(GuardedArgs):
    argv: StrList | None = Field(None, description="The command as a list of words, instead of text.")
    expand_argument_vars: Bool = Field(True, description="Expand ~ and $NAME in the arguments.")

    @model_validator(mode="after")
    def _one_command(self) -> Self:
        if (self.cmd is None) == (self.argv is None):
            raise ValueError("parameters are mutually exclusive: _raw_params|cmd|argv" if self.cmd else NOTHING_TO_RUN)
        if not self.words():
            raise ValueError(NOTHING_TO_RUN)
        return self

    def words(self) -> list[str]:
        return list(self.argv) if self.argv is not None else list(_split(self.cmd or ""))


class ShellArgs(GuardedArgs):
    expand_argument_vars: Bool | None = Field(None, description="Refused: the shell expands what it is given.")

    @model_validator(mode="after")
    def _some_command(self) -> Self:
        if self.expand_argument_vars is not None:
            raise ValueError("Unsupported parameters for (shell) module: expand_argument_vars")
        if not self.cmd:
            raise ValueError(NOTHING_TO_RUN)
        return self


def text_of(raw: bytes, *, strip: bool) -> str:
    return (raw.rstrip(b"\r\n") if strip else raw).decode(errors="surrogateescape")


def lines_of(text: str, *, is_capped: bool) -> tuple[list[str], bool]:
    """The lines of ``text``, of a capped one only of its first part; and whether there are more than these."""
    if is_capped:
        return lines_of(text[:LINED_CHARS], is_capped=False)[0], len(text) > LINED_CHARS
    if len(text) < MOST_LINES:
        return text.splitlines(), False
    end = next(islice(re.finditer(END_OF_LINE, text), MOST_LINES - 1, None), None)
    if end is None or end.end() == len(text):
        return text.splitlines(), False
    return text[: end.end()].splitlines(), True


def output(reply: Reply, *, strip: bool = True) -> dict[str, Any]:
    """stdout and stderr as Ansible returns them; what is not there to its end is named in ``capped``."""
    data: dict[str, Any] = {}
    capped = list(reply.capped)
    for name, raw in (("stdout", reply.stdout), ("stderr", reply.stderr)):
        data[name] = text_of(raw, strip=strip)
        data[f"{name}_lines"], is_cut = lines_of(data[name], is_capped=name in reply.capped)
        capped += [f"{name}_lines"] if is_cut and name not in capped else []
    return {**data, "capped": capped} if capped else data


def instant(said: str) -> datetime:
    """The node's clock; a date(1) without %N (macOS before 15.4) gives whole seconds."""
    seconds, _, fraction = said.partition(".")
    micros = fraction[:6] if fraction.isdigit() else "000000"
    return datetime.fromisoformat(f"{seconds}.{micros}")


def lasted(delta: timedelta) -> str:
    """How long something took, always with a fraction: what compares or hides it looks for one, and the marks of a node
    may lie on the same tick of its clock."""
    return str(delta) if delta.microseconds else f"{delta}.000000"


TICK = timedelta(milliseconds=4)
"""How far Linux lets the times of files lag behind its clock (CONFIG_HZ=250, as distributions build it)."""


def times(reply: Reply) -> dict[str, Any]:
    said = reply.first("start"), reply.first("end")
    if not all(said):
        return dict.fromkeys(("start", "end", "delta"))
    start, end = (instant(each or "") for each in said)
    if reply.first("ticks"):  # so that nothing seems to have taken less time than it did
        end += TICK
    shown = (f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in (start, end))
    return {"start": next(shown), "end": next(shown), "delta": lasted(end - start)}


def guard(args: GuardedArgs, reply: Reply, cmd: Any, *, check: bool) -> Result | None:
    """The result where the guards, or check mode, let nothing run."""
    said = reply.first("guard")
    data: dict[str, Any] = {"cmd": cmd, "stderr": "", "stderr_lines": [], "start": None, "end": None, "delta": None}
    if said is not None:
        name, what = reply.first("guarded"), "exists" if said == "creates" else "does not exist"
        stdout = f"skipped, since {name} {what}"
        msg = f"{'Would' if check else 'Did'} not run command since '{name}' {what}"
        return Result(msg=msg, data={**data, "rc": 0, "stdout": stdout, "stdout_lines": [stdout]})
    if not check:
        return None
    bare = args.creates is None and args.removes is None
    return Result(
        skipped=bare,
        changed=not bare,
        msg="Command would have run if not in check mode",
        data={**data, "rc": 0, "stdout": "", "stdout_lines": []},
    )


def outcome(args: GuardedArgs, reply: Reply, cmd: Any, *, check: bool) -> Result:
    """The result of a program of ``command.sh``."""
    empty = {"stdout": "", "stdout_lines": [], "stderr": "", "stderr_lines": []}
    if refused := refusal(reply):
        unstarted = {"cmd": cmd, "rc": None, "start": None, "end": None, "delta": None}
        told = {name: value for name, value in refused.data.items() if name == "msg"}
        return refused.but(data={**empty, **unstarted, **told, "stderr": reply.stderr.decode(errors="replace")})
    if missing := reply.first("missing"):
        words = reply.all("word")
        why = f"Error executing command: {ERRNO[missing]}: b'{words[0]}'"
        shown = cmd if isinstance(cmd, str) else shlex.join(words)
        registered = {"msg": "Error executing command.", "cmd": shown, "rc": int(missing), **empty}
        return Result(failed=True, msg=why, data=registered)
    if held := guard(args, reply, cmd, check=check):
        return held
    rc = int(reply.first("rc") or "-1")
    # a shell reports death by signal N as 128+N, Python's subprocess (and so Ansible) as -N; the shell's is told here
    data = {"cmd": cmd, "rc": rc, **output(reply, strip=args.strip_empty_ends), **times(reply)}
    return Result(changed=True, failed=rc != 0, msg="non-zero return code" if rc else "", data=data)


def request(
    main: str, args: GuardedArgs, ctx: Context, values: Mapping[str, str | Secret]
) -> Generator[Run, Reply, Reply]:
    """Runs ``main`` of command.sh with ``values`` and what the guards need; use with ``yield from``."""
    reply = yield Run(
        main=main,
        scripts=(*FILE_SCRIPTS, COMMAND_SH),
        values={**args.values(ctx), **values},
        environment=ctx.environment,
        stdin=args.input(),
        repeatable=ctx.check,
        is_last=True,
        output_bytes=OUTPUT_BYTES,
    )
    return reply


def command_steps(args: CommandArgs, ctx: Context) -> Steps:
    words = args.words()
    values = {**worded(words), "expand_argument_vars": as_shell(args.expand_argument_vars)}
    reply = yield from request("with_words run_command", args, ctx, values)
    result = outcome(args, reply, words, check=ctx.check)
    if args.executable is None:
        return result
    warning = (
        "As of Ansible 2.4, the parameter 'executable' is no longer supported with the 'command' module. "
        f"Not using '{args.executable}'."
    )
    return result.but(data={**result.data, "warnings": [warning]})


def shell_steps(args: ShellArgs, ctx: Context) -> Steps:
    values = {"cmd": args.cmd or "", "executable": args.executable or ""}
    reply = yield from request("run_shell", args, ctx, values)
    return outcome(args, reply, args.cmd, check=ctx.check)


COMMAND = Module(
    "command", CommandArgs, command_steps, "Runs a program on the node, without a shell.", behind="command"
)
SHELL = Module("shell", ShellArgs, shell_steps, "Runs a command line on the node, in a shell.", behind="command")
