"""Community's file modules on every shell we promise."""

from __future__ import annotations

import http.server
import os
import shutil
import tarfile
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.contract import driver
from tests.contract.community import settled
from tests.contract.driver import FakeContext, Node

node = driver.node
PERMS = "ownership, perms or SE linux context changed"
ONE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOne"
TWO = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABTwo"


def me(node: Node) -> str:
    """The login user's name as the node's id(1) says it."""
    return str(node.play("command", {"argv": ["id", "-un"]}).data["stdout"])


def test_authorized_key(node: Node) -> None:
    file = node.shell.home / ".ssh/authorized_keys"
    args = {"user": me(node), "path": "~/.ssh/authorized_keys"}
    file.unlink(missing_ok=True)
    if node.is_mac:
        file.parent.rmdir()
    settled(node, "authorized_key", {**args, "key": f"{ONE} me@here"})
    assert (file.read_text(), file.stat().st_mode & 0o777) == (f"{ONE} me@here\n", 0o600)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    settled(
        node, "authorized_key", {**args, "key": f"# mine\n{ONE}\n{TWO}", "key_options": 'no-pty,command="ssh-rsa x"'}
    )
    assert file.read_text() == f'no-pty,command="ssh-rsa x" {ONE} \nno-pty,command="ssh-rsa x" {TWO} \n'
    settled(node, "authorized_key", {**args, "key": TWO, "exclusive": True, "comment": "only"})
    assert file.read_text() == f"{TWO} only\n"
    file.parent.chmod(0o755)
    assert not node.play("authorized_key", {**args, "key": f"{TWO} only"}).changed
    assert file.parent.stat().st_mode & 0o777 == 0o755
    settled(node, "authorized_key", {**args, "key": TWO, "state": "absent"})
    assert (file.read_text(), file.parent.stat().st_mode & 0o777) == ("", 0o700)
    result = node.play("authorized_key", {**args, "key": "http://127.0.0.1:9/keys"})
    assert result.failed and "127.0.0.1:9/keys" in (result.msg or "")


def test_keys_come_from_a_url(tmp_path: Path) -> None:
    (tmp_path / "me.keys").write_text(f"{ONE}\n{TWO}\n")
    (tmp_path / "home").mkdir()
    node = Node(driver.Shell(("dash",), tmp_path / "home"))
    handler = partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        args = {"user": me(node), "path": "~/keys", "key": f"{url}/me.keys"}
        settled(node, "authorized_key", args, runs=2)
        assert (tmp_path / "home/keys").read_text() == f"{ONE} \n{TWO} \n"
        (tmp_path / "no.keys").write_text("<html>\n")
        assert "invalid key" in (node.play("authorized_key", {**args, "key": f"{url}/no.keys"}).msg or "")
        server.shutdown()
        thread.join(10)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_ini_file(node: Node) -> None:
    file = node.shell.home / "conf.ini"
    args: dict[str, Any] = {"path": "~/conf.ini", "section": "one"}
    assert settled(node, "ini_file", {**args, "option": "a", "value": "1"}).msg == "section and option added"
    assert (
        settled(node, "ini_file", {**args, "option": "b", "value": "2", "mode": "0600"}, runs=2).msg == "option added"
    )
    assert settled(node, "ini_file", {**args, "option": "a", "value": "x = y"}).msg == "option changed"
    settled(node, "ini_file", {**args, "section": "two", "option": "c", "allow_no_value": True})
    assert file.read_text() == "\n[one]\na = x = y\nb = 2\n[two]\nc\n"
    assert file.stat().st_mode & 0o777 == 0o600
    settled(node, "ini_file", {**args, "option": "b", "state": "absent"})
    assert settled(node, "ini_file", {**args, "section": "two", "state": "absent", "backup": True}).data["backup_file"]
    assert file.read_text() == "\n[one]\na = x = y\n"
    assert (
        node.play("ini_file", {**args, "path": "~/no", "option": "a", "value": "1", "create": False}).data["rc"] == 257
    )
    nothing = node.play("ini_file", {**args, "path": "~/no", "option": "a", "state": "absent"})
    assert not nothing.changed and nothing.data["path"] == "~/no" and nothing.data["diff"]["before"] == ""
    new = node.play("ini_file", {**args, "path": "~/new", "option": "a", "value": "1", "backup": True})
    assert new.changed and new.data["backup_file"] == ""


def test_ssh_config(node: Node) -> None:
    args: dict[str, Any] = {"host": "mac1 mac2", "ssh_config_file": "~/.ssh/config"}
    added = settled(node, "ssh_config", {**args, "hostname": "192.0.2.1", "port": 2222, "remote_user": "admin"})
    assert added.data["hosts_added"] == ["mac1 mac2"] and added.data["hosts_changed"] == []
    more = {"identities_only": True, "port": 22, "other_options": {"ServerAliveInterval": 5}}
    edited = settled(node, "ssh_config", {**args, **more})
    assert edited.data["hosts_changed"] == ["mac1 mac2"] and edited.data["hosts_added"] == []
    assert edited.data["hosts_change_diff"][0]["mac1 mac2"]["old"]["port"] == "2222"
    settled(
        node, "ssh_config", {"host": "*", "strict_host_key_checking": "accept-new", "ssh_config_file": "~/.ssh/config"}
    )
    assert (node.shell.home / ".ssh/config").read_text() == (
        "Host mac1 mac2\n    hostname 192.0.2.1\n    port 22\n    user admin\n    identitiesonly yes\n"
        "    ServerAliveInterval 5\n\nHost *\n    stricthostkeychecking accept-new\n"
    )
    assert settled(node, "ssh_config", {**args, "state": "absent"}).data["hosts_removed"] == ["mac1 mac2"]


def test_archive(node: Node) -> None:
    tree = node.shell.home / "tree"
    (tree / "sub dir").mkdir(parents=True)
    for name in ("a", "sub dir/b", "skip.log", "sub dir/c.tmp"):
        (tree / name).write_text(name)
    args = {"path": "~/tree", "dest": "~/out.tgz", "exclude_path": ["~/tree/skip.log"], "exclusion_patterns": ["*.tmp"]}
    result = settled(node, "archive", {**args, "mode": "0600"})
    assert result.data["arcroot"] == f"{node.shell.home}/" and result.data["dest_state"] == "archive"
    with tarfile.open(node.shell.home / "out.tgz") as packed:
        assert packed.getnames()[0] == "tree/sub dir", "directories come first, the tree itself is not listed"
        assert sorted(packed.getnames()) == ["tree/a", "tree/skip.log", "tree/sub dir", "tree/sub dir/b"]
        assert result.data["archived"] == [f"{node.shell.home}/{name}" for name in packed.getnames()]
    (tree / "a").write_text("changed")
    assert node.play("archive", args).changed
    settled(node, "archive", {"path": ["~/tree/a"], "format": "bz2"})
    assert (node.shell.home / "tree/a.bz2").exists()
    settled(node, "archive", {"path": ["~/tree/a", "~/tree/sub dir/*"], "dest": "~/two.tar", "format": "tar"})
    result = node.play(
        "archive", {"path": ["~/tree/a", "~/tree/no*"], "dest": "~/x.tar", "format": "tar", "remove": True}
    )
    assert result.data["missing"] == [f"{node.shell.home}/tree/no*"] and not (tree / "a").exists()
    lone = settled(node, "archive", {"path": "~/tree/skip.log", "dest": "~/lone.tar", "format": "tar"})
    with tarfile.open(node.shell.home / "lone.tar") as packed:
        assert (lone.data["dest_state"], packed.getnames()) == ("archive", ["skip.log"])
    (tree / "keep").write_text("k")
    (tree / "go").write_text("g")
    kept = {"path": ["~/tree/keep", "~/tree/g*"], "exclude_path": "~/tree/keep", "dest": "~/g.tgz", "remove": True}
    assert node.play("archive", kept).data["archived"] == [f"{tree}/go"]
    assert (tree / "keep").exists() and not (tree / "go").exists()
    absent = node.play("archive", {"path": "~/none", "dest": "~/no/where/n.tgz"})
    assert (absent.changed, absent.failed, absent.data["dest_state"]) == (False, False, "absent")
    assert node.play("archive", {"path": "~/none", "dest": "~/two.tar"}).data["dest_state"] == "archive"
    some = node.play("archive", {"path": ["~/none", "~/tree"], "dest": "~/some.tgz", "exclude_path": ["~/tree/sub*"]})
    assert some.data["dest_state"] == "incomplete" and some.data["missing"] == [f"{node.shell.home}/none"]
    assert some.data["expanded_exclude_paths"] == [f"{node.shell.home}/tree/sub dir"]
    for wrong in (
        {"path": "~/none*"},
        {"path": "~/tree"},
        {"path": "~/tree/k*"},
        {"path": "~/tree", "dest": "~/none/x"},
        {"path": ["~/tree", "~/out.tgz"]},
    ):
        assert node.play("archive", wrong).failed


@pytest.mark.parametrize("tar", ["tar", "bsdtar"])
@pytest.mark.parametrize("form", ["zip", "xz", "bz2", "gz", "tar"])
def test_archive_formats(form: str, tar: str, tmp_path: Path) -> None:
    tools = {"zip": ("zip", "unzip"), "xz": ("xz",)}.get(form, ())
    if lacks := [tool for tool in (tar, *tools) if shutil.which(tool) is None]:
        pytest.skip(f"needs {', '.join(lacks)}")
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    (home / "bin/tar").symlink_to(str(shutil.which(tar)))
    (home / "tree/ünï").mkdir(parents=True)
    (home / "tree/ünï/a b").write_text("x" * 1000)
    environment = {"PATH": f"{home}/bin:{os.environ['PATH']}", "USER": "tester"}
    node = Node(driver.Shell(("dash",), home, environment))
    args = {"path": "~/tree", "dest": f"~/out.{form}", "format": form}
    settled(node, "archive", args)
    (home / "tree/ünï/a b").write_text("y" * 1000)
    settled(node, "archive", args)
    settled(node, "archive", {"path": "~/tree/ünï/a b", "force_archive": True, "dest": f"~/one.{form}", "format": form})


def test_synchronize(node: Node, tmp_path: Path) -> None:
    source = tmp_path / "here/site"
    (source / "sub").mkdir(parents=True)
    (source / "run").write_text("#!/bin/sh\n")
    (source / "run").chmod(0o755)
    (source / "sub/b\\t").write_text("b")
    (source / "l").symlink_to("run")
    args = {"src": "here/site/", "dest": "~/site", "delete": True}
    assert node.play("synchronize", args, FakeContext(root=tmp_path, check=True)).changed
    result = node.play("synchronize", args, FakeContext(root=tmp_path))
    assert result.changed and not result.failed, result.msg
    dest = node.shell.home / "site"
    assert (dest / "run").stat().st_mode & 0o777 == 0o755 and (dest / "l").is_symlink()
    again = node.play("synchronize", args, FakeContext(root=tmp_path))
    assert not again.changed and not again.failed, again.msg
    (dest / "sub/more").mkdir()
    (dest / "extra").write_text("x")
    assert settled(node, "synchronize", args, runs=2, root=tmp_path).diff[-1].before == "extra\nsub/more\n"
    assert (dest / "sub/b\\t").exists()
    assert "not a directory of its own" in (
        node.play("synchronize", {**args, "dest": "~/"}, FakeContext(root=tmp_path)).msg or ""
    )


def test_pamd(node: Node) -> None:
    file = node.shell.home / "sudo"
    file.write_text(
        "# sudo: auth account\nauth       sufficient     pam_smartcard.so\naccount    required       pam_permit.so\n"
    )
    args: dict[str, Any] = {"name": "sudo", "path": str(node.shell.home), "type": "auth", "control": "sufficient"}
    args["module_path"] = "pam_smartcard.so"
    new = {"new_type": "auth", "new_control": "sufficient", "new_module_path": "pam_tid.so"}
    assert settled(node, "pamd", {**args, **new, "state": "before"}).data["change_count"] == 1
    mark, first = file.read_text().splitlines()[1:3]
    assert mark.startswith("# Updated by Ansible - ") and first == "auth       sufficient pam_tid.so"
    settled(node, "pamd", {**args, "state": "args_present", "module_arguments": ["debug", "a=1"]})
    settled(node, "pamd", {**args, "state": "args_present", "module_arguments": ["a=2"]})
    assert "pam_smartcard.so debug a=2" in file.read_text()
    settled(node, "pamd", {**args, "state": "args_absent", "module_arguments": ["debug"]})
    settled(node, "pamd", {**args, "state": "updated", "module_arguments": []})
    settled(node, "pamd", {**args, **new, "new_module_path": "pam_x.so", "state": "after"})
    settled(node, "pamd", {**args, "state": "absent"})
    assert "pam_smartcard" not in file.read_text() and file.read_text().count("# Updated by Ansible") == 1
    file.write_text("auth sufficient pam_smartcard.so a\n")
    settled(node, "pamd", {**args, "state": "args_absent", "module_arguments": ["a"]})
    assert file.read_text().splitlines()[2] == "auth       sufficient pam_smartcard.so"
    assert node.play("pamd", {**args, "name": "none"}).failed


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("authorized_key", {"user": "x", "key": "no key"}), ("authorized_key", {"user": "a b", "key": ONE}),
        ("ini_file", {"path": "x", "option": "a"}),
        ("ini_file", {"path": "x", "option": "a", "value": "1", "values": ["2"]}),
        ("ssh_config", {"host": "x", "proxyjump": "a", "proxycommand": "b"}), ("ssh_config", {"host": "x", "port": 0}),
        ("ssh_config", {"host": "x", "user": "a", "ssh_config_file": "b"}),
        ("ssh_config", {"host": "x", "hostname": "a\nb"}),
        ("archive", {"path": []}), ("archive", {"path": ["a\nb"]}), ("archive", {"path": "x", "format": "rar"}),
        ("synchronize", {"src": "a", "dest": "b", "mode": "pull"}),
        ("synchronize", {"src": "a", "dest": "b", "rsync_opts": ["--exclude=x"]}),
        ("pamd", {"name": "x", "type": "auth", "control": "a", "module_path": "b", "state": "before"}),
        ("pamd", {"name": "x", "type": "auth", "control": "a", "module_path": "b", "state": "args_absent"}),
    ],
)  # fmt: skip
def test_wrong_arguments(name: str, args: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Node(driver.Shell(("dash",), tmp_path)).play(name, args)


def test_sudoers(node: Node) -> None:
    place = node.shell.home / "sudoers.d"
    place.mkdir()
    rule = {"name": "brew", "user": "ann", "commands": ["/bin/a", "/bin/b"], "sudoers_path": str(place)}
    for wanted, line in (
        (rule, "ann ALL=NOPASSWD: /bin/a, /bin/b\n"),
        ({**rule, "nopassword": False, "runas": "root", "setenv": True}, "ann ALL=(root)SETENV: /bin/a, /bin/b\n"),
        ({**rule, "user": None, "group": "wheel", "host": "mac", "noexec": True}, None),
    ):
        foretold = node.play("sudoers", wanted, FakeContext(check=True))
        done, again = node.play("sudoers", wanted), node.play("sudoers", wanted)
        assert (foretold.changed, done.changed, again.changed) == (True, True, False), done.msg
        assert (place / "brew").read_text() == (line or "%wheel mac=NOEXEC:NOPASSWD: /bin/a, /bin/b\n")
        assert (place / "brew").stat().st_mode & 0o777 == 0o440
    gone = {"name": "brew", "state": "absent", "sudoers_path": str(place)}
    assert node.play("sudoers", gone, FakeContext(check=True)).changed and (place / "brew").exists()
    assert node.play("sudoers", gone).changed and not (place / "brew").exists()
    assert not node.play("sudoers", gone).changed
    assert "user, group" in (node.play("sudoers", {"name": "x", "commands": "ALL"}).msg or "")


def test_read_csv(node: Node) -> None:
    (node.shell.home / "users.csv").write_text("name,uid\nann,500\nbob,501\n")
    assert node.play("read_csv", {"path": "~/users.csv"}).data["list"] == [
        {"name": "ann", "uid": "500"},
        {"name": "bob", "uid": "501"},
    ]
    by_name = node.play("read_csv", {"path": "~/users.csv", "key": "name"}).data
    assert by_name["dict"]["bob"] == {"name": "bob", "uid": "501"} and by_name["list"] == []
    (node.shell.home / "bare.csv").write_text("ann; 500\nann; 501\n")
    bare = {"path": "~/bare.csv", "fieldnames": "name,uid", "delimiter": ";", "skipinitialspace": True}
    assert node.play("read_csv", bare).data["list"][1] == {"name": "ann", "uid": "501"}
    assert node.play("read_csv", {**bare, "key": "name", "unique": False}).data["dict"]["ann"]["uid"] == "501"
    for wrong, said in (
        ({**bare, "key": "name"}, "Key 'name' is not unique for value 'ann'"),
        ({**bare, "key": "shell"}, "Key 'shell' was not found in the CSV header fields: name, uid"),
        ({**bare, "dialect": "lisp"}, "Dialect 'lisp' is not supported"),
        ({**bare, "delimiter": ";;"}, "Unable to create custom dialect"),
        ({"path": "~/none.csv"}, "Unable to open file"),
        ({"path": "~"}, "Unable to open file"),
    ):
        assert said in (node.play("read_csv", wrong).msg or "")


def test_openssh_keypair(node: Node) -> None:
    if node.is_mac:
        keygen = Path(node.shell.environment["PATH"].split(":")[0]) / "ssh-keygen"
        keygen.unlink(missing_ok=True)
        keygen.symlink_to(str(shutil.which("ssh-keygen")))
    key, public = node.shell.home / "id", node.shell.home / "id.pub"
    args = {"path": "~/id", "type": "ed25519", "comment": "me & you"}
    foretold = node.play("openssh_keypair", args, FakeContext(check=True))
    made = node.play("openssh_keypair", args)
    again = node.play("openssh_keypair", args)
    assert (foretold.changed, made.changed, again.changed) == (True, True, False), made.msg
    assert made.data == again.data and made.data["fingerprint"].startswith("SHA256:") and made.data["size"] == 256
    assert public.read_text() == f"{made.data['public_key']} me & you\n" and key.stat().st_mode & 0o777 == 0o600
    public.unlink()
    assert node.play("openssh_keypair", args).changed and public.read_text().endswith(" me & you\n")
    assert node.play("openssh_keypair", {**args, "comment": "other"}).data["comment"] == "other"
    assert not node.play("openssh_keypair", {**args, "comment": None}).changed
    assert node.play("openssh_keypair", {**args, "comment": None, "mode": "0400"}).changed
    small = {"path": "~/id", "type": "rsa", "size": 1024}
    assert "wrong type and/or size" in (node.play("openssh_keypair", {**small, "regenerate": "fail"}).msg or "")
    assert not node.play("openssh_keypair", {**small, "regenerate": "never"}).changed
    assert (
        node.play("openssh_keypair", small).changed and node.play("openssh_keypair", {**small, "force": True}).changed
    )
    key.write_text("broken\n")
    assert "Unable to read the key" in (node.play("openssh_keypair", small).msg or "")
    assert node.play("openssh_keypair", {**small, "regenerate": "full_idempotence"}).changed
    gone = {"path": "~/id", "state": "absent"}
    assert node.play("openssh_keypair", gone).changed and not key.exists() and not public.exists()
    assert not node.play("openssh_keypair", gone).changed
    assert "does not exist or" in (node.play("openssh_keypair", {"path": "~/none/id"}).msg or "")
    assert "is a directory" in (node.play("openssh_keypair", {"path": "~"}).msg or "")
    for wrong in ({"size": 512}, {"type": "dsa", "size": 5}, {"type": "ecdsa", "size": 5}, {"passphrase": "x"}):
        with pytest.raises(ValidationError):
            node.play("openssh_keypair", {"path": "~/id", **wrong})


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_make(shell: str, tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("needs make")
    home = tmp_path / "home"
    (home / "src").mkdir(parents=True)
    (home / "src/Makefile").write_text("out: in\n\tcp in out\n\t@echo $(WORD)\nbad:\n\t@echo no >&2; exit 3\n")
    (home / "src/in").write_text("x")
    node = Node(driver.Shell((shell,), home, {"PATH": os.environ["PATH"], "USER": "tester"}))
    args = {"chdir": "~/src", "target": "out", "params": {"WORD": "a b"}, "jobs": 1}
    foretold = node.play("make", args, FakeContext(check=True))
    assert foretold.changed and not (home / "src/out").exists()
    made = node.play("make", args)
    assert made.changed and made.data["stdout"] == "cp in out\na b" and made.data["command"].endswith("out 'WORD=a b'")
    assert not node.play("make", {"chdir": "~/src", "targets": ["out"]}).changed
    failed = node.play("make", {"chdir": "~/src", "target": "bad", "file": "Makefile"})
    assert failed.failed and failed.data["rc"] == 2 and failed.data["stderr"].startswith("no\n")
    assert "could not change to" in (node.play("make", {"chdir": "~/none"}).msg or "")
    assert "is not on this node" in (node.play("make", {"chdir": "~", "make": "~/none"}).msg or "")
    with pytest.raises(ValidationError):
        node.play("make", {"chdir": "~", "target": "a", "targets": ["b"]})
