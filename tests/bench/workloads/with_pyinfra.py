"""The workloads, written for pyinfra 3."""

import os

from pyinfra import host
from pyinfra.facts.files import Sha1File
from pyinfra.facts.server import Command
from pyinfra.operations import files, python, server

told = host.data.told
app = f"{told['bench_home']}/{host.name}/app"


def w1() -> None:
    host.get_fact(Command, command="cat /etc/os-release; uname -a")
    files.directory(path=app, mode="755")
    files.template(src=told["template"], dest=f"{app}/app.conf", mode="644", inventory_hostname=host.name)
    files.line(path=f"{app}/settings.ini", line="^key=", replace="key=value", ensure_newline=True)
    size = server.shell(commands=[f"wc -c <{app}/app.conf"])
    server.shell(commands=[f"test -e {app}/big || touch {app}/big"], _if=lambda: int(size.stdout) > 500)
    for item in range(1, 6):
        server.shell(commands=[f"echo item {item}"])
    files.put(src=told["bench_blob"], dest=f"{app}/blob.bin", mode="644")
    python.call(function=check)
    proof = f"grep -q '^key=value' {app}/settings.ini && test -f {app}/big && echo OK"
    server.shell(commands=[proof])


def check() -> None:
    assert host.get_fact(Sha1File, path=f"{app}/blob.bin") == told["bench_blob_sha1"]


def w2() -> None:
    server.shell(commands=["true"])


def w3() -> None:
    for _ in range(100):
        server.shell(commands=["true"])


def w4() -> None:
    files.put(src=told["bench_big"], dest=f"{told['bench_home']}/{host.name}.big", mode="644")


{"w1": w1, "w2": w2, "w3": w3, "w4": w4}[os.environ["BENCH_WORKLOAD"]]()
