"""A ``LookupModule`` of the user's as one of our lookups."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.containers import LazyList, plain
from orchestrator.planning.described import Described, Seen
from orchestrator.planning.lookups.base import Call, Lookup
from orchestrator.planning.markers import Marker, Tripped
from orchestrator.planning.own.files import attribute_of, load
from orchestrator.planning.surroundings import Rendering


class Templar:
    """What plug-ins ask of ``self._templar``."""

    def __init__(self, renderer: Rendering) -> None:
        self._renderer = renderer
        self.available_variables: Mapping[str, Any] = Seen(renderer)

    def template(self, value: Any, **_how: Any) -> Any:
        """``value`` rendered: text that the plug-in hands over is taken for the user's own."""
        return plain(self._renderer.resolve(Text(value) if type(value) is str else value))


class Loader:
    """What plug-ins ask of ``self._loader``."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def get_basedir(self) -> str:
        """The playbook's directory, the last on the search path."""
        return (self._call.surroundings.search_path or (os.getcwd(),))[-1]

    def path_dwim(self, given: str) -> str:
        """``given`` as an absolute path, relative ones below the playbook's directory."""
        return os.path.normpath(os.path.join(self.get_basedir(), os.path.expanduser(given)))

    def get_real_file(self, path: str, decrypt: bool = True) -> str:
        return path


class Bound:
    """Stands before the user's class: gives it what Ansible's LookupBase gives, whichever base it has."""

    _orch_call: Call
    _orch_described: Described

    def __init__(self) -> None:
        super().__init__()
        self._loader: Any = None
        self._templar: Any = None

    def orch_bind(self, call: Call, described: Described) -> None:
        self._orch_call, self._orch_described = call, described
        self._loader, self._templar = Loader(call), Templar(call.renderer)

    def set_options(
        self, task_keys: Any = None, var_options: Any = None, direct: Mapping[str, Any] | None = None
    ) -> None:
        self._orch_described = self._orch_described.given(direct or {}, var_options or {})

    def set_option(self, option: str, value: Any, hostvars: Any = None) -> None:
        self._orch_described = self._orch_described.with_direct(option, value)

    def get_option(self, name: str, hostvars: Any = None) -> Any:
        return self._orch_described.value(name)

    def get_option_and_origin(self, name: str, hostvars: Any = None) -> tuple[Any, str]:
        return self._orch_described.value(name), self._orch_described.origin(name)

    def get_options(self, hostvars: Any = None) -> dict[str, Any]:
        return self._orch_described.values()

    def get_basedir(self, variables: Any = None) -> str:
        return str(self._loader.get_basedir())

    def find_file_in_search_path(
        self, myvars: Any, subdir: str, needle: str, ignore_missing: bool = False
    ) -> str | None:
        if ignore_missing:
            found = self._orch_call.surroundings.find(needle, subdir)
            return None if found is None else str(found)
        return str(self._orch_call.find(needle, subdir))


def _handed(value: Any) -> Any:
    """``value`` made plain; items that are not defined trip no sooner than the plug-in uses them."""
    if isinstance(value, LazyList):
        return [_handed(value.peek(index)) for index in range(len(value))]
    if type(value) in (list, tuple):
        return [_handed(each) for each in value]
    return value if isinstance(value, Marker) else plain(value)


class OwnLookup:
    """The lookup that a plug-in file defines; the file is read when it is first asked for anything."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def sees_markers(self) -> bool:
        """Whether it wants arguments that are not defined, too, instead of being such a one itself then."""
        return bool(getattr(attribute_of(self.path, "LookupModule"), "accept_args_markers", False))

    def described(self, call: Call) -> Described:
        """Its documented options, before any call."""
        documented = Described.of(self.path.stem, getattr(load(self.path), "DOCUMENTATION", ""))
        return replace(documented, ini=call.surroundings.ini)

    def __call__(self, call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
        owner = attribute_of(self.path, "LookupModule")
        lookup = type(owner.__name__, (Bound, owner), {})()
        lookup.orch_bind(call, self.described(call))
        try:
            asked, given = [_handed(term) for term in terms], {name: _handed(options[name]) for name in options}
            found = lookup.run(asked, variables=Seen(call.renderer), **given)
        except Tripped:
            raise
        except Exception as error:  # the user's code
            raise TemplateError(str(getattr(error, "message", None) or error) or type(error).__name__) from error
        return list(found) if isinstance(found, list | tuple) else [found]


def lookup_of(path: Path) -> Lookup:
    """The lookup that the plug-in file at ``path`` defines."""
    return OwnLookup(path)
