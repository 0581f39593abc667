#!/bin/sh
echo '{"g1": {"hosts": ["s1", "s2"], "vars": {"g": 1, "ansible_connection": "local"}}, "g2": {"children": ["g1"]}, "_meta": {"hostvars": {"s1": {"v": 1}, "s2": {"v": 2}}}}'
