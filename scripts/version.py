"""Prints the version, or says which of its three places disagree and exits 1.

The places: pyproject.toml, `orchestrator.__version__`, and the newest heading of CHANGELOG.md.
"""

import re
import sys
from pathlib import Path

PLACES = {
    "pyproject.toml": r'^version = "([^"]+)"',
    "orchestrator/__init__.py": r'^__version__ = "([^"]+)"',
    "CHANGELOG.md": r"^## \[?(\d[^\] ]*)",
}


def versions(root: Path) -> dict[str, str]:
    """Returns file → version, "none found" where there is none."""
    found = {}
    for name, pattern in PLACES.items():
        path = root / name
        match = re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE) if path.exists() else None
        found[name] = match[1] if match else "none found"
    return found


if __name__ == "__main__":
    by_file = versions(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    if len(set(by_file.values())) == 1 and "none found" not in by_file.values():
        print(by_file["pyproject.toml"])
    else:
        sys.exit("these must be equal: " + ", ".join(f"{name} {found}" for name, found in by_file.items()))
