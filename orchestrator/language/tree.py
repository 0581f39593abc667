"""The tree a playbook loads into: plays, blocks, tasks, handlers and roles, frozen and untemplated.

Values are as written: ``Text`` where a template may stand. Keywords are inherited when the tree is built, so
a task carries everything that applies to it: a block's ``when`` stands before its tasks' own, tags and
environments add up, ``become`` and its like are the nearest one's. Nothing above needs to look at a parent
again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from orchestrator.model.frozen import frozen
from orchestrator.model.place import Place


@frozen(kw_only=True)
class Keywords:
    """Keywords that plays, blocks and tasks share, after inheritance. None means "nobody said"."""

    vars: tuple[Mapping[str, Any], ...] = ()
    """From farthest block to the task itself."""
    include_params: tuple[Mapping[str, Any], ...] = ()
    """The ``vars`` of the dynamic includes around (and of the task, if it is one): they override all but
    extra vars.
    """
    when: tuple[Any, ...] = ()
    """Conditions from farthest to nearest: all must hold."""
    tags: tuple[Any, ...] = ()
    environment: tuple[Any, ...] = ()
    """Mappings or templates of mappings, farthest first; later ones override."""
    module_defaults: tuple[Any, ...] = ()
    collections: tuple[str, ...] = ()
    become: Any = None
    become_user: Any = None
    become_method: Any = None
    become_flags: Any = None
    become_exe: Any = None
    connection: Any = None
    remote_user: Any = None
    port: Any = None
    check_mode: Any = None
    diff: Any = None
    no_log: Any = None
    run_once: Any = None
    any_errors_fatal: Any = None
    max_fail_percentage: Any = None
    ignore_errors: Any = None
    ignore_unreachable: Any = None
    delegate_to: Any = None
    delegate_facts: Any = None
    throttle: Any = None
    timeout: Any = None
    debugger: Any = None
    notify: tuple[Any, ...] | None = None


@frozen(kw_only=True)
class Role:
    """A role in use: where its files are and what variables it brings.

    ``defaults`` and ``vars`` are its files' contents; ``params`` what the including line gave as loose keys,
    and ``given_vars`` its ``vars:``. ``parents`` are the roles that depend on or include it, nearest first;
    ``depends_on`` those of meta/main.yml, whose vars and defaults are known here too. ``key`` is equal for
    two uses that Ansible would run only once. ``public``: its vars and defaults stay known to the rest of the
    play.
    """

    name: str
    path: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    parents: tuple[Role, ...] = ()
    allow_duplicates: bool = False
    fqcn: str | None = None
    dependencies: tuple[str, ...] = ()
    depends_on: tuple[Role, ...] = ()
    given_vars: Mapping[str, Any] = field(default_factory=dict)
    public: bool = True
    is_dependency: bool = False
    key: str = ""

    @property
    def full_name(self) -> str:
        """What tells it apart everywhere: with its collection before it, where it belongs to one."""
        return self.fqcn or self.name


@frozen(kw_only=True)
class Task:
    """One task. ``action`` is the module's name as written; ``args`` a mapping, or text for free-form
    arguments.
    """

    key: str
    """Path of the task in its run, equal at every load of the same files: ``1.tasks.3.block.0``."""
    said: str = ""
    """What it says, in one word, and how many before it said the same; empty for a task that no file holds."""
    place: Place
    action: Any
    args: Any
    """A mapping (merged from ``args:``), or Text for free form (``_raw_params`` and ``key=value`` not yet
    split).
    """
    extra_args: Any = None
    """The ``args:`` keyword where it is a template of a mapping, or goes beside free-form text."""
    keywords: Keywords
    outer: Keywords
    """What surrounds the task: all that a dynamic include hands down to the tasks it brings (besides its
    vars).
    """
    name: Any = None
    role: Role | None = None
    register: Any = None
    changed_when: tuple[Any, ...] | None = None
    failed_when: tuple[Any, ...] | None = None
    loop: Any = None
    loop_with: str | None = None
    """The lookup's name where the loop is a ``with_NAME``; ``loop`` then holds its terms."""
    loop_control: Mapping[str, Any] | None = None
    until: tuple[Any, ...] | None = None
    retries: Any = None
    delay: Any = None
    notify: tuple[Any, ...] = ()
    listen: tuple[Any, ...] = ()
    run_async: Any = None
    poll: Any = None
    is_handler: bool = False

    @property
    def identity(self) -> str:
        """By what it is the same task when files were changed around it: no two tasks of a run have it in common."""
        return self.said or self.key


@frozen(kw_only=True)
class Block:
    """Tasks that stand together; ``rescue`` runs when one of ``body`` fails, ``always`` in any case.

    Also what a static import or a role becomes: a block whose ``role`` is set (``ends_role`` marks where the
    role's own tasks end, so that it counts as completed there).
    """

    key: str
    place: Place
    keywords: Keywords
    name: Any = None
    body: tuple[Node, ...] = ()
    rescue: tuple[Node, ...] = ()
    always: tuple[Node, ...] = ()
    role: Role | None = None
    is_role: bool = False
    notify: tuple[Any, ...] = ()


Node = Task | Block


@frozen(kw_only=True)
class Prompt:
    """One entry of ``vars_prompt``."""

    name: str
    prompt: Any = None
    default: Any = None
    private: bool = True
    confirm: bool = False
    encrypt: str | None = None
    salt: str | None = None
    salt_size: int | None = None
    unsafe: bool = False


@frozen(kw_only=True)
class Play:
    """One play. ``sections`` hold pre_tasks, roles, tasks and post_tasks, in running order; roles are one
    block each.
    """

    index: int
    place: Place
    name: Any
    hosts: Any
    keywords: Keywords
    path: str
    """The playbook file; relative names are looked for beside it."""
    vars: Mapping[str, Any] = field(default_factory=dict)
    vars_files: tuple[Any, ...] = ()
    vars_prompt: tuple[Prompt, ...] = ()
    gather_facts: Any = None
    gather_subset: Any = None
    gather_timeout: Any = None
    fact_path: Any = None
    serial: tuple[Any, ...] = ()
    strategy: Any = None
    order: Any = None
    force_handlers: Any = None
    pre_tasks: tuple[Node, ...] = ()
    roles: tuple[Block, ...] = ()
    tasks: tuple[Node, ...] = ()
    post_tasks: tuple[Node, ...] = ()
    handlers: tuple[Node, ...] = ()
    role_handlers: tuple[Node, ...] = ()

    @property
    def early(self) -> tuple[Any, ...]:
        """The keywords that are evaluated before the play has hosts, as written."""
        about_facts = (self.gather_facts, self.gather_subset, self.gather_timeout)
        how = (self.strategy, self.order, self.force_handlers, self.keywords.max_fail_percentage)
        return (self.name, self.hosts, *about_facts, *self.serial, *how)


@frozen(kw_only=True)
class Playbook:
    """The plays of one or several files, in order; ``files`` maps every file read to its text's SHA-256."""

    plays: tuple[Play, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    begins: frozenset[int] = frozenset()
    """Indexes of the plays with which another of several files begins: after a failure none of them is begun."""
