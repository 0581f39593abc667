import asyncio

from orchestrator.engine.connections import CLOSING, Connections
from orchestrator.engine.login import Login
from orchestrator.model.program import Reply
from orchestrator.transport.base import Address
from orchestrator.transport.fake import FakeConnection


class Slow(FakeConnection):
    """A connection whose closing takes a moment; knows how many close with it."""

    closing = most = 0

    async def close(self) -> None:
        Slow.closing += 1
        Slow.most = max(Slow.most, Slow.closing)
        await asyncio.sleep(0.001)
        Slow.closing -= 1
        self.is_closed = True


def test_thousands_of_connections_take_turns_at_closing() -> None:
    made: list[Slow] = []

    def connect(login: Login) -> Slow:
        made.append(Slow(lambda key, program: Reply(0)))
        return made[-1]

    async def whole() -> None:
        connections = Connections(connect)
        for number in range(3 * CLOSING):
            connections.to(Login("ssh", Address(name=f"h{number}")))
        await connections.close()

    asyncio.run(whole())
    assert len(made) == 3 * CLOSING and all(each.is_closed for each in made)
    assert Slow.most == CLOSING
