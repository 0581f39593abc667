"""``orch restart simulate``: a table, and a drawing where one is asked for."""

from pathlib import Path

from tests.unit.cli.conftest import Orch


def test_policies_are_compared_and_drawn(orch: Orch, tmp_path: Path) -> None:
    drawing = tmp_path / "policies.svg"
    found, out, err = orch("restart", "simulate", "--nodes", "200", "--capacity", "50", "--svg", drawing)
    assert found == 0
    assert [line.split("  ")[0] for line in out.splitlines()[2:]] == ["fixed 5 s", "exponential", "full jitter", "orch"]
    assert drawing.read_text().startswith("<svg") and str(drawing) in err
    assert orch("restart", "simulate", "--nodes", "200", "--capacity", "50")[1] == out


def test_a_file_that_cannot_be_written_is_no_bug_of_ours(orch: Orch, tmp_path: Path) -> None:
    found, _, err = orch("restart", "simulate", "--nodes", "1", "--svg", tmp_path / "no" / "such.svg")
    assert found == 1 and "cannot be written" in err
