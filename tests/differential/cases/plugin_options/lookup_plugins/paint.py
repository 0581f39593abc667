DOCUMENTATION = """
name: paint
options:
  colours: {type: list, ini: [{section: paint, key: colours}]}
  name: {type: str, ini: [{section: paint, key: name}], vars: [{name: paint_name}]}
  coats: {type: int, default: 2}
"""

from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        if kwargs.get("coats"):
            self.set_option("coats", kwargs["coats"])
            return [self.get_option("coats")]
        self.set_options(var_options=variables, direct=kwargs)
        return [self.get_option(term) for term in terms]
