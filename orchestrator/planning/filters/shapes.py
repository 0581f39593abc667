"""Filters of ansible.utils that look into data of any shape: paths, places in lists, differences, joins."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, pass_context, pass_environment

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.containers import plain
from orchestrator.planning.markers import Marker, tripped, type_name

if TYPE_CHECKING:
    from orchestrator.planning.surroundings import Rendering

PLAIN_KEY: Final = re.compile(r"[a-zA-Z_]\w*", re.ASCII)


def to_paths(var: Any, prepend: str | None = None, wantlist: bool = False) -> Any:
    """Every leaf of ``var`` under its path: ``a.b[0]['c-d']``."""
    found: Any = {}
    _walk({prepend: var} if prepend else var, "", found)
    found = [] if isinstance(var, list) and not found else found
    return [found] if wantlist else found


def _walk(data: Any, path: Any, found: dict[Any, Any]) -> None:
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            step = f".{key}" if PLAIN_KEY.fullmatch(str(key)) else f"['{key}']"
            _walk(value, f"{path}{step}" if path else key, found)
    elif isinstance(data, list) and data:
        for index, value in enumerate(data):
            _walk(value, f"{path}[{index}]", found)
    elif path or not isinstance(data, Mapping | list):
        found[path] = data


@pass_context
def get_path(context: Any, var: Any, path: str, wantlist: bool = False) -> Any:
    """The value at a path as a template would write it (``a.b[0]``) in the mapping ``var``."""
    renderer = context.scope.renderer
    if renderer is None:
        raise TemplateError("get_path needs variables: import this template with context")
    found = at_path(renderer, var, path)
    return [found] if wantlist else found


def at_path(renderer: Rendering, var: Any, path: str) -> Any:
    """The value at ``path`` in the mapping ``var``; trips where there is none."""
    return tripped(renderer.extended(dict(var)).resolve(Text(f"{{{{ {path} }}}}")))


@pass_environment
def index_of(
    environment: Environment,
    data: Any,
    test: str,
    value: Any = None,
    key: Any = None,
    fail_on_missing: bool = False,
    wantlist: bool = False,
) -> Any:
    """Where in a list stand the items – or, of mappings, those whose ``key`` – for which ``test`` says yes: one number,
    or a list of them."""
    if not isinstance(key, str | int | bool | None):
        raise _refused(f"Unknown key type, key ({key}) was a {type_name(key)}. ")
    entries = list(enumerate(data))
    if key is not None:
        entries = _under(key, entries, fail_on_missing)
    holds = _verdict(environment.tests, test, value)
    found = [index for index, entry in entries if holds(entry)]
    return found[0] if len(found) == 1 and not wantlist else found


def _refused(words: str) -> TemplateError:
    return TemplateError(f"Error when using plugin 'index_of': {words}")


def _under(key: Any, entries: list[tuple[int, Any]], fail_on_missing: bool) -> list[tuple[int, Any]]:
    if not all(isinstance(entry, Mapping) for _, entry in entries):
        kinds = [type_name(entry) for _, entry in entries]
        words = "When a key name is provided, all list entries are required to be dictionaries, got"
        raise _refused(f"{words} {_and(kinds)}")
    missing = [f"'{key}' was not found in '{entry}' at [{index}]" for index, entry in entries if key not in entry]
    if missing and fail_on_missing:
        raise _refused(f"{_and(missing)}. fail_on_missing={fail_on_missing}")
    return [(index, entry[key]) for index, entry in entries if key in entry]


def _and(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _verdict(tests: Mapping[str, Any], test: str, value: Any) -> Callable[[Any], bool]:
    """Whether ``test``, perhaps turned round by ``!`` or ``not``, says yes with ``value``."""
    name = test.removeprefix("!").removeprefix("not ").strip()
    name = "==" if test == "!=" else name
    function = tests.get(name)
    if function is None:
        raise _refused(f"Error was: the test '{name}' was not found.")
    right = [value] if name == "in" and not isinstance(value, list) else value

    def holds(entry: Any) -> bool:
        said = function(entry) if right is None else function(entry, right)
        if isinstance(said, Marker):
            raise _refused(f"Error encountered when testing value '{entry}' with '{name}'. {said.message}")
        return bool(said) is (name == test)

    return holds


def consolidate(
    data_sources: Any,
    fail_missing_match_key: bool = False,
    fail_missing_match_value: bool = False,
    fail_duplicate: bool = False,
) -> dict[Any, Any]:
    """Lists of mappings joined: under each value of the key that a source names, what each source has there."""
    values, lacks, repeats = [], [], []
    for number, source in enumerate(data_sources, 1):
        key, entries = source["match_key"], source["data"]
        lacks += [
            f"missing match key '{key}' in data source {number} in list entry {place}"
            for place, entry in enumerate(entries, 1)
            if key not in entry
        ]
        values.append([entry[key] for entry in entries if key in entry])
        if len(set(values[-1])) < len(values[-1]):
            repeats.append(f"duplicate values in data source {number}")
    everything = {value for each in values for value in each}
    absent = [
        f"missing match value {', '.join(map(str, gone))} in data source {number}"
        for number, each in enumerate(values, 1)
        if (gone := everything - set(each))
    ]
    _complain(fail_missing_match_key=lacks if fail_missing_match_key else [], fail_duplicate=repeats * fail_duplicate)
    _complain(fail_missing_match_value=absent if fail_missing_match_value else [])
    return _joined(data_sources, sorted(everything))


def _complain(**found: list[str]) -> None:
    told = [
        f"Error when using plugin 'consolidate': '{rule}' reported {', '.join(words)}"
        for rule, words in found.items()
        if words
    ]
    if told:
        raise TemplateError("; ".join(told))


def _joined(sources: Iterable[Mapping[str, Any]], values: Sequence[Any]) -> dict[Any, Any]:
    joined: dict[Any, Any] = {value: {} for value in values}
    for source in sources:
        key = source["match_key"]
        entries = {entry[key]: entry for entry in source["data"] if key in entry}
        for value in values:
            joined[value][source["name"]] = entries.get(value, {})
    return joined


def fact_diff(before: Any, after: Any, plugin: Mapping[str, Any] | None = None, common: bool = False) -> str:
    """The lines of a unified difference of two values – all of them context, with ``common`` only those that differ –
    as the text of a list, as ansible.utils has it.

    ``plugin`` may name regular expressions of lines to leave out (``vars: skip_lines``)."""
    skipped = ((plugin or {}).get("vars") or {}).get("skip_lines") or []
    try:
        skips = [re.compile(each) for each in ([skipped] if isinstance(skipped, str) else skipped)]
    except re.error as error:
        words = f"The regex '{error.pattern!s}', is not valid. The error was {error}."
        raise TemplateError(f"Error when using filter plugin 'fact_diff': {words}") from error
    old, new = (_lines(each, skips) for each in (plain(before), plain(after)))
    told = list(difflib.unified_diff(old, new, "before", "after", n=max(len(old), len(new))))
    kept = [line for line in told if not common or line.startswith(("+", "-"))]
    return str("".join([*kept, "\n"]).splitlines() if told else [])


def _lines(value: Any, skips: list[re.Pattern[str]]) -> list[str]:
    if skips and not isinstance(value, str | list):
        value = list(value)
    if skips:
        value = value.splitlines() if isinstance(value, str) else value
        value = [line for line in value if not any(skip.match(str(line)) for skip in skips)]
    if isinstance(value, list):
        value = "\n".join(map(str, value)) + "\n"
    if isinstance(value, Mapping):
        value = json.dumps(value, sort_keys=True, indent=4, separators=(",", ": ")) + "\n"
    lines = str("" if value is None else value).splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n\\ No newline at end of file\n"
    return lines


def param_list_compare(base: list[Any], target: list[str]) -> dict[str, list[Any]]:
    """What of ``base`` a list of wishes means – names, ``all``, ``!name`` for not – and which wishes mean nothing."""
    names = [each for each in target if each != "all" and not each.startswith("!")]
    wanted = list(base) if "all" in target else []
    for refused in (each[1:] for each in target if each.startswith("!")):
        if refused in wanted:
            wanted.remove(refused)
    wanted += [name for name in dict.fromkeys(names) if name in base and name not in wanted]
    return {"actionable": sorted(wanted), "unsupported": [name for name in names if name not in base]}


SHAPES: Final[Mapping[str, Callable[..., Any]]] = {
    f"ansible.utils.{each.__name__}": each
    for each in (consolidate, fact_diff, get_path, index_of, param_list_compare, to_paths)
}
