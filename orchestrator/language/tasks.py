"""One task or handler of a YAML file as a value: its keywords checked, its loop and conditions in one shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orchestrator.language import keywords
from orchestrator.language.actions import Action, short_name, split_args
from orchestrator.language.impossible import tell_impossible
from orchestrator.language.keywords import as_list, check_keys, conditions, hand_down
from orchestrator.language.load import kind_of
from orchestrator.language.reading import Options
from orchestrator.language.tree import Keywords, Role, Task
from orchestrator.model.errors import ImpossibleLoop, PlaybookError
from orchestrator.model.place import Place, Text, place_of

INCLUDES = frozenset({"include_tasks", "include_role"})
IMPORTS = frozenset({"import_tasks", "import_role"})
TASK_FILE_ARGS = frozenset({"file", "_raw_params", "apply"})
ROLE_ARGS = frozenset(
    {"name", "role", "tasks_from", "vars_from", "defaults_from", "handlers_from", "apply", "public"}
    | {"allow_duplicates", "rolespec_validate"}
)
_WITH = "with_"
NOTHING = Text("{{ none }}", None)
"""What a keyword's value is that is written with nothing behind it, and is missed."""


def make_task(
    item: Mapping[str, Any],
    action: Action,
    *,
    key: str,
    said: str,
    outer: Keywords,
    place: Place,
    options: Options,
    role: Role | None = None,
    is_handler: bool = False,
) -> Task:
    """The task that ``item`` describes. Raises PlaybookError for unknown or malformed keywords."""
    check_task_keys(item, action, place, options, is_handler)
    inner = hand_down(outer, item, place)
    if action.is_local:
        inner = replace(inner, delegate_to="localhost")
    if short_name(action.name) in INCLUDES:
        check_include(action, place)
        inner = replace(inner, include_params=(*outer.include_params, item.get("vars") or {}))
    _check_meta(action, role, is_handler, place)
    loop, loop_with = _loop_of(item, place)
    return Task(
        key=key,
        said=said,
        place=place,
        action=action.name,
        args=action.args,
        extra_args=action.extra,
        keywords=inner,
        outer=outer,
        name=item.get("name"),
        role=role,
        register=_register(item.get("register"), place),
        changed_when=_conditions(item, "changed_when"),
        failed_when=_conditions(item, "failed_when"),
        loop=loop,
        loop_with=loop_with,
        loop_control=_loop_control(item, place, options),
        until=_conditions(item, "until"),
        retries=item.get("retries"),
        delay=_or_nothing(item, "delay"),
        notify=inner.notify or (),
        listen=_listen(item.get("listen"), role, keywords.key_place(item, "listen", place)),
        run_async=_or_nothing(item, "async"),
        poll=item.get("poll"),
        is_handler=is_handler,
    )


def check_task_keys(item: Mapping[str, Any], action: Action, place: Place, options: Options, is_handler: bool) -> None:
    """Raise for keys that a task, handler or include does not take, and for values of the wrong type."""
    known = keywords.HANDLER if is_handler else keywords.TASK
    what = "handler" if is_handler else "task"
    if short_name(action.name) in INCLUDES:
        known = {**keywords.INCLUDE, "local_action": "any", **({"listen": "list"} if is_handler else {})}
        what = f"{short_name(action.name)} (what it brings takes keywords by apply)"
    given = {key: value for key, value in item.items() if key not in action.keys and not _is_loop(key, options)}
    check_keys(given, known, what, place, options.late)
    tell_impossible(given, options.impossible, place)


def _is_loop(key: Any, options: Options) -> bool:
    if not str(key).startswith(_WITH):
        return False
    name = short_name(str(key).removeprefix(_WITH))
    return options.lookups is None or "." in name or name in options.lookups


def _loop_of(item: Mapping[str, Any], place: Place) -> tuple[Any, str | None]:
    lookups = [key for key in item if str(key).startswith(_WITH)]
    if len(lookups) + ("loop" in item and item["loop"] is not None) > 1:
        raise ImpossibleLoop("a task has one loop, this one has several", place=place_of(lookups[-1]) or place)
    if not lookups:
        return item.get("loop"), None
    if item[lookups[0]] is None:
        raise ImpossibleLoop(f"{lookups[0]} needs a value", place=place_of(lookups[0]) or place)
    return item[lookups[0]], str(lookups[0]).removeprefix(_WITH)


def _loop_control(item: Mapping[str, Any], place: Place, options: Options) -> Mapping[str, Any] | None:
    if "loop_control" not in item:
        return None
    value, place = item["loop_control"], keywords.key_place(item, "loop_control", place)
    if not isinstance(value, dict):
        hint = "it may contain templates, but cannot be one itself"
        raise PlaybookError(f"loop_control takes a mapping, not {kind_of(value)}", place=place, hint=hint)
    check_keys(value, keywords.LOOP_CONTROL, "loop_control", place, options.late)
    tell_impossible(value, options.impossible, place)
    if isinstance(label := value.get("label"), dict | list):
        raise PlaybookError(f"label takes text, not {kind_of(label)}", place=place_of(label) or place)
    return value


def _register(value: Any, place: Place) -> Any:
    if value is not None and not keywords.is_variable_name(value):
        raise PlaybookError(
            f"register takes a variable's name, not {value!r}",
            place=place_of(value) or place,
            hint="letters, digits and underscores, not beginning with a digit",
        )
    return value


def _or_nothing(item: Mapping[str, Any], key: str) -> Any:
    """The value; NOTHING where the keyword has none behind it, which Ansible cannot compare with a number."""
    return NOTHING if key in item and item[key] is None else item.get(key)


def _conditions(item: Mapping[str, Any], key: str) -> tuple[Any, ...] | None:
    """The conditions; the one of a keyword with nothing behind it is nothing, which fails when it is asked."""
    if key in item and item[key] is None and key != "until":
        return (None,)
    return conditions(item[key]) or None if key in item else None


def _listen(value: Any, role: Role | None, place: Place) -> tuple[Any, ...]:
    """The topics of a handler; those of a role's handler are also known under the role's name."""
    topics = as_list(value)
    for topic in topics:
        if not isinstance(topic, str):
            raise PlaybookError(f"listen takes text or a list of texts, not {kind_of(topic)}", place=place)
    names = dict.fromkeys((role.full_name, role.name)) if role else {}
    return (*topics, *(Text(f"{name} : {topic}", place_of(topic)) for topic in topics for name in names))


def _check_meta(action: Action, role: Role | None, is_handler: bool, place: Place) -> None:
    if short_name(action.name) != "meta" or split_args(action).get("_raw_params") != "end_role":
        return
    if is_handler:
        raise PlaybookError("cannot execute 'end_role' from a handler", place=place)
    if role is None:
        raise PlaybookError("cannot execute 'end_role' from outside of a role", place=place)


def check_include(action: Action, place: Place) -> None:
    """Raise for options that this include or import does not take, or for a file or role that is missing."""
    name = short_name(action.name)
    args = split_args(action)
    known = TASK_FILE_ARGS if name.endswith("_tasks") else ROLE_ARGS
    for key in args:
        if key == "apply" and name in IMPORTS:
            hint = "an import hands its own keywords down"
            raise PlaybookError(f"apply is not an option of {name}", place=place_of(key) or place, hint=hint)
        if key not in known:
            near = keywords.did_you_mean(str(key), known)
            raise PlaybookError(f"invalid option for {name}: {key}", place=place_of(key) or place, hint=near)
    if not isinstance(args.get("apply", {}), dict):
        where = keywords.key_place(args, "apply", place)
        raise PlaybookError(f"apply takes a mapping, not {kind_of(args['apply'])}", place=where)
    if name.endswith("_tasks") and not (args.get("_raw_params") or args.get("file")):
        raise PlaybookError(f"no file specified for {name}", place=place)
    if name.endswith("_role") and not (args.get("name") or args.get("role")) and action.extra is None:
        raise PlaybookError(f"'name' is a required field for {name}", place=place)
    for key in ("tasks_from", "vars_from", "defaults_from", "handlers_from"):
        if key in args and not isinstance(args[key], str):
            where = keywords.key_place(args, key, place)
            raise PlaybookError(f"{key} takes text, not {kind_of(args[key])}", place=where)
