"""The part of ``AnsibleModule`` that runs programs."""

from __future__ import annotations

import os
import re
import selectors
import shlex
import subprocess
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from .common.text.converters import to_bytes, to_text

AFTERWARDS_S = 1.0
"""How long output is waited for once the program has ended: what it left behind may hold its pipes open."""


class Commands:
    """Programs that a module runs; none of them gets the module's own stdin."""

    run_command_environ_update: dict[str, str]

    def fail_json(self, msg: Any, **kwargs: Any) -> NoReturn:
        """End the module; see ``AnsibleModule``."""
        raise NotImplementedError

    def run_command(
        self,
        args: Any,
        check_rc: bool = False,
        close_fds: bool = True,
        executable: str | None = None,
        data: Any = None,
        binary_data: bool = False,
        path_prefix: str | None = None,
        cwd: str | None = None,
        use_unsafe_shell: bool = False,
        prompt_regex: Any = None,
        environ_update: Mapping[str, str] | None = None,
        umask: int | None = None,
        encoding: str | None = "utf-8",
        errors: str = "surrogate_or_strict",
        expand_user_and_vars: bool = True,
        pass_fds: Any = None,
        before_communicate_callback: Any = None,
        ignore_invalid_cwd: bool = True,
        handle_exceptions: bool = True,
    ) -> tuple[int, Any, Any]:
        """Run a program; returns its exit status, stdout and stderr. ``args``: words, or text that is split into words
        (for ``use_unsafe_shell``: a command line of the shell)."""
        if not isinstance(args, (list, str, bytes)):
            self.fail_json(rc=257, cmd=args, msg="Argument 'args' to run_command must be list or string")
        words = _words(args, executable, is_shell=use_unsafe_shell, expand=expand_user_and_vars)
        shown = " ".join(shlex.quote(to_text(word)) for word in words)
        options = {"umask": umask, "pass_fds": pass_fds, "executable": None if use_unsafe_shell else executable}
        options.update(close_fds=close_fds, env=self._environment(environ_update, path_prefix))
        options["cwd"] = self._directory(cwd, ignore_invalid_cwd)
        given = to_bytes(data) + (b"" if binary_data else b"\n") if data else None
        try:
            rc, out, err = _ended(words, given, options, before_communicate_callback, prompt_regex)
        except OSError as error:
            if not handle_exceptions:
                raise
            self.fail_json(rc=error.errno, stdout="", stderr="", msg="Error executing command.", cmd=shown)
        if rc != 0 and check_rc:
            self.fail_json(cmd=shown, rc=rc, stdout=to_text(out), stderr=to_text(err), msg=to_text(err).rstrip())
        if encoding is None:
            return rc, out, err
        return rc, to_text(out, encoding, errors), to_text(err, encoding, errors)

    def _directory(self, cwd: str | None, ignore_invalid: bool) -> str | None:
        if not cwd:
            return None
        path = os.path.abspath(os.path.expanduser(cwd))
        if not os.path.isdir(path) and not ignore_invalid:
            self.fail_json(msg=f"Provided cwd is not a valid directory: {cwd}")
        return path if os.path.isdir(path) else None

    def _environment(self, more: Mapping[str, str] | None, path_prefix: str | None) -> dict[str, str]:
        found = {**os.environ, **(self.run_command_environ_update or {}), **(more or {})}
        if path_prefix:
            found["PATH"] = f"{path_prefix}:{found.get('PATH', '')}".rstrip(":")
        return found


def _words(args: Any, executable: str | None, *, is_shell: bool, expand: bool) -> list[Any]:
    if is_shell:
        line = " ".join(shlex.quote(to_text(each)) for each in args) if isinstance(args, list) else to_text(args)
        return [executable or "/bin/sh", "-c", line]
    words = args if isinstance(args, list) else shlex.split(to_text(args))
    given = [to_text(word) for word in words if word is not None]
    return [os.path.expanduser(os.path.expandvars(word)) for word in given] if expand else given


def _ended(
    words: list[Any], given: bytes | None, options: dict[str, Any], on_start: Any, prompt_regex: Any
) -> tuple[int, bytes, bytes]:
    """Start ``words`` with ``given`` on stdin; the exit status, stdout and stderr. Raises OSError."""
    process = subprocess.Popen(
        words,
        stdin=subprocess.PIPE if given is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **{name: value for name, value in options.items() if value is not None},
    )
    if on_start:
        on_start(process)
    prompt = re.compile(to_bytes(prompt_regex), re.MULTILINE) if prompt_regex and given is None else None
    out, err, was_asked = _output(process, given, prompt)
    if was_asked:
        return 257, out, b"A prompt was encountered while running a command, but no input data was specified"
    return process.returncode, out, err


def _output(process: Any, given: bytes | None, prompt: Any) -> tuple[bytes, bytes, bool]:
    """What the program said until it ended, and whether it was seen to ask for something."""
    if prompt is None:
        return _communicated(process, given)
    streams = {process.stdout: b"", process.stderr: b""}
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(AFTERWARDS_S):
                chunk = os.read(key.fd, 65536)
                streams[key.fileobj] += chunk
                if not chunk:
                    selector.unregister(key.fileobj)
            if prompt.search(streams[process.stdout]):
                process.kill()
                process.wait()
                return streams[process.stdout], streams[process.stderr], True
            if process.poll() is not None and not selector.select(0):
                break
    process.wait()
    return streams[process.stdout], streams[process.stderr], False


def _communicated(process: Any, given: bytes | None) -> tuple[bytes, bytes, bool]:
    """The same where nothing is watched for. Processes left behind are not waited for."""
    waiting = given
    while True:
        try:
            out, err = process.communicate(waiting, timeout=AFTERWARDS_S)
            return out, err, False
        except subprocess.TimeoutExpired as late:
            waiting = None
            if process.poll() is not None:
                time.sleep(0)
                return late.stdout or b"", late.stderr or b"", False
