"""Which machine is behind a host's name: the hardware UUID that was seen with a trusted host key.

A host key alone does not tell one machine from another: an image that is copied, or put on other hardware, brings its
key along. So what a Mac says of its hardware (``ioreg``, ``IOPlatformUUID``) is kept beside the known_hosts file that
new keys go to, in lines "HOST FINGERPRINT UUID DATE". A machine that says nothing is not judged.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from orchestrator.model.errors import IdentityError
from orchestrator.model.frozen import frozen
from orchestrator.transport.base import Address
from orchestrator.transport.known_hosts import host_field, typed
from orchestrator.transport.trust import own_store, policy_of


@frozen
class Machine:
    """A line: the machine that was seen under a name (``host_field``) with that key, first on ``since`` (ISO date)."""

    host: str
    key: str
    uuid: str
    since: str

    @property
    def short(self) -> str:
        """Enough of the UUID to tell machines apart; the whole one names a person's computer."""
        return f"{self.uuid[:8]}…"


class Machines:
    """The machines known beside the known_hosts file ``store``; readable by its owner alone."""

    def __init__(self, store: Path) -> None:
        self.path = store.with_name(f"{store.name}.machines")
        self._is_kept = not store.exists() or store.is_file()  # nothing is kept beside /dev/null

    def known(self, host: str, key: str) -> Machine | None:
        """The machine last seen as ``host`` with the host key of that fingerprint."""
        text, beginning = f"\n{self._text()}", f"\n{host} {key} "
        at = text.rfind(beginning)  # one pass over the text: a fleet asks for each of its hosts
        return _machine(text[at + 1 :].partition("\n")[0]) if at >= 0 else None

    def all(self) -> list[Machine]:
        return [machine for line in self._text().splitlines() if (machine := _machine(line))]

    def add(self, machine: Machine) -> bool:
        """Whether it is known from now on; not where the file cannot be written."""
        line = f"{machine.host} {machine.key} {machine.uuid} {machine.since}\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            with open(os.open(self.path, flags, 0o600), "a") as file:
                file.write(line)
        except OSError:
            return False
        return True

    def remove(self, host: str) -> int:
        """Forgets the machines seen as ``host``; returns how many."""
        lines = self._text().splitlines(keepends=True)
        kept = [line for line in lines if line.partition(" ")[0] != host]
        if len(kept) < len(lines):
            beside = self.path.with_suffix(".new")
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write("".join(kept))
            beside.replace(self.path)
        return len(lines) - len(kept)

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8", errors="replace") if self._is_kept else ""
        except OSError:
            return ""

    def meet(self, shown: Machine) -> tuple[Machine | None, bool]:
        """The machine known so far, if any; else ``shown`` is kept, and whether that went well."""
        known = self.known(shown.host, shown.key)
        return known, known is None and self._is_kept and self.add(shown)


def judge(address: Address, key: str, uuid: str | None) -> tuple[str, str] | None:
    """What is to be said (level, text) of a machine behind ``address`` that showed the host key with the fingerprint
    ``key`` and says it is ``uuid``. Raises IdentityError where another one was seen with that key."""
    if uuid is None:
        return None
    policy = policy_of(address)
    where = (address.host or address.name, address.port or 22)
    machines, host = Machines(policy.store.store), host_field(*where)
    shown = Machine(host, key, uuid, time.strftime("%Y-%m-%d"))
    if policy.name == "off":
        known, is_new = machines.known(host, key), False
    else:
        known, is_new = machines.meet(shown)
    if known is None:
        return ("note", f"its hardware is {shown.short}, kept with its key ({machines.path})") if is_new else None
    if known.uuid == uuid:
        return None
    refusal = _another(typed(*where), known, shown, machines.path)
    if policy.name == "off":
        return "warning", f"{refusal.message}, and host keys are not checked: {refusal.evidence}"
    raise refusal


def _another(at: str, known: Machine, shown: Machine, path: Path) -> IdentityError:
    """``at``: the host as it is typed."""
    forget = f"orch node rekey {at} --reason … --fingerprint SHA256:…, with the one that you were told"
    if path != Machines(own_store()).path:
        forget = "take its line out of that file"
    return IdentityError(
        f"{at} shows the key that is known, and is another machine",
        evidence=f"hardware known since {known.since}: {known.short} ({path}); shown: {shown.short}; key: {shown.key}",
        hint="a copied image, or one put on other hardware, brings its key along, and so does whoever stole the key: "
        f"ask the provider, then: {forget}",
    )


def _machine(line: str) -> Machine | None:
    fields = line.split(" ")
    return Machine(*fields) if len(fields) == 4 else None
