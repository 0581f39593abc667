"""YAML and JSON files as plain values: every string a person wrote is a ``Text`` that knows its place.

The dialect is PyYAML's YAML 1.1 as Ansible reads it: ``yes``/``no``/``on``/``off`` are booleans, ``0644`` is
octal, dates are dates, ``<<`` merges. ``!vault`` gives a ``Vaulted`` that nobody has opened, ``!unsafe``
plain ``str`` that is never a template. Values are built straight from the parser's events, so a hostile file
meets the limits before it meets memory.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from orchestrator.language import mistakes
from orchestrator.model.errors import MissingFile, PlaybookError, UserError
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Place, Text

SIZE_LIMIT_BYTES = 10 * 1024 * 1024
DEPTH_LIMIT = 64
ALIAS_BUDGET = 100_000
"""How many values aliases may repeat in one file; people stay far below it, "billion laughs" files do not."""

VAULT_HEADER = b"$ANSIBLE_VAULT;"
OpenVault = Callable[[bytes, str], bytes]
"""Takes a whole vault text and the path it came from; returns what is inside, or raises a UserError."""

_STANDARD = "tag:yaml.org,2002:"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALARS = yaml.constructor.SafeConstructor()
_SCALAR_TAGS: dict[str, Callable[[yaml.ScalarNode], Any]] = {
    "null": lambda node: None,
    "bool": _SCALARS.construct_yaml_bool,
    "int": _SCALARS.construct_yaml_int,
    "float": _SCALARS.construct_yaml_float,
    "timestamp": _SCALARS.construct_yaml_timestamp,
    "binary": _SCALARS.construct_yaml_binary,
}


@frozen
class Vaulted:
    """A value that stands encrypted in the file; ``ciphertext`` begins with ``$ANSIBLE_VAULT``."""

    ciphertext: Text


Warn = Callable[[str], None]
"""Told what is probably a mistake and stops nothing."""


def _unheard(_text: str) -> None:
    """Nobody listens."""


def load_file(path: str, open_vault: OpenVault | None = None, error: type[UserError] = PlaybookError) -> Any:
    """The value in the YAML or JSON file at ``path``; None for an empty file.

    A file that is a vault as a whole is opened by ``open_vault``. Raises ``error`` (placed, with hint) for
    whatever is wrong.
    """
    raw, is_secret = read_bytes(path, open_vault, error)
    return load_text(decode(raw, path, error), path, error=error, is_secret=is_secret)


def read_bytes(
    path: str, open_vault: OpenVault | None = None, error: type[UserError] = PlaybookError
) -> tuple[bytes, bool]:
    """The file's bytes, and whether they came out of a vault (then errors do not show its lines)."""
    try:
        with Path(path).open("rb") as file:
            raw = file.read(SIZE_LIMIT_BYTES + 1)
    except OSError as cause:
        hint = f"ls -l {path}: it must be a file that you may read"
        missing = MissingFile if error is PlaybookError else error
        raise missing(f"cannot read the file: {cause.strerror}", place=Place(path), hint=hint) from cause
    if len(raw) > SIZE_LIMIT_BYTES:
        raise error(f"the file is larger than {SIZE_LIMIT_BYTES} bytes", place=Place(path))
    if not raw.startswith(VAULT_HEADER):
        return raw, False
    if open_vault is None:
        raise error(
            "the file is encrypted and no vault password was given",
            place=Place(path),
            hint="use --vault-password-file or --ask-vault-pass",
        )
    return open_vault(raw, path), True


def decode(raw: bytes, path: str, error: type[UserError] = PlaybookError) -> str:
    """``raw`` as text; files are UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        before = raw[: cause.start]
        place = Place(path, before.count(b"\n") + 1, cause.start - before.rfind(b"\n"))
        raise error(
            f"byte 0x{raw[cause.start]:02x} is not UTF-8", place=place, hint="save the file as UTF-8"
        ) from cause


def load_text(
    text: str, file: str, *, error: type[UserError] = PlaybookError, is_secret: bool = False, warn: Warn = _unheard
) -> Any:
    """The value in YAML or JSON ``text``; ``file`` names where it stands. ``warn`` hears of keys that are written
    twice: the last one counts, as in Ansible."""
    builder = _Builder(text, file, is_json=_is_json(text), warn=warn)
    try:
        return builder.document()
    except yaml.YAMLError as cause:
        if _is_json(text):
            return _placed(json.loads(text), Place(file))  # JSON that YAML cannot read: surrogate pairs, huge keys
        raise mistakes.explain(cause, text, file, error, is_secret=is_secret) from cause
    except _Wrong as wrong:
        evidence = None if is_secret else mistakes.line_of(text, wrong.place.line)
        raise error(wrong.message, place=wrong.place, evidence=evidence, hint=wrong.hint) from None


def _is_json(text: str) -> bool:
    """Whether the whole text is JSON: then numbers are JSON's, as Ansible has it."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _placed(value: Any, place: Place) -> Any:
    """A JSON value with its strings as Text, all at one place."""
    if isinstance(value, dict):
        return _from_json({Text(key, place): _placed(each, place) for key, each in value.items()})
    if isinstance(value, list):
        return [_placed(each, place) for each in value]
    return Text(value, place) if isinstance(value, str) else value


class _Wrong(Exception):
    def __init__(self, message: str, place: Place, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.place, self.hint = message, place, hint


class _Builder:
    """Builds one document's value from parser events."""

    def __init__(self, text: str, file: str, *, is_json: bool, warn: Warn) -> None:
        # JSON allows tabs between tokens, YAML does not; no JSON string holds a raw tab, so blanks change nothing.
        self._loader = _Loader(text.replace("\t", " ") if is_json else text)
        self._text = text
        self._file = file
        self._is_json = is_json
        self._warn = warn
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._repeated = 0
        self._built = 0

    def document(self) -> Any:
        self._loader.get_event()  # the stream starts
        if self._loader.check_event(yaml.StreamEndEvent):
            return None
        self._loader.get_event()  # the document starts
        value = self._value(0, False)
        self._loader.get_event()  # the document ends
        if not self._loader.check_event(yaml.StreamEndEvent):
            place = self._place(self._loader.get_event())
            raise _Wrong("a second document begins here; one file holds one", place, "split the file at ---")
        return value

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _value(self, depth: int, unsafe: bool) -> Any:
        event = self._loader.get_event()
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > DEPTH_LIMIT:
            raise _Wrong(f"nested deeper than {DEPTH_LIMIT} levels", self._place(event))
        before = self._built
        self._built += 1
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, unsafe)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(event, depth, unsafe)
        else:
            value = self._mapping(event, depth, unsafe)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._built - before)
        return value

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise _Wrong(f"alias *{event.anchor} names no anchor that stands complete above it", self._place(event))
        value, weight = self._anchors[event.anchor]
        self._repeated += weight
        self._built += weight
        if self._repeated > ALIAS_BUDGET:
            raise _Wrong(f"aliases repeat more than {ALIAS_BUDGET} values", self._place(event))
        return value

    def _scalar(self, event: Any, unsafe: bool) -> Any:
        place = self._place(event)
        if event.tag == "!unsafe":
            return self._resolved(event, None, place, True)
        if event.tag in ("!vault", "!vault-encrypted"):
            return Vaulted(Text(event.value, place))
        return self._resolved(event, event.tag, place, unsafe)

    def _resolved(self, event: Any, tag: str | None, place: Place, unsafe: bool) -> Any:
        if self._is_json and event.implicit[0]:
            return json.loads(event.value)
        if tag is None or tag == "!":
            implicit = (True, False) if event.tag == "!unsafe" else event.implicit
            tag = self._loader.resolve(yaml.ScalarNode, event.value, implicit)
        kind = tag.removeprefix(_STANDARD)
        if kind in ("str", "value", "merge", "python/unicode"):
            return event.value if unsafe else Text(event.value, place)
        if kind not in _SCALAR_TAGS or kind == tag:
            raise _Wrong(f"unknown tag {tag}", place, "known tags: !vault, !unsafe")
        try:
            return _SCALAR_TAGS[kind](yaml.ScalarNode(tag, event.value))
        except (ValueError, KeyError, IndexError, AttributeError, OverflowError, yaml.YAMLError) as cause:
            raise _Wrong(f"{event.value!r} is not a valid {kind}", place, "quote it if it is text") from cause

    def _sequence(self, event: Any, depth: int, unsafe: bool) -> Any:
        kind = self._container_tag(event, "seq", ("seq", "omap", "pairs"))
        unsafe = unsafe or event.tag == "!unsafe"
        items = []
        while not self._loader.check_event(yaml.SequenceEndEvent):
            items.append(self._value(depth + 1, unsafe))
        self._loader.get_event()
        if kind == "seq":
            return items
        if not all(isinstance(item, dict) and len(item) == 1 for item in items):
            raise _Wrong(f"!!{kind} wants a list of one-key mappings", self._place(event))
        return [next(iter(item.items())) for item in items]

    def _container_tag(self, event: Any, default: str, known: tuple[str, ...]) -> str:
        if event.tag in (None, "!", "!unsafe"):
            return default
        kind: str = event.tag.removeprefix(_STANDARD)
        if kind not in known:
            raise _Wrong(f"unknown tag {event.tag} here", self._place(event), "known tags: !vault (on text), !unsafe")
        return kind

    def _mapping(self, event: Any, depth: int, unsafe: bool) -> Any:
        kind = self._container_tag(event, "map", ("map", "set", "python/dict"))
        unsafe = unsafe or event.tag == "!unsafe"
        own: dict[Any, Any] = {}
        places: dict[Any, Place] = {}
        merged: dict[Any, Any] = {}
        while not self._loader.check_event(yaml.MappingEndEvent):
            key_event = self._loader.peek_event()
            is_merge = _is_merge(key_event) and not self._is_json
            key = self._value(depth + 1, unsafe)
            place = self._place(key_event)
            if is_merge:
                self._merge(merged, self._value(depth + 1, unsafe), place)
                continue
            self._check_key(key, place, places)
            places[key] = place
            own[key] = self._value(depth + 1, unsafe)
        self._loader.get_event()
        values = {**merged, **own}
        if kind == "set":
            return set(values)
        return _from_json(values) if self._is_json else values

    def _check_key(self, key: Any, place: Place, places: dict[Any, Place]) -> None:
        if isinstance(key, dict | list | set | Vaulted):
            raise self._bad_key(place)
        if isinstance(key, float) and key != key:
            raise _Wrong("a key must equal itself, .nan does not", place)
        if key in places:
            self._warn(
                f"{place}: Found duplicate mapping key {str(key)!r}, first at {places[key]}; the last one counts"
            )

    def _bad_key(self, place: Place) -> _Wrong:
        """Why a mapping or list cannot be a key; mostly it is a template that YAML reads as two mappings."""
        line = self._text.split("\n")[place.line - 1]
        if line[place.column - 2 : place.column] == "{{":
            place = Place(place.file, place.line, place.column - 1)
            return _Wrong("a template stands without quotes", place, mistakes.QUOTE_TEMPLATE)
        return _Wrong("a key must be a plain value", place)

    def _merge(self, merged: dict[Any, Any], value: Any, place: Place) -> None:
        """YAML's ``<<``: earlier mappings of a list win over later ones, own keys win over all."""
        sources = value if isinstance(value, list) else [value]
        for source in reversed(sources):
            if not isinstance(source, dict):
                raise _Wrong("<< wants a mapping or a list of mappings", place)
            merged.update(source)


def _is_merge(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0] and not event.tag


def _from_json(values: dict[Any, Any]) -> Any:
    """Ansible's JSON spellings of ``!unsafe`` and ``!vault``, else the mapping itself."""
    if len(values) == 1:
        unsafe, vault = values.get("__ansible_unsafe"), values.get("__ansible_vault")
        if isinstance(unsafe, Text):
            return str.__str__(unsafe)
        if isinstance(vault, Text):
            return Vaulted(vault)
    return values


def is_template(value: Any) -> bool:
    """Whether ``value`` is text of the user's that holds a template."""
    return isinstance(value, Text) and any(mark in value for mark in ("{{", "{%", "{#"))


def kind_of(value: Any) -> str:
    """The word people use for the type of a loaded value."""
    names = {
        bool: "boolean",
        int: "integer",
        float: "number",
        list: "list",
        dict: "mapping",
        type(None): "nothing",
    }
    if isinstance(value, datetime.date):
        return "date"
    return "text" if isinstance(value, str) else names.get(type(value), type(value).__name__)
