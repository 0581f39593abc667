"""What every simulated tool stands on: the Mac's state, the caller's identity, and the way to refuse."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Refusal(Exception):
    """A tool says no: `text` goes to stderr (a newline is added where it is missing), `code` is the exit status."""

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text if not text or text.endswith("\n") else text + "\n"


class Mac:
    """The Mac a tool runs on, as its state directory describes it."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.home = os.path.join(root, "home")
        self.facts: dict[str, Any] = self.read("mac")

    @property
    def major(self) -> int:
        """13, 14, 15, 26 or 27."""
        return int(self.facts["major"])

    @property
    def uid(self) -> int:
        """The user this process plays: 0 below `sudo`, else the Mac's own user."""
        return int(os.environ.get("SIM_UID", self.facts["uid"]))

    @property
    def session(self) -> str:
        """The security session: "gui" for what launchd started there, else one for each SSH connection."""
        return os.environ.get("SIM_SESSION") or f"ssh {os.environ.get('SSH_CONNECTION', '')}"

    @property
    def is_root(self) -> bool:
        return self.uid == 0

    def faults(self) -> dict[str, Any]:
        return self.read("faults")

    def settings(self) -> dict[str, Any]:
        return self.read("settings")

    def read(self, name: str) -> dict[str, Any]:
        """The state of that name, one JSON object; replaced in one step by its writers."""
        with open(os.path.join(self.root, "state", f"{name}.json"), encoding="utf-8") as file:
            value: dict[str, Any] = json.load(file)
        return value

    @contextmanager
    def change(self, name: str) -> Iterator[dict[str, Any]]:
        """The state of that name, locked; what the block leaves in it is written back if it does not raise."""
        path = os.path.join(self.root, "state", f"{name}.json")
        with open(f"{path}.lock", "a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            value = self.read(name)
            yield value
            write_private(path, json.dumps(value, indent=1).encode())

    def users(self) -> dict[int, str]:
        """uid to name."""
        rows = self.read("accounts")["users"]
        return {int(row["UniqueID"]): name for name, row in rows.items()}

    def groups(self) -> dict[int, str]:
        """gid to name."""
        rows = self.read("accounts")["groups"]
        return {int(row["PrimaryGroupID"]): name for name, row in rows.items()}

    def owner(self, path: str, st_uid: int, st_gid: int) -> tuple[int, int]:
        """uid and gid a file has on this Mac.

        Whoever runs the simulation plays the Mac's user; `chown` records other owners in state/owners.json.
        """
        recorded = self.read("owners").get(os.path.realpath(path))
        if recorded:
            return int(recorded[0]), int(recorded[1])
        uid = int(self.facts["uid"]) if st_uid == os.geteuid() else st_uid
        return uid, 20 if st_gid == os.getegid() else st_gid


def write_private(path: str, content: bytes) -> None:
    """Put content at path in one step, readable by the owner alone."""
    fresh = f"{path}.{os.getpid()}"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    os.replace(fresh, path)
