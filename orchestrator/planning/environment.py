"""Jinja as Ansible's templates know it: native values, a sandbox, and names that are looked up when needed.

Differences from plain Jinja, all learned from ansible-core 2.19: a template that is one expression keeps its value's
type, ``none`` prints as nothing, backslashes in strings of ``{{ }}`` stay as they are in values of YAML files, and a
string literal that holds a template itself is one where lookups and conditions read it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2 import nodes, pass_context
from jinja2.compiler import Frame
from jinja2.environment import Template as JinjaTemplate
from jinja2.environment import TemplateModule
from jinja2.lexer import TOKEN_STRING, TOKEN_VARIABLE_BEGIN, TOKEN_VARIABLE_END, Lexer, get_lexer
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.runtime import Context as JinjaContext
from jinja2.runtime import Macro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import missing

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.model.secrets import Secret
from orchestrator.planning.containers import LazyDict, LazyList, plain
from orchestrator.planning.markers import (
    FAILURES,
    OMIT,
    Broken,
    Marker,
    Missing,
    Tripped,
    first_marker,
    told_in_place,
    type_name,
)
from orchestrator.planning.plugins import STREAMS, Plugins
from orchestrator.planning.surroundings import Rendering

STARTS = ("{{", "{%", "{#")
_BIT_OPERATIONS = frozenset({"__and__", "__lshift__", "__or__", "__rshift__", "__xor__"})


def looks_like_template(text: str) -> bool:
    """Whether ``text`` holds the start of an expression, statement or comment."""
    return "{" in text and any(start in text for start in STARTS)


class Scope(dict[str, Any]):
    """The names a template sees: its caller's locals (the dict itself), then the renderer's variables, then globals.

    One imported without context sees no variables (``is_apart``); its lookups do.
    """

    __slots__ = ("is_apart", "renderer")

    def __init__(
        self, renderer: Rendering | None, names: Mapping[str, Any] | None = None, *, is_apart: bool = False
    ) -> None:
        super().__init__(names or ())
        self.renderer = renderer
        self.is_apart = is_apart

    def holding(self, names: Mapping[str, Any]) -> Scope:
        """The same with other locals."""
        return Scope(self.renderer, names, is_apart=self.is_apart)

    def find(self, name: str) -> Any:
        if name in self:
            return self[name]
        found = self.renderer.find(name) if self.renderer is not None and not self.is_apart else missing
        return GLOBALS.get(name, missing) if found is missing else found


class Context(JinjaContext):
    """A template at work. ``parent`` is a Scope."""

    @property
    def scope(self) -> Scope:
        return self.parent  # type: ignore[return-value]

    def resolve_or_missing(self, key: str) -> Any:
        if key in self.vars:
            return self.vars[key]
        return self.parent.find(key)  # type: ignore[attr-defined]

    def get_all(self) -> dict[str, Any]:
        return self.scope.holding({**self.parent, **self.vars})

    def derived(self, locals: dict[str, Any] | None = None) -> Context:
        known = {name: value for name, value in (locals or {}).items() if value is not missing}
        everything = self.scope.holding({**self.parent, **self.vars, **known})
        context = Context(self.environment, everything, self.name, {})
        context.eval_ctx = self.eval_ctx
        context.blocks.update((name, list(blocks)) for name, blocks in self.blocks.items())
        return context


class Template(JinjaTemplate):
    """A compiled template."""

    def new_context(
        self,
        vars: dict[str, Any] | None = None,
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,
    ) -> Context:
        known = {name: value for name, value in (locals or {}).items() if value is not missing}
        outer = vars if isinstance(vars, Scope) else Scope(None)
        return Context(self.environment, outer.holding({**(vars or {}), **known}), self.name, self.blocks)

    def _get_default_module(self, ctx: JinjaContext | None = None) -> TemplateModule:
        """The template as it is imported without context; never kept, since its lookups belong to one task."""
        renderer = ctx.scope.renderer if isinstance(ctx, Context) else None
        return self.make_module(Scope(renderer, is_apart=True))

    def run(self, renderer: Rendering) -> Any:
        """The native result, or the marker that ended it."""
        parts = self._parts(renderer)
        if renderer.told is not None and len(parts := list(_flat(parts))) > 1:
            parts = [renderer.told.in_place_of(each) for each in parts]
        return self.environment.concat(parts)

    def shown(self, renderer: Rendering) -> Any:
        """The native result, with what could not be had told in its place."""
        return self.environment.concat(_told(self._parts(renderer)))

    def _parts(self, renderer: Rendering) -> Iterable[Any]:
        return self.root_render_func(Context(self.environment, Scope(renderer), self.name, self.blocks))

    def evaluate(self, renderer: Rendering) -> Any:
        """The value of the expression that ``Environment.compile_condition`` compiled."""
        context = Context(self.environment, Scope(renderer), self.name, self.blocks)
        for _ in self.root_render_func(context):
            pass
        return context.vars["result"]


class CodeGenerator(NativeCodeGenerator):
    """Leaves single values alone, folds no constants, and marks literals that hold templates."""

    environment: Environment

    def _make_finalize(self) -> Any:
        return self._FinalizeInfo(None, None)

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        values = list(group)
        return repr(values[0] if len(values) == 1 else "".join(map(str, values)))

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        value = node.as_const(frame.eval_ctx)
        if type(value) is str and looks_like_template(value):
            self.write(f"environment.literal(context, {value!r})")
        else:
            self.write(repr(value))

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        self.write("environment.joined((")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write("))")


class EscapingLexer(Lexer):
    """Keeps backslashes in strings of ``{{ }}``: YAML has already read them once."""

    def tokeniter(self, *args: Any, **kwargs: Any) -> Iterator[tuple[int, str, str]]:
        inside = False
        for line, kind, value in super().tokeniter(*args, **kwargs):
            if kind in (TOKEN_VARIABLE_BEGIN, TOKEN_VARIABLE_END):
                inside = kind == TOKEN_VARIABLE_BEGIN
            elif inside and kind == TOKEN_STRING:
                value = value.replace("\\", "\\\\")
            yield line, kind, value


class Environment(SandboxedEnvironment):
    """One way of reading templates. ``compiled`` and ``condition`` remember what they compiled."""

    context_class = Context
    template_class = Template
    code_generator_class = CodeGenerator

    def __init__(self, plugins: Plugins, *, escape: bool, renders_literals: bool = False, **options: Any) -> None:
        super().__init__(undefined=Missing, **{"trim_blocks": True, "optimized": False, **options})
        self.filters: dict[str, Any] = plugins.table("filter")
        self.tests: dict[str, Any] = plugins.table("test")
        self.lookups = plugins.lookups
        self.renders_literals = renders_literals
        self._own_lexer = EscapingLexer(self) if escape else get_lexer(self)
        self._compiled: dict[str, Template] = {}

    @property
    def lexer(self) -> Lexer:
        return self._own_lexer

    def compiled(self, text: str) -> Template:
        """The template ``text``; raises Jinja's TemplateSyntaxError."""
        return self._remembered(text, self.from_string)

    def condition(self, text: str) -> Template:
        """The bare expression ``text``, for ``Template.evaluate``; raises Jinja's TemplateSyntaxError."""
        return self._remembered(text, lambda text: self.compile_expression(text, undefined_to_none=False)._template)

    def _remembered(self, text: str, make: Callable[[str], Any]) -> Template:
        found = self._compiled.get(text)
        if found is None:
            if len(self._compiled) > 20_000:
                self._compiled.clear()
            found = self._compiled[str(text)] = make(str(text))
        return found

    def literal(self, context: Context, text: str) -> Any:
        """A string literal that holds a template: rendered now in conditions, by the lookup that gets it elsewhere."""
        renderer = context.scope.renderer
        if self.renders_literals and renderer is not None:
            return renderer.resolve(Text(text))
        return Text(text)

    @staticmethod
    def concat(parts: Iterable[Any]) -> Any:
        """The one part as it is, several joined as text; None parts vanish, and of nothing comes None."""
        values = list(_flat(parts))
        if len(values) == 1:
            return values[0]
        if not values:
            return None
        if (marker := first_marker(values)) is not None:
            return marker
        texts = [plain(value, strict=False) for value in values if value is not OMIT]
        if any(type(text) is Secret for text in texts):
            return Secret("".join(text.reveal() if type(text) is Secret else _printed(text) for text in texts))
        return "".join(map(_printed, texts))

    @staticmethod
    def joined(parts: Iterable[Any]) -> Any:
        """What ``~`` makes: texts joined, a secret where one of them is."""
        values = list(parts)
        if any(type(value) is Secret for value in values):
            return Secret("".join(value.reveal() if type(value) is Secret else str(value) for value in values))
        return "".join(map(str, values))

    def getattr(self, obj: Any, attribute: str) -> Any:
        try:
            value = getattr(obj, attribute)
        except AttributeError:
            return self._item(obj, attribute)
        if (guarded := self.wrap_str_format(value)) is not None:
            return guarded  # "{0.__class__}".format(x) must not see what x.__class__ may not
        if self.is_safe_attribute(obj, attribute, value):
            return value
        found = self._item(obj, attribute)
        return self.unsafe_undefined(obj, attribute) if isinstance(found, Missing) else found

    def _item(self, obj: Any, key: Any) -> Any:
        try:
            return obj.peek(key) if type(obj) in (LazyDict, LazyList) else obj[key]
        except (TypeError, LookupError):
            return self.undefined(obj=obj, name=key)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if type(obj) in (LazyDict, LazyList) and not isinstance(argument, slice):
            try:
                return obj.peek(argument)
            except (TypeError, LookupError):
                pass
        return super().getitem(obj, argument)

    def unsafe_undefined(self, obj: Any, attribute: str) -> Missing:
        return Missing(f"access to attribute {attribute!r} of {type_name(obj)!r} object is unsafe.")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if attr in _BIT_OPERATIONS and isinstance(obj, int):
            return True
        return type(obj) is not Secret and super().is_safe_attribute(obj, attr, value)

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as Jinja's
        try:
            if isinstance(__obj, Macro) or any(__obj is each for each in _SEE_MARKERS):
                return super().call(__context, __obj, *args, **kwargs)
            if (marker := first_marker((*args, *kwargs.values()))) is not None:
                return marker
            result = super().call(__context, __obj, *args, **kwargs)
            return list(result) if isinstance(result, STREAMS) and __obj is not range else result
        except Tripped as tripped:
            return tripped.marker
        except FAILURES as error:
            return Broken(error)


def _flat(parts: Iterable[Any]) -> Iterator[Any]:
    for part in parts:
        if type(part) is TemplateModule:
            yield from _flat(part._body_stream)
        elif part is not None:
            yield part


def _told(parts: Iterable[Any]) -> Iterator[Any]:
    """``parts`` with each marker as the words that ansible-core 2.19 puts into names; what fails ends them."""
    count = 0
    try:
        for part in _flat(parts):
            count += isinstance(part, Marker)
            yield told_in_place(part, count) if isinstance(part, Marker) else part
    except Tripped as tripped:
        yield told_in_place(tripped.marker, count + 1)
    except FAILURES as error:
        yield told_in_place(Broken(TemplateError(f"Error rendering template: {error}")), count + 1)
        yield told_in_place(Missing("template potentially truncated"), count + 2)


def _printed(value: Any) -> str:
    return value.decode("utf-8", "surrogateescape") if type(value) is bytes else str(value)


def now(utc: bool = False, fmt: str | None = None) -> Any:
    """The present moment, as a date without zone (as Ansible's ``now``) or as text by ``fmt``."""
    moment = datetime.datetime.now(datetime.UTC if utc else None).replace(tzinfo=None)
    return moment.strftime(fmt) if fmt else moment


def undef(hint: str | None = None) -> Missing:
    """A value that is not defined, on purpose."""
    return Missing(hint or "Mandatory variable has not been overridden")


@pass_context
def lookup(context: Context, name: str, /, *terms: Any, **options: Any) -> Any:
    """The result of the lookup ``name``: one value as it is, texts joined by commas; a list where ``wantlist``."""
    renderer = context.scope.renderer
    if renderer is None:
        raise RuntimeError("lookups need variables: import this template with context")
    return renderer.lookup(name, list(terms), **options)


@pass_context
def query(context: Context, name: str, /, *terms: Any, **options: Any) -> Any:
    """The result of the lookup ``name`` as a list."""
    return lookup(context, name, *terms, **{**options, "wantlist": True})


GLOBALS: Mapping[str, Any] = {
    **SandboxedEnvironment().globals,
    "range": range,
    "now": now,
    "undef": undef,
    "omit": OMIT,
    "lookup": lookup,
    "query": query,
    "q": query,
}
_SEE_MARKERS = (lookup, query, undef)
