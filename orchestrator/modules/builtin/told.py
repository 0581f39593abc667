"""The modules that only tell the engine something: set_fact, set_stats, meta, add_host, group_by."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import AddHost, GroupBy, Meta, Result, SetFacts, SetStats, failure
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.types import Bool, Str, StrList, to_bool

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
RESERVED = frozenset("false False none None not true True".split())
"""Words of the template language, which ansible-core refuses; Python's other keywords it takes."""


def bad_name(names: Any) -> str | None:
    """Why one of ``names`` cannot be a variable's name, or None."""
    for name in names:
        if not (isinstance(name, str) and NAME.fullmatch(name)) or name in RESERVED:
            kind = "" if isinstance(name, str) else f" of type {type(name).__name__!r}"
            named = f"{name!r}" if isinstance(name, str) else f"'{name}'"
            return f"Task failed: Invalid variable name {named}{kind}."
    return None


class OpenArgs(Args):
    """Arguments that also take names of the user's choosing."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _names_are_text(cls, given: Any) -> Any:
        if why := bad_name(name for name in given if not isinstance(name, str)):
            raise ValueError(why)
        return given

    def others(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class SetFactArgs(OpenArgs):
    trusted: ClassVar[frozenset[str]] = frozenset({"*"})

    cacheable: Bool = Field(False, description="Also keep them as facts, below the host's other variables.")


def set_fact_steps(args: SetFactArgs, ctx: Context) -> Steps:
    yield from ()
    facts = args.others()
    if not facts:
        return failure("No key/value pairs provided, at least one is required for this action to succeed").but(
            gave_up=True
        )
    if why := bad_name(facts):
        return failure(why).but(gave_up=True)
    cached = (SetFacts(values=facts, discovered=True),) if args.cacheable else ()
    return Result(data={"ansible_facts": facts}, effects=(SetFacts(values=facts), *cached))


def _is_yes(value: Any) -> bool:
    """The truth of ``value``; what is no boolean at all counts as no, as in Ansible's set_stats."""
    try:
        return to_bool(value)
    except ValueError:
        return False


LenientBool = Annotated[bool, BeforeValidator(_is_yes)]


class SetStatsArgs(Args):
    data: Any = Field(default_factory=dict, description="Names and values: a mapping.")
    per_host: LenientBool = Field(False, description="Keep them for each host, not for the whole run.")
    aggregate: LenientBool = Field(True, description="Add to what is there, instead of replacing it.")


def set_stats_steps(args: SetStatsArgs, ctx: Context) -> Steps:
    yield from ()
    if not isinstance(args.data, dict):
        return failure("The 'data' option needs to be a dictionary/hash")
    if why := bad_name(args.data):
        return failure(why)
    effect = SetStats(data=args.data, per_host=args.per_host, aggregate=args.aggregate)
    stats = {"data": args.data, "per_host": args.per_host, "aggregate": args.aggregate}
    return Result(data={"ansible_stats": stats}, effects=(effect,))


class MetaArgs(Args):
    free_form: ClassVar[str | None] = "word"
    word: Literal[
        "flush_handlers",
        "refresh_inventory",
        "noop",
        "clear_facts",
        "clear_host_errors",
        "end_batch",
        "end_host",
        "end_play",
        "end_role",
        "reset_connection",
    ] = Field(description="What the engine is to do.")


def meta_steps(args: MetaArgs, ctx: Context) -> Steps:
    yield from ()
    return Result(effects=(Meta(word=args.word),))


def _groups(value: Any) -> list[str]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("Groups must be specified as a list.")
    return list(dict.fromkeys(value))


class AddHostArgs(OpenArgs):
    when_missing = "name, host or hostname needs to be provided"
    name: Str | None = Field(
        validation_alias=AliasChoices("name", "hostname", "host"),
        description="The host's name; `name:port` also sets its port.",
    )
    groups: Annotated[list[str], BeforeValidator(_groups)] = Field(
        default_factory=list,
        validation_alias=AliasChoices("groups", "groupname", "group"),
        description="The groups it joins; further names are its variables.",
    )

    @model_validator(mode="before")
    @classmethod
    def _group_is_a_variable_too(cls, given: Any) -> Any:
        """``group`` names the groups where ``groups`` does not, and is a variable of the host in any case."""
        return {"groups": given["group"], **given} if "group" in given and "groupname" not in given else given


def add_host_steps(args: AddHostArgs, ctx: Context) -> Steps:
    yield from ()
    if args.name is None:
        return failure(AddHostArgs.when_missing or "").but(gave_up=True)
    variables = args.others()
    name, _, port = args.name.rpartition(":")
    if name and ":" not in name and port.isdigit():
        variables.setdefault("ansible_ssh_port", int(port))
    else:
        name = args.name
    effect = AddHost(name=name, groups=tuple(args.groups), variables=variables)
    told = {"host_name": name, "groups": list(args.groups), "host_vars": variables}
    return Result(data={"add_host": told}, effects=(effect,))


class GroupByArgs(Args):
    when_missing = "the 'key' param is required when using group_by"
    key: Str = Field(description="The group's name; blanks become dashes.")
    parents: StrList = Field(default_factory=lambda: ["all"], description="Groups that it belongs to.")


def group_by_steps(args: GroupByArgs, ctx: Context) -> Steps:
    yield from ()
    key = args.key.replace(" ", "-")
    parents = tuple(parent.replace(" ", "-") for parent in args.parents)
    told = {"add_group": key, "parent_groups": list(parents)}
    return Result(data=told, effects=(GroupBy(key=key, parents=parents),))


SET_FACT = Module("set_fact", SetFactArgs, set_fact_steps, "Sets variables of this host.", needs_host=False)
SET_STATS = Module("set_stats", SetStatsArgs, set_stats_steps, "Sets custom statistics.", needs_host=False)
META = Module("meta", MetaArgs, meta_steps, "Tells the engine what to do.", needs_host=False)
ADD_HOST = Module("add_host", AddHostArgs, add_host_steps, "Adds a host to this run's inventory.", needs_host=False)
GROUP_BY = Module("group_by", GroupByArgs, group_by_steps, "Puts this host into a group.", needs_host=False)
