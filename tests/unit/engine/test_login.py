from typing import Any

import pytest

from orchestrator.engine.login import Known, Settings, login
from orchestrator.engine.options import Options
from orchestrator.model.place import Text
from orchestrator.planning.render import Renderer


def known(variables: dict[str, Any], *beside: Any) -> Known:
    settings = Settings(Renderer(variables), None)
    return Known(login("h", settings, Options(), implicit=False), settings, beside)


def test_the_region_of_a_host_counts_for_a_cluster_alone() -> None:
    def region(engine: str | None) -> str:
        seen = Settings(Renderer({"region": "eu-west"}), None)
        return login("h", seen, Options(engine=engine), implicit=False).address.region

    assert region("dask://127.0.0.1:8786") == "eu-west"
    assert [region(None), region("processes:2"), region("here")] == ["", "", ""]


HOST = {"ansible_host": Text("192.0.2.1"), "ansible_port": 2222, "other": Text("{{ x }}")}


@pytest.mark.parametrize(
    ("then", "holds"),
    [
        ({}, True),
        ({"other": 1, "more": 2}, True),
        ({"ansible_host": Text("192.0.2.2")}, False),
        ({"ansible_user": "me"}, False),
        ({"ansible_ssh_port": 22}, True),  # nobody comes to it behind ansible_port
    ],
)
def test_a_login_holds_while_what_it_was_made_of_does(then: dict[str, Any], holds: bool) -> None:
    connection = Text("ssh")
    assert known(HOST, connection, False).holds(Renderer(HOST | then), (connection, False)) == holds
    assert not known(HOST, connection, False).holds(Renderer(HOST | then), (None, False))


@pytest.mark.parametrize("host", [Text("{{ address }}"), [Text("192.0.2.1")]])
def test_a_login_by_templates_is_made_anew(host: Any) -> None:
    variables = {"ansible_host": host, "address": "192.0.2.1"}
    assert not known(variables).holds(Renderer(variables), ())
