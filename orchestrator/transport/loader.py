"""Which shared libraries there are, without starting a compiler to find out.

asyncssh asks ``ctypes.util.find_library`` for two libraries that it can do without, under five names. On Linux that
starts ldconfig for each, and where ldconfig knows none, gcc, collect2 and ld (Python 3.11, ``ctypes/util.py``): nine
processes and a tenth of a second before the first host is dialled. The loader's own list says it at once.
"""

from __future__ import annotations

import ctypes.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CACHE = Path("/etc/ld.so.cache")
"""What glibc's loader knows (ld.so(8)): paths, each ended by a NUL."""


@contextmanager
def asked_directly() -> Iterator[None]:
    """Meanwhile ``find_library`` reads the loader's list. Where there is none, on macOS say, nothing changes."""
    searching = ctypes.util.find_library
    try:
        ctypes.util.find_library = lambda name: listed(name, CACHE.read_bytes()) if CACHE.exists() else searching(name)
        yield
    finally:
        ctypes.util.find_library = searching


def listed(name: str, cache: bytes) -> str | None:
    """The file name under which the loader finds the library ``name``; None where it finds none that fits."""
    found = re.search(rb"/(lib%s\.so\.[.0-9]+)\0" % re.escape(name).encode(), cache)
    if found is None:
        return None
    try:
        return ctypes.CDLL(found[1].decode())._name
    except OSError:  # one for another kind of processor
        return None
