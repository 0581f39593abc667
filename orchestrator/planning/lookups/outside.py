"""Lookups that ask others: programs on this machine, servers. Bounded in time and size."""

from __future__ import annotations

import base64
import ssl
import subprocess
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from orchestrator.model.errors import TemplateError
from orchestrator.planning.lookups.base import Call, Lookup, options_of

if TYPE_CHECKING:
    import urllib.request

_TIMEOUT_S: Final = 300.0
_LIMIT_BYTES: Final = 64 * 1024 * 1024
_URL: Final[Mapping[str, Any]] = {
    "split_lines": True,
    "validate_certs": True,
    "use_proxy": True,
    "username": None,
    "password": None,
    "headers": {},
    "force": False,
    "timeout": 10.0,
    "http_agent": "ansible-httpget",
    "force_basic_auth": False,
    "follow_redirects": "urllib2",
    "ca_path": None,
    "unredirected_headers": [],
}


def _output(call: Call, name: str, command: str) -> bytes:
    """What the shell command prints on this machine; run beside the playbook, as Ansible does."""
    directory = call.surroundings.search_path[-1] if call.surroundings.search_path else None
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TemplateError(f"{name}({command}) took longer than {_TIMEOUT_S:.0f} s") from None
    if done.returncode:
        raise TemplateError(f"lookup_plugin.{name}({command}) returned {done.returncode}")
    return done.stdout


def pipe(call: Call, terms: list[Any], _options: Mapping[str, Any]) -> list[Any]:
    """The output of commands, without blanks at the end."""
    return [_output(call, "pipe", str(term)).decode("utf-8").rstrip() for term in terms]


def lines(call: Call, terms: list[Any], _options: Mapping[str, Any]) -> list[Any]:
    """The lines of the output of commands."""
    outputs = [_output(call, "lines", str(term)) for term in terms]
    return [line.decode("utf-8", "surrogateescape") for output in outputs for line in output.splitlines()]


def url(_call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
    """What URLs answer, as lines, or whole unless ``split_lines``."""
    how = options_of("url", options, _URL)
    found: list[Any] = []
    for term in terms:
        text = _fetched(str(term), how).decode("utf-8", "surrogateescape")
        found += text.splitlines() if how["split_lines"] else [text]
    return found


def _fetched(address: str, how: Mapping[str, Any]) -> bytes:
    import urllib.error
    import urllib.request

    if not address.startswith(("http://", "https://", "ftp://", "file://")):
        raise TemplateError(f"Failed lookup url for {address}: only http, https, ftp and file are fetched")
    request = urllib.request.Request(address, headers={"User-agent": how["http_agent"], **how["headers"]})
    if how["username"] is not None:
        login = f"{how['username']}:{how['password'] or ''}".encode()
        request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(login).decode("ascii"))
    try:
        with _opener(how).open(request, timeout=float(how["timeout"])) as reply:
            data: bytes = reply.read(_LIMIT_BYTES + 1)
    except urllib.error.HTTPError as error:
        raise TemplateError(f"Received HTTP error for {address} : {error}") from error
    except OSError as error:
        raise TemplateError(f"Failed lookup url for {address} : {error}") from error
    if len(data) > _LIMIT_BYTES:
        raise TemplateError(f"{address} answered with more than {_LIMIT_BYTES} bytes")
    return data


def _opener(how: Mapping[str, Any]) -> urllib.request.OpenerDirector:
    import urllib.request

    context = ssl.create_default_context(cafile=how["ca_path"])
    if not how["validate_certs"]:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context)]
    if not how["use_proxy"]:
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


OUTSIDE: Final[Mapping[str, Lookup]] = {"lines": lines, "pipe": pipe, "url": url}
