#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.mine import greet
def main():
    m = AnsibleModule(argument_spec=dict(
        name=dict(required=True, aliases=['who']), state=dict(choices=['a','b'], default='a'), count=dict(type='int'),
        items=dict(type='list', elements='int'), opts=dict(type='dict', options=dict(x=dict(type='int', required=True), y=dict(default='Y'))),
        flag=dict(type='bool', default=False), secret=dict(no_log=True), p=dict(type='path'), j=dict(type='json'), fl=dict(type='float'), by=dict(type='bytes')),
        mutually_exclusive=[('count','items')], required_together=[('p','j')], required_if=[('state','b',['count'])], required_one_of=[('flag','count')], required_by={'fl':['by']})
    m.exit_json(changed=True, greet=greet(m.params['name']), params=m.params, check=m.check_mode, sec=m.params['secret'])
main()
