"""Writes Python for plain norms: one function for a record type, which goes through the events once.

The function takes a record of `validator.plain.record_struct` and returns what it found; it raises `Slow` for a record
that is not plain in fact, and notes in ``left`` a norm for which a fact is missing.  Both go to the interpreter.  The
source is meant to be read: ``zhijian show --compiled`` prints it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from validator import expression as x
from validator.calendar import WorkCalendar
from validator.deadline import Period, Unit, due
from validator.instant import BEGIN, END, HOUR, LAST, MINUTE, SECOND, Instant, day_start
from validator.plain import PlainNorm, references
from validator.program import AtTrigger, Pattern, Program, Test, Within
from validator.vocabulary import EventType, Setter, Type

BEIJING = msgspec.json.decode(b'"2000-01-01T00:00:00+08:00"', type=dt.datetime).tzinfo
"""Eight hours ahead of UTC, as the one object that every decoded time has."""
FIRST = dt.datetime.min.replace(tzinfo=BEIJING)
COMPLIANT, LATE, BREACHED, PENDING = "compliant", "late", "breached", "pending"
REASONS = ("never_happened", "condition_false", "before_issue", "not_yet_in_force", "ended_on")
"""Why a norm was not opened, the nearest last."""


class Slow(Exception):  # noqa: N818 - no error: the record is one for the interpreter
    """A record that is not plain in fact."""


class Missing(Exception):  # noqa: N818 - no error: the norm is one for the interpreter
    """A fact that a norm reads and the record does not state."""


UNKNOWN = (Missing, TypeError)
"""What reading a fact raises that is not known: sums and bounds of numbers are written without asking first."""


# -- what generated code calls -----------------------------------------------------------------------------------------
def number(value: Any) -> Any:
    """Return a number that is known."""
    if value.__class__ is not int:
        raise Missing
    return value


def flag(value: Any) -> Any:
    """Return a truth value that is known."""
    if value.__class__ is not bool:
        raise Missing
    return value


def word(value: Any) -> Any:
    """Return a code that is known."""
    if value is None or value == "unknown":
        raise Missing
    return value


def text(value: Any) -> Any:
    """Return a text that is known."""
    if value is None:
        raise Missing
    return value


_KNOWING: Mapping[str, Callable[[Any], Any]] = {"number": number, "boolean": flag, "enum": word, "text": text}


def once(ids: list[str]) -> None:
    """Demand that no id stands twice or is empty."""
    if len(set(ids)) != len(ids) or "" in ids:
        raise Slow


def as_time(instant: Instant) -> dt.datetime:
    """Return an instant as a time in Beijing; beyond the year 9999 its last moment."""
    return FIRST + dt.timedelta(microseconds=min(max(instant, 0), LAST))


def as_instant(at: dt.datetime) -> Instant:
    """Return a time in Beijing as an instant."""
    seconds = at.hour * HOUR + at.minute * MINUTE + at.second * SECOND
    return day_start(at.toordinal()) + seconds + at.microsecond


class DueByDay(dict[int, tuple[dt.datetime, bool]]):
    """The end of a period by the day on which it starts, and whether it is provisional; made when it is asked for."""

    def __init__(self, period: Period, calendar: WorkCalendar, *, roll: bool) -> None:
        super().__init__()
        self._period, self._calendar, self._roll = period, calendar, roll

    def __missing__(self, day: int) -> tuple[dt.datetime, bool]:
        end = due(day_start(day), self._period, self._calendar, roll=self._roll)
        self[day] = (as_time(end.instant), end.provisional)
        return self[day]


# -- the writer --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Compiled:
    """Functions for records of one type, and the norms that they judge, by id.

    ``judge`` finds what is to be reported and counts the rest; ``judge_all`` finds everything.  ``codes`` are the event
    types that they look at, by number.
    """

    judge: Callable[..., int]
    judge_all: Callable[..., int]
    source: str
    norms: Mapping[str, PlainNorm]
    codes: Mapping[str, int]


@dataclass(slots=True)
class _Leaf:
    """What is done at an event of one type, in this order."""

    needs_day: bool = False
    before: list[str] = field(default_factory=list)  # answers; nothing of the event itself counts yet
    states: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)  # conditions at the trigger
    marks: list[str] = field(default_factory=list)  # the event counts as an earlier one from here on
    opens: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        return [*self.before, *self.states, *self.after, *self.marks, *self.opens]


def compile_type(program: Program, record_type: str, norms: Collection[PlainNorm], *, in_force: bool) -> Compiled:
    """Write and compile the functions for the plain norms of a record type.

    Args:
        program: the rule set.
        record_type: whose records they take.
        norms: what they judge.
        in_force: whether norms count as in force before their issue.
    """
    sources = []
    functions = []
    terms: dict[tuple[Period, bool], DueByDay] = {}
    for all_findings in (False, True):
        writer = _Writer(program, record_type, terms, all_findings=all_findings, in_force=in_force)
        sources.append(writer.write(norms))
        names: dict[str, Any] = dict(writer.constants)
        exec(compile(sources[-1], f"<compiled {record_type}>", "exec"), names)  # noqa: S102 - written above, of checked parts
        functions.append(names["judge"])
    return Compiled(functions[0], functions[1], sources[0], {p.norm.id: p for p in norms}, writer.codes())


def period_of(program: Program, deadline: Within) -> Period:
    """Return the period of a plain deadline: fixed, or a parameter that is set for good."""
    duration = deadline.duration
    if duration.period is not None:
        return duration.period
    parameter = program.vocabulary.parameters[duration.parameter]
    return Period(int(parameter.values[0].value), Unit(parameter.unit))


class _Writer:
    def __init__(
        self, program: Program, record_type: str, terms: dict[tuple[Period, bool], DueByDay], *,
        all_findings: bool, in_force: bool,
    ) -> None:  # fmt: skip
        self.program, self.vocabulary, self.record_type = program, program.vocabulary, record_type
        self.terms = terms  # what is found of a term serves every norm that has it
        self.all_findings, self.in_force = all_findings, in_force
        self.leaves: dict[str, _Leaf] = {}
        self.start: list[str] = []
        self.end: list[str] = []
        self.constants: dict[str, Any] = {
            "UNSET": UNSET, "Slow": Slow, "UNKNOWN": UNKNOWN, "BEIJING": BEIJING, "FIRST": FIRST, "NOTHING": {},
            **{f.__name__: f for f in (once, *_KNOWING.values())},
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
        return self.leaves.setdefault(event, _Leaf())

    # -- the function --------------------------------------------------------------------------------------------------
    def write(self, norms: Iterable[PlainNorm]) -> str:
        for number_, plain in enumerate(norms):
            self.norm(number_, plain)
        for event in self.vocabulary.events.values():
            if references(event, self.record_type):
                self.leaf(event.name)
        kinds = self.vocabulary.kinds_inside(self.record_type)
        lines = ["def judge(rec, as_of, out, opened, shut, left):", "  ok = 0", "  later = FIRST"]
        for kind in kinds:
            lines += [
                f"  if rec.{kind.plural}:",
                f"    {_entities(kind.name)} = {{x.id: x for x in rec.{kind.plural}}}",
            ]
            lines += [f"    if len({_entities(kind.name)}) != len(rec.{kind.plural}): raise Slow"]
            lines += [f"    if '' in {_entities(kind.name)}: raise Slow", f"  else: {_entities(kind.name)} = NOTHING"]
        lines += [f"  {line}" for line in self.start]
        lines += ["  ids = [e.id for e in rec.events if e.id is not None]", "  if ids: once(ids)"]
        lines += ["  for e in rec.events:", "    at = e.at"]
        lines += ["    if at <= later or at.tzinfo is not BEIJING: raise Slow", "    later = at"]
        lines += ["    k = e.code", "    if k < 0: continue", *(f"    {line}" for line in self._tree())]
        lines += ["  if later > as_of: raise Slow", *(f"  {line}" for line in self.end), "  return ok"]
        return "\n".join(lines) + "\n"

    def codes(self) -> dict[str, int]:
        """Return the event types that the code looks at, by number."""
        return {name: code for code, name in enumerate(sorted(self.leaves))}

    def _tree(self) -> Iterator[str]:
        """Choose by the code of the event type, in halves."""
        entries = sorted((code, name) for name, code in self.codes().items())
        yield from self._branch(entries, "") if entries else ["pass"]

    def _branch(self, entries: Sequence[tuple[int, str]], indent: str) -> Iterator[str]:
        if len(entries) == 1:
            code, name = entries[0]
            lines = [*self._references(self.vocabulary.events[name]), *self._day(name), *self.leaves[name].lines()]
            yield f"{indent}if k == {code}:  # {name}"
            yield from (f"{indent}  {line}" for line in lines or ["pass"])
            return
        half = len(entries) // 2
        yield f"{indent}if k < {entries[half][0]}:"
        yield from self._branch(entries[:half], indent + "  ")
        yield f"{indent}else:"
        yield from self._branch(entries[half:], indent + "  ")

    def _references(self, event: EventType) -> Iterator[str]:
        """Read what an event refers to; one that is missing or unknown is for the strict reader."""
        kinds = [k.name for k in self.vocabulary.kinds_inside(self.record_type)]
        for kind in references(event, self.record_type):
            name = _id(kind)
            yield f"{name} = e.{kind}"
            yield f"if {name} is UNSET: {name} = e.{kind}_id"
            yield f"elif e.{kind}_id is not UNSET: raise Slow"
            yield (
                f"if {name} not in {_entities(kind)}: raise Slow"
                if kind in kinds
                else f"if {name} is UNSET: raise Slow"
            )

    def _day(self, name: str) -> Iterator[str]:
        if self.leaves[name].needs_day:
            yield "day = at.toordinal()"

    # -- norms ---------------------------------------------------------------------------------------------------------
    def norm(self, n: int, plain: PlainNorm) -> None:
        """Write one norm."""
        for name in plain.stops:
            self.leaf(name).before.append(f"left.add({plain.norm.id!r})")
        if isinstance(plain.norm.deadline, AtTrigger):
            self._at(n, plain)
        else:
            self._reach(n, plain)

    def _opening(self, plain: PlainNorm, opened: Iterable[str]) -> Iterator[str]:
        """Open a norm if its trigger's condition holds and it is in force."""
        where = plain.trigger.where
        inner = list(self._in_force(plain, opened))
        if where is None:
            yield from inner
            return
        yield "try:"
        yield f"  holds = {self.expression(where, plain, trigger='e')}"
        yield "except UNKNOWN:"
        yield f"  left.add({plain.norm.id!r})"
        yield "else:"
        yield "  if holds:"
        yield from (f"    {line}" for line in inner)
        yield f"  elif {plain.norm.id!r} not in shut: shut[{plain.norm.id!r}] = 1"

    def _in_force(self, plain: PlainNorm, opened: Iterable[str]) -> Iterator[str]:
        effective = plain.norm.effective
        lines = [f"opened[{plain.norm.id!r}] = True", *opened]
        if effective.end < END:
            yield f"if at > {self.constant(as_time(effective.end))}:"
            yield f"  shut[{plain.norm.id!r}] = 4"
            yield "else:"
            lines = [f"  {line}" for line in lines]
        if effective.start > BEGIN and not effective.reaches_back and (effective.explicit or not self.in_force):
            rank = 3 if effective.explicit else 2
            pad = "  " if effective.end < END else ""
            yield f"{pad}if at < {self.constant(as_time(effective.start))}:"
            yield f"{pad}  if shut.get({plain.norm.id!r}, 0) < {rank}: shut[{plain.norm.id!r}] = {rank}"
            yield f"{pad}else:"
            lines = [f"  {line}" for line in lines]
        yield from lines

    def _reach(self, n: int, plain: PlainNorm) -> None:
        norm, deadline = plain.norm, plain.norm.deadline
        assert isinstance(deadline, Within)  # noqa: S101 - a plain norm has this or is judged at its trigger
        keyed = norm.subject != self.record_type
        self.start.append(f"open{n} = None  # {norm.id}")
        period = period_of(self.program, deadline)
        if period.unit in (Unit.HOURS, Unit.MINUTES):
            length = dt.timedelta(**{period.unit.value: period.amount})
            end = f"(at + {self.constant(length, 'LENGTH')}, False)"
        else:
            end = f"{self._term(period, roll=deadline.roll)}[day]"
        entity = _id(norm.subject) if keyed else "None"
        waiting = f"({entity}, {end}, e)"
        if keyed:
            opened = [f"if open{n} is None: open{n} = {{{entity}: [{waiting}]}}"]
            opened += [f"elif {entity} in open{n}: open{n}[{entity}].append({waiting})"]
            opened += [f"else: open{n}[{entity}] = [{waiting}]"]
        else:
            opened = [f"if open{n}: open{n}.append({waiting})", f"else: open{n} = [{waiting}]"]
        for name in plain.trigger.events:
            leaf = self.leaf(name)
            leaf.needs_day = True
            leaf.opens += self._opening(plain, opened)
        for pattern in plain.answers:
            for name in pattern.events:
                self.leaf(name).before += self._answer(n, plain, pattern, keyed=keyed)
        every = f"[w for of_one in open{n}.values() for w in of_one]" if keyed else f"open{n}"
        self.end += [
            f"if open{n}:",
            f"  for w in {every}:",
            f"    out.append(({plain.norm.id!r}, w, {BREACHED!r} if as_of > w[1][0] else {PENDING!r}, None))",
        ]

    def _term(self, period: Period, *, roll: bool) -> str:
        """Return the name of the table of a term's ends."""
        key = (period, roll)
        if key not in self.terms:
            self.terms[key] = DueByDay(period, self.program.calendar, roll=roll)
        return self.constant(self.terms[key], "DUE")

    def _answer(self, n: int, plain: PlainNorm, pattern: Pattern, *, keyed: bool) -> Iterator[str]:
        entity = _id(plain.norm.subject)
        found = [
            "if at > w[1][0]:",
            f"  out.append(({plain.norm.id!r}, w, {LATE!r}, e))",
            f"else: out.append(({plain.norm.id!r}, w, {COMPLIANT!r}, e))" if self.all_findings
            else f"elif w[1][1]: out.append(({plain.norm.id!r}, w, {COMPLIANT!r}, e))",
        ]  # fmt: skip
        found += [] if self.all_findings else ["else: ok += 1"]
        if pattern.where is None:
            yield f"if open{n}:"
            yield f"  for w in open{n}.pop({entity}, ()):" if keyed else f"  for w in open{n}:"
            yield from (f"    {line}" for line in found)
            if not keyed:
                yield f"  open{n} = None"
            return
        place = f"open{n}[{entity}]" if keyed else f"open{n}"
        yield f"if open{n} and {entity} in open{n}:" if keyed else f"if open{n}:"
        yield "  waiting = []"
        yield f"  for w in {place}:"
        yield f"    try: holds = {self.expression(pattern.where, plain, trigger='w[2]')}"
        yield "    except UNKNOWN:"
        yield f"      left.add({plain.norm.id!r})"
        yield "      continue"
        yield "    if not holds: waiting.append(w)"
        yield from (f"    {'el' if not k else ''}{line}" for k, line in enumerate(found))
        yield f"  {place} = waiting"

    def _at(self, n: int, plain: PlainNorm) -> None:
        norm = plain.norm
        keyed = norm.subject != self.record_type
        for variable, setters in plain.setters.items():
            self._state(variable, setters)
        parts = []
        for j, condition in enumerate(plain.conditions):
            if isinstance(condition, Pattern):
                parts.append(self._earlier(n, j, condition, plain))
            elif isinstance(condition, Test):
                parts.append(self.expression(condition.expression, plain, trigger="e"))
        entity = _id(norm.subject) if keyed else "None"
        out = f"out.append(({plain.norm.id!r}, ({entity}, None, e), {{}}, e))"
        opened = ["try: holds = " + " and ".join(parts), f"except UNKNOWN: left.add({plain.norm.id!r})", "else:"]
        if self.all_findings:
            opened.append("  " + out.format(f"{COMPLIANT!r} if holds else {BREACHED!r}"))
        else:
            opened += ["  if holds: ok += 1", "  else: " + out.format(repr(BREACHED))]
        for name in plain.trigger.events:
            self.leaf(name).after += self._opening(plain, opened)

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

        def write(part: x.Expression, *, bare: bool = False) -> str:
            if bare and isinstance(part, x.Read | x.EventRead) and not _is_state(part):
                return self._raw(part, plain, trigger)
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
        element = "1" if node.function == "count" else write(node.element, bare=node.function == "sum")
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


def _is_state(node: x.Expression) -> bool:
    return isinstance(node, x.Read) and node.variable.source == "events"


def _operation(node: x.Expression, write: Callable[..., str]) -> str:
    match node:
        case x.Logic(parts=parts, conjunction=conjunction):
            return "(" + (" and " if conjunction else " or ").join(map(write, parts)) + ")"
        case x.Not(part=part):
            return f"(not {write(part)})"
        case x.Comparison() | x.Arithmetic():
            # An order or a sum of what is not known fails by itself; equality would not.
            bare = node.operator not in ("==", "!=")
            return f"({write(node.left, bare=bare)} {node.operator} {write(node.right, bare=bare)})"
        case x.Membership(item=item, container=x.ListOf(items=items)):
            return f"({write(item)} in ({''.join(f'{write(i)}, ' for i in items)}))"
    raise TypeError(type(node).__name__)


def _knowing(kind: Type) -> str:
    return _KNOWING[kind.base].__name__


def _entities(kind: str) -> str:
    return f"all_{kind}"


def _id(kind: str) -> str:
    return f"id_{kind}"
