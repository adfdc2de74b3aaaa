"""Disputes: between courts, up to their common superior, and with other authorities."""

from datetime import date
from itertools import pairwise
from random import Random

from validator.sample.chance import Record, between, odds
from validator.sample.days import (
    DOCKET_DAY,
    FIRST_FILING,
    IN_FORCE,
    LAST_FILING,
    in_working_days,
    iso,
    next_workday,
)
from validator.sample.figures import DEFECT
from validator.sample.file import File, opened, written
from validator.sample.universe import (
    COURTS,
    CYCLE,
    TEAM_LEADER,
    common_superior,
    court_of,
    level,
    line_of,
    superior,
)

# All shares of this module are guesses.
BETWEEN_COURTS = 0.65
AGREED = 0.35
NEIGHBOUR = 0.4
"""Disputes between courts of the same line, of those between courts."""
AGENCIES = odds(("police", 25), ("tax", 20), ("finance", 20), ("land", 15), ("procuratorate", 10), ("customs", 10))
COMMITTEE_LEVELS = {"basic": "county", "intermediate": "city", "high": "province"}


def dispute(rng: Random, number: int, _seed: int) -> Record:
    """Return dispute ``number`` of the docket, most of them after the Opinions."""
    first = FIRST_FILING if rng.random() < DEFECT else IN_FORCE
    arose = next_workday(first + int(rng.random() * (LAST_FILING - first)))
    one = court_of(number)
    courts = [one]
    if rng.random() < BETWEEN_COURTS:
        courts.append(_opponent(rng, number, one))
        above = common_superior(*courts)
    else:
        above = str(superior(one))
    record: Record = {
        "record_type": "dispute",
        "id": f"({date.fromordinal(arose).year}){above}执协{number + 1}号",
        "type": "inter_court" if len(courts) > 1 else "with_agency",
        "court_ids": courts,
        "common_superior_id": above,
        "known_until": iso(DOCKET_DAY),
    }
    file = opened(rng, record, one, arose)
    file.by = file.officer(TEAM_LEADER, TEAM_LEADER + 3)
    if len(courts) > 1:
        _between_courts(file, courts, above)
    else:
        record["agency_type"] = AGENCIES.pick(rng)
        _with_agency(file, one, above)
    return written(file)


def _opponent(rng: Random, number: int, one: str) -> str:
    """Return another basic court, often one of the same line."""
    others = [court.code for court in COURTS if court.code != one]
    near = [code for code in others if code[0] == one[0]]
    if near and rng.random() < NEIGHBOUR:
        return near[between(rng, 0, len(near) - 1)]
    other = court_of(number + between(rng, 1, CYCLE - 1))
    return others[0] if other == one else other


def _negotiated(file: File) -> int | None:
    """Write that a dispute arose and was talked about; return when the talks failed."""
    arose = file.add(file.office(file.filed), "dispute_arose")
    started = file.reply(arose, 10, "negotiation_started")
    if started is None:
        return None
    agreed = file.hit(AGREED)
    concluded = file.after(started, 3, 40)
    file.add(concluded, "negotiation_concluded", result="agreed" if agreed else "failed")
    if agreed:
        file.add(file.after(concluded, 0, 20), "dispute_resolved")
        return None
    return concluded


def _between_courts(file: File, courts: list[str], above: str) -> None:
    """Write a dispute between courts: talks, reports upwards, the plan of the common superior, its opinion."""
    failed = _negotiated(file)
    if failed is None:
        return
    line = line_of(courts[0])
    steps = list(pairwise(line[: line.index(above) + 1]))
    if len(steps) > 1 and file.hit(3 * DEFECT):
        steps = [(courts[0], above)]  # over the heads of those between
    last: int | None = failed
    for sender, receiver in steps:
        last = None if last is None else file.reply(
            last, 5, "reported_to_superior", to_court_id=receiver, from_court_id=sender
        )  # fmt: skip
    if last is None:
        return
    got = file.add(file.after(last, 1, 6), "coordination_request_received", court_id=above)
    planned = file.reply(got, 20, "coordination_plan_issued")
    if planned is None or file.hit(0.2):
        return
    for number, code in enumerate(courts):
        _opinion(file, file.after(planned, 3, 20), code, above, number)
    file.add(file.after(planned, 40, 90), "dispute_resolved")


def _opinion(file: File, when: int, code: str, above: str, number: int) -> None:
    """Write that an opinion reaches a court, and that it is carried out in 15 working days, or why not."""
    names = {"opinion_id": f"y{number + 1}"}
    file.add(when, "coordination_opinion_delivered", to_court_id=code, **names)
    if file.hit(4 * DEFECT):
        if file.hit(0.6):
            reason = {"court_id": code, "accepted_by": above} | names
            file.add(file.after(when, 5, 30), "justified_reason_recorded", **reason)
        done = file.after(in_working_days(when, 15) * 86_400, 3, 40)
        file.add(done, "coordination_opinion_implemented", court_id=code, attested_by=above, **names)
        return
    file.reply(when, 15, "coordination_opinion_implemented", court_id=code, attested_by=above, **names)


def _with_agency(file: File, code: str, above: str) -> None:
    """Write a dispute with another authority: talks, the report to a committee, coordination from above."""
    failed = _negotiated(file)
    if failed is None:
        return
    committee = "law_governance_committee" if file.hit(0.3) else "political_legal_committee"
    form = "other" if file.hit(DEFECT) else "written"
    told = {"form": form, "committee": committee, "level": COMMITTEE_LEVELS[level(code)]}
    reported = file.reply(failed, 10, "reported_to_local_committee", **told)
    if reported is None or file.hit(0.4):
        return
    needed = file.add(file.after(reported, 10, 40), "superior_coordination_needed", decided_by=file.officer(3))
    passed = file.reply(needed, 5, "reported_to_superior", to_court_id=above, from_court_id=code)
    if passed is None:
        return
    got = file.add(file.after(passed, 1, 4), "coordination_request_received", court_id=above)
    file.reply(got, 10, "interdepartment_coordination_started")
    file.add(file.after(got, 30, 90), "dispute_resolved")
