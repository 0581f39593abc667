"""Stand-ins for programs that people install on Macs: mas, gem, npm, pipx, crontab and linking by brew.

Started as ``community_tools.py STATE_DIRECTORY TOOL WORD…``. They keep the output forms and exit statuses of the real
ones (mas 1.9, RubyGems 3.5, npm 10, pipx 1.7, Vixie cron), and their state in one JSON file each; 2.0.0 is the newest
version of everything.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

NEWEST = "2.0.0"


def mas(state: dict[str, Any], words: list[str]) -> int:
    match words:
        case ["list"]:
            print("".join(f"{app}  App {app} ({version})\n" for app, version in state.items()), end="")
        case ["outdated"]:
            print("".join(f"{app} App ({v} -> {NEWEST})\n" for app, v in state.items() if v != NEWEST), end="")
        case ["install" | "upgrade", *apps]:
            state.update(dict.fromkeys(apps or list(state), NEWEST))
        case ["uninstall", app]:
            del state[app]
        case _:
            return 64
    return 0


def gem(state: dict[str, Any], words: list[str]) -> int:
    plain = [word for word in words if not word.startswith("-")]
    name = plain[-1].strip("^$")
    version = words[words.index("--version") + 1] if "--version" in words else None
    match plain[0]:
        case "query" | "list" if "--remote" in words:
            print("" if name.startswith("missing") else f"{name} ({NEWEST})")
        case "query" | "list":
            print(f"{name} ({', '.join(state[name])})" if state.get(name) else "")
        case "install" if name.startswith("missing"):
            print(f"ERROR:  Could not find a valid gem '{name}' (>= 0) in any repository", file=sys.stderr)
            return 2
        case "install":
            state[name] = sorted({*state.get(name, []), version or NEWEST}, reverse=True)
        case "uninstall":
            state[name] = [each for each in state[name] if version and each != version]
    return 0


def npm(state: dict[str, Any], words: list[str]) -> int:
    where = state.setdefault("global" if "--global" in words else os.getcwd(), {})
    plain = [word for word in words if not word.startswith("-")]
    match plain:
        case ["list"]:
            listed = {name: {"version": version} for name, version in where.items()}
            wanted = json.loads(Path("package.json").read_text()) if Path("package.json").exists() else {}
            lacks = [name for name in wanted.get("dependencies", {}) if name not in where]
            print(json.dumps({"dependencies": {**listed, **{name: {"missing": True} for name in lacks}}}))
            return 1 if lacks else 0
        case ["outdated", *names]:
            old = {name: version for name, version in where.items() if version != NEWEST and name in (names or where)}
            if old:
                print("Package Current Wanted Latest Location")
            print("".join(f"{name} {version} {NEWEST} {NEWEST} lib\n" for name, version in old.items()), end="")
            return 1 if old else 0
        case ["update", *names]:
            where.update(dict.fromkeys(names or list(where), NEWEST))
        case ["install" | "ci"]:
            where.update(dict.fromkeys(json.loads(Path("package.json").read_text())["dependencies"], NEWEST))
        case ["install", spec]:
            name, _, version = spec[1:].partition("@")
            name = spec[0] + name
            if name.startswith("missing"):
                print(f"npm error 404 Not Found - GET {name}", file=sys.stderr)
                return 1
            where[name] = NEWEST if version in ("", "latest") else version
        case ["uninstall", name]:
            del where[name]
    return 0


def pipx(state: dict[str, Any], words: list[str]) -> int:
    plain = [word for word in words if not word.startswith("-")]
    match plain:
        case []:
            print("1.7.1")
        case ["list"]:
            venvs = {
                name: {"metadata": {
                    "main_package": {"package_version": found["version"]},
                    "injected_packages": {each: {"package_version": NEWEST} for each in found["injected"]},
                }}
                for name, found in state.items()
            }  # fmt: skip
            print(json.dumps({"pipx_spec_version": "0.1", "venvs": venvs}))
        case ["install", spec]:
            name, _, version = spec.partition("==")
            state[name] = {"version": version or NEWEST, "injected": []}
        case ["inject", name, *packages]:
            state[name]["injected"] += packages
        case ["upgrade", name]:
            state[name]["version"] = NEWEST
        case ["upgrade-all"]:
            for found in state.values():
                found["version"] = NEWEST
        case ["uninstall", name]:
            del state[name]
        case ["uninstall-all"]:
            state.clear()
        case ["reinstall", _] | ["reinstall-all"]:
            pass
        case _:
            return 2
    return 0


def crontab(state: dict[str, Any], words: list[str]) -> int:
    owner = words[words.index("-u") + 1] if "-u" in words else "me"
    if words[-1] == "-l":
        if owner not in state:
            print(f"crontab: no crontab for {owner}", file=sys.stderr)
            return 1
        print(state[owner], end="")
    else:
        state[owner] = sys.stdin.read()
    return 0


TOOLS = {"mas": mas, "gem": gem, "npm": npm, "pipx": pipx, "crontab": crontab}


def install(into: Path, state: Path, *names: str) -> None:
    """Make the stand-ins ``names`` programs in the directory ``into``."""
    for name in names:
        program = into / name
        program.unlink(missing_ok=True)
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{__file__}" "{state}" {name} "$@"\n')
        program.chmod(0o755)


def main() -> int:
    file = Path(sys.argv[1]) / f"{sys.argv[2]}.tool.json"
    state = json.loads(file.read_text()) if file.exists() else {}
    status = TOOLS[sys.argv[2]](state, sys.argv[3:])
    file.write_text(json.dumps(state))
    return status


if __name__ == "__main__":
    sys.exit(main())
