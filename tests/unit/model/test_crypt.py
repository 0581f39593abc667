"""Hashes of passwords as OpenSSL (`openssl passwd -apr1 -salt …`), htpasswd(1) and crypt(3) of glibc 2.36 make them."""

from __future__ import annotations

import pytest

from orchestrator.model.crypt import fits, ldap_sha1, md5_crypt, sha_crypt


def test_known_hashes() -> None:
    assert md5_crypt("secret", "salt1234", "apr1") == "$apr1$salt1234$G61s9lpZAELkzUFCbj/53/"
    assert md5_crypt("a longer password than sixteen", "xy") == "$1$xy$UuvdET2Kb6UQLJLqkQ4wF/"
    assert ldap_sha1("secret") == "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="
    assert (
        sha_crypt("secret", "abc", "sha256", 1000) == "$5$rounds=1000$abc$Mz4DiYKTnNKbZLo/mIp3d8Y4aQBhv3uhSwxLDy55/Y8"
    )


@pytest.mark.parametrize(
    "hashed",
    [md5_crypt("s", "g", "apr1"), md5_crypt("s", "g"), ldap_sha1("s"), sha_crypt("s", "g", "sha512", 5000), "s"],
)
def test_a_password_fits_what_is_made_of_it_alone(hashed: str) -> None:
    assert (fits("s", hashed), fits("t", hashed)) == (True, False)


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    assert fits("s", "$y$j9T$salt$hash") is None


@pytest.mark.parametrize(("salt", "rounds"), [("", 5000), ("no:colon", 5000), ("ok", 3)])
def test_salts_and_rounds_have_limits(salt: str, rounds: int) -> None:
    with pytest.raises(ValueError, match=r"salt has|rounds must"):
        sha_crypt("s", salt, "sha256", rounds)
