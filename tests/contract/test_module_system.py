"""Accounts, services, packages, git and pip: against the simulated Mac where it has the tools, else small stand-ins.

A stand-in is a program first in PATH that keeps its state in a file; the module's own shell code runs unchanged.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from orchestrator.model.results import Result
from tests.contract import driver
from tests.contract.driver import FakeContext, Node, Shell

node = driver.node

GROUP_TOOL = """#!/bin/sh
db=$STATE/groups
tool=${0##*/}
for last; do :; done
case $tool in
getent) grep "^$last:" "$db" || exit 2 ;;
groupadd) gid=1000; [ "$1" != -g ] || gid=$2; echo "$last:x:$gid:" >>"$db" ;;
groupmod) grep -v "^$last:" "$db" >"$db.new"; echo "$last:x:$2:" >>"$db.new"; mv "$db.new" "$db" ;;
groupdel) grep -v "^$last:" "$db" >"$db.new"; mv "$db.new" "$db" ;;
esac
"""
USER_TOOL = """#!/bin/sh
# an account is a directory with a file for each field
tool=${0##*/}
for last; do :; done
user=$STATE/user.$last
case $tool in
uname) echo Linux; exit ;;
chpasswd) cat >>"$STATE/passwords"; exit ;;
id)
	[ -d "$user" ] || [ $# = 0 ] || { echo "id: no such user" >&2; exit 1; }
	case $1 in
	-un) echo root ;;
	-u) cat "$user/u" ;; -gn) cat "$user/g" ;; -g) echo 100 ;; -Gn) echo "$(cat "$user/g") $(tr , ' ' <"$user/G")" ;;
	esac
	exit ;;
getent) echo "$last:x:$(cat "$user/u"):100:$(cat "$user/c"):$(cat "$user/d"):$(cat "$user/s")"; exit ;;
useradd) mkdir "$user"; echo 1001 >"$user/u"; echo users >"$user/g"; : >"$user/G"; echo "$STATE/home.$last" >"$user/d"
	mkdir -p "$STATE/home.$last"
	echo /bin/sh >"$user/s"; : >"$user/c" ;;
userdel)
	[ "$1" = -f ] || [ ! -e "$STATE/busy" ] || { echo "user $last is currently used by process 1" >&2; exit 8; }
	rm -r "$user" ;;
esac
while [ $# -gt 1 ]; do
	case $1 in
	-[ugGdsc]) printf '%s\\n' "$2" >"$user/${1#-}"; shift 2 ;;
	*) shift ;;
	esac
done
"""
LAUNCHCTL = """#!/bin/sh
job=$STATE/loaded
echo "$*" >>"$STATE/calls"
case $1 in
print) [ -f "$job" ] || exit 113 ;;
print-disabled) [ ! -f "$STATE/disabled" ] || echo '	"a.job" => disabled' ;;
bootstrap) touch "$job" ;;
bootout) rm -f "$job" ;;
enable) rm -f "$STATE/disabled" ;;
disable) touch "$STATE/disabled" ;;
esac
"""


def with_tools(tmp_path: Path, tools: Mapping[str, str], shell: str = "dash") -> Node:
    """A node whose PATH begins with ``tools``; their state is in ``tmp_path``/state."""
    for name in ("home", "bin", "state"):
        (tmp_path / name).mkdir()
    for name, text in tools.items():
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "STATE": str(tmp_path / "state")}
    return Node(Shell((shell,), tmp_path / "home", environment))


def settled(node: Node, name: str, args: dict[str, object]) -> Result:
    assert node.play(name, args, FakeContext(check=True)).changed
    result = node.play(name, args)
    assert result.changed and not result.failed, result.msg
    again = node.play(name, args)
    assert not again.changed and not again.failed, again.msg
    return result


@pytest.mark.parametrize("said", ["NFSHomeDirectory: {}", "NFSHomeDirectory:\\n {}", "RecordName: amy", ""])
def test_the_home_of_another_user_is_where_the_directory_service_or_else_getent_has_it(
    tmp_path: Path, said: str
) -> None:
    home = tmp_path / "amy b"
    home.mkdir()
    tools = {
        "dscl": f"#!/bin/sh\nprintf '{said.format(home)}\\n'\n",
        "getent": f"#!/bin/sh\necho 'amy:x:7:7::{home}:/bin/sh'\n",
    }
    node = with_tools(tmp_path, tools)
    assert node.play("file", {"path": "~amy/a", "state": "directory"}).data["path"] == f"{home}/a"


def test_groups(tmp_path: Path) -> None:
    tools = ("getent", "groupadd", "groupmod", "groupdel")
    node = with_tools(tmp_path, dict.fromkeys(tools, GROUP_TOOL))
    (tmp_path / "state/groups").touch()
    assert settled(node, "group", {"name": "ops", "gid": 1234}).data["gid"] == 1234
    settled(node, "group", {"name": "ops", "gid": 1235})
    settled(node, "group", {"name": "ops", "state": "absent"})


def test_users(tmp_path: Path) -> None:
    node = accounts(tmp_path)
    result = settled(node, "user", {"name": "ann", "uid": 1500, "groups": ["ops", "adm"], "shell": "/bin/zsh"})
    assert (result.data["uid"], result.data["groups"]) == (1500, "ops,adm")
    settled(node, "user", {"name": "ann", "comment": "Ann O'Nym", "home": str(tmp_path / "srv/ann")})
    assert not node.play("user", {"name": "ann", "groups": "adm", "append": True}).changed
    settled(node, "user", {"name": "ann", "groups": "adm"})
    secret = node.play("user", {"name": "bob", "password": "$6$x", "update_password": "on_create"})
    assert secret.changed and (tmp_path / "state/passwords").read_text() == "bob:$6$x\n"
    assert not node.play("user", {"name": "bob", "password": "$6$y", "update_password": "on_create"}).changed
    gone = settled(node, "user", {"name": "ann", "state": "absent", "remove": True})
    assert gone.data == {"name": "ann", "state": "absent", "force": False, "remove": True}


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="processes are looked up in /proc")
def test_a_shell_of_ours_keeps_no_account(tmp_path: Path) -> None:
    """userdel(8) refuses while a process of the account runs; root has others than our shells."""
    node = accounts(tmp_path)
    for name in ("ann", "root"):
        node.play("user", {"name": name})
    (tmp_path / "state/busy").touch()
    assert node.play("user", {"name": "ann", "state": "absent"}).changed
    kept = node.play("user", {"name": "root", "state": "absent"})
    assert kept.failed and "currently used by process 1" in (kept.msg or "")


def accounts(tmp_path: Path) -> Node:
    """A node with accounts that are files, and with nobody to whom a file could be given."""
    tools = ("id", "getent", "useradd", "usermod", "userdel", "chpasswd", "uname")
    return with_tools(tmp_path, {**dict.fromkeys(tools, USER_TOOL), "chown": "#!/bin/sh\n"})


def test_what_is_told_of_an_account(tmp_path: Path) -> None:
    node = accounts(tmp_path)
    made = node.play("user", {"name": "ann", "password": "$6$x"})
    assert made.data == {
        "name": "ann",
        "state": "present",
        "system": False,
        "create_home": True,
        "uid": 1001,
        "group": 100,
        "comment": "",
        "home": f"{tmp_path}/state/home.ann",
        "shell": "/bin/sh",
        "password": "NOT_LOGGING_PASSWORD",
    }
    seen = node.play("user", {"name": "ann"})
    assert (seen.data["append"], seen.data["move_home"], "groups" in seen.data) == (False, False, False)
    assert node.play("user", {"name": "new"}, FakeContext(check=True)).data == {}
    Path(made.data["home"]).rmdir()
    settled(node, "user", {"name": "ann"})
    assert Path(made.data["home"]).is_dir()


def test_the_key_of_an_account(tmp_path: Path) -> None:
    node = accounts(tmp_path)
    wanted = {"name": "ann", "generate_ssh_key": True, "ssh_key_type": "ed25519", "ssh_key_comment": "of ann"}
    node.play("user", {"name": "ann"})
    made = settled(node, "user", wanted)
    key = tmp_path / "state/home.ann/.ssh/id_ed25519"
    assert "Found existing ssh key private file" in node.play("user", wanted).warnings[0]
    assert made.data["ssh_key_file"] == str(key) and key.stat().st_mode & 0o777 == 0o600
    assert made.data["ssh_public_key"].endswith(" of ann") and "(ED25519)" in made.data["ssh_fingerprint"]
    assert key.parent.stat().st_mode & 0o777 == 0o700
    moved_in = {"name": "bob", "home": str(tmp_path / "old"), "ssh_key_type": "ed25519", "generate_ssh_key": True}
    kept = tmp_path / "old/.ssh/id_ed25519.pub"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept\n")
    assert node.play("user", moved_in).changed and kept.read_text() == "kept\n"
    again = node.play("user", {**wanted, "force": True})
    assert again.changed and again.data["ssh_public_key"] != made.data["ssh_public_key"]
    elsewhere = settled(
        node, "user", {**wanted, "ssh_key_file": ".ssh/other", "ssh_key_type": "ecdsa", "ssh_key_bits": 384}
    )
    assert elsewhere.data["ssh_fingerprint"].startswith("384 ")
    settled(node, "user", {**wanted, "ssh_key_file": ".ssh/locked", "ssh_key_passphrase": 'p "$a" b'})
    opened = ["ssh-keygen", "-y", "-f", str(key.with_name("locked")), "-P"]
    assert subprocess.run([*opened, 'p "$a" b'], check=True, capture_output=True, timeout=20).stdout
    assert subprocess.run([*opened, "other"], check=False, capture_output=True, timeout=20).returncode != 0


def test_accounts_of_a_mac_are_read(tmp_path: Path, node: Node) -> None:
    if not node.is_mac:
        pytest.skip("of macOS")
    here = {"name": "admin", "shell": "/bin/zsh", "home": str(node.shell.home), "uid": 501}
    assert not node.play("user", here).changed
    assert node.play("user", {**here, "shell": "/bin/bash"}, FakeContext(check=True)).changed
    assert node.play("user", {"name": "new"}, FakeContext(check=True)).changed
    assert not node.play("group", {"name": "staff", "gid": 20}).changed
    entry = node.play("getent", {"database": "passwd", "key": "admin"}).data["ansible_facts"]["getent_passwd"]
    assert entry["admin"][1:3] == ["501", "20"]
    assert node.play("getent", {"database": "services"}).failed


def test_getent(node: Node) -> None:
    facts = node.play("getent", {"database": "passwd", "key": "root"}).data["ansible_facts"]
    assert facts["getent_passwd"]["root"][1] == "0"
    assert node.play("getent", {"database": "passwd", "key": "nobody-of-that-name"}).failed
    left = node.play("getent", {"database": "passwd", "key": "nobody-of-that-name", "fail_key": False})
    assert left.data["ansible_facts"]["getent_passwd"] == {"nobody-of-that-name": None}


def test_services_of_a_mac(tmp_path: Path) -> None:
    node = with_tools(tmp_path, {"launchctl": LAUNCHCTL, "uname": "#!/bin/sh\necho Darwin\n"})
    (tmp_path / "home/Library/LaunchAgents").mkdir(parents=True)
    (tmp_path / "home/Library/LaunchAgents/a.job.plist").touch()
    settled(node, "service", {"name": "a.job", "state": "started"})
    settled(node, "service", {"name": "a.job", "enabled": False})
    result = node.play("service", {"name": "a.job", "state": "restarted", "enabled": True})
    assert result.changed and result.data["state"] == "started"
    assert f"kickstart -k gui/{os.getuid()}/a.job" in (tmp_path / "state/calls").read_text()
    settled(node, "service", {"name": "a.job", "state": "stopped"})
    assert node.play("service", {"name": "a.job", "state": "restarted"}, FakeContext(check=True)).changed
    assert not (tmp_path / "state/loaded").exists()
    assert "Could not find" in (node.play("service", {"name": "none", "state": "started"}).msg or "")


def test_hostname(tmp_path: Path) -> None:
    scutil = '#!/bin/sh\ncase $1 in --get) cat "$STATE/$2" ;; --set) echo "$3" >"$STATE/$2" ;; esac\n'
    node = with_tools(tmp_path, {"scutil": scutil, "uname": "#!/bin/sh\necho Darwin\n"})
    result = settled(node, "hostname", {"name": "Ann's-mac.lab.example"})
    assert (tmp_path / "state/LocalHostName").read_text() == "Anns-mac-lab-example\n"
    assert result.data["ansible_facts"]["ansible_domain"] == "lab.example"


def test_packages_of_a_mac(node: Node) -> None:
    if not node.is_mac:
        # nothing is ever installed on the machine that runs the tests
        if shutil.which("apt-get"):
            there = node.play("package", {"name": "dpkg", "update_cache": False}, FakeContext(check=True))
            assert not there.changed and there.data.keys() == {"cache_updated", "cache_update_time"}
        return
    settled(node, "package", {"name": "jq"})
    settled(node, "package", {"name": ["jq"], "state": "absent"})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=path, check=True, capture_output=True, env={**os.environ, **quiet})

    who = {f"GIT_{role}_{what}": "a@b" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    quiet = {**who, "GIT_CONFIG_GLOBAL": "/dev/null"}
    path = tmp_path / "repository"
    path.mkdir()
    git("init", "-q", "-b", "main")
    for number in ("one", "two"):
        (path / "f").write_text(number)
        git("add", "f")
        git("commit", "-qm", number)
        git("tag", number)
    return path


def test_a_package_manager_that_nobody_knows(node: Node) -> None:
    said = 'Could not find a matching action for the "lola" package manager.'
    assert node.play("package", {"name": "x", "use": "lola"}).msg == said
    assert node.play("package", {"name": "x"}, FakeContext(variables={"ansible_package_use": "lola"})).msg == said


def test_git(node: Node, repository: Path) -> None:
    args: dict[str, object] = {"repo": str(repository), "dest": "~/copy", "version": "one"}
    if node.is_mac:
        refused = node.play("git", args)
        assert refused.failed and (refused.msg or "") != ""
        return
    first = settled(node, "git", args)
    assert (node.shell.home / "copy/f").read_text() == "one"
    assert first.data["before"] is None and len(first.data["after"]) == 40
    settled(node, "git", {**args, "version": "main"})
    assert (node.shell.home / "copy/f").read_text() == "two"
    (node.shell.home / "copy/f").write_text("mine")
    kept = node.play("git", {**args, "version": "main"})
    assert kept.failed and "Local modifications exist" in (kept.msg or "")
    assert node.play("git", {**args, "version": "main", "force": True}).changed
    assert not node.play("git", {**args, "version": "one", "update": False}).changed
    assert node.play("git", {**args, "version": "no-such"}).failed
    assert node.play("git", {**args, "dest": "~/full", "repo": "/no/such"}).failed
    settled(node, "git", {"repo": str(repository), "dest": "~/bare", "bare": True})
    lost = node.play("git", {**args, "version": "no-such"}).data
    assert (lost["rc"], lost["stderr_lines"]) == (
        1,
        ["error: pathspec 'no-such' did not match any file(s) known to git"],
    )


def test_git_apart_shallow_and_packed(node: Node, repository: Path) -> None:
    if node.is_mac:
        return
    apart: dict[str, object] = {"repo": str(repository), "dest": "~/files", "separate_git_dir": "~/store"}
    settled(node, "git", apart)
    assert (node.shell.home / "store/HEAD").exists() and (node.shell.home / "files/.git").is_file()
    moved = node.play("git", {**apart, "separate_git_dir": "~/other"})
    assert (moved.changed, moved.data["git_dir_now"]) == (True, str(node.shell.home / "other"))
    assert not node.play("git", {**apart, "separate_git_dir": "~/other"}).changed
    settled(node, "git", {"repo": str(repository), "dest": "~/shallow", "depth": 1, "version": "main"})
    assert (node.shell.home / "shallow/.git/shallow").exists()
    packed = {"repo": str(repository), "dest": "~/full", "archive": "~/new/out.tar", "archive_prefix": "p/"}
    (node.shell.home / "new").mkdir()
    assert node.play("git", packed).changed and not node.play("git", packed).changed
    assert b"p/f" in (node.shell.home / "new/out.tar").read_bytes()
    assert "Unable to get file extension" in (node.play("git", {**packed, "archive": "~/out.rar"}).msg or "")
    assert node.play("git", {**packed, "version": "main"}, FakeContext(check=True)).changed
    refused = node.play("git", {**apart, "dest": "~/files", "remote": "elsewhere"})
    assert "Failed to set a new url" in (refused.msg or "")


def test_pip(tmp_path: Path) -> None:
    pip = """#!/bin/sh
    case "$*" in
    --version) echo pip 1 ;;
    freeze | 'list --format freeze') cat "$STATE/list" ;;
    *uninstall*) : >"$STATE/list" ;;
    *install*) for last; do :; done; case $last in bad*) IFS='|'; echo "$*" >&2; exit 1 ;; esac
        echo "$last==1" >"$STATE/list" ;;
    esac
    """
    node = with_tools(tmp_path, {"pip3": pip.replace("\n    ", "\n")})
    (tmp_path / "state/list").touch()
    settled(node, "pip", {"name": "some_thing"})
    settled(node, "pip", {"name": "some_thing", "state": "absent"})
    assert node.play("pip", {"name": "bad"}).failed
    said = node.play("pip", {"name": "bad", "extra_args": "-c 'a b' --x"})
    assert "-c|a b|--x|bad" in said.data["stderr"]
    assert "No closing quotation" in (node.play("pip", {"name": "bad", "extra_args": "'"}).msg or "")
    assert node.play("pip", {"name": "x", "executable": "no-such-pip"}).failed
    made = {"name": "x", "virtualenv": "~/venv", "virtualenv_command": "no-such-tool"}
    assert node.play("pip", made, FakeContext(check=True)).changed
    assert "could not make the virtual environment" in (node.play("pip", made).msg or "")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("user", {"name": "a b"}),
        ("user", {"name": "a", "password": "x\ny"}),
        ("user", {"name": "a", "ssh_key_passphrase": "x\ny"}),
        ("user", {"name": "a", "ssh_key_type": "a b"}),
        ("user", {"name": "a", "expires": 1e30}),
        ("group", {"name": "-x"}),
        ("service", {"name": "a"}),
        ("service", {"name": "a b", "state": "started"}),
        ("git", {"repo": "--upload-pack=x", "dest": "d"}),
        ("git", {"repo": "r"}),
        ("pip", {}),
        ("pip", {"name": "-r"}),
        ("pip", {"name": "a,b", "version": "1"}),
        ("pip", {"name": "a", "virtualenv": "v", "executable": "e"}),
        ("hostname", {"name": "a b"}),
        ("getent", {"database": "../x"}),
    ],
)
def test_wrong_arguments(name: str, args: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Node(Shell(("dash",), tmp_path)).play(name, args)
