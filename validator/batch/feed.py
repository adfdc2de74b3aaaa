"""Cuts inputs into chunks of whole records: the unit of work of a batch, the same for any number of workers."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import BinaryIO

from validator.errors import Problem
from validator.limits import DEFAULT, Limits
from validator.reading.files import Input, open_inputs
from validator.reading.intake import RawRecord, document_records, encoding_problems, line_body, line_too_long
from validator.reading.source import unreadable, wide_encoding

_LINE_FEED = 0x0A
CHUNK_BYTES = 256 << 10  # some twenty case files: a second of work at most, and few enough to lose
_REFUSED_BYTES = 1 << 10  # that a refused element takes, whose text isn't kept but its place and a line around it are


@dataclass(frozen=True, slots=True)
class Item:
    """A record of a document, not read yet: where it stands, and its JSON text."""

    line: int
    column: int
    pointer: str
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A record, or a whole file, that was refused before it could be read.

    Attributes:
        problems: why; never empty.
        offset: bytes before it in its input, when that is known.
        length: bytes that it has, without a line feed, when that is known.
        sha256: digest of these bytes in hex, or "".
    """

    problems: tuple[Problem, ...]
    offset: int | None = None
    length: int | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole records of one input: plain data that can be sent to another process.

    Attributes:
        number: of the chunk in the run, from 0.
        path: the input, as messages name it.
        first_line: number of the first line of `data`, from 1.
        offset: bytes of the (unpacked) input before `data`.
        data: whole lines, one record each; only the last one of an input may lack its end.
        lines: how many these are.
        items: instead of `data`, the records of a document and what was refused.
        consumed: bytes, as they are stored, of all inputs up to the end of this chunk, for showing progress.
    """

    number: int
    path: str
    first_line: int = 1
    offset: int = 0
    data: bytes = b""
    lines: int = 0
    items: tuple[Item | Refused, ...] = ()
    consumed: int = 0

    def __len__(self) -> int:
        """Return how many lines or items there are."""
        return len(self.items) or self.lines

    def halves(self) -> tuple[Chunk, Chunk]:
        """Divide a chunk of at least two lines or items."""
        if self.items:
            middle = len(self.items) // 2
            return replace(self, items=self.items[:middle]), replace(self, items=self.items[middle:])
        lines = list(io.BytesIO(self.data))  # splitlines would also end lines at a lone carriage return
        middle = len(lines) // 2
        first = b"".join(lines[:middle])
        rest = replace(
            self, data=self.data[len(first) :], lines=len(lines) - middle, first_line=self.first_line + middle,
            offset=self.offset + len(first),
        )  # fmt: skip
        return replace(self, data=first, lines=middle), rest

    def content(self) -> int:
        """Return a number for the records and their place; those of all chunks add up to that of the run."""
        whole = hashlib.sha256(f"{self.number}\0".encode())
        whole.update(self.data)
        for item in self.items:
            told = item.text if isinstance(item, Item) else ",".join(p.code for p in item.problems)
            whole.update(f"{told}\0".encode("utf-8", "backslashreplace"))
        return int.from_bytes(whole.digest())

    def digest(self) -> str:
        """Return the SHA-256 of all that a judgement of the chunk rests on, in hex."""
        place = f"{self.path}\0{self.first_line}\0{self.offset}\0{self.items!r}\0"
        return hashlib.sha256(place.encode("utf-8", "backslashreplace") + self.data).hexdigest()


def chunks(
    paths: Iterable[str | os.PathLike[str]],
    stdin: BinaryIO | None = None,
    limits: Limits = DEFAULT,
    size: int = CHUNK_BYTES,
) -> Iterator[Chunk]:
    """Yield the chunks of files, folders and standard input, in the order given; never raises for what it finds.

    Args:
        paths: what to read.
        stdin: standard input in binary; None when there is none.
        limits: sizes beyond which a record or a document is refused.
        size: bytes after which a chunk ends at the next line end.
    """
    numbers, before = count(), 0
    for file in open_inputs(paths, stdin, limits):
        if isinstance(file, Problem):
            yield Chunk(next(numbers), file.place.path, items=(Refused((file,)),), consumed=before)
            continue
        consumed = 0
        for chunk in _guarded(file, size):
            consumed = max(consumed, file.consumed())
            yield replace(chunk, number=next(numbers), consumed=before + consumed)
        before += max(consumed, file.consumed())


def _guarded(file: Input, size: int) -> Iterator[Chunk]:
    try:
        yield from _of_lines(file, size) if file.form == "lines" else _of_document(file, size)
    except OSError as error:  # half way through a file
        yield _refusal(file, unreadable(file.path, error))


def _refusal(file: Input, *problems: Problem) -> Chunk:
    return Chunk(0, file.path, items=(Refused(problems),))


def _of_lines(file: Input, size: int) -> Iterator[Chunk]:
    line, offset, data = 1, 0, b"".join(file.seen)
    while data := data + file.stream.read(max(size - len(data), 0)):
        if not data.endswith(b"\n"):
            data += file.stream.readline(file.limits.line_bytes + 2)
        if offset == 0 and wide_encoding(data.split(b"\n", 1)[0]):
            yield _refusal(file, *encoding_problems(file.path, data.split(b"\n", 1)[0]))
            return
        whole = len(data) if data.endswith(b"\n") else data.rfind(b"\n") + 1
        tail = data[whole:]
        last = line + data.count(b"\n")
        torn = len(line_body(tail, last)) > file.limits.line_bytes
        if not torn and not (tail and file.damage()):
            whole, tail = len(data), b""
        if whole:
            yield Chunk(0, file.path, line, offset, data[:whole], last - line + (data[whole - 1] != _LINE_FEED))
        line, offset, data = last, offset + whole, b""
        if torn:
            refused, taken = _long_line(file, tail, line, offset)
            yield Chunk(0, file.path, line, offset, items=(refused,))
            line, offset = line + 1, offset + taken
    damage = file.damage(line)
    if damage is not None:
        yield _refusal(file, damage)


def _long_line(file: Input, begun: bytes, line: int, offset: int) -> tuple[Refused, int]:
    """Pass over the rest of a line that is too long, without keeping it; return also how many bytes it takes."""
    digest, taken, piece = hashlib.sha256(begun), len(begun), b""
    while not piece.endswith(b"\n") and (piece := file.stream.readline(CHUNK_BYTES)):
        digest.update(piece.removesuffix(b"\n"))
        taken += len(piece)
    problem = line_too_long(file.path, line, file.limits.line_bytes)
    length = taken - piece.endswith(b"\n")
    return Refused((problem,), offset, length, digest.hexdigest()), taken


def _of_document(file: Input, size: int) -> Iterator[Chunk]:
    items: list[Item | Refused] = []
    held = 0
    for found in document_records(file):
        if isinstance(found, RawRecord):
            items.append(Item(found.line, found.column, found.pointer, found.offset, found.text))
            held += len(found.text)
        else:
            items.append(Refused(found.problems))
            held += _REFUSED_BYTES
        if held >= size:
            yield Chunk(0, file.path, items=tuple(items))
            items, held = [], 0
    if items:
        yield Chunk(0, file.path, items=tuple(items))
