"""The shares of a docket.

Published figures stand with their source; a figure marked "guess" has none and may be changed at will.
Most acts are in time.  Late, missing and irregular ones are mixed in at the rates below, and two files in five are
kept on paper: there days, figures and signatures are missing.
"""

from validator.sample.chance import odds

# --- kinds of record -----------------------------------------------------------------------------------------------
MATTERS = odds(("case", 82), ("petition", 7), ("oversight", 8), ("dispute", 3))
"""What a docket is made of besides courts and their staff.  Petitions and disputes are few against enforcement cases
(青海 948 cross-court matters in 2025, 青海新闻网); the shares themselves are guesses, above the real ones."""
OFFICER_EVERY = 8
"""One record in so many is an officer, until all have been told (guess)."""

# --- kinds of case -------------------------------------------------------------------------------------------------
# First-time, resumed and other matters 72 : 13 : 15, from 133万 resumed against 730万 first-time cases in Jan-Oct 2021
# (人民政协网 2021-11-19).  How the 15 divide among 执保, 执异, 执复 and 执监 is a guess.
CASE_TYPES = odds(
    ("first_enforcement", 144),
    ("resumed_enforcement", 26),
    ("preservation", 14),
    ("objection", 8),
    ("objection_lawsuit", 2),
    ("reconsideration", 3),
    ("supervision", 2),
    ("passive_enforcement_supervision", 1),
)
ENFORCEMENT = frozenset({"first_enforcement", "resumed_enforcement"})
BY_SUPERIOR = frozenset({"reconsideration", "supervision", "passive_enforcement_supervision"})
TYPE_CHARACTERS = {
    "first_enforcement": "执",
    "resumed_enforcement": "执恢",
    "preservation": "执保",
    "objection": "执异",
    "objection_lawsuit": "民初",
    "reconsideration": "执复",
    "supervision": "执监",
    "passive_enforcement_supervision": "执监",
}
"""Type characters of a case number (法〔2015〕137号)."""
COURT_CHANGE = 0.015
"""Cases that move to another court, 1 to 2 in 100: 青海 948 in 2025, 哈尔滨 31 to 2024-02 (青海新闻网, 哈尔滨中院)."""

# --- money ---------------------------------------------------------------------------------------------------------
# Median 40 000 yuan, mean near 220 000 (2021: 1.94万亿 yuan in 864.2万 closed cases; 2022: over 2万亿 in over 917万),
# one claim in 1 000 above 50 million (one city's 700-odd payouts of a day: 150 yuan to 50 million, 民主与法制时报).
CLAIM_MEDIAN = 4_000_000
"""In fen."""
CLAIM_STEP = 1_525
"""Per mille from one rung of the ladder of claims to the next; 53 coins give a spread of 1.535 in the logarithm."""
HUGE_CLAIM = 0.001
HUGE_CLAIM_FLOOR = 5_000_000_000
"""In fen; a huge claim is this divided by something from 1 down to 1 - `HUGE_SPREAD`."""
HUGE_SPREAD = 0.75
WHOLE_YUAN = 0.6
"""Claims without fen (guess)."""
CLAIM_REDUCED = 0.01
"""Claims that shrink in mid-course (guess)."""

ASSET_COUNTS = odds(((0, 0), 40), ((1, 1), 30), ((2, 4), 25), ((5, 8), 5))
"""Assets per case: about 40 in 100 have none (2016 statistic, m.fx361.cc 2020-01-17)."""
PAYMENT_COUNTS = odds(((0, 0), 45), ((1, 1), 40), ((2, 5), 15))
LISTINGS = odds((1, 40), (2, 40), (3, 20))
"""Listings per asset sold, a third one is a 变卖: 8 items, 12 listings, 10 failures in a half year (勃利 2021)."""
LAST_LISTING = 3

# What the national search system had found by the end of 2021: 34 967万 real-estate and 14 733万 vehicle entries,
# securities (blue book 2022, dakalaw.com/html/1074.html); deposits are what most cases begin with.
ASSET_TYPES = odds(("bank_deposit", 50), ("real_estate", 20), ("vehicle", 18), ("securities", 7), ("other", 5))
ONLINE = {"bank_deposit": 0.995, "securities": 0.6, "vehicle": 0.3, "real_estate": 0.25, "other": 0.0}
"""Can be controlled online: 3 974 of 3 992 connected institutions can freeze (same source); the rest are guesses."""
VALUE_PERCENT = odds((5, 20), (30, 20), (80, 25), (150, 20), (600, 15))
"""Value of an asset in per cent of the claim, before a spread of 40 to 160 (guess)."""
WAITING = 0.12
"""Seizures that only wait behind another court's (guess)."""
OVERSEIZURE = 0.005
"""Clear over-seizure is rare by count: 21 found in a province in 3.5 months (湖北日报网 2021-09-08)."""

# --- how cases end -------------------------------------------------------------------------------------------------
# Paid or settled, 终本, 终结 and others 45 : 40 : 15 (夷陵 2021: 实结 69.2 % of closed first-time cases, 实际执结率
# 27.59 %), shared out between the 45 cases in 100 in which no money arrives and the others.
ENDS_WITHOUT_MONEY = odds(("fully_enforced", 5), ("terminated_pro_tem", 30), ("terminated", 10))
ENDS_WITH_MONEY = odds(("fully_enforced", 40), ("terminated_pro_tem", 10), ("terminated", 5))
PRO_TEM_REST = 90
"""A 终本 comes three months after filing at the earliest, in calendar days (法〔2016〕373号)."""
COURSE_DAYS = (20, 110)
"""From filing to the end where nothing else takes time: means of 50.67, 62.23 and 72.78 days (勃利, 夷陵 2021)."""
NEVER_CLOSED = 0.04
"""Still open whatever happened (guess)."""
SUSPENDED = 0.06
"""Enforcement suspended at some time (guess)."""

# --- acts in time, late and left undone ----------------------------------------------------------------------------
LATE_PAYOUT_BEFORE = 0.12
LATE_PAYOUT_AFTER = 0.03
"""Money out late, before and after the Opinions.  In the 2021 drive 99.92万 cases held money over 30 days, against
722.9万 closed in those months, a stock of many years (人民政协网 2021-11-19): hence 5 to 15 in 100, and a few after."""
LATE_ACT = 0.06
"""Other clocks: 96.07 % within the legal term (夷陵 2021), 86.01 % where there are assets (勃利 2021)."""
LEFT_UNDONE = 0.012
"""Acts never done (guess)."""
DEFECT = 0.03
"""Irregular in another way: order, content, system (guess; an inspection of 庆城 in 2018 lists such findings)."""
LAST_DAY = 0.06
"""Acts on the very last day of their clock (guess)."""
DAY_OFF = 0.07
"""Acts moved to a rest day shortly before, where there is one.  With what comes by itself at week-ends, 5 to 8 events
in 100 are on days off (week-end work is usual before Spring Festival)."""

# --- what the files lack -------------------------------------------------------------------------------------------
PAPER = 0.4
"""Files kept on paper and entered afterwards (guess).  They hold all the gaps."""
PAPER_MONTH = 0.25
PAPER_BOUND = 0.25
"""Events of a paper file: so one event in ten of all is known to the month only and one in ten by a bound."""
PAPER_MISSING = 0.25
"""Facts of a paper file: so one fact in ten of all is missing."""
PAPER_SLACK = 12
"""Days between a bound and the day itself, at most (guess)."""
BOUNDS = odds(("both", 60), ("not_after", 25), ("not_before", 15))
ONE_SIDED = 0.1
"""Judgements that only a party vouches for."""
SIGNED = 0.6
"""Judgements with the officer who made them and the day (guess)."""
STAMPS = odds(
    (("+08:00", 8), 78), (("", 8), 8), (("Z", 0), 5), (("+0800", 8), 3), (("+07:00", 7), 3), (("+09:00", 9), 3)
)
"""Offsets of time stamps, one a file (guess)."""
DATES_ONLY = 0.12
"""Electronic files whose export cuts the time off (guess)."""
MINUTES_ONLY = 0.2
"""Electronic files whose stamps have no seconds (guess)."""
NUMBERED = 0.7
"""Electronic files whose events carry an id and the officer (guess)."""
IN_ORDER = 0.5
"""Electronic files that promise their events in order (guess)."""

# --- words of the rule set and guesses without any figure ----------------------------------------------------------
QUERY_SYSTEMS = ("national_system", "local_system")
QUERY_TYPES = ("bank_deposit", "real_estate", "vehicle", "securities", "other")
LEVELS = ("handler", "division_chief", "bureau_chief")
CRITERIA = ("sufficient_property", "disposal_needed", "one_off_enforceable")
FORMALITIES = ("payment_notice", "approval", "account_check")
PLATFORMS = odds(("taobao", 55), ("jd", 30), ("rmfysszc", 15))
MODES = {"bank_deposit": "freeze", "securities": "freeze", "vehicle": "detain", "real_estate": "seal", "other": "seal"}
DEBTORS = odds((1, 70), (2, 22), (3, 8))
PARTY_TYPES = odds(("natural_person", 68), ("enterprise_legal_person", 28), ("other_organisation", 4))
LEAD_GIVERS = odds(("applicant", 80), ("debtor", 8), ("third_person", 9), ("other", 3))
LISTING_GROUNDS = odds(("able_but_refuses", 60), ("property_report_breach", 25), ("evasion", 10), ("obstruction", 5))
NOT_SALEABLE = odds(("unsold_and_setoff_declined", 50), ("vehicle_not_detained", 30), ("other", 20))
DEFERRALS = odds(
    ("distribution_needed", 40), ("attached_elsewhere", 30), ("applicant_did_not_collect", 20), ("other", 10)
)
NOTICE_CONTENTS = ("case_account", "right_to_refuse_other_account", "report_hotline_12368")
OBSTACLES = odds(("account_unknown", 40), ("distribution_plan_open", 40), ("other", 20))
OBJECTORS = odds(("debtor", 45), ("interested_person", 25), ("third_person", 20), ("applicant", 10))
OUTCOMES = odds(("rejected", 70), ("upheld", 15), ("partly_upheld", 8), ("withdrawn", 7))
REVIEW_UNITS = odds(("adjudication_division", 40), ("enforcement_panel", 60))
OCCASIONS = odds(("none", 92), ("security", 3), ("consent", 3), ("representative", 2))
"""What may end a restriction before the debt is paid."""
CHANNELS = odds(("sms", 70), ("wechat", 15), ("app", 10), ("hotline", 5))
BY_ITSELF = frozenset(
    {"query_feedback_received", "funds_arrived", "request_received", "lead_received", "debtor_fully_performed"}
    | {"security_provided", "applicant_consented", "legal_representative_changed", "case_materials_received"}
    | {"application_withdrawn", "other_payment_channel_demanded", "payment_refused", "division_refused_by_registrar"}
    | {"account_use_blocked", "complaint_received", "preservation_release_requested", "petition_received"}
)
"""Events that no officer of the court does."""
GAPS = {
    "": ("claim_amount", "executable_property", "track_deadline", "cross_region", "team_leader_id"),
    "parties": ("type",),
    "assets": ("value", "online_controllable", "needs_realization", "seizure_rank", "under_node_control"),
    "leads": ("provided_by", "specific", "urgent"),
    "payments": ("amount", "debtor_id", "formalities"),
    "measures": ("ground", "dishonesty_ground_met"),
    "requests": ("by_role",),
    "decisions": ("requires_panel", "requires_approval", "decided_by"),
    "findings": ("rectification_deadline",),
    "fund_items": ("historical", "received_on"),
}
"""Facts that a paper file may lack, by the list that holds them ("" = the record itself)."""
GAPS_ELSEWHERE = ("source", "fairly_serious", "matters", "agency_type", "common_superior_id", "is_judge", "portfolios")
"""Facts that a paper file other than a case may lack."""

# Guesses, all of them.
SIMPLE_TRACK = 0.55
TRACK_DEADLINE = 0.4
JOINT_QUERY = 0.8
"""One query for all debtors of a case."""
FOUND_BY_LEAD = 0.1
OTHER_LEAD = 0.2
"""Leads that come to nothing."""
LEAD_SPECIFIC = 0.8
LEAD_URGENT = 0.3
UNSALEABLE = 0.15
OCCUPIED = 0.1
"""Real estate in which somebody sits without right."""
INDIVISIBLE = 0.3
PRIORITY = 0.3
SELF_DISPOSAL = 0.08
AUXILIARY = 0.2
PRICE_AGREED = 0.15
NO_TALKS = 0.4
"""Price negotiations that are not possible, of those without a result."""
ONLINE_INQUIRY = 0.7
INQUIRY_ANSWERED = 0.6
OBSTRUCTED = 0.07
DEFERRED = 0.03
DISPUTED = 0.02
DEPOSITED = 0.3
"""Deferrals that are deposits."""
ON_PAPER_TOO = 0.1
"""Payouts with formalities on paper beside those in the system."""
PAID_OFFLINE = 0.04
RESTRICTED = 0.5
LISTED = 0.25
"""Restricted debtors who are listed too."""
GRACE = 0.05
WEAK_SECURITY = 0.2
URGENT_LIFTING = 0.04
REALLY_URGENT = 0.7
PUBLISHING = 0.85
"""Files whose information is published and pushed to the parties in a traceable way."""
REMINDING = 0.25
"""Files in whose system reminders and warnings leave a trace."""
LOGGED = 0.85
"""Numbered files that tell of each event when it was entered."""
PANEL = 0.5
CHECKED_BEFORE = 0.8
"""Closings pro tem with the checklist of inquiries in the file."""
FRESH_QUERY = 0.7
"""Closings pro tem with a query shortly before."""
NO_APPROVAL = 0.4
"""Decisions that need no approval."""
