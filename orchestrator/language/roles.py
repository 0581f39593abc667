"""Roles on disk: where they are looked for, and what their directories say."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from orchestrator.language import keywords
from orchestrator.language.keywords import did_you_mean
from orchestrator.language.load import kind_of
from orchestrator.language.reading import Options, Reading, combine, place_in
from orchestrator.language.tree import Role
from orchestrator.language.vars_files import EXTENSIONS, find_vars_files
from orchestrator.model.errors import MissingFile, PlaybookError, UnknownName
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Place, Text, place_of

_META = {"allow_duplicates", "dependencies", "galaxy_info", "argument_specs", "collections", *keywords.BASE}
_ARCHIVES = (".git", ".tar.gz")


@frozen(kw_only=True)
class RoleUse:
    """One line that uses a role. ``given`` are its keywords; ``from_files`` names other files than main, by
    kind: tasks, vars, defaults, handlers. ``allow_duplicates`` None: as the role's meta says."""

    name: Any
    place: Place
    given: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    from_files: Mapping[str, str] = field(default_factory=dict)
    is_included: bool = False
    public: bool = True
    allow_duplicates: bool | None = None
    validate: bool = True
    is_dependency: bool = False


@frozen
class Found:
    """A role on disk; ``collection`` is ``ns.name`` where it belongs to one."""

    name: str
    path: str
    collection: str | None = None


@frozen(kw_only=True)
class Meta:
    """What meta/main.yml says that matters at run time."""

    dependencies: tuple[Any, ...] = ()
    allow_duplicates: bool = False
    collections: tuple[str, ...] = ()
    argument_specs: Mapping[str, Any] = field(default_factory=dict)


def role_use(entry: Any, place: Place) -> RoleUse:
    """A line of ``roles:`` or of a role's dependencies; unknown keys are parameters of the role."""
    if isinstance(entry, int) and not isinstance(entry, bool):
        entry = Text(str(entry), place)
    if isinstance(entry, str):
        if "," in entry:
            raise UnknownName(f"invalid old style role requirement: {entry}", place=place_of(entry) or place)
        return RoleUse(name=entry, place=place_of(entry) or place)
    if not isinstance(entry, dict):
        raise PlaybookError(f"a role is a name or a mapping, not {kind_of(entry)}", place=place)
    place = place_of(entry) or place
    name = entry.get("role") or entry.get("name") or _name_of_source(entry.get("src"))
    if not name or not isinstance(name, str):
        raise UnknownName("a role definition must contain a role name", place=place, hint="- role: NAME")
    given = {key: value for key, value in entry.items() if key in keywords.ROLE}
    params = {key: value for key, value in entry.items() if key not in keywords.ROLE}
    keywords.check_keys(given, keywords.ROLE, "role", place)
    return RoleUse(name=name, place=place, given=given, params=params)


def _name_of_source(source: Any) -> Any:
    """The role's name in a galaxy source: ``git+https://host/x/role.git,v1`` is ``role``; a third part names
    it.
    """
    if not isinstance(source, str):
        return None
    parts = source.split(",")
    if len(parts) == 3:
        return Text(parts[2].strip(), place_of(source))
    name = parts[0].strip()
    if "/" in name:
        name = name.rsplit("/", 1)[1]
    for archive in _ARCHIVES:
        name = name.removesuffix(archive)
    return Text(name, place_of(source))


def find_role(
    name: str,
    reading: Reading,
    *,
    basedir: str,
    beside: str | None,
    collections: tuple[str, ...],
    place: Place,
) -> Found:
    """Where the role ``name`` is: in a collection, in ``roles/`` beside the playbook, on the roles path,
    beside the role that asks for it (``beside``), beside the playbook, or at that very path."""
    if found := _in_collections(name, reading, basedir, collections):
        return found
    places = [
        os.path.join(basedir, "roles"),
        *reading.options.roles_path,
        *([beside] if beside else []),
        basedir,
    ]
    for directory in places:
        path = _real(os.path.join(directory, name))
        if os.path.exists(path):
            return Found(name, path)
    if os.path.exists(_real(name)):  # relative to where we were started, or below ~
        return Found(os.path.basename(name), _real(name))
    known = {each for directory in places[:-1] if os.path.isdir(directory) for each in os.listdir(directory)}
    raise MissingFile(
        f"the role {name!r} was not found",
        place=place,
        evidence="looked in " + ":".join(dict.fromkeys(each or "." for each in places)),
        hint=did_you_mean(name, known) or "ansible-galaxy role install puts roles into ~/.ansible/roles",
    )


def collection_roots(basedir: str, options: Options) -> list[str]:
    """Directories that hold ``ansible_collections``: beside the playbook, around it where it is a collection's own,
    and those of the configuration."""
    above, found, _ = os.path.abspath(basedir).partition(f"{os.sep}ansible_collections{os.sep}")
    return [os.path.join(basedir, "collections"), *([above] if found else []), *options.collections_path]


def collection_around(path: str) -> str | None:
    """The collection (``NAMESPACE.NAME``) among whose ``playbooks/`` the file or directory ``path`` is."""
    directories = os.path.abspath(path).split(os.sep)
    if "ansible_collections" not in directories:
        return None
    namespace, name, kind, *_ = [*directories[directories.index("ansible_collections") + 1 :], "", "", ""]
    return f"{namespace}.{name}" if kind == "playbooks" else None


def _in_collections(name: str, reading: Reading, basedir: str, collections: tuple[str, ...]) -> Found | None:
    """A role in a directory below ``roles/`` of its collection bears its last name alone, as in Ansible."""
    parts = name.split(".")
    if len(parts) >= 3 and all(part.isidentifier() for part in parts):
        wanted = [(".".join(parts[:2]), ".".join(parts[2:]))]
    else:
        wanted = [(each, name) for each in collections if each not in ("ansible.builtin", "ansible.legacy")]
    for collection, short in wanted:
        for root in collection_roots(basedir, reading.options):
            base = os.path.join(root, "ansible_collections", *collection.split("."), "roles")
            path = os.path.join(base, *short.split("."))
            if os.path.isdir(path):
                return Found(short.rpartition(".")[2], _real(path), collection)
    return None


def _real(path: str) -> str:
    return os.path.realpath(os.path.expandvars(os.path.expanduser(path)))


def load_meta(reading: Reading, path: str) -> Meta:
    """What the role's meta/ says; unknown keys are told, as in Ansible."""
    value = role_file(reading, path, "meta")
    if not value:
        return Meta()
    where = place_in(value, os.path.join(path, "meta"))
    if not isinstance(value, dict):
        raise PlaybookError(f"meta/main of a role holds a mapping, not {kind_of(value)}", place=where)
    for key in value:
        if key not in _META:
            hint = did_you_mean(str(key), _META)
            raise PlaybookError(f"{key!r} is not a keyword of a role's meta", place=place_of(key) or where, hint=hint)
    dependencies = value.get("dependencies") or []
    if not isinstance(dependencies, list):
        raise PlaybookError("role dependencies are a list", place=place_in(dependencies, where.file))
    return Meta(
        dependencies=tuple(dependencies),
        allow_duplicates=keywords.is_true(value.get("allow_duplicates", False)),
        collections=tuple(str(each) for each in keywords.as_list(value.get("collections"))),
        argument_specs=value.get("argument_specs") or {},
    )


def role_file(reading: Reading, path: str, kind: str, name: str | None = None, *, allow_dir: bool = False) -> Any:
    """The contents of ``kind``/main (or ``kind``/NAME) of the role at ``path``; None where it has none.

    ``allow_dir``: a directory of variables files counts, all of them together. A file that was named must
    exist and lie inside the role's directory of its kind.
    """
    directory = os.path.join(path, kind)
    if not os.path.isdir(directory):
        return None
    extensions = (*EXTENSIONS, "") if name is None else ("", *EXTENSIONS)
    files = find_vars_files(directory, name or "main", extensions, allow_dir=allow_dir)
    if not files and name is not None:
        hint = did_you_mean(name, (os.path.splitext(each)[0] for each in os.listdir(directory)))
        raise PlaybookError(
            f"the role has no {kind}/{name}",
            place=place_of(name) or Place(path),
            evidence=f"looked in {directory}",
            hint=hint,
        )
    data: Any = None
    for file in files:
        if os.path.commonpath([os.path.realpath(file), os.path.realpath(directory)]) != os.path.realpath(directory):
            raise PlaybookError(
                f"{file} is not inside the role's {kind} directory", place=place_of(name) or Place(path)
            )
        value = reading.load(file)
        if value and isinstance(value, dict) and isinstance(data, dict):
            data = combine(data, value, reading.options.hash_behaviour)
        elif value:
            data = value
    return data


def role_vars(reading: Reading, path: str, kind: str, name: str | None) -> Mapping[str, Any]:
    """The mapping in the role's defaults/ or vars/."""
    value = role_file(reading, path, kind, name, allow_dir=True)
    if value is None:
        return {}
    if not isinstance(value, dict):
        where = place_in(value, os.path.join(path, kind))
        raise PlaybookError(f"{kind}/main of a role holds a mapping of variables, not {kind_of(value)}", place=where)
    return value


def argument_spec(reading: Reading, path: str, meta: Meta, entry_point: str) -> Mapping[str, Any] | None:
    """The role's argument specification for this entry point: of meta/argument_specs.yml, else of
    meta/main.yml.
    """
    specs: Any = meta.argument_specs
    for extension in EXTENSIONS:
        if os.path.exists(os.path.join(path, "meta", "argument_specs" + extension)):
            whole = role_file(reading, path, "meta", "argument_specs")
            specs = whole.get("argument_specs") if isinstance(whole, dict) else {}
            break
    spec = specs.get(entry_point) if isinstance(specs, dict) else None
    return spec if isinstance(spec, dict) and spec else None


def make_role(reading: Reading, use: RoleUse, found: Found, meta: Meta, parents: tuple[Role, ...]) -> Role:
    """The role as a value, with the variables its files bring."""
    files = use.from_files
    given_vars = use.given.get("vars") or {}
    return Role(
        name=found.name,
        path=found.path,
        fqcn=f"{found.collection}.{found.name}" if found.collection else None,
        defaults=role_vars(reading, found.path, "defaults", files.get("defaults")),
        vars=role_vars(reading, found.path, "vars", files.get("vars")),
        params=use.params,
        given_vars=given_vars,
        parents=parents,
        public=use.public and (use.is_included or not reading.options.private_role_vars),
        is_dependency=use.is_dependency,
        allow_duplicates=meta.allow_duplicates if use.allow_duplicates is None else use.allow_duplicates,
        key=_key(found, use, given_vars),
    )


def _key(found: Found, use: RoleUse, given_vars: Mapping[str, Any]) -> str:
    """Equal for two uses that Ansible counts as the same: name, path, parameters, when, tags, files and vars."""
    said = (
        found.path,
        sorted(map(repr, use.params.items())),
        keywords.as_list(use.given.get("when")),
        sorted(map(repr, keywords.tags_of(use.given.get("tags")))),
        sorted((kind, file) for kind, file in use.from_files.items() if file not in (None, "main")),
        sorted(map(repr, given_vars.items())),
        use.is_included,
    )
    return f"{found.name}:{hashlib.sha256(repr(said).encode()).hexdigest()[:16]}"
