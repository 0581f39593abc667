"""Whether files and functions are small enough to be read: prints each that is not, and then exits 1.

Python and sh files have at most 400 lines, functions at most 50, from `def` or `name()` to the last line.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 50
ROOMS = (".ci", "orchestrator", "scripts", "tests", "vagrant")
SHELL_FUNCTION = re.compile(r"^(?P<indent>[ \t]*)(?P<name>\w+)[ \t]*\(\)[ \t]*[{(]?[ \t]*$")


def kind_of(path: Path) -> str | None:
    """Returns "py" or "sh" by suffix, else by the first line; None for everything else."""
    if path.suffix in (".py", ".sh"):
        return path.suffix[1:]
    if path.suffix or not path.is_file():
        return None
    with path.open("rb") as file:
        first = file.readline()
    if not first.startswith(b"#!"):
        return None
    return "py" if b"python" in first else "sh" if first.rstrip().endswith(b"sh") else None


def python_functions(text: str) -> Iterator[tuple[str, int, int]]:
    """Yields (name, first line, number of lines) of each function, methods and nested ones too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1


def shell_functions(text: str) -> Iterator[tuple[str, int, int]]:
    """Yields (name, first line, number of lines); it ends at the first brace indented as its name."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        if found := SHELL_FUNCTION.match(line):
            ends = (found["indent"] + "}", found["indent"] + ")")
            end = next((n for n in range(start, len(lines)) if lines[n].startswith(ends)), len(lines) - 1)
            yield found["name"], start + 1, end - start + 1


def offenders(root: Path) -> Iterator[str]:
    """Yields `path:line: what is too long` for each offence below the rooms of `root`, in path order."""
    for path in sorted(path for room in ROOMS for path in (root / room).rglob("*")):
        kind = kind_of(path)
        if kind is None:
            continue
        text = path.read_text(encoding="utf-8")
        place = path.relative_to(root)
        if (length := text.count("\n")) > FILE_LINES:
            yield f"{place}:1: {length} lines in this file, at most {FILE_LINES}"
        for name, line, length in (python_functions if kind == "py" else shell_functions)(text):
            if length > FUNCTION_LINES:
                yield f"{place}:{line}: {length} lines in {name}(), at most {FUNCTION_LINES}"


if __name__ == "__main__":
    found = list(offenders(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(bool(found))
