from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule({"x": {"type": "int"}}, supports_check_mode=True)
module.exit_json(x=module.params["x"] + 1)
