"""Inventories: the same groups, hosts and variables as ``ansible-inventory --list`` and Ansible's own patterns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.language.inventory import load_inventory, ordered_members, select
from orchestrator.model.errors import InventoryError
from orchestrator.model.hosts import Inventory
from tests.unit.language import oracle

INI = r"""
# leading words
alone ansible_host=10.0.0.1
bad=5 ansible_port=1
[web]
web[01:03].example.com:2222 n=1 t=True f=false s="a b" l=[1,'x'] d={'k':1} z=0644 none=None e='a=b' # words
other-[a:e:2]
::1 v6=yes
[2001:db8::1]:99
192.168.0.1:77
"quoted" q=1.5

[db:children]
web
late
[web:vars]
x=1
raw=some text with blanks # not words
quoted="in quotes"
tuple=(1,2)
path=/a/b
eq=a=b
tmpl={{ foo }}
ansible_group_priority=7
; more words
[late]
h1
h2 x=host
[all:vars]
everyone=1
[late:vars]
x=late
""".replace("bad=5 ansible_port=1\n", "")

YAML = """
all:
  vars: {everyone: [1, {a: b}]}
  hosts:
    solo:
    two: {x: 1, day: 2020-01-02}
  children:
    web:
      hosts:
        web[1:3]: {n: 1}
        port:2200:
      vars: {ansible_group_priority: 5, from: web}
    db:
      children:
        web:
        inner: {hosts: {deep: , solo: {y: 2}}, vars: {from: inner}}
    lone: {hosts: justone}
extra:
  hosts: {solo: }
"""

SCRIPT = """#!/bin/sh
if [ "$1" = --list ]; then
cat <<'X'
{"web": {"hosts": ["a", "b"], "vars": {"v": 1}, "children": ["sub"]}, "sub": ["c"], "old": {"x": 1},
 "_meta": {"hostvars": {"a": {"av": [1, 2]}}}}
X
else echo '{}'; fi
"""

OLD_SCRIPT = """#!/bin/sh
if [ "$1" = --list ]; then echo '{"g": {"hosts": ["a", "b"]}}'; else echo "{\\"name\\": \\"$2\\"}"; fi
"""

TOML = """
[all.vars]
everyone = 1
[web]
children = ["sub"]
vars = {x = "y"}
[web.hosts]
h1 = {}
"h[2:3]" = {n = 1}
[sub.hosts]
s = {}
"""


def listed(inventory: Inventory) -> dict[str, Any]:
    """The inventory in the shape of ``ansible-inventory --list``."""
    found: dict[str, Any] = {}
    for name, group in inventory.groups.items():
        each = {"hosts": sorted(group.hosts), "children": sorted(group.children)}
        if name == "all":
            each["hosts"] = []
        if each := {key: value for key, value in each.items() if value}:
            found[name] = each
    found["hostvars"] = {name: variables(inventory, name) for name in inventory.hosts}
    return found


def variables(inventory: Inventory, host: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    groups = inventory.groups_of(host)
    for group in groups:
        merged.update({**group.vars, **group.file_vars})
    merged.update({**inventory.hosts[host].vars, **inventory.hosts[host].file_vars})
    return {key: plain(value) for key, value in merged.items() if key not in ("inventory_file", "inventory_dir")}


def plain(value: Any) -> Any:
    return str(value) if hasattr(value, "isoformat") else value


def theirs(listing: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, group in listing.items():
        if name != "_meta":
            each = {key: sorted(group[key]) for key in ("hosts", "children") if group.get(key)}
            if each:
                found[name] = each
    hosts = {host for group in listing.values() for host in group.get("hosts", [])}
    given = listing["_meta"]["hostvars"]
    found["hostvars"] = {host: given.get(host, {}) for host in hosts}
    return found


def same(sources: list[Path | str], root: Path) -> None:
    mine = listed(load_inventory([str(source) for source in sources]))
    other = theirs(oracle.inventory_list(sources, root))
    assert mine["hostvars"] == other["hostvars"]
    without_empty = {name: each for name, each in mine.items() if name in other or any(each.values())}
    for name, each in other.items():
        # ansible-inventory leaves out empty groups, also as children
        if isinstance(each, dict) and name != "hostvars":
            shown = [
                child for child in without_empty[name].get("children", []) if child in other or child == "ungrouped"
            ]
            assert without_empty[name].get("hosts", []) == each.get("hosts", []), name
            assert set(each.get("children", [])) <= set(without_empty[name].get("children", [])), name
            assert set(shown) <= {*each.get("children", []), "ungrouped"}, name


def write(path: Path, text: str, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


JSON = '{"web": {"hosts": {"a": {"x": 1.5}}}}'
FILES = [
    ("hosts", INI),
    ("hosts.ini", INI),
    ("hosts.yml", YAML),
    ("yaml_without_end", YAML),
    ("hosts.json", JSON),
]


@pytest.mark.parametrize(("name", "text"), FILES)
def test_files(tmp_path: Path, name: str, text: str) -> None:
    same([write(tmp_path / name, text)], tmp_path)


@pytest.mark.parametrize("text", [SCRIPT, OLD_SCRIPT])
def test_scripts(tmp_path: Path, text: str) -> None:
    same([write(tmp_path / "inventory.sh", text, 0o755)], tmp_path)


def test_a_list_of_hosts(tmp_path: Path) -> None:
    same(["a,b:22,10.0.0.1,::1,"], tmp_path)


def test_toml(tmp_path: Path) -> None:
    inventory = load_inventory([str(write(tmp_path / "hosts.toml", TOML))])
    assert ordered_members(inventory, "web") == ["h1", "h2", "h3", "s"]
    assert variables(inventory, "h2") == {"everyone": 1, "x": "y", "n": 1}


def test_directories_several_sources_and_variables_files(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    write(one / "01.ini", "[web]\na x=1\nb\n")
    write(one / "02.yml", "db: {hosts: {b: {x: 2}, c: }, children: {web: }}\n")
    write(one / "sub/03", "[late]\nd\n")
    for ignored in ("note.txt", "old.bak", ".hidden", "x.cfg", "back~"):
        write(one / ignored, "]]broken[[")
    write(one / "group_vars/all.yml", "g: all\nfrom: all\n")
    write(one / "group_vars/web/10.yml", "g: web\nfrom: web10\n")
    write(one / "group_vars/web/20.yaml", "from: web20\n")
    write(one / "group_vars/web/deep/x.json", '{"deep": true}')
    write(one / "group_vars/web/.hidden.yml", "hidden: 1\n")
    write(one / "group_vars/web/x.txt", "text: 1\n")
    write(one / "group_vars/db", "g: db\ndb: 1\n")
    write(one / "host_vars/a.yml", "from: host\n")
    write(one / "host_vars/c", "from: c\n")
    write(two / "hosts", "[web]\ne\n[web:vars]\nsecond=1\n")
    write(two / "group_vars/web.yml", "from: two\n")
    write(two / "host_vars/a.yml", "also: 2\n")
    same([one, two / "hosts"], tmp_path)


NAMES = st.sampled_from(["a", "b", "c", "d1", "d2", "e.x"])
GROUPS = st.sampled_from(["g1", "g2", "g3", "all", "ungrouped"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    members=st.dictionaries(GROUPS, st.lists(NAMES, max_size=4), max_size=4),
    below=st.lists(st.tuples(st.sampled_from(["g1", "g2", "all"]), st.sampled_from(["g2", "g3"])), max_size=3),
)
def test_hosts_come_in_the_same_order(
    tmp_path: Path, members: dict[str, list[str]], below: list[tuple[str, str]]
) -> None:
    lines = [f"[{group}]\n" + "\n".join(hosts) for group, hosts in members.items()]
    lines += [f"[{parent}:children]\n{child}\n[{child}]" for parent, child in below if parent != child]
    path = write(tmp_path / "hosts.ini", "\n".join(lines) + "\n")
    mine = load_inventory([str(path)])
    manager = oracle.manager(path)
    for pattern in ("all", "ungrouped", "g1", "g2:g3"):
        assert select(mine, pattern) == [host.name for host in manager.get_hosts(pattern)], (pattern, path.read_text())
    assert {name: sorted(group.children) for name, group in mine.groups.items()} == {
        name: sorted(child.name for child in group.child_groups) for name, group in manager.groups.items()
    }


PATTERNS = """
all * web web:db web,db web:&late all:!web !web &late web* ~web.* ~h[12] late[0] late[-1] web[1:2] web[1:] web[0:0]
db[0:3]:!h1 h1,h2 h2:h1 *.example.com web0?.example.com web[01:03].example.com nothing localhost 127.0.0.1
all:!nothing h1:h1 other-? [h]1 h[!1] ::1 192.168.0.1 ungrouped ung* late[0]:web[0] !h1:late ~(h1|h2) late[5] al*
web[-2:] late[0-1] h1:22 web[x] ~( late[-9] web:
""".split()


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_patterns_mean_the_same_hosts(tmp_path: Path) -> None:
    path = write(tmp_path / "hosts.ini", INI)
    mine, manager = load_inventory([str(path)]), oracle.manager(path)
    for pattern in PATTERNS:
        try:
            expected: Any = [host.name for host in manager.get_hosts(pattern)]
        except Exception:
            with pytest.raises(InventoryError):
                select(mine, pattern)
            continue
        assert select(mine, pattern) == expected, pattern


def test_limits_mean_the_same_hosts(tmp_path: Path) -> None:
    path = write(tmp_path / "hosts.ini", INI)
    limit_file = write(tmp_path / "limit", "h1\nweb\n\n!other-a\n")
    mine, manager = load_inventory([str(path)]), oracle.manager(path)
    for limit in ("h1", "late:&db", f"@{limit_file}", f"h2,@{limit_file}", "all:!late"):
        manager.subset(limit)
        assert select(mine, "db", limit) == [host.name for host in manager.get_hosts("db")], limit
