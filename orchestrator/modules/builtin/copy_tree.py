"""A directory of the controller copied to the node: one program looks at all of it, then only what differs is sent."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, script
from orchestrator.modules.builtin.content import CONTENT_SH, Content, WriteArgs, content_of, put, put_result, target_of
from orchestrator.modules.builtin.files import FILE_SCRIPTS, changes
from orchestrator.modules.declared import as_shell, refusal

TREE_SH = script("copy_tree", __file__)
Contents = Callable[[Path], Content]
"""What is to be written of a file of the controller's: of a vault file what it holds, unless ``decrypt`` is off."""


class TreeArgs(Protocol):
    """What copy's arguments say about a tree."""

    @property
    def src(self) -> str | None: ...
    @property
    def dest(self) -> str: ...
    @property
    def force(self) -> bool: ...
    @property
    def follow(self) -> bool: ...
    @property
    def local_follow(self) -> bool | None: ...
    @property
    def directory_mode(self) -> str | None: ...
    @property
    def decrypt(self) -> bool: ...


@frozen
class Entry:
    """One object of the tree: ``kind`` is d, f or l; ``name`` is relative to the tree's root."""

    kind: str
    name: str
    path: Path

    @property
    def mode(self) -> str:
        return f"{self.path.stat().st_mode & 0o7777:04o}"

    def line(self, contents: Contents, *, with_mode: bool) -> str:
        """The manifest's line: KIND|WHAT|NAME, as copy_tree.sh explains it."""
        if self.kind == "d":
            return f"d||{self.name}"
        if self.kind == "l":
            return f"l|{os.readlink(self.path)}|{self.name}"
        return f"f|{contents(self.path).digest('sha1')}{f' {self.mode}' if with_mode else ''}|{self.name}"


def entries(root: Path, *, follow: bool) -> Iterator[Entry]:
    """All objects below ``root``, directories before what is in them, behind the files beside them (so Ansible meets a
    file that it cannot read). Raises ValueError for a name over two lines.

    Where ``follow``, a link counts as what it leads to – but one that leads nowhere, or to a directory that it is in.
    """
    yield from _below(root, root, follow, frozenset({_real(root)}))


def _below(here: Path, root: Path, follow: bool, around: frozenset[Path]) -> Iterator[Entry]:
    for path in sorted(here.iterdir(), key=lambda each: (each.is_dir(), each)):
        relative = str(path.relative_to(root))
        real = _real(path) if path.is_symlink() and follow else path
        is_link = path.is_symlink() and (not follow or not path.exists() or real in around)
        if "\n" in relative or (is_link and "|" in os.readlink(path)):
            raise ValueError(f"{path!r}: the name cannot be copied as part of a tree")
        kind = "l" if is_link else "d" if path.is_dir() else "f"
        yield Entry(kind, relative, path)
        if kind == "d":
            yield from _below(path, root, follow, around | {_real(path)})


def _real(path: Path) -> Path:
    """Where ``path`` leads; a link that leads to itself stays what it is (``Path.resolve`` raises RuntimeError)."""
    return Path(os.path.realpath(path))


def copy_tree(args: Any, source: Path, ctx: Context) -> Steps:
    """Copies the tree below ``source``. ``args``: copy's arguments."""
    assert isinstance(args, WriteArgs)
    tree: TreeArgs = args  # type: ignore[assignment]
    inside = (tree.src or "").endswith("/")
    dest = tree.dest.rstrip("/") or "/"
    root = dest if inside else f"{dest.rstrip('/')}/{source.name}"
    contents = partial(content_of, ctx=ctx, decrypt=tree.decrypt)
    try:
        found = list(entries(source, follow=tree.local_follow is not False))
        manifest = "\n".join(entry.line(contents, with_mode=args.mode == "preserve") for entry in found)
    except (ValueError, OSError) as error:
        return failure(f"the directory {source} cannot be copied: {error}")
    reply: Reply = yield Run(
        main="look_tree",
        scripts=(*FILE_SCRIPTS, CONTENT_SH, TREE_SH),
        values={
            "root": root,
            "manifest": manifest,
            "force": as_shell(tree.force),
            "check": as_shell(ctx.check),
            "directory_mode": tree.directory_mode or "",
            "mode": "" if args.mode == "preserve" else args.mode or "",
            "owner": args.owner or "",
            "group": args.group or "",
        },
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        return refused
    seen = changes(reply)
    differing = set(reply.all("differs"))
    changed = bool(seen or differing or reply.first("changed"))
    for entry in found:
        if entry.kind != "f" or entry.name not in differing:
            continue
        placed = yield from _place(args, entry, f"{reply.first('root')}/{entry.name}", contents(entry.path), ctx)
        if placed.failed:
            return placed
    slash = "/" if inside else ""
    return Result(changed=changed, data={"src": f"{source}{slash}", "dest": f"{dest.rstrip('/')}/"})


def _place(args: WriteArgs, entry: Entry, dest: str, content: Content, ctx: Context) -> Steps:
    if ctx.check:
        return Result(changed=True)
    mode = entry.mode if args.mode == "preserve" else args.mode or ""
    target = target_of(args, dest, mode=mode, directory_mode="")
    reply = yield from put(content, target, ctx, is_last=False)
    return put_result(reply, content, ctx)
