"""What is running: the clocks are the pending findings; urgency by parameters; calendars update and do not double."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import vobject
from command_line import ROOT, run

PUBLISHED = ROOT / "tests" / "records" / "published"
DEMO = ("--parameters", ROOT / "policies" / "parameters.demo.yaml")
AS_OF = ("--as-of", "2025-03-12")

# Received on Monday 3 March 2025; 5 working days end on Monday the 10th, 10 on Monday the 17th; Wednesday is the 12th.
CASE = {
    "record_type": "case", "id": "(2025)京0105执1号", "type": "first_enforcement", "court_id": "京0105",
    "handler_ids": ["o1", "o/2"], "parties": [{"id": "d1", "role": "debtor"}], "payments": [{"id": "p1", "amount": 9}],
    "events": [
        {"type": "case_materials_received", "at": "2025-03-03T09:00:00+08:00"},
        {"type": "funds_arrived", "at": "2025-03-03T10:00:00+08:00", "payment": "p1"},
    ],
}  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """The case as a file."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE, ensure_ascii=False), encoding="utf-8")
    return path


def listed(*arguments: Any) -> list[dict[str, Any]]:
    """Return the clocks of a run as JSON."""
    ran = run("due", *arguments, "--output-format", "json")
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def pending(*arguments: Any) -> set[tuple[str, str]]:
    """Return what `check` finds running, or over and not done, by record and key."""
    ran = run("check", *arguments, "--output-format", "ndjson", "--exit-zero")
    found = [json.loads(line).get("finding", {}) for line in ran.out.splitlines()]
    return {
        (f["record"], f["key"])
        for f in found
        if (f.get("verdict") == "pending" and not f.get("holding")) or (f.get("verdict") == "breached" and "due" in f)
    }


@pytest.mark.parametrize(
    "arguments",
    [
        (PUBLISHED, "--as-of", "2017-03-01", "--assume-in-force"),
        (PUBLISHED, "--as-of", "2021-12-20", "--assume-in-force", *DEMO),
        ("docket.ndjson", "--as-of", "2025-06-02", *DEMO, "--context", "docket.ndjson"),
    ],
    ids=["published", "published with figures", "docket"],
)
def test_the_clocks_are_the_pending_findings(arguments: tuple[Any, ...], tmp_path: Path) -> None:
    """Whatever `check` finds running is listed once, and nothing else."""
    docket = tmp_path / "docket.ndjson"
    run("sample", "--n", "40", "--seed", "3", "-o", docket)
    chosen = [docket if a == "docket.ndjson" else a for a in arguments]
    wanted = pending(*chosen)
    found = [(c["record"], c["key"]) for c in listed(*chosen)]
    assert len(found) == len(set(found))
    assert set(found) == wanted
    assert len(wanted) > 3 or PUBLISHED in arguments  # what is published is over: nothing runs in it


def test_levels_and_days_left(case: Path) -> None:
    """Two working days after its last day a query is overdue; the payout has three left: a reminder by a lead of three.

    Monday 10 March to Wednesday 12 March: 11 and 12 are two working days.  13, 14 and 17 March are three.
    """
    leads = case.with_name("leads.yaml")
    value = "[{from: 2021-12-06, value: %d, basis: {zh: 试, en: test}}]"
    leads.write_text(
        f"parameters:\n  reminder_lead_days: {{values: {value % 3}}}\n  warning_lead_days: {{values: {value % 2}}}\n",
        encoding="utf-8",
    )
    found = {c["norm"]: c for c in listed(case, *AS_OF, "--select", "A13.1,A22.1", "--parameters", leads)}
    assert (found["A13.1"]["urgency"], found["A13.1"]["working_days_left"]) == ("overdue", -2)
    assert (found["A22.1"]["urgency"], found["A22.1"]["working_days_left"]) == ("reminder", 3)
    later = listed(case, "--as-of", "2025-03-13", "--select", "A22.1", "--parameters", leads)
    assert [c["urgency"] for c in later] == ["warning"]
    unset = listed(case, *AS_OF, "--select", "A22.1")
    assert [c["urgency"] for c in unset] == ["running"]
    assert found["A13.1"]["actors"][0]["zh"] == "专项监管人员"


def test_what_is_known_only_until_an_earlier_day_has_lapsed(case: Path) -> None:
    """The record is silent since 5 March: on the 12th nobody knows whether the query of the 10th was made."""
    case.write_text(json.dumps(CASE | {"known_until": "2025-03-05"}, ensure_ascii=False), encoding="utf-8")
    assert [c["urgency"] for c in listed(case, *AS_OF, "--select", "A13.1")] == ["lapsed"]


def test_within_counts_working_days_across_a_holiday(case: Path) -> None:
    """From Monday 29 September 2025 three working days end on 10 October: 1 to 8 October are holidays.

    Received on 25 September (Thursday): 26, 28 (made up), 29, 30 September, 9 October are five working days.
    """
    events = [{"type": "case_materials_received", "at": "2025-09-25T09:00:00+08:00"}]
    case.write_text(json.dumps(CASE | {"events": events}, ensure_ascii=False), encoding="utf-8")
    moment = ("--as-of", "2025-09-29", "--select", "A13.1")
    (clock,) = listed(case, *moment, "--within", "3个工作日")
    assert (clock["due_day"], clock["working_days_left"]) == ("2025-10-09", 2)
    assert listed(case, *moment, "--within", "1 working day") == []
    assert run("due", case, "--within", "soon", *moment).code == 2


def test_text_and_table(case: Path) -> None:
    """The most urgent comes first; text says what is not set; CSV has the same rows; an unknown owner is refused."""
    ran = run("due", case, *AS_OF, "--select", "A13.1,A22.1")
    assert ran.out.splitlines()[0].startswith("已逾期  已逾 2 个工作日  2025-03-10  A13.1")
    assert "未办结的期限 2 项：已逾期 1、期限内 1" in ran.out
    assert "param.reminder_lead_days" in ran.out
    rows = list(csv.DictReader(io.StringIO(run("due", case, *AS_OF, "--output-format", "csv", "--per", "court").out)))
    assert {(r["norm"], r["urgency"], r["owners"]) for r in rows} >= {("A13.1", "overdue", "京0105")}
    ran = run("due", case, *AS_OF, "--per", "cort", "--lang", "en")
    assert (ran.code, "did you mean `court`?" in ran.err) == (2, True)


# -- calendars --------------------------------------------------------------------------------------------------------
def events(text: str) -> dict[str, Any]:
    """Read a calendar with another library: events by UID."""
    found = list(vobject.readOne(text).vevent_list)
    assert len({e.uid.value for e in found}) == len(found)
    return {e.uid.value: e for e in found}


def test_a_calendar_is_read_back_and_updates_instead_of_doubling(case: Path) -> None:
    """Last days are all-day events with an alarm the lead before; a later run has the same UIDs."""
    moment = ("--select", "A22.1", *DEMO, "--output-format", "ics")
    first = events(run("due", case, *AS_OF, *moment).out)
    later = events(run("due", case, "--as-of", "2025-03-13", *moment).out)
    assert first.keys() == later.keys()
    (event,) = first.values()
    assert (event.dtstart.value, event.dtend.value) == (date(2025, 3, 17), date(2025, 3, 18))
    assert "A22.1" in event.summary.value
    assert "(2025)京0105执1号" in event.summary.value
    # the demonstration lead is one working day: before Monday the 17th that is Friday the 14th, at nine
    alarms = [a.trigger.value for a in event.valarm_list]
    assert alarms == [timedelta(days=-3, hours=9)]


def test_calendars_for_each_owner(case: Path, tmp_path: Path) -> None:
    """One file an owner; a name that is no file name is changed and keeps apart from others."""
    folder = tmp_path / "calendars"
    chosen = (*AS_OF, "--select", "A13.1", "--output-format", "ics", "--per", "handler_ids")
    assert run("due", case, *chosen, "-o", folder).code == 0
    names = sorted(p.name for p in folder.iterdir())
    assert names[0].startswith("o1.ics") or names[1] == "o1.ics"
    assert len(names) == 2
    assert all(len(events(p.read_text("utf-8"))) == 1 for p in folder.iterdir())
    assert run("due", case, *chosen).code == 2
