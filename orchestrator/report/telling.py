"""How results are told: the options of ansible-core 2.19's default callback that change what is on stdout.

Source: the output of ansible-playbook 2.19.14 under each of them (tests/unit/report/test_telling.py).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import Any

from orchestrator.model.frozen import frozen
from orchestrator.report.words import as_json

OMITTED = "<omitted>"
INDENT = 4
QUOTED = re.compile("[^\n -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010fffe]|\ufeff")
"""What YAML shows in double quotes alone."""


@frozen
class Telling:
    """``result_format``: json or yaml. ``is_pretty``: readable rather than exact; None: yaml is, json only where a
    result is the task's purpose."""

    shows_skipped: bool = True
    shows_ok: bool = True
    fails_to_stderr: bool = False
    shows_stats: bool = False
    result_format: str = "json"
    is_pretty: bool | None = None

    @property
    def is_choosy(self) -> bool:
        """Whether a task's banner waits for the first result that is shown."""
        return not (self.shows_ok and self.shows_skipped)

    def text(self, result: Mapping[str, Any], *, is_indented: bool) -> str:
        """``result`` as it stands behind the arrow."""
        if self.result_format == "yaml":
            return _as_yaml(result, is_lossy=self.is_pretty is not False)
        return as_json(result, is_indented=is_indented if self.is_pretty is None else self.is_pretty)


def _as_yaml(result: Mapping[str, Any], *, is_lossy: bool) -> str:
    """A block of YAML below the line. ``is_lossy``: what is told twice is left out, and texts of several lines lose
    what YAML could only show in quotes."""
    from orchestrator.language.dump import in_blocks  # here: few runs are told so

    told = dict(result)
    if is_lossy:
        for name in ("stdout", "stderr"):
            if {name, f"{name}_lines"} <= told.keys():
                told[f"{name}_lines"] = OMITTED
    dumped = in_blocks(told, _readable if is_lossy else str, indent=INDENT if is_lossy else 2)
    return "\n" + textwrap.indent(dumped, " " * INDENT).removesuffix("\n")


def _readable(text: str) -> str:
    """A text of several lines, without what keeps YAML from showing it line by line: blanks at the ends of lines, tabs,
    control characters."""
    return re.sub(" +(?=[\n\x85\u2028\u2029])", "", QUOTED.sub("", text.rstrip().expandtabs()))
