"""Requests over HTTP, thin upon urllib."""

from __future__ import annotations

import base64
import http.client
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http import cookiejar
from typing import Any
from urllib.parse import unquote, urlparse, urlunparse

from .common.text.converters import to_bytes


class ConnectionError(Exception):
    """A server cannot be reached."""


class SSLValidationError(ConnectionError):
    """A server's certificate is not to be trusted."""


class NoSSLError(SSLValidationError):
    """There is no TLS."""


def url_argument_spec() -> dict[str, Any]:
    """The options that modules with URLs share."""
    return {
        "url": {"type": "str"},
        "force": {"type": "bool", "default": False},
        "http_agent": {"type": "str", "default": "ansible-httpget"},
        "use_proxy": {"type": "bool", "default": True},
        "validate_certs": {"type": "bool", "default": True},
        "url_username": {"type": "str"},
        "url_password": {"type": "str", "no_log": True},
        "force_basic_auth": {"type": "bool", "default": False},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path"},
        "use_gssapi": {"type": "bool", "default": False},
    }


def basic_auth_header(username: str, password: str | None) -> bytes:
    """The value of an Authorization header."""
    return b"Basic " + base64.b64encode(to_bytes(f"{username}:{password or ''}"))


def open_url(
    url: str,
    data: Any = None,
    headers: Mapping[str, str] | None = None,
    method: str | None = None,
    use_proxy: bool = True,
    force: bool = False,
    last_mod_time: Any = None,
    timeout: float = 10,
    validate_certs: bool = True,
    url_username: str | None = None,
    url_password: str | None = None,
    http_agent: str | None = None,
    force_basic_auth: bool = False,
    follow_redirects: Any = "urllib2",
    client_cert: str | None = None,
    client_key: str | None = None,
    cookies: Any = None,
    use_gssapi: bool = False,
    unix_socket: str | None = None,
    ca_path: str | None = None,
    unredirected_headers: Any = None,
    **_more: Any,
) -> Any:
    """Ask ``url``; returns urllib's response, or raises its errors."""
    if unix_socket or use_gssapi:
        raise NotImplementedError("unix_socket and use_gssapi are not offered here")
    body = to_bytes(data) if data is not None else None
    request = urllib.request.Request(url, data=body, method=method.upper() if method else None)
    request.add_header("User-Agent", http_agent or "ansible-httpget")
    if force:
        request.add_header("cache-control", "no-cache")
    if url_username:
        request.add_header("Authorization", basic_auth_header(url_username, url_password).decode())
    kept = {each.lower() for each in unredirected_headers or ()}
    for name, value in (headers or {}).items():
        (request.add_unredirected_header if name.lower() in kept else request.add_header)(name, value)
    handlers: list[Any] = [
        urllib.request.HTTPSHandler(context=_context(validate_certs, ca_path, client_cert, client_key))
    ]
    handlers += [] if use_proxy else [urllib.request.ProxyHandler({})]
    handlers += [_NoRedirects()] if follow_redirects in (False, "no", "none") else []
    handlers += [urllib.request.HTTPCookieProcessor(cookies)] if cookies is not None else []
    return urllib.request.build_opener(*handlers).open(request, timeout=timeout)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


def _context(is_checked: bool, ca_path: str | None, cert: str | None, key: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_path)
    if not is_checked:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert:
        context.load_cert_chain(cert, key)
    return context


def fetch_url(
    module: Any, url: str, data: Any = None, headers: Any = None, method: str | None = None, **options: Any
) -> tuple[Any, dict[str, Any]]:
    """Ask ``url`` with the module's own options; returns the response, and what is known of it."""
    params = module.params
    options.setdefault("validate_certs", params.get("validate_certs", True))
    options["use_proxy"] = params.get("use_proxy", True) if options.get("use_proxy") is None else options["use_proxy"]
    names = ("url_username", "url_password", "http_agent", "force_basic_auth", "client_cert", "client_key")
    options.update({name: params[name] for name in names if params.get(name)})
    options.setdefault("follow_redirects", params.get("follow_redirects", "urllib2"))
    jar = options.pop("cookies", None) or cookiejar.CookieJar()
    info: dict[str, Any] = {"url": url, "status": -1}
    response: Any = None
    try:
        response = open_url(url, data, headers, method, cookies=jar, **options)
        info.update({name.lower(): value for name, value in response.headers.items()})
        length = response.headers.get("Content-Length", "unknown")
        info.update(msg=f"OK ({length} bytes)", url=response.geturl(), status=response.status)
        info["cookies"] = {each.name: each.value for each in jar}
        info["cookies_string"] = "; ".join(f"{each.name}={each.value}" for each in jar)
    except urllib.error.HTTPError as error:
        response = error
        info.update({name.lower(): value for name, value in error.headers.items()})
        info.update(msg=str(error), body=error.read(), status=error.code)
    except urllib.error.URLError as error:
        info.update(msg=f"Request failed: {error}", status=-1)
    except ValueError as error:
        module.fail_json(msg=str(error), **info)
    except OSError as error:
        info.update(msg=f"Connection failure: {error}", status=-1)
    except http.client.BadStatusLine as error:
        why = "connection was closed before a valid response was received"
        info.update(msg=f"Connection failure: {why}: {error}", status=-1)
    return response, info


def fetch_file(module: Any, url: str, **options: Any) -> str:
    """The content of ``url`` in a file that goes with the module; returns its path."""
    import shutil
    import tempfile

    response, info = fetch_url(module, url, **options)
    if info["status"] != 200:
        module.fail_json(msg=f"Failure downloading {url}, {info['msg']}")
    with tempfile.NamedTemporaryFile(dir=module.tmpdir, delete=False) as file:
        shutil.copyfileobj(response, file)
    return file.name


__all__ = [
    "ConnectionError",
    "NoSSLError",
    "SSLValidationError",
    "basic_auth_header",
    "fetch_file",
    "fetch_url",
    "open_url",
    "unquote",
    "url_argument_spec",
    "urllib",
    "urlparse",
    "urlunparse",
]
