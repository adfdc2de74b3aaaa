"""A watched moment says until when all that was asked of it has the same answers."""

import operator
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator.legal_time.instant import DAY, day_of, format_instant
from validator.legal_time.watched import FOR_EVER, Watched, plain

COMPARISONS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
AT = 1_000_000_000_000

near = st.integers(-3, 3)
instants = st.one_of(near.map(AT.__add__), st.integers(0, 2 * AT), st.just(FOR_EVER))
asked = st.tuples(st.sampled_from(COMPARISONS), instants, near, st.booleans())
Asked = tuple[Callable[[int, int], bool], int, int, bool]


def answer(moment: int, question: Asked) -> bool:
    """Compare a moment, or some time before or after it, with an instant, from either side."""
    compare, other, shift, reflected = question
    shifted = moment + shift if shift else moment
    return compare(other, shifted) if reflected else compare(shifted, other)


@given(st.lists(asked, max_size=6), st.lists(st.integers(0, 10), max_size=4))
@example([(operator.gt, AT, 0, False)], [0])
@example([(operator.le, AT, 0, True)], [1])
def test_all_answers_are_the_same_until_then_and_one_is_not_at_that_moment(
    questions: list[Asked], after: list[int]
) -> None:
    """However often and of whatever it is asked."""
    moment = Watched(AT)
    answers = [answer(moment, q) for q in questions]
    assert answers == [answer(AT, q) for q in questions]
    assert moment.until > AT
    for later in (AT + n for n in after if AT + n < moment.until):
        assert [answer(later, q) for q in questions] == answers
    if moment.until < FOR_EVER - 3:
        assert [answer(moment.until - 1, q) for q in questions] == answers
        assert [answer(moment.until, q) for q in questions] != answers


def test_a_moment_and_some_time_from_it_are_always_that_far_apart() -> None:
    """Comparing them with each other says nothing of other moments."""
    moment = Watched(AT)
    assert moment < moment + 1
    assert min(moment + 5, moment) is moment
    assert not moment - 1 >= moment
    assert moment == moment + 1 - 1
    assert moment.until == FOR_EVER


def test_what_a_cache_holds_of_another_moment_says_nothing_of_later_ones() -> None:
    """What was noted while it was made was noted of that one."""
    texts = cache(format_instant)
    first, second = Watched(AT), Watched(AT)
    assert texts(first) == texts(second)
    assert (first.until, second.until) == (AT, AT)


@pytest.mark.parametrize("after", [0, 1, DAY - 1])
def test_a_day_lasts_to_its_end(after: int) -> None:
    """The day of a moment is that of later ones to 24:00."""
    moment = Watched(5 * DAY + after)
    assert day_of(moment) == 6
    assert moment.until == 6 * DAY
    assert day_of(moment - DAY) == 5
    assert moment.until == 6 * DAY


@pytest.mark.parametrize(
    "made", [format_instant, str, repr, int, lambda t: t * 2, lambda t: 2 - t, lambda t: f"{t:d}", lambda t: t % DAY]
)
def test_what_is_made_of_a_moment_holds_at_that_moment_alone(made: Callable[[int], object]) -> None:
    """Nobody knows what else would be made of another one."""
    moment = Watched(AT)
    assert made(moment) == made(AT)
    assert moment.until == AT


def test_a_plain_moment_is_told_and_nothing_noted() -> None:
    """A finding says as of when it is told, whatever that is."""
    moment = Watched(AT)
    assert format_instant(plain(moment)) == format_instant(AT)
    assert plain(AT) == AT
    assert moment.until == FOR_EVER


def test_some_time_from_a_moment_is_told_for_a_day() -> None:
    """Its day is not that of the moment."""
    moment = Watched(5 * DAY)
    assert day_of(plain(moment + DAY - 2)) == 6
    assert moment.until == 5 * DAY + 2
