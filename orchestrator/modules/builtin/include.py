"""The modules that load further files: include_tasks, import_tasks, include_role, import_role, include_vars."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.errors import PlaybookError, SecretError
from orchestrator.model.program import Steps
from orchestrator.model.results import IncludeRole, IncludeTasks, IncludeVars, Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.types import Bool, Dict, Int, Str, StrList


class IncludeTasksArgs(Args):
    free_form: ClassVar[str | None] = "file"
    unrendered: ClassVar[frozenset[str]] = frozenset({"apply"})
    file: Str = Field(description="The tasks file.")
    apply: Dict = Field(default_factory=dict, description="Keywords for the included tasks.")


def tasks_steps(args: IncludeTasksArgs, ctx: Context) -> Steps:
    yield from ()
    return Result(data={"include": args.file}, effects=(IncludeTasks(file=args.file, apply=args.apply),))


class IncludeRoleArgs(Args):
    unrendered: ClassVar[frozenset[str]] = frozenset({"apply"})
    name: Str = Field(validation_alias=AliasChoices("name", "role"), description="The role.")
    tasks_from: Str | None = Field(None, description="Which file below tasks/ to run, instead of main.")
    vars_from: Str | None = Field(None, description="Which file below vars/ to load, instead of main.")
    defaults_from: Str | None = Field(None, description="Which file below defaults/ to load, instead of main.")
    handlers_from: Str | None = Field(None, description="Which file below handlers/ to load, instead of main.")
    apply: Dict = Field(default_factory=dict, description="Keywords for the role's tasks.")
    public: Bool | None = Field(
        None, description="Keep its defaults and vars for the rest of the play; no, unless private_role_vars is off."
    )
    allow_duplicates: Bool = Field(True, description="Run it again where it has run before.")
    rolespec_validate: Bool = Field(True, description="Check the role's argument specification.")


def role_steps(args: IncludeRoleArgs, ctx: Context) -> Steps:
    yield from ()
    return Result(data={"include_role": args.name}, effects=(IncludeRole(**args.model_dump()),))


class IncludeVarsArgs(Args):
    free_form: ClassVar[str | None] = "file"
    file: Str | None = Field(None, description="The variables file.")
    dir: Str | None = Field(None, description="A directory whose variables files are loaded, sorted by name.")
    name: Str | None = Field(None, description="Put all values below this one name.")
    depth: Int = Field(0, description="How deep to go below `dir`; 0: no limit.")
    files_matching: Str | None = Field(None, description="Only files of `dir` whose name matches this expression.")
    ignore_files: StrList = Field(default_factory=list, description="Expressions for names in `dir` to leave out.")
    extensions: StrList = Field(default_factory=lambda: ["yaml", "yml", "json"], description="Of files in `dir`.")
    ignore_unknown_extensions: Bool = Field(False, description="Pass over other files in `dir`, instead of failing.")
    hash_behaviour: Str | None = Field(None, description="`merge` merges mappings into those that are there.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.file is not None and self.model_fields_set - {"file", "name", "hash_behaviour"}:
            raise ValueError("Task failed: You are mixing file only and dir only arguments, these are incompatible")
        for expression in (self.files_matching, *self.ignore_files):
            try:
                re.compile(expression or "")
            except re.error as error:
                raise ValueError(f"invalid regular expression {expression}: {error}") from None
        if self.hash_behaviour not in (None, "merge", "replace"):
            raise ValueError("hash_behaviour is merge or replace")
        return self


def files_in(root: Path, args: IncludeVarsArgs) -> list[Path]:
    """The variables files below ``root`` in loading order. Raises ValueError for a name with an unknown extension."""
    found: list[Path] = []
    for here, _, names in sorted(os.walk(root, followlinks=True)):
        if args.depth and len(Path(here).relative_to(root).parts) + 1 > args.depth:
            continue
        for name in sorted(names):
            if args.files_matching and not re.search(args.files_matching, name):
                continue
            if any(re.search(f"{ignored}$", name) for ignored in args.ignore_files):
                continue
            if Path(name).suffix[1:] in args.extensions:
                found.append(Path(here) / name)
            elif not args.ignore_unknown_extensions:
                raise ValueError(f"{Path(here) / name} does not have a valid extension: {', '.join(args.extensions)}")
    return found


def merged(old: Any, new: Any) -> Any:
    """``new`` laid over ``old``, mappings key by key."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}
    return new


def _lost(reason: str) -> Result:
    registered = {"msg": "Task failed: Action failed: Unknown error.", "message": reason}
    return Result(failed=True, msg=reason, data={**registered, "ansible_included_var_files": [], "ansible_facts": {}})


def _root(name: str, ctx: Context) -> Path:
    """The directory ``name``. Raises ValueError where there is none."""
    root = ctx.vars_dir(name.strip())
    if not root.is_dir():
        raise ValueError(f"{root} is not a directory" if root.exists() else f"{root} directory does not exist")
    return root


def vars_steps(args: IncludeVarsArgs, ctx: Context) -> Steps:
    yield from ()
    try:
        if not (args.file or args.dir):
            return _lost("Could not find file on this machine: its name is empty")
        files = files_in(_root(args.dir, ctx), args) if args.dir else [ctx.find("vars", (args.file or "").strip())]
    except (PlaybookError, ValueError) as error:
        return _lost(error.message if isinstance(error, PlaybookError) else str(error))
    values: dict[str, Any] = {}
    for file in files:
        try:
            values.update(ctx.load_vars(file))
        except SecretError as error:
            return _lost(error.message)
    if args.name:
        values = {args.name: values}
    if args.hash_behaviour == "merge":
        values = {name: merged(ctx.variables.get(name), value) for name, value in values.items()}
    data = {"ansible_included_var_files": [os.path.abspath(file) for file in files], "ansible_facts": values}
    return Result(data=data, effects=(IncludeVars(values=values),))


TASKS = "Runs the tasks of a file in place of this task."
ROLE = "Runs a role in place of this task."
INCLUDE_TASKS = Module("include_tasks", IncludeTasksArgs, tasks_steps, TASKS, needs_host=False)
IMPORT_TASKS = Module("import_tasks", IncludeTasksArgs, tasks_steps, TASKS, needs_host=False)
INCLUDE_ROLE = Module("include_role", IncludeRoleArgs, role_steps, ROLE, needs_host=False)
IMPORT_ROLE = Module("import_role", IncludeRoleArgs, role_steps, ROLE, needs_host=False)
INCLUDE_VARS = Module("include_vars", IncludeVarsArgs, vars_steps, "Loads variables from files.", needs_host=False)
