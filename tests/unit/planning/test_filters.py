"""Filters that ansible-core cannot be asked about here: hashes, vaults, YAML, collections."""

from typing import Any

import pytest

from orchestrator.language.load import Vaulted
from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.filters.crypt import sha_crypt
from orchestrator.planning.plugins import builtin
from orchestrator.planning.render import Renderer, Surroundings

SEALED = "$ANSIBLE_VAULT;1.1;AES256\n31"
SURROUNDINGS = Surroundings(
    vault=lambda data, secret, vault_id, salt: f"$ANSIBLE_VAULT;1.1;AES256\n{data}/{secret}/{vault_id}/{salt}",
    unvault=lambda sealed, secret, vault_id: f"{sealed.splitlines()[1]} by {secret}",
    decrypt=lambda data, where: b"opened",
)
KNOWN = {
    "sealed": SEALED,
    "held": Vaulted(Text(SEALED)),
    "left": [{"name": "a", "x": 1, "l": [1]}, {"name": "b"}],
    "right": [{"name": "a", "y": 2, "l": [2]}],
    "tree": {"a": {"b": [1, {"c d": 2}]}, "e": [], "f": {"k": None}},
}


def found(expression: str) -> Any:
    return Renderer(KNOWN, surroundings=SURROUNDINGS).value(Text("{{ " + expression + " }}"))


@pytest.mark.parametrize(
    ("kind", "rounds", "salt", "password", "hashed"),
    [
        ("sha256", 5000, "saltstring", "Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
        (
            "sha256",
            10000,
            "saltstringsaltst",
            "Hello world!",
            "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
        ),
        (
            "sha512",
            5000,
            "saltstring",
            "Hello world!",
            "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
        ),
    ],
)
def test_sha_crypt_as_the_system_has_it(kind: str, rounds: int, salt: str, password: str, hashed: str) -> None:
    assert sha_crypt(password, salt, kind, rounds) == hashed


def test_password_hash() -> None:
    assert found("'x' | password_hash('sha512', 'salt', rounds=1000)").startswith("$6$rounds=1000$salt$")
    assert found("'x' | password_hash('sha256_crypt', 'salt', rounds=5000)").startswith("$5$salt$")
    assert found("'x' | password_hash('sha256', salt_size=4, rounds=1000) | split('$') | length") == 5
    assert found("'x' | password_hash('bcrypt', rounds=4)").startswith("$2b$04$")
    same = "'x' | password_hash('blowfish', '1234567890123456789012', rounds=4)"
    assert found(same) == found(same)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("'x' | password_hash('md5')", "supported algorithms"),
        ("'x' | password_hash(salt='a$b')", "salt has 1 to 16"),
        ("'x' | password_hash(salt='ab', rounds=3)", "rounds must be between"),
        ("'x' | vault(3)", "Secret passed is required"),
        ("3 | vault('s')", "Can only vault strings"),
        ("3 | unvault('s')", "Vault should be in the form of a string"),
        ("3 | community.general.counter", "must be a sequence"),
        ("left | lists_mergeby(3, 'name')", "must be lists"),
        ("{'a': now} | to_json", "unsupported|no form"),
        ("3 | from_json", "from_json"),
    ],
)
def test_filter_that_fails(expression: str, message: str) -> None:
    with pytest.raises((TemplateError), match=message) as caught:
        found(expression)
    assert caught.value.evidence is not None


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'x' | vault('pw')", "$ANSIBLE_VAULT;1.1;AES256\nx/pw/filter_default/None"),
        ("'x' | vault('pw', 's', 'id')", "$ANSIBLE_VAULT;1.1;AES256\nx/pw/id/s"),
        ("sealed | unvault('pw')", "31 by pw"),
        ("held | unvault('pw')", "31 by pw"),
        ("'plain' | unvault('pw')", "plain"),
        ("held", "opened"),
        ("sealed is vault_encrypted", False),
        ("held is vault_encrypted", True),
        ("[1, 2, 1] | community.general.counter", {1: 2, 2: 1}),
        ("[['a', 1]] | community.general.dict", {"a": 1}),
        ("1 | community.general.dict_kv('a')", {"a": 1}),
        (
            "left | community.general.lists_mergeby(right, 'name')",
            [{"name": "a", "x": 1, "l": [2], "y": 2}, {"name": "b"}],
        ),
        ("[left, right] | lists_mergeby('name', list_merge='append') | map(attribute='l', default=0)", [[1, 2], 0]),
        ("tree | ansible.utils.to_paths", {"a.b[0]": 1, "a.b[1]['c d']": 2, "e": [], "f.k": None}),
        ("tree | ansible.utils.to_paths(prepend='t') | list | first", "t.a.b[0]"),
        ("tree | ansible.utils.get_path('a.b[0]')", 1),
        ("tree | ansible.utils.get_path('a.b')", [1, {"c d": 2}]),
        ("tree | ansible.utils.remove_keys(['b', 'e'])", {"a": {}, "f": {"k": None}}),
        ("{'t': '2020-01-02' | to_datetime('%Y-%m-%d')} | to_json", '{"t": "2020-01-02T00:00:00"}'),
        ("'' | from_yaml", None),
        ("'a' | from_yaml_all", ["a"]),
        ("none | from_yaml_all", []),
        ("5 | from_yaml_all", 5),
        ("'---\na: 1\n---\nb: 2\n...\n' | from_yaml_all", [{"a": 1}, {"b": 2}]),
        ("[1, 2, 3] | shuffle | sort", [1, 2, 3]),
        ("3 | shuffle", 3),
        ("[7] | random", 7),
    ],
)
def test_filter(expression: str, value: Any) -> None:
    assert found(expression) == value


def test_who_cannot_seal_or_write_says_so() -> None:
    bare = Renderer({"sealed": SEALED})
    for expression in ("'x' | vault('pw')", "sealed | unvault('pw')", "[1] | to_yaml"):
        with pytest.raises(TemplateError, match="nobody here"):
            bare.value(Text("{{ " + expression + " }}"))


def test_all_are_known_by_their_full_names() -> None:
    for table in (builtin().filters, builtin().tests):
        assert {f"ansible.builtin.{name}" for name in table if name.isidentifier()} <= set(table)


def test_a_users_plugins_stand_before_ours() -> None:
    plugins = builtin().with_user(
        filters={"upper": lambda value: f"<{value}>", "mine": lambda value: (each for each in value)},
        tests={"nice": lambda value: 1},
        lookups={"mine": lambda call, terms, options: [*terms, *options]},
    )
    renderer = Renderer({}, plugins=plugins)
    assert renderer.value(Text("{{ 'a' | upper }} {{ 'ab' | mine }} {{ 1 is nice }} {{ query('mine', 1, k=2) }}")) == (
        "<a> ['a', 'b'] True [1, 'k']"
    )
    assert Renderer({}).value(Text("{{ 'a' | upper }}")) == "A"
