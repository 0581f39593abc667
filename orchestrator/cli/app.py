"""All commands, in the order of the help. Each file brings one group; heavy imports wait until a command runs."""

from __future__ import annotations

import typer

from orchestrator.cli import doc, inventory, lint, node, run, runs, secrets, sim, snapshot, vault
from orchestrator.cli import exec as adhoc

HELP = """Ansible-style playbooks over SSH on Macs that offer sshd and /bin/sh, and nothing else.

    orch run site.yml -i inventory.yml       run a playbook

    orch exec all -m ping -i inventory.yml   one module on some hosts

    orch demo                                try it on simulated Macs, here and now
"""


def build() -> typer.Typer:
    """The application."""
    app = typer.Typer(
        help=HELP,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command("run")(run.run)
    app.command("exec")(adhoc.exec_)
    app.add_typer(runs.app, name="runs")
    app.add_typer(snapshot.app, name="snapshot")
    app.add_typer(inventory.app, name="inventory")
    app.add_typer(secrets.app, name="secrets")
    app.add_typer(vault.app, name="vault")
    app.add_typer(node.app, name="node")
    app.add_typer(sim.app, name="sim")
    app.command("demo")(sim.demo)
    app.command("lint")(lint.lint)
    app.command("doc")(doc.doc)
    app.command("schema")(doc.schema)
    return app
