"""netstat and lsof: columns of every version, and addresses."""

import pytest

from tests.unit.modules.macos.parsers.told import told

ROW_26 = (
    "tcp4 0 0 127.0.0.1.1 *.* LISTEN 0 0 131072 131072 {owner} "
    "00100 00000106 0000000000077d4d 00000001 00000800 1 0 000000"
)


@pytest.mark.parametrize(
    ("owner", "process", "pid"),
    [
        ("node:812", "node", 812),
        ("kernel_task:0", "kernel_task", 0),
        ("My App: beta (x):9", "My App: beta (x)", 9),
        ("7zip 1:2:3", "7zip 1:2", 3),
    ],
)
def test_names_of_processes_may_hold_anything(owner: str, process: str, pid: int) -> None:
    socket = told("netstat-anv-tcp", ROW_26.format(owner=owner))["sockets"][0]
    assert (socket["process"], socket["pid"]) == (process, pid)


def test_a_new_layout_keeps_what_it_cannot_read() -> None:
    socket = told("netstat-anv-tcp", "tcp4 0 0 127.0.0.1.1 *.* LISTEN brand new columns")["sockets"][0]
    assert (socket["pid"], socket["verbatim"]) == (None, "brand new columns")
    counted = told("netstat-anv-tcp", "tcp4 0 0 127.0.0.1.1 *.* LISTEN 1 2 3 4 nobody")["sockets"][0]
    assert counted["verbatim"] == "1 2 3 4 nobody"


def test_udp_rows_have_no_state_but_an_owner() -> None:
    text = "udp46 0 0 *.5353 *.* 0 0 786896 9216 mDNSResponder:412 00100 00000000 00 0 0 0 0 0"
    socket = told("netstat-anv-tcp", text)["sockets"][0]
    assert (socket["state"], socket["family"], socket["pid"]) == (None, "dual", 412)


@pytest.mark.parametrize(
    ("text", "host", "port", "complete"),
    [
        ("fe80::1%lo0.80", "fe80::1%lo0", 80, True),
        ("2600:1700:bab0:d.443", "2600:1700:bab0:d", 443, False),
        ("2001:db8::1:22:33.443", "2001:db8::1:22:33", 443, True),
        ("2001:db8::1:2:33.443", "2001:db8::1:2:33", 443, None),
        ("*.*", "*", None, True),
    ],
)
def test_addresses_split_at_the_last_dot(text: str, host: str, port: int | None, complete: bool | None) -> None:
    local = told("netstat-an", f"tcp6 0 0 {text} *.* LISTEN")["sockets"][0]["local"]
    assert (local["host"], local["port"], local["complete"]) == (host, port, complete)


def test_the_cut_port_of_netstat_a_is_not_believed() -> None:
    local = told("netstat-an", "7fb03cb94d505aed cedd0cbf tcp4 0 0 192.168.1.221.5486 *.* LISTEN")["sockets"][0][
        "local"
    ]
    assert (local["host"], local["port"], local["complete"]) == ("192.168.1.221", None, None)
    assert local["text"] == "192.168.1.221.5486"


def test_netstat_without_rows_or_with_nonsense() -> None:
    empty = told("netstat-an", "Active Internet connections (including servers)\n")
    assert (empty["status"], empty["sockets"]) == ("known", [])
    assert told("netstat-an", "hello\n")["status"] == "unknown"
    assert (
        told("netstat-anp-udp", stderr="netstat: sysctl: Operation not permitted", code=1)["status"] == "not permitted"
    )


def test_lsof_tells_nothing_found_from_failure() -> None:
    assert told("lsof-listen", code=1) == {"status": "known", "sockets": [], "extra": []}
    assert told("lsof-F", code=1)["sockets"] == []
    assert told("lsof-listen", code=None)["status"] == "unknown"
    assert told("lsof-listen", stderr="lsof: unknown service in -i\n", code=1)["status"] == "failed"
    assert told("lsof-F", "?\n")["status"] == "unknown"


def test_lsof_connections_names_and_services() -> None:
    text = (
        "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\n"
        "Code\\x20H 7 u 4u IPv6 0x1 0t0 TCP [::1]:5000->[fe80::2]:6000 (ESTABLISHED)\n"
        "ssh 8 u 5u IPv4 0x1 0t0 TCP localhost:ssh (LISTEN)\n"
        "odd 9 u cwd DIR 1,4 640 2 /\n"
    )
    result = told("lsof-listen", text)
    first, second = result["sockets"]
    assert first["command"] == "Code H"
    assert (first["local"]["host"], first["remote"]["host"], first["remote"]["port"]) == ("::1", "fe80::2", 6000)
    assert (second["local"]["port"], second["local"]["text"]) == (None, "localhost:ssh")
    assert result["extra"] == ["odd 9 u cwd DIR 1,4 640 2 /"]


def test_lsof_fields_with_nul_and_unknown_letters() -> None:
    text = "p12\0cnode\0Lu\0\nf3\0au\0tIPv6\0PTCP\0n*:80\0TST=LISTEN\0Zz\0\n"
    socket = told("lsof-F", text)["sockets"][0]
    assert (socket["pid"], socket["family"], socket["state"], socket["access"]) == (12, "ipv6", "LISTEN", "u")
    assert told("lsof-F", "p12\ncnode\n")["sockets"] == []
