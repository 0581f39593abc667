"""`uri` and `get_url` on every shell we promise, against a real web server on the loopback."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.contract import driver
from tests.contract.driver import FakeContext, Node

node = driver.node
DATA = bytes(range(256))


class Answers(BaseHTTPRequestHandler):
    """Echoes what it was asked; /file is a file, /moved leads to it, /missing is not there."""

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.path == "/file":
            if self.headers.get("If-Modified-Since"):
                return self.answer(304, b"")
            return self.answer(200, DATA, Content_Disposition='attachment; filename="../named.bin"')
        if self.path == "/sums":
            return self.answer(200, f"{hashlib.sha256(DATA).hexdigest()}  file\n".encode())
        if self.path == "/moved":
            return self.answer(302, b"", Location="/echo")
        if self.path == "/missing":
            return self.answer(404, b"none")
        seen = {"method": self.command, "body": self.rfile.read(length).decode(), "headers": dict(self.headers)}
        body = json.dumps(seen).encode()
        return self.answer(200, body, Content_Type="application/json", Set_Cookie="a=b; Path=/")

    do_POST = do_HEAD = do_PUT = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_uri(node: Node, site: str) -> None:
    args: dict[str, Any] = {"url": f"{site}/echo", "method": "POST", "body": {"a": 'q"\n'}, "body_format": "json"}
    result = node.play("uri", {**args, "headers": {"X-One": 'it\'s "1"'}, "url_username": "u", "url_password": "p"})
    assert (result.data["status"], result.failed, result.changed) == (200, False, False), result.msg
    seen = result.data["json"]
    assert json.loads(seen["body"]) == {"a": 'q"\n'}
    assert (seen["method"], seen["headers"]["X-One"]) == ("POST", 'it\'s "1"')
    assert seen["headers"]["Authorization"] == "Basic dTpw"
    assert result.data["cookies"] == {"a": "b"}
    assert (result.data["content_type"], "content" in result.data) == ("application/json", False)


def test_uri_forms_redirects_and_refusals(node: Node, site: str) -> None:
    form = {
        "url": f"{site}/x",
        "method": "PUT",
        "body": {"a": "1 2", "b": ["3", "4"]},
        "body_format": "form-urlencoded",
    }
    assert node.play("uri", form).data["json"]["body"] == "a=1+2&b=3&b=4"
    pairs = [["a", "1 2"], ["b", [3, "4"]], ["c", None]]
    assert node.play("uri", {**form, "body": pairs}).data["json"]["body"] == "a=1+2&b=3&b=4"
    refused = node.play("uri", {**form, "body": [1]})
    assert refused.failed and (refused.msg or "").startswith("failed to parse body as form_urlencoded")
    bare = node.play("uri", {"url": site, "status_code": [200, 404]})
    assert (bare.data["redirected"], bare.data["url"]) == (False, site), "curl writes a path out: that is no redirect"
    moved = node.play("uri", {"url": f"{site}/moved", "return_content": True})
    assert (moved.data["redirected"], moved.data["url"]) == (True, f"{site}/echo")
    held = node.play("uri", {"url": f"{site}/moved", "follow_redirects": "none", "status_code": [302]})
    assert (held.data["status"], held.data["location"]) == (302, f"{site}/echo")
    missing = node.play("uri", {"url": f"{site}/missing"})
    assert missing.failed and (missing.msg or "").startswith("Status code was 404 and not [200]")
    dead = node.play("uri", {"url": "http://127.0.0.1:1/"})
    assert dead.failed and dead.data["status"] == -1 and "Request failed" in (dead.msg or "")
    assert node.play("uri", {"url": f"{site}/echo", "method": "HEAD"}).data["status"] == 200


def test_uri_files(node: Node, site: str, tmp_path: Path) -> None:
    result = node.play("uri", {"url": f"{site}/file", "dest": "~/got", "mode": "0600"})
    assert result.changed and (node.shell.home / "got").read_bytes() == DATA
    assert node.play("uri", {"url": f"{site}/file", "dest": "~/got"}).changed, "whatever was there, as Ansible has it"
    assert "skipped" in node.play("uri", {"url": f"{site}/file", "creates": "~/got"}).data["stdout"]
    assert "skipped" in node.play("uri", {"url": f"{site}/file", "removes": "~/no"}).data["stdout"]
    (tmp_path / "body").write_text("from here")
    ctx = FakeContext(root=tmp_path)
    assert (
        node.play("uri", {"url": f"{site}/x", "method": "POST", "src": "body"}, ctx).data["json"]["body"] == "from here"
    )
    (node.shell.home / "there").write_text("from there")
    there = {"url": f"{site}/x", "method": "POST", "src": "~/there", "remote_src": True}
    assert node.play("uri", there).data["json"]["body"] == "from there"
    assert node.play("uri", {**there, "src": "~/none"}).failed
    assert node.play("uri", there, FakeContext(check=True)).skipped


def test_get_url(node: Node, site: str) -> None:
    args = {"url": f"{site}/file", "dest": "~/f", "mode": "0640"}
    assert node.play("get_url", args, FakeContext(check=True)).changed
    assert not (node.shell.home / "f").exists()
    result = node.play("get_url", args)
    assert result.changed and (node.shell.home / "f").read_bytes() == DATA, result.msg
    assert (result.data["mode"], result.data["status_code"]) == ("0640", 200)
    assert result.data["checksum_src"] == hashlib.sha1(DATA).hexdigest()
    again = node.play("get_url", args)
    assert not again.changed and again.data["status_code"] == 304
    assert not node.play("get_url", {**args, "force": True}).changed
    assert node.play("get_url", {**args, "dest": "~/"}).data["dest"] == f"{node.shell.home}/named.bin"
    assert not list(node.shell.home.glob(".orch*"))


def test_get_url_checksums(node: Node, site: str) -> None:
    good = {"url": f"{site}/file", "dest": "~/f", "checksum": f"sha256:{hashlib.sha256(DATA).hexdigest()}"}
    assert node.play("get_url", good).changed
    kept = node.play("get_url", good)
    assert not kept.changed and kept.msg == "file already exists"
    wrong = node.play("get_url", {**good, "dest": "~/g", "checksum": "sha256:00"})
    assert wrong.failed and "did not match" in (wrong.msg or "") and not (node.shell.home / "g").exists()
    listed = {**good, "dest": "~/h", "checksum": f"sha256:{site}/sums"}
    assert node.play("get_url", listed).changed
    assert node.play("get_url", {**listed, "checksum": f"sha256:{site}/missing"}).failed
    assert node.play("get_url", {"url": f"{site}/missing", "dest": "~/m"}).data["status_code"] == 404
    assert node.play("get_url", {**good, "dest": "~/no/f"}).failed


def test_unarchive_from_a_url_that_is_no_archive(node: Node, site: str) -> None:
    result = node.play("unarchive", {"src": f"{site}/file", "dest": "~/", "remote_src": True})
    assert result.failed and "Failed to find handler for" in (result.msg or "")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("uri", {"url": "nonsense"}),
        ("uri", {"url": "http://x", "body": "a", "src": "b"}),
        ("uri", {}),
        ("get_url", {"url": "http://x", "dest": "y", "checksum": "abc"}),
        ("get_url", {"url": "http://x", "dest": "y", "checksum": "sha256:xyz!"}),
    ],
)
def test_wrong_arguments(name: str, args: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        driver.Node(driver.Shell(("dash",), tmp_path)).play(name, args)
