#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
def main():
    module = AnsibleModule(argument_spec={"data": {"type": "str", "default": "nobody"}})
    module.exit_json(greeting="hello " + module.params["data"])
if __name__ == "__main__":
    main()
