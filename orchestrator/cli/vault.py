"""``orch vault``: ansible-vault files and values."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.flags import VAULT, AskVault, Maybe, VaultFiles, VaultIds, option, takes
from orchestrator.model.frozen import frozen

if TYPE_CHECKING:
    from orchestrator.secrets.vault import Vault

app = typer.Typer(
    help="ansible-vault files: encrypt, decrypt, view, edit, rekey, create, encrypt-string.", no_args_is_help=True
)

Files = Annotated[list[Path], typer.Argument(help="Files; '-' is stdin", metavar="FILE…")]
One = Annotated[Path, typer.Argument(help="The file", metavar="FILE")]
Output = Annotated[Path | None, typer.Option("--output", help="Write here instead; '-' is stdout", metavar="FILE")]
STDIN = Path("-")


@frozen(kw_only=True)
class VaultFlags:
    """Where vault passwords come from."""

    vault_id: VaultIds = None
    vault_password_file: VaultFiles = None
    ask_vault_password: AskVault = False
    encrypt_vault_id: Annotated[
        Maybe,
        option("--encrypt-vault-id", help="Encrypt with the password of this label", panel=VAULT, metavar="LABEL"),
    ] = None


@app.command("encrypt")
@takes(VaultFlags)
def encrypt(flags: VaultFlags, files: Files, output: Output = None) -> int:
    """Encrypt files in place."""
    from orchestrator.model.errors import SecretError
    from orchestrator.secrets.vault import is_vaulted

    vault = _vault(flags)
    for file in files:
        plain = _read(file)
        if is_vaulted(plain):
            raise SecretError(f"{file} is already encrypted")
        _write(output or file, vault.seal(plain, flags.encrypt_vault_id))
    return 0


@app.command("decrypt")
@takes(VaultFlags)
def decrypt(flags: VaultFlags, files: Files, output: Output = None) -> int:
    """Decrypt files in place."""
    vault = _vault(flags)
    for file in files:
        _write(output or file, vault.open(_read(file), str(file)))
    return 0


@app.command("view")
@takes(VaultFlags)
def view(flags: VaultFlags, files: Files) -> int:
    """Print decrypted files."""
    vault = _vault(flags)
    for file in files:
        _write(STDIN, vault.open(_read(file), str(file)))
    return 0


@app.command("create")
@takes(VaultFlags)
def create(flags: VaultFlags, file: One) -> int:
    """Write a new encrypted file in $EDITOR."""
    from orchestrator.model.errors import SecretError

    if file.exists():
        raise SecretError(f"{file} exists", hint=f"orch vault edit {file}")
    vault = _vault(flags)
    _write(file, vault.seal(_edited(b"", file.suffix), flags.encrypt_vault_id))
    return 0


@app.command("edit")
@takes(VaultFlags)
def edit(flags: VaultFlags, file: One) -> int:
    """Change an encrypted file in $EDITOR; its label stays."""
    from orchestrator.secrets.vault import label_of

    vault = _vault(flags)
    data = _read(file)
    plain = vault.open(data, str(file))
    changed = _edited(plain, file.suffix)
    if changed != plain:
        _write(file, vault.seal(changed, flags.encrypt_vault_id or label_of(data)))
    return 0


@app.command("rekey")
@takes(VaultFlags)
def rekey(
    flags: VaultFlags,
    files: Files,
    new_vault_id: Annotated[
        str | None, typer.Option("--new-vault-id", help="LABEL@FILE or LABEL@prompt", metavar="ID")
    ] = None,
    new_vault_password_file: Annotated[str | None, typer.Option("--new-vault-password-file", metavar="FILE")] = None,
) -> int:
    """Encrypt files anew with another password."""
    from orchestrator.cli.passwords import vault_key
    from orchestrator.secrets.redact import Redactor
    from orchestrator.secrets.vault import Vault

    old = _vault(flags)
    plains = [(file, old.open(_read(file), str(file))) for file in files]
    new = Vault([vault_key(new_vault_id or new_vault_password_file or "default@prompt", Redactor())])
    for file, plain in plains:
        _write(file, new.seal(plain))
    return 0


@app.command("encrypt-string")
@takes(VaultFlags)
def encrypt_string(
    flags: VaultFlags,
    name: Annotated[
        str | None, typer.Option("-n", "--name", "--stdin-name", help="The variable's name", metavar="NAME")
    ] = None,
) -> int:
    """Encrypt a value from stdin (never from the command line, where others can read it) as YAML for a playbook."""
    vault = _vault(flags)
    if sys.stdin.isatty():
        from orchestrator.cli.passwords import ask

        value = ask("Value: ").reveal().encode()
    else:
        value = sys.stdin.buffer.read()
    sealed = vault.seal(value, flags.encrypt_vault_id).decode().splitlines()
    head = f"{name}: !vault |" if name else "!vault |"
    print("\n".join([head, *(f"          {line}" for line in sealed)]))
    return 0


def _warn(text: str) -> None:
    print(f"[WARNING]: {text}", file=sys.stderr)


def _vault(flags: VaultFlags) -> Vault:
    from orchestrator.cli.passwords import ask, vault_key, vault_keys
    from orchestrator.language.ansible_cfg import load_config
    from orchestrator.secrets.redact import Redactor
    from orchestrator.secrets.vault import Vault

    config = load_config()
    redactor = Redactor()
    configured = [*config.vault_identity_list, *([config.vault_password_file] if config.vault_password_file else [])]
    keys = vault_keys(flags, configured, redactor, _warn, ask)
    return Vault(keys or [vault_key("default@prompt", redactor)])


def _read(file: Path) -> bytes:
    from orchestrator.model.errors import UserError

    if file == STDIN:
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from error


def _write(file: Path, data: bytes) -> None:
    """Replace ``file`` in one step, keeping its mode; a new one is its owner's alone."""
    from orchestrator.model.errors import UserError

    if file == STDIN:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
        draft.touch(mode=0o600)
        draft.write_bytes(data)
        draft.chmod(mode)
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UserError(f"{file}: {error.strerror}") from error


def _edited(plain: bytes, suffix: str) -> bytes:
    """What $EDITOR makes of ``plain``; the text lies in a directory of its owner's alone meanwhile."""
    from orchestrator.model.errors import UserError

    with tempfile.TemporaryDirectory(prefix="orch-vault-") as directory:
        file = Path(directory) / f"vault{suffix}"
        file.touch(mode=0o600)
        file.write_bytes(plain)
        editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
        try:
            done = subprocess.run([*editor, str(file)], check=False)
        except OSError as error:
            raise UserError(f"the editor {editor[0]} cannot be run: {error.strerror}", hint="set EDITOR") from error
        if done.returncode != 0:
            raise UserError(f"the editor ended with status {done.returncode}", hint="nothing was changed")
        return file.read_bytes()
