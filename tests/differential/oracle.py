"""Runs a case through ansible-playbook or through orch, and tells what came out in a form that can be compared.

A case is a directory below ``cases/`` with ``playbook.yml`` and whatever it needs (``hosts``, roles, files), and
optionally ``argv`` (further command-line words, one a line). It runs in a copy of its directory with HOME there too,
on the hosts of ``hosts`` or, where there is none, on ``localhost``. ``expected.json`` beside it is what
ansible-core answered:

    python -m tests.differential.oracle --record [--missing] [NAME …]      ask ansible-core
    python -m tests.differential.oracle [--diff] [NAME …]                  compare
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.differential import forked

CASES = Path(__file__).parent / "cases"
LIMIT_S = 120
ORCH_LIMIT_S = 40
VOLATILE = [
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\.\d+"), "TIME"),
    (re.compile(r'"delta": "[^"]*"'), '"delta": "D"'),
    (re.compile(r" \*+$", re.M), " ***"),
    (re.compile(r"0x[0-9a-f]{6,}"), "0xADDRESS"),
    (re.compile(r"^FAILED - RETRYING: .*async_status .*\n", re.M), ""),
    (re.compile(r"^(?:Pausing for |\(ctrl\+C then 'C').*\n", re.M), ""),
    (re.compile(r"^ASYNC (?:POLL|OK|FAILED) on .*\n", re.M), ""),
]


@dataclass(frozen=True)
class Outcome:
    """``stdout`` without what varies from run to run; ``files`` maps each file below ``out/`` to mode and digest."""

    status: int
    stdout: str
    files: dict[str, str]


def all_cases() -> list[str]:
    return sorted(each.parent.name for each in CASES.glob("*/playbook.yml"))


Start = Callable[[list[str], dict[str, str], Path], tuple[int, str, str]]
"""Starts a command line (its words, environment, directory): exit status, stdout, stderr."""


def run_case(name: str, start: Start) -> Outcome:
    """What ``start`` (given the words behind the program's name) makes of the case ``name``."""
    with tempfile.TemporaryDirectory(prefix="case-") as scratch:
        home = Path(scratch) / "case"
        shutil.copytree(CASES / name, home, symlinks=True)
        (home / "expected.json").unlink(missing_ok=True)
        words = (home / "argv").read_text().split("\n") if (home / "argv").exists() else []
        hosts = ["-i", "hosts"] if (home / "hosts").exists() else []
        environment = {"HOME": str(home), "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
        status, stdout, stderr = start(["playbook.yml", *hosts, *(word for word in words if word)], environment, home)
        if os.environ.get("SHOW_STDERR"):
            sys.stderr.write(stderr)
        if os.environ.get("SHOW_STDOUT"):
            sys.stderr.write(stdout)
        return Outcome(status, _steady(stdout, home), _files(home / "out", home))


def by_ansible(name: str) -> Outcome:
    settings = {
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_HOME": "/nonexistent/ansible",
        "ANSIBLE_ASYNC_DIR": tempfile.gettempdir() + "/oracle-async",
        "ANSIBLE_LOCAL_TEMP": tempfile.gettempdir(),
        "ANSIBLE_REMOTE_TEMP": tempfile.gettempdir(),
    }

    def start(words: list[str], environment: dict[str, str], home: Path) -> tuple[int, str, str]:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("ansible-playbook")), *words],
            cwd=home,
            env={**os.environ, **environment, **settings},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return run_case(name, start)


def by_orch(name: str) -> Outcome:
    def start(words: list[str], environment: dict[str, str], home: Path) -> tuple[int, str, str]:
        state = {"ORCH_HOME": str(home.parent / "state")}
        return forked.orch(["run", *words], {**environment, **state}, home, ORCH_LIMIT_S)

    return run_case(name, start)


def expected(name: str) -> Outcome:
    held = Outcome(**json.loads((CASES / name / "expected.json").read_text()))
    return Outcome(held.status, _in_host_order(held.stdout).strip() + "\n", held.files)


def alike(outcome: Outcome) -> Outcome:
    """``outcome`` without the recap that orch prints, and Ansible does not, behind a mistake found on the way."""
    told, _, _ = outcome.stdout.partition("PLAY RECAP")
    is_recap_of_mistake = outcome.status not in (0, 2) and not re.search(r"^(fatal|failed): ", told, re.M)
    return Outcome(outcome.status, told, outcome.files) if is_recap_of_mistake else outcome


def known_difference(name: str) -> str | None:
    """Why this case ends otherwise with us, and is meant to (its file ``differs``); None where it may not."""
    reason = CASES / name / "differs"
    return " ".join(reason.read_text().split()) if reason.exists() else None


def _steady(stdout: str, home: Path) -> str:
    for place in {str(home), str(home.resolve())}:
        stdout = stdout.replace(place, "HOME")
    for pattern, words in VOLATILE:
        stdout = pattern.sub(words, stdout)
    return _in_host_order(_without_errors(stdout)).strip() + "\n"


INCLUDED = re.compile(r"(included: .* for )(.*?)( => \(item=.*)?$")
ENTRY = re.compile(r"(?:ok|changed|fatal|failed|skipping|included): \[?([^\]\s:]*)")


def _in_host_order(stdout: str) -> str:
    """``stdout`` with each task's results by host: hosts that work at the same time end in any order."""
    done: list[str] = []
    entries: list[tuple[str, list[str]]] = []

    def flush() -> None:
        for _, lines in sorted(entries, key=lambda entry: entry[0]):
            done.extend(lines)
        entries.clear()

    for line in stdout.split("\n"):
        if not line.strip():
            continue
        if included := INCLUDED.match(line):
            line = f"{included[1]}{', '.join(sorted(included[2].split(', ')))}{included[3] or ''}"
        entry = ENTRY.match(line)
        if line.startswith(("PLAY", "TASK", "RUNNING", "NO MORE", "included:")):
            flush()
            done.append(line.rstrip())
        elif entry:
            entries.append((entry[1], [line.rstrip()]))
        elif entries:
            entries[-1][1].append(line.rstrip())
        else:
            done.append(line.rstrip())
    flush()
    return "\n".join(done)


def _without_errors(stdout: str) -> str:
    """``stdout`` without the texts of errors: the wording is each engine's own, that it failed is not."""
    kept: list[str] = []
    is_error = False
    for line in stdout.split("\n"):
        if line.startswith(("[ERROR]", "[WARNING]", "[DEPRECATION WARNING]")):
            is_error = True
        elif is_error and re.match(
            r"(fatal|failed|ok|changed|skipping|TASK|PLAY|RUNNING HANDLER|included|\.\.\.)", line
        ):
            is_error = False
        if is_error:
            continue
        failed = re.match(r"((?:fatal|failed): \[[^\]]*\](?:: \w+!)?.*?) => ", line)
        if failed:
            kept.append(failed[1])
            is_error = True
        else:
            kept.append(line)
    return "\n".join(kept)


def _files(top: Path, home: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(top.rglob("*")):
        name = str(path.relative_to(top))
        if path.is_symlink():
            found[name] = f"link {os.readlink(path).replace(str(home), 'HOME')}"
        elif path.is_dir():
            found[name] = f"directory {path.stat().st_mode & 0o7777:04o}"
        else:
            digest = hashlib.sha256(path.read_bytes().replace(str(home).encode(), b"HOME")).hexdigest()[:16]
            found[name] = f"file {path.stat().st_mode & 0o7777:04o} {digest}"
    return found


def main() -> None:
    names = [each for each in sys.argv[1:] if not each.startswith("--")] or all_cases()
    if "--missing" in sys.argv:
        names = [each for each in names if not (CASES / each / "expected.json").exists()]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for line in pool.map(_record if "--record" in sys.argv else _compare, names):
            print(line, flush=True)


def _record(name: str) -> str:
    outcome = by_ansible(name)
    (CASES / name / "expected.json").write_text(json.dumps(asdict(outcome), indent=1) + "\n")
    return f"{name}: status {outcome.status}, {len(outcome.stdout.splitlines())} lines"


def _compare(name: str) -> str:
    try:
        got, wanted = alike(by_orch(name)), alike(expected(name))
    except TimeoutError as error:
        return f"DIFFERENT  {name}: {error}"
    if got == wanted:
        return f"same  {name}"
    told = [f"DIFFERENT  {name}: {known_difference(name) or ''}"]
    if "--diff" in sys.argv:
        both = [f"{each.stdout}status {each.status}\n{json.dumps(each.files, indent=1)}" for each in (wanted, got)]
        told += difflib.unified_diff(*(each.splitlines() for each in both), "ansible", "orch", lineterm="", n=2)
    return "\n".join(told)


if __name__ == "__main__":
    main()
