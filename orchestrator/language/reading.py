"""One reading of a set of files: the options it goes by, what was read, and everything found wrong."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from orchestrator.language.load import OpenVault, Vaulted, decode, is_template, load_text, read_bytes
from orchestrator.language.locator import Locator
from orchestrator.language.tree import Playbook
from orchestrator.model.errors import KeywordValue, PlaybookError, TemplateError, UndefinedVariable, UserError
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Place, Text, place_of
from orchestrator.model.status import Status

Render = Callable[[Text, Mapping[str, Any]], Any]
"""Renders a template with these variables; raises a UserError where one is undefined."""

Combine = Literal["replace", "merge"]


def _under_home(*paths: str) -> tuple[str, ...]:
    return tuple(os.path.expanduser(path) for path in paths)


@frozen(kw_only=True)
class Options:
    """How playbooks are read.

    ``render`` is needed only where a static import's name holds a template. ``actions`` are the names of all
    modules there are (None: any name may be one); names of ansible.builtin may be given without their prefix.
    ``lookups`` likewise.
    """

    roles_path: tuple[str, ...] = field(
        default_factory=lambda: _under_home("~/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles")
    )
    collections_path: tuple[str, ...] = field(
        default_factory=lambda: _under_home("~/.ansible/collections", "/usr/share/ansible/collections")
    )
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    open_vault: OpenVault | None = None
    render: Render | None = None
    hash_behaviour: Combine = "replace"
    actions: frozenset[str] | None = None
    lookups: frozenset[str] | None = None
    locator: Locator = field(default_factory=Locator)
    """The user's own modules; learns of more as playbooks and roles are read."""
    private_role_vars: bool | None = None
    """Whether roles of ``roles:`` and import_role keep their vars to themselves, unless ``public`` says."""
    late: Callable[[KeywordValue], None] | None = None
    """Told of literal values with which a task fails when it is reached; None: they are errors of the file."""
    impossible: Callable[[KeywordValue], None] | None = None
    """Told of literal values that can be of no use, though a run says so later, or never; None: nobody looks."""
    warn: Callable[[str], None] = lambda _text: None
    """Told what is probably a mistake and stops nothing: a key written twice."""


class PlaybookErrors(PlaybookError):
    """Everything wrong in one set of files: the first error, with the ``others``. Its text tells them all, its status
    is that of the first that Ansible would meet: it reads all files before it runs a task."""

    def __init__(self, found: Sequence[UserError], read: Playbook | None = None) -> None:
        first, *others = found
        self.first = first
        self.read = read
        """The plays that could be read all the same."""
        super().__init__(first.message, place=first.place, evidence=first.evidence, hint=first.hint)
        self.others: tuple[UserError, ...] = tuple(others)
        self.status = next((each.status for each in found if each.status != Status.FAILED), Status.FAILED)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *map(str, self.others)])


def first_of(error: UserError) -> UserError:
    """The first of several errors, or the one that it is."""
    return error.first if isinstance(error, PlaybookErrors) else error


@dataclass(slots=True)
class Reading:
    """What one load has read and found. ``files`` maps each path to the SHA-256 of its text."""

    options: Options
    files: dict[str, str] = field(default_factory=dict)
    problems: list[UserError] = field(default_factory=list)
    within: str = ""
    """The identity of the inclusion that this load is for; empty for a playbook."""
    _met: Counter[str] = field(default_factory=Counter)

    def said(self, item: Mapping[str, Any], role: str) -> str:
        """Of the task that ``item`` describes, by its own words and the name of its ``role``: not by its place, nor by
        what surrounds it. So it is the same task when others come or go, and another one when it is changed."""
        said = json.dumps([role, item], skipkeys=True, default=_written)
        digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        self._met[digest] += 1
        return f"{self.within}{digest}.{self._met[digest]}"

    def load(self, path: str) -> Any:
        """The value in the file at ``path``, noted in ``files``."""
        raw, is_secret = read_bytes(path, self.options.open_vault)
        self.files[path] = hashlib.sha256(raw).hexdigest()
        return load_text(decode(raw, path), path, is_secret=is_secret, warn=self.options.warn)

    @contextmanager
    def collecting(self, place: Place | None = None) -> Iterator[None]:
        """Inside, a PlaybookError is kept in ``problems`` and the reading goes on behind the block.

        ``place`` is where it stands if the error does not know better.
        """
        try:
            yield
        except PlaybookErrors as several:
            self.problems += [several.first, *several.others]
        except PlaybookError as problem:
            problem.place = problem.place or place
            self.problems.append(problem)

    def finish(self, read: Playbook | None = None) -> None:
        """Raise everything that was found wrong, if anything was; in the order of files and lines."""
        if self.problems:
            raise PlaybookErrors(self.problems, read)

    def render(
        self,
        value: Any,
        variables: Mapping[str, Any],
        what: str,
        *,
        undefined: Status = Status.WRONG,
        broken: Status = Status.WRONG,
    ) -> str:
        """``value``, a name or path of the user's, as plain text; ``what`` says in errors what it names.

        ``undefined``, ``broken``: what the command ends with where a template cannot be rendered. Ansible has one
        number for names of roles, another for those of playbooks, and both for those of tasks files.
        """
        rendered = value
        if is_template(value):
            if self.options.render is None:
                raise PlaybookError(
                    f"{what} holds a template, and nothing here can render it",
                    place=place_of(value),
                    evidence=value,
                )
            try:
                rendered = self.options.render(value, {**variables, **self.options.extra_vars})
            except UndefinedVariable as error:
                error.status = undefined
                raise
            except TemplateError as error:
                error.status = broken
                raise
        if isinstance(rendered, int) and not isinstance(rendered, bool):
            rendered = str(rendered)
        if not isinstance(rendered, str) or not rendered.strip():
            raise PlaybookError(f"{what} must be text", place=place_of(value), evidence=repr(rendered))
        return rendered


def _written(value: Any) -> str:
    """A value of YAML that JSON has no word for."""
    return value.ciphertext if isinstance(value, Vaulted) else str(value)


def combine(below: Mapping[str, Any], above: Mapping[str, Any], how: Combine = "replace") -> dict[str, Any]:
    """Both mappings as one; ``above`` wins. ``merge`` does so at every depth (Ansible's hash_behaviour)."""
    if how == "replace":
        return {**below, **above}
    merged = dict(below)
    for key, value in above.items():
        mine = merged.get(key)
        both = isinstance(mine, Mapping) and isinstance(value, Mapping)
        merged[key] = combine(mine, value, how) if both else value  # type: ignore[arg-type]  # both says so
    return merged


def place_in(value: Any, fallback: str) -> Place:
    """The place of a loaded value, or the start of the file ``fallback``."""
    return place_of(value) or Place(fallback)
