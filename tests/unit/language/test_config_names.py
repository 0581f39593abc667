"""Settings under Ansible's own names."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from orchestrator.language.ansible_cfg import Config, load_config
from orchestrator.language.config_names import NAMES, named


def test_every_name_means_a_setting_that_there_is() -> None:
    assert set(NAMES.values()) <= {field.name for field in fields(Config)}


def test_settings_are_told_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "ansible.cfg").write_text("[defaults]\nroles_path = a:b\nforks = 7\nansible_managed = by hand\n")
    (tmp_path / "plugins").mkdir()
    environ = {"ANSIBLE_LOOKUP_PLUGINS": "plugins", "HOME": str(tmp_path)}
    config = load_config(environ, str(tmp_path))
    told = named(config)
    assert told["DEFAULT_ROLES_PATH"] == [str(tmp_path / "a"), str(tmp_path / "b")]
    assert (told["DEFAULT_FORKS"], told["DEFAULT_MANAGED_STR"], told["DEFAULT_NO_LOG"]) == (7, "by hand", False)
    assert config.lookup_plugins == (str(tmp_path / "plugins"),)
