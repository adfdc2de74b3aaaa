"""Officers: posts and how long they last, training, leave, promotion, and what was found about them."""

from collections.abc import Callable

from validator.sample.chance import Record, chance, odds
from validator.sample.days import DAY, DOCKET_DAY, FIRST_POST, IN_FORCE, iso, next_workday
from validator.sample.figures import DEFECT, LATE_ACT
from validator.sample.file import File, opened, written
from validator.sample.universe import CHIEF, COURTS, DEPUTY_CHIEF, POSTS, PRESIDENT, officer_id, superior

# All shares of this module are guesses.
YEARS_IN_POST = odds((1, 15), (2, 20), (4, 35), (5, 12), (6, 10), (9, 5), (12, 3))
DEPARTMENTS = odds(("enforcement", 92), ("finance", 3), ("filing", 3), ("supervision", 2))
FORBIDDEN = odds(
    ("bad_work_style", 30),
    ("three_rules_breach", 15),
    ("improper_contact", 15),
    ("case_interference", 10),
    ("order_defiance", 15),
    ("abuse_for_gain", 10),
    ("other_corrupt_conduct", 5),
)
YEAR = 365


def officer(seed: int, code: str, number: int) -> Record:
    """Return officer ``number`` of a court as told in docket ``seed``."""
    post, _, judge = POSTS[number - 1]
    rng = chance(seed, officer_id(code, number))
    record: Record = {
        "record_type": "officer",
        "id": officer_id(code, number),
        "court_id": code,
        "department": "enforcement" if number <= CHIEF else DEPARTMENTS.pick(rng),
        "is_judge": judge and rng.random() >= DEFECT,
        "established_post": rng.random() >= DEFECT,
        "leave_entitlement_days": (5, 10, 15)[int(rng.random() * 3)],
        "known_until": iso(DOCKET_DAY),
    }
    latest = IN_FORCE - 3 * YEAR if number <= DEPUTY_CHIEF else DOCKET_DAY - 400
    joined = next_workday(FIRST_POST + 30 + int(rng.random() * (latest - FIRST_POST)))
    file = opened(rng, record, code, joined)
    file.by = officer_id(code, PRESIDENT)
    start = _entry(file)
    last = _posts(file, start, number)
    _training(file, start)
    _leave(file, start)
    if post == "bureau_chief":
        _duty_reports(file, last)
    for share, write in EVENTS_OF_A_LIFE:
        if file.hit(share):
            write(file, max(start, IN_FORCE * DAY))
    return written(file)


def _entry(file: File) -> int:
    """Write that an officer joins, after an assessment as a rule; return when."""
    joined = file.office(file.filed)
    if not file.hit(DEFECT):
        file.add(joined - file.between(5, 40) * DAY, "entry_assessed", passed=not file.hit(DEFECT))
    return file.add(joined, "officer_joined_enforcement")


def _posts(file: File, start: int, number: int) -> int:
    """Write the posts held so far, the last of them the one that the officer has now; return when that began."""
    post, category, _ = POSTS[number - 1]
    when = start
    before = ("judge", "independent_handler") if category == "leader" else ("clerk", "other")
    while file.hit(0.85) and when // DAY + 6 * YEAR < DOCKET_DAY:
        days = YEARS_IN_POST.pick(file.rng) * YEAR + file.between(-200, 120)
        over = when + days * DAY
        if over // DAY >= DOCKET_DAY:
            break
        file.add(when, "position_started", position=before[0], position_category=before[1])
        file.add(over, "position_ended", position=before[0], reason="交流轮岗")
        when = over + DAY
    told = {"position": post, "position_category": category}
    if file.hit(0.1) and category == "independent_handler":
        told["position_category"] = "other"
        changed = when + file.between(200, 900) * DAY
        values = {"position": post, "from_value": "other", "to_value": category}
        file.add(changed, "position_category_changed", **values)
    return file.add(when, "position_started", **told)


def _training(file: File, start: int) -> None:
    """Write the rounds of training, with the practical test as a rule."""
    for year in ("2022", "2023", "2024"):
        day = next_workday(file.between(0, 300) + (int(year) - 2022) * YEAR + IN_FORCE + 30)
        if day * DAY < start or file.hit(3 * DEFECT):
            continue
        done = file.add(file.office(day), "training_completed", round=year, training_class="执行业务")
        if not file.hit(3 * DEFECT):
            result = "failed" if file.hit(DEFECT) else "passed"
            file.add(file.after(done, 0, 20), "practical_test_taken", round=year, result=result)


def _leave(file: File, start: int) -> None:
    """Write the leave taken year by year, now and then none."""
    day = max(start // DAY, IN_FORCE) + file.between(30, 250)
    while day < DOCKET_DAY:
        if not file.hit(LATE_ACT):
            days = file.between(1, file.record["leave_entitlement_days"])
            file.add(file.office(next_workday(day)), "leave_taken", days=days, kind="annual")
        day += file.between(200, 360)


def _duty_reports(file: File, start: int) -> None:
    """Write that a bureau chief reports to the superior court, twice a year as a rule."""
    above = superior(file.court)
    day = max(start // DAY, IN_FORCE) + file.between(60, 180)
    while above is not None and day < DOCKET_DAY:
        to = file.court if file.hit(DEFECT) else above
        file.add(file.office(next_workday(day)), "duty_report_made", to_court_id=to)
        day += file.between(150, 220) * (2 if file.hit(LATE_ACT) else 1)


def _moment(file: File, start: int) -> int:
    """Return a moment after ``start``, at the latest some months before the export."""
    first = start // DAY + 20
    return file.office(next_workday(file.between(first, max(first, DOCKET_DAY - 150))))


def _seconded(file: File, start: int) -> None:
    """Write a secondment to the court above or below; now and then to another one."""
    lower = [court.code for court in COURTS if court.superior == file.court]
    above = superior(file.court)
    to = lower[0] if lower and file.hit(0.5) else above or COURTS[0].superior
    if file.hit(3 * DEFECT):
        to = next(court.superior for court in COURTS if court.superior not in {above, file.court})
    file.add(_moment(file, start), "secondment_started", to_court_id=to)


def _outstanding(file: File, start: int) -> None:
    """Write that good work was recognised and rewarded, or why not."""
    when = file.add(_moment(file, start), "outstanding_performance_recognised", found_by=superior(file.court) or "党组")
    if file.hit(0.6):
        file.reply(when, 60, "officer_promoted")
    else:
        file.reply(when, 60, "promotion_declined_recorded", reason="任职年限未满")


def _unfit(file: File, start: int) -> None:
    """Write that an officer is found unfit and transferred."""
    when = file.add(_moment(file, start), "officer_found_unfit", found_by=file.by)
    file.reply(when, 20, "officer_transferred")


def _incompetent(file: File, start: int) -> None:
    """Write that the removal of a leader is recommended, found incompetent before as a rule."""
    when = _moment(file, start)
    if not file.hit(3 * DEFECT):
        file.add(when - 20 * DAY, "head_found_incompetent", found_by=superior(file.court) or file.court)
    file.add(when, "removal_recommended", kind="adjust", by_court_id=superior(file.court) or file.court)


def _violated(file: File, start: int) -> None:
    """Write that a violation was confirmed, the officer heard before as a rule, and dealt with."""
    when = _moment(file, start)
    if not file.hit(3 * DEFECT):
        file.add(when - 3 * DAY, "officer_heard")
    found = {"violation_type": FORBIDDEN.pick(file.rng), "violation_id": "v1", "found_by": "督察部门"}
    file.add(when, "violation_confirmed", **found)
    if not file.hit(2 * DEFECT):
        file.add(file.after(when, 5, 40), "violation_handled", result="警告", violation_id="v1")


def _cleared(file: File, start: int) -> None:
    """Write that a suspicion was refuted and the name cleared."""
    when = file.add(_moment(file, start), "violation_cleared")
    if not file.hit(3 * DEFECT):
        file.add(file.after(when, 2, 20), "clearing_notice_issued")


EVENTS_OF_A_LIFE: tuple[tuple[float, Callable[[File, int], None]], ...] = (
    (0.1, _seconded),
    (0.1, _outstanding),
    (0.05, _unfit),
    (0.05, _incompetent),
    (0.08, _violated),
    (0.06, _cleared),
)
"""How often each happens to an officer, and how it is written."""
