"""Every case ends as with ansible-core: the same words on stdout, exit status and files."""

from __future__ import annotations

import pytest

from tests.differential import oracle


@pytest.mark.parametrize("name", oracle.all_cases())
def test_ends_as_with_ansible_core(name: str) -> None:
    wanted, got = oracle.expected(name), oracle.by_orch(name)
    assert got.stdout == wanted.stdout
    assert got.status == wanted.status
    assert got.files == wanted.files
