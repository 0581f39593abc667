"""Free-form arguments: ``copy: src=a dest="b c"`` as raw text and ``key=value`` pairs, split exactly as
Ansible does.

The rules, learned from ansible-core 2.19 (parse_kv and split_args) and checked against it by a property test:
words end at blanks, unless inside quotes or a template's braces; a word with an unescaped ``=`` is a pair;
quotes around a whole value are taken off; escapes like ``\\n`` are decoded in pairs; everything else is raw
text, kept as it was.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from orchestrator.model.errors import PlaybookError
from orchestrator.model.place import Place, Text

COMMAND_OPTIONS = frozenset(
    ("creates", "removes", "chdir", "executable", "warn", "stdin", "stdin_add_newline", "strip_empty_ends")
)
"""The only words that are pairs in the text of ``command`` and its like."""

_COMMANDS = ("command", "raw", "script", "shell", "win_command", "win_shell")
_PREFIXES = ("", "ansible.builtin.", "ansible.legacy.", "ansible.windows.")
COMMAND_ACTIONS = frozenset(prefix + name for prefix in _PREFIXES for name in _COMMANDS)
"""Actions whose free-form text is a command line."""

_ESCAPE = re.compile(r"""\\(?:U[0-9a-fA-F]{8}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|N\{[^}]+\}|[\\'"abfnrtv])""")
_BRACES = (("{{", "}}"), ("{%", "%}"), ("{#", "#}"))


def split_free_form(text: str, *, is_command: bool = False) -> tuple[str | None, dict[str, str]]:
    """The raw text (None where there is none) and the ``key=value`` pairs of ``text``.

    ``is_command``: only ``COMMAND_OPTIONS`` are pairs. Values are ``Text`` where ``text`` is. Raises
    PlaybookError for quotes or braces left open.
    """
    place = text.place if isinstance(text, Text) else None
    is_trusted = isinstance(text, Text)
    raw: list[str] = []
    pairs: dict[str, str] = {}
    for word in split_words(text):
        decoded = _decoded(word, place)
        equals = _first_equals(decoded)
        if equals is None:
            raw.append(decoded.replace("\\=", "=") if "=" in decoded else word)
        elif is_command and decoded[:equals] not in COMMAND_OPTIONS:
            raw.append(word)
        else:
            pairs[decoded[:equals].strip()] = unquote(decoded[equals + 1 :].strip())
    if is_trusted:
        pairs = {Text(key, place): Text(value, place) for key, value in pairs.items()}
    joined = _joined(raw) if raw else None
    return (Text(joined, place) if is_trusted and joined is not None else joined), pairs


def unquote(text: str) -> str:
    """``text`` without one pair of quotes around the whole of it."""
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text[-2] != "\\"
    return text[1:-1] if is_quoted else text


def split_words(text: str) -> list[str]:
    """The words of ``text``; newlines and doubled blanks stay at the end of the word before them."""
    if not text:
        return []
    splitter = _Splitter()
    lines = text.split("\n")
    for number, line in enumerate(lines):
        goes_on = splitter.line(line)
        if number < len(lines) - 1 and not goes_on:
            splitter.pad("\n")
    if splitter.is_open:
        place: Place | None = text.place if isinstance(text, Text) else None
        raise PlaybookError(
            "quotes or template braces are left open in the arguments",
            place=place,
            evidence=text[:200],
            hint="close them, or write the arguments as a mapping",
        )
    return splitter.words


@dataclass(slots=True)
class _Splitter:
    """Words gathered so far, and what is open: a quote, and how many of each kind of brace."""

    words: list[str] = field(default_factory=list)
    quote: str | None = None
    depths: list[int] = field(default_factory=lambda: [0, 0, 0])

    @property
    def is_open(self) -> bool:
        return any(self.depths) or self.quote is not None

    def line(self, line: str) -> bool:
        """Take one line; True where it ends in a lone backslash, so that it goes on without a newline."""
        goes_on = False
        for index, token in enumerate(line.split(" ")):
            if not token and index:
                self.pad(" ")
            elif token == "\\" and self.quote is None:
                goes_on = True
            else:
                self._token(token, index)
        return goes_on

    def pad(self, blank: str) -> None:
        if not self.words:
            self.words.append("")
        self.words[-1] += blank

    def _token(self, token: str, index: int) -> None:
        was_quoted = self.quote is not None
        in_braces = any(self.depths)
        self.quote = _quote_after(token, self.quote)
        is_done = False
        if self.quote and not was_quoted and not in_braces:
            self.words.append(token)
            is_done = True
        elif in_braces or self.quote or was_quoted:
            self.words[-1] += token if index == 0 else f" {token}"
            is_done = True
        for kind, (opening, closing) in enumerate(_BRACES):
            before = self.depths[kind]
            self.depths[kind] = max(0, before + token.count(opening) - token.count(closing))
            if self.depths[kind] != before and not is_done:
                self.words.append(token)
                is_done = True
        if not is_done and token and not self.is_open:
            self.words.append(token)


def _quote_after(token: str, quote: str | None) -> str | None:
    """The quote that is open after ``token``."""
    before = ""
    for character in token:
        if character in "\"'" and before != "\\":
            if quote is None:
                quote = character
            elif quote == character:
                quote = None
        before = character
    return quote


def _decoded(word: str, place: Place | None) -> str:
    try:
        return _ESCAPE.sub(lambda match: codecs.decode(match[0], "unicode-escape"), word)
    except UnicodeDecodeError as cause:
        raise PlaybookError(f"unknown escape in {word!r}", place=place, hint="double the backslash") from cause


def _first_equals(word: str) -> int | None:
    """Where the first ``=`` stands that is neither first nor escaped."""
    at = word.find("=", 1)
    while at > 0 and word[at - 1] == "\\":
        at = word.find("=", at + 1)
    return at if at > 0 else None


def _joined(words: list[str]) -> str:
    text = ""
    for word in words:
        text += word if not text or text.endswith("\n") else f" {word}"
    return text
