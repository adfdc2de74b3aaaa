"""A text with its name: lines, columns and problems that point into it; and how a file becomes a text."""

import os
import re
import stat
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from validator.errors import InvalidSource, Place, Problem, UsageError, problem_at, system_reason

AnyPath = str | bytes | os.PathLike[str] | os.PathLike[bytes]
Paths = AnyPath | Iterable[AnyPath]
"""Paths of files and folders as callers of the library give them; one may stand alone."""
_LINE_END = re.compile(r"\r\n|\n|\r")
_BYTE_LINE_END = re.compile(rb"\r\n|\n|\r")
BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (  # the longer one first: UTF-32-LE begins like UTF-16-LE
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_PACKED = ((b"\x1f\x8b", ".gz"), (b"\x28\xb5\x2f\xfd", ".zst"))
_ARCHIVE = b"PK\x03\x04"
_NEAR = 400  # characters on each side of a column that are enough to show it
_PROBE = 2000  # bytes that are enough to guess an encoding by
_LONGEST_CHARACTER = 4  # bytes, in UTF-8 and in GB18030


@dataclass(frozen=True)
class Source:
    r"""A text with its name. Lines end with ``\n``, ``\r\n`` or ``\r``; lines and columns count from 1, in characters.

    Attributes:
        path: the file as the user named it.
        text: the whole text, without a byte order mark.
    """

    path: str
    text: str

    @cached_property
    def _starts(self) -> Sequence[int]:
        starts = array("Q", (0,))  # a document may have millions of lines
        starts.extend(end.end() for end in _LINE_END.finditer(self.text))
        return starts

    def line(self, number: int) -> str:
        """Return line `number`, from 1, without its end; "" when there is no such line."""
        if not 1 <= number <= len(self._starts):
            return ""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column, from 1, of the character at `offset`, from 0."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset, from 0, of a line and column, from 1: the inverse of `position`.

        A line after the last, where parsers see the end, is the end of the text.
        """
        return self._starts[line - 1] + column - 1 if line <= len(self._starts) else len(self.text)

    def place(self, offset: int) -> Place:
        """Return the place of the character at `offset`, from 0."""
        return Place(self.path, *self.position(offset))

    def problem(self, code: str, place: Place, width: int = 1, severity: str = "error", **values: object) -> Problem:
        """Make a problem at a place of this text; `width` characters are underlined."""
        return problem_at(code, place, self.line(place.line), values, width=width, severity=severity)

    def problem_at_offset(
        self, code: str, offset: int, values: Mapping[str, object], width: int = 1, first_line: int = 1
    ) -> Problem:
        """Make a problem at an offset of this text, whose own first line is line `first_line` of the file."""
        line, column = self.position(offset)
        place = Place(self.path, line + first_line - 1, column)
        shown, start = self.around(line, column)
        return problem_at(code, place, shown, values, width=width, line_start=start)

    def around(self, line: int, column: int) -> tuple[str, int]:
        """Return the part of a line near a column, and how many characters of the line stand before it."""
        begin = self._starts[line - 1]
        at = begin + column - 1
        first, last = max(begin, at - _NEAR), at + _NEAR
        return _LINE_END.split(self.text[first:last], maxsplit=1)[0], first - begin


def printable_path(path: str | os.PathLike[str]) -> str:
    r"""Return a path as text that every encoder takes: bytes that are no UTF-8 become ``\xNN``."""
    try:
        return os.fsencode(path).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half a character, which no name of a file can have
        return os.fspath(path).encode("utf-8", "backslashreplace").decode()


def paths_of(given: Paths, argument: str) -> list[str]:
    """Return the paths that a caller gives, one or several, as text.

    Raises `UsageError` for what is no path: the argument of that name is wrong.
    """
    if isinstance(given, Iterable) and not isinstance(given, str | bytes):
        return [path_of(path, argument) for path in given]
    return [path_of(given, argument)]


def path_of(given: AnyPath, argument: str) -> str:
    """Return one path as text; otherwise like `paths_of`."""
    try:
        return os.fsdecode(given)
    except TypeError:
        raise wrong_argument(argument, given, "文件或文件夹的路径", "paths of files or folders") from None


def wrong_argument(name: str, given: object, zh: str, en: str) -> UsageError:
    """Return the error for an argument of a call that is of another kind than the one that the words say."""
    values = (("argument", name), ("found", type(given).__name__), ("expected_zh", zh), ("expected_en", en))
    return UsageError(Problem("wrong-argument", Place(name), values))


def unreadable(path: str, error: OSError | ValueError) -> Problem:
    """Say why a file could not be opened or read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Problem("no-such-file", Place(path))
    if isinstance(error, PermissionError):
        return Problem("no-permission", Place(path))
    return Problem("unreadable", Place(path), system_reason(error))


def read_bytes(path: str | os.PathLike[str], limit: int) -> bytes:
    """Return the content of an ordinary file of at most `limit` bytes.

    Raises:
        InvalidSource: no such file, not permitted, a pipe or device or folder, larger than `limit`.
    """
    shown = printable_path(path)
    try:
        # Opened without waiting: a named pipe that nobody writes to would hang otherwise.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise InvalidSource(Problem("not-a-regular-file", Place(shown)))
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise InvalidSource(unreadable(shown, error)) from error
    if len(data) > limit:
        raise InvalidSource(Problem("file-too-large", Place(shown), (("limit", str(limit)),)))
    return data


def decode(data: bytes, path: str, first_line: int = 1) -> str:
    """Return UTF-8 bytes as text; a byte order mark is taken away from the first line.

    Args:
        data: the bytes.
        path: name of the file, for the message.
        first_line: number of the first line of `data` in that file.

    Raises:
        InvalidSource: other encodings; the message says how to convert them.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data"
        raise InvalidSource(_not_utf_8(data, path, first_line, error.start, guess=not cut)) from None
    if wide_encoding(data):  # ASCII in UTF-16 is UTF-8 as well, with many zeros
        raise InvalidSource(_not_utf_8(data, path, first_line, data.index(b"\x00")))
    return text.removeprefix("\ufeff") if first_line == 1 else text


def _not_utf_8(data: bytes, path: str, first_line: int, start: int, *, guess: bool = True) -> Problem:
    encoding = wide_encoding(data)
    before = data[:start].removeprefix(BOM)
    ends = [] if encoding else list(_BYTE_LINE_END.finditer(before))
    begun = (before[ends[-1].end() :] if ends else before).decode(errors="replace")
    place = Place(path, first_line + len(ends), 0 if encoding else len(begun) + 1)
    values = {
        "byte": f"0x{data[start]:02X}",
        "suffix": next((suffix for magic, suffix in _PACKED if data.startswith(magic)), ""),
        "archive": "ZIP" if data.startswith(_ARCHIVE) else "",
        "encoding": encoding or (_guess(data[start:]) if guess else ""),
    }
    return problem_at("not-utf-8", place, begun, values)


def wide_encoding(data: bytes) -> str:
    """Return the name of the encoding when `data` is in UTF-16 or UTF-32 by its first bytes, else ""."""
    known = next((name for bom, name in _WIDE_BOMS if data.startswith(bom)), "")
    if known or data.count(b"\x00", 0, _PROBE) * 4 <= min(len(data), _PROBE):
        return known
    return "UTF-16BE" if data[:_PROBE:2].count(0) > data[1:_PROBE:2].count(0) else "UTF-16LE"


def _guess(data: bytes) -> str:
    """Return "GB18030", the usual one in Chinese offices, if text can be that from its first odd byte on, else ""."""
    for cut in range(_LONGEST_CHARACTER):  # the sample may end inside a character
        sample = data[: _PROBE - cut]
        try:
            sample.decode("gb18030")
        except UnicodeDecodeError:
            continue
        return "GB18030"
    return ""
