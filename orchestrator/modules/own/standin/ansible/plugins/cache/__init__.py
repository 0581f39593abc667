"""The bases of cache plug-ins. A key is a word, a value a mapping that JSON can have."""

from __future__ import annotations

import os
import time
from typing import Any

from ...errors import AnsibleError
from .. import AnsiblePlugin


class BaseCacheModule(AnsiblePlugin):
    """What a ``CacheModule`` derives from."""

    def __init__(self, *_args: Any, **direct: Any) -> None:
        super().__init__()
        self.set_options(direct=direct)


class BaseFileCacheModule(BaseCacheModule):
    """One that keeps each value in a file of the directory ``_uri``; its own are ``_load`` and ``_dump``."""

    def __init__(self, *args: Any, **direct: Any) -> None:
        super().__init__(*args, **direct)
        told = self.get_options().get("_uri")
        if not told:
            name = self.ansible_name
            raise AnsibleError(
                f"error, {name!r} cache plugin requires the 'fact_caching_connection' config option to be set"
            )
        self._cache_dir = os.path.expanduser(os.path.expandvars(str(told)))
        self._timeout = float(self.get_option("_timeout"))
        self._cache: dict[str, Any] = {}
        os.makedirs(self._cache_dir, exist_ok=True)

    def _get_cache_file_name(self, key: str) -> str:
        return os.path.join(self._cache_dir, f"{self.get_options().get('_prefix') or ''}{key}")

    def get(self, key: str) -> Any:
        """The value. Raises KeyError where there is none, or it is too old."""
        if key not in self._cache:
            path = self._get_cache_file_name(key)
            if not key or self.has_expired(key):
                raise KeyError(key)
            try:
                self._cache[key] = self._load(path)
            except FileNotFoundError:
                raise KeyError(key) from None
            except Exception as error:
                raise AnsibleError(f"Error while accessing the cache file {path!r}") from error
        return self._cache[key]

    def set(self, key: str, value: Any) -> None:
        """Keep the value."""
        self._cache[key] = value
        self._dump(value, self._get_cache_file_name(key))

    def has_expired(self, key: str) -> bool:
        """Whether the value is too old."""
        path = self._get_cache_file_name(key)
        return bool(self._timeout) and os.path.exists(path) and time.time() - os.stat(path).st_mtime > self._timeout

    def keys(self) -> list[str]:
        """The keys whose values are not too old."""
        prefix = str(self.get_options().get("_prefix") or "")
        names = (name for name in os.listdir(self._cache_dir) if name.startswith(prefix) and not name.startswith("."))
        return [key for key in (name[len(prefix) :] for name in names) if not self.has_expired(key)]

    def contains(self, key: str) -> bool:
        """Whether there is a value that is not too old."""
        return key in self._cache or (os.path.exists(self._get_cache_file_name(key)) and not self.has_expired(key))

    def delete(self, key: str) -> None:
        """Drop the value."""
        self._cache.pop(key, None)
        if os.path.exists(path := self._get_cache_file_name(key)):
            os.remove(path)

    def flush(self) -> None:
        """Drop all values."""
        for key in self.keys():
            self.delete(key)

    def _load(self, filepath: str) -> Any:
        raise NotImplementedError

    def _dump(self, value: Any, filepath: str) -> None:
        raise NotImplementedError
