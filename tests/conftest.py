"""What every test may count on: the tools it names are here, and a real Mac only where one is named.

A test that needs something says so with a marker. Where it is missing, the test is skipped, and the last lines
of the run say loudly what was therefore not checked.
"""

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
TOOLS = {
    "needs_sshd": ("sshd",),
    "needs_zsh": ("zsh",),
    "needs_node": ("node",),
    "needs_chromium": ("chromium", "chromium-browser", "google-chrome"),
}


@dataclass(frozen=True, slots=True)
class RealMac:
    """A Mac that lent itself to the tests. Without `key_file` the ssh agent and default keys are tried."""

    user: str
    host: str
    port: int
    key_file: str | None
    known_hosts: str | None


def named_mac() -> RealMac | None:
    """The Mac of ORCH_TEST_MAC=user@host[:port]; ORCH_TEST_MAC_KEY and ORCH_TEST_MAC_KNOWN_HOSTS are paths."""
    if not (address := os.environ.get("ORCH_TEST_MAC")):
        return None
    user, at, rest = address.rpartition("@")
    host, _, port = rest.partition(":")
    if not (user and at and host) or not (port or "22").isdigit():
        raise pytest.UsageError(f"ORCH_TEST_MAC is {address!r}, expected user@host or user@host:port")
    return RealMac(
        user=user,
        host=host,
        port=int(port or 22),
        key_file=os.environ.get("ORCH_TEST_MAC_KEY"),
        known_hosts=os.environ.get("ORCH_TEST_MAC_KNOWN_HOSTS"),
    )


@pytest.fixture(scope="session")
def real_mac() -> RealMac:
    """The named Mac; for tests marked `mac`, which are skipped when there is none."""
    mac = named_mac()
    if mac is None:
        pytest.fail("a test that uses real_mac must be marked with @pytest.mark.mac")
    return mac


def missing(marker: str) -> str | None:
    """What this machine lacks for tests with this marker, or None."""
    if marker == "mac":
        return None if named_mac() else "a real Mac: ORCH_TEST_MAC=user@host"
    if marker == "needs_openclaw":
        return (
            None
            if (openclaw_install() / "node_modules/openclaw").is_dir()
            else "OpenClaw: scripts/provide-tools openclaw"
        )
    if any(shutil.which(name, path=PLACES) for name in TOOLS[marker]):
        return None
    return f"{TOOLS[marker][0]}: scripts/provide-tools {TOOLS[marker][0]}"


def openclaw_install() -> Path:
    """Where the real OpenClaw is installed for tests: ORCH_TEST_OPENCLAW, or a directory in the cache."""
    return Path(os.environ.get("ORCH_TEST_OPENCLAW") or Path.home() / ".cache/orch-test/openclaw")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    lacks = {marker: why for marker in (*TOOLS, "mac", "needs_openclaw") if (why := missing(marker))}
    for item in items:
        for marker in lacks.keys() & {mark.name for mark in item.iter_markers()}:
            item.add_marker(pytest.mark.skip(reason=f"needs {lacks[marker]}"))
        if item.get_closest_marker("slow") and not config.getoption("--slow"):
            item.add_marker(pytest.mark.skip(reason="slow: make soak"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]) for report in reports if isinstance(report.longrepr, tuple))
    for reason, count in sorted(reasons.items()):
        why = reason.removeprefix("Skipped: ")
        terminalreporter.write_line(f"NOT CHECKED HERE: {count} × {why}", yellow=True)
