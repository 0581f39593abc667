#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
def main():
    m = AnsibleModule(argument_spec=dict(how=dict(default='raise')), supports_check_mode=True)
    h = m.params['how']
    if h == 'raise': raise ValueError('no such thing')
    if h == 'chain':
        try: raise ValueError('inner')
        except ValueError as e: m.fail_json(msg='outer', exception=e)
    if h == 'return': return
    if h == 'exit': import sys; sys.exit(3)
    if h == 'print': print('junk before'); m.exit_json(changed=True, a=1)
    if h == 'after':
        print('{"changed": true, "z": 1}'); print('trailing junk'); import sys; sys.exit(0)
    if h == 'rc': print('{"changed": true, "rc": 3, "stdout": "a\\nb"}'); import sys; sys.exit(0)
    if h == 'results': m.exit_json(results=[1,2], _ansible_x=3)
    if h == 'facts': m.exit_json(ansible_facts=dict(my_fact=1, ansible_ssh_host='x', ansible_connection='ssh', ansible_other=2))
    if h == 'warn':
        m.warn('careful'); m.deprecate('old thing', version='9.0', collection_name='a.b'); m.exit_json(changed=False)
    if h == 'skip': m.exit_json(skipped=True, msg='no need')
    if h == 'diff': m.exit_json(changed=True, diff=dict(before='a\n', after='b\n'))
    if h == 'import': import ansible.module_utils.nothing_here
main()
