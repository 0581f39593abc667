"""HTTP requests made by the node's own curl(1): its arguments as a configuration text, its answer as values.

The configuration travels as a file of the task's private directory, so that no password or header is ever in ``ps``.
Source: curl(1), "-K, --config".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import Message
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import AliasChoices, Field, field_validator

from orchestrator.modules.base import Args, script
from orchestrator.modules.types import AsSaid, Bool, Dict, Int, Str, StrList

CURL_SH = script("curl", __file__)


class UrlArgs(Args):
    """What uri and get_url share."""

    url: Str = Field(description="Where.")
    headers: Dict = Field(default_factory=dict, description="Further headers.")
    timeout: Int = Field(10, ge=1, description="Seconds without progress after which it is given up.")
    force_basic_auth: Bool = Field(False, description="Accepted: curl sends the password with the first request.")
    url_username: Str | None = Field(
        None, validation_alias=AliasChoices("url_username", "username", "user"), description="User."
    )
    url_password: Str | None = Field(
        None, validation_alias=AliasChoices("url_password", "password"), description="Password."
    )
    validate_certs: Bool = Field(True, description="Verify the server's certificate.")
    use_proxy: Bool = Field(True, description="Heed the environment's proxy variables.")
    http_agent: Str = Field("ansible-httpget", description="The User-Agent header.")
    ca_path: Str | None = Field(None, description="A file of certificate authorities, on the node.")
    client_cert: Str | None = Field(None, description="The client's certificate, on the node.")
    client_key: Str | None = Field(None, description="Its key, on the node.")
    ciphers: StrList = Field(default_factory=list, description="TLS ciphers.")
    decompress: Bool = Field(True, description="Undo gzip encoding.")
    use_netrc: Bool = Field(True, description="Heed ~/.netrc.")
    unredirected_headers: StrList = Field(default_factory=list, description="Accepted: curl drops credentials itself.")
    use_gssapi: Bool = Field(False, description="Negotiate authentication.")

    @field_validator("url")
    @classmethod
    def _has_scheme(cls, value: str) -> str:
        if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value):
            raise AsSaid(f"unknown url type: {value!r}")
        return value

    def options(self) -> list[tuple[str, str | None]]:
        """curl's long options for all of this; None: a switch."""
        given: list[tuple[str, str | None]] = [
            ("url", self.url),
            ("silent", None),
            ("show-error", None),
            ("user-agent", self.http_agent),
            ("connect-timeout", str(self.timeout)),
            ("speed-time", str(self.timeout)),
            ("speed-limit", "1"),
            ("max-redirs", "10"),
            *(("header", f"{name}: {value}") for name, value in self.headers.items()),
        ]
        if "accept" not in {name.lower() for name in self.headers}:
            given.append(("header", "Accept:"))  # Python's urllib, and so Ansible, sends none
        if self.url_username is not None:
            given.append(("user", f"{self.url_username}:{self.url_password or ''}"))
        switches = {
            "insecure": not self.validate_certs,
            "compressed": self.decompress,
            "netrc-optional": self.use_netrc and self.url_username is None,
            "negotiate": self.use_gssapi,
        }
        given.extend((name, None) for name, on in switches.items() if on)
        texts = {
            "cacert": self.ca_path,
            "cert": self.client_cert,
            "key": self.client_key,
            "ciphers": ":".join(self.ciphers),
        }
        given.extend((name, text) for name, text in texts.items() if text)
        return given if self.use_proxy else [*given, ("noproxy", "*")]


def configuration(options: Iterable[tuple[str, str | None]]) -> str:
    """The options as curl's configuration text: quoted, with the escapes that curl(1) names."""
    lines = []
    for name, value in options:
        if value is None:
            lines.append(name)
        else:
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
            lines.append(f'{name} = "{escaped}"')
    return "\n".join(lines) + "\n"


def masked(url: str, *, user: bool = False) -> str:
    """The URL without its password, and without the user's name where ``user``."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    login = "****:****" if user else f"{parts.username}:********"
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))


def anonymous(url: str) -> str:
    """The URL without user and password, as it is asked for."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url


def reached(asked: str, effective: str) -> str:
    """The URL that answered: ``asked`` itself where curl only wrote the path out that a bare host's URL has not."""
    parts = urlsplit(asked)
    return asked if urlunsplit(parts._replace(path=parts.path or "/")) == effective else effective


def file_name(url: str) -> str:
    """The last component of a URL's path; ``index.html`` where there is none."""
    return urlsplit(url).path.rpartition("/")[2] or "index.html"


def header_fields(text: str) -> tuple[str, Message]:
    """The reason phrase and the headers of the last response in what curl dumped (redirects come before it)."""
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.startswith("HTTP/")]
    message = Message()
    if not blocks:
        return "", message
    status, *lines = blocks[-1].split("\n")
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            message[name.strip()] = value.strip()
    return " ".join(status.split(" ")[2:]), message


def shown_headers(message: Message, *, cookies: bool = True) -> dict[str, Any]:
    """Headers as Ansible returns them: lower case, dashes as underscores, repeated ones joined; and the cookies, which
    it leaves out of what went wrong."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys(key.lower() for key in message):
        found[name.replace("-", "_")] = ", ".join(message.get_all(name, []))
    if not cookies:
        return found
    jar: dict[str, str] = {}
    for line in message.get_all("set-cookie", []):
        try:
            jar.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        except CookieError:
            continue
    return {**found, "cookies": jar, "cookies_string": "; ".join(f"{name}={value}" for name, value in jar.items())}
