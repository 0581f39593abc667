"""Where people keep modules of their own: ``library/``, ``action_plugins/`` and ``module_utils/`` beside playbooks and
in roles, the directories of the configuration, and ``plugins/modules/`` and ``plugins/action/`` of collections.

Order as in ansible-core 2.19: what was read first comes first – the playbook's, then the roles' as they are met – and
the configured directories behind them.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from orchestrator.language.connections import stands_for
from orchestrator.language.routing import BUILTIN_REDIRECTS, Routing
from orchestrator.model.frozen import frozen

NO_MODULES = tuple(".pyc .pyo .swp .bak ~ .rpm .md .txt .rst .yaml .yml .json .ini .ps1".split())
"""How names of files end that are no module (``MODULE_IGNORE_EXTS`` of ansible-core), or one for Windows."""
OF_CORE = "ansible.builtin."
OF_ANSIBLE = "ansible.legacy."
OURS = {"ansible.builtin.local": "local", "ansible.builtin.ssh": "ssh"}
"""Connections of ours that a collection's may have become."""
NEVER_OWN = frozenset(
    "add_host assemble assert async_status copy debug fail fetch gather_facts group_by import_role import_tasks "
    "include_role include_tasks include_vars meta package pause raw reboot script service set_fact set_stats shell "
    "template unarchive uri validate_argument_spec wait_for_connection".split()
)
"""What Ansible does on the controller, by a plug-in: a file in ``library/`` does not take its name away."""
NEVER_ACTION = frozenset("import_playbook import_role import_tasks include_role include_tasks meta".split())
"""What no plug-in does: an action plug-in does not take these names away either."""


@frozen
class OwnModule:
    """A module's file: ``path``, the ``name`` by which Ansible knows it, and whether a ``collection`` holds it."""

    path: str
    name: str
    collection: str | None = None
    is_action: bool = False
    """Whether it is an action plug-in, which runs on the controller and hands work on to modules."""

    @property
    def is_python(self) -> bool:
        """Whether its name says so; the file itself knows better."""
        return self.path.endswith(".py")


class Locator:
    """Finds the modules and plug-ins of users that playbooks may name; grows as playbooks and roles are read."""

    def __init__(
        self,
        modules: Sequence[str] = (),
        module_utils: Sequence[str] = (),
        collections: Sequence[str] = (),
        ours: frozenset[str] = frozenset(),
        actions: Sequence[str] = (),
        plugins: Mapping[str, Sequence[str]] | None = None,
        elsewhere: Container[str] = (),
    ) -> None:
        """All are directories: of modules, of what they import, those that hold ``ansible_collections/``, of action
        plug-ins, and of other ``plugins`` by their kind.

        ``ours``: full names of modules that orch has itself, which no collection takes away. ``elsewhere``: those of
        collections that need not be installed to be named."""
        self._ours = ours
        self._elsewhere = elsewhere
        self._configured = [each for directory in modules for each in _with_inner(os.path.expanduser(directory))]
        self._actions_configured = [os.path.expanduser(each) for each in actions]
        self._plugins_configured = dict(plugins or {})
        self._met: list[str] = []
        self._utils_configured = [os.path.expanduser(each) for each in module_utils]
        self._roots = [os.path.expanduser(each) for each in collections]
        self._listed: dict[str, dict[str, str]] = {}
        self.routing = Routing(lambda: self.collections)
        """What the collections say of names."""

    def meet(self, directory: str) -> None:
        """A playbook or role in ``directory`` is read: it may bring modules and collections."""
        if directory not in self._met:
            self._met.append(directory)
            self._roots.insert(len(self._met) - 1, os.path.join(directory, "collections"))

    @property
    def module_utils(self) -> tuple[str, ...]:
        """The directories that ``ansible.module_utils`` stands for, beside Ansible's own."""
        return tuple(_there((*self._beside("module_utils"), *self._utils_configured)))

    @property
    def collections(self) -> tuple[str, ...]:
        """The directories in which ``ansible_collections`` lies."""
        return tuple(root for root in dict.fromkeys(self._roots) if os.path.isdir(f"{root}/ansible_collections"))

    def routed(self, action: str, collections: Sequence[str] = ()) -> str:
        """The name by which ``action`` is to be found: another one where its collection, or one that the keyword
        ``collections`` names, has handed it on. Raises RemovedAction where it is gone."""
        if (short := action.removeprefix(OF_CORE)) in BUILTIN_REDIRECTS:
            return BUILTIN_REDIRECTS[short]
        if action.startswith((OF_CORE, OF_ANSIBLE)):
            return action
        for full in [action] if "." in action else [f"{each}.{action}" for each in collections]:
            if full in self._ours:
                return full
            if (target := self.routing.target(full)) != full:
                return target
            if self._in_collection(full):
                break
            if full in self._elsewhere:
                return full
        return action

    def find(self, action: str, collections: Sequence[str] = (), *, actions: bool = True) -> OwnModule | None:
        """The module that ``action`` names where it is one of the user's; ``collections`` as the keyword says.

        An action plug-in comes before a module of its name, unless no ``actions`` are wanted."""
        name = action.removeprefix(OF_ANSIBLE)
        if name.startswith(OF_CORE):
            return None
        if "." in name:
            return self._in_collection(name, actions)
        candidates = [] if action.startswith(OF_ANSIBLE) else [f"{each}.{name}" for each in collections]
        for full in candidates:
            if full.startswith(OF_CORE) and full in self._ours:
                return None
            if not full.startswith((OF_CORE, OF_ANSIBLE)) and (found := self._in_collection(full, actions)):
                return found
        if actions and name not in NEVER_ACTION and (path := self._action(name)):
            return OwnModule(path, name, is_action=True)
        if name in NEVER_OWN:
            return None
        directories = (*self._beside("library"), *self._configured)
        path = next(filter(None, (self._files(each).get(name) for each in directories)), None)
        return None if path is None else OwnModule(path, name)

    def plugin(self, kind: str, name: str) -> str | None:
        """The file of the plug-in ``name`` of a ``kind`` as collections name it: ``connection``, ``inventory`` …"""
        namespace, _, rest = (name := self.routing.plugin(kind, name)).partition(".")
        collection, _, short = rest.partition(".")
        if short:
            inside = os.path.join("ansible_collections", namespace, collection, "plugins", kind)
            directories = [os.path.join(root, inside) for root in self.collections]
        else:
            directories = self.plugin_directories(kind)
        file = f"{short or name}.py"
        return next((path for each in directories if (path := self._files(each).get(file))), None)

    def plugin_directories(self, kind: str) -> list[str]:
        """Where plug-ins of a ``kind`` lie that no collection holds."""
        configured = map(os.path.expanduser, self._plugins_configured.get(kind, ()))
        return [*self._beside(f"{kind}_plugins"), *configured]

    def connection(self, name: str) -> str | None:
        """The connection of ours that the plug-in ``name`` stands for: ``local``, ``ssh`` or None."""
        name = self.routing.plugin("connection", name)
        path = self.plugin("connection", name)
        return OURS.get(name) if path is None else stands_for(path)

    def _action(self, name: str) -> str | None:
        """The file of the action plug-in ``name`` beside playbooks, in roles and where the configuration says."""
        directories = (*self._beside("action_plugins"), *self._actions_configured)
        return next((path for each in directories if (path := self._files(each).get(f"{name}.py"))), None)

    def _in_collection(self, full: str, actions: bool = True) -> OwnModule | None:
        namespace, _, rest = full.partition(".")
        collection, _, name = rest.partition(".")
        if not (name and namespace.isidentifier() and collection.isidentifier()) or full in self._ours:
            return None
        *inner, short = name.split(".")
        for root in dict.fromkeys(self._roots):
            place = os.path.join(root, "ansible_collections", namespace, collection)
            modules, plugins = (os.path.join(place, "plugins", kind, *inner) for kind in ("modules", "action"))
            if actions and (path := self._files(plugins).get(f"{short}.py")):
                return OwnModule(path, full, f"{namespace}.{collection}", is_action=True)
            if path := self._files(modules).get(short):
                return OwnModule(path, full, f"{namespace}.{collection}")
        return None

    def _beside(self, kind: str) -> Iterator[str]:
        return (os.path.join(directory, kind) for directory in self._met)

    def _files(self, directory: str) -> dict[str, str]:
        """The files of ``directory`` by module name, with and without their endings; each is listed once a run."""
        if directory not in self._listed:
            self._listed[directory] = _modules_in(directory)
        return self._listed[directory]


def _modules_in(directory: str) -> dict[str, str]:
    found: dict[str, str] = {}
    names = os.listdir(directory) if os.path.isdir(directory) else []
    for name in sorted(names, key=lambda name: (not name.endswith(".py"), name)):
        path = os.path.join(directory, name)
        if name.endswith((*NO_MODULES, "__init__.py")) or not os.path.isfile(path):
            continue
        stem = os.path.splitext(name)[0]
        for each in (stem, name, stem.removeprefix("_")):
            found.setdefault(each, path)
    return found


def _with_inner(directory: str) -> list[str]:
    """A configured directory, behind the directories up to two levels below it, which count too."""
    inner = [f"{directory}/{one}" for one in _directories(directory)]
    return [*inner, *(f"{one}/{two}" for one in inner for two in _directories(one)), directory]


def _directories(directory: str) -> list[str]:
    if not os.path.isdir(directory):
        return []
    with os.scandir(directory) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir())


def _there(directories: Iterable[str]) -> Iterator[str]:
    return (each for each in dict.fromkeys(directories) if os.path.isdir(each))
