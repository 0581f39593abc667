"""Ansible's option types as annotations of pydantic models; what they take is told in ``model.lenient``."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from orchestrator.model.lenient import AsSaid as AsSaid
from orchestrator.model.lenient import to_bool as to_bool
from orchestrator.model.lenient import to_dict as to_dict
from orchestrator.model.lenient import to_float as to_float
from orchestrator.model.lenient import to_int as to_int
from orchestrator.model.lenient import to_list as to_list
from orchestrator.model.lenient import to_mode as to_mode
from orchestrator.model.lenient import to_text as to_text

Bool = Annotated[bool, BeforeValidator(to_bool)]
Str = Annotated[str, BeforeValidator(to_text)]
Int = Annotated[int, BeforeValidator(to_int)]
Float = Annotated[float, BeforeValidator(to_float)]
StrList = Annotated[list[Str], BeforeValidator(to_list)]
AnyList = Annotated[list[Any], BeforeValidator(to_list)]
Dict = Annotated[dict[str, Any], BeforeValidator(to_dict)]
Mode = Annotated[str, BeforeValidator(to_mode)]
