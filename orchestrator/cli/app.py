"""All commands, in the order of the help. Each file brings one group; heavy imports wait until a command runs."""

from __future__ import annotations

import typer

from orchestrator.cli import run

HELP = """Ansible-style playbooks over SSH on Macs that offer sshd and /bin/sh, and nothing else.

    orch run site.yml -i inventory.yml     run a playbook
    orch exec all -m ping -i inventory.yml one module on some hosts
    orch demo                              try it on simulated Macs, here and now
"""


def build() -> typer.Typer:
    """The application."""
    app = typer.Typer(
        help=HELP,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command("run")(run.run)
    return app
