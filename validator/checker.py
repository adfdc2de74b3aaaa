"""Judges records one by one as bytes: what a case system calls, and what batches are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock
from typing import Any

from validator.compiling.compiled import CompiledProgram
from validator.compiling.telling import Plain
from validator.engine import RecordResult, refused, timeline_of
from validator.expressions.work import TooMuchWork
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.judging.interpreter import DEFAULT_OPTIONS, Options
from validator.judging.tally import Tally
from validator.legal_time.moment import Moment, instant_of
from validator.limits import DEFAULT, Limits
from validator.reading.files import BLANKS
from validator.reading.intake import RawRecord, Rejected, line_record
from validator.reading.source import wrong_argument
from validator.rules.program import Program


class Checker:
    """A program that is ready to judge the bytes of one record after the other, as of one moment.

    Threads may share it: `check` judges one record at a time.  It can be pickled; another process compiles it anew.

    Attributes:
        program: the rules.
        compiled: the rules with code for what is plain.
        ignore_unknown_events: skip and count events that nobody declared.
        limits: sizes beyond which a record is refused.
    """

    def __init__(
        self,
        program: Program,
        as_of: Moment,
        *,
        context: Mapping[tuple[str, str], Timeline] | None = None,
        options: Options = DEFAULT_OPTIONS,
        ignore_unknown_events: bool = False,
        limits: Limits = DEFAULT,
    ) -> None:
        """Compile what is plain; that takes as long as judging some hundred records without.

        Args:
            program: the rules.
            as_of: the moment of judgement, as `validator.check` takes it.
            context: other records that the records name.
            options: which norms, and how.
            ignore_unknown_events: skip and count events that nobody declared.
            limits: sizes beyond which a record is refused.
        """
        self.program, self.ignore_unknown_events, self.limits = program, ignore_unknown_events, limits
        self._lock = Lock()  # what writes and reads a record is made once, and turns to one after the other
        self.compiled = CompiledProgram(
            program, instant_of(as_of), options, Context.of(context or {}), limits,
            ignore_unknown_events=ignore_unknown_events,
        )  # fmt: skip

    def __reduce__(self) -> tuple[Any, ...]:
        """Send to another process what it is made of; the code is compiled there again, which takes its time."""
        made = partial(
            type(self), context=self.compiled.context, options=self.compiled.options,
            ignore_unknown_events=self.ignore_unknown_events, limits=self.limits,
        )  # fmt: skip
        return made, (self.program, self.compiled.as_of)

    def check(
        self, record: bytes, path: str = "", line: int = 1, *, tally: Tally | None = None, all_findings: bool = False
    ) -> RecordResult | None:
        """Judge a record, JSON in UTF-8 on one line; None when there are only blanks.

        Args:
            record: the JSON text.
            path: what messages call it.
            line: number of its line, from 1.
            tally: counts findings of compliance and of no trigger, which are not all made.
            all_findings: make all findings.

        Raises `UsageError` for what is no bytes.
        """
        if not isinstance(record, bytes):
            raise wrong_argument("record", record, "JSON 文本的字节", "the bytes of a JSON text")
        with self._lock:
            return self._check(record, path, line, Tally() if tally is None else tally, all_findings=all_findings)

    def _check(
        self, record: bytes, path: str, line: int, counts: Tally, *, all_findings: bool
    ) -> RecordResult | None:  # fmt: skip
        before = counts.ignored
        text = record.strip(BLANKS)  # a line of a file has its end
        for _, plain in list(self.compiled.run((text,), counts, whole=all_findings)):
            read = partial(line_record, path, line, record, self.limits)
            return self.told(plain, read, path, line, counts, all_findings=all_findings)
        return RecordResult(path, line, "", (), ignored_events=counts.ignored - before)

    def told(
        self, plain: Plain | None, read: Callable[[], RawRecord | Rejected | None], path: str, line: int, tally: Tally,
        *, all_findings: bool,
    ) -> RecordResult | None:  # fmt: skip
        """Return what became of a record of which there is something to tell; None when there are only blanks.

        Args:
            plain: as compiled code judged it; None: it is not plain.
            read: reads it; None: there are only blanks.
            path: what messages call it.
            line: number of its line, from 1.
            tally: counts which engine judged, and what is not told.
            all_findings: tell everything.
        """
        reader = _Reader(self, read)
        try:
            found = self.compiled.tell(plain, reader, tally, all_findings=all_findings)
        except _NoRecord as none:
            return none.result
        except TooMuchWork as error:
            assert reader.timeline is not None  # noqa: S101 - only what was read is interpreted
            return refused(reader.timeline, error)
        timeline = reader.timeline
        if timeline is None:
            ignored = 0 if plain is None else plain.ignored
            return RecordResult(path, line, found[0].record if found else "", tuple(found), ignored_events=ignored)
        return RecordResult(path, line, timeline.id, tuple(found), (), timeline.warnings, timeline.ignored)


class _NoRecord(Exception):  # noqa: N818 - no error of the program
    """A line that is blank (no result) or refused."""

    def __init__(self, result: RecordResult | None) -> None:
        super().__init__()
        self.result = result


class _Reader:
    """Reads a record for the interpreter, once it is asked to."""

    __slots__ = ("_checker", "_read", "timeline")

    def __init__(self, checker: Checker, read: Callable[[], RawRecord | Rejected | None]) -> None:
        self._checker, self._read = checker, read
        self.timeline: Timeline | None = None

    def __call__(self) -> Timeline:
        """Read the record.

        Raises `_NoRecord` when the line is blank or the record is refused.
        """
        if self.timeline is not None:
            return self.timeline
        checker, record = self._checker, self._read()
        if record is None:
            raise _NoRecord(None)
        read = timeline_of(
            checker.program, record, ignore_unknown_events=checker.ignore_unknown_events, limits=checker.limits
        )
        if isinstance(read, RecordResult):
            raise _NoRecord(read)
        self.timeline = read
        return read
