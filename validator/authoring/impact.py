"""What an amendment does: what differs between two rule sets in words, and which verdicts of a docket it flips."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from msgspec import Struct

from validator.engine import RecordResult, findings_of, timeline_of
from validator.errors import Problem
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.facts.vocabulary import UNSET, Dated, Label
from validator.judging.finding import Finding, Verdict
from validator.judging.interpreter import DEFAULT_OPTIONS, Options
from validator.legal_time.instant import Instant, day_of, format_day
from validator.limits import DEFAULT, Limits
from validator.reading.intake import RawRecord, Rejected
from validator.reading.node import Node
from validator.rules.program import Norm, Program
from validator.rules.rulebook import RuleBook

EXAMPLES = 3
"""Records that are shown for each flip of a norm."""
_NO_LAW = frozenset({"examples", "equivalent_changes"})
_VOCABULARY = ("entities", "links", "variables", "event_attributes", "events", "remedies", "actors")


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two rule sets.

    Attributes:
        kind: norm, article, parameter, table, calendar, or a section of the vocabulary.
        name: of the norm, parameter, day ...; the number of an article.
        path: where in it, keys joined by dots; "" for the whole; of a later version behind its first day in force.
        old: as it was written; "" if there was nothing; of a day ``working`` or ``rest``, of a year ``published``; of
            a norm or article that the other rule set has not, the title.
        new: as it is written, in the same way.
    """

    kind: str
    name: str
    path: str = ""
    old: str | Label = ""
    new: str | Label = ""

    def as_json(self) -> dict[str, str]:
        """Return the JSON form, empty keys left out; titles in Chinese."""
        fields = {name: getattr(self, name) for name in ("kind", "name", "path", "old", "new")}
        return {name: v.zh if isinstance(v, Label) else v for name, v in fields.items() if v}


def changes(old: RuleBook, new: RuleBook) -> list[Change]:
    """Return what differs between two rule sets: articles, norms, figures, days of the calendar, the vocabulary."""
    return [
        *_articles(old, new),
        *_norms(old, new),
        *_figures(old.program, new.program),
        *_days(old.program, new.program),
        *_words(old.program, new.program),
    ]


# -- in words ----------------------------------------------------------------------------------------------------------
def _articles(old: RuleBook, new: RuleBook) -> Iterator[Change]:
    """Yield how titles, laws and the text of articles differ, of the text each paragraph."""
    before, after = _numbered(old), _numbered(new)
    for key in dict.fromkeys((*before, *after)):
        number, one, other = str(key[0]), before.get(key), after.get(key)
        if one is None or other is None:
            yield Change("article", number, "", *("" if a is None else Label(**a["title"]) for a in (one, other)))
            continue
        for path, was, now in _differences(one, other):
            yield Change("article", number, path, was, now)


def _numbered(book: RuleBook) -> dict[tuple[int, int], dict[str, Any]]:
    """Return what article files say besides their norms, by number and, as laws may share one, by order."""
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for node in book.articles:
        article = {key: part.plain for key, part in node.items() if key != "records"}
        article.setdefault("law", {})
        article["text"] = {str(i): paragraph for i, paragraph in enumerate(article.get("text", ()), 1)}
        number = article["article"]
        found[number, sum(n == number for n, _ in found)] = article
    return found


def _norms(old: RuleBook, new: RuleBook) -> Iterator[Change]:
    """Yield what differs in norms; a version that was added differs from the one before it."""
    before, after = _versions(old), _versions(new)
    for key in dict.fromkeys((*before, *after)):
        one, other = before.get(key), after.get(key)
        name, day = key
        earlier = _preceding(new, other) if one is None and other is not None else None
        texts = (_written(old, one) if earlier is None else _written(new, earlier), _written(new, other))
        if texts[0] is None or texts[1] is None:
            yield Change("norm", name, day, *("" if n is None else n.title for n in (one, other)))
            continue
        for path, was, now in _differences(*texts):
            if earlier is None or not path.startswith("effective"):
                yield Change("norm", name, f"{day} {path}".lstrip(), was, now)


def _versions(book: RuleBook) -> dict[tuple[str, str], Norm]:
    """Return the norm records by id and the first day in force of a later version, "" for the first."""
    return {(norm.id, norm.version): norm for norm in book.program.norms}


def _preceding(book: RuleBook, norm: Norm) -> Norm | None:
    """Return the version that a version follows, if it follows one."""
    before = [v for v in book.program.by_id[norm.id] if v.effective.start < norm.effective.start]
    return max(before, key=lambda v: v.effective.start, default=None)


def _written(book: RuleBook, norm: Norm | None) -> dict[str, Any] | None:
    if norm is None:
        return None
    return {k: v for k, v in book.record(norm).plain.items() if k not in _NO_LAW}


def _differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield where two written values differ, as deep as both are mappings."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _differences(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif old != new:
        yield path, _text(old), _text(new)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _figures(old: Program, new: Program) -> Iterator[Change]:
    pairs: tuple[tuple[str, Mapping[str, Any], Mapping[str, Any]], ...] = (
        ("parameter", old.vocabulary.parameters, new.vocabulary.parameters),
        ("table", old.vocabulary.tables, new.vocabulary.tables),
    )
    for kind, before, after in pairs:
        for name in dict.fromkeys((*before, *after)):
            was, now = (_values(p[name].values) if name in p else "" for p in (before, after))
            if was != now:
                yield Change(kind, name, "", was, now)


def _values(values: Iterable[Dated]) -> str:
    """Write dated values, each with the day from which it holds."""
    written = ((UNSET if v.value is None else v.value, v.start) for v in values)
    return "; ".join(
        f"{', '.join(map(str, value)) if isinstance(value, tuple) else value} ({format_day(day_of(start))})"
        if start > 0
        else str(value)
        for value, start in written
    )


def _days(old: Program, new: Program) -> Iterator[Change]:
    """Yield the days that one calendar counts as working days and the other does not."""
    one, other = old.calendar, new.calendar
    if one.digest == other.digest:
        return
    days = {*one.rest, *one.made_up, *other.rest, *other.made_up}
    for day in sorted(d for d in days if one.is_working(d) != other.is_working(d)):
        words = ["working" if c.is_working(day) else "rest" for c in (one, other)]
        yield Change("calendar", date.fromordinal(day).isoformat(), "", *words)
    for year in sorted(one.years ^ other.years):
        yield Change("calendar", str(year), "", *("published" if year in c.years else "" for c in (one, other)))


def _words(old: Program, new: Program) -> Iterator[Change]:
    for path, was, now in _differences(_bare(old.vocabulary.law), _bare(new.vocabulary.law)):
        yield Change("law", "law", path, was, now)
    for section in _VOCABULARY:
        before, after = getattr(old.vocabulary, section), getattr(new.vocabulary, section)
        for name in dict.fromkeys((*before, *after)):
            found = [v.get(name) for v in (before, after)]
            one, other = map(_called if None in found else _bare, found)
            for path, was, now in _differences(one, other):
                yield Change(section, name, path, was, now)


def _called(value: Any) -> Any:
    """Return what a declaration that is added, or gone, is called; all of it where it has no label."""
    label = value if isinstance(value, Label) else getattr(value, "label", None)
    return label.zh if isinstance(label, Label) else _bare(value)


def _bare(value: Any) -> Any:
    """Return a declaration as plain data, without the places that it was read from."""
    if isinstance(value, Node):
        return value.plain
    if isinstance(value, Mapping):
        return {key: _bare(v) for key, v in value.items()}
    if isinstance(value, tuple | list):
        return [_bare(v) for v in value]
    if isinstance(value, Struct):
        return {name: _bare(getattr(value, name)) for name in value.__struct_fields__ if name != "place"}
    return value


# -- on records --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Flip:
    """An instance that gets another verdict, or another last day."""

    norm: str
    old: Finding | None
    new: Finding | None

    @property
    def direction(self) -> tuple[str, str]:
        """The verdicts before and after; an instance that is not there is not triggered."""
        return _verdict(self.old), _verdict(self.new)

    @property
    def finding(self) -> Finding:
        """The finding that there is, the newer one if both are."""
        found = self.new or self.old
        assert found is not None  # noqa: S101 - a flip has at least one
        return found


def _verdict(finding: Finding | None) -> str:
    return str(Verdict.NOT_TRIGGERED if finding is None else finding.verdict)


@dataclass(slots=True)
class Impact:
    """What an amendment does to a docket.

    Attributes:
        records: judged with both rule sets.
        flips: by norm and direction.
        moved: by norm, instances that keep their verdict and get another last day.
        examples: the first flips of each norm and direction.
        named: record and instance key of every flip of each norm and direction.
        refused: problems of records that could not be read with one of the rule sets.
    """

    records: int = 0
    flips: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    examples: dict[tuple[str, str, str], list[Flip]] = field(default_factory=dict)
    named: dict[tuple[str, str, str], list[tuple[str, str]]] = field(default_factory=dict)
    refused: list[Problem] = field(default_factory=list)

    def add(self, flip: Flip) -> None:
        """Count a flip, or a last day that has moved."""
        old, new = flip.direction
        if old == new:
            self.moved[flip.norm] += 1
            return
        key = (flip.norm, old, new)
        self.flips[key] += 1
        self.named.setdefault(key, []).append((flip.finding.record, flip.finding.key))
        shown = self.examples.setdefault(key, [])
        if len(shown) < EXAMPLES:
            shown.append(flip)


def impact(
    old: Program, new: Program, records: Iterable[RawRecord | Rejected], as_of: Instant, *,
    context: Iterable[RawRecord | Rejected] = (), options: Options = DEFAULT_OPTIONS, limits: Limits = DEFAULT,
) -> Impact:  # fmt: skip
    """Judge records with two rule sets and compare the verdicts, instance by instance.

    Args:
        old: the rules as they are.
        new: the rules as they would be.
        records: the docket.
        as_of: the moment of judgement.
        context: other records that the records name.
        options: which norms, and how.
        limits: sizes beyond which a record is refused.
    """
    found = Impact()
    others = list(context)
    sides = [(program, _context(program, others, limits)) for program in (old, new)]
    for raw in records:
        judged = [_judged(program, raw, as_of, others, options, limits) for program, others in sides]
        refused = next((j.problems for j in judged if isinstance(j, RecordResult)), None)
        if refused is not None:
            found.refused += refused
            continue
        found.records += 1
        for flip in _flips(
            *({f.key: f for f in j if f.reason == ""} for j in judged if not isinstance(j, RecordResult))
        ):
            found.add(flip)
    return found


def _judged(
    program: Program, raw: RawRecord | Rejected, as_of: Instant, context: Context, options: Options, limits: Limits
) -> list[Finding] | RecordResult:
    read = timeline_of(program, raw, limits=limits)
    return read if isinstance(read, RecordResult) else findings_of(program, read, as_of, context, options)


def _context(program: Program, records: Iterable[RawRecord | Rejected], limits: Limits) -> Context:
    read = [timeline_of(program, raw, ignore_unknown_events=True, limits=limits) for raw in records]
    return Context({(t.record_type, t.id): t for t in read if isinstance(t, Timeline)})


def _flips(before: Mapping[str, Finding], after: Mapping[str, Finding]) -> Iterator[Flip]:
    for key in dict.fromkeys((*before, *after)):
        one, other = before.get(key), after.get(key)
        flip = Flip((other or one).norm, one, other)  # type: ignore[union-attr]  # one of them is there
        if len(set(flip.direction)) > 1 or (one is not None and other is not None and one.due != other.due):
            yield flip
