"""Counts in a run what compiled code found and nobody is told."""

from __future__ import annotations

from functools import reduce
from operator import or_

from validator.compiling.decoding import Reading
from validator.compiling.judges import TypeJudge
from validator.compiling.results import REASONS, Result, reasons_of
from validator.judging.tally import Tally


class Count:
    """What judges the records of one type in a run, and what of them is not told.

    Attributes:
        judge: what judges them.
        all_findings: everything is to be told.
        function: the compiled code that finds everything, or what is to be told.
        always: something may be to be told of every record.
        latest: after it no event is looked at.
        whole: records of which everything is told; their norms are only counted as judged.
        partly: what was counted in the other records, as compiled code returns it.
    """

    __slots__ = ("all_findings", "always", "function", "judge", "latest", "partly", "whole")

    def __init__(self, judge: TypeJudge, *, whole: bool) -> None:
        self.judge, self.latest = judge, judge.latest
        self.all_findings = whole
        self.function = judge.compiled.function(all_findings=whole)
        self.always = whole or bool(judge.others)
        self.whole = 0
        self.partly: list[Result] = []

    def add(self, result: Result, *, whole: bool) -> None:
        """Count a record, no norm of which is left to the interpreter; ``whole``: everything of it is told."""
        if whole:
            self.whole += 1
        else:
            self.partly.append(result)

    def move_to(self, tally: Tally) -> None:
        """Add the counts to others, and begin again."""
        pairs, whole, partly = self.judge.pairs, self.whole, self.partly
        self.whole, self.partly = 0, []
        tally.compiled += (whole + len(partly)) * pairs
        if not partly:
            return
        compliant, opened, shut, _ = zip(*partly, strict=True)
        fired, told = reduce(or_, opened), sum(map(int.bit_count, opened))
        reasons = [reason for one, kept in zip(opened, shut, strict=True) if kept for reason in reasons_of(one, kept)]
        tally.compliant += sum(compliant)
        tally.fired |= self.judge.compiled.ids(fired)
        if reasons:
            tally.reasons.update(reasons)
        tally.reasons[REASONS[0]] += len(partly) * pairs - told - len(reasons)


class Counts(dict[int, Count]):
    """What judges records that are read in one way, by the number of the record type; made when there is one."""

    def __init__(self, reading: Reading, *, whole: bool) -> None:
        super().__init__()
        self.reading, self._judges, self._whole = reading, reading.judges, whole

    def __missing__(self, number: int) -> Count:
        self[number] = Count(self._judges[number], whole=self._whole)
        return self[number]

    def move_to(self, tally: Tally) -> None:
        """Add the counts to others, and begin again."""
        for count in self.values():
            count.move_to(tally)
