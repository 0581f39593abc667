"""The SSH keys of a fleet: one client key, one host key a Mac, and the known_hosts file that goes with them."""

from __future__ import annotations

from pathlib import Path

import asyncssh


def ensure_key(path: Path) -> str:
    """The public key line (`ssh-ed25519 AAAA…`) of the private key at `path`, made if missing, mode 0600."""
    if not path.exists():
        key = asyncssh.generate_private_key("ssh-ed25519", comment="simulated Mac")
        path.touch(mode=0o600)
        key.write_private_key(str(path))
        path.chmod(0o600)
    kind, blob = asyncssh.read_private_key(str(path)).export_public_key().decode().split()[:2]
    return f"{kind} {blob}"


def known_hosts_line(host: str, port: int, public_key: str) -> str:
    return f"[{host}]:{port} {public_key}\n"


def authorized_blobs(path: Path) -> set[str]:
    """The base64 bodies of the keys an authorized_keys file allows; none where the file is missing."""
    if not path.is_file():
        return set()
    words = [
        word for line in path.read_text().splitlines() if not line.lstrip().startswith("#") for word in line.split()
    ]
    return {word for word in words if word.startswith("AAAA")}
