"""
The OpenSSH front of a simulated Mac: the configuration for the host's own sshd, on the loopback.

The Mac's launchd starts that sshd, so it ends with the Mac. The login user is whoever runs the simulation, since a
real sshd knows only the host's users; HOME, USER and PATH are nevertheless the Mac's.
"""

from __future__ import annotations

import getpass
import os
import pwd
from pathlib import Path

from orchestrator.sim.mac import MacDir, SimMac, session_environment

SSHD = "/usr/sbin/sshd"
_PRIVILEGE_SEPARATION = Path("/run/sshd")


def login_user() -> str:
    """The name to log in with."""
    return getpass.getuser()


def write_config(mac: SimMac, where: MacDir, host: str, port: int, host_key: Path) -> Path:
    """Write run/sshd_config and what the login shell needs to start in the Mac's home."""
    environment = {**session_environment(mac, where), "TMPDIR": f"{where.tmp}/"}
    pairs = " ".join(f'"{name}={value}"' for name, value in environment.items())
    config = where.run / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress {host}\nHostKey {host_key}\nPidFile none\nStrictModes no\nUsePAM no\n"
        f"AuthorizedKeysFile {where.home}/.ssh/authorized_keys\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nAcceptEnv LANG LC_*\nUseDNS no\n"
        f"MaxSessions 10\nPrintMotd no\nSubsystem sftp internal-sftp -d {where.home}\nSetEnv {pairs}\n"
    )
    _start_at_home(where)
    if os.geteuid() == 0:
        # sshd run by root refuses to start without it; distributions create it when their own sshd starts.
        _PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
    return config


def _start_at_home(where: MacDir) -> None:
    """sshd starts in the host user's home; the shells that read a file for a remote command move to the Mac's."""
    real = pwd.getpwuid(os.getuid()).pw_dir
    line = f'[ "$PWD" != "{real}" ] || cd "$HOME"\n'
    for name in (".bashrc", ".zshenv"):
        (where.home / name).write_text(line)
