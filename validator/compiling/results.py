"""What compiled functions return: the instances that they found, and why there are none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Any

REASONS = ("never_happened", "condition_false", "before_issue", "not_yet_in_force", "ended_on")
"""Why a norm was not opened, the nearest last."""
_NEARER = len(REASONS) - 1
"""Reasons beside the first: bits of a norm among those that were not opened."""

Found = tuple[str, dt.datetime, int, Any, Any, bool]
"""An instance: its entity, its time, the number of its norm, the event that opened it, the event that answered it
(None: none has) or, judged at its trigger, whether the condition holds, and whether it is in time only because an act
on the day of its trigger is taken to have come after it.  No two have the same first three."""


def shut_by(n: int, reason: str) -> int:
    """Return what says that norm ``n`` was not opened for a reason."""
    return 1 << n * _NEARER + REASONS.index(reason) - 1


def reason_of(shut: int, n: int) -> str:
    """Return why norm ``n`` was not opened."""
    return REASONS[(shut >> n * _NEARER & (1 << _NEARER) - 1).bit_length()]


@lru_cache(1 << 12)
def reasons_of(opened: int, shut: int) -> tuple[str, ...]:
    """Return why norms were not opened that something kept from it in every event."""
    numbers = range(-(-shut.bit_length() // _NEARER))
    found = (reason_of(shut, n) for n in numbers if not opened >> n & 1)
    return tuple(reason for reason in found if reason != REASONS[0])


Result = tuple[int, int, int, int]
"""How many acts were in time and were not added to what was found, and three sets of norms: see
`validator.compiling.compiler`."""

Function = Callable[[Any, dt.datetime, list[Found]], Result]
"""What judges a record: see `validator.compiling.compiler`."""
