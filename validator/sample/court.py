"""Courts: rules, system, staff, fund ledger, and what was held, reported and answered."""

from collections.abc import Callable
from decimal import Decimal

from validator.sample.chance import Record, chance, odds
from validator.sample.days import DAY, DOCKET_DAY, HOUR, IN_FORCE, REPORTED_SINCE, iso, next_workday
from validator.sample.figures import DEFECT, FORMALITIES, LATE_ACT, LEFT_UNDONE, QUERY_TYPES
from validator.sample.file import File, opened, written
from validator.sample.money import claim, yuan
from validator.sample.universe import (
    CHIEF,
    COURTS,
    DEPUTY_CHIEF,
    PRESIDENT,
    TEAM_LEADER,
    VICE_PRESIDENT,
    case_of_court,
    level,
    officer_id,
    superior,
)

# All shares and figures of this module are guesses, but for the caseloads of big and small courts (stated in `COURTS`).
INSTRUMENTS = (
    "report_system",
    "source_governance_mechanism",
    "integrity_responsibility_document",
    "state_compensation_mechanism",
    "dual_management_mechanism",
    "dedicated_supervision_rules",
    "professional_judges_meeting_rules",
    "adjudication_committee_rules",
    "deliberation_linkage_rules",
    "power_responsibility_list",
    "four_category_rules",
    "disclosure_platform",
    "auction_auxiliary_rules",
    "auction_auxiliary_list",
    "dedicated_fund_account",
    "fund_management_rules",
    "credit_repair_mechanism",
    "grace_period_rules",
    "unified_three_mechanism",
    "supervision_responsibility_map",
    "matter_entrustment_mechanism",
    "petition_unified_mechanism",
    "dual_check_rules",
    "joint_meeting_mechanism",
    "duty_protection_mechanism",
    "npc_suggestion_mechanism",
    "procuratorate_cooperation_mechanism",
    "procuratorate_info_sharing",
    "staffing_adjustment_mechanism",
    "entry_standards",
    "training_assessment_mechanism",
    "training_duties",
    "secondment_scheme",
    "integrity_risk_system",
    "rotation_mechanism",
    "survivor_benefit_policy",
    "paid_leave_mechanism",
    "shift_rest_mechanism",
    "psychological_support_mechanism",
)
INCOMPLETE = 0.3
"""Courts whose record says that there may have been more."""
IN_PLACE = 0.93
"""Rules and features that a court has."""
FEATURES = (
    "visual_monitoring",
    "e_file_generation",
    "info_backfill",
    "doc_generation",
    "node_reminder",
    "auto_disclosure",
    "risk_warning",
    "violation_interception",
    "list_embedded",
    "account_system_link",
    "multi_level_node_control",
    "procuratorate_platform_link",
)
ALL_PLATFORMS = ("taobao", "jd", "rmfysszc", "gpai", "caa123", "icbc_mall", "cbex")
CHECKLIST = ("online_query", "property_report", "field_investigation", "lead_verification")
POWERS = (("提级执行", "执行局长"), ("案款发放", "分管副局长"), ("终本审批", "合议庭"), ("失信名单审批", "执行局长"))
TOPICS = {
    "theory_study": 90,
    "ideals_education": 150,
    "purpose_education": 150,
    "discipline_education": 150,
    "warning_education": 120,
    "integrity_work_study": 150,
    "responsibility_assessment": 330,
    "category_assessment": 330,
    "live_broadcast": 240,
    "joint_meeting": 120,
    "case_consultation": 120,
    "judicial_inspection": 300,
    "special_inspection": 300,
    "conduct_supervision": 180,
    "npc_report": 330,
    "staffing_check": 330,
    "training": 160,
    "rectification_campaign": 330,
}
"""Days from one activity to the next, before a spread of 70 to 120 per cent."""
CHECK_EVERY = odds((5, 60), (14, 25), (30, 15))
CHECKED_NODES = ("property_control", "payout", "pro_tem_termination")
ADOPTED = (
    "power_responsibility_list",
    "fund_management_rules",
    "training_assessment_mechanism",
    "dedicated_supervision_rules",
    "dual_leadership_pilot",
)
STAFF_TOTAL = {"basic": (90, 260), "intermediate": (150, 320), "high": (300, 500), "supreme": (900, 900)}
FUND_ITEMS = (3, 8)


def court(seed: int, code: str) -> Record:
    """Return a court as it stands in docket ``seed``."""
    rng = chance(seed, code)
    rank = level(code)
    record: Record = {
        "record_type": "court",
        "id": code,
        "level": rank,
        "superior_court_id": superior(code),
        "since": iso(REPORTED_SINCE),
        "known_until": iso(DOCKET_DAY),
        "timeline": "partial" if rng.random() < INCOMPLETE else "complete",
    }
    if superior(code) is None:
        del record["superior_court_id"]
    file = opened(rng, record, code, REPORTED_SINCE)
    file.by = officer_id(code, DEPUTY_CHIEF)
    _equipment(file, rank)
    _people(file)
    _staffing(file, rank)
    _activities(file, seed)
    _checks(file)
    for share, write in MATTERS_OF_A_COURT:
        if file.hit(share):
            write(file)
    if rank == "intermediate":
        _for_lower_courts(file)
    if rank == "basic":
        _ledger(file, seed)
    return written(file)


def _some(file: File, names: tuple[str, ...], share: float = IN_PLACE) -> list[str]:
    """Return most of the names."""
    return [name for name in names if file.hit(share)]


def _moment(file: File) -> int:
    """Return a moment within the span of the record, some months before its end."""
    return file.office(next_workday(file.between(REPORTED_SINCE + 10, DOCKET_DAY - 100)))


def _equipment(file: File, rank: str) -> None:
    """Write the rules in place, the features of the system, lists and accounts."""
    record = file.record
    since = REPORTED_SINCE * DAY
    division = rank != "basic" or file.hit(0.2)
    record["has_adjudication_division"] = division
    if division:
        record["adjudication_division_conditions_met"] = file.signed(not file.hit(3 * DEFECT), since)
    record["instruments"] = file.signed(_some(file, INSTRUMENTS), since)
    record["system_features"] = file.signed(_some(file, FEATURES), since)
    record["available_query_types"] = list(QUERY_TYPES)
    platforms = list(ALL_PLATFORMS) if file.hit(0.8) else list(ALL_PLATFORMS[:5])
    record["allowed_platforms"] = file.signed(platforms, since)
    record["investigation_checklist"] = list(CHECKLIST)
    record["payout_checklist"] = list(FORMALITIES)
    record["fund_account"] = "" if file.hit(DEFECT) else f"户{file.court}"
    record["power_list"] = [
        {"matter": matter, "role": role, "approval_levels": ["team_leader", "bureau_chief"]} for matter, role in POWERS
    ]
    if rank == "high":
        record["auxiliary_agency_list"] = [f"辅{number:02}" for number in range(1, 7)]


def _people(file: File) -> None:
    """Write who is responsible for what: the president, the portfolios, the dedicated supervisors."""
    since = REPORTED_SINCE * DAY
    leaders = [PRESIDENT, VICE_PRESIDENT, CHIEF][file.hit(3 * DEFECT) :]
    first = file.officer(VICE_PRESIDENT if file.hit(2 * DEFECT) else PRESIDENT)
    file.record["first_responsible_officer_id"] = file.signed(first, since)
    portfolios = [{"officer_id": file.officer(number), "portfolio": f"分工{number}"} for number in leaders]
    file.record["portfolios"] = file.signed(portfolios, since)
    supervisors = [] if file.hit(DEFECT) else [file.officer(DEPUTY_CHIEF), file.officer(TEAM_LEADER)]
    file.record["supervisor_ids"] = file.signed(supervisors, since)
    for number in (DEPUTY_CHIEF, TEAM_LEADER):
        start = file.office(next_workday(REPORTED_SINCE + file.between(0, 20)))
        file.add(start, "supervisor_appointed", officer_id=file.officer(number), until="2025-12-31")


def _staffing(file: File, rank: str) -> None:
    """Write how many serve and how much they have to do, year by year."""
    share = next((court.share for court in COURTS if court.code == file.court), 8)
    staff = file.between(*STAFF_TOTAL[rank])
    enforcement = max(3, staff * file.between(9, 19) // 100)
    years = ("2022-01-01", "2023-01-01", "2024-01-01", "2025-01-01")
    load = [2500 * share * (100 + 4 * k) // 100 for k in range(len(years))]
    record = file.record
    record["total_staff_count"] = [{"from": year, "value": staff + k} for k, year in enumerate(years)]
    record["enforcement_staff_count"] = [{"from": year, "value": enforcement + k} for k, year in enumerate(years)]
    # Written as a text of four digits, so that no binary fraction comes in.
    thousands = enforcement * 10_000 // staff
    record["enforcement_staff_ratio"] = Decimal(f"0.{thousands:04}")
    record["enforcement_judge_count"] = max(1, enforcement // 3)
    pairs = zip(years, load, strict=True)
    record["annual_enforcement_caseload"] = [{"from": year, "value": value} for year, value in pairs]
    record["pro_tem_stock"] = load[0] * file.between(80, 300) // 100


def _activities(file: File, seed: int) -> None:
    """Write the activities of a court: most come round in time, some late, a few not at all."""
    end = DOCKET_DAY
    for topic, gap in TOPICS.items():
        if file.hit(LEFT_UNDONE * 3):
            continue
        day = REPORTED_SINCE + file.between(5, gap)
        while day < end:
            when = file.office(next_workday(day))
            file.add(when, "activity_held", topic=topic, **_particulars(file, topic, seed, day))
            day += gap * file.between(70, 120) // 100 * (2 if file.hit(LATE_ACT) else 1)


def _particulars(file: File, topic: str, seed: int, day: int) -> Record:
    """Return what else is told of an activity."""
    if topic == "judicial_inspection":
        return {"scope": "other" if file.hit(4 * DEFECT) else "enforcement"}
    if topic == "case_consultation":
        case = case_of_court(seed, file.court, file.rng, day)
        return {"case_ids": [] if case is None or file.hit(DEFECT) else [case.id]}
    if topic == "training":
        return {"scope": "2024", "attendee_ids": [file.officer(number) for number in (TEAM_LEADER, TEAM_LEADER + 1)]}
    return {}


def _checks(file: File) -> None:
    """Write the routine checks of the dedicated supervisors."""
    gap = CHECK_EVERY.pick(file.rng)
    for node in CHECKED_NODES:
        day = REPORTED_SINCE + file.between(1, gap)
        while day < DOCKET_DAY:
            by = file.officer(VICE_PRESIDENT) if file.hit(DEFECT) else file.officer(DEPUTY_CHIEF, TEAM_LEADER)
            if not file.hit(LATE_ACT):
                file.add(file.office(next_workday(day)), "routine_check_done", node=node, by=by)
            day += gap
    if file.hit(0.5):
        file.add(_moment(file), "superior_check_done", by_court_id=superior(file.court) or file.court)


def _pair(name: str, answer: str, key: str, days: int) -> Callable[[File], None]:
    """Return what writes that something comes in and is answered under the same number."""

    def write(file: File) -> None:
        for number in range(1, file.between(1, 2) + 1):
            names = {key: f"{key[0]}{number}"}
            file.reply(file.add(_moment(file), name, **names), days, answer, **names)

    return write


def _adopted(file: File) -> None:
    """Write when rules were adopted, with the document that holds them."""
    names = [*ADOPTED, "auction_auxiliary_rules"] if len(file.court) == 1 else list(ADOPTED)
    for name in names:
        if not file.hit(0.4) or (name == "dual_leadership_pilot" and not file.hit(0.3)):
            continue
        when = _moment(file)
        contents = ["special_management", "independent_accounting", "dedicated_disbursement"]
        refers = {}
        if name == "fund_management_rules":
            paper = file.next_id("documents", "n")
            told = contents[file.hit(3 * DEFECT) :]
            refers["document"] = file.keep("documents", {"id": paper, "type": "plan", "contents": told})["id"]
        file.add(when, "instrument_adopted", instrument=name, **refers)


def _reported(file: File) -> None:
    """Write that an important matter arose and was reported to both sides."""
    arose = file.add(_moment(file), "important_matter_arose", matter_id="z1")
    for to in ("superior_party_group", "local_party_committee"):
        if not file.hit(2 * DEFECT):
            file.add(file.after(arose, 1, 10), "matter_reported_up", matter_id="z1", to=to)


def _suggestion(file: File) -> None:
    """Write that a deputy makes a suggestion, and what becomes of it."""
    names = {"suggestion_id": "j1"}
    got = file.add(_moment(file), "npc_suggestion_received", **names)
    file.reply(got, 10, "npc_suggestion_discussed", **names)
    replied = file.reply(got, 60, "npc_suggestion_replied", **names)
    if replied is not None and not file.hit(2 * DEFECT):
        file.add(file.after(replied, 10, 90), "npc_suggestion_implemented", **names)


def _vacancy(file: File) -> None:
    """Write that the post of bureau chief is vacant and filled again."""
    vacant = file.add(_moment(file), "bureau_chief_vacant")
    file.reply(vacant, 60, "bureau_chief_appointed", officer_id=file.officer(CHIEF))


def _round(file: File) -> None:
    """Write that a round of training begins."""
    start = file.office(next_workday(DOCKET_DAY - file.between(250, 350)))
    file.add(start, "training_round_opened", round="2024", until="2024-12-31")


def _violation(file: File) -> None:
    """Write that the court itself was found to protect local interests."""
    found = {"violation_type": "local_protectionism", "court_id": file.court, "violation_id": "g1"}
    file.add(_moment(file), "violation_confirmed", found_by=superior(file.court) or file.court, **found)


MATTERS_OF_A_COURT: tuple[tuple[float, Callable[[File], None]], ...] = (
    (1.0, _adopted),
    (0.6, _reported),
    (0.6, _pair("loophole_identified", "loophole_closed", "loophole_id", 20)),
    (0.6, _pair("npc_activity_notified", "npc_activity_supported", "activity_id", 30)),
    (0.5, _pair("npc_opinion_received", "improvement_made", "opinion_id", 30)),
    (0.6, _suggestion),
    (0.25, _vacancy),
    (0.7, _round),
    (0.05, _violation),
)
"""How often each comes up in a court, and how it is written."""


def _for_lower_courts(file: File) -> None:
    """Write what an intermediate court does for those under it."""
    lower = [court.code for court in COURTS if court.superior == file.court]
    day = REPORTED_SINCE + file.between(10, 180)
    while day < DOCKET_DAY:
        assessed = {"topic": "lower_court_assessment", "court_ids": lower}
        file.add(file.office(next_workday(day)), "activity_held", **assessed)
        day += file.between(150, 220)
    other = next(court.code for court in COURTS if court.superior != file.court)
    to = other if file.hit(3 * DEFECT) else lower[0]
    file.add(_moment(file), "resources_allocated", by_court_id=file.court, to_court_id=to)


def _ledger(file: File, seed: int) -> None:
    """Write the fund ledger: old items and new ones, each with its case as a rule, and payouts from the account."""
    account = f"户{file.court}"
    for number in range(1, file.between(*FUND_ITEMS) + 1):
        name = f"k{number}"
        historical = number == 1 or file.hit(0.2)
        arrived = (IN_FORCE - file.between(30, 400)) * DAY + 10 * HOUR if historical else _moment(file)
        file.keep("fund_items", {"id": name, "historical": historical, "received_on": iso(arrived // DAY)})
        amount = yuan(claim(file.rng) // 10 + 100)
        case = case_of_court(seed, file.court, file.rng, arrived // DAY)
        known = {"case_id": case.id} if case is not None and file.hit(0.6) else {}
        file.add(arrived, "funds_arrived", fund_item=name, amount=amount, account=account, **known)
        if case is None or file.hit(2 * DEFECT):
            continue
        file.record["fund_items"][-1]["matched_case_id"] = case.id
        if historical or not known:
            due = IN_FORCE + 20 if historical else arrived // DAY + 20
            identified = file.answer(max(arrived, due * DAY - 30 * DAY), next_workday(due))
            if identified is not None:
                file.add(identified, "fund_item_identified", fund_item=name, case_id=case.id)
        paid = file.after(max(arrived, REPORTED_SINCE * DAY), 10, 60)
        names = {} if file.hit(DEFECT) else {"case_id": case.id}
        file.add(paid, "payment_disbursed", amount=amount, from_account=account, **names)
