#!/usr/bin/python
import json
args = json.loads("""<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>""")
print(json.dumps({"changed": True, "name": args["name"], "check": args["_ansible_check_mode"]}))
