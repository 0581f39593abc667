from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        return {**result, "msg": self._task.args.get("msg", "nothing said"), "_ansible_verbose_always": True}
