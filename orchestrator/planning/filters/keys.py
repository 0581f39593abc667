"""Filters for keys: community.general's look at a list's entries, ansible.utils' at any depth."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from orchestrator.model.errors import TemplateError

Matches = Callable[[str, str], bool]
"""Whether a key (second) is what a word (first) means."""
MATCHES: Final[Mapping[str, Matches]] = {
    "equal": lambda word, key: key == word,
    "starts_with": lambda word, key: key.startswith(word),
    "ends_with": lambda word, key: key.endswith(word),
    "regex": lambda word, key: re.match(word, key) is not None,
}


def keep_keys(data: Any, target: Any = None, matching_parameter: str = "equal") -> list[Any]:
    """The mappings of a list, each with the keys alone that ``target`` means."""
    fits = _meant(data, target, matching_parameter)
    return [{key: value for key, value in entry.items() if fits(key)} for entry in data]


def remove_keys(data: Any, target: Any = None, matching_parameter: str = "equal") -> list[Any]:
    """The mappings of a list, each without the keys that ``target`` means."""
    fits = _meant(data, target, matching_parameter)
    return [{key: value for key, value in entry.items() if not fits(key)} for entry in data]


def replace_keys(data: Any, target: Any = None, matching_parameter: str = "equal") -> list[Any]:
    """The mappings of a list with their keys renamed, by the first entry of ``before`` and ``after`` that fits."""
    matches = _checked(data, matching_parameter)
    pairs = _pairs(target, matching_parameter)

    def renamed(key: str) -> str:
        return next((after for before, after in pairs if matches(before, key)), key)

    return [{renamed(key): value for key, value in entry.items()} for entry in data]


def _checked(data: Any, matching_parameter: str) -> Matches:
    if not isinstance(data, Sequence):
        raise TemplateError(f"First argument must be a list. {data} is {type(data)}")
    for entry in data:
        if not isinstance(entry, Mapping):
            raise TemplateError(f"The data items must be dictionaries. {entry} is {type(entry)}")
        if not all(isinstance(key, str) for key in entry):
            raise TemplateError(f"Top level keys must be strings. keys: {entry.keys()}")
    if matching_parameter not in MATCHES:
        words = f"The matching_parameter must be one of {list(MATCHES)}."
        raise TemplateError(f"{words} matching_parameter={matching_parameter}")
    return MATCHES[matching_parameter]


def _meant(data: Any, target: Any, matching_parameter: str) -> Callable[[str], bool]:
    matches = _checked(data, matching_parameter)
    if not isinstance(target, Sequence):
        raise TemplateError(f"The target must be a string or a list. target is {type(target)}.")
    if not target:
        raise TemplateError("The target can't be empty.")
    words = [target] if isinstance(target, str) else list(target)
    for word in words:
        if not isinstance(word, str):
            raise TemplateError(f"The target items must be strings. {word} is {type(word)}")
    if matching_parameter == "regex":
        if len(words) > 1:
            raise TemplateError("Single item is required in the target list if matching_parameter=regex.")
        _compiles(words, f"The target must be a valid regex if matching_parameter=regex. target is {words[0]}")
    return lambda key: any(matches(word, key) for word in words)


def _pairs(target: Any, matching_parameter: str) -> list[tuple[str, str]]:
    if not isinstance(target, list):
        raise TemplateError(f"The target must be a list. target is {target}.")
    if not target:
        raise TemplateError("The target can't be empty.")
    for entry in target:
        if not isinstance(entry, Mapping):
            raise TemplateError(f"The target items must be dictionaries. {entry} is {type(entry)}")
        if not {"before", "after"} <= entry.keys():
            raise TemplateError("All dictionaries in target must include attributes: after, before.")
        for name in ("before", "after"):
            if not isinstance(entry[name], str):
                raise TemplateError(f"The attributes {name} must be strings. {entry[name]} is {type(entry[name])}")
    pairs = [(entry["before"], entry["after"]) for entry in target]
    if matching_parameter == "regex":
        told = [before for before, _ in pairs]
        words = "The attributes before must be valid regex if matching_parameter=regex."
        _compiles(told, f"{words} Not all items are valid regex in: {told}")
    return pairs


def _compiles(words: Iterable[str], refusal: str) -> None:
    try:
        for word in words:
            re.compile(word)
    except re.error as error:
        raise TemplateError(refusal) from error


def _deep(data: Any, matching_parameter: str, filter_name: str, purpose: str) -> Matches:
    if not isinstance(data, list | dict):
        raise TemplateError(f"Error when using plugin '{filter_name}': Input is not valid for {purpose}")
    return MATCHES.get(matching_parameter, MATCHES["equal"])


def keep_keys_deep(data: Any, target: list[str], matching_parameter: str = "equality") -> Any:
    """``data`` with the keys of ``target`` alone, at any depth, and what leads there."""
    return _kept(data, target, _deep(data, matching_parameter, "keep_keys", "keep operation"))


def _kept(data: Any, target: list[str], matches: Matches) -> Any:
    if isinstance(data, list):
        return [_kept(each, target, matches) for each in data]
    if not isinstance(data, dict):
        return data
    kept: dict[Any, Any] = {}
    for key, value in data.items():
        is_inner = isinstance(value, list | dict)
        below = _kept(value, target, matches) if is_inner else None
        for word in target:
            if key == word or (not is_inner and matches(word, key)):
                kept[key] = value
            elif is_inner and (left := _without_empty(below)) not in ([], {}):
                kept[key] = left
    return kept


def _without_empty(data: Any) -> Any:
    return [each for each in data if each not in ([], {})] if isinstance(data, list) else data


def remove_keys_deep(data: Any, target: list[str], matching_parameter: str = "equality") -> Any:
    """``data`` without the keys of ``target``, at any depth; of lists, what is then empty goes too."""
    return _removed(data, target, _deep(data, matching_parameter, "remove_keys", "attribute removal"))


def _removed(data: Any, target: list[str], matches: Matches) -> Any:
    if isinstance(data, dict):
        left = {key: value for key, value in data.items() if not any(matches(word, key) for word in target)}
        return {key: _removed(value, target, matches) for key, value in left.items()}
    if isinstance(data, list):
        # an entry that was emptied goes, one in which something was emptied stays
        shallow = [
            {k: v for k, v in each.items() if not any(matches(word, k) for word in target)}
            if isinstance(each, dict)
            else each
            for each in data
        ]
        return [_removed(each, target, matches) for each in shallow if each]
    return data


def replace_keys_deep(data: Any, target: list[dict[str, str]], matching_parameter: str = "equality") -> Any:
    """``data`` with its keys renamed at any depth, by entries of ``before`` and ``after``, one after the other."""
    return _renamed(data, target, _deep(data, matching_parameter, "replace_keys", "replace operation"))


def _renamed(data: Any, target: list[dict[str, str]], matches: Matches) -> Any:
    if isinstance(data, list):
        return [_renamed(each, target, matches) for each in data]
    if not isinstance(data, dict):
        return data
    renamed = dict(data)
    for entry in target:
        for key in [key for key in renamed if matches(entry["before"], key)]:
            renamed[entry["after"]] = renamed.pop(key)
    return {key: _renamed(value, target, matches) for key, value in renamed.items()}


KEYS: Final[Mapping[str, Callable[..., Any]]] = {
    "community.general.keep_keys": keep_keys,
    "community.general.remove_keys": remove_keys,
    "community.general.replace_keys": replace_keys,
    "ansible.utils.keep_keys": keep_keys_deep,
    "ansible.utils.remove_keys": remove_keys_deep,
    "ansible.utils.replace_keys": replace_keys_deep,
}
