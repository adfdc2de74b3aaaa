"""What the files of a rule set say about each other: ids that fit their article, and norms that are named and exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from validator.errors import Problem, nearest
from validator.facts.vocabulary import BOOLEAN, Vocabulary
from validator.reading.node import Node
from validator.reading.rule_files import rule_files
from validator.resources import resource_dir
from validator.rules.policy import RuleSet

_ID = re.compile(r"[A-Z]+([0-9]+)\.[0-9]+[a-z]?")
_NAMED = {"basis": "norm", "norms": "norm", "counts_with": "record", "breach_of": "record", "clock_of": "record"}
"""The keys under which norms are named, and whether by the id of a norm or of one of its records."""
_OF_IDS = ("versions-overlap", "id-of-other-article")
_ELSEWHERE = ("unknown-norm", "unknown-remedy", "unknown-parameter", "unknown-table")


def cross_check(rule_set: RuleSet, faults: Iterable[Problem]) -> list[Problem]:
    """Return ``faults`` and what else is wrong between the files.

    What an article lacks is not said while an id in it is wrong or its file was refused: it may be the one named.
    The vocabulary may serve several rule sets, so it may name norms of articles that are not in this one.
    """
    misnumbered = [p for article in rule_set.articles for p in _misnumbered(article)]
    places = {p.place for p in misnumbered}
    found = [*misnumbered, *(p for p in faults if p.code != "versions-overlap" or p.place not in places)]
    wrong = [dict(p.values) for p in found if p.code in _OF_IDS]
    doubted = {_article_of(name) for name in (*rule_set.refused_ids, *(w["name"] for w in wrong))}
    doubted |= {w.get("article", "") for w in wrong}
    records = {str(r.at(["id"]).value) for a in rule_set.articles for r in a.at(["records"]).members()}
    known = {"record": records, "norm": {r.rstrip("abcdefghijklmnopqrstuvwxyz") for r in records}}
    articles = {_article_of(name) for name in records}
    for file in (*rule_set.articles, *rule_set.vocabulary):
        shared = file.get("article") is None
        for kind, node in _named(file):
            name = str(node.value)
            article = _article_of(name)
            if name not in known[kind] and article not in doubted and (article in articles or not shared):
                found.append(_unknown(node, name, known[kind]))
    return found


def missing_together(rule_set: RuleSet, problems: list[Problem]) -> list[Problem]:
    """Say once, and not at each name, that a copy of the shipped types of records keeps the shipped rules out.

    What the shipped files say that the rule set has none of the same name of would be known if the rules did not stand
    alone; every other problem stays.
    """
    nodes = {Path(n.place.path).name: n for n in (*rule_set.vocabulary, *rule_set.articles)}
    shipped = rule_files(resource_dir("policies"), [])
    copied = next((nodes[p.name] for p in shipped if p.name in nodes and _declares_records(nodes[p.name])), None)
    absent = [p for p in shipped if p.name not in nodes]
    if copied is None or not absent:
        return problems
    texts = "\n".join(p.read_text("utf-8") for p in absent)
    found = [p for p in problems if p.code in _ELSEWHERE and str(dict(p.values)["name"]) in texts]
    if not found:
        return problems
    rest = [p for p in problems if p not in found]
    return [*rest, copied.at(["entities"]).problem("record-types-copied", count=str(len(found)))]


def _declares_records(node: Node) -> bool:
    entities = node.get("entities")
    kinds = () if entities is None else (kind.get("record") for _, kind in entities.items())
    return any(record is not None and record.value is True for record in kinds)


def named_by_label(problem: Problem, vocabulary: Vocabulary) -> Problem:
    """Return a problem of a text that is no name together with the name whose label the text is."""
    values = dict(problem.values)
    if problem.code != "wrong-form" or values.get("nearest"):
        return problem
    booleans = {name: v for name, v in vocabulary.variables.items() if v.type == BOOLEAN}
    slots: Mapping[str, Iterable[str]] = {
        "event": vocabulary.events, "no_event": vocabulary.events, "subject": vocabulary.entities,
        "inside": vocabulary.entities, "by": vocabulary.actors, "unless": booleans, "suspended_while": booleans,
        "variable": vocabulary.variables,
    }  # fmt: skip
    values["nearest"] = vocabulary.meant(values["text"], slots.get(values.get("slot", ""), ()))
    return replace(problem, values=tuple(values.items()))


def _misnumbered(article: Node) -> Iterator[Problem]:
    """Ids bear the number of their article; where all bear one other number, that of the article is wrong."""
    number = article.at(["article"])
    ids = [record.at(["id"]) for record in article.at(["records"]).members()]
    matches = {node: found for node in ids if (found := _ID.fullmatch(str(node.value)))}
    numbers = {int(found[1]) for found in matches.values()}
    places = [(number, matches[ids[0]])] if len(numbers) == 1 and len(matches) == len(ids) else matches.items()
    for node, found in places:
        if int(found[1]) != number.value:
            yield node.problem("id-of-other-article", name=found[0], found=found[1], article=number.plain)


def _article_of(name: str) -> str:
    """Return the number of the article that an id belongs to, "" when the text is no id."""
    found = _ID.fullmatch(name)
    return found[1] if found else ""


def _named(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield what a file names norms by, outside of examples: their data are those of a case."""
    for key, child in node.items():
        if key in _NAMED:
            yield from ((_NAMED[key], part) for part in child.members() if _ID.fullmatch(str(part.value)))
        if key != "examples":
            yield from _named(child)
    for child in node.members():
        yield from _named(child)


def _unknown(node: Node, name: str, known: Iterable[str]) -> Problem:
    """Say that there is no such norm; what stands in the same article is nearer than anything else."""
    article = _article_of(name)
    meant = nearest(name, [k for k in known if _article_of(k) == article]) or nearest(name, known) or ""
    return node.problem("unknown-norm", name=name, nearest=meant, width=len(name))
