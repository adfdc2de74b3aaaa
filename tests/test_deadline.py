"""Counting periods: `validator.legal_time.deadline` and `validator.questions.calculator`.

Three kinds of evidence: the worked examples of `data/periods.yaml` with their hand arithmetic, a second implementation
(`oracle_deadline`) that counts day by day with holidays of its own, and laws that hold for every start and period.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle_deadline import BEIJING, Stop, count, read_notices

from validator.legal_time import instant
from validator.legal_time.deadline import (
    NEXT_FULL_HOUR,
    NOTES,
    BadPeriod,
    DayNote,
    Due,
    Period,
    Unit,
    due,
    extreme_starts,
    parse_period,
)
from validator.legal_time.instant import (
    BEGIN,
    DAY,
    END,
    HOUR,
    LAST,
    LAST_DAY,
    day_end,
    day_of,
    day_start,
    format_day,
    format_instant,
    parse_when,
)
from validator.messages import MESSAGES
from validator.questions.calculator import calculate, standard_calendar, working
from validator.reading.strict_yaml import load_yaml

DATA = Path(__file__).parent / "data"
CALENDAR = standard_calendar()
NOTICES = read_notices()
EPOCH = datetime(1, 1, 1, tzinfo=BEIJING)
CIVIL = (Unit.DAYS, Unit.MONTHS, Unit.YEARS)
DAILY = (*CIVIL, Unit.WORKING_DAYS)

Interval = tuple[int, int]


def to_instant(moment: datetime) -> int:
    """Return the instant of a moment (without an offset: in Beijing)."""
    aware = moment.replace(tzinfo=BEIJING) if moment.tzinfo is None else moment
    return (aware - EPOCH) // timedelta(microseconds=1)


def to_moment(t: int) -> datetime:
    """Return an instant as a moment in Beijing."""
    return EPOCH + timedelta(microseconds=t)


# -- worked examples --------------------------------------------------------------------------------------------------


def worked_examples() -> Iterator[Any]:
    """Yield the cases of `data/periods.yaml`."""
    path = DATA / "periods.yaml"
    for group, cases in load_yaml(path.read_bytes(), path.name).plain.items():
        for case in cases:
            yield pytest.param(case, id=f"{group}: {case['start']} + {case['period']}")


def read_stops(case: Mapping[str, Any]) -> list[Interval]:
    """Return the stops of a case as closed intervals."""
    ends = [(parse_when(lo).lo, END if hi == "forever" else parse_when(hi).hi) for lo, hi in case.get("stops", [])]
    return sorted(ends)


@pytest.mark.parametrize("case", list(worked_examples()))
def test_worked_example(case: Mapping[str, Any]) -> None:
    """The due day, the days that count, rolling and provisional are as worked out by hand."""
    period, notes = parse_period(case["period"]), list[DayNote]()
    found = due(
        parse_when(case["start"]).lo,
        period,
        CALENDAR,
        roll=case.get("roll", True),
        stops=read_stops(case),
        hour_start=case.get("hour_start", "exact"),
        trace=notes,
    )
    if "due" in case:
        assert format_instant(found.instant) == case["due"]
    else:
        assert format_day(found.day) == (".." if case["due_day"] == "never" else case["due_day"])
    counted = [format_day(note.day) for note in notes if note.counted]
    assert case.get("counted", counted) == counted
    last = case.get("last")
    assert last is None or counted[-1] == last
    assert found.rolled is (last is not None and last != case["due_day"])
    assert found.provisional is case.get("provisional", False)


# -- the words of a period --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "amount", "unit"),
    [
        (("5 working days", "5 working day", "5个工作日", "5 个工作日", "5工作日"), 5, Unit.WORKING_DAYS),
        (("1 working day", "1 working days", "1个工作日"), 1, Unit.WORKING_DAYS),
        (("30 days", "30日", "30天", "30 天"), 30, Unit.DAYS),
        (("24 hours", "24小时", "24个小时"), 24, Unit.HOURS),
        (("30 minutes", "30分钟"), 30, Unit.MINUTES),
        (("1 month", "1个月"), 1, Unit.MONTHS),
        (("5 years", "5年"), 5, Unit.YEARS),
        (("0 days", "0日"), 0, Unit.DAYS),
        (("999999999 days",), 999_999_999, Unit.DAYS),
    ],
)
def test_words_of_a_period(texts: Sequence[str], amount: int, unit: Unit) -> None:
    """Every notation gives the same period, and what a period writes can be read."""
    for text in texts:
        period = parse_period(text)
        assert period == Period(amount, unit)
        assert parse_period(str(period)) == parse_period(period.text("zh")) == period


def test_one_is_singular() -> None:
    """A period is written as one says it."""
    assert [str(Period(n, Unit.WORKING_DAYS)) for n in (0, 1, 2)] == [
        "0 working days",
        "1 working day",
        "2 working days",
    ]
    assert Period(5, Unit.WORKING_DAYS).text("zh") == "5个工作日"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "period-format"),
        ("5", "period-format"),
        ("days", "period-format"),
        ("5days", "period-format"),
        ("5 Days", "period-format"),
        ("5 weeks", "period-format"),
        ("1月", "period-format"),
        ("五日", "period-format"),
        ("５日", "period-format"),
        ("05 days", "period-format"),
        ("1.5 days", "period-format"),
        ("1,000 days", "period-format"),
        ("5 working  days", "period-format"),
        ("5 days\n", "period-format"),
        (" 5 days", "period-format"),
        ("+5 days", "period-format"),
        ("-5 days", "period-negative"),
        ("- 5 days", "period-negative"),
        ("－5日", "period-negative"),
        ("1000000000 days", "period-too-long"),
        ("9" * 1000 + " days", "period-too-long"),
    ],
)
def test_what_is_no_period_is_refused_in_words(text: str, code: str) -> None:
    """Each refusal has its code and the values its message needs."""
    with pytest.raises(BadPeriod) as caught:
        parse_period(text)
    assert caught.value.code == code
    for lang in ("zh", "en"):
        assert MESSAGES[code].placeholders(MESSAGES[code].text(lang)) <= caught.value.values.keys()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("三个工作日", "3个工作日"),
        ("二十四小时内", "24小时"),
        ("一百二十日", "120日"),
        ("十五天之内", "15日"),
        ("3 个 自然日", "3日"),
        ("1月", "1个月"),
        ("30分", "30分钟"),
        ("半年", "6个月"),
        ("两个季度", "6个月"),
        ("1星期", "7日"),
        ("5 business days", "5个工作日"),
        ("５日", "5日"),
        ("3日后", ""),
        ("一个半月", ""),
        ("半日", ""),
        ("3-5个工作日", ""),
        ("及时", ""),
        ("05 days", ""),
    ],
)
def test_other_words_for_a_period_are_recognized(text: str, meant: str) -> None:
    """The message offers the period that is meant; a text that may mean something else is left alone."""
    with pytest.raises(BadPeriod) as caught:
        parse_period(text)
    assert caught.value.values["nearest"] == meant


@pytest.mark.parametrize(("amount", "code"), [(-1, "period-negative"), (10**9, "period-too-long")])
def test_a_period_is_bounded_however_it_is_made(amount: int, code: str) -> None:
    """A parameter can't bring in what the text can't say."""
    with pytest.raises(BadPeriod) as caught:
        Period(amount, Unit.DAYS)
    assert caught.value.code == code


# -- against the second implementation --------------------------------------------------------------------------------

FIRST_START = datetime(2019, 1, 1, tzinfo=BEIJING)  # what the second implementation has notices for, and a bit more
naive_starts = st.datetimes(datetime.fromisoformat("2019-01-01"), datetime.fromisoformat("2027-06-30"))
zones = st.none() | st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
starts = st.builds(lambda moment, zone: moment.replace(tzinfo=zone), naive_starts, zones).filter(
    lambda start: to_instant(start) >= to_instant(FIRST_START)
)
AMOUNTS = {
    Unit.WORKING_DAYS: 60, Unit.DAYS: 400, Unit.MONTHS: 30, Unit.YEARS: 3, Unit.HOURS: 2_000, Unit.MINUTES: 50_000,
}  # fmt: skip
periods = st.sampled_from(Unit).flatmap(lambda unit: st.builds(Period, st.integers(0, AMOUNTS[unit]), st.just(unit)))


@st.composite
def stop_lists(draw: st.DrawFn, around: datetime) -> list[Stop]:
    """Draw sorted, disjoint stops near a start; now and then the last one has no end."""
    marks = sorted(draw(st.lists(st.integers(-10 * 1440, 90 * 1440), max_size=8, unique=True)))
    moments = [around + timedelta(minutes=mark) for mark in marks]
    stops: list[Stop] = list(zip(moments[::2], moments[1::2], strict=False))
    if len(moments) % 2 and draw(st.booleans()):
        stops.append((moments[-1], None))
    return stops


def agree(start: datetime, period: Period, *, roll: bool, stops: Sequence[Stop] = ()) -> None:
    """Compare both implementations on one question."""
    expected = count(start, period.amount, period.unit.value, NOTICES, roll=roll, stops=stops)
    closed = [(to_instant(lo), END if hi is None else to_instant(hi)) for lo, hi in stops]
    found = due(to_instant(start), period, CALENDAR, roll=roll, stops=closed)
    if expected.end is None:
        assert found.instant == END
    else:
        assert to_moment(found.instant) == expected.end
        assert format_day(found.day) == expected.end.date().isoformat()
        assert (found.rolled, found.provisional) == (expected.rolled, expected.provisional)


@settings(max_examples=500, deadline=None)
@given(start=starts, period=periods, roll=st.booleans())
def test_agrees_with_the_second_implementation(*, start: datetime, period: Period, roll: bool) -> None:
    """Any start, with any offset or none, any unit, rolled or not."""
    agree(start, period, roll=roll)


@settings(max_examples=500, deadline=None)
@given(data=st.data(), start=starts, period=periods, roll=st.booleans())
def test_agrees_on_stopped_clocks(*, data: st.DataObject, start: datetime, period: Period, roll: bool) -> None:
    """The same with stops, against brute force over days."""
    local = to_moment(to_instant(start))
    agree(start, period, roll=roll, stops=data.draw(stop_lists(local)))


def test_agrees_on_a_sweep() -> None:
    """8,000 seeded questions, dense at the edges of days, months, holidays and years."""
    chance = random.Random(20211206)  # noqa: S311 - no secret
    clocks = ("00:00:00", "23:59:59", "23:59:59.999999", "12:00:00", "16:00:00", "08:00:00")
    zone_hours = (None, 8, 0, -5, 9, 14, -12)
    for _ in range(8_000):
        day = date(2019, 1, 2) + timedelta(days=chance.randrange(2_910))
        start = datetime.fromisoformat(f"{day}T{chance.choice(clocks)}")
        hours = chance.choice(zone_hours)
        if hours is not None:
            start = start.replace(tzinfo=timezone(timedelta(hours=hours)))
        unit = chance.choice(list(Unit))
        small = chance.random() < 0.6
        period = Period(chance.randrange(1, 6) if small else chance.randrange(AMOUNTS[unit]), unit)
        agree(start, period, roll=chance.random() < 0.7)


def test_agrees_on_every_day_of_eight_years() -> None:
    """Each day from 2019 to 2026 as a start of 5 working days, 30 days and 1 month."""
    start = datetime(2019, 1, 1, 9, 30, tzinfo=BEIJING)
    while start.year < 2027:
        for period in (Period(5, Unit.WORKING_DAYS), Period(30, Unit.DAYS), Period(1, Unit.MONTHS)):
            agree(start, period, roll=True)
        start += timedelta(days=1)


# -- laws -------------------------------------------------------------------------------------------------------------

all_starts = st.integers(0, LAST)
late_starts = st.integers(day_start(date(2003, 1, 1).toordinal()), day_start(date(2029, 1, 1).toordinal()))
some_starts = late_starts | all_starts


@st.composite
def closed_stops(draw: st.DrawFn, around: int) -> list[Interval]:
    """Draw sorted, disjoint closed intervals near an instant."""
    marks = sorted(draw(st.lists(st.integers(-40 * 96, 100 * 96), max_size=10, unique=True)))
    ends = [around + mark * HOUR // 4 for mark in marks]
    return [(lo, hi) for lo, hi in zip(ends[::2], ends[1::2], strict=False) if lo >= 0]


@settings(max_examples=500, deadline=None)
@given(
    data=st.data(),
    start=late_starts,
    later=st.integers(0, 40 * DAY),
    period=periods,
    roll=st.booleans(),
    hour_start=st.sampled_from(["exact", NEXT_FULL_HOUR]),
)
def test_a_later_start_never_ends_earlier(
    *, data: st.DataObject, start: int, later: int, period: Period, roll: bool, hour_start: str
) -> None:
    """Counting is monotone, so an uncertain start needs only its two ends (months with stops: the next law)."""
    by_month = period.unit in (Unit.MONTHS, Unit.YEARS)
    stops = [] if by_month else data.draw(closed_stops(start))
    one, other = (
        due(t, period, CALENDAR, roll=roll, stops=stops, hour_start=hour_start) for t in (start, start + later)
    )
    assert one.instant <= other.instant


def test_a_stop_at_a_month_end_may_turn_two_starts_round() -> None:
    """Two months from 31 December 2026 end on 28 February, from 1 January on 1 March; both days are stopped.

    The first period has one stopped day in it (1 January): 1 March. Stopped 29 December to 1 January, a start on the
    28th has four: 4 March, three days after the end of the later start.
    """
    first, last = (day_start(date(y, m, d).toordinal()) for y, m, d in ((2026, 12, 29), (2027, 1, 1)))
    ends = [
        due(day_start(date(y, m, d).toordinal()), Period(2, Unit.MONTHS), CALENDAR, roll=False, stops=[(first, last)])
        for y, m, d in ((2026, 12, 28), (2026, 12, 31), (2027, 1, 1))
    ]
    assert [date.fromordinal(e.day) for e in ends] == [date(2027, 3, 4), date(2027, 3, 1), date(2027, 3, 1)]


@settings(max_examples=300, deadline=None)
@given(
    data=st.data(),
    start=late_starts,
    length=st.integers(0, 400),
    months=st.integers(1, 14),
    roll=st.booleans(),
)
def test_the_extreme_starts_have_the_earliest_and_the_latest_due(
    *, data: st.DataObject, start: int, length: int, months: int, roll: bool
) -> None:
    """Against every start of the interval, one by one."""
    period, stops = (
        Period(months, Unit.MONTHS),
        data.draw(closed_stops(start + data.draw(st.integers(0, length)) * DAY)),
    )
    starts = instant.Interval(start, start + length * DAY)

    def end(t: int) -> int:
        return due(t, period, CALENDAR, roll=roll, stops=stops).instant

    every = {end(start + n * DAY) for n in range(length + 1)}
    chosen = {end(t) for t in extreme_starts(starts, period, stops)}
    assert (min(chosen), max(chosen)) == (min(every), max(every))


def test_a_stop_before_the_start_lengthens_nothing() -> None:
    """The 31st is stopped: of starts whose month ends on 28 February, only those before the 31st have it in them."""
    stops = [(day_start(n), day_end(n)) for n in [date(2023, 1, 31).toordinal()]]
    ends = [
        due(parse_when(f"2023-01-{n}").lo, Period(1, Unit.MONTHS), CALENDAR, stops=stops).day for n in (28, 29, 30, 31)
    ]
    assert [format_day(end) for end in ends] == [*["2023-03-01"] * 3, "2023-02-28"]


@settings(deadline=None)
@given(some_starts, periods)
def test_a_longer_period_never_ends_earlier(start: int, period: Period) -> None:
    """One more of any unit ends at the same time or later."""
    longer = Period(period.amount + 1, period.unit)
    assert due(start, period, CALENDAR).instant <= due(start, longer, CALENDAR).instant


@settings(deadline=None)
@given(data=st.data(), start=late_starts, period=periods, roll=st.booleans())
def test_a_stop_never_shortens_and_a_late_one_changes_nothing(
    *, data: st.DataObject, start: int, period: Period, roll: bool
) -> None:
    """Stops only lengthen; those that begin after the end leave it alone."""
    free = due(start, period, CALENDAR, roll=roll)
    stops = data.draw(closed_stops(start))
    assert due(start, period, CALENDAR, roll=roll, stops=stops).instant >= free.instant
    after = [(lo, hi) for lo, hi in stops if lo > free.instant]
    assert due(start, period, CALENDAR, roll=roll, stops=after) == free


@settings(deadline=None)
@given(st.data(), late_starts, periods)
def test_no_period_ends_in_a_stop(data: st.DataObject, start: int, period: Period) -> None:
    """The clock stands still in a stop, so it can't run out in one."""
    stops = data.draw(closed_stops(start))
    found = due(start, period, CALENDAR, stops=stops)
    if period.unit in DAILY:
        assert not any(day_of(lo) <= found.day <= day_of(hi) for lo, hi in stops)
    else:
        assert not any(lo <= found.instant <= hi for lo, hi in stops)


@settings(deadline=None)
@given(some_starts, periods)
def test_the_end_of_a_daily_period(start: int, period: Period) -> None:
    """It is the last microsecond of a day, and of a working day unless the period is empty."""
    assume(period.unit in DAILY)
    found = due(start, period, CALENDAR)
    assume(found.instant < END)
    assert found.instant == day_end(found.day)
    assert period.amount == 0 or CALENDAR.is_working(found.day)
    assert found.day >= day_of(start)


@settings(deadline=None)
@given(some_starts, periods)
def test_rolling_moves_only_what_ends_on_a_rest_day(start: int, period: Period) -> None:
    """Without rolling the end is the same or a rest day."""
    assume(period.unit in CIVIL)
    rolled, plain = (due(start, period, CALENDAR, roll=roll) for roll in (True, False))
    assume(rolled.instant < END)
    assert not plain.rolled
    assert not plain.provisional
    assert rolled.rolled is (rolled.day != plain.day)
    if rolled.rolled:
        assert not any(CALENDAR.is_working(day) for day in range(plain.day, rolled.day))


@settings(deadline=None)
@given(st.integers(0, DAY - 1), st.integers(0, DAY - 1), st.integers(730_000, 740_000), periods)
def test_the_time_of_day_does_not_matter_to_days(one: int, other: int, day: int, period: Period) -> None:
    """Two starts on one civil day have the same due day."""
    assume(period.unit in DAILY)
    assert due(day_start(day) + one, period, CALENDAR) == due(day_start(day) + other, period, CALENDAR)


@settings(deadline=None)
@given(all_starts, st.integers(0, 10**6), st.integers(0, 10**6))
def test_hours_add_up(start: int, first: int, second: int) -> None:
    """Hours after hours are all the hours, and an hour is sixty minutes."""
    middle = due(start, Period(first, Unit.HOURS), CALENDAR).instant
    end = due(start, Period(first + second, Unit.HOURS), CALENDAR)
    assert due(middle, Period(second, Unit.HOURS), CALENDAR) == end
    assert due(start, Period(60 * (first + second), Unit.MINUTES), CALENDAR) == end
    assert end.instant in (start + (first + second) * HOUR, END)


@settings(deadline=None)
@given(some_starts, st.sampled_from(Unit), st.integers(0, 10**9 - 1))
def test_any_size_is_answered(start: int, unit: Unit, amount: int) -> None:
    """Nothing overflows: what ends after the year 9999 never ends."""
    found = due(start, Period(amount, unit), CALENDAR)
    assert start <= found.instant <= LAST or found == Due(END, LAST_DAY + 1)


@pytest.mark.parametrize("unit", list(Unit))
def test_open_starts_stay_open(unit: Unit) -> None:
    """A start that is open to one side has an end open to the same side."""
    assert due(BEGIN, Period(5, unit), CALENDAR).instant == BEGIN
    assert due(END, Period(5, unit), CALENDAR).instant == END


def test_a_stop_without_beginning_or_end_stops_everything() -> None:
    """A clock that is always stopped never runs out."""
    for unit in Unit:
        assert due(LAST // 2, Period(1, unit), CALENDAR, stops=[(BEGIN, END)]).instant == END


# -- the notes of a counting ------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(data=st.data(), start=late_starts, period=periods, roll=st.booleans())
def test_the_notes_explain_the_answer(*, data: st.DataObject, start: int, period: Period, roll: bool) -> None:
    """Without gaps from the start to the due day, numbered from 1, and of no influence on the answer."""
    stops = data.draw(closed_stops(start))
    notes: list[DayNote] = []
    found = due(start, period, CALENDAR, roll=roll, stops=stops, trace=notes)
    assert found == due(start, period, CALENDAR, roll=roll, stops=stops)
    if period.unit not in DAILY:
        assert notes == []
        return
    assert [note.day for note in notes] == list(range(day_of(start), found.day + 1))[:NOTES]
    assert [note.number for note in notes if note.counted] == list(range(1, sum(note.counted for note in notes) + 1))
    assert all(note.number is None for note in notes if not note.counted)
    assert all(note.text(CALENDAR, "zh") and note.text(CALENDAR, "en").isascii() for note in notes)
    if period.unit is Unit.WORKING_DAYS:
        assert sum(note.counted for note in notes) == period.amount
    if found.rolled:
        assert notes[-1].reason == "roll"


def test_notes_are_bounded() -> None:
    """A thousand years are answered, and the first days of them explained."""
    notes: list[DayNote] = []
    due(LAST // 2, Period(1_000, Unit.YEARS), CALENDAR, trace=notes)
    assert len(notes) == NOTES


# -- the calculator ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "period", "expected"),
    [
        ("2024-02-02T10:00:00+08:00", "10 working days", ("2024-02-21", "2024-02-22T00:00:00+08:00", False, False)),
        ("2024-02-02", "10个工作日", ("2024-02-21", "2024-02-22T00:00:00+08:00", False, False)),
        ("2022-01-05", "30日", ("2022-02-07", "2022-02-08T00:00:00+08:00", True, False)),
        ("2022-01-30T15:20", "24小时", ("2022-01-31", "2022-01-31T15:20:00+08:00", False, False)),
        ("2022-01-31T17:30:00.5Z", "1 minute", ("2022-02-01", "2022-02-01T01:31:00.500000+08:00", False, False)),
        ("2022-01-05", "0 days", ("2022-01-05", "2022-01-06T00:00:00+08:00", False, False)),
        ("2027-03-01", "1 working day", ("2027-03-02", "2027-03-03T00:00:00+08:00", False, True)),
        ("9999-12-30", "1 day", ("9999-12-31", "9999-12-31T24:00:00+08:00", False, True)),
    ],
)
def test_the_calculator_answers(start: str, period: str, expected: tuple[str, str, bool, bool]) -> None:
    """The keys of the request come back with the answer; other keys are handed through."""
    request = {"id": 7, "start": start, "period": period}
    answer = dict(zip(("due_day", "due", "rolled", "provisional"), expected, strict=True))
    assert calculate(request) == request | answer
    assert calculate(calculate(request)) == calculate(request)


def test_the_calculator_can_leave_a_period_on_a_rest_day() -> None:
    """``roll`` false keeps the last day."""
    request = {"start": "2022-07-03", "period": "90 days", "roll": False}
    assert calculate(request)["due_day"] == "2022-10-01"
    assert calculate(request | {"roll": True})["due_day"] == "2022-10-08"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ([], "deadline-not-object"),
        (None, "deadline-not-object"),
        ({}, "deadline-key-missing"),
        ({"start": "2024-02-02"}, "deadline-key-missing"),
        ({"period": "1 day"}, "deadline-key-missing"),
        ({"start": "2024-02-02", "perod": "1 day"}, "deadline-key-unknown"),
        ({"start": "2024-02-02", "period": "1 day", "rol": False}, "deadline-key-unknown"),
        ({"start": 2024, "period": "1 day"}, "deadline-text"),
        ({"start": {"not_before": "2024"}, "period": "1 day"}, "deadline-text"),
        ({"start": "2024-02-02", "period": 5}, "deadline-text"),
        ({"start": "2024-02-02", "period": "1 day", "roll": "no"}, "deadline-roll"),
        ({"start": "2024-02-02", "period": "1 day", "roll": None}, "deadline-roll"),
        ({"start": "2024-02", "period": "1 day"}, "deadline-start-coarse"),
        ({"start": "2024", "period": "1 day"}, "deadline-start-coarse"),
        ({"start": "unknown", "period": "1 day"}, "deadline-start-coarse"),
        ({"start": "2024-02-02", "period": "1 hour"}, "deadline-start-hour"),
        ({"start": "2024-02-30", "period": "1 day"}, "time-date"),
        ({"start": "2024/2/2", "period": "1 day"}, "time-format"),
        ({"start": "2024-02-02", "period": "one day"}, "period-format"),
        ({"start": "2024-02-02", "period": "-1 day"}, "period-negative"),
        ({"start": "2024-02-02", "period": "1000000000 days"}, "period-too-long"),
        ({"start": "9999-12-31", "period": "1 day"}, "deadline-beyond-9999"),
        ({"start": "2024-02-02", "period": "9999 years"}, "deadline-beyond-9999"),
    ],
)
def test_the_calculator_says_what_is_wrong(request_: object, code: str) -> None:
    """A bad request gives an error in words and keeps its keys, so that other lines go on."""
    for lang in ("zh", "en"):
        answer = calculate(request_, lang=lang)
        error = answer.pop("error")
        assert error["code"] == code
        assert error["message"]
        assert "{" not in error["message"]
        assert error.keys() == {"code", "message", "help"}
        assert answer == (request_ or {})
    assert len(working(request_)) <= 1


def test_the_calculator_shows_the_counting() -> None:
    """Every day with its weekday, its number or the reason why it has none."""
    request = {"start": "2022-01-28", "period": "2 working days"}
    assert [tuple(note.values()) for note in working(request)] == [
        ("2022-01-28", "周五", None, "起算日，不计入"),
        ("2022-01-29", "周六", 1, "调休上班"),
        ("2022-01-30", "周日", 2, "调休上班"),
    ]
    request = {"start": "2022-02-03", "period": "1 day"}
    assert [tuple(note.values()) for note in working(request, lang="en")] == [
        ("2022-02-03", "Thursday", None, "starting day, not counted"),
        ("2022-02-04", "Friday", 1, "Spring Festival"),
        ("2022-02-05", "Saturday", None, "Spring Festival"),
        ("2022-02-06", "Sunday", None, "Spring Festival"),
        ("2022-02-07", "Monday", None, "rolled to this day"),
    ]
    assert working({"start": "2022-02-03T10:00", "period": "1 hour"}) == []


@settings(max_examples=300, deadline=None)
@given(
    st.datetimes(datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2100-01-01"), timezones=st.just(UTC)),
    periods,
)
def test_the_calculator_agrees_with_the_counting(start: datetime, period: Period) -> None:
    """What it prints is what `due` says: 24:00 of the due day, or the exact end."""
    answer = calculate({"start": start.isoformat(), "period": str(period)})
    found = due(to_instant(start), period, CALENDAR)
    end = found.instant + 1 if period.unit in DAILY else found.instant
    assert tuple(parse_when(answer["due"])) == (end, end)
    assert answer["due_day"] == format_day(found.day)
    assert (answer["rolled"], answer["provisional"]) == (found.rolled, found.provisional)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["start", "period", "roll", "x"]), inner)
        ),
    )
)
def test_the_calculator_never_fails(request_: object) -> None:
    """Any JSON value is answered."""
    answer = calculate(request_)
    assert ("error" in answer) is ("due" not in answer)
