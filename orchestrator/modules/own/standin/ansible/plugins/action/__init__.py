"""``ActionBase``: what action plug-ins are built on. All that they do to a node goes through our own modules.

``ansible.plugins.action.NAME`` (``normal``, ``copy``, ``template`` …) is an action that hands its task on to our
module.
"""

from __future__ import annotations

import base64
import importlib
import shlex
import sys
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType
from typing import Any

from ..._controller import ask
from ...errors import AnsibleActionFail, AnsibleActionSkip
from ...module_utils.common.arg_spec import ArgumentSpecValidator
from ...module_utils.common.text.converters import to_bytes, to_text
from ...utils.display import Display


class ActionBase:
    """What an ``ActionModule`` derives from."""

    _VALID_ARGS: frozenset[str] = frozenset()
    BYPASS_HOST_LOOP = TRANSFERS_FILES = False
    _requires_connection = _supports_check_mode = True
    _supports_async = supports_raw_params = False

    def __init__(
        self, task: Any, connection: Any, play_context: Any, loader: Any, templar: Any, shared_loader_obj: Any = None
    ) -> None:
        self._task, self._connection, self._play_context = task, connection, play_context
        self._loader, self._templar = loader, templar
        self._shared_loader_obj: Any = importlib.import_module("ansible.plugins.loader")
        self._display = Display()

    def run(self, tmp: str | None = None, task_vars: Any = None) -> dict[str, Any]:
        """What every plug-in's own ``run`` begins with: whether it can do what is asked."""
        if self._task.async_val and not self._supports_async:
            raise AnsibleActionFail(f"This action ({self._task.action}) does not support async.")
        if self._task.check_mode and not self._supports_check_mode:
            raise AnsibleActionSkip(f"This action ({self._task.action}) does not support check mode.")
        unknown = set(self._task.args) - self._VALID_ARGS if self._VALID_ARGS else ()
        if unknown:
            raise AnsibleActionFail(f"Invalid options for {self._task.action}: {','.join(unknown)}")
        return {}

    def cleanup(self, force: bool = False) -> None:
        """Leave nothing on the node."""
        self._remove_tmp_path(self._connection._shell.tmpdir)

    def validate_argument_spec(self, argument_spec: Any = None, **rules: Any) -> tuple[Any, dict[str, Any]]:
        """The task's arguments by ``argument_spec``: how the check went, and all values."""
        checked = ArgumentSpecValidator(argument_spec or {}, **rules).validate(dict(self._task.args))
        if checked.error_messages:
            message = checked.error_messages[0]
            is_unknown = message == checked.unsupported_message
            prefix = f"Unsupported parameters for ({self._task.action}) module: " if is_unknown else ""
            raise AnsibleActionFail(prefix + message)
        return checked, {**self._task.args, **checked.validated_parameters}

    # ---- on the node ---------------------------------------------------------------------------------------

    def _execute_module(
        self, module_name: str | None = None, module_args: Any = None, *_old: Any, **_more: Any
    ) -> dict[str, Any]:
        name = module_name or self._task.action
        args = dict(self._task.args if module_args is None else module_args)
        short = name.rpartition(".")[2]
        if short in ("copy", "unarchive") and "src" in args:
            args["remote_src"] = True  # the modules alone know files of the node only
        if short == "command" and args.pop("_uses_shell", False):
            name = "ansible.builtin.shell"
        return self._module(name, args)

    def _module(self, name: str, args: dict[str, Any] | None, check: bool | None = None) -> dict[str, Any]:
        """What our module came to; no ``args`` are those of the task, as its author wrote them."""
        wanted = self._task.check_mode if check is None else check
        result: dict[str, Any] = ask("module", name=name, arguments=args, check=bool(wanted))
        return result

    def _low_level_execute_command(
        self,
        cmd: str,
        sudoable: bool = True,
        in_data: Any = None,
        executable: str | None = None,
        encoding_errors: str = "",
        chdir: str | None = None,
    ) -> dict[str, Any]:
        args = {"_raw_params": cmd, "executable": executable, "chdir": chdir, "strip_empty_ends": False}
        if in_data is not None:
            args.update(stdin=to_text(in_data), stdin_add_newline=False)
        given = {name: value for name, value in args.items() if value is not None}
        said = self._module("ansible.builtin.shell", given, check=False)
        if "rc" not in said:  # it did not come to the command
            raise AnsibleActionFail(said.get("msg", ""), result=said)
        return {name: said[name] for name in ("rc", "stdout", "stdout_lines", "stderr", "stderr_lines")}

    def _make_tmp_path(self, remote_user: str | None = None) -> str:
        made = self._low_level_execute_command('umask 77 && mktemp -d "${TMPDIR:-/tmp}/ansible-tmp-XXXXXXXXXX"')
        if made["rc"]:
            raise AnsibleActionFail(f"no temporary directory: {made['stderr']}")
        self._connection._shell.tmpdir = made["stdout"].strip()
        return str(self._connection._shell.tmpdir)

    def _remove_tmp_path(self, tmp_path: str | None, force: bool = False) -> None:
        if tmp_path and "ansible-tmp-" in tmp_path:
            self._low_level_execute_command(f"rm -rf {shlex.quote(tmp_path)}")
            self._connection._shell.tmpdir = None

    def _transfer_file(self, local_path: str, remote_path: str) -> str:
        self._connection.put_file(local_path, remote_path)
        return remote_path

    def _transfer_data(self, remote_path: str, data: Any) -> str:
        ask("upload", path=remote_path, content=base64.b64encode(to_bytes(data)).decode())
        return remote_path

    def _fixup_perms2(self, remote_paths: list[str], remote_user: str | None = None, execute: bool = True) -> list[str]:
        if execute and remote_paths:
            self._low_level_execute_command(f"chmod u+x {shlex.join(remote_paths)}")
        return remote_paths

    def _remote_expand_user(self, path: str, sudoable: bool = True, pathsep: str | None = None) -> str:
        home, slash, rest = path.partition("/")
        if not home.startswith("~") or (shlex.quote(home[1:]) != home[1:] and home != "~"):
            return path
        return str(self._low_level_execute_command(f"echo {home}")["stdout"].strip() + slash + rest)

    def _remote_file_exists(self, path: str) -> bool:
        return bool(self._low_level_execute_command(f"test -e {shlex.quote(path)}")["rc"] == 0)

    def _execute_remote_stat(
        self, path: str, all_vars: Any, follow: bool, tmp: Any = None, checksum: bool = True
    ) -> Any:
        said = self._module(
            "ansible.builtin.stat", {"path": path, "follow": follow, "get_checksum": checksum}, check=False
        )
        if said.get("failed"):
            raise AnsibleActionFail(said.get("msg", ""), result=said)
        return {**said["stat"], "checksum": said["stat"].get("checksum", "" if said["stat"]["exists"] else "1")}

    # ---- here ----------------------------------------------------------------------------------------------

    def _find_needle(self, dirname: str, needle: str) -> str:
        return str(ask("find", kind=dirname, name=needle))


def handing_on(name: str) -> type[ActionBase]:
    """The action that gives its task to our module ``name``; ``normal`` to that of the task's own name."""

    class ActionModule(ActionBase):
        _supports_async = supports_raw_params = True

        def run(self, tmp: str | None = None, task_vars: Any = None) -> dict[str, Any]:
            result = super().run(tmp, task_vars)
            module = self._task.action if name == "normal" else f"ansible.builtin.{name}"
            args = self._task.args
            shown = {"_ansible_verbose_always": True} if name in ("assert", "debug") else {}
            return {**result, **shown, **self._module(module, None if args == self._task.as_given else dict(args))}

    return ActionModule


class _Ours:
    """Imports ``ansible.plugins.action.NAME``."""

    @staticmethod
    def find_spec(full: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return spec_from_loader(full, _Ours()) if full.startswith(f"{__name__}.") else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.ActionModule = handing_on(module.__name__.rpartition(".")[2])  # type: ignore[attr-defined]


sys.meta_path.append(_Ours)
