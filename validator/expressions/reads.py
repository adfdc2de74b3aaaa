"""What it means to read entities, facts, figures and events (record language, section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from validator.expressions import expression as x
from validator.expressions.evaluation import Code, Evaluator, MeaningOf, Ref
from validator.expressions.lists import plain
from validator.expressions.point import Frame, Point
from validator.expressions.possible import missing
from validator.facts import values as v
from validator.facts.timeline import Event, Timeline, Unreferred, Upstream
from validator.facts.values import Item, Series, Truth, Unknown, all_of
from validator.legal_time.instant import Interval


def entity_root(node: x.EntityRoot, _: MeaningOf) -> Code:
    """The entity of a kind that the event in question refers to, else that of the instance, else the record."""
    kind = node.kind

    def root(evaluator: Evaluator, frame: Frame) -> Any:
        this, entities = frame.this, frame.entities
        if this is not None and kind in this.refs:
            refs = this.refs[kind]
            if isinstance(refs, tuple) and len(refs) == 1:
                return evaluator.entity(kind, refs[0])
            if kind not in entities:
                return Unknown(v.data(refs.pointer if isinstance(refs, Unreferred) else f"{this.pointer}/{kind}"))
        if kind in entities:
            identifier = entities[kind]
            return Unknown(v.data(f"/{kind}")) if identifier is None else evaluator.entity(kind, identifier)
        return Ref(evaluator.timeline, evaluator.timeline.record)

    return root


def loop(node: x.LoopVariable, _: MeaningOf) -> Code:
    """The member of a list over which a generator runs."""
    name = node.name
    return lambda _, frame: frame.loops[name]


def id_of(node: x.IdOf, of: MeaningOf) -> Code:
    """The id of an entity."""
    base = of(node.base)
    return lambda evaluator, frame: plain(base(evaluator, frame))


def read(node: x.Read, of: MeaningOf) -> Code:
    """A fact of an entity."""
    base, kind, variable = of(node.base), node.base.type.kind, node.variable

    def read(evaluator: Evaluator, frame: Frame) -> Any:
        found = evaluator.as_ref(base(evaluator, frame), kind)
        if isinstance(found, Unknown):
            return missing(variable, found.causes)
        return evaluator.fact(found, variable, frame)

    return read


def field(node: x.FieldRead, of: MeaningOf) -> Code:
    """A field of a fact that has several."""
    base, name, kind = of(node.base), node.name, node.type
    pointer = x.path_of(node) or name

    def read(evaluator: Evaluator, frame: Frame) -> Any:
        whole = base(evaluator, frame)
        if isinstance(whole, Unknown):
            return Unknown(whole.causes, kind.low, kind.high)
        found = whole.get(name)
        return Unknown(v.data(pointer), kind.low, kind.high) if found is None else found

    return read


def linked(node: x.Linked, of: MeaningOf) -> Code:
    """The other record that a link leads to, or all that name this one."""
    base, kind, name = of(node.base), node.base.type.kind, node.link

    def linked(evaluator: Evaluator, frame: Frame) -> Any:
        found = evaluator.as_ref(base(evaluator, frame), kind)
        link = evaluator.vocabulary.links[name]
        if isinstance(found, Unknown):
            return Series((), found.causes) if link.many else found
        if link.many:
            return _back(evaluator, link.sources, found)
        return _forth(evaluator, frame, name, found)

    return linked


def _forth(evaluator: Evaluator, frame: Frame, name: str, base: Ref) -> Any:
    """Follow a link: the context record that an attribute of an entity names."""
    link = evaluator.vocabulary.links[name]
    for source in link.sources:
        if source.partition(".")[0] == base.entity.kind:
            found = evaluator.fact(base, evaluator.vocabulary.variables[source], frame)
            if isinstance(found, Unknown):
                return found
            other = evaluator.context.get((link.to, found))
            if other is not None:
                return Ref(other, other.record)
            return Unknown(v.data(f"context {link.to}/{found}"))
    return Unknown(v.data(f"/{name}"))


def _back(evaluator: Evaluator, sources: Iterable[str], base: Ref) -> Series:
    """Follow a link backwards: the context records whose attribute names this record, or may if it is missing."""
    found: list[Item] = []
    for source in sources:
        kind, _, attribute = source.partition(".")
        for timeline, named in evaluator.context.naming(kind, attribute, base.entity.id):
            certain: Truth = True if named else Unknown(v.data(f"{timeline.whence} /{attribute}"))
            found.append(Item(Ref(timeline, timeline.record), certain))
    missing = [k for k in (s.partition(".")[0] for s in sources) if not evaluator.context.has(k)]
    return Series(tuple(found), v.data(f"context {missing[0]}") if missing else None)


def entities(node: x.Entities, _: MeaningOf) -> Code:
    """All entities of a kind in the record."""
    kind = node.kind

    def listed(timeline: Timeline) -> Series:
        if kind in timeline.unlisted:
            return Series((), v.data(timeline.unlisted[kind]))
        return v.sure(Ref(timeline, e) for e in timeline.entities.get(kind, {}).values())

    def entities(evaluator: Evaluator, _: Frame) -> Any:
        return evaluator.once(("entities", kind), partial(listed, evaluator.timeline))

    return entities


def parameter(node: x.ParameterRead, _: MeaningOf) -> Code:
    """A figure, as it was at the start."""
    name = node.name
    return lambda evaluator, frame: evaluator.parameter(name, frame.start, frame.trigger)


def table(node: x.TableRead, _: MeaningOf) -> Code:
    """A dated table, at the point of reading."""
    name = node.name

    def table(evaluator: Evaluator, frame: Frame) -> Series:
        dated, point = evaluator.vocabulary.tables[name], frame.point
        evaluator.changes_after(point.at, (d.start for d in dated.values))
        found = dated.during(point.at)
        if any(f is None for f in found):
            return Series((), v.judgement(f"table.{name}"))
        sets = [set(f.value) for f in found if f is not None]
        certain, possible = set.intersection(*sets), set.union(*sets)
        doubt = Unknown(v.time("trigger"))
        return Series(tuple(Item(c, True if c in certain else doubt) for c in sorted(possible)))

    return table


def this(_: x.ThisEvent, __: MeaningOf) -> Code:
    """The event in question."""
    return lambda _, frame: frame.this


def trigger(_: x.TriggerEvent, __: MeaningOf) -> Code:
    """The opening event."""
    return lambda _, frame: frame.trigger


def event_read(node: x.EventRead, of: MeaningOf) -> Code:
    """An attribute of an event."""
    base, name = of(node.base), node.attribute
    if name == "at":
        return lambda evaluator, frame: base(evaluator, frame).at
    if name == "fulfilled":
        return lambda evaluator, frame: _answered(evaluator, base(evaluator, frame), frame.point)
    kind, built_in = node.type, name in x.BUILTIN_ATTRIBUTES

    def read(evaluator: Evaluator, frame: Frame) -> Any:
        event: Event = base(evaluator, frame)
        found: Any = getattr(event, name) if built_in else event.values.get(name)
        if found is not None:
            return v.sure(found) if isinstance(found, tuple) and kind.many else found
        own, pointer = event.type.attributes.get(name), f"{event.pointer}/{name}"
        causes = v.judgement(pointer) if own is not None and own.attested else v.data(pointer)
        return Series((), causes) if kind.many else Unknown(causes, kind.low, kind.high)

    return read


def event_entity(node: x.EventEntity, of: MeaningOf) -> Code:
    """The entity that an event refers to."""
    base, kind = of(node.base), node.kind

    def entity(evaluator: Evaluator, frame: Frame) -> Any:
        event: Event = base(evaluator, frame)
        refs = event.refs.get(kind)
        if isinstance(refs, tuple) and len(refs) == 1:
            return evaluator.entity(kind, refs[0])
        return Unknown(v.data(refs.pointer if isinstance(refs, Unreferred) else f"{event.pointer}/{kind}"))

    return entity


def occurrences(node: x.Occurrences, of: MeaningOf) -> Code:
    """The events of some types that have happened by the point of reading."""
    names = node.names
    if node.base is not None:
        return _occurrences_of(names, of(node.base), node.base.type.kind)

    def occurrences(evaluator: Evaluator, frame: Frame) -> Series:
        items = []
        last = frame.point.last
        for event, concerns in evaluator.concerning(names, frame.entities):
            if event.at.lo > last:
                evaluator.changes(event.at.lo)
                break
            present = evaluator.at_point(event, frame.point)
            if concerns is not True:
                present = all_of((present, concerns))
            if present is not False:
                items.append(Item(event, present))
        return Series(tuple(items), evaluator.silence())

    return occurrences


def _occurrences_of(names: tuple[str, ...], base: Code, kind: str) -> Code:
    """The events of another record, as far as they have happened by the reading point."""

    def occurrences(evaluator: Evaluator, frame: Frame) -> Series:
        ref = evaluator.as_ref(base(evaluator, frame), kind)
        if isinstance(ref, Unknown):
            return Series((), ref.causes)
        other, point = ref.timeline, Point(Interval(*frame.point.at))
        events = other.of_types(names) if other is evaluator.timeline else evaluator.context.seen(other, names)
        items = [Item(e, evaluator.at_point(e, point)) for e in events]
        rest = v.data(f"{other.whence} /timeline") if other.partial else None
        return Series(tuple(i for i in items if i.present is not False), rest)

    return occurrences


def _answered(evaluator: Evaluator, event: Event, point: Point) -> Truth:
    """Say whether the duty of the upstream instance that opened a chain is done; of a plain event it is not."""
    if not isinstance(event, Upstream):
        return False
    surely, possibly = event.answered
    evaluator.changes_after(point.at, (t for t in event.answered if t is not None))
    if surely is not None and surely <= point.at.lo:
        return True
    return False if possibly is None or possibly > point.at.hi else Unknown(v.time(event.pointer))
