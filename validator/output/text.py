"""Text for people's eyes: columns, line breaks that Chinese allows, lists that end in good time, short moments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from validator.errors import columns, visible
from validator.output.phrases import phrase

_CLOSING = "、，。；：！？）》”’…】〕"
_OPENING = "（《“‘【〔"
_WIDE = "\u2e80-\uffff"
_DAY_END = "T23:59:59.999999+08:00"
_MOMENT = re.compile(r"T(\d{2}:\d{2})(?::(\d{2}(?:\.\d+)?))?\+08:00")


class Piece(NamedTuple):
    """A part of a line; ``style`` is how a terminal shows it, in the words of ``rich``: "bold red", "dim"."""

    text: str
    style: str = ""


Line = tuple[Piece, ...]


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most ``width`` columns: at blanks, and between Chinese characters.

    No line begins with a closing mark or ends with an opening one; a word that is longer than a line is cut.
    """
    lines, line, used = [], "", 0
    for piece in _pieces(text, width):
        size = columns(piece)
        if used + size > width and line:
            lines.append(line.rstrip())
            line, used = "", 0
            if piece.isspace():
                continue
        line, used = line + piece, used + size
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


@cache
def _piece() -> re.Pattern[str]:
    """Return the form of what no line break divides; made when it is needed, for it takes as long as a small module."""
    return re.compile(rf"\s+|[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}]+|[{_OPENING}])[{_CLOSING}]*")


def _pieces(text: str, width: int) -> Iterator[str]:
    for piece in _piece().findall(text):
        while columns(piece) > width:
            cut = next(i for i in range(len(piece), 0, -1) if columns(piece[:i]) <= max(width, 2))
            yield piece[:cut]
            piece = piece[cut:]  # noqa: PLW2901 - the rest of the same word
        yield piece


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Fill a text with blanks up to ``width`` columns, on its right or on its left."""
    blanks = " " * (width - columns(text))
    return blanks + text if right else text + blanks


def listed(words: Sequence[str], lang: str, most: int) -> str:
    """Join words; after ``most`` of them only say how many more there are (0: no limit)."""
    shown = words[:most] if most and len(words) > most else words
    rest = len(words) - len(shown)
    more = {"zh": f" …还有 {rest} 项", "en": f" … and {rest} more"}[lang] if rest else ""
    return phrase(lang, "comma").join(visible(w) for w in shown) + more


def moment(text: str) -> str:
    """Shorten moments of Beijing time: 2022-02-08T00:00:00+08:00 to 2022-02-08 00:00; days and bounds stay.

    The last instant of a day stands for the day, as a moment of judgement that was given as a day does.
    """
    return _MOMENT.sub(_clock, text)


def _clock(found: re.Match[str]) -> str:
    if found[0] == _DAY_END:
        return ""
    return f" {found[1]}" + ("" if found[2] in (None, "00") else f":{found[2]}")
