"""The command line: exit codes and their order, inputs, outputs, languages, terminals, and every command."""

import itertools
import json
import os
import re
import signal
import stat
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import click
import pytest
from command_line import ANSI, ROOT, SMALL, Ran, at_terminal, command, run, spawn

from validator import cli
from validator.batch import chunk
from validator.commands import usage
from validator.commands.settings import MOST_WARNINGS
from validator.errors import EXIT_CODES, EXIT_PRECEDENCE, columns, exit_code
from validator.facts.vocabulary import Label
from validator.judging.finding import VERDICT_LABELS, Verdict
from validator.judging.opening import REASONS
from validator.output.phrases import PHRASES, phrase
from validator.output.render import MOST_POINTERS, when
from validator.output.text import listed, moment, padded, wrap
from validator.reading import rule_files
from validator.resources import resource_dir

Record = dict[str, Any]
RULES = ("-p", str(SMALL), "--as-of", "2024-01-01")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def matter(identifier: str, *events: Record, **facts: object) -> Record:
    """Make a record of the small rule set."""
    return {"record_type": "matter", "id": identifier, "kind": "plain", **facts, "events": list(events)}


def event(kind: str, at: object, **more: object) -> Record:
    """Make an event."""
    return {"type": kind, "at": at, **more}


RECEIVED = event("received", "2022-03-01")
GOOD = matter("good", RECEIVED, event("answered", "2022-03-02"))
HIGH = matter("high", RECEIVED)
MEDIUM = matter(
    "medium",
    RECEIVED,
    event("answered", "2022-03-02", person="p1", good=False),
    persons=[{"id": "p1", "role": "giver"}],
)
LOW = matter("low", event("received", "2022-03-01", amount=500), event("answered", "2022-03-02"))
BAD = matter("bad", event("recieved", "2022-03-01"))
PLAIN = str(SMALL.parent / "plain")
INTERPRETED = ("--engine", "interpreter")
PATIENCE = 300  # seconds until a process counts as hung: far more than the slowest machine needs


def lines(*records: Record) -> str:
    """Write records as NDJSON."""
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)


def judge(*arguments: str | Path, stdin: str | bytes = "", **more: Any) -> Ran:
    """Run `check` on the small rule set."""
    return run("check", *RULES, *arguments, stdin=stdin, **more)


def findings(ran: Ran, norm: str = "") -> list[Record]:
    """Return the findings of an NDJSON output, of one norm or all."""
    parsed = [json.loads(line) for line in ran.out.splitlines()]
    return [p["finding"] for p in parsed if "finding" in p and norm in ("", p["finding"]["norm"])]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A rule set with a mistake."""
    path = tmp_path / "broken"
    path.mkdir()
    (path / "vocabulary.yaml").write_text("entities: {a: 1}\n", encoding="utf-8")
    return path


# -- exit codes --------------------------------------------------------------------------------------------------------
def assert_says_why(ran: Ran, code: int, lang: str = "zh") -> None:
    """The code is returned, and the last line on standard error says why."""
    assert ran.code == code, ran
    assert ran.last == phrase(lang, "exit", code=code, meaning=EXIT_CODES[code][lang])
    assert "Traceback" not in ran.err


def test_a_clean_run_says_nothing_on_standard_error() -> None:
    """Exit 0 is silent."""
    assert judge(stdin=lines(GOOD))[::2] == (0, "")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("code", "arguments", "stdin"),
    [
        (1, ["check", *RULES], lines(HIGH)),
        (2, ["check", "--nonsense"], ""),
        (2, ["check", *RULES[:2], "--as-of", "gestern"], ""),
        (2, ["check", *RULES, "--select", "A9"], ""),
        (2, ["check", *RULES, "-o", "json"], ""),
        (2, ["frobnicate"], ""),
        (2, ["deadline", "2022-01-26", "fünf Tage"], ""),
        (3, ["check", "-p", "nowhere", "--as-of", "2024"], ""),
        (4, ["check", *RULES], lines(BAD, GOOD)),
        (4, ["check", *RULES, "nowhere.json"], ""),
        (4, ["check", *RULES, "--context", "nowhere.json"], lines(GOOD)),
        (4, ["deadline", "-"], "{}\n"),
        (5, ["check", *RULES], ""),
        (74, ["check", *RULES, "-o", "nowhere/out.txt"], lines(GOOD)),
        (74, ["sample", "-o", "."], ""),
    ],
)
def test_every_exit_code_is_explained(code: int, arguments: list[str], stdin: str, lang: str, tmp_path: Path) -> None:
    """What goes wrong has the documented code and a last line, in both languages."""
    chosen = arguments if arguments[0] == "frobnicate" else [*arguments, "--lang", lang]
    chosen_env = {"ZHIJIAN_LANG": lang} if arguments[0] == "frobnicate" else {}
    assert_says_why(run(*chosen, stdin=stdin, cwd=tmp_path, env=chosen_env), code, lang)


MISUSED = [
    (["check", "--bogus"], "没有选项“--bogus”", "No such option"),
    (["check", "--show-al"], "没有选项“--show-al”；是不是“--show-all”？", "--show-all"),
    (["chekc"], "没有命令“chekc”；是不是“check”？", "No such command 'chekc'"),
    (["zzzzzzz"], "没有命令“zzzzzzz”", "No such command 'zzzzzzz'"),
    (["check", "--output-format", "xml", "a"],
     "“--output-format”的值不对：“xml”不是可选的值，应为：text, json, ndjson, csv, parquet", "'xml' is not one of"),
    (["check", "-j", "0"], "“-j / --jobs”的值不对：0 不在范围 1<=x<=256 之内", "0 is not in the range"),
    (["check", "-j", "two"], "“-j / --jobs”的值不对：“two”不是整数", "'two' is not a valid integer"),
    (["check", "--as-of"], "选项“--as-of”要带一个值", "requires an argument"),
    (["check", "--bom=1"], "选项“--bom”不带值", "does not take a value"),
    (["explain"], "缺少参数“RECORD”", "Missing argument 'RECORD'"),
    (["gate", "x"], "缺少选项“--event”", "Missing option '--event'"),
    (["deadline", "2022-01-01", "1", "2"], "多出了“2”", "Got unexpected extra argument (2)"),
    (["deadline", "2022-01-01", "1", "2", "3"], "多出了“2 3”", "Got unexpected extra arguments (2 3)"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "zh", "en"), MISUSED, ids=[" ".join(words) for words, _, _ in MISUSED])
def test_wrong_usage_is_said_in_the_language(arguments: list[str], zh: str, en: str) -> None:
    """With the word that is meant, and where there is more; in Chinese without a sentence of click."""
    ran = run(*arguments)
    assert_says_why(ran, 2)
    mistake, *_ = [line for line in ran.err.splitlines() if line.startswith("错误：")]
    assert mistake.startswith(f"错误：{zh}")
    assert not re.search("Error|Usage|Try|Invalid|Missing|such|argument", ran.err)
    ran = run(*arguments, env={"ZHIJIAN_LANG": "en"})
    assert_says_why(ran, 2, "en")
    assert en in ran.err
    assert not re.search("[\u4e00-\u9fff]", ran.err)


def test_no_sentence_of_click_is_lost() -> None:
    """One that nobody has translated is shown as it is; control characters are not."""
    told = list(usage.told(click.UsageError("Something new with \x1b[2J.")))
    assert told == ["错误：Something new with \\u001b[2J."]


NO_PATHS = {
    "as_of",
    "select",
    "identifier",
    "norm",
    "name",
    "start",
    "period",
    "per",
    "kind",
    "lang",
    "form",
    "findings",
}
NO_PATHS |= {"engine", "fail_on", "jobs", "within", "count", "seed", "help", "version"}
"""Parameters that take a text or a number and no path; all others that are no flags must refuse an empty one."""


def given(command: click.Command, empty: click.Parameter) -> Iterator[str]:
    """Yield words for a command: one parameter is empty, the others that are required are not."""
    for parameter in command.params:
        if parameter.required or parameter is empty:
            yield from parameter.opts[-1:] if isinstance(parameter, click.Option) else ()
            yield "" if parameter is empty else "x"


def with_empty_paths() -> Iterator[tuple[list[str], str]]:
    """Yield command lines with an empty path, and what it is called."""
    context = click.Context(cli.cli)
    for name in cli.cli.list_commands(context):
        command = cli.cli.get_command(context, name)
        for parameter in [] if command is None else command.params:
            is_flag = isinstance(parameter, click.Option) and parameter.is_flag
            refuses = getattr(parameter.callback, "__name__", "") == "named"
            if command is not None and (refuses or not (is_flag or parameter.name in NO_PATHS)):
                is_option = isinstance(parameter, click.Option)
                called = parameter.opts[-1] if is_option else parameter.human_readable_name
                yield [name, *given(command, parameter)], called


@pytest.mark.parametrize(
    ("words", "called"), list(with_empty_paths()), ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_an_empty_path_is_refused(words: list[str], called: str, tmp_path: Path) -> None:
    """It would mean the current folder, or that nothing is written: wrong usage, and nothing is done."""
    ran = run(*words, cwd=tmp_path, stdin=lines(GOOD))
    assert_says_why(ran, 2)
    assert ran.err.startswith(f"{called}: empty-path: ")
    assert list(tmp_path.iterdir()) == []


def test_a_bug_is_a_sentence_and_not_a_traceback() -> None:
    """Exit 70 names the exception; only ZHIJIAN_DEBUG shows where it was."""
    patch = mock.patch.object(chunk, "check", side_effect=KeyError("x"))
    ran = judge(*INTERPRETED, stdin=lines(GOOD), patches=[patch])
    assert_says_why(ran, 70)
    assert "KeyError" in ran.err
    shown = judge(*INTERPRETED, stdin=lines(GOOD), patches=[patch], env={"ZHIJIAN_DEBUG": "1"})
    assert shown.code == 70
    assert "Traceback" in shown.err


def test_ctrl_c_has_its_code() -> None:
    """Exit 130."""
    patch = mock.patch.object(chunk, "check", side_effect=KeyboardInterrupt)
    assert_says_why(judge(*INTERPRETED, stdin=lines(GOOD), patches=[patch]), 130)


def test_exit_codes_have_one_order() -> None:
    """Of all codes that hold, the first of the order is returned."""
    for codes in itertools.permutations((2, 3, 74, 4, 1, 5, 0), 3):
        assert exit_code(codes) == next(c for c in EXIT_PRECEDENCE if c in codes)
    assert [c for c in EXIT_PRECEDENCE if c in (2, 3, 74, 4, 1, 5)] == [2, 3, 74, 4, 1, 5]
    assert set(EXIT_PRECEDENCE) == set(EXIT_CODES)


def test_the_order_holds_for_runs(broken: Path, tmp_path: Path) -> None:
    """Wrong usage, policies, output, input, breach: of two at once the first is reported."""
    assert run("check", "-p", broken, "--as-of", "never", stdin=lines(HIGH)).code == 2
    assert run("check", "-p", broken, "--as-of", "2024", "-o", tmp_path / "x" / "y", stdin=lines(BAD)).code == 3
    assert judge("-o", tmp_path / "x" / "y", stdin=lines(BAD, HIGH)).code == 74
    assert judge(stdin=lines(BAD, HIGH)).code == 4
    assert judge("--exit-zero", stdin=lines(BAD, HIGH)).code == 4
    assert judge(stdin=lines(BAD)).code == 4


@pytest.mark.parametrize(
    ("record", "reached"), [(HIGH, 3), (MEDIUM, 2), (LOW, 1), (GOOD, 0)], ids=["high", "medium", "low", "none"]
)
def test_fail_on_sets_the_level_that_counts(record: Record, reached: int) -> None:
    """Breaches below the level do not make the run fail."""
    for needed, level in enumerate(("low", "medium", "high"), 1):
        assert judge("--fail-on", level, stdin=lines(record)).code == int(reached >= needed)
        assert judge("--fail-on", level, "--exit-zero", stdin=lines(record)).code == 0


# -- inputs ------------------------------------------------------------------------------------------------------------
def test_every_form_of_input_is_judged_alike(tmp_path: Path) -> None:
    """An object, an array, lines, a folder, standard input: the same findings, each with its place."""
    records = [GOOD, HIGH]
    (tmp_path / "one.json").write_text(json.dumps(GOOD, indent=1), encoding="utf-8")
    (tmp_path / "two.json").write_text("\n" + json.dumps(HIGH), encoding="utf-8")
    (tmp_path / "both.json").write_text(json.dumps(records), encoding="utf-8")
    (tmp_path / "both.ndjson").write_text("\n" + lines(*records), encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("one.json", "two.json"):
        (folder / name).write_bytes((tmp_path / name).read_bytes())
    (folder / "readme.txt").write_text("no record", encoding="utf-8")
    places = {}
    for form, paths, stdin in (
        ("files", ["one.json", "two.json"], ""),
        ("array", ["both.json"], ""),
        ("lines", ["both.ndjson"], ""),
        ("folder", ["folder"], ""),
        ("stdin lines", ["-"], lines(*records)),
        ("stdin array", [], json.dumps(records, indent=1)),
    ):
        ran = judge(*paths, "--output-format", "ndjson", "--findings", "all", stdin=stdin, cwd=tmp_path)
        assert ran.code == 1, form
        found = findings(ran, "A1.1")
        assert [f["verdict"] for f in found] == ["compliant", "breached"], form
        places[form] = [(f["path"], f["line"]) for f in found]
    assert places["files"] == [("one.json", 1), ("two.json", 2)]
    assert places["lines"] == [("both.ndjson", 2), ("both.ndjson", 3)]
    assert places["folder"] == [(os.path.join("folder", n), i) for n, i in (("one.json", 1), ("two.json", 2))]  # noqa: PTH118
    assert places["stdin lines"] == [("-", 1), ("-", 2)]
    assert {p for p, _ in places["stdin array"]} == {"-"}


def test_context_is_read_from_its_own_files(tmp_path: Path) -> None:
    """Context records are not judged; a bad one is named and makes the run incomplete."""
    office = {"record_type": "office", "id": "o1", "open": True}
    (tmp_path / "context.ndjson").write_text(lines(office, {"record_type": "office"}), encoding="utf-8")
    ran = judge("--context", tmp_path / "context.ndjson", "--output-format", "json", stdin=lines(GOOD))
    assert_says_why(ran, 4)
    assert "context.ndjson:2:1: missing-id" in ran.err
    assert json.loads(ran.out)["summary"]["records"] == {"read": 1, "judged": 1, "rejected": 0}


def test_unknown_events_can_be_ignored_and_are_counted() -> None:
    """``--ignore-unknown-events`` and ``ignored_events`` skip events and say how many."""
    record = matter("x", RECEIVED, event("answered", "2022-03-02"), event("invented", 5), event("noise", 5))
    assert judge(stdin=lines(record)).code == 4
    ran = judge("--ignore-unknown-events", stdin=lines(record))
    assert ran.code == 0
    assert phrase("zh", "ignored", n=2) in ran.out


# -- conservation and formats ------------------------------------------------------------------------------------------
def test_records_read_are_judged_or_rejected_in_every_format() -> None:
    """The equation stands in text, JSON and NDJSON, and rejected records are named in all of them."""
    stdin = lines(GOOD, BAD, HIGH) + "{\n" + lines(LOW)
    counts = {"read": 5, "judged": 3, "rejected": 2}
    for lang in ("zh", "en"):
        text = judge("--lang", lang, stdin=stdin)
        assert phrase(lang, "records", **counts) in text.out
    whole = judge("--output-format", "json", stdin=stdin)
    assert json.loads(whole.out)["summary"]["records"] == counts
    assert [p["code"] for p in json.loads(whole.out)["problems"]] == ["unknown-event", "json-end"]
    parsed = [json.loads(line) for line in judge("--output-format", "ndjson", stdin=stdin).out.splitlines()]
    assert [next(iter(parsed[i])) for i in (0, -1)] == ["header", "summary"]
    assert parsed[-1]["summary"]["records"] == counts
    assert [p["rejected"][0]["line"] for p in parsed if "rejected" in p] == [2, 4]
    judged = {p["finding"]["line"] for p in parsed if "finding" in p}
    assert judged == {1, 3, 5}


def test_a_lost_record_is_a_bug() -> None:
    """The equation is enforced: a record that vanishes ends the run with 70."""
    patch = mock.patch.object(chunk, "check", side_effect=lambda *_, **__: iter(()))
    assert_says_why(judge(*INTERPRETED, stdin=lines(GOOD), patches=[patch]), 70)


SHARE = re.compile(
    r'"engine": \{"compiled": (\d+), "interpreted": (\d+)\}|编译代码判断 (\d+) 项，解释器判断 (\d+) 项（[^）]*）\n'
)
"""How many pairs of a norm and a record each engine judged, as a summary says it."""


def test_the_engines_give_the_same_bytes(tmp_path: Path) -> None:
    """Whichever engine judges, good and bad lines give the same findings and problems; the summary has its share."""
    events = [event("received", "2022-03-01T09:00:00+08:00"), event("closed", "2022-03-09T09:00:00+08:00")]
    good = matter("plain", *events)
    coarse = matter("coarse", event("received", "2022-03"))
    text = lines(good) + "\n{\n" + lines(coarse, BAD) + lines(matter("last", events[0])).rstrip("\n")
    shares = {}
    for form in ("text", "json", "ndjson", "csv"):
        for findings_ in ("problems", "all"):
            told = []
            for engine in ("compiled", "interpreter"):
                out, rejects = tmp_path / "out", tmp_path / "rejects"
                arguments = ("--engine", engine, "--output-format", form, "--findings", findings_, "-o", out)
                ran = run(
                    "check", "-", "-p", PLAIN, "--as-of", "2024-01-01", *arguments, "--rejects", rejects, stdin=text
                )
                assert ran.code == 4, ran
                written = [out.read_text(encoding="utf-8"), ran.err, rejects.read_text(encoding="utf-8")]
                share = SHARE.search("".join(written))
                shares[form, engine] = share and tuple(filter(None, share.groups()))
                told.append([SHARE.sub("", part) for part in written])
            assert told[0] == told[1]
    assert shares["json", "interpreter"] == ("0", "24")  # three records, eight norms
    assert shares["json", "compiled"] == ("20", "4")  # two that look at the coarse date, a stop, a list nobody knows
    assert shares["text", "compiled"] == shares["csv", "compiled"] == ("20", "4")
    assert shares["text", "interpreter"] is None  # where nothing was compiled it goes without saying


@pytest.mark.parametrize(
    ("piped", "wanted"),
    [(False, ["none", "none", "all", "none", "all", "some"]), (True, ["none", "none", "some", "none", "some", "some"])],
)
def test_code_is_compiled_where_that_pays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, piped: bool, wanted: list[str]
) -> None:
    """It takes 2 KiB with rules that are all plain, 12 KiB where a sixth is; of a pipe, so much is interpreted."""
    monkeypatch.setattr("validator.cli.LARGE", 2 << 10)
    for module in ("validator.batch.quick", "validator.cli"):
        monkeypatch.setattr(f"{module}.CHUNK_BYTES", 1 << 9)
    text = lines(*(matter(f"m{n}", event("received", "2022-03-01T09:00:00+08:00")) for n in range(400)))
    shares, file = [], tmp_path / "records.ndjson"
    for size in (1 << 10, 5 << 10, 20 << 10):
        file.write_text(text[:size].rpartition("\n")[0] + "\n", encoding="utf-8")
        for rules in (PLAIN, str(SMALL)):
            source, stdin = ("-", file.read_bytes()) if piped else (file, b"")
            told = run("check", source, "-p", rules, "--as-of", "2024-01-01", "--output-format", "json", stdin=stdin)
            engine = json.loads(told.out)["summary"]["engine"]
            shares.append("none" if not engine["compiled"] else "some" if engine["interpreted"] else "all")
    assert shares == wanted


def test_show_prints_compiled_code() -> None:
    """The code that judges the records of a type can be read."""
    ran = run("show", "matter", "--compiled", "-p", PLAIN)
    assert ran.code == 0
    assert "def judge(" in ran.out
    assert "# A1.3" in ran.out
    refused = run("show", "itme", "--compiled", "-p", PLAIN)
    assert (refused.code, "unknown-record-type" in refused.err) == (2, True)


def test_json_and_ndjson_hold_the_same_findings() -> None:
    """Both formats give every finding with its place; those that are in order only on request."""
    stdin = lines(GOOD, HIGH)
    nd = findings(judge("--output-format", "ndjson", stdin=stdin))
    assert json.loads(judge("--output-format", "json", stdin=stdin).out)["findings"] == nd
    everything = findings(judge("--output-format", "ndjson", "--show-all", stdin=stdin))
    assert {f["verdict"] for f in everything} - {f["verdict"] for f in nd} == {"not_triggered", "compliant"}
    assert all(f["reason"] for f in everything if f["verdict"] == "not_triggered")


def test_select_judges_only_what_is_named() -> None:
    """Articles and norms, by comma and repeated; an unknown one gets the nearest."""
    seen = {f["norm"] for f in findings(judge("--select", "A1.1,A2", "--output-format", "ndjson", stdin=lines(HIGH)))}
    assert seen == {"A1.1", "A2.1", "A2.2"}
    repeated = judge("--select", "A1.1", "--select", "A1.4", "--output-format", "ndjson", stdin=lines(HIGH))
    assert {f["norm"] for f in findings(repeated)} == {"A1.1", "A1.4"}
    ran = judge("--select", "A1.11", "--lang", "en", stdin=lines(GOOD))
    assert_says_why(ran, 2, "en")
    assert "--select `A1.11` matches no norm" in ran.err
    assert "did you mean `A1.1`?" in ran.err


# -- text --------------------------------------------------------------------------------------------------------------
def finding_lines(text: str) -> list[str]:
    """Return the lines of a piped output that are findings."""
    return text.split("\n\n", maxsplit=1)[0].splitlines()


def test_piped_text_has_one_greppable_line_a_finding() -> None:
    """Place first, then verdict, norm, article, record, why; no colour, no wrapping; the worst first."""
    persons = [{"id": f"p{i}"} for i in range(3)]
    record = matter(
        "(2022)甲1号", event("received", "2022-03-01", amount=500),
        *(event("answered", "2022-03-07", person=p["id"], good=False) for p in persons), persons=persons,
    )  # fmt: skip
    ran = judge(stdin=lines(record))
    found = finding_lines(ran.out)
    assert not ANSI.search(ran.out)
    shape = re.compile(r"-:1  (\S+)  A[\d.]+ \[第\d+条\]  \(2022\)甲1号( p\d)?  .+：.+")
    assert all(shape.fullmatch(line) for line in found)
    order = [v for line in found for v in Verdict if line.split("  ")[1] == VERDICT_LABELS[v].zh]
    assert order == sorted(order, key=list(Verdict).index)
    assert found[0].startswith(
        "-:1  违规  A1.2 [第1条]  (2022)甲1号 p0  给付人不答复的，3日内控制：期限至 2022-03-10；"
    )
    assert max(map(len, found)) > 80


def test_long_lists_are_cut_and_whole_on_request() -> None:
    """Pointers and norms beyond a few are counted; ``--show-all`` gives them all."""
    record = matter("x", *(event("answered", "2022-03", person="p", good=False) for _ in range(1)),
                    *(event("held", "2022", person="p", id=f"h{i}") for i in range(MOST_POINTERS + 2)),
                    persons=[{"id": "p"}])  # fmt: skip
    cut = next(line for line in finding_lines(judge(stdin=lines(record)).out) if "A1.2" in line)
    assert "…还有 3 项" in cut
    assert "… and 3 more" in judge("--lang", "en", stdin=lines(record)).out
    whole = next(line for line in judge("--show-all", stdin=lines(record)).out.splitlines() if "A1.2" in line)
    assert whole.count("/events/") == MOST_POINTERS + 3
    assert "还有" not in whole


def test_the_same_warning_again_and_again_is_counted_and_printed_on_request() -> None:
    """Of a warning the first few are printed, and how many more there are; errors are all printed."""
    twice = [matter(f"m{n}", RECEIVED, RECEIVED) for n in range(MOST_WARNINGS + 3)]
    bad = [{**BAD, "id": f"bad{n}"} for n in range(MOST_WARNINGS + 3)]
    few = judge(stdin=lines(*twice, *bad))
    assert few.err.count("repeated-event: ") == MOST_WARNINGS
    assert phrase("zh", "warnings_left", n=3, code="repeated-event") in few.err
    assert few.err.count("unknown-event: ") == len(bad)
    every = judge("--all-warnings", stdin=lines(*twice, *bad))
    assert every.err.count("repeated-event: ") == len(twice)
    assert "--all-warnings" not in every.err
    assert every.out == few.out
    assert "--all-warnings" not in judge(stdin=lines(*twice[:MOST_WARNINGS])).err


@pytest.mark.parametrize("engine", ["interpreter", "compiled"])
def test_what_came_before_the_issue_is_counted_and_says_how_it_is_judged(engine: str) -> None:
    """An old matter is no clean one: norms that it triggered before their issue are counted, with the way to them."""
    old = lines(matter("old", event("received", "2019-03-01T09:00:00+08:00")))
    told, judged = (
        judge("--engine", engine, "--lang", "en", *more, stdin=old) for more in ((), ("--assume-in-force",))
    )
    early = [f for f in findings(judge("--show-all", "--output-format", "ndjson", stdin=old))
             if f.get("reason") == "before_issue"]  # fmt: skip
    assert early
    assert phrase("en", "before_issue", n=len(early)) in told.out
    assert "--assume-in-force" not in judged.out


def test_what_is_folded_is_counted() -> None:
    """Running holds, declaratory norms and unset figures are told in the summary; ``--show-all`` lists them."""
    ran = judge(stdin=lines(GOOD, HIGH))
    assert "A1.4 [" not in ran.out
    assert phrase("zh", "folded_unset", n=2) + "\n       2  param.answer_days  答复期限\n" in ran.out
    assert judge("--show-all", stdin=lines(GOOD, HIGH)).out.count("A1.4 [") == 2
    ran = judge(stdin=lines(GOOD))
    assert "A2.1 [" not in ran.out
    assert phrase("zh", "folded_hold", n=1) in ran.out
    assert phrase("zh", "folded_declaratory", n=1) in ran.out
    everything = judge("--show-all", stdin=lines(HIGH)).out
    assert "A2.1 [" in everything
    assert "A2.2 [" in everything
    assert VERDICT_LABELS[Verdict.NOT_TRIGGERED].zh + "  A1.2 [" in everything
    assert "--show-all" not in everything


def test_hours_are_shown_as_moments_and_days_as_days() -> None:
    """A moment of Beijing time is short; a term in days ends on a day."""
    assert (
        moment("2022-02-08T00:00:00+08:00 x 2022-02-08T10:20:30.5+08:00") == "2022-02-08 00:00 x 2022-02-08 10:20:30.5"
    )
    assert moment("2022-02-07..2022-03") == "2022-02-07..2022-03"
    assert moment("2022-02-08T23:59:59.999999+08:00") == "2022-02-08"
    assert moment("2022-02-08T23:59:59+08:00") == "2022-02-08 23:59:59"
    assert [when("2022-03-01..2022-03-31", lang) for lang in ("zh", "en")] == [
        "2022-03-01 至 2022-03-31 之间", "between 2022-03-01 and 2022-03-31",
    ]  # fmt: skip
    assert [when(at, "zh") for at in ("2022-03-01..", "..2022-03-31")] == ["不早于 2022-03-01", "不晚于 2022-03-31"]
    late = matter("x", event("received", "2022-03-01T10:00"), event("answered", "2022-03-10T16:05"))
    line = next(r for r in judge(stdin=lines(late)).out.splitlines() if "A1.1" in r)
    assert line.endswith("期限至 2022-03-03；2022-03-10 16:05 完成，逾期 5 个工作日（7 日）")


def test_language_is_chosen_by_flag_then_environment_never_by_locale() -> None:
    """``--lang`` beats ZHIJIAN_LANG beats Chinese; nonsense in the environment is Chinese."""
    ran = {
        "zh": [
            judge(stdin=lines(HIGH), env={"LC_ALL": "en_US.UTF-8", "LANG": "en_US.UTF-8"}),
            judge(stdin=lines(HIGH), env={"ZHIJIAN_LANG": "fr"}),
            judge("--lang", "zh", stdin=lines(HIGH), env={"ZHIJIAN_LANG": "en"}),
        ],
        "en": [
            judge("--lang", "en", stdin=lines(HIGH)),
            judge("--lang=en", stdin=lines(HIGH)),
            judge(stdin=lines(HIGH), env={"ZHIJIAN_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}),
        ],
    }
    for lang, outputs in ran.items():
        assert len({(r.out, r.err) for r in outputs}) == 1
        assert_says_why(outputs[0], 1, lang)
        assert bool(CHINESE.search(outputs[0].out + outputs[0].err)) is (lang == "zh")
    assert judge("--lang", "fr", stdin=lines(HIGH)).code == 2


def test_both_languages_have_the_same_phrases() -> None:
    """No phrase is missing in one of them or has other placeholders."""
    assert PHRASES["zh"].keys() == PHRASES["en"].keys()
    for name, zh in PHRASES["zh"].items():
        names, others = (set(re.findall(r"{(\w+)", text)) for text in (zh, PHRASES["en"][name]))
        assert names == others, name


@pytest.mark.parametrize(("number", "days", "due", "judged"), [
    (0, "0 working days (0 days)", "0 duties not done: -", "0 records judged, 0 verdicts change"),
    (1, "1 working day (1 day)", "1 duty not done: -", "1 record judged, 1 verdict changes"),
    (2, "2 working days (2 days)", "2 duties not done: -", "2 records judged, 2 verdicts change"),
])  # fmt: skip
def test_one_is_no_plural(number: int, days: str, due: str, judged: str) -> None:
    """In English a word agrees with its number, also where a phrase has two; Chinese has one form."""
    assert phrase("en", "days", working=number, calendar=number) == days
    assert phrase("en", "due.total", n=number, words="-") == due
    assert phrase("en", "diff.records", records=number, flips=number) == judged
    assert phrase("zh", "due.left", n=number) == f"还有 {number} 个工作日"


def test_every_reason_for_no_instance_has_a_sentence() -> None:
    """Text can say why a norm was not triggered, whatever the reason."""
    said = {name.removeprefix("reason.") for name in PHRASES["zh"] if name.startswith("reason.")}
    assert said == set(REASONS)


def test_text_is_laid_out_by_columns() -> None:
    """Chinese breaks anywhere but before closing marks; words break at blanks; nothing is wider than asked."""
    text = (
        "查明即可确定：/events/0/at, /events/1/at，“同日从宽”（见说明）。 Then some English words follow, " + "x" * 30
    )
    for width in range(16, 60):
        broken = wrap(text, width)
        assert all(columns(line) <= width for line in broken)
        assert "".join(broken).replace(" ", "") == text.replace(" ", "")
        assert not any(line[0] in "，。）”" for line in broken)
        assert not any(line[-1] in "（“" for line in broken)
    assert wrap("", 10) == [""]
    assert padded("违规", 6) == "违规  "
    assert listed(["a", "b\n"], "en", 1) == "a … and 1 more"
    assert listed(["a", "b\n"], "en", 2) == r"a, b\n"


# -- terminals ---------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def docket(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of a few records."""
    path = tmp_path_factory.mktemp("docket") / "docket.ndjson"
    path.write_text(lines(GOOD, HIGH, MEDIUM, LOW), encoding="utf-8")
    return path


@pytest.mark.parametrize(("columns_wide", "lang"), [(80, "zh"), (120, "en")])
def test_a_terminal_gets_a_layout_with_colours(docket: Path, columns_wide: int, lang: str) -> None:
    """A heading a record, findings below it within the width, colours; no progress bar among them."""
    ran = at_terminal("check", *RULES, docket, "--lang", lang, columns=columns_wide)
    assert ran.code == 1
    plain = ANSI.sub("", ran.out)
    assert "\x1b[1;31m" in ran.out
    assert "\r" not in ran.out
    assert re.search(r"^high  .*docket.ndjson:2$", plain, re.MULTILINE)
    assert re.search(rf"^  {VERDICT_LABELS[Verdict.BREACHED].text(lang)} +A1\.1 \[", plain, re.MULTILINE)
    body = plain.split("\n")
    assert max(columns(line) for line in body if "docket.ndjson" not in line) <= columns_wide
    assert body[-2] == phrase(lang, "exit", code=1, meaning=EXIT_CODES[1][lang])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("columns_wide", [40, 60, 80])
def test_what_is_said_fits_the_terminal(columns_wide: int, lang: str) -> None:
    """Of the whole law no line of findings or summary is wider than the terminal; a pipe gets every sentence in one."""
    record = ROOT / "tests" / "records" / "published" / "2016-yue05-zhiyi-38.json"
    asked = ("check", record, "--as-of", "2024-01-01", "--assume-in-force", "--exit-zero", "--lang", lang)
    shown = ANSI.sub("", at_terminal(*asked, columns=columns_wide).out).splitlines()
    assert [line for line in shown if columns(line) > columns_wide and str(record) not in line] == []
    sentences = run(*asked).out.partition("\n\n")[2].partition("\n\n")[2].splitlines()
    assert max(map(columns, sentences)) > 80
    together = "".join("".join(shown).split())
    assert [s for s in sentences if "".join(s.split()) not in together] == []


def test_no_color_is_obeyed(docket: Path) -> None:
    """With NO_COLOR a terminal gets the layout without colours."""
    ran = at_terminal("check", *RULES, docket, env={"NO_COLOR": "1"})
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", ran.out)
    assert "high" in ran.out


def test_a_progress_bar_appears_only_beside_piped_findings(docket: Path) -> None:
    """Standard error at a terminal and findings elsewhere: a bar; the findings have no trace of it."""
    ran = at_terminal("check", *RULES, docket, piped=True)
    assert "zhijian" in ANSI.sub("", ran.err)
    assert "\x1b[" in ran.err
    assert ran.out == spawn("check", *RULES, docket).out


def test_a_terminal_is_not_waited_for() -> None:
    """`check` without files at a terminal says so instead of waiting for typing."""
    ran = at_terminal("check", *RULES)
    assert ran.code == 2
    assert "no-input" in ran.out


# -- output ------------------------------------------------------------------------------------------------------------
def test_an_output_file_is_whole_and_has_the_usual_permissions(tmp_path: Path) -> None:
    """-o writes what standard output would get; a new file follows the umask, an old one keeps its mode."""
    target = tmp_path / "out.txt"
    expected = judge(stdin=lines(GOOD)).out
    before = os.umask(0o027)
    try:
        assert judge("-o", target, stdin=lines(GOOD)) == (0, "", "")
    finally:
        os.umask(before)
    assert target.read_text(encoding="utf-8") == expected
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    target.chmod(0o604)
    judge("-o", target, stdin=lines(HIGH))
    assert stat.S_IMODE(target.stat().st_mode) == 0o604
    assert target.read_text(encoding="utf-8") == judge(stdin=lines(HIGH)).out
    assert os.listdir(tmp_path) == ["out.txt"]  # noqa: PTH208 - names


def test_a_failing_run_leaves_the_old_output_alone(tmp_path: Path) -> None:
    """A bug in the middle, a missing folder, a folder as target: the old file stays, no unfinished one does."""
    target = tmp_path / "out.txt"
    target.write_text("old", encoding="utf-8")

    def breaking(*_: object, **__: object) -> Iterable[Any]:
        yield from ()
        raise ValueError

    patch = mock.patch.object(chunk, "check", side_effect=breaking)
    assert judge("-o", target, *INTERPRETED, stdin=lines(GOOD), patches=[patch]).code == 70
    assert target.read_text(encoding="utf-8") == "old"
    assert judge("-o", tmp_path, stdin=lines(GOOD)).code == 74
    assert judge("-o", tmp_path / "a" / "b", stdin=lines(GOOD)).code == 74
    with mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")):
        ran = judge("-o", target, stdin=lines(GOOD))
    assert_says_why(ran, 74)
    assert "磁盘空间不足" in ran.err
    assert target.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["out.txt"]  # noqa: PTH208


def test_an_output_file_is_never_an_input_or_a_format(tmp_path: Path) -> None:
    """-o on a file that is read is refused before anything is lost; so is the name of a format."""
    source = tmp_path / "in.ndjson"
    source.write_text(lines(GOOD), encoding="utf-8")
    (tmp_path / "link").symlink_to(source)
    for target in (source, tmp_path / "link"):
        ran = judge(source, "-o", target)
        assert_says_why(ran, 2)
        assert "output-is-input" in ran.err
    assert source.read_text(encoding="utf-8") == lines(GOOD)
    assert "--output-format json" in judge(source, "-o", "json").err


def test_a_link_is_followed_and_a_device_is_written_to(tmp_path: Path) -> None:
    """-o through a link changes the file it names; /dev/null stays what it is."""
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "out.txt"
    target.write_text("old", encoding="utf-8")
    link = tmp_path / "link"
    link.symlink_to(target)
    assert judge("-o", link, stdin=lines(GOOD)).code == 0
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") != "old"
    assert judge("-o", os.devnull, stdin=lines(GOOD)).code == 0
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)  # noqa: PTH116


@pytest.mark.parametrize(
    ("name", "more", "beginning"),
    [
        ("x.csv", (), "record,record_type,"),
        ("x.NDJSON", (), '{"header": '),
        ("x.json", (), '{"header": '),
        ("x.txt", (), "-:1  "),
        ("x.html", ("--output-format", "text"), "-:1  "),
        ("x.csv", ("--output-format", "ndjson"), '{"header": '),
        ("x.csv", ("--output-format", "text"), "-:1  "),
    ],
)
def test_the_suffix_of_the_output_chooses_its_form(
    name: str, more: tuple[str, ...], beginning: str, tmp_path: Path
) -> None:
    """Whoever writes -o findings.csv wants CSV; what --output-format says comes first, and no suffix means text."""
    assert judge("-o", tmp_path / name, *more, stdin=lines(HIGH)).code == 1
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(beginning)


@pytest.mark.parametrize(
    ("arguments", "name", "beginning"),
    [
        (("due", *RULES, "-"), "x.csv", "urgency,"),
        (("due", *RULES, "-"), "x.ics", "BEGIN:VCALENDAR"),
        (("due", *RULES, "-"), "x.json", '{"urgency": '),
        (("norms", *RULES[:2]), "x.html", "<!doctype html>"),
        (("norms", *RULES[:2]), "x.md", "# "),
        (("norms", *RULES[:2]), "x.json", "["),
        (("diff", str(SMALL), str(SMALL)), "x.json", "{"),
    ],
)
def test_so_it_does_for_other_commands(arguments: tuple[str, ...], name: str, beginning: str, tmp_path: Path) -> None:
    """Each as far as it has that form."""
    assert run(*arguments, "-o", tmp_path / name, stdin=lines(HIGH)).code == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(beginning)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("check", *RULES, "-"), "x.html"),
        (("check", *RULES, "-"), "x.ics"),
        (("due", *RULES, "-"), "x.parquet"),
        (("norms", *RULES[:2]), "x.csv"),
        (("diff", str(SMALL), str(SMALL)), "x.md"),
    ],
)
def test_a_form_that_a_command_does_not_have_is_refused(arguments: tuple[str, ...], name: str, tmp_path: Path) -> None:
    """A page or a calendar that holds text would be taken for a broken one."""
    ran = run(*arguments, "-o", tmp_path / name, stdin=lines(HIGH))
    assert (ran.code, "output-form" in ran.err, [*tmp_path.iterdir()]) == (2, True, [])


@pytest.mark.parametrize("arguments", [("norms", *RULES[:2]), ("diff", str(SMALL), str(SMALL), "-o", "x.json")])
def test_templates_of_no_use_are_refused(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Only pages are made of templates."""
    ran = run(*arguments, "--template", ".", cwd=tmp_path)
    assert (ran.code, "option-needs" in ran.err, [*tmp_path.iterdir()]) == (2, True, [])


def test_days_of_a_period_stand_in_columns() -> None:
    """Names of weekdays differ in length."""
    assert run("deadline", "2022-02-03", "1 day", "--lang", "en").out.splitlines()[:4] == [
        "2022-02-03  Thursday    -  starting day, not counted",
        "2022-02-04  Friday      1  Spring Festival",
        "2022-02-05  Saturday    -  Spring Festival",
        "2022-02-06  Sunday      -  Spring Festival",
    ]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="pipes have no names here")
def test_output_goes_to_a_pipe_that_has_only_a_number(tmp_path: Path) -> None:
    """What a shell makes of `-o >(gzip > x.gz)`, and `-o /dev/stdout` before a `|`: a link to no name."""
    (tmp_path / "in.ndjson").write_text(lines(GOOD), encoding="utf-8")
    reader, writer = os.pipe()
    arguments = command("check", *RULES, str(tmp_path / "in.ndjson"), "-o", f"/dev/fd/{writer}")
    done = subprocess.run(arguments, capture_output=True, check=False, pass_fds=[writer])
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        assert (done.returncode, done.stderr, stream.read()) == (0, b"", judge(tmp_path / "in.ndjson").out.encode())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
def test_a_full_disk_has_its_code(docket: Path) -> None:
    """Standard output on a full device: 74 and the reason, for a long command and a short one."""
    for arguments in (["check", *RULES, str(docket)], ["deadline", "2024-01-01", "5 days"]):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(command(*arguments), stdout=full, stderr=subprocess.PIPE, check=False)
        assert_says_why(Ran(done.returncode, "", done.stderr.decode()), 74)
        assert "磁盘空间不足" in done.stderr.decode()
    assert judge("-o", "/dev/full", stdin=lines(GOOD)).code == 74


def test_a_reader_that_leaves_is_no_noise() -> None:
    """``| head -1``: the first lines arrive, nothing is said, the code tells that the output was cut."""
    with subprocess.Popen(command("sample", "--n", "2000"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["record_type"] == "case"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 74


@pytest.mark.parametrize("closing", ["", "2>&- <&-", "2>/dev/full"])
@pytest.mark.parametrize(
    ("code", "without", "arguments"),
    [
        (4, 4, ("check", *RULES, "nowhere.json", "-o", "out.txt")),
        (4, 74, ("check", *RULES, "nowhere.json")),
        (1, 1, ("check", *RULES[:2], "high.json", "--output-format", "csv", "-o", "out.csv")),
        (1, 74, ("check", *RULES[:2], "high.json", "--output-format", "parquet")),
        (2, 2, ("frobnicate",)),
        (3, 3, ("lint", "nowhere")),
        (0, 0, ("sample", "--n", "1", "-o", "out.ndjson")),
        (0, 74, ("deadline", "2024-01-01", "5 days")),
    ],
)
def test_a_closed_stream_costs_only_what_stands_on_it(
    code: int, without: int, arguments: tuple[str, ...], closing: str, tmp_path: Path
) -> None:
    """The code is that of open streams, but for a result that should stand on a closed standard output."""
    (tmp_path / "high.json").write_text(json.dumps(HIGH), encoding="utf-8")
    for more, expected in (("", code), (" >&-", without)):
        shell = ["sh", "-c", f'exec "$@" {closing}{more}', "sh", *command(*arguments)]
        done = subprocess.run(shell, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == expected, (more, done.stderr.decode())
        assert b"Traceback" not in done.stderr


def told_to_end(number: signal.Signals, tmp_path: Path, *before: str, records: int = 1_000_000) -> Ran:
    """Send a signal to a run that has begun to write its file."""
    arguments = [*before, *command("sample", "--n", str(records), "-o", tmp_path / "out.ndjson")]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + PATIENCE
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
    return Ran(process.returncode, "", err.decode())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_leaves_nothing_behind(number: signal.Signals, tmp_path: Path) -> None:
    """SIGTERM, and a terminal that is closed: 143, a last line, and no unfinished file."""
    assert_says_why(told_to_end(number, tmp_path), 143)
    assert list(tmp_path.iterdir()) == []


def test_a_run_may_outlive_its_terminal(tmp_path: Path) -> None:
    """With nohup a terminal that is closed ends nothing."""
    ran = told_to_end(signal.SIGHUP, tmp_path, "nohup", records=500)
    assert (ran.code, [p.name for p in tmp_path.iterdir()]) == (0, ["out.ndjson"])


# -- explain -----------------------------------------------------------------------------------------------------------
def test_explain_shows_the_counting(tmp_path: Path) -> None:
    """Law, trigger, every day with its reason, the verdict, the reading and the remedy, in both languages."""
    (tmp_path / "r.json").write_text(json.dumps(HIGH), encoding="utf-8")
    zh = run("explain", tmp_path / "r.json", "A1.1", *RULES)
    assert zh.code == 0
    for part in ("第1条（限期办理）第1款第1句“2个工作日”", "2022-03-01    -  起算日，不计入", "2022-03-03    2  工作日",
                 "违规 (breached)", "自收到之日起算", "提示办理"):  # fmt: skip
        assert part in zh.out
    en = run("explain", tmp_path / "r.json", "A1.1", *RULES, "--lang", "en")
    assert "starting day, not counted" in en.out
    assert not CHINESE.search(en.out.replace("“2个工作日”", ""))


def test_explain_gives_the_readings_of_a_norm_once(tmp_path: Path) -> None:
    """Two clocks of a norm are explained one by one; how the norm is read stands behind them and is not said twice."""
    twice = matter("twice", event("received", "2022-03-01"), event("received", "2022-03-15"))
    (tmp_path / "r.json").write_text(json.dumps(twice), encoding="utf-8")
    told = run("explain", tmp_path / "r.json", "A1.1", *RULES).out.splitlines()
    keys = [place for place, line in enumerate(told) if line.startswith("标识")]
    readings = [place for place, line in enumerate(told) if line.startswith("采用的理解")]
    assert len(keys) == 2
    assert len(readings) == len({told[place] for place in readings}) > 0
    assert min(readings) > max(keys)


def test_explain_says_once_what_a_norm_with_versions_found(tmp_path: Path) -> None:
    """The versions of a norm are one norm: whichever applies is explained, and once."""
    record = {"record_type": "matter", "id": "m", "events": [{"type": "halted", "at": "2022-02-15T10:00:00+08:00"}]}
    (tmp_path / "r.json").write_text(json.dumps(record))
    told = run("explain", tmp_path / "r.json", "A4.7", "-p", SMALL.parent / "laws", "--lang", "en").out
    assert [line for line in told.splitlines() if line.startswith("norm")] == ["norm  A4.7  The new version"]


def test_explain_tells_from_what_a_finding_follows_and_since_when(tmp_path: Path) -> None:
    """The prompt is due from the end of the term that was missed; a reminder runs from the start, as it is known."""
    case = {
        "record_type": "case", "id": "c1", "type": "first_enforcement", "parties": [{"id": "d1", "role": "debtor"}],
        "assets": [], "payments": [{"id": "p1", "amount": 1}],
        "events": [
            {"type": "case_materials_received", "at": "2022-03-02"},
            {"type": "funds_arrived", "at": "2022-06", "payment": "p1"},
        ],
    }  # fmt: skip
    (tmp_path / "r.json").write_text(json.dumps(case), encoding="utf-8")
    told = [run("explain", tmp_path / "r.json", norm, "--as-of", "2022-12-31").out for norm in ("A8.4", "A12.4")]
    lines = [line for text in told for line in text.splitlines() if line.startswith("触发")]
    query, money = "A13.1:c1+d1:case_materials_received@2022-03-02", "A22.1:p1:funds_arrived@2022-06"
    assert f"触发  上游规则的结果 {query}；起算 2022-03-09" in lines
    assert f"触发  上游规则的结果 {query}；起算 2022-03-02" in lines
    assert f"触发  上游规则的结果 {money}；起算 2022-06-01 至 2022-06-30 之间" in lines


def test_explain_finds_its_record(tmp_path: Path) -> None:
    """Of several records one is named; bad lines beside it are no hindrance; what is missing is said."""
    file = tmp_path / "r.ndjson"
    file.write_text(lines(GOOD) + "{\n" + lines(HIGH, BAD), encoding="utf-8")
    assert "违规 (breached)" in run("explain", file, "A1.1", "--id", "high", *RULES).out
    for arguments, code, word in (
        (["A1.1", "--id", "hihg"], 2, "record-not-found"),
        (["A1.1", "--id", "bad"], 4, "unknown-event"),
        (["A1.1"], 4, "json-end"),
        (["A7", "--id", "high"], 2, "unknown-norm"),
    ):
        ran = run("explain", file, *arguments, *RULES)
        assert (ran.code, word in ran.err) == (code, True), ran
    file.write_text(lines(GOOD, HIGH), encoding="utf-8")
    ran = run("explain", file, "A1.1", *RULES)
    assert ran.code == 2
    assert "which-record" in ran.err
    assert run("explain", tmp_path / "nowhere.json", "A1.1", *RULES).code == 4
    assert run("explain", "-", "A1.1", *RULES, stdin=json.dumps(GOOD)).code == 0


# -- show --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("A1.1", "收到后2个工作日内答复", "Answer within 2 working days"),
        ("A1", "一个月内冻结", "Freeze within a month"),
        ("1", "一个月内冻结", "Freeze within a month"),
        ("answered", "答复", "list of enum (price, date)"),
        ("held", "使 person.held 成为 true", "sets person.held to true"),
        ("chosen", "person, paper 之一", "one of person, paper"),
        ("matter.closed", "即 matter.state == closed", "is matter.state == closed"),
        ("matter.state", "由 closed 改变", "initially running"),
        ("person", "人员", "listed as persons in records of type matter"),
        ("papers", "文件", "Paper"),
        ("matter", "记录类型", "a record type"),
        ("office", "由 matter.office_id 找到 office 记录", "follows matter.office_id"),
        ("param.answer_days", "未设定", "unset"),
        ("answer_days", "及时", "[working days]"),
        ("issue_date", "自 2020-01-01 起  2022-01-04  试验", "from 2020-01-01"),
        ("hour_start", "一直  exact", "always  exact"),
        ("table.served", "可办种类", "Kinds served"),
        ("reminder", "提示办理 [承办人] A1.1", "Any violation"),
    ],
)
def test_show_says_what_a_name_means(name: str, zh: str, en: str) -> None:
    """Norms, articles and every kind of word, in both languages."""
    for lang, part in (("zh", zh), ("en", en)):
        ran = run("show", name, *RULES[:2], "--lang", lang)
        assert ran.code == 0, ran.err
        assert part in ran.out


def test_show_finds_what_is_called_so() -> None:
    """A part of a label or title lists the names of what has it, in the language of the reader; each once."""
    ran = run("show", "答复", *RULES[:2])
    assert ran.out.splitlines() == ["answered  答复", "answer_days  答复期限", "A1.1  收到后2个工作日内答复",
                                       "A1.2  给付人不答复的，3日内控制"]  # fmt: skip
    closed = run("show", "结束", *RULES[:2]).out.splitlines()
    assert {"closed  结束", "matter.closed  已结束"} <= {*closed}
    assert "closed  已结束" not in closed  # the variable has its whole name
    assert run("show", "", *RULES[:2]).code == run("show", " ", *RULES[:2]).code == 2
    assert "answer_days  Days to answer" in run("show", "answer", *RULES[:2], "--lang", "en").out.splitlines()


def test_show_gives_the_record_without_its_examples() -> None:
    """The record as written, with its place; examples are for `test`."""
    ran = run("show", "A1.1", *RULES[:2])
    assert "deadline: 2 working days" in ran.out
    assert "examples" not in ran.out
    assert "A1.2" not in ran.out
    assert re.search(r"article-1\.yaml:\d+$", ran.out, re.MULTILINE)


def test_show_names_the_nearest_word() -> None:
    """An unknown name gets a suggestion that can itself be shown."""
    for name, nearest in (("awnsered", "answered"), ("persns", "persons"), ("A1.11", "A1.1"), ("remindr", "reminder")):
        ran = run("show", name, *RULES[:2], "--lang", "en")
        assert_says_why(ran, 2, "en")
        assert f"did you mean `{nearest}`?" in ran.err
        assert run("show", nearest, *RULES[:2]).code == 0


# -- schema, sample ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["record", "article", "vocabulary", "overlay", "finding", "output", "reject"])
def test_schema_prints_json_for_people(name: str) -> None:
    """Valid JSON, in lines that a person can read."""
    ran = run("schema", name, *RULES[:2])
    assert ran.code == 0
    assert json.loads(ran.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert ran.out.count("\n") > 10


def test_sample_gives_the_same_bytes(tmp_path: Path) -> None:
    """The same number and seed give the same docket, in a file or on standard output; another seed another one."""
    first = run("sample", "--n", "5", "--seed", "7")
    assert first.out.count("\n") == 5
    assert run("sample", "--n", "5", "--seed", "7", "-o", tmp_path / "s.ndjson").code == 0
    assert (tmp_path / "s.ndjson").read_bytes() == first.out.encode()
    assert run("sample", "--n", "5", "--seed", "8").out != first.out
    assert run("sample", "--n", "9", "--seed", "7").out.startswith(first.out)
    assert run("sample", "--n", "0") == (0, "", "")
    assert run("sample", "--n", "-1").code == 2


# -- lint, test --------------------------------------------------------------------------------------------------------
def rule_set(folder: Path, old: str = "", new: str = "") -> Path:
    """Copy the small rule set, with a change to its first article."""
    folder.mkdir()
    for path in SMALL.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if path.name == "article-1.yaml" and old:
            assert old in text
            text = text.replace(old, new)
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder


def test_lint_gives_warnings_with_places() -> None:
    """Warnings don't fail; the last line counts."""
    for lang, warning in (("zh", "警告: few-examples"), ("en", "warning: few-examples")):
        ran = run("lint", SMALL, "--lang", lang)
        assert ran.code == 0
        assert f"article-1.yaml:33:9: {warning}" in ran.out
        assert ran.out.splitlines()[-1] == phrase(lang, "linted", norms=6, warnings=4)


DOUBTFUL = """\
article: 5
title: {zh: 疑, en: Doubtful}
records:
  - id: A5.1
    title: {zh: 疑, en: Doubtful}
    source: {paragraph: 1, sentence: 1}
    kind: permission
    check: machine
    level: low
    subject: matter
    trigger: {event: received}
    deadline: 2 days
    allowed_states: {event: answered}
    remedy: none
"""


def test_lint_knows_what_is_probably_not_meant(tmp_path: Path) -> None:
    """Each doubtful form has its warning where it stands, in both languages; an examined norm has none."""
    head, record = DOUBTFUL[: DOUBTFUL.index("  - id")], DOUBTFUL[DOUBTFUL.index("  - id") :]
    hold = record.replace("A5.1", "A5.2").replace("permission", "prohibition").replace("2 days", "{until: forever}")
    hold = hold.replace("{event: answered}", "{no_event: chosen}").replace("received}", "received, one_per: entity}")
    known = record.replace("A5.1", "A5.3").replace("permission", "achievement")
    known = known.replace("{event: received}", "{event: received, where: known(matter.amount) and known(matter.kind)}")
    known = known.replace("{event: answered}", "len(events.answered) >= 1")
    stops = "    suspended_while: [matter.frozen]\n"
    known += stops + record.replace("A5.1", "A5.4").replace("2 days", "at trigger") + stops
    folder = rule_set(tmp_path / "rules")
    (folder / "article-5.yaml").write_text(head + record + hold + known, encoding="utf-8")
    for lang, word in (("zh", "警告"), ("en", "warning")):
        ran = run("lint", folder / "article-5.yaml", folder / "vocabulary.yaml", "--lang", lang)
        assert ran.code == 0
        found = re.findall(rf"article-5\.yaml:(\d+):(\d+): {word}: ([\w-]+): ", ran.out)
        assert [(int(line), code) for line, _, code in found] == [
            (4, "few-examples"), (12, "permission-outside-at"),
            (15, "few-examples"), (22, "one-per-in-hold"), (23, "forbidden-forever"),
            (26, "few-examples"), (26, "known-outside-content"), (35, "count-instead-of-event"),
            (38, "few-examples"), (49, "stops-no-clock"),
        ]  # fmt: skip
        messages = [line for line in ran.out.splitlines() if line.startswith(str(folder))]
        assert all(bool(CHINESE.search(line)) is (lang == "zh") for line in messages)


def test_lint_names_a_notice_that_ends_before_national_day(tmp_path: Path) -> None:
    """A year of which only the first holiday was typed stays provisional, and both languages say so."""
    folder = rule_set(tmp_path / "rules")
    holidays = "[{from: 2031-01-01, to: 2031-01-01, name: {zh: 元旦, en: New Year}}]"
    item = f"calendar:\n  - year: 2031\n    source: {{zh: 测试, en: test}}\n    holidays: {holidays}\n"
    (folder / "calendar.yaml").write_text(item, encoding="utf-8")
    for lang, word in (("zh", "暂定"), ("en", "provisional")):
        ran = run("lint", folder, "--lang", lang)
        assert ran.code == 0
        assert re.search(rf"calendar\.yaml:2:11: \S+: calendar-year-unfinished: .*2031.*{word}", ran.out)
        assert ran.out.splitlines()[-1] == phrase(lang, "linted", norms=6, warnings=5)


def test_lint_and_test_keep_to_the_files_they_are_given(tmp_path: Path) -> None:
    """Of a rule set that is read as a whole only the named files are reported on."""
    folder = rule_set(tmp_path / "rules")
    rule_set(tmp_path / "rules-2")
    ran = run("lint", folder / "vocabulary.yaml", folder / "article-2.yaml")
    assert ran.out.splitlines()[-1] == phrase("zh", "linted", norms=2, warnings=1)
    assert run("test", folder).out.splitlines()[-1].startswith("规则 6 条，示例 3 个")
    last = run("lint").out.splitlines()[-1]
    assert last == phrase("zh", "installed", folder=resource_dir("policies"))  # and not ./policies


def test_a_draft_of_an_article_is_tried_on_top_of_the_shipped_rules(tmp_path: Path) -> None:
    """An article alone, or a folder of articles, replaces the shipped file of its name and uses the shipped words."""
    draft = tmp_path / "drafts" / "article-1.yaml"
    draft.parent.mkdir()
    text = (SMALL / "article-1.yaml").read_text(encoding="utf-8")
    draft.write_text(text.replace("deadline: 2 working days", "deadline: 3 working days"), encoding="utf-8")
    shipped = mock.patch.object(rule_files, "resource_dir", return_value=SMALL)
    for given in (draft, draft.parent):
        ran = run("test", given, patches=[shipped])
        assert_says_why(ran, 3)
        assert re.findall(r"未通过  (\S+)  (\S+)", ran.out) == [
            ("A1.1", "期内答复"),
            ("A1.1", "逾期答复"),
            ("A1.1", "期限内"),
        ]
        assert ran.out.splitlines()[-1].startswith("规则 4 条，示例 3 个")
        assert run("lint", given, patches=[shipped]).out.splitlines()[-1].startswith("规则 4 条")
        shown = run("show", "A1.1", "-p", given, patches=[shipped])  # and every command that judges
        assert shown.code == 0
        assert "3 working days" in shown.out
    draft.write_text(text.replace("event: received", "event: recieved"), encoding="utf-8")
    ran = run("lint", draft, patches=[shipped])
    assert_says_why(ran, 3)
    assert all(line.startswith(str(draft)) for line in ran.err.splitlines() if "unknown-event" in line)


def test_a_failing_example_says_where_and_how(tmp_path: Path) -> None:
    """Exit 3, the place of the example, and every difference in words, in both languages."""
    folder = rule_set(
        tmp_path / "rules", "{verdict: late, due_day: 2022-03-03}", "{verdict: breached, due_day: 2022-03-04}"
    )
    zh, en = (run("test", folder, "--lang", lang) for lang in ("zh", "en"))
    assert_says_why(zh, 3)
    assert f"{folder}/article-1.yaml:25:9: 未通过  A1.1  逾期答复" in zh.out
    assert "verdict：应为 breached，实为 late" in zh.out
    assert "due_day：应为 2022-03-04，实为 2022-03-03" in zh.out
    assert "verdict: expected breached, found late" in en.out
    assert en.out.splitlines()[-1] == "6 norms, 3 examples: 2 passed, 1 failed"


def test_an_unknown_key_of_an_example_is_underlined_itself(tmp_path: Path) -> None:
    """The place is that of the key, as everywhere in YAML, and not that of its value."""
    folder = rule_set(tmp_path / "rules", "at: 2022-03-01}]}", "at: 2022-03-01, amuont: 3}]}")
    lines_of = (folder / "article-1.yaml").read_text("utf-8").splitlines()
    number, line = next((n, text) for n, text in enumerate(lines_of, 1) if "amuont" in text)
    ran = run("test", folder)
    assert f"{folder}/article-1.yaml:{number}:{line.index('amuont') + 1}: unknown-key: " in ran.out
    assert "是不是“amount”？" in ran.out


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("events: [{type: received, at: 2022-03-01}]}", "events: [{type: recieved, at: 2022-03-01}]}", "unknown-event"),
        ("as_of: 2022-03-02", "as_of: 2022-13-02", "time-date"),
        ("as_of: 2022-03-02", "as_of: 2022-03-02\n        parameters: {answer_dayz: 3}", "unknown-parameter"),
        ("as_of: 2022-03-02", "as_of: 2022-03-02\n        parameters: {answer_days: 1.5}", "parameter-not-whole"),
        ("as_of: 2022-03-02", "as_of: 2022-03-02\n        tables: {srved: [x]}", "unknown-table"),
        ("{verdict: pending, due_day: 2022-03-03}", "[]", "多出结论 pending (A1.1:example:received@2022-03-01)"),
        ("{verdict: pending, due_day: 2022-03-03}", "[{verdict: pending}, {verdict: late}]", "应有结论"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_example_is_a_problem_of_the_example(tmp_path: Path, old: str, new: str, word: str) -> None:
    """Wrong records, moments, parameters and tables fail the example with their place; the others still run."""
    ran = run("test", rule_set(tmp_path / "rules", old, new))
    assert_says_why(ran, 3)
    assert word in ran.out
    assert ran.out.splitlines()[-1] == phrase("zh", "examples", norms=6, examples=3, passed=2, failed=1)


def test_no_examples_is_nothing_evaluated() -> None:
    """Exit 5, and the passing ones are listed on request."""
    assert_says_why(run("test", SMALL, "--select", "A2"), 5)
    ran = run("test", SMALL, "-v")
    assert ran.code == 0
    assert "ok    A1.1  期内答复  [compliant]" in ran.out


# -- deadline ----------------------------------------------------------------------------------------------------------
def test_deadline_shows_its_counting() -> None:
    """Day by day with the reason, the last line the end; Chinese and English periods; both languages."""
    zh = run("deadline", "2022-09-28", "3个工作日")
    assert zh.code == 0
    assert zh.out.splitlines()[3] == "2022-10-01  周六    -  国庆节"
    assert zh.out.splitlines()[-1] == "2022-10-08  (2022-10-09T00:00:00+08:00)"
    en = run("deadline", "2022-09-28", "3 working days", "--lang", "en")
    assert en.out.splitlines()[-1] == zh.out.splitlines()[-1]
    assert "Saturday" in en.out
    assert not CHINESE.search(en.out)


@pytest.mark.parametrize(
    ("start", "period", "due"),
    [
        ("2022-01-26", "5个工作日", "2022-02-08T00:00:00+08:00"),
        ("2022-01-26T16:00:00Z", "1 day", "2022-01-29T00:00:00+08:00"),
        ("2022-01-26T10:00", "24小时", "2022-01-27T10:00:00+08:00"),
        ("2022-01-26T24:00", "24 hours", "2022-01-28T00:00:00+08:00"),
        ("2022-01-26T10:00:00+08:00", "30分钟", "2022-01-26T10:30:00+08:00"),
        ("2022-01-31", "1个月", "2022-03-01T00:00:00+08:00"),
        ("2022-01-31", "5年", "2027-02-02T00:00:00+08:00"),
    ],
)
def test_deadline_takes_every_form_of_start_and_period(start: str, period: str, due: str) -> None:
    """Days, moments with and without offset, 24:00; units in Chinese and English."""
    answer = json.loads(run("deadline", start, period, "--json").out)
    assert (answer["start"], answer["period"], answer["due"]) == (start, period, due)


def test_deadline_can_leave_the_last_day_alone() -> None:
    """``--no-roll``: a period may end on a rest day."""
    rolled, plain = (run("deadline", "2022-01-26", "10日", *more) for more in ([], ["--no-roll"]))
    assert rolled.out.splitlines()[-1] == "2022-02-07  (2022-02-08T00:00:00+08:00)  末日遇休息日顺延"
    assert plain.out.splitlines()[-1] == "2022-02-05  (2022-02-06T00:00:00+08:00)"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_deadline_refuses_in_words(lang: str) -> None:
    """Exit 2 with code, sentence and advice in the language; with --json the error is the answer."""
    for start, period, code in (
        ("2022-02-30", "5天", "time-date"), ("2022-01-26", "5", "period-format"),
        ("2022-01", "5天", "deadline-start-coarse"),
        ("2022-01-26", "3小时", "deadline-start-hour"), ("2022-01-26", "999999999 years", "deadline-beyond-9999"),
    ):  # fmt: skip
        ran = run("deadline", start, period, "--lang", lang)
        assert_says_why(ran, 2, lang)
        assert ran.err.startswith(f"deadline: {code}: ")
        assert bool(CHINESE.search(ran.err.replace(period, "").replace("个工作日", ""))) is (lang == "zh")
        assert json.loads(run("deadline", start, period, "--json", "--lang", lang).out)["error"]["code"] == code
    assert run("deadline", "2022-01-26").code == 2
    assert "“9999年”" in run("deadline", "2022-01-26", "9999年").err


def test_deadline_answers_every_line() -> None:
    """NDJSON in, NDJSON out: bad lines get an error of their own, keys are handed through, exit 4."""
    good = {"start": "2022-01-26", "period": "5个工作日", "ref": "(2022)甲1号", "sum": 1}
    requests = [
        json.dumps(good, ensure_ascii=False), "", "{", "[1]", '{"start": "2022-01-26", "start": "x"}', '{"x": NaN}',
        '{"start": "2022-01-26"}', '{"start": "2022-01-26", "period": "5天", "rol": false}', "[" * 50,
        '{"start": "2022-01-26", "period": "5 days", "exact": 0.10000000000000001}',
    ]  # fmt: skip
    ran = run("deadline", "-", stdin="\n".join(requests))
    assert_says_why(ran, 4)
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert len(answers) == len(requests) - 1
    assert answers[0] == {
        **good,
        "due_day": "2022-02-07",
        "due": "2022-02-08T00:00:00+08:00",
        "rolled": False,
        "provisional": False,
    }
    assert [a.get("error", {}).get("code") for a in answers[1:]] == [
        "json-end", "deadline-not-object", "duplicate-key", "json-not-finite", "deadline-key-missing",
        "deadline-key-unknown", "too-deep", None,
    ]  # fmt: skip
    assert [a["line"] for a in answers if "line" in a] == [3, 4, 5, 6, 9]
    assert '"exact": 0.10000000000000001' in ran.out
    assert (
        run("deadline", "-", "--no-roll", stdin='{"start": "2022-01-26", "period": "10日"}').out.count("2022-02-05")
        == 1
    )
    english = json.loads(run("deadline", "-", "--lang", "en", stdin="{}").out)
    assert english["error"]["message"] == "`period` is missing"


# -- help --------------------------------------------------------------------------------------------------------------
def test_help_is_bilingual_and_lists_every_exit_code() -> None:
    """Every command and option has words in both languages; the exit codes stand in the help."""
    ran = run("--help")
    assert ran.code == 0
    for code, meaning in EXIT_CODES.items():
        assert f"{code:>3}  {meaning['zh']} / {meaning['en']}" in ran.out
    for name in ("check", *cli.FAMILIES):
        assert re.search(rf"^  {name} +[^a-z]*[\u4e00-\u9fff].* / [A-Z]", ran.out, re.MULTILINE), name
    assert "..." not in ran.out.partition("Commands:")[2]
    for name, entry in cli.cli.commands.items():
        assert CHINESE.search(entry.help or ""), name
        for parameter in entry.params:
            words = getattr(parameter, "help", None)
            assert parameter.param_type_name == "argument" or (words and CHINESE.search(words)), (name, parameter.name)
    assert run("check", "-h").code == 0
    assert run("--version").out.startswith("zhijian, version ")


def test_labels_are_pairs() -> None:
    """A verdict has a word in both languages, and no two share one."""
    assert all(isinstance(label, Label) for label in VERDICT_LABELS.values())
    assert (
        len({label.zh for label in VERDICT_LABELS.values()})
        == len(Verdict)
        == len({v.en for v in VERDICT_LABELS.values()})
    )
