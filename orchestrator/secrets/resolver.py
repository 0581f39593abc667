"""From references to values: each once, all of them at once, and whatever is missing told together."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from orchestrator.model.errors import SecretError
from orchestrator.model.frozen import frozen
from orchestrator.model.secrets import NO_PASSWORD, Secret
from orchestrator.secrets import servers, sources, stores, trusted
from orchestrator.secrets.near import meant
from orchestrator.secrets.providers import (
    AgeProvider,
    AwsProvider,
    EnvProvider,
    ExecProvider,
    FileProvider,
    KeychainProvider,
    OnePasswordProvider,
    Provider,
    VaultProvider,
)
from orchestrator.secrets.refs import ON_THE_NODE, Ref, parse

AT_ONCE = 8
"""So many references are resolved at the same time: a store across the network answers in its own time."""
OpenVault = Callable[[bytes, str], bytes]


@frozen
class Failure:
    """A reference that could not be resolved, and why."""

    ref: Ref
    error: SecretError


def _no_vault(data: bytes, file: str) -> bytes:
    raise SecretError(NO_PASSWORD, evidence=file, hint="--vault-password-file FILE")


@dataclass(slots=True)
class Resolver:
    """Resolves references, each once; ``register`` is told every value, so that it can be hidden."""

    providers: Mapping[str, Provider] = field(default_factory=dict)
    register: Callable[[Secret, str], None] = lambda secret, name: None
    open_vault: OpenVault = _no_vault
    _known: dict[Ref, Secret] = field(default_factory=dict)

    def resolve(self, ref: Ref) -> Secret:
        """The value behind ``ref``. Raises SecretError with near-miss names where there are some."""
        if ref not in self._known:
            self._known[ref] = secret = self._fetch(ref)
            self.register(secret, str(ref))
        return self._known[ref]

    def check(self, refs: Iterable[Ref]) -> list[Failure]:
        """Resolve all of ``refs``; what failed, all of it, in the order of ``refs``."""

        def attempt(ref: Ref) -> Failure | None:
            try:
                self.resolve(ref)
            except SecretError as error:
                return Failure(ref, error)
            return None

        wanted = list(dict.fromkeys(refs))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [failure for failure in pool.map(attempt, wanted) if failure]

    def _fetch(self, ref: Ref) -> Secret:
        if ref.source == ON_THE_NODE:
            raise SecretError(f"{ref} is in the gateway's own store", hint="on the node: openclaw secrets store list")
        provider = self._provider(ref)
        return _by_default(ref, self.open_vault) if provider is None else self._by_provider(ref, provider)

    def _provider(self, ref: Ref) -> Provider | None:
        """The provider that ``ref`` names; None for the source itself."""
        found = self.providers.get(ref.provider)
        if found is not None and found.source == ref.source:
            return found
        if ref.provider == "default":
            return None
        hint = meant(ref.provider, self.providers, "declare it below providers, or name the source itself")
        raise SecretError(f"there is no {ref.source} provider called {ref.provider}", hint=hint)

    def _by_provider(self, ref: Ref, provider: Provider) -> Secret:
        match provider:
            case EnvProvider(allowlist=allowlist):
                if allowlist and ref.id not in allowlist:
                    hint = meant(ref.id, allowlist)
                    raise SecretError(f"{ref.id} is not in the allowlist of {ref.provider}", hint=hint)
                return sources.from_environment(ref.id)
            case FileProvider(path=path, mode=mode):
                trusted.check_file(path)
                return sources.from_file(path, None if mode == "singleValue" else ref.id)
            case ExecProvider():
                return _from_protocol(ref, provider)
            case KeychainProvider(path=path):
                return stores.from_keychain(ref.id, path)
            case OnePasswordProvider(account=account):
                return stores.from_one_password(ref.id, account)
            case VaultProvider():
                token = self.resolve(parse(provider.token)) if provider.token else None
                return servers.from_vault(ref.id, provider.address, token, provider.namespace, provider.engine)
            case AwsProvider():
                return servers.from_aws(ref.id, provider.region, provider.endpoint, provider.profile)
            case AgeProvider(identity=identity):
                return stores.from_age(ref.id, identity)


def _from_protocol(ref: Ref, provider: ExecProvider) -> Secret:
    trusted.check_command(provider.command)
    environ = {name: os.environ[name] for name in provider.pass_env if name in os.environ}
    argv, timeout_s = (provider.command, *provider.args), provider.timeout_ms / 1000
    return sources.from_protocol(argv, ref.provider, ref.id, environ=environ, timeout_s=timeout_s)


def _by_default(ref: Ref, open_vault: OpenVault) -> Secret:
    """The value of a reference that names its source and no provider."""
    match ref.source:
        case "env":
            return sources.from_environment(ref.id)
        case "file":
            return sources.from_file(ref.id)
        case "exec":
            return sources.from_command(shlex.split(ref.id))
        case "ansible-vault":
            return _from_ansible_vault(ref.id, open_vault)
        case "vault":
            return servers.from_vault(ref.id, None, None)
        case "age":
            return stores.from_age(ref.id, None)
    fetch = {
        "keyring": stores.from_keyring,
        "keychain": stores.from_keychain,
        "op": stores.from_one_password,
        "sops": stores.from_sops,
        "aws": servers.from_aws,
    }
    return fetch[ref.source](ref.id)


def _from_ansible_vault(id: str, open_vault: OpenVault) -> Secret:
    """The whole text of a vaulted file, or with ``FILE#/POINTER`` one value of the YAML in it."""
    from orchestrator.language.load import decode, load_text, read_bytes

    file, _, pointer = id.partition("#")
    raw, _ = read_bytes(os.path.expanduser(file), open_vault, SecretError)
    text = decode(raw, file, SecretError)
    if not pointer:
        return Secret(text.rstrip("\r\n"))
    return Secret(str(sources.member(load_text(text, file, error=SecretError, is_secret=True), pointer, file)))
