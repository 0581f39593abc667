"""Facts made of what nodes say. The Mac's words are in the forms of sw_vers(1), sysctl(8), ifconfig(8) and route(8)."""

from orchestrator.model.program import Reply
from orchestrator.modules.builtin.facts import facts_of
from orchestrator.modules.builtin.local_facts import local_facts
from orchestrator.modules.builtin.setup import kept
from orchestrator.modules.builtin.subsets import COLLECTORS, MINIMAL, collectors, owner, unknown

IFCONFIG = """lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384
\tinet 127.0.0.1 netmask 0xff000000
\tinet6 ::1 prefixlen 128
\tinet6 fe80::1%lo0 prefixlen 64 scopeid 0x1
en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500
\tether 02:00:00:00:00:01
\tinet 192.0.2.7 netmask 0xffffff00 broadcast 192.0.2.255
\tstatus: active
"""
ROUTE = "   route to: default\ndestination: default\n    gateway: 192.0.2.1\n  interface: en0\n"
VM_STAT = """Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               10000.
Pages active:                             65536.
Pages inactive:                           65536.
Pages wired down:                         65536.
"""
MAC = {
    "system": "Darwin",
    "kernel": "25.6.0",
    "machine": "arm64",
    "nodename": "mac7.lab.example",
    "fqdn": "mac7.lab.example",
    "user_id": "admin",
    "user_uid": "501",
    "user_gid": "20",
    "home": "/Users/admin",
    "shell": "/bin/sh",
    "env": "HOME=/Users/admin\nMULTI=a\nb=c\nnot a variable",
    "passwd": "RealName:\n Ann Admin\nUserShell: /bin/zsh",
    "sw_vers": "ProductName:\t\tmacOS\nProductVersion:\t\t26.6.2\nBuildVersion:\t\t25G83",
    "sysctl.hw.model": "Mac16,10",
    "sysctl.hw.memsize": "17179869184",
    "sysctl.hw.physicalcpu": "10",
    "sysctl.hw.logicalcpu": "10",
    "sysctl.machdep.cpu.brand_string": "Apple M4",
    "sysctl.kern.boottime": "{ sec = 1000, usec = 5 } Thu Jan  1 00:16:40 1970",
    "vm_stat": VM_STAT,
    "date": "1600|1970|01|01|00|26|40|Thursday|4|001|01|UTC|+0000",
    "ifconfig": IFCONFIG,
    "route": ROUTE,
}


def test_a_mac() -> None:
    facts = facts_of(MAC, ["launchctl", "brew"])
    wanted = {
        "os_family": "Darwin",
        "distribution": "MacOSX",
        "distribution_version": "26.6.2",
        "distribution_major_version": "26",
        "distribution_release": "25.6.0",
        "osversion": "25G83",
        "architecture": "arm64",
        "machine": "arm64",
        "hostname": "mac7",
        "domain": "lab.example",
        "user_shell": "/bin/zsh",
        "user_gecos": "Ann Admin",
        "user_uid": 501,
        "memtotal_mb": 16384,
        "processor": ["Apple M4"],
        "processor_vcpus": 10,
        "pkg_mgr": "homebrew",
        "service_mgr": "launchd",
        "uptime_seconds": 600,
        "interfaces": ["lo0", "en0"],
        "all_ipv4_addresses": ["192.0.2.7"],
        "memfree_mb": 16384 - 3072,
    }
    assert {name: facts[name] for name in wanted} == wanted
    assert facts["env"] == {"HOME": "/Users/admin", "MULTI": "a", "b": "c"}
    assert facts["default_ipv4"] == {
        "interface": "en0",
        "gateway": "192.0.2.1",
        "address": "192.0.2.7",
        "netmask": "255.255.255.0",
    }
    assert facts["en0"]["macaddress"] == "02:00:00:00:00:01"
    assert facts["lo0"]["ipv6"][1]["address"] == "fe80::1"
    assert facts["date_time"]["iso8601_basic_short"] == "19700101T002640"
    assert facts["date_time"]["weekday_number"] == "4"


def test_what_a_node_does_not_say_is_left_out() -> None:
    for system in ("Darwin", "Linux", "Plan9"):
        facts = facts_of({"system": system}, [])
        assert "memtotal_mb" not in facts and "uptime_seconds" not in facts and "date_time" not in facts
        assert facts["default_ipv4"] == {}


def test_linux_families() -> None:
    said = {"system": "Linux", "os_release": 'ID=ubuntu\nNAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n'}
    facts = facts_of(said, ["apt-get", "systemctl"])
    assert (facts["os_family"], facts["distribution"], facts["distribution_version"]) == ("Debian", "Ubuntu", "24.04")
    assert (facts["pkg_mgr"], facts["service_mgr"], facts["distribution_release"]) == ("apt", "systemd", "noble")
    other = facts_of({"system": "Linux", "os_release": 'ID=new\nID_LIKE="rhel fedora"\nNAME=New\n'}, [])
    assert (other["os_family"], other["distribution"]) == ("RedHat", "New")


def test_what_guards_the_system_and_who_answers_for_names() -> None:
    resolv = (
        "# by hand\nnameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch a.example b.example\noptions ndots:2 rotate\n"
    )
    facts = facts_of({"system": "Linux", "resolv_conf": resolv, "loadavg": "0.5 1.5 2 1/99 7", "fips": "1\n"}, [])
    assert facts["dns"] == {
        "nameservers": ["192.0.2.1", "192.0.2.2"],
        "search": ["a.example", "b.example"],
        "options": {"ndots": "2", "rotate": True},
    }
    assert facts["loadavg"] == {"1m": 0.5, "5m": 1.5, "15m": 2.0}
    assert (facts["fips"], facts["selinux"], facts["apparmor"]) == (
        True,
        {"status": "disabled"},
        {"status": "disabled"},
    )
    mac = facts_of({"system": "Darwin", "loadavg": "{ 1.25 1.00 0.75 }"}, [])
    assert mac["loadavg"]["15m"] == 0.75 and mac["dns"] == {} and "virtualization_type" not in mac
    boxed = facts_of({"system": "Linux", "container": "docker"}, [])
    assert (boxed["virtualization_type"], boxed["virtualization_role"]) == ("docker", "guest")


def test_a_nodes_own_facts() -> None:
    told = [
        ("json", "text", '{"a": [1]}'),
        ("ini", "text", "[general]\nKey = value\n"),
        ("ran", "ran", "[1, 2]"),
        ("bad", "text", "no sense"),
        ("broken", "text", "[a]\nb = %(nowhere)s\n"),
        ("failing", "failed", "Failure executing fact script (x), rc: 3"),
    ]
    names = ("local_path", "local_name", "local_how", "local_text")
    said = tuple(pair for each in told for pair in zip(names, (f"/d/{each[0]}.fact", *each), strict=True))
    facts = local_facts(Reply(0, said=said))
    assert facts["json"] == {"a": [1]} and facts["ran"] == [1, 2]
    assert facts["ini"] == {"general": {"key": "value"}}
    assert facts["bad"] == "error loading facts as JSON or ini - please check content: /d/bad.fact"
    assert facts["broken"].startswith("error loading facts as ini")
    assert facts["failing"] == "Failure executing fact script (x), rc: 3"


def test_words_for_subsets_that_nobody_knows() -> None:
    assert unknown(["all", "!virtual", "date_time", "facter"]) is None
    assert (unknown(["nonsense"]) or "").startswith("Bad subset 'nonsense' given to Ansible")


def test_subsets_and_filters() -> None:
    assert collectors(["all"]) == set(COLLECTORS)
    assert collectors(["!all"]) == collectors(["!hardware"]) == MINIMAL
    assert collectors(["!all", "!min", "network"]) == {"network", "platform", "distribution"}
    assert collectors(["hardware"]) == MINIMAL | {"hardware"}
    assert collectors(["all", "!network"]) == set(COLLECTORS) - {"network"}
    assert collectors(["!all", "!min", "env", "architecture", "!env"]) == {"env", "platform"}
    assert (owner("user_id"), owner("en0"), owner("system_capabilities")) == ("user", "network", "caps")
    assert kept("ansible_user_id", ["user*"]) and kept("ansible_user_id", []) and not kept("ansible_env", ["user*"])


def test_python_by_its_paths_alone() -> None:
    def python(**said: str) -> tuple[object, object]:
        facts = facts_of({"system": "Darwin", **said}, [])
        return facts.get("python"), facts.get("python_version")

    brew = "/opt/homebrew/Cellar/python@3.12/3.12.4/Frameworks/Python.framework/Versions/3.12/bin/python3.12"
    tools = "/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9/"
    pyenv = "/Users/a/.pyenv/versions/3.11.7/bin/python3"
    assert python() == (None, None)
    assert python(python="/usr/bin/python3", python_at="/usr/bin/python3") == ({"executable": "/usr/bin/python3"}, None)
    assert python(python="/opt/homebrew/bin/python3", python_at=brew)[1] == "3.12.4"
    assert python(python=pyenv, python_at="/Users/a/.pyenv/versions/3.11.7/bin/python3.11")[1] == "3.11.7"
    assert python(python="/usr/bin/python3", python_at=tools) == (
        {"executable": "/usr/bin/python3", "version": {"major": 3, "minor": 9}, "version_info": [3, 9]},
        "3.9",
    )
    debian = {"python": "/usr/bin/python3", "python_at": "/usr/bin/python3.11"}
    assert python(**debian)[1] == "3.11"
    assert python(**debian, python_package="3.11.2-6+deb12u6")[1] == "3.11.2"
