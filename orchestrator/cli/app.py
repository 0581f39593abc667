"""All commands, in the order of the help. Each file brings one group; heavy imports wait until a command runs."""

from __future__ import annotations

from importlib import import_module

import typer

from orchestrator.cli.plain import Command, Group

HELP = """Ansible-style playbooks over SSH on Macs that offer sshd and /bin/sh, and nothing else.

    orch run site.yml -i inventory.yml       run a playbook

    orch exec all -m ping -i inventory.yml   one module on some hosts

    orch demo                                try it on simulated Macs, here and now
"""

TABLE: dict[str, str] = {
    "run": "run:run",
    "exec": "exec:exec_",
    "resume": "resume:resume",
    "runs": "runs:app",
    "snapshot": "snapshot:app",
    "inventory": "inventory:app",
    "restart": "restart:app",
    "secrets": "secrets:app",
    "vault": "vault:app",
    "node": "node:app",
    "sim": "sim:app",
    "demo": "sim:demo",
    "lint": "lint:lint",
    "doc": "doc:doc",
    "schema": "doc:schema",
}
"""Command → ``file:object`` beside this file: a function, or a group of its own."""


def build(only: str | None = None) -> typer.Typer:
    """The application; with the one command ``only`` where it is a command's name, which saves building the others."""
    app = typer.Typer(
        help=HELP,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(cls=Group)(_orch)  # without it, an application of one command would take no command's name
    for name in [only] if only in TABLE else TABLE:
        path, _, attribute = TABLE[str(name)].partition(":")
        found = getattr(import_module(f"orchestrator.cli.{path}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name, cls=Command)(found)
    return app


def _orch() -> None:
    """What all commands have in common: nothing yet."""
