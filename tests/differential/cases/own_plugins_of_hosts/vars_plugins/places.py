from __future__ import annotations

DOCUMENTATION = """
    name: places
    options:
      city: {default: Turin, ini: [{section: places, key: city}]}
"""

import os

from ansible.inventory.host import Host
from ansible.plugins.vars import BaseVarsPlugin


class VarsModule(BaseVarsPlugin):
    def get_vars(self, loader, path, entities, cache=True):
        super().get_vars(loader, path, entities)
        told = {}
        for entity in entities if isinstance(entities, list) else [entities]:
            kind = "host" if isinstance(entity, Host) else "group"
            told.update({"both": f"a plug-in, {kind} {entity.name}", f"seen_{kind}_{entity.name}": True})
            told.update(raw_var="{{ number }}", city=self.get_option("city"))
            for found in loader.find_vars_files(os.path.join(path, "more_vars"), entity.name):
                told.update(loader.load_from_file(found, cache=False, trusted_as_template=True))
            file = os.path.join(path.encode(), b"places.yml")
            if loader.path_exists(file):
                told.update(loader.load_from_file(file.decode()).get(entity.name, {}))
        return told
