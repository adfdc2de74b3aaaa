"""What an instance became, for the norms that follow upon it (record language, section 6)."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from validator.facts.timeline import CHAIN, Upstream
from validator.facts.values import Unknown
from validator.judging.instance import Instance
from validator.legal_time.instant import Instant, Interval


class Link(Struct, frozen=True):
    """What an instance became, for the chains that it opens: its clock, its breach, when its duty was done."""

    instance: Instance
    violated: bool
    open: bool
    due: Interval | Unknown | None
    breach: Interval | None
    answered: tuple[Instant | None, Instant | None]

    def occurrence(self, *, on_breach: bool) -> Upstream | None:
        """Return the occurrence that opens a chain: the breach, or the start of the clock."""
        at = self.breach if on_breach else self.instance.start
        if at is None:
            return None
        source = self.instance.event
        breach_id = None if source is None else source.values.get("breach_id")
        values: dict[str, Any] = {"norm": self.instance.norm.id, "breach_id": breach_id or self.instance.key}
        if self.due is not None:
            values["due"] = self.due
        record_type = self.instance.norm.record_type
        refs = {k: (i,) for k, i in self.instance.entities.items() if i is not None and k != record_type}
        return Upstream(
            -1, CHAIN, at, None, self.instance.key, dict(refs), values, self.instance.key, self.instance.key,
            answered=self.answered, instance=self.instance,
        )  # fmt: skip
