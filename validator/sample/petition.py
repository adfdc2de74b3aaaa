"""Petitions: received, registered, handled, concluded, answered."""

from datetime import date
from random import Random

from validator.sample.chance import Record, odds
from validator.sample.days import DAY, DOCKET_DAY, FIRST_FILING, HOUR, LAST_FILING, iso, next_workday
from validator.sample.figures import DEFECT, LATE_ACT, LEFT_UNDONE
from validator.sample.file import File, opened, written
from validator.sample.universe import TEAM_LEADER, court_of, earlier_case

# All shares of this module are guesses, but for the petitions that are all concluded (勃利 2021).
FORMS = odds(("visit", 35), ("letter", 20), ("online", 30), ("transferred", 15))
MATTERS_RAISED = odds((("执行进展",), 40), (("案款发放", "执行进展"), 25), (("查封范围",), 20), (("执行人员态度",), 15))
ERROR_FOUND = 0.15
TWICE = 0.05
"""Petitions that are entered a second time."""


def petition(rng: Random, number: int, seed: int) -> Record:
    """Return petition ``number`` about an earlier case of the docket."""
    case = earlier_case(seed, number, rng)
    court = court_of(number) if case is None else case.court
    earliest = FIRST_FILING if case is None else case.filed
    received = next_workday(min(LAST_FILING, earliest + 30 + int(rng.random() * 400)))
    record: Record = {
        "record_type": "petition",
        "id": f"({date.fromordinal(received).year}){court}执访{number + 1}号",
        "known_until": iso(DOCKET_DAY),
        "matters": list(MATTERS_RAISED.pick(rng)),
    }
    file = opened(rng, record, court, received)
    file.by = file.officer(TEAM_LEADER, TEAM_LEADER + 3)
    _course(file, "" if case is None else case.id)
    return written(file)


def _course(file: File, case: str) -> None:
    """Write a petition from its receipt to the answer."""
    got = file.add(file.office(file.filed), "petition_received", form=FORMS.pick(file.rng))
    if not file.hit(LEFT_UNDONE):
        wait = file.between(30, 150) if file.hit(LATE_ACT) else file.between(1, 20)
        file.add(got + wait * HOUR, "petition_handling_started")
    entered = file.reply(got, 5, "petition_registered")
    if entered is not None and file.hit(TWICE):
        file.add(file.after(entered, 1, 20), "petition_registered")
    if case and file.hit(ERROR_FOUND):
        found = file.add(file.after(got, 3, 15), "petition_error_found", case_id=case)
        file.reply(found, 15, "petition_error_corrected", case_id=case)
    concluded = file.reply(got, 30, "petition_concluded")
    if concluded is None:
        return
    matters = file.record["matters"][file.hit(DEFECT) :]
    told = file.reply(concluded, 5, "petition_result_fed_back", matters=matters, form="书面")
    if told is not None and len(matters) < len(file.record["matters"]) and file.hit(0.5):
        file.add(told + 3 * DAY, "petition_result_fed_back", matters=list(file.record["matters"]), form="电话")
