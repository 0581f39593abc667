"""Tests of what a value holds: patterns, members, truth, addresses."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlparse

from jinja2 import Undefined

from orchestrator.model.errors import TemplateError
from orchestrator.planning.filters.texts import text_of
from orchestrator.planning.markers import Marker, Missing

_YES: Final = frozenset({"y", "yes", "on", "1", "true", "t"})
_NO: Final = frozenset({"n", "no", "off", "0", "false", "f"})


def regex(
    value: Any = "",
    pattern: str = "",
    ignorecase: bool = False,
    multiline: bool = False,
    match_type: str = "search",
) -> bool:
    """Whether ``pattern`` matches somewhere, or as ``match_type`` (search, match, fullmatch) says."""
    if not isinstance(value, str | bytes):
        value = str(value)
    flags = (re.IGNORECASE if ignorecase else 0) | (re.MULTILINE if multiline else 0)
    compiled = re.compile(pattern, flags)
    ways = {"search": compiled.search, "match": compiled.match, "fullmatch": compiled.fullmatch}
    if match_type not in ways:
        raise TemplateError(f"regex: match_type must be one of {', '.join(ways)}")
    return ways[match_type](text_of(value)) is not None


def match(value: Any, pattern: str = "", ignorecase: bool = False, multiline: bool = False) -> bool:
    """Whether ``pattern`` matches at the beginning."""
    return regex(value, pattern, ignorecase, multiline, "match")


def search(value: Any, pattern: str = "", ignorecase: bool = False, multiline: bool = False) -> bool:
    """Whether ``pattern`` matches somewhere."""
    return regex(value, pattern, ignorecase, multiline)


def subset(one: Any, other: Any) -> bool:
    """Whether ``other`` holds all of ``one``."""
    return set(one) <= set(other)


def superset(one: Any, other: Any) -> bool:
    """Whether ``one`` holds all of ``other``."""
    return set(one) >= set(other)


def contains(items: Any, value: Any) -> bool:
    """Whether ``value`` is in ``items``."""
    return value in items


def nan(value: Any) -> bool:
    """Whether ``value`` is the number that is none."""
    try:
        return math.isnan(value)
    except TypeError:
        return False


def truthy(value: Any, convert_bool: bool = False) -> bool:
    """Whether Python takes ``value`` for true; with ``convert_bool``, "no" and its like are false."""
    if convert_bool:
        said = value.strip().lower() if isinstance(value, str) else str(value) if isinstance(value, int) else ""
        if said in _YES:
            return True
        if said in _NO:
            return False
    return bool(value)


def falsy(value: Any, convert_bool: bool = False) -> bool:
    """Whether ``truthy`` says no."""
    return not truthy(value, convert_bool)


def defined(value: Any) -> Any:
    """Whether there is a value; one that is broken stays so."""
    return value if _is_broken(value) else not isinstance(value, Undefined)


def undefined(value: Any) -> Any:
    """Whether there is no value; one that is broken stays so."""
    return value if _is_broken(value) else isinstance(value, Undefined)


def _is_broken(value: Any) -> bool:
    return isinstance(value, Marker) and not isinstance(value, Missing)


def vault_encrypted(value: Any) -> bool:
    """Whether a value is one that stands sealed in its file; the text of a vault is not, wherever it came from."""
    if isinstance(value, Marker):
        value.trip()
    ciphertext = getattr(value, "ciphertext", None)
    return isinstance(ciphertext, str) and ciphertext.startswith("$ANSIBLE_VAULT")


def uri(value: Any, schemes: Any = None) -> bool:
    """Whether ``value`` reads as a URI, of one of ``schemes`` where given."""
    try:
        parts = urlparse(value)
        return not schemes or parts.scheme in schemes
    except (ValueError, AttributeError, TypeError):
        return False


def url(value: Any, schemes: Any = None) -> bool:
    """Whether ``value`` is a URI that names a host, or a file."""
    if not uri(value, schemes):
        return False
    parts = urlparse(value)
    return bool(parts.netloc or parts.scheme == "file")


def urn(value: Any) -> bool:
    """Whether ``value`` is a URI of the scheme urn."""
    return uri(value, ["urn"])


CONTENTS: Final[Mapping[str, Callable[..., Any]]] = {
    "all": all,
    "any": any,
    "contains": contains,
    "defined": defined,
    "falsy": falsy,
    "isnan": nan,
    "issubset": subset,
    "issuperset": superset,
    "match": match,
    "nan": nan,
    "regex": regex,
    "search": search,
    "subset": subset,
    "superset": superset,
    "truthy": truthy,
    "undefined": undefined,
    "uri": uri,
    "url": url,
    "urn": urn,
    "vault_encrypted": vault_encrypted,
}
