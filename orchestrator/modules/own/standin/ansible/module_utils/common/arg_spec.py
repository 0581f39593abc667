"""Options checked against an ``argument_spec``: in the order, and with the words, of ansible-core 2.19."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from . import parameters as rules
from . import validation
from .warnings import deprecate, warn

_TOGETHER = (
    ("required_together", validation.check_required_together),
    ("required_one_of", validation.check_required_one_of),
    ("required_if", validation.check_required_if),
    ("required_by", validation.check_required_by),
)


class ValidationResult:
    """What became of options: ``validated_parameters``, and all that is wrong as ``error_messages``."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.validated_parameters: dict[str, Any] = dict(parameters)
        self.error_messages: list[str] = []
        self.unsupported_parameters: set[str] = set()
        self.supported: dict[str, list[str]] = {}
        self.no_log_values: set[str] = set()
        self.aliases: dict[str, str] = {}
        self.unsupported_message: str | None = None


class ArgumentSpecValidator:
    """An ``argument_spec`` with its rules about options that go together."""

    def __init__(
        self,
        argument_spec: Mapping[str, Any],
        mutually_exclusive: Any = None,
        required_together: Any = None,
        required_one_of: Any = None,
        required_if: Any = None,
        required_by: Any = None,
    ) -> None:
        self.argument_spec = argument_spec
        self._rule = {
            "options": argument_spec,
            "mutually_exclusive": mutually_exclusive,
            "required_together": required_together,
            "required_one_of": required_one_of,
            "required_if": required_if,
            "required_by": required_by,
        }

    def validate(self, parameters: Mapping[str, Any], *_args: Any, **_more: Any) -> ValidationResult:
        """``parameters`` as they are after defaults and conversions, and what is wrong with them."""
        result = ValidationResult(parameters)
        _Check(result).options(self._rule, result.validated_parameters, [], "")
        if result.unsupported_parameters:
            result.unsupported_message = _unsupported(result)
            result.error_messages.append(result.unsupported_message)
        return result


ModuleArgumentSpecValidator = ArgumentSpecValidator


def _unsupported(result: ValidationResult) -> str:
    """Names as ansible-core lists them: the unknown ones, then those known beside the last of them."""
    last = sorted(result.unsupported_parameters)[-1]
    names = ", ".join(sorted(result.unsupported_parameters))
    return f"{names}. Supported parameters include: {''.join(result.supported[last])}."


class _Check:
    """One check of options and of those within them."""

    def __init__(self, result: ValidationResult) -> None:
        self.result = result

    def options(
        self, rule: Mapping[str, Any], given: MutableMapping[str, Any], context: list[str], prefix: str
    ) -> None:
        """Check what ``given`` holds by ``rule``; ``context`` and ``prefix`` name the options around it."""
        spec, result = rule["options"], self.result
        result.no_log_values |= rules.set_fallbacks(spec, given)
        aliases = self._aliases(spec, given, prefix)
        self._collect(lambda: result.no_log_values.update(rules.no_log_values(spec, given)))
        self._deprecations(spec, given, prefix)
        self._unknown(spec, aliases, given, context)
        self._collect(lambda: validation.check_mutually_exclusive(rule.get("mutually_exclusive"), given, context))
        result.no_log_values |= rules.set_defaults(spec, given, all_of_them=False)
        self._collect(lambda: validation.check_required_arguments(spec, given, context))
        for name, each in spec.items():
            self._type(name, each, given, context)
        for name, each in spec.items():
            self._choices(name, each, given, context)
        for name, check in _TOGETHER:
            self._collect(lambda name=name, check=check: check(rule.get(name), given, context))
        result.no_log_values |= rules.set_defaults(spec, given, all_of_them=True)
        for name, each in spec.items():
            self._inner(name, each, given, context, prefix)
        if not context:
            result.aliases.update(aliases)

    def _collect(self, check: Any) -> None:
        try:
            check()
        except (TypeError, ValueError) as error:
            self.result.error_messages.append(str(error))

    def _aliases(self, spec: Any, given: MutableMapping[str, Any], prefix: str) -> dict[str, str]:
        try:
            aliases, twice = rules.handle_aliases(spec, given)
        except (TypeError, ValueError) as error:
            self.result.error_messages.append(str(error))
            return {}
        for alias in twice:
            warn(f"Both option {prefix}{aliases[alias]} and its alias {prefix}{alias} are set.")
        return aliases

    def _deprecations(self, spec: Any, given: Mapping[str, Any], prefix: str) -> None:
        for name, rule in spec.items():
            shown = f'{prefix.rstrip(".")}["{name}"]' if prefix else name
            if name in given and (rule.get("removed_in_version") or rule.get("removed_at_date")):
                message = f"Param '{shown}' is deprecated. See the module docs for more information"
                collection = rule.get("removed_from_collection")
                deprecate(message, rule.get("removed_in_version"), rule.get("removed_at_date"), collection)
            for each in rule.get("deprecated_aliases") or ():
                if each["name"] in given:
                    message = f"Alias '{prefix}{each['name']}' is deprecated. See the module docs for more information"
                    deprecate(message, each.get("version"), each.get("date"), each.get("collection_name"))

    def _unknown(self, spec: Any, aliases: Mapping[str, str], given: Mapping[str, Any], context: list[str]) -> None:
        for name in given:
            if name not in spec and name not in aliases:
                full = ".".join([*context, str(name)])
                self.result.unsupported_parameters.add(full)
                others = f" ({', '.join(sorted(aliases))})" if aliases else ""
                self.result.supported[full] = [", ".join(sorted(spec)), others]

    def _type(self, name: str, rule: Mapping[str, Any], given: MutableMapping[str, Any], context: list[str]) -> None:
        if name not in given:
            return
        value, wanted = given[name], rule.get("type") or "str"
        if value is None and not rule.get("required") and rule.get("default") is None:
            return
        found = f" found in '{' -> '.join(context)}'" if context else ""
        convert, word = _converter(wanted)
        try:
            given[name] = value = convert(value)
        except (TypeError, ValueError) as error:
            dotted = f"{found}." if found else ""
            self.result.error_messages.append(
                f"argument '{name}' is of type {type(value).__name__}{dotted} and we were unable to convert to {word}: "
                f"{error}"
            )
            return
        if rule.get("elements") and isinstance(value, list):
            given[name] = self._elements(name, rule["elements"], value, found)

    def _elements(self, name: str, wanted: Any, values: list[Any], found: str) -> list[Any]:
        convert, word = _converter(wanted)
        kept = []
        for each in values:
            try:
                kept.append(convert(each))
            except (TypeError, ValueError) as error:
                kind = type(each).__name__
                self.result.error_messages.append(
                    f"Elements value for option '{name}'{found} is of type {kind} and we were unable to convert to "
                    f"{word}: {error}"
                )
        return kept

    def _choices(self, name: str, rule: Mapping[str, Any], given: MutableMapping[str, Any], context: list[str]) -> None:
        choices = rule.get("choices")
        if choices is None or name not in given:
            return
        below = f" found in {' -> '.join(context)}" if context else ""
        listed, value = ", ".join(map(str, choices)), given[name]
        if isinstance(value, list):
            wrong = [str(each) for each in value if each not in choices]
            if wrong:
                message = f"value of {name} must be one or more of: {listed}. Got no match for: {', '.join(wrong)}"
                self.result.error_messages.append(message + below)
            return
        words = {"False": rules.BOOLEANS_FALSE, "True": rules.BOOLEANS_TRUE}.get(str(value), frozenset())
        meant = [each for each in choices if each in words]
        if value not in choices and len(meant) == 1:
            given[name] = meant[0]  # YAML's yes for the word "yes"
        elif value not in choices:
            self.result.error_messages.append(f"value of {name} must be one of: {listed}, got: {value}{below}")

    def _inner(
        self, name: str, rule: Mapping[str, Any], given: MutableMapping[str, Any], context: list[str], prefix: str
    ) -> None:
        """The options within an option."""
        is_list = rule.get("type") == "list"
        if rule.get("options") is None or not rules.holds_options(rule):
            return
        if given.get(name) is None:
            if not rule.get("apply_defaults"):
                return
            given[name] = {}
        several = isinstance(given[name], list)
        for index, each in enumerate(given[name] if several else [given[name]]):
            if isinstance(each, dict):
                inner = f"{prefix}{name}[{index}]." if is_list else f"{prefix}{name}."
                self.options(rule, each, [*context, name], inner)
            else:
                self.result.error_messages.append(f"value of '{name}' must be of type dict or list of dicts")


def _converter(wanted: Any) -> tuple[Any, str]:
    """What converts a value to the type ``wanted``, and the type's name."""
    if callable(wanted):
        return wanted, getattr(wanted, "__name__", str(wanted))
    return rules.DEFAULT_TYPE_VALIDATORS[wanted], wanted
