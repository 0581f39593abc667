"""100 files to fetch and archives to unpack whose names lead elsewhere: nothing is written outside of the target."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator

from tests.chaos.hostile import Case

HOSTS = ("n1", "..", "a/../../b", "-rf", "$(touch pwned)", "x y", "é", "h" * 200, ".", "~")
SOURCES = (
    "src/../src/file",
    "src/link",
    "src/./file",
    "src//file",
    "src/dir",
    "src/none",
)
MEMBERS = (
    "../pwned",
    "../../pwned",
    "/tmp/orch-pwned",
    "a/../../pwned",
    "./../pwned",
    "-rf",
    "--checkpoint-action=exec=touch pwned",
    "$(touch pwned)",
    "a" * 200,
    "é\u202e",
    "A",
    "dir/",
    "x\ny",
    "..",
)
FETCH = b"""\
- hosts: all
  gather_facts: false
  tasks:
    - fetch: {src: "{{ playbook_dir }}/%s", dest: out/, flat: %s}
"""
UNPACK = b"""\
- hosts: all
  gather_facts: false
  tasks:
    - file: {path: "{{ playbook_dir }}/deep/out", state: directory}
    - unarchive: {src: box.%s, dest: "{{ playbook_dir }}/deep/out"}
"""


def cases() -> Iterator[Case]:
    yield from _fetched()
    yield from _unpacked()


def _fetched() -> Iterator[Case]:
    for host in HOSTS:
        for number, source in enumerate(SOURCES):
            flat = b"true" if number % 2 else b"false"
            yield Case(
                f"fetch {host[:20]} {source}",
                ("run", "play.yml", "-i", "hosts.yml"),
                {
                    "play.yml": FETCH % (source.encode(), flat),
                    "hosts.yml": f"all: {{hosts: {{{host!r}: {{ansible_connection: local}}}}}}\n".encode(),
                    "src/file": b"x",
                    "src/dir/file": b"x",
                },
                links={"src/link": "/etc/hostname"},
                starts=("/bin/sh",),
                allowed=("out/",),
            )


def _unpacked() -> Iterator[Case]:
    for number, member in enumerate((*MEMBERS, "link", "hard", "device")):
        for kind in ("tar", "zip"):
            box = _tar(member) if kind == "tar" else _zip(member)
            yield Case(
                f"unpack {kind} {number}",
                ("run", "play.yml", "-i", "hosts"),
                {"play.yml": UNPACK % kind.encode(), "hosts": b"n1 ansible_connection=local\n", f"box.{kind}": box},
                starts=("/bin/sh",),
                allowed=("deep/",),
            )
    for number in range(6):
        cut = _tar("plain")[: 100 * number]
        files = {"play.yml": UNPACK % b"tar", "hosts": b"n1 ansible_connection=local\n", "box.tar": cut}
        words = ("run", "play.yml", "-i", "hosts")
        yield Case(f"unpack cut {number}", words, files, starts=("/bin/sh",), allowed=("deep/",))


def _tar(member: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as box:
        entry = tarfile.TarInfo(member)
        if member == "link":
            entry.type, entry.linkname = tarfile.SYMTYPE, "../.."
            box.addfile(entry)
            entry = tarfile.TarInfo("link/pwned")
        elif member == "hard":
            entry.type, entry.linkname = tarfile.LNKTYPE, "../../play.yml"
        elif member == "device":
            entry.type = tarfile.CHRTYPE
        data = b"" if entry.type != tarfile.REGTYPE else b"x"
        entry.size = len(data)
        box.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _zip(member: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box:
        entry = zipfile.ZipInfo(member)
        if member == "link":
            entry.external_attr = 0o120777 << 16
        box.writestr(entry, "../.." if member == "link" else "x")
    return out.getvalue()
