"""What a module sees of the control side: variables, templates and files, through one task's renderer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator.language.load import VAULT_HEADER, is_template, read_bytes
from orchestrator.language.tree import Task
from orchestrator.model.errors import PlaybookError, SecretError
from orchestrator.model.place import Text
from orchestrator.model.program import Steps
from orchestrator.model.secrets import NO_PASSWORD
from orchestrator.planning.conditions import delimited
from orchestrator.planning.containers import LazyList
from orchestrator.planning.hostvars import HostVars, HostVarsVars
from orchestrator.planning.render import OMIT, Renderer, TemplateOptions
from orchestrator.planning.surroundings import Surroundings
from orchestrator.planning.template_options import template_variables


class Rendered(Mapping[str, Any]):
    """Variables that are rendered when looked at."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def __getitem__(self, name: str) -> Any:
        return self._renderer.value(self._renderer.variables[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._renderer.variables)

    def __len__(self) -> int:
        return len(self._renderer.variables)


def interpreter(there: Renderer, language: str) -> str:
    """See ``Context.interpreter``; ``there`` sees the variables of the machine."""
    return str(there.value(there.variables.get(f"ansible_{language}_interpreter")) or "")


@dataclass(slots=True)
class TaskContext:
    """The ``modules.base.Context`` of one task on one host."""

    task: Task
    renderer: Renderer
    host: str
    check: bool
    diff: bool
    environment: Mapping[str, str]
    task_name: str
    read_vars: Callable[[Path], dict[str, Any]]
    works_here: Callable[[], bool] = lambda: False
    there: Renderer | None = None
    """Sees the variables of the machine where the task works; None: they are the host's own."""
    no_log: bool = False
    verbosity: int = 0
    open_vault: Any = None
    """``(ciphertext, file) -> plain bytes``; None where no vault password was given."""
    others: Callable[[str, Mapping[str, Any] | None, TaskContext, bool], Steps] | None = None
    """The work of a module by its name and arguments, for a plug-in that hands it on."""
    delimited: int = 0
    """How many conditions in template delimiters the module has asked."""

    @property
    def variables(self) -> Mapping[str, Any]:
        return Rendered(self.renderer)

    def is_local(self) -> bool:
        return self.works_here()

    def interpreter(self, language: str) -> str:
        return interpreter(self.there or self.renderer, language)

    def render(self, text: str, overrides: Mapping[str, Any] | None = None) -> Any:
        renderer = self.renderer.extended(overrides) if overrides else self.renderer
        return renderer.value(text if isinstance(text, Text) else Text(text, self.task.place))

    def render_template(self, text: str, options: Mapping[str, Any]) -> str:
        given = {name: value for name, value in options.items() if value is not None}
        path, name = Path(given.pop("path")), given.pop("name")
        settings = self.renderer.surroundings.settings
        destination = given.pop("destination", None)
        about = template_variables(name, path, self.renderer.variables, destination, settings=settings)
        renderer = self.renderer.extended(about)
        renderer.surroundings = renderer.surroundings.at((*renderer.surroundings.search_path, str(path.parent)))
        return renderer.template(text, TemplateOptions(**given), name=str(path))

    def evaluate(self, expression: Any) -> tuple[Any, list[str]]:
        trusted = expression if isinstance(expression, Text) else Text(str(expression), self.task.place)
        value, said = self.renderer.expression_told(trusted)
        return repr(value) if value is OMIT else value, said

    def conditions(self, written: Any) -> list[Any]:
        listed = self.renderer.resolve(written) if is_template(written) else None
        if not isinstance(listed, LazyList):
            return [written]
        return [listed.written(index) for index in range(len(listed))]

    def is_true(self, condition: Any) -> bool:
        self.delimited += delimited([condition])
        return self.renderer.condition(condition)

    def find(self, kind: str, name: str) -> Path:
        around = self.renderer.surroundings
        found = around.find(name, kind)
        if found is None:
            raise PlaybookError(
                f"Could not find or access {name!r}{_looked(around, name, kind)} on the Ansible Controller.\n"
                "If you are using a module and expect the file to exist on the remote, see the remote_src option",
                place=self.task.place,
                hint=f"paths are relative to {kind}/ beside the role or the playbook",
            )
        return found

    def vars_dir(self, name: str) -> Path:
        role = self.task.role
        if role is None:
            return Path(self.task.place.file).parent / name
        if name.split("/")[0] != "vars":
            return Path(role.path, "vars", name)
        own = Path(role.path, name)
        return own if own.exists() else Path(name)

    def opened(self, path: Path) -> bytes | None:
        with path.open("rb") as file:
            if not file.read(len(VAULT_HEADER)).startswith(VAULT_HEADER):
                return None
        try:
            return read_bytes(str(path), self.open_vault)[0]
        except SecretError as error:
            said = f"A vault password or secret must be specified to decrypt {path}"
            raise SecretError(said if error.message == NO_PASSWORD else error.message, hint=error.hint) from error

    def seen(self, path: Sequence[str]) -> Any:
        found: Any = self.renderer.variables
        for name in path:
            found = self.renderer.resolve(found[name])
        return tuple(found) if isinstance(found, HostVars | HostVarsVars) else self.renderer.value(found)

    def told(self) -> dict[str, Any]:
        task, seen = self.task, self.renderer.keyword
        names = list(task.keywords.collections)
        names += ["ansible.legacy"] if names and not {"ansible.builtin", "ansible.legacy"} & set(names) else []
        keywords = {
            each: seen(getattr(task.keywords, each)) for each in ("become", "become_user", "delegate_to", "remote_user")
        }
        return {
            **keywords,
            "action": str(seen(task.action)),
            "name": self.task_name,
            "async_val": int(seen(task.run_async, 0)),
            "poll": seen(task.poll, 15),
            "collections": names,
            "environment": [dict(self.environment)],
            "check_mode": self.check,
            "diff": self.diff,
            "no_log": self.no_log,
            "verbosity": self.verbosity,
            "connection": "local" if self.is_local() else "ssh",
            "remote_addr": str(self.variables.get("ansible_host", self.host)),
        }

    def setting(self, name: str) -> Any:
        return self.renderer.surroundings.settings.get(name)

    def hand_on(
        self, name: str, values: Mapping[str, Any] | None, *, check: bool, with_defaults: bool = False
    ) -> Steps:
        assert self.others is not None
        return self.others(name, values, replace(self, check=check), with_defaults)

    def load_vars(self, path: Path) -> dict[str, Any]:
        return self.read_vars(path)


def _looked(around: Surroundings, name: str, kind: str) -> str:
    """Where ``name`` was looked for, as Ansible lists it: the playbook's directory always stands at the end, too."""
    if name.startswith(("/", "~")):
        return ""
    places = around.candidates(name, kind) * (2 if len(around.search_path) == 1 else 1)
    return "\nSearched in:" + "".join(f"\n\t{each}" for each in places)
