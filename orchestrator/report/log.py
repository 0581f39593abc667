"""The file that ``log_path`` of ansible.cfg names: what people are told, with its moment, as Ansible logs it."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from orchestrator.report.lines import Line, Teller
from orchestrator.report.output import Plain, Writer


class Log(Plain):
    """A sink that adds to the log; secrets are hidden as on the screen."""

    def __init__(
        self, path: Path, teller: Teller, redact: Callable[[str], str], clock: Callable[[], float] = time.time
    ) -> None:
        """Raises OSError where the file can be neither made nor written to."""
        self._file = path.open("a", encoding="utf-8")
        writer = Writer(self._file, redact)
        super().__init__(teller, writer, writer)
        self._clock = clock
        self._who = f"p={os.getpid()} u={getpass.getuser()} n=ansible"

    def show(self, line: Line) -> None:
        if text := line.text.strip("\n"):
            now = self._clock()
            stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
            self._out.line(f"{stamp},{int(now * 1000) % 1000:03d} {self._who} INFO| {text}")

    def close(self) -> None:
        with suppress(OSError):  # what is still held back has failed before
            self._file.close()
        super().close()
