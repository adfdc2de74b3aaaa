"""Waivers: somebody with the power to do so has excused a breach in particular records, for a time.

A waived breach is excused, with the verdict underneath kept; what would be no breach stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property

from validator.errors import Place, Problem
from validator.facts.vocabulary import Label
from validator.judging.finding import VIOLATIONS, Finding, Verdict
from validator.legal_time.instant import Instant, day_of, format_day


class Standing(Enum):
    """Whether a waiver counts at a moment."""

    NOT_YET = "not yet"
    IN_FORCE = "in force"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver.

    Attributes:
        id: its number.
        norms: ids of norm records or norms, or articles (``A13``).
        records: ids of records.
        entities: only instances that concern these, by kind; empty for all.
        reason: why it was given.
        approved_by: by whom.
        granted: the first day, as an ordinal.
        expires: the last day, included.
        place: where it is written.
    """

    id: str
    norms: frozenset[str]
    records: frozenset[str]
    entities: Mapping[str, str]
    reason: str
    approved_by: str
    granted: int
    expires: int
    place: Place

    def standing(self, as_of: Instant) -> Standing:
        """Say whether the waiver counts as of a moment; every command asks here."""
        day = day_of(as_of)
        if day < self.granted:
            return Standing.NOT_YET
        return Standing.IN_FORCE if day <= self.expires else Standing.EXPIRED

    def covers(self, finding: Finding) -> bool:
        """Say whether a finding is of the record, norm and entities that the waiver names."""
        norm = finding.norm.rstrip("abcdefghijklmnopqrstuvwxyz")
        named = {finding.norm, norm, f"A{finding.article}"} & self.norms
        concerned = all(finding.entities.get(kind) == name for kind, name in self.entities.items())
        return bool(named) and finding.record in self.records and concerned

    @property
    def ground(self) -> Label:
        """What the finding says: who waived it, under which number, why."""
        return Label(
            f"{self.approved_by}批准（{self.id}）：{self.reason}", f"{self.approved_by} ({self.id}): {self.reason}"
        )


@dataclass(frozen=True)
class Waivers:
    """The waivers of a run; none of them twice.  ``digest`` is the SHA-256 of their files in hex, "" without any."""

    entries: tuple[Waiver, ...] = field(default=(), hash=False)  # the entities of a waiver have no hash
    digest: str = ""

    @cached_property
    def records(self) -> frozenset[str]:
        """The ids of all records that are named."""
        return frozenset(r for w in self.entries for r in w.records)

    def applied(self, finding: Finding, as_of: Instant) -> Finding:
        """Return a finding, as excused if it is a breach that is waived as of a moment: by the first that covers it."""
        if finding.verdict not in VIOLATIONS:
            return finding
        standing = (w for w in self.entries if w.standing(as_of) is Standing.IN_FORCE)
        waiver = next((w for w in standing if w.covers(finding)), None)
        return finding if waiver is None else _waived(finding, waiver)

    def faults(
        self, as_of: Instant, known: frozenset[str], seen: frozenset[str], used: frozenset[str]
    ) -> Iterator[Problem]:
        """Yield warnings about waivers that did nothing, each with the reason.

        Args:
            as_of: the moment of judgement.
            known: ids of norm records, norms and articles of the rule set.
            seen: ids of the records that were judged.
            used: ids of the waivers that excused something.
        """
        for waiver in self.entries:
            standing = waiver.standing(as_of)
            for name in sorted(waiver.norms - known):
                yield _warning("waiver-unknown-norm", waiver, name=name)
            for name in sorted(waiver.records - seen):
                yield _warning("waiver-orphaned", waiver, name=name)
            if standing is Standing.EXPIRED:
                yield _warning("waiver-expired", waiver, day=format_day(waiver.expires))
            elif standing is Standing.NOT_YET:
                yield _warning("waiver-not-yet", waiver, day=format_day(waiver.granted))
            elif waiver.id not in used and waiver.records & seen and waiver.norms & known:
                yield _warning("waiver-unused", waiver)


NO_WAIVERS = Waivers()


def _waived(finding: Finding, waiver: Waiver) -> Finding:
    return replace(
        finding, verdict=Verdict.EXCUSED, underlying=str(finding.verdict), waiver=waiver.id, ground=waiver.ground
    )


def _warning(code: str, waiver: Waiver, **values: str) -> Problem:
    return Problem(code, waiver.place, (("id", waiver.id), *values.items()), severity="warning")
