"""Plug-ins of the user's own as the command line finds them."""

from __future__ import annotations

from pathlib import Path

from orchestrator.cli.plugged import callbacks_passed_over, vars_plugins
from orchestrator.language.ansible_cfg import load_config
from orchestrator.language.locator import Locator


def test_callbacks_are_named(tmp_path: Path) -> None:
    assert callbacks_passed_over(load_config({}, str(tmp_path))) == []
    settings = {"ANSIBLE_STDOUT_CALLBACK": "yaml", "ANSIBLE_CALLBACKS_ENABLED": "timer, junit"}
    assert callbacks_passed_over(load_config(settings, str(tmp_path))) == [
        "callback plug-ins are not run here: yaml, timer"
    ]


def test_vars_plugins_only_where_there_are_some(tmp_path: Path) -> None:
    config, locator = load_config({}, str(tmp_path)), Locator()
    locator.meet(str(tmp_path))
    assert vars_plugins(config, locator, lambda data, _file: data) is None
    named = load_config({"ANSIBLE_VARS_ENABLED": "host_group_vars, a.b.c"}, str(tmp_path))
    assert vars_plugins(named, locator, lambda data, _file: data) is not None
    (tmp_path / "vars_plugins").mkdir()
    (tmp_path / "vars_plugins" / "mine.py").touch()
    assert vars_plugins(config, locator, lambda data, _file: data) is not None
