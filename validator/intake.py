"""Reads case records from files, folders and standard input, one at a time.

One bad record never stops the others: whatever can't be read comes out as a `Rejected` in its place, so that records
and rejections together are everything that was read.
"""

import io
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain, count
from pathlib import Path
from typing import Any, BinaryIO

from validator.errors import InvalidSource, Place, Problem, problem_at
from validator.limits import DEFAULT, Limits
from validator.source import BOM, Source, decode, printable_path, unreadable, wide_encoding
from validator.strict_json import (
    Item,
    is_open,
    is_shallow,
    line_at,
    loads_text,
    locate,
    pointer_steps,
    read_value,
    skip_blank,
)
from validator.strict_yaml import Node

STDIN = "-"
LINE_SUFFIXES = (".ndjson", ".jsonl")
SUFFIXES = (".json", *LINE_SUFFIXES)

_BLANKS = b" \t\r\n"


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
    """

    path: str
    line: int
    pointer: str
    value: dict[str, Any]
    text: str = field(repr=False)
    column: int = 1
    node: Node | None = field(default=None, repr=False)

    @classmethod
    def of_node(cls, node: Node, value: dict[str, Any] | None = None) -> "RawRecord":
        """Make a record of a YAML mapping; `value` is its content when something was added to it."""
        return cls(node.place.path, node.place.line, "", node.plain if value is None else value, "", node=node)

    def problem(self, code: str, pointer: str, *, severity: str = "error", **values: object) -> Problem:
        """Make a problem of the value at a JSON pointer that is relative to the record.

        The place is that of the value in its file or, when there is no such value, of the last one on the way to it.
        """
        if self.node is not None:
            return self.node.closest(pointer_steps(pointer)).problem(code, severity=severity, **_plain(values))
        line, column = locate(self.text, pointer)
        shown, start = line_at(self.text, line, column)
        left = self.column - 1 if line == 1 else 0
        place = Place(self.path, self.line + line - 1, column + left, self.pointer + pointer)
        return problem_at(code, place, shown, values, severity=severity, line_start=start + left)


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
    paths: Iterable[str | os.PathLike[str]],
    stdin: BinaryIO | None = None,
    limits: Limits = DEFAULT,
    tally: Tally | None = None,
) -> Iterator[RawRecord | Rejected]:
    """Yield the records of files, folders and standard input, in the order given; never raises for what it finds.

    A ``.json`` file holds one object or an array of objects, an ``.ndjson`` or ``.jsonl`` file one object a line.
    Standard input (``-``) and files with other endings are looked at to see which it is. A folder stands for all such
    files in it and in its folders, sorted by path; links to folders are not followed.

    Args:
        paths: what to read.
        stdin: standard input in binary; None when there is none.
        limits: sizes beyond which a record or a document is rejected.
        tally: counts what is read, for a summary.
    """
    counts = Tally() if tally is None else tally
    for path in paths:
        for found in _read_path(os.fspath(path), stdin, limits, counts):
            if isinstance(found, RawRecord):
                counts.records += 1
            else:
                counts.rejected += 1
            yield found


def _read_path(path: str, stdin: BinaryIO | None, limits: Limits, counts: Tally) -> Iterator[RawRecord | Rejected]:
    try:
        if path == STDIN:
            yield from _sniffed(_Input(stdin or io.BytesIO(), STDIN, limits, counts))
        elif Path(path).is_dir():
            yield from _read_folder(path, limits, counts)
        else:
            yield from _read_file(path, limits, counts)
    except OSError as error:  # also half way through a file
        yield Rejected((unreadable(printable_path(path), error),))


def _read_folder(folder: str, limits: Limits, counts: Tally) -> Iterator[RawRecord | Rejected]:
    failures: list[OSError] = []
    found = [
        Path(parent, name)
        for parent, _, names in os.walk(folder, onerror=failures.append)
        for name in names
        if name.casefold().endswith(SUFFIXES)
    ]
    for failure in failures:
        yield Rejected((unreadable(printable_path(failure.filename or folder), failure),))
    if not found and not failures:
        yield Rejected((Problem("no-records-here", Place(printable_path(folder))),))
    for path in sorted(found, key=lambda p: p.parts):
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):  # reading a pipe might wait for ever
            yield Rejected((Problem("not-a-regular-file", Place(printable_path(path))),))
        else:
            yield from _read_path(str(path), None, limits, counts)


def _read_file(path: str, limits: Limits, counts: Tally) -> Iterator[RawRecord | Rejected]:
    shown = printable_path(path)
    if "\0" in path:
        yield Rejected((Problem("no-such-file", Place(shown)),))
        return
    with Path(path).open("rb") as stream:
        file = _Input(stream, shown, limits, counts)
        suffix = Path(path).suffix.casefold()
        if suffix in LINE_SUFFIXES:
            yield from _lines(file, file.chunks())
        elif suffix in SUFFIXES:
            yield from _document(file, stream.read(limits.document_bytes + 1))
        else:
            yield from _sniffed(file)


@dataclass(frozen=True, slots=True)
class _Input:
    """An open file and what its readers need to know."""

    stream: BinaryIO
    path: str
    limits: Limits
    counts: Tally

    def __post_init__(self) -> None:
        self.counts.files += 1

    def chunks(self) -> Iterator[bytes]:
        """Yield the lines with their ends; of a line over the limit, pieces that are over the limit too."""
        return iter(lambda: self.stream.readline(self.limits.line_bytes + 2), b"")  # 2: the line end


# -- one record a line ----------------------------------------------------------------------------------------------


def _lines(file: _Input, chunks: Iterator[bytes]) -> Iterator[RawRecord | Rejected]:
    limit = file.limits.line_bytes
    for number, chunk in enumerate(chunks, 1):
        body = chunk.removesuffix(b"\n").removesuffix(b"\r")
        if number == 1:
            body = body.removeprefix(BOM)
        if len(body) > limit:
            while not chunk.endswith(b"\n"):  # the rest of the line
                chunk = next(chunks, b"\n")  # noqa: PLW2901 - the same line
            yield Rejected((Problem("line-too-long", Place(file.path, number), (("limit", str(limit)),)),))
        elif not body.strip(_BLANKS):
            file.counts.blank_lines += 1
        elif number == 1 and wide_encoding(body):  # no line of this file can be read
            yield from _document(file, body)
            return
        else:
            yield _line(file, number, body)


def _line(file: _Input, number: int, body: bytes) -> RawRecord | Rejected:
    try:
        text = decode(body, file.path, number)
        value = loads_text(text, file.path, first_line=number, limits=file.limits)
    except InvalidSource as error:
        return Rejected(error.problems)
    if not isinstance(value, dict):
        place = Place(file.path, number, skip_blank(text, 0) + 1)
        return Rejected((problem_at("record-not-object", place, text, {"found": _kind(value)}),))
    return RawRecord(file.path, number, "", value, text)


def _kind(value: object) -> str:
    return "null" if value is None else {str: "string", Decimal: "number"}.get(type(value), type(value).__name__)


# -- one document ---------------------------------------------------------------------------------------------------


def _document(file: _Input, data: bytes) -> Iterator[RawRecord | Rejected]:
    limit = file.limits.document_bytes
    if len(data) > limit:
        yield Rejected((Problem("document-too-large", Place(file.path), (("limit", str(limit)),)),))
        return
    try:
        source = Source(file.path, decode(data, file.path))
    except InvalidSource as error:
        yield Rejected(error.problems)
        return
    if source.text.startswith("[", skip_blank(source.text, 0)):
        yield from _elements(file, source)
        return
    item = read_value(source, limits=file.limits)
    problems = item.problems or item.rest(source)
    if problems:
        yield Rejected(problems)
    else:
        yield _record(source, item, "", source.position(item.start))


def _elements(file: _Input, source: Source) -> Iterator[RawRecord | Rejected]:
    """Yield the elements of the array that the text is, one by one, so that a bad one doesn't stop the others."""
    text = source.text
    shallow = is_shallow(text, file.limits.depth)
    at = skip_blank(text, skip_blank(text, 0) + 1)
    if text.startswith("]", at):
        yield from _ending(source, at)
        return
    cursor = _Cursor(text)
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


def _record(source: Source, item: Item, pointer: str, position: tuple[int, int]) -> RawRecord | Rejected:
    line, column = position
    if isinstance(item.value, dict):
        return RawRecord(source.path, line, pointer, item.value, source.text[item.start : item.end], column)
    shown, start = source.around(line, column)
    place = Place(source.path, line, column, pointer)
    values = {"found": _kind(item.value)}
    return Rejected((problem_at("record-not-object", place, shown, values, line_start=start),))


class _Cursor:
    """Follows line and column forward through a text without a table of its lines."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line, self._start = text, 0, 1, 0

    def advance(self, at: int) -> tuple[int, int]:
        """Return line and column, from 1, of an offset that is not before the last one."""
        text, last = self._text, self._at
        ends = text.count("\n", last, at) + text.count("\r", last, at) - text.count("\r\n", last, at)
        if ends:
            self._line += ends
            self._start = max(text.rfind("\n", last, at), text.rfind("\r", last, at)) + 1
        self._at = at
        return self._line, at - self._start + 1


# -- which of the two it is -------------------------------------------------------------------------------------------

_PEEK = 16  # lines that are looked at


def _sniffed(file: _Input) -> Iterator[RawRecord | Rejected]:
    """Read a stream of which it isn't known whether it holds one document or one record a line."""
    chunks = file.chunks()
    seen: list[bytes] = []
    if _has_lines(file, chunks, seen):
        yield from _lines(file, chain(seen, chunks))
    else:
        known = b"".join(seen)
        yield from _document(file, known + file.stream.read(max(file.limits.document_bytes + 1 - len(known), 0)))


def _has_lines(file: _Input, chunks: Iterator[bytes], seen: list[bytes]) -> bool:
    """Whether a stream holds one record a line; what had to be read for that is appended to `seen`.

    An array is a document. An object that ends on its line is the first of many, or the only one. An object that
    doesn't is a document, unless later a whole object fills a line and the next line begins another or there is none:
    no document looks like that, but records do of which the first is broken.
    """
    whole = False  # the last line was a whole object
    for _ in range(_PEEK):
        chunk = _filled(chunks, seen)
        text = chunk.removeprefix(BOM).strip(_BLANKS).decode(errors="replace")
        first = not any(line.removeprefix(BOM).strip(_BLANKS) for line in seen[:-1])
        if first and (text.startswith("[") or wide_encoding(chunk)):
            return False
        if len(chunk) > file.limits.line_bytes + 1:  # an array of one line is read above
            return first
        if whole and text[:1] in ("{", ""):
            return True
        if not text:
            return first
        whole = _is_whole(text, file)
        if first and (whole or not text.startswith("{") or not is_open(text)):
            return True
    return False


def _filled(chunks: Iterator[bytes], seen: list[bytes]) -> bytes:
    """Return the next line that isn't blank, or b"" at the end."""
    for chunk in chunks:
        seen.append(chunk)
        if chunk.removeprefix(BOM).strip(_BLANKS):
            return chunk
    return b""


def _is_whole(text: str, file: _Input) -> bool:
    if not text.startswith("{") or not text.endswith("}") or is_open(text):
        return False
    source = Source(file.path, text)
    item = read_value(source, limits=file.limits)
    return item.end is not None and not item.rest(source)
