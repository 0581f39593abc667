"""
Users and groups: id, whoami, dscl, dseditgroup, sysadminctl.

Recorded: dscl's answer for a group's members, the error of an unknown record (exit 56), the form of id.
Unrecorded: dscl's list and search layout, dseditgroup's and sysadminctl's texts.
"""

from __future__ import annotations

import sys

from orchestrator.sim.tools.base import Mac, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KINDS = {"/Users": "users", "/Groups": "groups"}


def whoami(mac: Mac, argv: list[str]) -> int:
    print(mac.users()[mac.uid])
    return 0


def id_(mac: Mac, argv: list[str]) -> int:
    names = [word for word in argv if not word.startswith("-")]
    letters = "".join(word[1:] for word in argv if word.startswith("-"))
    accounts = mac.read("accounts")
    name = names[0] if names else mac.users()[mac.uid]
    if name not in accounts["users"]:
        raise Refusal(1, f"id: {name}: no such user")
    row = accounts["users"][name]
    gids = _gids(accounts, name, row)
    known = mac.groups()
    if "u" in letters:
        print(name if "n" in letters else row["UniqueID"])
    elif "G" in letters:
        print(" ".join(known.get(gid, str(gid)) if "n" in letters else str(gid) for gid in gids))
    elif "g" in letters:
        print(known.get(gids[0], str(gids[0])) if "n" in letters else gids[0])
    else:
        groups = ",".join(f"{gid}({known.get(gid, gid)})" for gid in gids)
        print(f"uid={row['UniqueID']}({name}) gid={gids[0]}({known.get(gids[0], gids[0])}) groups={groups}")
    return 0


def _gids(accounts: dict[str, Any], name: str, row: dict[str, str]) -> list[int]:
    """The primary group first, then the others."""
    first = int(row["PrimaryGroupID"])
    rows = accounts["groups"].values()
    others = {int(group["PrimaryGroupID"]) for group in rows if name in group["GroupMembership"]}
    everyone = {12}
    return [first, *sorted((others | everyone) - {first})]


def dscl(mac: Mac, argv: list[str]) -> int:
    words = [word for word in argv if word not in ("-plist", "-q", "-raw", "-url")]
    match words[1:] if words and not words[0].startswith("-") else words:
        case [("-read" | "read"), path, *keys]:
            _read(mac, path, keys)
        case [("-list" | "list"), path, *keys]:
            for name, row in sorted(_rows(mac, path).items()):
                print(f"{name:<24} {_text(row.get(keys[0], ''))}" if keys else name)
        case [("-search" | "search"), path, key, value]:
            for name, row in sorted(_rows(mac, path).items()):
                if value in _text(row.get(key, "")).split(" "):
                    print(f"{name}\t\t{key} = (\n    {_text(row[key])}\n)")
        case [("-create" | "-append" | "-delete" | "create" | "append" | "delete") as verb, path, *rest]:
            _edit(mac, verb.lstrip("-"), path, rest)
        case _:
            raise Refusal(64, "dscl: this command is not simulated")
    return 0


def _rows(mac: Mac, path: str) -> dict[str, Any]:
    kind = _KINDS.get(path.rstrip("/"))
    if kind is None:
        raise Refusal(181, "<dscl_cmd> DS Error: -14009 (eDSUnknownNodeName)")
    rows: dict[str, Any] = mac.read("accounts")[kind]
    return rows


def _missing() -> Refusal:
    return Refusal(56, "<dscl_cmd> DS Error: -14136 (eDSRecordNotFound)")


def _text(value: str | list[str]) -> str:
    return " ".join(value) if isinstance(value, list) else value


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rstrip("/").rpartition("/")
    return folder, name


def _read(mac: Mac, path: str, keys: list[str]) -> None:
    folder, name = _split(path)
    row = _rows(mac, folder).get(name)
    if row is None:
        raise _missing()
    for key in keys or sorted(row):
        if key not in row:
            print(f"No such key: {key}")
        elif " " in _text(row[key]) and not isinstance(row[key], list):
            print(f"{key}:\n {row[key]}")
        else:
            print(f"{key}: {_text(row[key])}")


def _edit(mac: Mac, verb: str, path: str, rest: list[str]) -> None:
    if not mac.is_root:
        raise Refusal(
            1, "<main> attribute status: eDSPermissionError\n<dscl_cmd> DS Error: -14120 (eDSPermissionError)"
        )
    folder, name = _split(path)
    _rows(mac, folder)
    with mac.change("accounts") as accounts:
        rows = accounts[_KINDS[folder]]
        if verb == "create":
            blank = {"PrimaryGroupID": "600", "GroupMembership": []} if folder == "/Groups" else {
                "UniqueID": "600", "PrimaryGroupID": "20", "UserShell": "/bin/zsh", "NFSHomeDirectory": "/var/empty",
            }  # fmt: skip
            rows.setdefault(name, blank)
            if len(rest) > 1:
                rows[name][rest[0]] = rest[1:] if rest[0] == "GroupMembership" else " ".join(rest[1:])
            return
        if name not in rows:
            raise _missing()
        if verb == "append":
            rows[name].setdefault(rest[0], []).extend(rest[1:])
        elif not rest:
            del rows[name]
        elif len(rest) == 1:
            rows[name].pop(rest[0], None)
        else:
            rows[name][rest[0]] = [item for item in rows[name][rest[0]] if item not in rest[1:]]


def dseditgroup(mac: Mac, argv: list[str]) -> int:
    """-o checkmember -m USER GROUP, -o edit -a|-d USER -t user GROUP, -o read GROUP."""
    options = {
        argv[at]: argv[at + 1] for at in range(len(argv) - 1) if argv[at] in ("-o", "-m", "-a", "-d", "-t", "-n")
    }
    group = argv[-1]
    if group not in mac.read("accounts")["groups"]:
        raise Refusal(64, "Group not found.")
    verb = options.get("-o", "read")
    members = mac.read("accounts")["groups"][group]["GroupMembership"]
    if verb == "checkmember":
        user = options.get("-m", mac.users()[mac.uid])
        word = "yes" if user in members else "no"
        print(f"{word} {user} {'is' if user in members else 'is NOT'} a member of {group}")
        return 0 if user in members else 67
    if verb == "edit":
        if not mac.is_root:
            raise Refusal(77, "You do not have the proper permissions to edit this group.")
        with mac.change("accounts") as accounts:
            now = accounts["groups"][group]["GroupMembership"]
            if "-a" in options and options["-a"] not in now:
                now.append(options["-a"])
            if options.get("-d") in now:
                now.remove(options["-d"])
        return 0
    print("dsAttrTypeStandard:GroupMembership -\n" + "".join(f"\t\t{name}\n" for name in members), end="")
    return 0


def sysadminctl(mac: Mac, argv: list[str]) -> int:
    """-screenLock status and -secureTokenStatus, whose answers go to stderr; every other verb is refused."""
    if argv[:2] == ["-screenLock", "status"]:
        sys.stderr.write(f"sysadminctl[{mac.facts['uid']}:1] screenLock is off\n")
        return 0
    if argv[:1] == ["-secureTokenStatus"] and len(argv) == 2:
        sys.stderr.write(f"sysadminctl[{mac.facts['uid']}:1] Secure token is ENABLED for user {argv[1]}\n")
        return 0
    raise Refusal(1, "sysadminctl: this verb is not simulated")
