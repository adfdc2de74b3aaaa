"""The library: what a case system calls.  Records are JSON: bytes, text, or what was read from it.

Every function raises `ZhijianError` of one kind or another and nothing else for what it is given: `InvalidRecord` for a
record or an event, `InvalidPolicy` for rules, `UsageError` for arguments that make no sense.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from validator import engine
from validator.engine import RecordResult
from validator.errors import InvalidRecord, Place, Problem, UsageError
from validator.facts.timeline import Timeline
from validator.judging.interpreter import DEFAULT_OPTIONS, Options
from validator.legal_time.instant import BadInstant, Instant, parse_as_of
from validator.limits import DEFAULT
from validator.output.publishing import json_line
from validator.questions import gate as gates
from validator.questions.due import Clock, Docket
from validator.questions.gate import Gate
from validator.reading.intake import RawRecord, Rejected, line_record
from validator.rules.program import Program

Record = Mapping[str, Any] | bytes | str | RawRecord
"""A record or an event: JSON as bytes (UTF-8) or text, or what a JSON reader made of it."""
Moment = Instant | str
"""A moment of judgement: ``2024-01-31`` (its end), ``2024-01-31T10:00:00+08:00``, or what `parse_as_of` returned."""
Others = Mapping[tuple[str, str], Timeline]
"""Other records that records name, as `read_context` returns them."""


def check(
    program: Program, record: Record, as_of: Moment, *, context: Others | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> RecordResult:  # fmt: skip
    """Judge one record.  For many of them as of one moment `validator.checker.Checker` is faster.

    Args:
        program: the rules, from `load`.
        record: the record.
        as_of: the moment of judgement.
        context: other records that it names.
        options: which norms, and how.

    Returns:
        The findings, the worst not first but in the order of their starts; or, of a record that can't be read, the
        problems.
    """
    (result,) = check_many(program, [record], as_of, context=context, options=options)
    return result


def check_many(
    program: Program, records: Iterable[Record | Rejected], as_of: Moment, *, context: Others | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> Iterator[RecordResult]:  # fmt: skip
    """Judge records one after the other, in their order; one that can't be read is refused and the rest goes on.

    Args:
        program: the rules.
        records: as `check` takes them, or what `read_records` yields.
        as_of: the moment of judgement.
        context: other records that they name.
        options: which norms, and how.
    """
    raws = (raw_record(record, i) for i, record in enumerate(records, 1))
    yield from engine.check(program, raws, _instant(as_of), context=context, options=options)


def gate(
    program: Program, record: Record, event: Record, as_of: Moment, *, context: Others | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> Gate:  # fmt: skip
    """Say whether a step may be taken now: `Gate.answer` is allow, deny or review (art. 12).

    Args:
        program: the rules.
        record: the record as it is.
        event: the step, as it would stand among the events; without ``at`` it happens at ``as_of``.
        as_of: the moment of judgement; if the step is later, its time is.
        context: other records that the record names.
        options: which norms, and how.

    Raises:
        InvalidRecord: the record or the event can't be read.
    """
    raw, step = (_readable(raw_record(r, 1, name)) for r, name in ((record, "record"), (event, "event")))
    return gates.gate(program, raw, step, _instant(as_of), context=context, options=options)


def due(
    program: Program, records: Iterable[Record | Rejected], as_of: Moment, *, context: Others | None = None,
    options: Options = DEFAULT_OPTIONS, per: str = "",
) -> list[Clock]:  # fmt: skip
    """Return every duty of some records that runs, or ran out and is not done; the most urgent first (arts 8, 12).

    Args:
        program: the rules.
        records: as `check_many` takes them.
        as_of: the moment of judgement.
        context: other records that they name.
        options: which norms, and how.
        per: the link or attribute that says whose a record is (`Clock.owners`).

    Raises:
        InvalidRecord: a record can't be read.
    """
    docket = Docket(program, _instant(as_of), context=context, options=options, per=per)
    found: list[Clock] = []
    for i, record in enumerate(records, 1):
        clocks = docket.clocks(raw_record(record, i))
        if isinstance(clocks, tuple):
            raise InvalidRecord(clocks)
        found += clocks
    return sorted(found, key=lambda clock: clock.rank)


def explain(
    program: Program, record: Record, norm: str, as_of: Moment, *, context: Others | None = None,
    options: Options = DEFAULT_OPTIONS, lang: str = "zh",
) -> list[str]:  # fmt: skip
    """Return step by step, in lines of text, why a norm has its verdict on a record.

    Args:
        program: the rules.
        record: the record.
        norm: id of the norm record, such as ``A13.1``.
        as_of: the moment of judgement.
        context: other records that it names.
        options: how to judge.
        lang: ``zh`` or ``en``.

    Raises:
        InvalidRecord: the record can't be read.
        UsageError: there is no such norm.
    """
    from validator.questions.explanation import explanation  # noqa: PLC0415 - who only judges needs no words

    if norm not in program.by_id:
        raise UsageError(Problem("unknown-norm", Place("explain"), (("name", norm), ("nearest", ""))))
    timeline = engine.timeline_of(program, raw_record(record))
    if not isinstance(timeline, Timeline):
        raise InvalidRecord(timeline.problems)
    judged = engine.explain(program, timeline, _instant(as_of), norm, context=context, options=options)
    return list(explanation(judged, program, lang))


def deadline(start: str, period: str, *, roll: bool = True, lang: str = "zh") -> dict[str, Any]:
    """Count a period: ``deadline("2022-01-26", "5 working days")["due_day"]`` is ``2022-02-07``.

    Args:
        start: a day or an instant.
        period: such as ``10个工作日``, ``30 days``, ``1 month``, ``24 hours``.
        roll: whether a period that would end on a rest day ends on the next working day.
        lang: the language of an error.

    Returns:
        As `calculate` does: ``due_day``, ``due``, ``rolled``, ``provisional``; or ``error``.
    """
    from validator.questions.calculator import calculate  # noqa: PLC0415 - reads the calendar of the rules as YAML

    return calculate({"start": start, "period": period, "roll": roll}, lang=lang)


def raw_record(record: Record | Rejected, line: int = 1, name: str = "") -> RawRecord | Rejected:
    """Return a record as files give it; what a JSON reader made of one is written as JSON again, for its places.

    Raises:
        InvalidRecord: the record holds what JSON has no word for.
    """
    if isinstance(record, RawRecord | Rejected):
        return record
    if isinstance(record, Mapping):
        try:
            text = json_line(record)
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidRecord(Problem("not-json", Place(name, line), (("reason", str(error)),))) from None
        record = text
    data = record.encode("utf-8", "surrogatepass") if isinstance(record, str) else record
    found = line_record(name, line, data.replace(b"\n", b" ").replace(b"\r", b" "), DEFAULT)
    return Rejected((Problem("json-empty", Place(name, line)),)) if found is None else found


def _readable(record: RawRecord | Rejected) -> RawRecord:
    if isinstance(record, Rejected):
        raise InvalidRecord(record.problems)
    return record


def _instant(moment: Moment) -> Instant:
    if isinstance(moment, int):
        return moment
    try:
        return parse_as_of(moment)
    except BadInstant:
        raise UsageError(Problem("bad-as-of", Place("as_of"), (("found", moment),))) from None
