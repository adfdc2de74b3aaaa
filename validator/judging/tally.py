"""What judging counted instead of saying it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Findings that were counted and not made, and how many (norm, record) pairs either engine judged.

    Attributes:
        compliant: findings of compliance.
        reasons: why norms were not triggered.
        fired: ids of norms with a finding.
        compiled: pairs of norm and record that compiled code judged.
        interpreted: pairs that the interpreter judged.
        ignored: events that nobody declared, of records of which nothing is told.
    """

    compliant: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    fired: set[str] = field(default_factory=set)
    compiled: int = 0
    interpreted: int = 0
    ignored: int = 0

    def add(self, other: Tally) -> None:
        """Add what was counted apart."""
        self.compliant += other.compliant
        self.reasons.update(other.reasons)
        self.fired |= other.fired
        self.compiled += other.compiled
        self.interpreted += other.interpreted
        self.ignored += other.ignored
