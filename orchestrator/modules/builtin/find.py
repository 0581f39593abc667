"""This module finds files, directories and links by name, age, size, mode and content."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Generator, Mapping
from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.edit import read_all
from orchestrator.modules.builtin.files import FILE_SCRIPTS, Stat, parse_stat, worded
from orchestrator.modules.builtin.stat import described
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import AsSaid, Bool, Int, Str, StrList

FIND_SH = script("find", __file__)
AGES_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
SIZES = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
LINE = re.compile(r"(0x[0-9a-f]+|0\d+)((?:\|[^|]*){13})\|(.*)", re.DOTALL)
REFUSED = re.compile(r"find: [‘'`]?(.*?)['’]?: (Permission denied|Operation not permitted)")


MODE = r"^([0-7]{1,5}|[ugoa]*([-+=][rwxst]*)+(,[ugoa]*([-+=][rwxst]*)+)*)$"
_SHARES = {"u": 0o100, "g": 0o10, "o": 1}
_RIGHTS = {"r": 4, "w": 2, "x": 1}
_SPECIAL = {("u", "s"): 0o4000, ("g", "s"): 0o2000, ("o", "t"): 0o1000}


class FindArgs(Args):
    paths: StrList = Field(validation_alias=AliasChoices("paths", "name", "path"), description="Where to look.")
    patterns: StrList = Field(
        default_factory=list,
        validation_alias=AliasChoices("patterns", "pattern"),
        description="Names: globs, or expressions with use_regex.",
    )
    excludes: StrList = Field(
        default_factory=list, validation_alias=AliasChoices("excludes", "exclude"), description="Names to leave out."
    )
    contains: Str | None = Field(None, description="An expression that a line of the file must match.")
    read_whole_file: Bool = Field(False, description="Search `contains` in the whole file instead.")
    file_type: Literal["any", "directory", "file", "link"] = Field("file", description="What to find.")
    age: Str | None = Field(None, description="At least so old, as in 4d; with a minus at most. Units s m h d w.")
    age_stamp: Literal["atime", "ctime", "mtime"] = Field("mtime", description="Which time tells the age.")
    size: Str | None = Field(None, description="At least so large, as in 10m; with a minus at most. Units b k m g t.")
    recurse: Bool = Field(False, description="Also in directories below.")
    hidden: Bool = Field(False, description="Also names that start with a dot.")
    follow: Bool = Field(False, description="Also below links to directories.")
    get_checksum: Bool = Field(False, description="Also tell each file's checksum.")
    checksum_algorithm: Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] = Field(
        "sha1", validation_alias=AliasChoices("checksum_algorithm", "checksum", "checksum_algo"), description="Which."
    )
    use_regex: Bool = Field(False, description="patterns and excludes are expressions, matched from the name's start.")
    depth: Int | None = Field(None, ge=1, description="With recurse: how many levels.")
    mode: Str | None = Field(None, pattern=MODE, description="Permissions: octal, or symbolic (u=rw,go=r).")
    exact_mode: Bool = Field(True, description="Exactly this mode; else any of its bits.")
    encoding: Str = Field("utf-8", description="For `contains`.")
    limit: Int | None = Field(None, description="At most so many.")

    @field_validator("age")
    @classmethod
    def _is_age(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"-?\d+[smhdw]?", value.lower()):
            raise AsSaid("failed to process age")
        return value

    @field_validator("limit")
    @classmethod
    def _is_limit(cls, value: int | None) -> int | None:
        if value is not None and value < 1:
            raise AsSaid(f"limit cannot be {value} (use None for unlimited)")
        return value

    @field_validator("size")
    @classmethod
    def _is_size(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"-?\d+[bkmgt]?", value.lower()):
            raise AsSaid("failed to process size")
        return value

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        names = [*self.patterns, *self.excludes] if self.use_regex else []
        for expression in [*names, self.contains or ""]:
            try:
                re.compile(expression)
            except re.error as error:
                raise ValueError(f"invalid regular expression {expression}: {error}") from None
        return self


def amount(text: str, units: dict[str, int]) -> int:
    """``-10m`` as a number of the smallest unit."""
    digits = text.lower().rstrip("".join(units))
    return int(digits) * units[text.lower()[len(digits) :]]


def _beyond(value: float, limit: int) -> bool:
    """At least ``limit``; at most, where it is negative."""
    return value >= limit if limit >= 0 else value <= -limit


def matcher(args: FindArgs) -> Callable[[str], bool]:
    """Whether a base name is wanted."""

    def fits(name: str, pattern: str) -> bool:
        return re.match(pattern, name) is not None if args.use_regex else fnmatch.fnmatch(name, pattern)

    def wanted(name: str) -> bool:
        if name.startswith(".") and not args.hidden:
            return False
        if args.patterns and not any(fits(name, pattern) for pattern in args.patterns):
            return False
        return not any(fits(name, pattern) for pattern in args.excludes)

    return wanted


def wanted(stat: Stat, args: FindArgs, now: float) -> bool:
    """Whether kind, age, size and mode fit."""
    if args.file_type != "any" and stat.kind != args.file_type:
        return False
    if args.age is not None and not _beyond(now - getattr(stat, args.age_stamp), amount(args.age, AGES_S)):
        return False
    if args.size is not None and stat.kind == "file" and not _beyond(stat.size, amount(args.size, SIZES)):
        return False
    if args.mode is None:
        return True
    have, want = int(stat.mode, 8), permissions(args.mode)
    return have == want if args.exact_mode else bool(have & want)


def permissions(mode: str) -> int:
    """The bits of a mode: octal digits, or steps that begin with none set; a step for nobody heeds the usual umask."""
    if mode.isdigit():
        return int(mode, 8)
    bits = 0
    for clause in mode.split(","):
        users = clause[: len(clause) - len(clause.lstrip("ugoa"))]
        who = "ugo" if not users or "a" in users else users
        for operator, letters in re.findall(r"([-+=])([rwxst]*)", clause):
            given = sum(_SHARES[user] * sum(_RIGHTS[each] for each in set(letters) & set("rwx")) for user in set(who))
            given &= 0o777 if users else 0o755
            given |= sum(_SPECIAL.get((user, each), 0) for user in set(who) for each in set(letters))
            covered = sum(_SHARES[user] * 7 for user in set(who))
            bits = bits & ~given if operator == "-" else (bits & ~covered if operator == "=" else bits) | given
    return bits


def parse_walk(text: str) -> dict[str, Stat]:
    """The objects of a walk by path. A line that is no record belongs to the name before it."""
    records: list[str] = []
    for line in text.split("\n"):
        if LINE.fullmatch(line) or not records:
            records.append(line)
        else:
            records[-1] += "\n" + line
    found: dict[str, Stat] = {}
    for record in records:
        if match := LINE.fullmatch(record.removesuffix("\n")):
            bits, fields, name = match.groups()
            number = int(bits, 16 if bits.startswith("0x") else 8)
            stat = parse_stat(f"{number}{fields}")
            assert stat is not None
            found[name] = stat
    return found


def as_walked(seen: Mapping[str, Stat]) -> dict[str, Stat]:
    """``seen`` as Python's ``os.walk`` meets it: what is in a directory, directories last, before what is in those."""
    inside: dict[str, list[str]] = {}
    for path in seen:
        inside.setdefault(path.rpartition("/")[0], []).append(path)
    order: dict[str, Stat] = {}
    left = [folder for folder in inside if folder not in seen]
    while left:
        names = inside.get(left.pop(0), [])
        folders = [name for name in names if seen[name].kind == "directory"]
        order |= {name: seen[name] for name in names if seen[name].kind != "directory"}
        order |= {name: seen[name] for name in folders}
        left = folders + left
    return order


def _warned(skipped: Mapping[str, str]) -> dict[str, list[str]]:
    told = [f"Skipped '{path}' path due to this access issue: {why}\n" for path, why in skipped.items()]
    return {"warnings": told} if told else {}


@frozen
class Held:
    """The files that hold what is asked for, and why others could not be read, by the directory of the search."""

    paths: list[str]
    skipped: dict[str, str]


def _containing(paths: list[str], args: FindArgs, ctx: Context) -> Generator[Run, Reply, Held | Result]:
    pattern = re.compile(args.contains or "")
    skipped: dict[str, str] = {}
    contents = yield from read_all(paths, ctx)
    if isinstance(contents, Result):
        return contents

    def holds(path: str, data: bytes) -> bool:
        encoding = args.encoding or "utf-8"
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            top = max((each.rstrip("/") for each in args.paths if path.startswith(each)), key=len, default=path)
            said = f"Failed to read the file {path} due to an encoding error. current encoding: {encoding}"
            skipped.setdefault(top, str(error) if isinstance(error, LookupError) else said)
            return False
        if args.read_whole_file:
            return pattern.search(text) is not None
        return any(pattern.match(line) for line in text.splitlines(keepends=True))

    return Held([path for path in paths if path in contents and holds(path, contents[path])], skipped)


def _walk(args: FindArgs, ctx: Context) -> Run:
    depth = (args.depth or 0) if args.recurse else 1
    below = args.recurse and args.depth is not None
    return Run(
        main="with_words walk",
        scripts=(*FILE_SCRIPTS, FIND_SH),
        values={**worded(args.paths), "follow": as_shell(args.follow), "depth": str(depth), "below": as_shell(below)},
        environment=ctx.environment,
        repeatable=True,
    )


def _sums(paths: list[str], args: FindArgs, ctx: Context) -> Generator[Run, Reply, dict[str, str] | Result]:
    if not (args.get_checksum and paths):
        return {}
    reply = yield Run(
        main="with_words sums",
        scripts=(*FILE_SCRIPTS, FIND_SH),
        values={**worded(paths), "checksum_kind": args.checksum_algorithm},
        environment=ctx.environment,
        repeatable=True,
    )
    return refusal(reply) or dict(zip(paths, reply.all("sum"), strict=True))


def steps(args: FindArgs, ctx: Context) -> Steps:
    reply: Reply = yield _walk(args, ctx)
    if refused := refusal(reply):
        return refused
    seen = as_walked(parse_walk(reply.stdout.decode(errors="surrogateescape")))
    now, named = float(reply.first("now") or 0), matcher(args)
    paths = [path for path, stat in seen.items() if named(path.rpartition("/")[2]) and wanted(stat, args, now)]
    unread: dict[str, str] = {}
    if args.contains is not None and args.file_type == "file":
        holding = yield from _containing(paths, args, ctx)
        if isinstance(holding, Result):
            return holding
        paths, unread = holding.paths, holding.skipped
    limited = args.limit is not None and len(paths) >= args.limit
    paths = paths[: args.limit]
    sums = yield from _sums([path for path in paths if seen[path].kind == "file"], args, ctx)
    if isinstance(sums, Result):
        return sums
    skipped = dict(REFUSED.findall(reply.stderr.decode(errors="replace")))
    skipped.update(unread)
    skipped.update(dict(said.split("|", 1) for said in reply.all("skipped")))
    return Result(
        msg="Not all paths examined, check warnings for details"
        if skipped
        else "Limit of matches reached"
        if limited
        else "All paths examined",
        data={
            "files": [_shown(path, seen[path], sums.get(path)) for path in paths],
            "matched": len(paths),
            "examined": len(seen) + sum(map(int, reply.all("below"))),
            "skipped_paths": skipped,
            **_warned(skipped),
        },
    )


def _shown(path: str, stat: Stat, checksum: str | None) -> dict[str, Any]:
    fields = {name: value for name, value in described(stat).items() if name not in ("exists", "blocks", "birthtime")}
    return {"path": path, **fields, **({"checksum": checksum} if checksum else {})}


FIND = Module("find", FindArgs, steps, "Finds files, directories and links.")
