"""Reading, writing and ordering times: `validator.legal_time.instant`."""

import contextlib
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from validator.errors import Place, Problem
from validator.legal_time.instant import (
    BEGIN,
    DAY,
    END,
    HOUR,
    LAST,
    LAST_DAY,
    MINUTE,
    SECOND,
    BadInstant,
    Interval,
    before,
    day_end,
    day_of,
    day_start,
    format_day,
    format_instant,
    last_of_month,
    parse_as_of,
    parse_when,
    tied,
)
from validator.messages import MESSAGES

BEIJING = timezone(timedelta(hours=8))
EPOCH = datetime(1, 1, 1, tzinfo=BEIJING)

instants = st.integers(0, LAST)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def at(*parts: int) -> int:
    """Return the instant of a moment in Beijing, reckoned by the standard library."""
    year, month, day, *clock = parts
    return (datetime(year, month, day, *clock, tzinfo=BEIJING) - EPOCH) // timedelta(microseconds=1)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-01-26T15:20:30", at(2022, 1, 26, 15, 20, 30)),
        ("2022-01-26T15:20", at(2022, 1, 26, 15, 20)),
        ("2022-01-26 15:20", at(2022, 1, 26, 15, 20)),
        ("2022-01-26T15:20:30.5", at(2022, 1, 26, 15, 20, 30, 500_000)),
        ("2022-01-26T15:20:30.123456000", at(2022, 1, 26, 15, 20, 30, 123_456)),
        ("2022-01-26T15:20:30+08:00", at(2022, 1, 26, 15, 20, 30)),
        ("2022-01-26T07:20:30Z", at(2022, 1, 26, 15, 20, 30)),
        ("2022-01-26T07:20:30-00:00", at(2022, 1, 26, 15, 20, 30)),
        ("2022-01-26T02:20-0500", at(2022, 1, 26, 15, 20)),
        ("2022-01-26T16:20+09", at(2022, 1, 26, 15, 20)),
        ("2022-01-26T24:00", at(2022, 1, 27)),
        ("2022-12-31T24:00:00.000", at(2023, 1, 1)),
        ("2024-02-29T00:00:00", at(2024, 2, 29)),
        ("0001-01-01T00:00:00", 0),
        ("0001-01-01T00:00:00+08:00", 0),
        ("9999-12-31T23:59:59.999999", LAST),
    ],
)
def test_a_timestamp_is_one_instant(text: str, expected: int) -> None:
    """Every allowed notation, Beijing time where no offset stands, minutes exact."""
    assert parse_when(text) == Interval(expected, expected)
    assert parse_as_of(text) == expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022-01-26", at(2022, 1, 26), at(2022, 1, 27) - 1),
        ("2024-02", at(2024, 2, 1), at(2024, 3, 1) - 1),
        ("2023-12", at(2023, 12, 1), at(2024, 1, 1) - 1),
        ("2022", at(2022, 1, 1), at(2023, 1, 1) - 1),
        ("0001", 0, at(2, 1, 1) - 1),
        ("9999", at(9999, 1, 1), LAST),
        ("9999-12", at(9999, 12, 1), LAST),
        ("9999-12-31", at(9999, 12, 31), LAST),
    ],
)
def test_a_coarse_time_is_an_interval(text: str, first: int, last: int) -> None:
    """A day, month or year reaches from its first to its last microsecond, and is judged at its last."""
    assert parse_when(text) == Interval(first, last)
    assert parse_as_of(text) == last


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("unknown", Interval(BEGIN, END)),
        ({"not_before": "2022-01"}, Interval(at(2022, 1, 1), END)),
        ({"not_after": "2022-01"}, Interval(BEGIN, at(2022, 2, 1) - 1)),
        ({"not_before": "2022-01-26", "not_after": "2022-01-26"}, parse_when("2022-01-26")),
        ({"not_before": "2022-01-26T10:00", "not_after": "2022-01-26T10:00"}, parse_when("2022-01-26T10:00")),
        ({"not_before": "2022-01-26T10:00", "not_after": "2022"}, Interval(at(2022, 1, 26, 10), at(2023, 1, 1) - 1)),
    ],
)
def test_bounds(value: object, expected: Interval) -> None:
    """Bounds may be open on one side; a coarse bound reaches as far as it can."""
    assert parse_when(value) == expected


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "time-format"),
        ("yesterday", "time-format"),
        ("2022-1-26", "time-format"),
        ("2022/01/26", "time-format"),
        ("20220126", "time-format"),
        ("2022年1月26日", "time-format"),
        ("2022-01-26T15", "time-format"),
        ("2022-01-26t15:20", "time-format"),
        ("2022-01-26T15:20:30z", "time-format"),
        ("2022-01-26  15:20", "time-format"),
        ("2022-01-26T15:20:30 +08:00", "time-format"),
        ("2022-01-26T15:20:30.", "time-format"),
        ("2022-01-26\n", "time-format"),
        (" 2022-01-26", "time-format"),
        ("２０２２-01-26", "time-format"),
        ("2022-01T10:00", "time-format"),
        ("2022-W04-3", "time-format"),
        ("2022-026", "time-format"),
        ("-2022-01-26", "time-format"),
        ("12022-01-26", "time-format"),
        ("2022-01-26T10:00:00." + "0" * 100, "time-format"),
        ("Unknown", "time-format"),
        ("2022-02-30", "time-date"),
        ("2023-02-29", "time-date"),
        ("2022-13", "time-date"),
        ("2022-00-10", "time-date"),
        ("2022-01-00", "time-date"),
        ("0000", "time-date"),
        ("0000-01-01T00:00", "time-date"),
        ("2022-01-26T25:00", "time-clock"),
        ("2022-01-26T24:01", "time-clock"),
        ("2022-01-26T24:00:00.000001", "time-clock"),
        ("2022-01-26T10:60", "time-clock"),
        ("2022-01-26T23:59:60", "time-clock"),
        ("2022-01-26T10:00:00.1234567", "time-digits"),
        ("2022-01-26T10:00+14:01", "time-offset"),
        ("2022-01-26T10:00-99:00", "time-offset"),
        ("2022-01-26T10:00+08:60", "time-offset"),
        ("9999-12-31T24:00", "time-range"),
        ("9999-12-31T23:00Z", "time-range"),
        ("0001-01-01T05:59+14:00", "time-range"),
        (2022, "time-type"),
        (None, "time-type"),
        (True, "time-type"),
        ([], "time-type"),
        ({}, "time-keys"),
        ({"not_befor": "2022"}, "time-keys"),
        ({"not_before": "2022", "seq": 1}, "time-keys"),
        ({"not_before": 2022}, "time-type"),
        ({"not_before": "unknown"}, "time-format"),
        ({"not_before": {"not_before": "2022"}}, "time-type"),
        ({"not_before": "2022-02-01", "not_after": "2022-01"}, "time-order"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_no_time_is_refused_in_words(value: object, code: str, lang: str) -> None:
    """Each refusal has its code, and its message is complete in both languages."""
    with pytest.raises(BadInstant) as caught:
        parse_when(value)
    bad = caught.value
    assert bad.code == code
    problem = Problem(bad.code, Place("-"), tuple(bad.values.items()))
    assert MESSAGES[code].placeholders(MESSAGES[code].text(lang)) <= bad.values.keys()
    assert problem.message(lang)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ([], "[]"),
        ([1], "[…]"),
        ({}, "{}"),
        ({"a": 1}, "{…}"),
        (5, "5"),
    ],
)
def test_a_refused_value_is_shown_as_files_write_it(value: object, shown: str) -> None:
    """The message repeats JSON and YAML, not Python."""
    with pytest.raises(BadInstant) as caught:
        parse_when({"not_before": value})
    assert caught.value.values["found"] == shown


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2022/1/5", "2022-01-05"),
        ("2022.01.05", "2022-01-05"),
        ("2022年1月5日", "2022-01-05"),
        ("2022年1月5日 9时30分", "2022-01-05T09:30:00"),
        ("20220105", "2022-01-05"),
        ("2022-1-5 9:05", "2022-01-05T09:05:00"),
        ("2022-01-05t10:00:30z", "2022-01-05T10:00:30Z"),
        ("2022-01-05T10:00:30 +02:00", "2022-01-05T10:00:30+02:00"),
        ("2022/1/5 10:00:30,25-0500", "2022-01-05T10:00:30.25-0500"),
        ("2022年1月5日 9时30分20秒", "2022-01-05T09:30:20"),
        ("2022/1/5 3:30 PM", ""),
        ("2022/2/30", ""),
        ("5.1.2022", ""),
    ],
)
def test_other_notations_are_recognized(text: str, meant: str) -> None:
    """The message offers the notation that is meant, if there is such a day, and never another moment."""
    with pytest.raises(BadInstant) as caught:
        parse_when(text)
    assert caught.value.values["nearest"] == meant


@pytest.mark.parametrize("text", ["unknown", "", "2022-02-30"])
def test_a_date_of_judgement_must_be_known(text: str) -> None:
    """``unknown`` is a time of an event, never one to judge at."""
    with pytest.raises(BadInstant):
        parse_as_of(text)


@settings(deadline=None)
@given(instants)
@example(0)
@example(LAST)
@example(at(2022, 1, 26, 10))
def test_what_is_written_can_be_read(t: int) -> None:
    """Writing and reading an instant loses nothing."""
    assert parse_when(format_instant(t)) == Interval(t, t)
    moment = EPOCH + timedelta(microseconds=t)
    assert format_instant(t) == moment.isoformat()
    assert format_instant(t, full=False) == moment.strftime("%Y-%m-%d %H:%M").rjust(16, "0")


@settings(deadline=None)
@given(st.datetimes(datetime.fromisoformat("0002-01-01"), datetime.fromisoformat("9998-12-31")), offsets)
def test_offsets_agree_with_the_standard_library(moment: datetime, offset: timezone) -> None:
    """Any offset is converted as the standard library does, and a text without one is Beijing time."""
    aware = moment.replace(tzinfo=offset)
    expected = (aware - EPOCH) // timedelta(microseconds=1)
    assert parse_when(aware.isoformat()) == Interval(expected, expected)
    assert parse_when(aware.astimezone(UTC).isoformat().replace("+00:00", "Z")) == Interval(expected, expected)
    assert parse_when(moment.isoformat()) == parse_when(moment.replace(tzinfo=BEIJING).isoformat())


@settings(deadline=None)
@given(instants)
def test_a_day_contains_its_instants(t: int) -> None:
    """An instant lies between the ends of its day, which has 24 hours."""
    day = day_of(t)
    assert day_start(day) <= t <= day_end(day)
    assert day_end(day) - day_start(day) + 1 == DAY == 24 * HOUR == 24 * 60 * MINUTE == 86_400 * SECOND
    assert date.fromordinal(day) == (EPOCH + timedelta(microseconds=t)).date()
    assert parse_when(format_day(day)) == Interval(day_start(day), day_end(day))


def test_open_ends_are_written_as_such() -> None:
    """Nothing outside the years 0001 to 9999 breaks the writing; the very end of 9999 is 24:00."""
    assert [format_instant(t) for t in (BEGIN, -1, LAST + 2, END)] == [".."] * 4
    assert [format_day(day) for day in (0, LAST_DAY + 1)] == [".."] * 2
    assert format_instant(LAST + 1) == "9999-12-31T24:00:00+08:00"
    assert format_instant(LAST + 1, full=False) == "9999-12-31 24:00"


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        ("2022-03-01", "2022-03-02", "before"),
        ("2022-03-01T10:00", "2022-03-01T10:00:00.000001", "before"),
        ("2022-03-01T10:00", "2022-03-01T10:00", "tied"),
        ("2022-03-01", "2022-03-01", "tied"),
        ("2022-03-01", "2022-03-01T15:00", "tied"),
        ("2022-02-28T16:30Z", "2022-03-01", "tied"),
        ("2022-03", "2022-03-15", "unordered"),
        ("2022", "2022", "unordered"),
        ("unknown", "2022-03-01", "unordered"),
        ("unknown", "unknown", "unordered"),
        ({"not_before": "2022-03-01T23:00", "not_after": "2022-03-02T01:00"}, "2022-03-02", "unordered"),
        ({"not_after": "2022-03-01"}, "2022-03-02", "before"),
    ],
)
def test_order_of_two_times(a: object, b: object, relation: str) -> None:
    """Two times are in order, tied within a civil day of Beijing, or unordered."""
    first, second = parse_when(a), parse_when(b)
    assert before(first, second) is (relation == "before")
    assert not before(second, first)
    assert tied(first, second) is tied(second, first) is (relation == "tied")


@settings(deadline=None)
@given(st.tuples(instants, instants).map(sorted), st.tuples(instants, instants).map(sorted))
def test_tied_as_defined(a: list[int], b: list[int]) -> None:
    """Tied: neither before the other and all four ends in one civil day."""
    one, other = Interval(*a), Interval(*b)
    expected = not before(one, other) and not before(other, one) and len({day_of(t) for t in (*a, *b)}) == 1
    assert tied(one, other) is expected


@settings(deadline=None)
@given(st.integers(1, 9999), st.integers(1, 12))
def test_last_of_month(year: int, month: int) -> None:
    """The day after the last of a month is a first."""
    last = last_of_month(year, month)
    assert (date.fromordinal(last).year, date.fromordinal(last).month) == (year, month)
    assert last == LAST_DAY or date.fromordinal(last + 1).day == 1


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[0-9]{4}-[0-9]{2}(-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?)?)?"))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reading fail in another way, and what is read keeps its ends in order."""
    with contextlib.suppress(BadInstant):
        found = parse_when(text)
        assert found.lo <= found.hi


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["not_before", "not_after", "x"]), inner),
)


@settings(deadline=None)
@given(json_values)
def test_any_value_is_read_or_refused(value: object) -> None:
    """A record may hold anything where a time is expected."""
    with contextlib.suppress(BadInstant):
        parse_when(value)


def test_a_refusal_can_be_sent_to_another_process() -> None:
    """A pickled refusal keeps its code and values."""
    with pytest.raises(BadInstant) as caught:
        parse_when("2022-02-30")
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert (copy.code, copy.values) == (caught.value.code, caught.value.values)
