"""``python -m tests.bench.floor WORKLOAD HOSTS.json``: the workload as one script a host, with nothing around it.

What a person would write by hand who has this project's transport: one channel, all commands in one text, the files
inside. It looks at no result before the end, makes no plan, keeps no journal. Nothing that does can be faster.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from pathlib import Path
from typing import Any

from jinja2 import Template

from orchestrator.transport.base import Address, Limits
from orchestrator.transport.ramp import Ramp
from orchestrator.transport.ssh import dial

W1 = """\
cat /etc/os-release; uname -a
mkdir -p {app} && cd {app} || exit
printf '%s\\n' '{config}' >app.conf
grep -q '^key=' settings.ini 2>/dev/null && sed -i 's/^key=.*/key=value/' settings.ini || echo key=value >>settings.ini
size=$(wc -c <app.conf)
[ "$size" -le 500 ] || [ -e big ] || touch big
for item in 1 2 3 4 5; do echo item $item; done
base64 -d >blob.bin <<'END'
{blob}
END
[ "$(sha1sum blob.bin | cut -d' ' -f1)" = {sha1} ] && grep -q '^key=value' settings.ini && [ -f big ] && echo PROVED
"""


def script(workload: str, told: dict[str, Any], name: str) -> str:
    if workload == "w2":
        return "echo PROVED\n"
    blob = base64.encodebytes(Path(told["bench_blob"]).read_bytes()).decode()
    config = Template(Path(told["template"]).read_text()).render(inventory_hostname=name)
    sha1 = told["bench_blob_sha1"]
    return W1.format(app=f"{told['bench_home']}/{name}/app", config=config, blob=blob, sha1=sha1)


async def host(workload: str, told: dict[str, Any], each: dict[str, str], ramp: Ramp) -> None:
    address = Address(
        name=each["name"],
        host=each["address"],
        port=told["port"],
        user=told["user"],
        key_files=(told["key"],),
        known_hosts=(told["known_hosts"],),
    )
    front = await dial(address, Limits(), ramp)
    channel = await front.open("exec sh")
    await channel.write(script(workload, told, each["name"]).encode())
    await channel.write_eof()
    seen = b""
    while data := await channel.read(65536):
        seen += data
    assert b"PROVED" in seen, (seen, channel.stderr_tail())
    channel.close()
    await front.close()


async def main(workload: str, path: str) -> None:
    told, ramp = json.loads(Path(path).read_text()), Ramp()
    await asyncio.gather(*(host(workload, told, each, ramp) for each in told["hosts"]))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
