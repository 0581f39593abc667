"""Flags shared by commands, as frozen dataclasses: a command takes the flags it needs as one value.

The names, letters and meanings are ansible-playbook's (2.19) wherever it has the flag.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import wraps
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from orchestrator.model.frozen import frozen

F = TypeVar("F")
Command = Callable[..., int]


def takes(kind: type[F]) -> Callable[[Command], Command]:
    """A decorator for ``command(flags: kind, …)``: each field of ``kind``, a dataclass, becomes a parameter."""
    hints = get_type_hints(kind, include_extras=True)
    shared = [
        inspect.Parameter(
            each.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if each.default is MISSING else each.default,
            annotation=hints[each.name],
        )
        for each in fields(kind)  # type: ignore[arg-type]
    ]
    names = {each.name for each in shared}

    def decorate(command: Command) -> Command:
        _, *own = inspect.signature(command, eval_str=True).parameters.values()

        @wraps(command)
        def run(**values: Any) -> int:
            flags = kind(**{name: value for name, value in values.items() if name in names})
            return command(flags, **{name: value for name, value in values.items() if name not in names})

        own = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
        run.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in [*own, *shared]}
        # Else typer would look through the wrapper at the command's own parameters.
        del run.__dict__["__wrapped__"]
        return run

    return decorate


def option(*names: str, help: str, panel: str | None = None, metavar: str | None = None, **more: Any) -> Any:
    """A typer option; ``panel`` groups it in the help."""
    return typer.Option(*names, help=help, rich_help_panel=panel, metavar=metavar, **more)


WHERE = "Where"
HOW = "How to connect"
AS_WHOM = "As whom to work there"
WHAT = "What to run"
VAULT = "Vault"
TOLD = "What is told"

Many = list[str] | None
Maybe = str | None

VaultIds = Annotated[
    Many, option("--vault-id", help="LABEL@FILE, LABEL@prompt or FILE; repeatable", panel=VAULT, metavar="ID")
]
VaultFiles = Annotated[
    Many,
    option(
        "--vault-password-file",
        "--vault-pass-file",
        help="File or script with a vault password; repeatable",
        panel=VAULT,
        metavar="FILE",
    ),
]
AskVault = Annotated[
    bool, option("-J", "--ask-vault-password", "--ask-vault-pass", help="Ask for the vault password", panel=VAULT)
]


@frozen(kw_only=True)
class InventoryFlags:
    """Which hosts there are, and the vault that may lock their variables."""

    inventory: Annotated[
        Many,
        option(
            "-i",
            "--inventory",
            "--inventory-file",
            help="Inventory: file, directory, script, or 'host1,host2,'; repeatable",
            panel=WHERE,
            metavar="SOURCE",
        ),
    ] = None
    limit: Annotated[
        Maybe,
        option("-l", "--limit", help="Only these of the hosts (a pattern, or @FILE)", panel=WHERE, metavar="PATTERN"),
    ] = None
    vault_id: VaultIds = None
    vault_password_file: VaultFiles = None
    ask_vault_password: AskVault = False
    extra_vars: Annotated[
        Many,
        option(
            "-e",
            "--extra-vars",
            help="key=value, YAML, JSON or @FILE; repeatable, wins over all else",
            panel=WHAT,
            metavar="VARS",
        ),
    ] = None
    verbose: Annotated[
        int, option("-v", "--verbose", help="Say more; -vv and -vvv still more", panel=TOLD, count=True)
    ] = 0


@frozen(kw_only=True)
class HostFlags(InventoryFlags):
    """How hosts are reached, and as whom tasks run there."""

    user: Annotated[Maybe, option("-u", "--user", help="Log in as this user", panel=HOW, metavar="NAME")] = None
    private_key: Annotated[
        Maybe, option("--private-key", "--key-file", help="Log in with this key", panel=HOW, metavar="FILE")
    ] = None
    connection: Annotated[
        Maybe, option("-c", "--connection", help="ssh, local or fabric", panel=HOW, metavar="KIND")
    ] = None
    timeout: Annotated[
        int | None,
        option("-T", "--timeout", help="Seconds a connection may take to stand", panel=HOW, metavar="S", min=1),
    ] = None
    ask_pass: Annotated[bool, option("-k", "--ask-pass", help="Ask for the login password", panel=HOW)] = False
    connection_password_file: Annotated[
        Maybe,
        option(
            "--connection-password-file",
            "--conn-pass-file",
            help="File with the login password",
            panel=HOW,
            metavar="FILE",
        ),
    ] = None
    password_ref: Annotated[
        Maybe,
        option(
            "--password-ref",
            help="Login password as env:NAME, file:PATH, exec:COMMAND or keyring:SERVICE/NAME",
            panel=HOW,
            metavar="REF",
        ),
    ] = None
    ssh_common_args: Annotated[
        Maybe,
        option("--ssh-common-args", help="Options of ssh, e.g. '-o ProxyJump=bastion'", panel=HOW, metavar="ARGS"),
    ] = None
    ssh_extra_args: Annotated[
        Maybe, option("--ssh-extra-args", help="More options of ssh", panel=HOW, metavar="ARGS")
    ] = None
    scp_extra_args: Annotated[
        Maybe,
        option("--scp-extra-args", help="Accepted; files travel over the ssh connection", panel=HOW, metavar="ARGS"),
    ] = None
    sftp_extra_args: Annotated[
        Maybe,
        option("--sftp-extra-args", help="Accepted; files travel over the ssh connection", panel=HOW, metavar="ARGS"),
    ] = None
    become: Annotated[bool, option("-b", "--become", help="Work as another user", panel=AS_WHOM)] = False
    become_user: Annotated[
        Maybe, option("--become-user", help="As this user (default: root)", panel=AS_WHOM, metavar="NAME")
    ] = None
    become_method: Annotated[
        Maybe, option("--become-method", help="sudo or su (default: sudo)", panel=AS_WHOM, metavar="METHOD")
    ] = None
    ask_become_pass: Annotated[
        bool, option("-K", "--ask-become-pass", help="Ask for that user's password", panel=AS_WHOM)
    ] = False
    become_password_file: Annotated[
        Maybe,
        option(
            "--become-password-file",
            "--become-pass-file",
            help="File with that password",
            panel=AS_WHOM,
            metavar="FILE",
        ),
    ] = None
    become_password_ref: Annotated[
        Maybe,
        option(
            "--become-password-ref",
            help="That password as env:NAME, file:PATH, exec:COMMAND or keyring:SERVICE/NAME",
            panel=AS_WHOM,
            metavar="REF",
        ),
    ] = None
    secrets: Annotated[
        Maybe,
        option(
            "--secrets",
            help="Registry of secrets, for templates as secrets.NAME",
            panel=WHAT,
            metavar="FILE",
            envvar="ORCH_SECRETS",
        ),
    ] = None
    environment: Annotated[
        Maybe, option("--environment", help="Which environment of the registry", panel=WHAT, metavar="NAME")
    ] = None
    check: Annotated[bool, option("-C", "--check", help="Predict, change nothing", panel=WHAT)] = False
    diff: Annotated[bool, option("-D", "--diff", help="Show what changes in files", panel=WHAT)] = False
    forks: Annotated[
        int | None, option("-f", "--forks", help="How many hosts at once (default: 50)", panel=WHAT, metavar="N", min=1)
    ] = None
    engine: Annotated[
        Maybe,
        option(
            "--engine",
            help="Who holds the connections: here, processes:N or dask://HOST:PORT",
            panel=HOW,
            metavar="WORKERS",
        ),
    ] = None
    module_path: Annotated[
        Many, option("-M", "--module-path", help="More directories of modules; repeatable", panel=WHAT, metavar="PATH")
    ] = None
    json: Annotated[bool, option("--json", help="Events as JSON Lines on stdout, talk on stderr", panel=TOLD)] = False
    report: Annotated[
        Many, option("--report", help="html:FILE, junit:FILE or md:FILE; repeatable", panel=TOLD, metavar="KIND:FILE")
    ] = None


@frozen(kw_only=True)
class RunFlags(HostFlags):
    """Which parts of the playbooks run, and how."""

    tags: Annotated[
        Many,
        option("-t", "--tags", help="Only plays and tasks with these tags; repeatable", panel=WHAT, metavar="TAGS"),
    ] = None
    skip_tags: Annotated[
        Many, option("--skip-tags", help="Not those with these tags; repeatable", panel=WHAT, metavar="TAGS")
    ] = None
    start_at_task: Annotated[
        Maybe, option("--start-at-task", help="Begin at the task of this name", panel=WHAT, metavar="NAME")
    ] = None
    run_limit: Annotated[
        int | None,
        option("--run-limit", help="Begin no task after so long; orch resume goes on", panel=WHAT, metavar="S", min=1),
    ] = None
    step: Annotated[bool, option("--step", help="Ask before each task", panel=WHAT)] = False
    force_handlers: Annotated[
        bool, option("--force-handlers", help="Run handlers even where a task failed", panel=WHAT)
    ] = False
    flush_cache: Annotated[
        bool, option("--flush-cache", help="Forget the facts in the fact cache first", panel=WHAT)
    ] = False
    list_hosts: Annotated[bool, option("--list-hosts", help="List the hosts, run nothing", panel=TOLD)] = False
    list_tasks: Annotated[bool, option("--list-tasks", help="List the tasks, run nothing", panel=TOLD)] = False
    list_tags: Annotated[bool, option("--list-tags", help="List the tags, run nothing", panel=TOLD)] = False
    syntax_check: Annotated[bool, option("--syntax-check", help="Read everything, run nothing", panel=TOLD)] = False

    @property
    def is_listing(self) -> bool:
        """Whether plays are looked at only."""
        return self.list_hosts or self.list_tasks or self.list_tags or self.syntax_check
