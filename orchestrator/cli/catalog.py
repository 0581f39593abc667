"""What modules say of themselves: read from their argument classes, for ``orch doc`` and ``orch schema``."""

from __future__ import annotations

import re
from typing import Any

from pydantic import AliasChoices
from pydantic_core import PydanticUndefined

from orchestrator.model.frozen import frozen
from orchestrator.modules.base import Module


@frozen
class Argument:
    """One argument of a module. ``type`` is in words; ``default`` is None where there is none or it is null."""

    name: str
    type: str
    is_required: bool
    default: Any
    description: str
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


def arguments(module: Module[Any]) -> list[Argument]:
    """The module's arguments, required ones first, then by name."""
    properties = module.args.model_json_schema(by_alias=False).get("properties", {})
    found = [_argument(name, module, properties.get(name, {})) for name in module.args.model_fields]
    return sorted(found, key=lambda each: (not each.is_required, each.name))


def _argument(name: str, module: Module[Any], schema: dict[str, Any]) -> Argument:
    field = module.args.model_fields[name]
    default = None if field.default is PydanticUndefined else field.default
    return Argument(
        name,
        _type(schema),
        field.is_required(),
        default,
        " ".join((field.description or "").split()),
        _aliases(name, field.alias, field.validation_alias),
        tuple(str(each) for each in _choices(schema)),
    )


def _aliases(name: str, alias: str | None, validation: Any) -> tuple[str, ...]:
    found = [alias] if alias else []
    if isinstance(validation, AliasChoices):
        found += [each for each in validation.choices if isinstance(each, str)]
    elif isinstance(validation, str):
        found.append(validation)
    return tuple(each for each in dict.fromkeys(found) if each != name)


def _type(schema: dict[str, Any]) -> str:
    options = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    words = {str(each.get("type", "string" if "enum" in each or "const" in each else "any")) for each in options}
    return " or ".join(sorted(words)) or "any"


def _choices(schema: dict[str, Any]) -> list[Any]:
    for each in schema.get("anyOf", [schema]):
        if "enum" in each:
            return list(each["enum"])
        if "const" in each:
            return [each["const"]]
    return []


def as_text(module: Module[Any]) -> str:
    """The module's page for a terminal."""
    lines = [module.name, f"  {module.summary}", "", "ARGUMENTS"]
    for each in arguments(module):
        notes = [
            each.type,
            *(["required"] if each.is_required else [f"default: {each.default}"] if each.default is not None else []),
        ]
        if each.choices:
            notes.append(f"one of: {', '.join(each.choices)}")
        if each.aliases:
            notes.append(f"also: {', '.join(each.aliases)}")
        lines += [f"  {each.name} ({'; '.join(notes)})", f"      {each.description}"]
    if module.returns:
        lines += ["", "RETURNS", *(f"  {name}: {text}" for name, text in module.returns.items())]
    return "\n".join([*lines, "", f"Check mode: {module.checks}.", ""])


def as_markdown(module: Module[Any]) -> str:
    """The module's page as Markdown, as docs/reference/modules.md has it."""
    lines = [
        f"## {module.name}",
        "",
        module.summary,
        "",
        "| argument | type | default | meaning |",
        "|---|---|---|---|",
    ]
    for each in arguments(module):
        default = (
            "**required**" if each.is_required else "" if each.default is None else f"`{_cell(str(each.default))}`"
        )
        kind = each.type if not each.choices else ", ".join(f"`{_cell(choice)}`" for choice in each.choices)
        also = f" Also written {', '.join(f'`{alias}`' for alias in each.aliases)}." if each.aliases else ""
        lines.append(f"| `{each.name}` | {kind} | {default} | {_cell(each.description)}{also} |")
    if module.returns:
        lines += ["", "Returns:", "", *(f"- `{name}`: {text}" for name, text in module.returns.items())]
    return "\n".join([*lines, "", f"Check mode: {module.checks}.", ""])


def _cell(text: str) -> str:
    return re.sub(r"([|<>])", r"\\\1", text)
