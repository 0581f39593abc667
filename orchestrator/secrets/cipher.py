"""The arithmetic of ansible-vault texts: AES-CTR with PKCS#7 padding, HMAC-SHA256, keys from PBKDF2.

Apart from ``vault``, since importing cryptography takes longer than most runs need it.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from orchestrator.model.secrets import Secret

ROUNDS = 10_000


def seal(password: Secret, salt: bytes, plain: bytes) -> tuple[bytes, bytes]:
    """The HMAC of the ciphertext, and the ciphertext."""
    cipher, mac, counter = _derived(password, salt)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(cipher), modes.CTR(counter)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    signer = hmac.HMAC(mac, hashes.SHA256())
    signer.update(sealed)
    return signer.finalize(), sealed


def unseal(password: Secret, salt: bytes, digest: bytes, sealed: bytes) -> bytes | None:
    """The plain bytes, or None where ``password`` is not the one."""
    cipher, mac, counter = _derived(password, salt)
    check = hmac.HMAC(mac, hashes.SHA256())
    check.update(sealed)
    try:
        check.verify(digest)
    except InvalidSignature:
        return None
    decryptor = Cipher(algorithms.AES(cipher), modes.CTR(counter)).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    return unpadder.update(decryptor.update(sealed) + decryptor.finalize()) + unpadder.finalize()


def _derived(password: Secret, salt: bytes) -> tuple[bytes, bytes, bytes]:
    made = PBKDF2HMAC(algorithm=hashes.SHA256(), length=80, salt=salt, iterations=ROUNDS)
    key = made.derive(password.reveal().encode("utf-8", "surrogateescape"))
    return key[:32], key[32:64], key[64:]
