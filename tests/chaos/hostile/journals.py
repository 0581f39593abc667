"""150 journals and locks from others: tampered, cut, replaced. They are read, or refused with a reason."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

from tests.chaos.hostile import Case

RUN = "20260101-000000-aaaa"
PLAY = b"""\
- hosts: all
  gather_facts: false
  tasks:
    - command: echo one
      register: one
    - debug: {var: one}
"""
INVENTORY = b"n1 ansible_connection=local\n"
COMMANDS = (("runs", "show", RUN), ("resume", RUN), ("runs", "report", RUN, "--as", "md"))
STATEMENTS = (
    "UPDATE events SET data = '{' WHERE seq = 2",
    "UPDATE events SET data = '[]' WHERE seq = 3",
    "UPDATE events SET data = '\"' || hex(zeroblob(100000)) || '\"' WHERE seq = 3",
    "UPDATE events SET data = zeroblob(100) WHERE seq = 3",
    "UPDATE events SET kind = 'Evil' WHERE seq = 3",
    "UPDATE events SET kind = 'RunEnded' WHERE seq = 2",
    "UPDATE events SET at = 'x' WHERE seq = 2",
    "UPDATE events SET at = 9e999 WHERE seq = 2",
    "UPDATE events SET at = -9e99",
    "UPDATE events SET seq = -seq",
    "UPDATE events SET seq = seq * 1000000000000",
    "UPDATE events SET data = replace(data, 'n1', '../../n1')",
    "UPDATE events SET data = replace(data, 'one', char(27) || '[2J')",
    "UPDATE events SET data = replace(data, 'one', '{{ lookup(''pipe'', ''touch pwned'') }}')",
    "UPDATE events SET data = replace(data, 'play.yml', '/etc/passwd')",
    "UPDATE files SET path = '../../pwned'",
    "UPDATE files SET text = 'x'",
    "DELETE FROM events WHERE seq % 2",
    "DELETE FROM events",
    "DROP TABLE events",
    "DROP TABLE files",
    "ALTER TABLE events RENAME TO other",
    "PRAGMA user_version=99",
    "PRAGMA application_id=7",
)
COUNT = 150


@cache
def journal() -> bytes:
    """A real one, of a small run."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "play.yml").write_bytes(PLAY)
        (home / "hosts").write_bytes(INVENTORY)
        words = [sys.executable, "-m", "orchestrator", "run", "play.yml", "-i", "hosts"]
        root = str(Path(__file__).parents[3])
        environment = {"ORCH_HOME": str(home / "state"), "PATH": "/usr/bin:/bin", "PYTHONPATH": root}
        subprocess.run(words, cwd=home, env=environment, check=True, capture_output=True, timeout=60)
        path = next((home / "state").glob("runs/*/journal.sqlite"))
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
        return path.read_bytes()


def changed(statement: str) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "journal.sqlite")
        path.write_bytes(journal())
        with closing(sqlite3.connect(path)) as database:
            database.execute(statement)
            database.commit()
        return path.read_bytes()


def cases() -> Iterator[Case]:
    """Statements that tamper; then bytes flipped, lost and added; strange locks beside whole journals."""
    dice = random.Random(7)
    harmed = [changed(statement) for statement in STATEMENTS]
    while len(harmed) * len(COMMANDS) < COUNT:
        data = bytearray(journal())
        match dice.randrange(4):
            case 0:
                for _ in range(dice.randrange(1, 40)):
                    data[dice.randrange(len(data))] = dice.randrange(256)
            case 1:
                del data[dice.randrange(len(data)) :]
            case 2:
                data[100 : 100 + dice.randrange(4000)] = dice.randbytes(dice.randrange(4000))
            case _:
                data = bytearray(dice.randbytes(dice.randrange(5000)))
        harmed.append(bytes(data))
    locks = (b"", b"{}", b"[]", b"\xff", b'{"pid": "x", "host": 5, "beat": null, "seq": []}')
    for number, data in enumerate(harmed):
        for words in COMMANDS:
            files = {
                f"state/runs/{RUN}/journal.sqlite": data,
                f"state/runs/{RUN}/lock": locks[number % len(locks)],
                "play.yml": PLAY,
                "hosts": INVENTORY,
            }
            name = f"journal {number} {words[0]} {words[1]}"
            yield Case(name, words, files, starts=("/bin/sh",), allowed=("state/",))
