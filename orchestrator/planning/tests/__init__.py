"""The tests of ansible-core and of ansible.utils – what stands after ``is`` – in explicit tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.planning.filters.protomatter import PROTOMATTER_TESTS
from orchestrator.planning.filters.types import TYPE_TESTS
from orchestrator.planning.tests.addresses import ADDRESS_TESTS
from orchestrator.planning.tests.contents import CONTENTS
from orchestrator.planning.tests.files import FILES
from orchestrator.planning.tests.results import RESULTS
from orchestrator.planning.tests.versions import VERSIONS

TESTS: Final[Mapping[str, Callable[..., Any]]] = {
    **RESULTS,
    **CONTENTS,
    **FILES,
    **VERSIONS,
    **PROTOMATTER_TESTS,
    **ADDRESS_TESTS,
    **TYPE_TESTS,
}
"""Name → function, besides Jinja's own."""
