"""
brew: a small model of Homebrew, with its state in state/brew.json.

Nothing is fetched: every name is known, except names that begin with "missing". Verbs: install, uninstall, upgrade,
list, outdated, info --json=v2, tap, untap, --prefix, --version. Texts are unrecorded; scripts should read the JSON
form and the exit status. On a real Mac brew lies in /opt/homebrew/bin, outside the PATH of an SSH command.
"""

from __future__ import annotations

import json

from orchestrator.sim.tools.base import Mac, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NEWEST = "2.0.0"


def brew(mac: Mac, argv: list[str]) -> int:
    flags = {word for word in argv if word.startswith("-")}
    verb, *names = [word for word in argv if not word.startswith("-")] or [""]
    if "--prefix" in flags and not verb:
        print("/opt/homebrew")
        return 0
    if "--version" in flags or not verb:
        print("Homebrew 5.0.0")
        return 0
    if mac.is_root:
        raise Refusal(1, "Error: Running Homebrew as root is extremely dangerous and no longer supported.")
    kind = "casks" if "--cask" in flags or "--casks" in flags else "formulae"
    with mac.change("brew") as state:
        return _act(state, verb, names, kind, flags)


def _act(state: dict[str, Any], verb: str, names: list[str], kind: str, flags: set[str]) -> int:
    installed: dict[str, str] = state[kind]
    match verb:
        case "upgrade" if not names:
            for name in [name for name, version in installed.items() if version != _NEWEST]:
                print(f"==> Upgrading {name}\n  {installed[name]} -> {_NEWEST}")
                installed[name] = _NEWEST
        case "install" | "upgrade":
            for name in names:
                _known(name, kind)
                if verb == "upgrade" and name not in installed:
                    raise Refusal(1, f"Error: {name} not installed")
                installed[name] = _NEWEST
        case "uninstall" | "remove":
            for name in names:
                if installed.pop(name, None) is None:
                    what = (
                        f"Cask '{name}' is not installed."
                        if kind == "casks"
                        else f"No such keg: /opt/homebrew/Cellar/{name}"
                    )
                    raise Refusal(1, f"Error: {what}")
        case "list" | "ls":
            return _list(installed, names, "--versions" in flags)
        case "outdated":
            print("".join(f"{name}\n" for name, version in sorted(installed.items()) if version != _NEWEST), end="")
        case "info":
            print(json.dumps(_info(state, names, kind)))
        case "tap":
            if names:
                state["taps"] = sorted({*state["taps"], names[0]})
            else:
                print("\n".join(state["taps"]))
        case "untap":
            if names[0] not in state["taps"]:
                raise Refusal(1, f"Error: No available tap {names[0]}.")
            state["taps"].remove(names[0])
        case "update" | "cleanup":
            pass
        case _:
            raise Refusal(1, f"Error: Unknown command: brew {verb}")
    return 0


def _known(name: str, kind: str) -> None:
    if name.startswith("missing"):
        what = f"Cask '{name}' is unavailable" if kind == "casks" else f'No available formula with the name "{name}"'
        raise Refusal(1, f"Error: {what}.")


def _list(installed: dict[str, str], names: list[str], versions: bool) -> int:
    for name in names or sorted(installed):
        if name not in installed:
            raise Refusal(1, f"Error: No such keg: /opt/homebrew/Cellar/{name}")
        print(f"{name} {installed[name]}" if versions else name)
    return 0


def _info(state: dict[str, Any], names: list[str], kind: str) -> dict[str, Any]:
    """The few fields of `brew info --json=v2` that scripts read."""
    found: dict[str, Any] = {"formulae": [], "casks": []}
    for name in names or [*state["formulae"], *state["casks"]]:
        version = state["formulae"].get(name)
        cask = kind == "casks" or (name in state["casks"] and version is None)
        _known(name, kind)
        if cask:
            held = state["casks"].get(name)
            found["casks"].append({"token": name, "version": _NEWEST, "installed": held,
                                   "outdated": held not in (None, _NEWEST)})  # fmt: skip
        else:
            kegs = [{"version": version}] if version else []
            found["formulae"].append({"name": name, "full_name": name, "versions": {"stable": _NEWEST},
                                      "installed": kegs, "outdated": version not in (None, _NEWEST)})  # fmt: skip
    return found
