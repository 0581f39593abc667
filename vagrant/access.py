"""Lays out, from an inventory of simulated Macs, what another computer needs to reach them: FROM TO.

Writes TO/ssh_config, where @HERE@ stands for the directory TO will be copied to, and beside it a key for each
Mac and the host keys of all. Runs in the Debian machine, so host keys are asked for on its own loopback.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

HOST = """\
Host {name}
  HostName {address}
  Port {port}
  User {user}
  ProxyJump debian
  IdentityFile "@HERE@/{name}.key"
  IdentitiesOnly yes
  UserKnownHostsFile "@HERE@/known_hosts"
  StrictHostKeyChecking yes

"""


def host_keys(address: str, port: int) -> str:
    """The server's public keys as lines for known_hosts. Raises CalledProcessError where nobody listens."""
    scan = ["ssh-keyscan", "-T", "5", "-p", str(port), address]
    return subprocess.run(scan, check=True, capture_output=True, text=True, timeout=30).stdout


def lay_out(inventory: Path, access: Path) -> None:
    """Fills the empty directory `access`; names are debian-sim-1, -2 … in inventory order."""
    hosts = yaml.safe_load(inventory.read_text(encoding="utf-8"))["all"]["hosts"].values()
    for number, host in enumerate(hosts, start=1):
        name, address, port = f"debian-sim-{number}", host["ansible_host"], host["ansible_port"]
        shutil.copyfile(host["ansible_ssh_private_key_file"], access / f"{name}.key")
        with (access / "known_hosts").open("a", encoding="utf-8") as known:
            known.write(host_keys(address, port))
        with (access / "ssh_config").open("a", encoding="utf-8") as config:
            config.write(HOST.format(name=name, address=address, port=port, user=host["ansible_user"]))


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]), Path(sys.argv[2]))
