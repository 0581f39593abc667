"""Rented time: what names a moment, and when it is over."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from orchestrator.engine.lease import check, moment
from orchestrator.model.errors import InventoryError, LeaseEnded
from orchestrator.planning.render import Renderer

END = "2026-11-30T18:00:00+01:00"
END_S = datetime(2026, 11, 30, 17, tzinfo=UTC).timestamp()


def test_before_its_end_a_host_is_ours() -> None:
    check("h", Renderer({"lease_until": END}), END_S - 1)


def test_at_its_end_it_is_not() -> None:
    with pytest.raises(LeaseEnded, match="the lease of h has ended"):
        check("h", Renderer({"lease_until": END}), END_S)


def test_a_host_without_a_lease_is_always_ours() -> None:
    check("h", Renderer({}))


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_value_is_no_lease(value: Any) -> None:
    check("h", Renderer({"lease_until": value}))


@pytest.mark.parametrize("value", [END, "2026-11-30 17:00:00Z", datetime(2026, 11, 30, 17, tzinfo=UTC)])
def test_forms(value: Any) -> None:
    assert moment("h", value).timestamp() == END_S


@pytest.mark.parametrize("value", ["tomorrow", "2026-11-30T18:00:00", date(2026, 11, 30), "", 5])
def test_what_names_no_moment_is_refused(value: Any) -> None:
    with pytest.raises(InventoryError, match="lease_until"):
        moment("h", value)
