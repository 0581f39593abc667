from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        result["args"] = self._task.args
        result["seen"] = [task_vars["inventory_hostname"], task_vars.get("color"), task_vars.get("nothing"), "color" in task_vars]
        result["others"] = sorted(name for name in task_vars["hostvars"] if task_vars["hostvars"][name].get("inventory_hostname"))
        result["task"] = [self._task.action, self._task.check_mode, self._task.async_val]
        self._display.warning("a word")
        return result
