"""A rule set with its text at hand, for whoever writes it: the program, and every record as its author wrote it.

Judging needs the program alone; `validator.authoring.lint`, the examples, the mutants and the ledger need both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from validator.errors import InvalidPolicy, Place
from validator.facts.declarations import read_overlay, read_vocabulary
from validator.legal_time.notices import load_calendar
from validator.limits import DEFAULT, Limits
from validator.reading.node import Node
from validator.rules.binding import bind_program
from validator.rules.policy import RuleSet, read_file, read_rule_set
from validator.rules.program import Norm, Program
from validator.rules.references import cross_check, missing_together, named_by_label


@dataclass(frozen=True, slots=True)
class RuleBook:
    """A program and what it was made of.

    Attributes:
        program: the rules.
        written: by the place of a record, the record and its article.
        articles: the article files.
        notices: the files with a section ``calendar``.
    """

    program: Program
    written: Mapping[Place, tuple[Node, Node]]
    articles: tuple[Node, ...]
    notices: tuple[Node, ...] = ()

    def record(self, norm: Norm) -> Node:
        """Return a norm record as written."""
        return self.written[norm.place][0]

    def article(self, norm: Norm) -> Node:
        """Return the article file of a norm record."""
        return self.written[norm.place][1]

    def examples(self, norm: Norm) -> tuple[Node, ...]:
        """Return the examples inside a norm record."""
        node = self.record(norm).get("examples")
        return () if node is None else node.members()


def read_rules(
    paths: Sequence[str] = (),
    *,
    parameters: Sequence[str] = (),
    overlays: Sequence[Node] = (),
    limits: Limits = DEFAULT,
    examples: bool = True,
) -> RuleBook:
    """Read a rule set (default: the one that ships with the package) with parameter overlays, and bind it.

    ``overlays`` are read nodes of the same form as parameter files.  ``examples``: check the examples inside the
    records too.
    Raises `InvalidPolicy` with every problem of every file.
    """
    rule_set = read_rule_set(paths, limits, examples=examples)
    program = assemble(rule_set, parameters=parameters, overlays=overlays, limits=limits)
    written = {r.place: (r, article) for article in rule_set.articles for r in article.at(["records"]).members()}
    return RuleBook(program, written, tuple(rule_set.articles), _notices(rule_set))


def _notices(rule_set: RuleSet) -> tuple[Node, ...]:
    return tuple(node for node in rule_set.vocabulary if node.get("calendar") is not None)


def assemble(
    rule_set: RuleSet, *, parameters: Sequence[str] = (), overlays: Sequence[Node] = (), limits: Limits = DEFAULT
) -> Program:
    """Bind a read rule set to a program.

    Raises `InvalidPolicy` with every problem; while a file of the vocabulary can't be read, with the problems of the
    files only: an article would seem to be full of unknown names.
    """
    problems = list(rule_set.problems)
    digest = hashlib.sha256(rule_set.digest.encode())
    figures = hashlib.sha256(rule_set.digests.get("parameters", "").encode())
    nodes = list(overlays)
    for path in parameters:
        node, data, faults = read_file(Path(path), limits, "overlay")
        problems.extend(faults)
        digest.update(data)
        figures.update(data)
        if node is not None and not faults:
            nodes.append(node)
    if not rule_set.words_known:
        raise InvalidPolicy(tuple(sorted(problems)))
    vocabulary, found = read_vocabulary(rule_set.vocabulary)
    problems = [*(named_by_label(problem, vocabulary) for problem in problems), *found]
    for node in nodes:
        problems.extend(read_overlay(vocabulary, node))
        digest.update(repr(node.plain).encode())
        figures.update(repr(node.plain).encode())
    try:
        calendar = load_calendar(*_notices(rule_set))
    except InvalidPolicy as error:
        problems.extend(error.problems)
        calendar = load_calendar()
    digest.update(calendar.digest.encode())
    program, faults = bind_program(rule_set.articles, vocabulary, calendar, digest.hexdigest())
    problems.extend(cross_check(rule_set, faults))
    if any(p.severity == "error" for p in problems):
        raise InvalidPolicy(tuple(sorted(missing_together(rule_set, problems))))
    days = hashlib.sha256(f"{rule_set.digests.get('calendar', '')}{calendar.digest}".encode())
    parts = {"parameters": figures.hexdigest(), "calendar": days.hexdigest()}
    return replace(program, digests={"policies": rule_set.digests.get("policies", ""), **parts})
