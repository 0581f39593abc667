"""Which of our connections a connection plug-in of the user's stands for, told from its text.

A plug-in that derives from Ansible's ``local`` or ``ssh`` (or, for devices, from ``NetworkConnectionBase``, which runs
commands here) and leaves the carrying to it is that connection. One that carries commands and files in a way of its own
is none of ours: its class would have to run what Ansible sends, which we do not.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

BASES = {
    "ansible.plugins.connection.local.Connection": "local",
    "ansible.plugins.connection.ssh.Connection": "ssh",
    "ansible.plugins.connection.NetworkConnectionBase": "local",
}
CARRYING = frozenset({"exec_command", "put_file", "fetch_file"})


@lru_cache(maxsize=64)
def stands_for(path: str) -> str | None:
    """``local``, ``ssh``, or None where the plug-in in the file ``path`` is a connection of another kind."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    known = _imported(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Connection" and _hands_on(node):
            bases = (known.get(first, first) + rest for first, rest in map(_split, node.bases))
            return next((BASES[base] for base in bases if base in BASES), None)
    return None


def _imported(tree: ast.Module) -> dict[str, str]:
    """The names that the file imports, in full."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {each.asname: each.name for each in node.names if each.asname}
        elif isinstance(node, ast.ImportFrom):
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return found


def _split(base: ast.expr) -> tuple[str, str]:
    first, dot, rest = ast.unparse(base).partition(".")
    return first, dot + rest


def _hands_on(node: ast.ClassDef) -> bool:
    """Whether each method that carries something has the class below it do so."""
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name in CARRYING]
    return all(any(_is_super(inner, each.name) for inner in ast.walk(each)) for each in methods)


def _is_super(node: ast.AST, method: str) -> bool:
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    return is_call and ast.unparse(node).startswith("super(")
