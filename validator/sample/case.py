"""Cases: enforcement from filing to closing, preservation, and the review of objections."""

from random import Random

from validator.sample.chance import Record
from validator.sample.closing import changes, end, suspension
from validator.sample.credit import measures
from validator.sample.days import DAY, DOCKET_DAY, MINUTE, iso
from validator.sample.figures import (
    ASSET_COUNTS,
    COURSE_DAYS,
    CRITERIA,
    DEBTORS,
    DEFECT,
    ENDS_WITH_MONEY,
    ENDS_WITHOUT_MONEY,
    ENFORCEMENT,
    FOUND_BY_LEAD,
    NEVER_CLOSED,
    NOTICE_CONTENTS,
    OBJECTORS,
    OTHER_LEAD,
    OUTCOMES,
    PARTY_TYPES,
    PAYMENT_COUNTS,
    REVIEW_UNITS,
    SIMPLE_TRACK,
    SUSPENDED,
    TRACK_DEADLINE,
)
from validator.sample.file import LISTS, File, opened, written
from validator.sample.incidents import incidents
from validator.sample.money import claim, yuan
from validator.sample.payout import payments
from validator.sample.practice import asked, decide, issue, last_request, parties, publish, push
from validator.sample.property import control, follow_lead, one_asset, search
from validator.sample.sale import sale
from validator.sample.universe import JUDGE, TEAM_LEADER, Heading, officer_id


def enforcement_case(rng: Random, head: Heading) -> Record:
    """Return a case with its whole course up to the day of the export."""
    record: Record = {
        "record_type": "case",
        "id": head.id,
        "type": head.type,
        "court_id": head.court,
        "known_until": iso(DOCKET_DAY),
        "handler_ids": [officer_id(head.court, JUDGE + int(rng.random() * 5))],
    }
    record.update((plural, []) for plural in LISTS)  # an empty list says that there is none
    file = opened(rng, record, head.court, head.filed)
    file.claim = claim(rng)
    record["claim_amount"] = yuan(file.claim)
    if head.type in ENFORCEMENT:
        _enforcement(file)
    elif head.type == "preservation":
        _preservation(file)
    elif head.type == "objection_lawsuit":
        _lawsuit(file)
    else:
        _review(file, head.type)
    return written(file)


def _enforcement(file: File) -> None:
    """Write a first or resumed enforcement: search, control, sale, money, measures, end."""
    debtors = _parties(file)
    assets = [one_asset(file, debtors, k) for k in range(file.between(*ASSET_COUNTS.pick(file.rng)))]
    received = _intake(file)
    _notice(file, received, debtors)
    led = assets.pop() if assets and file.hit(FOUND_BY_LEAD) else None  # found by a lead only
    found = search(file, received, debtors, assets)
    held, room = control(file, found, file.claim)
    if led or file.hit(OTHER_LEAD):
        held += follow_lead(file, received, led, room)
    count = file.between(*PAYMENT_COUNTS.pick(file.rng))
    steps = [received, *(sale(file, *one, sells=count > 0) for one in held if one[1]["needs_realization"])]
    how = (ENDS_WITH_MONEY if count else ENDS_WITHOUT_MONEY).pick(file.rng)
    steps.append(payments(file, steps, count, full=how == "fully_enforced"))
    imposed = measures(file, received, debtors)
    steps.append((file.filed + file.between(*COURSE_DAYS)) * DAY)
    end(file, max(steps), how, imposed)
    if file.hit(SUSPENDED):
        suspension(file)
    changes(file)
    incidents(file, debtors, held)


def _parties(file: File) -> list[Record]:
    """Write the parties and the team; return the debtors."""
    file.record["team_leader_id"] = file.officer(TEAM_LEADER)
    file.keep("parties", {"id": "s1", "role": "applicant", "type": PARTY_TYPES.pick(file.rng)})
    debtors = []
    for k in range(1, DEBTORS.pick(file.rng) + 1):
        debtor = file.keep("parties", {"id": f"d{k}", "role": "debtor", "type": PARTY_TYPES.pick(file.rng)})
        debtors.append(debtor)
        if debtor["type"] == "enterprise_legal_person":
            file.keep("parties", {"id": f"r{k}", "role": "legal_representative", "type": "natural_person"})
    return debtors


def _intake(file: File) -> int:
    """Write filing, hand-over, team and the applicant's account; return when the file was received."""
    filed = file.add(file.office(file.filed), "case_filed")
    for party in parties(file) if file.publishes else ():
        publish(file, filed, "parties", party)
    account = f"6222{file.between(10**11, 10**12 - 1)}"
    confirmed = file.after(filed, *((1, 20) if file.hit(DEFECT) else (0, 0)))
    file.add(confirmed, "payee_confirmed", party="s1", method="transfer", account=account)
    if not file.hit(DEFECT):
        file.record["account_no"] = f"9558{file.between(10**11, 10**12 - 1)}"
        file.record["account_shared"] = file.hit(DEFECT)
    received = file.add(file.after(filed, 0, 6), "case_materials_received")
    file.received = received
    push(file, received, "filing")
    _triage(file, received)
    return received


def _triage(file: File, received: int) -> None:
    """Write the decision between the simple and the ordinary track, and the assignment that follows."""
    simple = file.hit(SIMPLE_TRACK)
    criteria = list(CRITERIA[file.hit(DEFECT) :])
    decided = file.after(received, 0, 9)
    file.keep("decisions", {"id": "t1", "matter": "triage", "decided_by": "officer", "reasons": "标准逐项核对"})
    track = "simple" if simple else "ordinary"
    file.add(decided, "triage_decided", decision="t1", track=track, criteria=criteria)
    assigned = decided - 5 * MINUTE if file.hit(0.6) else file.after(decided, 0, 2)
    file.add(assigned, "case_assigned", unit="fast_team" if simple else "judge_led_team")
    if simple and file.hit(TRACK_DEADLINE):
        file.record["track_deadline"] = iso(decided // DAY + file.between(90, 200))


def _notice(file: File, received: int, debtors: list[Record]) -> None:
    """Write the enforcement notice, which tells the account of the case, and its service."""
    notice: Record = {"id": "n1", "type": "enforcement_notice", "in_e_file": not file.hit(DEFECT)}
    notice["contents"] = list(NOTICE_CONTENTS[file.hit(DEFECT) :])
    if "account_no" in file.record:
        notice["stated_account"] = file.record["account_no"]
    issue(file, file.after(received, 0, 10), notice, *(debtor["id"] for debtor in debtors))


def _preservation(file: File) -> None:
    """Write a preservation case: ruling, control, now and then an objection of a third person, end."""
    debtors = _parties(file)
    filed = file.add(file.office(file.filed), "case_filed")
    received = file.add(file.after(filed, 0, 2), "case_materials_received")
    assets = [one_asset(file, debtors, k) for k in range(file.between(1, 3))]
    for asset in assets:
        asset["needs_realization"] = False  # nothing is sold before there is a title
    contents = [] if file.hit(DEFECT) else ["frozen_amount"]
    ruled = received + file.between(5, 200) * MINUTE
    issue(file, ruled, {"id": "w1", "type": "freeze_ruling", "contents": contents, "in_e_file": True}, "d1")
    held, _ = control(file, [(ruled, asset) for asset in assets], file.claim)
    if held and file.hit(0.3):
        _third_person(file, *held[0])
    if not file.hit(NEVER_CLOSED):
        last = max([when for when, _ in held], default=ruled)
        file.add(file.after(last, 1, 10), "case_closed", closing_method="other")


def _third_person(file: File, held: int, asset: Record) -> None:
    """Write that a third person claims what was preserved."""
    file.keep("parties", {"id": "x1", "role": "third_person", "type": "natural_person"})
    request = {"type": "third_party_objection", "by_role": "third_person", "ground": "substantive_right"}
    got = asked(file, file.after(held, 5, 60), request | {"asset_id": asset["id"]})
    route = "cpl_225" if file.hit(3 * DEFECT) else "cpl_227"
    accepted = file.reply(got, 3, "request_accepted", request=last_request(file), route=route)
    if accepted is not None:
        decided = file.after(accepted, 5, 15)
        file.add(decided, "request_decided", request=last_request(file), outcome=OUTCOMES.pick(file.rng))


def _review(file: File, kind: str) -> None:
    """Write an objection, reconsideration or supervision case: received, accepted, assigned, decided."""
    _parties(file)
    role = OBJECTORS.pick(file.rng)
    third = role == "third_person"
    above = kind not in {"objection", "reconsideration"} and file.hit(0.7)
    request: Record = {"by_role": role, "ground": "substantive_right" if third else "procedural"}
    request["type"] = "third_party_objection" if third else "other"
    if above:
        request |= {"type": "challenge_of_reconsideration", "target_ruling_effective": not file.hit(DEFECT)}
        request["target_ruling_court_level"] = "intermediate" if file.hit(0.3) else "high"
        request["target_ruling_basis"] = "cpl_227" if file.hit(0.1) else "cpl_225"
    got = asked(file, file.office(file.filed), request)
    filed = file.add(file.after(got, 0, 3), "case_filed")
    route = "other" if file.hit(DEFECT) else "pilot_measures_11_15" if above else "cpl_227" if third else "cpl_225"
    file.add(filed + MINUTE, "request_accepted", request="q1", route=route)
    unit = "judge_led_team" if file.hit(DEFECT) else REVIEW_UNITS.pick(file.rng)
    assigned = file.add(file.after(filed, 0, 4), "case_assigned", unit=unit)
    decided = decide(file, file.after(assigned, 5, 60), "objection", panel=True)
    file.add(decided + MINUTE, "request_decided", request="q1", outcome=OUTCOMES.pick(file.rng))
    ruling = {"id": "z1", "type": "enforcement_ruling", "in_e_file": not file.hit(DEFECT)}
    issue(file, decided + 2 * MINUTE, ruling, "s1", "d1")
    if not file.hit(NEVER_CLOSED):
        file.add(file.after(decided, 0, 10), "case_closed", closing_method="other")


def _lawsuit(file: File) -> None:
    """Write a lawsuit about an objection: filed, assigned to a trial division, decided."""
    _parties(file)
    filed = file.add(file.office(file.filed), "case_filed")
    unit = "enforcement_panel" if file.hit(3 * DEFECT) else "trial_division"
    assigned = file.add(file.after(filed, 0, 4), "case_assigned", unit=unit)
    decided = decide(file, file.after(assigned, 30, 150), "substantive_dispute", panel=True)
    file.add(file.after(decided, 0, 10), "case_closed", closing_method="other")
