"""Reads the findings that ``zhijian check --output-format ndjson`` wrote, a line at a time.

A line that can't be read is a problem in its place, and the rest goes on; a file that does not begin with the header of
findings is refused.  The forms are those of ``schemas/output.schema.json`` and ``schemas/finding.schema.json``, as far
as a docket needs them: what else a finding says is skipped unread.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Annotated, BinaryIO, Literal, Self

import msgspec
from msgspec import Meta, Struct

from validator.errors import InvalidRecord, InvalidSource, Place, Problem
from validator.facts.vocabulary import Label
from validator.judging.finding import Finding, Lateness, Verdict
from validator.legal_time.instant import END, BadInstant, Instant, parse_as_of
from validator.limits import DEFAULT, Limits
from validator.output.seal import Seal, is_sealed
from validator.questions.due import Urgency, over, perhaps_not_done
from validator.reading.files import BLANKS, STDIN, Input, check_twice_readable, is_folder, open_inputs
from validator.reading.intake import line_body, numbered_lines
from validator.reading.source import printable_path, unreadable, wide_encoding
from validator.reading.strict_json import loads

Count = Annotated[int, Meta(ge=0, le=1 << 53)]
Texts = tuple[str, ...]
VerdictName = Literal[
    "breached", "late", "needs_review", "undetermined", "pending", "excused", "compliant", "not_triggered"
]
_OPEN = frozenset({"pending", "undetermined", "needs_review"})
_FLAGS = ("suspended", "rolled", "provisional", "assumed_in_force")
_BEGINNING = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:header|finding|rejected|summary)"\s*:')
_PEEK = 4096  # bytes
_PATH = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([A-Za-z_]+)|\[([0-9]+|\.\.\.)\]")


class Words(Struct, frozen=True):
    """A label in both languages."""

    zh: str
    en: str

    def text(self, lang: str) -> str:
        """Return it in a language."""
        return self.zh if lang == "zh" else self.en


class Days(Struct, frozen=True):
    """How late, in days of both kinds."""

    working_days: Count
    calendar_days: Count


class Entry(Struct):
    """A finding: what a docket needs of it, in the names of the schema."""

    record: str
    record_type: str
    article: Annotated[int, Meta(ge=1, le=999)]
    norm: str
    verdict: VerdictName
    level: Literal["high", "medium", "low"]
    title: Words
    as_of: str
    entities: Mapping[str, str | None] = {}
    due_day: dt.date | None = None
    due: str = ""
    due_latest: str = ""
    decided_at: str = ""
    breach_at: str = ""
    late_by: Days | None = None
    could_be: Texts = ()
    missing: Texts = ()
    would_settle: Texts = ()
    assumed: Texts = ()
    unattested: Texts = ()
    counted_with: str = ""
    counts_with: Texts = ()
    waiver: str = ""
    times: Count = 1
    suspended: bool = False
    rolled: bool = False
    provisional: bool = False
    assumed_in_force: bool = False
    path: str = ""
    line: Count = 0

    def finding(self) -> Finding:
        """Return it as sentences are made of it."""
        late = None
        if self.late_by is not None:
            at_least = bool(self.due_latest) or ".." in self.decided_at
            late = Lateness(self.late_by.working_days, self.late_by.calendar_days, at_least)
        return Finding(
            self.record, self.record_type, self.article, self.norm, "", Verdict(self.verdict), self.level,
            Label(self.title.zh, self.title.en), self.entities, due_day=str(self.due_day or ""), due=self.due,
            due_latest=self.due_latest, decided_at=self.decided_at, breach_at=self.breach_at, times=self.times,
            assumed=self.assumed, late_by=late,
            could_be=self.could_be, missing=self.missing, would_settle=self.would_settle, unattested=self.unattested,
            counted_with=self.counted_with, counts_with=self.counts_with,
            flags=tuple(name for name in _FLAGS if getattr(self, name)),
        )  # fmt: skip

    def over(self, as_of: Instant) -> Urgency | None:
        """Say whether it is a duty that is not done, as far as is known, whose term is over or may be.

        Raises `BadInstant` or `ValueError` when its days are none.
        """
        if self.due_day is None or self.suspended or self.verdict not in _OPEN:
            return None
        finding = self.finding()
        return over(finding, as_of) if finding.verdict is Verdict.PENDING or perhaps_not_done(finding) else None


class Refusal(Struct, frozen=True):
    """One problem of a refused record."""

    code: str
    path: str = ""
    line: Count = 0
    message: str = ""


class Records(Struct, frozen=True):
    """How many records were read."""

    read: Count
    judged: Count
    rejected: Count


class Totals(Struct, frozen=True):
    """The summary at the end of a file."""

    records: Records
    findings: Mapping[str, Count]
    breaches: Count
    never_fired: Texts


class Header(Struct, frozen=True):
    """The first line: under which conditions was judged."""

    zhijian: str
    policy_digest: str
    as_of: str
    findings: Literal["problems", "all"]
    select: Texts = ()
    assume_in_force: bool = False
    require_attestation: bool = False

    @property
    def moment(self) -> Instant:
        """The moment of judgement."""
        return parse_as_of(self.as_of)


class _Line(Struct, forbid_unknown_fields=True):
    header: Header | None = None
    finding: Entry | None = None
    rejected: tuple[Refusal, ...] | None = None
    summary: Totals | None = None

    def content(self) -> Header | Entry | tuple[Refusal, ...] | Totals | None:
        """Return the one thing that a line says; None if that is not one thing."""
        found = [x for x in (self.header, self.finding, self.rejected, self.summary) if x is not None]
        return found[0] if len(found) == 1 else None


_decode = msgspec.json.Decoder(_Line).decode
Told = Entry | tuple[Refusal, ...] | Totals | Problem


def begins_like_findings(path: str, stdin: BinaryIO | None) -> bool:
    """Say whether a file seems meant for `FindingsFile`, also without its header; standard input is left as it is.

    Raises `InvalidRecord` for what could not be read again.
    """
    if path == STDIN:
        peek = getattr(stdin, "peek", None)
        return peek is not None and _BEGINNING.match(peek(_PEEK)) is not None
    check_twice_readable(path)
    if _is_folder(path):
        return False
    with closing(open_inputs([path], None, DEFAULT)) as inputs:
        found = next(inputs)
        return isinstance(found, Input) and _BEGINNING.match(_first_bytes(found)) is not None


def _first_bytes(file: Input) -> bytes:
    try:
        return b"".join(file.seen) or file.stream.read(_PEEK)
    except OSError:  # whoever reads it will say so
        return b""


class FindingsFile:
    """A file of findings, open at its first line.

    Args:
        path: the file, packed or not; ``-`` is standard input.
        stdin: standard input in binary.
        limits: a line with more bytes is a problem.

    Raises `InvalidRecord` when it can't be opened or does not begin like findings.

    Attributes:
        header: its first line.
        lines: how many lines have been read.
    """

    def __init__(self, path: str, stdin: BinaryIO | None, limits: Limits = DEFAULT) -> None:
        self._opened = open_inputs([path], stdin, limits)  # holds the file open until it is closed
        found = Problem("not-findings", Place(printable_path(path))) if _is_folder(path) else next(self._opened)
        if isinstance(found, Problem):
            raise InvalidRecord(found)
        self._file: Input = found
        self._seal = Seal()
        self._lines = self._numbered()
        self.lines = 0
        self.header = self._beginning()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def consumed(self) -> int:
        """Return how many bytes of the file have been taken, as it is stored."""
        return self._file.consumed()

    def __iter__(self) -> Iterator[Told]:
        """Yield what the lines after the header say; a summary only once."""
        as_of, ended = self.header.as_of, False
        for number, line in self._lines:
            self.lines = number
            said = self._said(number, line)
            if said is None:
                continue
            if isinstance(said, Header) or (isinstance(said, Totals) and ended):
                yield Problem("findings-twice", Place(self._file.path, number))
            elif isinstance(said, Entry) and said.as_of > as_of:  # earlier where a record is known only until then
                yield Problem("findings-other-moment", Place(self._file.path, number), (("found", said.as_of),))
            else:
                ended = ended or isinstance(said, Totals)
                yield said
                if isinstance(said, Totals) and isinstance(line, bytes) and self._seal.is_broken_by(line):
                    yield Problem("seal-broken", Place(self._file.path, number))

    def _numbered(self) -> Iterator[tuple[int, bytes | Problem]]:
        number = 0
        try:
            for number, line in numbered_lines(self._file):
                if isinstance(line, bytes) and is_sealed(line):
                    self._seal.add(line)
                yield number, line
        except OSError as error:  # half way through
            yield number + 1, unreadable(self._file.path, error)

    def _beginning(self) -> Header:
        """Read the first line that is not blank; raises `InvalidRecord` unless it is a header."""
        for number, line in self._lines:
            wide = not isinstance(line, Problem) and number == 1 and wide_encoding(line)
            said = None if wide else self._said(number, line)
            if isinstance(said, Header):
                return said
            if said is not None or wide:
                damage = said if isinstance(line, Problem) and isinstance(said, Problem) else None
                raise InvalidRecord(damage or Problem("not-findings", Place(self._file.path, number)))
        raise InvalidRecord(Problem("not-findings", Place(self._file.path, 1)))

    def _said(self, number: int, line: bytes | Problem) -> Header | Told | None:
        """Return what a line says, or what is wrong with it; None for a blank one."""
        if isinstance(line, Problem):
            return line
        place = Place(self._file.path, number)
        try:
            said = _decode(line if number > 1 else line_body(line, number)).content()
            if isinstance(said, Header):
                said.moment  # noqa: B018 - is it one?
            elif isinstance(said, Entry):
                said.over(END)  # are its days any?
        except (msgspec.MsgspecError, ValueError, RecursionError, BadInstant) as error:
            return _problem(line_body(line, number), place, str(error), self._file.limits)
        return said if said is not None else Problem("findings-line", place)


def _is_folder(path: str) -> bool:
    return path != STDIN and is_folder(path)


def _problem(body: bytes, place: Place, reason: str, limits: Limits) -> Problem | None:
    """Say what is wrong with a line: as JSON, else as a line of findings; None when nothing stands there."""
    if not body.strip(BLANKS):
        return None
    try:
        loads(body, place.path, first_line=place.line, limits=limits)
    except InvalidSource as error:
        return error.problems[0]
    found = _PATH.search(reason)
    steps = _STEP.findall(found[1]) if found is not None else []
    pointer = "".join(f"/{name or index.replace('...', '*')}" for name, index in steps)
    return Problem("findings-line", Place(place.path, place.line, 0, pointer))
