"""The one table of modules: name → ``file:object`` below orchestrator.modules. Greppable; nothing registers itself."""

from __future__ import annotations

TABLE: dict[str, str] = {
    "ping": "builtin.ping:PING",
    "command": "builtin.command:COMMAND",
    "shell": "builtin.command:SHELL",
    "raw": "builtin.raw:RAW",
    "script": "builtin.raw:SCRIPT",
    "debug": "builtin.debug:DEBUG",
    "assert": "builtin.verdict:ASSERT",
    "fail": "builtin.verdict:FAIL",
    "set_fact": "builtin.told:SET_FACT",
    "set_stats": "builtin.told:SET_STATS",
    "meta": "builtin.told:META",
    "add_host": "builtin.told:ADD_HOST",
    "group_by": "builtin.told:GROUP_BY",
    "pause": "builtin.pause:PAUSE",
    "include_tasks": "builtin.include:INCLUDE_TASKS",
    "import_tasks": "builtin.include:IMPORT_TASKS",
    "include_role": "builtin.include:INCLUDE_ROLE",
    "import_role": "builtin.include:IMPORT_ROLE",
    "include_vars": "builtin.include:INCLUDE_VARS",
    "file": "builtin.file:FILE",
    "stat": "builtin.stat:STAT",
    "copy": "builtin.copy:COPY",
    "template": "builtin.template:TEMPLATE",
}

ALIASES: dict[str, str] = {
    "include": "include_tasks",
}
