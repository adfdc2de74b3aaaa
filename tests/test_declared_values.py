"""What a vocabulary gives (defaults, first values, values that events set) counts like what a record says."""

from functools import cache
from pathlib import Path

import pytest
from command_line import SMALL, run

from validator import check
from validator.authoring.policytest import run_examples
from validator.checker import Checker
from validator.legal_time.instant import parse_as_of
from validator.output.publishing import json_line
from validator.rules.rulebook import RuleBook, read_rules

LOGS = Path(__file__).parent / "data" / "logs"
NORMS = ("A1.1", "A1.2", "A1.3", "A1.4")


@cache
def rules() -> RuleBook:
    """Read the rule set once."""
    return read_rules([str(LOGS)])


@pytest.mark.parametrize("norm", NORMS)
def test_the_examples_hold(norm: str) -> None:
    """Dates, amounts, codes and texts, of an event's own attributes and of those that all events have."""
    (found,) = (n for n in rules().program.norms if n.id == norm)
    results = list(run_examples(rules(), found))
    assert len(results) >= 3
    assert [(r.name, r.differences, r.problems) for r in results if not r.holds] == []


@pytest.mark.parametrize("norm", NORMS)
def test_compiled_code_says_the_same(norm: str) -> None:
    """It knows the defaults too, or leaves the record to the interpreter."""
    (found,) = (n for n in rules().program.norms if n.id == norm)
    for example in rules().examples(found):
        line = json_line({"record_type": "job", "id": "j1"} | example.at(["record"]).plain).encode()
        as_of = parse_as_of(example.at(["as_of"]).plain)
        compiled = Checker(rules().program, as_of).check(line, all_findings=True)
        wanted = check(rules().program, line, as_of)
        assert compiled is not None
        assert [f.as_json() for f in compiled.findings] == [f.as_json() for f in wanted.findings]


def test_a_law_is_cited_by_its_name_if_it_has_one() -> None:
    """The name is a word of the rule set: a rule set without one is cited by article alone."""
    small = run("show", "A1.1", "-p", SMALL, "--lang", "en").out.splitlines()[1]
    assert small.startswith("  Trial rules art. 1 (")
    logs = run("show", "A1.1", "-p", LOGS, "--lang", "en").out.splitlines()[1]
    assert logs == "  art. 1 (Values that a vocabulary gives), para. 1, sentence 1"
    assert run("show", "A1.1", "-p", LOGS).out.splitlines()[1] == "  第1条（词汇所给的值）第1款第1句"


def test_a_law_has_one_name(tmp_path: Path) -> None:
    """A second one in another file is told where it stands."""
    for path in LOGS.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("law: {zh: 甲, en: A}\n", encoding="utf-8")
    ran = run("lint", tmp_path)
    assert ran.code == 3
    assert ran.err.startswith(f"{tmp_path}/b.yaml:1:6: declared-twice: ")


@pytest.mark.parametrize("form", ["html", "md", "txt"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_name_no_law_that_the_rules_do_not(form: str, lang: str, tmp_path: Path) -> None:
    """Neither that of the shipped rules nor any other, on the page of a record and on that of all."""
    record = {"record_type": "job", "id": "j1", "events": [{"type": "begun", "at": "2014-01-02"}]}
    (tmp_path / "job.json").write_text(json_line(record), encoding="utf-8")
    judged = ("job.json", "-p", LOGS, "--as-of", "2014-02-01", "--assume-in-force")
    made = [tmp_path / f"job.{form}"]
    run("report", *judged, "--lang", lang, "-o", made[0], cwd=tmp_path)
    if form != "txt":
        made.append(tmp_path / f"all.{form}")
        run("check", *judged, "--output-format", "ndjson", "-o", "found.ndjson", cwd=tmp_path)
        run("report", "found.ndjson", "-p", LOGS, "--lang", lang, "-o", made[1], cwd=tmp_path)
    for page in made:
        text = page.read_text(encoding="utf-8")
        assert "A1.1" in text
        assert not [word for word in ("《意见》", "322", "Opinions") if word in text]
