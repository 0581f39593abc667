"""A machine that answers from a function: for tests of what stands above the seam."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from orchestrator.model.errors import TaskFailed
from orchestrator.model.program import Reply, Run
from orchestrator.transport.base import Become


class FakeConnection:
    """base.Connection whose programs are answered by ``answer(key, program)``, each key once; files are in memory."""

    def __init__(self, answer: Callable[[str, Run], Reply], files: dict[str, bytes] | None = None) -> None:
        self._answer = answer
        self._replies: dict[str, Reply] = {}
        self.files = files if files is not None else {}
        self.ran: list[tuple[str, Run, Become | None]] = []
        self.is_closed = False

    def approach(self) -> None:
        """It is there already."""

    async def run(self, key: str, program: Run, become: Become | None = None, *, timeout_s: float) -> Reply:
        if key not in self._replies:
            self.ran.append((key, program, become))
            self._replies[key] = self._answer(key, program)
        return self._replies[key]

    def ahead(
        self, key: str, program: Run, become: Become | None = None, *, timeout_s: float, after: tuple[str, ...] = ()
    ) -> None:
        """Nothing is gained here by being early."""

    async def halt(self) -> None:
        """Nothing was sent ahead."""

    def join(self, become: Become | None = None) -> None:
        """Nothing is left here by anybody."""

    async def forget(self, key: str, become: Become | None = None) -> None:
        self._replies.pop(key, None)

    async def upload(self, chunks: AsyncIterator[bytes], path: str, become: Become | None = None) -> None:
        self.files[path] = b"".join([chunk async for chunk in chunks])

    async def download(self, path: str, become: Become | None = None) -> AsyncIterator[bytes]:
        if path not in self.files:
            raise TaskFailed(f"{path} could not be read", evidence="No such file or directory")
        yield self.files[path]

    async def reset(self) -> None:
        """Nothing stands, so nothing falls."""

    async def close(self) -> None:
        self.is_closed = True
