"""Property: queries, what they show, leads, and taking control."""

from validator.sample.chance import Record
from validator.sample.days import DAY, HOUR, MINUTE, in_working_days
from validator.sample.figures import (
    ASSET_TYPES,
    CHANNELS,
    DEFECT,
    INDIVISIBLE,
    JOINT_QUERY,
    LATE_ACT,
    LEAD_GIVERS,
    LEAD_SPECIFIC,
    LEAD_URGENT,
    LEFT_UNDONE,
    MODES,
    OCCUPIED,
    ONLINE,
    OVERSEIZURE,
    PRIORITY,
    QUERY_SYSTEMS,
    QUERY_TYPES,
    UNSALEABLE,
    VALUE_PERCENT,
    WAITING,
)
from validator.sample.file import File
from validator.sample.money import yuan
from validator.sample.practice import issue, push, remind

Held = list[tuple[int, Record]]


def search(file: File, received: int, debtors: list[Record], assets: list[Record]) -> Held:
    """Write the online queries and the replies; return what they showed, and when."""
    found: Held = []
    joint = file.hit(JOINT_QUERY)  # one query for all debtors
    due = in_working_days(received, 5)
    remind(file, "A13.1", received, due)
    last = received
    for debtor in debtors[:1] if joint else debtors:
        when = file.answer(received, due)
        if when is None:
            continue
        systems = list(QUERY_SYSTEMS[:1] if file.hit(DEFECT) else QUERY_SYSTEMS)
        types = list(QUERY_TYPES[:-1] if file.hit(DEFECT) else QUERY_TYPES)
        who = {} if joint else {"party": debtor["id"]}
        last = max(last, file.add(when, "online_query_initiated", systems=systems, asset_types=types, **who))
        shown = [asset for asset in assets if joint or asset["owner_id"] == debtor["id"]]
        for system, its in zip(systems, (shown[::2], shown[1::2]), strict=False):
            found += _reply(file, when + file.between(20, 40 * 60) * MINUTE, system, its, debtor["id"])
    if file.hit(0.5):
        file.add(file.after(last, 2, 8), "centralized_search_completed")
    push(file, last + HOUR, "search")
    return found


def _reply(file: File, when: int, system: str, assets: list[Record], debtor: str) -> Held:
    """Write what one system answered."""
    if not assets:
        file.add(when, "query_feedback_received", executable=False, system=system, party=debtor)
    for asset in assets:
        names = {"asset": asset["id"], "party": asset["owner_id"]}
        file.add(when, "query_feedback_received", executable=True, system=system, **names)
    return [(when, asset) for asset in assets]


def one_asset(file: File, debtors: list[Record], k: int) -> Record:
    """Write one item of property of a debtor."""
    kind = ASSET_TYPES.pick(file.rng)
    value = max(100, file.claim * VALUE_PERCENT.pick(file.rng) * file.between(40, 160) // 10_000)
    rank = "waiting" if file.hit(WAITING) else "first"
    asset: Record = {
        "id": f"a{k + 1}",
        "type": kind,
        "owner_id": debtors[file.between(0, len(debtors) - 1)]["id"],
        "value": yuan(value),
        "online_controllable": file.hit(ONLINE[kind]),
        "needs_realization": kind != "bank_deposit" and rank == "first",  # what waits can't be sold yet
        "seizure_rank": rank,
        "realizable": not file.hit(UNSALEABLE),
    }
    if kind == "bank_deposit":
        asset["freeze_scope"] = "whole_account" if file.hit(DEFECT) else "amount"
    elif kind == "real_estate":
        asset["unlawfully_occupied"] = file.signed(file.hit(OCCUPIED), file.filed * DAY)
        asset["indivisible"] = file.signed(file.hit(INDIVISIBLE), file.filed * DAY)
        asset["single_certificate"] = file.hit(INDIVISIBLE)
    if rank == "waiting":
        asset["has_priority"] = file.hit(PRIORITY)
    if file.hit(0.85):
        asset["under_node_control"] = not file.hit(DEFECT)
    return file.keep("assets", asset)


def control(file: File, found: Held, room: int) -> tuple[Held, int]:
    """Write what was done about property found; return what is held in first rank, since when, and the room left."""
    held = []
    for when, asset in found:
        over = file.hit(OVERSEIZURE)
        if room <= 0 and not over:
            asset["control_exempt_ground"] = "exceeds_claim"
            continue
        due = when // DAY if asset["online_controllable"] else in_working_days(when, 3)
        if not asset["online_controllable"]:
            remind(file, "A13.5", when, due)
        done = file.answer(when, due)
        if done is None:
            continue
        amount = _controlled(file, done, asset, None if over else room)
        if asset["seizure_rank"] == "first":
            room -= amount
            held.append((done, asset))
    return held, room


def _controlled(file: File, when: int, asset: Record, room: int | None) -> int:
    """Write one seizure within ``room`` (in fen; None: regardless) and its entry in the system; return its amount."""
    online = asset["online_controllable"]
    value = int(asset["value"] * 100)
    amount = value if room is None else min(value, room)
    asset["controlled_amount"] = yuan(amount)
    file.add(
        when,
        "asset_controlled",
        asset=asset["id"],
        mode=MODES[asset["type"]],
        channel="online" if online else "offline",
        scope="whole" if amount == value else "part",
        amount=yuan(amount),
        **_freeze(file, when, asset, amount),
        **({} if online else {"id": f"c-{asset['id']}"}),
    )
    entry = when + file.between(0, 3 if online else 2 * 24 * 60) * MINUTE
    file.add(entry, "asset_info_recorded", asset=asset["id"], mode="auto" if online else "manual")
    for party in ("s1", asset["owner_id"]) if file.publishes else ():
        file.reply(when, 5, "asset_info_pushed", asset=asset["id"], party=party, channel=CHANNELS.pick(file.rng))
    if not online and file.hit(0.8):
        told = {"node": "control", "act_time": when, "event_id": f"c-{asset['id']}"}
        file.add(entry + file.between(1, 40) * MINUTE, "node_info_recorded", **told)
    return amount


def _freeze(file: File, when: int, asset: Record, amount: int) -> dict[str, str]:
    """Write the ruling on frozen accounts, one for a case, and the amount frozen; return the reference to it."""
    if asset["type"] != "bank_deposit":
        return {}
    if not file.hit(DEFECT):
        asset["frozen_amount"] = yuan(amount)
    documents = file.record["documents"]
    name = next((one["id"] for one in documents if one["type"] == "freeze_ruling"), None)
    if name is None:
        contents = [] if file.hit(DEFECT) else ["frozen_amount"]
        ruling = {"id": "w0", "type": "freeze_ruling", "contents": contents, "in_e_file": not file.hit(DEFECT)}
        name = issue(file, when - file.between(1, 30) * MINUTE, ruling, asset["owner_id"])
    return {"document": str(name)}


def follow_lead(file: File, received: int, asset: Record | None, room: int) -> Held:
    """Write a property lead and its check, true if it names an ``asset``; return that if it is held, and since when."""
    got = file.after(received, 3, 60)
    lead = {
        "id": "l1",
        "provided_by": LEAD_GIVERS.pick(file.rng),
        "specific": file.judged(file.hit(LEAD_SPECIFIC), got, "s1"),
        "urgent": file.judged(file.hit(LEAD_URGENT), got, "s1"),
        "asset_id": [asset["id"]] if asset else [],
    }
    file.keep("leads", lead)
    file.add(got, "lead_received", lead="l1")
    chance = file.rng.random()
    if chance < LEFT_UNDONE:
        return []
    hours = file.between(25, 200) if chance < LEFT_UNDONE + LATE_ACT else file.between(1, 23)
    started = file.add(got + hours * HOUR + file.between(0, 59) * MINUTE, "lead_verification_started", lead="l1")
    if file.hit(DEFECT):
        return []
    checked = file.add(file.after(started, 0, 6), "lead_verified", lead="l1", result=asset is not None)
    if asset is None or room <= 0:
        return []
    done = file.answer(checked, checked // DAY)
    if done is None:
        return []
    _controlled(file, done, asset, room)
    return [(done, asset)] if asset["seizure_rank"] == "first" else []
