"""Lists of tasks as trees: blocks nested, static imports and roles put in place, keywords handed down."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Any

from orchestrator.language import keywords, roles
from orchestrator.language.actions import Action, action_of, short_name, split_args
from orchestrator.language.impossible import tell_impossible
from orchestrator.language.keywords import check_keys, hand_down
from orchestrator.language.load import kind_of
from orchestrator.language.reading import Reading, place_in
from orchestrator.language.roles import RoleUse
from orchestrator.language.tasks import check_include, check_task_keys, make_task
from orchestrator.language.tree import Block, Keywords, Node, Role, Task
from orchestrator.model.errors import MissingFile, NotIncluded, PlaybookError, RoleCircle, UnknownName
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Place, Text, place_of
from orchestrator.model.status import Status

_SECTIONS = ("block", "rescue", "always")
_STATIC_LIMIT = 100
"""How deep static imports and role dependencies may nest; recursion is found earlier, this bounds what
templates hide.
"""


@frozen(kw_only=True)
class Scope:
    """What surrounds a list of tasks while it is read.

    ``variables`` are the play's, for names of static imports. ``chain`` holds the files and roles being read,
    so that one which imports itself is found. ``handlers`` receives the handlers that imported roles bring.
    """

    reading: Reading
    basedir: str
    place: Place
    """Where the list stands, for what in it does not know its own place."""
    outer: Keywords = field(default_factory=Keywords)
    variables: Mapping[str, Any] = field(default_factory=dict)
    role: Role | None = None
    is_handler: bool = False
    is_in_block: bool = False
    """Of handlers: whether a block of the same file is around the list."""
    chain: tuple[tuple[str, str], ...] = ()
    handlers: list[Node] = field(default_factory=list)

    def entering(self, what: tuple[str, str], asked_at: Place, /, **changes: Any) -> Scope:
        """This scope inside the file or role ``what``; raises where that is already being read."""
        if what in self.chain or len(self.chain) >= _STATIC_LIMIT:
            shown = " → ".join(name for name, _ in (*self.chain, what))
            raise (PlaybookError if what[1] == "tasks" else RoleCircle)(
                "static imports or role dependencies go round in a circle", place=asked_at, evidence=shown
            )
        return replace(self, chain=(*self.chain, what), is_in_block=False, **changes)

    def names(self, inner: Keywords) -> dict[str, Any]:
        """The variables that a static import's name may use, weakest first, as in Ansible."""
        role: Role | None = self.role
        found: dict[str, Any] = {
            **(role.defaults if role else {}),
            **self.variables,
            **(role.vars if role else {}),
        }
        for each in inner.vars:
            found.update(each)
        if role:
            found.update({**role.params, **role.given_vars, "role_path": role.path, "role_name": role.name})
        for each in inner.include_params:
            found.update(each)
        return {**found, "playbook_dir": self.basedir}


def load_nodes(items: Any, key: str, scope: Scope, what: str = "tasks") -> tuple[Node, ...]:
    """The nodes of a list of tasks as loaded from YAML; what is wrong in one is kept and the others are read."""
    if items is None:
        return ()
    if not isinstance(items, list):
        raise PlaybookError(
            f"{what} takes a list, not {kind_of(items)}", place=place_of(items), hint="begin each with '- '"
        )
    found: list[Node] = []
    for index, item in enumerate(items):
        place = place_of(item) or place_of(items) or scope.place
        with scope.reading.collecting(place):
            found += _node(item, f"{key}.{index}", scope, place)
    return tuple(found)


def _node(item: Any, key: str, scope: Scope, place: Place) -> Iterable[Node]:
    if item is None:
        return ()
    if not isinstance(item, dict):
        hint = f"- {item}: …" if isinstance(item, str) and " " not in item else None
        raise PlaybookError(
            f"a task is a mapping, not {kind_of(item)}", place=place, evidence=str(item)[:80], hint=hint
        )
    if any(section in item for section in _SECTIONS):
        return _block(item, key, scope, place)
    own = keywords.as_list(item.get("collections"))
    collections = tuple(each for each in own if isinstance(each, str)) or scope.outer.collections
    action = action_of(item, scope.reading.options, collections, place)
    kind = short_name(action.name)
    if kind in ("include_role", "import_role") and scope.is_handler:
        raise PlaybookError(f"using {str(action.name)!r} as a handler is not supported", place=place)
    if kind == "meta" and scope.is_handler and str(action.args).strip() == "flush_handlers":
        raise UnknownName("flush_handlers cannot be used as a handler", place=place)
    if kind == "import_tasks":
        return _import_tasks(item, action, key, scope, place)
    if kind == "import_role":
        return _import_role(item, action, key, scope, place)
    return (_task(item, action, key, scope, place),)


def _task(item: dict[str, Any], action: Action, key: str, scope: Scope, place: Place) -> Task:
    return make_task(
        item,
        action,
        key=key,
        said=scope.reading.said(item, scope.role.full_name if scope.role else ""),
        outer=scope.outer,
        place=place,
        options=scope.reading.options,
        role=scope.role,
        is_handler=scope.is_handler,
    )


def _block(item: dict[str, Any], key: str, scope: Scope, place: Place) -> Iterable[Node]:
    """The block. Of one among handlers what is in its ``block`` alone, as handlers of their own (so does Ansible)."""
    if scope.is_handler and scope.is_in_block:
        raise PlaybookError("using a block as a handler is not supported", place=place)
    for looping in item:
        if looping == "loop" or str(looping).startswith("with_"):
            hint = "put the tasks into a file and loop over include_tasks"
            raise PlaybookError("a block cannot loop", place=place_of(looping) or place, hint=hint)
    check_keys(item, keywords.BLOCK, "block", place, scope.reading.options.late)
    tell_impossible(item, scope.reading.options.impossible, place)
    if "block" not in item:
        only = next(section for section in _SECTIONS if section in item)
        raise PlaybookError(f"'{only}' keyword cannot be used without 'block'", place=place_of(only) or place)
    for section in _SECTIONS:
        if section in item and item[section] is None:
            hint = "leave the keyword out, or write []"
            raise PlaybookError(f"'{section}' has no tasks", place=keywords.key_place(item, section, place), hint=hint)
    inner = replace(scope, outer=hand_down(scope.outer, item, place), is_in_block=True)
    body, rescue, always = (load_nodes(item.get(name), f"{key}.{name}", inner, name) for name in _SECTIONS)
    if scope.is_handler:
        return body
    block = Block(
        key=key,
        place=place,
        keywords=inner.outer,
        name=item.get("name"),
        body=body,
        rescue=rescue,
        always=always,
        role=scope.role,
        notify=inner.outer.notify or (),
    )
    return (block,)


def _check_import(item: dict[str, Any], action: Action, scope: Scope, place: Place) -> Keywords:
    check_include(action, place)
    check_task_keys(item, action, place, scope.reading.options, scope.is_handler)
    name = short_name(action.name)
    if item.get("loop") is not None or any(str(key).startswith("with_") for key in item):
        hint = f"use {name.replace('import', 'include')} instead"
        raise PlaybookError(f"you cannot use loops on {name!r} statements", place=place, hint=hint)
    return hand_down(scope.outer, item, place)


def _import_tasks(item: dict[str, Any], action: Action, key: str, scope: Scope, place: Place) -> Iterable[Node]:
    inner = _check_import(item, action, scope, place)
    args = split_args(action)
    target = scope.reading.render(
        args.get("_raw_params") or args["file"],
        scope.names(inner),
        "the imported file's name",
        undefined=Status.UNREADABLE,
    )
    path = find_tasks_file(target, place=place, role=scope.role, basedir=scope.basedir, is_handler=scope.is_handler)
    body = load_tasks_file(path, key, scope.entering((path, "tasks"), place, outer=inner, place=Place(path)))
    if scope.is_handler:
        return body
    return (Block(key=key, place=place, keywords=inner, name=item.get("name"), body=body, role=scope.role),)


def load_tasks_file(path: str, key: str, scope: Scope) -> tuple[Node, ...]:
    """The nodes of a tasks file."""
    value = scope.reading.load(path)
    if value is not None and not isinstance(value, list):
        raise NotIncluded(f"a tasks file holds a list of tasks, not {kind_of(value)}", place=place_in(value, path))
    return load_nodes(value, key, scope)


def find_tasks_file(
    name: str, *, place: Place | None, role: Role | None, basedir: str, is_handler: bool = False
) -> str:
    """The path of the tasks file ``name`` that a statement at ``place`` asks for.

    Looked for beside the file that asks, in the role's tasks/ (handlers/ for handlers) and the role itself,
    in tasks/ beside the playbook, and beside the playbook.
    """
    kind = "handlers" if is_handler else "tasks"
    name = os.path.expanduser(name)
    places = [os.path.dirname(place.file) or "."] if place else []
    if role:
        places += [
            os.path.join(role.path, kind),
            os.path.join(role.path, "tasks"),
            role.path,
            os.path.join(basedir, kind),
        ]
    candidates = [os.path.normpath(os.path.join(each, name)) for each in (*places, basedir)]
    for path in candidates:
        if os.path.isfile(path):
            return path
    near = [each for directory in places if os.path.isdir(directory) for each in os.listdir(directory)]
    raise MissingFile(
        f"the tasks file {name!r} was not found",
        place=place_of(name) or place,
        evidence="looked at " + ", ".join(dict.fromkeys(candidates)),
        hint=keywords.near_file(name, near),
    )


def _import_role(item: dict[str, Any], action: Action, key: str, scope: Scope, place: Place) -> Iterable[Node]:
    inner = _check_import(item, action, scope, place)
    args = split_args(action)
    names = scope.names(inner)
    files = {
        kind: Text(scope.reading.render(args[f"{kind}_from"], names, f"{kind}_from"), place_of(args[f"{kind}_from"]))
        for kind in ("tasks", "vars", "defaults", "handlers")
        if f"{kind}_from" in args
    }
    use = RoleUse(
        name=args.get("name") or args.get("role"),
        place=place,
        given={"vars": item.get("vars") or {}},
        from_files=files,
        is_included=True,
        public=keywords.is_true(args.get("public", not scope.reading.options.private_role_vars)),
        allow_duplicates=keywords.is_true(args.get("allow_duplicates", True)),
        validate=keywords.is_true(args.get("rolespec_validate", True)),
    )
    return role_nodes(use, key, replace(scope, outer=inner), sink=scope.handlers)


def role_nodes(
    use: RoleUse, key: str, scope: Scope, *, sink: list[Node], beside: str | None = None
) -> tuple[Block, ...]:
    """The blocks of a role: those of the roles it depends on, then its own. Its handlers go to ``sink``.

    ``beside``: the directory of the role that depends on it, where it is looked for as well.
    """
    reading = scope.reading
    name = reading.render(use.name, scope.names(scope.outer), "the role's name")
    found = roles.find_role(
        name,
        reading,
        basedir=scope.basedir,
        beside=beside,
        collections=scope.outer.collections,
        place=use.place,
    )
    reading.options.locator.meet(os.path.abspath(found.path))
    meta = roles.load_meta(reading, found.path)
    keywords.check_variable_names(use.given.get("vars") or {}, use.place)
    parents = (scope.role, *scope.role.parents) if scope.role else ()
    role = roles.make_role(reading, use, found, meta, parents)
    given = {each: value for each, value in use.given.items() if each not in ("vars", "role", "name")}
    own = hand_down(replace(scope.outer, collections=()), given, use.place)
    step = (found.path, use.from_files.get("tasks", "main"))
    inner = scope.entering(step, use.place, role=role, outer=replace(own, collections=_collections(found, meta, scope)))
    needed: list[Block] = []
    for index, entry in enumerate(meta.dependencies):
        with reading.collecting(use.place):
            dependency = replace(roles.role_use(entry, place_of(entry) or Place(found.path)), is_dependency=True)
            needed += role_nodes(
                dependency, f"{key}.deps.{index}", inner, sink=sink, beside=os.path.dirname(found.path)
            )
    role = replace(
        role,
        dependencies=tuple(block.role.full_name for block in needed if block.role),
        depends_on=tuple(block.role for block in needed if block.role),
    )
    return (*needed, _role_block(use, role, meta, key, replace(inner, role=role), sink))


def _collections(found: roles.Found, meta: roles.Meta, scope: Scope) -> tuple[str, ...]:
    """The collections a role's short names are looked for in: its own, those of its meta, Ansible's last; of one that
    names none, the playbook's own."""
    names = tuple(dict.fromkeys(filter(None, (found.collection, *meta.collections))))
    names = names or tuple(filter(None, [roles.collection_around(scope.basedir)]))
    if not names or {"ansible.builtin", "ansible.legacy"} & set(names):
        return names
    return (*names, "ansible.builtin" if found.collection else "ansible.legacy")


def _role_block(use: RoleUse, role: Role, meta: roles.Meta, key: str, scope: Scope, sink: list[Node]) -> Block:
    reading, files = scope.reading, use.from_files
    body: list[Node] = []
    if use.validate:
        with reading.collecting(use.place):
            body += _validation(use, role, meta, key, scope)
    with reading.collecting(use.place):
        tasks = roles.role_file(reading, role.path, "tasks", files.get("tasks"))
        body += load_nodes(tasks, f"{key}.tasks", scope, "tasks/main")
    with reading.collecting(use.place):
        handlers = roles.role_file(reading, role.path, "handlers", files.get("handlers"))
        sink += load_nodes(handlers, f"{key}.handlers", replace(scope, is_handler=True), "handlers/main")
    return Block(
        key=key,
        place=use.place,
        keywords=scope.outer,
        name=role.full_name,
        body=tuple(body),
        role=role,
        is_role=True,
    )


def _validation(use: RoleUse, role: Role, meta: roles.Meta, key: str, scope: Scope) -> list[Task]:
    """The task that checks the role's arguments before anything else in it, where the role describes them."""
    entry_point = use.from_files.get("tasks", "main")
    spec = roles.argument_spec(scope.reading, role.path, meta, entry_point)
    if spec is None:
        return []
    name = f"Validating arguments against arg spec '{entry_point}'"
    if spec.get("short_description"):
        name += f" - {spec['short_description']}"
    context = {"type": "role", "name": role.name, "argument_spec_name": str(entry_point), "path": role.path}
    args = {
        "argument_spec": spec.get("options") or {},
        "provided_arguments": dict(use.params),
        "validate_args_context": context,
    }
    item = {"name": name, "tags": ["always"]}
    action = Action("ansible.builtin.validate_argument_spec", args)
    return [_task(item, action, f"{key}.argument_spec", scope, use.place)]
