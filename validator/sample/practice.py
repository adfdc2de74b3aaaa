"""What goes along with every step of a case: decisions and approvals, publication, reminders."""

from validator.sample.chance import Record
from validator.sample.days import DAY, HOUR, MINUTE, OPENING, workday
from validator.sample.figures import CHANNELS, DEFECT, LATE_ACT, LEFT_UNDONE, NO_APPROVAL
from validator.sample.file import File
from validator.sample.universe import CHIEF, DEPUTY_CHIEF, JUDGE, TEAM_LEADER

PUBLIC_RULINGS = frozenset({"freeze_ruling", "enforcement_ruling", "pro_tem_termination_ruling"})
KNOWN_TO_ALL = frozenset({"applicant", "debtor"})


def decide(file: File, when: int, matter: str, *, panel: bool) -> int:
    """Write a decision with its deliberation and approval; return when it was made."""
    name = file.next_id("decisions", "t")
    members = [file.officer(number) for number in (TEAM_LEADER, JUDGE, JUDGE + 1)]
    together = panel and not file.hit(DEFECT)
    approved = not file.hit(NO_APPROVAL)
    decision: Record = {
        "id": name,
        "matter": matter,
        "requires_panel": file.signed(panel, when),
        "requires_approval": file.signed(approved, when),
        "decided_by": "collegial_panel" if together else "single_judge" if file.hit(0.5) else "officer",
    }
    if together:
        decision["panel_member_ids"] = members
        decision["member_opinions"] = [{"member_id": member, "opinion": "同意"} for member in members]
        held = when - file.between(1, 40) * HOUR
        file.add(max(held, file.filed * DAY), "deliberation_held", decision=name, member_ids=members)
    if approved and not file.hit(DEFECT):
        decision["approver_id"] = file.by if file.hit(DEFECT) else file.officer(CHIEF)
        given = when - file.between(1, 40) * MINUTE
        file.add(given, "approval_given", decision=name, approver_id=decision["approver_id"], level="bureau_chief")
    file.keep("decisions", decision)
    return file.add(when, "decision_made", decision=name)


def publish(file: File, when: int, category: str, name: str) -> None:
    """Write that something is made public within a week, in a file that does so; now and then why it is not."""
    if not file.publishes:
        return
    if file.hit(DEFECT):
        file.add(when + HOUR, "publication_exception_recorded", category=category, item_ref=name, ground="trade_secret")
        return
    file.reply(when, 7, "info_published", category=category, item_ref=name)


def push(file: File, when: int, node: str) -> None:
    """Write that the case has reached a node and that the parties are told, in a file that does so."""
    if not file.publishes:
        return
    file.add(when, "node_reached", node=node, disclosable=not file.hit(DEFECT))
    for party in parties(file):
        if not file.hit(DEFECT):
            moment = when + file.between(1, 50) * HOUR
            file.add(moment, "progress_pushed", node=node, party=party, channel=CHANNELS.pick(file.rng))


def parties(file: File) -> list[str]:
    """Return the ids of the applicants and debtors."""
    return [party["id"] for party in file.record["parties"] if party["role"] in KNOWN_TO_ALL]


def remind(file: File, node: str, start: int, due: int) -> None:
    """Write reminder and warning before a clock ends, in a file whose system does so; now and then too late."""
    if not file.reminds:
        return
    for name, low, high in (("node_reminder_sent", 1, 3), ("node_warning_raised", 1, 2)):
        to = {"to_officer_id": file.by} if name == "node_reminder_sent" else {}
        if file.hit(LEFT_UNDONE):
            continue
        days = -1 if file.hit(LATE_ACT) else file.between(low, high)
        day = max(start // DAY, workday(due, -days)) if days > 0 else workday(due, 1)
        file.add(max(start + MINUTE, day * DAY + OPENING), name, node=node, **to)


def serve(file: File, issued: int, name: str, *ids: str) -> None:
    """Write the service of a document on parties; now and then one is left out."""
    for party in ids:
        if not file.hit(DEFECT):
            file.add(file.after(issued, 1, 9), "document_served", document=name, party=party, mode="direct")


def issue(file: File, when: int, document: Record, *ids: str) -> str:
    """Write a document, its issue and its service; return its id."""
    name = str(file.keep("documents", document)["id"])
    file.add(when, "document_issued", document=name)
    if document["type"] in PUBLIC_RULINGS:
        publish(file, when, "enforcement_documents", name)
    serve(file, when, name, *ids)
    return name


def deputy(file: File) -> str:
    """Return who approves in the second place."""
    return file.officer(DEPUTY_CHIEF)


def asked(file: File, when: int, request: Record) -> int:
    """Write a request and its receipt; return when it was received."""
    name = file.next_id("requests", "q")
    file.keep("requests", {"id": name, **request})
    return file.add(when, "request_received", request=name)


def last_request(file: File) -> str:
    """Return the id of the request received last."""
    return str(file.record["requests"][-1]["id"])
