"""Facts that outlive a run: the fact cache ``jsonfile`` of ansible-core 2.19, read and written in its own form.

A host's facts stand in the file PREFIXs1_HOST as ``{"__payload__": JSON}``; in there Ansible wraps what a person wrote
as ``{"__ansible_type": "_AnsibleTagged…", "value": …, "tags": […]}`` (its ``_json/_profiles/_cache_persistence.py``).
What is read is never a template. Files are for their owner alone; what came out of a vault is not written.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.model.errors import ConfigError
from orchestrator.model.place import Place
from orchestrator.planning.sealed import Opened

PAYLOAD, SCHEMA = "__payload__", "s1_"


class FactCache:
    """The facts of hosts in the files of ``directory``. ``timeout_s``: how long they count; 0 for ever."""

    def __init__(self, directory: str, prefix: str = "", timeout_s: float = 86400) -> None:
        self.directory = Path(directory)
        self.prefix = f"{prefix}{SCHEMA}"
        self.timeout_s = timeout_s
        self._held: dict[str, dict[str, Any]] = {}

    def prepare(self) -> None:
        """Make the directory. Raises ConfigError where there can be none to read and write in."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            raise ConfigError(f"the fact cache {self.directory} cannot be made: {cause.strerror}") from cause
        if not os.access(self.directory, os.R_OK | os.W_OK | os.X_OK):
            raise ConfigError(f"the fact cache {self.directory} is not ours to read and write")

    def facts(self, host: str) -> dict[str, Any]:
        """What is known of ``host`` by full names; nothing where that is too old. Raises ConfigError for a file that
        holds no facts; it is removed, as Ansible does."""
        if host not in self._held:
            self._held[host] = self._read(host)
        return self._held[host]

    def add(self, host: str, facts: Mapping[str, Any]) -> None:
        """Know ``facts`` of ``host`` beside what is known, and write all down."""
        self.facts(host).update(facts)
        payload = json.dumps({k: v for k, v in self._held[host].items() if not _holds_secret(v)}, default=str)
        self._write(host, {PAYLOAD: payload})

    def forget(self, host: str) -> None:
        """Nothing is known of ``host`` any more (``meta: clear_facts``)."""
        self._held.pop(host, None)
        self._file(host).unlink(missing_ok=True)

    def flush(self) -> None:
        """Nothing is known of any host any more (``--flush-cache``)."""
        for file in self.directory.glob(f"{self.prefix}*"):
            file.unlink(missing_ok=True)

    def _file(self, host: str) -> Path:
        return self.directory / f"{self.prefix}{host}"

    def _write(self, host: str, kept: Mapping[str, str]) -> None:
        number, path = tempfile.mkstemp(dir=self.directory)
        with open(number, "w", encoding="utf-8") as file:
            json.dump(kept, file)
        os.replace(path, self._file(host))

    def _read(self, host: str) -> dict[str, Any]:
        file = self._file(host)
        try:
            if self.timeout_s and time.time() - file.stat().st_mtime > self.timeout_s:
                return {}
            return known(json.loads(file.read_text("utf-8")))
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError) as cause:
            file.unlink(missing_ok=True)
            hint = "it has been removed: run the command again"
            raise ConfigError("the file of the fact cache holds no facts", place=Place(str(file)), hint=hint) from cause


def known(kept: Mapping[str, str]) -> dict[str, Any]:
    """The facts in what is kept of one host. Raises KeyError, TypeError or ValueError where there are none."""
    return dict(json.loads(kept[PAYLOAD], object_hook=_untagged))


def _untagged(value: dict[str, Any]) -> Any:
    """A value without what Ansible knows about it."""
    return value["value"] if str(value.get("__ansible_type", "")).startswith("_AnsibleTagged") else value


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_secret, value.values()))
    return any(map(_holds_secret, value)) if isinstance(value, list | tuple) else isinstance(value, Opened)
