"""What ``orch secrets scan`` looks through, here and on hosts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from orchestrator.cli.flags import HostFlags
from orchestrator.model.errors import UserError
from orchestrator.model.fingerprint import searched
from orchestrator.model.secrets import Secret
from orchestrator.report.safe import safe

if TYPE_CHECKING:
    from orchestrator.cli.loading import Setting
    from orchestrator.secrets.registry import Registry

FOUND = 2
NOTHING = "there is nothing to look for"


def homes(registry: Registry | None) -> Iterator[str]:
    """The files that the registry takes values from: there they belong."""
    from orchestrator.secrets.providers import FileProvider

    if registry is None:
        return
    for environment in registry.names:
        for ref in registry.refs(environment).values():
            if ref.source in ("file", "age", "sops", "ansible-vault") and ref.provider == "default":
                yield ref.id.partition("#")[0]
    yield from (each.path for each in registry.providers.values() if isinstance(each, FileProvider))


def here(paths: list[str], values: Mapping[str, Secret], apart_from: Iterable[str], *, with_history: bool) -> int:
    """Look through files of this machine; 2 where there is a copy."""
    from orchestrator.secrets.history import search_history
    from orchestrator.secrets.search import Copy, search

    copies = unseen = 0
    past = [each for path in paths if with_history for each in search_history(path, values)]
    for each in chain(search(paths, values, apart_from), past):
        if isinstance(each, Copy):
            copies += 1
            place = f"{each.path}:{each.line}" if each.line else each.path
            print(safe(f"copy     {place}: {each.name}{f' (mode {each.mode:04o})' if each.line else ''}"))
        else:
            unseen += 1
            print(safe(f"unknown  {each.path}: {each.why}"))
    print(f"{len(values)} secrets, {copies} copies; {unseen} places could not be looked at")
    return FOUND if copies else 0


def on_hosts(
    flags: HostFlags,
    where: Setting,
    pattern: str,
    key: Secret,
    values: Mapping[str, Secret],
    searches: Iterable[str],
    also: list[str],
) -> int:
    """Have hosts look through their files by fingerprint. No value leaves this machine."""
    from orchestrator.cli import playing
    from orchestrator.cli.exec import one_task, session
    from orchestrator.report.transcript import Transcript

    wanted = {each: f"the value of {each}" for each in searches}
    for name, value in values.items():
        wanted |= {search: f"{name} {shape}" for search, shape in searched(key, value).items()}
    if not wanted:
        raise UserError(NOTHING, hint="--secrets FILE names the registry, --fingerprint FP:LENGTH a value")
    where.redactor.add(key, "the fingerprint key")
    args = json.dumps({"key": key.reveal(), "fingerprints": wanted, "also": also})

    def transcript(width: int) -> Transcript:
        return Transcript(width=width, verbosity=max(1, flags.verbose))

    return playing.play(session(flags, where, one_task(pattern, "secret_sweep", args), transcript))
