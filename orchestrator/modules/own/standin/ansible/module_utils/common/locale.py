"""A locale in which the words of programs can be read."""

from __future__ import annotations

from typing import Any

PREFERRED = ("C.utf8", "C.UTF-8", "en_US.utf8", "en_US.UTF-8", "C", "POSIX")


def get_best_parsable_locale(module: Any, preferences: list[str] | None = None, raise_on_locale: bool = False) -> str:
    """The first of ``preferences`` that the system has; ``C`` where it has none, unless ``raise_on_locale``."""
    tool = module.get_bin_path("locale")
    rc, out, err = module.run_command([tool, "-a"]) if tool else (1, "", "Could not find 'locale' tool")
    known = out.splitlines() if rc == 0 else []
    if not known and raise_on_locale:
        raise RuntimeWarning(f"Unable to get locale information: {err}")
    return next((each for each in preferences or PREFERRED if each in known), "C")
