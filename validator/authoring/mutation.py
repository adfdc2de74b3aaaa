"""Slips of the pen: changes a policy record in small ways and sees whether its examples notice.

A mutant that no example notices says that the examples do not pin the norm (or that the change means nothing).
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from validator.authoring.policytest import example_differences
from validator.errors import ZhijianError, nearest
from validator.facts.vocabulary import EventType, Vocabulary
from validator.legal_time.deadline import BadPeriod, Period, Unit, parse_period
from validator.reading.node import Node
from validator.reading.strict_yaml import load_yaml
from validator.rules.binding import bind_record, indexed
from validator.rules.program import Norm, Program
from validator.rules.rulebook import RuleBook

Data = dict[str, Any]
OTHER_UNIT: Mapping[Unit, Unit] = {
    Unit.WORKING_DAYS: Unit.DAYS,
    Unit.DAYS: Unit.WORKING_DAYS,
    Unit.HOURS: Unit.DAYS,
    Unit.MINUTES: Unit.HOURS,
    Unit.MONTHS: Unit.DAYS,
    Unit.YEARS: Unit.MONTHS,
}
FLIPPED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed record: what was changed, and what the examples made of it."""

    norm: Norm
    change: str
    noticed: bool


def mutants_of(rules: RuleBook, norm: Norm) -> Iterator[Mutant]:
    """Yield the mutants of a norm record that still load, each with whether an example notices it."""
    for change, data in changes(rules.record(norm).plain, rules.program.vocabulary):
        mutant = _bound(rules, norm, data)
        if mutant is not None:
            other = _with(rules.program, norm, mutant)
            yield Mutant(norm, change, any(_notices(other, mutant, e) for e in rules.examples(norm)))


def _notices(program: Program, norm: Norm, example: Node) -> bool:
    try:
        return bool(example_differences(program, norm, example))
    except ZhijianError:
        return True


def _bound(rules: RuleBook, norm: Norm, data: Data) -> Norm | None:
    """Bind a changed record; None when it does not load (such a slip is caught at once)."""
    text = yaml.safe_dump({k: v for k, v in data.items() if k != "examples"}, allow_unicode=True, sort_keys=False)
    try:
        node = load_yaml(text.encode(), norm.id)
    except ZhijianError:
        return None
    found, problems = bind_record(node, rules.article(norm), norm, rules.program.vocabulary)
    return None if problems else found


def _with(program: Program, norm: Norm, mutant: Norm) -> Program:
    norms = [mutant if n is norm else n for n in program.norms]
    return indexed(norms, program.vocabulary, program.calendar, program.derived, program.digest)


# -- changes -----------------------------------------------------------------------------------------------------------
def changes(record: Data, vocabulary: Vocabulary) -> Iterator[tuple[str, Data]]:
    """Yield (description, changed record) for every slip of the pen."""
    for make in (_periods, _triggers, _guards, _states, _added, _dropped, _comparisons):
        yield from make(record, vocabulary)


def _changed(record: Data, path: tuple[Any, ...], value: Any) -> Data:
    """Return a copy with the value at a path replaced (None: removed)."""
    found = copy.deepcopy(record)
    place: Any = found
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return found


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield every value below ``value`` with its path, inner ones first."""
    items: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    for key, part in items:
        yield from _leaves(part, (*path, key))
    yield path, value


RULE_KEYS = ("for_each", "trigger", "deadline", "allowed_states", "unless", "suspended_while", "effective")


def _rule(record: Data) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield the values of the keys that make the rule."""
    for key in RULE_KEYS:
        if key in record:
            yield from _leaves(record[key], (key,))


def _periods(record: Data, _: Vocabulary) -> Iterator[tuple[str, Data]]:
    for path, value in _rule(record):
        if not isinstance(value, str) or path[-1] not in ("deadline", "within", "every", "lead", "within_last"):
            continue
        try:
            period = parse_period(value)
        except BadPeriod:
            continue
        others = [
            Period(period.amount + 1, period.unit),
            *([Period(period.amount - 1, period.unit)] if period.amount else []),
            Period(period.amount or 1, OTHER_UNIT[period.unit]),
        ]
        for other in others:
            yield f"{_name(path)}: {value} -> {other}", _changed(record, path, str(other))
    deadline = record.get("deadline")
    if isinstance(deadline, dict) and deadline.get("roll") == "none":
        yield "deadline: rolls", _changed(record, ("deadline",), deadline["within"])


def _siblings(event: EventType, vocabulary: Vocabulary) -> list[str]:
    """Return the events that refer to the same kinds, likeliest slip first: alike in name, then near in the list."""
    names = list(vocabulary.events)
    here = names.index(event.name)
    same = [
        e.name
        for e in vocabulary.events.values()
        if e.name != event.name and set(e.refers_to) == set(event.refers_to) and e.one_of == event.one_of
    ]
    same.sort(key=lambda name: abs(names.index(name) - here))
    close = nearest(event.name, same)
    return [*([close] if close else []), *(n for n in same if n != close)]


def _triggers(record: Data, vocabulary: Vocabulary) -> Iterator[tuple[str, Data]]:
    for path, value in _leaves(record["trigger"], ("trigger",)):
        if path[-1] == "event" and isinstance(value, str) and value in vocabulary.events:
            for other in _siblings(vocabulary.events[value], vocabulary)[:2]:
                yield f"{_name(path)}: {value} -> {other}", _changed(record, path, other)


def _guards(record: Data, _: Vocabulary) -> Iterator[tuple[str, Data]]:
    for path, value in _rule(record):
        is_guard = path[-1] == "where" or path[0] == "for_each" or path[-2:] == ("trigger", "state")
        if not is_guard or not isinstance(value, str) or value == "always":
            continue
        yield f"{_name(path)}: negated", _changed(record, path, f"not ({value})")
        if path[-1] == "where":
            yield f"{_name(path)}: dropped", _changed(record, path, None)
        for text, part in _without_conjunct(value):
            yield f"{_name(path)}: without {part}", _changed(record, path, text)


def _without_conjunct(text: str) -> Iterator[tuple[str, str]]:
    tree = ast.parse(text.strip(), mode="eval").body
    if isinstance(tree, ast.BoolOp):
        for i, part in enumerate(tree.values):
            rest = [v for j, v in enumerate(tree.values) if j != i]
            kept = rest[0] if len(rest) == 1 else ast.BoolOp(tree.op, rest)
            yield ast.unparse(kept), ast.unparse(part)


def _states(record: Data, vocabulary: Vocabulary) -> Iterator[tuple[str, Data]]:
    for path, value in _leaves(record["allowed_states"], ("allowed_states",)):
        if isinstance(value, list) and len(value) > 1:
            for i in range(len(value)):
                rest = [v for j, v in enumerate(value) if j != i]
                yield f"{_name(path)}: {_shown(value[i])} dropped", _changed(record, path, rest)
        if path[-1] in ("event", "no_event") and isinstance(value, str) and value in vocabulary.events:
            for other in _siblings(vocabulary.events[value], vocabulary)[:1]:
                yield f"{_name(path)}: {value} -> {other}", _changed(record, path, other)
        if path[-1] in ("all_of", "any_of"):
            swapped = "any_of" if path[-1] == "all_of" else "all_of"
            holder = {swapped: value}
            yield f"{_name(path)} -> {swapped}", _changed(record, path[:-1], holder)
        if isinstance(value, str) and _is_expression(path) and path[-1] != "where":
            yield f"{_name(path)}: negated", _changed(record, path, f"not ({value})")
        if path[-1] in ("window", "within_last"):
            yield f"{_name(path)}: dropped", _changed(record, path, None)


def _added(record: Data, vocabulary: Vocabulary) -> Iterator[tuple[str, Data]]:
    """Yield the records that allow one act more: a sibling that the rule does not speak of."""
    rule = str([record.get(key) for key in RULE_KEYS])
    for path, value in _leaves(record["allowed_states"], ("allowed_states",)):
        event = value.get("event") if isinstance(value, dict) else None
        if not isinstance(event, str) or event not in vocabulary.events:
            continue
        siblings = (s for s in _siblings(vocabulary.events[event], vocabulary) if s not in rule)
        for other in itertools.islice(siblings, 1):
            more = {**{k: v for k, v in value.items() if k == "window"}, "event": other}
            yield f"{_name(path)}: or {other}", _changed(record, path, {"any_of": [value, more]})


def _dropped(record: Data, _: Vocabulary) -> Iterator[tuple[str, Data]]:
    for key in ("unless", "suspended_while"):
        items = record.get(key) or []
        for i, item in enumerate(items):
            rest = [v for j, v in enumerate(items) if j != i]
            yield f"{key}: {_shown(item)} dropped", _changed(record, (key,), rest or None)
    trigger = record["trigger"]
    for key in ("also", "one_per"):
        if key in trigger:
            yield f"trigger.{key}: dropped", _changed(record, ("trigger", key), None)
    for i, _item in enumerate(trigger.get("any_of", [])):
        rest = [v for j, v in enumerate(trigger["any_of"]) if j != i]
        if rest:
            yield f"trigger.any_of.{i}: dropped", _changed(record, ("trigger", "any_of"), rest)
    effective = record.get("effective") or {}
    if effective.get("reaches_back"):
        yield "effective.reaches_back: dropped", _changed(record, ("effective", "reaches_back"), None)


def _comparisons(record: Data, _: Vocabulary) -> Iterator[tuple[str, Data]]:
    for path, value in _rule(record):
        if not isinstance(value, str) or not _is_expression(path):
            continue
        for text, change in (*_flips(value), *_shortened(value)):
            yield f"{_name(path)}: {change}", _changed(record, path, text)


def _is_expression(path: tuple[Any, ...]) -> bool:
    """Say whether the text at a path is an expression."""
    if path[0] == "for_each" or path[-1] in ("where", "when"):
        return True
    inside = [p for p in path if isinstance(p, str)]
    return path[0] == "allowed_states" and inside[-1] in ("allowed_states", "all_of", "any_of")


def _flips(text: str) -> Iterator[tuple[str, str]]:
    """Yield the expression with one comparison flipped, or one and/or swapped, at a time."""
    tree = ast.parse(text.strip(), mode="eval")
    for i, node in enumerate(ast.walk(tree)):
        if isinstance(node, ast.Compare | ast.BoolOp):
            other = copy.deepcopy(tree)
            target = list(ast.walk(other))[i]
            if isinstance(target, ast.Compare):
                target.ops = [FLIPPED[type(op)]() for op in target.ops]
            elif isinstance(target, ast.BoolOp):
                target.op = ast.Or() if isinstance(target.op, ast.And) else ast.And()
            yield ast.unparse(other), f"{ast.unparse(node)} -> {ast.unparse(target)}"


def _shortened(text: str) -> Iterator[tuple[str, str]]:
    """Yield the expression with one member of a list left out at a time."""
    tree = ast.parse(text.strip(), mode="eval")
    for i, node in enumerate(ast.walk(tree)):
        for j in range(len(node.elts)) if isinstance(node, ast.List) and len(node.elts) > 1 else ():
            other = copy.deepcopy(tree)
            target = list(ast.walk(other))[i]
            if isinstance(target, ast.List):
                dropped = target.elts.pop(j)
                yield ast.unparse(other), f"{ast.unparse(dropped)} dropped from {ast.unparse(node)}"


def _name(path: tuple[Any, ...]) -> str:
    return ".".join(str(p) for p in path)


def _shown(item: Any) -> str:
    if isinstance(item, dict):
        return str(item.get("event") or item.get("no_event") or item.get("when") or next(iter(item)))
    return str(item)


@dataclass(frozen=True, slots=True)
class Score:
    """How well the examples of a record pin it: changes are given as :attr:`Mutant.change`.

    ``equivalent`` are those that no example notices and that the record lists, with the reason, under
    ``equivalent_changes``; ``stale`` are listed ones that an example does notice or that are no mutants.
    """

    count: int
    survivors: tuple[str, ...]
    equivalent: tuple[str, ...]
    stale: tuple[str, ...]


def score(rules: RuleBook, norm: Norm) -> Score:
    """Make every mutant of a norm record and count those that no example notices."""
    found = list(mutants_of(rules, norm))
    node = rules.record(norm).get("equivalent_changes")
    listed = [entry["change"] for entry in node.plain] if node is not None else []
    left = [m.change for m in found if not m.noticed]
    return Score(
        len(found),
        tuple(c for c in left if c not in listed),
        tuple(c for c in left if c in listed),
        tuple(c for c in listed if c not in left),
    )
