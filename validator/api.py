"""The library: what a case system calls.  Records are JSON: bytes, text, or what was read from it.

Every function raises `ZhijianError` of one kind or another and nothing else for the records, events, moments, norms and
paths that it is given, whatever they are: `InvalidRecord` for a record or an event, `InvalidPolicy` for rules,
`UsageError` for arguments that make no sense.  Programs, contexts and options have to be what `load`, `read_context`
and `Options` make; what an iterable of records raises itself passes through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from validator import engine
from validator.engine import RecordResult
from validator.errors import InvalidRecord, Place, Problem, UsageError, nearest, visible
from validator.facts.timeline import Timeline
from validator.judging.interpreter import DEFAULT_OPTIONS, Options
from validator.legal_time.instant import Instant
from validator.legal_time.moment import Moment, instant_of
from validator.limits import DEFAULT, Limits
from validator.messages import LANGUAGES
from validator.output.publishing import json_line
from validator.questions import gate as gates
from validator.questions.due import Clock, Docket
from validator.questions.gate import Gate
from validator.reading.files import BLANKS
from validator.reading.intake import RawRecord, Rejected, kind_of, whole_record
from validator.reading.source import BOM, wrong_argument
from validator.rules.program import Program

Bytes = bytes | bytearray | memoryview
Record = Mapping[str, Any] | Bytes | str | RawRecord
"""A record or an event: one JSON object as bytes (UTF-8) or text, read as a file of its own, or what a JSON reader made
of it.  Anything else is refused as no record (``record-not-object``)."""
Others = Mapping[tuple[str, str], Timeline]
"""Other records that records name: the first of what `read_context` returns."""


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

    Raises:
        UsageError: ``as_of`` is no moment.
    """
    (result,) = check_many(program, [record], as_of, context=context, options=options)
    return result


def check_many(
    program: Program, records: Iterable[Record | Rejected], as_of: Moment, *, context: Others | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> Iterator[RecordResult]:  # fmt: skip
    """Judge records one after the other, in their order; one that can't be read is refused and the rest goes on.

    Places are those in the text of a record; a text on one line has the number of the record as that of its line.

    Args:
        program: the rules.
        records: as `check` takes them, or what `read_records` yields.
        as_of: the moment of judgement.
        context: other records that they name.
        options: which norms, and how.

    Raises:
        UsageError: ``as_of`` is no moment, or ``records`` is one record, or a path, and not several records.
    """
    return engine.check(program, _raws(records), instant_of(as_of), context=context, options=options)


def read_context(
    program: Program, records: Iterable[Record | Rejected], limits: Limits = DEFAULT, *, lean: bool = False
) -> tuple[dict[tuple[str, str], Timeline], list[Problem]]:
    """Read other records, for ``context``: (record type, id) -> record, and the problems of those refused.

    Args:
        program: the rules.
        records: as `check_many` takes them; events that nobody declared are left out.
        limits: sizes beyond which a record is refused.
        lean: keep only the events that rules may read of other records.  Such a record can't be judged itself.

    Raises:
        UsageError: ``records`` are no several records.
    """
    return engine.read_context(program, _raws(records, limits), limits, lean=lean)


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
        UsageError: ``as_of`` is no moment.
    """
    raw, step = (_readable(raw_record(r, 1, name)) for r, name in ((record, "record"), (event, "event")))
    return gates.gate(program, raw, step, instant_of(as_of), context=context, options=options)


def due(
    program: Program, records: Iterable[Record | Rejected], as_of: Moment, *, context: Others | None = None,
    options: Options = DEFAULT_OPTIONS, per: str = "",
) -> list[Clock]:  # fmt: skip
    """Return every duty of some records that runs, or ran out (or may have) and is not done; the most urgent first.

    Args:
        program: the rules.
        records: as `check_many` takes them.
        as_of: the moment of judgement.
        context: other records that they name.
        options: which norms, and how.
        per: the link or attribute that says whose a record is (`Clock.owners`).

    Raises:
        InvalidRecord: a record can't be read.
        UsageError: ``as_of`` is no moment, ``records`` are no several records, or there is no such link or attribute.
    """
    if not isinstance(per, str):
        raise wrong_argument("per", per, "链接或者属性的名称", "the name of a link or an attribute")
    docket = Docket(program, instant_of(as_of), context=context, options=options, per=per)
    found: list[Clock] = []
    for raw in _raws(records):
        clocks = docket.clocks(raw)
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
        UsageError: there is no such norm or language, or ``as_of`` is no moment.
    """
    from validator.questions.explanation import explanation  # noqa: PLC0415 - who only judges needs no words

    _check_language(lang)
    if not isinstance(norm, str):
        raise wrong_argument("norm", norm, "规则的编号", "the id of a norm record")
    if norm not in program.by_id:
        values = (("name", norm), ("nearest", nearest(norm, program.by_id) or ""))
        raise UsageError(Problem("unknown-norm", Place("explain"), values))
    timeline = engine.timeline_of(program, raw_record(record))
    if not isinstance(timeline, Timeline):
        raise InvalidRecord(timeline.problems)
    judged = engine.explain(program, timeline, instant_of(as_of), norm, context=context, options=options)
    return list(map(visible, explanation(judged, program, lang)))


def deadline(
    start: str, period: str, *, program: Program | None = None, roll: bool = True, lang: str = "zh"
) -> dict[str, Any]:
    """Count a period: ``deadline("2022-01-26", "5 working days")["due_day"]`` is ``2022-02-07``.

    Args:
        start: a day or an instant.
        period: such as ``10个工作日``, ``30 days``, ``1 month``, ``24 hours``.
        program: the rules whose working days count; by default those of the shipped rules.
        roll: whether a period that would end on a rest day ends on the next working day.
        lang: the language of an error.

    Returns:
        As `calculate` does: ``due_day``, ``due``, ``rolled``, ``provisional``; or ``error``, whatever is given.

    Raises:
        UsageError: there is no such language.
    """
    from validator.questions.calculator import calculate  # noqa: PLC0415 - reads the calendar of the rules as YAML

    _check_language(lang)
    calendar = None if program is None else program.calendar
    return calculate({"start": start, "period": period, "roll": roll}, calendar, lang)


def parse_as_of(moment: Moment) -> Instant:
    """Return a moment of judgement as one number, which every verb takes too; a day, month or year is its last instant.

    Raises:
        UsageError: it is no moment.
    """
    return instant_of(moment)


def raw_record(
    record: Record | Rejected, line: int = 1, name: str = "", limits: Limits = DEFAULT
) -> RawRecord | Rejected:
    """Return a record as files give it; what a JSON reader made of one is written as JSON again, for its places.

    Args:
        record: the record.
        line: its number; a text on one line has it as the number of its line, others count their lines from 1.
        name: what messages call it.
        limits: sizes beyond which it is refused.
    """
    given: object = record
    if isinstance(given, RawRecord | Rejected):
        return given
    place = Place(name, line)
    if isinstance(given, Mapping):
        try:
            given = json_line(given)
        except (TypeError, ValueError, RecursionError) as error:
            return Rejected((Problem("not-json", place, (("reason", str(error)),)),))
    if not isinstance(given, str | Bytes):
        return Rejected((Problem("record-not-object", place, (("found", kind_of(given)),)),))
    data = given.encode("utf-8", "surrogatepass") if isinstance(given, str) else bytes(given)
    text = data.rstrip(BLANKS)
    if not text.removeprefix(BOM).lstrip(BLANKS):
        return Rejected((Problem("json-empty", place),))
    return whole_record(name, 1 if b"\n" in text or b"\r" in text else line, data, limits)


def _raws(records: Iterable[Record | Rejected], limits: Limits = DEFAULT) -> Iterator[RawRecord | Rejected]:
    """Return several records as files give them, each with its number; made one by one.

    Raises `UsageError` at once for one record, a path, or what can't be gone through.
    """
    given: object = records
    if not isinstance(given, Iterable) or isinstance(given, str | Bytes | Mapping):
        raise wrong_argument("records", given, "若干记录（列表等）", "several records, such as a list of them")
    return (raw_record(record, i, limits=limits) for i, record in enumerate(records, 1))


def _check_language(lang: str) -> None:
    if lang not in LANGUAGES:
        raise wrong_argument("lang", lang, "“zh”或“en”", "zh or en")


def _readable(record: RawRecord | Rejected) -> RawRecord:
    if isinstance(record, Rejected):
        raise InvalidRecord(record.problems)
    return record
