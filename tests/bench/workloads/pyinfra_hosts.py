"""pyinfra's inventory: the hosts of $BENCH_HOSTS."""

import json
import os

with open(os.environ["BENCH_HOSTS"]) as _file:
    _told = json.load(_file)
nodes = (
    [(each["name"], {"ssh_hostname": each["address"]}) for each in _told["hosts"]],
    {
        "ssh_port": _told["port"],
        "ssh_user": _told["user"],
        "ssh_key": _told["key"],
        "ssh_known_hosts_file": _told["known_hosts"],
        "ssh_look_for_keys": False,
        "ssh_allow_agent": False,
        "ssh_config_file": "/dev/null",
        "told": _told,
    },
)
