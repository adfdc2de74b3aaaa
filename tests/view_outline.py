"""Outlines of views: every name with its shape, as ``reports/README.md`` shows them.

``python tests/view_outline.py`` prints the outlines of the real views, without the words that explain a name.
"""

import sys
import types
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from msgspec import structs
from test_letters import RECORD, RULES

from validator import load, parse_as_of
from validator.authoring.impact import Flip, Impact
from validator.facts.record import read_record
from validator.facts.vocabulary import Dated, Label
from validator.judging.finding import Finding, Lateness, Verdict
from validator.judging.interpreter import judge_whole
from validator.legal_time.instant import BEGIN
from validator.reading.intake import RawRecord
from validator.reporting.case_view import CaseView
from validator.reporting.courts import Courts
from validator.reporting.diff_view import diff_view
from validator.reporting.docket import Docket, count
from validator.reporting.docket_view import docket_view
from validator.reporting.findings_file import Entry, FindingsFile, Words
from validator.reporting.ledger_view import ledger_view
from validator.reporting.letter import Letter, Matter, letter_view
from validator.rules.rulebook import read_rules

FINDINGS = Path(__file__).parent / "data" / "docket.ndjson"
SMALL = Path(__file__).parent / "data" / "small"
PERHAPS_OVER = Entry(
    "r", "case", 13, "A13.1", "undetermined", "high", Words("甲", "a"), "", due_day=date(2022, 3, 8),
    due="2022-03-09T00:00:00+08:00", could_be=("breached", "pending"),
)  # fmt: skip
"""What no record of the findings is: a duty whose term may be over."""
WORDS = {bool: "yes/no", int: "number", float: "number", str: "text"}


def outline(views: list[Any], depth: int = 0, above: Mapping[frozenset[str], str] | None = None) -> Iterator[str]:
    """Yield the lines of an outline of views of one kind: names, one a line, members of lists and mappings indented.

    What has the names of something that it is in is like that (``above``: where such names stand).
    """
    names = list(dict.fromkeys(name for view in views for name in view))
    for name in names:
        values = [view[name] for view in views if name in view]
        members, mark = _members(values)
        shapes = {_shape(v) for v in values if v is not None} or {"null"}
        optional = "?" if any(v is None for v in values) or len(values) < len(views) else ""
        inner = [m for m in members if isinstance(m, dict)]
        own = frozenset(n for m in inner for n in m)
        same = (above or {}).get(own)
        said = f": like {same}" if same else ":" if inner else f": {' or '.join(sorted(shapes))}"
        yield f"{'  ' * depth}{name}{mark}{optional}{said}"
        if inner and not same:
            yield from outline(_all_inside(inner, own), depth + 1, {**(above or {}), own: f"{name}{mark}"})


def _all_inside(views: list[Any], names: frozenset[str]) -> list[Any]:
    """Return views together with those inside them that have the same names, so that all that they may hold is seen."""
    found = list(views)
    for view in found:
        for members, _ in (_members([value]) for value in view.values()):
            found += [m for m in members if isinstance(m, dict) and m.keys() == names]
    return found


def _members(values: list[Any]) -> tuple[list[Any], str]:
    """Return the members of lists, lists in lists opened too, with a mark for each level."""
    mark = ""
    while any(isinstance(v, list) for v in values):
        values, mark = [m for v in values if isinstance(v, list) for m in v], f"{mark}[]"
    return values, mark


def _shape(value: Any) -> str:
    while isinstance(value, list):
        value = value[0] if value else ""
    return "yes/no" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "text"


def typed(kind: Any, path: str = "", seen: dict[Any, str] | None = None) -> Iterator[str]:
    """Yield the lines of the outline of a view that is a data class; a class is opened where it comes first."""
    places = {} if seen is None else seen
    for name, hint in get_type_hints(kind).items():
        inner, mark = _opened(hint)
        here = f"{path}{name}{mark}"
        start = f"{'  ' * here.count('.')}{name}{mark}:"
        if inner in places:
            yield f"{start} like {places[inner]}"
        elif is_dataclass(inner):
            places[inner] = here
            yield start
            yield from typed(inner, f"{here}.", places)
        else:
            yield f"{start} {WORDS.get(inner, 'text')}"


def _opened(hint: Any) -> tuple[Any, str]:
    """Return of what a value is made, and a mark for each list and for what may be missing."""
    origin, members = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        inner, mark = _opened(next(m for m in members if m is not type(None)))
        return inner, f"{mark}?" if type(None) in members else mark
    if origin in (tuple, Sequence, list) or (isinstance(origin, type) and issubclass(origin, Sequence)):
        inner, mark = _opened(members[0])
        return inner, f"[]{mark}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _opened(members[1])
    return hint, ""


def diffs(lang: str) -> Iterator[dict[str, Any]]:
    """Yield views of an amendment in a language, without a docket and with one."""
    old = read_rules([str(SMALL)], examples=False)
    figures = {"answer_days": (Dated(BEGIN, Decimal(1)),)}
    parameters = {
        n: structs.replace(p, values=figures.get(n, p.values)) for n, p in old.program.vocabulary.parameters.items()
    }
    vocabulary = structs.replace(old.program.vocabulary, parameters=parameters)
    new = replace(old, program=structs.replace(old.program, vocabulary=vocabulary))
    yield diff_view(old, new, None, lang)
    finding = Finding(
        "r", "matter", 1, "A1.1", "k", Verdict.LATE, "high", Label("甲", "a"), due_day="2022-01-10",
        due="2022-01-11T00:00:00+08:00", decided_at="2022-01-12T09:00:00+08:00", late_by=Lateness(2, 2),
    )  # fmt: skip
    found = Impact(1)
    found.add(Flip("A1.1", replace(finding, verdict=Verdict.COMPLIANT), finding))
    found.add(Flip("A1.1", finding, replace(finding, due="2022-01-12T00:00:00+08:00")))
    yield diff_view(old, new, found, lang)


# -- real views --------------------------------------------------------------------------------------------------------
@cache
def outlines() -> dict[str, list[str]]:
    """Return the outline of each view by its name."""
    program, as_of = load([str(RULES)]), parse_as_of("2022-03-15")
    timeline = read_record(RawRecord("record.json", 1, "", RECORD, ""), program.vocabulary)
    matter = Matter(program, timeline, judge_whole(program, timeline, as_of), as_of)
    ledgers = [ledger_view(read_rules([str(SMALL)]), "zh", mutate=True), ledger_view(read_rules(examples=False), "zh")]
    with FindingsFile(str(FINDINGS), None) as file:
        docket = Docket(file.header, program.calendar, courts := Courts(program.vocabulary, {}))
        deque(count(file, docket), maxlen=0)
    docket.add(PERHAPS_OVER)
    return {
        "docket": list(outline([docket_view(docket, courts, load(), "zh")])),
        "diff": list(outline([*diffs("zh")])),
        "letter": list(outline([letter_view(matter, kind, 7, "zh") for kind in Letter])),
        "ledger": list(outline(ledgers)),
        "case": list(typed(CaseView)),
    }


if __name__ == "__main__":
    for name, lines in outlines().items():
        sys.stdout.write(f"```{name}\n" + "\n".join(lines) + "\n```\n")
