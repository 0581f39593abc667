"""The workloads, written for Fabric 3, a thread for each host: ``with_fabric.py WORKLOAD HOSTS.json FORKS``."""

import io
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fabric import Config, Connection
from jinja2 import Template

workload, path, forks = sys.argv[1:]
told = json.loads(Path(path).read_text())


def connected(each: dict) -> Connection:
    return Connection(
        each["address"],
        user=told["user"],
        port=told["port"],
        config=Config(overrides={"load_ssh_configs": False}),
        connect_kwargs={"key_filename": told["key"], "allow_agent": False, "look_for_keys": False},
    )


def w1(each: dict, node: Connection) -> None:
    def run(command: str) -> str:
        return str(node.run(command, hide=True, in_stream=False).stdout).strip()

    app = f"{told['bench_home']}/{each['name']}/app"
    run("cat /etc/os-release; uname -a")
    run(f"mkdir -p -m 755 {app}")
    text = Template(Path(told["template"]).read_text()).render(inventory_hostname=each["name"])
    node.put(io.BytesIO(text.encode()), f"{app}/app.conf")
    ini = f"{app}/settings.ini"
    run(f"grep -q ^key= {ini} 2>/dev/null && sed -i s/^key=.*/key=value/ {ini} || echo key=value >>{ini}")
    if int(run(f"wc -c <{app}/app.conf")) > 500:
        run(f"test -e {app}/big || touch {app}/big")
    for item in range(1, 6):
        run(f"echo item {item}")
    node.put(told["bench_blob"], f"{app}/blob.bin")
    assert run(f"sha1sum {app}/blob.bin").split()[0] == told["bench_blob_sha1"]
    assert run(f"grep -q '^key=value' {ini} && test -f {app}/big && echo OK") == "OK"


def w2(each: dict, node: Connection) -> None:
    node.run("true", hide=True, in_stream=False)


def w3(each: dict, node: Connection) -> None:
    for _ in range(100):
        node.run("true", hide=True, in_stream=False)


def w4(each: dict, node: Connection) -> None:
    node.put(told["bench_big"], f"{told['bench_home']}/{each['name']}.big")


def on(each: dict) -> None:
    with connected(each) as node:
        {"w1": w1, "w2": w2, "w3": w3, "w4": w4}[workload](each, node)


with ThreadPoolExecutor(int(forks)) as pool:
    list(pool.map(on, told["hosts"]))
