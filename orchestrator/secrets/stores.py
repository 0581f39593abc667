"""Stores on this machine that a program opens: the keychain, the desktop's keyring, 1Password, sops, age.

Each program is called as its makers document it, without a shell; what it prints is the value, and no value is ever
among its arguments: ``security find-generic-password -w`` (macOS), ``op read`` (1Password CLI 2), ``sops decrypt
--extract`` (3.9), ``age --decrypt`` (1.1).
"""

from __future__ import annotations

import json

from orchestrator.model.errors import SecretError
from orchestrator.model.secrets import Secret
from orchestrator.secrets import sources

INTERACTIVE_S = 60.0
"""A store may ask a person for a fingerprint or a password first."""


def from_keychain(id: str, keychain: str | None = None) -> Secret:
    """The generic password at ``SERVICE/ACCOUNT`` in the login keychain, or in the file ``keychain``."""
    service, account = _pair(id, "keychain:SERVICE/ACCOUNT")
    argv = ["security", "find-generic-password", "-s", service, "-a", account, "-w", *([keychain] if keychain else [])]
    return _asked(argv, "the keychain needs macOS; elsewhere there is keyring:SERVICE/NAME")


def from_keyring(id: str) -> Secret:
    """The password at ``SERVICE/NAME`` in this desktop's keyring (needs the extra ``keyring``)."""
    service, name = _pair(id, "keyring:SERVICE/NAME")
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise SecretError(
            "the keyring needs another package", hint="pip install 'mac-orchestrator[keyring]'"
        ) from error
    try:
        value = keyring.get_password(service, name)
    except KeyringError as error:
        raise SecretError(f"the keyring gave no password of {name} at {service}", evidence=str(error)) from error
    if not value:
        raise SecretError(f"the keyring has no password of {name} at {service}")
    return Secret(value)


def from_one_password(id: str, account: str | None = None) -> Secret:
    """What 1Password holds at ``op://VAULT/ITEM/FIELD``."""
    argv = ["op", "read", "--no-newline", *(["--account", account] if account else []), id]
    return _asked(argv, "1Password needs its command line tool `op`, signed in")


def from_sops(id: str) -> Secret:
    """The value at ``FILE#/POINTER`` of a file that sops seals; the whole file without a pointer."""
    file, _, pointer = id.partition("#")
    path = "".join(f"[{json.dumps(each)}]" for each in pointer.strip("/").split("/")) if pointer else ""
    return _asked(["sops", "decrypt", *(["--extract", path] if path else []), file], "sops must be in PATH")


def from_age(id: str, identity: str | None) -> Secret:
    """What the age file ``id`` seals for the identity file ``identity``."""
    if not identity:
        raise SecretError(f"age:{id} needs an identity", hint="declare a provider {source: age, identity: FILE}")
    return _asked(["age", "--decrypt", "--identity", identity, id], "age must be in PATH")


def _asked(argv: list[str], needs: str) -> Secret:
    try:
        return sources.from_command(argv, timeout_s=INTERACTIVE_S)
    except SecretError as error:
        raise SecretError(error.message, evidence=error.evidence, hint=error.hint or needs) from error


def _pair(id: str, form: str) -> tuple[str, str]:
    service, slash, name = id.rpartition("/")
    if not slash or not service or not name:
        raise SecretError(f"{id} names no entry", hint=form)
    return service, name
