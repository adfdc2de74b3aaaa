"""The library: what it takes, what it refuses and in which words; a text gives what the command finds in its file."""

import json
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from command_line import SMALL, load, run

from validator import (
    Cache,
    InvalidRecord,
    Options,
    RawRecord,
    ZhijianError,
    check,
    check_many,
    deadline,
    due,
    explain,
    gate,
    parse_as_of,
    read_context,
    read_records,
)
from validator import load as load_rules
from validator.checker import Checker
from validator.errors import UsageError
from validator.judging.waiver_file import read_waivers
from validator.limits import Limits

AS_OF = "2024-01-01"
RECORD: dict[str, Any] = {
    "record_type": "matter", "id": "m1", "kind": "plain", "events": [{"type": "received", "at": "2022-03-01"}],
}  # fmt: skip
TEXT = json.dumps(RECORD)
STEP = {"type": "closed"}
RULES = load([str(SMALL)])


# -- a text is read as a file ------------------------------------------------------------------------------------------
def written(record: object, indent: int | None = 1) -> str:
    """Write JSON on several lines."""
    return json.dumps(record, indent=indent, ensure_ascii=False)


DOCUMENTS = {
    "indented": written(RECORD),
    "one line": TEXT,
    "line end": f"{TEXT}\n",
    "windows": written(RECORD).replace("\n", "\r\n"),
    "old mac": written(RECORD).replace("\n", "\r"),
    "blank lines before": f"\n\r\n {TEXT}",
    "byte order mark": "\ufeff" + written(RECORD),
    "line break in a text": written({**RECORD, "note": "a#b"}).replace("#", "\n"),
    "unknown word": written(RECORD).replace("plain", "plane"),
    "unknown event": written(RECORD).replace("received", "recieved"),
    "not whole": written(RECORD)[:-2],
    "two": f"{written(RECORD)}\n{written(RECORD)}",
    "no object": '\n "x"',
    "double": written(RECORD).replace('"kind"', '"id"'),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("form", [str, str.encode], ids=["text", "bytes"])
def test_a_text_gives_what_its_file_gives(name: str, form: Callable[[str], str | bytes], tmp_path: Path) -> None:
    """Ids of findings, lines, places of problems, refusals."""
    (tmp_path / "x.json").write_bytes(DOCUMENTS[name].encode())
    arguments = ("-p", str(SMALL), "--as-of", AS_OF, "--output-format", "ndjson", "--findings", "all")
    ran = run("check", "x.json", *arguments, cwd=tmp_path)
    told = [json.loads(line) for line in ran.out.splitlines()]
    result = check(RULES, form(DOCUMENTS[name]), AS_OF)
    found = [line["finding"] for line in told if "finding" in line]
    assert [(f.finding_id, result.line) for f in result.findings] == [(f["finding_id"], f["line"]) for f in found]
    refused = [p for line in told for p in line.get("rejected", ())]
    assert [(p.code, p.place.line, p.place.column, p.place.pointer, p.message("zh")) for p in result.problems] == [
        (p["code"], p["line"], p["column"], p["pointer"], p["message"]) for p in refused
    ]
    assert bool(found) is not bool(refused)


def test_the_other_verbs_read_it_so_too() -> None:
    """A mistake on the third line is told there by all of them."""
    text = written(RECORD).replace("m1", "m1\n").encode()
    for ask in (
        lambda: gate(RULES, text, STEP, AS_OF),
        lambda: due(RULES, [text], AS_OF),
        lambda: explain(RULES, text, "A1.1", AS_OF),
    ):
        with pytest.raises(InvalidRecord) as caught:
            ask()
        (problem,) = caught.value.problems
        assert (problem.code, problem.place.line) == ("json-control", 3)
    with pytest.raises(InvalidRecord) as caught:
        gate(RULES, RECORD, '{"type":\n"closd"}', AS_OF)
    assert [(p.code, p.place.path, p.place.line) for p in caught.value.problems] == [("unknown-event", "event", 2)]


def test_records_on_one_line_have_their_number() -> None:
    """As lines of a file; a document counts its own lines."""
    bad = TEXT.replace("plain", "plane")
    results = list(check_many(RULES, [TEXT, bad, f"{bad}\n", written(RECORD).replace("plain", "plane"), RECORD], AS_OF))
    assert [r.line for r in results] == [1, 2, 3, 1, 5]
    assert [p.place.line for r in results for p in r.problems] == [2, 3, 4]


# -- what is given -----------------------------------------------------------------------------------------------------
def refused(ask: Callable[[], object]) -> tuple[str, ...]:
    """Return the codes of the problems for which a call is refused; they can be told in both languages."""
    with pytest.raises(ZhijianError) as caught:
        ask()
    assert all(p.render(lang) for p in caught.value.problems for lang in ("zh", "en"))
    return tuple(p.code for p in caught.value.problems)


def test_other_records_are_given_in_the_same_ways(tmp_path: Path) -> None:
    """As JSON read, text, bytes of every kind, or what a file gave; each has its number."""
    path = tmp_path / "x.json"
    path.write_text(TEXT, encoding="utf-8")
    for given in (RECORD, TEXT, TEXT.encode(), bytearray(TEXT.encode()), next(read_records(path))):
        found, problems = read_context(RULES, [given])
        assert [(key, len(timeline.events)) for key, timeline in found.items()] == [(("matter", "m1"), 1)]
        assert problems == []
    found, (problem,) = read_context(RULES, [RECORD, TEXT])
    assert (problem.code, problem.place.line) == ("id-twice", 2)
    _, (problem,) = read_context(RULES, [*read_records(path), RECORD])
    assert problem.message("en") == f"the id `m1` is given twice (first at {path}:1:1)"


NO_RECORDS = [
    (None, "record-not-object"), (1, "record-not-object"), (1.5, "record-not-object"), (True, "record-not-object"),
    ([], "record-not-object"), ([RECORD], "record-not-object"), ((), "record-not-object"),
    (object(), "record-not-object"), (Path("x.json"), "record-not-object"), (b"", "json-empty"), (" \n ", "json-empty"),
    (b"\xff", "not-utf-8"), ("\ud800", "not-utf-8"), ({1: object()}, "not-json"), ({**RECORD, "x": {1}}, "not-json"),
    ({}, "missing-record-type"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "code"), NO_RECORDS, ids=lambda value: type(value).__name__)
def test_what_is_no_record_is_refused(given: Any, code: str) -> None:
    """By every verb, as a record and as an event; among others the rest goes on."""
    assert [p.code for p in check(RULES, given, AS_OF).problems] == [code]
    assert [r.rejected for r in check_many(RULES, [RECORD, given, RECORD], AS_OF)] == [False, True, False]
    assert refused(lambda: gate(RULES, given, STEP, AS_OF)) == (code,)
    assert refused(lambda: due(RULES, [given], AS_OF)) == (code,)
    assert refused(lambda: explain(RULES, given, "A1.1", AS_OF)) == (code,)
    found, problems = read_context(RULES, [RECORD, given])
    assert ([*found], [p.code for p in problems]) == ([("matter", "m1")], [code])
    assert refused(lambda: gate(RULES, RECORD, given, AS_OF))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_of_every_kind_are_a_record(kind: Callable[[bytes], bytes]) -> None:
    """A view of bytes is what it shows."""
    assert check(RULES, kind(TEXT.encode()), AS_OF) == check(RULES, TEXT, AS_OF)


@pytest.mark.parametrize("given", [None, 1, TEXT, TEXT.encode(), bytearray(TEXT.encode()), RECORD, Path("x")], ids=repr)
def test_several_records_are_not_one(given: Any) -> None:
    """One record, the name of a file, and what can't be gone through are refused at once."""
    assert refused(lambda: check_many(RULES, given, AS_OF)) == ("wrong-argument",)
    assert refused(lambda: due(RULES, given, AS_OF)) == ("wrong-argument",)
    assert refused(lambda: read_context(RULES, given)) == ("wrong-argument",)


BEIJING = timezone(timedelta(hours=8))
MOMENTS: list[tuple[Any, str]] = [
    (date(2024, 1, 1), "2024-01-01"),
    (datetime(2024, 1, 1, 10, 30), "2024-01-01T10:30:00"),  # noqa: DTZ001 - none is Beijing time, as in a text
    (datetime(2024, 1, 1, 10, 30, tzinfo=BEIJING), "2024-01-01T10:30:00+08:00"),
    (datetime(2024, 1, 1, 2, 30, 0, 5, tzinfo=UTC), "2024-01-01T10:30:00.000005+08:00"),
    (parse_as_of("2024-01"), "2024-01"),
]


@pytest.mark.parametrize(("given", "text"), MOMENTS, ids=repr)
def test_a_moment_is_a_text_a_date_or_an_instant(given: Any, text: str) -> None:
    """They mean what the text means, for every verb and for a checker."""

    def asked(moment: Any) -> list[object]:
        return [
            check(RULES, RECORD, moment), list(check_many(RULES, [RECORD], moment)),
            gate(RULES, RECORD, STEP, moment), due(RULES, [RECORD], moment), explain(RULES, RECORD, "A1.1", moment),
            Checker(RULES, moment).check(TEXT.encode()),
        ]  # fmt: skip

    assert asked(given) == asked(text)


@pytest.mark.parametrize(
    "given",
    [None, 1.5, True, b"2024", [], "", "soon", "2024-13", -1, 10**30, 10**5000, object(), timedelta(1)],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_moment_is_refused(given: Any) -> None:
    """By every verb and by a checker, before anything is judged."""
    for ask in (
        lambda: check(RULES, RECORD, given),
        lambda: check_many(RULES, [RECORD], given),
        lambda: gate(RULES, RECORD, STEP, given),
        lambda: due(RULES, [RECORD], given),
        lambda: explain(RULES, RECORD, "A1.1", given),
        lambda: Checker(RULES, given),
        lambda: parse_as_of(given),
    ):
        assert refused(ask) == ("bad-as-of",)


NAMES: list[Any] = [None, 1, [], b"A1.1"]
OWNERS: list[Any] = [None, 1, []]
CACHELESS: list[Any] = ["kept", Path("kept"), {}, True]
WAIVERLESS: list[Any] = [None, "w.yaml", []]
SEVERAL: list[Any] = ["A1", ["A1"], None, frozenset({1})]
OTHERS: list[Any] = [read_context(RULES, []), [RECORD], "d.ndjson", 1]
"""Not the other records: all that reading them returns, records that nobody has read, a path."""
BYTELESS: list[Any] = [None, TEXT, RECORD, memoryview(b"{}")]
WRONG: list[tuple[Callable[[], object], str]] = [
    *((lambda norm=norm: explain(RULES, RECORD, norm, AS_OF), "wrong-argument") for norm in NAMES),
    (lambda: explain(RULES, RECORD, "A1.l", AS_OF), "unknown-norm"),
    *((lambda lang=lang: explain(RULES, RECORD, "A1.1", AS_OF, lang=lang), "wrong-argument") for lang in ("fr", None)),
    *((lambda lang=lang: deadline("2022", "x", lang=lang), "wrong-argument") for lang in ("fr", 1)),
    *((lambda per=per: due(RULES, [RECORD], AS_OF, per=per), "wrong-argument") for per in OWNERS),
    (lambda: due(RULES, [RECORD], AS_OF, per="nothing"), "unknown-owner"),
    *((lambda given=given: Checker(RULES, AS_OF).check(given), "wrong-argument") for given in BYTELESS),
    *((lambda paths=paths: load_rules(paths), "wrong-argument") for paths in (1, None, [1], [None])),
    *((lambda paths=paths: load_rules(parameters=paths), "wrong-argument") for paths in (1, [1])),
    *((lambda paths=paths: list(read_records(paths)), "wrong-argument") for paths in (1, None, [1])),
    *((lambda kept=kept: load_rules(cache=kept), "wrong-argument") for kept in CACHELESS),
    *((lambda folder=folder: Cache(folder), "wrong-argument") for folder in (None, 1, ["kept"])),
    *((lambda names=names: Options(select=names), "wrong-argument") for names in SEVERAL),
    *((lambda waivers=waivers: Options(waivers=waivers), "wrong-argument") for waivers in WAIVERLESS),
    *((lambda given=given: check(RULES, RECORD, AS_OF, context=given), "wrong-argument") for given in OTHERS),
    *((lambda given=given: gate(RULES, RECORD, STEP, AS_OF, context=given), "wrong-argument") for given in OTHERS),
    *((lambda given=given: due(RULES, [RECORD], AS_OF, context=given), "wrong-argument") for given in OTHERS),
    *((lambda given=given: explain(RULES, RECORD, "A1.1", AS_OF, context=given), "wrong-argument") for given in OTHERS),
    *((lambda given=given: Checker(RULES, AS_OF, context=given), "wrong-argument") for given in OTHERS),
    (lambda: load_rules(["a\0b"]), "unreadable"),
    (lambda: load_rules(["\ud800"]), "unreadable"),
    (lambda: load_rules(b"nowhere"), "no-such-file"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "code"), WRONG)
def test_arguments_that_make_no_sense_are_refused(ask: Callable[[], object], code: str) -> None:
    """Norms, languages, owners, paths, options, other records."""
    assert refused(ask) == (code,)


@pytest.mark.parametrize(
    ("roll", "told"),
    [(None, "null"), (0, "0"), (10**5000, "int"), ([1], "[…]"), ({}, "{}"), (object(), "object")],
    ids=lambda value: type(value).__name__,
)
def test_a_roll_that_is_no_choice_is_an_error_of_the_answer(roll: Any, told: str) -> None:
    """Written as in JSON, whatever it is."""
    error = deadline("2024-01-01", "5 days", roll=roll, lang="en")["error"]
    assert (error["code"], error["message"]) == ("deadline-roll", f"roll is `{told}`, expected true or false")


def test_a_norm_that_there_is_not_has_a_neighbour() -> None:
    """As on the command line."""
    with pytest.raises(UsageError, match=r"did you mean `A1\.1`"):
        explain(RULES, RECORD, "a1.1", AS_OF)


def test_a_cache_takes_every_path_and_never_fails(tmp_path: Path) -> None:
    """What can't be the name of a folder keeps nothing, and says so."""
    for folder in (str(tmp_path / "a"), str(tmp_path / "b").encode(), tmp_path / "c"):
        kept: Any = folder
        load_rules([SMALL], cache=Cache(kept))
    assert [len(list((tmp_path / name).iterdir())) for name in "abc"] == [1, 1, 1]
    told: list[str] = []
    for impossible in ("a\0b", "\ud800"):
        load_rules([SMALL], cache=Cache(Path(impossible), lambda problem: told.append(problem.code)))
    assert set(told) == {"cache-unusable"}


def test_what_another_process_needs_can_be_sent_there(tmp_path: Path) -> None:
    """Options, waivers and caches come back equal; a checker judges as the one that was sent."""
    (tmp_path / "w.yaml").write_text(
        "waivers:\n- {id: w1, norms: [A1.1], records: [m1], entities: {person: p1}, reason: r, approved_by: b,"
        " granted: '2022-01-01', expires: '2025-01-01'}\n"
    )
    waivers, problems = read_waivers([str(tmp_path / "w.yaml")])
    assert problems == []
    for sent in (Options(), Options(frozenset({"A1"}), waivers=waivers), Cache(tmp_path)):
        back = pickle.loads(pickle.dumps(sent))  # noqa: S301 - made here
        assert (back == sent, hash(back) == hash(sent)) == (True, True)
    checker = Checker(
        RULES, AS_OF, context=read_context(RULES, [{**RECORD, "id": "m2"}])[0], ignore_unknown_events=True,
        options=Options(frozenset({"A1"})), limits=Limits(events=2),
    )  # fmt: skip
    there = pickle.loads(pickle.dumps(checker))  # noqa: S301
    unknown = {**RECORD, "events": [*RECORD["events"], {"type": "nothing", "at": "2022"}]}
    for record in (RECORD, unknown, {**unknown, "events": unknown["events"] * 2}, {}):
        data = json.dumps(record).encode()
        assert there.check(data, all_findings=True) == checker.check(data, all_findings=True)
    assert [*there.compiled.context] == [("matter", "m2")]


def test_paths_are_texts_bytes_or_path_objects(tmp_path: Path) -> None:
    """Several, or one alone; what can't be the name of a file is refused like one that isn't there."""
    path = tmp_path / "x.json"
    path.write_text(TEXT, encoding="utf-8")
    given: list[Any] = [str(path), str(path).encode(), path, [str(path)], [str(path).encode()], (path,), iter([path])]
    found = [list(read_records(paths)) for paths in given]
    assert all(isinstance(f[0], RawRecord) and f == found[0] for f in found)
    assert load_rules(str(SMALL).encode()).digest == load_rules([SMALL]).digest == RULES.digest
    assert [len(list(read_records(["a\0b", "\ud800", path])))] == [3]
