"""What a person at a terminal sees and answers: a real pseudo-terminal, a real process."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.conftest import ROOT

PLAY = """
- hosts: all
  gather_facts: false
  vars_prompt:
    - {name: word, prompt: the word, private: true}
  tasks:
    - name: wait
      command: sleep 0.6
    - name: tell
      debug: {msg: "it is {{ word }}"}
"""


class Terminal:
    """``orch`` on a pseudo-terminal."""

    def __init__(self, *argv: str, **env: str) -> None:
        self._end, other = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from orchestrator.cli.main import main; main()", *argv],
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "80", **env},
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)
        self.shown = ""

    def until(self, text: str, timeout_s: float = 20.0) -> None:
        """Read until ``text`` has been shown."""
        end = time.monotonic() + timeout_s
        while text not in self.shown:
            if not self._read(end):
                pytest.fail(f"{text!r} was not shown: {self.shown!r}")

    def type(self, text: str) -> None:
        os.write(self._end, text.encode())

    def status(self, timeout_s: float = 20.0) -> int:
        """Read to the end; the exit status."""
        end = time.monotonic() + timeout_s
        while self._read(end):
            pass
        return self.process.wait(timeout=timeout_s)

    def _read(self, end: float) -> bool:
        ready, _, _ = select.select([self._end], [], [], max(0.0, end - time.monotonic()))
        try:
            data = os.read(self._end, 65536) if ready else b""
        except OSError:  # the other end is closed
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        os.close(self._end)


@pytest.fixture
def terminals(here: Path) -> Iterator[list[Terminal]]:
    (here / "play.yml").write_text(PLAY)
    (here / "sleep.yml").write_text("- hosts: all\n  gather_facts: false\n  tasks: [{name: long, command: sleep 30}]\n")
    opened: list[Terminal] = []
    yield opened
    for each in opened:
        each.close()


def test_a_question_is_answered_without_echo_and_the_grid_shows_work(terminals: list[Terminal]) -> None:
    terminals.append(orch := Terminal("run", "-i", "hosts", "play.yml"))
    orch.until("the word")
    orch.type("swordfish\n")
    assert orch.status() == 0
    before, _, after = orch.shown.partition("it is swordfish")
    assert "swordfish" not in before
    assert "\x1b[32mok: [here]" in orch.shown and "PLAY RECAP" in after
    assert " s\x1b[0m  \x1b[36mwait\x1b[0m" in before
    assert "\x1b[?25h" in orch.shown[-12:]  # the cursor is back


def test_no_color_means_no_control_characters(terminals: list[Terminal]) -> None:
    terminals.append(orch := Terminal("run", "-i", "hosts", "play.yml", "-e", "word=x", NO_COLOR="1"))
    assert orch.status() == 0
    assert "\x1b" not in orch.shown
    assert "it is x" in orch.shown


def test_the_become_password_is_asked_for_and_hidden(terminals: list[Terminal]) -> None:
    terminals.append(orch := Terminal("run", "-i", "hosts", "play.yml", "-K", "-e", "word=open-sesame-1"))
    orch.until("BECOME password: ")
    orch.type("open-sesame-1\n")
    assert orch.status() == 0
    assert "it is ***" in orch.shown and "open-sesame" not in orch.shown


def test_the_second_ctrl_c_stops_at_once(terminals: list[Terminal]) -> None:
    terminals.append(orch := Terminal("run", "-i", "hosts", "sleep.yml"))
    orch.until("TASK [long]")
    time.sleep(0.5)
    began = time.monotonic()
    orch.process.send_signal(signal.SIGINT)
    orch.until("Ctrl-C again to stop at once")
    orch.process.send_signal(signal.SIGINT)
    assert orch.status() == 99
    assert time.monotonic() - began < 15
    assert "Traceback" not in orch.shown


def test_a_pause_waits_for_an_answer(terminals: list[Terminal], here: Path) -> None:
    (here / "ask.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - pause: {prompt: go on}\n      register: said\n"
        "    - debug: {msg: 'said [{{ said.user_input }}]'}\n"
    )
    terminals.append(orch := Terminal("run", "-i", "hosts", "ask.yml"))
    orch.until("go on")
    orch.type("yes, do\n")
    assert orch.status() == 0
    assert "said [yes, do]" in orch.shown


def test_vault_passwords_are_asked_for(terminals: list[Terminal], here: Path) -> None:
    (here / "f").write_text("x\n")
    terminals.append(orch := Terminal("vault", "encrypt", "f"))
    orch.until("Vault password: ")
    orch.type("pw\n")
    assert orch.status() == 0
    assert (here / "f").read_text().startswith("$ANSIBLE_VAULT")
    terminals.append(orch := Terminal("vault", "view", "-J", "f"))
    orch.until("Vault password: ")
    orch.type("pw\n")
    assert orch.status() == 0
    assert orch.shown.replace("\r", "").endswith("\nx\n")
