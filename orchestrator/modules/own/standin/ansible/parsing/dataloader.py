"""``loader``: files of the controller. YAML is read, and vaults are opened, by the controller's side."""

from __future__ import annotations

import os
from typing import Any

from .._controller import ask
from ..errors import AnsibleFileNotFound
from ..module_utils.common.text.converters import to_text
from ..template import is_trusted_as_template, unmarked


class Files:
    """Names of files of the controller, and what is there."""

    def get_basedir(self) -> str:
        """Where relative paths begin."""
        return os.getcwd()

    def path_dwim(self, given: Any) -> str:
        """``given``, text or bytes, as an absolute path."""
        return os.path.normpath(os.path.join(self.get_basedir(), os.path.expanduser(to_text(given))))

    def path_exists(self, path: str) -> bool:
        """Whether there is something."""
        return os.path.exists(self.path_dwim(path))

    def is_file(self, path: str) -> bool:
        """Whether it is a file."""
        return os.path.isfile(self.path_dwim(path))

    def is_directory(self, path: str) -> bool:
        """Whether it is a directory."""
        return os.path.isdir(self.path_dwim(path))


class DataLoader(Files):
    """Ansible's ``DataLoader``, as far as plug-ins use it."""

    def load_from_file(
        self,
        file_name: str,
        cache: str = "all",
        unsafe: bool = False,
        *,
        trusted_as_template: bool = False,
        **_how: Any,
    ) -> Any:
        """What the YAML or JSON file holds; text in it is a template only where ``trusted_as_template``."""
        path = self.path_dwim(file_name)
        if not os.path.exists(path):
            raise AnsibleFileNotFound(f"Could not find or access {path!r}")
        return unmarked(ask("file", path=path), is_vouched=trusted_as_template)

    def load(self, data: str, file_name: str = "<string>", *_how: Any, **_more: Any) -> Any:
        """What the YAML or JSON text says."""
        return unmarked(ask("text", text=data, name=file_name), is_vouched=is_trusted_as_template(data))

    def find_vars_files(self, path: str, name: str, extensions: Any = None, allow_dir: bool = True) -> list[str]:
        """The files of variables for ``name`` in the directory ``path``."""
        found: list[str] = ask("vars_files", path=self.path_dwim(path), name=to_text(name))
        return found

    def list_directory(self, path: str) -> list[str]:
        """The names in a directory."""
        return os.listdir(self.path_dwim(path))
