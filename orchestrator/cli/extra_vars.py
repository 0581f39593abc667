"""The variables of ``-e``: ``key=value`` words, YAML or JSON text, or ``@FILE``. Later ones win."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from orchestrator.model.errors import ConfigError, PlaybookError, UserError
from orchestrator.model.place import Text


def extra_vars(given: Iterable[str], open_vault: Any = None) -> dict[str, Any]:
    """All variables of the ``-e`` flags. As in Ansible, ``key=value`` gives text, and JSON keeps its types."""
    found: dict[str, Any] = {}
    for text in given:
        found.update(_read(text.strip(), open_vault))
    return found


def _read(text: str, open_vault: Any) -> dict[Any, Any]:
    from orchestrator.language.free_form import split_free_form
    from orchestrator.language.load import load_file, load_text

    if text.startswith("@"):
        value = load_file(text[1:], open_vault)
    elif text.startswith(("{", "[")):
        value = load_text(text, "--extra-vars", error=PlaybookError)
    elif text.startswith(("/", ".")):
        raise ConfigError(f"--extra-vars {text} looks like a file", hint=f"write -e @{text}")
    else:
        rest, pairs = split_free_form(text)
        if rest:
            raise UserError(
                f"--extra-vars: {rest!r} is no key=value", hint="quote values with blanks: -e 'name=\"a b\"'"
            )
        return {key: Text(each) for key, each in pairs.items()}
    if not isinstance(value, dict):
        raise ConfigError(f"--extra-vars {text}: a mapping of variables is wanted, this is a {type(value).__name__}")
    return value
