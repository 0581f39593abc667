"""openclaw_compare: what differs between two hosts' facts, field by field, and nothing else."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from pydantic import Field

from orchestrator.model.program import Request
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.types import Bool, Dict, StrList

VOLATILE = [
    "pid",
    "age_s",
    "cpu_s",
    "rss_bytes",
    "boot_id",
    "handshake_at",
    "service.runs",
    "service.pid",
    "sockets",
    "nodes",
]
"""What differs between any two healthy hosts, and from one minute to the next."""


class CompareArgs(Args):
    left: Dict = Field(description="One host's facts, as in `hostvars['a'].openclaw`.")
    right: Dict = Field(description="The other's.")
    ignore: StrList = Field(default=VOLATILE, description="Dotted fields, and all below them, that may differ.")
    fail: Bool = Field(False, description="Whether a difference fails the task.")


def differences(left: Any, right: Any, ignore: list[str], path: str = "") -> Iterator[dict[str, Any]]:
    """Each field that differs, with both values; fields below an ignored one are not looked at."""
    if path in ignore:
        return
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for key in dict.fromkeys([*left, *right]):
            deeper = f"{path}.{key}" if path else str(key)
            yield from differences(left.get(key), right.get(key), ignore, deeper)
    elif left != right:
        yield {"field": path, "left": left, "right": right}


def compare_steps(args: CompareArgs, ctx: Context) -> Generator[Request, Any, Result]:
    yield from ()
    found = list(differences(args.left, args.right, list(args.ignore)))
    lines = [f"{one['field']}: {one['left']} ≠ {one['right']}" for one in found]
    data = {"differences": found}
    return Result(failed=args.fail and bool(found), msg="\n".join(lines) or "no difference", data=data)


COMPARE = Module(
    "openclaw_compare",
    CompareArgs,
    compare_steps,
    "Tells in which facts of OpenClaw two hosts differ.",
    needs_host=False,
    returns={"differences": "Each field that differs: field, left, right."},
)
