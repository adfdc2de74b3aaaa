"""Findings: what was judged of one instance, in a form that reports print and do not compute."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

from validator.facts.vocabulary import Label
from validator.legal_time.instant import Instant


class Verdict(StrEnum):
    """The eight verdicts, the worst first."""

    BREACHED = "breached"
    LATE = "late"
    NEEDS_REVIEW = "needs_review"
    UNDETERMINED = "undetermined"
    PENDING = "pending"
    EXCUSED = "excused"
    COMPLIANT = "compliant"
    NOT_TRIGGERED = "not_triggered"


VERDICT_LABELS: Mapping[Verdict, Label] = {
    Verdict.BREACHED: Label("违规", "breached"),
    Verdict.LATE: Label("逾期完成", "late"),
    Verdict.NEEDS_REVIEW: Label("需人工判断", "needs review"),
    Verdict.UNDETERMINED: Label("数据不足", "undetermined"),
    Verdict.PENDING: Label("期限内", "pending"),
    Verdict.EXCUSED: Label("依规豁免", "excused"),
    Verdict.COMPLIANT: Label("合规", "compliant"),
    Verdict.NOT_TRIGGERED: Label("未触发", "not triggered"),
}
VIOLATIONS = frozenset({Verdict.BREACHED, Verdict.LATE})
IN_ORDER = frozenset({Verdict.COMPLIANT, Verdict.NOT_TRIGGERED})
"""What need not be listed."""
_DAY = len("2022-02-07")
_VIOLATING = {"breached", "late"}
_HARMLESS = {"compliant", "excused", "not_triggered"}


def verdict_of(possible: Iterable[str], *, judgement: bool) -> Verdict:
    """Return the verdict for a set of possible outcomes (record language, section 13).

    ``judgement``: a decision that nobody has taken is among the causes of there being several.
    """
    found = set(possible)
    if len(found) == 1:
        return Verdict(found.pop())
    if found <= _VIOLATING:
        return Verdict.BREACHED
    if found <= _HARMLESS:
        return Verdict.COMPLIANT if "compliant" in found else Verdict.EXCUSED
    return Verdict.NEEDS_REVIEW if judgement else Verdict.UNDETERMINED


class Lateness(NamedTuple):
    """How late an act was done, or how long a term has been over.

    ``at_least``: one end of it is not certain; ``since``: where it began, when it goes on to the moment of judgement.
    """

    working_days: int
    calendar_days: int
    at_least: bool = False
    since: Instant | None = None

    def as_json(self) -> dict[str, int]:
        """Return the JSON form."""
        return {"working_days": self.working_days, "calendar_days": self.calendar_days}


@dataclass(slots=True)  # not frozen: a frozen one is made at a third of the speed
class Finding:
    """One finding.  Days are ``YYYY-MM-DD``, instants ISO 8601 with +08:00, places JSON pointers into the record.

    ``order`` is its place among those of the record; the times named in ``until_now`` end with the moment of judgement,
    if that is watched (`validator.legal_time.watched`).
    """

    record: str
    record_type: str
    article: int
    norm: str
    key: str
    verdict: Verdict
    level: str
    title: Label
    entities: Mapping[str, str | None] = field(default_factory=dict)
    reason: str = ""
    trigger: str = ""
    started: str = ""
    due_day: str = ""
    due: str = ""
    due_latest: str = ""
    period: str = ""
    decided: tuple[str, ...] = ()
    decided_at: str = ""
    breach_at: str = ""
    late_by: Lateness | None = None
    elapsed: Lateness | None = None
    could_be: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    would_settle: tuple[str, ...] = ()
    moot: tuple[str, ...] = ()
    question: Label | None = None
    assumed: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    ground: Label | None = None
    ground_basis: tuple[str, ...] = ()
    later_ground: Label | None = None
    underlying: str = ""
    waiver: str = ""
    times: int = 0
    evidence: tuple[Mapping[str, str], ...] = ()
    unattested: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()
    counts_with: tuple[str, ...] = ()
    counted_with: str = ""
    version: str = ""
    as_of: str = ""
    finding_id: str = ""
    order: tuple[Any, ...] = field(default=(), compare=False)
    until_now: tuple[str, ...] = field(default=(), compare=False)

    @property
    def flagged(self) -> frozenset[str]:
        """The flags as a set: provisional, rolled, suspended, holding, open_ended, assumed_in_force."""
        return frozenset(self.flags)

    @property
    def ends_with_day(self) -> bool:
        """Say whether its term ends at 24:00 of its last day, and not at a moment within one."""
        return self.due[:_DAY] != self.due_day or self.due[_DAY:].startswith("T24")

    @property
    def latest_day(self) -> str:
        """The last day that a term may have whose end isn't certain; "" when it is certain, or open."""
        latest = self.due_latest
        if latest in ("", "open"):
            return ""
        whole = not self.ends_with_day or latest[_DAY:].startswith("T24")
        return latest[:_DAY] if whole else (date.fromisoformat(latest[:_DAY]) - timedelta(days=1)).isoformat()

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form: keys in a fixed order, empty ones left out."""
        found: dict[str, Any] = {}
        for (name, form), value in zip(_FORMS.items(), _VALUES(self), strict=True):
            if value:
                found[name] = value if form is None else form(value)
        if self.times == 1:
            del found["times"]
        found.update(dict.fromkeys(self.flags, True))
        return found


def _json_of(value: Label | Lateness) -> dict[str, Any]:
    return value.as_json()


# The keys of a finding in JSON, in their order, and how the value of each is written (None: as it is).
_FORMS: Mapping[str, Callable[[Any], Any] | None] = {
    "finding_id": None, "record": None, "record_type": None, "article": None, "norm": None, "version": None,
    "key": None,
    "verdict": str, "level": None, "title": _json_of, "entities": dict, "reason": None, "as_of": None, "trigger": None,
    "started": None, "period": None, "due_day": None, "due": None, "due_latest": None, "decided": list,
    "decided_at": None, "breach_at": None, "late_by": _json_of, "elapsed": _json_of, "could_be": list, "missing": list,
    "asks": list, "would_settle": list, "moot": list, "question": _json_of, "assumed": list, "ground": _json_of,
    "ground_basis": list, "later_ground": _json_of, "underlying": None, "waiver": None, "times": None,
    "evidence": lambda evidence: [dict(e) for e in evidence], "unattested": list, "reviews": list, "counts_with": list,
    "counted_with": None,
}  # fmt: skip
_VALUES = attrgetter(*_FORMS)


class IdBeginning:
    """What the ids of a record's findings have in common; hashed once."""

    __slots__ = ("_hash",)

    def __init__(self, policy_digest: str, record_digest: str, as_of: str) -> None:
        self._hash = hashlib.sha256(f"{policy_digest}\0{record_digest}\0{as_of}\0".encode())

    def id_of(self, key: bytes) -> str:
        """Return the id of a finding: 16 hex digits of the hash of policies, record, as_of and instance."""
        whole = self._hash.copy()
        whole.update(key)
        return whole.hexdigest()[:16]
