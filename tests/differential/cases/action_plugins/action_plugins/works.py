import os

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        path = self._task.args["path"]
        result.update(self._execute_module("ansible.builtin.file", {"path": path, "state": "directory"}, task_vars=task_vars))
        seen = self._execute_module(module_name="stat", module_args={"path": path}, task_vars=task_vars)
        said = self._low_level_execute_command("echo here; echo there >&2; exit 3", chdir="/tmp")
        assert (said["rc"], said["stdout_lines"], said["stderr"]) == (3, ["here"], "there\n"), said
        place = self._make_tmp_path()
        self._transfer_data(os.path.join(place, "text"), "some text")
        self._fixup_perms2([place, self._connection._shell.join_path(place, "text")])
        text = self._low_level_execute_command(f"cat {place}/text; test -x {place}/text && echo x")
        assert text["stdout"] == "some textx\n", text
        assert self._remote_expand_user("/a") == "/a"
        self._remove_tmp_path(place)
        assert not os.path.exists(place)
        assert self._loader.path_dwim("x").endswith("/x") and self._find_needle("files", "paint").endswith("files/paint")
        return {**result, "size": "a directory" if seen["stat"]["exists"] else "nothing"}
