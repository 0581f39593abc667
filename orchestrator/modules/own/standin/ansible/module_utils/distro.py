"""The distribution, as ``/etc/os-release`` tells it; on systems without that file, as uname does."""

from __future__ import annotations

import functools
import platform
import shlex


@functools.lru_cache(maxsize=1)
def os_release_info() -> dict[str, str]:
    """What the file says, by its keys in small letters."""
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8") as file:
                words = (word.partition("=") for word in shlex.split(file.read(), comments=True))
                return {name.lower(): value for name, is_set, value in words if is_set}
        except OSError:
            continue
    return {}


def id() -> str:
    """The short name: ``debian``, ``darwin`` …"""
    return os_release_info().get("id", platform.system()).lower()


def name(pretty: bool = False) -> str:
    """The name for people."""
    return os_release_info().get("pretty_name" if pretty else "name", platform.system())


def version(pretty: bool = False, best: bool = False) -> str:
    """The version, or an empty text."""
    told = os_release_info()
    return told.get("version_id", "" if told else platform.release())


def codename() -> str:
    """The code name, or an empty text."""
    return os_release_info().get("version_codename", "")


def like() -> str:
    """The names of the distributions that this one is like."""
    return os_release_info().get("id_like", "")


def major_version(best: bool = False) -> str:
    """The first number of the version."""
    return version().split(".")[0]
