"""What is written of a record, with blanks for what changes as time passes though the record is judged the same.

The moment itself and its day, the ids of findings, the days for which a term is over or a clock has run, and where the
record stands.  A page is what the form writes of findings with marks in these places; so no form is described here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from msgspec import Struct

from validator.batch.forms import View, csv_line, encode
from validator.engine import RecordResult
from validator.judging.finding import Finding, Lateness
from validator.judging.scribe import Scribe
from validator.legal_time.instant import Instant, day_of
from validator.legal_time.watched import Watched
from validator.output.publishing import json_line

_PATH, _LINE, _AS_OF, _TODAY, _FIRST = range(5)
_NUMBERS = 987_650_000_000  # marks of numbers begin here: numbers too, as the form writes no others
_MARK = re.compile(r"\ue000(\d+)\ue001|98765(\d{7})")
_ENCODING = ("utf-8", "backslashreplace")


class Page(Struct, frozen=True, array_like=True):
    """A text with blanks.

    Attributes:
        text: the text as ``%`` takes it.
        blanks: which value each blank takes.
        keys: of the findings whose ids are values.
        since: the days since which those are counted that are values.
    """

    text: bytes
    blanks: tuple[int, ...]
    keys: tuple[bytes, ...]
    since: tuple[int, ...]

    def filled(self, path: str, line: int, form: str, scribe: Scribe) -> bytes:
        """Return what is written of the record as of a moment.

        Args:
            path: its input.
            line: where it begins there.
            form: the form in which the page was made.
            scribe: tells of the record as of that moment.
        """
        values = [_as_written(path, form), b"%d" % line, scribe.written_as_of.encode(), scribe.today.encode()]
        values += [scribe.id_of(key).encode() for key in self.keys]
        for day in self.since:
            found = scribe.days_since(day)
            values += (b"%d" % found.working_days, b"%d" % found.calendar_days)
        return self.text % tuple([values[blank] for blank in self.blanks])


def page_of(result: RecordResult, view: View, scribe: Scribe, *, moves: bool) -> Page | None:
    """Return the page of a record; None when it would not be written the same, as when it holds what looks like a mark.

    Args:
        result: what was found.
        view: how findings are shown.
        scribe: tells of the record as of the moment of these findings.
        moves: the findings are told as of later moments, not as of the one at which the record ends.
    """
    shown = [finding for finding in result.findings if view.shows(finding)]
    ids = {finding.finding_id: _FIRST + place for place, finding in enumerate(shown)} if moves else {}
    since: list[Instant] = []
    marked = tuple(_marked(shown, ids, since, scribe.today)) if moves else tuple(shown)
    written = encode((replace(result, path=_mark(_PATH), line=_NUMBERS + _LINE, findings=marked),), view)
    literals, blanks = _cut(written.decode())
    text = b"%b".join(literal.replace("%", "%%").encode(*_ENCODING) for literal in literals)
    if any(isinstance(instant, Watched) for instant in since):  # counted from a moment that moves itself
        return None
    days = tuple(day_of(max(instant, 0)) for instant in since)
    page = _without_unused(Page(text, blanks, tuple(f.key.encode() for f in shown) if moves else (), days))
    is_same = page.filled(result.path, result.line, view.form, scribe) == encode((result,), view)
    return page if is_same else None


def _marked(shown: Sequence[Finding], ids: dict[str, int], since: list[Instant], today: str) -> Iterator[Finding]:
    """Yield findings with marks, and collect from when their days are counted."""

    def lateness(found: Lateness | None) -> Lateness | None:
        if found is None or found.since is None:
            return found
        number = _NUMBERS + _FIRST + len(shown) + 2 * len(since)
        since.append(found.since)
        return Lateness(number, number + 1, found.at_least)

    for finding in shown:
        yield replace(
            finding, as_of=_mark(_AS_OF), finding_id=_mark(ids[finding.finding_id]),
            counted_with=_mark(ids[finding.counted_with]) if finding.counted_with else "",
            late_by=lateness(finding.late_by), elapsed=lateness(finding.elapsed),
            **{name: getattr(finding, name).removesuffix(today) + _mark(_TODAY) for name in finding.until_now},
        )  # fmt: skip


def _cut(written: str) -> tuple[list[str], tuple[int, ...]]:
    """Return what stands between the marks of a text, and the marks."""
    literals, blanks, end = list[str](), list[int](), 0
    for mark in _MARK.finditer(written):
        literals.append(written[end : mark.start()])
        blanks.append(int(mark[1] or mark[2]))
        end = mark.end()
    return [*literals, written[end:]], tuple(blanks)


def _without_unused(page: Page) -> Page:
    """Leave out values that no blank takes: CSV tells no ids."""
    keys, used = len(page.keys), set(page.blanks)
    ids = [place for place in range(keys) if _FIRST + place in used]
    days = [place for place in range(len(page.since)) if used & set(_days(keys, place))]
    places = [_PATH, _LINE, _AS_OF, _TODAY, *(_FIRST + place for place in ids)]
    places += [number for place in days for number in _days(keys, place)]
    numbers = {place: number for number, place in enumerate(places)}
    return Page(
        page.text, tuple(numbers.get(blank, _PATH) for blank in page.blanks),
        tuple(page.keys[place] for place in ids), tuple(page.since[place] for place in days),
    )  # fmt: skip


def _days(keys: int, place: int) -> tuple[int, int]:
    first = _FIRST + keys + 2 * place
    return first, first + 1


def _mark(value: int) -> str:
    return f"\ue000{value}\ue001"


def _as_written(text: str, form: str) -> bytes:
    """Return a text as a form writes it, between quotes that stand there anyway, or in a cell."""
    written = csv_line((text,)).removesuffix("\r\n") if form == "csv" else json_line(text)[1:-1]
    return written.encode(*_ENCODING)
