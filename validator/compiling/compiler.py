"""Writes Python for plain norms: one function for a record type, which goes through the events once.

The function takes a record of `plain.record_struct`, the time after which events are not looked at, and a list to
which it adds what it found (`results.Found`).  It returns how many acts were in time and are not in the list, and
three sets of norms as numbers in which norm n has bit n: those that were opened; those that were not though an event
was there, with why (`results.reason_of`); and those that are left to the interpreter, since a fact is missing.  It
raises `Slow` for a record that is not plain in fact, `Ahead` if only its last events keep it from being so, and
`Abroad` if its first event is not in Beijing time.  The source is meant to be read: ``zhijian show --compiled``
prints it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import UNSET

from validator.compiling.habits import Habits
from validator.compiling.plain import PlainNorm, attributes, naming, references, stated
from validator.compiling.results import shut_by
from validator.compiling.runtime import (
    BEIJING,
    FIRST,
    KNOWING,
    UNKNOWN,
    Abroad,
    Ahead,
    Ends,
    InTime,
    Slow,
    as_time,
    moment,
    moments,
    once,
)
from validator.expressions import expression as x
from validator.facts.vocabulary import EventType, Setter, Type
from validator.legal_time.instant import BEGIN, END
from validator.rules.program import Pattern, Program, Test


@dataclass(slots=True)
class _Leaf:
    """What is done at an event of one type, in this order."""

    before: list[str] = field(default_factory=list)  # answers; nothing of the event itself counts yet
    states: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)  # conditions at the trigger
    marks: list[str] = field(default_factory=list)  # the event counts as an earlier one from here on
    opens: list[str] = field(default_factory=list)
    sees: dict[int, str] = field(default_factory=dict)  # the norms that are opened in any case, by number

    def lines(self) -> list[str]:
        seen = sum(map(_bit, self.sees))
        sees = [f"seen |= {seen}  # {', '.join(self.sees.values())}"] if seen else []
        return [*sees, *self.before, *self.states, *self.after, *self.marks, *self.opens]


class Manner(NamedTuple):
    """What a function finds, and on what it relies.

    Attributes:
        all_findings: it finds everything; else what is to be told, and counts the rest.
        dated: events are in Beijing time, in order, and none is after the last moment.
        young: some norms may not be in force yet when an event happens.
    """

    all_findings: bool = False
    dated: bool = False
    young: bool = False


class Writer:
    """Writes the function for a record type in one manner, and keeps the constants that it names."""

    def __init__(
        self, program: Program, record_type: str, habits: Habits, in_time: InTime, manner: Manner, *, in_force: bool
    ) -> None:
        """Begin to write.

        Args:
            program: the rule set.
            record_type: whose records are judged.
            habits: what the records have, as their type knows it.
            in_time: until when acts are in time.
            manner: what the function finds, and on what it relies.
            in_force: whether norms count as in force before their issue.
        """
        self.vocabulary, self.record_type, self.habits = program.vocabulary, record_type, habits
        self.in_time, self.in_force, self.first = in_time, in_force, FIRST
        self.all_findings, self.dated, self.young = manner
        self.leaves: dict[str, _Leaf] = {}
        self.start: list[str] = []
        self.end: list[str] = []
        self.constants: dict[str, Any] = {
            "UNSET": UNSET, "UNKNOWN": UNKNOWN, "BEIJING": BEIJING, "FIRST": FIRST,
            **{error.__name__: error for error in (Slow, Ahead, Abroad)},
            **{f.__name__: f for f in (once, moment, moments, *KNOWING.values())},
        }  # fmt: skip
        self.states: dict[str, str] = {}

    # -- constants -----------------------------------------------------------------------------------------------------
    def constant(self, value: Any, prefix: str = "K") -> str:
        """Return the name of a constant."""
        for name, known in self.constants.items():
            if known is value or (type(known) is type(value) and isinstance(value, tuple | Decimal) and known == value):
                return name
        name = f"{prefix}{len(self.constants)}"
        self.constants[name] = value
        return name

    def leaf(self, event: str) -> _Leaf:
        """Return what is done at events of a type."""
        return self.leaves.setdefault(event, _Leaf())

    # -- the function --------------------------------------------------------------------------------------------------
    def write(self, norms: Sequence[PlainNorm], ends: Sequence[Ends | None]) -> str:
        """Return the function for some norms, with the ends of their terms (None: judged at the trigger), as Python."""
        days = list(self._days(norms))
        for n, (plain, end) in enumerate(zip(norms, ends, strict=True)):
            for name in plain.stops:
                self.leaf(name).before.append(f"left |= {_bit(n)}  # {plain.norm.id}")
            if end is None:
                self._at(n, plain)
            else:
                self._reach(n, plain, end)
        for event in self.vocabulary.events.values():
            if references(event, self.record_type) or any(self._times(event)):
                self.leaf(event.name)
        lines = ["def judge(rec, latest, out):", *(f"  {line}" for line in days)]
        lines += ["  ok = seen = shut = left = 0", "  later = FIRST", "  record = rec.id"]
        lines += [f"  {line}" for line in (*self._listed(), *self._facts(), *self.start)]
        if any(self._has(name, "id") for name in self.vocabulary.events):
            lines += ["  ids = [e.id for e in rec.events if e.id is not None]", "  if ids: once(ids)"]
        lines += ["  try:", "    for e in rec.events:", "      at = e.at"]
        if not self.dated:
            lines += ["      if at.tzinfo is not BEIJING or at <= later: raise Slow", "      later = at"]
        lines += ["      k = e.code", "      if k < 0: continue", *(f"      {line}" for line in self._tree())]
        lines += ["  except IndexError: raise Slow from None"]  # a day long after today
        if not self.dated:
            lines += ["  if later > latest: raise Ahead"]
        lines += [*(f"  {line}" for line in self.end), "  return ok, seen, shut, left"]
        return "\n".join(lines) + "\n"

    def _listed(self) -> Iterator[str]:
        """Know the entities of a record by their ids, which no two share."""
        for kind in self.vocabulary.kinds_inside(self.record_type):
            entities, listed = _entities(kind.name), f"rec.{kind.plural}"
            yield f"{entities} = {{}}"
            yield f"if {listed}:"
            yield f"  for x in {listed}: {entities}[x.id] = x"
            yield f"  if len({entities}) != len({listed}) or '' in {entities}: raise Slow"

    def _facts(self) -> Iterator[str]:
        """Demand that what facts name is listed, if its kind is, and that their times are times."""
        inside = {k.name: k.plural for k in self.vocabulary.kinds_inside(self.record_type)}
        for owner in (self.record_type, *inside):
            own = owner == self.record_type
            whose = ("record",) if own else ("entity", inside[owner])
            for variable in stated(self.vocabulary, owner):
                kind, attribute = variable.type, variable.attribute
                if not self.habits.usual(whose, [attribute]) or not (kind.kind in inside or kind.base == "time"):
                    continue
                yield f"for x in ({'rec,' if own else f'rec.{inside[owner]} or ()'}):"
                yield f"  v = x.{attribute}"
                if kind.base == "time":
                    yield f"  if v is not None: {_timing(kind)}(v)"
                else:
                    known, listed = _entities(kind.kind), f"rec.{inside[kind.kind]} is not None"
                    dangling = f"not {known}.keys() >= set(v)" if kind.many else f"v not in {known}"
                    yield f"  if v is not None and {listed} and {dangling}: raise Slow"

    def _times(self, event: EventType) -> Iterator[str]:
        """Demand that the times which events of a type have besides their own are times."""
        for name, attribute in attributes(self.vocabulary, event).items():
            if attribute.type.base == "time" and self._has(event.name, name):
                yield f"if e.{name} is not None: {_timing(attribute.type)}(e.{name})"

    def _days(self, norms: Iterable[PlainNorm]) -> Iterator[str]:
        """Know the ends of terms by day, unless an event lies before a day: then the first does, for they are in order.

        Such a record is handed on: a norm may not be in force yet, or the day is not in the list of ends.
        """
        if self.young:
            return
        starts = (start for plain in norms if (start := self._starts(plain)) is not None)
        self.first = max((self.in_time.first, *starts))
        yield "if rec.events:"
        yield "  at = rec.events[0].at"
        if not self.dated:
            yield "  if at.tzinfo is not BEIJING: raise Abroad"
        yield f"  if at < {self.constant(self.first)}: return judge_young(rec, latest, out)"

    def codes(self) -> dict[str, int]:
        """Return the event types that the code looks at, by number."""
        return {name: code for code, name in enumerate(sorted(self.leaves))}

    def _tree(self) -> Iterator[str]:
        """Choose by the code of the event type, in halves."""
        entries = sorted((code, name) for name, code in self.codes().items())
        yield from self._branch(entries, "") if entries else ["pass"]

    def _branch(self, entries: Sequence[tuple[int, str]], indent: str) -> Iterator[str]:
        half = len(entries) // 2
        if half == 0:
            name = entries[0][1]
            yield f"{indent}# {name}"
            event = self.vocabulary.events[name]
            lines = [*self._references(event), *self._times(event), *self.leaves[name].lines()]
            yield from (f"{indent}{line}" for line in lines or ["pass"])
            return
        yield f"{indent}if k < {entries[half][0]}:"
        yield from self._branch(entries[:half], indent + "  ")
        yield f"{indent}else:"
        yield from self._branch(entries[half:], indent + "  ")

    def _references(self, event: EventType) -> Iterator[str]:
        """Read what an event refers to; what is not listed, or has to be named and isn't, is for the strict reader."""
        kinds = [k.name for k in self.vocabulary.kinds_inside(self.record_type)]
        for kind in references(event, self.record_type):
            name = _id(kind)
            keys = naming(self.vocabulary, event, kind)
            first, *second = [f"e.{key}" for key in keys if self._has(event.name, key)] or ["UNSET"]
            yield f"{name} = {first}"
            for other in second:
                yield f"if {name} is UNSET: {name} = {other}"
                yield f"elif {other} is not UNSET: raise Slow"
            listed = f"{name} not in {_entities(kind)}"
            if event.refers_to.get(kind) == "required":
                yield f"if {listed if kind in kinds else f'{name} is UNSET'}: raise Slow"
            elif kind in kinds:
                yield f"if {name} is not UNSET and {listed}: raise Slow"
        if event.one_of and self.record_type not in event.one_of:
            unnamed = [
                f"{_id(kind)} is UNSET" for kind in event.one_of if kind in kinds
            ]  # others are not in the record
            yield f"if {' and '.join(unnamed) or True}: raise Slow"

    def _has(self, event: str, key: str) -> bool:
        """Say whether events of a type may have a key."""
        kind = ("event", event)
        return self.habits.knows(kind) and bool(self.habits.usual(kind, [key]))

    # -- norms ---------------------------------------------------------------------------------------------------------
    def _opening(self, n: int, plain: PlainNorm, leaf: _Leaf, opened: Sequence[str]) -> Iterator[str]:
        """Open a norm if its trigger's condition holds and it is in force."""
        where = plain.trigger.where
        if where is None and plain.norm.effective.end >= END and not (self.young and self._starts(plain)):
            leaf.sees[n] = plain.norm.id
            yield from opened
            return
        inner = list(self._in_force(n, plain, opened))
        if where is None:
            yield from inner
            return
        yield "try:"
        yield f"  holds = {self.expression(where, plain, trigger='e')}"
        yield "except UNKNOWN:"
        yield f"  left |= {_bit(n)}"
        yield "else:"
        yield "  if holds:"
        yield from (f"    {line}" for line in inner)
        yield f"  else: shut |= {shut_by(n, 'condition_false')}"

    def _starts(self, plain: PlainNorm) -> dt.datetime | None:
        """Return before when nothing opens a norm; None when the first event may."""
        effective = plain.norm.effective
        if effective.start > BEGIN and not effective.reaches_back and (effective.explicit or not self.in_force):
            return as_time(effective.start)
        return None

    def _in_force(self, n: int, plain: PlainNorm, opened: Iterable[str]) -> Iterator[str]:
        effective, start = plain.norm.effective, self._starts(plain)
        choice = "if"
        if effective.end < END:
            yield f"if at > {self.constant(as_time(effective.end))}: shut |= {shut_by(n, 'ended_on')}"
            choice = "elif"
        if start is not None and self.young:
            reason = "not_yet_in_force" if effective.explicit else "before_issue"
            yield f"{choice} at < {self.constant(start)}: shut |= {shut_by(n, reason)}"
            choice = "elif"
        lines = [f"seen |= {_bit(n)}  # {plain.norm.id}", *opened]
        yield from lines if choice == "if" else ["else:", *(f"  {line}" for line in lines)]

    def _reach(self, n: int, plain: PlainNorm, ends: Ends) -> None:
        """Keep the events that wait for an answer, each with the ones before it, by entity if there are several."""
        subject = plain.norm.subject
        keyed = subject != self.record_type
        self.start.append(f"open{n} = {'{}' if keyed else 'None'}  # {plain.norm.id}")
        entity = _id(subject)
        opened = f"open{n}[{entity}] = e, open{n}.get({entity})" if keyed else f"open{n} = e, open{n}"
        lines = [opened]
        if plain.norm.trigger.one_per:  # which of several opens, the interpreter says
            self.start.append(f"once{n} = 0")
            lines += [f"if once{n}: left |= {_bit(n)}", f"once{n} = 1"]
        for name in dict.fromkeys(plain.trigger.events):
            self.leaf(name).opens += self._opening(n, plain, self.leaf(name), lines)
        for pattern in plain.answers:
            for name in pattern.events:
                self.leaf(name).before += self._answer(n, plain, pattern, ends)
        if keyed:
            self.end += [f"if open{n}:", f"  for {entity}, w in open{n}.items():", "    while w:"]
            self.end += ["      t, w = w", f"      out.append(({entity}, t.at, {n}, t, None, False))"]
        else:
            self.end += [f"while open{n}:", f"  t, open{n} = open{n}"]
            self.end += [f"  out.append((record, t.at, {n}, t, None, False))"]
        if self.dated:
            self.start.append(f"tied{n} = []")
            self.end.append(f"out += [(x, t.at, {n}, t, first, True) for x, t, first in tied{n}]")

    def _answer(self, n: int, plain: PlainNorm, pattern: Pattern, ends: Ends) -> Iterator[str]:
        keyed = plain.norm.subject != self.record_type
        entity = _id(plain.norm.subject) if keyed else "record"
        where = pattern.where
        if self.dated:
            yield from self._settle(n, plain, pattern, ends, entity)
        yield f"if open{n}:"
        yield f"  w = open{n}.pop({entity}, None)" if keyed else f"  w, open{n} = open{n}, None"
        if where is not None:
            yield "  waiting = None"
        yield "  while w:"
        yield "    t, w = w"
        if where is not None:
            yield f"    try: holds = {self.expression(where, plain, trigger='t')}"
            yield "    except UNKNOWN:"
            yield f"      left |= {_bit(n)}"
            yield "      continue"
            yield "    if not holds:"
            yield "      waiting = t, waiting"
            yield "      continue"
        if self.dated:
            known = "False" if ends.exact is not None else f"{self._in_time(ends)} is not FIRST"
            yield "    if at == t.at:  # it counts; what comes later may make sure of it"
            yield f"      if {known}: tied{n}.append(({entity}, t, e))"
            yield f"      else: left |= {_bit(n)}"
            yield "      continue"
        found = f"out.append(({entity}, t.at, {n}, t, e, False))"
        if self.all_findings:
            yield f"    {found}"
        else:
            yield f"    if at > {self._in_time(ends)}: {found}"
            yield "    else: ok += 1"
        if where is not None:
            yield f"  if waiting: open{n}[{entity}] = waiting" if keyed else f"  open{n} = waiting"

    def _settle(self, n: int, plain: PlainNorm, pattern: Pattern, ends: Ends, entity: str) -> Iterator[str]:
        """Settle what was answered on the day of its trigger by another answer: in time, it makes sure."""
        yield f"if tied{n}:"
        yield "  several = []"
        yield f"  for x, t, first in tied{n}:"
        yield f"    holds = x == {entity}"
        if pattern.where is not None:
            yield f"    try: holds = holds and {self.expression(pattern.where, plain, trigger='t')}"
            yield f"    except UNKNOWN: left |= {_bit(n)}"
        yield "    if not holds: several.append((x, t, first))"
        yield f"    elif at > {self._in_time(ends)}: out.append((x, t.at, {n}, t, first, True))"
        yield f"    else: {f'out.append((x, t.at, {n}, t, first, False))' if self.all_findings else 'ok += 1'}"
        yield f"  tied{n} = several"

    def _in_time(self, ends: Ends) -> str:
        """Write until when an answer to the event ``t`` is in time and nothing is to be said."""
        if ends.exact is not None:
            return f"t.at + {self.constant(ends.exact, 'LENGTH')}"
        days_before = "" if self.young else f" - {self.first.toordinal()}"
        return f"DUE[t.at.toordinal(){days_before}][{self.in_time.place(ends.by_day)}]"

    def _at(self, n: int, plain: PlainNorm) -> None:
        norm = plain.norm
        for variable, setters in plain.setters.items():
            self._state(variable, setters)
        parts = []
        for j, condition in enumerate(plain.conditions):
            if isinstance(condition, Pattern):
                parts.append(self._earlier(n, j, condition, plain))
            elif isinstance(condition, Test):
                parts.append(self.expression(condition.expression, plain, trigger="e"))
        entity = _id(norm.subject) if norm.subject != self.record_type else "record"
        opened = ["try: holds = " + " and ".join(parts), f"except UNKNOWN: left |= {_bit(n)}", "else:"]
        found = f"out.append(({entity}, at, {n}, e, holds, False))"
        opened += [f"  {found}"] if self.all_findings else ["  if holds: ok += 1", f"  else: {found}"]
        for name in dict.fromkeys(plain.trigger.events):
            self.leaf(name).after += self._opening(n, plain, self.leaf(name), opened)

    def _earlier(self, n: int, j: int, pattern: Pattern, plain: PlainNorm) -> str:
        """Return whether an event of some types lies before; it concerns the same entity."""
        keyed = plain.norm.subject != self.record_type
        name, entity = f"seen{n}_{j}", _id(plain.norm.subject)
        self.start.append(f"{name} = {'set()' if keyed else 'False'}")
        for event in pattern.events:
            self.leaf(event).marks.append(f"{name}.add({entity})" if keyed else f"{name} = True")
        found = f"{entity} in {name}" if keyed else name
        return f"(not {found})" if pattern.negated else f"({found})"

    def _state(self, variable: str, setters: Sequence[tuple[str, Setter]]) -> None:
        if variable in self.states:
            return
        declared = self.vocabulary.variables[variable]
        own = declared.kind == self.record_type
        name = self.states[variable] = f"state{len(self.states)}"
        self.start.append(f"{name} = {self.literal(declared.initial) if own else '{}'}  # {variable}")
        for event, setter in setters:
            value = self.literal(setter.value)
            self.leaf(event).states.append(f"{name} = {value}" if own else f"{name}[{_id(declared.kind)}] = {value}")

    # -- expressions ---------------------------------------------------------------------------------------------------
    def literal(self, value: Any) -> str:
        """Write a value."""
        if isinstance(value, Decimal):
            return str(int(value)) if value == value.to_integral_value() else self.constant(value)
        return repr(value) if isinstance(value, str | bool | int) or value is None else self.constant(value)

    def expression(self, node: x.Expression, plain: PlainNorm, *, trigger: str) -> str:
        """Write an expression; ``trigger`` is where the opening event is."""

        def write(part: x.Expression) -> str:
            return self.expression(part, plain, trigger=trigger)

        match node:
            case x.Literal(value=value):
                return self.literal(value)
            case x.ParameterRead(name=name):
                return self.literal(self.vocabulary.parameters[name].values[0].value)
            case x.Known(path=path):
                return self._known(path, plain, trigger)
            case x.Generator():
                return self._generator(node, write)
            case x.Read() | x.EventRead():
                return self._value(node, plain, trigger)
        return _operation(node, write)

    def _generator(self, node: x.Generator, write: Callable[..., str]) -> str:
        assert isinstance(node.source, x.Entities)  # noqa: S101 - all that is plain
        plural = self.vocabulary.entities[node.source.kind].plural
        element = "1" if node.function == "count" else write(node.element)
        condition = "" if node.condition is None else f" if {write(node.condition)}"
        function = "sum" if node.function == "count" else node.function
        # A list is faster than a generator for the few there are; one that is not known fails by itself.
        return f"{function}([{element} for v_{node.variable} in rec.{plural}{condition}])"

    def _raw(self, node: x.Expression, plain: PlainNorm, trigger: str) -> str:
        """Write where a value stands, whether it is known or not."""
        if isinstance(node, x.EventRead):
            event = trigger if isinstance(node.base, x.TriggerEvent) else "e"
            return f"{event}.{node.attribute}"
        assert isinstance(node, x.Read)  # noqa: S101 - all that is plain
        name = node.variable.attribute
        if isinstance(node.base, x.LoopVariable):
            return f"v_{node.base.name}.{name}"
        if node.variable.kind == self.record_type:
            return f"rec.{name}"
        return f"{_entities(plain.norm.subject)}[{_id(plain.norm.subject)}].{name}"

    def _value(self, node: x.Read | x.EventRead, plain: PlainNorm, trigger: str) -> str:
        if isinstance(node, x.Read) and node.variable.source == "events":
            name, initial = self.states[node.variable.name], self.literal(node.variable.initial)
            if node.variable.kind == self.record_type:
                return name
            whose = f"v_{node.base.name}.id" if isinstance(node.base, x.LoopVariable) else _id(node.variable.kind)
            return f"{name}.get({whose}, {initial})"
        raw = self._raw(node, plain, trigger)
        return f"{_knowing(node.type)}({raw})"

    def _known(self, path: x.Expression, plain: PlainNorm, trigger: str) -> str:
        if isinstance(path, x.Read) and path.variable.source == "events":
            return "True"
        raw = self._raw(path, plain, trigger)
        return f"({raw} is not None)" if path.type.base == "text" else f"({raw} not in (None, 'unknown'))"


def _operation(node: x.Expression, write: Callable[..., str]) -> str:
    match node:
        case x.Logic(parts=parts, conjunction=conjunction):
            return "(" + (" and " if conjunction else " or ").join(map(write, parts)) + ")"
        case x.Not(part=part):
            return f"(not {write(part)})"
        case x.Comparison() | x.Arithmetic():
            return f"({write(node.left)} {node.operator} {write(node.right)})"
        case x.Membership(item=item, container=x.ListOf(items=items)):
            return f"({write(item)} in ({''.join(f'{write(i)}, ' for i in items)}))"
    raise TypeError(type(node).__name__)


def _timing(kind: Type) -> str:
    return (moments if kind.many else moment).__name__


def _knowing(kind: Type) -> str:
    return KNOWING[kind.base].__name__


def _bit(n: int) -> int:
    """Return the set of norm ``n`` alone."""
    return 1 << n


def _entities(kind: str) -> str:
    return f"all_{kind}"


def _id(kind: str) -> str:
    return f"id_{kind}"
