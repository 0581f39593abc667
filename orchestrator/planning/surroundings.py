"""What templates may ask of the world around them: where files are looked for, who opens vaults, who hears warnings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Any, Protocol

from orchestrator.model.errors import TemplateError
from orchestrator.model.frozen import frozen
from orchestrator.model.secrets import NO_PASSWORD
from orchestrator.planning.markers import Told


@frozen(kw_only=True)
class Surroundings:
    """``search_path`` holds directories, nearest first: a role's, the tasks file's, the playbook's.

    ``openers`` turns values of special types (a sealed vault value) into what templates see. ``decrypt`` opens
    ansible-vault bytes (given the file's name), ``vault`` and ``unvault`` do the filters of these names:
    ``(data, secret, vault_id, salt) -> text`` and ``(text, secret, vault_id) -> text``. ``select_hosts`` answers a host
    pattern. ``ini`` is what ansible.cfg says, by ``section:key``. ``write_yaml`` prints plain values as YAML; its
    options are those of PyYAML's ``dump``.
    """

    search_path: tuple[str, ...] = ()
    openers: Mapping[type, Callable[[Any], Any]] = field(default_factory=dict)
    decrypt: Callable[[bytes, str], bytes] | None = None
    vault: Callable[[str, str, str, str | None], str] | None = None
    unvault: Callable[[str, str, str], str] | None = None
    select_hosts: Callable[[str], Sequence[str]] | None = None
    write_yaml: Callable[[Any, Mapping[str, Any]], str] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    ini: Mapping[str, str] = field(default_factory=dict)
    warn: Callable[[str], None] = lambda _message: None

    def at(self, search_path: tuple[str, ...]) -> Surroundings:
        """The same with another search path."""
        return replace(self, search_path=search_path)

    def find(self, name: str, kind: str = "files") -> Path | None:
        """The first existing file for ``name``: in ``kind`` below each directory of the search path, then in it."""
        wanted = Path(name).expanduser()
        if wanted.is_absolute():
            return wanted if wanted.exists() else None
        for place in self.candidates(name, kind):
            if place.exists():
                return place
        return None

    def candidates(self, name: str, kind: str = "files") -> list[Path]:
        """Every path at which ``name`` is looked for, in order: ``files/`` of a place before the place itself."""
        here: list[Path] = []
        for directory in self.search_path or (".",):
            base = Path(directory)
            tops = [base.parent, base] if base.name == "tasks" else [base]
            for top in tops:
                here += [top / kind / name, top / name] if kind else [top / name]
        return list(dict.fromkeys(here))

    def read(self, path: Path) -> bytes:
        """The bytes of a file on this machine, opened first where it is an ansible-vault file."""
        data = path.read_bytes()
        if not data.startswith(b"$ANSIBLE_VAULT"):
            return data
        if self.decrypt is None:
            hint = "give --vault-password-file or --ask-vault-pass"
            raise TemplateError(NO_PASSWORD, evidence=str(path), hint=hint)
        return self.decrypt(data, str(path))


class Rendering(Protocol):
    """The renderer at work, as templates, filters and lookups see it."""

    @property
    def variables(self) -> Mapping[str, Any]: ...
    @property
    def surroundings(self) -> Surroundings: ...
    @property
    def told(self) -> Told | None: ...

    def find(self, name: str) -> Any: ...
    def resolve(self, value: Any) -> Any: ...
    def lookup(self, name: str, terms: list[Any], /, **options: Any) -> Any: ...
    def lookup_named(self, name: str) -> Callable[..., list[Any]] | None: ...
    def extended(self, variables: Mapping[str, Any]) -> Rendering: ...
    def template(self, source: str, options: Any = ..., *, name: str = ...) -> str: ...
    def template_value(self, source: str, options: Any = ..., *, name: str = ...) -> Any: ...
