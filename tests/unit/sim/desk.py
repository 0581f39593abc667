"""A Mac laid out on disk without launchd or SSH, and a way to call its tools in this process."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from orchestrator.sim.layout import lay_out
from orchestrator.sim.mac import MacDir, SimMac, session_environment
from orchestrator.sim.tools.base import Mac, Refusal
from orchestrator.sim.tools.table import load
from tests.sim_said import Said

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "macos"


def recording(name: str) -> str:
    """What a real Mac printed, by slug and variant."""
    return (RECORDINGS / f"{name}.txt").read_text()


class Desk:
    """One Mac on disk."""

    def __init__(self, root: Path, mac: SimMac) -> None:
        self.mac = mac
        self.dir = MacDir(root / mac.name)
        lay_out(mac, self.dir, gateway_port=18789)

    @property
    def home(self) -> Path:
        return self.dir.home

    def call(self, tool: str, *argv: str, stdin: str = "", **environment: str) -> Said:
        """Call a tool as `ssh node tool argv` would; `SIM_UID="0"` plays root."""
        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        with self._as_session({"SIM_SESSION": "ssh 1", **environment}, stdin):
            with redirect_stdout(out), redirect_stderr(err):
                try:
                    code = load(tool)(Mac(str(self.dir.root)), list(argv))
                except Refusal as refusal:
                    err.write(refusal.text)
                    code = refusal.code
        out.flush()
        return Said(out.buffer.getvalue().decode(), err.getvalue(), code)  # type: ignore[attr-defined]

    def root(self, tool: str, *argv: str, stdin: str = "") -> Said:
        return self.call(tool, *argv, stdin=stdin, SIM_UID="0")

    @contextmanager
    def _as_session(self, changes: dict[str, str], stdin: str) -> Iterator[None]:
        before, keyboard = dict(os.environ), sys.stdin
        os.environ.update({**session_environment(self.mac, self.dir), **changes})
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
            sys.stdin = keyboard
