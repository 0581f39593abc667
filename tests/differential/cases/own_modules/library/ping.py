#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
AnsibleModule(argument_spec=dict(data=dict(default='mine'))).exit_json(ping='shadowed')
