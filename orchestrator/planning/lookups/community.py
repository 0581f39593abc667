"""Lookups of community.general and ansible.utils: lists that depend on one another, variables merged, chance, files."""

from __future__ import annotations

import base64
import json
import random
import re
import secrets
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jinja2.utils import missing

from orchestrator.language.load import load_text
from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.containers import plain
from orchestrator.planning.filters.shapes import at_path, to_paths
from orchestrator.planning.lookups.base import Call, Lookup, options_of
from orchestrator.planning.markers import Marker, tripped

Options = Mapping[str, Any]


def dependent(call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """Mappings of one choice per term: each ``{name: choices}``, where choices are a list, a mapping, or an expression
    that may look at what was chosen before as ``item.name``."""
    names: list[str] = []
    for number, term in enumerate(terms):
        if not isinstance(term, Mapping):
            raise TemplateError(f"Parameter {number} must be a dictionary, got {type(term)}")
        if len(term) != 1:
            raise TemplateError(f"Parameter {number} must be a one-element dictionary, got {len(term)} elements")
        if (name := next(iter(term))) in names:
            raise TemplateError(f"The variable {name!r} appears more than once")
        names.append(name)
    return list(_choices(call, [next(iter(term.items())) for term in terms], {})) if terms else []


def _choices(call: Call, rest: list[tuple[str, Any]], chosen: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if not rest:
        yield chosen
        return
    (name, given), *others = rest
    values = _evaluated(call, name, given, chosen) if isinstance(given, str) else given
    values = plain(values)
    if isinstance(values, Mapping):
        values = [{"key": key, "value": values[key]} for key in sorted(values)]
    if not isinstance(values, list | tuple):
        words = f"Did not obtain dictionary or list while evaluating {name!r} with item == {chosen!r}"
        raise TemplateError(f"{words}, but {type(values)}")
    for value in values:
        yield from _choices(call, others, {**chosen, name: value})


def _evaluated(call: Call, name: str, expression: str, chosen: dict[str, Any]) -> Any:
    found = call.renderer.extended({"item": chosen}).resolve(Text(f"{{{{ ({expression}) }}}}"))
    if isinstance(found, Marker):
        raise TemplateError(f'Caught "{found.message}" while evaluating {name!r} with item == {chosen!r}')
    return found


FITS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "prefix": str.startswith,
    "suffix": str.endswith,
    "regex": lambda name, pattern: re.search(pattern, name) is not None,
}


def merge_variables(call: Call, terms: list[Any], options: Options) -> list[Any]:
    """The lists or mappings of all variables that a term means, merged in the order of their names; with ``groups``,
    of all hosts in those groups."""
    how = options_of(
        "merge_variables",
        options,
        {"pattern_type": "regex", "initial_value": None, "override": "error", "groups": None},
    )
    merged = []
    for term in terms:
        if not isinstance(term, str):
            raise TemplateError(f"Non-string type '{type(term)}' passed, only 'str' types are allowed!")
        value = plain(how["initial_value"])
        for known in _known(call, how["groups"]):
            value = _all_merged(known, term, value, {**how, "warn": call.surroundings.warn})
        merged.append(value)
    return merged


Known = tuple[list[str], Callable[[str], Any]]
"""Names of variables, and how to have one's value."""


def _known(call: Call, groups: Any) -> Iterator[Known]:
    """This host's variables, or those of each host in ``groups``."""
    if not groups:
        yield [str(name) for name in call.renderer.variables], call.renderer.find
        return
    hosts = call.renderer.find("hostvars")
    for host in () if hosts is missing else hosts:
        there = hosts[host]
        if "all" in groups or set(groups) & set(there["group_names"]):
            yield [str(name) for name in there], there.__getitem__


def _all_merged(known: Known, pattern: str, value: Any, how: Options) -> Any:
    names, find = known
    fits = FITS.get(how["pattern_type"], FITS["regex"])
    for name in sorted(name for name in names if fits(name, pattern)):
        found = plain(tripped(find(name)))
        for each in (found,) if value is None else (found, value):
            if not isinstance(each, list | dict):
                raise TemplateError("Not supported type detected, variable must be a list or a dict")
        if value is not None and type(found) is not type(value):
            raise TemplateError("Unable to merge, not all variables are of the same type")
        if isinstance(found, dict):
            value = found if value is None else _joined(value, found, [name], how)
        else:
            value = [*(value or []), *found]
    return value


def _joined(low: dict[str, Any], high: dict[str, Any], path: list[str], how: Options) -> dict[str, Any]:
    """``low`` with ``high`` over it: mappings joined in turn, lists one behind the other; what else is there twice
    is an error, unless ``override`` says otherwise."""
    joined = dict(low)
    for key, value in high.items():
        held = joined.get(key)
        if isinstance(value, dict):
            joined[key] = _joined(held if isinstance(held, dict) else {}, value, [*path, key], how)
        elif isinstance(value, list) and isinstance(held, list):
            joined[key] = [*held, *value]
        else:
            if key in joined and held != value:
                _overwrites(
                    f"The key '{key}' with value '{held}' will be overwritten with value '{value}'", path, key, how
                )
            joined[key] = value
    return joined


def _overwrites(words: str, path: list[str], key: str, how: Options) -> None:
    told = f"{words} from '{'.'.join(path)}.{key}'"
    if how["override"] == "error":
        raise TemplateError(told)
    if how["override"] == "warn":
        how["warn"](told)


CHANCE: Final[Options] = {
    "length": 8,
    "upper": True,
    "lower": True,
    "numbers": True,
    "special": True,
    "min_numeric": 0,
    "min_lower": 0,
    "min_upper": 0,
    "min_special": 0,
    "override_special": None,
    "override_all": None,
    "ignore_similar_chars": False,
    "similar_chars": "il1LoO0",
    "base64": False,
    "seed": None,
}


def random_string(_call: Call, _terms: list[Any], options: Options) -> list[Any]:
    """A text made by chance, of the letters that are asked for; with ``seed`` always the same one."""
    how = options_of("random_string", options, CHANCE)
    chance = secrets.SystemRandom() if how["seed"] is None else random.Random(str(how["seed"]))
    letters = _letters(how)
    drawn = ""
    if not how["override_all"]:
        for kind in ("numeric", "lower", "upper", "special"):
            drawn += _drawn(chance, letters[kind], int(how[f"min_{kind}"]))
    wanted = (("upper", "upper"), ("lower", "lower"), ("numbers", "numeric"), ("special", "special"))
    everything = how["override_all"] or "".join(letters[kind] for option, kind in wanted if how[option])
    if not everything:
        raise TemplateError("Available characters cannot be None, please change constraints")
    drawn += _drawn(chance, everything, int(how["length"]) - len(drawn))
    text = drawn if how["seed"] is not None else "".join(secrets.SystemRandom().sample(drawn, len(drawn)))
    return [base64.b64encode(text.encode()).decode() if how["base64"] else text]


def _letters(how: Options) -> dict[str, str]:
    similar = how["similar_chars"] if how["ignore_similar_chars"] else ""
    kinds = {
        "numeric": string.digits,
        "lower": string.ascii_lowercase,
        "upper": string.ascii_uppercase,
        "special": string.punctuation,
    }
    letters = {kind: "".join(each for each in known if each not in similar) for kind, known in kinds.items()}
    return {**letters, "special": how["override_special"] or letters["special"]}


def _drawn(chance: random.Random, letters: str, count: int) -> str:
    if count > 0 and not letters:
        raise TemplateError("Available characters cannot be None, please change constraints")
    return "".join(chance.choice(letters) for _ in range(count))


def binary_file(call: Call, terms: list[Any], options: Options) -> list[Any]:
    """Files of any content, as base64; ``not_exist`` says what stands for one that is not there."""
    absent = options_of("binary_file", options, {"not_exist": "error"})["not_exist"]
    stands = {"empty": "", "empty_str": "empty"}
    found = []
    for term in terms:
        path = call.surroundings.find(str(term))
        if path is None and absent not in stands:
            raise TemplateError(f"Could not locate file in community.general.binary_file lookup: {term}")
        found.append(stands[absent] if path is None else base64.b64encode(path.read_bytes()).decode())
    return found


OURS: Final = {"ansible.posix": "2.1.0", "ansible.utils": "6.0.0", "community.general": "11.4.2"}
"""The collections whose modules and filters are here, in the versions that they were compared with."""


def collection_version(call: Call, terms: list[Any], options: Options) -> list[Any]:
    """The versions of collections: of those that are installed, and of those whose modules are here."""
    how = options_of("collection_version", options, {"result_not_found": None, "result_no_version": "*"})
    roots = [Path(each) for each in call.surroundings.settings.get("COLLECTIONS_PATHS") or ()]
    roots += [Path(each) / "collections" for each in call.surroundings.search_path]
    found = []
    for term in terms:
        if not re.fullmatch(r"\w+\.\w+", str(term), re.ASCII):
            raise TemplateError(f'"{term}" is not a FQCN')
        tops = [root.expanduser() / "ansible_collections" / term.replace(".", "/") for root in roots]
        there = next((top for top in tops if top.is_dir()), None)
        absent = OURS.get(term, how["result_not_found"])
        found.append(absent if there is None else _version(there) or how["result_no_version"])
    return found


def _version(directory: Path) -> str | None:
    if (manifest := directory / "MANIFEST.json").is_file():
        return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
    if (galaxy := directory / "galaxy.yml").is_file():
        said = plain(load_text(galaxy.read_text(encoding="utf-8"), str(galaxy), error=TemplateError)).get("version")
        return None if said is None else str(said)
    return None


def paths_in(_call: Call, terms: list[Any], options: Options) -> list[Any]:
    """Every leaf of a value under its path."""
    return [to_paths(terms[0], options.get("prepend"))]


def value_at(call: Call, terms: Sequence[Any], _options: Options) -> list[Any]:
    """The value at a path in a mapping."""
    return [at_path(call.renderer, terms[0], terms[1])]


def places(call: Call, terms: Sequence[Any], options: Options) -> list[Any]:
    """The numbers of the items of a list for which a test says yes, as the filter of this name finds them."""
    known = dict(zip(("data", "test", "value", "key", "fail_on_missing"), terms, strict=False)) | dict(options)
    asked = {f"index_of_{name}": value for name, value in known.items()}
    words = ", ".join(f"{name}=index_of_{name}" for name in known if name != "data")
    text = Text(f"{{{{ index_of_data | ansible.utils.index_of({words}, wantlist=true) }}}}")
    return list(tripped(call.renderer.extended(asked).resolve(text)))


COMMUNITY: Final[Mapping[str, Lookup]] = {
    "community.general.binary_file": binary_file,
    "community.general.collection_version": collection_version,
    "community.general.dependent": dependent,
    "community.general.merge_variables": merge_variables,
    "community.general.random_string": random_string,
    "ansible.utils.get_path": value_at,
    "ansible.utils.index_of": places,
    "ansible.utils.to_paths": paths_in,
}
