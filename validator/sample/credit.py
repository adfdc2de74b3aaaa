"""Credit measures: consumption restrictions and listings, grace, and how a measure is lifted before the end."""

from validator.sample.chance import Record
from validator.sample.days import DAY, MINUTE, in_working_days, iso
from validator.sample.figures import (
    DEFECT,
    GRACE,
    LISTED,
    LISTING_GROUNDS,
    OCCASIONS,
    RESTRICTED,
)
from validator.sample.file import File
from validator.sample.practice import asked, decide, issue, last_request, publish


def measures(file: File, received: int, debtors: list[Record]) -> list[Record]:
    """Write consumption restrictions and listings, now and then after a grace period; return them."""
    made: list[Record] = []
    imposed = file.after(received, 6, 30)
    if file.hit(GRACE):
        imposed = _grace(file, imposed)
    for debtor in debtors:
        if not file.hit(RESTRICTED):
            continue
        name = debtor["id"]
        made.append(_imposed(file, imposed, {"type": "consumption_restriction", "person_id": name}))
        if debtor["type"] == "enterprise_legal_person":
            named = {"person_id": f"r{name[1:]}", "because_of_party_id": name}
            made.append(_imposed(file, imposed, {"type": "consumption_restriction", **named}))
            if OCCASIONS.pick(file.rng) == "representative":
                _new_representative(file, imposed, made[-1])
        if file.hit(LISTED):
            made.append(_listed(file, imposed, name))
    return made


def _grace(file: File, start: int) -> int:
    """Write a grace period; return when measures may be imposed, now and then too early."""
    until = start // DAY + file.between(20, 60)
    file.add(start, "grace_period_set", until=iso(until))
    if file.hit(DEFECT):
        return start
    if file.hit(0.2):
        ended = file.after(start, 8, 18)
        return file.after(file.add(ended, "grace_period_ended", reason="转移财产"), 0, 3)
    return file.after((until + 1) * DAY, 0, 8)


def _imposed(file: File, when: int, measure: Record) -> Record:
    """Write one measure against one person."""
    name = file.next_id("measures", "m")
    listing = measure["type"] == "dishonesty_listing"
    ground = LISTING_GROUNDS.pick(file.rng) if listing else "not_performed_in_time"
    if file.hit(0.1):
        decide(file, when - MINUTE, "measure", panel=listing)
    file.add(when, "measure_imposed", measure=name, deferred=False, ground=ground)
    publish(file, when, "dishonesty_sanction" if listing else "consumption_restriction", name)
    fact = "dishonesty_ground_met" if listing else "restriction_ground_met"
    measure.setdefault(fact, file.judged(not file.hit(DEFECT), when, "s1"))
    return file.keep("measures", {"id": name, **measure, "ground": file.judged(ground, when, "s1")})


def _listed(file: File, when: int, debtor: str) -> Record:
    """Write a listing with its decision and service; now and then one of the two is lacking."""
    measure = _imposed(file, when, {"type": "dishonesty_listing", "person_id": debtor})
    if not file.hit(DEFECT):
        decision = {"id": f"w{measure['id'][1:]}", "type": "dishonesty_decision", "measure_id": measure["id"]}
        issue(file, when - file.between(1, 30) * MINUTE, decision, debtor, "s1")
    return measure


def _new_representative(file: File, imposed: int, measure: Record) -> None:
    """Write that a debtor's representative has changed and that the old one asks to be let off."""
    person = measure["person_id"]
    file.keep("parties", {"id": f"{person}n", "role": "legal_representative", "type": "natural_person"})
    changed = file.after(imposed, 20, 90)
    names = {"from_person_id": person, "to_person_id": f"{person}n"}
    file.add(changed, "legal_representative_changed", **names)
    request = {"type": "lift_former_representative", "by_role": "former_legal_representative"}
    got = asked(file, file.after(changed, 1, 20), request | {"measure_id": measure["id"]})
    lift(file, got, [measure], 10)


def correction_of_listing(file: File, listing: Record) -> None:
    """Write that a listed debtor asks to be taken off the list."""
    imposed = next(when for when, event in file.moments("measure_imposed") if event["measure"] == listing["id"])
    request = {"type": "listing_correction", "by_role": "debtor", "measure_id": listing["id"]}
    got = asked(file, file.after(imposed, 5, 60), request)
    upheld = file.hit(0.5)
    outcome = "upheld" if upheld else "rejected"
    decided = file.reply(got, 15, "request_decided", request=last_request(file), outcome=outcome)
    if decided is not None and upheld:
        lift(file, decided, [listing], 3)


def lift(file: File, start: int, measures: list[Record], working_days: int) -> None:
    """Write that measures are lifted, each by its own act; one lifted before stays as it is."""
    gone = {event["measure"] for _, event in file.moments("measure_lifted")}
    for measure in measures:
        when = file.answer(start, in_working_days(start, working_days))
        if when is not None and measure["id"] not in gone:
            file.add(when, "measure_lifted", measure=measure["id"])
