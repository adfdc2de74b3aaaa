"""The ledger as a page: every article with the text of the law, every norm with its check and what it awaits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from validator.authoring.ledger import ledger
from validator.facts.vocabulary import Parameter, Table, Vocabulary
from validator.legal_time.instant import day_of, format_day
from validator.reading.node import Node
from validator.rules.labels import CHECKS, KINDS, LEVELS, in_force
from validator.rules.program import AtTrigger, By, Duration, Every, Norm, Until, Within
from validator.rules.rulebook import RuleBook

_CELL, _LEFT, _TOP = 20, 64, 6  # pixels of the overview: a cell, what is left of the cells, and above them


def ledger_view(rules: RuleBook, lang: str, *, mutate: bool = False) -> dict[str, Any]:
    """Return what ``ledger.html.j2`` prints; ``reports/README.md`` gives every name with its shape.

    Args:
        rules: the rule set, with its text.
        lang: ``zh`` or ``en``.
        mutate: run the mutation test, which is slow, and give its score.
    """
    articles = [_article(rules, entry, lang) for entry in ledger(rules, mutate=mutate)]
    records = [r for a in articles for n in a["norms"] for r in n["records"]]
    waiting = _waiting(records)
    return {
        "articles": articles,
        "counts": {
            "articles": len(articles),
            "norms": sum(len(a["norms"]) for a in articles),
            "records": len(records),
            "examples": sum(r["examples"] for r in records),
            "checks": _counted((r["check"] for r in records), tuple(CHECKS)),
            "kinds": _counted((r["kind"] for r in records), ()),
            "waiting": sum(r["waiting"] for r in records),
        },
        "labels": {
            name: {code: label.text(lang) for code, label in labels.items()}
            for name, labels in (("checks", CHECKS), ("kinds", KINDS), ("levels", LEVELS))
        },
        "overview": _overview(articles),
        "unset": waiting,
        "digest": rules.program.digest,
    }


def _counted(words: Iterable[str], first: Sequence[str]) -> list[dict[str, Any]]:
    """Count words, some first in a given order, the others the most frequent first."""
    found = Counter(words)
    rest = sorted((w for w in found if w not in first), key=lambda w: (-found[w], w))
    return [{"word": word, "count": found[word]} for word in [*first, *rest]]


# -- articles ----------------------------------------------------------------------------------------------------------
def _article(rules: RuleBook, entry: Mapping[str, Any], lang: str) -> dict[str, Any]:
    own = [n for n in rules.program.norms if n.article == entry["article"]]
    vocabulary, versions = rules.program.vocabulary, iter(own)  # the ledger has them in this order
    norms = [
        {"norm": n["norm"], "records": [_record(next(versions), r, vocabulary, lang) for r in n["records"]]}
        for n in entry["norms"]
    ]
    return {
        "number": entry["article"],
        "title": entry["title"][lang],
        "texts": _texts(rules, own, lang),
        "norms": norms,
    }


def _texts(rules: RuleBook, norms: Sequence[Norm], lang: str) -> list[dict[str, Any]]:
    """Return the text of an article, once for each file that has one: an amended article has two."""
    files: dict[str, list[Norm]] = {}
    for norm in norms:
        files.setdefault(norm.place.path, []).append(norm)
    found = []
    for same in sorted(files.values(), key=lambda same: min(n.effective.start for n in same)):
        spans = {in_force(n.effective, lang) for n in same}
        paragraphs = _paragraphs(rules.article(same[0]).get("text"), same)
        span = spans.pop() if len(spans) == 1 and len(files) > 1 else ""
        found += [{"in_force": span, "paragraphs": paragraphs}] if paragraphs else []
    return found


def _paragraphs(text: Node | None, norms: Sequence[Norm]) -> list[list[dict[str, Any]]]:
    """Return the text of an article: paragraphs of pieces, ``marked`` where a norm rests on the words."""
    found = []
    for number, paragraph in enumerate((str(p.plain) for p in text.members()) if text is not None else (), 1):
        marked = [False] * len(paragraph)
        for norm in norms:
            start = paragraph.find(norm.passage) if norm.paragraph == number and norm.passage else -1
            at = paragraph.find(norm.words, start) if start >= 0 and norm.words else -1
            if at >= 0:
                marked[at : at + len(norm.words)] = [True] * len(norm.words)
        cuts = [i for i in range(len(paragraph)) if i == 0 or marked[i] != marked[i - 1]] + [len(paragraph)]
        found.append([{"text": paragraph[a:b], "marked": marked[a]} for a, b in pairwise(cuts)])
    return found


def _record(norm: Norm, entry: Mapping[str, Any], vocabulary: Vocabulary, lang: str) -> dict[str, Any]:
    parameters = [_awaited(vocabulary.parameters[name], lang) for name in entry["parameters"]]
    tables = [_awaited(vocabulary.tables[name], lang) for name in entry["tables"]]
    survivors = len(entry.get("survivors", ()))
    return {
        "id": norm.id,
        "anchor": f"{norm.id}-{norm.version}" if norm.version else norm.id,
        "title": norm.title.text(lang),
        "in_force": in_force(norm.effective, lang),
        "kind": norm.kind,
        "check": norm.check,
        "level": norm.level,
        "subject": vocabulary.entities[norm.subject].label.text(lang),
        "paragraph": norm.paragraph,
        "sentence": norm.sentence,
        "words": norm.words,
        "clock": _clock(norm, vocabulary, lang),
        "parameters": parameters,
        "tables": tables,
        "waiting": not all(awaited["set"] for awaited in [*parameters, *tables]),
        "question": None if norm.question is None else norm.question.text(lang),
        "readings": [
            {
                "point": r.point.text(lang),
                "taken": r.taken.text(lang),
                "alternatives": [a.text(lang) for a in r.alternatives],
            }
            for r in norm.readings
        ],
        "examples": entry["examples"],
        "mutants": None if "mutants" not in entry else entry["mutants"] - len(entry["equivalent"]),
        "noticed": None if "mutants" not in entry else entry["mutants"] - len(entry["equivalent"]) - survivors,
    }


def _awaited(found: Parameter | Table, lang: str) -> dict[str, Any]:
    """Return what a court has to set, and whether it is set."""
    return {
        "name": found.name,
        "label": found.label.text(lang),
        "set": bool(found.values) and found.values[-1].value is not None,
    }


def _clock(norm: Norm, vocabulary: Vocabulary, lang: str) -> dict[str, Any]:
    """Return the form of a norm's deadline, its period (``parameter``: a court sets it) and its day, "" for none."""
    deadline = norm.deadline
    form = next((name for kind, name in _FORMS if isinstance(deadline, kind)), "none")
    duration = deadline.lead if isinstance(deadline, By) else getattr(deadline, "duration", None)
    day = "" if not isinstance(deadline, By) or deadline.instant is None else format_day(day_of(deadline.instant))
    period = "" if duration is None else _period(duration, vocabulary, lang)
    return {"form": form, "period": period, "parameter": duration is not None and duration.period is None, "day": day}


_FORMS = ((Within, "within"), (Every, "every"), (By, "by"), (AtTrigger, "at"), (Until, "until"))


def _period(duration: Duration, vocabulary: Vocabulary, lang: str) -> str:
    if duration.period is not None:
        return duration.period.text(lang)
    return vocabulary.parameters[duration.parameter].label.text(lang)


# -- what is awaited, and the overview ---------------------------------------------------------------------------------
def _waiting(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the unset parameters and tables by their names, each with the norms that wait for it."""
    found: dict[str, dict[str, Any]] = {}
    for record in records:
        for awaited in [*record["parameters"], *record["tables"]]:
            if not awaited["set"]:
                entry = found.setdefault(awaited["name"], {**awaited, "norms": []})
                if record["id"] not in entry["norms"]:  # a second version of it
                    entry["norms"].append(record["id"])
    return [found[name] for name in sorted(found)]


def _overview(articles: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the picture: a row of squares for each article, in pixels from the upper left."""
    rows = [
        {
            "number": article["number"],
            "y": _TOP + index * _CELL,
            "squares": [
                {name: r[name] for name in ("id", "anchor", "title", "check", "waiting")} | {"x": _LEFT + i * _CELL}
                for i, r in enumerate(r for n in article["norms"] for r in n["records"])
            ],
        }
        for index, article in enumerate(articles)
    ]
    longest = max((len(row["squares"]) for row in rows), default=0)
    return {"width": _LEFT + longest * _CELL + 4, "height": _TOP + len(rows) * _CELL + 4, "rows": rows}
