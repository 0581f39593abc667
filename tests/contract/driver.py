"""Plays a module against a local sh with the session's conventions, so that modules are tested without a transport.

`say NAME VALUE` and `die MESSAGE` behave as the session's: records on fd 3, escaped to one line.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.errors import PlaybookError, UndefinedVariable
from orchestrator.model.program import Ask, Download, Reach, Reconnect, Reply, Request, Run, Sleep, Steps, Upload
from orchestrator.model.results import Result
from orchestrator.model.secrets import plain
from orchestrator.modules import find
from orchestrator.modules.base import Module
from orchestrator.modules.declared import records, unescape
from orchestrator.sim.layout import lay_out
from orchestrator.sim.mac import MacDir, SimMac, session_environment
from orchestrator.transport.base import Address
from orchestrator.transport.connection import NodeConnection
from orchestrator.transport.open import connect

SESSION = r"""
nl='
'
cr=$(printf '\r')
say() {
	case $2 in
	*[\\$nl$cr]*) printf '%s=%s\n' "$1" "$(printf '%s\n' "$2" | sed -e 's/\\/\\\\/g' -e "s/$cr/\\\\r/g" \
		| awk 'NR > 1 { printf "\\n" } { printf "%s", $0 }')" >&3 ;;
	*) printf '%s=%s\n' "$1" "$2" >&3 ;;
	esac
}
die() { say fail "$1"; exit 1; }
orch_claim=${HOME%/*}/.claim.$$
"""


@dataclass(frozen=True)
class Shell:
    """One of the shells we promise, and where it keeps its home and session."""

    argv: tuple[str, ...]
    home: Path
    environment: Mapping[str, str] = field(default_factory=lambda: {"PATH": os.environ["PATH"], "USER": "tester"})

    def run(self, program: Run) -> Reply:
        functions = "".join(f"use{n}() {{\n{s.text}\n}}\nuse{n}\n" for n, s in enumerate(program.scripts))
        values = "".join(f"{name}={shlex.quote(plain(value))}\n" for name, value in program.values.items())
        exports = "".join(f"export {name}={shlex.quote(plain(v))}\n" for name, v in program.environment.items())
        text = f"{SESSION}\n(\n{functions}{values}{exports}{program.main}\n) <&4\n"
        said_read, said_write = os.pipe()
        (self.home.parent / ".stdin").write_bytes(b"" if program.stdin is None else plain(program.stdin).encode())
        with (self.home.parent / ".stdin").open() as stdin, os.fdopen(said_read, "rb") as said:
            # Moved, not copied: what the program leaves in the background must not hold the pipe of the records open.
            moved = f"3>&{said_write} {said_write}>&- 4<&{stdin.fileno()} {stdin.fileno()}<&-"
            shell = f"exec {shlex.join(self.argv)} /dev/fd/0 {moved}"
            process = subprocess.run(
                ["bash", "-c", shell],
                input=text.encode(),
                capture_output=True,
                timeout=60,
                cwd=self.home,
                pass_fds=(said_write, stdin.fileno()),
                env={**self.environment, "HOME": str(self.home)},
            )
            os.close(said_write)
            lines = said.read().decode(errors="surrogateescape").splitlines()
        pairs = tuple((name, unescape(value)) for name, _, value in (line.partition("=") for line in lines))
        return Reply(process.returncode, process.stdout, process.stderr, pairs)


@dataclass(frozen=True)
class Session(Shell):
    """The real thing: a standing shell of the local connection, as the engine uses it."""

    connection: NodeConnection = field(kw_only=True)
    loop: asyncio.AbstractEventLoop = field(kw_only=True)

    def run(self, program: Run) -> Reply:
        home = replace(program, environment={"HOME": str(self.home), **program.environment})
        return self.loop.run_until_complete(self.connection.run(uuid.uuid4().hex, home, timeout_s=30))


@dataclass
class FakeContext:
    """A Context without an engine: templates are plain ``str.format`` fields of the variables."""

    check: bool = False
    diff: bool = False
    host: str = "mac1"
    variables: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    task_name: str = "a task"
    root: Path = Path("/nonexistent")
    no_log: bool = False
    verbosity: int = 0
    local: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    def setting(self, name: str) -> Any:
        return self.settings.get(name)

    def hand_on(
        self, name: str, values: Mapping[str, Any] | None, *, check: bool, with_defaults: bool = False
    ) -> Steps:
        module = find(name)
        assert module is not None, name
        return module.steps(module.args.model_validate(values or {}), replace(self, check=check))

    def is_local(self) -> bool:
        return self.local

    def interpreter(self, language: str) -> str:
        return str(self.variables.get(f"ansible_{language}_interpreter") or "")

    def told(self) -> dict[str, Any]:
        return {"async_val": 0}

    def render(self, text: str, overrides: Mapping[str, Any] | None = None) -> Any:
        name = text.strip("{} ")
        names = {**self.variables, **(overrides or {})}
        if name not in names:
            raise UndefinedVariable(f"'{name}' is undefined")
        return names[name]

    def render_template(self, text: str, options: Mapping[str, Any]) -> str:
        return text.format(**self.variables)

    def conditions(self, written: Any) -> list[Any]:
        return [written]

    def is_true(self, condition: Any) -> bool:
        if isinstance(condition, bool):
            return condition
        return bool(eval(condition, {}, dict(self.variables)))

    def evaluate(self, expression: Any) -> tuple[Any, list[str]]:
        try:
            return self.render(str(expression)), []
        except UndefinedVariable as error:
            return f"<< error 1 - {error.message} >>", [error.message]

    def vars_dir(self, name: str) -> Path:
        return self.find("vars", name)

    def find(self, kind: str, name: str) -> Path:
        for path in (self.root / kind / name, self.root / name):
            if path.exists():
                return path
        raise PlaybookError(f"no {kind} file {name}")

    def opened(self, path: Path) -> bytes | None:
        return None

    def load_vars(self, path: Path) -> dict[str, Any]:
        return records(path.read_text().replace(": ", "="))


@dataclass
class Node:
    """A module's whole world in a test: a shell, and the answers to everything that is not a program."""

    shell: Shell
    asked: list[Request] = field(default_factory=list)
    answer: str | None = None
    reconnect: str | None = None
    sleeps: float = 0.0
    """How long a Sleep really lasts here, in seconds."""

    @property
    def is_mac(self) -> bool:
        return "SIM_MAC" in self.shell.environment

    def play(self, name: str, args: dict[str, Any], ctx: FakeContext | None = None) -> Result:
        """The module's result for ``args``; pydantic's ValidationError where they are refused."""
        module = find(name)
        assert module is not None, name
        return self.play_module(module, args, ctx)

    def play_module(self, module: Module[Any], args: dict[str, Any], ctx: FakeContext | None = None) -> Result:
        """The same for a module that is not in the table."""
        steps = module.steps(module.args.model_validate(args), ctx or FakeContext())
        self.asked.clear()
        reply: Any = None
        try:
            while True:
                request = steps.send(reply)
                self.asked.append(request)
                reply = self.reply(request)
        except StopIteration as end:
            assert isinstance(end.value, Result)
            return end.value

    def reply(self, request: Request) -> Any:
        match request:
            case Run():
                return self.shell.run(request)
            case Upload(path=path, source=source, content=content):
                data = Path(source).read_bytes() if source is not None else content or b""
                with open(path, "xb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
                    file.write(data)
            case Download(path=path, into=None):
                return Path(path).read_bytes()
            case Download(path=path, into=into):
                shutil.copyfile(path, str(into))
            case Ask():
                return self.answer
            case Reach(host=host, port=port, timeout_s=timeout_s):
                return reach(host, port, timeout_s)
            case Reconnect():
                return self.reconnect
            case Sleep():
                time.sleep(self.sleeps)
        return None

    def runs(self) -> int:
        """How many round trips the last task took."""
        return sum(isinstance(request, Run | Upload | Download) for request in self.asked)


WORDS = {
    "dash": ("dash",),
    "bash": ("bash", "--posix"),
    "zsh": ("zsh", "--emulate", "sh"),
    "mac": ("bash", "--posix"),
    "session": ("/bin/sh",),
}


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.needs_zsh] * (name == "zsh")) for name in WORDS])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    """A node per promised shell. ``mac`` is the simulated Mac: BSD's stat, base64 and date, Apple's own tools;
    ``session`` is a standing shell of the local connection."""
    words, home = WORDS[request.param], tmp_path / "home"
    if request.param == "mac":
        mac, where = SimMac("mac1", gateway=False), MacDir(tmp_path / "mac")
        lay_out(mac, where, 0)
        yield Node(Shell(words, where.home, {**session_environment(mac, where), "SIM_SESSION": "test"}))
        return
    home.mkdir()
    if request.param != "session":
        yield Node(Shell(words, home))
        return
    loop = asyncio.new_event_loop()
    connection = connect(
        Address(name="here", tmp=tempfile.mkdtemp(prefix="orch-test.")), "local", run_id=uuid.uuid4().hex
    )
    try:
        yield Node(Session(words, home, connection=connection, loop=loop))
    finally:
        loop.run_until_complete(connection.close())
        loop.close()
        os.rmdir(connection.address.tmp)


def reach(host: str, port: int, timeout_s: float) -> str | None:
    try:
        socket.create_connection((host, port), timeout_s).close()
    except OSError as error:
        return str(error)
    return None
