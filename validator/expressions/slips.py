"""Why a text is no expression: signs of other languages, full-width signs, units after figures, days without quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from validator.reading.halfwidth import first_wide
from validator.reading.respelling import time_meant

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_SIGNS: Mapping[str, str] = {
    **dict.fromkeys(("=", "===", "等于"), "=="),
    **dict.fromkeys(("<>", "!==", "不等于"), "!="),
    **dict.fromkeys(("=>", "不小于"), ">="),
    **dict.fromkeys(("=<", "不大于"), "<="),
    **dict.fromkeys(("&&", "&", "AND", "And", "且", "并且", "而且"), "and"),
    **dict.fromkeys(("||", "|", "OR", "Or", "或", "或者"), "or"),
    **dict.fromkeys(("!", "NOT", "Not", "非"), "not"),
    **dict.fromkeys(("IN", "属于"), "in"),
    "大于": ">",
    "小于": "<",
}
_RIGHT = r"(?:[=!<>]=|[<>])(?![=<>])"
_SIGN = re.compile(
    f"{_RIGHT}|({'|'.join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True) if not sign.isalpha())})"
    f"|(?<!\\w)({'|'.join(sorted((sign for sign in _SIGNS if sign.isalpha()), key=len, reverse=True))})(?!\\w)"
)
_UNIT = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+)?\s*(%|％|[万亿千百]?元|[万亿]|[个日天月年]\w*)")
_DAY = re.compile(r"(?<![\w.-])[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![\w-])")


class Slip(NamedTuple):
    """A problem code, where the fault starts, what is written there and what is written instead."""

    code: str
    start: int
    found: str
    expected: str = ""


def day_without_quotes(text: str) -> Slip | None:
    """Return the first day that stands in a text without quotes: 2024-10-10 would be 2004."""
    found = _DAY.search(_covered(text))
    if found is None:
        return None
    return Slip("day-without-quotes", found.start(), found[0], time_meant(found[0]) or found[0])


def slip_in(text: str) -> Slip | None:
    """Return why a text can't be read, if it is one of the usual slips; what is quoted is left alone."""
    wide = first_wide(text)
    if wide is not None and wide.found != "％":
        return Slip(wide.code, wide.start, wide.found, wide.expected)
    covered = _covered(text)
    unit = _UNIT.search(covered)
    if unit is not None:
        return Slip("unit-in-number", unit.start(1), unit[1])
    for sign in _SIGN.finditer(covered):
        written = sign[1] or sign[2]
        if written:
            return Slip("wrong-sign", sign.start(), written, _SIGNS[written])
    return None


def _covered(text: str) -> str:
    """Return a text of the same length in which what is quoted has no signs."""
    return _QUOTED.sub(lambda match: "'" + "_" * (len(match[0]) - 2) + "'", text)
