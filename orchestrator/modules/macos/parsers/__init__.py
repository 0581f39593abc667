"""
Parsers of what macOS commands print: pure functions, text in, JSON-able data out.

`parse(slug, output)` looks a parser up in the one table (`registry.TABLE`) and applies it. Every result is a dict
with a `status`: `known`, `absent` (the thing asked for does not exist), `not permitted`, `failed` (the command says
why it could not) or `unknown`; all but `known` carry a `reason`. Nothing here reads files, runs commands or fails on
unforeseen text: what is not understood is kept under `extra` or said to be unknown.
"""

from orchestrator.modules.macos.parsers.output import Output, Parsed, Parser
from orchestrator.modules.macos.parsers.registry import TABLE, Entry, UnknownSlug, parse

__all__ = ["TABLE", "Entry", "Output", "Parsed", "Parser", "UnknownSlug", "parse"]
