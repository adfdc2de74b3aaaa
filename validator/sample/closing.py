"""How enforcement ends, and what interrupts it."""

from validator.sample.chance import Record
from validator.sample.credit import lift
from validator.sample.days import DAY, DOCKET_DAY, HOUR, MINUTE, OPENING, in_working_days, iso, next_workday
from validator.sample.figures import (
    CHECKED_BEFORE,
    CLAIM_REDUCED,
    COURT_CHANGE,
    DEFECT,
    FRESH_QUERY,
    LATE_ACT,
    NEVER_CLOSED,
    NOT_SALEABLE,
    OCCASIONS,
    PANEL,
    PRO_TEM_REST,
    QUERY_SYSTEMS,
    QUERY_TYPES,
    REALLY_URGENT,
    URGENT_LIFTING,
    WEAK_SECURITY,
)
from validator.sample.file import File
from validator.sample.money import yuan
from validator.sample.practice import asked, decide, issue, last_request, parties, publish, push, remind
from validator.sample.universe import COURTS, superior

INVESTIGATIONS = ("online_query", "property_report", "field_investigation", "lead_verification")


def end(file: File, last: int, how: str, measures: list[Record]) -> None:
    """Write the end of a case: performance and lifting, closing, and what follows it."""
    restrictions = [measure for measure in measures if measure["type"] == "consumption_restriction"]
    occasion = OCCASIONS.pick(file.rng)
    if restrictions and occasion == "security":
        given = file.add(file.after(last, 1, 9), "security_provided", effective=not file.hit(WEAK_SECURITY))
        if file.hit(0.5):
            given = file.add(file.after(given, 1, 5), "security_examined", effective=True)
        remind(file, "A23.6", given, in_working_days(given, 3))
        lift(file, given, restrictions[:1], 3)
    if restrictions and occasion == "consent":
        given = file.add(file.after(last, 1, 9), "applicant_consented", to="lift_restriction", party="s1")
        remind(file, "A23.7", given, in_working_days(given, 3))
        lift(file, given, restrictions, 3)
    if file.hit(NEVER_CLOSED):
        return
    if how == "terminated_pro_tem":
        _pro_tem(file, max(last, (file.filed + PRO_TEM_REST) * DAY))
    elif how == "terminated":
        if file.hit(0.3):
            last = file.add(file.after(last, 0, 5), "application_withdrawn", form="书面", witness="")
        closed = file.add(file.after(last, 1, 30), "case_closed", closing_method="terminated")
        lift(file, closed, restrictions, 20)
    else:
        _performed(file, last, restrictions, measures)


def _performed(file: File, last: int, restrictions: list[Record], measures: list[Record]) -> None:
    """Write full performance, the lifting of restrictions, the closing and the repair of credit."""
    performed = file.add(file.after(last, 0, 2), "debtor_fully_performed")
    if restrictions and file.hit(URGENT_LIFTING):
        urgent = file.judged(file.hit(REALLY_URGENT), performed, "d1")
        request = {"type": "urgent_lifting", "by_role": "debtor", "measure_id": restrictions[0]["id"], "urgent": urgent}
        asked(file, file.after(performed, 0, 1), request)
    if restrictions:
        remind(file, "A23.4", performed, in_working_days(performed, 3))
    lift(file, performed, restrictions, 3)
    delivered = {event["asset"] for _, event in file.moments("asset_delivered")}
    held = [event["asset"] for _, event in file.moments("asset_controlled")]
    for asset in held:
        if asset not in delivered and not file.hit(DEFECT):
            released = file.after(performed, 0, 8)
            file.add(released, "asset_released", asset=asset, scope="whole", ground="performance")
    closed = file.add(file.after(performed, 1, 12), "case_closed", closing_method="fully_enforced")
    push(file, closed, "closing")
    for measure in measures:
        if measure["type"] == "dishonesty_listing" and not file.hit(DEFECT):
            hidden = file.add(file.after(closed, 0, 5), "dishonesty_info_shielded", measure=measure["id"])
            file.add(file.after(hidden, 0, 5), "credit_agency_notified", measure=measure["id"])


def _pro_tem(file: File, last: int) -> None:
    """Write a closing pro tem with its ruling; what is still held can't be sold, as a rule."""
    when = file.after(last, 2, 40)
    file.record["executable_property"] = file.judged("none", when, "s1")
    ground = "no_property"
    for asset in file.record["assets"]:
        if not file.hit(DEFECT):
            asset["realizable"] = False
            asset["non_disposable_reason"] = NOT_SALEABLE.pick(file.rng)
            ground = "non_disposable_property"
        if asset.get("has_priority"):
            _ask_first_court(file, when, asset["id"])
    if file.hit(DEFECT):
        ground = "applicant_did_not_request_auction"
    _inquiries(file, last, when)
    if file.hit(0.1):
        decide(file, when - HOUR, "pro_tem_termination", panel=file.hit(PANEL))
    if not file.hit(DEFECT):
        ruling = {"id": "z1", "type": "pro_tem_termination_ruling", "in_e_file": True}
        issue(file, when - file.between(1, 40) * MINUTE, ruling, *parties(file))
        if file.publishes and not file.hit(DEFECT):
            file.add(file.after(when, 1, 10), "document_published", document="z1")
    file.add(when, "case_closed", closing_method="terminated_pro_tem", termination_ground=ground)
    publish(file, when, "pro_tem_cases", file.record["id"])
    if file.hit(0.06):
        _objection(file, when)


def _inquiries(file: File, last: int, when: int) -> None:
    """Write what was tried before a closing pro tem: the checklist, a fresh query, the applicant's word."""
    if file.hit(FRESH_QUERY):
        again = file.before(when, 3, 25)
        file.add(again, "online_query_initiated", systems=list(QUERY_SYSTEMS), asset_types=list(QUERY_TYPES))
        for party in file.record["parties"]:
            for system in QUERY_SYSTEMS if party["role"] == "debtor" else ():
                shown = {"executable": False, "system": system, "party": party["id"]}
                file.add(min(when, again + file.between(1, 40) * HOUR), "query_feedback_received", **shown)
    if file.hit(CHECKED_BEFORE):
        for kind in INVESTIGATIONS[file.hit(3 * DEFECT) :]:
            outcome = "not_applicable" if file.hit(0.2) else "done"
            measure = {"kind": kind, "outcome": outcome}
            file.add(min(when, file.after(last, 0, 2)), "investigation_measure_taken", **measure)
    if file.hit(0.15):
        file.add(file.before(when, 0, 3), "applicant_consented", to="pro_tem_termination", party="s1", form="笔录")


def _ask_first_court(file: File, when: int, asset: str) -> None:
    """Write that the court that seized first is asked to hand over the disposal, before a closing."""
    if file.hit(3 * DEFECT):
        return
    others = [court.code for court in COURTS if court.code != file.court]
    consulted = file.before(when, 10, 30)
    file.add(consulted, "first_seizing_court_consulted", asset=asset, court_id=others[file.between(0, len(others) - 1)])
    result = "refused" if file.hit(0.5) else "no_answer"
    file.add(consulted + 5 * DAY, "first_seizing_court_replied", asset=asset, result=result)


def _objection(file: File, closed: int) -> None:
    """Write an applicant's objection to a closing pro tem."""
    got = asked(file, file.after(closed, 5, 50), {"type": "pro_tem_termination_objection", "by_role": "applicant"})
    accepted = file.reply(got, 3, "request_accepted", request=last_request(file), route="cpl_225")
    if accepted is not None:
        decided = decide(file, file.after(accepted, 5, 15), "objection", panel=True)
        file.add(decided + MINUTE, "request_decided", request=last_request(file), outcome="rejected")


def suspension(file: File) -> None:
    """Stop the course of the case for a while."""
    start = file.after(file.received, 10, 90)
    days = file.between(30, 150)
    resumed = _postponed(file, start, days)
    file.add(start, "enforcement_suspended", ground="party_request")
    file.add(resumed, "enforcement_resumed", ground="ground_ceased")


def _postponed(file: File, start: int, days: int) -> int:
    """Move everything after ``start`` back by so many days; return when it goes on."""
    later = [event for _, event in file.log if event.get("act_time", 0) > start]
    file.log = [(when + days * DAY if when > start else when, event) for when, event in file.log]
    for event in later:
        event["act_time"] += days * DAY
    return file.office(next_workday(start // DAY + days)) - OPENING


def bankruptcy(file: File, debtor: str) -> None:
    """Write that an enterprise debtor seems insolvent: inquiry, transfer, review, and what becomes of the case."""
    start = file.after(file.received, 20, 120)
    file.record["debtor_insolvency"] = file.signed(value=True, when=start)
    file.add(start, "insolvency_found", party=debtor, basis="资产不足以清偿全部债务")
    asked_at = file.answer(start, in_working_days(start, 5)) or start
    answers = ("refused", "refused") if file.hit(0.3) else ("consented", "refused")
    for party, answer in zip(("s1", debtor), answers, strict=True):
        if not file.hit(2 * DEFECT):
            file.add(asked_at, "bankruptcy_transfer_inquiry_made", party=party, answer=answer)
    if answers[0] == "refused":
        file.add(file.after(asked_at, 5, 20), "bankruptcy_transfer_refused_by_all")
        return
    begun = file.add(file.after(asked_at, 3, 30), "bankruptcy_transfer_started")
    notice = file.add(file.after(begun, 10, 30), "bankruptcy_review_notice_received", form="written")
    if not file.hit(DEFECT):
        stop = notice + (file.between(30, 90) if file.hit(LATE_ACT) else file.between(1, 20)) * HOUR
        file.add(stop, "enforcement_suspended", ground="bankruptcy_review")
    if file.hit(0.4):
        resumed = _postponed(file, notice + DAY, file.between(30, 90))
        file.add(resumed, "bankruptcy_not_accepted", party=debtor)
        file.add(resumed + MINUTE, "enforcement_resumed", ground="bankruptcy_not_accepted")
        return
    _accepted(file, file.after(notice, 20, 60), debtor)


def _accepted(file: File, accepted: int, debtor: str) -> None:
    """Write that bankruptcy is opened: nothing else happens, and what is held goes to the administrator."""
    file.log = [entry for entry in file.log if entry[0] <= accepted]
    gone = {event["asset"] for name in ("asset_delivered", "asset_released") for _, event in file.moments(name)}
    held = [event["asset"] for _, event in file.moments("asset_controlled") if event["asset"] not in gone]
    file.add(accepted, "bankruptcy_accepted", party=debtor, court=superior(file.court))
    for asset in dict.fromkeys(held):
        wanted = file.add(
            file.after(accepted, 5, 20), "preservation_release_requested", asset=asset, requester="管理人"
        )
        if file.hit(0.3):
            file.reply(wanted, 5, "asset_handed_to_administrator", asset=asset)
        else:
            file.reply(wanted, 5, "asset_released", asset=asset, scope="whole", ground="bankruptcy")
    if not file.moments("case_closed"):
        file.add(file.after(accepted, 90, 200), "case_closed", closing_method="terminated")


def changes(file: File) -> None:
    """Write that the claim shrinks or the case moves to another court."""
    if file.hit(CLAIM_REDUCED):
        when = file.after(file.received, 20, 90)
        less = yuan(max(100, file.claim * file.between(50, 95) // 100))
        was = {"from": iso(file.filed), "value": file.record["claim_amount"]}
        file.record["claim_amount"] = [was, {"from": iso(min(when // DAY, DOCKET_DAY)), "value": less}]
        file.add(when, "claim_changed", amount=less)
    if file.hit(COURT_CHANGE):
        others = [court.code for court in COURTS if court.code != file.court]
        to_court = others[file.between(0, len(others) - 1)]
        file.add(
            file.after(file.received, 20, 90), "case_reassigned", by_court_id=superior(file.court), to_court_id=to_court
        )
