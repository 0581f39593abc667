"""Who holds a line, what an error becomes on the way between processes, and which words name workers."""

import asyncio
import logging
from pathlib import Path

import pytest

from orchestrator.model import errors
from orchestrator.model.events import Said
from orchestrator.model.place import Place, Text
from orchestrator.model.program import Run
from orchestrator.model.secrets import Secret
from orchestrator.transport.base import Limits
from orchestrator.transport.calls import Answer, Call, Fault, Heard, packed, portable, unpacked
from orchestrator.transport.crew import chosen
from orchestrator.transport.hiring import checked, crew, fitting
from orchestrator.transport.link import Link, Lost
from orchestrator.transport.trust import HostKey, UnknownKey


def link(name: str, lines: int = 0, *labels: str) -> Link:
    made = Link(name, lambda call: None, frozenset(labels))
    made.lines.update(range(lines))
    return made


def test_a_line_goes_where_it_is_near_then_where_there_are_few() -> None:
    links = [link("full", 9, "eu"), link("near", 3, "eu"), link("empty", 0, "us")]
    assert chosen(links, "eu").name == "near"
    assert chosen(links, "").name == chosen(links, "moon").name == "empty"
    links[1].lose(Lost("gone"))
    assert chosen(links, "eu").name == "full"


def test_nobody_left_is_said() -> None:
    lost = link("lost")
    lost.lose(Lost("gone"))
    with pytest.raises(errors.ConnectionDropped, match="no worker is left"):
        chosen([lost], "")


def test_what_dask_itself_tells_of_a_lost_cluster_is_not_shown() -> None:
    from orchestrator.transport.cluster import Cluster

    with pytest.raises(errors.UserError, match="no Dask scheduler"):
        asyncio.run(Cluster("127.0.0.1:1", "run", Limits(connect_s=1)).begin())
    assert not any(logging.getLogger(name).isEnabledFor(logging.ERROR) for name in ("distributed.client", "tornado"))


def test_a_fault_is_the_nearest_error_of_the_model() -> None:
    unknown = UnknownKey("n1", 22, HostKey("ssh-ed25519", b"key"), Path("/known_hosts"))
    there = unpacked(packed(Fault.of(unknown))).error()
    assert type(there) is errors.IdentityError
    assert (there.message, there.evidence, there.hint) == (unknown.message, unknown.evidence, unknown.hint)
    bug = Fault.of(ZeroDivisionError("by zero")).error()
    assert type(bug) is errors.Bug and "by zero" in str(bug)


def test_a_program_travels_as_nothing_but_text() -> None:
    text = Text("value", Place("play.yml"))
    program = Run(main="go", values={"a": text, "b": Secret(text)}, environment={"C": text}, stdin=text)
    there = unpacked(packed(portable(program)))
    assert there == program
    assert [type(there.values["a"]), type(there.stdin), type(there.values["b"].reveal())] == [str, str, str]
    assert portable(Run(main="go")).stdin is None


def test_what_is_asked_of_a_lost_worker_is_lost() -> None:
    calls: list[Call] = []

    async def whole() -> None:
        worker = Link("w", calls.append)
        heard: list[object] = []
        worker.attach(7, heard.append)
        asking = asyncio.ensure_future(worker.ask(7, "run"))
        await asyncio.sleep(0)
        event = Said(level="warning", text="hm")
        worker.take(Heard(7, event))
        worker.take(Heard(8, event))
        worker.take(Answer(99))
        worker.take(Answer(0, fault=Fault("Bug", "broken")))
        with pytest.raises(errors.Bug, match="broken"):
            await asking
        with pytest.raises(errors.Bug, match="broken"):
            worker.begin(7, "run")
        worker.tell(7, "forget")
        assert heard == [event] and worker.is_lost

    asyncio.run(whole())
    assert [call.verb for call in calls] == ["run"]


def test_words_behind_engine() -> None:
    for word in ("here", "processes:2", "dask://host:8786", "dask://[::1]:8786"):
        assert checked(word) == word
    for word in ("", "processes", "processes:0", "processes:65", "dask://host", "dask://host:1/x", "threads:2"):
        with pytest.raises(errors.UserError, match="is not known"):
            checked(word)


def test_a_large_fleet_leaves_a_core_to_the_engine() -> None:
    assert [fitting(cores) for cores in (1, 2, 4, 64)] == ["here", "processes:1", "processes:3", "processes:3"]
    assert crew("here", "run", Limits()) is None
