"""Checksums are the same whichever tool a node has for them."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from orchestrator.modules.builtin.files import FILE_SCRIPTS
from tests.contract.conftest import SHELLS

TOOLS = {"sums": ("md5sum", "sha1sum", "sha256sum"), "openssl": ("openssl",), "shasum": ("shasum", "perl", "env")}


def checksum(tmp_path: Path, shell: str, tools: str, algorithm: str) -> subprocess.CompletedProcess[str]:
    """What checksum() makes of the file ``it``, where nothing but ``tools`` is in PATH."""
    (tmp_path / "it").write_bytes(b"some\0bytes\n")
    for name in TOOLS[tools]:
        if (place := shutil.which(name)) is None:
            pytest.skip(f"no {name} here")
        (tmp_path / name).symlink_to(place)
    text = "\n".join(['die() { echo "$*"; exit 1; }', *(each.text for each in FILE_SCRIPTS)])
    whole = f"{text}\nPATH={tmp_path}\nchecksum {algorithm} {tmp_path}/it\necho $sum\n"
    return subprocess.run([shutil.which(shell) or shell], input=whole, capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
@pytest.mark.parametrize("tools", TOOLS)
@pytest.mark.parametrize("shell", SHELLS)
def test_any_tool_will_do(tmp_path: Path, shell: str, tools: str, algorithm: str) -> None:
    done = checksum(tmp_path, shell, tools, algorithm)
    if (tools, algorithm) == ("shasum", "md5"):
        assert (done.returncode, done.stdout) == (1, f"cannot compute the md5 checksum of {tmp_path}/it\n")
    else:
        assert done.stdout == hashlib.new(algorithm, b"some\0bytes\n", usedforsecurity=False).hexdigest() + "\n"
