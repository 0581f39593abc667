"""Facts that outlive a run, in the files of Ansible's cache ``jsonfile``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orchestrator.cli.fact_cache import fact_cache
from orchestrator.language.ansible_cfg import load_config
from orchestrator.language.locator import Locator
from orchestrator.model.errors import ConfigError, UserError
from orchestrator.planning.fact_cache import FactCache
from orchestrator.planning.sealed import sealed_text


def test_what_one_run_learned_the_next_one_knows(tmp_path: Path) -> None:
    FactCache(str(tmp_path), "p_").add("web", {"ansible_os_family": "Darwin"})
    FactCache(str(tmp_path), "p_").add("web", {"shape": ["round"]})
    assert FactCache(str(tmp_path), "p_").facts("web") == {"ansible_os_family": "Darwin", "shape": ["round"]}
    assert FactCache(str(tmp_path), "p_").facts("db") == {}
    assert (tmp_path / "p_s1_web").stat().st_mode & 0o777 == 0o600


def test_what_came_out_of_a_vault_is_not_written(tmp_path: Path) -> None:
    secret = sealed_text("hush", "$ANSIBLE_VAULT;1.1;AES256\n00")
    cache = FactCache(str(tmp_path))
    cache.add("web", {"open": 1, "token": secret, "deep": {"list": [secret]}})
    assert cache.facts("web")["token"] == "hush"
    assert FactCache(str(tmp_path)).facts("web") == {"open": 1}


def test_old_facts_do_not_count(tmp_path: Path) -> None:
    FactCache(str(tmp_path)).add("web", {"x": 1})
    os.utime(tmp_path / "s1_web", (1, 1))
    assert FactCache(str(tmp_path), timeout_s=60).facts("web") == {}
    assert FactCache(str(tmp_path), timeout_s=0).facts("web") == {"x": 1}


def test_facts_can_be_forgotten(tmp_path: Path) -> None:
    cache = FactCache(str(tmp_path), "p_")
    (tmp_path / "other").touch()
    for host in ("a", "b"):
        cache.add(host, {"x": 1})
    cache.forget("a")
    assert cache.facts("a") == {}
    FactCache(str(tmp_path), "p_").flush()
    assert [each.name for each in tmp_path.iterdir()] == ["other"]


@pytest.mark.parametrize("text", ["{", "[]", '{"__payload__": 3}'])
def test_a_file_without_facts_is_told_and_removed(tmp_path: Path, text: str) -> None:
    (tmp_path / "s1_web").write_text(text)
    with pytest.raises(ConfigError, match="holds no facts"):
        FactCache(str(tmp_path)).facts("web")
    assert not (tmp_path / "s1_web").exists()


def test_text_is_never_a_template_again(tmp_path: Path) -> None:
    tagged = {"__ansible_type": "_AnsibleTaggedStr", "value": "{{ 1 }}", "tags": [{"__ansible_type": "Origin"}]}
    (tmp_path / "s1_web").write_text(json.dumps({"__payload__": json.dumps({"x": tagged})}))
    found = FactCache(str(tmp_path)).facts("web")["x"]
    assert (found, type(found)) == ("{{ 1 }}", str)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, []),
        ({"ANSIBLE_CACHE_PLUGIN": "redis"}, ["fact_caching redis is not known here"]),
        ({"ANSIBLE_CACHE_PLUGIN": "jsonfile"}, ["fact_caching_connection names no directory"]),
        ({"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": "/dev/null/x"}, ["cannot be made"]),
    ],
)
def test_without_a_cache_facts_live_as_long_as_the_run(
    tmp_path: Path, settings: dict[str, str], told: list[str]
) -> None:
    warnings: list[str] = []
    assert fact_cache(load_config(settings, str(tmp_path)), Locator(), warnings, flush=False) is None
    assert len(warnings) == len(told)
    assert all(part in text for part, text in zip(told, warnings, strict=True))


def test_flushing_empties_the_cache(tmp_path: Path) -> None:
    settings = {"ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path)}
    FactCache(str(tmp_path)).add("web", {"x": 1})
    for flush, left in ((False, {"x": 1}), (True, {})):
        cache = fact_cache(load_config(settings, str(tmp_path)), Locator(), [], flush=flush)
        assert cache is not None
        assert cache.facts("web") == left


SHELF = """
DOCUMENTATION = '''
name: shelf
options:
  _uri: {required: true, env: [{name: ANSIBLE_CACHE_PLUGIN_CONNECTION}], type: path}
  _prefix: {default: x_}
  _timeout: {default: 86400, type: integer}
'''
import json
from ansible.plugins.cache import BaseFileCacheModule


class CacheModule(BaseFileCacheModule):
    def _load(self, filepath):
        print("what a plug-in prints is no answer")
        with open(filepath) as file:
            return json.load(file)

    def _dump(self, value, filepath):
        with open(filepath, "w") as file:
            json.dump(value, file)
"""


def test_a_cache_plug_in_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "cache_plugins").mkdir()
    (tmp_path / "cache_plugins" / "shelf.py").write_text(SHELF)
    settings = {"ANSIBLE_CACHE_PLUGIN": "shelf", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "kept")}
    os.environ |= settings
    locator = Locator()
    locator.meet(str(tmp_path))

    def cache(*, flush: bool = False) -> FactCache:
        found = fact_cache(load_config(settings, str(tmp_path)), locator, [], flush=flush)
        assert found is not None
        return found

    try:
        first = cache()
        first.add("web", {"shape": ["round"], "text": "{{ 1 }}"})
        first.add("db", {"x": 1})
        assert (tmp_path / "kept" / "x_s1_web").is_file()
        again = cache()
        assert again.facts("web") == {"shape": ["round"], "text": "{{ 1 }}"} and again.facts("none") == {}
        again.forget("db")
        assert cache().facts("db") == {}
        assert cache(flush=True).facts("web") == {}
        (tmp_path / "kept" / "x_s1_bad").write_text("{")
        with pytest.raises(UserError, match=r"the plug-in fails: Error while accessing the cache file '.*/x_s1_bad'"):
            cache().facts("bad")
    finally:
        for name in settings:
            del os.environ[name]
