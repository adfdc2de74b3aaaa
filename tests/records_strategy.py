"""Random records for any rule set: exact ones, the same with gaps, and completions of the gaps.

`World` is what some norms of a rule set look at.  `truth` draws a complete and exact record of it, `coarsen` takes
dates and facts away, `complete` fills every gap at random: the truth is one completion of what was made of it, the
others are as good.  Events come close together: many share a day or an instant, or lie on the edge of a term.

What a completion leaves alone: facts that some norm asks about with ``known(...)``, for which a missing fact is an
answer and not a gap, and events that set them; missing references that by declaration mean everyone; attributes with
a default.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Any

from msgspec import structs

from validator.expressions import expression as x
from validator.facts.vocabulary import Attribute, Dated, EventType, Type, Variable
from validator.legal_time.deadline import Period, due
from validator.legal_time.instant import (
    BEGIN,
    DAY,
    HOUR,
    LAST,
    SECOND,
    Interval,
    day_end,
    day_of,
    day_start,
    format_day,
    format_instant,
    parse_when,
    tied,
)
from validator.rules.program import (
    By,
    ChainTrigger,
    Condition,
    Duration,
    EventTrigger,
    Every,
    Norm,
    Pattern,
    Program,
    Review,
    StateTrigger,
    Test,
    Until,
    Within,
    leaves,
)

Record = dict[str, Any]

FIRST_DAYS = tuple(date.fromisoformat(d).toordinal() for d in ("2022-01-03", "2022-01-28", "2022-02-07", "2022-02-28"))
"""First days of the records: before the law is issued, before the Spring Festival, after it, at the end of a month."""
CLOCKS = (0, 1, 9 * HOUR, 9 * HOUR, 12 * HOUR, 15 * HOUR + HOUR // 2, DAY - 1, DAY - SECOND)
OFFSETS = (("+08:00", 8), ("Z", 0), ("", 8), ("+09:00", 9), ("-05", -5), ("+0800", 8))
AMOUNTS = (0, 10, 50, 51, 100, 101, 150, 200, 201, 300, 500, 501)
TEXTS = ("o1", "o2", "x")
REVIEW = "review_recorded"


# -- what norms look at ------------------------------------------------------------------------------------------------
@dataclass
class World:
    """The part of a rule set that some norms of one record type look at; ``norms`` have their upstream norms."""

    program: Program
    norms: tuple[Norm, ...]
    events: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)
    guarded: set[str] = field(default_factory=set)
    stateful: set[str] = field(default_factory=set)
    amounts: set[int] = field(default_factory=set)
    periods: list[Period] = field(default_factory=list)
    parameters: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)

    @property
    def record_type(self) -> str:
        """The type of the records."""
        return self.norms[0].record_type

    @property
    def selected(self) -> frozenset[str]:
        """The ids of the norms."""
        return frozenset(n.id for n in self.norms)

    @cached_property
    def reviewed(self) -> tuple[Norm, ...]:
        """The norms that ask a human."""
        return tuple(n for n in self.norms if any(isinstance(p, Review) for p in leaves(n.condition)))

    def facts(self, kind: str) -> list[Variable]:
        """Return the variables of a kind that are stated in records and matter here."""
        found = [v for v in self.program.vocabulary.variables.values() if v.kind == kind]
        return [v for v in found if v.name in self.variables and v.source in ("recorded", "attested")]

    def states(self) -> list[Variable]:
        """Return the variables that events change and that matter here."""
        found = self.program.vocabulary.variables.values()
        return [v for v in found if v.name in self.variables and v.source == "events"]

    def types(self) -> list[EventType]:
        """Return the event types that matter here, in a fixed order."""
        return [e for e in self.program.vocabulary.events.values() if e.name in self.events]


def world_of(program: Program, norms: Iterable[Norm]) -> World:
    """Return what the norms (of one record type), and the norms upstream of them, look at."""
    chosen = list(norms)
    for norm in chosen:
        for alternative in norm.trigger.alternatives:
            if isinstance(alternative, ChainTrigger):
                chosen.extend(n for n in program.norms if n.id in alternative.records and n not in chosen)
    names = {n.id for n in chosen}
    world = World(program, tuple(n for n in program.norms if n.id in names))
    for norm in world.norms:
        _Looking(world).norm(norm)
    return world


class _Looking:
    """Collects what a norm looks at."""

    def __init__(self, world: World) -> None:
        self.world = world

    def norm(self, norm: Norm) -> None:
        if norm.for_each is not None:
            self.expression(norm.for_each[1])
        for alternative in norm.trigger.alternatives:
            if isinstance(alternative, EventTrigger):
                self.pattern(alternative.events, alternative.where)
                for leg in alternative.legs:
                    self.pattern(leg.events, leg.where)
            elif isinstance(alternative, StateTrigger):
                self.state(alternative.expression)
        self.deadline(norm)
        for condition in (norm.condition, *(g.condition for g in (*norm.unless, *norm.stops))):
            self.condition(condition)

    def state(self, expression: x.Expression | None) -> None:
        """Note the variables that open instances; from unknown to true, an instance opens then (section 6)."""
        apart = World(self.world.program, self.world.norms)
        _Looking(apart).expression(expression)
        self.world.stateful |= apart.variables
        self.expression(expression)

    def deadline(self, norm: Norm) -> None:
        deadline = norm.deadline
        if isinstance(deadline, Within | Every):
            self.duration(deadline.duration)
        if isinstance(deadline, By):
            self.expression(deadline.path)
            self.duration(deadline.lead)
        if isinstance(deadline, Until | Every):
            for end in deadline.ends:
                self.expression(end.path)
                if end.pattern is not None:
                    self.pattern(end.pattern.events, end.pattern.where)

    def duration(self, duration: Duration | None) -> None:
        if duration is not None and duration.period is not None:
            self.world.periods.append(duration.period)
        elif duration is not None:
            self.world.parameters.add(duration.parameter)

    def condition(self, condition: Condition) -> None:
        for part in leaves(condition):
            if isinstance(part, Pattern):
                self.pattern(part.events, part.where)
                self.duration(part.within_last)
            elif isinstance(part, Test):
                self.expression(part.expression)

    def pattern(self, events: Iterable[str], where: x.Expression | None) -> None:
        self.world.events.update(events)
        self.expression(where)

    def expression(self, expression: x.Expression | None, *, guarded: bool = False) -> None:
        world = self.world
        for node in x.walk(expression) if expression is not None else ():
            if isinstance(node, x.Read):
                self.variable(node.variable, guarded=guarded)
            elif isinstance(node, x.Occurrences):
                world.events.update(node.names)
            elif isinstance(node, x.ParameterRead | x.Shift):
                world.parameters.add(node.name if isinstance(node, x.ParameterRead) else node.parameter)
            elif isinstance(node, x.TableRead):
                world.tables.add(node.name)
            elif isinstance(node, x.Linked):
                world.links.add(node.link)
                world.variables.update(world.program.vocabulary.links[node.link].sources)
            elif isinstance(node, x.Literal) and node.type.base == "number":
                world.amounts.add(int(node.value))
            elif isinstance(node, x.Known):
                self.known(node.path)

    def known(self, path: x.Expression) -> None:
        self.expression(path, guarded=True)
        for node in x.walk(path):
            if isinstance(node, x.EventRead | x.EventEntity):
                name = node.attribute if isinstance(node, x.EventRead) else node.kind
                self.world.guarded.update(f"{event}:{name}" for event in node.base.type.events)

    def variable(self, variable: Variable, *, guarded: bool) -> None:
        if guarded:
            self.world.guarded.add(variable.name)
        if variable.name in self.world.variables and not guarded:
            return
        self.world.variables.add(variable.name)
        derived = self.world.program.derived
        if variable.source == "is":
            self.expression(derived.expressions[variable.name], guarded=guarded)
        for event in derived.setters.get(variable.name, ()):
            self.world.events.add(event)
            for effect in derived.effects[event, variable.name]:
                self.expression(effect.where)


# -- a case: a record with what belongs to it --------------------------------------------------------------------------
@dataclass(frozen=True)
class Case:
    """A record, its context records, the figures that a court has set, and the instant as of which it is judged."""

    world: World
    record: Record
    context: tuple[Record, ...]
    parameters: Mapping[str, tuple[tuple[int, int], ...]]
    tables: Mapping[str, tuple[str, ...]]
    as_of: int

    @property
    def program(self) -> Program:
        """The program with the case's figures set."""
        vocabulary = self.world.program.vocabulary
        changed, filled = dict(vocabulary.parameters), dict(vocabulary.tables)
        for name, values in self.parameters.items():
            dated = tuple(Dated(start, Decimal(value)) for start, value in values)
            changed[name] = structs.replace(changed[name], values=dated)
        for name, codes in self.tables.items():
            filled[name] = structs.replace(filled[name], values=(Dated(BEGIN, codes),))
        return structs.replace(
            self.world.program, vocabulary=structs.replace(vocabulary, parameters=changed, tables=filled)
        )


def written(t: int, rng: Random) -> str:
    """Write an instant as some court might: with another offset, with a fraction, without seconds."""
    suffix, hours = rng.choice(OFFSETS)
    shifted = t + (hours - 8) * HOUR
    if not 0 <= shifted <= LAST:
        suffix, shifted = "+08:00", t
    text = format_instant(shifted).removesuffix("+08:00")
    if text.endswith(":00") and rng.random() < 0.3:
        text = text[:-3]
    return text + suffix


class Maker:
    """Draws the parts of records of one world; ``times`` remembers the instants used, so that many fall together."""

    def __init__(self, rng: Random, world: World) -> None:
        self.rng, self.world = rng, world
        self.vocabulary = world.program.vocabulary
        self.first = rng.choice(FIRST_DAYS)
        self.span = rng.choice((0, 1, 3, 6, 6, 40))
        self.times: list[int] = []
        self.as_of = day_start(self.first)

    def chance(self, share: float) -> bool:
        """Return true in this share of the cases."""
        return self.rng.random() < share

    # -- times ------------------------------------------------------------------------------------------------------
    def instant(self) -> int:
        """Draw an instant: a new one, one used before, or one at the edge of a term from one used before."""
        rng = self.rng
        kind = rng.randrange(10)
        if not self.times or kind < 4:
            found = day_start(self.first + rng.randint(0, self.span)) + rng.choice(CLOCKS)
        else:
            found = rng.choice(self.times)
            if kind > 7 and self.world.periods:
                found = due(found, rng.choice(self.world.periods), self.world.program.calendar).instant
                found = min(found, day_end(self.first + 400))
            if kind % 2:
                found += rng.choice((-1, 0, 1, HOUR, -HOUR, DAY))
        self.times.append(found)
        return found

    def inside(self, at: Interval) -> int:
        """Draw an instant of an interval: often one of its ends, or one used before."""
        rng = self.rng
        lo = max(at.lo, day_start(self.first - 40))
        hi = min(at.hi, day_end(self.first + 80))
        if lo >= hi:
            return at.lo if at.lo > BEGIN else at.hi
        kind = rng.randrange(8)
        used = [t for t in self.times if lo <= t <= hi]
        if kind < 3 and used:
            return min(max(rng.choice(used) + rng.choice((-1, 0, 0, 0, 1)), lo), hi)
        if kind < 5:
            return rng.choice((lo, hi))
        day = rng.randint(day_of(lo), day_of(hi))
        return min(max(day_start(day) + rng.choice(CLOCKS), lo), hi)

    def coarse(self, t: int) -> Any:
        """Write a time less exactly than it is known."""
        rng = self.rng
        kind = rng.randrange(12)
        day = format_day(day_of(t))
        if kind < 7:
            return day
        if kind == 7:
            return day[: rng.choice((7, 7, 4))]
        if kind == 8:
            return "unknown"
        below = t - rng.choice((0, 1, HOUR, DAY, 3 * DAY))
        above = t + rng.choice((0, 1, HOUR, DAY, 3 * DAY))
        bounds = {"not_before": written(below, rng), "not_after": written(above, rng)}
        if kind == 9:
            bounds.pop(rng.choice(("not_before", "not_after")))
        return bounds

    # -- values -----------------------------------------------------------------------------------------------------
    def value(self, kind: Type, ids: Mapping[str, list[str]]) -> Any:
        """Draw a value of a type; None where there can be none (an entity of an empty list)."""
        if kind.many:
            found = [self.value(kind.one(), ids) for _ in range(self.rng.randint(0, 3))]
            return [v for i, v in enumerate(found) if v is not None and v not in found[:i]]
        return self._one(kind, ids)

    def _one(self, kind: Type, ids: Mapping[str, list[str]]) -> Any:
        rng = self.rng
        if kind.base == "enum":
            return rng.choice(kind.codes or TEXTS)
        if kind.base == "boolean":
            return self.chance(0.5)
        if kind.base == "number":
            return self._number(kind)
        if kind.base == "time":
            t = self.instant()
            return format_day(day_of(t)) if kind.unit == "date" else written(t, rng)
        if kind.base == "object":
            return {field.name: self.value(field.type, ids) for field in kind.fields if not field.type.many}
        if kind.base == "entity":
            return rng.choice(ids[kind.kind]) if ids.get(kind.kind) else None
        return rng.choice([*TEXTS, *(e for e in ids.get("context", []))])

    def _number(self, kind: Type) -> int:
        found = self.rng.choice((*AMOUNTS, *sorted(self.world.amounts), *(a + 1 for a in sorted(self.world.amounts))))
        low = 0 if kind.low is None else int(kind.low)
        return max(low, found if kind.high is None else min(found, int(kind.high)))

    def fact(self, variable: Variable, ids: Mapping[str, list[str]]) -> Any:
        """Draw a fact: bare, dated, or attested."""
        for name in sorted(self.world.links):
            link = self.vocabulary.links[name]
            if variable.name in link.sources:
                return self.rng.choice(("r1", "r2")) if link.many else f"{name}1"
        value = self.value(variable.type, ids)
        if value is None or variable.type.base == "object" or variable.attribute in self._passing(variable.kind):
            return value
        if self.chance(0.25):
            first = self.first - 30 if variable.name in self.world.stateful else 1
            days = sorted({first, *(self.first + self.rng.randint(0, 6) for _ in range(2))})
            dated = [(d, self.value(variable.type, ids)) for d in days]
            return [{"from": format_day(d), "value": v} for d, v in dated if v is not None]
        if variable.source == "attested" and self.chance(0.8):
            return {"value": value, "by": "o1", "on": format_day(self.first + self.rng.randint(-3, 3)), "document": "d"}
        return value

    def _passing(self, kind: str) -> tuple[str, ...]:
        return self.vocabulary.entities[kind].passes_on

    def linked_ids(self) -> list[str]:
        """Return the ids by which records of other types may be named."""
        return [f"{link}1" for link in sorted(self.world.links)]


# -- the truth ---------------------------------------------------------------------------------------------------------
def truth(rng: Random, world: World) -> tuple[Maker, Case]:
    """Draw a complete and exact case of a world, and its maker."""
    maker = Maker(rng, world)
    record: Record = {"record_type": world.record_type, "id": "r1"}
    ids: dict[str, list[str]] = {world.record_type: ["r1"], "context": maker.linked_ids()}
    kinds = maker.vocabulary.kinds_inside(world.record_type)
    for kind in kinds:
        ids[kind.name] = [f"{kind.name}{i + 1}" for i in range(rng.choice((0, 1, 1, 2, 2, 3)))]
    _facts_of(maker, record, world.record_type, ids)
    for kind in kinds:
        record[kind.plural] = [_facts_of(maker, {"id": i}, kind.name, ids) for i in ids[kind.name]]
    record["events"] = _events(maker, ids)
    if rng.random() < 0.3:
        record["since"] = format_day(maker.first - rng.choice((0, 3, 20)))
    _sequence(rng, record["events"])
    states = _states(maker, ids, always=False)
    if states:
        record["states"] = states
    case = Case(
        world, record, tuple(context_of(maker)), figures(maker, 1.0), tables(maker, 1.0), _as_of(maker, record),
    )  # fmt: skip
    return maker, case


def _facts_of(maker: Maker, holder: Record, kind: str, ids: Mapping[str, list[str]]) -> Record:
    for variable in maker.world.facts(kind):
        if variable.attribute == "id" or (variable.name in maker.world.guarded and maker.chance(0.5)):
            continue
        value = maker.fact(variable, ids)
        if value is not None:
            holder[variable.attribute] = value
    return holder


def _states(maker: Maker, ids: Mapping[str, list[str]], *, always: bool) -> Record:
    """Draw start values: of variables without an initial one, and of some others."""
    found: Record = {}
    for variable in maker.world.states():
        if variable.kind not in ids or variable.name in maker.world.guarded:
            continue
        if always or variable.initial is None or maker.chance(0.1):
            values = {i: maker.value(variable.type, ids) for i in ids[variable.kind]}
            values = {i: v for i, v in values.items() if v is not None}
            if values:
                found[variable.name] = values
    return found


def _events(maker: Maker, ids: Mapping[str, list[str]]) -> list[Record]:
    types = [t for t in maker.world.types() if t.name != REVIEW]
    triggers = [t for t in types if t.name in triggering(maker.world.norms)]
    found: list[Record] = []
    for number in range(maker.rng.randint(1, 12)):
        pool = triggers if triggers and (number == 0 or maker.chance(0.2)) else types
        event = event_of(maker, maker.rng.choice(pool), ids, f"e{number + 1}") if pool else None
        if event is not None:
            found.append(event)
    return found


def triggering(norms: Iterable[Norm]) -> set[str]:
    """Return the event types that open instances of some norms."""
    return {e for n in norms for a in n.trigger.alternatives if isinstance(a, EventTrigger) for e in a.events}


def event_of(maker: Maker, kind: EventType, ids: Mapping[str, list[str]], identifier: str) -> Record | None:
    """Draw an exact event with all its references and attributes; None if an entity it needs is not there."""
    event: Record = {"type": kind.name, "id": identifier, "at": written(maker.instant(), maker.rng)}
    if not _refer(maker, event, kind, ids):
        return None
    for attribute in attributes(maker.world, kind):
        if f"{kind.name}:{attribute.name}" in maker.world.guarded and maker.chance(0.5):
            continue
        value = maker.value(attribute.type, ids)
        if value is not None and (attribute.default is None or maker.chance(0.5)):
            event[attribute.name] = value
    return event


def _refer(maker: Maker, event: Record, kind: EventType, ids: Mapping[str, list[str]]) -> bool:
    """Draw the references of an event; say whether the entities that it needs are there."""
    for name, meaning in kind.refers_to.items():
        if name not in ids or name == maker.world.record_type:
            continue
        if meaning == "all" and (not ids[name] or maker.chance(0.4)):
            continue
        if not ids[name]:
            return False
        event[name] = reference(maker, ids[name])
    possible = [n for n in kind.one_of if ids.get(n)]
    name = maker.rng.choice(possible) if possible else maker.world.record_type
    if name != maker.world.record_type:
        event[name] = reference(maker, ids[name])
    return bool(possible) or not kind.one_of


def attributes(world: World, kind: EventType) -> list[Attribute]:
    """Return the attributes of an event type, those common to all types included."""
    common = (a for n, a in world.program.vocabulary.event_attributes.items() if n not in kind.attributes)
    return [*kind.attributes.values(), *common]


def reference(maker: Maker, ids: list[str]) -> str | list[str]:
    """Draw a reference to one of some entities, seldom to two."""
    if len(ids) > 1 and maker.chance(0.1):
        return maker.rng.sample(ids, 2)
    return maker.rng.choice(ids)


def _sequence(rng: Random, events: list[Record]) -> None:
    """Number some events (or all) in the order in which they happened."""
    share = rng.choice((0, 0, 0.5, 1))
    order = list(range(len(events)))
    rng.shuffle(order)
    order.sort(key=lambda i: parse_when(events[i]["at"]).lo)
    for number, index in enumerate(order):
        if rng.random() < share:
            events[index]["seq"] = number


def context_of(maker: Maker) -> Iterator[Record]:
    """Yield the records to which the links of the world lead: the one named, or some that name the record."""
    for name in sorted(maker.world.links):
        link = maker.vocabulary.links[name]
        kinds = backward(maker.world, name) or [link.to]
        for number, kind in enumerate(kinds * (maker.rng.randint(1, 2) if link.many else 1)):
            record = {"record_type": kind, "id": f"{name}{number + 1}"}
            yield _facts_of(maker, record, kind, {kind: [record["id"]], "context": maker.linked_ids()})


def backward(world: World, name: str) -> list[str]:
    """Return the types of the records that a link finds because they name this one."""
    link = world.program.vocabulary.links[name]
    return sorted({s.partition(".")[0] for s in link.sources}) if link.many else []


def figures(maker: Maker, share: float) -> dict[str, tuple[tuple[int, int], ...]]:
    """Set a share of the parameters that no rule sets: (from, figure)."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for name in sorted(maker.world.parameters):
        parameter = maker.vocabulary.parameters[name]
        if not parameter.values and maker.chance(share):
            found[name] = ((BEGIN, maker.rng.randint(0, 4)),)
            if maker.chance(0.3):
                found[name] += ((day_start(maker.first + maker.rng.randint(0, 4)), maker.rng.randint(0, 4)),)
    return found


def tables(maker: Maker, share: float) -> dict[str, tuple[str, ...]]:
    """Fill a share of the tables that no rule fills, with codes of the variables that matter."""
    known = {c for n in sorted(maker.world.variables) for c in maker.vocabulary.variables[n].type.codes or ()}
    codes = sorted(known) or list(TEXTS)
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(maker.world.tables):
        if not maker.vocabulary.tables[name].values and maker.chance(share):
            found[name] = tuple(maker.rng.sample(codes, min(len(codes), maker.rng.randint(0, 4))))
    return found


def _as_of(maker: Maker, record: Record) -> int:
    rng = maker.rng
    used = [parse_when(e["at"]).lo for e in record["events"]] or [day_start(maker.first)]
    found = rng.choice((rng.choice(used), max(used), max(used) + 5 * DAY, max(used) + 60 * DAY, maker.instant()))
    return rng.choice((found, day_end(day_of(found)), found + rng.choice((-1, 1, HOUR))))


# -- gaps --------------------------------------------------------------------------------------------------------------
def coarsen(maker: Maker, case: Case) -> Case:
    """Take dates, facts, references, lists, context records and figures away."""
    rng, record = maker.rng, copy.deepcopy(case.record)
    maker.as_of = case.as_of
    dates, gaps = rng.choice((0, 0.15, 0.4, 0.9)), rng.choice((0, 0, 0.1, 0.3))
    kinds = {k.name: k.plural for k in maker.vocabulary.kinds_inside(maker.world.record_type)}
    for event in record["events"]:
        if rng.random() < dates:
            event["at"] = maker.coarse(parse_when(event["at"]).lo)
        _forget(maker, event, gaps)
    _lose_facts(maker, record, maker.world.record_type, dates, gaps)
    for kind, plural in kinds.items():
        for entity in record[plural]:
            _lose_facts(maker, entity, kind, dates, gaps)
        if (
            rng.random() < gaps
            and not _named(record, kind)
            and not _says_what_is_asked_for(maker, record[plural], kind)
        ):
            del record[plural]
            record["states"] = {k: v for k, v in record.get("states", {}).items() if not k.startswith(f"{kind}.")}
    for name in list(record.get("states", {})):
        if rng.random() < gaps and maker.vocabulary.variables[name].initial is None:
            del record["states"][name]
    if rng.random() < 0.15:
        record["timeline"] = "partial"
    lost = {t for t in sorted({c["record_type"] for c in case.context}) if rng.random() < gaps}
    context = tuple(copy.deepcopy(c) for c in case.context if c["record_type"] not in lost)
    for other in context:
        _lose_facts(maker, other, other["record_type"], dates, gaps)
    parameters = {k: v for k, v in case.parameters.items() if rng.random() >= max(gaps, 0.3)}
    filled = {k: v for k, v in case.tables.items() if rng.random() >= gaps}
    return replace(case, record=record, context=context, parameters=parameters, tables=filled)


def _says_what_is_asked_for(maker: Maker, entities: list[Record], kind: str) -> bool:
    """Say whether entities state what a norm asks about with ``known(...)``: without them that would be an answer."""
    return any(f"{kind}.{name}" in maker.world.guarded for entity in entities for name in entity)


def _named(record: Record, kind: str) -> bool:
    """Say whether an event names an entity of a kind."""
    return any(kind in e or f"{kind}_id" in e for e in record["events"])


def _forget(maker: Maker, event: Record, share: float) -> None:
    """Take attributes and references whose absence is a gap away from an event."""
    kind = maker.vocabulary.events[event["type"]]
    losable = [a.name for a in attributes(maker.world, kind) if a.default is None]
    losable += [n for n, meaning in kind.refers_to.items() if meaning == "unknown"]
    for name in losable:
        if name in event and f"{kind.name}:{name}" not in maker.world.guarded and maker.chance(share):
            del event[name]
    for attribute in attributes(maker.world, kind):
        if attribute.name in event and is_moment(attribute.type) and maker.chance(share):
            event[attribute.name] = format_day(day_of(parse_when(event[attribute.name]).lo))


def is_moment(kind: Type) -> bool:
    """Say whether a type is a time that may be known exactly."""
    return kind.base == "time" and kind.unit != "date" and not kind.many


def _lose_facts(maker: Maker, holder: Record, kind: str, dates: float, share: float) -> None:
    for variable in maker.world.facts(kind):
        name = variable.attribute
        if name not in holder or name == "id" or variable.name in maker.world.guarded:
            continue
        fact = holder[name]
        if maker.chance(share):
            del holder[name]
        elif is_dated(fact) and maker.chance(dates):
            fact[-1]["from"] = maker.coarse(parse_when(fact[-1]["from"]).lo)
            if maker.chance(share):
                del fact[0]
        elif _dated_by(fact, maker.as_of) and maker.chance(share):
            del fact["on"]
    for variable in maker.world.facts(kind):
        if holder.get(variable.attribute, ()) == [] and not variable.type.many:
            del holder[variable.attribute]


def _dated_by(fact: Any, as_of: int) -> bool:
    """Say whether a fact is attested, and not after the judgement (without its date it is true by then)."""
    return isinstance(fact, dict) and "on" in fact and parse_when(fact["on"]).lo <= as_of


def is_dated(fact: Any) -> bool:
    """Say whether a fact is a list of dated values."""
    return isinstance(fact, list) and bool(fact) and all(isinstance(f, dict) and "from" in f for f in fact)


# -- completions -------------------------------------------------------------------------------------------------------
def complete(maker: Maker, case: Case, keys: Iterable[str] = ()) -> Case | None:
    """Fill every gap at random; ``keys`` are the instances of which a review may be recorded.

    None when no exact times were found that agree with the sequence numbers.
    """
    record = copy.deepcopy(case.record)
    maker.as_of = case.as_of
    if not _date_events(maker, record["events"]):
        return None
    ids: dict[str, list[str]] = {maker.world.record_type: [record["id"]], "context": maker.linked_ids()}
    kinds = maker.vocabulary.kinds_inside(maker.world.record_type)
    for kind in kinds:
        if kind.plural not in record:
            record[kind.plural] = [{"id": i} for i in _missing_ids(maker, record, kind.name)]
        ids[kind.name] = [e["id"] for e in record[kind.plural]]
    fill_facts(maker, record, maker.world.record_type, ids)
    for kind in kinds:
        for entity in record[kind.plural]:
            fill_facts(maker, entity, kind.name, ids)
    for event in record["events"]:
        _fill_event(maker, event, record, ids)
    partial = record.pop("timeline", "complete") == "partial"
    if partial:
        _more_events(maker, record, ids)
    _fill_states(maker, record, ids, partial=partial)
    record["events"] += _reviews(maker, keys)
    number(maker.rng, record["events"])
    context = tuple(_completed_context(maker, case.context))
    return replace(
        case, record=record, context=context, parameters={**figures(maker, 1.0), **case.parameters},
        tables={**tables(maker, 1.0), **case.tables},
    )  # fmt: skip


def _date_events(maker: Maker, events: list[Record]) -> bool:
    """Give every event an exact time that agrees with the sequence numbers of tied events."""
    spans = [parse_when(e["at"]) for e in events]
    pairs = [
        (i, j)
        for i, a in enumerate(events)
        for j, b in enumerate(events)
        if a.get("seq") is not None and b.get("seq") is not None and a["seq"] < b["seq"] and tied(spans[i], spans[j])
    ]
    for _ in range(8):
        times = [maker.inside(s) for s in spans]
        for _ in events:
            wrong = [(i, j) for i, j in pairs if times[i] > times[j]]
            if not wrong:
                break
            for i, j in wrong:
                times[i], times[j] = _within(spans[i], times[j]), _within(spans[j], times[i])
        if all(times[i] <= times[j] for i, j in pairs):
            for event, t in zip(events, times, strict=True):
                event["at"] = written(t, maker.rng)
            return True
    return False


def _within(span: Interval, t: int) -> int:
    return min(max(t, span.lo), span.hi)


def _missing_ids(maker: Maker, record: Record, kind: str) -> list[str]:
    """Return ids for a list that is not there: those that facts name, and some that nobody names."""
    named: set[str] = set()
    for holder in (record, *(e for v in record.values() if isinstance(v, list) for e in v if isinstance(e, dict))):
        for variable in maker.vocabulary.variables.values():
            if variable.type.kind == kind and variable.attribute in holder:
                named.update(_ids_in(holder[variable.attribute]))
    types = [maker.vocabulary.events[e["type"]] for e in record["events"] if kind not in e]
    least = any(t.refers_to.get(kind) == "unknown" for t in types) and not named
    return sorted(named) + [f"new{i}" for i in range(maker.rng.randint(int(least), 2))]


def _ids_in(fact: Any) -> Iterator[str]:
    if isinstance(fact, str):
        yield fact
    elif isinstance(fact, dict):
        yield from _ids_in(fact.get("value"))
    elif isinstance(fact, list):
        for part in fact:
            yield from _ids_in(part)


def fill_facts(maker: Maker, holder: Record, kind: str, ids: Mapping[str, list[str]]) -> None:
    """State every fact that is missing, from when the first dated value holds, and when it was attested."""
    for variable in maker.world.facts(kind):
        name = variable.attribute
        if name == "id" or variable.name in maker.world.guarded:
            continue
        fact = holder.get(name)
        if fact is None:
            value = maker.fact(variable, ids)
            if value is not None:
                holder[name] = value
        elif is_dated(fact):
            _settle(maker, fact)
            first = maker.value(variable.type, ids)
            if first is not None and variable.name not in maker.world.stateful and fact[0]["from"] != "0001-01-01":
                holder[name] = [{"from": "0001-01-01", "value": first}, *fact]
    for variable in maker.world.facts(kind):
        fact = holder.get(variable.attribute)
        if variable.source == "attested" and fact is not None and not is_dated(fact):
            bare = fact if isinstance(fact, dict) else {"value": fact}
            on = min(maker.first + maker.rng.randint(-3, 6), day_of(maker.as_of))
            holder[variable.attribute] = {"by": "o1", "on": format_day(on), **bare}


def _settle(maker: Maker, dated: list[Record]) -> None:
    """Settle from when each value holds, no two from one instant.

    A value given from a day on holds from its first instant, so a day is exact.
    """
    used = set()
    for entry in dated:
        start = parse_when(entry["from"])
        exact = start.lo == start.hi or (start.lo % DAY == 0 and start.hi == start.lo + DAY - 1)
        t = start.lo if exact else maker.inside(start)
        for _ in range(0 if exact else 8):
            t = maker.inside(start) if t in used else t
        used.add(t)
        entry["from"] = entry["from"] if exact else written(t, maker.rng)


def _fill_event(maker: Maker, event: Record, record: Record, ids: Mapping[str, list[str]]) -> None:
    kind = maker.vocabulary.events[event["type"]]
    for attribute in attributes(maker.world, kind):
        name = attribute.name
        if name in event and is_moment(attribute.type):
            event[name] = written(maker.inside(parse_when(event[name])), maker.rng)
        if name in event or attribute.default is not None or f"{kind.name}:{name}" in maker.world.guarded:
            continue
        value = maker.value(attribute.type, ids)
        if value is not None:
            event[name] = value
    for name, meaning in kind.refers_to.items():
        if meaning != "unknown" or name in event or f"{kind.name}:{name}" in maker.world.guarded:
            continue
        if ids.get(name) and not _passed_on(maker, event, record, name):
            event[name] = reference(maker, ids[name])


def _passed_on(maker: Maker, event: Record, record: Record, kind: str) -> bool:
    """Say whether an entity that the event names passes a reference on, so that the event needs none of its own."""
    for name, entity in maker.vocabulary.entities.items():
        named = event.get(name, [])
        for holder in record.get(entity.plural, []) if named else []:
            if holder["id"] in named:
                variables = (maker.vocabulary.variables[f"{name}.{a}"] for a in entity.passes_on)
                if any(v.type.kind == kind and v.attribute in holder for v in variables):
                    return True
    return False


def _fill_states(maker: Maker, record: Record, ids: Mapping[str, list[str]], *, partial: bool) -> None:
    drawn = _states(maker, ids, always=True)
    stated = record.setdefault("states", {})
    for name, values in drawn.items():
        if partial or maker.vocabulary.variables[name].initial is None:
            known = stated.get(name, {})
            stated[name] = {**values, **known}


def _more_events(maker: Maker, record: Record, ids: Mapping[str, list[str]]) -> None:
    """Add events that a partial record left out.

    Left alone is what the language reads as it stands: a state that the record gives or some recorded event has set
    (section 4: a partial timeline leaves its start value unknown, no more), and triggers that join or of which the
    earliest counts.
    """
    for number in range(maker.rng.randint(0, 3)):
        free = [t for t in maker.world.types() if t.name != REVIEW and _may_be_missing(maker.world, t, record)]
        event = event_of(maker, maker.rng.choice(free), ids, f"m{number}") if free else None
        if event is not None:
            record["events"].append(event)


def _may_be_missing(world: World, kind: EventType, record: Record) -> bool:
    for norm in world.norms:
        names = triggering([norm])
        legs = {e for a in norm.trigger.alternatives if isinstance(a, EventTrigger) for g in a.legs for e in g.events}
        if kind.name in legs or (kind.name in names and (norm.mode == "hold" or norm.trigger.one_per)):
            return False
    setters = world.program.derived.setters
    recorded = {e["type"] for e in record["events"]}
    stated = record.get("states", {})
    if any(s.variable in world.guarded for s in kind.sets):
        return False  # no such event is an answer, as with facts: where no transfer is recorded, there was none
    return not any(s.variable in stated or recorded & set(setters.get(s.variable, ())) for s in kind.sets)


def _reviews(maker: Maker, keys: Iterable[str]) -> list[Record]:
    found = []
    for number, key in enumerate(keys):
        outcome = maker.rng.choice(("satisfied", "not_satisfied"))
        found.append(
            {"type": REVIEW, "id": f"v{number}", "at": written(BEGIN_OF_REVIEWS, maker.rng), "key": key,
             "outcome": outcome, "by": "o1"}
        )  # fmt: skip
    return found


BEGIN_OF_REVIEWS = parse_when("2021-06-01T00:00").lo
"""Reviews judge the instance and not a moment; recorded early, they are visible whenever the record is judged."""


def number(rng: Random, events: list[Record]) -> None:
    """Number all events in the order of their times; of equal ones, as they were numbered, else at random."""
    exact = [(parse_when(e["at"]).lo, e) for e in events]
    numbered = sorted((p for p in exact if p[1].get("seq") is not None), key=lambda p: (p[0], p[1]["seq"]))
    others = [p for p in exact if p[1].get("seq") is None]
    rng.shuffle(others)
    for t, event in others:
        places = [i for i in range(len(numbered) + 1) if _fits(numbered, i, t)]
        numbered.insert(rng.choice(places), (t, event))
    for seq, (_, event) in enumerate(numbered):
        event["seq"] = seq


def _fits(numbered: list[tuple[int, Record]], place: int, t: int) -> bool:
    return all(o <= t for o, _ in numbered[:place]) and all(o >= t for o, _ in numbered[place:])


def _completed_context(maker: Maker, context: Iterable[Record]) -> Iterator[Record]:
    """Fill the gaps of context records, and add those that are missing (of a type that names this record, all)."""
    given = {(c["record_type"], c["id"]): copy.deepcopy(c) for c in context}
    whole = {t for name in maker.world.links for t in backward(maker.world, name)} & {t for t, _ in given}
    drawn = {(c["record_type"], c["id"]): c for c in context_of(maker) if c["record_type"] not in whole}
    for key, record in {**drawn, **given}.items():
        ids = {key[0]: [key[1]], "context": maker.linked_ids()}
        fill_facts(maker, record, key[0], ids)
        yield record


# -- other changes -----------------------------------------------------------------------------------------------------
def shuffled(rng: Random, record: Record) -> tuple[Record, dict[str, str]]:
    """Return the record with its lists of events and entities shuffled, and the old JSON pointer of each new one."""
    found = copy.deepcopy(record)
    pointers = {}
    for key, value in record.items():
        if isinstance(value, list) and value and all(isinstance(v, dict) and "id" in v for v in value):
            order = list(range(len(value)))
            rng.shuffle(order)
            found[key] = [found[key][i] for i in order]
            pointers.update({f"/{key}/{new}": f"/{key}/{old}" for new, old in enumerate(order)})
    return found, pointers


def share_of_coarse(record: Record) -> tuple[int, int]:
    """Return how many events have no exact time, and how many events there are."""
    spans = [parse_when(e["at"]) for e in record["events"]]
    return sum(s.lo < s.hi for s in spans), len(spans)


def has_tie(record: Record) -> bool:
    """Say whether the order of two events is open within one day."""
    spans = [parse_when(e["at"]) for e in record["events"]]
    return any(tied(a, b) for i, a in enumerate(spans) for b in spans[i + 1 :])
