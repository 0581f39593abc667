"""The modules of ansible.builtin, with the same arguments, return values, check mode and diff."""
