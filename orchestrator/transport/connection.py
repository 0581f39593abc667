"""A machine, ready for programs: standing shells over any front, and what to do when the line breaks."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

from orchestrator.model.errors import (
    Behind,
    ConnectionDropped,
    HostError,
    LimitExceeded,
    NodeFault,
    OutcomeUnknown,
    Unreachable,
)
from orchestrator.model.events import ConnectionLost, Said
from orchestrator.model.program import Reply, Run
from orchestrator.transport import compose, files
from orchestrator.transport.base import Address, Become, Limits
from orchestrator.transport.frames import Ended, Frame
from orchestrator.transport.limit import within
from orchestrator.transport.session import Session, run_digest
from orchestrator.transport.shells import Dial, OnEvent, Record, Shells, unrecorded
from orchestrator.transport.standing import Standing, outcome

_GRACE_S = 3.0
_CLOSE_S = 8.0
_SHELL_TRIES = 3


class NodeConnection:
    """base.Connection over the front that ``dial`` opens. Nothing is dialled before the first call needs it.

    ``record`` is told of each shell's spool and awaited before anything is handed over there.
    ``sent`` and ``births``: when a run is resumed, the keys an earlier process handed over and left without a result,
    and the spools it saw (``births`` of its connection, by user name, "" for the login user); ``close`` cleans
    those, too. ``gone``: keys whose claims went with a spool that was there before these.
    """

    def __init__(
        self,
        address: Address,
        dial: Dial,
        *,
        limits: Limits,
        run_id: str,
        on_event: OnEvent = lambda event: None,
        record: Record = unrecorded,
        sent: Collection[str] = (),
        births: Mapping[str, str] | None = None,
        gone: Collection[str] = (),
    ) -> None:
        self.address = address
        self.limits = limits
        self._run_id = run_id
        self._on_event = on_event
        self._shells = Shells(address, dial, limits, run_id, on_event, record, sent, births or {}, gone)
        self._early: dict[str, tuple[Run, asyncio.Future[Reply]]] = {}
        """Programs that were sent ahead, and their replies to come."""
        self._is_halted = False

    @property
    def births(self) -> dict[str, str]:
        """The spools seen, by user name ("" for the login user): to be kept with the run for its resumption."""
        return self._shells.births

    def approach(self) -> None:
        self._shells.approach()

    async def run(self, key: str, program: Run, become: Become | None = None, *, timeout_s: float) -> Reply:
        limit_s = timeout_s if program.timeout_s is None else min(timeout_s, program.timeout_s)
        if (early := self._early.pop(key, None)) is not None:
            sent, coming = early
            try:
                reply = await coming
                if sent == program:
                    return reply
                key = await self._anew(key, program, become)
            except Behind:
                if self._is_halted:
                    raise
            except (ConnectionDropped, Unreachable):
                pass  # it is handed over now; claims know what was done
        return await self._persistently(self._shells.of(become), key, program, limit_s)

    def ahead(
        self, key: str, program: Run, become: Become | None = None, *, timeout_s: float, after: tuple[str, ...] = ()
    ) -> None:
        limit_s = timeout_s if program.timeout_s is None else min(timeout_s, program.timeout_s)
        work = asyncio.ensure_future(self._attempt(self._shells.of(become), key, program, limit_s, after))
        work.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._early[key] = (program, work)

    async def _anew(self, key: str, program: Run, become: Become | None) -> str:
        """The key for ``program``, where another one went ahead under ``key``: one of the tasks before has changed what
        this one is made of, say a file here that it sends."""
        if not program.repeatable:
            raise OutcomeUnknown(
                "the task was sent ahead before what it is made of had changed",
                evidence="it ran on the node with what was known then",
                hint="look at the node, then run the playbook again with `--step`, which sends nothing ahead",
            )
        await self.forget(key, become)
        return f"{key}.anew"

    async def halt(self) -> None:
        self._is_halted = True
        for standing in self._shells.standings:
            if (session := standing.session) is not None and session.is_usable and self._early:
                with suppress(HostError):  # then what was sent ahead is done, as it would have been
                    await self._on_side(
                        standing, f"orch_halt {session.name}", "what was sent ahead could not be halted"
                    )

    def join(self, become: Become | None = None) -> None:
        """An earlier process of this run worked here as this user: ``close`` removes what it left."""
        self._shells.of(become)

    async def forget(self, key: str, become: Become | None = None) -> None:
        standing = self._shells.of(become)
        standing.sent.discard(key)
        standing.unanswered.discard(key)
        standing.forgets.append(key)

    async def upload(self, chunks: AsyncIterator[bytes], path: str, become: Become | None = None) -> None:
        try:
            await files.upload(await self._shells.judged_line(become), become, self.address, self.limits, chunks, path)
        except ConnectionDropped:
            await self.reset()
            raise

    async def download(self, path: str, become: Become | None = None) -> AsyncIterator[bytes]:
        try:
            async for chunk in files.download(
                await self._shells.judged_line(become), become, self.address, self.limits, path
            ):
                yield chunk
        except ConnectionDropped:
            await self.reset()
            raise

    async def reach(self, host: str, port: int, timeout_s: float) -> str | None:
        """Whether the node can open a TCP connection there; None, or why not."""
        return await (await self._shells.line()).reach(host, port, timeout_s)

    async def reset(self) -> None:
        await self._shells.reset()

    async def close(self) -> None:
        try:
            async with within(_CLOSE_S, f"{self.address.name} could not be cleaned up"):
                await asyncio.gather(*(coming for _, coming in self._early.values()), return_exceptions=True)
                await self._clean_all()
        except HostError as error:
            spool = f"{self.address.tmp}/.orch-*-{run_digest(self._run_id, self.address)}"
            self._warn(f"{error.message}: {spool} may be left behind")
        finally:
            for _, coming in self._early.values():
                coming.cancel()
            await self.reset()

    # ---- one task --------------------------------------------------------------------------------------------

    async def _persistently(self, standing: Standing, key: str, program: Run, limit_s: float) -> Reply:
        """The task, tried again after a broken line, with jittered and growing pauses, for ``reconnect_s`` at most."""
        try:
            return await self._tried(partial(self._attempt, standing, key, program, limit_s))
        except Ended as ended:
            standing.unanswered.discard(key)  # had it begun, the next shell would have found the claim
            raise NodeFault("the node's shell ended at this task", evidence=ended.evidence) from ended
        except (ConnectionDropped, Unreachable) as broken:
            if key in standing.unanswered:
                raise ConnectionDropped(
                    f"the line to {self.address.name} broke during the task and did not come back",
                    evidence=broken.seen,
                    hint="the task may be running on; `orch resume` asks the node for its outcome",
                ) from broken
            raise

    async def _tried(self, attempt: Callable[[], Awaitable[Reply]]) -> Reply:
        """What ``attempt`` comes to, at once or when the line is back."""
        try:
            return await attempt()
        except (Ended, ConnectionDropped, Unreachable) as first:
            if not self._may_retry(first, 1):
                raise
            from orchestrator.transport.pauses import again

            return await again(
                first, attempt, may_retry=self._may_retry, say=self._say_lost, most_s=self.limits.reconnect_s
            )

    def _may_retry(self, error: BaseException | None, tries: int) -> bool:
        """A line that broke is dialled again; one that never was up is not, nor a shell that dies at every try."""
        if isinstance(error, Ended):
            return tries < _SHELL_TRIES
        return isinstance(error, ConnectionDropped) or (isinstance(error, Unreachable) and self._shells.was_up)

    def _say_lost(self, error: BaseException | None, again_s: float | None) -> None:
        reason = error.message if isinstance(error, HostError) else str(error)
        self._on_event(ConnectionLost(host=self.address.name, reason=reason, will_retry_s=again_s))

    async def _attempt(
        self, standing: Standing, key: str, program: Run, limit_s: float, after: tuple[str, ...] = ()
    ) -> Reply:
        session = await self._shells.session(standing)
        if key in standing.gone:
            if not program.repeatable:
                raise OutcomeUnknown(
                    "the task was handed over, then the node's record of it went away",
                    evidence="the spool is new: the node was restarted, or its temporary files were removed",
                    hint="look at the node, then run the playbook again",
                )
            standing.gone.discard(key)
        is_first = key not in standing.sent
        frame = await self._hand_over(standing, session, key, program, limit_s, again=False, after=after)
        if frame.state == "lost" and program.repeatable:
            frame, is_first = await self._hand_over(standing, session, key, program, limit_s, again=True), False
        if frame.state == "behind":
            early = self._early.get(key)
            if early is None or early[1] is asyncio.current_task():  # else it was handed over again meanwhile
                standing.unanswered.discard(key)
                standing.sent.discard(key)
            raise Behind("not begun: what it was to come after did not go well")
        standing.unanswered.discard(key)
        standing.keep(frame.reply)
        reply = outcome(frame)
        return reply if is_first else replace(reply, span_s=None)

    async def _hand_over(
        self,
        standing: Standing,
        session: Session,
        key: str,
        program: Run,
        limit_s: float,
        *,
        again: bool,
        after: tuple[str, ...] = (),
    ) -> Frame:
        """One frame for one text. The limit counts from when the shell comes to it; past it the task is stopped through
        a second shell."""
        forgets = standing.due()
        text = compose.task(
            key,
            program,
            again=again,
            forget=forgets,
            wait_s=math.ceil(limit_s + self.limits.open_s),
            output_bytes=min(self.limits.output_bytes, program.output_bytes or self.limits.output_bytes),
            after=after,
        )
        standing.sent.add(key)
        standing.unanswered.add(key)
        before, asking = session.last, session.exchange(text, program.scripts)
        try:
            if not before.done():
                await asyncio.wait({before, asking}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({asking}, timeout=limit_s)
            if not asking.done():
                await self._stop(standing, key, asking, limit_s)
            frame = await asking
        except BaseException as error:
            standing.forgets[:0] = forgets
            await self._let_go(standing, session, key, asking, error)
            raise
        return frame

    async def _let_go(
        self, standing: Standing, session: Session, key: str, asking: asyncio.Future[Frame], error: BaseException
    ) -> None:
        """A shell that was left in the middle of an exchange is not used again; a broken line, not at all."""
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        if isinstance(error, NodeFault):
            standing.unanswered.discard(key)  # the shell ended before it could read the task
        if session.is_usable:
            return
        session.close()
        if standing.session is session:  # else somebody has dialled again already
            standing.session = None
            if isinstance(error, ConnectionDropped) and not isinstance(error, Ended):
                await self.reset()

    async def _stop(self, standing: Standing, key: str, asking: asyncio.Future[Frame], limit_s: float) -> None:
        """Ends the task; raises LimitExceeded with the output so far."""
        hint = "raise the limit (timeout), or look why the task takes so long"
        try:
            stop = f"orch_stop {compose.claim_name(key)} {round(_GRACE_S * 10)}"
            await self._on_side(standing, stop, "the task could not be stopped")
            await asyncio.wait({asking}, timeout=_GRACE_S)
        except HostError as error:
            hint = f"{hint}; it could not be stopped ({error.message}) and may be running on"
        standing.unanswered.discard(key)
        message = f"the task's limit of {limit_s:g} s passed"
        evidence = None
        if asking.done() and not asking.cancelled() and asking.exception() is None:
            reply = asking.result().reply
            evidence = (reply.stdout + reply.stderr)[-2000:].decode(errors="replace").strip() or None
        raise LimitExceeded(message, evidence=evidence, hint=hint)

    async def _on_side(self, standing: Standing, command: str, slow: str) -> None:
        """Has a second shell of the user run ``command`` of ours, while the first is at work."""
        side = await self._shells.open(standing.become)
        try:
            async with within(_GRACE_S + self.limits.open_s, slow):
                await side.ready
                await side.exchange(f"{command} </dev/null\n")
        finally:
            side.close()

    # ---- the end -----------------------------------------------------------------------------------------------------

    async def _clean_all(self) -> None:
        """All users' shells clean up at once; raises what the first of them met that could not. Those that share a
        spool, since they are of one uid, do it one after the other: each ends the others there."""
        spools: dict[str | None, list[Standing]] = {}
        for standing in self._shells.standings:
            if standing.session is not None and standing.session.is_usable:
                await asyncio.wait({standing.session.ready})  # it may be about to make its spool
            spools.setdefault(standing.birth, []).append(standing)
        for met in await asyncio.gather(*map(self._clean_in_turn, spools.values()), return_exceptions=True):
            if isinstance(met, BaseException):
                raise met

    async def _clean_in_turn(self, standings: Iterable[Standing]) -> None:
        for standing in standings:
            await self._clean_surely(standing)

    async def _clean_surely(self, standing: Standing) -> None:
        """A line that breaks at the last moment is dialled again, once and again, within the limit of ``close``."""
        for wait_s in (0.1, 1.0, 3.0):
            try:
                return await self._clean(standing)
            except (ConnectionDropped, Unreachable):
                await self.reset()
                await asyncio.sleep(wait_s)
        await self._clean(standing)

    async def _clean(self, standing: Standing) -> None:
        """Removes the spool, unless a task is still out whose outcome a resumed run will ask for."""
        if not standing.was_open:
            return
        if standing.unanswered:  # how the task ended was told to be unknown; its shell does one at a time
            self._say("note", "a task may still be running; its record stays for `orch resume`")
            return
        session = await self._shells.session(standing)
        try:
            frame = await session.exchange("orch_close </dev/null\n")
        except Ended:  # two users of one uid share a spool: the first to close ended this shell
            return
        if frame.state != "gone":
            self._warn(f"left behind on {self.address.name}: {frame.words}")

    def _warn(self, text: str) -> None:
        self._say("warning", text)

    def _say(self, level: str, text: str) -> None:
        self._on_event(Said(level=level, text=text, host=self.address.name))
