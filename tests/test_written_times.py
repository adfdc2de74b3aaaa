"""Times that a rule writes in an expression, compared with those of a record: a day is as long as it is, and known."""

import json
from pathlib import Path

import pytest

from validator import check, load
from validator.expressions.comparisons import _compare_times
from validator.facts.values import NO_CAUSES, Unknown
from validator.legal_time.instant import parse_when
from validator.output.render import sentences
from validator.rules.program import Program

TIMES = ("2022-02-07", "2022-02-08T00:00", "2022-02-08T09:30", "2022-02-08", "2022-02-09T00:00", "2022-02")
"""The day before, its own first instant, within it, the same day, the instant after it, the month around it."""
EXPECTED = {
    "<": (True, False, False, False, False, None),
    "<=": (True, True, True, True, False, None),
    ">": (False, False, False, False, True, None),
    ">=": (False, True, True, True, True, None),
    "==": (False, True, True, True, False, None),
    "!=": (True, False, False, False, True, None),
}
"""What is true of each with the day 2022-02-08, as a reader of the rule takes it; None: the record has to say more."""


@pytest.mark.parametrize("operator", sorted(EXPECTED))
def test_a_written_day_is_a_whole_day(operator: str) -> None:
    """What lies on the day is neither before nor after it, whether the record knows the hour or not."""
    written = parse_when("2022-02-08")
    found = [
        _compare_times(operator, parse_when(time), written, NO_CAUSES, dates=False, written=True) for time in TIMES
    ]
    assert tuple(None if isinstance(one, Unknown) else one for one in found) == EXPECTED[operator]


SMALL = Path(__file__).parent / "data" / "small"
TITLE = {"zh": "日期", "en": "Dates"}
NORM = {
    "id": "A1.1", "title": TITLE, "source": {"paragraph": 1, "sentence": 1}, "kind": "content", "check": "machine",
    "level": "low", "subject": "matter", "trigger": {"event": "received"}, "deadline": "at trigger", "remedy": "none",
}  # fmt: skip
ASKED = ('trigger.at == "2022-02-08"', 'trigger.at in ["2021-12-31", "2022-02-08"]')
VERDICTS = {True: "compliant", False: "breached", None: "undetermined"}


def rules_that_ask(asked: str, folder: Path) -> Program:
    """Return a rule set whose only norm asks something when a matter is received."""
    vocabulary = (SMALL / "vocabulary.yaml").read_text(encoding="utf-8").replace("A1.4", "A1.1")  # the only norm below
    (folder / "vocabulary.yaml").write_text(vocabulary, encoding="utf-8")
    norm = {**NORM, "allowed_states": asked}
    article = {"article": 1, "title": TITLE, "records": [norm]}
    (folder / "article-1.yaml").write_text(json.dumps(article), encoding="utf-8")
    return load([str(folder)])


@pytest.mark.parametrize("asked", ASKED)
def test_in_means_what_equality_means(asked: str, tmp_path: Path) -> None:
    """A time is in a list of days if it lies on one of them; of a month that has one of them, nobody knows."""
    rules = rules_that_ask(asked, tmp_path)
    found = [
        check(
            rules, {"record_type": "matter", "id": "m", "events": [{"type": "received", "at": t}]}, as_of="2023-01-01"
        )
        for t in TIMES
    ]
    assert [str(f.verdict) for result in found for f in result.findings] == [VERDICTS[e] for e in EXPECTED["=="]]


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        *((asked, ["/events/1/at"]) for asked in ASKED),
        ("all(e.at >= trigger.at for e in events.answered)", ["/events/0/at", "/events/1/at"]),
        ('all(e.at < "2022-03-01" for e in events.answered)', ["/events/0/at"]),
    ],
)
def test_the_dates_that_leave_a_comparison_open_are_named(asked: str, named: list[str], tmp_path: Path) -> None:
    """By their places in the record: what would settle it is a date that somebody can look up."""
    answered = {"type": "answered", "at": {"not_before": "2022-02-01", "not_after": "2022-04-30"}}
    record = {"record_type": "matter", "id": "m", "events": [answered, {"type": "received", "at": "2022-02"}]}
    (finding,) = check(rules_that_ask(asked, tmp_path), record, as_of="2023-01-01").findings
    assert str(finding.verdict) == "undetermined"
    assert list(finding.would_settle) == named


AT_ONE_MOMENT = {
    ("2022-02-08", "2022-02-08"): ("compliant", ("same_day",)),  # the order within a day never accuses
    ("2022-02-08T09:30", "2022-02-08T09:30"): ("compliant", ()),
    ("2022-02-08T09:30", "2022-02-08T15:00"): ("breached", ()),
    ("2022-02-08", "2022-02-09"): ("breached", ()),
    ("2022-02-08", "2022-02-08T09:30"): ("undetermined", ()),  # may be that moment, and any other of the day
    ("2022-02", "2022-02"): ("undetermined", ()),
    ("2022-02", "2022-02-08"): ("undetermined", ()),
}
"""When each of two acts was, by the record: whether they were at one moment, and on which presumption that rests."""


@pytest.mark.parametrize("times", AT_ONE_MOMENT, ids=" ".join)
def test_two_acts_of_one_day_are_at_one_moment_by_presumption(times: tuple[str, str], tmp_path: Path) -> None:
    """A finer date turns no certain verdict but one that says on what it rests."""
    acts = [{"type": kind, "at": time} for kind, time in zip(("answered", "closed"), times, strict=True)]
    events = [*acts, {"type": "received", "at": "2022-03-01"}]
    rules = rules_that_ask("any(any(c.at in [a.at] for c in events.closed) for a in events.answered)", tmp_path)
    (finding,) = check(rules, {"record_type": "matter", "id": "m", "events": events}, as_of="2023-01-01").findings
    assert (str(finding.verdict), finding.assumed) == AT_ONE_MOMENT[times]


def test_an_act_is_at_its_own_moment(tmp_path: Path) -> None:
    """However little is known of that."""
    rules = rules_that_ask("any(e.at in [trigger.at] for e in events.received)", tmp_path)
    for time in ("2022-02-08", "2022-02"):
        record = {"record_type": "matter", "id": "m", "events": [{"type": "received", "at": time}]}
        for finding in check(rules, record, as_of="2023-01-01").findings:
            assert (str(finding.verdict), finding.assumed) == ("compliant", ()), time


@pytest.mark.parametrize(
    ("timeline", "said"),
    [
        ("complete", "would settle it: /events/0/at, /events/1/at"),
        ("partial", "not exact enough in time: /events/0/at, /events/1/at"),
    ],
)
def test_dates_settle_what_nothing_else_leaves_open(timeline: str, said: str, tmp_path: Path) -> None:
    """Where the record may lack events too, its dates are told without the promise that they alone are enough."""
    answered = {"type": "answered", "at": {"not_before": "2022-02-01", "not_after": "2022-04-30"}}
    received = {"type": "received", "at": "2022-02"}
    record = {"record_type": "matter", "id": "m", "timeline": timeline, "events": [answered, received]}
    rules = rules_that_ask("all(e.at >= trigger.at for e in events.answered)", tmp_path)
    (finding,) = check(rules, record, as_of="2023-01-01").findings
    assert (timeline == "partial") is ("/timeline" in finding.missing)
    assert said in sentences(finding, "en")
