"""ansible-vault texts, versions 1.1 and 1.2 (AES256): opened, sealed, and their headers.

Form (ansible-core 2.19, parsing/vault): a header line ``$ANSIBLE_VAULT;1.1;AES256`` or ``…;1.2;AES256;LABEL``,
then hex in lines of 80. Inside are three lines, in hex themselves: salt, HMAC-SHA256, ciphertext. PBKDF2-HMAC-SHA256
with 10,000 rounds makes 80 bytes of the password and the salt: AES key, HMAC key, and counter for AES-CTR with PKCS#7
padding.
"""

from __future__ import annotations

import os
import re
from binascii import Error as HexError
from binascii import hexlify, unhexlify
from collections.abc import Iterable

from orchestrator.model.errors import SecretError
from orchestrator.model.frozen import frozen
from orchestrator.model.secrets import NO_PASSWORD, UNOPENED, Secret

MARK = b"$ANSIBLE_VAULT;"
DEFAULT = "default"
LINE = 80


@frozen
class Key:
    """A vault password and the label it goes by."""

    label: str
    password: Secret


def is_vaulted(data: bytes) -> bool:
    """True where ``data`` begins as a vault text does."""
    return data.lstrip().startswith(MARK)


def label_of(data: bytes) -> str | None:
    """The label in the header of a vault text, None where it has none. Raises SecretError for other headers."""
    fields = data.lstrip().split(b"\n", 1)[0].strip().decode("utf-8", "replace").split(";")
    if len(fields) < 3 or fields[0] != "$ANSIBLE_VAULT":
        raise SecretError("this is not a vault text", hint="it must begin with $ANSIBLE_VAULT;1.1;AES256")
    if fields[1] not in ("1.1", "1.2") or fields[2] != "AES256":
        raise SecretError(
            f"vault texts of version {fields[1]} with {fields[2]} are not known", evidence=";".join(fields)
        )
    return fields[3] if len(fields) > 3 else None


class Vault:
    """The passwords at hand, and what they open. ``by_label``: nothing but what is sealed under their label."""

    def __init__(self, keys: Iterable[Key], *, by_label: bool = False) -> None:
        self.keys = tuple(keys)
        self.by_label = by_label

    def open(self, data: bytes, file: str = "<text>") -> bytes:
        """The plain bytes of the vault text ``data``; its label's password is tried first. ``file`` is for messages.

        Raises SecretError where no password fits.
        """
        from orchestrator.secrets import cipher

        label = label_of(data)
        salt, digest, sealed = _parts(data, file)
        keys = [key for key in self.keys if not self.by_label or key.label == (label or DEFAULT)]
        for key in sorted(keys, key=lambda each: each.label != label):
            if (plain := cipher.unseal(key.password, salt, digest, sealed)) is not None:
                return plain
        seen = f"{file}, sealed under the label {label}" if label else file
        raise SecretError(UNOPENED if self.keys else NO_PASSWORD, evidence=seen, hint=self._hint())

    def seal(self, plain: bytes, label: str | None = None, salt: bytes | None = None) -> bytes:
        """``plain`` as a vault text, with the password of ``label`` (None: the first). ``salt`` is for tests."""
        from orchestrator.secrets import cipher

        key = self.key(label)
        salt = salt or os.urandom(32)
        digest, sealed = cipher.seal(key.password, salt, plain)
        body = hexlify(b"\n".join(hexlify(part) for part in (salt, digest, sealed)))
        header = "$ANSIBLE_VAULT;1.1;AES256" if key.label == DEFAULT else f"$ANSIBLE_VAULT;1.2;AES256;{key.label}"
        return b"\n".join([header.encode(), *(body[at : at + LINE] for at in range(0, len(body), LINE)), b""])

    def key(self, label: str | None = None) -> Key:
        """The key called ``label``, or the first. Raises SecretError where there is none."""
        found = [key for key in self.keys if label in (None, key.label)]
        if found:
            return found[0]
        if label is None:
            raise SecretError("a vault password is needed", hint=self._hint())
        known = ", ".join(key.label for key in self.keys) or "none"
        raise SecretError(f"there is no vault password with the label {label}", evidence=f"labels given: {known}")

    def _hint(self) -> str:
        return "--vault-password-file FILE, --vault-id LABEL@FILE, or -J to be asked"


def _parts(data: bytes, file: str) -> tuple[bytes, bytes, bytes]:
    body = re.sub(rb"\s", b"", data.lstrip().partition(b"\n")[2])
    try:
        salt, digest, sealed = (unhexlify(part) for part in unhexlify(body).split(b"\n", 2))
    except (HexError, ValueError) as error:
        raise SecretError(f"{file}: the vault text is damaged: {error}") from error
    return salt, digest, sealed


def seal_text(text: str, secret: str, vault_id: str, salt: str | None) -> str:
    """What the filter ``vault`` makes of ``text``."""
    return Vault([Key(vault_id, Secret(secret))]).seal(text.encode(), salt=salt.encode() if salt else None).decode()


def open_text(sealed: str, secret: str, vault_id: str) -> str:
    """What the filter ``unvault`` makes of ``sealed``."""
    return Vault([Key(vault_id, Secret(secret))]).open(sealed.encode(), "the filter unvault's text").decode()
