"""What ``orch secrets check`` finds out and says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli import loading
from orchestrator.cli.flags import HostFlags
from orchestrator.cli.inventory import variables
from orchestrator.cli.registered import today
from orchestrator.model.errors import SecretError
from orchestrator.model.secrets import Secret
from orchestrator.secrets.audit import Finding, audit
from orchestrator.secrets.dotenv import read_dotenv
from orchestrator.secrets.refs import ON_THE_NODE, Ref, find_refs, parse
from orchestrator.secrets.registry import Registry
from orchestrator.secrets.resolver import Resolver

if TYPE_CHECKING:
    from orchestrator.cli.loading import Setting

WRONG = 1


def check(flags: HostFlags, where: Setting, registry: Registry | None, using: Resolver, written: Iterable[str]) -> int:
    """Say what resolves, what is missing and what is wrong with it; 1 where anything is missing or must not run."""
    environment = registry.chosen(flags.environment) if registry else None
    named = registry.refs(environment) if registry and environment else {}
    loose = [ref for ref in _loose(flags, where, written) if ref not in named.values()]
    errors = {failure.ref: failure.error for failure in using.check([*named.values(), *loose])}
    for name, ref in [*named.items(), *((str(ref), ref) for ref in loose)]:
        _say(name, ref, errors.get(ref))
    missing = [ref for ref in errors if ref.source != ON_THE_NODE]
    findings = [*_findings(registry, environment, using), *_collisions(named, using, errors)]
    findings += _unregistered(registry, loose)
    for each in findings:
        print(f"{each.level:<8} {each.text}\n         hint: {each.hint}")
    blocking = sum(each.level == "block" for each in findings)
    print(
        f"{len(named) + len(loose)} references, {len(missing)} missing; {len(findings)} findings, {blocking} blocking"
    )
    return WRONG if missing or blocking else 0


def _loose(flags: HostFlags, where: Setting, written: Iterable[str]) -> list[Ref]:
    """References outside the registry: of the arguments, the extra variables and the inventory."""
    inventory = loading.inventory_of(flags, where)
    found = [parse(each) for each in written] + find_refs(where.extra_vars)
    found += [ref for host in inventory.hosts for ref in find_refs(variables(inventory, host))]
    return list(dict.fromkeys(found))


def _say(name: str, ref: Ref, error: SecretError | None) -> None:
    shown = name if name == str(ref) else f"{name} = {ref}"
    word = "ok" if error is None else "on node" if ref.source == ON_THE_NODE else "missing"
    print(f"{word:<8} {shown}{f': {error.message}' if error else ''}")
    if error and error.hint:
        print(f"         hint: {error.hint}")


def _findings(registry: Registry | None, environment: str | None, using: Resolver) -> Iterator[Finding]:
    """What the audit finds, with the values of the other environments as far as this machine can resolve them."""
    if registry is None or environment is None:
        return
    values: dict[str, dict[str, Secret]] = {}
    for each in registry.names:
        refs = registry.refs(each)
        failed = {failure.ref for failure in using.check(refs.values())}
        values[each] = {name: using.resolve(ref) for name, ref in refs.items() if ref not in failed}
        if each != environment and failed:
            text = f"{len(failed)} of {len(refs)} secrets of {each} cannot be seen from here"
            yield Finding("warn", "unseen", text, "whether environments share values is only known for the others")
    yield from audit(registry, values, today())


def _collisions(named: Mapping[str, Ref], using: Resolver, errors: Mapping[Ref, SecretError]) -> Iterator[Finding]:
    """Variables that have one value in this process and another one in a file that shells and services read."""
    for name, ref in named.items():
        if ref.source != "env" or ref in errors:
            continue
        for file in sorted(Path().glob(".env*")):
            if (value := read_dotenv(file).get(ref.id)) is not None and Secret(value) != using.resolve(ref):
                text = f"{name}: {ref.id} has another value in {file} than in the environment"
                yield Finding("block", "collision", text, f"remove {ref.id} from one of them")


def _unregistered(registry: Registry | None, loose: list[Ref]) -> Iterator[Finding]:
    if registry is not None and loose:
        text = f"outside the registry: {', '.join(map(str, loose))}"
        yield Finding("warn", "unregistered", text, "give each a name, purpose, class and owner there")
