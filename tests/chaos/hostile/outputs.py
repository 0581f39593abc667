"""400 things that a node may print: they are data, and never anything else."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.chaos.hostile import Case

NASTY = (
    b"{{ 7 * 7191 }}",
    b"{{ lookup('pipe', 'touch pwned') }}",
    b"{% set x = 50337 %}{{ x }}",
    b"{{ hostvars }}",
    b"{# gone #}",
    b"!!python/object/apply:os.system ['touch pwned']",
    b"&a [*a, *a]",
    b'{"ansible_facts": {"ansible_host": "evil"}}',
    b'{"changed": false, "failed": true, "rc": 9}',
    b"[" * 20_000,
    b'{"a":' * 5_000,
    b"../../../../etc/cron.d/x",
    b"\x1b[2J\x1b[1;1Hcleared",
    b"\x1b]0;title\x07",
    b"\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
    b"\x1b]52;c;ZXZpbA==\x07",
    b"\x1bP+q\x1b\\",
    b"\xc2\x9b31mred",
    b"\xff\xfe\x80 not utf-8 \xc0\xaf",
    b"\xed\xa0\x80 lone surrogate",
    "\u202eltr \u2066isolate\u2069".encode(),
    "zero\u200bwidth\ufeff".encode(),
    b"line one\rline two",
    b"back\x08\x08\x08\x08space",
    b"bell\x07",
    b"nul\x00nul",
    b"vertical\x0btab\x0cfeed",
    b"<script>alert(1)</script>",
    b"<img src=x onerror=alert(1)>",
    b"]]></system-out><!-- ",
    b"</pre><svg onload=alert(1)>",
    b"| [x](javascript:alert(1)) | `code` |",
    b"PLAY RECAP *******\nn1 : ok=99 changed=0",
    b"fatal: [n1]: FAILED! => {}",
    b"ok: [n1]\n",
    b"\n" * 5_000,
    b"a" * 200_000,
    b"'; touch pwned; '",
    b"$(touch pwned)`touch pwned`",
    b"=cmd|' /C calc'!A0",
    b"9" * 5_000,
    b"1e999",
    b"NaN",
    b"-0",
    b"",
)
COUNT = 400
PLAY = b"""\
- hosts: all
  gather_facts: false
  tasks:
    - command: cat output
      args: {chdir: "{{ playbook_dir }}"}
      register: told
    - debug: {var: told.stdout}
    - debug: {msg: "said {{ told.stdout }}"}
    - set_fact: {kept: "{{ told.stdout }}"}
    - debug: {msg: "{{ kept }}"}
      when: kept != 'never'
    - fail: {msg: "{{ told.stdout }}"}
      ignore_errors: true
    - name: "task {{ told.stdout[:40] }}"
      command: echo {{ told.stdout[:40] | quote }}
      loop: ["{{ told.stdout[:60] }}"]
"""
INVENTORY = b"n1 ansible_connection=local ansible_remote_tmp=.\n"


def cases() -> Iterator[Case]:
    """Each of them, then mixtures."""
    dice = random.Random(5)
    texts = list(NASTY)
    while len(texts) < COUNT:
        texts.append(b" ".join(dice.sample(NASTY, 3))[:300_000])
    words = ("run", "play.yml", "-i", "hosts", "-v", "--report", "html:page.html", "--report", "junit:page.xml")
    for number, text in enumerate(texts):
        files = {"output": text, "play.yml": PLAY, "hosts": INVENTORY}
        is_evaluated = _unwanted if b"{{ 7 * 7191" in text or b"set x" in text else _fine
        yield Case(f"output {number}", words, files, look=is_evaluated, starts=("/bin/sh",))


def _unwanted(said: str) -> str | None:
    return "a node's template was rendered" if "50337" in said.replace("set x = 50337", "") else None


def _fine(said: str) -> str | None:
    return None
