"""Variables: the order of all twenty-two levels, the run's own names, hostvars, facts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.language.tree import Block, Keywords, Play, Role, Task
from orchestrator.model.errors import UndefinedVariable
from orchestrator.model.hosts import Inventory
from orchestrator.model.place import Place, Text
from orchestrator.planning.layers import Layers
from orchestrator.planning.variables import PRECEDENCE, Beside, Moment, RunFacts, Variables, roles_of

HERE = Place("/site/site.yml")
RUN = RunFacts(playbook_dir="/site")


def task(**fields: Any) -> Task:
    keywords = fields.pop("keywords", Keywords())
    return Task(key="1", place=HERE, action="debug", args={}, keywords=keywords, outer=Keywords(), **fields)


def play(**fields: Any) -> Play:
    return Play(index=1, place=HERE, name="p", hosts="all", keywords=Keywords(), path="/site/site.yml", **fields)


def inventory() -> Inventory:
    made = Inventory()
    made.host("h1.example")
    made.host("h2")
    made.group("web").hosts += ["h1.example", "h2"]
    return made


def role_block(role: Role, *inside: Block) -> Block:
    return Block(key=role.name, place=HERE, keywords=Keywords(), role=role, is_role=True, body=inside)


class World:
    """A run in which chosen levels define ``x`` as their own name."""

    def __init__(self, levels: set[str]) -> None:
        self.levels = levels
        hosts = inventory()
        hosts.groups["all"].vars = {}
        hosts.groups["web"].vars = self.at("inventory group vars")
        hosts.groups["all"].file_vars = self.at("inventory group_vars/all")
        hosts.groups["web"].file_vars = self.at("inventory group_vars/*")
        hosts.hosts["h2"].vars = self.at("inventory host vars")
        hosts.hosts["h2"].file_vars = self.at("inventory host_vars/*")
        beside = Beside(
            groups={"all": self.at("playbook group_vars/all"), "web": self.at("playbook group_vars/*")}.__getitem__,
            hosts=lambda _host: self.at("playbook host_vars/*"),
        )
        role = Role(
            name="r",
            path="/r",
            defaults=self.at("role defaults"),
            vars=self.at("role vars"),
            params=self.at("role and include_role params"),
        )
        self.play = play(vars=self.at("play vars"))
        keywords = Keywords(vars=(self.at("block vars"), self.at("task vars")))
        self.variables = Variables(
            hosts, run=RUN, extra_vars=self.at("extra vars"), command_line=self.at("command line values"), beside=beside
        )
        self.variables.learn("h2", self.at("host facts and cached set_facts"))
        self.variables.prompted(self.play, self.at("play vars_prompt"))
        self.variables.read_files(self.play, "h2", (self.at("play vars_files"),))
        self.variables.include("h2", self.at("include_vars"))
        self.variables.set("h2", self.at("set_facts and registered vars"))
        self.moment = Moment(
            play=self.play, host="h2", task=task(keywords=keywords, role=role), include_params=self.at("include params")
        )

    def at(self, level: str) -> dict[str, str]:
        return {"x": level} if level in self.levels else {}

    def x(self) -> Any:
        return self.variables.renderer(self.moment).value(Text("{{ x }}"))


def test_there_are_twenty_two_levels() -> None:
    assert len(PRECEDENCE) == len(set(PRECEDENCE)) == 22


@pytest.mark.parametrize("strongest", range(22))
def test_the_strongest_level_that_knows_a_name_wins(strongest: int) -> None:
    assert World(set(PRECEDENCE[: strongest + 1])).x() == PRECEDENCE[strongest]


@pytest.mark.parametrize("lower", range(21))
def test_each_level_beats_the_one_below(lower: int) -> None:
    assert World({PRECEDENCE[lower], PRECEDENCE[lower + 1]}).x() == PRECEDENCE[lower + 1]
    assert World({PRECEDENCE[lower]}).x() == PRECEDENCE[lower]


def test_loop_variables_and_the_runs_own_names_stand_above_extra_vars() -> None:
    variables = Variables(inventory(), run=RUN, extra_vars={"item": 0, "inventory_hostname": "no", "x": 1})
    renderer = variables.renderer(Moment(host="h2", loop={"item": 3}))
    assert renderer.value(Text("{{ item }} {{ inventory_hostname }} {{ x }}")) == "3 h2 1"


def test_nearer_blocks_groups_and_roles_win() -> None:
    hosts = inventory()
    hosts.group("web").children.append("inner")
    hosts.group("inner").hosts.append("h2")
    hosts.groups["web"].vars, hosts.groups["inner"].vars = {"g": "web", "w": 1}, {"g": "inner"}
    outer = Role(name="outer", path="/o", defaults={"d": "o", "o": 1}, vars={"v": "o"}, params={"p": "o"})
    inner = Role(name="inner", path="/i", defaults={"d": "i"}, vars={"v": "i"}, params={"p": "i"}, parents=(outer,))
    keywords = Keywords(vars=({"b": "far"}, {"b": "near"}))
    variables = Variables(hosts, run=RUN)
    renderer = variables.renderer(Moment(play=play(), host="h2", task=task(role=inner, keywords=keywords)))
    assert renderer.value(Text("{{ [g, w, d, o, v, p, b] }}")) == ["inner", 1, "i", 1, "i", "i", "near"]


def test_roles_of_a_play_are_seen_by_all_its_tasks() -> None:
    first = Role(name="a", path="/a", defaults={"d": "a", "only": 1}, vars={"v": "a"}, dependencies=("dep",))
    second = Role(name="b", path="/b", defaults={"d": "b"}, vars={"v": "b"})
    needed = Role(name="dep", path="/dep", defaults={"d": "dep", "dep": 1}, is_dependency=True)
    the_play = play(roles=(role_block(first, role_block(needed)), role_block(second)))
    assert [role.name for role in roles_of(the_play.roles)] == ["dep", "a", "b"]
    variables = Variables(inventory(), run=RUN)
    moment = Moment(play=the_play, host="h2", task=task())
    assert variables.renderer(moment).value(Text("{{ [d, v, only, dep] }}")) == ["b", "b", 1, 1]
    in_first = replace(moment, task=task(role=first))
    assert variables.renderer(in_first).value(Text("{{ [d, v] }}")) == ["a", "a"]
    names = "{{ [ansible_play_role_names, role_names, ansible_dependent_role_names, ansible_role_names] }}"
    assert variables.renderer(moment).value(Text(names)) == [["a", "b"], ["a", "b"], ["dep"], ["a", "b", "dep"]]
    late = Role(name="late", path="/l", defaults={"late": "yes"}, vars={"v": "late"})
    variables.export(the_play, late)
    variables.export(the_play, late)
    assert variables.renderer(moment).value(Text("{{ [late, v] }}")) == ["yes", "late"]


def test_the_runs_own_names() -> None:
    run = RunFacts(
        playbook_dir="/site", check_mode=True, forks=9, limit="web", run_tags=("a",), verbosity=2, config_file="/c"
    )
    variables = Variables(inventory(), run=run)
    parent = Role(name="outer", path="/outer")
    role = Role(name="ns.col.r", path="/roles/r", fqcn="ns.col.r", parents=(parent,), key="k")
    keywords = Keywords(environment=({"A": "1"},))
    moment = Moment(
        play=play(), host="h1.example", task=task(role=role, keywords=keywords),
        hosts_all=("h1.example", "h2"), hosts=("h1.example",), batch=("h1.example",),
    )  # fmt: skip
    known = variables.renderer(moment)
    expected = {
        "inventory_hostname": "h1.example",
        "inventory_hostname_short": "h1",
        "group_names": ["web"],
        "groups": {"all": ["h1.example", "h2"], "ungrouped": [], "web": ["h1.example", "h2"]},
        "playbook_dir": "/site",
        "ansible_check_mode": True,
        "ansible_diff_mode": False,
        "ansible_forks": 9,
        "ansible_limit": "web",
        "ansible_run_tags": ["a"],
        "ansible_skip_tags": [],
        "ansible_verbosity": 2,
        "ansible_config_file": "/c",
        "ansible_inventory_sources": [],
        "ansible_play_name": "p",
        "ansible_play_hosts_all": ["h1.example", "h2"],
        "ansible_play_hosts": ["h1.example"],
        "ansible_play_batch": ["h1.example"],
        "play_hosts": ["h1.example"],
        "role_name": "r",
        "role_path": "/roles/r",
        "role_uuid": "k",
        "ansible_role_name": "ns.col.r",
        "ansible_collection_name": "ns.col",
        "ansible_parent_role_names": ["outer"],
        "ansible_parent_role_paths": ["/outer"],
        "ansible_search_path": ["/roles/r", "/outer", "/site"],
        "environment": [{"A": "1"}],
        "inventory_file": "",
        "inventory_dir": "",
    }
    for name, value in expected.items():
        assert known.value(Text("{{ " + name + " }}")) == value, name
    assert known.value(Text("{{ ansible_version.full }}")) == "2.19.14"
    assert known.condition(Text("ansible_version.full is version('2.15', '>=')"))


def test_vars_holds_the_names_of_the_run_but_itself() -> None:
    known = Variables(inventory(), run=RunFacts(playbook_dir="/site")).renderer(Moment(play=play(), host="h1.example"))
    assert known.value(Text("{{ vars.inventory_hostname }} {{ vars.vars | default('alone') }}")) == "h1.example alone"


def test_names_that_mean_nothing_here_are_undefined() -> None:
    known = Variables(inventory(), run=RUN).renderer(Moment())
    for name in ("role_name", "ansible_play_name", "inventory_hostname", "ansible_limit", "environment", "vars"):
        assert known.value(Text("{{ " + name + " is defined }}")) is False, name
    assert "role_name" not in list(known.variables)


def test_where_the_inventory_stands() -> None:
    hosts = inventory()
    hosts.hosts["h2"].vars.update(inventory_file="/site/hosts.yml", inventory_dir="/site")
    known = Variables(hosts, run=RUN).renderer(Moment(host="h2"))
    assert known.value(Text("{{ inventory_file }} {{ inventory_dir }}")) == "/site/hosts.yml /site"


def test_hostvars_render_as_their_host() -> None:
    hosts = inventory()
    hosts.groups["web"].vars = {"me": Text("{{ inventory_hostname }}"), "port": Text("{{ base + 1 }}")}
    hosts.hosts["h1.example"].vars, hosts.hosts["h2"].vars = {"base": 10}, {"base": 20}
    variables = Variables(hosts, run=RUN)
    variables.learn("h1.example", {"ansible_os_family": "Darwin"})
    variables.set("h1.example", {"out": {"rc": 3}})
    known = variables.renderer(Moment(play=play(vars={"of_play": 1}), host="h2"))
    written = "{{ hostvars['h1.example'].me }} {{ hostvars['h1.example']['port'] }} {{ port }}"
    assert known.value(Text(written)) == "h1.example 11 21"
    assert (
        known.value(Text("{{ hostvars['h1.example'].ansible_facts.os_family }} {{ hostvars['h1.example'].out.rc }}"))
        == "Darwin 3"
    )
    assert known.value(Text("{{ groups.web | map('extract', hostvars, 'port') | list }}")) == [11, 21]
    assert known.value(Text("{{ hostvars['h2'].of_play is defined }}")) is False
    assert (
        known.value(Text("{{ hostvars['nobody'] is defined }} {{ 'h2' in hostvars }} {{ hostvars | length }}"))
        == "False True 2"
    )
    assert known.value(Text("{{ hostvars['h2'] }}"))["port"] == 21
    assert set(known.value(Text("{{ hostvars }}"))) == {"h1.example", "h2"}
    assert known.value(Text("{{ hostvars.localhost.inventory_hostname }}")) == "localhost"
    assert known.value(Text("{{ hostvars['h1.example'].hostvars['h2'].port }}")) == 21
    with pytest.raises(UndefinedVariable, match="has no attribute 'gone'"):
        known.value(Text("{{ hostvars['h2'].gone }}"))


def test_vars_holds_all_variables_rendered() -> None:
    known = Variables(inventory(), run=RUN, extra_vars={"a": Text("{{ b }}"), "b": 2}).renderer(
        Moment(play=play(), host="h2")
    )
    assert (
        known.value(Text("{{ vars['a'] }} {{ vars.b }} {{ 'a' in vars }} {{ vars | length > 1 }}")) == "2 2 True True"
    )
    assert known.value(Text("{{ vars }}"))["a"] == 2


def test_facts_have_two_names_and_cannot_say_how_to_connect() -> None:
    variables = Variables(inventory(), run=RUN)
    variables.learn(
        "h2",
        {"ansible_os_family": "Darwin", "ansible_local": {"x": 1}, "cached": 5, "ansible_ssh_host_key_rsa_public": "k"},
    )
    variables.learn(
        "h2", {"ansible_user": "root", "ansible_ssh_common_args": "-oProxyCommand=x", "ansible_become_exe": "x"}
    )
    variables.learn(
        "h2", {"groups": {}, "ansible_python_interpreter": "/x", "ansible_check_mode": True, "ansible_facts": 1}
    )
    known = variables.renderer(Moment(host="h2"))
    assert (
        known.value(
            Text("{{ ansible_os_family }} {{ ansible_facts.os_family }} {{ ansible_facts['local'] | default('-') }}")
        )
        == "Darwin Darwin -"
    )
    assert (
        known.value(
            Text("{{ ansible_local.x }} {{ ansible_facts.ansible_local.x }} {{ cached }} {{ ansible_facts.cached }}")
        )
        == "1 1 5 5"
    )
    assert known.value(Text("{{ ansible_ssh_host_key_rsa_public }}")) == "k"
    for name in ("ansible_user", "ansible_ssh_common_args", "ansible_become_exe", "ansible_python_interpreter"):
        assert known.value(Text("{{ " + name + " is defined }}")) is False, name
    assert known.value(Text("{{ ansible_check_mode }} {{ groups | length }}")) == "False 3"
    assert known.value(Text("{{ ansible_facts.user }}")) == "root"
    variables.state("h2").forget()
    assert known.value(Text("{{ ansible_os_family is defined }} {{ ansible_facts }}")) == "False {}"


def test_what_a_node_says_is_never_a_template() -> None:
    variables = Variables(inventory(), run=RUN)
    variables.learn("h2", {"ansible_hostname": "{{ lookup('pipe', 'id') }}"})
    variables.set("h2", {"out": {"stdout": "{{ 7 * 7 }}"}})
    known = variables.renderer(Moment(host="h2"))
    assert known.value(Text("{{ ansible_hostname }}{{ out.stdout }}")) == "{{ lookup('pipe', 'id') }}{{ 7 * 7 }}"


def test_merging_mappings() -> None:
    hosts = inventory()
    hosts.groups["web"].vars = {"m": {"a": 1, "deep": {"x": 1}}, "s": {"a": 1}}
    hosts.hosts["h2"].vars = {"m": {"b": 2, "deep": {"y": 2}}, "s": "text"}
    variables = Variables(hosts, run=RUN, extra_vars={"m": {"c": Text("{{ 1 + 2 }}")}}, merge=True)
    variables.include("h2", {"i": {"a": 1}})
    variables.include("h2", {"i": {"b": 1}})
    known = variables.renderer(Moment(host="h2"))
    assert known.value(Text("{{ m }}")) == {"a": 1, "deep": {"x": 1, "y": 2}, "b": 2, "c": 3}
    assert known.value(Text("{{ i }}")) == {"a": 1, "b": 1}
    assert known.value(Text("{{ s }}")) == "text"
    replaced = Variables(hosts, run=RUN).renderer(Moment(host="h2"))
    assert replaced.value(Text("{{ m }}")) == {"b": 2, "deep": {"y": 2}}


def test_a_growing_inventory_is_seen() -> None:
    hosts = inventory()
    variables = Variables(hosts, run=RUN)
    known = variables.renderer(Moment(host="h2"))
    assert known.value(Text("{{ groups['all'] | length }} {{ group_names }}")) == "2 ['web']"
    hosts.host("new").vars["v"] = 1
    hosts.group("db").hosts += ["new", "h2"]
    hosts.group("both").children += ["db", "web"]
    hosts.group("db").vars["g"] = "db"
    variables.inventory_changed()
    later = variables.renderer(Moment(host="h2"))
    assert (
        later.value(Text("{{ groups.db }} {{ group_names }} {{ g }} {{ hostvars.new.v }} {{ groups.both }}"))
        == "['new', 'h2'] ['both', 'db', 'web'] db 1 ['new', 'h2', 'h1.example']"
    )


def test_layers_are_a_mapping() -> None:
    top: dict[str, Any] = {"a": 1}
    layers = Layers([top, {"a": 2, "b": {"x": 1}}])
    assert isinstance(layers, Mapping)
    assert (dict(layers), len(layers), "b" in layers, "c" in layers) == ({"a": 1, "b": {"x": 1}}, 2, True, False)
    top["c"] = 3
    assert layers["c"] == 3
    assert layers.over({"a": 0})["a"] == 0
    with pytest.raises(KeyError):
        layers["zz"]
