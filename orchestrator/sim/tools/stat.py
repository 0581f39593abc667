"""
stat in its BSD form: -L, -n, -q, -t, and -f with %z %m %c %a %B %u %g %Su %Sg %p %Lp %OLp %HT %T %Y %N %i %l %d %r.

From the man page. `/dev/console` belongs to whoever is logged in, as on a real Mac. Owners are the Mac's: see
`Mac.owner`.
"""

from __future__ import annotations

import os
import re
import stat as modes
import sys
import time

from orchestrator.sim.tools.base import Mac, Refusal

_KINDS = {
    modes.S_IFREG: ("Regular File", ""), modes.S_IFDIR: ("Directory", "/"), modes.S_IFLNK: ("Symbolic Link", "@"),
    modes.S_IFIFO: ("Fifo File", "|"), modes.S_IFSOCK: ("Socket", "="), modes.S_IFCHR: ("Character Device", ""),
    modes.S_IFBLK: ("Block Device", ""),
}  # fmt: skip
_FIELD = re.compile(r"%([-+0 #]*\d*(?:\.\d+)?)([DOUXFS]?)([HLM]?)([dipluGgramcBzbkfvNTYZnt%@]|[su])")
_DEFAULT = '%d %i %Sp %l %Su %Sg %r %z "%Sa" "%Sm" "%Sc" "%SB" %k %b %f %N'


def stat_(mac: Mac, argv: list[str]) -> int:
    follow, newline, quiet, layout, stamp, files = False, True, False, _DEFAULT, "%b %e %H:%M:%S %Y", []
    words = list(argv)
    while words and words[0].startswith("-") and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            break
        for place, letter in enumerate(word[1:], start=1):
            if letter in "ft":
                value = word[place + 1 :] or (words.pop(0) if words else "")
                layout, stamp = (value, stamp) if letter == "f" else (layout, value)
                break
            follow, newline, quiet = follow or letter == "L", newline and letter != "n", quiet or letter == "q"
            if letter not in "Lnq":
                raise Refusal(
                    1,
                    f"stat: illegal option -- {letter}\nusage: stat [-FLnq] [-f format] [-t timefmt] [file ...]",
                )
    files, status = words, 0
    for file in files:
        try:
            info = os.stat(file) if follow else os.lstat(file)
        except OSError as error:
            status = 1
            if not quiet:
                sys.stdout.flush()
                sys.stderr.write(f"stat: {file}: {'stat' if follow else 'lstat'}: {error.strerror}\n")
            continue
        sys.stdout.write(_line(mac, layout, stamp, file, info, follow) + ("\n" if newline else ""))
    return status


def _line(mac: Mac, layout: str, stamp: str, file: str, info: os.stat_result, follow: bool) -> str:
    def field(match: re.Match[str]) -> str:
        width, output, part, letter = match.groups()
        if letter in "nt%@":
            return {"n": "\n", "t": "\t", "%": "%", "@": "1"}[letter]
        return f"%{width}s" % _value(mac, output, part, letter, stamp, file, info, follow)

    return _FIELD.sub(field, layout)


def _value(
    mac: Mac, output: str, part: str, letter: str, stamp: str, file: str, info: os.stat_result, follow: bool
) -> str:
    uid, gid = _owner(mac, file, info, follow)
    kind, suffix = _KINDS.get(modes.S_IFMT(info.st_mode), ("???", ""))
    match letter:
        case "u":
            return mac.users().get(uid, str(uid)) if output == "S" else str(uid)
        case "g":
            return mac.groups().get(gid, str(gid)) if output == "S" else str(gid)
        case "p":
            return _mode(info.st_mode, output, part)
        case "a" | "m" | "c" | "B":
            moment = {"a": info.st_atime, "m": info.st_mtime, "c": info.st_ctime, "B": info.st_mtime}[letter]
            if output == "F":
                return f"{moment:.9f}"
            return time.strftime(stamp, time.localtime(moment)) if output == "S" else str(int(moment))
        case "T":
            if part == "H":
                return kind
            executable = kind == "Regular File" and info.st_mode & 0o111
            return "*" if executable else suffix
        case "Y":
            target = os.readlink(file) if modes.S_ISLNK(info.st_mode) else ""
            return f" -> {target}" if output == "S" and target else target
        case "N":
            return file
    numbers = {"z": info.st_size, "i": info.st_ino, "l": info.st_nlink, "d": info.st_dev, "r": info.st_rdev,
               "b": info.st_blocks, "k": info.st_blksize, "f": 0, "v": 0}  # fmt: skip
    return str(numbers.get(letter, 0))


def _mode(mode: int, output: str, part: str) -> str:
    if output == "S":
        return modes.filemode(mode)
    value = {"L": mode & 0o777, "M": mode >> 9 & 0o7, "H": mode >> 12, "": mode}[part]
    return f"{value:o}"


def _owner(mac: Mac, file: str, info: os.stat_result, follow: bool) -> tuple[int, int]:
    if file == "/dev/console":
        return (0 if mac.faults()["no_gui"] else int(mac.facts["uid"])), 0
    if not follow and modes.S_ISLNK(info.st_mode):
        return int(mac.facts["uid"]) if info.st_uid == os.geteuid() else info.st_uid, 20
    return mac.owner(file, info.st_uid, info.st_gid)
