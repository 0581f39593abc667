"""Which host keys are trusted: the user's known_hosts files and our own store, in OpenSSH's format (sshd(8)).

Both SSH libraries ask here, so there is one rule. A key is trusted, unknown, changed or revoked; nothing secret is
sent before it is trusted.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from orchestrator.model.errors import IdentityError
from orchestrator.model.frozen import frozen
from orchestrator.transport.base import Address
from orchestrator.transport.known_hosts import Entry, entries_of, host_field, names_of, typed

SYSTEM_FILES = (Path("/etc/ssh/ssh_known_hosts"), Path("/etc/ssh/ssh_known_hosts2"))

_ALGORITHMS = {
    "ssh-ed25519": "ssh-ed25519",
    "ecdsa-sha2-nistp256": "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384": "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521": "ecdsa-sha2-nistp521",
    "rsa-sha2-512": "ssh-rsa",
    "rsa-sha2-256": "ssh-rsa",
}
"""Host key algorithm → type of key: what both libraries offer without weak hashes."""


def own_store() -> Path:
    """Our own known_hosts file: below $XDG_CONFIG_HOME, else ~/.config."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "orch" / "known_hosts"


def fingerprint(blob: bytes) -> str:
    """``SHA256:…`` of a public key's wire form, as OpenSSH prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


@frozen
class HostKey:
    """A key that a host showed."""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.blob)


class TrustStore:
    """The keys known for hosts. New ones are added to ``store`` only, readable by its owner alone."""

    def __init__(self, store: Path, others: Iterable[Path] = ()) -> None:
        self.store = store
        self._files = (store, *others)

    def known(self, host: str, port: int = 22, address: str | None = None) -> list[Entry]:
        """The entries for ``[host]:port``, and where there is none and the port is not 22, for ``host``."""
        for names in names_of(host, port, address):
            if found := self._of(names):
                return found
        return []

    def check(self, host: str, port: int, key: HostKey, address: str | None = None) -> None:
        """Returns where ``key`` is trusted. Raises UnknownKey or IdentityError with what to do."""
        if not self._lists(self.known(host, port, address), host, port, key):
            raise UnknownKey(host, port, key, self.store)

    def is_trusted(self, host: str, port: int, key: HostKey) -> bool:
        """Whether ``key`` is listed for this very host and port. Raises IdentityError where only others are.

        Any key that is listed is accepted, of whatever type. So a new one takes the place of those that were known, and
        is never put beside them: whoever has the old one would stay trusted.
        """
        return self._lists(self._of((host_field(host, port),)), host, port, key)

    def others(self, host: str, port: int, key: HostKey) -> list[Entry]:
        """The entries of all files that trust another key than ``key`` for this very host and port."""
        return [each for each in self._of((host_field(host, port),)) if not each.marker and each.blob != key.blob]

    def refuse_revoked(self, host: str, port: int, key: HostKey) -> None:
        """Raises IdentityError for a key that a file says is in wrong hands: no reason makes it this host's again."""
        _refuse_revoked(self._of((host_field(host, port),)), host, port, key)

    def _of(self, names: Sequence[str]) -> list[Entry]:
        return [entry for path in self._files for entry in entries_of(path, names)]

    def _lists(self, known: Iterable[Entry], host: str, port: int, key: HostKey) -> bool:
        """Whether ``key`` is among ``known``. Raises IdentityError where it is revoked, or only others are there."""
        known = list(known)
        _refuse_revoked(known, host, port, key)
        plain = [entry for entry in known if not entry.marker]
        if any(entry.blob == key.blob for entry in plain):
            return True
        same_type = [entry for entry in plain if entry.type == key.type]
        if old := next(iter(same_type or plain), None):
            raise _changed(typed(host, port), key, old, self.store)
        return False

    def add(self, host: str, port: int, key: HostKey, comment: str = "") -> None:
        """Trusts ``key`` for this host from now on; one that our own store lists already is not listed twice."""
        if any(
            entry.blob == key.blob and not entry.marker for entry in entries_of(self.store, (host_field(host, port),))
        ):
            return
        self.store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        blob = base64.b64encode(key.blob).decode()
        line = " ".join([host_field(host, port), key.type, blob, *comment.split()])
        with open(os.open(self.store, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def remove(self, host: str, port: int = 22) -> int:
        """Forgets what our own store holds for this host; returns the number of entries removed."""
        names = (host_field(host, port),)
        mine = entries_of(self.store, names)
        if mine:
            gone = {entry.line for entry in mine}
            lines = self.store.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = "".join(line for number, line in enumerate(lines, 1) if number not in gone)
            beside = self.store.with_suffix(".new")
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(kept)
            beside.replace(self.store)
        return len(mine)


def _refuse_revoked(known: Iterable[Entry], host: str, port: int, key: HostKey) -> None:
    if any(entry.marker == "@revoked" and entry.blob == key.blob for entry in known):
        raise IdentityError(f"the key of {typed(host, port)} was revoked", evidence=key.fingerprint)


class UnknownKey(IdentityError):
    """No entry for this host at all; ``key`` is what it showed. ``store``: the file that new keys go to."""

    def __init__(self, host: str, port: int, key: HostKey, store: Path) -> None:
        at = typed(host, port)
        step = f"orch node trust {at} --fingerprint SHA256:…, with the one that you were told"
        if store != own_store():
            step = (
                f"add the key that you were told to {store}, which is asked here in place of what orch node trust keeps"
            )
        super().__init__(
            f"the identity of {at} is not known",
            evidence=f"it shows {key.type} {key.fingerprint}",
            hint="anybody on the way could show a key: ask the provider or look at the machine's console for its "
            f"fingerprint (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then: {step}",
        )
        self.key = key


def _changed(at: str, key: HostKey, old: Entry, store: Path) -> IdentityError:
    """``at``: the host as it is typed. ``store``: the file that new keys go to."""
    told = "with the one that you were told"
    step = f"orch node rekey {at} --reason … --fingerprint SHA256:…, {told}"
    if store != own_store():
        step = f"write that key in place of that line of {old.file}, if it is the one that you were told"
    elif old.file != store:
        step = f"take that line out of {old.file}, and: {step}"
    kind = "shows another key than before" if old.type == key.type else "shows a key of another type than the known one"
    return IdentityError(
        f"{at} {kind}: another machine, or an attack",
        evidence=f"known: {old.type} {fingerprint(old.blob)} ({old.file}:{old.line}); "
        f"shown: {key.type} {key.fingerprint}",
        hint=f"a rented Mac changes keys when it is imaged anew; ask the provider, then: {step}",
    )


def trust_of(address: Address) -> TrustStore:
    """The store for one address: the files it names, else the user's, the system's and our own."""
    if address.known_hosts:
        first, *rest = (Path(path).expanduser() for path in address.known_hosts)
        return TrustStore(first, rest)
    ssh = Path.home() / ".ssh"
    return TrustStore(own_store(), (ssh / "known_hosts", ssh / "known_hosts2", *SYSTEM_FILES))


@frozen
class Policy:
    """What is done about a host whose key is not known: ``strict`` refuses, ``accept-new`` records, ``off`` warns."""

    name: str
    store: TrustStore

    def judge(self, host: str, port: int, key: HostKey, address: str | None = None) -> str | None:
        """None where the key is trusted, a warning where it is let pass. Raises IdentityError else."""
        try:
            self.store.check(host, port, key, address)
        except UnknownKey as unknown:
            if self.name == "strict":
                raise
            if self.name == "accept-new":
                self.store.add(host, port, key)
                return f"{host} is new: its key {key.fingerprint} is trusted from now on ({self.store.store})"
            return f"{unknown.message}, and host keys are not checked: {key.type} {key.fingerprint}"
        except IdentityError as error:
            if self.name != "off":
                raise
            return f"{error.message}, and host keys are not checked: {error.evidence}"
        return None


def policy_of(address: Address) -> Policy:
    """By ``host_key_checking`` and OpenSSH's option StrictHostKeyChecking (ssh_config(5)) in ``options``."""
    said = {name.lower(): value.lower() for name, value in address.options}.get("stricthostkeychecking", "")
    by_word = {"accept-new": "accept-new", "no": "off", "off": "off", "yes": "strict", "ask": "strict"}
    name = by_word.get(said, "strict" if address.host_key_checking else "off")
    return Policy(name, trust_of(address))


def algorithms_for(entries: Iterable[Entry]) -> list[str]:
    """Host key algorithms, those first whose keys can be checked. The others stay, so that a change is seen as one."""
    known = {entry.type for entry in entries if not entry.marker}
    return sorted(_ALGORITHMS, key=lambda algorithm: _ALGORITHMS[algorithm] not in known)
