"""defaults, plutil, PlistBuddy, stat, base64, md5, chown, accounts, brew."""

import json
import plistlib
from pathlib import Path

import pytest

from tests.unit.sim.desk import Desk, recording


def test_defaults_writes_and_reads_every_kind(desk: Desk) -> None:
    domain = "com.example.app"
    for name, words, printed, kind in [
        ("text", ["-string", "a b"], "a b", "string"),
        ("bare", ["plain"], "plain", "string"),
        ("count", ["-int", "-3"], "-3", "integer"),
        ("share", ["-float", "0.5"], "0.5", "float"),
        ("on", ["-bool", "YES"], "1", "boolean"),
        ("off", ["-bool", "false"], "0", "boolean"),
        ("list", ["-array", "a", "b c"], '(\n    a,\n    "b c"\n)', "array"),
        ("map", ["-dict", "k", "v"], "{\n    k = v;\n}", "dictionary"),
        ("raw", ["-data", "00ff"], "{length = 2, bytes = 0x00ff}", "data"),
        ("when", ["-date", "2026-01-02T03:04:05Z"], "2026-01-02 03:04:05", "date"),
    ]:
        assert desk.call("defaults", "write", domain, name, *words).code == 0
        assert desk.call("defaults", "read", domain, name).out == printed + "\n"
        assert desk.call("defaults", "read-type", domain, name).out == f"Type is {kind}\n"
    stored = plistlib.loads((desk.home / "Library/Preferences/com.example.app.plist").read_bytes())
    assert stored["list"] == ["a", "b c"]
    assert "    count = -3;\n" in desk.call("defaults", "read", domain).out


def test_defaults_adds_renames_deletes(desk: Desk) -> None:
    domain = "com.example.app"
    desk.call("defaults", "write", domain, "list", "-array-add", "a")
    desk.call("defaults", "write", domain, "list", "-array-add", "b")
    desk.call("defaults", "write", domain, "map", "-dict-add", "k", "v")
    desk.call("defaults", "rename", domain, "list", "names")
    exported = plistlib.loads(desk.call("defaults", "export", domain, "-").out.encode())
    assert exported == {"map": {"k": "v"}, "names": ["a", "b"]}
    assert desk.call("defaults", "delete", domain, "names").code == 0
    assert desk.call("defaults", "delete", domain, "names").code == 1
    assert desk.call("defaults", "delete", domain).code == 0
    assert desk.call("defaults", "delete", domain).code == 1
    assert desk.call("defaults", "rename", domain, "a", "b").code == 1


def test_defaults_of_a_missing_key_says_so_in_two_lines(desk: Desk) -> None:
    said = desk.call("defaults", "read", "/Library/Preferences/com.apple.loginwindow", "GuestEnabled_NONEXISTENT")
    stamp, sentence = said.err.splitlines()
    assert sentence == recording("defaults-read/missing-key").splitlines()[1]
    assert "defaults[" in stamp
    assert (said.out, said.code) == ("", 1)
    assert desk.call("defaults", "read", "com.example.none").code == 1
    assert desk.call("defaults", "nonsense", "x").code == 255
    assert desk.call("defaults").code == 255


def test_defaults_knows_hosts_paths_and_domains(desk: Desk, tmp_path: Path) -> None:
    desk.call("defaults", "-currentHost", "write", "com.apple.screensaver", "idleTime", "-int", "300")
    said = desk.call("defaults", "-currentHost", "read", "com.apple.screensaver", "idleTime")
    assert said.out.strip() == recording("defaults-read/int").strip()
    path = tmp_path / "own"
    desk.call("defaults", "write", str(path), "a", "-int", "1")
    assert plistlib.loads(path.with_suffix(".plist").read_bytes()) == {"a": 1}
    desk.call("defaults", "write", "NSGlobalDomain", "a", "b")
    assert ".GlobalPreferences" in desk.call("defaults", "domains").out
    content = plistlib.dumps({"z": 1}).decode()
    desk.call("defaults", "import", "com.example.in", "-", stdin=content)
    assert desk.call("defaults", "read", "-app", "com.example.in", "z").out == "1\n"
    desk.call("defaults", "export", "com.example.in", str(tmp_path / "out.plist"))
    desk.call("defaults", "import", "com.example.again", str(tmp_path / "out.plist"))
    assert desk.call("defaults", "read", "com.example.again", "z").out == "1\n"
    assert desk.call("defaults", "write", "com.example.in", "z", "-int", "many").code == 255
    assert desk.call("defaults", "write", "com.example.in", "z", "-colour", "red").code == 255


@pytest.fixture
def job(tmp_path: Path) -> Path:
    path = tmp_path / "job.plist"
    value = {"Label": "x", "ProgramArguments": ["/bin/sh", "-c"], "KeepAlive": True, "E": {"a.b": "c"}, "N": 1.5}
    path.write_bytes(plistlib.dumps(value))
    return path


def test_plutil_reads(desk: Desk, job: Path) -> None:
    assert desk.call("plutil", "-lint", str(job)).out == f"{job}: OK\n"
    assert desk.call("plutil", str(job)).code == 0
    assert desk.call("plutil", "-lint", "-s", str(job)).out == ""
    assert desk.call("plutil", "-extract", "Label", "raw", "-o", "-", str(job)).out == "x\n"
    assert desk.call("plutil", "-extract", "Label", "raw", "-n", str(job)).out == "x"
    assert desk.call("plutil", "-extract", "ProgramArguments.1", "raw", str(job)).out == "-c\n"
    assert desk.call("plutil", "-extract", "ProgramArguments", "raw", str(job)).out == "2\n"
    assert desk.call("plutil", "-extract", "E", "raw", str(job)).out == "a.b\n"
    assert desk.call("plutil", "-extract", "E.a\\.b", "raw", str(job)).out == "c\n"
    assert desk.call("plutil", "-extract", "KeepAlive", "raw", str(job)).out == "true\n"
    assert desk.call("plutil", "-extract", "N", "raw", str(job)).out == "1.500000\n"
    assert desk.call("plutil", "-type", "KeepAlive", str(job)).out == "bool\n"
    assert json.loads(desk.call("plutil", "-convert", "json", "-o", "-", str(job)).out)["Label"] == "x"
    assert '"Label" => "x"' in desk.call("plutil", "-p", str(job)).out
    assert desk.call("plutil", "-convert", "xml1", "-o", "-", "-", stdin=job.read_text()).out.startswith("<?xml")


def test_plutil_refuses(desk: Desk, job: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.plist"
    bad.write_text("<plist><dict>")
    assert desk.call("plutil", "-lint", str(bad)).code == 1
    assert desk.call("plutil", "-lint", "/no/such").code == 1
    assert desk.call("plutil", "-extract", "Nope", "raw", str(job)).code == 1
    assert desk.call("plutil", "-convert", "yaml", "-o", "-", str(job)).code == 1
    assert desk.call("plutil", "-nonsense").code == 1
    data = tmp_path / "data.plist"
    data.write_bytes(plistlib.dumps({"d": b"x"}))
    assert desk.call("plutil", "-convert", "json", "-o", "-", str(data)).code == 1
    assert "bytes = 0x78" in desk.call("plutil", "-p", str(data)).out


def test_plutil_edits(desk: Desk, job: Path) -> None:
    desk.call("plutil", "-replace", "Label", "-string", "y", str(job))
    desk.call("plutil", "-insert", "ProgramArguments.0", "-string", "first", str(job))
    desk.call("plutil", "-replace", "KeepAlive", "-bool", "NO", str(job))
    desk.call("plutil", "-insert", "ThrottleInterval", "-integer", "7", str(job))
    desk.call("plutil", "-insert", "More", "-json", '{"a": [1]}', str(job))
    desk.call("plutil", "-insert", "Share", "-float", "0.5", str(job))
    desk.call("plutil", "-insert", "Xml", "-xml", plistlib.dumps(["q"]).decode(), str(job))
    desk.call("plutil", "-remove", "E", str(job))
    value = plistlib.loads(job.read_bytes())
    assert (value["Label"], value["KeepAlive"], value["ThrottleInterval"], value["More"]) == ("y", False, 7, {"a": [1]})
    assert value["ProgramArguments"][0] == "first"
    assert value["Xml"] == ["q"]
    assert "E" not in value
    assert desk.call("plutil", "-insert", "Q", "-colour", "red", str(job)).code == 1
    desk.call("plutil", "-convert", "binary1", str(job))
    assert job.read_bytes().startswith(b"bplist")


def test_plistbuddy_prints_and_edits(desk: Desk, job: Path) -> None:
    def buddy(command: str) -> tuple[str, str, int]:
        said = desk.call("PlistBuddy", "-c", command, str(job))
        return said.out, said.err, said.code

    assert buddy("Print :Label")[0] == "x\n"
    assert buddy("Print :ProgramArguments:0")[0] == "/bin/sh\n"
    assert buddy("Print")[0].startswith("Dict {\n    E = Dict {\n        a.b = c\n    }\n")
    assert buddy("Print :ThrottleInterval") == ("", 'Print: Entry, ":ThrottleInterval", Does Not Exist\n', 1)
    assert buddy("Add :ThrottleInterval integer 60")[2] == 0
    assert buddy("Set :ThrottleInterval 30")[2] == 0
    assert buddy("Set :KeepAlive false")[2] == 0
    assert buddy("Add :ProgramArguments:0 string first")[2] == 0
    assert buddy("Delete :E")[2] == 0
    assert buddy("Frobnicate :E")[2] == 1
    value = plistlib.loads(job.read_bytes())
    assert (value["ThrottleInterval"], value["KeepAlive"], value["ProgramArguments"][0]) == (30, False, "first")
    assert "<plist" in desk.call("PlistBuddy", "-x", "-c", "Print", str(job)).out
    assert desk.call("PlistBuddy", str(job)).code == 1
    job.write_text("nonsense")
    assert buddy("Print")[2] == 1


def test_stat_is_bsd(desk: Desk, tmp_path: Path) -> None:
    file, link = tmp_path / "f", tmp_path / "l"
    file.write_text("12345")
    file.chmod(0o4750)
    link.symlink_to(file)

    def stat(layout: str, *more: str) -> str:
        return desk.call("stat", "-f", layout, *more).out

    assert stat("%z %Lp %OLp %p %Mp", str(file)) == "5 750 750 104750 4\n"
    assert stat("%Su:%Sg %u:%g %Sp", str(file)) == "admin:staff 501:20 -rwsr-x---\n"
    assert stat("%HT|%T|%N", str(file), str(tmp_path)) == f"Regular File|*|{file}\nDirectory|/|{tmp_path}\n"
    assert stat("%HT %Y%SY", str(link)) == f"Symbolic Link {file} -> {file}\n"
    assert stat("%HT %z", "-L", str(link)) == "Regular File 5\n"
    assert stat("%m %c %a %B %i %l %d", str(file)).split()[4] == str(file.stat().st_ino)
    assert stat("%Sm %5z %%%t%n%Fm", "-t", "%Y", str(file)).startswith(("19", "20"))
    assert desk.call("stat", "-n", "-f", "%z", str(file)).out == "5"
    assert desk.call("stat", "-f%Su", "/dev/console").out == "admin\n"
    assert str(file) in desk.call("stat", str(file)).out
    missing = desk.call("stat", "-f", "%z", "/no/such")
    assert (missing.code, missing.err) == (1, "stat: /no/such: lstat: No such file or directory\n")
    assert desk.call("stat", "-q", "/no/such").err == ""
    assert desk.call("stat", "-c", "%s", str(file)).code == 1


def test_an_owner_that_chown_gave_is_what_stat_tells(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "d" / "f"
    file.parent.mkdir()
    file.write_text("")
    assert desk.call("chown", "root:wheel", str(file)).code == 1
    assert desk.root("chown", "-R", "root:wheel", str(file.parent)).code == 0
    assert desk.call("stat", "-f", "%Su:%Sg", str(file)).out == "root:wheel\n"
    assert desk.root("chown", ":staff", str(file)).code == 0
    assert desk.call("stat", "-f", "%u:%g", str(file)).out == "0:20\n"
    assert desk.root("chown", "77", str(file)).code == 0
    assert desk.call("stat", "-f", "%Su", str(file)).out == "77\n"
    assert desk.root("chown", "nobodyhere", str(file)).code == 1
    assert desk.root("chown", "root", "/no/such").code == 1


def test_base64_and_md5(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("hello")
    assert desk.call("base64", stdin="hello").out == "aGVsbG8=\n"
    assert desk.call("base64", "-i", str(file)).out == "aGVsbG8=\n"
    for flag in ("-D", "-d"):
        assert desk.call("base64", flag, stdin="aGVsbG8=\n").out == "hello"
    assert desk.call("base64", "-D", stdin="a").code == 65
    assert desk.call("base64", "-b", "76").code == 64
    assert desk.call("base64", "/no/such").code == 1
    digest = "5d41402abc4b2a76b9719d911017c592"
    assert desk.call("md5", str(file)).out == f"MD5 ({file}) = {digest}\n"
    assert desk.call("md5", "-q", str(file)).out == f"{digest}\n"
    assert desk.call("md5", "-r", str(file)).out == f"{digest} {file}\n"


def test_id_and_whoami_follow_the_played_user(desk: Desk) -> None:
    assert desk.call("whoami").out == "admin\n"
    assert desk.root("whoami").out == "root\n"
    assert desk.call("id", "-u").out == "501\n"
    assert desk.call("id", "-un").out == "admin\n"
    assert desk.call("id", "-gn").out == "staff\n"
    assert desk.call("id", "-Gn").out == "staff everyone admin com.apple.access_ssh\n"
    assert desk.call("id").out.startswith("uid=501(admin) gid=20(staff) groups=20(staff),12(everyone)")
    assert desk.root("id", "-u").out == "0\n"
    assert desk.call("id", "ghost").code == 1


def test_dscl_reads_as_recorded(desk: Desk) -> None:
    said = desk.call("dscl", ".", "read", "/Groups/admin", "GroupMembership")
    assert said.out == recording("dscl-read/admin-group").rstrip().replace("exampleuser001", "admin") + "\n"
    missing = desk.call("dscl", ".", "-read", "/Groups/nonexistent")
    assert (missing.err, missing.code) == (recording("dscl-read/record-not-found").rstrip() + "\n", 56)
    assert desk.call("dscl", ".", "-list", "/Users").out.split() == ["admin", "nobody", "root"]
    assert "admin                    501" in desk.call("dscl", ".", "-list", "/Users", "UniqueID").out
    assert "admin" in desk.call("dscl", ".", "-search", "/Users", "UniqueID", "501").out
    assert "RealName:\n System Administrator" in desk.call("dscl", ".", "-read", "/Users/root").out
    assert desk.call("dscl", ".", "-read", "/Users/admin", "Nope").out == "No such key: Nope\n"
    assert desk.call("dscl", ".", "-list", "/Computers").code != 0
    assert desk.call("dscl", ".", "-frobnicate").code == 64


def test_root_edits_users_and_groups(desk: Desk) -> None:
    assert desk.call("dscl", ".", "-create", "/Users/new").code == 1
    desk.root("dscl", ".", "-create", "/Users/new", "UniqueID", "777")
    assert desk.call("id", "-u", "new").out == "777\n"
    desk.root("dscl", ".", "-append", "/Groups/admin", "GroupMembership", "new")
    assert desk.call("dseditgroup", "-o", "checkmember", "-m", "new", "admin").code == 0
    desk.root("dscl", ".", "-delete", "/Groups/admin", "GroupMembership", "new")
    said = desk.call("dseditgroup", "-o", "checkmember", "-m", "new", "admin")
    assert (said.out, said.code) == ("no new is NOT a member of admin\n", 67)
    desk.root("dscl", ".", "-delete", "/Users/new", "RealName")
    desk.root("dscl", ".", "-delete", "/Users/new")
    assert desk.root("dscl", ".", "-delete", "/Users/new").code == 56
    assert desk.call("dseditgroup", "-o", "edit", "-a", "x", "-t", "user", "admin").code == 77
    desk.root("dseditgroup", "-o", "edit", "-a", "x", "-t", "user", "admin")
    assert "\t\tx\n" in desk.call("dseditgroup", "-o", "read", "admin").out
    desk.root("dseditgroup", "-o", "edit", "-d", "x", "-t", "user", "admin")
    assert "\t\tx\n" not in desk.call("dseditgroup", "-o", "read", "admin").out
    assert desk.call("dseditgroup", "-o", "read", "ghosts").code == 64
    assert "ENABLED" in desk.call("sysadminctl", "-secureTokenStatus", "admin").err
    assert desk.call("sysadminctl", "-screenLock", "status").code == 0
    assert desk.call("sysadminctl", "-addUser", "x").code == 1


def test_brew_installs_and_forgets(desk: Desk) -> None:
    def brew(line: str) -> tuple[str, int]:
        said = desk.call("brew", *line.split())
        return said.out, said.code

    assert brew("install jq")[1] == 0
    assert brew("install --cask firefox")[1] == 0
    assert brew("list") == ("jq\n", 0)
    assert brew("list --versions jq") == ("jq 2.0.0\n", 0)
    assert brew("list --cask") == ("firefox\n", 0)
    info = json.loads(brew("info --json=v2 jq")[0])["formulae"][0]
    assert (info["name"], info["installed"], info["outdated"]) == ("jq", [{"version": "2.0.0"}], False)
    assert json.loads(brew("info --json=v2 --cask firefox")[0])["casks"][0]["installed"] == "2.0.0"
    state = desk.dir.state / "brew.json"
    state.write_text(state.read_text().replace('"jq": "2.0.0"', '"jq": "1.0.0"'))
    assert brew("outdated") == ("jq\n", 0)
    assert brew("upgrade")[1] == 0
    assert brew("outdated") == ("", 0)
    assert brew("uninstall jq")[1] == 0
    assert [brew(line)[1] for line in ("uninstall jq", "uninstall --cask x", "upgrade x", "list x")] == [1, 1, 1, 1]
    assert [brew(line)[1] for line in ("install missing-one", "install --cask missing-one", "frobnicate")] == [1, 1, 1]
    assert brew("tap a/b")[1] == 0
    assert "a/b" in brew("tap")[0]
    assert brew("untap a/b")[1] == 0
    assert brew("untap a/b")[1] == 1
    assert brew("--prefix")[0] == "/opt/homebrew\n"
    assert brew("--version")[0].startswith("Homebrew")
    assert brew("update")[1] == 0
    assert desk.root("brew", "list").code == 1
