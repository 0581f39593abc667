"""What modules for packages share: each package is a field of the state, so each is compared, changed and proven."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping
from typing import Any

from pydantic import create_model

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Script, Sleep
from orchestrator.model.results import Diff, Result
from orchestrator.model.secrets import Secret
from orchestrator.modules.base import Context, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS
from orchestrator.modules.declared import Seen, State, declare

TOOL = script("tool", __file__)
TOOL_SCRIPTS: tuple[Script, ...] = (*FILE_SCRIPTS, TOOL)

PRESENT = {"installed": "present", "removed": "absent", "uninstalled": "absent", "upgraded": "latest"}
"""Other words for a state, as Homebrew's modules take them."""

NAME = re.compile(r"[\w@][\w.@/+~-]*")


def are_names(names: Iterable[str]) -> list[str]:
    """``names``, none of which could be an option or two words. Raises ValueError."""
    found = list(names)
    for name in found:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a package")
    return found


def or_none(names: Any) -> Any:
    """``names``; nothing at all and an empty text, as a role's defaults have them, are no names."""
    return [] if names in (None, "") else names


@frozen
class Packages:
    """What became of them: the names that changed (or would), those that did not, and the diff."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    diff: tuple[Diff, ...]
    before: Mapping[str, str | None]
    """What each was, in the probe's words, and what else the probe said."""
    doubts: tuple[str, ...] = ()


def bring(
    ctx: Context,
    kind: str,
    wanted: Mapping[str, str],
    scripts: tuple[Script, ...],
    values: Mapping[str, str | Secret],
    *,
    trusts: bool = True,
) -> Generator[Run | Sleep, Reply, Packages | Result]:
    """Bring each package of ``wanted`` to its state (present, absent, latest or a version). Use with ``yield from``.

    The script's probe says ``KIND:NAME`` for each of the blank-separated ``$names``; its apply gets those in
    ``$changed``. ``trusts``: the package manager's exit status is believed, as community.general's modules do; a
    package that is not as wanted all the same is told as a warning.
    """
    fields: dict[str, Any] = {f"{kind}:{name}": (str | None, None) for name in wanted}
    state = create_model("PackagesState", __base__=State, **fields)
    given = {f"{kind}:{name}": word for name, word in wanted.items()}
    names = {"executable": "", "kind": kind, "names": " ".join(wanted), **values}
    seen: Seen | Result = yield from declare(ctx, state, (*TOOL_SCRIPTS, *scripts), given, names, trusts=trusts)
    if isinstance(seen, Result):
        return seen
    changed = tuple(field.partition(":")[2] for field in seen.changed)
    unchanged = tuple(name for name in wanted if name not in changed)
    before = {**(seen.before.model_extra or {}), **{name: getattr(seen.before, f"{kind}:{name}") for name in wanted}}
    return Packages(changed, unchanged, seen.result().diff, before, seen.doubts)
