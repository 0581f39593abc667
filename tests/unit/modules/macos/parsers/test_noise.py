"""Noise and mangled recordings: never an exception, always a status, always JSON."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.modules.macos.parsers import TABLE, Output, parse
from orchestrator.modules.macos.parsers.nextstep import from_nextstep
from orchestrator.modules.macos.parsers.structured import from_json, from_xml_plist
from orchestrator.modules.macos.parsers.values import clock_s, integer, number, on_off, size_bytes
from tests.chaos.fuzz_parsers import check, inputs

CODES = st.one_of(st.none(), st.integers(-64, 255))


@given(st.sampled_from(sorted(TABLE)), st.binary(max_size=300), st.binary(max_size=80), CODES)
@settings(max_examples=300, deadline=None)
def test_random_bytes(slug: str, stdout: bytes, stderr: bytes, code: int | None) -> None:
    check(slug, Output(stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace"), code))


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_readers_of_structures_and_values_never_fail(text: str) -> None:
    for value in (from_nextstep(text), from_json(text), from_xml_plist(f"<plist>{text}</plist>")):
        json.dumps(value, allow_nan=False)
    for reader in (integer, number, size_bytes, clock_s, on_off):
        json.dumps(reader(text), allow_nan=False)


def test_mangled_recordings() -> None:
    for slug, output in inputs(seed=20260901, count=15_000):
        check(slug, output)


@pytest.mark.parametrize(
    "unit", [" ", "\t", "(", "{", '"\\', "a ", "1 ", "= ", ": ", "\n", "\n\t}", "[[", "- ", "1.", "%"]
)
def test_long_monotony_is_not_slow(unit: str) -> None:
    for slug in TABLE:
        check(slug, Output(unit * 20_000, "", 0))


def test_deep_structures_end() -> None:
    assert "too deep" in json.dumps(from_json("[" * 200 + "]" * 200))
    assert from_json("[" * 100_000) is None
    assert from_xml_plist("<plist>" + "<array>" * 5000 + "</plist>") is None
    json.dumps(from_nextstep("{a=" * 5000))
    assert parse("defaults-read", Output("{a=" * 5000))["status"] == "known"


def test_sizes_and_clocks() -> None:
    assert size_bytes("1.5Gi") == 1610612736
    assert size_bytes("2G", base=1000) == 2_000_000_000
    assert size_bytes("512B") == 512
    assert clock_s("03-07:43:31") == 287011
    assert clock_s("7:53.61") == 473.61
    assert integer("9" * 30) is None
