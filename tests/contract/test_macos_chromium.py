"""A real Chromium logs in at a page of ours; after the reset its profile is logged out, and its bookmarks are kept."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from orchestrator.model.results import Outcome
from tests.contract.driver import Node, Shell

pytestmark = [pytest.mark.needs_chromium, pytest.mark.timeout(180)]
STORES = "<script>localStorage.setItem('token', 'kept'); document.title = localStorage.token</script>"


class Page(BaseHTTPRequestHandler):
    """/login gives a cookie for a day and keeps a token in local storage; / says who is logged in."""

    def do_GET(self) -> None:
        who = "logged in" if "session=canary" in (self.headers.get("Cookie") or "") else "logged out"
        stored = "<script>document.write('<p>token ' + localStorage.getItem('token') + '</p>')</script>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        if self.path == "/login":
            self.send_header("Set-Cookie", "session=canary; Max-Age=86400; Path=/")
        self.end_headers()
        self.wfile.write(f"<p>{who}</p>{STORES if self.path == '/login' else stored}".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def page() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def chromium(profile: Path, *words: str) -> list[str]:
    program = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    quiet = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    return [program, *quiet, "--password-store=basic", f"--user-data-dir={profile}", *words]


def visit(profile: Path, address: str) -> str:
    """The page as the browser shows it; the browser has ended then."""
    words = chromium(profile, "--virtual-time-budget=3000", "--dump-dom", address)
    return subprocess.run(words, capture_output=True, text=True, timeout=90, cwd=profile.parent).stdout


def test_a_real_profile_is_logged_out_by_the_reset(tmp_path: Path, page: str) -> None:
    home, profile = tmp_path / "home", tmp_path / "home" / "user data"
    home.mkdir()
    visit(profile, f"{page}/login")
    before = visit(profile, page)
    assert "logged in" in before and "token kept" in before
    (profile / "Default" / "Bookmarks").write_text("{}")
    open_browser = subprocess.Popen(
        chromium(profile, "--remote-debugging-port=0", page), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    waiter = threading.Thread(target=open_browser.wait, daemon=True)
    waiter.start()
    try:
        node = Node(Shell(("bash", "--posix"), home), sleeps=0.5)
        done = node.play("browser_reset", {"user_data_dirs": [str(profile)], "quit_s": 30})
        assert done.changed and not done.failed, done.msg
        assert open_browser.pid in done.data["browsers"][0]["quit_pids"] or open_browser.poll() is not None
        assert node.play("browser_reset", {"user_data_dirs": [str(profile)]}).outcome is Outcome.OK
    finally:
        open_browser.kill()
        waiter.join(10)
    assert (profile / "Default" / "Bookmarks").exists()
    after = visit(profile, page)
    assert "logged out" in after and "token null" in after
