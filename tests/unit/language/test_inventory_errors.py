"""What is wrong in inventories, with exact places; what is warned of; and limits on scripts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from orchestrator.language.inventory import Wanted, load_inventory, load_vars_dir, select
from orchestrator.language.inventory.names import hosts_in
from orchestrator.language.load import Vaulted
from orchestrator.model.errors import InventoryError, PlaybookError
from orchestrator.model.place import Place, Text

INI = {
    "[web\nx\n": ("1:1", "a range's brackets do not match"),
    "[we b]\nx\n": ("1:1", "a section's header has no blanks"),
    "[web:var]\n": ("1:1", "section [web:var] has an unknown kind"),
    "\n  -oProxyCommand=x\n": ("2:3", "'-oProxyCommand=x' cannot be a host's name"),
    "a;b\n": ("1:1", "'a;b' cannot be a host's name"),
    "a:\n": ("1:1", "'a:' cannot be a host's name"),
    "---\n": ("1:1", "'---' cannot be a host's name"),
    "a/../b\n": ("1:1", "'a/../b' cannot be a host's name"),
    "a:99999\n": ("1:1", "99999 is not a port"),
    "a x=1 y\n": ("1:7", "expected key=value behind a host, got y"),
    "a x='1\n": ("1:1", "cannot split the line: No closing quotation"),
    "'' x=1\n": ("1:1", "'' cannot be a host's name"),
    "a ansible_host=-oX\n": ("1:3", "ansible_host may not begin with a dash"),
    "[web:vars]\nx=1\n": ("1:1", "section [web:vars] is for an undefined group"),
    "[web]\n[web:vars]\nx\n": ("3:1", "expected key=value, got x"),
    "[web]\n[web:vars]\nansible_group_priority=x\n": ("3:1", "ansible_group_priority is a whole number, not 'x'"),
    "[web:children]\ndb\n": ("2:1", "section [web:children] includes the undefined group 'db'"),
    "[web:children]\nd b\n": ("2:1", "expected a group's name, got d b"),
    "[a:children]\nb\n[b:children]\na\n": ("4:1", "group 'a' cannot be below 'b': that makes a circle"),
    "[a:children]\na\n": ("2:1", "group 'a' cannot be below 'a': that makes a circle"),
    "a[1]\n": ("1:1", "a host range is begin:end or begin:end:step"),
    "a[1:]\n": ("1:1", "a host range is begin:end or begin:end:step"),
    "a[1:2:0]\n": ("1:1", "a host range's step is a whole number above 0"),
    "a[c:a]\n": ("1:1", "a host range begins before its end"),
    "a[a:1]\n": ("1:1", "a host range goes from number to number or letter to letter"),
    "a[01:100]\n": ("1:1", "a host range with leading zeros has ends of one length"),
    "a[1:999999999]\n": ("1:1", "the range stands for more than 100000 hosts"),
    "a[1:999]b[1:999]\n": ("1:1", "the range stands for more than 100000 hosts"),
}

YAML = {
    "": ("1:1", "the inventory is empty, it should be a mapping of groups"),
    "- a\n": ("1:3", "the inventory holds a list, it should be a mapping of groups"),
    "web:\n  hosts: [a]\n": ("2:3", "\"hosts\" of group 'web' is a mapping, not list"),
    "web:\n  hosts: {5: }\n": ("1:1", "a host name is text, not 5"),
    "5: {}\n": ("1:1", "a group's name is text, not 5"),
    "a/b: {}\n": ("1:1", "'a/b' cannot be a group's name"),
    "web:\n  hosts:\n    a: 5\n": ("3:5", "the variables of host 'a' are a mapping, not integer"),
    "web:\n  hosts:\n    -x:\n": ("3:5", "'-x' cannot be a host's name"),
    "web: {children: {web: }}\n": ("1:18", "group 'web' cannot be below 'web': that makes a circle"),
    "plugin: aws_ec2\n": ("1:1", "this configures the inventory plugin 'aws_ec2', which is not supported"),
    "web:\n  hosts: a: b\n": ("2:11", "a colon in unquoted text reads as a key"),
}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [("hosts.ini", *each) for each in INI.items()] + [("hosts.yml", *each) for each in YAML.items()],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, name: str, text: str, told: tuple[str, str]) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InventoryError) as caught:
        load_inventory([str(path)])
    assert (str(caught.value.place), caught.value.message) == (f"{path}:{told[0]}", told[1])


def test_a_file_without_an_end_is_what_it_looks_like(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("web:\n  hosts: a: b\n")
    with pytest.raises(InventoryError, match="a colon in unquoted text"):
        load_inventory([str(path)])
    path.write_text("[web]\na x=1\n")
    assert list(load_inventory([str(path)]).hosts) == ["a"]


def test_broken_toml_is_placed(tmp_path: Path) -> None:
    path = tmp_path / "hosts.toml"
    path.write_text("[web]\nx = \n")
    with pytest.raises(InventoryError) as caught:
        load_inventory([str(path)])
    assert caught.value.place == Place(str(path), 2, 5)


def test_a_missing_source_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(InventoryError) as caught:
        load_inventory(["nohost"])
    assert caught.value.hint == "for one host, put a comma behind its name"


def test_what_ansible_skips_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "hosts.yml"
    path.write_text("web: {hosts: {a: }, hostvars: {x: 1}}\ntext: x\na: {hosts: {web: }}\n")
    told: list[str] = []
    load_inventory([str(path)], warn=told.append)
    assert [each.removeprefix(f"{path}:") for each in sorted(told)] == sorted([
        '1:21: skipping unexpected key (hostvars) in group (web), only "vars", "children" and "hosts" are valid '
        "(did you mean hosts?)",
        "2:1: skipping 'text', as this is not a valid group definition",
        "Found both group and host with same name: a",
        "Found both group and host with same name: web",
    ])  # fmt: skip


def script(tmp_path: Path, body: str) -> str:
    path = tmp_path / "inventory.sh"
    path.write_text("#!/bin/sh\n" + body)
    path.chmod(0o755)
    return str(path)


def test_a_script_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(InventoryError) as caught:
        load_inventory([script(tmp_path, "echo no token >&2; exit 3\n")])
    assert caught.value.message == "the inventory script ended with exit status 3"
    assert caught.value.evidence == "no token"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("echo '[1]'\n", "the script printed a list, not a JSON object"),
        ('echo \'{"g": {"hosts": "a"}}\'\n', "g.hosts of the script's output is not a list of names"),
        ('echo \'{"g": {"hosts": [], "vars": 1}}\'\n', "g.vars of the script's output is not an object"),
        ('echo \'{"g": ["-x"]}\'\n', "'-x' cannot be a host's name"),
        ("echo '{\"_meta\": {}}'\n", "_meta.hostvars of the script's output is not an object"),
        (
            'if [ "$1" = --list ]; then echo \'{"g": ["a"]}\'; else echo 5; fi\n',
            "the script's variables of host 'a' are not an object",
        ),
        ("printf '\\377'\n", "the inventory script's output is not UTF-8"),
        ("head -c 11000000 /dev/zero\n", "the inventory script printed more than 10485760 bytes"),
    ],
)
def test_what_a_script_may_not_print(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(InventoryError) as caught:
        load_inventory([script(tmp_path, body)])
    assert caught.value.message == message


def test_a_script_is_stopped_at_its_limit(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(InventoryError, match=r"ran longer than 0\.3 s"):
        load_inventory([script(tmp_path, "sleep 30 & sleep 30\n")], script_timeout_s=0.3)
    assert time.monotonic() - began < 5


def test_a_script_without_a_known_interpreter_is_told(tmp_path: Path) -> None:
    path = tmp_path / "broken"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    with pytest.raises(InventoryError, match="cannot be run: No such file"):
        load_inventory([str(path)])


def test_text_that_is_executable_is_read_not_run(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("[web]\na\n")
    path.chmod(0o755)
    assert list(load_inventory([str(path)]).hosts) == ["a"]


def test_values_of_people_are_templates(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("a x='{{ y }}' n=5 l=\"['{{ z }}']\"\n")
    found = load_inventory([str(path)]).hosts["a"].vars
    assert type(found["x"]) is Text
    assert found["x"].place == Place(str(path), 1, 5)
    assert type(found["l"][0]) is Text


def test_vaulted_variables_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/all.yml").write_bytes(b"$ANSIBLE_VAULT;1.1;AES256\n61\n")
    (tmp_path / "group_vars/web.yml").write_text("secret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61\n")
    (tmp_path / "hosts").write_text("[web]\na\n")
    inventory = load_inventory([str(tmp_path / "hosts")], open_vault=lambda raw, path: b"opened: true\n")
    assert inventory.groups["all"].file_vars == {"opened": True}
    assert isinstance(inventory.groups["web"].file_vars["secret"], Vaulted)
    with pytest.raises(PlaybookError, match="no vault password was given"):
        load_inventory([str(tmp_path / "hosts")])


def test_variables_files_never_lie_outside_their_directory(tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "secret.yml").write_text("x: 1\n")
    assert load_vars_dir(str(tmp_path), "group_vars", "../secret") == {}
    assert load_vars_dir(str(tmp_path), "group_vars", "..") == {}
    (tmp_path / "group_vars/web.yml").write_text("- x\n")
    with pytest.raises(PlaybookError) as caught:
        load_vars_dir(str(tmp_path), "group_vars", "web")
    assert caught.value.message == "a variables file holds a mapping, not list"


def test_hash_behaviour_merge(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("web: {hosts: {a: {m: {x: 1}}}}\n")
    (tmp_path / "more.yml").write_text("web: {hosts: {a: {m: {y: 2}}}}\n")
    sources = [str(tmp_path / "hosts.yml"), str(tmp_path / "more.yml")]
    assert load_inventory(sources).hosts["a"].vars["m"] == {"y": 2}
    assert load_inventory(sources, hash_behaviour="merge").hosts["a"].vars["m"] == {"x": 1, "y": 2}


def test_ranges_and_ports() -> None:
    assert hosts_in("a[08:10]", None) == (["a08", "a09", "a10"], None)
    assert hosts_in("a[:2]-[x:z:2].d:22", None) == (["a0-x.d", "a0-z.d", "a1-x.d", "a1-z.d", "a2-x.d", "a2-z.d"], 22)
    assert hosts_in("2001:db8::1", None) == (["2001:db8::1"], None)
    assert hosts_in("[2001:db8::1]:2222", None) == (["2001:db8::1"], 2222)


def test_patterns_that_match_nothing_are_told_with_the_nearest_name(tmp_path: Path) -> None:
    inventory = load_inventory(["web1,web2,"])
    told: list[str] = []
    assert select(inventory, "wbe1", warn=told.append) == []
    assert select(inventory, "qqq", warn=told.append) == []
    assert told == [
        "Could not match supplied host pattern, ignoring: wbe1 (did you mean web1?)",
        "Could not match supplied host pattern, ignoring: qqq",
    ]


@pytest.mark.parametrize("limit", ["", ",", "&", "@/no/such/file", "@/"])
def test_a_limit_that_says_nothing_stops(limit: str) -> None:
    with pytest.raises(InventoryError):
        select(load_inventory(["a,"]), "all", limit)


def test_an_empty_limit_file_holds_nobody_back(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    assert select(load_inventory(["a,"]), "all", f"@{tmp_path}/empty") == ["a"]


def test_broken_sources_are_passed_over_where_somebody_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("[a\nx=\n")
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory/one").write_text("b\n")
    (tmp_path / "directory/two.yml").write_text("all: [\n")
    told: list[InventoryError] = []
    sources = [str(tmp_path / name) for name in ("missing", "broken", "directory")]
    assert list(load_inventory([*sources, "c,"], broken=told.append).hosts) == ["b", "c"]
    assert [error.place.file.rpartition("/")[2] for error in told if error.place] == ["missing", "broken", "two.yml"]


def test_ten_thousand_hosts_load_and_list_within_two_seconds(tmp_path: Path) -> None:
    lines = (f"host{i:05}.example.com ansible_host=10.0.{i // 250}.{i % 250} n={i}\n" for i in range(10_000))
    (tmp_path / "hosts").write_text("[web]\n" + "".join(lines) + "[db:children]\nweb\n")
    (tmp_path / "host_vars").mkdir()
    began = time.process_time()
    inventory = load_inventory([str(tmp_path / "hosts")])
    assert len(select(inventory, "db:!host0000*")) == 9_990
    assert time.process_time() - began < 2


def test_files_of_directories_are_passed_over_as_configured(tmp_path: Path) -> None:
    for name in ("a.ini", "b.foo", "c.txt", "x_skip"):
        (tmp_path / name).write_text(f"host-{name[0]}\n")
    assert list(load_inventory([str(tmp_path)]).hosts) == ["host-a", "host-b", "host-x"]
    wanted = Wanted(ignored_ends=(".foo",), ignored_patterns=("skip$",))
    assert list(load_inventory([str(tmp_path)], wanted=wanted).hosts) == ["host-a", "host-c"]


@pytest.mark.parametrize(
    ("name", "text", "forms"),
    [
        ("h", "a\n", ("yaml", "script")),
        ("h.yml", "all: {hosts: {a: }}\n", ("ini",)),
        ("h.toml", "[all.hosts]\na = {}\n", ("ini", "ansible.builtin.yaml")),
        ("c.yml", "plugin: constructed\n", ("ini", "yaml")),
    ],
)
def test_a_form_that_is_not_enabled_is_refused(tmp_path: Path, name: str, text: str, forms: tuple[str, ...]) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InventoryError, match="cannot be read"):
        load_inventory([str(tmp_path / name)], wanted=Wanted(forms))
    with pytest.raises(InventoryError, match="cannot be read"):
        load_inventory(["a,b"], wanted=Wanted(forms))
