from ansible.plugins.action.normal import ActionModule as Normal


class ActionModule(Normal):
    def run(self, tmp=None, task_vars=None):
        return {**super().run(tmp, task_vars), "by": "the plug-in"}
