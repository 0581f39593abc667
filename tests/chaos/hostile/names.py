"""300 names of hosts, users, jump hosts and ports that are none: rejected, or inert."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.chaos.hostile import Case

PLACES = (
    "ansible_host",
    "ansible_user",
    "ansible_port",
    "jump",
    "ansible_become_user",
    "ansible_remote_tmp",
)
WORDS = (
    "-oProxyCommand=touch pwned",
    "-D1080",
    "--",
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned;",
    "a|touch pwned",
    "a&touch pwned&",
    "a > pwned",
    "a\ntouch pwned",
    "a\rb",
    "a\0b",
    "a b",
    "a\tb",
    "",
    " ",
    "a" * 10_000,
    "а.example",  # a Cyrillic letter
    "xn--",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "~root",
    "*",
    "?",
    "[a-z]",
    "{a,b}",
    "a'b",
    'a"b',
    "a\\b",
    "%h",
    "%%",
    "%(id)s",
    "{{ lookup('pipe', 'touch pwned') }}",
    "{% for i in range(10) %}x{% endfor %}",
    "{{ '' }}",
    "{{",
    "\u202egpj.exe",
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\ufeffhost",
    "host\u200b",
    "1e400",
    "-1",
    "65536",
    "0x16",
    "999999999999999999999999",
    "nan",
    "::1%eth0;touch pwned",
    "[::1",
)


def cases() -> Iterator[Case]:
    """Each word in each place."""
    for place in PLACES:
        for number, word in enumerate(WORDS):
            variables: dict[str, str] = {"ansible_host": "127.0.0.1", "ansible_port": "1", place: word}
            if place == "jump":
                variables["ansible_ssh_common_args"] = f"-J '{variables.pop('jump')}'"
            inventory = {"all": {"hosts": {"n1": variables}}}
            words = ("run", "play.yml", "-i", "hosts.yml", "-T", "1")
            files = {"hosts.yml": json.dumps(inventory).encode(), "play.yml": PLAY}
            is_template = "lookup('pipe'" in word
            yield Case(
                f"{place} {number}",
                words,
                files,
                starts=("/bin/sh", "sh") if is_template else (),  # a template in the user's own inventory is one
                allowed=("pwned",) if is_template else (),
            )


PLAY = b"- hosts: all\n  gather_facts: false\n  become: true\n  tasks:\n    - ping:\n"
