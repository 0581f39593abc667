"""``AnsibleModule``: what nearly every module in Python is built on."""

from __future__ import annotations

import atexit
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from typing import Any, NoReturn

from ._commands import Commands
from ._files import FILE_COMMON_ARGUMENTS, Files
from ._told import ARGUMENTS
from .common.arg_spec import ArgumentSpecValidator
from .common.file import is_executable
from .common.parameters import env_fallback, no_log_values, remove_values, sanitize_keys
from .common.process import get_bin_path
from .common.sys_info import get_distribution, get_distribution_version, get_platform_subclass
from .common.text.converters import jsonify, to_bytes, to_native, to_text
from .common.text.formatters import bytes_to_human, human_to_bytes
from .common.validation import check_missing_parameters
from .common.warnings import deprecate, get_deprecation_messages, get_warning_messages, warn
from .parsing.convert_bool import BOOLEANS, BOOLEANS_FALSE, BOOLEANS_TRUE, boolean
from .six import PY2, PY3, binary_type, integer_types, iteritems, string_types, text_type

_UNSET = object()
_PASSWORD = re.compile(r"(?:.+[-_\s])?pass(?:[-_\s]?(?:word|phrase|wrd|wd)?)(?:[-_\s].+)?", re.IGNORECASE)


def _load_params() -> dict[str, Any]:
    """The arguments as given."""
    return dict(ARGUMENTS)


def get_platform() -> str:
    """The system's name: ``Darwin``, ``Linux`` …"""
    return platform.system()


def load_platform_subclass(cls: Any, *args: Any, **more: Any) -> Any:
    """A new object of the class below ``cls`` that is for this system."""
    return super(cls, cls).__new__(get_platform_subclass(cls))


def get_module_path() -> str:
    """The directory of this very file."""
    return os.path.dirname(os.path.realpath(__file__))


def missing_required_lib(library: str, reason: str | None = None, url: str | None = None) -> str:
    """The message for a Python library that is not there."""
    said = f"Failed to import the required Python library ({library}) on {os.uname()[1]}'s Python {sys.executable}."
    said += f" This is required {reason}." if reason else ""
    said += f" See {url} for more info." if url else ""
    return (
        said
        + " Please read the module documentation and install it in the appropriate location. If the required library"
        " is installed, but Ansible is using the wrong Python interpreter, please consult the documentation on"
        " ansible_python_interpreter"
    )


class AnsibleModule(Files, Commands):
    """The module at work: its arguments checked, as ``params``, and ways to end it."""

    def __init__(
        self,
        argument_spec: dict[str, Any],
        bypass_checks: bool = False,
        no_log: bool = False,
        mutually_exclusive: Any = None,
        required_together: Any = None,
        required_one_of: Any = None,
        add_file_common_args: bool = False,
        supports_check_mode: bool = False,
        required_if: Any = None,
        required_by: Any = None,
    ) -> None:
        self.argument_spec = argument_spec
        if add_file_common_args:
            for name, rule in FILE_COMMON_ARGUMENTS.items():
                argument_spec.setdefault(name, rule)
        self.supports_check_mode = supports_check_mode
        self.mutually_exclusive, self.required_together = mutually_exclusive, required_together
        self.required_one_of, self.required_if, self.required_by = required_one_of, required_if, required_by
        self.bypass_checks = bypass_checks
        self.no_log = no_log
        self.cleanup_files: list[str] = []
        self.run_command_environ_update: dict[str, str] = {}
        self.no_log_values: set[str] = set()
        self.aliases: dict[str, str] = {}
        self._tmpdir: str | None = None
        self.params: dict[str, Any] = _load_params()
        self._take_what_is_told()
        self._check(argument_spec)
        if self.check_mode and not supports_check_mode:
            self.exit_json(skipped=True, msg=f"remote module ({self._name}) does not support check mode")
        self._leave_lost_directory()

    def _take_what_is_told(self) -> None:
        """What Ansible tells beside the arguments; it is none of them."""
        told = {name: self.params.pop(name) for name in list(self.params) if name.startswith("_ansible_")}
        self._name = str(told.get("_ansible_module_name", "module"))
        self.check_mode = boolean(told.get("_ansible_check_mode", False))
        self._diff = boolean(told.get("_ansible_diff", False))
        self._debug = boolean(told.get("_ansible_debug", False))
        self._verbosity = int(told.get("_ansible_verbosity", 0))
        self._shell = told.get("_ansible_shell_executable")
        self._remote_tmp = told.get("_ansible_remote_tmp")
        self._socket_path = told.get("_ansible_socket")
        self.ansible_version = str(told.get("_ansible_version", ""))
        self.no_log = self.no_log or boolean(told.get("_ansible_no_log", False))

    def _check(self, spec: dict[str, Any]) -> None:
        validator = ArgumentSpecValidator(
            spec,
            self.mutually_exclusive,
            self.required_together,
            self.required_one_of,
            self.required_if,
            self.required_by,
        )
        result = self.validation_result = validator.validate(self.params)
        self.params.update(result.validated_parameters)
        self.no_log_values |= result.no_log_values
        self.aliases.update(result.aliases)
        for name in self.params:
            rule = spec.get(self.aliases.get(name, name), {})
            if rule.get("no_log") is None and _sounds_secret(name):
                self.warn(f"Module did not set no_log for {name}")
        if result.error_messages:
            message = result.error_messages[0]
            is_unknown = message == result.unsupported_message
            prefix = f"Unsupported parameters for ({self._name}) module: " if is_unknown else ""
            self.fail_json(msg=prefix + message)

    def _leave_lost_directory(self) -> None:
        """A module works somewhere, also where the directory that it began in is gone."""
        try:
            os.listdir(os.getcwd())
        except OSError:
            os.chdir(self.tmpdir)

    @property
    def tmpdir(self) -> str:
        """A directory of the module's own, which goes with it."""
        if self._tmpdir is None:
            self._tmpdir = tempfile.mkdtemp(prefix="ansible-moduletmp-")
            atexit.register(shutil.rmtree, self._tmpdir, ignore_errors=True)
        return self._tmpdir

    # ---- talk ----------------------------------------------------------------------------------------------

    def warn(self, warning: str, *, help_text: str | None = None) -> None:
        """Warn people of something that stops nothing."""
        warn(warning, help_text=help_text)

    def error_as_warning(self, msg: str | None, exception: BaseException, *, help_text: str | None = None) -> None:
        """Warn people of ``exception``."""
        warn(": ".join(filter(None, (msg, str(exception)))), help_text=help_text)

    def deprecate(
        self, msg: str, version: str | None = None, date: Any = None, collection_name: str | None = None, **more: Any
    ) -> None:
        """Tell people that something will go away."""
        deprecate(msg, version, date, collection_name, **more)

    def debug(self, msg: Any) -> None:
        """Details for developers: not kept."""

    def log(self, msg: Any, log_args: Any = None) -> None:
        """Lines for the system's log: not written, since a run has a journal of its own."""

    # ---- ends ----------------------------------------------------------------------------------------------

    def exit_json(self, **kwargs: Any) -> NoReturn:
        """End the module with its result."""
        self._end(kwargs)
        sys.exit(0)

    def fail_json(self, msg: Any, *, exception: Any = _UNSET, **kwargs: Any) -> NoReturn:
        """End the module as failed, because of ``msg``."""
        kwargs.update(failed=True, msg=str(msg))
        if isinstance(exception, str):
            kwargs["exception"] = exception
        self._end(kwargs)
        sys.exit(1)

    def _end(self, said: dict[str, Any]) -> None:
        for path in self.cleanup_files:
            self.cleanup(path)
        self.add_path_info(said)
        said.setdefault("invocation", {"module_args": self.params})
        warnings = said.pop("warnings", [])
        for each in [warnings] if isinstance(warnings, str) else warnings or []:
            self.warn(each)
        deprecations = said.pop("deprecations", [])
        for each in [deprecations] if isinstance(deprecations, str) else deprecations or []:
            self._deprecate_as_written(each)
        for name, found in (("warnings", get_warning_messages()), ("deprecations", get_deprecation_messages())):
            if found:
                said[name] = list(found)
        print(f"\n{json.dumps(remove_values(said, self.no_log_values), default=_plain)}")

    def _deprecate_as_written(self, written: Any) -> None:
        if isinstance(written, Mapping):
            self.deprecate(**{str(name): value for name, value in written.items()})
        elif isinstance(written, (list, tuple)) and len(written) == 2:
            self.deprecate(written[0], written[1])
        else:
            self.deprecate(str(written))

    # ---- small services ------------------------------------------------------------------------------------

    def get_bin_path(self, arg: str, required: bool = False, opt_dirs: Any = None) -> str | None:
        """The path of a program; None where there is none, or the end of the module if it is ``required``."""
        try:
            return get_bin_path(arg, opt_dirs)
        except ValueError as error:
            if required:
                self.fail_json(msg=str(error))
            return None

    def boolean(self, arg: Any) -> bool | None:
        """``arg`` as a boolean; see ``boolean``."""
        if arg is None:
            return None
        try:
            return boolean(arg)
        except TypeError as error:
            self.fail_json(msg=str(error))

    def fail_on_missing_params(self, required_params: Any = None) -> None:
        """End the module unless all of these have values."""
        try:
            check_missing_parameters(self.params, required_params)
        except TypeError as error:
            self.fail_json(msg=str(error))

    def jsonify(self, data: Any) -> str:
        """``data`` as JSON."""
        return jsonify(data)

    def from_json(self, data: Any) -> Any:
        """The value that JSON tells."""
        return json.loads(data)

    def add_cleanup_file(self, path: str) -> None:
        """Have ``path`` removed at the end."""
        if path not in self.cleanup_files:
            self.cleanup_files.append(path)

    def human_to_bytes(self, number: Any, isbits: bool = False) -> int:
        """The bytes that ``1K`` means."""
        return human_to_bytes(number, isbits=isbits)

    def bytes_to_human(self, size: float) -> str:
        """``size`` as people read it."""
        return bytes_to_human(size)


def _sounds_secret(name: str) -> bool:
    """Whether an option of this name seems to hold a password, so that its author has to say whether it does."""
    return _PASSWORD.fullmatch(name) is not None


def _plain(value: Any) -> Any:
    from .common.text.converters import plain

    return plain(value)


__all__ = [
    "BOOLEANS", "BOOLEANS_FALSE", "BOOLEANS_TRUE", "FILE_COMMON_ARGUMENTS", "PY2", "PY3", "AnsibleModule",
    "binary_type", "boolean", "env_fallback", "get_bin_path", "get_distribution", "get_distribution_version",
    "get_platform", "get_platform_subclass", "integer_types", "is_executable", "iteritems", "jsonify",
    "missing_required_lib", "no_log_values", "remove_values", "sanitize_keys", "string_types", "text_type",
    "to_bytes", "to_native", "to_text",
]  # fmt: skip
