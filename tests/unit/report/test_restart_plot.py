"""The comparison of restart policies as table and drawing."""

from xml.etree import ElementTree

from orchestrator.model.fleet_sim import POLICIES, Fleet, Policy, simulate
from orchestrator.report.restart_plot import svg, table

STORIES = [simulate(Fleet(nodes=300, capacity_per_s=50), policy) for policy in POLICIES]


def test_the_table_has_a_line_for_each_policy_in_columns() -> None:
    lines = table(STORIES)
    assert len(lines) == 5
    assert len({len(line) for line in lines}) == 1
    assert lines[-1].startswith("orch") and lines[-1].endswith("20%")


def test_who_did_not_come_up_is_not_given_a_time() -> None:
    hopeless = simulate(Fleet(nodes=3, outage_s=1e9), Policy("fixed <60>", 60, 1, 60))
    assert "over 3,600 s" in table([hopeless])[1]
    assert "fixed &lt;60&gt;" in svg([hopeless])


def test_the_drawing_is_an_svg_with_a_strip_for_each_policy() -> None:
    root = ElementTree.fromstring(svg(STORIES))
    assert root.tag.endswith("svg")
    assert sum(element.tag.endswith("path") for element in root) == 3 * len(STORIES)
    assert ElementTree.fromstring(svg([])) is not None
