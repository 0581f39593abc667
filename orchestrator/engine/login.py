"""From variables, keywords and flags to an address and to the user to become. Names and order are Ansible's.

For each thing: the variable wins (with extra vars on top of all variables), then the task's keyword, then the flag.
"""

from __future__ import annotations

import getpass
import os
import shlex
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import is_
from typing import Any

from orchestrator.engine.options import Options
from orchestrator.language.tree import Keywords
from orchestrator.model.errors import InventoryError
from orchestrator.model.frozen import frozen
from orchestrator.model.lenient import to_bool
from orchestrator.model.secrets import Secret
from orchestrator.planning.environment import looks_like_template
from orchestrator.planning.render import Renderer
from orchestrator.transport.base import Address, Become

MOST_PORT = 65535
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
KINDS = {
    "ssh": "ssh",
    "smart": "ssh",
    "ansible.builtin.ssh": "ssh",
    "asyncssh": "ssh",
    "paramiko": "fabric",
    "paramiko_ssh": "fabric",
    "ansible.netcommon.paramiko": "fabric",
    "fabric": "fabric",
    "local": "local",
    "ansible.builtin.local": "local",
}


@frozen
class Login:
    """How to reach a host (``kind``: ssh, fabric or local) as it follows from one task's variables."""

    kind: str
    address: Address

    def user(self) -> str | None:
        """Who logs in, as far as that was said; on this machine the one who runs us."""
        return getpass.getuser() if self.kind == "local" else self.address.user


class Settings:
    """Looks a setting up in variables, then in a keyword, then in a flag."""

    def __init__(self, renderer: Renderer, keywords: Keywords | None) -> None:
        self.renderer = renderer
        self.keywords = keywords
        self.said: dict[str, Any] = {}
        """The variables that were asked for so far, as they are written."""

    def of(self, *names: str, keyword: str | None = None, flag: Any = None) -> Any:
        variables = self.renderer.variables
        for name in names:
            said = self.said[name] = variables.get(name)
            value = self.renderer.keyword(said)
            if value is not None:
                return value
        written = getattr(self.keywords, keyword) if keyword and self.keywords else None
        return self.renderer.keyword(written, flag)


class Known:
    """The last login of a host. As long as what it was made of is the same, and hangs on nothing else, so is the login:
    most tasks of a play go where the one before went."""

    def __init__(self, login: Login, settings: Settings, beside: tuple[Any, ...]) -> None:
        self.login = login
        self._said, self._beside = settings.said, beside
        self._is_lasting = all(map(_hangs_on_nothing, (*beside, *settings.said.values())))

    def holds(self, renderer: Renderer, beside: tuple[Any, ...]) -> bool:
        """Whether it is the login by the variables that ``renderer`` sees and by what was written ``beside`` them."""
        if not self._is_lasting or not all(map(is_, self._beside, beside)):
            return False
        get = renderer.variables.get
        return all(get(name) is said for name, said in self._said.items())


def _hangs_on_nothing(written: Any) -> bool:
    return not looks_like_template(written) if isinstance(written, str) else not isinstance(written, Mapping | list)


def login(
    host: str,
    settings: Settings,
    options: Options,
    *,
    implicit: bool,
    directory: str = "",
    own: Callable[[str], str | None] = lambda _name: None,
) -> Login:
    """The login for ``host`` by its ``settings``. ``implicit``: a localhost that no inventory names;
    ``directory``: where commands on this machine begin; ``own``: which of our connections a plug-in stands for."""
    default = "local" if implicit else (options.connection or "ssh")
    asked = str(settings.of("ansible_connection", keyword="connection", flag=default))
    kind = KINDS.get(asked) or own(asked)
    if kind is None:
        raise InventoryError(f"host {host}: unknown connection {asked!r}", hint=f"known: {', '.join(sorted(KINDS))}")
    extra = _ssh_options(settings, options)
    port = settings.of("ansible_port", "ansible_ssh_port", keyword="port", flag=extra.get("port", 0))
    address = Address(
        name=host,
        host=str(settings.of("ansible_host", "ansible_ssh_host", flag=host)),
        port=_port(host, port),
        user=_text(settings.of("ansible_user", "ansible_ssh_user", keyword="remote_user", flag=options.user)),
        password=_secret(settings.of("ansible_password", "ansible_ssh_password", "ansible_ssh_pass"), options.password),
        key_files=_key_files(settings, options, extra),
        key_passphrase=_secret(settings.of("ansible_ssh_private_key_passphrase"), None),
        jump=extra.get("proxyjump"),
        known_hosts=tuple(extra["userknownhostsfile"].split())
        if "userknownhostsfile" in extra
        else options.known_hosts,
        host_key_checking=_checks_keys(settings, options, extra),
        ssh_config=(os.devnull if extra["config"] == "none" else extra["config"],) if "config" in extra else (),
        tmp=str(settings.of("ansible_remote_tmp", flag="/tmp")),  # noqa: S108 - the node's own
        region=_region(settings, options),
        directory=directory if kind == "local" else "",
        options=tuple(sorted(extra.items())),
    )
    return Login(kind, address)


def become(renderer: Renderer, keywords: Keywords, options: Options) -> Become | None:
    """The user to become for a task, or None to stay who we are."""
    settings = Settings(renderer, keywords)
    if not to_bool(settings.of("ansible_become", keyword="become", flag=options.become)):
        return None
    user = settings.of("ansible_become_user", keyword="become_user", flag=options.become_user or "root")
    method = settings.of("ansible_become_method", keyword="become_method", flag=options.become_method or "sudo")
    password = settings.of("ansible_become_password", "ansible_become_pass", "ansible_sudo_pass")
    from orchestrator.transport.elevate import (
        ELEVATIONS,
    )  # here, since a run in which nobody becomes need not import it

    known = str(method).rpartition(".")[2]
    if known not in ELEVATIONS:
        raise InventoryError(f"become_method {known!r} is not known here", hint="use sudo, or su from root")
    return Become(
        user=str(user),
        method=known,
        password=_secret(password, options.become_password),
        flags=str(settings.of("ansible_become_flags", keyword="become_flags", flag="")),
        exe=_text(settings.of("ansible_become_exe", keyword="become_exe")),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _secret(value: Any, flag: Secret | None) -> Secret | None:
    if value is None or value == "":
        return flag
    return value if isinstance(value, Secret) else Secret(str(value))


def _region(settings: Settings, options: Options) -> str:
    """Where the host is; asked only where there are workers that may be near it."""
    return str(settings.of("region", flag="")) if (options.engine or "").startswith("dask:") else ""


def _port(host: str, value: Any) -> int:
    try:
        port = int(value)
    except (TypeError, ValueError, OverflowError):
        port = -1
    if not 0 <= port <= MOST_PORT:  # 0: nobody said one
        raise InventoryError(f"host {host}: {str(value)[:40]!r} is not a port number", hint="1 to 65535")
    return port


def _key_files(settings: Settings, options: Options, extra: Mapping[str, str]) -> tuple[str, ...]:
    named = settings.of("ansible_ssh_private_key_file", "ansible_private_key_file", flag=options.private_key)
    return tuple(str(each) for each in (named, extra.get("identityfile")) if each)


def _checks_keys(settings: Settings, options: Options, extra: Mapping[str, str]) -> bool:
    asked = settings.of("ansible_host_key_checking", "ansible_ssh_host_key_checking", flag=options.host_key_checking)
    return to_bool(asked) and extra.get("stricthostkeychecking", "yes") not in ("no", "off")


def _ssh_options(settings: Settings, options: Options) -> Mapping[str, str]:
    """``-o Name=value``, ``-J``, ``-F``, ``-i``, ``-p``, ``-l`` of the ssh argument variables, by lower-case name."""
    said = [options.ssh_common_args]
    said += [
        str(settings.of(name, flag=""))
        for name in ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
    ]
    return _options_in(" ".join(filter(None, said)))


@lru_cache(maxsize=256)
def _options_in(arguments: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    letters = {"-J": "proxyjump", "-F": "config", "-i": "identityfile", "-p": "port", "-l": "user"}
    try:
        words = iter(shlex.split(arguments))
    except ValueError as error:
        raise InventoryError(f"the ssh arguments cannot be split into words: {error}", evidence=arguments) from None
    for word in words:
        if word == "-o" or (word.startswith("-o") and len(word) > 2):
            name, _, value = (next(words, "") if word == "-o" else word[2:]).replace(" ", "=", 1).partition("=")
            found[name.strip().lower()] = value.strip()
        elif word[:2] in letters:
            found[letters[word[:2]]] = word[2:] or next(words, "")
    return found
