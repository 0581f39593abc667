"""What option types take, and rules about options that go together. Each raises TypeError for what does not fit."""

from __future__ import annotations

import ast
import decimal
import json
import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ..parsing.convert_bool import boolean
from .text.converters import jsonify, to_native
from .text.formatters import human_to_bytes


def check_type_str(value: Any, allow_conversion: bool = True, param: Any = None, prefix: str = "") -> str:
    """``value`` as text; nothing becomes empty text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if allow_conversion:
        return str(to_native(value))
    raise TypeError(f"'{value!r}' is not a string and conversion is not allowed")


def check_type_list(value: Any) -> list[Any]:
    """A list; text is split at commas."""
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return value.split(",")
    if isinstance(value, (int, float)):
        return [str(value)]
    raise TypeError(f"{type(value)} cannot be converted to a list")


def check_type_dict(value: Any) -> dict[Any, Any]:
    """A mapping; text is JSON, or ``key=value`` words with blanks or commas between."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        raise TypeError(f"{type(value)} cannot be converted to a dict")
    if value.startswith("{"):
        return _dict_in(value)
    if "=" not in value:
        raise TypeError("dictionary requested, could not parse JSON or key=value")
    words = shlex.shlex(value.strip(), posix=True)
    words.whitespace, words.whitespace_split, words.commenters = " ,", True, ""
    try:
        return dict(word.split("=", 1) for word in words)
    except ValueError as error:
        raise TypeError('unable to evaluate string in the "key=value" format as dictionary') from error


def _dict_in(text: str) -> dict[Any, Any]:
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(text)
        except (ValueError, SyntaxError):
            continue
        if isinstance(found, dict):
            return found
    raise TypeError("unable to evaluate string as dictionary")


def check_type_bool(value: Any) -> bool:
    """A boolean; see ``boolean``."""
    if isinstance(value, (bool, str, int, float)):
        return boolean(value)
    raise TypeError(f"{type(value)} cannot be converted to a bool")


def check_type_int(value: Any) -> int:
    """A whole number."""
    if isinstance(value, int):
        return value
    try:
        exact = decimal.Decimal(value)
        if exact != int(exact):
            raise ValueError("Significant decimal part found")
        return int(exact)
    except (decimal.DecimalException, TypeError, ValueError) as error:
        raise TypeError(f'"{value!r}" cannot be converted to an int') from error


def check_type_float(value: Any) -> float:
    """A number."""
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{type(value)} cannot be converted to a float") from error


def check_type_path(value: Any) -> str:
    """A path, ``~`` and variables of the environment put in full."""
    return os.path.expanduser(os.path.expandvars(check_type_str(value)))


def check_type_raw(value: Any) -> Any:
    """``value`` as it is."""
    return value


def check_type_bytes(value: Any) -> int:
    """A number of bytes: ``1K``."""
    try:
        return human_to_bytes(value)
    except ValueError:
        raise TypeError(f"{type(value)} cannot be converted to a Byte value") from None


def check_type_bits(value: Any) -> int:
    """A number of bits: ``1Mb``."""
    try:
        return human_to_bytes(value, isbits=True)
    except ValueError:
        raise TypeError(f"{type(value)} cannot be converted to a Bit value") from None


def check_type_jsonarg(value: Any) -> Any:
    """JSON: containers become text, text is stripped."""
    if isinstance(value, (str, bytes)):
        return value.strip()
    if isinstance(value, (list, tuple, dict)):
        return jsonify(value)
    raise TypeError(f"{type(value)} cannot be converted to a json string")


def _fail(message: str, context: Sequence[str] | None) -> None:
    raise TypeError(f"{message} found in {' -> '.join(context)}" if context else message)


def count_terms(terms: Any, parameters: Mapping[str, Any]) -> int:
    """How many of ``terms`` are given."""
    return len({terms} & set(parameters) if isinstance(terms, str) else set(terms) & set(parameters))


def check_mutually_exclusive(terms: Any, parameters: Mapping[str, Any], options_context: Any = None) -> list[Any]:
    """Of each group of names at most one is given."""
    groups = [terms] if terms and all(isinstance(each, str) for each in terms) else terms or []
    broken = [group for group in groups if count_terms(group, parameters) > 1]
    if broken:
        _fail(f"parameters are mutually exclusive: {', '.join('|'.join(each) for each in broken)}", options_context)
    return broken


def check_required_one_of(terms: Any, parameters: Mapping[str, Any], options_context: Any = None) -> list[Any]:
    """Of each group of names at least one is given."""
    for group in terms or []:
        if count_terms(group, parameters) == 0:
            _fail(f"one of the following is required: {', '.join(group)}", options_context)
    return []


def check_required_together(terms: Any, parameters: Mapping[str, Any], options_context: Any = None) -> list[Any]:
    """Of each group of names all are given, or none."""
    for group in terms or []:
        if 0 < sum(name in parameters for name in group) < len(group):
            _fail(f"parameters are required together: {', '.join(group)}", options_context)
    return []


def check_required_by(requirements: Any, parameters: Mapping[str, Any], options_context: Any = None) -> dict[str, Any]:
    """Where a name is given, so are those that it needs."""
    for key, needed in (requirements or {}).items():
        names = [needed] if isinstance(needed, str) else needed
        missing = [name for name in names if parameters.get(name) is None]
        if parameters.get(key) is not None and missing:
            _fail(f"missing parameter(s) required by '{key}': {', '.join(missing)}", options_context)
    return {}


def check_required_arguments(
    argument_spec: Mapping[str, Any], parameters: Mapping[str, Any], options_context: Any = None
) -> list[str]:
    """All that is ``required`` is given."""
    missing = [name for name, rule in argument_spec.items() if rule.get("required") and name not in parameters]
    if missing:
        _fail(f"missing required arguments: {', '.join(sorted(missing))}", options_context)
    return missing


def check_required_if(requirements: Any, parameters: Mapping[str, Any], options_context: Any = None) -> list[Any]:
    """Where a name has a value, those that it needs then are given: all of them, or any."""
    for key, value, needed, *rest in requirements or []:
        is_any = bool(rest and rest[0])
        if parameters.get(key) != value or key not in parameters:
            continue
        missing = [name for name in needed if parameters.get(name) is None]
        if len(missing) >= (len(needed) if is_any else 1):
            word = "any" if is_any else "all"
            message = f"{key} is {value} but {word} of the following are missing: {', '.join(missing)}"
            _fail(message, options_context)
    return []


def check_missing_parameters(
    parameters: Mapping[str, Any], required_parameters: Sequence[str] | None = None
) -> list[str]:
    """All of ``required_parameters`` have values."""
    missing = [name for name in required_parameters or [] if not parameters.get(name)]
    if missing:
        raise TypeError(f"missing required arguments: {', '.join(missing)}")
    return missing
