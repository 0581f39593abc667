"""Filters over dates. Like Ansible's they know no zones: ``strftime`` speaks local time unless ``utc`` is said."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.model.errors import TemplateError


def to_datetime(value: str, format: str = "%Y-%m-%d %H:%M:%S") -> datetime.datetime:
    """The date that ``value`` says."""
    return datetime.datetime.strptime(value, format)  # noqa: DTZ007 - as Ansible's: the text says the zone or nobody


def strftime(format: str, second: Any = None, utc: bool = False) -> str:
    """The moment ``second`` after 1970, or now, as text."""
    try:
        moment = time.time() if second is None else float(second)
    except (TypeError, ValueError):
        raise TemplateError(f"Invalid value for epoch value ({second})") from None
    return time.strftime(format, time.gmtime(moment) if utc else time.localtime(moment))


TIMES: Final[Mapping[str, Callable[..., Any]]] = {"strftime": strftime, "to_datetime": to_datetime}
