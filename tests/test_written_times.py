"""Times that a rule writes in an expression, compared with those of a record: a day is as long as it is, and known."""

import pytest

from validator.expressions.closures import _compare_times
from validator.facts.values import NO_CAUSES, Unknown
from validator.legal_time.instant import parse_when

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
