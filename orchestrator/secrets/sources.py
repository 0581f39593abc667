"""Where values come from: the environment, files, commands. Each wait and each size has a limit."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestrator.model.errors import SecretError
from orchestrator.model.secrets import Secret
from orchestrator.secrets.near import meant

EXEC_TIMEOUT_S = 10.0
LIMIT_BYTES = 64 * 1024


def from_environment(name: str, environ: Mapping[str, str] = os.environ) -> Secret:
    """The variable ``name``; one that is unset or empty is missing."""
    if value := environ.get(name):
        return Secret(value)
    hint = meant(name, environ, f"export {name}, or name another source")
    raise SecretError(f"the environment variable {name} is not set", hint=hint)


def from_file(path: str, id: str | None = None) -> Secret:
    """The text of a file without its last newline; with an ``id`` like ``/a/b`` that member of a JSON file."""
    file = Path(path).expanduser()
    try:
        with file.open("rb") as stream:
            data = stream.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise SecretError(f"{file}: {error.strerror}", hint=meant(file.name, _names_beside(file))) from error
    text = _decoded(data, str(file))
    return Secret(_member(text, id, str(file))) if id not in (None, "", "value") else Secret(_stripped(text, str(file)))


def from_command(argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = EXEC_TIMEOUT_S) -> Secret:
    """What ``argv`` prints, without its last newline; run without a shell, in a process group of its own."""
    return Secret(_stripped(output_of(argv, stdin=stdin, timeout_s=timeout_s), argv[0]))


def from_protocol(
    argv: Sequence[str],
    provider: str,
    id: str,
    *,
    environ: Mapping[str, str] | None = None,
    timeout_s: float = EXEC_TIMEOUT_S,
) -> Secret:
    """The value that a command gives for ``id`` in OpenClaw's protocol: JSON on stdin with the ids that are wanted,
    JSON on stdout with their ``values`` (as OpenClaw's exec providers speak it, protocolVersion 1). The command sees
    ``environ`` and nothing else of the environment; None is all of it."""
    question = json.dumps({"protocolVersion": 1, "provider": provider, "ids": [id]})
    answer = output_of(argv, stdin=question.encode(), timeout_s=timeout_s, environ=environ)
    try:
        values = json.loads(answer)["values"]
        value = values[id]
    except (ValueError, KeyError, TypeError) as error:
        raise SecretError(f"{argv[0]} gave no value for {id}") from error
    if not isinstance(value, str) or not value:
        raise SecretError(f"{argv[0]}: {id} is not a text")
    return Secret(value)


def output_of(
    argv: Sequence[str],
    *,
    stdin: bytes = b"",
    timeout_s: float = EXEC_TIMEOUT_S,
    environ: Mapping[str, str] | None = None,
) -> str:
    """All that ``argv`` prints. Raises SecretError that says what went wrong, never what was printed to stdout."""
    if not argv:
        raise SecretError("a command for a secret is empty", hint="exec:/path/to/program argument …")
    try:
        done = subprocess.run(list(argv), input=stdin, capture_output=True, timeout=timeout_s, check=False, env=environ)
    except subprocess.TimeoutExpired as error:
        raise SecretError(f"{argv[0]} gave no secret within {timeout_s:.0f} s") from error
    except OSError as error:
        raise SecretError(f"{argv[0]}: {error.strerror}") from error
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise SecretError(f"{argv[0]} ended with status {done.returncode}", evidence="".join(last)[:200] or None)
    return _decoded(done.stdout, argv[0])


def _member(text: str, id: str | None, source: str) -> str:
    """The string at the JSON pointer ``id``."""
    try:
        found: Any = json.loads(text)
    except ValueError as error:
        raise SecretError(f"{source} is not JSON, so it has no {id}") from error
    return member(found, id, source)


def member(found: Any, id: str | None, source: str) -> str:
    """The string at the JSON pointer ``id`` of the plain data ``found``. Raises SecretError with near-miss names."""
    for part in [] if id is None else id.strip("/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, dict) or key not in found:
            raise SecretError(f"{source} has no {id}", hint=meant(key, found if isinstance(found, dict) else ()))
        found = found[key]
    if not isinstance(found, str) or not found:
        raise SecretError(f"{source}: {id} is not a text")
    return found


def _decoded(data: bytes, source: str) -> str:
    if len(data) > LIMIT_BYTES:
        raise SecretError(f"{source} gave more than {LIMIT_BYTES // 1024} KB: that is no secret")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise SecretError(f"{source} gave bytes that are not UTF-8") from error


def _stripped(text: str, source: str) -> str:
    value = text.rstrip("\r\n")
    if not value:
        raise SecretError(f"{source} gave an empty secret")
    return value


def _names_beside(file: Path) -> list[str]:
    try:
        return os.listdir(file.parent)
    except OSError:
        return []
