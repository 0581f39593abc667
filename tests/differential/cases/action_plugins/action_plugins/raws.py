from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    supports_raw_params = True

    def run(self, tmp=None, task_vars=None):
        return {"args": self._task.args}
