"""
launchctl's errors: exit status, text, and what they mean for the order that was given.

Codes above 106 are launchd's own (texts: `launchctl error N`), those below are errno. The text is believed where it
names a number, then the exit status, then a sentence that belongs to one code alone.
"""

import re

from orchestrator.modules.macos.parsers.output import Output, Parsed, otherwise
from orchestrator.modules.macos.parsers.output import known as _known
from orchestrator.modules.macos.parsers.values import integer

_NUMBERED = re.compile(r"(?:Boot-out|Bootstrap|Could not \w+ service|\w+) ?(?:failed)?: ([0-9]{1,4}): (.+)")
_TABLE_ROW = re.compile(r"\s*([0-9]{1,4})(?::|\s)\s*(.+)")
_SENTENCES = (
    ("could not find domain", 112),
    ("could not find specified domain", 112),
    ("could not find service", 113),
    ("could not find specified service", 113),
    ("domain does not support specified action", 125),
    ("unrecognized target specifier", 64),
    ("operation not permitted while system integrity", 150),
    ("not privileged to", 1),
    ("operation not permitted", 1),
    ("no such process", 3),
    ("input/output error", 5),
    ("operation now in progress", 36),
    ("operation already in progress", 37),
    ("service is disabled", 119),
)


def command_error(output: Output) -> Parsed:
    """
    `{"code": int | None, "text": str | None}`.

    The code is launchctl's exit status when that is known and not 0 (for 0 and unknown: read from the text).
    """
    numbered = next((match for line in output.lines if (match := _NUMBERED.search(line))), None)
    sentence = _sentence_code(output.text)
    code = output.exit_code or (integer(numbered[1]) if numbered else sentence)
    text = numbered[2].strip() if numbered else next(reversed(output.lines), "").strip() or None
    return {"code": code, "text": text}


def _sentence_code(text: str) -> int | None:
    lowered = text.lower()
    return next((code for sentence, code in _SENTENCES if sentence in lowered), None)


def parse_error_table(output: Output) -> Parsed:
    """`errors`: code (as text, JSON has no other keys) → launchd's sentence; None where it has none, `(n/a)`."""
    rows = [match for line in output.rows if (match := _TABLE_ROW.fullmatch(line))]
    if not rows:
        return otherwise(output)
    return _known(errors={row[1]: None if row[2] == "(n/a)" else row[2] for row in rows})
