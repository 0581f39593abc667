"""ansible-core's own templating beside ours: both are given the same text and variables."""

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from ansible.module_utils._internal._datatag import AnsibleTagHelper
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from orchestrator.model.errors import OrchestratorError, TemplateError
from orchestrator.model.place import Place, Text
from orchestrator.planning.render import OMIT, Renderer, Surroundings


def write_yaml(value: Any, options: Mapping[str, Any]) -> str:
    try:
        return str(yaml.dump(value, Dumper=yaml.CSafeDumper, **options))
    except yaml.YAMLError as error:
        raise TemplateError(str(error)) from error


SURROUNDINGS = Surroundings(write_yaml=write_yaml)


def mapped(value: Any, text: Callable[[str], Any]) -> Any:
    if type(value) is str:
        return text(value)
    if isinstance(value, list):
        return [mapped(each, text) for each in value]
    if isinstance(value, dict):
        return {key: mapped(each, text) for key, each in value.items()}
    return value


def written(value: Any) -> Any:
    return mapped(value, lambda text: Text(text, Place("play.yml", 3, 7)))


def _untagged(value: Any) -> Any:
    if isinstance(value, list):
        return [_untagged(each) for each in value]
    if isinstance(value, dict):
        return {_untagged(key): _untagged(each) for key, each in value.items()}
    return AnsibleTagHelper.as_native_type(value)


def theirs(text: Any, variables: dict[str, Any], conditional: bool = False) -> Any:
    """What ansible-core makes of it, or ("error", message)."""
    templar = Templar(DataLoader(), variables=mapped(variables, trust_as_template))
    try:
        if conditional:
            return templar.evaluate_conditional(mapped(text, trust_as_template))
        return _untagged(templar.template(mapped(text, trust_as_template)))
    except Exception as error:
        if "Omit scalar" in str(error):
            return OMIT
        return "error", str(error)


def ours(text: Any, variables: dict[str, Any], conditional: bool = False) -> Any:
    """What we make of it, or ("error", message)."""
    renderer = Renderer(written(variables), surroundings=SURROUNDINGS)
    try:
        return renderer.condition(written(text)) if conditional else renderer.value(written(text))
    except OrchestratorError as error:
        return "error", error.message


def is_error(result: Any) -> bool:
    return isinstance(result, tuple) and len(result) == 2 and result[0] == "error"


def shape(value: Any) -> Any:
    """``value`` with the types that equality does not tell apart: 1, 1.0 and True."""
    if isinstance(value, list):
        return [shape(each) for each in value]
    if isinstance(value, dict):
        return [(shape(key), shape(each)) for key, each in value.items()]
    return type(value).__name__, repr(value)
