"""Money: receipts, what keeps them back, approvals, notice and payout."""

from validator.sample.chance import Record
from validator.sample.days import DAY, HOUR, IN_FORCE, MINUTE, in_working_days, iso
from validator.sample.figures import (
    DEFECT,
    DEFERRALS,
    DEFERRED,
    DEPOSITED,
    DISPUTED,
    FORMALITIES,
    LATE_PAYOUT_AFTER,
    LATE_PAYOUT_BEFORE,
    LEVELS,
    OBSTACLES,
    OBSTRUCTED,
    ON_PAPER_TOO,
    PAID_OFFLINE,
)
from validator.sample.file import File
from validator.sample.money import yuan
from validator.sample.practice import deputy, remind
from validator.sample.universe import CHIEF


def payments(file: File, moments: list[int], count: int, *, full: bool) -> int:
    """Write ``count`` receipts and their way to the applicant; return when the last of it was."""
    last = 0
    left = file.claim
    for k in range(1, count + 1):
        fen = left if full and k == count else max(1, left * file.between(10, 70) // 100)
        left = max(100, left - fen)
        base = moments[-1] if k == count else moments[file.between(0, len(moments) - 1)]
        arrived = file.after(base, 3, 45)
        payment: Record = {"id": f"p{k}", "amount": yuan(fen), "debtor_id": "d1", "approval_levels": list(LEVELS)}
        payment["formalities"] = file.signed(list(FORMALITIES[file.hit(DEFECT) :]), arrived)
        file.keep("payments", payment)
        account = {"account": file.record["account_no"]} if "account_no" in file.record else {}
        if file.hit(PAID_OFFLINE):
            _offline(file, arrived, f"p{k}", fen)
        file.add(arrived, "funds_arrived", payment=f"p{k}", amount=yuan(fen), **account)
        remind(file, "A22.1", arrived, in_working_days(arrived, 10))
        last = max(last, _payout(file, arrived, payment, fen))
    return last


def _offline(file: File, arrived: int, name: str, fen: int) -> None:
    """Write that the money came by hand, or that somebody wanted it elsewhere."""
    when = max(arrived - file.between(1, 30) * HOUR, file.received)
    if file.hit(0.5):
        own = file.record.get("account_no")
        account = own if own is not None and not file.hit(3 * DEFECT) else "另一账户"
        told = {"id": f"c-{name}", "payment": name, "to_account": account, "amount": yuan(fen)}
        file.add(when, "funds_transferred_offline", **told)
        if not file.hit(3 * DEFECT):
            entered = when + file.between(1, 60) * HOUR
            file.add(entered, "node_info_recorded", node="payment", act_time=when, event_id=told["id"])
        return
    file.add(when, "other_payment_channel_demanded", payment=name, demanded_by="中间人")
    file.add(when + HOUR, "payment_refused", payment=name)
    if file.hit(4 * DEFECT):
        punished = {"kind": "fine", "ground": "refusal_of_other_account"}
        file.add(when + 2 * DAY, "sanction_imposed", payment=name, **punished)


def _payout(file: File, arrived: int, payment: Record, fen: int) -> int:
    """Write the payout of one receipt, a part in dispute apart; return when the last step was."""
    # Either step, notice or payment, may be the late one.
    late = (LATE_PAYOUT_BEFORE if arrived // DAY < IN_FORCE else LATE_PAYOUT_AFTER) / 2
    name = payment["id"]
    start = _obstacle(file, arrived, payment)
    disputed = fen // 3 if file.hit(DISPUTED) else 0
    if disputed:
        raised = file.add(file.after(arrived, 0, 2), "payment_dispute_raised", payment=name, amount=yuan(disputed))
        start = max(start, raised)
    paid = _paid_out(file, start, name, fen - disputed, late)
    _approved(file, start, paid, name)
    if file.hit(ON_PAPER_TOO):
        _twice(file, paid, payment)
    if not disputed:
        return paid
    settled = file.add(file.after(start, 20, 120), "payment_dispute_resolved", payment=name, amount=yuan(disputed))
    return max(paid, _paid_out(file, settled, name, disputed, late))


def _approved(file: File, start: int, paid: int, name: str) -> None:
    """Write the approvals of a payout, level by level; now and then one is missing or two are by one person."""
    chief = deputy(file) if file.hit(DEFECT) else file.officer(CHIEF)
    for k, level in enumerate(LEVELS[:2] if file.hit(DEFECT) else LEVELS):
        when = start + (paid - start) * (k + 1) // 4
        approver = (file.by, deputy(file), chief)[k]
        file.add(when, "approval_given", payment=name, approver_id=approver, level=level)


def _twice(file: File, paid: int, payment: Record) -> None:
    """Write the formalities of a payout as they stand on paper and in the system; now and then they differ."""
    online = {"amount": payment["amount"], "payee": "s1", "account": payee_account(file)}
    online |= {"approver": file.officer(CHIEF), "date": iso(paid // DAY)}
    payment["online_record"] = online
    offline = dict(online)
    if file.hit(3 * DEFECT):
        offline["date"] = iso(paid // DAY - file.between(1, 9))
    payment["offline_record"] = offline


def _paid_out(file: File, start: int, name: str, fen: int, late: float) -> int:
    """Write notice in 10 and money in 5 working days, now and then in two parts; return when the last step was."""
    noticed = file.answer(start, in_working_days(start, 10), late)
    if noticed is None:
        return start
    file.add(noticed, "payment_notice_issued", payment=name, amount=yuan(fen))
    received = file.add(noticed + file.between(1, 90) * MINUTE, "payment_notice_received", payment=name)
    remind(file, "A22.2", received, in_working_days(received, 5))
    paid = file.answer(received, in_working_days(received, 5), late)
    if paid is None:
        return received
    to = {"party": "s1", "to_account": payee_account(file), "from_account": f"户{file.court}"}
    parts = (fen // 3, fen - fen // 3) if fen // 3 and file.hit(DEFECT) else (fen,)
    for k, part in enumerate(parts):
        file.add(paid + k * HOUR, "payment_disbursed", payment=name, amount=yuan(part), **to)
    return paid + (len(parts) - 1) * HOUR


def payee_account(file: File) -> str:
    """Return the account that the applicant confirms."""
    return next(str(event["account"]) for _, event in file.log if event["type"] == "payee_confirmed")


def _obstacle(file: File, arrived: int, payment: Record) -> int:
    """Write what may keep the money back; return when the clock of the notice starts or runs on."""
    name = payment["id"]
    if file.hit(OBSTRUCTED):
        ground = OBSTACLES.pick(file.rng)
        file.add(file.after(arrived, 0, 4), "payout_obstacle_recorded", payment=name, ground=ground)
        return file.add(file.after(arrived, 8, 60), "payout_conditions_met", payment=name)
    if file.hit(DEFERRED):
        ground = DEFERRALS.pick(file.rng)
        arose = file.add(file.after(arrived, 0, 3), "deferral_ground_arose", payment=name, ground=ground)
        payment["deferral_ground"] = file.signed(ground, arose)
        kind = "deposit" if file.hit(DEPOSITED) else "defer"
        asked = file.add(file.after(arose, 0, 4), "payout_deferral_requested", payment=name, kind=kind)
        if not file.hit(DEFECT):
            approved = file.after(asked, 0, 2)
            file.add(approved, "payout_deferral_approved", payment=name, approver_id=deputy(file))
    return arrived
