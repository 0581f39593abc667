"""The host's own ssh client, pointed at a simulated Mac."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import wraps
from typing import Any

from orchestrator.sim.fleet import SimNode

LIMIT_S = 30.0


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A coroutine test as one that pytest calls: in an event loop of its own."""

    @wraps(test)
    def run(*args: Any, **fixtures: Any) -> None:
        asyncio.run(test(*args, **fixtures))

    return run


@dataclass(frozen=True)
class Said:
    """What a command printed and how it exited."""

    out: str
    err: str
    code: int


def ssh_argv(node: SimNode, *options: str) -> list[str]:
    """The ssh command line up to the command, without anything of the host user's own configuration."""
    return [
        "ssh", "-F", "/dev/null", "-T", "-i", str(node.key_file), "-p", str(node.port), "-o", "IdentitiesOnly=yes",
        "-o", f"UserKnownHostsFile={node.known_hosts}", "-o", "BatchMode=yes", *options, f"{node.user}@{node.host}",
    ]  # fmt: skip


async def ssh(node: SimNode, command: str, stdin: str = "", *options: str) -> Said:
    """Run a command on the Mac through ssh(1)."""
    process = await asyncio.create_subprocess_exec(
        *ssh_argv(node, *options), command,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(stdin.encode()), LIMIT_S)
    assert process.returncode is not None
    return Said(out.decode(), err.decode(), process.returncode)
