"""Comparing versions by the rules of several schools.

Loose and strict are those of Python's old distutils, semver is Semantic Versioning 2.0.0 (rule 11), pep440 is Python's
own and needs the library ``packaging``.
"""

from __future__ import annotations

import functools
import importlib
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.model.errors import TemplateError
from orchestrator.planning.loose import loose

_OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    **dict.fromkeys(("==", "=", "eq"), operator.eq),
    **dict.fromkeys(("!=", "<>", "ne"), operator.ne),
    "<": operator.lt,
    "lt": operator.lt,
    "<=": operator.le,
    "le": operator.le,
    ">": operator.gt,
    "gt": operator.gt,
    ">=": operator.ge,
    "ge": operator.ge,
}
_SEMVER: Final = re.compile(
    r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$"
)
_STRICT: Final = re.compile(r"^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$", re.ASCII)


def strict(text: str) -> tuple[Any, ...]:
    """Two or three numbers, then maybe a or b and a number for what comes before the release."""
    found = _STRICT.match(text)
    if found is None:
        raise ValueError(f"invalid version number '{text}'")
    major, minor, patch, letter, number = found.groups()
    return int(major), int(minor), int(patch or 0), *((letter, int(number)) if letter else ("~", 0))


def semver(text: str) -> tuple[Any, ...]:
    """Three numbers, then a pre-release that comes before the release; build metadata does not count."""
    found = _SEMVER.match(text)
    if found is None:
        raise ValueError(f"invalid semantic version '{text}'")
    parts = found.group(4).split(".") if found.group(4) else []
    before = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
    return *(int(number) for number in found.groups()[:3]), not before, before


@functools.cache
def _pep440() -> Callable[[str], Any]:
    try:
        version: Callable[[str], Any] = importlib.import_module("packaging.version").Version
    except ImportError as error:
        raise TemplateError("The pep440 version_type requires the Python 'packaging' library") from error
    return version


_SCHOOLS: Final[Mapping[str, Callable[[], Callable[[str], Any]]]] = {
    "loose": lambda: loose,
    "strict": lambda: strict,
    "semver": lambda: semver,
    "semantic": lambda: semver,
    "pep440": _pep440,
}


def version(
    value: Any,
    version: Any,
    operator: str = "eq",
    strict: bool | None = None,
    version_type: str | None = None,
) -> bool:
    """Whether ``value`` stands to ``version`` as ``operator`` says."""
    if strict is not None and version_type is not None:
        raise TemplateError("Cannot specify both 'strict' and 'version_type'")
    if not value:
        raise TemplateError("Input version value cannot be empty")
    if not version:
        raise TemplateError("Version parameter to compare against cannot be empty")
    school = "strict" if strict else version_type or "loose"
    if school not in _SCHOOLS:
        raise TemplateError(f"Invalid version type ({school}). Must be one of {', '.join(map(repr, _SCHOOLS))}")
    if operator not in _OPERATORS:
        raise TemplateError(f"Invalid operator type ({operator}). Must be one of {', '.join(map(repr, _OPERATORS))}")
    read = _SCHOOLS[school]()
    try:
        left, right = read(str(value)), read(str(version))
        _ = left == right or left < right  # a number beside a word fails, whatever is asked of them
        return bool(_OPERATORS[operator](left, right))
    except (TypeError, ValueError) as error:
        raise TemplateError(f"Version comparison failed: {error}") from error


VERSIONS: Final[Mapping[str, Callable[..., Any]]] = {"version": version, "version_compare": version}
