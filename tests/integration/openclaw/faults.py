"""Twelve faults of a gateway, each put in on purpose and taken out again, and where a rollout has to stop."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from orchestrator.sim import faults
from tests.integration.openclaw.conftest import Lab, settings

LABEL = "ai.openclaw.gateway"


@contextmanager
def nothing(lab: Lab) -> Iterator[None]:
    yield


@contextmanager
def stale_process(lab: Lab) -> Iterator[None]:
    """Somebody wrote into the service's environment, and did not restart it."""
    before = lab.environment.stat()
    os.utime(lab.environment, (time.time() + 5, time.time() + 5))
    yield
    os.utime(lab.environment, ns=(before.st_atime_ns, before.st_mtime_ns))


def _with_provider(lab: Lab, variable: str) -> AbstractContextManager[None]:
    """A second model provider, whose key is in a variable; the gateway reads it without a restart."""
    entry = (
        f'"providers": {{ "more": {{ "baseUrl": "http://127.0.0.1:9/v1", "api": "openai-completions", "apiKey": '
        f'{{ "source": "env", "provider": "default", "id": "{variable}" }},'
        ' "models": [{ "id": "m", "name": "m" }] },'
    )
    place = '"providers": {\n      "demo"'
    return _settled(lab, lab.edited(lab.config, lambda text: text.replace(place, entry + ' "demo"')))


@contextmanager
def _settled(lab: Lab, edit: AbstractContextManager[None]) -> Iterator[None]:
    with edit:
        time.sleep(3)
        yield
    time.sleep(3)


def unresolved_ref(lab: Lab) -> AbstractContextManager[None]:
    return _with_provider(lab, "SOME_OTHER_SECRET")


def near_miss(lab: Lab) -> AbstractContextManager[None]:
    return _with_provider(lab, "DEMO_PROVIDER_KEYS")


@contextmanager
def clock_off(lab: Lab) -> Iterator[None]:
    faults.switch(lab.root / "gateway1", clock_skew_s=150.0)
    yield
    faults.switch(lab.root / "gateway1", clock_skew_s=0.0)


@contextmanager
def port_taken(lab: Lab) -> Iterator[None]:
    """Another process of this Mac came first."""
    lab.launchctl("bootout", f"gui/501/{LABEL}")
    time.sleep(6)
    code = f"import socket,time; s=socket.create_server(('127.0.0.1',{lab.port})); time.sleep(900)"
    where = lab.root / "gateway1"
    squatter = subprocess.Popen(["/usr/bin/env", "python3", "-c", code], env={**os.environ, "SIM_MAC": str(where)})
    time.sleep(1)
    try:
        yield
    finally:
        squatter.kill()
        squatter.wait(10)
        lab.launchctl("bootstrap", "gui/501", str(lab.plist))
        lab.until_ready()


def config_invalid(lab: Lab) -> AbstractContextManager[None]:
    return _settled(lab, lab.edited(lab.config, lambda text: text.replace("{", '{ "networkPolicy": {},', 1)))


@contextmanager
def mode_0644(lab: Lab) -> Iterator[None]:
    lab.config.chmod(0o644)
    yield
    lab.config.chmod(0o600)


@contextmanager
def second_install(lab: Lab) -> Iterator[None]:
    place = lab.home() / ".local/bin/openclaw"
    place.parent.mkdir(parents=True)
    place.write_text("#!/bin/sh\necho 'OpenClaw 2026.8.1 (0000000)'\n")
    place.chmod(0o755)
    yield
    place.unlink()


@contextmanager
def missing_variable(lab: Lab) -> Iterator[None]:
    """The service was restarted with an environment that lacks the provider's key."""
    with lab.edited(lab.environment, lambda text: text.replace("export DEMO_PROVIDER_KEY=", "export DEMO_OTHER=")):
        lab.restart()
        yield
    lab.restart()


@contextmanager
def memory_pressure(lab: Lab) -> Iterator[None]:
    settings(lab, {"pressure_level": 4})
    yield
    settings(lab, {"pressure_level": 1})


@dataclass(frozen=True)
class Fault:
    """``gate``: how the name of the task begins that must fail; ``rolls_back``: files that were changed come back."""

    name: str
    gate: str
    layer: str
    code: str
    inject: Callable[[Lab], AbstractContextManager[None]] = nothing
    extra: dict[str, Any] = field(default_factory=dict)
    rolls_back: bool = False


WRONG = "made-up-wrong-token-0123456789abcdef"
FAULTS = (
    Fault("wrong token", "Gate 2", "A", "token_mismatch", extra={"gateway_token": WRONG}),
    Fault("stale process", "Gate 1", "D", "stale_process", stale_process),
    Fault("unresolved reference", "Gate 3", "C", "secret_missing_env", unresolved_ref),
    Fault("near-miss name", "Gate 3", "C", "secret_name", near_miss),
    Fault("clock 150 s off", "Gate 1", "D", "clock_off", clock_off),
    Fault("port taken", "Gate 1", "D", "port_taken", port_taken),
    Fault("bind widened", "Gate 4|Step 4", "A", "bind_wide", extra={"gateway_changes": {"gateway.bind": "lan"}},
          rolls_back=True),
    Fault("configuration invalid", "Gate 1", "B", "config_invalid", config_invalid),
    Fault("change invalid", "Step 4", "B", "config_invalid", extra={"gateway_changes": {"gateway.nonsense": 1}}),
    Fault("configuration 0644", "Gate 1", "B", "permissions_wide", mode_0644),
    Fault("second install in PATH", "Gate 1", "D", "second_install", second_install),
    Fault("variable missing in the service", "Gate 3", "C", "secret_missing_env", missing_variable),
    Fault("memory pressure", "Gate 1", "D", "memory_pressure", memory_pressure),
)  # fmt: skip
