"""This module reads a CSV file of the node into a list, or a mapping by one of its columns."""

from __future__ import annotations

import csv
import io
from typing import Any

from pydantic import AliasChoices, Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.builtin.edit import SCRIPTS
from orchestrator.modules.builtin.files import last_stat
from orchestrator.modules.declared import refusal
from orchestrator.modules.types import Bool, Str, StrList


class ReadCsvArgs(Args):
    path: Str = Field(min_length=1, validation_alias=AliasChoices("path", "filename"), description="The file.")
    key: Str | None = Field(None, description="The column by which rows are told; else they are a list.")
    unique: Bool = Field(True, description="Fail where two rows have the same value in that column.")
    fieldnames: StrList = Field(default_factory=list, description="The columns' names, where no first line tells them.")
    dialect: Str = Field("excel", description="How the file is written: excel, excel-tab or unix.")
    delimiter: Str | None = Field(None, description="What stands between fields.")
    skipinitialspace: Bool | None = Field(None, description="Blanks behind a delimiter do not count.")
    strict: Bool | None = Field(None, description="Fail where the file is not well written.")


def rows_of(text: str, args: ReadCsvArgs) -> tuple[list[str], list[dict[str, Any]]]:
    """The columns' names, and the rows by them. Raises csv.Error, TypeError for options that cannot be."""
    given = {name: getattr(args, name) for name in ("delimiter", "skipinitialspace", "strict")}
    options = {name: value for name, value in given.items() if value is not None}
    reader = csv.DictReader(
        io.StringIO(text.removeprefix("\ufeff")), fieldnames=args.fieldnames or None, dialect=args.dialect, **options
    )
    return list(reader.fieldnames or ()), list(reader)


def steps(args: ReadCsvArgs, ctx: Context) -> Steps:
    if args.dialect not in csv.list_dialects():
        return failure(f"Dialect '{args.dialect}' is not supported by your version of python.")
    reply: Reply = yield Run(
        main="read_file",
        scripts=SCRIPTS,
        values={"path_given": args.path},
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        return failure(f"Unable to open file: {refused.msg}")
    if last_stat(reply) is None:
        return failure(f"Unable to open file: [Errno 2] No such file or directory: '{args.path}'")
    if "stdout" in reply.capped:
        return failure(f"{args.path} is too large to be read into a variable")
    try:
        names, rows = rows_of(reply.stdout.decode(errors="surrogateescape"), args)
    except TypeError as error:
        return failure(f"Unable to create custom dialect: {error}")
    except csv.Error as error:
        return failure(f"Unable to process file: {error}")
    return _told(names, rows, args)


def _told(names: list[str], rows: list[dict[str, Any]], args: ReadCsvArgs) -> Result:
    if args.key is None:
        return Result(data={"dict": {}, "list": rows})
    if args.key not in names:
        return failure(f"Key '{args.key}' was not found in the CSV header fields: {', '.join(names)}")
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        value = row[args.key]
        if args.unique and value in found:
            return failure(f"Key '{args.key}' is not unique for value '{value}'")
        found[value] = row
    return Result(data={"dict": found, "list": []})


READ_CSV = Module(
    "read_csv",
    ReadCsvArgs,
    steps,
    "Reads a CSV file of the node.",
    returns={"list": "The rows, where no key is given.", "dict": "The rows by their value in the key's column."},
)
