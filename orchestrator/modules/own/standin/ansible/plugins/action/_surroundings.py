"""What an action plug-in finds around itself: its task, the variables, files here, the connection's few words."""

from __future__ import annotations

import base64
import copy
import os
import posixpath
import shlex
import tempfile
from collections.abc import Iterator, MutableMapping
from types import SimpleNamespace
from typing import Any

from ..._controller import ask
from ...parsing.dataloader import Files
from ...template import Templar


def made_of(told: dict[str, Any]) -> dict[str, Any]:
    """The arguments of an ``ActionModule``, by name."""
    variables = Variables(told["variables"])
    task = Task(told["arguments"], told["task"])
    return {
        "task": task,
        "connection": Connection(told["task"]["connection"]),
        "play_context": SimpleNamespace(**told["task"]),
        "loader": Loader(),
        "templar": Templar(variables=variables),
    }


class Variables(MutableMapping[str, Any]):
    """The host's variables, rendered when one is looked at; ``changed`` are those that the plug-in set itself.

    ``path``: where it stands itself, as ``hostvars`` does and what is in there."""

    def __init__(self, names: list[str], path: tuple[str, ...] = ()) -> None:
        self._names, self._path = dict.fromkeys(names), path
        self._seen: dict[str, Any] = {}
        self.changed: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self.changed:
            return self.changed[name]
        if name not in self._names and not self._path:
            raise KeyError(name)
        if name not in self._seen:
            path = (*self._path, name)
            found = ask("variable", path=path)
            self._seen[name] = Variables(found["names"], path) if "names" in found else found["is"]
        return self._seen[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._names[name] = None
        self.changed[name] = value

    def __delitem__(self, name: str) -> None:
        del self._names[name]
        self.changed.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def copy(self) -> Variables:
        """The same variables, to be changed apart."""
        other = Variables(list(self._names), self._path)
        other._seen, other.changed = self._seen, dict(self.changed)
        return other


class Task:
    """``self._task``: its arguments and those keywords that are told."""

    def __init__(self, args: dict[str, Any], keywords: dict[str, Any]) -> None:
        vars(self).update(keywords)
        self.args, self.as_given = args, copy.deepcopy(args)

    def copy(self, *_how: Any, **_more: Any) -> Task:
        """The same task, to be changed apart."""
        other = copy.copy(self)
        other.args = copy.deepcopy(self.args)
        return other

    def get_name(self, *_how: Any) -> str:
        """What people call it."""
        return str(vars(self)["name"])


class Shell:
    """``self._connection._shell``."""

    SHELL_FAMILY = "sh"
    tmpdir: str | None = None
    join_path = staticmethod(posixpath.join)
    quote = staticmethod(shlex.quote)


class Connection:
    """``self._connection``: files to and from the node."""

    has_native_async = always_pipeline_modules = False

    def __init__(self, transport: str) -> None:
        self.transport = self._load_name = transport
        self.ansible_name = f"ansible.builtin.{transport}"
        self._shell = Shell()

    def put_file(self, in_path: str, out_path: str) -> None:
        """Bring a file of the controller to the node."""
        ask("upload", path=out_path, source=os.path.abspath(in_path))

    def fetch_file(self, in_path: str, out_path: str) -> None:
        """Bring a file of the node here."""
        ask("download", path=in_path, into=os.path.abspath(out_path))


class Loader(Files):
    """``self._loader``: files of the controller."""

    def get_basedir(self) -> str:
        """The playbook's directory."""
        return str(ask("variable", path=["playbook_dir"])["is"])

    def get_real_file(self, file_path: str, decrypt: bool = True) -> str:
        """A file with the plain content of ``file_path``: itself, unless it is a vault."""
        path = self.path_dwim(file_path)
        opened = ask("opened", path=path) if decrypt else None
        if opened is None:
            return path
        self._plain = tempfile.NamedTemporaryFile(prefix="orch-plain-")  # noqa: SIM115 – it goes with us
        self._plain.write(base64.b64decode(opened))
        self._plain.flush()
        return self._plain.name

    def cleanup_tmp_file(self, file_path: str) -> None:
        """The file goes when the plug-in ends."""
