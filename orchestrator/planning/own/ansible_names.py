"""The few names of the ``ansible`` package that plug-ins commonly import, for machines on which it is not installed.

Names and meanings are those of Ansible's developer guide. Where the real package can be imported, it is left alone.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from types import ModuleType
from typing import Any

from orchestrator.model.lenient import to_bool


class AnsibleError(Exception):
    """The root of what plug-ins raise; ``message`` is what people are told."""

    def __init__(self, message: str = "", obj: Any = None, orig_exc: BaseException | None = None, **_more: Any) -> None:
        super().__init__(message)
        self.message = str(message)


ERRORS = {
    name: type(name, (AnsibleError,), {})
    for name in (
        "AnsibleFilterError AnsibleFilterTypeError AnsibleLookupError AnsibleOptionsError AnsibleParserError "
        "AnsibleTemplateError AnsibleUndefinedVariable AnsibleRuntimeError AnsiblePluginError AnsibleAssertionError "
        "AnsibleFileNotFound AnsibleTypeError AnsibleValueOmittedError"
    ).split()
}


class LookupBase:
    """The base of lookups. What needs the run (options, files, templates) is put before it when one is called."""

    def __init__(self, loader: Any = None, templar: Any = None, **_more: Any) -> None:
        self._loader = loader
        self._templar = templar

    @staticmethod
    def _flatten(terms: Any) -> list[Any]:
        return [item for term in terms for item in (term if isinstance(term, list | tuple) else [term])]

    @staticmethod
    def _combine(a: Any, b: Any) -> list[Any]:
        return [LookupBase._flatten([x, y]) for x in a for y in b]


class Display:
    """Where plug-ins talk to people: on stderr, so that stdout stays the run's own."""

    verbosity = 0

    def display(self, msg: Any, *_more: Any, **_options: Any) -> None:
        sys.stderr.write(f"{msg}\n")

    def warning(self, msg: Any, formatted: bool = False, **_options: Any) -> None:
        sys.stderr.write(f"warning: {msg}\n")

    error = deprecated = warning

    def v(self, msg: Any, host: str | None = None, **_options: Any) -> None:
        """Details for developers: not shown."""

    vv = vvv = vvvv = vvvvv = debug = verbose = v


def to_text(obj: Any, encoding: str = "utf-8", errors: str | None = None, nonstring: str = "simplerepr") -> Any:
    """Text of bytes and of anything else; ``nonstring='passthru'`` leaves anything else alone."""
    if isinstance(obj, str):
        return obj
    if isinstance(obj, bytes):
        return obj.decode(encoding, _how(errors))
    return obj if nonstring == "passthru" else "" if nonstring == "empty" else str(obj)


def to_bytes(obj: Any, encoding: str = "utf-8", errors: str | None = None, nonstring: str = "simplerepr") -> Any:
    """Bytes of text and of anything else; ``nonstring='passthru'`` leaves anything else alone."""
    if isinstance(obj, bytes):
        return obj
    if isinstance(obj, str):
        return obj.encode(encoding, _how(errors))
    return obj if nonstring == "passthru" else str(obj).encode(encoding, _how(errors))


def _how(errors: str | None) -> str:
    return "surrogateescape" if errors in (None, "surrogate_or_strict", "surrogate_or_replace") else errors


def is_sequence(seq: Any, include_strings: bool = False) -> bool:
    """Whether ``seq`` is a list or the like; text counts only where asked for."""
    return isinstance(seq, Sequence) and (include_strings or not isinstance(seq, str | bytes))


def is_string(seq: Any) -> bool:
    return isinstance(seq, str | bytes)


_TEXT = {"to_text": to_text, "to_native": to_text, "to_bytes": to_bytes}
MODULES: dict[str, dict[str, Any]] = {
    "ansible": {},
    "ansible.errors": {"AnsibleError": AnsibleError, **ERRORS},
    "ansible.plugins": {},
    "ansible.plugins.lookup": {"LookupBase": LookupBase},
    "ansible.module_utils": {},
    "ansible.module_utils._text": _TEXT,
    "ansible.module_utils.common": {},
    "ansible.module_utils.common.text": {},
    "ansible.module_utils.common.text.converters": _TEXT,
    "ansible.module_utils.common.collections": {
        "is_sequence": is_sequence,
        "is_string": is_string,
        "is_iterable": is_sequence,
        "Mapping": Mapping,
        "MutableMapping": MutableMapping,
        "Sequence": Sequence,
        "MutableSequence": MutableSequence,
    },
    "ansible.module_utils.parsing": {},
    "ansible.module_utils.parsing.convert_bool": {"boolean": lambda value, strict=True: to_bool(value)},
    "ansible.module_utils.six": {
        "string_types": (str,),
        "text_type": str,
        "binary_type": bytes,
        "integer_types": (int,),
        "PY2": False,
        "PY3": True,
        "iteritems": lambda mapping: iter(mapping.items()),
    },
    "ansible.utils": {},
    "ansible.utils.display": {"Display": Display},
}


def provide() -> None:
    """Make the names importable, unless Ansible itself is (or they are already)."""
    if "ansible" in sys.modules or importlib.util.find_spec("ansible") is not None:
        return
    for name, members in MODULES.items():
        module = ModuleType(name, __doc__)
        module.__path__ = []
        vars(module).update(members)
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
