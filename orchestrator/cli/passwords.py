"""Passwords for logging in, for becoming, and for vaults: asked for, read from files, or named by a reference.

Never taken from the command line itself, which every user of this machine can read.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from orchestrator.cli.flags import HostFlags
from orchestrator.language.ansible_cfg import Config
from orchestrator.model.errors import Contradiction, SecretError, UserError
from orchestrator.model.secrets import Secret
from orchestrator.secrets import sources
from orchestrator.secrets.redact import Redactor
from orchestrator.secrets.vault import DEFAULT, Key

LOGIN_VARIABLE = "ORCH_PASSWORD"
BECOME_VARIABLE = "ORCH_BECOME_PASSWORD"
VAULT_VARIABLE = "ORCH_VAULT_PASSWORD"
LINE_BYTES = 64 * 1024

Asking = Callable[[str], Secret]
"""How a prompt gets its answer."""


class VaultSources(Protocol):
    """Flags that say where vault passwords come from."""

    @property
    def vault_id(self) -> list[str] | None: ...
    @property
    def vault_password_file(self) -> list[str] | None: ...
    @property
    def ask_vault_password(self) -> bool: ...


def login_password(flags: HostFlags, config: Config, redactor: Redactor) -> Secret | None:
    """The password to log in with, where one is given or asked for."""
    found = _chosen(
        is_asked=flags.ask_pass or (config.ask_pass and not (flags.connection_password_file or flags.password_ref)),
        prompt="SSH password: ",
        file=flags.connection_password_file or (None if flags.password_ref else config.connection_password_file),
        ref=flags.password_ref,
        variable=LOGIN_VARIABLE,
        redactor=redactor,
    )
    return _registered(found, "the login password", redactor)


def become_password(flags: HostFlags, config: Config, login: Secret | None, redactor: Redactor) -> Secret | None:
    """The password for becoming another user. An empty answer to the prompt means the login password, as in Ansible."""
    default = "[defaults to SSH password]" if login else ""
    given = flags.become_password_file or flags.become_password_ref
    found = _chosen(
        is_asked=flags.ask_become_pass or (config.become_ask_pass and not given),
        prompt=f"BECOME password{default}: ",
        file=flags.become_password_file or (None if flags.become_password_ref else config.become_password_file),
        ref=flags.become_password_ref,
        variable=BECOME_VARIABLE,
        redactor=redactor,
    )
    if found == Secret("") and login:
        return login
    return _registered(found, "the become password", redactor)


def vault_keys(
    flags: VaultSources, configured: Sequence[str], redactor: Redactor, warn: Callable[[str], None], ask: Asking
) -> list[Key]:
    """The vault passwords: from the flags, then those that the configuration names (``LABEL@FILE`` or ``FILE``).

    A file that gives none is told by ``warn``. Raises SecretError where none gives any, as Ansible does.
    """
    if flags.ask_vault_password and flags.vault_password_file:
        raise Contradiction("the vault password: asking and a file exclude one another")
    found, refused = list[Key](), list[SecretError]()
    if flags.ask_vault_password:
        found.append(vault_key(f"{DEFAULT}@prompt", redactor, ask))
    for source in [*(flags.vault_id or []), *(flags.vault_password_file or []), *configured]:
        try:
            found.append(vault_key(source, redactor, ask))
        except SecretError as error:
            refused.append(error)
    if value := os.environ.get(VAULT_VARIABLE):
        found.append(Key(DEFAULT, _hidden(Secret(value), "the vault password", redactor)))
    if refused and not found:
        raise refused[-1]
    for each in refused:
        warn(f"{each}\n  this vault password is passed over")
    return found


def answer(prompt: str) -> Secret:
    """What a person types without echo or, where stdin is no terminal, its next line (what Ansible reads then).

    Raises UserError where there is neither."""
    if not sys.stdin.isatty() and (line := _line_of(0)):
        return Secret(line.rstrip("\r\n"))
    return ask(prompt)


def _line_of(descriptor: int) -> str:
    """The next line of a stream, and not a byte more of it: what follows is for others to read."""
    line = b""
    while not line.endswith(b"\n") and len(line) < LINE_BYTES and (byte := os.read(descriptor, 1)):
        line += byte
    return line.decode("utf-8", "replace")


def ask(prompt: str) -> Secret:
    """What a person types without echo. Raises UserError where nobody can."""
    if not sys.stdin.isatty():
        raise UserError(
            f"nobody is here to answer {prompt.strip()!r}",
            evidence="stdin is not a terminal",
            hint="a --…-password-file or --…-password-ref answers without a person",
        )
    return Secret(getpass.getpass(prompt))


def password_file(path: str, label: str | None = None) -> Secret:
    """The password in the file ``path``, or what it prints where it may be executed; ``*-client`` is told the label."""
    file = Path(path).expanduser().absolute()
    if os.access(file, os.X_OK) and file.is_file():
        asked = ["--vault-id", label] if label and file.stem.endswith("-client") else []
        return sources.from_command([str(file), *asked])
    return Secret(sources.from_file(str(file)).reveal().strip())


def vault_key(source: str, redactor: Redactor, ask: Asking = ask) -> Key:
    """The key of one vault id: ``LABEL@FILE``, ``LABEL@prompt`` or ``FILE``."""
    label, at, place = source.rpartition("@")
    label = label if at and label else DEFAULT
    if place in ("prompt", "prompt_ask_vault_pass"):
        password = ask("Vault password: " if label == DEFAULT else f"Vault password ({label}): ")
    else:
        password = password_file(place, label)
    return Key(label, _hidden(password, f"the vault password {label}", redactor))


def _chosen(
    *, is_asked: bool, prompt: str, file: str | None, ref: str | None, variable: str, redactor: Redactor
) -> Secret | None:
    given = [name for name, value in (("asking", is_asked), ("a file", file), ("a reference", ref)) if value]
    if len(given) > 1:
        raise Contradiction(f"{prompt.partition(':')[0]}: {' and '.join(given)} exclude one another")
    if is_asked:
        return answer(prompt)
    if file:
        return password_file(file)
    if ref:
        from orchestrator.secrets.refs import parse
        from orchestrator.secrets.resolver import Resolver

        return Resolver(register=redactor.add).resolve(parse(ref))
    return Secret(os.environ[variable]) if os.environ.get(variable) else None


def _registered(secret: Secret | None, name: str, redactor: Redactor) -> Secret | None:
    return None if secret is None else _hidden(secret, name, redactor)


def _hidden(secret: Secret, name: str, redactor: Redactor) -> Secret:
    if not secret.reveal():
        raise SecretError(f"{name} is empty")
    redactor.add(secret, name)
    return secret
