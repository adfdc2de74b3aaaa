"""What bound expressions mean: each node of a tree becomes a function of an evaluator and a frame.

The functions are made once, at load or when first asked for; what a node says is looked at then and not again.
Source of the rules: record language, section 5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple

from validator.expressions import expression as x
from validator.expressions.evaluation import Code, Evaluator, Ref
from validator.expressions.point import Frame, Point
from validator.facts import values as v
from validator.facts.timeline import Event, Unreferred, Upstream
from validator.facts.values import NO_CAUSES, Causes, Item, Series, Truth, Unknown, all_of, any_of
from validator.facts.vocabulary import BOOLEAN, TIME
from validator.legal_time.deadline import due
from validator.legal_time.instant import Instant, Interval


def closure(node: x.Expression) -> Code:
    """Return what an expression means.

    The function gives a plain value, an `Interval`, a `Series`, a `Ref`, an `Event` or `Unknown`; of a boolean
    expression a truth.
    """
    return _BY_NODE[type(node)](node)


# -- logic, comparisons, numbers --------------------------------------------------------------------------------------
def _literal(node: x.Literal) -> Code:
    value = node.value
    return lambda _, __: value


def _logic(node: x.Logic) -> Code:
    parts = [closure(p) for p in node.parts]
    decides = not node.conjunction

    def logic(evaluator: Evaluator, frame: Frame) -> Truth:
        causes: Causes | None = None
        for part in parts:
            found: Truth = part(evaluator, frame)
            if found is decides:
                return decides
            if isinstance(found, Unknown):
                causes = found.causes if causes is None else causes | found.causes
        return not decides if causes is None else Unknown(causes)

    return logic


def _not(node: x.Not) -> Code:
    part = closure(node.part)
    return lambda evaluator, frame: v.negate(part(evaluator, frame))


def _comparison(node: x.Comparison) -> Code:
    left, right = closure(node.left), closure(node.right)
    compare = _compared(node)
    bases = {node.left.type.base, node.right.type.base}
    if isinstance(node.right, x.Literal) and bases.isdisjoint(("number", "time", "entity")):
        return _equal_to(left, node.right.value, compare, equal=node.operator == "==")
    if not (node.left.type.many and node.right.type.many):
        return _naming_events(node, lambda evaluator, frame: compare(left(evaluator, frame), right(evaluator, frame)))

    def comparison(evaluator: Evaluator, frame: Frame) -> Truth:
        one, other = left(evaluator, frame), right(evaluator, frame)
        if isinstance(one, Series) and isinstance(other, Series):
            found = v.same_series(_loosened(one), _loosened(other))
            return v.negate(found) if node.operator == "!=" else found
        return compare(one, other)

    return comparison


def _equal_to(left: Code, value: Any, compare: Callable[[Any, Any], Truth], *, equal: bool) -> Code:
    """Compare with a word that a rule writes: in one step what is known, most of what is read."""

    def comparison(evaluator: Evaluator, frame: Frame) -> Truth:
        one = left(evaluator, frame)
        return compare(one, value) if isinstance(one, Unknown) else (one == value) is equal

    return comparison


def _compared(node: x.Comparison) -> Callable[[Any, Any], Truth]:
    """Return how two values of the types of a comparison compare."""
    operator, base = node.operator, node.left.type.base
    if base == "number":
        return lambda one, other: v.compare_numbers(operator, one, other)
    if base == "time":
        return _compared_times(node)
    equal = operator == "=="

    def compare(one: Any, other: Any) -> Truth:
        if isinstance(one, Unknown) or isinstance(other, Unknown):
            found = v.same(one, other)
            return found if equal else v.negate(found)
        return (one == other) is equal

    if "entity" not in (base, node.right.type.base):
        return compare
    return lambda one, other: compare(_plain(one), _plain(other))


def _compared_times(node: x.Comparison) -> Callable[[Any, Any], Truth]:
    """Return how two times compare; a day (month, year) that a rule writes is known, and as long as it is.

    ``t < "2022-02-08"``: before that day begins; ``t >= "2022-02-08"``: on it or later; ``t == "2022-02-08"``: on it.
    """
    operator, left, right = node.operator, node.left, node.right
    dates = operator in ("==", "!=") and left.type.unit == right.type.unit == "date"
    causes = _named(left, right)
    if isinstance(left, x.Literal) and not isinstance(right, x.Literal):
        flipped = _FLIPPED.get(operator, operator)
        return lambda one, other: _compare_times(flipped, other, one, causes, dates=dates, written=True)
    written = isinstance(right, x.Literal)
    return lambda one, other: _compare_times(operator, one, other, causes, dates=dates, written=written)


def _named(*sides: x.Expression) -> Causes:
    """Name the times that are compared by their paths, such as ``event.at``."""
    return v.time(*{p for p in map(_pointer_of, sides) if p})


def _naming_events(node: x.Comparison, compared: Code) -> Code:
    """Name the dates of the very events whose moments are compared, where these leave it open."""
    sides = (node.left, node.right)
    moments = [s for s in sides if isinstance(s, x.EventRead) and s.attribute == "at"]
    if not moments:
        return compared
    open_order, others = _named(*sides), _named(*(s for s in sides if s not in moments))
    events = [closure(s.base) for s in moments]

    def named(evaluator: Evaluator, frame: Frame) -> Truth:
        found: Truth = compared(evaluator, frame)
        if not isinstance(found, Unknown) or found.causes != open_order:
            return found
        about = (event(evaluator, frame) for event in events)
        coarse = others.union(*(e.doubt for e in about if isinstance(e, Event) and e.at.lo < e.at.hi))
        return Unknown(coarse or open_order)

    return named


_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _compare_times(operator: str, one: Any, other: Any, causes: Causes, *, dates: bool, written: bool) -> Truth:
    """Compare times; ``dates``: both are days, compared as such; ``written``: a rule writes the other one."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return Unknown(NO_CAUSES.union(*(s.causes for s in (one, other) if isinstance(s, Unknown))))
    if dates:
        return bool(one == other) is (operator == "==")
    if not written:
        return v.compare_times(operator, one, other, causes)
    if operator in ("==", "!="):
        begun, over = (_compare_written(o, one, other, causes) for o in (">=", "<="))
        return all_of((begun, over)) if operator == "==" else v.negate(all_of((begun, over)))
    return _compare_written(operator, one, other, causes)


def _compare_written(operator: str, one: Interval, written: Interval, causes: Causes) -> Truth:
    """Compare a time with the beginning or the end of one that is written, whichever the operator asks for."""
    bound = written.lo if operator in ("<", ">=") else written.hi
    return v.compare_times(operator, one, Interval(bound, bound), causes)


def _membership(node: x.Membership) -> Code:
    item, container = closure(node.item), closure(node.container)
    codes = _literals(node.container)
    if codes and node.item.type.base == "time":
        a_day = x.Comparison(BOOLEAN, "==", node.item, x.Literal(TIME, codes[0]))
        return _naming_events(a_day, _among_days(item, _compared_times(a_day), codes))

    if codes is not None:
        return _among(item, codes)

    def membership(evaluator: Evaluator, frame: Frame) -> Truth:
        series = _series(container(evaluator, frame))
        return v.member(_plain(item(evaluator, frame)), series)

    return membership


def _among(item: Code, codes: tuple[Any, ...]) -> Code:
    """Say whether a value is among those that a rule writes."""

    def among(evaluator: Evaluator, frame: Frame) -> Truth:
        found = _plain(item(evaluator, frame))
        return v.member(found, v.sure(codes)) if isinstance(found, Unknown) else found in codes

    return among


def _among_days(item: Code, lies_on: Callable[[Any, Any], Truth], days: Iterable[Any]) -> Code:
    """A time is among days that a rule writes if it lies on one of them, as with ``==``."""

    def among(evaluator: Evaluator, frame: Frame) -> Truth:
        found = item(evaluator, frame)
        return any_of([lies_on(found, day) for day in days])

    return among


def _literals(node: x.Expression) -> tuple[Any, ...] | None:
    """Return the members of a list that the text spells out."""
    if not isinstance(node, x.ListOf) or not all(isinstance(i, x.Literal) for i in node.items):
        return None
    return tuple(i.value for i in node.items if isinstance(i, x.Literal))


def _arithmetic(node: x.Arithmetic) -> Code:
    left, right, operator = closure(node.left), closure(node.right), node.operator
    return lambda evaluator, frame: v.arithmetic(operator, left(evaluator, frame), right(evaluator, frame))


def _shift(node: x.Shift) -> Code:
    """A time plus a parameter: a bound, not a time limit for an act, so it never rolls."""
    time, parameter = closure(node.time), node.parameter

    def shift(evaluator: Evaluator, frame: Frame) -> Any:
        start, period = time(evaluator, frame), evaluator.period(parameter, frame.start)
        if isinstance(start, Unknown) or isinstance(period, Unknown):
            return Unknown(NO_CAUSES.union(*(s.causes for s in (start, period) if isinstance(s, Unknown))))
        return Interval(*(due(s, period, evaluator.calendar, roll=False).instant for s in start))

    return shift


def _list(node: x.ListOf) -> Code:
    items = [closure(i) for i in node.items]
    return lambda evaluator, frame: v.sure(_plain(i(evaluator, frame)) for i in items)


def _contains(node: x.Contains) -> Code:
    source, items, function = closure(node.source), closure(node.items), node.function

    def contains(evaluator: Evaluator, frame: Frame) -> Truth:
        whole, wanted = _series(source(evaluator, frame)), _series(items(evaluator, frame))
        if function == "contains_all":
            return v.contains_all(whole, wanted)
        found = v.contains_any(whole, wanted)
        return found if function == "contains_any" else v.negate(found)

    return contains


def _known(node: x.Known) -> Code:
    path = closure(node.path)
    if not isinstance(node.path, x.Read):
        return lambda evaluator, frame: _is_known(path(evaluator, frame))
    base, kind, variable = closure(node.path.base), node.path.base.type.kind, node.path.variable

    def known(evaluator: Evaluator, frame: Frame) -> Truth:
        whose, timeline = base(evaluator, frame), evaluator.timeline
        if isinstance(whose, Unknown) and kind != timeline.record_type:
            # Nobody can name the entity, but it may be one of those of which the record states it.
            refs = (Ref(timeline, entity) for entity in timeline.entities.get(kind, {}).values())
            if any(_is_known(evaluator.fact(ref, variable, frame)) is not False for ref in refs):
                return Unknown(whose.causes)
        return _is_known(path(evaluator, frame))

    return known


def _is_known(found: Any) -> Truth:
    """Say whether something is stated: a date may leave open whether it was by then."""
    if isinstance(found, Series):
        return found.rest is None or bool(found.items)
    if not isinstance(found, Unknown):
        return True
    if any(c.kind == "time" for c in found.causes):
        return True if found.among is not None and not any(isinstance(a, Unknown) for a in found.among) else found
    return False


# -- entities and facts -----------------------------------------------------------------------------------------------
def _entity_root(node: x.EntityRoot) -> Code:
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


def _loop(node: x.LoopVariable) -> Code:
    name = node.name
    return lambda _, frame: frame.loops[name]


def _id_of(node: x.IdOf) -> Code:
    base = closure(node.base)
    return lambda evaluator, frame: _plain(base(evaluator, frame))


def _read(node: x.Read) -> Code:
    base, kind, variable = closure(node.base), node.base.type.kind, node.variable

    def read(evaluator: Evaluator, frame: Frame) -> Any:
        found = evaluator.as_ref(base(evaluator, frame), kind)
        if isinstance(found, Unknown):
            return evaluator.missing(variable, found.causes)
        return evaluator.fact(found, variable, frame)

    return read


def _field(node: x.FieldRead) -> Code:
    base, name, kind = closure(node.base), node.name, node.type
    pointer = _pointer_of(node) or name

    def read(evaluator: Evaluator, frame: Frame) -> Any:
        whole = base(evaluator, frame)
        if isinstance(whole, Unknown):
            return Unknown(whole.causes, kind.low, kind.high)
        found = whole.get(name)
        return Unknown(v.data(pointer), kind.low, kind.high) if found is None else found

    return read


def _linked(node: x.Linked) -> Code:
    base, kind, name = closure(node.base), node.base.type.kind, node.link

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
            doubt = Unknown(v.data(f"context {kind}/{timeline.id} /{attribute}"))
            found.append(Item(Ref(timeline, timeline.record), True if named else doubt))
    missing = [k for k in (s.partition(".")[0] for s in sources) if not evaluator.context.has(k)]
    return Series(tuple(found), v.data(f"context {missing[0]}") if missing else None)


def _entities(node: x.Entities) -> Code:
    kind = node.kind

    def entities(evaluator: Evaluator, _: Frame) -> Series:
        timeline = evaluator.timeline
        if kind in timeline.unlisted:
            return Series((), v.data(timeline.unlisted[kind]))
        return v.sure(Ref(timeline, e) for e in timeline.entities.get(kind, {}).values())

    return entities


def _parameter(node: x.ParameterRead) -> Code:
    name = node.name
    return lambda evaluator, frame: evaluator.parameter(name, frame.start)


def _table(node: x.TableRead) -> Code:
    name = node.name

    def table(evaluator: Evaluator, frame: Frame) -> Series:
        dated, point = evaluator.vocabulary.tables[name], frame.point
        evaluator.changes_after(point.at, (d.start for d in dated.values))
        found = [dated.at(t) for t in {point.at.lo, point.at.hi}]
        if any(f is None for f in found):
            return Series((), v.judgement(f"table.{name}"))
        sets = [set(f.value) for f in found if f is not None]
        certain, possible = set.intersection(*sets), set.union(*sets)
        doubt = Unknown(v.time("trigger"))
        return Series(tuple(Item(c, True if c in certain else doubt) for c in sorted(possible)))

    return table


# -- events -----------------------------------------------------------------------------------------------------------
def _this(_: x.ThisEvent) -> Code:
    return lambda _, frame: frame.this


def _trigger(_: x.TriggerEvent) -> Code:
    return lambda _, frame: frame.trigger


def _event_read(node: x.EventRead) -> Code:
    base, name = closure(node.base), node.attribute
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


def _event_entity(node: x.EventEntity) -> Code:
    base, kind = closure(node.base), node.kind

    def entity(evaluator: Evaluator, frame: Frame) -> Any:
        event: Event = base(evaluator, frame)
        refs = event.refs.get(kind)
        if isinstance(refs, tuple) and len(refs) == 1:
            return evaluator.entity(kind, refs[0])
        return Unknown(v.data(refs.pointer if isinstance(refs, Unreferred) else f"{event.pointer}/{kind}"))

    return entity


def _occurrences(node: x.Occurrences) -> Code:
    names = node.names
    if node.base is not None:
        return _occurrences_of(names, closure(node.base), node.base.type.kind)

    def occurrences(evaluator: Evaluator, frame: Frame) -> Series:
        items = []
        last = _last(frame.point)
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


def _last(point: Point) -> Instant:
    """Return the instant after which no event begins that is in at a point."""
    return point.at.hi if point.given is None else max(point.at.hi, point.given.at.lo)


def _occurrences_of(names: tuple[str, ...], base: Code, kind: str) -> Code:
    """The events of another record, as far as they have happened by the reading point."""

    def occurrences(evaluator: Evaluator, frame: Frame) -> Series:
        ref = evaluator.as_ref(base(evaluator, frame), kind)
        if isinstance(ref, Unknown):
            return Series((), ref.causes)
        other, point = ref.timeline, Point(Interval(*frame.point.at))
        items = [Item(e, evaluator.at_point(e, point)) for e in other.of_types(names)]
        rest = v.data(f"context {other.record_type}/{other.id} /timeline") if other.partial else None
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


# -- lists ------------------------------------------------------------------------------------------------------------
_SETTLED_NODES = (x.Literal, x.Logic, x.Not, x.Comparison, x.Membership, x.ListOf, x.Contains, x.Known, x.EventRead)
_OPEN = object()
_ALWAYS = x.Literal(BOOLEAN, True)  # noqa: FBT003 - the condition of a generator without one
_IRRELEVANT: Mapping[str, bool] = {"all": True, "any": False}  # an element that changes nothing, present or not


def _settled_by(expression: x.Expression, variable: str) -> bool:
    """Say whether an expression reads only attributes of the opening event and of the variable of a generator."""
    nodes = list(x.walk(expression))
    roots = {n.base for n in nodes if isinstance(n, x.EventRead) and n.attribute != "fulfilled"}

    def is_settled(node: x.Expression) -> bool:
        if isinstance(node, x.LoopVariable):
            return node.name == variable and (node in roots or node is expression)
        return node in roots if isinstance(node, x.TriggerEvent) else isinstance(node, _SETTLED_NODES)

    return all(map(is_settled, nodes))


def _generator(node: x.Generator) -> Code:
    if isinstance(node.source, x.Occurrences) and node.source.base is None and node.function != "list":
        return _OverEvents(node, node.source)
    source, element = closure(node.source), closure(node.element)
    condition = closure(node.condition or _ALWAYS)

    def generator(evaluator: Evaluator, frame: Frame) -> Any:
        whole = _series(source(evaluator, frame))
        evaluator.work.spend(len(whole.items))
        members: list[tuple[Any, Truth]] = []
        for item in whole.items:
            inner = _in_loop(frame, node.variable, item.value)
            present = all_of((item.present, condition(evaluator, inner)))
            if present is not False:
                members.append((element(evaluator, inner), present))
        return _folded(node.function, node.element, members, whole)

    return generator


class _Member(NamedTuple):
    """An occurrence over which a generator runs, with what it and the opening one settle: the rest is `_OPEN`.

    ``next`` is when it or one of those behind it in the list may have happened first.
    """

    event: Event
    concerns: Truth
    condition: Any
    element: Any
    next: Instant


class _OverEvents:
    """A generator over events of the record: what events settle is read once for all reading points.

    What reads the opening event is read once for each of these, one after the other.
    """

    def __init__(self, node: x.Generator, source: x.Occurrences) -> None:
        self.node, self.names = node, source.names
        parts = (node.condition or _ALWAYS, node.element)
        self.condition, self.element = map(closure, parts)
        self.condition_settled, self.element_settled = (_settled_by(p, node.variable) for p in parts)
        self.settled = self.condition_settled and self.element_settled
        self.reads_opening = any(isinstance(n, x.TriggerEvent) for p in parts for n in x.walk(p))
        self.decides = self.settled and not self.reads_opening and node.function in _IRRELEVANT

    def __call__(self, evaluator: Evaluator, frame: Frame) -> Any:
        found: Iterable[tuple[Any, Truth]] = self._occurred(evaluator, frame)
        if not self.decides:
            found = list(found)  # what the members read is evidence, though the first of them may decide
        return _folded(self.node.function, self.node.element, found, Series((), evaluator.silence()))

    def _occurred(self, evaluator: Evaluator, frame: Frame) -> Iterator[tuple[Any, Truth]]:
        """Yield the elements of the events that are in, and whether each is present."""
        point, last = frame.point, _last(frame.point)
        for event, concerns, condition, element, following in self._known(evaluator, frame):
            if following > last:
                evaluator.changes(following)
                break
            if event.at.lo > last:
                evaluator.changes(event.at.lo)
                continue
            present = evaluator.at_point(event, point)
            if concerns is not True:
                present = all_of((present, concerns))
            if present is False:
                continue
            inner = frame if self.settled else _in_loop(frame, self.node.variable, event)
            if condition is not True:
                present = all_of((present, self.condition(evaluator, inner) if condition is _OPEN else condition))
            if present is not False:
                yield (self.element(evaluator, inner) if element is _OPEN else element), present

    def _known(self, evaluator: Evaluator, frame: Frame) -> list[_Member]:
        """Return the members: those of the last opening event that was asked for, if that makes a difference."""
        key, opening = (id(self.node), *frame.entities.items()), frame.trigger if self.reads_opening else None
        kept = evaluator.members.get(key)
        if kept is None or kept[0] is not opening:
            found = list(self._members(evaluator, frame))
            if self.decides:  # asked first: the members that are surely in before others
                found.sort(key=lambda m: m.event.at.hi)
                firsts = list(accumulate((m.event.at.lo for m in reversed(found)), min))
                found = [m._replace(next=first) for m, first in zip(found, reversed(firsts), strict=True)]
            kept = evaluator.members[key] = opening, found
        known: list[_Member] = kept[1]
        return known

    def _members(self, evaluator: Evaluator, frame: Frame) -> Iterator[_Member]:
        """Yield the events that matter at some reading point, with what each settles by itself."""
        irrelevant = _IRRELEVANT.get(self.node.function, _OPEN)
        for event, concerns in evaluator.concerning(self.names, frame.entities):
            inner = _in_loop(frame, self.node.variable, event)
            condition = self.condition(evaluator, inner) if self.condition_settled else _OPEN
            element = self.element(evaluator, inner) if self.element_settled else _OPEN
            if condition is not False and (element is _OPEN or element is not irrelevant):
                yield _Member(event, concerns, condition, element, event.at.lo)


def _in_loop(frame: Frame, name: str, member: Any) -> Frame:
    """Return the frame in which an expression is read for one member of a generator."""
    loops = {**frame.loops, name: member}
    return Frame(frame.entities, frame.point, frame.start, frame.trigger, frame.this, loops)


def _fold(node: x.Fold) -> Code:
    source = closure(node.source)

    def fold(evaluator: Evaluator, frame: Frame) -> Any:
        whole = _series(source(evaluator, frame))
        return _folded(node.function, node, [(i.value, i.present) for i in whole.items], whole)

    return fold


def _folded(function: str, element: x.Expression, found: Iterable[tuple[Any, Truth]], source: Series) -> Any:
    """Join the members of a list: their elements, and whether each is present."""
    rest = source.rest
    open_end: list[Truth] = [] if rest is None else [Unknown(rest)]
    if function == "any":
        return any_of(chain((all_of((p, e)) for e, p in found), open_end))
    if function == "all":
        return all_of(chain((any_of((v.negate(p), e)) for e, p in found), open_end))
    members = list(found)
    if function in ("count", "len"):
        return v.total(((Decimal(1), p) for _, p in members), rest, Decimal(1))
    if function == "sum":
        return v.total(members, rest, element.type.low)
    if function in ("min", "max"):
        return _extreme(function, members, rest)
    series = Series(tuple(Item(_plain(e), p) for e, p in members), rest, _loosened(source).loose)
    if function == "distinct":
        return v.distinct(series)
    return _flattened(members, series) if function == "union" else series


def _series(value: Any) -> Series:
    if isinstance(value, Series):
        return value
    if isinstance(value, Unknown):
        return Series((), value.causes)
    return v.sure(value)


def _plain(value: Any) -> Any:
    """An entity is compared by its id."""
    return value.entity.id if isinstance(value, Ref) else value


def _pointer_of(node: x.Expression) -> str:
    """Name a path for messages."""
    if isinstance(node, x.Read):
        return node.variable.name
    if isinstance(node, x.EventRead):
        return f"{'trigger' if isinstance(node.base, x.TriggerEvent) else 'event'}.{node.attribute}"
    return node.name if isinstance(node, x.FieldRead) else ""


def _loosened(series: Series) -> Series:
    """Return a list with the reason why its order is open: two events, neither surely after the other."""
    causes: set[v.Cause] = set(series.loose)
    for one, two in pairwise(i.value for i in series.items):
        if isinstance(one, Event) and isinstance(two, Event) and not two.follows(one):
            causes |= v.time(f"{one.pointer}/at", f"{two.pointer}/at")
    return Series(series.items, series.rest, frozenset(causes))


def _extreme(function: str, members: list[tuple[Any, Truth]], rest: Causes | None) -> Any:
    """Return the least or greatest number (or time) of a list; of an empty one nobody knows."""
    pick: Callable[[Iterable[Any]], Any] = min if function == "min" else max
    unsure = NO_CAUSES.union(*(p.causes for _, p in members if isinstance(p, Unknown)), rest or NO_CAUSES)
    if not members:
        return Unknown(rest or v.data("empty list"))
    if isinstance(members[0][0], Interval):
        found = Interval(pick(e.lo for e, _ in members), pick(e.hi for e, _ in members))
        return Unknown(unsure) if unsure else found
    ranges = [v.range_of(e) for e, _ in members]
    causes = unsure.union(*(r.causes for r in ranges))
    low = None if any(r.low is None for r in ranges) else pick(r.low for r in ranges)
    high = None if any(r.high is None for r in ranges) else pick(r.high for r in ranges)
    if unsure:
        low, high = (None, high) if function == "min" else (low, None)
        sure_ones = [v.range_of(e) for e, p in members if p is True]
        bound = [r.high if function == "min" else r.low for r in sure_ones]
        known = pick(b for b in bound) if bound and all(b is not None for b in bound) else None
        low, high = (low, known) if function == "min" else (known, high)
    return v.number(v.Range(low, high, causes))


def _flattened(members: list[tuple[Any, Truth]], series: Series) -> Series:
    """Join lists of lists; a member that is itself an open list leaves the union open."""
    items: list[Item] = []
    rest: set[v.Cause] = set(series.rest or ())
    opened = series.rest is not None
    for element, present in members:
        if isinstance(element, Series):
            items.extend(Item(i.value, all_of((present, i.present))) for i in element.items)
            if element.rest is not None:
                opened = True
                rest |= element.rest
        else:
            items.append(Item(_plain(element), present))
    return Series(tuple(items), frozenset(rest) if opened else None)


_BY_NODE: Mapping[type[x.Expression], Callable[[Any], Code]] = {
    x.Literal: _literal,
    x.Logic: _logic,
    x.Not: _not,
    x.Comparison: _comparison,
    x.Membership: _membership,
    x.Arithmetic: _arithmetic,
    x.Shift: _shift,
    x.ListOf: _list,
    x.Contains: _contains,
    x.Known: _known,
    x.EntityRoot: _entity_root,
    x.LoopVariable: _loop,
    x.IdOf: _id_of,
    x.Read: _read,
    x.FieldRead: _field,
    x.Linked: _linked,
    x.Entities: _entities,
    x.ThisEvent: _this,
    x.TriggerEvent: _trigger,
    x.EventRead: _event_read,
    x.EventEntity: _event_entity,
    x.Occurrences: _occurrences,
    x.ParameterRead: _parameter,
    x.TableRead: _table,
    x.Generator: _generator,
    x.Fold: _fold,
}
