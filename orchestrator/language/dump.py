"""Values as YAML text, for the filters that write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from orchestrator.model.errors import TemplateError

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def dump(value: Any, options: Mapping[str, Any]) -> str:
    """``value`` as YAML; ``options`` are PyYAML's. Raises TemplateError for what YAML cannot hold."""
    try:
        return str(yaml.dump(value, Dumper=_Dumper, **options))
    except yaml.YAMLError as error:
        raise TemplateError(str(error)) from error
