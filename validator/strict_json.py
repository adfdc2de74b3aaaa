"""The one reader of JSON: strict, exact, and every problem has its line and column.

Python's own scanner reads what is right at its full speed: fractions become decimals, and its hooks refuse repeated
keys, NaN and Infinity and numbers of too many digits. Only when something is refused a second, slower reader walks the
text to say what and where, so the messages are the same with every version of Python.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from typing import Any

from validator.errors import InvalidSource, Place, Problem
from validator.limits import DEFAULT, Limits
from validator.source import Source, decode


class _Refused(ValueError):  # noqa: N818 - raised inside the scanner's hooks, never leaves this module
    """The fast reader met something; the slow one says what."""


def loads(data: bytes, path: str, *, first_line: int = 1, limits: Limits = DEFAULT) -> Any:
    """Read one JSON text.

    Args:
        data: the text in UTF-8; at the start of a file with or without a byte order mark.
        path: name of the file, for messages.
        first_line: number of the first line of `data` in the file.
        limits: sizes beyond which it is refused.

    Returns:
        dict, list, str, int, Decimal, bool or None.

    Raises:
        InvalidSource: with every problem that can be seen.
    """
    if len(data) > limits.document_bytes:
        place = Place(path, first_line if first_line > 1 else 0)
        raise InvalidSource(Problem("document-too-large", place, (("limit", str(limits.document_bytes)),)))
    return loads_text(decode(data, path, first_line), path, first_line=first_line, limits=limits)


def loads_text(text: str, path: str, *, first_line: int = 1, limits: Limits = DEFAULT) -> Any:
    """Read one JSON text that is decoded already; otherwise as `loads`.

    Raises:
        InvalidSource: with every problem that can be seen.
    """
    item = read_value(text, 0, path, first_line=first_line, limits=limits)
    problems = list(item.problems)
    if item.end is not None:
        rest = skip_blank(text, item.end)
        if rest < len(text):
            problems.append(_at(Source(path, text), first_line, "json-rest", rest, found=text[rest : rest + 20]))
    if problems:
        raise InvalidSource(problems)
    return item.value


@dataclass(frozen=True, slots=True)
class Item:
    """A JSON value that was read from the middle of a text.

    Attributes:
        value: the value; None when there are problems.
        end: offset after it; None when it is so broken that nobody can say where it ends.
        problems: why it is refused.
    """

    value: Any
    end: int | None
    problems: tuple[Problem, ...] = ()


def read_value(text: str, start: int, path: str, *, first_line: int = 1, limits: Limits = DEFAULT) -> Item:
    """Read the JSON value that begins at `start` or after blanks there; never raises for what it finds."""
    start = skip_blank(text, start)
    shallow = _is_shallow(text, start, limits.depth)
    if shallow:
        try:
            value, end = _decoder(limits.digits)(text, start)
        except (ValueError, RecursionError):
            pass
        else:
            if not _MAYBE_LONE.search(text, start, end):
                return Item(value, end)
    return _diagnose(text, start, path, first_line, limits)


def _diagnose(text: str, start: int, path: str, first_line: int, limits: Limits) -> Item:
    walk = _Walk(text, start, limits)
    complete = True
    try:
        walk.run()
    except _Broken as broken:
        complete = broken.goes_on
        if not complete:
            walk.found.append(broken.finding)
    source = Source(path, text)
    problems = [_at(source, first_line, f.code, f.offset, f.width, **f.values) for f in walk.found]
    if complete and not problems:  # only looked dangerous
        value, end = _decoder(limits.digits)(text, start)
        return Item(value, end)
    return Item(None, walk.at if complete else None, tuple(problems))
