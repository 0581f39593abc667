"""Values that stand encrypted in the user's files, opened when a template looks."""

from __future__ import annotations

from orchestrator.language.load import Vaulted
from orchestrator.model.errors import TemplateError, UserError
from orchestrator.model.place import Text
from orchestrator.model.secrets import NO_PASSWORD
from orchestrator.planning.surroundings import Surroundings


class Opened(Text):
    """What was in a sealed value: the user's own text, maybe a template, never shown in errors.

    It still knows its ``ciphertext``, for ``is vault_encrypted``.
    """

    __slots__ = ("ciphertext",)
    ciphertext: str


def opened(sealed: Vaulted, surroundings: Surroundings) -> Opened:
    """The text in ``sealed``."""
    if surroundings.decrypt is None:
        raise _unusable(sealed, UserError(NO_PASSWORD, hint="give --vault-password-file or --ask-vault-pass"))
    place = sealed.ciphertext.place
    try:
        data = surroundings.decrypt(sealed.ciphertext.encode(), place.file if place else "a vaulted value")
    except UserError as error:
        raise _unusable(sealed, error) from error
    return marked(data.decode("utf-8"), sealed)


def _unusable(sealed: Vaulted, why: UserError) -> TemplateError:
    said = f"Error rendering template: Attempt to use undecryptable variable: {why.message}"
    return TemplateError(said, place=sealed.ciphertext.place, evidence=why.evidence, hint=why.hint)


def sealed_text(text: str, ciphertext: str) -> Opened:
    """``text`` as what the vault text ``ciphertext`` holds."""
    result = Opened(text)
    result.ciphertext = ciphertext
    return result


def marked(text: str, sealed: object) -> Opened:
    """``text`` as what ``sealed`` held."""
    ciphertext = getattr(sealed, "ciphertext", "")
    result = Opened(text, getattr(ciphertext, "place", None))
    result.ciphertext = str(ciphertext)
    return result
