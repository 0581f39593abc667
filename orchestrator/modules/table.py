"""The one table of modules: name → ``file:object`` below orchestrator.modules. Greppable; nothing registers itself."""

from __future__ import annotations

TABLE: dict[str, str] = {
    "ping": "builtin.ping:PING",
    "command": "builtin.command:COMMAND",
    "shell": "builtin.command:SHELL",
}

ALIASES: dict[str, str] = {
    "include": "include_tasks",
}
