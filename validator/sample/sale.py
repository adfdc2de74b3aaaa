"""Sale: from the reference price to the buyer, or by the debtor himself."""

from validator.sample.chance import Record
from validator.sample.days import DAY, in_calendar_days
from validator.sample.figures import (
    AUXILIARY,
    DEFECT,
    INQUIRY_ANSWERED,
    LAST_LISTING,
    LISTINGS,
    NO_TALKS,
    ONLINE_INQUIRY,
    PLATFORMS,
    PRICE_AGREED,
    SELF_DISPOSAL,
)
from validator.sample.file import File
from validator.sample.money import yuan
from validator.sample.practice import asked, publish, push, remind


def sale(file: File, held: int, asset: Record, *, sells: bool) -> int:
    """Write the way of a seized asset from reference price to buyer; return when the last step of it was."""
    name = asset["id"]
    due = in_calendar_days(held, 30)
    remind(file, "A16.2", held, due)
    started = file.answer(held, due)
    if started is None:
        return held
    file.add(started, "reference_price_started", asset=name)
    fixed = _price(file, started, asset)
    if file.hit(SELF_DISPOSAL):
        return _by_debtor(file, fixed, asset)
    begun = file.answer(fixed, in_calendar_days(fixed, 10))
    if begun is None:
        return fixed
    file.add(begun, "realization_started", asset=name, method="auction")
    publish(file, begun, "property_disposal", name)
    last = _platform(file, begun, name)
    rounds = LISTINGS.pick(file.rng)
    for listing in range(1, rounds + 1):
        if listing == LAST_LISTING:
            last = file.add(file.after(last, 3, 15), "realization_started", asset=name, method="sale")
        last = _listing(file, last, asset, sold=sells and listing == rounds)
    if not sells:
        return last
    if asset.get("unlawfully_occupied") and not file.hit(DEFECT):
        last = file.add(file.after(last, 3, 20), "eviction_completed", asset=name)
    return file.add(file.after(last, 5, 40), "asset_delivered", asset=name)


def _platform(file: File, begun: int, name: str) -> int:
    """Write who chose the platform of the auction, and the auxiliary agency; return when the last step was."""
    by_role = "court" if file.hit(DEFECT) else "system_default" if file.hit(0.2) else "applicant"
    last = file.after(begun, 1, 5)
    file.add(last, "auction_platform_selected", asset=name, platform=PLATFORMS.pick(file.rng), by_role=by_role)
    if file.hit(AUXILIARY):
        agency = f"辅{file.between(1, 8):02}"
        file.add(file.after(begun, 0, 4), "auction_auxiliary_entrusted", asset=name, agency_id=agency)
    return last


def _listing(file: File, last: int, asset: Record, *, sold: bool) -> int:
    """Write one listing: its announcement and how it went; return when it was over."""
    offline = file.hit(DEFECT)
    if offline and file.hit(0.5):
        asset["sale_exception_ground"] = "unsuitable_for_online"
    announced = file.after(last, 2, 20)
    extra = {}
    if asset["type"] == "real_estate":
        name = file.next_id("documents", "g")
        contents = ["no_eviction_statement"] if file.hit(3 * DEFECT) else []
        file.keep("documents", {"id": name, "type": "auction_notice", "asset_id": asset["id"], "contents": contents})
        extra["document"] = name
    mode = "offline" if offline else "online_judicial"
    file.add(announced, "auction_announced", asset=asset["id"], mode=mode, **extra)
    push(file, announced, "disposal")
    concluded = file.after(announced, 15, 35)
    return file.add(concluded, "auction_concluded", asset=asset["id"], result="sold" if sold else "failed")


def _price(file: File, started: int, asset: Record) -> int:
    """Write how the reference price came about: agreed, asked for, or appraised; return when it was fixed."""
    name = asset["id"]
    agreed = file.hit(PRICE_AGREED)
    outcome = "agreed" if agreed else "not_possible" if file.hit(NO_TALKS) else "failed"
    last = file.add(file.after(started, 1, 10), "price_negotiation_concluded", asset=name, result=outcome)
    method = "appraisal" if file.hit(DEFECT) else "negotiation"
    if not agreed:
        kind = "online" if file.hit(ONLINE_INQUIRY) else "directed"
        answered = file.hit(INQUIRY_ANSWERED)
        method = f"{kind}_inquiry" if answered else "appraisal"
        if answered or not file.hit(DEFECT):
            result = "fixed" if answered else "failed"
            last = file.add(file.after(last, 1, 12), "price_inquiry_concluded", asset=name, kind=kind, result=result)
    if method == "appraisal":
        ordered = file.add(file.after(last, 1, 10), "appraisal_entrusted", asset=name, purpose="reference_price")
        last = file.add(file.after(ordered, 15, 60), "appraisal_completed", asset=name, purpose="reference_price")
    price = {"method": method, "via_system": not file.hit(DEFECT)}
    amount = yuan(int(asset["value"] * file.between(70, 110)))
    fixed = file.add(file.after(last, 1, 6), "reference_price_fixed", asset=name, amount=amount, **price)
    remind(file, "A16.3", fixed, in_calendar_days(fixed, 10))
    return fixed


def _by_debtor(file: File, fixed: int, asset: Record) -> int:
    """Write that the debtor may sell an asset himself, and how that ended; return when the last step of it was."""
    name = asset["id"]
    request = {"type": "self_disposal", "by_role": "debtor", "asset_id": name}
    got = asked(file, file.after(fixed, 0, 5), request)
    direct = file.hit(0.4)
    for fact in ("large_or_complex", "proceeds_controllable"):
        asset[fact] = file.signed(not file.hit(3 * DEFECT), got)
    days = 90 if file.hit(0.3) else file.between(30, 60)
    permitted = file.after(got, 1, 8)
    terms: Record = {"mode": "direct_sale" if direct else "public_online_auction", "period_days": days}
    if direct:
        terms |= {"counterparty": "买受人甲", "price": yuan(int(asset["value"] * 100))}
        if not file.hit(3 * DEFECT):
            file.add(file.after(got, 0, 1), "applicant_consented", to="direct_sale", party="s1", form="书面")
    contents = [] if file.hit(3 * DEFECT) else ["self_disposal_period"]
    paper = file.next_id("documents", "u")
    file.keep("documents", {"id": paper, "type": "self_disposal_permission", "asset_id": name, "contents": contents})
    file.add(permitted, "self_disposal_permitted", asset=name, document=paper, **terms)
    chance = file.rng.random()
    if chance < DEFECT:
        return permitted
    late = chance < 4 * DEFECT
    over = permitted + (days + file.between(1, 40) if late else file.between(10, days - 5)) * DAY
    name_of_end = "self_disposal_completed" if file.hit(0.6) else "self_disposal_ended"
    return file.add(over, name_of_end, asset=name)
