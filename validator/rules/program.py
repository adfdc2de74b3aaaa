"""The program: a rule set as decided.  Names resolved, expressions bound and typed, every norm in one mode.

These are data only; `binding` makes them from YAML, `validator.judging.interpreter` gives them their meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import force_setattr

from validator.errors import Place
from validator.expressions.derived import Derived
from validator.expressions.expression import Expression, ParameterRead, Shift, walk
from validator.facts.vocabulary import Label, Step, Vocabulary
from validator.legal_time.calendar import WorkCalendar
from validator.legal_time.deadline import Period
from validator.legal_time.instant import Instant, day_of, format_day


class Duration(Struct, frozen=True):
    """A period with a figure, or one whose figure is a parameter (``param.x``) that a court sets."""

    period: Period | None
    parameter: str = ""


class Test(Struct, frozen=True, eq=False):
    """A condition on values: an expression."""

    expression: Expression


class Pattern(Struct, frozen=True, eq=False):
    """A condition on happenings: some (``negated``: no) event of these types for which ``where`` holds."""

    events: tuple[str, ...]
    where: Expression | None
    negated: bool = False
    any_time: bool = False
    within_last: Duration | None = None


class Both(Struct, frozen=True, eq=False):
    """All (``conjunction``) or any of several conditions."""

    conjunction: bool
    parts: tuple[Condition, ...]


class Review(Struct, frozen=True, eq=False):
    """A question that a human answers by a recorded review."""

    question: Label


Condition = Test | Pattern | Both | Review


def leaves(condition: Condition) -> Iterator[Condition]:
    """Yield what a condition is put together from: tests, patterns and reviews."""
    if isinstance(condition, Both):
        for part in condition.parts:
            yield from leaves(part)
    else:
        yield condition


class Leg(Struct, frozen=True):
    """A fact that must exist besides the trigger's event (``also``)."""

    events: tuple[str, ...]
    where: Expression | None


class EventTrigger(Struct, frozen=True):
    """Opens an instance at each occurrence."""

    events: tuple[str, ...]
    where: Expression | None
    legs: tuple[Leg, ...] = ()


class StateTrigger(Struct, frozen=True):
    """Opens an instance each time the expression becomes true; None: always."""

    expression: Expression | None


class ChainTrigger(Struct, frozen=True):
    """Opens an instance for what another norm's instance became: its certain violation, or its running clock."""

    records: tuple[str, ...]
    on_breach: bool


Alternative = EventTrigger | StateTrigger | ChainTrigger


class Trigger(Struct, frozen=True):
    """One or several ways to open an instance; ``one_per`` entity or attribute keeps the earliest only."""

    alternatives: tuple[Alternative, ...]
    one_per: str = ""


class Within(Struct, frozen=True):
    """Reach: within a period from the start.  ``roll``: a last day that is a rest day moves to the next working day."""

    duration: Duration
    roll: bool = True


class By(Struct, frozen=True):
    """Reach: by a date of the text (its last instant) or a date in the record; ``lead`` moves the point forward."""

    instant: Instant | None
    path: Expression | None
    lead: Duration | None = None


class AtTrigger(Struct, frozen=True):
    """At: must be true at the moment of the trigger."""


class End(Struct, frozen=True):
    """An end of a hold: an event pattern, a fixed date (its last instant), or a date in the record."""

    pattern: Pattern | None = None
    instant: Instant | None = None
    path: Expression | None = None


class Until(Struct, frozen=True):
    """Hold: must stay true until the earliest of the ends; none: forever.  ``with_trigger``: while the state lasts."""

    ends: tuple[End, ...] = ()
    with_trigger: bool = False


class Every(Struct, frozen=True):
    """A series of reach instances, one per gap, until the earliest of the ends (none: for ever)."""

    duration: Duration
    ends: tuple[End, ...] = ()
    first_gap: bool = True


class NoDeadline(Struct, frozen=True):
    """Reach without a deadline: open until reached, never breached."""


Deadline = Within | By | AtTrigger | Until | Every | NoDeadline


class Ground(Struct, frozen=True):
    """An exception or a stop of the clock: when, on what ground, by which norms."""

    condition: Condition
    label: Label
    basis: tuple[str, ...]
    name: str = ""


class Effective(Struct, frozen=True):
    """When a version of a norm is in force.

    ``explicit``: the record says so itself; ``succeeds``: there is an earlier version.
    """

    start: Instant
    end: Instant
    reaches_back: bool = False
    explicit: bool = False
    succeeds: bool = False


class Reading(Struct, frozen=True):
    """The reading taken of a point that the text leaves open, with the alternatives."""

    point: Label
    taken: Label
    alternatives: tuple[Label, ...]


class Norm(Struct, frozen=True):
    """A policy record, bound.

    ``law`` names the law of the article, or else of the rule set, if it has one. ``words`` are those it rests on,
    ``passage`` the sentence in which they stand ("" where the file has no text).
    ``mode`` is reach, hold or at, fixed by the deadline alone; ``waits``: its start may be that of another fact
    (``also``); ``question`` is what a human has to answer for the condition, if anything;
    ``place`` is where it stands.
    """

    id: str
    norm: str
    article: int
    title: Label
    article_title: Label
    law: Label | None
    paragraph: int
    sentence: int
    words: str
    passage: str
    kind: str
    check: str
    level: str
    subject: str
    record_type: str
    for_each: tuple[str, Expression] | None
    trigger: Trigger
    deadline: Deadline
    condition: Condition
    unless: tuple[Ground, ...]
    stops: tuple[Ground, ...]
    counts_with: tuple[str, ...]
    effective: Effective
    remedy: tuple[Step, ...]
    readings: tuple[Reading, ...]
    place: Place
    mode: str = ""
    waits: bool = False
    question: Label | None = None

    def __post_init__(self) -> None:
        mode = "at" if isinstance(self.deadline, AtTrigger) else "hold" if isinstance(self.deadline, Until) else "reach"
        waits = any(isinstance(a, EventTrigger) and a.legs for a in self.trigger.alternatives)
        for name, value in (("mode", mode), ("waits", waits), ("question", _question(self.condition))):
            force_setattr(self, name, value)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The entity kinds of an instance: subject, then the kind of for_each."""
        return (self.subject,) if self.for_each is None else (self.subject, self.for_each[0])

    @property
    def version(self) -> str:
        """The first day in force of a version that follows another one; "" for the first."""
        return format_day(day_of(self.effective.start)) if self.effective.succeeds else ""


def _question(condition: Condition) -> Label | None:
    if isinstance(condition, Review):
        return condition.question
    if isinstance(condition, Both):
        return next((q for q in (_question(p) for p in condition.parts) if q is not None), None)
    return None


def expressions_of(norm: Norm) -> Iterator[Expression]:
    """Yield every expression of a norm."""
    if norm.for_each is not None:
        yield norm.for_each[1]
    for alternative in norm.trigger.alternatives:
        if isinstance(alternative, StateTrigger):
            if alternative.expression is not None:
                yield alternative.expression
        elif isinstance(alternative, EventTrigger):
            yield from (w for w in (alternative.where, *(leg.where for leg in alternative.legs)) if w is not None)
    grounds: tuple[Ground, ...] = (*norm.unless, *norm.stops)
    for condition in (norm.condition, *(g.condition for g in grounds)):
        for part in leaves(condition):
            if isinstance(part, Test):
                yield part.expression
            elif isinstance(part, Pattern) and part.where is not None:
                yield part.where
    yield from _of_deadline(norm.deadline)


def _of_deadline(deadline: Deadline) -> Iterator[Expression]:
    if isinstance(deadline, By) and deadline.path is not None:
        yield deadline.path
    for end in deadline.ends if isinstance(deadline, Until | Every) else ():
        where = None if end.pattern is None else end.pattern.where
        yield from (found for found in (where, end.path) if found is not None)


def durations_of(norm: Norm) -> Iterator[Duration]:
    """Yield every period of a norm."""
    deadline = norm.deadline
    if isinstance(deadline, Within | Every):
        yield deadline.duration
    if isinstance(deadline, By) and deadline.lead is not None:
        yield deadline.lead
    for part in leaves(norm.condition):
        if isinstance(part, Pattern) and part.within_last is not None:
            yield part.within_last


def parameters_of(norm: Norm) -> Iterator[str]:
    """Yield the parameters that a norm waits for."""
    yield from (d.parameter for d in durations_of(norm) if d.parameter)
    for expression in expressions_of(norm):
        for node in walk(expression):
            if isinstance(node, ParameterRead):
                yield node.name
            elif isinstance(node, Shift):
                yield node.parameter


class Program(Struct, frozen=True):
    """A rule set, ready to judge.  Norms are indexed by record type and by what triggers them.

    ``digest`` covers everything that it was made of, ``digests`` the parts by name: ``policies`` (articles and
    vocabulary), ``parameters`` (figures and tables, overlays among them), ``calendar``.
    """

    norms: tuple[Norm, ...]
    vocabulary: Vocabulary
    calendar: WorkCalendar
    derived: Derived
    digest: str
    by_id: Mapping[str, tuple[Norm, ...]]
    by_record_type: Mapping[str, tuple[Norm, ...]]
    by_event: Mapping[tuple[str, str], tuple[Norm, ...]]
    standing: Mapping[str, tuple[Norm, ...]]
    digests: Mapping[str, str] = {}

    def norm(self, identifier: str) -> Norm | None:
        """Return the (first version of the) norm record with this id."""
        return next((n for n in self.norms if n.id == identifier), None)

    def version(self, identifier: str, first_day: str) -> Norm:
        """Return the version of a norm record that has this id and that a finding names (`Norm.version`)."""
        return next(n for n in self.by_id[identifier] if n.version == first_day)
