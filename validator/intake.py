"""Reads case records from files, folders and standard input, one at a time.

One bad record never stops the others: whatever can't be read comes out as a `Rejected` in its place, so that records
and rejections together are everything that was read.
"""

import io
import json
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from validator.errors import InvalidSource, Place, Problem, problem_at
from validator.limits import DEFAULT, Limits
from validator.source import Source, decode, printable_path, unreadable, wide_encoding
from validator.strict_json import is_shallow, loads_text, locate, pointer_steps, read_value, skip_blank
from validator.strict_yaml import Node

STDIN = "-"
LINE_SUFFIXES = (".ndjson", ".jsonl")
SUFFIXES = (".json", *LINE_SUFFIXES)

_CHUNK = 1 << 16  # bytes read at once of a line that is refused
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
        shown, start = Source("", self.text).around(line, column)
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


def _read_path(
    path: str, stdin: BinaryIO | None, limits: Limits, counts: Tally
) -> Iterator[RawRecord | Rejected]:
    if path == STDIN:
        counts.files += 1
        yield from _guarded(STDIN, lambda: _sniffed(stdin or io.BytesIO(), STDIN, limits, counts))
    elif Path(path).is_dir():
        yield from _read_folder(path, limits, counts)
    else:
        yield from _read_file(path, limits, counts)


def _guarded(path: str, read: Callable[[], Iterator[RawRecord | Rejected]]) -> Iterator[RawRecord | Rejected]:
    """Turn what the operating system refuses, also half way through a file, into a rejection."""
    try:
        yield from read()
    except InvalidSource as error:
        yield Rejected(error.problems)
    except (OSError, ValueError) as error:  # ValueError: a null character in a path, a stream that was closed
        yield Rejected((unreadable(path, error),))
