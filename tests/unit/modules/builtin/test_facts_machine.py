"""What Linux tells of a machine and of its network cards, in the forms of proc(5), sysfs and ip(8)."""

from orchestrator.modules.builtin.facts import facts_of
from orchestrator.modules.builtin.facts_cards import linux_cards
from orchestrator.modules.builtin.facts_machine import mount_facts, opened, start_facts, system_facts, virtual_facts

IP = """1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host
2: eth0@if9: <BROADCAST,MULTICAST,PROMISC,UP,LOWER_UP> mtu 1400 qdisc noqueue state UP group default
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0
    inet 198.51.100.7/30 scope global secondary eth0
    inet6 2001:db8::7/64 scope global
3: br-0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN group default
    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff
"""
ROUTE = "Iface\tDestination\tGateway\neth0\t00000000\t010200C0\t0003\n"
ROUTE6 = (
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 20010db8000000000000000000000001 "
    "00000400 00000001 00000000 00000003     eth0\n"
)


def test_cards_and_the_way_out() -> None:
    facts = linux_cards({"ip": IP, "route": ROUTE, "route6": ROUTE6, "cards": ". .. eth0 lo br-0"})
    four = {
        "address": "192.0.2.7",
        "broadcast": "192.0.2.255",
        "netmask": "255.255.255.0",
        "network": "192.0.2.0",
        "prefix": "24",
    }
    about = {"macaddress": "02:00:00:00:00:01", "mtu": 1400, "type": "ether"}
    assert facts["interfaces"] == ["eth0", "lo", "br-0"]
    assert facts["eth0"]["ipv4"] == four and facts["eth0"]["promisc"]
    assert facts["eth0"]["ipv4_secondaries"][0]["netmask"] == "255.255.255.252"
    assert facts["lo"]["type"] == "loopback" and "macaddress" not in facts["lo"]
    assert facts["br_0"]["active"] is False and "ipv4" not in facts["br_0"]
    way = {"interface": "eth0", "gateway": "192.0.2.1", "alias": "eth0"}
    assert facts["default_ipv4"] == {**way, **about, **four}
    assert facts["default_ipv6"]["gateway"] == "2001:db8::1" and facts["default_ipv6"]["address"] == "2001:db8::7"
    assert facts["all_ipv4_addresses"] == ["192.0.2.7", "198.51.100.7"]
    assert facts["all_ipv6_addresses"] == ["2001:db8::7"]


FILES = """==> /proc/1/comm <==
systemd

==> /proc/cmdline <==
quiet console=tty0 console=ttyS0

==> /proc/mounts <==
proc /proc proc rw 0 0
/dev/vda1 / ext4 rw,relatime 0 1
nas:/data /mnt/a\\040b nfs4 rw 0 0

==> /etc/os-release <==
ID=debian
VERSION_ID="12"
VERSION_CODENAME=bookworm
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"

==> /etc/debian_version <==
12.11

==> /etc/machine-id <==
0123456789abcdef

==> /etc/ssh/ssh_host_ed25519_key.pub <==
ssh-ed25519 AAAA root@box

==> /sys/devices/virtual/dmi/id/product_name <==
VirtualBox
"""


def test_a_machine() -> None:
    said = {"system": "Linux", "machine": "x86_64", "nodename": "box", "files": FILES, "has_lsb": "yes"}
    said |= {"known_as": "192.0.2.7 box.example box\n", "mounted": "/|4096|1000|250|64|16\n"}
    facts = facts_of(said, ["apt-get"])
    wanted = {
        "fqdn": "box.example",
        "domain": "example",
        "distribution_version": "12.11",
        "distribution_minor_version": "11",
        "machine_id": "0123456789abcdef",
        "product_name": "VirtualBox",
        "bios_date": "NA",
        "service_mgr": "systemd",
        "virtualization_type": "virtualbox",
        "virtualization_role": "guest",
        "cmdline": {"quiet": True, "console": "ttyS0"},
        "proc_cmdline": {"quiet": True, "console": ["tty0", "ttyS0"]},
        "ssh_host_key_ed25519_public": "AAAA",
        "ssh_host_key_ed25519_public_keytype": "ssh-ed25519",
    }
    assert {name: facts[name] for name in wanted} == wanted
    assert facts["lsb"]["description"] == "Debian GNU/Linux 12 (bookworm)" and facts["lsb"]["id"] == "Debian"
    disk, nas = facts["mounts"]
    assert (disk["device"], disk["fstype"], disk["passno"]) == ("/dev/vda1", "ext4", 1)
    assert (disk["size_total"], disk["size_available"], disk["block_used"], disk["inode_used"]) == (
        4096000,
        1024000,
        750,
        48,
    )
    assert nas["mount"] == "/mnt/a b" and "size_total" not in nas


def test_a_machine_of_which_little_is_told() -> None:
    assert opened("") == {} and start_facts({}) == {"cmdline": {}, "proc_cmdline": {}}
    assert system_facts({"/proc/1/comm": "bash\n"}, {}, has_lsb=False) == {"lsb": {}}
    assert virtual_facts({}, None)["virtualization_role"] == "NA"
    assert virtual_facts({}, "docker")["virtualization_tech_guest"] == ["container", "docker"]
    assert mount_facts({"/proc/mounts": "/dev/sda / ext4 rw 0 0\n"}, "/|no|numbers|1|2|3")[0]["mount"] == "/"
