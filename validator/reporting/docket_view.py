"""The view of a docket: plain lists, numbers and words, as ``reports/docket.*.j2`` print them.

Whatever comes from an input is cut to `LONGEST` characters and has no invisible ones, and every list has an end, so
that a page has one too (below 2 MB); beside each list stands how many are left out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import msgspec

from validator.errors import Place, Problem, visible
from validator.facts.vocabulary import Label, Vocabulary
from validator.judging.finding import IN_ORDER, VERDICT_LABELS, Verdict
from validator.judging.interpreter import Options
from validator.legal_time.instant import format_day, format_moment
from validator.output.render import ends_text, entity_names, sentences
from validator.questions.due import URGENCY_LABELS, Urgency
from validator.reporting.courts import NO_COURT, Courts, level_of
from validator.reporting.docket import (
    AGES,
    NORMS_OF_A_RECORD,
    RANKS,
    WINDOWS,
    CourtCount,
    Docket,
    Kinds,
    RecordCount,
)
from validator.reporting.findings_file import Entry, Refusal
from validator.reporting.wording import datum
from validator.rules.labels import LEVELS
from validator.rules.program import Norm, Program

LONGEST = 60
"""Characters of a text from an input; a sentence or title may have `LONGEST_SENTENCE`."""
LONGEST_SENTENCE = 160
MOST_ROWS = 240
"""Courts of a page."""
MOST_ARTICLES = 60
MOST_NORMS = 40
MOST_FACTS = 20
MOST_SILENT = 400
SHADES = 4


@dataclass(slots=True)
class Branch:
    """A court with its own counts, and the sums of it and all courts below."""

    court: str
    own: CourtCount = field(default_factory=CourtCount)
    below: list[Branch] = field(default_factory=list)
    violating: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    articles: Counter[int] = field(default_factory=Counter)

    @property
    def violations(self) -> int:
        """Violations of the court and those below."""
        return self.articles.total()

    @property
    def rank(self) -> tuple[int, int, str]:
        """Where it stands among its siblings: the worst first, other courts last, then by code."""
        return (self.court == NO_COURT, -self.violations, self.court)


def docket_view(docket: Docket, courts: Courts, program: Program, lang: str) -> dict[str, Any]:
    """Return what the templates print.

    Args:
        docket: counted to its end.
        courts: know which court is above which.
        program: has the titles of articles and norms, and names for data that are missing.
        lang: "zh" or "en".
    """
    titles = {norm.article: norm.article_title for norm in program.norms}
    roots, branches = _branches(docket, courts)
    kept = _kept(branches, courts)
    totals = docket.totals
    problems = [*docket.problems, *disagreements(docket)]
    return {
        "levels": {level: label.text(lang) for level, label in LEVELS.items()},
        "labels": {str(v): label.text(lang) for v, label in VERDICT_LABELS.items()},
        "as_of": format_moment(docket.header.moment),
        "header": {name: getattr(docket.header, name) for name in ("zhijian", "assume_in_force", "require_attestation")}
        | {"select": [shown(n, 20) for n in docket.header.select]},
        "digest": shown(docket.header.policy_digest, 12),
        "same_policies": docket.header.policy_digest == program.digest,
        "problems": [_cut(p.render(lang).partition("\n")[0], LONGEST_SENTENCE) for p in problems],
        "problems_left": docket.broken - len(docket.problems),
        "whole": totals is not None,
        "judged": None if totals is None else msgspec.to_builtins(totals.records),
        "refused": docket.refused,
        "violating": docket.violating,
        "breaches": docket.breaches,
        "waived": docket.waived,
        "verdicts": _verdicts(docket, lang),
        "with_courts": any(court != NO_COURT for court in branches),
        "heat": _heat(roots, kept, titles, lang),
        "courts": [_court(branch, kept, lang) for branch in roots if branch.court in kept],
        "courts_left": len(branches) - len(kept),
        "worst": {"rows": [_listed(f, courts, lang) for f in docket.worst.best()], "all": docket.worst.offered},
        "frequent": _frequent(docket, lang),
        "ages": _ages(docket),
        "due": _due(docket, courts, lang),
        "silent": _silent(docket, program, lang),
        "missing": _facts(docket.missing, program.vocabulary, lang),
        "coarse": _facts(docket.coarse, program.vocabulary, lang),
        "rejects": _rejects(docket),
    }


def shown(text: str, most: int = LONGEST) -> str:
    """Return a text from an input as it may stand on a page: visible, and not too long."""
    return _cut(visible(text[: most + 1]), most)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


# -- does it add up ---------------------------------------------------------------------------------------------------
def disagreements(docket: Docket) -> list[Problem]:
    """Return how the summary differs from what was read; that there is none is a problem too."""
    place = Place("summary")
    totals = docket.totals
    if totals is None:
        return [Problem("findings-cut", place)]
    hidden = frozenset() if docket.header.findings == "all" else IN_ORDER
    compared = [(VERDICT_LABELS[v], totals.findings.get(v, 0), docket.verdicts[v]) for v in Verdict if v not in hidden]
    records = totals.records
    compared += [
        (Label("拒绝的记录", "refused records"), records.rejected, docket.refused),
        (Label("违规，同一不作为只计一次", "breaches, one omission counted once"), totals.breaches, docket.breaches),
        (Label("判断和拒绝的记录", "records judged and refused"), records.read, records.judged + records.rejected),
    ]
    differing = [(what, told, found) for what, told, found in compared if told != found]
    return [
        Problem(
            "findings-disagree", place,
            (("what_zh", what.zh), ("what_en", what.en), ("told", str(told)), ("found", str(found))),
        )
        for what, told, found in differing
    ]  # fmt: skip


def _verdicts(docket: Docket, lang: str) -> list[dict[str, Any]]:
    """The number of every verdict; None where the file neither lists nor counts them."""
    totals = docket.totals
    counts: dict[Verdict, int | None] = {v: docket.verdicts[v] for v in Verdict}
    if docket.header.findings == "problems":
        counts |= {v: None if totals is None else totals.findings.get(v, 0) for v in IN_ORDER}
    most = max([n or 0 for v, n in counts.items() if v is not Verdict.NOT_TRIGGERED], default=0)
    return [
        {"name": str(v), "label": VERDICT_LABELS[v].text(lang), "count": n,
         "width": 0 if v is Verdict.NOT_TRIGGERED else _percent(n or 0, most)}
        for v, n in counts.items()
    ]  # fmt: skip


def _percent(part: int, whole: int) -> int:
    return math.ceil(100 * part / whole) if whole else 0


# -- courts -----------------------------------------------------------------------------------------------------------
def _branches(docket: Docket, courts: Courts) -> tuple[list[Branch], dict[str, Branch]]:
    """Return the highest courts, and all courts by name."""
    branches: dict[str, Branch] = {}
    roots: list[Branch] = []
    for court, counted in docket.courts.items():
        line = courts.line(court)
        for i, name in enumerate(reversed(line)):
            if name not in branches:
                branches[name] = Branch(name)
                (branches[line[-i]].below if i else roots).append(branches[name])
            branch = branches[name]
            branch.violating += counted.violating
            branch.verdicts.update(counted.verdicts)
            branch.articles.update(counted.articles)
        branches[court].own = counted
    for branch in branches.values():
        branch.below.sort(key=lambda b: b.rank)
    return sorted(roots, key=lambda b: b.rank), branches


def _kept(branches: Mapping[str, Branch], courts: Courts) -> frozenset[str]:
    """Return the courts that are shown: those with the most violations, each with all above it."""
    kept: dict[str, None] = {}
    for branch in sorted(branches.values(), key=lambda b: b.rank):
        line = [name for name in courts.line(branch.court) if name not in kept]
        if len(kept) + len(line) > MOST_ROWS:
            break
        kept.update(dict.fromkeys(line))
    return frozenset(kept)


def _heat(
    roots: Iterable[Branch], kept: frozenset[str], titles: Mapping[int, Label], lang: str
) -> dict[str, Any]:  # fmt: skip
    """Courts by articles: how many violations, and a shade from 0 to `SHADES`."""
    rows = [(b, depth) for b, depth in _walk(roots, 0) if b.court in kept]
    counted: Counter[int] = Counter()
    for root in roots:
        counted.update(root.articles)
    articles = sorted(a for a, _ in counted.most_common(MOST_ARTICLES))
    most = max((n for b, _ in rows for n in b.articles.values()), default=0)
    bounds = sorted({math.ceil(most ** (i / SHADES)) for i in range(SHADES)}) if most else []
    ends = [*(b - 1 for b in bounds[1:]), most]
    return {
        "articles": [{"number": a, "title": _title(titles.get(a), lang)} for a in articles],
        "articles_left": len(counted) - len(articles),
        "rows": [
            {"name": shown(b.court), "level": level_of(b.court), "depth": depth, "id": _id(b.court),
             "total": b.violations,
             "cells": [(n, sum(n >= bound for bound in bounds)) for a in articles for n in [b.articles[a]]]}
            for b, depth in rows
        ],
        "legend": [(i, first, last) for i, (first, last) in enumerate(zip(bounds, ends, strict=False), 1)],
    }  # fmt: skip


def _walk(branches: Iterable[Branch], depth: int) -> Iterable[tuple[Branch, int]]:
    for branch in branches:
        yield branch, depth
        yield from _walk(branch.below, depth + 1)


def _id(court: str) -> str:
    """Return the id of a court's place on the page; it is made of what can stand there."""
    return "court-" + "".join(c if c.isalnum() else f"-{ord(c):x}-" for c in court[:LONGEST])


def _title(label: Label | None, lang: str) -> str:
    return "" if label is None else label.text(lang)


def _court(branch: Branch, kept: frozenset[str], lang: str) -> dict[str, Any]:
    """A court, its worst records and the courts below, to any depth."""
    own = branch.own
    below = [_court(b, kept, lang) for b in branch.below if b.court in kept]
    return {
        "id": _id(branch.court),
        "name": shown(branch.court),
        "level": level_of(branch.court),
        "violating": branch.violating,
        "violations": branch.violations,
        "open": sum(branch.verdicts[v] for v in (Verdict.UNDETERMINED, Verdict.NEEDS_REVIEW)),
        "own_violating": own.violating,
        "worst": [_record(record) for record in own.worst.best()],
        "below": below,
    }


def _record(record: RecordCount) -> dict[str, Any]:
    norms = list(record.norms)
    return {
        "id": shown(record.id),
        "place": _place(record),
        "breached": record.verdicts["breached"],
        "late": record.verdicts["late"],
        "days": record.worst[1],
        "level": [*LEVELS][-record.worst[0]],
        "norms": [shown(n, 20) for n in norms[:NORMS_OF_A_RECORD]],
        "norms_left": len(norms) - NORMS_OF_A_RECORD if len(norms) > NORMS_OF_A_RECORD else 0,
    }


def _place(found: RecordCount | Entry | Refusal) -> str:
    return shown(found.path) + (f":{found.line}" if found.line else "")


# -- findings ---------------------------------------------------------------------------------------------------------
def _listed(found: Entry, courts: Courts, lang: str) -> dict[str, Any]:
    finding = found.finding()
    return {
        "record": shown(found.record),
        "place": _place(found),
        "court": shown(courts.of(found.record_type, found.record)),
        "who": shown(entity_names(finding)),
        "verdict": found.verdict,
        "label": VERDICT_LABELS[finding.verdict].text(lang),
        "level": found.level,
        "rank": -RANKS[found.level],
        "norm": shown(found.norm, 20),
        "title": shown(found.title.text(lang), LONGEST_SENTENCE),
        "due_day": str(found.due_day or ""),
        "days": found.late_by.calendar_days if found.late_by is not None else None,
        "why": [_cut(visible(s), LONGEST_SENTENCE) for s in sentences(finding, lang, 1)][:4],
    }


def _frequent(docket: Docket, lang: str) -> dict[str, Any]:
    ranked = sorted(docket.norms.items(), key=lambda pair: -pair[1].verdicts.total())
    most = ranked[0][1].verdicts.total() if ranked else 0
    rows = [
        {"norm": shown(norm, 20), "title": shown(found.title.text(lang), LONGEST_SENTENCE), "level": found.level,
         "breached": found.verdicts["breached"], "late": found.verdicts["late"], "all": found.verdicts.total(),
         "records": found.records, "width": _percent(found.verdicts.total(), most)}
        for norm, found in ranked[:MOST_NORMS]
    ]  # fmt: skip
    left = sum(found.verdicts.total() for _, found in ranked[MOST_NORMS:]) + docket.other_norms
    return {"rows": rows, "norms_left": len(ranked) - len(rows), "left": left}


def _ages(docket: Docket) -> dict[str, Any]:
    """How long what was not done has been overdue, by classes of calendar days and by level."""
    counts = [[docket.overdue[age, level] for level in LEVELS] for age in range(len(AGES) + 1)]
    most = max(map(sum, counts))
    firsts = [0, *(last + 1 for last in AGES)]
    rows = [
        {"first": first, "last": last, "levels": list(zip(LEVELS, found, strict=True)), "all": sum(found),
         "bars": [(level, round(100 * n / most, 1)) for level, n in zip(LEVELS, found, strict=True) if n]}
        for first, last, found in zip(firsts, [*AGES, None], counts, strict=True)
    ]  # fmt: skip
    return {
        "rows": rows,
        "all": docket.overdue.total(),
        "levels": [sum(column) for column in zip(*counts, strict=True)],
    }


def _due(docket: Docket, courts: Courts, lang: str) -> dict[str, Any]:
    windows = [
        {"days": days, "last": format_day(last), "all": sum(levels), "levels": levels}
        for i, (days, last) in enumerate(zip(WINDOWS, docket.horizons, strict=True))
        for levels in [[docket.due[i, level] for level in LEVELS]]
    ]
    return {
        "windows": windows,
        "rows": [_listed(found, courts, lang) for found in docket.next.best()],
        "all": docket.next.offered,
        "over": {
            "rows": [_over(found, docket, courts, lang) for found in docket.perhaps_over.best()],
            "all": docket.perhaps_over.offered,
            "levels": [docket.over[level] for level in LEVELS],
        },
        "provisional": not docket.calendar.covers_all(docket.day, docket.horizons[-1]),
    }


def _over(found: Entry, docket: Docket, courts: Courts, lang: str) -> dict[str, Any]:
    """A duty whose term is or may be over, in the words of `due`."""
    urgency = found.over(docket.moment) or Urgency.PERHAPS_OVER
    label = URGENCY_LABELS[urgency].text(lang)
    return _listed(found, courts, lang) | {"label": label, "due_day": ends_text(found.finding(), lang)}


# -- norms that never fired, and the quality of the data --------------------------------------------------------------
def _silent(docket: Docket, program: Program, lang: str) -> dict[str, Any] | None:
    """The norms none of whose records has a finding, by article; None when the file does not say."""
    if docket.totals is None:
        return None
    names, options = set(docket.totals.never_fired), Options(frozenset(docket.header.select))
    records: dict[str, list[Norm]] = {}
    for record in program.norms:
        if options.selects(record):
            records.setdefault(record.norm, []).append(record)
    silent = [found for found in records.values() if names.issuperset(r.id for r in found)]
    others = len(names - program.by_id.keys())  # of other policies
    shown = sorted(silent[:MOST_SILENT], key=lambda found: found[0].article)
    return {
        "all": len(silent) + others,
        "of": len(records) + others,
        "left": len(silent) + others - len(shown),
        "articles": [
            {"number": article, "title": norms[0][0].article_title.text(lang),
             "norms": [{"id": norm[0].norm, "title": _titles(norm, lang)} for norm in norms]}
            for article, group in groupby(shown, key=lambda found: found[0].article)
            for norms in [list(group)]
        ],
    }  # fmt: skip


def _titles(records: Iterable[Norm], lang: str) -> str:
    """Return the titles of the records of a norm; most have one."""
    return " / ".join(dict.fromkeys(r.title.text(lang) for r in records))


def _facts(kinds: Kinds[tuple[str, str]], vocabulary: Vocabulary, lang: str) -> dict[str, Any]:
    common = kinds.most_common(MOST_FACTS)
    most = common[0][1] if common else 0
    rows = [
        {"type": _kind(vocabulary, record_type, lang), "place": shown(place), "count": n, "width": _percent(n, most),
         "label": shown(datum(vocabulary, record_type, place, lang), LONGEST_SENTENCE)}
        for (record_type, place), n in common
    ]  # fmt: skip
    total = sum(kinds.counts.values()) + kinds.others
    return {
        "rows": rows,
        "all": total,
        "left": len(kinds.counts) - len(rows),
        "left_count": total - sum(n for _, n in common),
    }


def _kind(vocabulary: Vocabulary, name: str, lang: str) -> str:
    kind = vocabulary.entities.get(name)
    return shown(name) if kind is None else kind.label.text(lang)


def _rejects(docket: Docket) -> dict[str, Any]:
    ranked = sorted(docket.refusals.items(), key=lambda pair: -pair[1].records)
    rows = [
        {"code": shown(code), "records": found.records, "place": _place(found.first),
         "message": shown(found.first.message, LONGEST_SENTENCE)}
        for code, found in ranked[:MOST_FACTS]
    ]  # fmt: skip
    return {"rows": rows, "left": len(ranked) - len(rows)}
