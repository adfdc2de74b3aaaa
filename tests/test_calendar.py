"""The working calendar: `validator.legal_time.calendar` and `policies/calendar.yaml`."""

import json
import pickle
from datetime import date, timedelta
from pathlib import Path

import pytest
from chinese_calendar import constants
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_deadline import read_notices

from validator.errors import InvalidPolicy
from validator.legal_time.calendar import Name, WorkCalendar, is_weekday
from validator.legal_time.instant import LAST_DAY, format_day
from validator.legal_time.notices import load_calendar, unfinished
from validator.questions.calculator import standard_calendar
from validator.reading.node import Node
from validator.reading.strict_yaml import load_yaml

NOTICES = read_notices()
BUILT_IN = load_calendar()
SHIPPED = standard_calendar()

days = st.integers(1, LAST_DAY - 10_000)
recent = st.integers(date(2003, 6, 1).toordinal(), date(2028, 1, 1).toordinal())


def day(text: str) -> int:
    """Return the number of a day."""
    return date.fromisoformat(text).toordinal()


def section(text: str) -> Node:
    """Read a file with a section ``calendar``."""
    return load_yaml(text.encode(), "calendar.yaml")


def notice(year: int = 2027, holidays: str = "", workdays: str = "") -> str:
    """Write the notice of a year; by default one with New Year and National Day."""
    rows = holidays or f"[{new_year(year)}, {national_day(year)}]"
    source = "{zh: 测试, en: test}"
    worked = f"\n    workdays: {workdays}" if workdays else ""
    return f"\n  - year: {year}\n    source: {source}\n    holidays: {rows}{worked}"


def new_year(year: int, first: str = "") -> str:
    """Write the first holiday of a notice."""
    return f"{{from: {first or f'{year}-01-01'}, to: {year}-01-03, name: {{zh: 元旦, en: New Year}}}}"


def national_day(year: int, first: str = "10-01") -> str:
    """Write the last holiday of a notice."""
    return f"{{from: {year}-{first}, to: {year}-10-07, name: {{zh: 国庆节, en: National Day}}}}"


def closure(first: str, last: str) -> str:
    """Write a closure."""
    texts = "{zh: 停电停止办公, en: power cut}"
    return f"\n  - closure: {texts}\n    from: {first}\n    to: {last}\n    source: {texts}"


def codes(text: str) -> list[str]:
    """Return the problems of a section as ``code line``."""
    with pytest.raises(InvalidPolicy) as caught:
        load_calendar(section("calendar:" + text))
    for problem in caught.value.problems:
        assert problem.place.path == "calendar.yaml"
        assert problem.line_text
        assert problem.render("zh") != problem.render("en")
    return [f"{problem.code} {problem.place.line}" for problem in caught.value.problems]


def test_every_day_from_2019_to_2026_is_as_the_notices_say() -> None:
    """The library and an independent typing of the notices agree on 2,922 days, and so do the reasons."""
    today = date(2019, 1, 1)
    while today <= date(2026, 12, 31):
        number = today.toordinal()
        assert BUILT_IN.is_working(number) is NOTICES.is_working(today), today
        if today in NOTICES.off:
            names = NOTICES.off[today].split("、")
            assert BUILT_IN.reason(number, "zh") in names, today
        elif today in NOTICES.work:
            assert BUILT_IN.reason(number, "zh") == "调休上班", today
        today += timedelta(days=1)


def test_every_day_of_the_library_is_taken_over() -> None:
    """From 2004 on the table is what the library says."""
    today = date(2004, 1, 1)
    while today.year < 2027:
        expected = today in constants.workdays or (today.weekday() < 5 and today not in constants.holidays)
        assert BUILT_IN.is_working(today.toordinal()) is expected, today
        today += timedelta(days=1)


def test_days_off_and_make_up_days_of_the_library_are_disjoint() -> None:
    """Were they not, the library and this calendar might read a day differently."""
    assert set(constants.holidays).isdisjoint(constants.workdays)
    assert set(constants.in_lieu_days) <= set(constants.holidays)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("2022-02-01", "春节", "Spring Festival"),
        ("2022-01-29", "调休上班", "make-up workday"),
        ("2022-02-12", "周末", "weekend"),
        ("2022-02-07", "工作日", "working day"),
        ("2022-04-05", "清明节", "Tomb-sweeping Day"),
        ("2022-06-03", "端午节", "Dragon Boat Festival"),
        ("2022-09-12", "中秋节", "Mid-Autumn Festival"),
        ("2022-10-03", "国庆节", "National Day"),
        ("2022-05-02", "劳动节", "Labour Day"),
        ("2022-12-31", "元旦", "New Year's Day"),
        ("2015-09-03", "抗战胜利纪念日", "Victory Day (70th anniversary)"),
        ("1990-01-01", "工作日", "working day"),
        ("2050-01-01", "周末", "weekend"),
    ],
)
def test_reasons(text: str, zh: str, en: str) -> None:
    """Every day can be explained in both languages."""
    assert (BUILT_IN.reason(day(text), "zh"), BUILT_IN.reason(day(text), "en")) == (zh, en)


def test_every_holiday_has_a_chinese_name() -> None:
    """No name of the library is left in English in Chinese output."""
    for number in BUILT_IN.rest:
        assert not BUILT_IN.reason(number, "zh").isascii()
        assert BUILT_IN.reason(number, "en").isascii()


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("2003-12-31", False),
        ("2004-01-01", True),
        ("2015-12-31", True),
        ("2026-12-31", True),
        ("2027-01-01", False),
        ("0001-01-01", False),
        ("9999-12-31", False),
    ],
)
def test_what_the_notices_settle(*, text: str, covered: bool) -> None:
    """A year with a notice, up to the week that the next notice may still change."""
    assert BUILT_IN.covers(day(text)) is covered


def test_a_span_is_settled_when_all_its_days_are() -> None:
    """One open day leaves the span open; no days are never open."""
    assert BUILT_IN.covers_all(day("2004-01-01"), day("2026-12-31"))
    assert not BUILT_IN.covers_all(day("2003-12-31"), day("2004-01-05"))
    assert not BUILT_IN.covers_all(day("2026-12-20"), day("2027-01-01"))
    assert BUILT_IN.covers_all(day("2050-01-02"), day("2050-01-01"))


@settings(deadline=None)
@given(days | recent, st.integers(1, 2_000))
def test_the_nth_working_day_is_the_nth(start: int, n: int) -> None:
    """It is a working day with exactly n - 1 working days between it and the start."""
    found = BUILT_IN.nth_working_day(start, n)
    assert BUILT_IN.is_working(found)
    assert BUILT_IN.working_days_between(start, found) == n
    assert BUILT_IN.working_days_between(start, found - 1) == n - 1


@settings(deadline=None)
@given(recent, st.integers(0, 400))
def test_working_days_between_counts_days(start: int, length: int) -> None:
    """The number is what one gets by looking at every day after the start."""
    counted = sum(BUILT_IN.is_working(number) for number in range(start + 1, start + length + 1))
    assert BUILT_IN.working_days_between(start, start + length) == counted


@settings(deadline=None)
@given(days | recent)
def test_next_working_day(start: int) -> None:
    """The first working day not before the start; within two weeks, as no rest was ever longer."""
    found = BUILT_IN.next_working_day(start)
    assert start <= found < start + 14
    assert BUILT_IN.is_working(found)
    assert not any(BUILT_IN.is_working(number) for number in range(start, found))


@settings(deadline=None)
@given(st.integers(1, LAST_DAY))
def test_far_from_the_notices_the_week_decides(number: int) -> None:
    """Monday to Friday count wherever no notice speaks."""
    if not date(2004, 1, 1).toordinal() <= number <= date(2026, 12, 31).toordinal():
        assert BUILT_IN.is_working(number) is (date.fromordinal(number).weekday() < 5)


def test_the_table_ends_without_a_seam() -> None:
    """Counting from before the first notice to the last exceptional day, a make-up Saturday, and past it."""
    total = BUILT_IN.working_days_between(day("2003-12-31"), day("2026-10-10"))
    found = [format_day(BUILT_IN.nth_working_day(day("2003-12-31"), total + n)) for n in (-1, 0, 1)]
    assert found == ["2026-10-09", "2026-10-10", "2026-10-12"]
    assert format_day(BUILT_IN.nth_working_day(day("1990-01-01"), 1)) == "1990-01-02"
    assert format_day(BUILT_IN.nth_working_day(day("2026-10-09"), 1)) == "2026-10-10"


def test_days_of_december_alone_cover_no_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library with the New Year of the next notice doesn't settle the year before it."""
    known = constants.holidays | {date(2003, 12, 31): "New Year's Day"}
    monkeypatch.setattr(constants, "holidays", known)
    loaded = load_calendar()
    assert not loaded.is_working(day("2003-12-31"))
    assert not loaded.covers(day("2003-12-31"))


def test_calendars_can_be_sent_to_another_process() -> None:
    """A pickled calendar answers as before."""
    copy = pickle.loads(pickle.dumps(BUILT_IN))  # noqa: S301 - our own bytes
    assert copy.digest == BUILT_IN.digest
    assert copy.nth_working_day(day("2022-01-26"), 5) == day("2022-02-07")


def test_a_calendar_without_any_notice_works() -> None:
    """Only the week counts, and nothing is covered."""
    bare = WorkCalendar({}, frozenset(), frozenset())
    assert format_day(bare.nth_working_day(day("2022-01-28"), 1)) == "2022-01-31"
    assert not bare.covers(day("2022-01-28"))


def test_the_shipped_file_agrees_with_the_library() -> None:
    """`policies/calendar.yaml` restates 2026 as a model and 2006 for the one day of it that the library lacks."""
    assert SHIPPED.rest == BUILT_IN.rest
    assert SHIPPED.made_up == BUILT_IN.made_up | {day("2005-12-31")}
    assert SHIPPED.runs == BUILT_IN.runs


def test_the_notice_of_2006_is_as_published() -> None:
    """国办发明电〔2005〕35号: 12月31日（星期六）上班, and what it says of the other three holidays.

    It speaks of the days up to 8 October; a later notice, that for 2007, of 30 and 31 December.
    """
    off = [("01-01", "01-03"), ("01-29", "02-04"), ("05-01", "05-07"), ("10-01", "10-07")]
    work = {"2005-12-31", "2006-01-28", "2006-02-05", "2006-04-29", "2006-04-30", "2006-09-30", "2006-10-08"}
    for number in range(day("2005-12-01"), day("2006-12-01")):
        text = format_day(number)
        rest = any(f"2006-{first}" <= text <= f"2006-{last}" for first, last in off)
        assert SHIPPED.is_working(number) is (text in work or (is_weekday(number) and not rest)), text
    assert SHIPPED.reason(day("2005-12-31"), "zh") == "调休上班"


def test_a_new_notice_covers_its_year_and_the_december_before() -> None:
    """The notice for 2027 settles 2027 and may change December 2026."""
    holidays = f"[{new_year(2027, '2026-12-31')}, {national_day(2027)}]"
    loaded = load_calendar(section("calendar:" + notice(2027, holidays, "[2026-12-27]")))
    assert not loaded.is_working(day("2026-12-31"))
    assert loaded.is_working(day("2026-12-27"))
    assert loaded.covers_all(day("2026-12-20"), day("2027-12-31"))
    assert not loaded.covers(day("2028-01-01"))
    assert loaded.reason(day("2026-12-31"), "zh") == "元旦"
    assert loaded.digest != BUILT_IN.digest
    assert format_day(loaded.nth_working_day(day("2026-12-30"), 1)) == "2027-01-04"


@pytest.mark.parametrize(
    ("year", "holidays", "covered"),
    [
        (2027, f"[{new_year(2027)}]", False),
        (2027, f"[{new_year(2027)}, {{from: 2027-09-25, to: 2027-09-27, name: {{zh: 中秋节, en: Moon}}}}]", False),
        (2027, f"[{new_year(2027)}, {national_day(2027)}]", True),
        (2027, f"[{national_day(2027, '09-29')}]", True),
        (2024, f"[{new_year(2024)}]", True),
    ],
    ids=["new year", "up to mid-autumn", "whole", "with mid-autumn before it", "settled by the library"],
)
def test_a_notice_settles_its_year_only_if_it_reaches_national_day(
    *, year: int, holidays: str, covered: bool
) -> None:  # fmt: skip
    """Whoever types the first holidays only has days off by them, a year that is still open, and a warning."""
    file = section("calendar:" + notice(year, holidays))
    loaded = load_calendar(file)
    assert loaded.covers(day(f"{year}-10-05")) is covered
    assert loaded.is_working(day(f"{year}-10-01")) is (not covered)
    warnings = list(unfinished([file], loaded))
    assert [(p.code, p.severity, p.place.line) for p in warnings] == (
        [] if covered else [("calendar-year-unfinished", "warning", 2)]
    )


def test_a_later_notice_wins_over_an_earlier_one_and_a_closure_over_both() -> None:
    """Whatever the order in the file."""
    entries = [
        notice(2028, "[{from: 2027-12-30, to: 2028-01-02, name: {zh: 元旦, en: New Year}}]", "[2027-12-26]"),
        closure("2027-12-26", "2027-12-26"),
        notice(
            2027,
            workdays="[2027-12-25, 2027-12-30]",
            holidays="[{from: 2027-12-26, to: 2027-12-26, name: {zh: 甲, en: x}}]",
        ),
    ]
    for text in ("".join(entries), "".join(reversed(entries))):
        loaded = load_calendar(section("calendar:" + text))
        assert not loaded.is_working(day("2027-12-30"))
        assert loaded.reason(day("2027-12-26"), "en") == "power cut"
        assert loaded.is_working(day("2027-12-25"))


def test_a_closure_takes_a_working_day_and_covers_no_year() -> None:
    """A closed day is a rest day with its reason; it says nothing about the rest of its year."""
    loaded = load_calendar(
        section("calendar:" + closure("2024-09-06", "2024-09-09") + closure("2031-05-05", "2031-05-05"))
    )
    assert [loaded.is_working(day(f"2024-09-{n:02d}")) for n in range(5, 11)] == [
        True,
        False,
        False,
        False,
        False,
        True,
    ]
    assert loaded.reason(day("2024-09-06"), "zh") == "停电停止办公"
    assert not loaded.covers(day("2031-05-05"))
    assert not loaded.is_working(day("2031-05-05"))
    assert loaded.is_working(day("2031-05-06"))


def test_a_built_in_holiday_can_be_taken_back() -> None:
    """A day of a built-in holiday that is worked after all is listed as a workday, also on a weekday."""
    loaded = load_calendar(
        section(
            "calendar:"
            + notice(
                2024,
                workdays="[2024-02-12]",
                holidays="[{from: 2024-02-09, to: 2024-02-09, name: {zh: 除夕, en: New Year's Eve}}]",
            )
        )
    )
    assert loaded.is_working(day("2024-02-12"))
    assert not loaded.is_working(day("2024-02-09"))
    assert loaded.is_working(day("2024-02-18"))  # a day that the file doesn't name


def test_several_sections_are_joined() -> None:
    """Files and sections may be given, None is skipped."""
    one, other = section("calendar:" + notice(2027)), section("calendar:" + closure("2024-09-06", "2024-09-06"))
    loaded = load_calendar(one, None, other.at(["calendar"]))
    assert loaded.covers(day("2027-03-01"))
    assert not loaded.is_working(day("2024-09-06"))
    with pytest.raises(InvalidPolicy):
        load_calendar(one, one)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (notice() + "\n    workday: [2027-02-06]", ["unknown-key 5"]),
        (notice(holidays="[{from: 2027-01-01, name: {zh: 甲, en: x}}]"), ["missing-key 4"]),
        (notice(holidays="[{from: 2027-01-01, to: 2027-01-03, name: 元旦}]"), ["wrong-type 4"]),
        (notice(holidays="[{from: 2027-02-30, to: 2027-03-03, name: {zh: 甲, en: x}}]"), ["time-date 4"]),
        (
            notice(holidays="[{from: 2027-01-03, to: 2027-01-01, name: {zh: 甲, en: x}}]"),
            ["calendar-ends-before-start 4"],
        ),
        (notice(holidays="[{from: 2026-11-30, to: 2027-01-01, name: {zh: 甲, en: x}}]"), ["calendar-outside-year 4"]),
        (notice(holidays="[{from: 2027-12-31, to: 2028-01-01, name: {zh: 甲, en: x}}]"), ["calendar-outside-year 4"]),
        (notice(workdays="[2028-01-01]"), ["calendar-outside-year 5"]),
        (notice(workdays="[2027-01-02]"), ["calendar-day-twice 5"]),
        (notice(workdays="[2027-01-06]"), ["calendar-workday-needless 5"]),
        (notice() + notice(), ["calendar-year-twice 5"]),
        (closure("2024-01-01", "2025-01-01"), ["calendar-rest-too-long 4"]),
        (
            notice(
                holidays="[{from: 2027-01-01, to: 2027-01-03, name: {zh: 甲, en: x}},"
                " {from: 2027-01-03, to: 2027-01-04, name: {zh: 乙, en: y}}]"
            ),
            ["calendar-day-twice 4"],
        ),
    ],
)
def test_mistakes_in_a_section_are_named_with_their_place(text: str, expected: list[str]) -> None:
    """Every mistake has a code and a line."""
    assert codes(text) == expected


def test_a_misspelt_first_key_is_found() -> None:
    """An item is told apart by its key; one without a known key still gets its place."""
    assert "unknown-key 2" in codes("\n  - yaer: 2027")


def test_all_mistakes_are_reported_at_once() -> None:
    """One run shows everything, in the order of the file."""
    found = codes(notice(workdays="[2027-01-02, 2027-01-06, 2026-11-01]") + closure("2024-01-02", "2024-01-01"))
    assert found == [
        "calendar-day-twice 5",
        "calendar-workday-needless 5",
        "calendar-outside-year 5",
        "calendar-ends-before-start 8",
    ]


def test_names_are_plain_data() -> None:
    """Names compare by their texts."""
    assert Name("甲", "x") == Name("甲", "x")


def test_the_notices_in_the_tests_are_well_formed() -> None:
    """Make-up days are weekend days and no days off, and each notice has its number."""
    text = (Path(__file__).parent / "data" / "holidays.json").read_text(encoding="utf-8")
    assert [entry["year"] for entry in json.loads(text)["notices"]] == list(range(2019, 2027))
    assert all("国办发明电" in entry["source"] for entry in json.loads(text)["notices"])
    assert all(today.weekday() >= 5 for today in NOTICES.work)
    assert NOTICES.work.isdisjoint(NOTICES.off)
