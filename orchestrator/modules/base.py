"""The contract of a module: its arguments, and a generator that asks the machine and returns a result.

Three shapes, one contract:

- *declared state* (``declared``): a pydantic ``State`` plus a ``.sh`` with ``probe`` and ``apply``; no Python logic;
- *edit* (``edit``): read a file, compute its new content in a pure function, write it if it is still what was read;
- anything else: a generator of its own that yields ``model.program`` requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr

from orchestrator.model.errors import PlaybookError
from orchestrator.model.frozen import frozen
from orchestrator.model.program import Script, Steps, bare
from orchestrator.model.results import Result


class Args(BaseModel):
    """What a playbook may write for a module: frozen and closed. Aliases are pydantic aliases (``AliasChoices``).

    ``free_form`` names the field that takes free-form text (``command: ls``); None where there is no free form.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)
    free_form: ClassVar[str | None] = None
    when_missing: ClassVar[str | None] = None
    """Ansible's words where a required argument is missing, for actions that do not say which."""
    unrendered: ClassVar[frozenset[str]] = frozenset()
    """Fields that arrive as written, templates and all (type them ``Any``): expressions that the module itself judges
    with ``Context.is_true``, such as ``assert: that:``."""
    trusted: ClassVar[frozenset[str]] = frozenset()
    """Fields whose text is still known as the user's own where it stands in a file as it is (type them ``Any``):
    expressions for ``Context.evaluate``. ``*`` stands for all fields."""
    unlisted: ClassVar[frozenset[str]] = frozenset()
    """Fields that Ansible's module of this name does not list: its action takes them, or they are our own."""
    also_listed: ClassVar[frozenset[str]] = frozenset()
    """What Ansible's module lists besides: the words between its two halves."""
    _given: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    @property
    def given(self) -> Mapping[str, Any]:
        """What the task gave, under the names that it used."""
        return self._given

    def keep(self, given: Mapping[str, Any]) -> None:
        """Remember what the task gave, for who writes down its call."""
        self._given = given


class Context(Protocol):
    """What a module may ask of the control side while it plans; given by the engine, faked in tests by a dataclass."""

    check: bool
    diff: bool
    no_log: bool
    verbosity: int
    host: str
    environment: Mapping[str, str]
    task_name: str

    @property
    def variables(self) -> Mapping[str, Any]:
        """This task's variables, rendered on access; includes ``ansible_facts``."""
        ...

    def is_local(self) -> bool:
        """Whether the task works on this very machine, where Python is."""
        ...

    def interpreter(self, language: str) -> str:
        """What the user names as the interpreter of ``language`` on the machine where the task works
        (``ansible_LANGUAGE_interpreter``); empty where nothing is named."""
        ...

    def render(self, text: str, overrides: Mapping[str, Any] | None = None) -> Any:
        """``text`` (trusted, from a file of the user's) rendered with this task's variables plus ``overrides``."""
        ...

    def render_template(self, text: str, options: Mapping[str, Any]) -> str:
        """A whole template file's text. ``options``: the file's ``path`` here, its ``name`` as written and the
        ``destination``; trim_blocks, lstrip_blocks, the delimiters, newline_sequence."""
        ...

    def conditions(self, written: Any) -> list[Any]:
        """The conditions that ``written`` stands for: itself, or those of the list that its template comes to."""
        ...

    def is_true(self, condition: Any) -> bool:
        """The verdict of one ``when``-like expression with this task's variables."""
        ...

    def evaluate(self, expression: Any) -> tuple[Any, list[str]]:
        """The value of a bare expression as written (``debug: var:``), with what is not defined told in its place, and
        the words of that."""
        ...

    def find(self, kind: str, name: str) -> Path:
        """The controller's file for ``name``, looked for as Ansible does (role's and playbook's ``kind``/ first).
        ``kind``: files, templates, vars or tasks. Raises PlaybookError that lists where it looked."""
        ...

    def vars_dir(self, name: str) -> Path:
        """The directory ``name`` of variables files: below ``vars/`` of the task's role, else beside the task's file.
        It need not be there."""
        ...

    def seen(self, path: Sequence[str]) -> Any:
        """The variable at ``path``, rendered; of ``hostvars``, and of a host in it, a tuple of the names that it holds.
        Raises KeyError where there is none, TemplateError."""
        ...

    def told(self) -> dict[str, Any]:
        """What a plug-in of the user's may know of its task: its keywords and how the run was asked for, as JSON has
        them; ``connection`` is ``local`` or ``ssh``."""
        ...

    def setting(self, name: str) -> Any:
        """What ansible.cfg and the environment say of the setting ``name`` (Ansible's own name of it)."""
        ...

    def hand_on(
        self, name: str, values: Mapping[str, Any] | None, *, check: bool, with_defaults: bool = False
    ) -> Steps:
        """The work of the module ``name`` (ours or the user's) on this task's machine, with these arguments, over its
        ``module_defaults`` where that is asked; None: with those of the task as they are written. Raises UnknownModule,
        ArgsError, TemplateError."""
        ...

    def opened(self, path: Path) -> bytes | None:
        """The plain content of the controller's file ``path`` where that is a vault; None where it is not."""
        ...

    def load_vars(self, path: Path) -> dict[str, Any]:
        """A variables file of the user's (YAML or JSON, vault opened), values trusted as templates."""
        ...


A = TypeVar("A", bound=Args)


@frozen
class Module(Generic[A]):
    """One module: ``steps`` does the work. ``summary`` is one sentence; its manual page is made of the Args' fields.

    ``needs_host``: False where it never touches the node (debug, set_fact …), so that no connection is opened.
    ``checks``: ``full`` predicts in check mode, ``skip`` says there that it is skipped (no check mode support).
    ``behind``: the module to which Ansible's action of this name hands its arguments, and which so judges them.
    """

    name: str
    args: type[A]
    steps: Callable[[A, Context], Steps]
    summary: str
    needs_host: bool = True
    checks: str = "full"
    returns: Mapping[str, str] | None = None
    behind: str | None = None


def script(name: str, beside: str) -> Script:
    """The sh file ``NAME.sh`` that stands beside the Python file ``beside`` (pass ``__file__``)."""
    return Script(name, bare(Path(beside).with_name(f"{name}.sh").read_text(encoding="utf-8")))


def called(ctx: Context, name: str) -> str:
    """How the task's file calls its module; ``name`` where nothing is known of that."""
    return str(ctx.told().get("action") or name)


def not_foretold(name: str) -> Result:
    """The skipped result of the module that the task calls ``name``, which foretells nothing in check mode."""
    return Result(skipped=True, msg=f"remote module ({name}) does not support check mode")


def lost(error: PlaybookError, *, registered: str = "") -> Result:
    """The failed result of a task whose file here was not found. ``registered`` stands before what a variable is told,
    where Ansible's action of the module has more words for it than people need."""
    return Result(failed=True, gave_up=True, msg=error.message, data={"msg": f"{registered}{error.message}"})
