"""YAML to values with positions: playbooks, inventories, roles."""
