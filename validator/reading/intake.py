"""Reads case records from files, folders and standard input, one at a time.

One bad record never stops the others: whatever can't be read comes out as a `Rejected` in its place, so that records
and rejections together are everything that was read.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain, count
from typing import Any, BinaryIO

from validator.errors import InvalidSource, Place, Problem, problem_at
from validator.limits import DEFAULT, Limits
from validator.reading.files import BLANKS, Input, open_inputs
from validator.reading.node import Node
from validator.reading.source import BOM, Paths, Source, decode, paths_of, unreadable, wide_encoding
from validator.reading.strict_json import (
    Item,
    is_shallow,
    line_at,
    loads_text,
    locate,
    pointer_steps,
    read_value,
    skip_blank,
)


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A case record as it was read: a JSON object, nothing checked yet.

    Attributes:
        path: file, or ``-`` for standard input.
        line: line, from 1, on which the record begins.
        pointer: JSON pointer of the record in its file: "" or, in an array, "/0", "/1" ...
        value: the record.
        text: the JSON text of the record, for the places of problems.
        column: column, from 1, at which `text` begins.
        node: the record as YAML, when it is an example written in a policy; then `text` isn't used.
        offset: bytes before the record in its document.
    """

    path: str
    line: int
    pointer: str
    value: dict[str, Any]
    text: str = field(repr=False)
    column: int = 1
    node: Node | None = field(default=None, repr=False)
    offset: int = 0

    @classmethod
    def of_node(cls, node: Node, value: dict[str, Any] | None = None) -> "RawRecord":
        """Make a record of a YAML mapping; `value` is its content when something was added to it."""
        return cls(node.place.path, node.place.line, "", node.plain if value is None else value, "", node=node)

    @property
    def place(self) -> Place:
        """Where the record begins."""
        return Place(self.path, self.line, self.column, self.pointer) if self.node is None else self.node.place

    def digest(self) -> str:
        """Return the SHA-256 of the record as it is written, without blanks around it, in hex."""
        text = json.dumps(self.value, sort_keys=True, default=str) if self.node is not None else self.text
        return text_digest(text.encode("utf-8", "backslashreplace").strip(BLANKS))

    def digest_with(self, events: Collection[str]) -> str:
        """Return the SHA-256 of what the record says without events of other types than these, in hex.

        The record is one that was read, so its events are objects that have a type.
        """
        kept = [(i, event) for i, event in enumerate(self.value.get("events", ())) if event["type"] in events]
        return text_digest(json.dumps({**self.value, "events": kept}, sort_keys=True, default=repr).encode())

    def problem(self, code: str, pointer: str, *, severity: str = "error", **values: object) -> Problem:
        """Make a problem of the value at a JSON pointer that is relative to the record.

        The place is that of the value in its file or, when there is no such value, of the last one on the way to it.
        """
        if self.node is not None:
            node = self.node.closest(pointer_steps(pointer))
            key = code == "unknown-key" and node is not self.node
            return node.problem(code, key=key, severity=severity, **_plain(values))
        line, column = locate(self.text, pointer)
        shown, start = line_at(self.text, line, column)
        left = self.column - 1 if line == 1 else 0
        place = Place(self.path, self.line + line - 1, column + left, self.pointer + pointer)
        return problem_at(code, place, shown, values, severity=severity, line_start=start + left)


def text_digest(text: bytes) -> str:
    """Return the SHA-256 of bytes in hex."""
    return hashlib.sha256(text).hexdigest()


def _plain(values: dict[str, object]) -> dict[str, Any]:
    return dict(values)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record, or a whole file, that can't be read.

    Attributes:
        problems: why; never empty.
    """

    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Tally:
    """What `read_records` has gone through so far.

    Attributes:
        files: files opened, standard input included.
        blank_lines: lines without anything but blanks, in files with one record a line.
        records: records read.
        rejected: records and files rejected.
    """

    files: int = 0
    blank_lines: int = 0
    records: int = 0
    rejected: int = 0


def read_records(
    paths: Paths,
    stdin: BinaryIO | None = None,
    limits: Limits = DEFAULT,
    tally: Tally | None = None,
) -> Iterator[RawRecord | Rejected]:
    """Yield the records of files, folders and standard input, in the order given; never raises for what it finds.

    A ``.json`` file holds one object or an array of objects, an ``.ndjson`` or ``.jsonl`` file one object a line.
    What else can be read, and how, `validator.reading.files.open_inputs` says.

    Raises `UsageError` for paths that are none.

    Args:
        paths: what to read; one path may stand alone.
        stdin: standard input in binary; None when there is none.
        limits: sizes beyond which a record or a document is rejected.
        tally: counts what is read, for a summary.
    """
    counts = Tally() if tally is None else tally
    for file in open_inputs(paths_of(paths, "paths"), stdin, limits):
        for found in [Rejected((file,))] if isinstance(file, Problem) else _read_input(file, counts):
            if isinstance(found, RawRecord):
                counts.records += 1
            else:
                counts.rejected += 1
            yield found


def _read_input(file: Input, counts: Tally) -> Iterator[RawRecord | Rejected]:
    counts.files += 1
    try:
        if file.form == "lines":
            yield from _lines(file, counts)
        else:
            yield from document_records(file)
    except OSError as error:  # half way through a file
        yield Rejected((unreadable(file.path, error),))


# -- one record a line ----------------------------------------------------------------------------------------------


def _lines(file: Input, counts: Tally) -> Iterator[RawRecord | Rejected]:
    for number, line in numbered_lines(file):
        if isinstance(line, Problem):
            yield Rejected((line,))
        elif number == 1 and wide_encoding(line):  # no line of this file can be read
            yield Rejected(encoding_problems(file.path, line))
            return
        else:
            found = line_record(file.path, number, line, file.limits)
            if found is None:
                counts.blank_lines += 1
            else:
                yield found


def numbered_lines(file: Input) -> Iterator[tuple[int, bytes | Problem]]:
    """Yield the number of every line, from 1, with the line and its end, or with why it can't be read.

    The last problem is that packed data are damaged: it has the number of the last line, of which only a part is there.
    Raises `OSError`.
    """
    limit = file.limits.line_bytes
    number, pieces = 0, chain(file.seen, file.lines())
    for number, piece in enumerate(pieces, 1):
        if len(line_body(piece, number)) > limit:
            while not piece.endswith(b"\n"):  # the rest of the line
                piece = next(pieces, b"\n")  # noqa: PLW2901 - the same line
            yield number, line_too_long(file.path, number, limit)
        elif not piece.endswith(b"\n") and file.damage():
            break
        else:
            yield number, piece
    damage = file.damage(number)
    if damage is not None:
        yield number, damage


def encoding_problems(path: str, line: bytes) -> tuple[Problem, ...]:
    """Say in which encoding the first line of a file is, when `wide_encoding` knows that it is not UTF-8."""
    try:
        decode(line_body(line, 1), path)
    except InvalidSource as error:
        return error.problems
    return ()


def line_body(line: bytes, number: int) -> bytes:
    """Return a line without its end and, when it is line 1, without a byte order mark."""
    body = line.removesuffix(b"\n").removesuffix(b"\r")
    return body.removeprefix(BOM) if number == 1 else body


def line_too_long(path: str, number: int, limit: int) -> Problem:
    """Make the problem of a line that has more than `limit` bytes."""
    return Problem("line-too-long", Place(path, number), (("limit", str(limit)),))


def line_record(path: str, number: int, line: bytes, limits: Limits) -> RawRecord | Rejected | None:
    """Read a line of a file with one record a line; None when it is blank.

    Args:
        path: name of the file.
        number: of the line, from 1.
        line: the whole line, with or without its end.
        limits: sizes beyond which it is rejected.
    """
    body = line_body(line, number)
    if len(body) > limits.line_bytes:
        return Rejected((line_too_long(path, number, limits.line_bytes),))
    if not body.strip(BLANKS):
        return None
    try:
        text = decode(body, path, number)
        value = loads_text(text, path, first_line=number, limits=limits)
    except InvalidSource as error:
        return Rejected(error.problems)
    if not isinstance(value, dict):
        place = Place(path, number, skip_blank(text, 0) + 1)
        return Rejected((problem_at("record-not-object", place, text, {"found": kind_of(value)}),))
    return RawRecord(path, number, "", value, text)


def kind_of(value: object) -> str:
    """Return the kind of a value in the words of JSON; of what JSON has no word for, the name of its type."""
    return "null" if value is None else {str: "string", Decimal: "number"}.get(type(value), type(value).__name__)


# -- one document ---------------------------------------------------------------------------------------------------


def document_records(file: Input) -> Iterator[RawRecord | Rejected]:
    """Yield the record that a document is, or the records of an array, one by one; raises `OSError`."""
    limit = file.limits.document_bytes
    known = b"".join(file.seen)
    data = known + file.stream.read(max(limit + 1 - len(known), 0))
    damage = file.damage()
    if damage is not None:
        yield Rejected((damage,))
        return
    if len(data) > limit:
        yield Rejected((Problem("document-too-large", Place(file.path), (("limit", str(limit)),)),))
        return
    try:
        source = Source(file.path, decode(data, file.path))
    except InvalidSource as error:
        yield Rejected(error.problems)
        return
    mark = len(BOM) if data.startswith(BOM) else 0
    del data, known
    cursor = _Cursor(source.text, mark)
    if source.text.startswith("[", skip_blank(source.text, 0)):
        yield from _elements(file, source, cursor)
        return
    yield _whole(source, cursor, 1, file.limits)


def whole_record(path: str, line: int, data: bytes, limits: Limits) -> RawRecord | Rejected:
    """Read a document that is one record, as the file of one is read.

    Args:
        path: name of the document.
        line: number of its first line, from 1.
        data: all of it, with or without a byte order mark.
        limits: sizes beyond which it is rejected.
    """
    text = data.removeprefix(BOM)
    if len(data) > limits.document_bytes:
        return Rejected((Problem("document-too-large", Place(path), (("limit", str(limits.document_bytes)),)),))
    try:
        source = Source(path, decode(text, path, line))
    except InvalidSource as error:
        return Rejected(error.problems)
    return _whole(source, _Cursor(source.text, len(data) - len(text), line), line, limits)


def _whole(source: Source, cursor: "_Cursor", first_line: int, limits: Limits) -> RawRecord | Rejected:
    """Read the record that a document is."""
    item = read_value(source, first_line=first_line, limits=limits)
    problems = item.problems or item.rest(source, first_line)
    return Rejected(problems) if problems else _record(source, item, "", cursor.advance(item.start), first_line)


def _elements(file: Input, source: Source, cursor: "_Cursor") -> Iterator[RawRecord | Rejected]:
    """Yield the elements of the array that the text is, one by one, so that a bad one doesn't stop the others."""
    text = source.text
    shallow = is_shallow(text, file.limits.depth)
    at = skip_blank(text, skip_blank(text, 0) + 1)
    if text.startswith("]", at):
        yield from _ending(source, at)
        return
    for number in count():
        item = read_value(source, start=at, limits=file.limits, shallow=shallow)
        pointer = f"/{number}"
        if item.problems:
            yield Rejected(tuple(replace(p, place=replace(p.place, pointer=pointer)) for p in item.problems))
        else:
            yield _record(source, item, pointer, cursor.advance(item.start))
        if item.end is None:
            return
        at = skip_blank(text, item.end)
        if not text.startswith(",", at):
            yield from _ending(source, at)
            return
        at += 1


def _ending(source: Source, at: int) -> Iterator[Rejected]:
    """Say what is wrong with the end of the array, if anything: it should close here, with nothing after it."""
    char = source.text[at : at + 1]
    if char != "]":
        code = "json-comma" if char else "json-end"
        yield Rejected((source.problem_at_offset(code, at, {"found": char, "closing": "]"}),))
        return
    rest = Item(None, at, at + 1).rest(source)
    if rest:
        yield Rejected(rest)


def _record(
    source: Source, item: Item, pointer: str, position: tuple[int, int, int], first_line: int = 1
) -> RawRecord | Rejected:
    line, column, offset = position
    if isinstance(item.value, dict):
        text = source.text[item.start : item.end]
        return RawRecord(source.path, line, pointer, item.value, text, column, offset=offset)
    shown, start = source.around(line - first_line + 1, column)
    place = Place(source.path, line, column, pointer)
    values = {"found": kind_of(item.value)}
    return Rejected((problem_at("record-not-object", place, shown, values, line_start=start),))


class _Cursor:
    """Follows line, column and byte forward through a text without a table of its lines."""

    def __init__(self, text: str, offset: int, line: int = 1) -> None:
        self._text, self._at, self._line, self._start, self._offset = text, 0, line, 0, offset

    def advance(self, at: int) -> tuple[int, int, int]:
        """Return line and column, from 1, and the byte, from 0, of an offset that is not before the last one."""
        text, last = self._text, self._at
        self._offset += len(text[last:at].encode())
        ends = text.count("\n", last, at) + text.count("\r", last, at) - text.count("\r\n", last, at)
        if ends:
            self._line += ends
            self._start = max(text.rfind("\n", last, at), text.rfind("\r", last, at)) + 1
        self._at = at
        return self._line, at - self._start + 1, self._offset
