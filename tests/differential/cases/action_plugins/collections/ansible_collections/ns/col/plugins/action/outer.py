from ansible.plugins.action import ActionBase

from ..module_utils.help import helped


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = self._execute_module("ns.col.inner", {"x": 2}, task_vars=task_vars)
        return {"helped": helped(result["x"]), "changed": False}
