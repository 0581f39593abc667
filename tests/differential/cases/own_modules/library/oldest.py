#!/usr/bin/python

def main():
    module = AnsibleModule(argument_spec=dict(name=dict(required=True), n=dict(type='int', default=3)))
    module.exit_json(changed=True, said='hello ' + module.params['name'], n=module.params['n'])

#<<INCLUDE_ANSIBLE_MODULE_COMMON>>
main()
