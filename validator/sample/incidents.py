"""What comes in between: disputes of substance, corrections, irregular operations, public attention, entrustment."""

from collections.abc import Callable
from datetime import date

from validator.sample.chance import Record, odds
from validator.sample.closing import bankruptcy
from validator.sample.credit import correction_of_listing
from validator.sample.days import DAY, HOUR, MINUTE
from validator.sample.figures import DEFECT, OUTCOMES
from validator.sample.file import File
from validator.sample.money import yuan
from validator.sample.practice import asked, decide, last_request
from validator.sample.property import Held
from validator.sample.universe import CHIEF, COURTS, PRESIDENT, TEAM_LEADER, superior

# All shares of this module are guesses.
INSOLVENT = 0.12
"""Files with an enterprise debtor that turns out insolvent."""
LISTING_DISPUTED = 0.1
ACCOUNT_BLOCKED = 0.06
DIVIDED = 0.15
OVERSEIZURE_CLAIMED = 0.03
CATEGORIES = odds(
    ("cross_region", 20),
    ("multi_case_debtor", 20),
    ("hard_complex", 20),
    ("public_concern", 20),
    ("sensitive_complex", 8),
    ("mass_incident", 6),
    ("strong_public_reaction", 6),
)
ATTESTED = frozenset({"hard_complex", "public_concern", "sensitive_complex", "mass_incident", "strong_public_reaction"})
OPERATIONS = odds(
    ("transfer_to_other_account", 40),
    ("close_pro_tem_with_property", 40),
    ("no_eviction_statement", 10),
    ("list_without_ground", 10),
)
CONDUCT = odds(
    ("falsification", 3), ("off_system_handling", 2), ("platform_interference", 2), ("coercion_of_applicant", 2)
)


def incidents(file: File, debtors: list[Record], held: Held) -> None:
    """Write what else happened in an enforcement: nothing, in most cases."""
    company = next((one["id"] for one in debtors if one["type"] == "enterprise_legal_person"), None)
    if company is not None and file.hit(INSOLVENT):
        bankruptcy(file, company)
    listing = next((one for one in file.record["measures"] if one["type"] == "dishonesty_listing"), None)
    if listing is not None and file.hit(LISTING_DISPUTED):
        correction_of_listing(file, listing)
    for when, asset in held:
        _about_asset(file, when, asset)
    file.record["cross_region"] = file.hit(0.05)
    for share, write in INCIDENTS:
        if file.hit(share):
            write(file)


def _about_asset(file: File, held: int, asset: Record) -> None:
    """Write what may happen to one seized asset: a blocked account, a divided title, a dispute about the extent."""
    if asset["type"] == "bank_deposit" and file.hit(ACCOUNT_BLOCKED):
        _blocked(file, held, asset)
    elif asset["type"] == "real_estate" and file.hit(DIVIDED):
        _divided(file, held, asset)
    elif file.hit(OVERSEIZURE_CLAIMED):
        _overseizure(file, held, asset["id"])


def _blocked(file: File, held: int, asset: Record) -> None:
    """Write that more of an account was blocked than the court had frozen."""
    amount = yuan(max(100, int(asset["controlled_amount"] * 10)))
    cause = "court" if file.hit(0.3) else "bank"
    when = file.after(held, 1, 10)
    file.add(when, "account_use_blocked", asset=asset["id"], amount=amount, reported_by="d1", cause=cause)
    file.reply(when, 1, "account_use_restored", asset=asset["id"], amount=amount)


def _divided(file: File, held: int, asset: Record) -> None:
    """Write that a debtor wants the title divided, and that what is too much is released."""
    name = asset["id"]
    if asset["single_certificate"]:
        file.add(held + HOUR, "division_refused_by_registrar", asset=name, form="口头")
    request = {"type": "division_registration", "by_role": "debtor", "asset_id": name}
    got = asked(file, file.after(held, 5, 30), request)
    coordinated = file.reply(got, 5, "division_registration_coordinated", asset=name)
    if coordinated is not None and file.hit(0.7):
        registered = file.add(file.after(coordinated, 10, 40), "division_registered", asset=name)
        file.reply(registered, 5, "asset_released", asset=name, scope="part", ground="excess")


def _overseizure(file: File, held: int, name: str) -> None:
    """Write that a debtor objects to the extent of a seizure and that the asset is appraised."""
    got = file.after(held, 3, 30)
    request = {"by_role": "debtor", "asset_id": name}
    large = {"dispute_large": file.judged(not file.hit(3 * DEFECT), got, "d1")}
    asked(file, got, request | large | {"type": "overseizure_objection"})
    objection = last_request(file)
    if not file.hit(3 * DEFECT):
        asked(file, got + HOUR, request | {"type": "overseizure_appraisal"})
    ordered = file.add(file.after(got, 2, 10), "appraisal_entrusted", asset=name, purpose="overseizure")
    done = file.add(file.after(ordered, 15, 50), "appraisal_completed", asset=name, purpose="overseizure")
    file.add(file.after(done, 1, 10), "request_decided", request=objection, outcome=OUTCOMES.pick(file.rng))
    if file.hit(3 * DEFECT):
        file.add(file.after(ordered, 1, 10), "asset_released", asset=name, scope="part", ground="objection")


# --- one incident each ---------------------------------------------------------------------------------------------


def _during(file: File, low: int, high: int) -> int:
    """Return office time ``low`` to ``high`` days after the receipt of the file, or earlier if the case ended."""
    when = file.after(file.received, low, high)
    ends = [moment for moment, _ in file.moments("case_closed")]
    if not ends or when < ends[0]:
        return when
    return file.before(ends[0], 1, max(1, (ends[0] - file.received) // DAY - 1))


def _changed_track(file: File) -> None:
    """Write that a simple case which is still open near the end of its set period becomes an ordinary one."""
    if "track_deadline" not in file.record:
        return
    deadline = date.fromisoformat(file.record["track_deadline"]).toordinal() * DAY
    if any(closed < deadline for closed, _ in file.moments("case_closed")):
        return
    when = file.after(deadline, 1, 10) if file.hit(4 * DEFECT) else file.before(deadline, 1, 10)
    file.add(when, "track_changed", from_value="simple", to_value="ordinary")
    if not file.hit(DEFECT):
        file.add(when + MINUTE, "case_assigned", unit="judge_led_team")


def _substantive(file: File) -> None:
    """Write that a dispute of substance shows and where it goes."""
    when = _during(file, 10, 90)
    major = file.hit(0.7)
    file.add(when, "substantive_dispute_identified", dispute_major=major)
    if major and not file.hit(3 * DEFECT):
        route = "objection_lawsuit" if file.hit(0.5) else "lawsuit"
        file.add(file.after(when, 3, 30), "litigation_route_opened", route=route)
    if file.hit(0.4):
        decide(file, file.after(when, 5, 30), "substantive_dispute", panel=True)


def _wrong(file: File) -> None:
    """Write that enforcement was wrong and what was done about the loss."""
    when = file.after(file.received, 60, 200)
    loss = max(100, file.claim // file.between(2, 20))
    file.record["confirmed_loss"] = file.signed(yuan(loss), when)
    file.add(when, "enforcement_error_confirmed", confirmed_by=superior(file.court))
    file.reply(when, 10, "state_compensation_started")
    back = loss if not file.hit(4 * DEFECT) else max(1, loss // 2)
    file.reply(when, 30, "loss_restored", amount=yuan(back), form="退还")


def _corrected(file: File) -> None:
    """Write that a breach was noticed, the handler prompted, and the rest."""
    when = _during(file, 15, 120)
    file.add(when, "violation_detected", breach_id="v1", node="control")
    prompted = file.reply(when, 1, "correction_prompted", breach_id="v1")
    if prompted is None:
        return
    if file.hit(0.75):
        file.reply(prompted, 3, "correction_taken", breach_id="v1")
    elif not file.hit(3 * DEFECT):
        reported = file.after(prompted, 4, 5)
        file.add(reported, "noncorrection_reported", breach_id="v1", to_officer_id=file.officer(CHIEF))


def _altered(file: File) -> None:
    """Write that an entry was checked and changed, with reasons and approval or without."""
    when, event = file.log[file.between(0, len(file.log) - 1)]
    event.setdefault("id", "k1")
    noted = when + file.between(1, 30) * HOUR
    file.add(noted, "node_info_recorded", node="control", act_time=when, event_id=event["id"])
    file.add(noted + HOUR, "node_info_verified", node="control", result=not file.hit(3 * DEFECT))
    changed = file.after(noted, 1, 20)
    told = {"node": "control", "old": "上午", "new": "下午", "alteration_id": "x1"}
    if not file.hit(3 * DEFECT):
        told["reason"] = "录入笔误"
    file.add(changed, "node_info_altered", **told)
    if not file.hit(3 * DEFECT):
        approval = {"approver_id": file.officer(CHIEF), "level": "bureau_chief", "alteration_id": "x1"}
        file.add(changed - MINUTE, "approval_given", case=file.record["id"], **approval)


def _irregular(file: File) -> None:
    """Write that somebody tried what the system must not let pass."""
    when = _during(file, 20, 150)
    operation = OPERATIONS.pick(file.rng)
    file.add(when, "operation_attempted", operation=operation)
    if file.hit(3 * DEFECT):
        file.add(when + HOUR, "operation_overridden", operation=operation, approver_id=file.officer(CHIEF))
    else:
        file.add(when + MINUTE, "operation_intercepted", operation=operation)


def _audited(file: File) -> None:
    """Write that the applicant suspects evasion and asks for an audit or a search."""
    when = file.add(_during(file, 20, 90), "evasion_suspected", basis="大额转账记录")
    got = asked(file, file.after(when, 1, 10), {"type": "audit_or_search", "by_role": "applicant"})
    if file.hit(0.3):
        file.reply(got, 10, "request_decided", request=last_request(file), outcome="rejected")
        return
    kind = "special_audit" if file.hit(0.5) else "search"
    found = file.reply(got, 10, "investigation_measure_taken", kind=kind, outcome="done")
    if found is not None and file.hit(0.6):
        met = file.add(file.after(found, 2, 20), "sanction_conditions_met", basis="隐匿财产")
        if not file.hit(3 * DEFECT):
            imposed = {"kind": "detention" if file.hit(0.5) else "fine", "ground": "evasion"}
            file.add(file.after(met, 1, 5), "sanction_imposed", **imposed)


def _classified(file: File) -> None:
    """Write that a case is found to be a special one, and what that brings with it."""
    when = _during(file, 2, 60)
    category = CATEGORIES.pick(file.rng)
    file.add(when, "case_classified", category=category, value=True)
    file.record[category] = file.signed(value=True, when=when) if category in ATTESTED else True
    if category in {"cross_region", "multi_case_debtor", "hard_complex"}:
        if file.hit(0.4):
            ordered = {"mode": "cross", "by_court_id": superior(file.court)}
            file.reply(when, 5, "coordinated_enforcement_ordered", **ordered)
        else:
            file.reply(when, 5, "coordination_unnecessary_recorded", reasons="本院可以独立执行")
        return
    held = file.after(when, 5, 60)
    file.add(held, "hearing_held" if file.hit(0.4) else "onsite_enforcement_held", id="h1")
    file.record["public_concern"] = file.signed(value=True, when=when)
    if not file.hit(3 * DEFECT):
        file.add(held - 2 * DAY, "deputies_invited", for_event_id="h1")
    if category != "public_concern":
        file.reply(when, 5, "procuratorate_invited", onsite=file.hit(0.5))


def _entrusted(file: File) -> None:
    """Write that something is to be done by a court elsewhere."""
    when = _during(file, 10, 90)
    others = [court.code for court in COURTS if court.code != file.court]
    whole = file.hit(0.15)
    terms = {"to_court_id": others[file.between(0, len(others) - 1)], "entrustment_id": "b1"}
    if whole and file.hit(0.5):
        ground = {"ground": "财产全部在受托地", "entrustment_id": "b1"}
        file.add(when - HOUR, "entrustment_exception_recorded", **ground)
    scope = "case" if whole else "matter"
    file.add(when, "entrustment_made", scope=scope, via_platform=not file.hit(2 * DEFECT), **terms)
    file.add(file.after(when, 5, 40), "entrustment_completed", entrustment_id="b1")


def _outside(file: File) -> None:
    """Write that somebody outside inquired, or that an external list of assets was compared."""
    when = _during(file, 5, 120)
    if file.hit(0.5):
        file.add(when, "outside_inquiry_recorded", person="某机关工作人员")
        return
    assets = [asset["id"] for asset in file.record["assets"]]
    file.add(when, "external_asset_list_received", source="申请执行人", asset_ids=assets)


def _complaint(file: File) -> None:
    """Write that a party complains about conduct, seldom rightly."""
    when = file.after(file.received, 30, 200)
    kind = CONDUCT.pick(file.rng)
    upheld = file.hit(0.3)
    about = {"violation_type": kind, "department": "enforcement"}
    file.add(when, "complaint_received", source="12368", upheld=upheld, **about)
    if upheld:
        found = {"violation_type": kind, "officer_id": file.by, "violation_id": "y1"}
        file.add(file.after(when, 10, 60), "violation_confirmed", found_by=file.officer(PRESIDENT), **found)


def _distributed(file: File) -> None:
    """Write that something of a debtor is shared out among creditors."""
    when = _during(file, 60, 200)
    share = yuan(max(100, file.claim // file.between(2, 9)))
    file.add(when, "property_distributed", party="s1", amount=share, debtor_id="d1", by=file.officer(TEAM_LEADER))


def _asked_to_the_site(file: File) -> None:
    """Write that the procuratorate is asked to the site, without any special ground."""
    file.add(_during(file, 20, 90), "procuratorate_invited", onsite=True)


INCIDENTS: tuple[tuple[float, Callable[[File], None]], ...] = (
    (0.8, _changed_track),
    (0.03, _substantive),
    (0.02, _wrong),
    (0.04, _corrected),
    (0.04, _altered),
    (0.03, _irregular),
    (0.04, _audited),
    (0.06, _classified),
    (0.05, _entrusted),
    (0.03, _outside),
    (0.02, _complaint),
    (0.02, _distributed),
    (0.01, _asked_to_the_site),
)
"""How often each comes along, and how it is written."""
