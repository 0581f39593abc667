"""Filters that seal and open single values; the work is done by whom the surroundings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import pass_context

from orchestrator.model.errors import TemplateError
from orchestrator.planning.filters.texts import text_of
from orchestrator.planning.sealed import sealed_text


def _surroundings(context: Any) -> Any:
    renderer = context.scope.renderer
    if renderer is None:
        raise TemplateError("vault filters need variables: import this template with context")
    return renderer.surroundings


def _checked(what: Any, said: str) -> str:
    if not isinstance(what, str | bytes):
        raise TypeError(f"{said}, instead we got {type(what)}.")
    return text_of(what)


@pass_context
def vault(
    context: Any,
    data: Any,
    secret: Any,
    salt: Any = None,
    vault_id: str = "filter_default",
    wrap_object: bool = False,
) -> str:
    """``data`` as an ansible-vault text under the password ``secret``; with ``wrap_object`` a value that is ``data``
    and knows that text."""
    seal = _surroundings(context).vault
    if seal is None:
        raise TemplateError("vault: nobody here can encrypt")
    text = _checked(data, "Can only vault strings")
    sealed = str(seal(text, _checked(secret, "Secret passed is required to be a string"), vault_id, salt and str(salt)))
    return sealed_text(text, sealed) if wrap_object else sealed


@pass_context
def unvault(context: Any, sealed: Any, secret: Any, vault_id: str = "filter_default") -> str:
    """The text that ``sealed`` holds under the password ``secret``; text that is not sealed stays as it is."""
    ciphertext = getattr(sealed, "ciphertext", sealed)
    text = _checked(ciphertext, "Vault should be in the form of a string")
    password = _checked(secret, "Secret passed is required to be as string")
    if not text.lstrip().startswith("$ANSIBLE_VAULT"):
        return text
    unseal = _surroundings(context).unvault
    if unseal is None:
        raise TemplateError("unvault: nobody here can decrypt")
    return str(unseal(text, password, vault_id))


VAULTS: Final[Mapping[str, Callable[..., Any]]] = {"unvault": unvault, "vault": vault}
