from __future__ import annotations

DOCUMENTATION = """
    name: racks
    short_description: racks of Macs
    extends_documentation_fragment: [constructed, inventory_cache]
    options:
      plugin: {description: this one, required: true, choices: [racks]}
      racks: {description: by name, type: dict, required: true}
      domain: {description: of all, default: lan, env: [{name: RACKS_DOMAIN}]}
      owner: {description: of all, default: nobody}
      size: {description: of each, type: int, default: "2"}
"""

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.template import trust_as_template
from ansible.utils.unsafe_proxy import wrap_var


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "racks"

    def verify_file(self, path):
        return super().verify_file(path) and path.endswith((".racks.yml", ".racks.yaml"))

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        self.load_cache_plugin()
        key = self.get_cache_key(path)
        if key not in self._cache:
            self._cache[key] = dict(self.get_option("racks"))
        if self.get_option("size") != 2:
            raise AnsibleParserError("no such size")
        self.inventory.add_group("racks")
        self.inventory.set_variable("racks", "of", "all racks")
        for rack, told in self._cache[key].items():
            group = self.inventory.add_group(self._sanitize_group_name("rack-" + rack))
            self.inventory.add_child("racks", group)
            for number in told["macs"]:
                self.add(f"{rack}-{number}.{self.get_option('domain')}", group, number, told.get("written"))
        self.inventory.add_host("loose")
        owner = self.get_option("owner")
        if self.templar.is_template(owner):
            owner = self.templar.template(variable=owner)
        self.inventory.set_variable("loose", "owner", wrap_var(owner))
        self.inventory.set_variable("loose", "ansible_connection", "local")

    def add(self, host, group, number, written):
        self.inventory.add_host(host, group=group)
        told = {"ansible_connection": "carried", "number": number, "written": written}
        told.update(raw="{{ number + 1 }}", vouched=trust_as_template("{{ number + 1 }}"))
        for name, value in told.items():
            self.inventory.set_variable(host, name, value)
        known = self.inventory.get_host(host).get_vars()
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), known, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), known, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), known, host, strict=strict)
