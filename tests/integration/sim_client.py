"""The host's own ssh client, pointed at a simulated Mac."""

import asyncio

from orchestrator.sim.fleet import SimNode
from tests.sim_said import Said

LIMIT_S = 30.0


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
