"""pm4py's temporal conformance: how long each pair of activities may be apart.

A profile knows mean and deviation of the time between two activities, not working days, months, the same asset or an
answer that never came.  Of the rules only R3 (24 hours, one of each) has that form, and of it only the late answers.
"""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pandas as pd
from pm4py.algo.conformance.temporal_profile import algorithm

from ..contestant import Contestant, lines
from ..oracle import Outcome

PAIR = ("urgent_clue_received", "clue_checked")
PROFILE = {PAIR: (0.0, 24 * 3600.0)}  # mean and standard deviation in seconds: one deviation is a day


def contestants() -> Iterator[Contestant]:
    """Yield the profile of R3; reading the lines and making the table is part of the run."""
    yield Contestant(
        "pm4py, temporal profile of R3", 1, lambda path: len(_deviations(path)), _outcomes,
        sees=lambda o: (o.rule, o.verdict) == ("R3", "late"), knows_places=False, slow=True,
    )  # fmt: skip


def _deviations(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """Return the deviations of each case, none included."""
    rows = [
        (record["id"], event["type"], event["at"])
        for record in map(orjson.loads, lines(path))
        for event in record["events"]
    ]
    table = pd.DataFrame(rows, columns=["case:concept:name", "concept:name", "time:timestamp"])
    table["time:timestamp"] = pd.to_datetime(table["time:timestamp"])
    cases = table["case:concept:name"].unique()
    return dict(zip(cases, algorithm.apply(table, PROFILE, parameters={"zeta": 1.0}), strict=True))


def _outcomes(path: Path) -> Iterator[Outcome]:
    for case, deviations in _deviations(path).items():
        if any((first, second) == PAIR for first, second, *_ in deviations):
            yield Outcome(case, "R3", "", "late", "")
