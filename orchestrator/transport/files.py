"""Files of any size, each on a channel of its own. Completion is proved by counting bytes on both sides."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

from orchestrator.model.errors import NodeFault, TaskFailed
from orchestrator.transport import elevate
from orchestrator.transport.base import Address, Become, Channel, Front, Limits
from orchestrator.transport.compose import encoded
from orchestrator.transport.frames import Ended, Stream
from orchestrator.transport.limit import within

_CHUNK = 256 * 1024

# The path comes as the first line; `read` takes it byte by byte and leaves the rest to cat. A file left by an earlier
# try goes first, and noclobber makes the new one ours (O_EXCL): a link planted there is never followed.
# One line each, since a login shell may be one that takes no newline in quotes.
_TAKE = (
    r'IFS= read -r file; umask 077; printf "\n%s ready\n" "$0"; rm -f -- "$file"; '
    r'(set -C; exec cat >"$file") 2>&1; printf "\n%s " "$0"; wc -c <"$file" 2>&1; echo'
)
_GIVE = (
    r'IFS= read -r file; if size=$(wc -c <"$file"); then printf "\n%s %s\n" "$0" $((size)); '
    r'exec head -c $((size)) -- "$file"; fi 2>&1; printf "\n%s -\n" "$0"'
)


async def upload(
    front: Front, become: Become | None, address: Address, limits: Limits, chunks: AsyncIterator[bytes], path: str
) -> None:
    """Writes a new file, mode 0600. Raises TaskFailed with the node's words; an earlier file there is replaced."""
    channel, stream, mark = await _begin(front, become, address, limits, _TAKE, path)
    try:
        sent, is_ready = 0, False
        async for chunk in chunks:
            async with within(limits.idle_s, "the node took no more of the file"):
                await channel.write(chunk)
            sent += len(chunk)
            if not is_ready:  # asked for behind the first chunk: most files are no larger
                await _ready(stream, mark, limits)
                is_ready = True
        if not is_ready:
            await _ready(stream, mark, limits)
        async with within(limits.idle_s, "the node did not finish the file"):
            await channel.write_eof()
            words = (await stream.until(b"\n" + mark + b" "))[1].removesuffix(b"\n" + mark + b" ")
            size = (await stream.until(b"\n"))[1].strip()
        if size != str(sent).encode():
            raise _failure(f"{path} could not be written", words or size)
    except Ended as ended:
        raise TaskFailed(f"{path} could not be written", evidence=ended.evidence) from ended
    finally:
        channel.close()


async def _ready(stream: Stream, mark: bytes, limits: Limits) -> None:
    async with within(limits.open_s, "the node took no file"):
        await stream.until(b"\n" + mark + b" ready\n")


async def download(
    front: Front, become: Become | None, address: Address, limits: Limits, path: str
) -> AsyncIterator[bytes]:
    """The bytes of ``path``, as many as it had at the beginning. Raises TaskFailed with the node's words."""
    channel, stream, mark = await _begin(front, become, address, limits, _GIVE, path)
    try:
        async with within(limits.idle_s, "the node gave no file"):
            words = (await stream.until(b"\n" + mark + b" "))[1].removesuffix(b"\n" + mark + b" ")
            size = (await stream.until(b"\n"))[1].strip()
        if size == b"-":
            raise _failure(f"{path} could not be read", words)
        left = int(size)
        while left:
            async with within(limits.idle_s, "the node gave no more of the file"):
                chunk = await stream.some(min(left, _CHUNK))
            left -= len(chunk)
            yield chunk
    except Ended as ended:
        raise TaskFailed(f"{path} became shorter while it was read", evidence=ended.evidence) from ended
    finally:
        channel.close()


async def _begin(
    front: Front, become: Become | None, address: Address, limits: Limits, script: str, path: str
) -> tuple[Channel, Stream, bytes]:
    if "\n" in path or "\0" in path or not path.startswith("/"):
        raise NodeFault(f"{path!r} cannot be transferred", hint="a path here is absolute and on one line")
    mark = secrets.token_hex(12)
    channel, stream = await elevate.start(front, become, address.shell, ("-c", script, mark), limits.open_s)
    async with within(limits.open_s, "the node took no path"):
        await channel.write(encoded(path) + b"\n")
    return channel, stream, mark.encode()


def _failure(message: str, words: bytes) -> TaskFailed:
    return TaskFailed(message, evidence=words.decode(errors="replace").strip() or None)
