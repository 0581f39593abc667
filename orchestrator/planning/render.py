"""Renders what people wrote against variables that are themselves rendered when somebody looks.

Only ``Text`` is ever a template; plain ``str`` is data, whatever it holds. Rules and words are
those of ansible-core 2.19.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NoReturn

from jinja2 import TemplateSyntaxError
from jinja2.utils import missing

from orchestrator.language.load import Vaulted
from orchestrator.model.errors import OrchestratorError, TemplateError, UndefinedVariable
from orchestrator.model.place import Nearer, Place, Text, place_of
from orchestrator.planning.containers import (
    SCALARS,
    LazyDict,
    LazyList,
    LazyMapping,
    Raw,
    plain,
    plain_but_told,
    plain_but_trusted,
)
from orchestrator.planning.environment import Environment, Template, looks_like_template
from orchestrator.planning.layers import Layers
from orchestrator.planning.lookups.base import Lookup
from orchestrator.planning.lookups.call import call_lookup
from orchestrator.planning.markers import FAILURES, OMIT, Broken, Marker, Missing, Told, Tripped, Unopened, type_name
from orchestrator.planning.plugins import Plugins, builtin
from orchestrator.planning.sealed import Opened, marked, opened
from orchestrator.planning.surroundings import Surroundings
from orchestrator.planning.template_file import file_environment, split_header
from orchestrator.planning.template_options import LINE_ENDS, OVERRIDE, TemplateOptions, is_all_template

BARE: Final = Surroundings()


@lru_cache(maxsize=64)
def _values(plugins: Plugins) -> Environment:
    return Environment(plugins, escape=True)


@lru_cache(maxsize=64)
def _conditions(plugins: Plugins) -> Environment:
    return Environment(plugins, escape=False, renders_literals=True)


class Renderer:
    """Renders values, conditions and template files with ``variables``, a mapping of names to values as written.

    ``variables`` may hold templates, also of one another, at any depth. Errors are UndefinedVariable and TemplateError
    with the place of the innermost template that failed. Not for use by several threads at once.
    """

    def __init__(
        self,
        variables: Mapping[str, Any],
        *,
        plugins: Plugins | None = None,
        surroundings: Surroundings = BARE,
    ) -> None:
        self.variables = variables
        self.plugins = plugins or builtin()
        self.surroundings = surroundings
        self._rendering: set[int] = set()
        self.told: Told | None = None
        """Where what is not defined is told in its place, while somebody asked for that."""

    def extended(self, variables: Mapping[str, Any]) -> Renderer:
        """A renderer that sees ``variables`` before its own."""
        known = Layers((dict(variables), self.variables))
        return Renderer(known, plugins=self.plugins, surroundings=self.surroundings)

    # ---- what callers ask ----------------------------------------------------------------------------------

    def value(self, written: Any) -> Any:
        """``written`` with every template in it rendered, keys too; plain values all through.

        ``omit`` drops the entry it stands for, at any depth; where it is all there is, OMIT is returned.
        """
        kind = type(written)
        if kind is Text:
            return self.text(written)
        if kind is dict:
            pairs = ((self.value(key), self.value(each)) for key, each in written.items())
            return {key: each for key, each in pairs if each is not OMIT}
        if kind in (list, tuple):
            return [each for each in map(self.value, written) if each is not OMIT]
        return self._finished(self.resolve(written), written)

    def trusted(self, written: Any) -> Any:
        """``value(written)`` in which text that stands in the user's files as it is may still be a condition."""
        return self._finished(self.resolve(written), written, plain_but_trusted)

    def keyword(self, written: Any, default: Any = None) -> Any:
        """A keyword's value; ``default`` where nobody wrote it. What comes to ``omit`` is left to what surrounds it."""
        value = self.value(written) if written is not None else None
        if value is OMIT and isinstance(written, Nearer):
            return self.keyword(written.outer, default)
        return default if value is None or value is OMIT else value

    def text(self, written: Text) -> Any:
        """The native value of one piece of text; OMIT where it says ``omit``."""
        if not _is_template(written):
            return str(written)
        return self._finished(self._rendered(written), written)

    def shown(self, written: Text) -> str:
        """A name as people see it: what cannot be had is told in its place. Raises only for a template that is none."""
        if not _is_template(written):
            return str(written)
        value = self._finished(
            self._guarded(written, lambda: _values(self.plugins).compiled(written).shown(self)), written
        )
        return "" if value is None or value is OMIT else str(value)

    def expression(self, written: str) -> Any:
        """The value of the bare expression ``written`` (no braces)."""
        return self._finished(self._evaluated(written), written)

    def expression_told(self, written: str) -> tuple[Any, list[str]]:
        """The value of a bare expression, with what is not defined told in its place, and the words of that."""
        told = self.told = Told()
        try:
            return self._finished(
                self._evaluated(written), written, lambda value: plain_but_told(value, told)
            ), told.said
        finally:
            self.told = None

    def condition(self, written: object) -> bool:
        """Whether a condition holds: a boolean, or text that is an expression (or a template of one).

        Raises TemplateError where the result is no boolean: "x is defined and x" of a text is a mistake, not a yes.
        """
        stripped = Text(written.strip(), place_of(written)) if isinstance(written, str) else written
        if isinstance(stripped, Text) and not isinstance(written, Text):
            raise TemplateError(_UNTRUSTED, evidence=_short(str(written)), hint=_TRUST_HINT)
        try:
            result = self._condition(stripped, written)
        except UndefinedVariable as error:
            raise error.within("Error while evaluating conditional") from error
        if isinstance(result, bool):
            return result
        if self.surroundings.settings.get("ALLOW_BROKEN_CONDITIONALS"):
            return bool(result)
        raise TemplateError(
            f"Conditional result ({bool(result)}) was derived from value of type {type_name(result)!r}. "
            "Conditionals must have a boolean result.",
            place=place_of(written),
            evidence=_short(str(written)),
            hint="compare it (x == 'y'), test it (x | length > 0) or convert it (x | bool)",
        )

    def template(self, source: str, options: TemplateOptions = TemplateOptions(), *, name: str = "template") -> str:
        """The text of a whole template file with contents ``source``; ``name`` stands in errors."""
        result = self.template_value(source, options, name=name)
        return "" if result is None else str(result)

    def template_value(
        self, source: str, options: TemplateOptions = TemplateOptions(), *, name: str = "template"
    ) -> Any:
        """What a whole template file comes to: text, or the value of the one expression that it holds. A file that
        holds no sign of a template is taken as it is, its line ends too."""
        if not options.may_be_in(source):
            return source
        written = Text("\n".join(LINE_ENDS.split(source)), Place(name))
        body, options = split_header(written, options)
        environment = file_environment(self.plugins, options, self.surroundings)
        result = self._finished(self._run(written, environment, body, options.newline_sequence), written)
        return None if result is OMIT else result

    def lookup(self, name: str, terms: list[Any], /, **options: Any) -> Any:
        """The result of a lookup as templates see it, or a marker; see ``planning.lookups``."""
        return call_lookup(self, name, terms, options)

    def raise_marker(self, marker: Marker, written: object) -> NoReturn:
        """Raise the error that ``marker`` stands for, placed; ``written`` is what was being rendered."""
        raise self._error(marker, written) from _cause(marker)

    def lookup_named(self, name: str) -> Lookup | None:
        return self.plugins.lookup(name)

    # ---- what templates ask --------------------------------------------------------------------------------

    def find(self, name: str) -> Any:
        """The variable ``name`` as templates see it, or Jinja's ``missing``."""
        try:
            value = self.variables[name]
        except KeyError:
            return missing
        return value if type(value) in SCALARS else self.resolve(value)

    def resolve(self, value: Any) -> Any:
        """``value`` as templates see it: text rendered, containers lazy, sealed values opened; never raises."""
        kind = type(value)
        if kind is Text:
            return self._rendered(value) if _is_template(value) else value
        if kind is dict:
            return LazyDict(value, self.resolve)
        if kind is list:
            return LazyList(value, self.resolve)
        if isinstance(value, Raw):
            return LazyMapping(value, self.resolve)
        opener = self.surroundings.openers.get(kind)
        try:
            if opener is not None:
                found = opener(value)
                value = marked(found, value) if type(found) is Text else found
            elif kind is Vaulted:
                value = opened(value, self.surroundings)
        except FAILURES as error:
            return Unopened(error, str(value.ciphertext)) if kind is Vaulted else Broken(error)
        return self._rendered(value) if isinstance(value, Text) and _is_template(value) else value

    # ---- how -----------------------------------------------------------------------------------------------

    def _rendered(self, text: Text) -> Any:
        if text.startswith(OVERRIDE):
            body, options = split_header(text, TemplateOptions(escape_backslashes=True))
            return self._run(text, file_environment(self.plugins, options, self.surroundings), body)
        result = self._run(text, _values(self.plugins), text)
        return str(result) if type(result) is Text and looks_like_template(result) else result

    def _run(self, text: Text, environment: Environment, body: str, newline: str = "\n") -> Any:
        result = self._guarded(text, lambda: environment.compiled(body).run(self))
        if not isinstance(result, str) or not body.endswith("\n"):
            return result
        lost = _newlines_at_end(body) - _newlines_at_end(result)
        return result + newline * lost if lost > 0 else result

    def _evaluated(self, text: str) -> Any:
        return self._guarded(text, lambda: _conditions(self.plugins).condition(text).evaluate(self), "expression")

    def _guarded(self, text: str, work: Any, kind: str = "template") -> Any:
        """What ``work`` comes to: a value, or a marker that knows the innermost text in which it arose."""
        if id(text) in self._rendering:
            result: Any = Broken(TemplateError("Recursive loop detected in template", evidence=_short(text)))
        else:
            self._rendering.add(id(text))
            try:
                result = work()
            except Tripped as tripped:
                result = tripped.marker
            except RecursionError:
                result = Broken(TemplateError("Recursive loop detected in template", evidence=_short(text)))
            except FAILURES as error:
                result = Broken(_syntax_error(error, text, kind) if isinstance(error, TemplateSyntaxError) else error)
            finally:
                self._rendering.discard(id(text))
        if isinstance(result, Marker) and result.source is None:
            result.source = text if isinstance(text, Text) else Text(text)
            if isinstance(result, Broken) and not isinstance(result.error, OrchestratorError):
                said = str(result.error) or type(result.error).__name__
                result.error = TemplateError(f"Error rendering {kind}: {said}")
        return result

    def _condition(self, stripped: Any, written: Any) -> Any:
        if isinstance(stripped, Text) and is_all_template(stripped):
            found = self._rendered(stripped)
            if isinstance(found, str) and not isinstance(found, Text):
                raise TemplateError(
                    _UNTRUSTED, place=place_of(written), evidence=f"it came to {_short(found)!r}", hint=_TRUST_HINT
                )
            stripped = Text(found.strip(), found.place) if isinstance(found, Text) else self._finished(found, written)
        if isinstance(stripped, Text) and stripped:
            return self._finished(self._evaluated(stripped), written)
        if isinstance(stripped, bool) or (stripped not in (None, "") and stripped is not written):
            return stripped
        said = (
            "Empty conditional expressions are not allowed."
            if stripped in (None, "")
            else "Conditional expressions must be strings."
        )
        raise TemplateError(said, place=place_of(written), hint="write true, false or an expression")

    def _finished(self, result: Any, written: object, finish: Callable[[Any], Any] = plain) -> Any:
        try:
            return finish(result)
        except Tripped as tripped:
            self.raise_marker(tripped.marker, written)
        except (TypeError, *FAILURES) as error:
            evidence = _short(written) if isinstance(written, str) else None
            raise TemplateError(str(error), place=place_of(written), evidence=evidence) from error

    def _error(self, marker: Marker, written: object) -> OrchestratorError:
        source = marker.source or (written if isinstance(written, Text) else None)
        place = (source.place if source is not None else None) or place_of(written)
        evidence = None if source is None else _short(source)
        if isinstance(marker, Broken):
            return _placed(marker.error, place, evidence)
        return UndefinedVariable(marker.message, place=place, evidence=evidence, hint=self._near_misses(marker))

    def _near_misses(self, marker: Marker) -> str | None:
        name, holder = marker._undefined_name, marker._undefined_obj
        if not isinstance(name, str) or not isinstance(marker, Missing):
            return None
        known = self.variables if holder is missing else holder if isinstance(holder, Mapping) else ()
        near = difflib.get_close_matches(name, [key for key in known if isinstance(key, str)], n=3)
        return f"did you mean {' or '.join(near)}?" if near else None


_UNTRUSTED = "Encountered untrusted template or expression."
_TRUST_HINT = "only text from your own files is evaluated; write the expression itself"


def _is_template(text: str) -> bool:
    return looks_like_template(text) or text.startswith(OVERRIDE)


def _newlines_at_end(text: str) -> int:
    return len(text) - len(text.rstrip("\n"))


def _short(text: str, limit: int = 300) -> str:
    if isinstance(text, Opened):
        return "(a template that stands encrypted)"
    return str(text) if len(text) <= limit else text[: limit - 1] + "…"


def _cause(marker: Marker) -> Exception | None:
    return marker.error if isinstance(marker, Broken) else None


def _syntax_error(error: TemplateSyntaxError, text: str, kind: str) -> TemplateError:
    place = place_of(text)
    hint = None
    if place is not None and (place.line, place.column) == (1, 1):
        place = Place(place.file, error.lineno)
    if looks_like_template(text) and "unexpected" not in str(error.message) and is_all_template(text) is False:
        hint = "look for a brace, bracket or quote that is not closed"
    if kind == "expression" and looks_like_template(text):
        kind = "expression. Template delimiters are not supported in expressions"
    return TemplateError(f"Syntax error in {kind}: {error.message}", place=place, evidence=_short(text), hint=hint)


def _placed(error: Exception, place: Place | None, evidence: str | None) -> OrchestratorError:
    """``error`` as one of ours, with the place of the template where it happened unless it knows its own."""
    if isinstance(error, OrchestratorError):
        kind: type[OrchestratorError] = type(error)
        return kind(
            error.message,
            place=error.place or place,
            evidence=error.evidence or evidence,
            hint=error.hint,
        )
    return TemplateError(str(error) or type(error).__name__, place=place, evidence=evidence)


__all__ = ["OMIT", "Renderer", "Surroundings", "Template", "TemplateOptions"]
