#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.rolehelp import helped
m = AnsibleModule(argument_spec=dict(n=dict(type='int')), supports_check_mode=False)
m.exit_json(changed=True, n=helped(m.params['n']))
