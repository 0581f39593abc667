"""Inventory scripts: run without a shell, with limits on time and output."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time

from orchestrator.language.inventory.assembly import Assembly
from orchestrator.language.inventory.mapping import read_script_output, set_host_vars
from orchestrator.language.load import SIZE_LIMIT_BYTES, load_text
from orchestrator.model.errors import InventoryError
from orchestrator.model.place import Place

TIMEOUT_S = 60.0
_CHUNK = 65536
_EVIDENCE_LIMIT = 500


def is_script(path: str) -> bool:
    """Whether ``path`` is to be run: executable, and a program rather than text that someone made executable."""
    if not os.access(path, os.X_OK):
        return False
    with open(path, "rb") as file:
        head = file.read(1024)
    return head.startswith(b"#!") or b"\0" in head


def read_script(path: str, into: Assembly, timeout_s: float = TIMEOUT_S) -> None:
    """Add what the script says for ``--list``, and for ``--host`` where it gives no ``_meta``.

    Values are templates where they hold braces, as in Ansible: the script is the user's own.
    """
    deadline = time.monotonic() + timeout_s
    output = _run([path, "--list"], path, deadline, timeout_s)
    waiting = read_script_output(load_text(output, path, error=InventoryError), path, into)
    for host in waiting or []:
        answer = _run([path, "--host", host], path, deadline, timeout_s)
        set_host_vars(host, load_text(answer, path, error=InventoryError) or {}, into, Place(path))


def _run(command: list[str], path: str, deadline: float, timeout_s: float) -> str:
    """What the command printed; it and all it started are stopped past the deadline or the size limit."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as cause:
        raise InventoryError(f"the inventory script cannot be run: {cause.strerror}", place=Place(path)) from cause
    with process:
        try:
            output, errors = _gather(process, deadline)
            process.wait(max(0.1, deadline - time.monotonic()))
        except (TimeoutError, subprocess.TimeoutExpired) as cause:
            raise InventoryError(f"the inventory script ran longer than {timeout_s:g} s", place=Place(path)) from cause
        except OverflowError as cause:
            message = f"the inventory script printed more than {SIZE_LIMIT_BYTES} bytes"
            raise InventoryError(message, place=Place(path)) from cause
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode:
        said = errors.decode(errors="replace").strip()[-_EVIDENCE_LIMIT:]
        message = f"the inventory script ended with exit status {process.returncode}"
        raise InventoryError(
            message, place=Place(path), evidence=said or None, hint=f"run it by hand: {' '.join(command)}"
        )
    try:
        return output.decode()
    except UnicodeDecodeError as cause:
        raise InventoryError("the inventory script's output is not UTF-8", place=Place(path)) from cause


def _gather(process: subprocess.Popen[bytes], deadline: float) -> tuple[bytes, bytes]:
    """Standard output and error to their ends. Raises TimeoutError or OverflowError."""
    assert process.stdout and process.stderr  # both are pipes, asked for above
    gathered = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in gathered:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            if (left_s := deadline - time.monotonic()) <= 0:
                raise TimeoutError
            for key, _ in selector.select(left_s):
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                gathered[key.fileobj] += chunk  # type: ignore[index]  # only the two streams are registered
                if len(gathered[key.fileobj]) > SIZE_LIMIT_BYTES:  # type: ignore[index]
                    raise OverflowError
    return bytes(gathered[process.stdout]), bytes(gathered[process.stderr])
