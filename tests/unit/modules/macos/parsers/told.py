"""Short ways to ask the parsers, for the tests beside this file."""

from typing import Any

from orchestrator.modules.macos.parsers import Output, parse


def told(slug: str, stdout: str = "", *, stderr: str = "", code: int | None = 0) -> dict[str, Any]:
    """What the slug's parser makes of the two streams and the exit status."""
    return parse(slug, Output(stdout, stderr, code))
