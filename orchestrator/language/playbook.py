"""Playbook files as plays: the way in for whole playbooks, and for what the engine includes while it runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from orchestrator.language import keywords
from orchestrator.language.impossible import tell_impossible
from orchestrator.language.keywords import as_list, check_keys, hand_down
from orchestrator.language.load import Vaulted, is_template, kind_of
from orchestrator.language.nodes import Scope, find_tasks_file, load_nodes, load_tasks_file, role_nodes
from orchestrator.language.reading import Options, Reading, place_in
from orchestrator.language.roles import RoleUse, collection_around, collection_roots, role_use
from orchestrator.language.tree import Block, Keywords, Node, Play, Playbook, Prompt, Role, Task
from orchestrator.model.errors import MissingFile, PlaybookError
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Place, Text, place_of
from orchestrator.model.status import Status

_IMPORTS = ("import_playbook", "ansible.builtin.import_playbook", "ansible.legacy.import_playbook")
_PROMPT_KEYS = ("name", "prompt", "default", "private", "confirm", "encrypt", "salt_size", "salt", "unsafe")


@frozen(kw_only=True)
class Loaded:
    """What a dynamic include brings: ``nodes`` to run now, ``handlers`` to know from now on, ``files`` that
    were read (path → SHA-256), and the ``role`` where it is one."""

    nodes: tuple[Node, ...]
    handlers: tuple[Node, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    role: Role | None = None


def load_playbooks(paths: Sequence[str], options: Options | None = None) -> Playbook:
    """All plays of the playbook files, in order. Raises PlaybookErrors with everything that is wrong in any
    of them.
    """
    reading = Reading(options or Options())
    plays: list[Play] = []
    begins: set[int] = set()
    for name in paths:
        path = name if os.path.exists(name) else _in_collection(name, ".", reading.options) or name
        with reading.collecting(Place(path)):
            found = _plays(path, reading, _Import(), len(plays))
            begins |= {found[0].index} if plays else set()
            plays += found
    playbook = Playbook(plays=tuple(plays), files=reading.files, begins=frozenset(begins))
    reading.finish(playbook)
    return playbook


@frozen(kw_only=True)
class _Import:
    """What ``import_playbook`` says of the plays it brings; ``chain`` are the playbooks that lead here."""

    keywords: Keywords = field(default_factory=Keywords)
    vars: Mapping[str, Any] = field(default_factory=dict)
    chain: tuple[str, ...] = ()


def _plays(path: str, reading: Reading, around: _Import, count: int) -> list[Play]:
    around = _with_collection_of(path, around)
    entries = reading.load(path)
    reading.options.locator.meet(os.path.dirname(os.path.abspath(path)))
    where = place_in(entries, path)
    if entries is None or entries == []:
        raise PlaybookError("the playbook is empty, nothing to do", place=where, hint="- hosts: all")
    if not isinstance(entries, list):
        hint = "begin each play with '- '"
        raise PlaybookError(f"a playbook is a list of plays, not {kind_of(entries)}", place=where, hint=hint)
    plays: list[Play] = []
    for entry in entries:
        place = place_of(entry) or where
        with reading.collecting(place):
            if not isinstance(entry, dict):
                raise PlaybookError("a playbook's entries are plays or import_playbook statements", place=place)
            if any(key in entry for key in _IMPORTS):
                plays += _import_playbook(entry, path, reading, around, count + len(plays), place)
            else:
                plays.append(_play(entry, path, reading, around, count + len(plays) + 1, place))
    return plays


def _import_playbook(
    entry: dict[str, Any], path: str, reading: Reading, around: _Import, count: int, place: Place
) -> list[Play]:
    used = [key for key in _IMPORTS if key in entry]
    if len(used) > 1:
        raise PlaybookError(f"conflicting import_playbook actions: {', '.join(used)}", place=place)
    said = {key: value for key, value in entry.items() if key != used[0]}
    check_keys(said, keywords.PLAYBOOK_IMPORT, "playbook import", place)
    own_vars = said.get("vars") or {}
    keywords.check_variable_names(own_vars, place)
    target = reading.render(
        entry[used[0]],
        {**own_vars, **around.vars},
        "the imported playbook's name",
        undefined=Status.UNREADABLE,
        broken=Status.UNREADABLE,
    )
    file = _find_playbook(target, os.path.dirname(path), reading.options, place_of(entry[used[0]]) or place)
    chain = (*around.chain, os.path.realpath(path))
    if os.path.realpath(file) in chain:
        raise PlaybookError("the playbook imports itself", place=place, evidence=" → ".join((*chain, file)))
    said = {key: said[key] for key in ("when", "tags") if key in said}
    inner = _Import(keywords=hand_down(around.keywords, said, place), vars={**own_vars, **around.vars}, chain=chain)
    return _plays(file, reading, inner, count)


def _find_playbook(name: str, basedir: str, options: Options, place: Place) -> str:
    if found := _in_collection(name, basedir, options):
        return found
    path = os.path.normpath(os.path.join(basedir, os.path.expanduser(name)))
    if not os.path.isfile(path):
        directory = os.path.dirname(path) or "."
        near = os.listdir(directory) if os.path.isdir(directory) else []
        hint = keywords.near_file(path, near)
        raise MissingFile(f"the playbook {name!r} was not found", place=place, evidence=f"looked at {path}", hint=hint)
    return path


def _in_collection(name: str, basedir: str, options: Options) -> str | None:
    """The file of a playbook that is named ``NAMESPACE.COLLECTION.PLAYBOOK``, with or without .yml at its end."""
    parts = name.removesuffix(".yml").removesuffix(".yaml").split(".")
    if len(parts) < 3 or not all(part.isidentifier() for part in parts):
        return None
    for root in collection_roots(basedir, options):
        base = os.path.join(root, "ansible_collections", parts[0], parts[1], "playbooks", *parts[2:])
        if found := next((base + end for end in (".yml", ".yaml") if os.path.isfile(base + end)), None):
            return found
    return None


def _with_collection_of(path: str, around: _Import) -> _Import:
    """``around`` for the plays of ``path``: in a playbook of a collection, short names are looked for there first."""
    if (collection := collection_around(path)) is None:
        return around
    keyword = {"collections": [collection]}
    return replace(around, keywords=hand_down(around.keywords, keyword, Place(path)))


def _play(entry: dict[str, Any], path: str, reading: Reading, around: _Import, index: int, place: Place) -> Play:
    entry = _checked(_without_user(entry, place), reading, place)
    _check_hosts(entry, place)
    own_vars = entry.get("vars") or {}
    if not isinstance(own_vars, dict):
        raise PlaybookError(f"a play's vars are a mapping, not {kind_of(own_vars)}", place=place_of(own_vars) or place)
    play_vars = {**own_vars, **around.vars}
    keywords.check_variable_names(play_vars, place)
    outer = hand_down(around.keywords, {key: value for key, value in entry.items() if key != "vars"}, place)
    basedir = os.path.dirname(path)
    vars_files = tuple(as_list(entry.get("vars_files")))
    variables = {**play_vars, **_plain_vars_files(vars_files, basedir, reading)}
    scope = Scope(reading=reading, basedir=basedir, place=place, outer=outer, variables=variables)
    role_handlers: list[Node] = []
    sections = _sections(entry, index, scope, role_handlers)
    handlers: tuple[Node, ...] = ()
    with reading.collecting(place):
        handlers = load_nodes(entry.get("handlers"), f"{index}.handlers", replace(scope, is_handler=True), "handlers")
    return Play(
        index=index,
        place=place,
        name=entry.get("name") or _hosts_as_name(entry["hosts"]),
        hosts=entry["hosts"],
        keywords=outer,
        path=path,
        vars=play_vars,
        vars_files=vars_files,
        vars_prompt=_prompts(entry.get("vars_prompt"), place),
        gather_facts=entry.get("gather_facts"),
        gather_subset=entry.get("gather_subset"),
        gather_timeout=entry.get("gather_timeout"),
        fact_path=entry.get("fact_path"),
        serial=tuple(as_list(entry.get("serial"))),
        strategy=entry.get("strategy"),
        order=entry.get("order"),
        force_handlers=entry.get("force_handlers"),
        handlers=(*handlers, *scope.handlers),
        role_handlers=tuple(role_handlers),
        **sections,
    )


def _sections(entry: dict[str, Any], index: int, scope: Scope, role_handlers: list[Node]) -> dict[str, Any]:
    """The play's lists of tasks by name, and its roles: those are read first, since they may bring modules."""
    blocks: list[Block] = []
    with scope.reading.collecting(scope.place):
        lines = entry.get("roles")
        if lines is not None and not isinstance(lines, list):
            raise PlaybookError(
                f"roles takes a list, not {kind_of(lines)}",
                place=keywords.key_place(entry, "roles", scope.place),
            )
        for number, line in enumerate(lines or []):
            with scope.reading.collecting(scope.place):
                use = role_use(line, place_of(line) or place_of(lines) or scope.place)
                blocks += role_nodes(use, f"{index}.roles.{number}", scope, sink=role_handlers)
    found: dict[str, Any] = {"roles": tuple(blocks)}
    for name in ("pre_tasks", "tasks", "post_tasks"):
        found[name] = ()
        with scope.reading.collecting(scope.place):
            found[name] = load_nodes(entry.get(name), f"{index}.{name}", scope, name)
    return found


def _without_user(entry: dict[str, Any], place: Place) -> dict[str, Any]:
    """The play with its ``user``, an old word for ``remote_user``, under the new name."""
    if "user" not in entry:
        return entry
    if "remote_user" in entry:
        raise PlaybookError("both 'user' and 'remote_user' are set for this play", place=place, hint="keep remote_user")
    return {("remote_user" if key == "user" else key): value for key, value in entry.items()}


def _checked(entry: dict[str, Any], reading: Reading, place: Place) -> dict[str, Any]:
    """The play without the keywords that are wrong; each of those is told, and the rest is read on."""
    sound = {}
    for key, value in entry.items():
        with reading.collecting(place):
            check_keys({key: value}, keywords.PLAY, "play", place, reading.options.late)
            tell_impossible({key: value}, reading.options.impossible, place)
            sound[key] = value
    return sound


def _check_hosts(entry: dict[str, Any], place: Place) -> None:
    if "hosts" not in entry:
        near = keywords.did_you_mean("hosts", map(str, entry))
        raise PlaybookError("the play names no hosts", place=place, hint=near or "hosts: all")
    hosts = entry["hosts"]
    where = place_of(hosts) or next(place_of(key) or place for key in entry if key == "hosts")
    if not hosts or (isinstance(hosts, str) and not hosts.strip()):
        raise PlaybookError("hosts cannot be empty", place=where, hint="hosts: all")
    for each in hosts if isinstance(hosts, list) else [hosts]:
        if not isinstance(each, str | Vaulted) or (isinstance(each, str) and not each.strip()):
            raise PlaybookError(f"hosts takes names and patterns, not {kind_of(each)}", place=where)


def _hosts_as_name(hosts: Any) -> Any:
    if isinstance(hosts, list):
        return Text(",".join(map(str, hosts)), place_of(hosts))
    return hosts


def _plain_vars_files(files: tuple[Any, ...], basedir: str, reading: Reading) -> dict[str, Any]:
    """The variables of those ``vars_files`` whose names hold no template, for the names of static imports.

    Nothing is said about missing or broken files here: they are read again, with all variables, when the play
    runs.
    """
    found: dict[str, Any] = {}
    quiet = Reading(reading.options)
    for entry in files:
        for name in as_list(entry):
            path = os.path.join(basedir, os.path.expanduser(str(name)))
            if is_template(name) or not os.path.isfile(path):
                continue
            with quiet.collecting():
                value = quiet.load(path)
                found.update(value if isinstance(value, dict) else {})
            break
    return found


def _prompts(value: Any, place: Place) -> tuple[Prompt, ...]:
    found = []
    for each in as_list(value):
        where = place_of(each) or place
        if not isinstance(each, dict) or "name" not in each:
            raise PlaybookError("an entry of vars_prompt is a mapping with a name", place=where)
        check_keys(each, dict.fromkeys(_PROMPT_KEYS, "any"), "vars_prompt", where)
        found.append(_prompt(each, where))
    return tuple(found)


def _prompt(each: dict[str, Any], place: Place) -> Prompt:
    keywords.check_variable_names({each["name"]: None}, place)
    keywords.check_type("salt_size", "int", each.get("salt_size"), place)
    for key in ("private", "confirm", "unsafe"):
        keywords.check_type(key, "bool", each.get(key), place)
    return Prompt(
        name=each["name"],
        prompt=each.get("prompt"),
        default=each.get("default"),
        private=keywords.is_true(each.get("private", True)),
        confirm=keywords.is_true(each.get("confirm", False)),
        encrypt=each.get("encrypt"),
        salt=each.get("salt"),
        salt_size=int(each["salt_size"]) if each.get("salt_size") is not None else None,
        unsafe=keywords.is_true(each.get("unsafe", False)),
    )


def handed_down(include: Task, apply: Mapping[str, Any] | None = None) -> Keywords:
    """The keywords for what a dynamic include brings: those around the include, its variables, and its
    ``apply``.
    """
    base = replace(include.outer, vars=include.keywords.vars, include_params=include.keywords.include_params)
    check_keys(apply or {}, keywords.BLOCK, "apply", include.place)
    return hand_down(base, apply or {}, include.place)


def load_tasks(
    file: str,
    include: Task,
    *,
    key_prefix: str,
    within: str,
    playbook: str,
    apply: Mapping[str, Any] | None = None,
    variables: Mapping[str, Any] | None = None,
    options: Options | None = None,
) -> Loaded:
    """What ``include`` (an include_tasks, already rendered to ``file``) brings, in place of itself.

    ``key_prefix`` and ``within`` begin the tasks' keys and identities; ``playbook`` is the play's path; ``variables``
    serve static imports inside. Raises PlaybookErrors.
    """
    reading = Reading(options or Options(), within=within)
    nodes: tuple[Node, ...] = ()
    handlers: list[Node] = []
    with reading.collecting(include.place):
        basedir = os.path.dirname(playbook)
        path = find_tasks_file(
            file, place=include.place, role=include.role, basedir=basedir, is_handler=include.is_handler
        )
        scope = Scope(
            reading=reading,
            basedir=basedir,
            place=include.place,
            outer=handed_down(include, apply),
            variables=variables or {},
            role=include.role,
            is_handler=include.is_handler,
            handlers=handlers,
        )
        nodes = load_tasks_file(path, key_prefix, scope)
    reading.finish()
    return Loaded(nodes=nodes, handlers=tuple(handlers), files=reading.files, role=include.role)


def load_role(
    name: str,
    include: Task,
    *,
    key_prefix: str,
    within: str,
    playbook: str,
    from_files: Mapping[str, str] | None = None,
    apply: Mapping[str, Any] | None = None,
    public: bool = False,
    allow_duplicates: bool = True,
    validate: bool = True,
    variables: Mapping[str, Any] | None = None,
    options: Options | None = None,
) -> Loaded:
    """What ``include`` (an include_role of ``name``, already rendered) brings: the role's blocks and its
    handlers.

    ``from_files`` maps tasks, vars, defaults and handlers to names other than main. Raises PlaybookErrors.
    """
    reading = Reading(options or Options(), within=within)
    handlers: list[Node] = []
    blocks: tuple[Block, ...] = ()
    with reading.collecting(include.place):
        scope = Scope(
            reading=reading,
            basedir=os.path.dirname(playbook),
            place=include.place,
            outer=handed_down(include, apply),
            variables=variables or {},
            role=include.role,
            handlers=handlers,
        )
        use = RoleUse(
            name=name,
            place=include.place,
            given={"vars": include.keywords.include_params[-1] if include.keywords.include_params else {}},
            from_files=from_files or {},
            is_included=True,
            public=public,
            allow_duplicates=allow_duplicates,
            validate=validate,
        )
        blocks = role_nodes(use, key_prefix, scope, sink=handlers)
    reading.finish()
    return Loaded(nodes=blocks, handlers=tuple(handlers), files=reading.files, role=blocks[-1].role)
