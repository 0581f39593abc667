DOCUMENTATION = """
name: countdown
options:
  step:
    type: int
    default: 1
    vars: [{name: countdown_step}]
"""

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        if not terms:
            raise AnsibleError("countdown from what?")
        start = int(terms[0])
        step = int(kwargs.get("step", variables.get("countdown_step", 1)))
        return list(range(start, 0, -step))
