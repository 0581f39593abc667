"""250 YAML files: bombs, depth, duplicates, tags, numbers, bytes that are no text; as playbook, variables,
inventory."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.chaos.hostile import Case

BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (name, name, b",".join([b"*%c" % (name - 1)] * 9)) for name in range(ord("b"), ord("k"))
)
NASTY = (
    BOMB,
    b"[" * 10_000,
    b"{a: " * 5_000,
    b"- " * 5_000 + b"x",
    b"a: &a\n  <<: *a\n",
    b"a: *nowhere\n",
    b"&a [*a]\n",
    b"<<: [1, 2]\n",
    b"<<: 5\n",
    b"a: 1\na: 2\n",
    b"? [a, b]\n: c\n",
    b"? {a: b}\n: c\n",
    b"!!python/object/apply:os.system ['touch pwned']\n",
    b"!!python/name:os.system\n",
    b"!vault |\n  nothing\n",
    b"!unsafe 5\n",
    b"!!binary '//'\n",
    b"!!set {a, b}\n",
    b"!!timestamp 9999-99-99\n",
    b"!!int 0o99\n",
    b"a: 0x" + b"f" * 10_000 + b"\n",
    b"a: " + b"9" * 10_000 + b"\n",
    b"a: 1:60:60:60:60\n",
    b"a: 1e999999\n",
    b"a: .nan\n",
    b"a: no\nb: Norway\nno: yes\n",
    b"\ta: b\n",
    b"a:\n\t- b\n",
    b"\xef\xbb\xbfa: b\n",
    b"\xff\xfea\x00:\x00 \x00b\x00",
    b"a: \xff\xfe\n",
    b"a: \x00\n",
    b"a: \x1b[31m\n",
    "a: \u202e\u2028\u0085b\n".encode(),
    b"%YAML 9.9\n---\na: b\n",
    b"%TAG ! tag:evil,2020:\n---\n!x a\n",
    b"--- a\n--- b\n...\n",
    b"a: |\n b\n  c\n d: e\n",
    b"a: >99\n b\n",
    b"a: 'open\n",
    b'a: "\\x"\n',
    b'a: "\\uD800"\n',
    b"a: {b: [c}\n",
    b"@a: b\n",
    b"`a`: b\n",
    b"- a\nb: c\n",
    b"null\n",
    b"5\n",
    b"~: ~\n",
    b"",
)
PLAY = b"- hosts: localhost\n  gather_facts: false\n  tasks:\n    - name: x\n      debug: {msg: hi}\n      when: true\n"
ROLES = ("play", "vars", "hosts")
COUNT = 250


def cases() -> Iterator[Case]:
    """Each text in each role, then a good playbook with small accidents."""
    found = [(role, text) for role in ROLES for text in NASTY]
    dice = random.Random(6)
    while len(found) < COUNT:
        found.append(("play", _harmed(dice)))
    for number, (role, text) in enumerate(found):
        files = {"play.yml": PLAY, "vars.yml": b"a: b\n", "hosts.yml": b"all: {hosts: {localhost: }}\n"}
        files[f"{role}.yml"] = text
        words = ("run", "play.yml", "-i", "hosts.yml", "-e", "@vars.yml", "-c", "local")
        yield Case(f"{role} {number}", words, files)


def _harmed(dice: random.Random) -> bytes:
    """The play with a few bytes lost, doubled or replaced."""
    text = bytearray(PLAY)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(text))
        match dice.randrange(4):
            case 0:
                del text[at : at + dice.randrange(1, 9)]
            case 1:
                text[at:at] = text[at : at + dice.randrange(1, 30)]
            case 2:
                text[at] = dice.randrange(256)
            case _:
                text[at:at] = dice.choice((b"\t", b"{{", b"}}", b"{%", b": ", b"- ", b"&a ", b"*a ", b"'", b'"', b"#"))
    return bytes(text)
