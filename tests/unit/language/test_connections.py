"""Connection plug-ins of the user's that are one of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.language.connections import stands_for
from orchestrator.language.locator import Locator

LOCAL = "from ansible.plugins.connection.local import Connection as Here\nclass Connection(Here):\n"
WHOLE = "import ansible.plugins.connection.ssh as ssh\nclass Connection(ssh.Connection):\n    transport = 'x'\n"
NETWORK = "from ansible.plugins.connection import NetworkConnectionBase\nclass Connection(NetworkConnectionBase):\n"
HANDS_ON = (
    "    def exec_command(self, *args, **more):\n        return super(Connection, self).exec_command(*args, **more)\n"
)
CARRIES = "    def exec_command(self, cmd, in_data=None, sudoable=True):\n        return 0, b'', b''\n"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{LOCAL}    _remote_is_local = True\n", "local"),
        (WHOLE, "ssh"),
        (f"{NETWORK}{HANDS_ON}", "local"),
        (f"{LOCAL}{CARRIES}", None),
        (f"from ansible.plugins.connection import ConnectionBase\nclass Connection(ConnectionBase):\n{HANDS_ON}", None),
        ("class Other:\n    pass\n", None),
        ("class Connection(:\n", None),
    ],
)
def test_a_plug_in_that_leaves_the_carrying_to_ours(tmp_path: Path, text: str, kind: str | None) -> None:
    path = tmp_path / "plug.py"
    path.write_text(text)
    assert stands_for(str(path)) == kind


def test_where_they_lie(tmp_path: Path) -> None:
    beside, configured = tmp_path / "connection_plugins", tmp_path / "elsewhere"
    inside = tmp_path / "collections" / "ansible_collections" / "a" / "b" / "plugins" / "connection"
    for directory in (beside, configured, inside):
        directory.mkdir(parents=True)
    (beside / "mine.py").write_text(f"{LOCAL}    pass\n")
    (configured / "mine.py").write_text(WHOLE)
    (configured / "other.py").write_text(WHOLE)
    (inside / "theirs.py").write_text(f"{LOCAL}    pass\n")
    locator = Locator(plugins={"connection": [str(configured)]})
    locator.meet(str(tmp_path))
    assert [locator.connection(name) for name in ("mine", "other", "a.b.theirs")] == ["local", "ssh", "local"]
    assert [locator.connection(name) for name in ("none", "a.b.none", "a.c.theirs")] == [None] * 3
