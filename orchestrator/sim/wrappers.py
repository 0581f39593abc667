"""The programs in a simulated Mac's bin/: launchers of simulated tools, links to the host's, and faulty ones."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from orchestrator.sim.tools.table import TOOLS

MAIN = Path(__file__).with_name("tools") / "main.py"

# What a stock macOS has and the simulation takes from the host. What is not listed is absent, as `timeout`,
# `setsid`, `nproc`, `getent`, `tac`, `sha256sum` are on a Mac.
FROM_HOST = """
[ awk basename bash bc bunzip2 bzip2 cal cat chgrp chmod cksum cmp col comm cp csplit curl cut dash dd df diff
dirname du echo ed egrep env expand expr false fgrep file find fmt fold getconf grep gunzip gzip head iconv join
kill ksh less ln logger ls man mkdir mkfifo mktemp more mv nc nice nl nohup od openssl paste patch perl pr printf
pwd rm rmdir rsync scp sed seq sh shasum sleep sort split sqlite3 ssh ssh-keygen ssh-keyscan strings stty sum sync
tail tar tee test top touch tr true truncate tty uniq unlink unzip uuidgen vi vim wc which xargs xxd yes zcat zip
zsh readlink realpath cpio
""".split()
PRIVATE = ("ls", "find", "rm", "du", "cp", "mv", "cat")
WRITERS = ("mkdir", "mktemp", "touch", "tee", "cp", "mv", "dd")
CLOCKS = ("zsh", "perl")

_DENY = """\
for argument; do
	case $argument in /*) path=$argument ;; *) path=$PWD/$argument ;; esac
	case ${{path%/}}/ in
	{patterns}) printf '%s: %s: Operation not permitted\\n' {name} "$argument" >&2; exit 1 ;;
	esac
done
"""
_FULL = """\
for argument; do last=$argument; done
printf '%s: %s: No space left on device\\n' {name} "${{last:-stdout}}" >&2
exit 1
"""
_FULL_CAT = """\
if test -f /dev/stdout; then printf 'cat: stdout: No space left on device\\n' >&2; exit 1; fi
"""


def host_program(name: str) -> str | None:
    """The host's own program of that name, searched where systems keep theirs, never in a virtual environment."""
    return shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin")


def write_launchers(mac_dir: Path, extra: tuple[str, ...] = ()) -> None:
    """Fill bin/: one launcher for each simulated tool, one link for each tool taken from the host."""
    for name in TOOLS:
        _write(mac_dir / "bin" / name, _launch(mac_dir, name) + ' "$@"\n')
    for name in (*FROM_HOST, *extra):
        if name not in TOOLS:
            _link(mac_dir, name)


def write_wrappers(mac_dir: Path, denied: tuple[str, ...], no_space: bool, skew_s: float) -> None:
    """Put faulty programs where a fault needs one, and the host's own where none does."""
    for name in sorted({*PRIVATE, *WRITERS, *CLOCKS}):
        body = ""
        if denied and name in PRIVATE:
            home = str(mac_dir / "home")
            patterns = "|".join(f"{shlex.quote(os.path.join(home, folder))}/*" for folder in denied)
            body += _DENY.format(patterns=patterns, name=name)
        if no_space and name in WRITERS:
            body += _FULL.format(name=name)
        if no_space and name == "cat":
            body += _FULL_CAT
        if skew_s and name in CLOCKS:
            body += f'{_launch(mac_dir, "skewed-clock")} {name} "$@"\n'
        real = host_program(name)
        if not body:
            _link(mac_dir, name)
        elif real:
            # The last line of a body that ends in any case is its exit or its exec.
            ends = body.rstrip().splitlines()[-1].startswith(("exit ", "exec "))
            _write(mac_dir / "bin" / name, body if ends else f'{body}exec {shlex.quote(real)} "$@"\n')


def _launch(mac_dir: Path, name: str) -> str:
    """The `exec` that runs a simulated tool: isolated and without site, which halves Python's start."""
    words = (sys.executable, "-I", "-S", str(MAIN), str(mac_dir), name)
    return "exec " + " ".join(shlex.quote(word) for word in words)


def _write(path: Path, body: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(f"#!/bin/sh\n{body}")
    fresh.chmod(0o755)
    fresh.replace(path)


def _link(mac_dir: Path, name: str) -> None:
    real = host_program(name)
    if real is None:
        return
    fresh = mac_dir / "bin" / f".{name}.{os.getpid()}"
    fresh.symlink_to(real)
    fresh.replace(mac_dir / "bin" / name)
