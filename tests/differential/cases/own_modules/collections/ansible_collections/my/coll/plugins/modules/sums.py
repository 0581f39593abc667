#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
from ..module_utils.one import one
from ansible_collections.my.coll.plugins.module_utils import two
AnsibleModule(argument_spec={}).exit_json(sum=one + two.two)
