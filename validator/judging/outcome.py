"""What may have become of one instance: the set of outcomes that its mode leaves possible, and why."""

from __future__ import annotations

from msgspec import Struct, field

from validator.facts.timeline import Event
from validator.facts.values import NO_CAUSES, Causes
from validator.judging.clock import Term
from validator.judging.reached import Reached
from validator.legal_time.instant import Interval
from validator.rules.program import Ground

COMPLIANT, LATE, BREACHED, PENDING, EXCUSED, NOT_TRIGGERED = (
    "compliant", "late", "breached", "pending", "excused", "not_triggered",
)  # fmt: skip


class Outcome(Struct):
    """What may have become of an instance, and what the report needs to say why.

    ``times``: how often a hold is surely violated; ``perhaps``: the events with which it may be besides.
    """

    possible: set[str] = field(default_factory=set)
    underlying: set[str] = field(default_factory=set)
    causes: Causes = NO_CAUSES
    decided: tuple[Event, ...] = ()
    decided_at: Interval | None = None
    breach: Interval | None = None
    term: Term | None = None
    ground: Ground | None = None
    later_ground: Ground | None = None
    holding: bool = False
    open_ended: bool = False
    times: int = 0
    perhaps: list[Event] = []
    reviews: tuple[Event, ...] = ()
    reached: Reached | None = None
