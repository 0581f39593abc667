DOCUMENTATION = """
name: coloured
options:
  colours:
    type: list
    elements: str
    choices: [red, green]
    default: [green]
    vars: [{name: favourite_colours}, {name: best_colours}]
    env: [{name: NOBODY_SETS_THIS}]
"""
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        value, origin = self.get_option_and_origin("colours")
        return [self.get_option("colours") == value, value, origin]
