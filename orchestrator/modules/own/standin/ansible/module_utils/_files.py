"""The part of ``AnsibleModule`` that works on files: attributes, digests, backups, moves."""

from __future__ import annotations

import errno
import grp
import hashlib
import os
import pwd
import re
import shutil
import stat
import tempfile
import time
from typing import Any, NoReturn

from .common.parameters import env_fallback
from .common.text.converters import to_text

FILE_COMMON_ARGUMENTS: dict[str, Any] = {
    "mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "seuser": {"type": "str"},
    "serole": {"type": "str"},
    "selevel": {"type": "str"},
    "setype": {"type": "str"},
    "attributes": {"type": "str", "aliases": ["attr"]},
    "unsafe_writes": {"type": "bool", "default": False, "fallback": (env_fallback, ["ANSIBLE_UNSAFE_WRITES"])},
}
_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=][rwxXstugo]*)+)")
_SHIFT = {"u": 6, "g": 3, "o": 0}
_BITS = {"r": 4, "w": 2, "x": 1}


class Files:
    """Files as a module changes them: what differs, and nothing else."""

    check_mode: bool
    params: dict[str, Any]

    def fail_json(self, msg: Any, **kwargs: Any) -> NoReturn:
        """End the module; see ``AnsibleModule``."""
        raise NotImplementedError

    # ---- attributes ----------------------------------------------------------------------------------------

    def load_file_common_arguments(self, params: dict[str, Any], path: str | None = None) -> dict[str, Any]:
        """The attributes that ``params`` ask for, for the ``set_…_if_different``."""
        path = path or params.get("path") or params.get("dest")
        if path is None:
            return {}
        path = os.path.expanduser(os.path.expandvars(to_text(path)))
        if params.get("follow") and os.path.islink(path):
            path = os.path.realpath(path)
        names = ("mode", "owner", "group", "seuser", "serole", "setype", "selevel", "attributes")
        return {"path": path, **{name: params.get(name) for name in names}, "secontext": [None, None, None]}

    def set_fs_attributes_if_different(
        self, file_args: dict[str, Any], changed: bool, diff: Any = None, expand: bool = True
    ) -> bool:
        """Bring mode, owner and group about; whether anything changed."""
        path = file_args["path"]
        changed = self.set_owner_if_different(path, file_args.get("owner"), changed, diff, expand)
        changed = self.set_group_if_different(path, file_args.get("group"), changed, diff, expand)
        return self.set_mode_if_different(path, file_args.get("mode"), changed, diff, expand)

    set_file_attributes_if_different = set_fs_attributes_if_different
    set_directory_attributes_if_different = set_fs_attributes_if_different

    def set_owner_if_different(
        self, path: str, owner: Any, changed: bool, diff: Any = None, expand: bool = True
    ) -> bool:
        """Give ``path`` to ``owner``, a name or number."""
        return self._give(path, "owner", owner, changed, diff, expand)

    def set_group_if_different(
        self, path: str, group: Any, changed: bool, diff: Any = None, expand: bool = True
    ) -> bool:
        """Give ``path`` to ``group``, a name or number."""
        return self._give(path, "group", group, changed, diff, expand)

    def _give(self, path: str, what: str, wanted: Any, changed: bool, diff: Any, expand: bool) -> bool:
        if wanted is None:
            return changed
        path = _expanded(path) if expand else path
        if self.check_file_absent_if_check_mode(path):
            return True
        uid, gid = self.user_and_group(path, expand)
        before, after = (uid, self._uid(path, wanted)) if what == "owner" else (gid, self._gid(path, wanted))
        if before == after:
            return changed
        _note(diff, what, before, after)
        if not self.check_mode:
            try:
                os.lchown(path, *((after, -1) if what == "owner" else (-1, after)))
            except OSError:
                self.fail_json(path=to_text(path), msg="chown failed" if what == "owner" else "chgrp failed")
        return True

    def _uid(self, path: str, owner: Any) -> int:
        try:
            return int(owner) if str(owner).isdigit() else pwd.getpwnam(owner).pw_uid
        except KeyError:
            self.fail_json(path=to_text(path), msg=f"chown failed: failed to look up user {owner}")

    def _gid(self, path: str, group: Any) -> int:
        try:
            return int(group) if str(group).isdigit() else grp.getgrnam(group).gr_gid
        except KeyError:
            self.fail_json(path=to_text(path), msg=f"chgrp failed: failed to look up group {group}")

    def set_mode_if_different(self, path: str, mode: Any, changed: bool, diff: Any = None, expand: bool = True) -> bool:
        """Bring about ``mode``: a number, octal digits, or symbolic."""
        if mode is None:
            return changed
        path = _expanded(path) if expand else path
        if self.check_file_absent_if_check_mode(path):
            return True
        seen = os.lstat(path)
        wanted = self._wanted_mode(path, seen, mode)
        before = stat.S_IMODE(seen.st_mode)
        if before == wanted:
            return changed
        _note(diff, "mode", f"0{before:03o}", f"0{wanted:03o}")
        if self.check_mode:
            return True
        try:
            if not os.path.islink(path):
                os.chmod(path, wanted)
        except OSError as error:
            self.fail_json(path=to_text(path), msg="chmod failed", details=str(error))
        return changed or stat.S_IMODE(os.lstat(path).st_mode) != before

    def _wanted_mode(self, path: str, seen: os.stat_result, mode: Any) -> int:
        try:
            wanted = mode if isinstance(mode, int) else int(mode, 8)
        except ValueError:
            try:
                wanted = self._symbolic_mode_to_octal(seen, mode)
            except ValueError as error:
                self.fail_json(path=to_text(path), msg="mode must be in octal or symbolic form", details=str(error))
        if wanted != stat.S_IMODE(wanted):
            self.fail_json(
                path=to_text(path), msg="Invalid mode supplied, only permission info is allowed", details=mode
            )
        return wanted

    @classmethod
    def _symbolic_mode_to_octal(cls, path_stat: os.stat_result, symbolic_mode: str) -> int:
        """The bits that ``u=rw,go+X`` comes to for a file. Raises ValueError."""
        bits = stat.S_IMODE(path_stat.st_mode)
        is_directory = stat.S_ISDIR(path_stat.st_mode)
        for clause in symbolic_mode.split(","):
            found = _CLAUSE.fullmatch(clause)
            if found is None:
                raise ValueError(f"bad symbolic permission for mode: {clause}")
            for operator, letters in re.findall(r"([-+=])([rwxXstugo]*)", found[2]):
                bits = _changed(bits, found[1], operator, letters, is_directory=is_directory)
        return bits

    def check_file_absent_if_check_mode(self, file_path: Any) -> bool:
        """Whether a file that would be made by now is not there, since this is check mode."""
        return self.check_mode and not os.path.exists(file_path)

    def user_and_group(self, path: str, expand: bool = True) -> tuple[int, int]:
        """The numbers of the owner and the group of ``path``."""
        seen = os.lstat(_expanded(path) if expand else path)
        return seen.st_uid, seen.st_gid

    def add_path_info(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Add to a result what can be seen of its ``path`` or ``dest``."""
        path = kwargs.get("path", kwargs.get("dest"))
        if path is None or not os.path.exists(path):
            return kwargs
        seen = os.lstat(path)
        kwargs.update(uid=seen.st_uid, gid=seen.st_gid, mode=f"0{stat.S_IMODE(seen.st_mode):03o}", size=seen.st_size)
        kwargs["owner"] = _name(pwd.getpwuid, seen.st_uid)
        kwargs["group"] = _name(grp.getgrgid, seen.st_gid)
        kinds = (("link", os.path.islink(path)), ("directory", os.path.isdir(path)), ("hard", seen.st_nlink > 1))
        kwargs["state"] = next((kind for kind, holds in kinds if holds), "file")
        return kwargs

    # ---- SELinux: there is none ----------------------------------------------------------------------------

    def selinux_enabled(self) -> bool:
        """Never."""
        return False

    selinux_mls_enabled = selinux_enabled

    def selinux_context(self, path: str) -> list[Any]:
        """Nobody's."""
        return [None, None, None]

    def set_context_if_different(self, path: str, context: Any, changed: bool, diff: Any = None) -> bool:
        """Nothing to set."""
        return changed

    def set_attributes_if_different(
        self, path: str, attributes: Any, changed: bool, diff: Any = None, expand: bool = True
    ) -> bool:
        """chattr flags are not set."""
        return changed

    # ---- contents ------------------------------------------------------------------------------------------

    def digest_from_file(self, filename: str, algorithm: Any) -> str | None:
        """The hex digest of a file; None where there is none."""
        if not os.path.exists(filename):
            return None
        if os.path.isdir(filename):
            self.fail_json(msg=f"attempted to take checksum of directory: {filename}")
        try:
            found = algorithm if hasattr(algorithm, "hexdigest") else hashlib.new(algorithm)
        except ValueError:
            known = ", ".join(sorted(hashlib.algorithms_available))
            self.fail_json(
                msg=f"Could not hash file '{filename}' with algorithm '{algorithm}'. Available algorithms: {known}"
            )
        with open(os.path.realpath(filename), "rb") as file:
            while block := file.read(65536):
                found.update(block)
        return str(found.hexdigest())

    def md5(self, filename: str) -> str | None:
        """The MD5 of a file."""
        return self.digest_from_file(filename, "md5")

    def sha1(self, filename: str) -> str | None:
        """The SHA-1 of a file."""
        return self.digest_from_file(filename, "sha1")

    def sha256(self, filename: str) -> str | None:
        """The SHA-256 of a file."""
        return self.digest_from_file(filename, "sha256")

    def backup_local(self, fn: str) -> str:
        """Keep a copy of ``fn`` beside it, with the time in its name; returns that name."""
        if not os.path.exists(fn):
            return ""
        copy = f"{fn}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S~')}"
        if not self.check_mode:
            self.preserved_copy(fn, copy)
        return copy

    def preserved_copy(self, src: str, dest: str) -> None:
        """Copy a file with its mode, times and, where that is allowed, owner."""
        shutil.copy2(src, dest)
        seen = os.stat(src)
        try:
            os.chown(dest, seen.st_uid, seen.st_gid)
        except PermissionError:
            pass

    def cleanup(self, tmpfile: str) -> None:
        """Remove a file, if it is there."""
        try:
            os.unlink(tmpfile)
        except OSError:
            pass

    def atomic_move(self, src: str, dest: str, unsafe_writes: bool = False, keep_dest_attrs: bool = True) -> None:
        """Put ``src`` in the place of ``dest`` at once, with the mode and owner that were there."""
        is_new = not os.path.exists(dest)
        if not is_new and keep_dest_attrs:
            self._like(src, dest)
        try:
            os.rename(src, dest)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EXDEV, errno.EACCES, errno.ETXTBSY, errno.EBUSY):
                self.fail_json(msg=f"Could not replace file: {src} to {dest}: {error}")
            self._move_by_copy(src, dest, unsafe_writes)
        if is_new and keep_dest_attrs:
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(dest, 0o666 & ~umask)

    def _like(self, src: str, dest: str) -> None:
        seen = os.stat(dest)
        shutil.copymode(dest, src)
        try:
            os.chown(src, seen.st_uid, seen.st_gid)
        except PermissionError:
            pass

    def _move_by_copy(self, src: str, dest: str, unsafe_writes: bool) -> None:
        """By a file beside ``dest``, since ``src`` is on another file system; in place where that is allowed."""
        directory = os.path.dirname(os.path.abspath(dest))
        try:
            number, beside = tempfile.mkstemp(prefix=".ansible_tmp", dir=directory)
        except OSError as error:
            if not unsafe_writes:
                raise Exception(
                    f"The destination directory {directory!r} is not writable by the current user."
                ) from error
            shutil.copyfile(src, dest)
        else:
            os.close(number)
            shutil.copy2(src, beside)
            os.rename(beside, dest)
        os.unlink(src)


def _expanded(path: Any) -> str:
    return os.path.expanduser(os.path.expandvars(str(to_text(path))))


def _note(diff: Any, name: str, before: Any, after: Any) -> None:
    if diff is not None:
        diff.setdefault("before", {})[name] = before
        diff.setdefault("after", {})[name] = after


def _name(look_up: Any, number: int) -> str:
    try:
        return str(look_up(number)[0])
    except KeyError:
        return str(number)


def _changed(bits: int, users: str, operator: str, letters: str, *, is_directory: bool) -> int:
    """``bits`` after one step of a symbolic mode."""
    umask = 0
    if not users:
        umask = os.umask(0)
        os.umask(umask)
    who = "ugo" if users in ("", "a") else users.replace("a", "ugo")
    given = special = 0
    for user in dict.fromkeys(who):
        for letter in letters:
            if letter in _SHIFT:
                amount = bits >> _SHIFT[letter] & 7
            else:
                is_wanted = letter != "X" or is_directory or bits & 0o111
                amount = _BITS.get(letter.lower(), 0) if is_wanted else 0
            given |= amount << _SHIFT[user]
            if letter == "s":
                special |= {"u": stat.S_ISUID, "g": stat.S_ISGID}.get(user, 0)
            elif letter == "t":
                special |= stat.S_ISVTX
    given = given & ~umask | special
    covered = sum(7 << _SHIFT[user] for user in set(who))
    covered |= (stat.S_ISUID if "u" in who else 0) | (stat.S_ISGID if "g" in who else 0)
    if operator == "=":
        return bits & ~covered | given
    return bits | given if operator == "+" else bits & ~given
