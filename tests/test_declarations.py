"""Declarations of a vocabulary: short forms mean the long ones, and slips are told where they stand."""

from pathlib import Path

import pytest
from command_line import SMALL, run
from test_hostile import Slip

from validator.facts.declarations import read_vocabulary
from validator.facts.vocabulary import Vocabulary
from validator.reading.strict_yaml import load_yaml

HEAD = """\
entities:
  case: {label: {zh: 案件, en: Case}, plural: cases, record: true}
  request: {label: {zh: 申请, en: Request}, plural: requests, inside: case}
variables:
  case.state: {label: {zh: 状态, en: State}, type: enum, values: [active, suspended], source: events, initial: active}
"""


def declared(text: str) -> Vocabulary:
    """Read declarations in which nothing is wrong."""
    found, problems = read_vocabulary([load_yaml((HEAD + text).encode(), "v.yaml")])
    assert [p.render("en") for p in problems] == []
    return found


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("{LABEL, values: [a, b], source: recorded}", "{LABEL, type: enum, values: [a, b], source: recorded}"),
        ("{LABEL, type: codes, source: recorded}", "{LABEL, type: codes, many: true, source: recorded}"),
    ],
)
def test_short_forms_mean_the_long_ones(short: str, long: str) -> None:
    """As the reference of the record language writes them (section 3)."""
    label = "label: {zh: 题, en: Title}"
    one, two = (declared(f"  case.track: {form.replace('LABEL', label)}\n") for form in (short, long))
    assert one.variables == two.variables


def test_what_is_computed_says_so_by_its_expression() -> None:
    """`source: is` may be left out beside `is`."""
    text = "  case.suspended: {label: {zh: 中止, en: Suspended}, type: boolean, is: case.state == suspended}\n"
    assert declared(text).variables["case.suspended"].source == "is"


PAPER = "paper: {label: {zh: 文件, en: Paper}, plural: papers"
CLOSED = "matter.closed: {label: {zh: 已结束, en: Closed}"
STATE = "source: events, initial: running}"
FROZEN = "sets: [{variable: matter.frozen, to: true}]"
SLIPS = [
    Slip("inside: [matter], passes_on", "inside: [mater], passes_on", "unknown-entity", "mater", "matter"),
    Slip("inside: [matter], passes_on", "inside: [person], passes_on", "no-record-type", "person]"),
    Slip(f"{PAPER}, inside: [matter]", PAPER, "entity-nowhere", "paper:"),
    Slip("plural: papers", "plural: persons", "declared-twice", "persons, i"),
    Slip("plural: papers", "plural: events", "not-a-name", "events"),
    Slip("passes_on: [person_id]", "passes_on: [persn_id]", "unknown-variable", "persn_id", "paper.person_id"),
    Slip("from: matter.office_id", "from: matter.ofice_id", "unknown-variable", "matter.ofice", "matter.office_id"),
    Slip("to: office}", "to: offices}", "unknown-entity", "offices}", "office"),
    Slip("to: office}", "to: person}", "no-record-type", "person}"),
    Slip(STATE, "source: events, initial: runing}", "unknown-code", "runing", "running"),
    Slip("initial: false}\n  matter.closed", "initial: no}\n  matter.closed", "wrong-type", "no}"),
    Slip("min: 0, max: 1,", "min: 2, max: 1,", "number-too-small", "1, source"),
    Slip("is: matter.state == closed", "is: matter.amount", "wrong-expression-type", "matter.amount"),
    Slip("source: is, is:", "source: computed, is:", "unknown-word", "computed"),
    Slip(f"{CLOSED}, type: boolean, source", f"{CLOSED}, source", "missing-key", "matter.closed"),
    Slip("one_of: [person, paper]", "one_of: [person, pape]", "unknown-entity", "pape]", "paper"),
    Slip("  frozen: {", "  any: {label: {zh: 甲, en: A}}\n  frozen: {", "not-a-name", "any: {"),
    Slip("good: boolean", "good: {type: boolean, default: no}", "wrong-type", "no}"),
    Slip("good: boolean", "good: boolean, from: text", "not-a-name", "from: text"),
    Slip("good: boolean", "good: boolean, way: [short, is]", "not-a-name", "is]"),
    Slip(FROZEN, "sets: [{variable: matter.frozen, to: yes}]", "wrong-type", "yes}"),
    Slip(FROZEN, "sets: [{variable: person.held, to: true}]", "sets-out-of-reach", "person.held"),
    Slip(FROZEN, "attributes: {x: text}, sets: [{variable: matter.frozen, to: true, until: x}]", "wrong-type", "x}]"),
    Slip(FROZEN, "attributes: {how: text}, sets: [{variable: matter.frozen, from: how}]", "wrong-type", "how}]"),
    Slip(FROZEN, "attributes: {x: [running, ended]}, sets: [{variable: matter.state, from: x}]", "unknown-code", "x}]"),
    Slip("sets: [{variable: matter.state, to: closed}]", "sets: [{variable: matter.state, to: close}]", "unknown-code",
         "close}]", "closed"),
    Slip("by: handler, basis", "by: handlr, basis", "unknown-actor", "handlr", "handler"),
]  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS, ids=lambda s: f"{s.code}-{s.at}")
def test_a_slip_in_a_declaration_is_told_where_it_stands(slip: Slip, tmp_path: Path) -> None:
    """Line, column, code and what was meant, once; nothing else is blamed."""
    for path in SMALL.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / "vocabulary.yaml").read_text(encoding="utf-8")
    assert text.count(slip.old) == 1
    changed = text.replace(slip.old, slip.new)
    (tmp_path / "vocabulary.yaml").write_text(changed, encoding="utf-8")
    start = changed.index(slip.at, text.index(slip.old))
    line, column = changed.count("\n", 0, start) + 1, start - changed.rfind("\n", 0, start)
    ran = run("lint", tmp_path)
    assert ran.code == 3
    heads = [head for head in ran.err.splitlines() if head.startswith(str(tmp_path))]
    assert [h.partition(": ")[2].partition(": ")[0] for h in heads] == [slip.code]
    assert heads[0].startswith(f"{tmp_path}/vocabulary.yaml:{line}:{column}: "), heads
    assert (f"是不是“{slip.nearest}”？" in ran.err) is bool(slip.nearest)
