"""Every case ends as with ansible-core: the same words on stdout, exit status and files."""

from __future__ import annotations

import pytest

from tests.differential import oracle


@pytest.mark.parametrize("name", oracle.all_cases())
def test_ends_as_with_ansible_core(name: str) -> None:
    wanted, got = oracle.alike(oracle.expected(name)), oracle.alike(oracle.by_orch(name))
    if (reason := oracle.known_difference(name)) is not None:
        assert got != wanted, f"no longer different, though meant to be: {reason}"
        return
    assert got.stdout == wanted.stdout
    assert got.status == wanted.status
    assert got.files == wanted.files
