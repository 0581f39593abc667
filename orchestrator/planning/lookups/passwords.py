"""The ``password`` lookup: made once by chance, kept in a file of this machine, in Ansible's format."""

from __future__ import annotations

import os
import random
import re
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from orchestrator.language.free_form import split_free_form
from orchestrator.model.errors import TemplateError
from orchestrator.planning.filters.crypt import password_hash
from orchestrator.planning.lookups.base import Call, Lookup, options_of

_DEFAULTS: Final[Mapping[str, Any]] = {
    "length": 20,
    "encrypt": None,
    "ident": None,
    "seed": None,
    "chars": ["ascii_letters", "digits", ".,:-_"],
}
_SALTS: Final = {"bcrypt": 22, "blowfish": 22, "md5_crypt": 8}
_KEPT: Final = re.compile(r"^(?P<password>.*?)(?: salt=(?P<salt>.*?))?(?: ident=(?P<ident>.*))?$", re.DOTALL)


def password(call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
    """For each path the password kept there, made first where there is none; ``/dev/null`` keeps nothing."""
    return [_password(call, str(term), options) for term in terms]


def _password(call: Call, term: str, options: Mapping[str, Any]) -> str:
    name, _, rest = term.partition(" ")
    raw, inline = split_free_form(rest) if rest else (None, {})
    name = f"{name} {raw}" if raw else name
    how = options_of("password", {**options, **inline}, _DEFAULTS)
    base = call.surroundings.search_path[-1] if call.surroundings.search_path else "."
    path = Path(base, os.path.expanduser(name))
    kept = _kept(path)
    made = kept["password"] or _made(how)
    salt, ident = kept["salt"], kept["ident"] or how["ident"]
    if how["encrypt"] and not salt:
        salt = _chance(_SALTS.get(how["encrypt"], 16), string.ascii_letters + string.digits + "./", None)
    if how["encrypt"] in ("bcrypt", "blowfish") and not ident:
        ident = "2b"
    _keep(path, made + (f" salt={salt}" if salt else "") + (f" ident={ident}" if salt and ident else ""))
    return password_hash(made, how["encrypt"], salt=salt, ident=ident) if how["encrypt"] else made


def _kept(path: Path) -> dict[str, Any]:
    if str(path) == "/dev/null" or not path.exists():
        return {"password": None, "salt": None, "ident": None}
    match = _KEPT.match(path.read_text(encoding="utf-8").rstrip())
    return match.groupdict() if match else {}


def _keep(path: Path, content: str) -> None:
    """Write ``content`` unless it stands there; two at once end with one whole file."""
    if str(path) == "/dev/null" or (path.exists() and path.read_text(encoding="utf-8").rstrip() == content):
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(content + "\n")
        beside.replace(path)
    except OSError as error:
        raise TemplateError(f"the password cannot be kept in {path}: {error.strerror}") from error


def _made(how: Mapping[str, Any]) -> str:
    chars = how["chars"]
    if isinstance(chars, str):
        chars = ([","] if ",," in chars else []) + [each for each in chars.replace(",,", ",").split(",") if each]
    letters = "".join(str(getattr(string, each, each)) for each in chars).replace('"', "").replace("'", "")
    return _chance(int(how["length"]), letters, how["seed"])


def _chance(length: int, letters: str, seed: Any) -> str:
    source = random.SystemRandom() if seed is None else random.Random(seed)
    return "".join(source.choice(letters) for _ in range(length))


PASSWORDS: Final[Mapping[str, Lookup]] = {"password": password}
