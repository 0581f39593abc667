"""Values as YAML text, for the filters that write it and for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from orchestrator.model.errors import TemplateError

BREAKS = "\n\x85\u2028\u2029"
"""What ends a line, for YAML."""
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def dump(value: Any, options: Mapping[str, Any]) -> str:
    """``value`` as YAML; ``options`` are PyYAML's. Raises TemplateError for what YAML cannot hold."""
    try:
        return str(yaml.dump(value, Dumper=_Dumper, **options))
    except yaml.YAMLError as error:
        raise TemplateError(str(error)) from error


def in_blocks(value: Any, shown: Callable[[str], str], *, indent: int) -> str:
    """``value`` as YAML for people: texts of several lines stand line by line, as ``shown`` gives them."""

    class Blocks(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return False

        def represent_text(self, data: str) -> yaml.ScalarNode:
            is_block = any(each in data for each in BREAKS)
            node = yaml.ScalarNode("tag:yaml.org,2002:str", shown(data) if is_block else str(data))
            node.style = "|" if is_block else None
            return node

    Blocks.add_representer(str, Blocks.represent_text)
    Blocks.add_multi_representer(str, Blocks.represent_text)
    Blocks.add_multi_representer(dict, yaml.SafeDumper.represent_dict)
    Blocks.add_multi_representer(list, yaml.SafeDumper.represent_list)
    return str(yaml.dump(value, Dumper=Blocks, allow_unicode=True, default_flow_style=False, indent=indent))
