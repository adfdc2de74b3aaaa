"""What is running: the clocks are the pending findings; urgency by parameters; calendars update and do not double."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import vobject
from command_line import ANSI, ROOT, at_terminal, run, spawn

from validator.errors import columns

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
        if (f.get("verdict") == "pending" and not f.get("holding"))
        or ((f.get("verdict") == "breached" or f.get("could_be") == ["breached", "pending"]) and "due" in f)
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
    """Whatever `check` finds running, over and not done, or one of the two, is listed once, and nothing else."""
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


class Moment(NamedTuple):
    """When something came, how long the record is known, the moment, and what is then said of its clock."""

    at: str
    as_of: str
    urgency: str
    left: int | None
    words: str  # how its line begins, in Chinese
    known_until: str = ""
    norm: str = "A13.1"


# Five working days from Friday 11 March 2022 end on Friday the 18th.  Of a receipt in March 2022 they end on the 8th at
# the earliest (the 1st was a Tuesday) and, from the 31st, on Friday 8 April: 1 and 2 (made up) April, rest to the 5th,
# then 6, 7, 8; which are 17 + 2 + 3 working days after 8 March.  24 hours from 1 March 10:00 end on the 2nd at 10:00;
# from some hour of that day, at 24:00 of the 2nd at the latest.
MOMENTS = [
    Moment("2022-03-11T10:00", "2022-03-18", "running", 0, "期限内  还有 0 个工作日  2022-03-18  A13.1"),
    Moment("2022-03-11T10:00", "2022-03-19", "overdue", 0, "已逾期  已逾不足一个工作日  2022-03-18  A13.1"),
    Moment("2022-03-11T10:00", "2022-03-20", "overdue", 0, "已逾期  已逾不足一个工作日  2022-03-18  A13.1"),
    Moment("2022-03-11T10:00", "2022-03-21", "overdue", -1, "已逾期  已逾 1 个工作日  2022-03-18  A13.1"),
    Moment("2022-03-11T10:00", "2022-03-18", "running", 0, "期限内  还有 0 个工作日", "2022-03-16"),
    Moment("2022-03-11T10:00", "2022-03-19T00:00", "lapsed", 0, "已届期，记录未更新  已逾不足一个工作日", "2022-03-16"),
    Moment("2022-03-11T10:00", "2022-03-19", "lapsed", 0, "已届期，记录未更新  已逾不足一个工作日", "2022-03-16"),
    Moment("2022-03-11T10:00", "2022-03-21", "lapsed", -1, "已届期，记录未更新  已逾 1 个工作日", "2022-03-16"),
    Moment("2022-03-01T10:00", "2022-03-02T10:00", "running", 0, "期限内  还有 0 个工作日", "", "A13.6"),
    Moment("2022-03-01T10:00", "2022-03-02T18:00", "overdue", 0,
           "已逾期  已逾不足一个工作日  2022-03-02 10:00", "", "A13.6"),
    Moment("2022-03-01T10:00", "2022-03-02T10:00", "running", 0, "期限内  还有 0 个", "2022-03-01T12:00", "A13.6"),
    Moment("2022-03-01T10:00", "2022-03-02T18:00", "lapsed", 0,
           "已届期，记录未更新  已逾不足一个工作日", "2022-03-01T12:00", "A13.6"),
    Moment("2022-03-01T00:00", "2022-03-01", "running", 1, "期限内  还有 1 个工作日  2022-03-02 00:00", "", "A13.6"),
    Moment("2022-03-01", "2022-03-02T18:00", "perhaps_over", None,
           "可能已届期    2022-03-02 00:00 至 2022-03-03 00:00 之间  A13.6", "", "A13.6"),
    Moment("2022-03", "2022-04-07", "perhaps_over", None, "可能已届期    2022-03-08 至 2022-04-08 之间  A13.1"),
    Moment("2022-03", "2022-04-08", "perhaps_over", None, "可能已届期    2022-03-08 至 2022-04-08 之间  A13.1"),
    Moment("2022-03", "2022-04-07", "perhaps_over", None, "可能已届期    2022-03-08 至 2022-04-08", "2022-03-31"),
    Moment("2022-03", "2022-04-09", "overdue", -22, "已逾期  已逾 22 个工作日  2022-03-08 至 2022-04-08 之间  A13.1"),
]  # fmt: skip


@pytest.mark.parametrize("case", MOMENTS, ids=lambda m: f"{m.norm} {m.at} {m.known_until} at {m.as_of}")
def test_a_clock_is_over_from_its_last_instant_on(case: Moment, tmp_path: Path) -> None:
    """The instant decides, not working days; an end that may have passed is told with the earliest and the latest."""
    lead = {"id": "l1", "provided_by": "applicant", "specific": True, "urgent": True}
    by_norm = {"A13.1": {"type": "case_materials_received"}, "A13.6": {"type": "lead_received", "lead": "l1"}}
    record: dict[str, Any] = CASE | {"leads": [lead], "payments": [], "events": [by_norm[case.norm] | {"at": case.at}]}
    record |= {"known_until": case.known_until} if case.known_until else {}
    path = tmp_path / "case.json"
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    chosen = (path, "--as-of", case.as_of, "--select", case.norm)
    assert [(c["urgency"], c.get("working_days_left")) for c in listed(*chosen)] == [(case.urgency, case.left)]
    assert run("due", *chosen).out.startswith(case.words)
    within = listed(*chosen, "--within", "0 days")
    assert bool(within) is (case.urgency != "running" or case.left == 0)


def test_an_end_that_is_not_certain_is_told_in_every_form(case: Path) -> None:
    """English text, JSON, CSV and calendars have the earliest and the latest end; the last line counts it.

    So do `check` and `explain`, also of what is over in any case, and of what runs in any case.
    """
    events_: list[dict[str, Any]] = [{"type": "case_materials_received", "at": "2022-03"}]
    case.write_text(json.dumps(CASE | {"payments": [], "events": events_}, ensure_ascii=False), encoding="utf-8")
    chosen = (case, "--as-of", "2022-04-07", "--select", "A13.1")
    text = run("due", *chosen, "--lang", "en").out
    assert text.startswith("perhaps over    between 2022-03-08 and 2022-04-08  A13.1")
    assert "1 duty not done: perhaps over 1" in text
    (clock,) = listed(*chosen)
    assert (clock["due_day"], clock["due_latest"]) == ("2022-03-08", "2022-04-09T00:00:00+08:00")
    (row,) = csv.DictReader(io.StringIO(run("due", *chosen, "--output-format", "csv").out, newline=""))
    assert (row["urgency"], row["working_days_left"], row["due_day"]) == ("perhaps_over", "", "2022-03-08")
    assert row["due_latest"] == "2022-04-09T00:00:00+08:00"
    (event,) = events(run("due", *chosen, "--output-format", "ics").out).values()
    assert event.dtstart.value == date(2022, 3, 8)
    assert "期限届满：2022-03-08 至 2022-04-08 之间" in event.description.value
    for day, also in (("2022-04-07", "可能是："), ("2022-04-09", "未按期完成")):
        asked = ("--as-of", day)
        told = [run("check", case, *asked, "--select", "A13.1").out, run("explain", case, "A13.1", *asked).out]
        assert all(f"期限届满：2022-03-08 至 2022-04-08 之间；{also}" in t for t in told), told
    events_[0]["at"] = {"not_before": "2022-03-01", "not_after": "2022-03-02"}
    case.write_text(json.dumps(CASE | {"payments": [], "events": events_}, ensure_ascii=False), encoding="utf-8")
    text = run("check", case, "--as-of", "2022-03-08", "--select", "A13.1", "--lang", "en").out
    assert "end of the term: between 2022-03-08 and 2022-03-09; not done yet" in text


@pytest.mark.parametrize(("received", "provisional"), [("2026-12-23", False), ("2026-12-30", True)])
def test_a_day_that_no_notice_settles_is_provisional(case: Path, received: str, *, provisional: bool) -> None:
    """Five working days from 30 December 2026 end in 2027, for which nothing is announced; from the 23rd they don't."""
    events_ = [{"type": "case_materials_received", "at": received}]
    case.write_text(json.dumps(CASE | {"payments": [], "events": events_}, ensure_ascii=False), encoding="utf-8")
    chosen = (case, "--as-of", "2026-12-31", "--select", "A13.1")
    last = "2027-01-06" if provisional else "2026-12-30"
    for lang, word in (("zh", "（暂定）"), ("en", " (provisional)")):
        assert f"  {last}{word if provisional else ''}  A13.1" in run("due", *chosen, "--lang", lang).out
    (row,) = csv.DictReader(io.StringIO(run("due", *chosen, "--output-format", "csv").out, newline=""))
    assert (row["due_day"], row["provisional"]) == (last, "true" if provisional else "false")


def test_what_may_not_be_a_duty_or_may_be_done_is_no_clock(case: Path) -> None:
    """While March is not over nobody knows whether the file has come; an answer of March may have come in time."""
    received = {"type": "case_materials_received", "at": "2022-03"}
    answered = {"type": "online_query_initiated", "at": "2022-03", "systems": ["national_system", "local_system"]}
    for events_, as_of in ([received], "2022-03-15"), ([received, answered], "2022-04-07"):
        case.write_text(json.dumps(CASE | {"payments": [], "events": events_}, ensure_ascii=False), encoding="utf-8")
        assert listed(case, "--as-of", as_of, "--select", "A13.1") == []


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


@pytest.mark.parametrize("period", ["9999999 days", "9999999个工作日", "999999999 hours", "9000 years"])
def test_a_period_that_ends_after_the_last_year_lists_everything(case: Path, period: str) -> None:
    """It has no last day, and so nothing ends after it; the moment may be the last of all."""
    chosen = ("--select", "A13.1,A22.1")
    everything = listed(case, *AS_OF, *chosen)
    assert len(everything) > 1
    assert listed(case, *AS_OF, *chosen, "--within", period) == everything
    last = ("--as-of", "9999-12-31", *chosen)
    assert listed(case, *last, "--within", period) == listed(case, *last) != []


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


@pytest.mark.parametrize(
    ("last", "as_of", "end", "alarms"),
    [
        ("2025-03-17", "2025-03-12", date(2025, 3, 18), [timedelta(days=-3, hours=9)]),
        ("9999-12-30", "2025-03-12", date(9999, 12, 31), [timedelta(days=-1, hours=9)]),
        ("9999-12-31", "2025-03-12", None, [timedelta(days=-1, hours=9)]),
        ("0001-01-02", "2025-03-12", date(1, 1, 3), [timedelta(days=-1, hours=9)]),
        ("0001-01-01", "2025-03-12", date(1, 1, 2), []),
        ("9999-12-31", "9999-12-31", None, [timedelta(days=-1, hours=9)]),
    ],
)
def test_a_calendar_has_events_at_the_edge_of_all_days(
    case: Path, last: str, as_of: str, end: date | None, alarms: list[timedelta]
) -> None:
    """An event on the last day of all has no end (it lasts its day, RFC 5545, 3.6.1), one on the first no alarm."""
    received = [{"type": "triage_decided", "at": "2025-03-03", "track": "simple"}]
    record = CASE | {"track_deadline": last, "payments": [], "events": received}
    case.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    ran = run("due", case, "--as-of", as_of, "--select", "A7.7a", *DEMO, "--output-format", "ics")
    assert ran.code == 0, ran.err
    (event,) = events(ran.out).values()
    assert event.dtstart.value == date.fromisoformat(last)
    assert (event.dtend.value if hasattr(event, "dtend") else None) == end
    assert [a.trigger.value for a in event.contents.get("valarm", [])] == alarms


def test_the_first_and_the_last_moment_there_is(case: Path) -> None:
    """A calendar is stamped in Greenwich, where Beijing's year 1 begins before the first date; periods end in time."""
    assert run("due", case, "--as-of", "0001-01-01T00:00", "--output-format", "ics").code == 0
    assert listed(case, *AS_OF, "--select", "A22.1", "--within", "99999999 days")
    assert listed(case, "--as-of", "9999-12-31", "--select", "A22.1", "--within", "1 working day")


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
    nothing_runs = ("--as-of", "0001-01-01T00:00", *chosen[2:], "-o", tmp_path / "none")
    assert run("due", case, *nothing_runs).code == 0
    assert list((tmp_path / "none").iterdir()) == []
    data = case.read_bytes()
    for owner in ("", "\U00020000" * 300):
        (tmp_path / "own.json").write_bytes(data.replace(b'"o1"', json.dumps(owner).encode()))
        assert run("due", tmp_path / "own.json", *chosen, "-o", tmp_path / "own").code in (0, 4)
    assert not any(p.name.startswith(".") for p in (tmp_path / "own").iterdir())


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C.UTF-8"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}], ids=["utf-8", "ascii"]
)
def test_a_calendar_has_its_name_in_every_locale(case: Path, tmp_path: Path, locale: dict[str, str]) -> None:
    """On the disk it is UTF-8, also where the locale knows only ASCII."""
    arguments = (*AS_OF, "--select", "A13.1", "--output-format", "ics", "--per", "court", "-o", tmp_path / "calendars")
    ran = spawn("due", case, *arguments, env={"PYTHONCOERCECLOCALE": "0", **locale})
    assert (ran.code, ran.err) == (0, "")
    assert [p.name for p in (tmp_path / "calendars").iterdir()] == ["京0105.ics"]


@pytest.mark.parametrize("columns_wide", [60, 120])
def test_what_has_no_room_beside_the_table_stands_below_it(case: Path, columns_wide: int) -> None:
    """On a narrow terminal record and title begin a line of their own, and none is longer than the terminal."""
    ran = at_terminal("due", case, *AS_OF, "--select", "A13.1", columns=columns_wide)
    (first, second, *_) = (line for line in ANSI.sub("", ran.out).splitlines() if line.strip())
    assert ("(2025)京0105执1号" in first) == (columns_wide == 120)
    assert second.startswith("    (2025)京0105执1号") == (columns_wide == 60)
    assert max(columns(line.rstrip()) for line in ANSI.sub("", ran.out).splitlines()) <= columns_wide
