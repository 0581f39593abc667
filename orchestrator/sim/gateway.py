"""
A small real TCP service, the stand-in for a gateway.

`python gateway.py --port N [--address A] [--slow-start-s S] [--crash]`. `GET /healthz` and `/readyz` (and their short
names) answer 200 with JSON as OpenClaw's gateway does, any other path 404, and a line that is no HTTP request gets
`ok LINE`. SIGTERM ends it with 0. Standard library only, so that it starts fast.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import time

_REQUEST_LIMIT_S = 30.0


class Gateway:
    """One listener; `boot_id` is new for each process."""

    def __init__(self) -> None:
        self.boot_id = os.urandom(8).hex()
        self._started_s = time.monotonic()

    def body(self, path: str) -> dict[str, object] | None:
        """What a path answers, or None."""
        if path in ("/healthz", "/health"):
            return {"ok": True, "status": "live", "bootId": self.boot_id}
        if path in ("/readyz", "/ready"):
            return {"ready": True, "failing": [], "uptimeMs": int((time.monotonic() - self._started_s) * 1000)}
        return None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection: one HTTP request, or lines until it closes."""
        try:
            async with asyncio.timeout(_REQUEST_LIMIT_S):
                while line := await reader.readline():
                    words = line.split()
                    if len(words) == 3 and words[2].startswith(b"HTTP/"):
                        while (await reader.readline()).strip():
                            pass
                        writer.write(self._response(words[1].decode(errors="replace")))
                        break
                    writer.write(b"ok " + line)
                    await writer.drain()
            await writer.drain()
        except (ConnectionError, TimeoutError, ValueError):
            pass
        finally:
            writer.close()

    def _response(self, path: str) -> bytes:
        body = self.body(path)
        content = json.dumps(body if body is not None else {"error": "not found"}).encode()
        status = "200 OK" if body is not None else "404 Not Found"
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        return f"{head}Connection: close\r\n\r\n".encode() + content


async def run(address: str, port: int, slow_start_s: float) -> None:
    """Listen until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await asyncio.sleep(slow_start_s)
    server = await asyncio.start_server(Gateway().serve, address, port)
    print(f"[gateway] listening on {address}:{port}", flush=True)
    await ended.wait()
    server.close()


def main(argv: list[str]) -> int:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description="stand-in for a gateway")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--slow-start-s", type=float, default=0.0)
    parser.add_argument("--crash", action="store_true", help="exit with 1 at once")
    options = parser.parse_args(argv)
    if options.crash:
        print("[gateway] told to crash", file=sys.stderr)
        return 1
    asyncio.run(run(options.address, options.port, options.slow_start_s))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
