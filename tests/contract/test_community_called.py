"""Modules that call a tool of the node word by word, with stand-ins that note how they are called.

What the stand-ins print has the form of the real ones (cargo 1.80, Homebrew 4.4, Bundler 2.5, Composer 2.7,
cpanm 1.7046, Yarn 1.22, Mercurial 6.3). What is expected was held against community.general 12 on the same stand-ins.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.results import Result
from tests.contract.driver import FakeContext, Node, Shell

STAND_INS = {
    "cargo": """
d=$HOME/cargo; touch "$d"
case "$1 $2" in
'install --list') cat "$d" ;;
'search '*) echo "$2 = \\"2.0.0\\"    # a program" ;;
'metadata '*) echo '{"packages":[{"name":"rg","version":"0.9.0"}]}' ;;
'uninstall '*) : >"$d" ;;
*) case "$*" in *--version*) v=1.0.0 ;; *) v=2.0.0 ;; esac; printf 'rg v%s:\\n    rg\\n' $v >"$d"; echo done ;;
esac""",
    "brew": """
d=$HOME/up
case $2 in
info) [ "$3" != missing ] || { echo 'Error: No available formula' >&2; exit 1; }
if [ -e "$d" ]; then echo '[{"status":"started","pid":77}]'; else echo '[{"status":"none","pid":null}]'; fi ;;
stop) rm "$d" ;;
*) touch "$d" ;;
esac""",
    "say": "",
    "bundle": "case $* in *fail*) echo boo >&2; exit 7 ;; check) exit 1 ;; install*) echo Installing rake ;; esac",
    "composer": """
[ "$1" != global ] || shift
case $1 in
help) case $2 in
nope) echo 'Command  "nope"
is not defined.' >&2; exit 1 ;;
create-project) echo '{"definition":{"options":{"no-ansi":{}}}}' ;;
*) echo '{"definition":{"options":{"no-ansi":{},"dry-run":{},"no-dev":{}}}}' ;;
esac ;;
*) case $* in
*old*) echo 'Nothing to install or update' ;;
*bad*) echo no >&2; exit 2 ;;
*) echo 'Installing  x' ;;
esac ;;
esac""",
    "cpanm": """
case $* in
--version) echo 'cpanm (App::cpanminus) version 1.7046 (/usr/bin/cpanm)' ;;
*Old*) echo 'Old is up to date. (1)' >&2 ;;
*Bad*) echo '! no' >&2; exit 1 ;;
esac""",
    "yarn": """
d=$HOME/yarn; touch "$d"
case $1 in
list) while read -r n; do echo "{\\"type\\":\\"tree\\",\\"data\\":{\\"trees\\":[{\\"name\\":\\"$n\\"}]}}"; done <"$d" ;;
outdated)
grep -q @1 "$d" || exit 0
echo '{"type":"info"}'
echo '{"type":"table","data":{"body":[["left-pad","1","2"]]}}' ;;
add) case $2 in *@*) echo "$2" ;; *) echo "$2@2" ;; esac >"$d"; touch yarn.lock ;;
remove) : >"$d" ;;
upgrade) echo left-pad@2 >"$d" ;;
esac""",
    "hg": """
d=$HOME/id; [ "$1" != --debug ] || shift
case $1 in
clone)
[ "$2" != bad ] || { echo 'abort: no repository' >&2; exit 255; }
mkdir -p "$3/.hg"; touch "$3/.hg/hgrc"; echo aaaaaaaaaaaa >"$d" ;;
id) cat "$d" ;;
update) case $* in *-C*) echo aaaaaaaaaaaa >"$d" ;; *) echo bbbbbbbbbbbb >"$d" ;; esac ;;
purge) case $* in *--print*) [ ! -e "$HOME/unknown" ] || echo unknown ;; *) rm "$HOME/unknown" ;; esac ;;
esac""",
    "svn": """
case $* in *--password-from-stdin*) cat >"$HOME/password" ;; esac
while case $1 in -*) true ;; *) false ;; esac; do [ "$1" != --username ] || shift; shift; done
at=$(cat "$HOME/at" 2>/dev/null)
case $1 in
info)
case $* in *plain*) [ -e "$HOME/forced" ] || exit 1 ;; *'-r HEAD'*) at=2 ;; esac
printf 'URL: https://x/r\\nRevision: %s\\n' "$at" ;;
checkout)
mkdir -p "$HOME/copy"
case $* in *--force*) touch "$HOME/forced" ;; esac
case $* in *'-r 1'*) echo 1 ;; *) echo 2 ;; esac >"$HOME/at" ;;
status) [ ! -e "$HOME/modified" ] || cat "$HOME/modified" ;;
revert) rm "$HOME/modified" ;;
update) [ "$at" = 2 ] || echo 'U    a'; echo 2 >"$HOME/at" ;;
esac""",
    "pip9": """echo '[{"name":"a","version":"1"},{"name":"a","version":"2"}]'""",
    "pip8": "exit 3",
    "getfattr": """
case $* in *' -d '* | *' -n '*) v=1 ;; *) v='' ;; esac
[ ! -e "$HOME/attribute" ] || { echo '# file: x'; echo "user.foo${v:+=\\"$(cat "$HOME/attribute")\\"}"; }""",
    "setfattr": 'case $1 in -x) rm "$HOME/attribute" ;; *) printf %s "$4" >"$HOME/attribute" ;; esac',
    "uname": "echo Linux",
    "netstat": "printf 'tcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN 7/sshd: x\\nudp 0 0 [::]:53 [::]:* -\\n'",
    "ss": """
echo 'Netid State'
echo 'tcp LISTEN 0 9 [::1]:80 *:* users:(("a",pid=7,fd=3),("b",pid=8,fd=3))'
echo 'udp UNCONN 0 0 *:5 *:*'""",
    "ps": "printf '7 root Sat Nov 21 10:00:00 2026\\n'",
}


@pytest.fixture
def here(tmp_path: Path) -> Node:
    """A node under dash with the stand-ins first in its path."""
    home, folder = tmp_path / "home", tmp_path / "bin"
    for each in (home, folder):
        each.mkdir()
    for name, text in STAND_INS.items():
        program = folder / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>"$HOME/calls"{text and os.linesep}{text}\n')
        program.chmod(0o755)
    return Node(Shell(("dash",), home, {"PATH": f"{folder}:{os.environ['PATH']}", "USER": "tester"}))


def told(node: Node, module: str, /, *, check: bool = False, **args: Any) -> tuple[str, str | None]:
    """How the task ended, and its words."""
    result = node.play(module, args, FakeContext(check=check))
    return result.outcome.value, result.msg


def calls(node: Node) -> list[str]:
    """What was called since this was asked last."""
    file = node.shell.home / "calls"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return [line.strip() for line in lines if not line.startswith("uname")]


def ends(node: Node, module: str, /, **args: Any) -> list[str]:
    """How the task ends foretold, done, and done again."""
    return [told(node, module, check=check, **args)[0] for check in (True, False, False)]


def test_cargo(here: Node) -> None:
    assert ends(here, "cargo", name="rg", version="1.0.0", locked=True) == ["changed", "changed", "ok"]
    assert "cargo install rg --locked --version 1.0.0" in calls(here)
    assert ends(here, "cargo", name="rg", state="latest") == ["changed", "changed", "ok"]
    source = {"name": "rg", "state": "latest", "directory": str(here.shell.home), "features": ["a", "b"]}
    assert told(here, "cargo", **source)[0] == "changed"
    assert calls(here)[-1] == f"cargo install rg --path {here.shell.home} --features a,b"
    assert told(here, "cargo", name="rg", path="/nowhere")[1] == "Path /nowhere is not a directory"
    assert told(here, "cargo", name="rg", directory="/nowhere")[1] == "Source directory does not exist"
    assert ends(here, "cargo", name="rg", state="absent") == ["changed", "changed", "ok"]
    with pytest.raises(ValueError, match="Package name must be specified"):
        here.play("cargo", {"name": []})


def test_homebrew_services(here: Node) -> None:
    assert ends(here, "homebrew_services", name="redis") == ["changed", "changed", "ok"]
    up = here.play("community.general.homebrew_services", {"formula": "redis", "state": "restarted"})
    assert (up.msg, up.data) == ("Running: True, Changed: True, PID: 77", {"running": True, "pid": 77})
    assert "brew services restart redis" in calls(here)
    assert ends(here, "homebrew_services", name="redis", state="absent") == ["changed", "changed", "ok"]
    failed = here.play("homebrew_services", {"name": "missing"})
    assert (failed.failed, failed.data["rc"], failed.msg) == (True, 1, "Error: No available formula")


def test_say_is_a_program_not_the_session_s_word(here: Node) -> None:
    assert told(here, "say", msg="well done", voice="Zarvox") == ("changed", "well done")
    assert calls(here) == ["say well done"], "voices are for a Mac"
    assert (told(here, "say", msg="x", check=True), calls(here)) == (("ok", "x"), [])


def test_bundler(here: Node) -> None:
    assert told(here, "bundler", exclude_groups=["a", "b"], user_install=False, extra_args="-j 4")[0] == "changed"
    assert calls(here) == ["bundle install --without a:b --system -j 4"]
    assert told(here, "bundler", state="latest", local=True, chdir="~")[0] == "ok"
    assert told(here, "bundler", check=True)[0] == "changed"
    assert calls(here) == ["bundle update --local", "bundle check"]
    assert told(here, "bundler", extra_args="fail") == ("failed", "boo")


def test_composer(here: Node) -> None:
    assert told(here, "composer", working_dir="/w", arguments="a 'b c'") == ("changed", "Installing x")
    assert calls(here)[-1] == "composer install --no-ansi --no-dev --working-dir /w a b c"
    assert told(here, "composer", working_dir="/w", arguments="old")[0] == "ok"
    assert told(here, "composer", working_dir="/w", arguments="bad") == ("failed", "no")
    assert told(here, "composer", working_dir="/w", command="nope")[1] == 'Command "nope" is not defined.'
    assert told(here, "composer", global_command=True, check=True)[0] == "changed"
    assert calls(here)[-1] == "composer global install --no-ansi --no-dev --dry-run"
    assert told(here, "composer", working_dir="/w", command="create-project", check=True)[0] == "skipped"


def test_cpanm(here: Node) -> None:
    given = {"notest": True, "locallib": "/l", "install_recommendations": True, "install_suggestions": False}
    assert told(here, "cpanm", name="Dancer", version="1.0", **given)[0] == "changed"
    assert calls(here)[-1] == "cpanm --notest --local-lib /l --with-recommends --without-suggests Dancer~1.0"
    assert told(here, "cpanm", name="Old")[0] == "ok"
    assert told(here, "cpanm", name="Bad") == ("failed", "! no")
    assert told(here, "cpanm", name="X", name_check="File::Spec")[0] == "ok"
    assert told(here, "cpanm", name="X", name_check="No::Such")[0] == "changed"
    assert told(here, "cpanm", name="x.git", version="1")[0] == "changed"
    assert calls(here)[-1] == "cpanm x.git@1"
    assert (
        told(here, "cpanm", name="x.git", version="~1")[0]
        == told(here, "cpanm", name="x.tar.gz", version="1")[0]
        == "failed"
    )
    assert told(here, "cpanm", name="x", check=True)[0] == "skipped"


def test_yarn(here: Node) -> None:
    project = here.shell.home / "app"
    project.mkdir()
    assert told(here, "yarn", name="left-pad", path=str(project))[1] == "Package.json does not exist in provided path."
    (project / "package.json").write_text("{}")
    assert ends(here, "yarn", name="left-pad", path="~/app", version="1") == ["changed", "changed", "ok"]
    assert "yarn add left-pad@1" in calls(here)
    assert ends(here, "yarn", name="left-pad", path="~/app", state="latest") == ["changed", "changed", "ok"]
    assert ends(here, "yarn", name="left-pad", path="~/app", state="absent") == ["changed", "changed", "ok"]
    assert told(here, "yarn", path="~/app", production=True, registry="http://r/")[0] == "changed"
    assert calls(here)[-1] == "yarn install --non-interactive --production --registry http://r/"


def test_hg(here: Node) -> None:
    copy = {"repo": "https://x/r", "dest": "~/copy"}
    first = here.play("hg", {**copy, "revision": "stable"})
    assert (first.changed, first.data) == (True, {"before": "", "after": "aaaaaaaaaaaa", "cleaned": False})
    assert told(here, "hg", **copy)[0] == "changed" and told(here, "hg", **copy, update=False)[0] == "ok"
    (here.shell.home / "id").write_text("aaaaaaaaaaaa+\n")
    (here.shell.home / "unknown").touch()
    cleaned = here.play("hg", {**copy, "force": True, "purge": True, "revision": "aaaaaaaaaaaa"})
    assert cleaned.data == {"before": "aaaaaaaaaaaa+", "after": "aaaaaaaaaaaa", "cleaned": True}
    assert told(here, "hg", repo="bad", dest="~/other") == ("failed", "abort: no repository\n")
    assert told(here, "hg", repo="r", dest="~/none", clone=False)[0] == "ok"
    assert here.play("hg", {"repo": "r", "clone": False, "update": False}).data == {"after": "aaaaaaaaaaaa"}


def test_subversion(here: Node) -> None:
    copy = {"repo": "https://x/r", "dest": "~/copy"}
    first = here.play("subversion", {**copy, "revision": "1", "username": "ann", "password": "s3cret"})
    assert (first.changed, first.data) == (True, {"before": None, "after": ["Revision: 1", "URL: https://x/r"]})
    assert (here.shell.home / "password").read_text() == "s3cret" and "s3cret" not in " ".join(calls(here))
    assert ends(here, "subversion", **copy) == ["changed", "changed", "ok"]
    (here.shell.home / "modified").write_text("M       a\n")
    assert told(here, "subversion", **copy)[1] == "ERROR: modified files exist in the repository."
    assert told(here, "subversion", **copy, force=True)[0] == "changed" and not (here.shell.home / "modified").exists()
    assert told(here, "subversion", repo="https://x/r", dest="~/out", export=True)[0] == "changed"
    assert calls(here)[-1].endswith(f"export -r HEAD https://x/r {here.shell.home}/out")
    (here.shell.home / "plain").mkdir()
    plain = {"repo": "https://x/r", "dest": "~/plain"}
    assert "not a subversion repository" in str(told(here, "subversion", **plain)[1])
    assert told(here, "subversion", **plain, in_place=True)[0] == "changed"
    assert here.play("subversion", {"repo": "r", "checkout": False, "update": False}).data == {"after": "Revision: 2"}
    assert told(here, "subversion", repo="r")[0] == "failed"


def test_pip_package_info(here: Node) -> None:
    found = here.play("pip_package_info", {"clients": ["pip9", "pip8", "other"]})
    assert [each["version"] for each in found.data["packages"]["pip9"]["a"]] == ["1", "2"]
    assert len(found.warnings) == 2
    assert told(here, "pip_package_info", clients=["/nowhere/pip"])[0] == "failed"


def test_xattr(here: Node) -> None:
    (here.shell.home / "f").touch()
    file = {"path": "~/f", "key": "foo"}
    assert ends(here, "xattr", **file, value="bar") == ["changed", "changed", "ok"]
    assert here.play("xattr", file).data == {"xattr": {"user.foo": "bar"}}
    assert here.play("xattr", {"path": "~/f", "state": "all"}).data == {"xattr": {"user.foo": "bar"}}
    assert here.play("xattr", {"path": "~/f", "state": "keys"}).data == {"xattr": {"user.foo": ""}}
    assert ends(here, "xattr", **file, state="absent") == ["changed", "changed", "ok"]
    assert told(here, "xattr", path="~/none")[1] == "path not found or not accessible!"
    assert told(here, "xattr", path="~/f", state="absent")[1] == "absent needs a key parameter"


def test_xattr_of_a_mac_has_no_name_spaces(here: Node) -> None:
    folder = Path(here.shell.environment["PATH"].partition(":")[0])
    (folder / "uname").write_text("#!/bin/sh\necho Darwin\n")
    for name in ("getfattr", "setfattr"):
        (folder / name).unlink()
    text = """#!/bin/sh
d=$HOME/at
case $1 in -p) cat "$d" 2>/dev/null ;; -w) echo "$3" >"$d" ;; -d) rm "$d" ;; *) echo com.a ;; esac
"""
    (folder / "xattr").write_text(text)
    (folder / "xattr").chmod(0o755)
    (here.shell.home / "f").touch()
    assert ends(here, "xattr", path="~/f", key="com.a", value="v") == ["changed", "changed", "ok"]
    assert here.play("xattr", {"path": "~/f", "state": "all"}).data == {"xattr": {"com.a": "v"}}
    assert ends(here, "xattr", path="~/f", key="com.a", state="absent") == ["changed", "changed", "ok"]


def _ports(result: Result, kind: str) -> list[tuple[str, int, str, str]]:
    facts = result.data["ansible_facts"][f"{kind}_listen"]
    return [(each["address"], each["port"], each["name"], each["user"]) for each in facts]


def test_listen_ports(here: Node) -> None:
    seen = here.play("listen_ports_facts", {})
    assert (_ports(seen, "tcp"), _ports(seen, "udp")) == ([("0.0.0.0", 22, "sshd", "root")], [("[::]", 53, "", "")])
    seen = here.play("listen_ports_facts", {"command": "ss", "include_non_listening": True})
    assert _ports(seen, "tcp") == [("::1", 80, "a", "root"), ("::1", 80, "b", "")] and _ports(seen, "udp") == []
