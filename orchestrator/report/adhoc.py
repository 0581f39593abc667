"""``orch exec`` told as the command ``ansible`` tells it (its callback ``minimal``, ansible-core 2.19)."""

from __future__ import annotations

from orchestrator.journal.entry import Entry
from orchestrator.model import events as e
from orchestrator.report import explain
from orchestrator.report.lines import Line
from orchestrator.report.words import as_json, diff_text, short_action, shown_result

COMMANDS = frozenset({"command", "shell", "raw", "script"})
"""Modules whose output is shown as it is."""
STATES = {"ok": "SUCCESS", "changed": "CHANGED", "failed": "FAILED", "unreachable": "UNREACHABLE", "unknown": "UNKNOWN"}


class AdHoc:
    """Entries to lines: one block a host, nothing around it."""

    def __init__(self, *, verbosity: int = 0) -> None:
        self._verbosity = verbosity
        self._actions: dict[str, str] = {}

    def tell(self, entry: Entry) -> list[Line]:
        """The lines for ``entry``."""
        match entry.event:
            case e.TaskStarted(task=task, action=action):
                self._actions[task] = action
            case e.TaskDone() as done:
                return self._done(done)
            case e.Said(level=level, text=text) if level not in ("info", "note"):
                return [Line(f"[{level.upper()}]: {text}", "warning", True)]
            case e.NoHosts(reason=reason):
                return [Line(f"[WARNING]: {reason}", "warning", True)]
            case e.RunEnded(reason=str(reason)):
                return [Line(reason, "warning", True)]
        return []

    def _done(self, done: e.TaskDone) -> list[Line]:
        action = self._actions.get(done.task, "")
        lines = [Line(line) for line in diff_text(done.diff).split("\n")[:-1]]
        if done.outcome == "skipped":
            return [*lines, Line(f"{done.host} | SKIPPED", "skipped")]
        state = STATES[done.outcome]
        if short_action(action) in COMMANDS and done.outcome in ("ok", "changed", "failed") and not done.no_log:
            streams = "".join(str(done.result.get(name) or "") for name in ("stdout", "stderr", "msg"))
            head = f"{done.host} | {state} | rc={done.result.get('rc', -1)} >>"
            return [*lines, Line(f"{head}\n{streams}", done.outcome)]
        shown = shown_result(done.result, action, verbosity=self._verbosity, no_log=done.no_log)
        mark = "!" if done.outcome in ("failed", "unreachable", "unknown") else ""
        block = Line(f"{done.host} | {state}{mark} => {as_json(shown, is_indented=True)}", done.outcome)
        why = [Line(text, "note", True) for text in explain.failure(done)] if mark and done.hint else []
        return [*lines, block, *why]
