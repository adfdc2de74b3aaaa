"""Functions that judge the records of one type: written and compiled when they are first asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache, partial
from typing import Any

from validator.compiling.compiler import Manner, Writer
from validator.compiling.habits import NO_HABITS, Habits
from validator.compiling.plain import PlainNorm
from validator.compiling.results import Found, Function, Result
from validator.compiling.runtime import FIRST, DueByDay, Ends, InTime, as_instant
from validator.legal_time.deadline import Period, Unit
from validator.legal_time.instant import LAST
from validator.rules.program import Norm, Program, Within

Tables = dict[tuple[Period, bool], DueByDay]
"""The ends of terms by their length and whether they roll: what is found of one serves every norm that has it."""


class Compiled:
    """Functions for records of one type, each compiled when it is first asked for.

    Attributes:
        norms: what they judge, by number.
        ends: those of the terms of norms (None: judged at the trigger).
        source: what finds what is to be told, as Python.
        codes: the event types that they look at, by number.
        latest: terms that start here or before end within the year 9999.
        ids: returns the ids of the norms in a set.
    """

    def __init__(
        self, program: Program, record_type: str, norms: Iterable[PlainNorm], tables: Tables, until: dt.datetime, *,
        in_force: bool, habits: Habits = NO_HABITS,
    ) -> None:  # fmt: skip
        """Write the code for the plain norms of a record type.

        Args:
            program: the rule set.
            record_type: whose records are judged.
            norms: what is judged.
            tables: those of all functions as of one moment; new ones are added.
            until: that moment.
            in_force: whether norms count as in force before their issue.
            habits: what the records have, as their type knows it.
        """
        self.norms = tuple(sorted(norms, key=lambda plain: f"{plain.norm.id}:"))  # as keys of findings are ordered
        self.ends = tuple(_ends(program, plain.norm, tables) for plain in self.norms)
        self.latest = _latest(self.ends)
        self.ids = lru_cache(1 << 12)(partial(_ids, self.norms))
        self._knowing = partial(Compiled, program, record_type, self.norms, tables, until, in_force=in_force)
        terms = {id(end.by_day): end.by_day for end in self.ends if end is not None and end.exact is None}
        self._in_time = InTime(terms.values(), until)
        self._writer = partial(Writer, program, record_type, habits, self._in_time, in_force=in_force)
        self._functions: dict[Manner, Function] = {}
        first = self._writer(Manner())
        self.source, self.codes = first.write(self.norms, self.ends), first.codes()

    def knowing(self, habits: Habits) -> Compiled:
        """Return the same for records that are as usual."""
        return self._knowing(habits=habits)

    def function(self, *, all_findings: bool, dated: bool = False) -> Function:
        """Return what judges a record.

        Args:
            all_findings: it finds everything; else what is to be told, and counts the rest.
            dated: it relies on events in Beijing time, in order, and none after the last moment.
        """
        return self._function(Manner(all_findings=all_findings, dated=dated))

    def _function(self, manner: Manner) -> Function:
        if manner not in self._functions:
            writer = self._writer(manner)
            source = writer.write(self.norms, self.ends)
            if manner.young:
                writer.constants["DUE"] = self._in_time
            else:
                writer.constants["DUE"] = self._in_time.since(writer.first)
                writer.constants["judge_young"] = partial(self._judge_in, manner._replace(young=True))
            self._functions[manner] = _function(source, writer)
        return self._functions[manner]

    def _judge_in(self, manner: Manner, record: Any, latest: dt.datetime, found: list[Found]) -> Result:
        return self._function(manner)(record, latest, found)

    @cached_property
    def names(self) -> Function:
        """What judges nothing, and only demands that the names in a record stand for something."""
        writer = self._writer(Manner(dated=True, young=True))
        for name in self.codes:
            writer.leaf(name)
        return _function(writer.write((), ()), writer)


def _ids(norms: Sequence[PlainNorm], some: int) -> frozenset[str]:
    return frozenset(plain.norm.id for n, plain in enumerate(norms) if some >> n & 1)


def _function(source: str, writer: Writer) -> Function:
    found: dict[str, Any] = dict(writer.constants)
    exec(compile(source, "<compiled>", "exec"), found)  # noqa: S102 - written by a writer, of checked parts
    made: Function = found["judge"]
    return made


def _ends(program: Program, norm: Norm, tables: Tables) -> Ends | None:
    if not isinstance(norm.deadline, Within):
        return None
    period, roll = _period_of(program, norm.deadline), norm.deadline.roll
    table = tables.setdefault((period, roll), DueByDay(period, program.calendar, roll=roll))
    exact = period.unit in (Unit.HOURS, Unit.MINUTES)
    return Ends(period, table, dt.timedelta(**{period.unit.value: period.amount}) if exact else None)


def _latest(ends: Iterable[Ends | None]) -> dt.datetime:
    """Return the last beginning of a year up to which all terms end within the year 9999."""
    tables = [end.by_day for end in ends if end is not None]
    for year in range(dt.MAXYEAR, dt.MINYEAR, -1):
        start = FIRST.replace(year=year)
        if all(table.of(as_instant(start)).instant <= LAST for table in tables):
            return start
    return FIRST


def _period_of(program: Program, deadline: Within) -> Period:
    """Return the period of a plain deadline: fixed, or a parameter that is set for good."""
    duration = deadline.duration
    if duration.period is not None:
        return duration.period
    parameter = program.vocabulary.parameters[duration.parameter]
    return Period(int(parameter.values[0].value), Unit(parameter.unit))
