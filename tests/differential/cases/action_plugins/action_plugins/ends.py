from ansible.errors import AnsibleActionFail, AnsibleActionSkip, AnsibleError
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _VALID_ARGS = frozenset(("how",))
    _supports_check_mode = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        how = self._task.args["how"]
        if how == "raise":
            raise AnsibleError("it cannot be")
        if how == "fail":
            raise AnsibleActionFail("as asked")
        if how == "skip":
            raise AnsibleActionSkip("not now")
        if how == "missing":
            self._execute_module("no_such_module", {})
        if how == "unknown":
            return self._execute_module("ansible.builtin.stat", {})
        return {"result": {"failed": True, "msg": "told"}, "rc": {"rc": 4}}.get(how, result)
