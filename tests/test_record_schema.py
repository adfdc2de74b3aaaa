"""The JSON Schema of records and the reader of records agree; findings satisfy their schema."""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from command_line import ROOT, SMALL, load, run
from jsonschema import Draft202012Validator

from validator.authoring.record_schema import DIFFERENCES, record_schema
from validator.engine import check, read_context
from validator.errors import InvalidRecord
from validator.facts.record import read_record
from validator.judging.finding import Verdict
from validator.judging.interpreter import Options
from validator.legal_time.instant import parse_as_of
from validator.output.publishing import json_line, pretty
from validator.reading.intake import RawRecord, read_records
from validator.reading.json_schema import schema
from validator.reading.strict_json import loads
from validator.rules.program import Program
from validator.sample import sample, sample_courts

Record = dict[str, Any]
PUBLISHED = ROOT / "tests" / "records" / "published"
REGENERATE = "run `zhijian schema record > schemas/record.schema.json`"


@cache
def validator(small: bool = False) -> Draft202012Validator:  # noqa: FBT001, FBT002 - a cache key
    """Return a validator of the records of a rule set."""
    return Draft202012Validator(record_schema(program(small).vocabulary))


def program(small: bool = False) -> Program:  # noqa: FBT001, FBT002 - as above
    """Return the shipped rule set or the small one."""
    return load([str(SMALL)] if small else [])


def exact(record: object) -> Any:
    """Return a record as the strict reader gives it: decimals, no floats."""
    return loads(json_line(record).encode(), "x")


@cache
def docket() -> tuple[Record, ...]:
    """Return records of every origin: the sample, its courts, published matters."""
    published = [loads(p.read_bytes(), p.name) for p in sorted(PUBLISHED.glob("*.json"))]
    return tuple(map(exact, (*sample(20, 3), *sample_courts(), *published)))


def codes_of(record: Record, rules: Program) -> set[str] | None:
    """Return the codes for which the reader refuses a record; None when it accepts it."""
    text = json_line(record)
    try:
        read_record(RawRecord("x", 1, "", record, text), rules.vocabulary)
    except InvalidRecord as error:
        problems = error.problems
    else:
        return None
    assert all(problem.render(lang) for problem in problems for lang in ("zh", "en"))
    return {problem.code for problem in problems}


def errors_of(record: Record, *, small: bool = False) -> list[str]:
    """Return what the schema finds."""
    return [f"{e.json_path}: {e.message[:200]}" for e in validator(small).iter_errors(record)]


# -- the file ----------------------------------------------------------------------------------------------------------
def test_the_shipped_schema_is_that_of_the_vocabulary() -> None:
    """`schemas/record.schema.json` is what `zhijian schema record` prints."""
    text = (ROOT / "schemas" / "record.schema.json").read_text(encoding="utf-8")
    made = record_schema(program().vocabulary)
    assert json.loads(text) == made, REGENERATE
    assert text == pretty(made) + "\n", REGENERATE
    assert json.loads(run("schema", "record").out) == made


def test_pretty_json_is_the_same_json() -> None:
    """The layout for people changes nothing and keeps to its width where words allow."""
    values: tuple[Any, ...] = (
        schema("article"),
        {"a": []},
        [],
        "x",
        [["y"] * 60, {"k" * 50: ["z" * 80]}],
        {"a": Decimal("1.50")},
    )
    for value in values:
        text = pretty(value)
        assert json.loads(text, parse_float=Decimal) == value
        assert all(len(line) <= 122 or line.count('"') <= 8 for line in text.splitlines())


# -- agreement ---------------------------------------------------------------------------------------------------------
def test_what_is_accepted_satisfies_the_schema() -> None:
    """Sample records, courts and published matters pass both."""
    for record in docket():
        assert codes_of(record, program()) is None
        assert errors_of(record) == []


def nodes(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield every value of a record with its path."""
    yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from nodes(child, (*path, key))


VALUES: tuple[Any, ...] = (
    3, Decimal("1.5"), -1, "x", "", " ", True, False, None, [], {}, [1], ["x"], [None], {"a": 1}, "unknown",
    "2022-01-05", "2022-13", "2022-01-05T10:00", "2022-01-05T10:00+15:00", "2022-02-30", "2022\n",
    {"not_before": "2022"}, {"not_before": "unknown"}, {"value": 1}, {"value": "x", "by": "b"},
    [{"from": "2022", "value": "x"}], [{"from": "2022"}], [{"from": "2022", "value": True, "on": "2023"}],
    {"value": None, "x": 1}, {"x": {"y": True}},
)  # fmt: skip
KEYS = ("id", "at", "type", "seq", "by", "note", "document", "case_id", "court", "states", "since", "known_until",
        "timeline", "events_in_order", "provenance", "record_type", "events", "amount", "kind", "person",
        "person_id")  # fmt: skip


def mutant(rng: Random, record: Record, words: list[str]) -> Record:
    """Return a copy with one or two slips: a key renamed, lost or added, a value of another kind."""
    record = copy.deepcopy(record)
    for _ in range(rng.choice((1, 1, 2))):
        places = list(nodes(record))
        path, value = rng.choice(places)
        slip = rng.randrange(5)
        if slip == 0 and isinstance(value, dict):
            value[rng.choice((*KEYS, *words))] = copy.deepcopy(rng.choice(VALUES))
        if not path:
            continue
        parent = dict(places)[path[:-1]]
        key = path[-1]
        if slip == 1 and isinstance(parent, dict):
            parent[rng.choice((f"{key}x", str(key)[:-1], rng.choice(words)))] = parent.pop(key)
        elif slip == 2:
            del parent[key]
        else:
            parent[key] = copy.deepcopy(rng.choice((*VALUES, rng.choice(places)[1])))
    return record


def assert_agreement(records: list[Record], rules: Program, *, small: bool, seed: int, count: int) -> Counter[str]:
    """Reader and schema agree on mutants; return how many were accepted, refused, or refused by the reader alone."""
    rng = Random(seed)  # noqa: S311 - chance that can be repeated
    words = sorted({name.rpartition(".")[2] for name in (*rules.vocabulary.variables, *rules.vocabulary.events)})
    seen: Counter[str] = Counter()
    for _ in range(count):
        record = mutant(rng, rng.choice(records), words)
        codes, errors = codes_of(record, rules), errors_of(record, small=small)
        if codes is None:
            assert errors == [], record
        elif codes - DIFFERENCES:
            assert errors, (codes, record)
        seen["accepted" if codes is None else "refused" if codes - DIFFERENCES else "reader only"] += 1
    return seen


def test_reader_and_schema_agree_on_slips() -> None:
    """Real records with a key renamed, lost or added, or a value of another kind: both accept or both refuse."""
    short = sorted(docket(), key=lambda r: len(json_line(r)))[:50]
    seen = assert_agreement(short, program(), small=False, seed=1, count=200)
    assert min(seen["accepted"], seen["refused"]) > 20


SMALL_RECORDS: list[Record] = [
    {
        "record_type": "matter", "id": "m", "kind": "plain", "amount": 5, "share": Decimal("0.5"), "office_id": "o",
        "urgent": {"value": True, "by": "judge", "on": "2022-01-05", "document": "d"},
        "last_day": {"not_before": "2022-01", "not_after": "2022-03"}, "timeline": "partial", "known_until": "2023",
        "persons": [{"id": "p", "role": "giver", "address": {"town": "x", "number": 3}}, {"id": "q"}],
        "papers": [{"id": "a", "person_id": "p"}], "states": {"matter.state": "running", "person.held": {"p": True}},
        "events": [
            {"type": "received", "at": "2022-01-05T10:00", "amount": 3, "by": "x", "id": "e1", "seq": 1},
            {"type": "answered", "at": "2022-01", "person": "p", "good": True, "topics": ["price", "unknown"]},
            {"type": "held", "at": "2022-01-06", "person_id": ["p", "q"], "matter": "m", "document": "d1"},
            {"type": "held", "at": "2022-01-06", "person": "q", "paper": "a"},
            {"type": "chosen", "at": "2022", "paper": "a"},
            {"type": "called", "at": {"not_after": "2022"}, "office": "o"}, {"type": "noise", "anything": [1]},
        ],
    },
    {
        "record_type": "office", "id": "o",
        "open": [{"from": "2022", "value": False}, {"from": "2023-05", "value": "unknown"}],
    },
    {
        "record_type": "office", "id": "o", "open": None, "since": "2020",
        "events": [{"type": "called", "at": "unknown"}],
    },
]  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_reader_and_schema_agree_on_every_feature(seed: int) -> None:
    """The small vocabulary has every kind of type and reference: the same agreement, denser."""
    rules = program(small=True)
    for record in SMALL_RECORDS:
        assert codes_of(record, rules) is None
        assert errors_of(record, small=True) == []
    seen = assert_agreement(SMALL_RECORDS, rules, small=True, seed=seed, count=300)
    assert min(seen["accepted"], seen["refused"]) > 30


ONLY_THE_READER: dict[str, str] = {
    "dangling-id": '"events": [{"type": "held", "at": "2022", "person": "nobody"}]',
    "id-twice": '"persons": [{"id": "p"}, {"id": "p"}]',
    "two-references": '"persons": [{"id": "p"}, {"id": "q"}],'
    ' "events": [{"type": "held", "at": "2022", "person": "p", "person_id": "q"}]',
    "missing-reference": '"papers": [{"id": "a"}], "events": [{"type": "held", "at": "2022", "paper": "a"}]',
    "time-date": '"since": "2022-02-30"',
    "time-order": '"since": {"not_before": "2023", "not_after": "2022"}',
}


@pytest.mark.parametrize("code", sorted(DIFFERENCES))
def test_the_differences_are_real(code: str) -> None:
    """Each code that only the reader finds has a record that shows it."""
    record = json.loads('{"record_type": "matter", "id": "x", ' + ONLY_THE_READER[code] + "}")
    assert codes_of(record, program(small=True)) == {code}
    assert errors_of(record, small=True) == []


# -- findings ----------------------------------------------------------------------------------------------------------
def test_findings_satisfy_their_schema() -> None:
    """Everything the shipped rules find in a sample docket and in the published matters has the documented form."""
    rules, form = program(), Draft202012Validator(schema("finding"))
    courts = [RawRecord("c", 1, "", exact(c), json_line(c)) for c in sample_courts()]
    context, problems = read_context(rules, courts)
    assert problems == []
    cases = [r for r in sample(30, 3) if r["record_type"] == "case"]
    records = [RawRecord("s", i, "", exact(r), json_line(r)) for i, r in enumerate(cases, 1)]
    seen: Counter[str] = Counter()
    for in_force, given in ((False, records), (True, list(read_records([PUBLISHED])))):
        options = Options(assume_in_force=in_force)
        for result in check(rules, given, parse_as_of("2025-06-30"), context=context, options=options):
            assert result.problems == ()
            for finding in result.findings:
                plain = {**finding.as_json(), "path": result.path, "line": result.line}
                seen[finding.verdict] += 1
                if seen[finding.verdict] <= 100:
                    assert [e.message for e in form.iter_errors(plain)] == []
                assert json.loads(json_line(plain)) == plain
    assert set(seen) == set(Verdict)


def test_findings_of_the_command_line_satisfy_the_schema(tmp_path: Path) -> None:
    """What is written as NDJSON and as JSON is what the schema describes."""
    file = tmp_path / "small.ndjson"
    file.write_text("".join(json_line(r) + "\n" for r in SMALL_RECORDS[:1]), encoding="utf-8")
    form = Draft202012Validator(schema("finding"))
    arguments = ("check", "-p", SMALL, "--as-of", "2024-01-01", "--show-all", file, "--output-format")
    whole = json.loads(run(*arguments, "json").out)
    parsed = [json.loads(line) for line in run(*arguments, "ndjson").out.splitlines()]
    assert whole["findings"] == [p["finding"] for p in parsed if "finding" in p] != []
    assert whole["header"] == parsed[0]["header"]
    assert whole["summary"] | {"seal": parsed[-1]["summary"]["seal"]} == parsed[-1]["summary"]
    assert [e.message for f in whole["findings"] for e in form.iter_errors(f)] == []
