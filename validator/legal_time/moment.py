"""A moment of judgement as callers of the library give it."""

from __future__ import annotations

from datetime import date

from validator.errors import Place, Problem, UsageError
from validator.legal_time.instant import LAST, BadInstant, Instant, parse_as_of, written

Moment = Instant | str | date
"""``2024-01-31`` (its end), ``2024-01-31T10:00:00+08:00``, a `date` or a `datetime` (without an offset: Beijing time),
or what `parse_as_of` returned."""


def instant_of(moment: Moment) -> Instant:
    """Return the instant of a moment; a `date` and a `datetime` are read as the text that they write (ISO 8601).

    Raises `UsageError` for anything else, and for an instant that no text can name.
    """
    given: object = moment
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= LAST:
        return given
    text = given.isoformat() if isinstance(given, date) else given
    try:
        if isinstance(text, str):
            return parse_as_of(text)
    except BadInstant:
        pass
    raise UsageError(Problem("bad-as-of", Place("as_of"), (("found", written(text)),)))
