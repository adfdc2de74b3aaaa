"""What a name means: norms, articles and words of the vocabulary, for ``zhijian show NAME``."""

from __future__ import annotations

from collections.abc import Iterator

from validator.errors import Place, Problem, UsageError, nearest
from validator.explanation import citation
from validator.program import Norm, Program
from validator.vocabulary import EventType, Parameter, Type, Variable


def describe(program: Program, name: str, lang: str) -> list[str]:
    """Return the description of a name as lines.

    Raises `UsageError` for a name that nothing has, with the nearest known one.
    """
    vocabulary = program.vocabulary
    norms = [n for n in program.norms if name in (n.id, n.norm, f"A{n.article}")]
    bare = name.removeprefix("param.")
    if norms:
        return [line for n in norms for line in _norm(n, lang, whole=name in (n.id, n.norm))]
    if name in vocabulary.events:
        return list(_event(vocabulary.events[name], lang))
    if name in vocabulary.variables:
        return list(_variable(vocabulary.variables[name], program, lang))
    if bare in vocabulary.parameters:
        return list(_parameter(vocabulary.parameters[bare], lang))
    if name in vocabulary.entities:
        kind = vocabulary.entities[name]
        own = vocabulary.attributes_of(name).values()
        return [f"{name}  {kind.label.text(lang)}", *(f"  {v.name}  {v.label.text(lang)}" for v in own)]
    table = vocabulary.tables.get(name.removeprefix("table."))
    if table is not None:
        return [f"table.{table.name}  {table.label.text(lang)}", *(f"  {d.value}" for d in table.values)]
    known = {*vocabulary.names(), *(n.id for n in program.norms), *(f"A{n.article}" for n in program.norms)}
    values = (("name", name), ("nearest", nearest(name, known) or ""))
    raise UsageError((Problem("unknown-show", Place("show"), values),))


def _norm(norm: Norm, lang: str, *, whole: bool) -> Iterator[str]:
    yield f"{norm.id}  {norm.title.text(lang)}"
    if not whole:
        return
    yield f"  {citation(norm, lang)}"
    yield f"  kind: {norm.kind}  check: {norm.check}  level: {norm.level}  mode: {norm.mode}"
    place = norm.node.place
    yield f"  {place.path}:{place.line}"
    yield ""
    yield from _yaml(norm)


def _yaml(norm: Norm) -> Iterator[str]:
    """Yield the record as written, without its examples."""
    source, start = norm.node.source, norm.node.place
    for number in range(start.line, source.text.count("\n") + 2):
        line = source.line(number)
        indent = len(line) - len(line.lstrip(" "))
        if number > start.line and line.strip() and indent < start.column - 1:
            return
        if indent == start.column - 1 and line.strip() == "examples:":
            return
        yield line.rstrip()


def type_text(kind: Type) -> str:
    """Write a type in the words of the vocabulary."""
    word = kind.kind if kind.base == "entity" else kind.unit or kind.base
    codes = f" ({', '.join(kind.codes)})" if kind.codes else ""
    return f"{'list of ' if kind.many else ''}{word}{codes}"


def _event(event: EventType, lang: str) -> Iterator[str]:
    yield f"{event.name}  {event.label.text(lang)}"
    refers = [f"{k} ({m})" for k, m in event.refers_to.items()]
    refers += [f"one of {', '.join(event.one_of)}"] if event.one_of else []
    yield f"  refers to: {', '.join(refers) or '-'}"
    for attribute in event.attributes.values():
        yield f"  {attribute.name}: {type_text(attribute.type)}{'  attested' if attribute.attested else ''}"
    for setter in event.sets:
        yield f"  sets {setter.variable} to {setter.attribute or setter.value}"


def _variable(variable: Variable, program: Program, lang: str) -> Iterator[str]:
    yield f"{variable.name}  {variable.label.text(lang)}"
    yield f"  {type_text(variable.type)}  source: {variable.source}"
    if variable.initial is not None:
        yield f"  initial: {variable.initial}"
    if variable.expression is not None:
        yield f"  is: {variable.expression.value}"
    for event in program.derived.setters.get(variable.name, ()):
        yield f"  set by {event}"


def _parameter(parameter: Parameter, lang: str) -> Iterator[str]:
    yield f"param.{parameter.name}  {parameter.label.text(lang)}  [{parameter.unit}]  {parameter.word}"
    yield f"  {', '.join(parameter.norms)}"
    for dated in parameter.values:
        basis = "" if dated.basis is None else dated.basis.text(lang)
        yield f"  {dated.value}  {basis}"
