"""YAML to values with positions: playbooks, inventories, roles.

Ways in, each of which raises a placed UserError for whatever people wrote wrong:

- ``load.load_file(path, open_vault=None) -> Any``: a YAML or JSON file; strings are ``Text``, ``!vault`` is
  ``Vaulted``;
- ``playbook.load_playbooks(paths, options) -> tree.Playbook``: whole playbooks, everything wrong told at
  once;
- ``playbook.load_tasks(file, include, …)`` and ``load_role(name, include, …) -> Loaded``: what a dynamic
  include brings;
- ``inventory.load_inventory(sources, …) -> model.hosts.Inventory`` and ``inventory.patterns.select(inventory,
  pattern, …)``;
- ``free_form.split_free_form(text) -> (raw, pairs)``: free-form arguments as Ansible splits them;
- ``vars_files.find_vars_files`` and ``inventory.load_vars_dir``: variables files by name;
- ``ansible_cfg.load_config() -> Config``: what ansible.cfg says.
"""
