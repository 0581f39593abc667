import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.model.errors import SecretError
from orchestrator.model.secrets import Secret
from orchestrator.secrets.vault import Key, Vault, is_vaulted, label_of


def ansible(*keys: tuple[str, str]) -> VaultLib:
    return VaultLib([(label, VaultSecret(password.encode())) for label, password in keys])


def ours(*keys: tuple[str, str]) -> Vault:
    return Vault(Key(label, Secret(password)) for label, password in keys)


@settings(max_examples=20, deadline=None)
@given(
    plain=st.binary(min_size=1, max_size=200).filter(lambda data: not data.startswith(b"$ANSIBLE")),
    password=st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
)
def test_ansible_opens_what_we_seal_and_we_open_what_it_seals(plain: bytes, password: str) -> None:
    assert ansible(("default", password)).decrypt(ours(("default", password)).seal(plain)) == plain
    sealed = ansible(("default", password)).encrypt(plain)
    assert ours(("default", password)).open(sealed) == plain


def test_the_bytes_are_ansibles_for_the_same_salt() -> None:
    sealed = ansible(("prod", "pw")).encrypt("text\n", vault_id="prod", salt="0123456789abcdef0123456789abcdef")
    assert ours(("prod", "pw")).seal(b"text\n", salt=b"0123456789abcdef0123456789abcdef") == sealed


def test_labels_choose_the_password_and_other_passwords_are_tried() -> None:
    sealed = ansible(("prod", "b")).encrypt("x", vault_id="prod")
    assert sealed.startswith(b"$ANSIBLE_VAULT;1.2;AES256;prod\n")
    assert label_of(sealed) == "prod"
    assert ours(("dev", "a"), ("prod", "b")).open(sealed) == b"x"
    assert ours(("dev", "a"), ("other", "b")).open(sealed) == b"x"
    assert label_of(ours(("dev", "a"), ("prod", "b")).seal(b"x", "prod")) == "prod"


def test_text_indented_in_yaml_opens() -> None:
    sealed = ours(("default", "pw")).seal(b"value").decode()
    assert ours(("default", "pw")).open("\n".join(f"   {line}" for line in sealed.splitlines()).encode()) == b"value"


@pytest.mark.parametrize(
    ("data", "keys", "message"),
    [
        (b"$ANSIBLE_VAULT;1.1;AES256\n6131\n", [("default", "pw")], "is damaged"),
        (b"$ANSIBLE_VAULT;1.1;AES256\nxyz\n", [("default", "pw")], "is damaged"),
        (b"$ANSIBLE_VAULT;1.0;AES\n6131\n", [("default", "pw")], "version 1.0 with AES"),
        (b"plain", [], "not a vault text"),
    ],
)
def test_what_is_no_vault_text_is_said(data: bytes, keys: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(SecretError, match=message):
        ours(*keys).open(data, "vars.yml")


def test_a_wrong_or_missing_password_is_said_with_the_file() -> None:
    sealed = ours(("default", "right")).seal(b"x")
    with pytest.raises(SecretError, match="no vault secrets were found that could decrypt") as wrong:
        ours(("default", "wrong")).open(sealed, "vars.yml")
    assert "vars.yml" in str(wrong.value)
    with pytest.raises(SecretError, match="no vault secrets found") as caught:
        ours().open(sealed, "vars.yml")
    assert "vars.yml" in str(caught.value)
    assert "--vault-password-file" in str(caught.value)
    with pytest.raises(SecretError, match="password is needed"):
        ours().seal(b"x")
    with pytest.raises(SecretError, match="label prod"):
        ours(("dev", "a")).seal(b"x", "prod")


def test_a_vault_text_is_recognised() -> None:
    assert is_vaulted(b"\n$ANSIBLE_VAULT;1.1;AES256\n")
    assert not is_vaulted(b"a: $ANSIBLE_VAULT")
