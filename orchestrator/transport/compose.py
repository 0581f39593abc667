"""What is written to a node's shell: the one function that quotes, and the text of a whole task.

A task is ONE compound command. The shell must read it to its end before it runs any of it, so a text cut short by a
broken line runs nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources

from orchestrator.model.errors import Bug, NodeFault
from orchestrator.model.program import Run, Script, bare
from orchestrator.model.secrets import Secret, plain

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAIN = re.compile(r"(:|[A-Za-z_][A-Za-z0-9_]*)( [A-Za-z_][A-Za-z0-9_]*)*")
_TAKEN = frozenset({"IFS", "PATH", "HOME", "PPID", "UID", "EUID", "LINENO", "OPTIND", "SECONDS", "RANDOM"})


def quoted(value: str | Secret) -> str:
    """``value`` as one word of sh, whatever is in it. Raises Bug on NUL, which no shell can hold."""
    text = plain(value)
    if "\0" in text:
        raise Bug("a value holds a NUL character, which no shell variable can hold")
    return "'" + text.replace("'", "'\\''") + "'"


def encoded(text: str) -> bytes:
    """UTF-8, with undecodable bytes of file names (PEP 383) as they were."""
    return text.encode("utf-8", "surrogateescape")


def claim_name(key: str) -> str:
    """The claim's name in the spool for ``key``: 32 hex digits, whatever is in the key."""
    return hashlib.sha256(encoded(key)).hexdigest()[:32]


@lru_cache(maxsize=1024)
def script_name(script: Script) -> str:
    """The shell function that defines the functions of ``script`` when it is called; named by the text's digest."""
    return "orch_use_" + hashlib.sha256(encoded(script.text)).hexdigest()[:16]


def definition(script: Script) -> str:
    """``script`` wrapped in a function, so that its functions exist only in the tasks that use it."""
    return f"{script_name(script)}() {{\n:\n{script.text}\n}}\n"


def opening(*, name: str, tmp: str, run: str, nonce: str, shell: str) -> list[str]:
    """The arguments of a shell that makes or joins a run's spool, answers with the frame ``ready`` or ``fault``, and
    becomes the standing shell (see open.sh)."""
    if not re.fullmatch(r"(~?/[^\0\n]*|~)", tmp):
        raise NodeFault(f"the node's temporary directory {tmp!r} must be absolute or begin with ~/")
    return ["-c", one_line("open.sh"), name, tmp.rstrip("/"), run, nonce, shell]


def functions(mark: str) -> str:
    """What a standing shell is told before anything else: ``mark``, which ends its frames and which only it and we
    know, a carriage return, and the functions that tasks are made with."""
    return f"orch_mark={mark}\norch_return='\r'\n{_functions()}"


@cache
def _functions() -> str:
    return bare(_text("session.sh"))


@cache
def one_line(name: str) -> str:
    """A script of ours (see open.sh) on one line, since there are login shells that take no newline in quotes."""
    lines = (line.strip() for line in _text(name).splitlines())
    return " ".join(line for line in lines if not line.startswith("#"))


def _text(name: str) -> str:
    return resources.files("orchestrator.transport").joinpath(name).read_text(encoding="utf-8")


def task(
    key: str,
    program: Run,
    *,
    again: bool,
    forget: Iterable[str],
    wait_s: int,
    output_bytes: int,
    after: Iterable[str] = (),
) -> str:
    """The text of ``program`` under ``key``; ``again`` drops a claim that is known to have come to nothing.

    ``after``: keys of programs without whose success this one is not begun.
    ``forget``: keys whose claims may go, which happens after the reply. ``wait_s``: how long the node waits for
    the result where the claim is already taken.
    """
    claim = claim_name(key)
    feed = "" if program.stdin is None else f"printf '%s' {quoted(program.stdin)} 2>/dev/null |"
    lines = [
        "if {",
        f"orch_forget {claim}" if again else "",
        f"if orch_begin {' '.join([claim, *map(claim_name, after)])}; then",
        f"{feed}(",
        'umask "$orch_mask"',
        *_assignments(program.values, export=False),
        *_assignments(program.environment, export=True),
        *map(script_name, program.scripts),
        _checked_main(program.main),
        ') >>"$orch_claim.out" 2>>"$orch_claim.err" 3>>"$orch_claim.said"',
        "orch_end $?",
        "fi",
        f"orch_reply {wait_s} {output_bytes}",
        forgetting(forget),
        "} </dev/null; then :; fi\n",  # a line that breaks behind the brace leaves nothing that is whole
    ]
    return "\n".join(filter(None, lines))


def forgetting(keys: Iterable[str]) -> str:
    """The command that removes the claims of ``keys``; empty for none."""
    names = " ".join(map(claim_name, keys))
    return f"orch_forget {names}" if names else ""


def _assignments(values: Mapping[str, str | Secret], *, export: bool) -> Iterable[str]:
    for name, value in values.items():
        if not _NAME.fullmatch(name) or name.startswith("orch_") or (name in _TAKEN and not export):
            raise Bug(f"{name!r} cannot be a variable of a program")
        yield f"{'export ' if export else ''}{name}={quoted(value)}"


def _checked_main(main: str) -> str:
    if not _MAIN.fullmatch(main):
        raise Bug(f"a program's main is the name of a function, not {main!r}")
    return main
