"""The shipped vocabulary, parameters, tables and remedies, checked as plain data against expectations of its own.

Read with ``yaml.safe_load`` and without the validator's loader, so that a fault of the loader cannot hide a fault of
the data.  The figures and tables below were taken from the annexes of the normative matrix, not from the files.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from validator.resources import resource_dir

POLICIES = Path(str(resource_dir("policies")))
EVENT_FILES = {"events-case.yaml": 52, "events-assets.yaml": 65, "events-other.yaml": 105}
FILES = [
    *(f"vocabulary/{name}" for name in ("entities.yaml", "variables.yaml", *EVENT_FILES)),
    "parameters.yaml", "parameters.demo.yaml", "tables.yaml", "remedies.yaml",
]  # fmt: skip
RECORD_TYPES = {"case", "dispute", "petition", "oversight", "court", "officer"}
INNER_KINDS = {
    "asset", "lead", "payment", "measure", "document", "request", "decision", "finding", "fund_item", "party",
}  # fmt: skip
VARIABLES = {
    "case": 37, "party": 5, "asset": 36, "lead": 4, "payment": 17, "measure": 8, "document": 7, "request": 13,
    "decision": 9, "dispute": 5, "petition": 1, "oversight": 6, "finding": 3, "fund_item": 3, "court": 23,
    "officer": 12,
}  # fmt: skip
CODE_LISTS = {
    "content_items": 10, "instruments": 40, "system_features": 12, "activity_topics": 19, "violation_types": 25,
    "publication_categories": 6, "push_channels": 5,
}  # fmt: skip
# Declarations that name another record instead of its id, so that a rule may read that record.
RECORD_REFERENCES = {
    "dispute.court_ids": "court",  # A27.8 compares the level of the committee with the level of the courts in dispute
    "reported_to_superior.from_court_id": "court",  # A27.3b asks for the superior of the court that reports
}
BASES = {"enum", "text", "number", "money", "ratio", "boolean", "date", "time", "object"}
TABLES = {
    "panel_matters", "spc_platforms", "publication_exceptions", "disclosable_nodes", "dishonesty_grounds",
    "non_disposable_reasons", "deferral_grounds", "four_categories", "three_rules",
}  # fmt: skip
REMEDIES = {f"art{n}" for n in (5, 8, 10, 12, 28, 31, 32, 33, 34, 39, 41)}
INITIAL: dict[str, Any] = {
    "case.state": "active", "case.bankruptcy_stop": False, "case.track": "undetermined",
    "case.distribution_hold": False, "case.in_grace": False, "asset.control_state": "found",
    "asset.in_self_disposal": False, "payment.deferred": False, "payment.obstructed": False,
    "measure.state": "not_imposed", "officer.left_department": False,
    "party.distribution_hold": False,  # A5.4: nothing of a debtor is held before a ground of bankruptcy is found
    "payment.disputed_amount": 0,  # A22.2, A22.3: nothing is in dispute until somebody disputes it
    "asset.price_agreed": False,  # A16.4: nothing is agreed before a negotiation
    "case.in_bankruptcy": False, "party.in_bankruptcy": False,  # A22.1: no payout clock stops before an acceptance
    "case.performed": False, "case.withdrawn": False,  # A13.4: what is over is not, after a resumption
    "payment.deferral_pending": False,  # A22.9: nothing waits for approval before somebody asks for a deferral
}  # fmt: skip
# Every variable that only events change, and the events that change it.
SET_BY = {
    "case.state": "case_closed enforcement_resumed enforcement_suspended",
    "case.bankruptcy_stop": "bankruptcy_not_accepted bankruptcy_review_notice_received enforcement_resumed",
    "case.track": "track_changed triage_decided",
    "case.handling_unit": "case_assigned",
    "case.closing_method": "case_closed",
    "case.performed": "debtor_fully_performed enforcement_resumed",
    "case.withdrawn": "application_withdrawn enforcement_resumed",
    "case.termination_ground": "case_closed",
    "case.distribution_hold":
        "bankruptcy_accepted bankruptcy_not_accepted bankruptcy_transfer_refused_by_all insolvency_found",
    # A5.4 binds the enterprise that was found insolvent, one debtor among several
    "party.distribution_hold":
        "bankruptcy_accepted bankruptcy_not_accepted bankruptcy_transfer_refused_by_all insolvency_found",
    # A22.1: an acceptance stops the payout of one debtor's money, as long as A5.9 has it
    "case.in_bankruptcy": "bankruptcy_accepted bankruptcy_not_accepted enforcement_resumed",
    "party.in_bankruptcy": "bankruptcy_accepted bankruptcy_not_accepted enforcement_resumed",
    "case.grace_until": "grace_period_set",
    "case.in_grace": "grace_period_ended grace_period_set",
    # A16.4 goes by the latest negotiation
    "asset.price_agreed": "price_negotiation_concluded",
    "asset.control_state": "asset_controlled asset_delivered asset_handed_to_administrator asset_released",
    "asset.in_self_disposal": "self_disposal_completed self_disposal_ended self_disposal_permitted",
    "asset.reference_price": "reference_price_fixed",
    "asset.reference_price_method": "reference_price_fixed",
    "asset.sale_mode": "auction_announced realization_started self_disposal_permitted",
    "payment.disputed_amount": "payment_dispute_raised payment_dispute_resolved",
    # A22.1: the conditions of payout, or the notice, end what stood in the way of it
    "payment.deferred": "payment_notice_issued payout_conditions_met payout_deferral_approved",
    "payment.deferral_pending": "payout_deferral_approved payout_deferral_requested",
    "payment.obstructed":
        "payment_notice_issued payout_conditions_met payout_obstacle_recorded payment_dispute_resolved",
    "measure.state": "dishonesty_info_shielded measure_imposed measure_lifted",
    "request.route": "request_accepted",
    "request.outcome": "request_decided",
    "decision.criteria": "triage_decided",
    "officer.left_department": "officer_joined_enforcement officer_transferred position_started",
    "officer.position": "position_ended position_started",
    "officer.position_category": "position_category_changed position_started",
}  # fmt: skip
# Where a missing reference has consequences, spot checks of the annex.
REFERS_TO: dict[str, dict[str, Any]] = {
    "case_materials_received": {},
    "online_query_initiated": {"party": "all"},
    "query_feedback_received": {"asset": "unknown", "party": "unknown"},
    "asset_controlled": {"asset": "required", "document": "unknown"},
    "lead_verified": {"lead": "required"},
    "funds_arrived": {"one_of": ["payment", "fund_item"]},
    "payment_disbursed": {"payment": "required", "party": "unknown"},
    "measure_imposed": {"measure": "required"},
    "request_received": {"request": "required", "measure": "unknown", "asset": "unknown", "payment": "unknown"},
    "approval_given": {"one_of": ["decision", "payment", "case"], "asset": "unknown"},
    "violation_confirmed": {
        "one_of": ["oversight", "officer", "court", "case"], "decision": "unknown", "asset": "unknown"
    },
    "training_round_opened": {"one_of": ["court", "officer"]},
}  # fmt: skip
# Attributes of events that are judgements: somebody who is named answers for them.
ATTESTED_ATTRIBUTES = {
    # starred in the annex
    "substantive_dispute_identified.dispute_major", "security_provided.effective", "security_examined.effective",
    "node_reached.disclosable", "case_classified.category", "complaint_received.upheld",
    # found to be judgements when the articles were encoded
    "activity_held.topic",  # A2.2 and others: whether an activity was about the topic
    "important_matter_arose.matter_id",  # A1.2: whether a matter is important; nothing is inferred from cases
    "justified_reason_recorded.accepted_by",  # A27.5, A27.6: a reason counts once the superior has accepted it
    "node_info_verified.result",  # A12.8b: whether node information is true
    "sanction_conditions_met.basis",  # A24.8: whether the conditions of a sanction are met, and on what basis
    "violation_confirmed.violation_type",  # A2.5a and others: which violation it was
    "violation_suspected.officer_id",  # A3.1a: whether an officer is under suspicion
}  # fmt: skip
GLOBAL_PARAMETERS = {
    "period_rules": "civil_procedure", "hour_start": "exact", "same_day": "in_order", "day_end": "24:00",
    "issue_date": "2021-12-06",
}  # fmt: skip
# name | unit | norms | demonstration value (-: none)
PARAMETERS = """
account_unblock_days | working days | A15.4 | 1
asset_push_days | working days | A14.4 | 5
bankruptcy_inquiry_days | working days | A5.5 | 5
bankruptcy_transfer_start_days | working days | A5.7 | 30
bureau_chief_vacancy_days | working days | A39.2 | 90
case_consultation_gap_days | days | A32.3 | 180
cases_per_quota_judge | number | A38.5 | -
category_assessment_gap_days | days | A7.8 | 365
central_staff_ratio | ratio | A38.2 | -
clue_transfer_days | working days | A34.1 | 5
committee_report_days | working days | A27.8 | 5
consultation_days | working days | A31.7 | 5
coordination_decision_days | working days | A26.5 | 30
correction_days | working days | A8.5 A8.6 | 3
credit_push_days | working days | A23.15 | 5
data_provision_days | working days | A34.2 | 5
deferral_request_statutory_days | working days | A22.8 | -
designated_progress_days | working days | A28.5 | 30
discipline_education_gap_days | days | A3.3 | 180
dispute_negotiation_days | working days | A27.1 A27.7 | 5
dispute_report_days | working days | A27.2 | 5
division_coordination_days | working days | A15.7 | 5
dual_check_sync_days | working days | A31.4 | 5
duty_report_gap_days | days | A39.3 | 365
excess_release_days | working days | A15.8 | 5
exposure_correct_days | working days | A37.2 | 5
exposure_response_days | working days | A37.3 | 5
exposure_verify_days | working days | A37.1 | 5
finding_close_days | working days | A33.7 | 10
grace_period_max_days | days | A23.17 | 30
ideals_education_gap_days | days | A2.2 | 180
immediate_control_hours | hours | A13.4 A13.7 A24.6 | 24
immediate_lift_hours | hours | A23.5 | 24
improvement_days | working days | A35.5 | 60
integrity_session_gap_days | days | A4.4 | 180
investigation_measure_days | working days | A24.7 | 10
joint_meeting_gap_days | days | A32.2 | 180
lead_check_days | working days | A24.5 | 5
leave_gap_days | days | A43.3 | 730
legal_rep_lift_days | working days | A23.8 | 5
listing_correction_days | working days | A23.13 | 5
listing_review_days | working days | A23.12 | 5
live_broadcast_gap_days | days | A11.7 | 365
loophole_days | working days | A32.6 | 30
loss_restoration_days | working days | A5.14 | 30
lower_court_assessment_gap_days | days | A26.4 | 365
npc_report_gap_days | days | A35.4 | 365
objection_acceptance_days | working days | A24.15 | 5
offline_entry_lag_days | working days | A12.9 A14.3 A14.5 | 3
overseizure_tolerance | ratio | A15.2 A15.5 A15.6 | 0.2
petition_correction_days | working days | A30.4 | 5
petition_feedback_days | working days | A30.6 A30.9 | 5
petition_start_hours | hours | A30.3 | 24
preservation_release_days | working days | A5.10 | 5
procuratorate_invite_days | working days | A36.5 | 5
progress_push_days | working days | A11.3 | 5
promotion_days | working days | A43.1 | -
prompt_correction_hours | hours | A8.4 | 24
publication_days | working days | A11.2 | 7
purpose_education_gap_days | days | A2.3 | 180
query_freshness_days | days | A24.4 | 90
realization_step_gap_days | days | A24.9 | 60
rectification_campaign_gap_days | days | A41.2 | 365
rectification_plan_days | working days | A33.5 | 15
referral_days | working days | A31.6 | 5
reminder_lead_days | working days | A12.4 | 1
report_noncorrection_hours | hours | A8.6 | 24
responsibility_assessment_gap_days | days | A4.5 | 365
routine_check_gap_days | days | A8.3 | 7
same_time_tolerance_days | working days | A23.2 | 0
self_correction_days | working days | A28.2 | 30
service_days | working days | A23.11 A24.14 | 5
shielding_days | working days | A23.14 | 5
simple_track_days | days | A7.7 | -
special_inspection_gap_days | days | A33.3 | 365
staffing_check_gap_days | days | A38.8 | 365
state_compensation_start_days | working days | A5.12 | 10
suggestion_discussion_days | working days | A35.9 | 30
superior_correction_days | working days | A28.1 | 30
superior_measure_days | working days | A28.3 | 5
suspension_after_notice_hours | hours | A5.9 | 24
sync_tolerance_minutes | minutes | A14.2 | 60
training_gap_days | days | A40.1 | 365
training_round_days | days | A40.2 | 365
triage_days | working days | A7.1 | 10
undisputed_payout_days | working days | A22.3 | 5
unfit_transfer_days | working days | A38.7 | 30
unmatched_tolerance_days | working days | A19.5 | 3
violation_transfer_days | working days | A31.8 | 5
warning_education_gap_days | days | A3.3 | 180
warning_lead_days | working days | A12.5 | 1
"""


@cache
def read(name: str) -> dict[str, Any]:
    """Return the content of a policy file."""
    found: dict[str, Any] = yaml.safe_load((POLICIES / name).read_text(encoding="utf-8"))
    return found


@cache
def variables() -> dict[str, dict[str, Any]]:
    """Return the declared variables by name."""
    found: dict[str, dict[str, Any]] = read("vocabulary/variables.yaml")["variables"]
    return found


@cache
def events() -> dict[str, dict[str, Any]]:
    """Return the event types of all files by name."""
    found: dict[str, dict[str, Any]] = {}
    for name in EVENT_FILES:
        part = read(f"vocabulary/{name}")["events"]
        assert not found.keys() & part.keys()
        found |= part
    return found


def expected_parameters() -> Iterator[tuple[str, str, list[str], str]]:
    """Yield name, unit, norms and demonstration value of every parameter of the annex."""
    for line in PARAMETERS.strip().splitlines():
        name, unit, norms, demo = (part.strip() for part in line.split("|"))
        yield name, unit, norms.split(), demo


def setters() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield event name, event and setter for every setter."""
    for name, event in events().items():
        for setter in event.get("sets", ()):
            yield name, event, setter


def typed() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every declaration that has a type: variables, common and own attributes of events."""
    yield from variables().items()
    yield from read("vocabulary/entities.yaml")["event_attributes"].items()
    for name, event in events().items():
        for attribute, declared in event.get("attributes", {}).items():
            yield f"{name}.{attribute}", declared


def codes_of(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the codes of an enumerated declaration with their labels."""
    values = declared["values"]
    found: dict[str, Any] = read("vocabulary/entities.yaml")["codes"][values] if isinstance(values, str) else values
    return found


def labels(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every {zh, en} mapping below ``value`` with its path."""
    if isinstance(value, dict):
        if "zh" in value or "en" in value:
            yield path, value
        else:
            for key, part in value.items():
                yield from labels(part, f"{path}/{key}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from labels(part, f"{path}/{index}")


def test_entities() -> None:
    """Six record types, ten kinds inside them, plurals that do not collide."""
    entities = read("vocabulary/entities.yaml")["entities"]
    assert {n for n, e in entities.items() if e.get("record")} == RECORD_TYPES
    assert {n for n, e in entities.items() if not e.get("record")} == INNER_KINDS
    assert all(set(e["inside"]) <= RECORD_TYPES for e in entities.values() if "inside" in e)
    assert entities["document"]["inside"] == ["case", "dispute", "oversight", "court"]
    assert len({e["plural"] for e in entities.values()}) == len(entities)


def test_what_a_reference_passes_on() -> None:
    """Requests and documents pass an event on to the entities that they concern."""
    entities = read("vocabulary/entities.yaml")["entities"]
    assert entities["request"]["passes_on"] == ["asset_id", "measure_id", "payment_id"]
    assert entities["document"]["passes_on"] == ["asset_id", "measure_id"]
    for name in ("request", "document"):
        kinds = {variables()[f"{name}.{a}"]["type"] for a in entities[name]["passes_on"]}
        assert kinds <= INNER_KINDS
        for event in (e for e in events().values() if e.get("refers_to", {}).get(name) == "required"):
            assert kinds <= event["refers_to"].keys()


def test_links() -> None:
    """A link starts at a declared attribute and leads to a record type; back links are there."""
    links = read("vocabulary/entities.yaml")["links"]
    for link in links.values():
        sources = link["from"] if isinstance(link["from"], list) else [link["from"]]
        assert all(variables()[s]["type"] == "text" for s in sources)
        assert link["to"] in RECORD_TYPES
    assert links["court"]["from"][0] == "case.court_id"
    assert links["checks"] == {"from": "oversight.target_case_id", "to": "case", "many": True}
    assert links["officers"] == {"from": "officer.court_id", "to": "court", "many": True}


def test_variables_are_all_there() -> None:
    """176 variables of the annex without the four of events and the nine tables, and 26 that norms needed.

    What stops a single debtor's money (five), a request that waits, what is to be paid out, still in dispute, notified
    and got (article 22), what is performed, withdrawn or over (articles 13, 16, 17, 23, 24), the price last agreed, the
    sale that is due or not needed and who sells (article 16), what may be seized, was found again, sold or is beyond
    disposal (article 24), which requests wait (article 27), what a designated court did in a case of its own (article
    28), who serves in enforcement (articles 3, 42), what posts an officer holds (article 4).
    """
    counts = {kind: sum(n.startswith(f"{kind}.") for n in variables()) for kind in VARIABLES}
    assert counts == VARIABLES
    assert sum(counts.values()) == len(variables()) == 176 - 4 - 9 + 26


def test_codes() -> None:
    """Every enumerated declaration has codes that are names; no code list lies idle."""
    codes = read("vocabulary/entities.yaml")["codes"]
    assert {name: len(codes[name]) for name in CODE_LISTS} == CODE_LISTS
    used = set()
    for name, declared in typed():
        assert (declared["type"] == "enum") == ("values" in declared), name
        if "values" in declared:
            used |= {declared["values"]} if isinstance(declared["values"], str) else set()
            words = codes_of(declared)
            assert words, name
            assert all(w.isidentifier() and not keyword.iskeyword(w) and w != "unknown" for w in words), name
            assert all(set(words[w]) == {"zh", "en"} for w in words), name
    assert used == set(codes)


def test_types() -> None:
    """A type is one of the words, an entity kind inside the record or another record; money is not negative."""
    assert {n: d["type"] for n, d in typed() if d["type"] not in BASES | INNER_KINDS} == RECORD_REFERENCES
    for name, declared in typed():
        assert (declared["type"] == "object") == ("fields" in declared), name
        assert declared.get("min") == 0 or declared["type"] not in ("money", "number", "ratio"), name


def test_sources() -> None:
    """The four sources; computed variables have an expression, event variables the documented start value."""
    for name, declared in variables().items():
        assert declared["source"] in ("recorded", "attested", "events", "is"), name
        assert (declared["source"] == "is") == ("is" in declared), name
    assert {n: v["initial"] for n, v in variables().items() if "initial" in v} == INITIAL
    assert {n for n, v in variables().items() if v["source"] == "is"} == {
        "case.suspended", "case.closed", "case.anything_controlled", "case.controlled_total", "asset.released",
        "payment.distribution_hold", "payment.bankruptcy_stop",  # A22.1: the hold of the debtor whose money it is
        "payment.still_disputed", "payment.paid_to_applicant", "payment.notified_amount",  # A22.1, A22.2
        "case.enforcement_over",  # A13.4, A16.2, A17.4, A24.5 to A24.9
        "asset.no_sale_needed", "asset.sale_due", "asset.disposal_elsewhere",  # A16.2, A24.1
        "asset.maybe_seized", "asset.sold", "asset.beyond_disposal", "asset.found_again",  # A24.9, A24.12
        "dispute.requests_waiting",  # A27.4: a reminder starts no month of its own
        "officer.in_other_department",  # A42.2: a record without a department is one of enforcement staff
        "officer.in_enforcement",  # A3.4: whether the department or a transfer was recorded last
        "officer.posts_held",  # A4.2: who holds two posts and leaves one still holds the other
    }  # fmt: skip


def test_event_types_are_all_there() -> None:
    """222 event types, in the files that their comments promise."""
    assert {name: len(read(f"vocabulary/{name}")["events"]) for name in EVENT_FILES} == EVENT_FILES
    assert len(events()) == 222
    names = {*events(), *(a for e in events().values() for a in e.get("attributes", {}))}
    assert all(n.isidentifier() and not keyword.iskeyword(n) for n in names)


def test_references_of_events() -> None:
    """References name declared kinds; a reference is not an attribute as well."""
    for name, event in events().items():
        refers = dict(event.get("refers_to", {}))
        one_of = refers.pop("one_of", [])
        assert set(one_of) <= RECORD_TYPES | INNER_KINDS, name
        assert refers.keys() <= INNER_KINDS | {"court"}, name
        assert set(refers.values()) <= {"required", "unknown", "all"}, name
        clash = {f"{kind}_id" for kind in refers} & event.get("attributes", {}).keys()
        assert not clash, name
    assert {n: events()[n].get("refers_to", {}) for n in REFERS_TO} == REFERS_TO


def test_attested_attributes() -> None:
    """The attributes listed, and no others, are judgements that somebody signs."""
    own = {n for n, d in typed() if d.get("source") == "attested" and n not in variables()}
    assert own == ATTESTED_ATTRIBUTES


def test_variables_that_are_judgements() -> None:
    """Two variables that look like plain facts count only when signed: A5.14 and A24.1 accuse by them."""
    assert variables()["case.confirmed_loss"]["source"] == "attested"
    assert variables()["asset.non_disposable_reason"]["source"] == "attested"


def test_a_complaint_names_the_violation() -> None:
    """A18.5 tells a complaint of interference with the platform from any other: same codes as a confirmed violation."""
    complaint, confirmed = (events()[e]["attributes"] for e in ("complaint_received", "violation_confirmed"))
    assert complaint["violation_type"]["values"] == confirmed["violation_type"]["values"] == "violation_types"


def test_setters() -> None:
    """A setter changes an event variable of an entity that the event refers to, or of the record."""
    for name, event, setter in setters():
        variable = variables()[setter["variable"]]
        assert variable["source"] == "events", name
        refers = event.get("refers_to", {})
        assert setter["variable"].partition(".")[0] in {*RECORD_TYPES, *refers, *refers.get("one_of", ())}, name
        attributes = event.get("attributes", {})
        for key in ("from", "until"):
            assert setter.get(key) is None or setter[key] in attributes, name
        if "from" in setter:
            given = attributes[setter["from"]]
            assert (given["type"], given.get("many")) == (variable["type"], variable.get("many")), name
            if given["type"] == "enum":
                assert codes_of(given).keys() <= codes_of(variable).keys(), name
        elif variable["type"] == "enum":
            assert setter["to"] in codes_of(variable), name
        else:
            assert isinstance(setter["to"], bool if variable["type"] == "boolean" else int), name
        assert all(
            w in attributes for w in re.findall(r"^(?:not )?(?:known\()?(\w+)\b(?!\()", setter.get("where", ""))
        ), name


def test_every_event_variable_is_set() -> None:
    """Each variable of source events is changed by exactly the events of the annex."""
    found: dict[str, set[str]] = {n: set() for n, v in variables().items() if v["source"] == "events"}
    for name, _, setter in setters():
        found[setter["variable"]].add(name)
    assert found == {variable: set(names.split()) for variable, names in SET_BY.items()}


@pytest.mark.parametrize(
    ("event", "setter"),
    [
        (
            "bankruptcy_review_notice_received",
            {"variable": "case.bankruptcy_stop", "to": True, "where": "form == written"},
        ),
        ("insolvency_found", {"variable": "case.distribution_hold", "to": True}),
        ("grace_period_set", {"variable": "case.in_grace", "to": True, "until": "until"}),
        ("asset_released", {"variable": "asset.control_state", "to": "partly_released", "where": "scope == part"}),
        ("self_disposal_ended", {"variable": "asset.in_self_disposal", "to": False}),
        ("payout_conditions_met", {"variable": "payment.obstructed", "to": False}),
        (
            "payout_deferral_approved",
            {"variable": "payment.deferred", "to": True, "until": "until", "where": "known(until)"},
        ),
        ("payout_deferral_approved", {"variable": "payment.deferred", "to": True, "where": "not known(until)"}),
        ("payment_dispute_resolved", {"variable": "payment.disputed_amount", "to": 0, "where": "not known(amount)"}),
        ("measure_imposed", {"variable": "measure.state", "to": "in_force", "where": "not deferred"}),
        ("case_closed", {"variable": "case.termination_ground", "from": "termination_ground"}),
    ],
)
def test_setters_with_conditions(event: str, setter: dict[str, Any]) -> None:
    """Setters whose condition or end decides a verdict."""
    assert setter in events()[event]["sets"]


def test_absent_deferral_means_none() -> None:
    """A listing that says nothing of a deferral is not deferred."""
    assert events()["measure_imposed"]["attributes"]["deferred"]["default"] is False


def test_parameters() -> None:
    """91 parameters, unset as shipped; five global ones with their documented default.

    They are those of the annex but for `leave_year_start`, a month and day, which no rule can read: A43.3 reads
    `leave_gap_days` instead.
    """
    parameters = read("parameters.yaml")["parameters"]
    expected = {name: (unit, norms) for name, unit, norms, _ in expected_parameters()}
    assert len(expected) == 91
    assert parameters.keys() == expected.keys() | GLOBAL_PARAMETERS.keys()
    for name, (unit, norms) in expected.items():
        found = parameters[name]
        assert (found["unit"], found["norms"], found["values"]) == (unit, norms, []), name
        assert found.get("min") == 0, name
    for name, value in GLOBAL_PARAMETERS.items():
        assert [v["value"] for v in parameters[name]["values"]] == [value]


def test_every_parameter_is_read() -> None:
    """A parameter is read by the norms that it names: none is awaited that would change nothing."""
    reading: dict[str, set[str]] = {}
    for path in POLICIES.glob("article-*.yaml"):
        for record in yaml.safe_load(path.read_text(encoding="utf-8"))["records"]:
            words = str({k: v for k, v in record.items() if k not in {"title", "reading", "examples"}})
            for name in re.findall(r"param\.(\w+)", words):
                reading.setdefault(name, set()).add(record["id"].rstrip("abcdef"))
    reading["correction_days"].add("A8.6")  # read by A8.5, whose breach starts the clock of A8.6
    assert reading == {name: set(norms) for name, _, norms, _ in expected_parameters()}


def test_demonstration_values() -> None:
    """The overlay has the demonstration values, marked as such, and leaves unset what has none."""
    demo = read("parameters.demo.yaml")["parameters"]
    expected = {name: value for name, _, _, value in expected_parameters() if value != "-"}
    assert {name: str(entry["values"][0]["value"]) for name, entry in demo.items()} == expected
    assert len(expected) == 86
    text = (POLICIES / "parameters.demo.yaml").read_text(encoding="utf-8")
    for name, _, _, value in expected_parameters():
        assert value != "-" or re.search(rf"^ *# {name}（", text, re.MULTILINE), name
    for entry in demo.values():
        (only,) = entry["values"]
        assert str(only["from"]) == "2021-12-06"
        assert only["basis"] == {"zh": "演示值，无法律效力", "en": "demonstration value without legal force"}


def test_tables() -> None:
    """Nine tables, empty as shipped; a comment above each says where its content comes from."""
    tables = read("tables.yaml")["tables"]
    assert tables.keys() == TABLES
    assert all(t["values"] == [] for t in tables.values())
    lines = (POLICIES / "tables.yaml").read_text(encoding="utf-8").splitlines()
    for name in TABLES:
        index = next(i for i, line in enumerate(lines) if line.startswith(f"  {name}:"))
        assert lines[index - 1].startswith("  # 来源："), name


def test_remedies() -> None:
    """The general remedies, each with its occasion and steps that cite their norms."""
    remedies = read("remedies.yaml")["remedies"]
    assert remedies.keys() == REMEDIES
    for name, remedy in remedies.items():
        assert remedy["when"], name
        assert remedy["steps"], name
        for step in remedy["steps"]:
            assert step["by"].isidentifier()
            assert all(re.fullmatch(rf"A{name[3:]}\.[0-9]+", norm) for norm in step["basis"]), name


@pytest.mark.parametrize("name", FILES)
def test_labels_are_in_both_languages(name: str) -> None:
    """Every label has Chinese with Chinese characters and English without."""
    for path, label in labels(read(name)):
        assert set(label) == {"zh", "en"}, path
        assert re.search(r"[\u4e00-\u9fff]", label["zh"]), path
        assert re.search(r"[A-Za-z]", label["en"]), path
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", label["en"]), path


@pytest.mark.parametrize("name", FILES)
def test_files_are_plain(name: str) -> None:
    """A Chinese comment opens the file; no anchors, aliases or tags; lines fit; labels are not forgotten."""
    text = (POLICIES / name).read_text(encoding="utf-8")
    assert re.match(r"# .*[\u4e00-\u9fff]", text)
    tokens = list(yaml.scan(text, Loader=yaml.SafeLoader))
    assert not [t for t in tokens if isinstance(t, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken)]
    assert max(map(len, text.splitlines())) <= 160
    law = read(name).get("law", {})
    assert set(law) in (set(), {"zh", "en"})
    for section in read(name).values() if "demo" not in name else ():
        for entry in section.values() if section is not law else ():
            assert {"label", "from", "when", "zh"} & entry.keys() or all(set(e) == {"zh", "en"} for e in entry.values())
