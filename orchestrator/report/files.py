"""Reports that are files: rendered from the whole story at the end of a run, and replaced in one step."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from orchestrator.journal.entry import Entry
from orchestrator.model.errors import UserError
from orchestrator.report.story import Story

Renderer = Callable[[Story], str]


def renderer(kind: str) -> Renderer:
    """What makes the text of a report of ``kind``: html, junit or md."""
    from orchestrator.report import html, junit, markdown

    return {"html": html.render, "junit": junit.render, "md": markdown.render}[kind]


class FileReport:
    """A sink that writes ``path`` when the run is over, also where it was cut off."""

    def __init__(self, path: Path, render: Renderer, redact: Callable[[str], str]) -> None:
        self._path = path
        self._render = render
        self._redact = redact
        self._story = Story()

    def take(self, entry: Entry) -> None:
        self._story.take(entry)

    def close(self) -> None:
        write(self._path, self._redact(self._render(self._story)))


def write(path: Path, text: str) -> None:
    """Replace ``path`` by ``text``: whole or not at all, readable by its owner alone where it is new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        draft.touch(mode=0o600)
        draft.write_text(text, encoding="utf-8", errors="backslashreplace")
        draft.chmod(mode)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UserError(f"the report {path} cannot be written: {error.strerror}") from error
