"""Stand-in: the plug-ins of Ansible."""

from __future__ import annotations

from typing import Any


class AnsiblePlugin:
    """A plug-in with options, whose values its documentation, the configuration and its source give."""

    _load_name = ansible_name = ""

    def __init__(self) -> None:
        self._options: dict[str, Any] = getattr(self, "_options", {})

    def get_option(self, option: str, hostvars: Any = None) -> Any:
        """The value of ``option``. Raises KeyError for one that nobody documented."""
        if option not in self._options:
            raise KeyError(
                f"Requested entry (plugin: {self.ansible_name} setting: {option} ) was not defined in configuration."
            )
        return self._options[option]

    def get_options(self, hostvars: Any = None) -> dict[str, Any]:
        """All options that have a value."""
        return dict(self._options)

    def has_option(self, option: str) -> bool:
        """Whether ``option`` is documented."""
        return option in self._options

    def set_option(self, option: str, value: Any) -> None:
        """Give ``option`` another value."""
        self._options[option] = value

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: dict[str, Any] | None = None) -> None:
        """Give options the values of ``direct``."""
        self._options.update(direct or {})
