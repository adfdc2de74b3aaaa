"""Oversight: corrections from above, passive enforcement, dual checks, complaints, clues, exposures, inspections."""

from collections.abc import Callable
from datetime import date
from random import Random

from validator.sample.chance import Record, odds
from validator.sample.days import (
    DAY,
    DOCKET_DAY,
    FIRST_FILING,
    HOUR,
    IN_FORCE,
    LAST_FILING,
    iso,
    next_workday,
)
from validator.sample.figures import DEFECT
from validator.sample.file import File, opened, written
from validator.sample.universe import (
    COURTS,
    PRESIDENT,
    TEAM_LEADER,
    court_of,
    earlier_case,
    officer_id,
    superior,
)

# All shares of this module are guesses.
TYPES = odds(
    ("superior_correction", 20),
    ("passive_enforcement", 20),
    ("dual_check", 15),
    ("complaint", 15),
    ("discipline_clue", 10),
    ("media_exposure", 10),
    ("inspection", 10),
)
SOURCES = odds(("clue", 25), ("petition", 30), ("public_opinion", 10), ("inspection", 15), ("superior_court", 20))
MEASURES = odds(("urge", 55), ("take_over", 15), ("designate_other_court", 30))
VIOLATIONS = odds(
    ("passive_enforcement", 25),
    ("selective_enforcement", 10),
    ("unlawful_enforcement", 10),
    ("disorderly_enforcement", 10),
    ("formalism", 10),
    ("falsification", 8),
    ("supervision_dereliction", 8),
    ("corruption", 12),
    ("other_enforcement_misconduct", 7),
)
FINDING_COUNTS = odds((1, 30), (2, 40), (3, 30))


def oversight(rng: Random, number: int, seed: int) -> Record:
    """Return oversight matter ``number``, about an earlier case of the docket and its court."""
    case = earlier_case(seed, number, rng)
    court = court_of(number) if case is None else case.court
    earliest = max(FIRST_FILING, IN_FORCE - 200) if case is None else case.filed
    opened_on = next_workday(min(LAST_FILING, earliest + 20 + int(rng.random() * 200)))
    kind = TYPES.pick(rng)
    record: Record = {
        "record_type": "oversight",
        "id": f"({date.fromordinal(opened_on).year}){court}督{number + 1}号",
        "type": kind,
        "source": SOURCES.pick(rng),
        "known_until": iso(DOCKET_DAY),
        "target_court_id": court,
    }
    if case is not None:
        record["target_case_id"] = case.id
    file = opened(rng, record, court, opened_on)
    file.by = officer_id(superior(court) or court, TEAM_LEADER)
    COURSES[kind](file, "" if case is None else case.id)
    return written(file)


def _start(file: File) -> int:
    """Return the moment at which the matter begins."""
    return file.office(file.filed)


def _suspect(file: File) -> str:
    """Return the officer whom the matter is about."""
    return file.officer(TEAM_LEADER, TEAM_LEADER + 5)


def _correction(file: File, _case: str) -> None:
    """Write that the superior court finds a wrong ruling: letter, self-correction or reply, or its own ruling."""
    names = {"error_id": "c1"}
    found = file.add(_start(file), "error_found_by_superior", **names)
    if file.hit(0.2):
        file.reply(found, 20, "correction_ruling_issued", **names)
        return
    sent = file.reply(found, 20, "correction_letter_sent", to_court_id=file.court, **names)
    if sent is None:
        return
    if file.hit(0.6):
        answered = file.reply(sent, 15, "self_correction_made", **names)
    else:
        reasons = {"reasons": "原裁定认定事实清楚"} if not file.hit(3 * DEFECT) else {}
        answered = file.reply(sent, 15, "correction_reply_received", **names, **reasons)
    if answered is None or file.hit(3 * DEFECT):
        file.add(file.after(sent, 30, 90), "correction_ruling_issued", **names)


def _passive(file: File, case: str) -> None:
    """Write that passive enforcement or a hard case is noticed and what the superior court does about it."""
    about = {"case_id": case} if case else {}
    if file.hit(0.7):
        found = file.add(_start(file), "passive_enforcement_found", basis="超期未采取执行措施", **about)
    else:
        found = file.add(_start(file), "hard_case_reported", **about)
    kind = MEASURES.pick(file.rng)
    reasons = {"reasons": "原执行法院长期未执行"} if not file.hit(3 * DEFECT) else {}
    others = [court.code for court in COURTS if court.code != file.court]
    to = others[file.between(0, len(others) - 1)] if kind == "designate_other_court" else file.court
    file.reply(found, 10, "supervision_measure_taken", kind=kind, to_court_id=to, **about, **reasons)


def _dual_check(file: File, _case: str) -> None:
    """Write both checks of a matter, begun together as a rule, and what they show."""
    file.record["fairly_serious"] = file.signed(file.hit(0.5), file.filed * DAY)
    case_check = file.add(_start(file), "case_check_started")
    if not file.hit(3 * DEFECT):
        file.add(case_check + file.between(0, 3) * DAY, "conduct_check_started")
    _confirmed(file, file.after(case_check, 15, 60), _suspect(file))


def _confirmed(file: File, when: int, suspect: str) -> None:
    """Write that a suspicion is confirmed or not, and what follows."""
    officer = {"officer_id": suspect}
    if file.hit(0.4):
        file.add(when, "violation_cleared", **officer)
        if not file.hit(3 * DEFECT):
            file.add(file.after(when, 3, 20), "clearing_notice_issued", **officer)
        return
    kind = VIOLATIONS.pick(file.rng)
    names = {"violation_id": "v1"}
    heard = file.add(when - 2 * DAY, "officer_heard", **officer)
    found_by = officer_id(file.court, PRESIDENT)
    file.add(max(when, heard), "violation_confirmed", violation_type=kind, found_by=found_by, **officer, **names)
    if not file.hit(2 * DEFECT):
        file.add(file.after(when, 5, 40), "violation_handled", result="诫勉谈话", **names)
    if kind == "corruption" and not file.hit(3 * DEFECT):
        file.add(file.after(when, 1, 10), "clue_referred_to_discipline", clue_id="x2")


def _complaint(file: File, _case: str) -> None:
    """Write a complaint, its way between the departments, and what came of it."""
    supervision = file.hit(0.5)
    department = "supervision" if supervision else "enforcement"
    file.record["fairly_serious"] = file.signed(file.hit(0.6), file.filed * DAY)
    got = file.add(_start(file), "complaint_received", source="12368", department=department)
    if supervision:
        file.reply(got, 5, "referred_to_enforcement_dept")
    suspected = file.after(got, 3, 20)
    suspect = _suspect(file)
    file.add(suspected, "violation_suspected", officer_id=suspect, department=department)
    if supervision:
        _confirmed(file, file.after(suspected, 10, 60), suspect)
        return
    transfer = file.hit(0.5)
    result = "transfer" if transfer else "no_transfer"
    consulted = file.reply(suspected, 5, "consulted_with_supervision_dept", result=result)
    if consulted is not None and transfer:
        file.reply(consulted, 5, "referred_to_supervision_dept")
        _confirmed(file, file.after(consulted, 15, 60), suspect)


def _clue(file: File, _case: str) -> None:
    """Write a clue to a violation of discipline: transfer to the discipline authorities and their request for data."""
    found = file.add(_start(file), "clue_found", clue_id="x1")
    file.reply(found, 10, "clue_referred_to_discipline", clue_id="x1")
    if file.hit(0.6):
        got = file.add(file.after(found, 10, 40), "data_request_received", request_no="调1")
        file.reply(got, 5, "data_provided", request_no="调1")
    _confirmed(file, file.after(found, 30, 120), _suspect(file))


def _exposure(file: File, _case: str) -> None:
    """Write that the media report a problem: verification, correction, answer to the public."""
    names = {"exposure_id": "m1"}
    noticed = file.add(_start(file), "media_exposure_noticed", **names)
    true = file.hit(0.6)
    verified = file.reply(noticed, 5, "exposure_verified", result=true, **names)
    if verified is not None and true:
        file.reply(verified, 10, "exposure_corrected", **names)
    file.reply(noticed, 7, "public_response_made", **names)


def _inspection(file: File, case: str) -> None:
    """Write what an inspection found, the plans, and how it was put right."""
    start = _start(file)
    for number in range(1, FINDING_COUNTS.pick(file.rng) + 1):
        name = f"f{number}"
        finding: Record = {"id": name}
        if case:
            finding["case_id"] = case
        file.keep("findings", finding)
        recorded = file.add(start + number * HOUR, "finding_recorded", finding=name)
        planned = file.reply(recorded, 10, "rectification_plan_set", finding=name)
        if planned is None:
            continue
        finding["rectification_measures"] = "补录节点信息，逐案核对案款"
        deadline = next_workday(planned // DAY + file.between(30, 60))
        finding["rectification_deadline"] = iso(deadline)
        rectified = file.answer(planned, deadline)
        if rectified is not None:
            file.add(rectified, "rectified", finding=name)
            file.reply(rectified, 10, "finding_closed", finding=name, closed_by=file.by)


COURSES: dict[str, Callable[[File, str], None]] = {
    "superior_correction": _correction,
    "passive_enforcement": _passive,
    "dual_check": _dual_check,
    "complaint": _complaint,
    "discipline_clue": _clue,
    "media_exposure": _exposure,
    "inspection": _inspection,
}
