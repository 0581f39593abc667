"""Events as JSON Lines: one event a line, for programs. The fields are described in docs/reference/events.md."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from orchestrator.journal.entry import Entry, encode
from orchestrator.report.output import Writer
from orchestrator.report.safe import UNSAFE

VERSION = 1


def as_data(entry: Entry) -> dict[str, Any]:
    """``entry`` as plain data: ``v``, ``seq``, ``at`` (ISO 8601, UTC), ``kind``, and the event's own fields."""
    return {"v": VERSION, "seq": entry.seq, "at": moment(entry.at), **encode(entry.event)}


def moment(at: float) -> str:
    """``at`` in ISO 8601, UTC, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLines:
    """A sink that writes each entry as one line of JSON."""

    def __init__(self, out: Writer) -> None:
        self._out = out

    def take(self, entry: Entry) -> None:
        text = json.dumps(as_data(entry), ensure_ascii=False, separators=(",", ":"))
        # JSON's own escape keeps the data exact where the screen's escape would change it.
        self._out.line(UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))

    def close(self) -> None:
        """Nothing is held back. Raises UserError where not all could be written."""
        self._out.end()
