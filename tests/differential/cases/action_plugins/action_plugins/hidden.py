from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return {"msg": "not for everyone", "_ansible_no_log": 1, "changed": True}
