"""What system this is, in the words that modules choose their code by."""

from __future__ import annotations

import platform
from typing import Any

from .. import distro

_NAMES = {"amzn": "Amazon", "rhel": "Redhat"}


def get_distribution() -> str | None:
    """The name of the distribution: ``Debian``, ``Redhat``, ``Darwin`` …"""
    name = distro.id()
    if not name and platform.system() == "Linux":
        return "OtherLinux"
    return _NAMES.get(name, name.capitalize())


def get_distribution_version() -> str | None:
    """Its version; empty where nothing tells it."""
    return distro.version()


def get_distribution_codename() -> str | None:
    """Its code name, or None."""
    return distro.codename() or None


def get_platform_subclass(cls: Any) -> Any:
    """The class below ``cls`` whose ``platform`` and ``distribution`` are those of this system; else ``cls``."""
    system, name = platform.system(), get_distribution()
    known = [each for each in _below(cls) if each.platform == system]
    exact = [each for each in known if each.distribution is not None and each.distribution == name]
    return next(iter((*exact, *(each for each in known if each.distribution is None))), cls)


def _below(cls: Any) -> list[Any]:
    return [found for each in cls.__subclasses__() for found in (each, *_below(each))]
