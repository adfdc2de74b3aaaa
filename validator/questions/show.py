"""What a name means: norms, articles and words of the vocabulary, for ``zhijian show NAME``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from validator.errors import Place, Problem, UsageError, nearest
from validator.facts.vocabulary import (
    Dated,
    EntityKind,
    EventType,
    GeneralRemedy,
    Label,
    Link,
    Parameter,
    Table,
    Type,
    Variable,
    Vocabulary,
)
from validator.legal_time.instant import BEGIN, day_of, format_day
from validator.limits import DEFAULT
from validator.questions.explanation import citation
from validator.reading.node import shown
from validator.reading.source import Source, decode, read_bytes
from validator.rules.labels import CHECKS, KINDS, LEVELS, MODES, in_force
from validator.rules.program import Norm, Program

WORDS: Mapping[str, Label] = {
    "in_force": Label("有效 {span}", "in force {span}"),
    "norm": Label("性质 {kind}  核验方式 {check}  级别 {level}  模式 {mode}",
                  "kind {kind}  check {check}  level {level}  mode {mode}"),
    "refers": Label("所指：{words}", "refers to: {words}"),
    "one_of": Label("{words} 之一", "one of {words}"),
    "attested": Label("须签认", "attested"),
    "sets": Label("使 {variable} 成为 {value}", "sets {variable} to {value}"),
    "source": Label("来源 {source}", "source {source}"),
    "initial": Label("初始值 {value}", "initially {value}"),
    "is": Label("即 {value}", "is {value}"),
    "set_by": Label("由 {event} 改变", "set by {event}"),
    "many": Label("{word} 的列表", "list of {word}"),
    "inside": Label("写在 {words} 记录的 {plural} 里", "listed as {plural} in records of type {words}"),
    "record": Label("记录类型", "a record type"),
    "link": Label("由 {sources} 找到 {to} 记录", "follows {sources} to a record of type {to}"),
    "unset": Label("未设定", "unset"),
    "always": Label("一直", "always"),
    "since": Label("自 {day} 起", "from {day}"),
}  # fmt: skip


def describe(program: Program, name: str, lang: str) -> list[str]:
    """Return the description of a name as lines; for a text that no name is, the names whose label has it.

    Raises `UsageError` for a name that nothing has, with the nearest known one, and `InvalidSource` when the file of
    a norm can't be read any more.
    """
    article = name if name.startswith("A") else f"A{name}"
    norms = [n for n in program.norms if name in (n.id, n.norm) or article == f"A{n.article}"]
    if norms:
        return [line for n in norms for line in _norm(n, lang, whole=name in (n.id, n.norm))]
    lines = list(_word(program, name, lang))
    if lines:
        return lines
    lines = list(_labelled(program, name, lang)) if name.strip() else []
    if lines:
        return lines
    known = {*program.vocabulary.names(), *program.vocabulary.remedies, *(n.id for n in program.norms)}
    known |= {f"A{n.article}" for n in program.norms}
    values = (("name", name), ("nearest", nearest(name, known) or ""))
    raise UsageError((Problem("unknown-show", Place("show"), values),))


def _labelled(program: Program, text: str, lang: str) -> Iterator[str]:
    """Yield the names and norms in whose label or title a text stands, each once; of a variable its whole name."""
    variables = {(v.attribute, v.label) for v in program.vocabulary.variables.values()}
    labels = ((name, label) for name, found in program.vocabulary.labels().items() for label in found)
    named = [*(pair for pair in labels if pair not in variables), *((norm.id, norm.title) for norm in program.norms)]
    yield from dict.fromkeys(f"{name}  {label.text(lang)}" for name, label in named if text in label.text(lang))


def _word(program: Program, name: str, lang: str) -> Iterator[str]:
    """Yield the description of every word of the vocabulary that has a name."""
    known = program.vocabulary
    if name in known.events:
        yield from _event(known.events[name], lang)
    if name in known.variables:
        yield from _variable(known.variables[name], program, lang)
    kind = known.entities.get(name) or known.plural_of(name)
    if kind is not None:
        yield from _entity(kind, known, lang)
    if name in known.links:
        yield from _link(known.links[name], lang)
    parameter = known.parameters.get(name.removeprefix("param."))
    if parameter is not None:
        yield from _parameter(parameter, lang)
    table = known.tables.get(name.removeprefix("table."))
    if table is not None:
        yield from _table(table, lang)
    if name in known.remedies:
        yield from _remedy(known.remedies[name], known, lang)


def _say(word: str, lang: str, /, **values: object) -> str:
    return WORDS[word].text(lang).format(**values)


def _norm(norm: Norm, lang: str, *, whole: bool) -> Iterator[str]:
    span = in_force(norm.effective, lang)
    if not whole:
        yield f"{norm.id}  {norm.title.text(lang)}{f'  [{span}]' if span else ''}"
        return
    yield f"{norm.id}  {norm.title.text(lang)}"
    yield f"  {citation(norm, lang)}"
    if span:
        yield "  " + _say("in_force", lang, span=span)
    named = {name: _named(labels[code].text(lang), code) for name, (labels, code) in {
        "kind": (KINDS, norm.kind), "check": (CHECKS, norm.check), "level": (LEVELS, norm.level),
        "mode": (MODES, norm.mode),
    }.items()}  # fmt: skip
    yield "  " + _say("norm", lang, **named)
    yield f"  {norm.place.path}:{norm.place.line}"
    yield ""
    yield from _yaml(norm)


def _named(label: str, code: str) -> str:
    """Return what a code is called, and the code itself, as it stands in the file."""
    return label if label == code else f"{label} ({code})"


def _yaml(norm: Norm) -> Iterator[str]:
    """Yield the record as written, without its examples."""
    start = norm.place
    source = Source(start.path, decode(read_bytes(start.path, DEFAULT.policy_bytes), start.path))
    for number in range(start.line, source.text.count("\n") + 2):
        line = source.line(number)
        indent = len(line) - len(line.lstrip(" "))
        if number > start.line and line.strip() and indent < start.column - 1:
            return
        if indent == start.column - 1 and line.strip() == "examples:":
            return
        yield line.rstrip()


def type_text(kind: Type, lang: str) -> str:
    """Write a type in the words of the vocabulary."""
    word = kind.kind if kind.base == "entity" else kind.unit or kind.base
    codes = f" ({', '.join(kind.codes)})" if kind.codes else ""
    return (_say("many", lang, word=word) if kind.many else word) + codes


def _event(event: EventType, lang: str) -> Iterator[str]:
    yield f"{event.name}  {event.label.text(lang)}"
    refers = [f"{k} ({m})" for k, m in event.refers_to.items()]
    refers += [_say("one_of", lang, words=", ".join(event.one_of))] if event.one_of else []
    yield "  " + _say("refers", lang, words=", ".join(refers) or "-")
    for attribute in event.attributes.values():
        attested = f"  {_say('attested', lang)}" if attribute.attested else ""
        yield f"  {attribute.name}: {type_text(attribute.type, lang)}{attested}"
    for setter in event.sets:
        yield "  " + _say("sets", lang, variable=setter.variable, value=setter.attribute or shown(setter.value))


def _variable(variable: Variable, program: Program, lang: str) -> Iterator[str]:
    yield f"{variable.name}  {variable.label.text(lang)}"
    yield f"  {type_text(variable.type, lang)}  {_say('source', lang, source=variable.source)}"
    if variable.initial is not None:
        yield "  " + _say("initial", lang, value=shown(variable.initial))
    if variable.expression is not None:
        yield "  " + _say("is", lang, value=variable.expression.value)
    for event in program.derived.setters.get(variable.name, ()):
        yield "  " + _say("set_by", lang, event=event)


def _entity(kind: EntityKind, vocabulary: Vocabulary, lang: str) -> Iterator[str]:
    yield f"{kind.name}  {kind.label.text(lang)}"
    inside = ", ".join(kind.inside)
    yield "  " + (_say("record", lang) if kind.record else _say("inside", lang, words=inside, plural=kind.plural))
    for variable in vocabulary.attributes_of(kind.name).values():
        yield f"  {variable.name}: {type_text(variable.type, lang)}  {variable.label.text(lang)}"


def _link(link: Link, lang: str) -> Iterator[str]:
    yield link.name
    yield "  " + _say("link", lang, sources=", ".join(link.sources), to=link.to)


def _parameter(parameter: Parameter, lang: str) -> Iterator[str]:
    yield f"param.{parameter.name}  {parameter.label.text(lang)}  [{parameter.unit}]  {parameter.word}".rstrip()
    if parameter.norms:
        yield f"  {', '.join(parameter.norms)}"
    yield from _values(parameter.values, lang)


def _table(table: Table, lang: str) -> Iterator[str]:
    yield f"table.{table.name}  {table.label.text(lang)}"
    yield from _values(table.values, lang)


def _values(values: tuple[Dated, ...], lang: str) -> Iterator[str]:
    if not values:
        yield "  " + _say("unset", lang)
    for dated in values:
        day = format_day(day_of(dated.start))
        since = _say("always", lang) if dated.start <= max(BEGIN, 0) else _say("since", lang, day=day)
        value = ", ".join(map(str, dated.value)) if isinstance(dated.value, tuple) else str(dated.value)
        value = _say("unset", lang) if dated.value is None else value
        basis = "" if dated.basis is None else dated.basis.text(lang)
        yield f"  {since}  {value}  {basis}".rstrip()


def _remedy(remedy: GeneralRemedy, vocabulary: Vocabulary, lang: str) -> Iterator[str]:
    yield f"{remedy.name}  {remedy.when.text(lang)}"
    for step in remedy.steps:
        yield f"  {step.do.text(lang)} [{vocabulary.actor(step.by).text(lang)}] {', '.join(step.basis)}".rstrip()
