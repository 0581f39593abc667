"""The tools that are measured side by side, and the environments of those that are not ours.

A peer is installed from the package index into an environment of its own below ``$ORCH_BENCH_CACHE`` (else
``~/.cache/orch-bench``), once, in the version that is named here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.lab import ORCH, WORKLOADS, Lab

PACKAGES = {
    "ansible": ("ansible-core==2.19.*", "mitogen==0.3.54"),
    "python": ("pyinfra==3.10.0", "fabric==3.2.3", "jinja2>=3.1"),
}
INSTALL_S = 600


@dataclass(frozen=True)
class Tool:
    """A tool, the environment it lives in ("" for ours), and the workloads it can do."""

    name: str
    home: str = ""
    strategy: str = "linear"
    environment: Mapping[str, str] = field(default_factory=dict)
    workloads: tuple[str, ...] = ("w1", "w2", "w3", "w4")

    @property
    def is_ours(self) -> bool:
        return self.name.startswith("orch-")


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("orch-linear"),
        Tool("orch-free", strategy="free"),
        Tool("ansible", "ansible"),
        Tool("mitogen", "ansible", "mitogen_linear"),
        Tool("pyinfra", "python"),
        Tool("fabric", "python"),
        Tool("floor", workloads=("w1", "w2")),
        Tool("scp", workloads=("w4",)),
    )
}
"""``ansible`` with pipelining; ``floor``: one script a host, written by hand, over this project's own transport;
``scp``: the system's, to one host."""


@dataclass(frozen=True)
class Fleet:
    """The hosts of one measurement: where they are, as each tool wants to be told."""

    laboratory: Lab
    hosts: int
    port: int
    addresses: tuple[str, ...]

    def ini(self) -> Path:
        return self.laboratory.inventory(self.hosts, self.port, self.addresses)

    def described(self) -> Path:
        """The same as JSON, for programs written in Python."""
        at = self.addresses
        known = self.laboratory.variables(self.port, at)
        named = [{"name": f"h{number + 1}", "address": at[number % len(at)]} for number in range(self.hosts)]
        told = {
            "hosts": named,
            "port": self.port,
            "user": known["ansible_user"],
            "key": known["ansible_ssh_private_key_file"],
            "known_hosts": str(self.laboratory.home / "known_hosts"),
            "template": str(WORKLOADS / "app.conf.j2"),
            **{name: value for name, value in known.items() if name.startswith("bench_")},
        }
        path = self.laboratory.home / "hosts.json"
        path.write_text(json.dumps(told))
        return path


def cache() -> Path:
    return Path(os.environ.get("ORCH_BENCH_CACHE") or Path.home() / ".cache" / "orch-bench")


def python_of(home: str) -> Path:
    """The interpreter of a peer's environment, which is made where it is not there."""
    place = cache() / home
    if not (place / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True, timeout=INSTALL_S)
        install = [str(place / "bin/python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*install, *PACKAGES[home]], check=True, timeout=INSTALL_S)
        (place / ".ready").touch()
    return place / "bin/python"


def versions(home: str) -> str:
    """``name version, …`` of what was asked for in an environment."""
    names = [name.split("=")[0].split(">")[0] for name in PACKAGES[home]]
    code = "import importlib.metadata as m, sys; print(', '.join(f'{n} {m.version(n)}' for n in sys.argv[1:]))"
    done = subprocess.run([python_of(home), "-c", code, *names], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


def command(tool: Tool, workload: str, fleet: Fleet) -> tuple[list[str], dict[str, str]]:
    """The command that does ``workload``, and what its environment needs beyond the laboratory's."""
    forks = str(max(50, fleet.hosts))
    # Ansible renders a play's strategy before it knows of hosts, so the inventory cannot name it.
    play = [str(WORKLOADS / f"{workload}.yml"), "--forks", forks, "-e", f"bench_strategy={tool.strategy}"]
    if tool.is_ours:
        return [*ORCH, *play, "-i", str(fleet.ini())], {}
    if tool.name == "floor":
        return [sys.executable, "-m", "tests.bench.floor", workload, str(fleet.described())], _here()
    if tool.name == "scp":
        return _scp(fleet), {}
    python = python_of(tool.home)
    if tool.home == "ansible":
        words = [str(python.with_name("ansible-playbook")), *play, "-i", str(fleet.ini())]
        return words, _mitogen(python) if tool.name == "mitogen" else {}
    if tool.name == "fabric":
        return [str(python), str(WORKLOADS / "with_fabric.py"), workload, str(fleet.described()), forks], {}
    deploy = [str(WORKLOADS / "pyinfra_hosts.py"), str(WORKLOADS / "with_pyinfra.py")]
    told = {"BENCH_HOSTS": str(fleet.described()), "BENCH_WORKLOAD": workload}
    return [str(python.with_name("pyinfra")), "-y", "--parallel", forks, *deploy], told


def _scp(fleet: Fleet) -> list[str]:
    known = fleet.laboratory.variables(fleet.port, fleet.addresses)
    words = ["-q", "-F", "/dev/null", "-P", str(fleet.port), "-i", known["ansible_ssh_private_key_file"]]
    target = f"{known['ansible_user']}@{fleet.addresses[0]}:{known['bench_home']}/scp"
    return [
        "scp",
        *words,
        "-o",
        f"UserKnownHostsFile={fleet.laboratory.home / 'known_hosts'}",
        known["bench_big"],
        target,
    ]


def _mitogen(python: Path) -> dict[str, str]:
    code = "import ansible_mitogen, os; print(os.path.dirname(ansible_mitogen.__file__))"
    found = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    return {"ANSIBLE_STRATEGY_PLUGINS": f"{found.stdout.strip()}/plugins/strategy"}


def _here() -> dict[str, str]:
    return {"PYTHONPATH": str(Path(__file__).parents[2])}
