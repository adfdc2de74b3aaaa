"""The layout of the timeline: order, room, cuts and panels, whatever the record is like."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.errors import columns
from validator.legal_time.instant import (
    BEGIN,
    DAY,
    END,
    LAST,
    Instant,
    Interval,
    day_end,
    day_of,
    day_start,
    parse_as_of,
    parse_when,
)
from validator.legal_time.notices import load_calendar
from validator.reporting.axis import CUT, Axis
from validator.reporting.chart import PANEL_HEIGHT, WIDTH, Chart, Group, Occurrence, TermBar, chart

CALENDAR = load_calendar()
instants = st.integers(0, LAST)
near = st.integers(day_start(738_000), day_start(738_400))


def at(text: str) -> Instant:
    """Return the first instant of a time."""
    return parse_when(text).lo


def laid_out(events: Sequence[Occurrence] = (), terms: Sequence[TermBar] = (), as_of: str = "2022-06-01") -> Chart:
    """Lay out a chart."""
    return chart([Group("terms", terms), Group("events", events)], parse_as_of(as_of), as_of, CALENDAR)


# -- the axis ----------------------------------------------------------------------------------------------------------
@given(st.lists(instants | near, min_size=1, max_size=30))
def test_an_axis_keeps_the_order(points: list[Instant]) -> None:
    """A later instant is never further left; all stand within the ends."""
    axis = Axis.over(points, 10, 700)
    xs = [axis.x(t) for t in sorted(points)]
    assert xs == sorted(xs)
    assert all(10 <= x <= 700 for x in xs)
    assert (axis.left, axis.right) == (10, 700)
    assert axis.x(BEGIN) == 10
    assert axis.x(END) == 700


@given(st.lists(instants | near, min_size=1, max_size=30))
def test_labels_of_ticks_have_room(points: list[Instant]) -> None:
    """No two labels meet, none leaves the picture."""
    ticks = Axis.over(points, 12, 748).ticks()
    ends = [(t.x - 3 * columns(t.label), t.x + 3 * columns(t.label)) for t in ticks]
    assert all(a[1] < b[0] for a, b in pairwise(ends))
    assert all(a >= 12 - CUT // 2 and b <= 748 + CUT // 2 for a, b in ends)


@given(st.lists(near, min_size=2, max_size=30, unique_by=day_of))
def test_no_point_is_cut_out(points: list[Instant]) -> None:
    """What is cut out is empty and longer than all the rest."""
    axis = Axis.over([*points, at("2090")], 0, 700)
    strips = axis.cuts()
    assert strips
    assert all(not left < axis.x(t) < right for t in points for left, right in strips)
    for a, b in pairwise(axis.stretches):
        assert b.first - a.last > 20 * DAY
        assert not any(a.last < t < b.first for t in points)


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2022-03-01", "2022-03-01", ["2022-03-01 03:00", *(f"{hour:02}:00" for hour in range(6, 24, 3))]),
        ("2022-03-01", "2022-03-10", [f"2022-03-{day:02}" for day in range(2, 11)]),
        ("2012-06", "2022-06", ["2013", "2014", "2015", "2016", "2017", "2018", "2019", "2020", "2021", "2022"]),
    ],
)
def test_the_marks_suit_the_span(first: str, last: str, labels: list[str]) -> None:
    """Hours for a day, which is named, days for a week, years for ten."""
    points = [at(first) + i * (at(last) - at(first)) // 9 for i in range(10)]
    assert [t.label for t in Axis.over(points, 0, 700).ticks()] == labels


def test_a_mark_stands_where_its_day_does() -> None:
    """Ticks and events use one scale."""
    axis = Axis.over([at("2022-01-01"), at("2022-04-10")], 0, 1000)  # 100 days, Mondays are the 3rd, 10th, ...
    assert [(t.label, t.x) for t in axis.ticks()][:3] == [("2022-01-03", 20), ("2022-01-10", 90), ("2022-01-17", 160)]


# -- rows --------------------------------------------------------------------------------------------------------------
@given(st.lists(st.tuples(instants | near, instants | near, st.text("中a", max_size=80)), max_size=60))
def test_rows_follow_each_other(found: list[tuple[Instant, Instant, str]]) -> None:
    """Rows of a panel do not meet, labels end within the picture, panels fit a page, and nothing is left out."""
    events = [Occurrence(label, Interval(min(a, b), max(a, b))) for a, b, label in found]
    terms = [TermBar(e.label, "late", Interval(e.at.lo, e.at.lo), Interval(e.at.hi, e.at.hi)) for e in events]
    made = laid_out(events, terms)
    rows = [row for panel in made.panels for row in panel.rows]
    assert sum(row.kind == "event" for row in rows) == sum(row.kind == "term" for row in rows) == len(found)
    for panel in made.panels:
        assert panel.height <= PANEL_HEIGHT + 10
        for a, b in pairwise(panel.rows):
            assert a.y + a.height == b.y
        for row in panel.rows:
            width = sum(12 if columns(c) > 1 else 7 for c in row.caption.text)
            left = row.caption.x if row.caption.anchor == "start" else row.caption.x - width
            assert left >= 0
            assert left + width <= WIDTH
            assert all(m.x + m.width <= WIDTH and m.x >= 0 and 0 <= m.y + m.height <= row.height for m in row.marks)
    for panel in made.panels:
        assert panel.rows == () or panel.rows[-1].kind != "heading"


def test_a_label_is_beside_its_mark_or_above_it() -> None:
    """It never lies on the marks of its own row."""
    whole = Occurrence("中" * 30, Interval(BEGIN, END))
    early, late = (Occurrence("中" * 10, parse_when(day)) for day in ("2022-01-01", "2022-05-31"))
    rows = laid_out([whole, early, late], as_of="2022-05-31").panels[0].rows[1:]
    assert [row.caption.anchor for row in rows] == ["start", "start", "end"]
    assert rows[0].height > rows[1].height
    assert rows[0].marks[0].y > rows[0].caption.y
    assert rows[1].caption.x > rows[1].marks[0].x + rows[1].marks[0].width
    assert rows[2].caption.x < rows[2].marks[0].x


def test_stops_and_doubts_are_drawn() -> None:
    """What stood still within a term is hatched, bounds that are not certain are dotted; what lies outside is not."""
    term = TermBar(
        "t", "late", parse_when("2022-02"), Interval(day_end(738_250), day_end(738_260)), day_end(738_290),
        parse_when("2022-04-20"),
        ((at("2021-01-01"), at("2021-02-01")), (at("2022-03-01"), at("2022-03-05")), (at("2022-05-20"), END)),
    )  # fmt: skip
    (row,) = laid_out(terms=[term]).panels[0].rows[1:]
    kinds = [m.kind for m in row.marks]
    assert sorted(kinds) == ["done", "doubt", "doubt", "overrun", "stop", "term"]
    marks = {m.kind: m for m in row.marks}
    assert marks["stop"].x > marks["term"].x
    assert marks["stop"].x + marks["stop"].width < marks["term"].x + marks["term"].width


def test_rest_days_are_shaded_while_they_can_be_seen() -> None:
    """The National Day holiday of 2022 is one strip of seven days; over ten years nothing is shaded."""
    made = laid_out([Occurrence("", parse_when("2022-09-26"))], as_of="2022-10-16")  # 21 days
    day = (WIDTH - 24) // 21
    assert [(s.x - 12 + 1) // day for s in made.rest] == [5, 19]  # 1 to 7 October; a weekend
    assert [round(s.width / day) for s in made.rest] == [7, 2]
    assert laid_out([Occurrence("", parse_when("2012-01-01"))]).rest == ()


def test_two_events_are_drawn_to_scale() -> None:
    """Nothing is cut when there is nothing to compare a gap with: one event, and the moment of judgement."""
    assert laid_out([Occurrence("", parse_when("2012-01-01"))], as_of="9999").cuts == ()
    days = ["2012-01-01", "2012-01-06"]
    assert len(laid_out([Occurrence("", parse_when(day)) for day in days], as_of="9999").cuts) == 1


def test_an_empty_record_has_a_chart() -> None:
    """The moment of judgement alone is drawn."""
    made = laid_out()
    assert [panel.rows for panel in made.panels] == [()]
    assert made.as_of.text == "2022-06-01"
