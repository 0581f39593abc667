"""
launchctl's verbs: what each does to the domains, what it says and how it exits.

Texts and statuses are recorded but for these, which follow the man page or common reports: kill of a job that does
not run, enable and disable without root, blame, load and unload, an unknown verb. A plain kickstart of a running job
answers 0 up to 26; from 27, as recorded with -p, 37.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from orchestrator.sim.launchd import printing
from orchestrator.sim.launchd.codes import TEXTS, LaunchError
from orchestrator.sim.launchd.domain import Domain
from orchestrator.sim.launchd.job import Job
from orchestrator.sim.launchd.machine import Launchd
from orchestrator.sim.launchd.plist import read_definition

_START_LIMIT_S = 5.0


@dataclass(frozen=True)
class Caller:
    """Who runs launchctl: the uid played, the manager of the session, and the folder it was called in."""

    uid: int
    manager: str
    folder: str


@dataclass(frozen=True)
class Answer:
    """What launchctl prints and exits with."""

    out: str = ""
    err: str = ""
    code: int = 0


@dataclass(frozen=True)
class Target:
    """A parsed `system[/label]`, `gui/UID[/label]` or `user/UID[/label]`."""

    domain: str
    label: str | None

    @classmethod
    def parse(cls, text: str) -> Target:
        if found := re.fullmatch(r"(system|(?:gui|user)/\d+)(?:/(.+))?", text):
            return cls(found[1], found[2])
        raise _Said(Answer(err=f"Unrecognized target specifier, did you mean gui/<uid>/{text}\n", code=64))

    @property
    def words(self) -> str:
        """As error texts name the domain."""
        kind, _, uid = self.domain.partition("/")
        return {"gui": f"user gui: {uid}", "user": f"uid: {uid}"}.get(kind, "system")


class _Said(Exception):
    """An answer that ends a verb early."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


async def answer(launchd: Launchd, argv: list[str], caller: Caller) -> Answer:
    """Run one launchctl command line."""
    verb = _VERBS.get(argv[0]) if argv else None
    if verb is None:
        return Answer(err=f"Unrecognized subcommand: {argv[0] if argv else ''}\n", code=64)
    try:
        return await verb(launchd, argv[1:], caller)
    except _Said as said:
        return said.answer
    except (IndexError, ValueError):
        return Answer(err=f"Usage: launchctl {argv[0]} <arguments>\n", code=64)


def _domain(launchd: Launchd, target: Target) -> Domain:
    if target.domain not in launchd.domains:
        raise _Said(Answer(err=f"Could not find domain for {target.words}\n", code=112))
    return launchd.domains[target.domain]


def _job(launchd: Launchd, target: Target) -> Job:
    job = _domain(launchd, target).jobs.get(target.label or "")
    if job is None:
        text = f'Could not find service "{target.label}" in domain for {target.words}\n'
        raise _Said(Answer(err=f"Bad request.\n{text}", code=113))
    return job


def _service(text: str) -> Target:
    target = Target.parse(text)
    if target.label is None:
        raise ValueError(text)
    return target


def _may_change(target: Target, caller: Caller, prefix: str) -> None:
    if caller.uid != 0 and target.domain.rpartition("/")[2] != str(caller.uid):
        raise _Said(_failed(prefix, LaunchError(1)))


def _failed(prefix: str, error: LaunchError) -> Answer:
    return Answer(err=f"{prefix}: {error.number}: {error.text}\n", code=error.number)


async def _print(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    target = Target.parse(words[0])
    domain = _domain(launchd, target)
    if target.label is None:
        return Answer(printing.domain_text(domain, launchd.uid))
    return Answer(printing.service(domain, _job(launchd, target), launchd.major, launchd.asid))


async def _print_disabled(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    target = Target.parse(words[0])
    _domain(launchd, target)
    return Answer(printing.disabled_text(launchd.overrides(target.domain)))


async def _enable(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    return _override(launchd, words, caller, "enable")


async def _disable(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    return _override(launchd, words, caller, "disable")


def _override(launchd: Launchd, words: list[str], caller: Caller, verb: str) -> Answer:
    target = _service(words[0])
    _may_change(target, caller, f"Could not {verb} service")
    launchd.set_override(target.domain, target.label or "", verb == "disable")
    return Answer()


async def _bootstrap(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    target, prefix = Target.parse(words[0]), "Bootstrap failed"
    if target.domain not in launchd.domains:
        return _failed(prefix, LaunchError(125))
    _may_change(target, caller, prefix)
    try:
        for path in words[1:]:
            launchd.domains[target.domain].bootstrap(os.path.join(caller.folder, path))
    except LaunchError as error:
        return _failed(prefix, error)
    return Answer()


async def _bootout(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    target, prefix = Target.parse(words[0]), "Boot-out failed"
    if target.domain not in launchd.domains:
        return _failed(prefix, LaunchError(125))
    _may_change(target, caller, prefix)
    labels = [target.label] if target.label else []
    try:
        labels += [read_definition(os.path.join(caller.folder, path)).label for path in words[1:]]
        for label in labels:
            _not_protected(label)
            launchd.domains[target.domain].bootout(label)
    except LaunchError as error:
        return _failed(prefix, error)
    return Answer()


def _not_protected(label: str) -> None:
    if label.startswith("com.apple.") or label == "com.openssh.sshd":
        raise LaunchError(150)


async def _kickstart(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    flags = "".join(word[1:] for word in words if word.startswith("-"))
    target, prefix = _service(next(word for word in words if not word.startswith("-"))), "Could not kickstart service"
    job = _job(launchd, target)
    _may_change(target, caller, prefix)
    if job.is_removing:
        return _failed(prefix, LaunchError(3, "could not find service"))
    try:
        _not_protected(job.definition.label)
    except LaunchError as error:
        return _failed(prefix, error)
    if job.pid is not None and "k" not in flags:
        pid = f"{job.pid}\n" if "p" in flags else ""
        return Answer(pid, code=37 if launchd.major >= 27 else 0)
    job.kick(kill="k" in flags)
    if "p" not in flags:
        return Answer()
    definition = job.definition
    limit_s = definition.exit_timeout_s + definition.throttle_interval_s + _START_LIMIT_S
    pid_now = await job.spawned(limit_s)
    return Answer(f"{pid_now}\n") if pid_now else _failed(prefix, LaunchError(139))


async def _kill(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    name, target = words[0].upper().removeprefix("SIG"), _service(words[1])
    job = _job(launchd, target)
    _may_change(target, caller, "Could not kill service")
    number = int(name) if name.isdigit() else signal.Signals[f"SIG{name}"].value
    return Answer() if job.signal(number) else Answer(err="No process to signal.\n", code=3)


async def _list(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    """The caller's own domain: root sees system, a user the GUI's and the background's jobs."""
    names = ["system"] if caller.uid == 0 else [f"gui/{caller.uid}", f"user/{caller.uid}"]
    domains = [launchd.domains[name] for name in names if name in launchd.domains]
    if not words:
        return Answer(printing.table([job for domain in domains for job in domain.jobs.values()]))
    for domain in domains:
        if words[0] in domain.jobs:
            return Answer(printing.dictionary(domain, domain.jobs[words[0]]))
    return Answer(err=f'Could not find service "{words[0]}" in domain for port\n', code=113)


async def _blame(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    job = _job(launchd, _service(words[0]))
    return Answer(f"{job.reason or '(not running)'}\n")


async def _error(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    number = int(words[-1], 0)
    return Answer(f"{number}: {TEXTS.get(number, 'unknown error code')}\n")


async def _managername(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    return Answer(f"{caller.manager}\n")


async def _manageruid(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    return Answer(f"{0 if caller.manager == 'System' else launchd.uid}\n")


async def _managerpid(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    return Answer("1\n")


async def _load(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    """The old verb: into system for root, into gui for a user; it exits with 0 even when it fails."""
    domain = "system" if caller.uid == 0 else f"gui/{caller.uid}"
    paths = [word for word in words if not word.startswith("-")]
    if any("w" in word for word in words if word.startswith("-")):
        for path in paths:
            launchd.set_override(domain, read_definition(os.path.join(caller.folder, path)).label, False)
    result = await _bootstrap(launchd, [domain, *paths], caller)
    return Answer(err=result.err.replace("Bootstrap failed", "Load failed"))


async def _unload(launchd: Launchd, words: list[str], caller: Caller) -> Answer:
    """The old verb; from SSH it cannot remove a GUI job, and exits with 0 all the same."""
    domain = "system" if caller.uid == 0 else f"gui/{caller.uid}"
    if caller.manager == "Background":
        return Answer(err="Unload failed: 5: Input/output error\n")
    result = await _bootout(launchd, [domain, *(word for word in words if not word.startswith("-"))], caller)
    return Answer(err=result.err.replace("Boot-out failed", "Unload failed"))


Verb = Callable[[Launchd, list[str], Caller], Awaitable[Answer]]
_VERBS: dict[str, Verb] = {
    "print": _print,
    "print-disabled": _print_disabled,
    "enable": _enable,
    "disable": _disable,
    "bootstrap": _bootstrap,
    "bootout": _bootout,
    "kickstart": _kickstart,
    "kill": _kill,
    "list": _list,
    "blame": _blame,
    "error": _error,
    "managername": _managername,
    "manageruid": _manageruid,
    "managerpid": _managerpid,
    "load": _load,
    "unload": _unload,
}
