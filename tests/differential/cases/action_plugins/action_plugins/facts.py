from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return {"ansible_facts": {"brush": "fine"}, "changed": False}
