"""A synthetic docket: enforcement records in the shape that real courts report, for demonstrations, tests and timing.

``sample(n, seed)`` yields the records of one made-up docket.  Nobody in it exists.  Record ``i`` depends on
``(seed, i)`` alone, so a short docket is the beginning of a longer one, and the same ``(n, seed)`` gives the same
records on every platform: the only source of chance is ``Random.random()``, whose sequence Python guarantees, and
amounts and times are integers (no logarithm of a C library is asked).

`sample_courts` yields the courts that the cases name, to be read as context.

Published figures stand at the top, each with its source; a figure marked "guess" has none and may be changed at will.
Most acts are in time.  Late, missing and irregular ones are mixed in at the rates below, and two files in five are
kept on paper: there days, figures and signatures are missing.  A generator of another record type is one more
function ``(rng, number) -> record`` in `GENERATORS`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any, Generic, NamedTuple, TypeVar

from validator.calendar import load_calendar

Record = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Odds(Generic[T]):
    """Values by weight; ``bounds`` are the running totals of the weights."""

    values: tuple[T, ...]
    bounds: tuple[int, ...]

    def pick(self, rng: Random) -> T:
        """Return one value by chance."""
        return self.values[bisect_right(self.bounds, rng.random() * self.bounds[-1])]


def odds(*entries: tuple[T, int]) -> Odds[T]:
    """Return the odds of ``(value, weight)`` pairs; the weights need not add up to 100."""
    return Odds(tuple(value for value, _ in entries), tuple(accumulate(weight for _, weight in entries)))


# --- the span of the docket ----------------------------------------------------------------------------------------
FIRST_FILING = date(2020, 7, 1).toordinal()
LAST_FILING = date(2025, 4, 30).toordinal()
DOCKET_DAY = date(2025, 6, 30).toordinal()
"""The day of the export: nothing after it is in a record (``known_until``)."""
IN_FORCE = date(2021, 12, 6).toordinal()
"""Date of issue of the Opinions."""

# --- kinds of case -------------------------------------------------------------------------------------------------
# First-time, resumed and other matters 72 : 13 : 15, from 133万 resumed against 730万 first-time cases in Jan-Oct 2021
# (人民政协网 2021-11-19).  How the 15 divide among 执保, 执异, 执复 and 执监 is a guess.
CASE_TYPES = odds(
    ("first_enforcement", 144),
    ("resumed_enforcement", 26),
    ("preservation", 14),
    ("objection", 10),
    ("reconsideration", 3),
    ("supervision", 3),
)
ENFORCEMENT = frozenset({"first_enforcement", "resumed_enforcement"})
BY_SUPERIOR = frozenset({"reconsideration", "supervision"})
TYPE_CHARACTERS = {
    "first_enforcement": "执",
    "resumed_enforcement": "执恢",
    "preservation": "执保",
    "objection": "执异",
    "reconsideration": "执复",
    "supervision": "执监",
}
"""Type characters of a case number (法〔2015〕137号)."""


class Court(NamedTuple):
    """A court by its code, the court above it and its share of the docket."""

    code: str
    superior: str
    share: int


COURTS = (
    Court("京0105", "京03", 16),
    Court("粤0304", "粤03", 12),
    Court("豫0105", "豫01", 8),
    Court("沪0115", "沪01", 8),
    Court("浙0106", "浙01", 6),
    Court("川0107", "川01", 6),
    Court("苏0508", "苏05", 5),
    Court("鄂0106", "鄂01", 4),
    Court("黔0102", "黔01", 3),
    Court("皖1522", "皖15", 2),
    Court("鄂1181", "鄂11", 2),
    Court("黑1004", "黑10", 1),
)
"""Codes as on published rulings.  The shares follow 勃利 (445 cases in a half year of 2021) against one court with a
serial above 41 000 in the same year.  No two courts share a superior, so a number given there is unique too."""
FIRST_SERIAL = 1000
"""Serials begin at this, times the share of the court, so that big courts have long ones (guess)."""
COURT_CHANGE = 0.015
"""Cases that move to another court, 1 to 2 in 100: 青海 948 in 2025, 哈尔滨 31 to 2024-02 (青海新闻网, 哈尔滨中院)."""

# --- money ---------------------------------------------------------------------------------------------------------
# Median 40 000 yuan, mean near 220 000 (2021: 1.94万亿 yuan in 864.2万 closed cases; 2022: over 2万亿 in over 917万),
# one claim in 1 000 above 50 million (one city's 700-odd payouts of a day: 150 yuan to 50 million, 民主与法制时报).
CLAIM_MEDIAN = 4_000_000
"""In fen."""
CLAIM_STEP = 1_525
"""Per mille from one rung of `_ladder` to the next; 53 coins give a spread of 1.535 in the logarithm."""
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
BANKRUPTCY = 0.125
"""Suspensions that come from a bankruptcy review (guess)."""

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
BY_ITSELF = frozenset(
    {"query_feedback_received", "funds_arrived", "request_received", "lead_received", "debtor_fully_performed"}
    | {"security_provided", "applicant_consented", "legal_representative_changed", "case_materials_received"}
)
"""Events that no officer of the case does."""
LISTS = ("parties", "assets", "leads", "payments", "measures", "documents", "requests")
GAPS = {
    "": ("claim_amount", "executable_property"),
    "parties": ("type",),
    "assets": ("value", "online_controllable", "needs_realization", "seizure_rank"),
    "leads": ("provided_by", "specific", "urgent"),
    "payments": ("amount", "debtor_id"),
    "measures": ("ground", "dishonesty_ground_met"),
}
"""Facts that a paper file may lack, by the list that holds them ("" = the case itself)."""

# Guesses, all of them.
SIMPLE_TRACK = 0.55
JOINT_QUERY = 0.8
"""One query for all debtors of a case."""
FOUND_BY_LEAD = 0.1
OTHER_LEAD = 0.2
"""Leads that come to nothing."""
LEAD_SPECIFIC = 0.8
LEAD_URGENT = 0.3
UNSALEABLE = 0.15
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
RESTRICTED = 0.5
LISTED = 0.25
"""Restricted debtors who are listed too."""
GRACE = 0.05
WEAK_SECURITY = 0.2
URGENT_LIFTING = 0.04
REALLY_URGENT = 0.7

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
OPENING = 8 * HOUR + 30 * MINUTE
OFFICE_DAY = 9 * HOUR


def sample(n: int, seed: int) -> Iterator[Record]:
    """Yield the first ``n`` records of the docket ``seed``.

    Amounts are ``int`` (whole yuan) or ``Decimal`` with two digits; everything else is plain JSON data.
    """
    for index in range(n):
        # A text seed is hashed by Random itself (SHA-512), the same in every process.
        rng = Random(f"{seed}:{index}")  # noqa: S311 - chance, not secrecy
        yield GENERATORS.pick(rng)(rng, index)


def sample_courts() -> Iterator[Record]:
    """Yield the courts that the cases of every docket name, as context records: the basic ones and those above them."""
    for court in COURTS:
        high = court.code[0]  # the one-character name of the province
        for code, level, superior in ((court.code, "basic", court.superior), (court.superior, "intermediate", high)):
            yield {
                "record_type": "court",
                "id": code,
                "level": level,
                "superior_court_id": superior,
                "has_adjudication_division": level == "intermediate",
                "available_query_types": list(QUERY_TYPES),
                "timeline": "partial",
                "known_until": _iso(DOCKET_DAY),
                "events": [],
            }


def enforcement_case(rng: Random, number: int) -> Record:
    """Return case ``number`` of the docket with its whole course up to `DOCKET_DAY`."""
    court, serial = _docket_place(number)
    kind = CASE_TYPES.pick(rng)
    filed = _next_workday(FIRST_FILING + int(rng.random() * (LAST_FILING - FIRST_FILING)))
    code = court.superior if kind in BY_SUPERIOR else court.code
    record: Record = {
        "record_type": "case",
        "id": f"({date.fromordinal(filed).year}){code}{TYPE_CHARACTERS[kind]}{serial}号",
        "type": kind,
        "court_id": code,
        "known_until": _iso(DOCKET_DAY),
    }
    record.update((plural, []) for plural in LISTS)  # an empty list says that there is none
    file = _File(rng, record, court, filed, [])
    claim = _claim(rng)
    record["claim_amount"] = _yuan(claim)
    if kind in ENFORCEMENT:
        _enforcement(file, claim)
    elif kind == "preservation":
        _preservation(file, claim)
    else:
        _review(file)
    return _written(file)


GENERATORS: Odds[Callable[[Random, int], Record]] = odds((enforcement_case, 100))
"""What a docket is made of: functions from chance and the number of the record to the record."""


# --- numbers -------------------------------------------------------------------------------------------------------


def _docket_place(number: int) -> tuple[Court, int]:
    """Return the court of record ``number`` and its serial there: no serial is given twice by one court."""
    turn, place = divmod(number, sum(court.share for court in COURTS))
    chosen = COURTS[0]
    for court in COURTS:
        chosen = court
        if place < court.share:
            break
        place -= court.share
    return chosen, (FIRST_SERIAL + turn) * chosen.share + place + 1


@lru_cache(maxsize=1)
def _ladder() -> tuple[int, ...]:
    """Return 55 rungs of a log-normal scale in fen, the median on rung 27, by integer arithmetic only."""
    up = [CLAIM_MEDIAN]
    down = [CLAIM_MEDIAN]
    for _ in range(27):
        up.append(up[-1] * CLAIM_STEP // 1000)
        down.append(down[-1] * 1000 // CLAIM_STEP)
    return (*reversed(down), *up[1:])


def _claim(rng: Random) -> int:
    """Return a claim in fen.  The ones among 53 random bits are as good as normal; each is one rung of the ladder."""
    if rng.random() < HUGE_CLAIM:
        return int(HUGE_CLAIM_FLOOR / (1 - rng.random() * HUGE_SPREAD))
    rungs = _ladder()
    rung = int(rng.random() * (1 << 53)).bit_count()
    low, high = rungs[rung], rungs[rung + 1]
    fen = low + int(rng.random() * (high - low))
    return max(100, fen // 100 * 100 if rng.random() < WHOLE_YUAN else fen)


def _yuan(fen: int) -> int | Decimal:
    """Return an amount as exact yuan: an integer, or a decimal with two digits."""
    whole, rest = divmod(fen, 100)
    return Decimal(f"{whole}.{rest:02}") if rest else whole


# --- days ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _workdays() -> tuple[int, ...]:
    """Return every working day of the span as published, in order (ordinals)."""
    calendar = load_calendar(None)
    return tuple(day for day in range(FIRST_FILING - 31, DOCKET_DAY + 366) if calendar.is_working(day))


def _workday(day: int, n: int) -> int:
    """Return the ``n``-th working day after ``day``; what lies beyond the table is never written down."""
    days = _workdays()
    return days[min(bisect_right(days, day) + n - 1, len(days) - 1)]


def _next_workday(day: int) -> int:
    """Return ``day`` itself if it is a working day, else the next one."""
    days = _workdays()
    return days[min(bisect_left(days, day), len(days) - 1)]


def _working_days(start: int, n: int) -> int:
    """Return the last day of ``n`` working days from the second ``start``."""
    return _workday(start // DAY, n)


def _calendar_days(start: int, n: int) -> int:
    """Return the last day of ``n`` calendar days from the second ``start``, rolled to a working day."""
    return _next_workday(start // DAY + n)


@lru_cache(maxsize=4096)
def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()


# --- one file ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _File:
    """A file while it is written: chance, the record, and what happened (seconds since the first day, event)."""

    rng: Random
    record: Record
    court: Court
    filed: int
    log: list[tuple[int, Record]]

    def hit(self, share: float) -> bool:
        """Say yes in ``share`` of all cases."""
        return self.rng.random() < share

    def between(self, low: int, high: int) -> int:
        """Return an integer from ``low`` to ``high``, both included."""
        return low + int(self.rng.random() * (high - low + 1))

    def keep(self, plural: str, entity: Record) -> Record:
        """Put an entity into the list ``plural`` of the record."""
        self.record[plural].append(entity)
        return entity

    def add(self, when: int, name: str, **attributes: Any) -> int:
        """Note that ``name`` happened at ``when``; return ``when``."""
        self.log.append((when, {"type": name, **attributes}))
        return when

    def office(self, day: int) -> int:
        """Return a moment in the office hours of ``day``, now and then of a rest day shortly before."""
        if self.hit(DAY_OFF):
            workdays = _workdays()
            rest = workdays[bisect_left(workdays, day) - 1] + 1
            if self.filed < rest < day:
                day = rest
        return day * DAY + OPENING + int(self.rng.random() * OFFICE_DAY)

    def after(self, start: int, low: int, high: int) -> int:
        """Return office time ``low`` to ``high`` calendar days after ``start``, never before ``start``."""
        day = _next_workday(start // DAY + self.between(low, high))
        return max(self.office(day), start + self.between(2, 40) * MINUTE)

    def answer(self, start: int, due: int, late: float = LATE_ACT) -> int | None:
        """Return when a clock from ``start`` to the end of day ``due`` is answered: mostly soon, or late, or never."""
        chance = self.rng.random()
        if chance < late:
            return self.office(_workday(due, 1 + int(29 * self.rng.random() * self.rng.random())))
        if chance < late + LEFT_UNDONE:
            return None
        first = start // DAY
        day = due
        if not self.hit(LAST_DAY):
            day = min(due, _next_workday(first + int((due - first) * self.rng.random() * self.rng.random())))
        return max(self.office(day), start + self.between(2, 40) * MINUTE)

    def judged(self, value: Any, when: int, party: str) -> Any:
        """Return a judgement as files hold it: vouched for by a party only, signed by an officer, or bare."""
        chance = self.rng.random()
        if chance < ONE_SIDED:
            return {"value": value, "by": party, "on": _iso(when // DAY)}
        if chance < ONE_SIDED + SIGNED:
            return {"value": value, "by": f"o{self.between(1, 40)}", "on": _iso(when // DAY)}
        return value


# --- courses -------------------------------------------------------------------------------------------------------


def _enforcement(file: _File, claim: int) -> None:
    """Write a first or resumed enforcement: search, control, sale, money, measures, end."""
    debtors = _parties(file)
    assets = [_asset(file, claim, debtors, k) for k in range(file.between(*ASSET_COUNTS.pick(file.rng)))]
    received = _intake(file)
    _notice(file, received, debtors)
    led = assets.pop() if assets and file.hit(FOUND_BY_LEAD) else None  # found by a lead only
    found = _search(file, received, debtors, assets)
    held, room = _control(file, found, claim)
    if led or file.hit(OTHER_LEAD):
        held += _lead(file, received, led, room)
    payments = file.between(*PAYMENT_COUNTS.pick(file.rng))
    steps = [received, *(_sale(file, *one, sells=payments > 0) for one in held if one[1]["needs_realization"])]
    end = (ENDS_WITH_MONEY if payments else ENDS_WITHOUT_MONEY).pick(file.rng)
    steps.append(_payments(file, steps, payments, claim, full=end == "fully_enforced"))
    measures = _measures(file, received, debtors)
    steps.append((file.filed + file.between(*COURSE_DAYS)) * DAY)
    _end(file, max(steps), end, measures)
    if file.hit(SUSPENDED):
        _suspension(file, received)
    _changes(file, received, claim)


def _parties(file: _File) -> list[Record]:
    """Write the parties and the handler; return the debtors."""
    file.record["handler_ids"] = [f"o{file.between(1, 40)}"]
    file.keep("parties", {"id": "s1", "role": "applicant", "type": PARTY_TYPES.pick(file.rng)})
    debtors = []
    for k in range(1, DEBTORS.pick(file.rng) + 1):
        debtor = file.keep("parties", {"id": f"d{k}", "role": "debtor", "type": PARTY_TYPES.pick(file.rng)})
        debtors.append(debtor)
        if debtor["type"] == "enterprise_legal_person":
            file.keep("parties", {"id": f"r{k}", "role": "legal_representative", "type": "natural_person"})
    return debtors


def _intake(file: _File) -> int:
    """Write filing, hand-over, team and the applicant's account; return when the file was received."""
    filed = file.add(file.office(file.filed), "case_filed")
    account = f"6222{file.between(10**11, 10**12 - 1)}"
    confirmed = file.after(filed, *((1, 20) if file.hit(DEFECT) else (0, 0)))
    file.add(confirmed, "payee_confirmed", party="s1", method="transfer", account=account)
    if not file.hit(DEFECT):
        file.record["account_no"] = f"9558{file.between(10**11, 10**12 - 1)}"
    received = file.add(file.after(filed, 0, 6), "case_materials_received")
    simple = file.hit(SIMPLE_TRACK)
    track = {"track": "simple", "criteria": ["sufficient_property"]} if simple else {"track": "ordinary"}
    decided = file.add(file.after(received, 0, 9), "triage_decided", **track)
    file.add(file.after(decided, 0, 2), "case_assigned", unit="fast_team" if simple else "judge_led_team")
    return received


def _notice(file: _File, received: int, debtors: list[Record]) -> None:
    """Write the enforcement notice, which tells the account of the case, and its service."""
    notice: Record = {"id": "n1", "type": "enforcement_notice", "in_e_file": not file.hit(DEFECT)}
    notice["contents"] = list(NOTICE_CONTENTS[file.hit(DEFECT) :])
    if "account_no" in file.record:
        notice["stated_account"] = file.record["account_no"]
    file.keep("documents", notice)
    issued = file.add(file.after(received, 0, 10), "document_issued", document="n1")
    for debtor in debtors:
        if not file.hit(DEFECT):
            file.add(file.after(issued, 1, 20), "document_served", document="n1", party=debtor["id"])


def _search(file: _File, received: int, debtors: list[Record], assets: list[Record]) -> list[tuple[int, Record]]:
    """Write the online queries and the replies; return what they showed, and when."""
    found = []
    joint = file.hit(JOINT_QUERY)  # one query for all debtors
    for debtor in debtors[:1] if joint else debtors:
        when = file.answer(received, _working_days(received, 5))
        if when is None:
            continue
        systems = list(QUERY_SYSTEMS[:1] if file.hit(DEFECT) else QUERY_SYSTEMS)
        types = list(QUERY_TYPES[:-1] if file.hit(DEFECT) else QUERY_TYPES)
        who = {} if joint else {"party": debtor["id"]}
        file.add(when, "online_query_initiated", systems=systems, asset_types=types, **who)
        shown = [asset for asset in assets if joint or asset["owner_id"] == debtor["id"]]
        for system, its in zip(systems, (shown[::2], shown[1::2]), strict=False):
            reply = when + file.between(20, 40 * 60) * MINUTE
            if not its:
                file.add(reply, "query_feedback_received", executable=False, system=system, party=debtor["id"])
            for asset in its:
                names = {"asset": asset["id"], "party": asset["owner_id"]}
                file.add(reply, "query_feedback_received", executable=True, system=system, **names)
                found.append((reply, asset))
    return found


def _asset(file: _File, claim: int, debtors: list[Record], k: int) -> Record:
    """Write one item of property of a debtor."""
    kind = ASSET_TYPES.pick(file.rng)
    value = max(100, claim * VALUE_PERCENT.pick(file.rng) * file.between(40, 160) // 10_000)
    rank = "waiting" if file.hit(WAITING) else "first"
    asset: Record = {
        "id": f"a{k + 1}",
        "type": kind,
        "owner_id": debtors[file.between(0, len(debtors) - 1)]["id"],
        "value": _yuan(value),
        "online_controllable": file.hit(ONLINE[kind]),
        "needs_realization": kind != "bank_deposit" and rank == "first",  # what waits can't be sold yet
        "seizure_rank": rank,
        "realizable": not file.hit(UNSALEABLE),
    }
    if kind == "bank_deposit":
        asset["freeze_scope"] = "whole_account" if file.hit(DEFECT) else "amount"
    return file.keep("assets", asset)


def _control(file: _File, found: list[tuple[int, Record]], room: int) -> tuple[list[tuple[int, Record]], int]:
    """Write what was done about property found; return what is held in first rank, since when, and the room left."""
    held = []
    for when, asset in found:
        over = file.hit(OVERSEIZURE)
        if room <= 0 and not over:
            asset["control_exempt_ground"] = "exceeds_claim"
            continue
        due = when // DAY if asset["online_controllable"] else _working_days(when, 3)
        done = file.answer(when, due)
        if done is None:
            continue
        amount = _controlled(file, done, asset, None if over else room)
        if asset["seizure_rank"] == "first":
            room -= amount
            held.append((done, asset))
    return held, room


def _controlled(file: _File, when: int, asset: Record, room: int | None) -> int:
    """Write one seizure within ``room`` (in fen; None: regardless) and its entry in the system; return its amount."""
    online = asset["online_controllable"]
    value = int(asset["value"] * 100)
    amount = value if room is None else min(value, room)
    asset["controlled_amount"] = _yuan(amount)
    file.add(
        when,
        "asset_controlled",
        asset=asset["id"],
        mode=MODES[asset["type"]],
        channel="online" if online else "offline",
        scope="whole" if amount == value else "part",
        amount=_yuan(amount),
    )
    entry = when + file.between(0, 3 if online else 2 * 24 * 60) * MINUTE
    file.add(entry, "asset_info_recorded", asset=asset["id"], mode="auto" if online else "manual")
    return amount


def _lead(file: _File, received: int, asset: Record | None, room: int) -> list[tuple[int, Record]]:
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
    checked = file.add(file.after(started, 0, 12), "lead_verified", lead="l1", result=asset is not None)
    if asset is None or room <= 0:
        return []
    done = file.answer(checked, checked // DAY)
    if done is None:
        return []
    _controlled(file, done, asset, room)
    return [(done, asset)] if asset["seizure_rank"] == "first" else []


def _sale(file: _File, held: int, asset: Record, *, sells: bool) -> int:
    """Write the way of a seized asset from reference price to buyer; return when the last step of it was."""
    name = asset["id"]
    started = file.answer(held, _calendar_days(held, 30))
    if started is None:
        return held
    file.add(started, "reference_price_started", asset=name)
    fixed = _price(file, started, asset)
    begun = file.answer(fixed, _calendar_days(fixed, 10))
    if begun is None:
        return fixed
    file.add(begun, "realization_started", asset=name, method="auction")
    by_role = "court" if file.hit(DEFECT) else "applicant"
    last = file.after(begun, 1, 5)
    file.add(last, "auction_platform_selected", asset=name, platform=PLATFORMS.pick(file.rng), by_role=by_role)
    rounds = LISTINGS.pick(file.rng)
    for listing in range(1, rounds + 1):
        if listing == LAST_LISTING:
            last = file.add(file.after(last, 3, 15), "realization_started", asset=name, method="sale")
        mode = "offline" if file.hit(DEFECT) else "online_judicial"
        announced = file.add(file.after(last, 2, 20), "auction_announced", asset=name, mode=mode)
        result = "sold" if sells and listing == rounds else "failed"
        last = file.add(file.after(announced, 15, 35), "auction_concluded", asset=name, result=result)
    return file.add(file.after(last, 5, 40), "asset_delivered", asset=name) if sells else last


def _price(file: _File, started: int, asset: Record) -> int:
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
    amount = _yuan(int(asset["value"] * file.between(70, 110)))
    return file.add(file.after(last, 1, 6), "reference_price_fixed", asset=name, amount=amount, **price)


def _payments(file: _File, moments: list[int], count: int, claim: int, *, full: bool) -> int:
    """Write ``count`` receipts and their way to the applicant; return when the last of it was."""
    last = 0
    left = claim
    for k in range(1, count + 1):
        fen = left if full and k == count else max(1, left * file.between(10, 70) // 100)
        left = max(100, left - fen)
        base = moments[-1] if k == count else moments[file.between(0, len(moments) - 1)]
        arrived = file.after(base, 3, 45)
        file.keep("payments", {"id": f"p{k}", "amount": _yuan(fen), "debtor_id": "d1", "approval_levels": list(LEVELS)})
        account = {"account": file.record["account_no"]} if "account_no" in file.record else {}
        file.add(arrived, "funds_arrived", payment=f"p{k}", amount=_yuan(fen), **account)
        last = max(last, _payout(file, arrived, f"p{k}", fen))
    return last


def _payout(file: _File, arrived: int, name: str, fen: int) -> int:
    """Write the payout of one receipt, a part in dispute apart; return when the last step was."""
    # Either step, notice or payment, may be the late one.
    late = (LATE_PAYOUT_BEFORE if arrived // DAY < IN_FORCE else LATE_PAYOUT_AFTER) / 2
    start = _obstacle(file, arrived, name)
    disputed = fen // 3 if file.hit(DISPUTED) else 0
    if disputed:
        raised = file.add(file.after(arrived, 0, 2), "payment_dispute_raised", payment=name, amount=_yuan(disputed))
        start = max(start, raised)
    paid = _paid_out(file, start, name, fen - disputed, late)
    for k, level in enumerate(LEVELS[:2] if file.hit(DEFECT) else LEVELS):
        when = start + (paid - start) * (k + 1) // 4
        file.add(when, "approval_given", payment=name, approver_id=f"o{10 * k + file.between(1, 9)}", level=level)
    if not disputed:
        return paid
    settled = file.add(file.after(start, 20, 120), "payment_dispute_resolved", payment=name, amount=_yuan(disputed))
    return max(paid, _paid_out(file, settled, name, disputed, late))


def _paid_out(file: _File, start: int, name: str, fen: int, late: float) -> int:
    """Write notice in 10 and money in 5 working days, now and then in two parts; return when the last step was."""
    noticed = file.answer(start, _working_days(start, 10), late)
    if noticed is None:
        return start
    file.add(noticed, "payment_notice_issued", payment=name, amount=_yuan(fen))
    received = file.add(noticed + file.between(1, 90) * MINUTE, "payment_notice_received", payment=name)
    paid = file.answer(received, _working_days(received, 5), late)
    if paid is None:
        return received
    to = {"party": "s1", "to_account": _payee_account(file)}
    parts = (fen // 3, fen - fen // 3) if fen // 3 and file.hit(DEFECT) else (fen,)
    for k, part in enumerate(parts):
        file.add(paid + k * HOUR, "payment_disbursed", payment=name, amount=_yuan(part), **to)
    return paid + (len(parts) - 1) * HOUR


def _payee_account(file: _File) -> str:
    """Return the account that the applicant confirms."""
    return next(str(event["account"]) for _, event in file.log if event["type"] == "payee_confirmed")


def _obstacle(file: _File, arrived: int, name: str) -> int:
    """Write what may keep the money back; return when the clock of the notice starts or runs on."""
    if file.hit(OBSTRUCTED):
        ground = OBSTACLES.pick(file.rng)
        file.add(file.after(arrived, 0, 4), "payout_obstacle_recorded", payment=name, ground=ground)
        return file.add(file.after(arrived, 8, 60), "payout_conditions_met", payment=name)
    if file.hit(DEFERRED):
        ground = DEFERRALS.pick(file.rng)
        arose = file.add(file.after(arrived, 0, 3), "deferral_ground_arose", payment=name, ground=ground)
        kind = "deposit" if file.hit(DEPOSITED) else "defer"
        asked = file.add(file.after(arose, 0, 4), "payout_deferral_requested", payment=name, kind=kind)
        if not file.hit(DEFECT):
            file.add(file.after(asked, 0, 2), "payout_deferral_approved", payment=name, approver_id="o31")
    return arrived


def _measures(file: _File, received: int, debtors: list[Record]) -> list[Record]:
    """Write consumption restrictions and listings, now and then after a grace period; return them."""
    made: list[Record] = []
    imposed = file.after(received, 6, 30)
    if file.hit(GRACE):
        until = imposed // DAY + file.between(20, 60)
        file.add(imposed, "grace_period_set", until=_iso(until))
        if not file.hit(DEFECT):
            imposed = file.after((until + 1) * DAY, 0, 8)
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


def _imposed(file: _File, when: int, measure: Record) -> Record:
    """Write one measure against one person."""
    name = f"m{len(file.record['measures']) + 1}"
    listing = measure["type"] == "dishonesty_listing"
    ground = LISTING_GROUNDS.pick(file.rng) if listing else "not_performed_in_time"
    file.add(when, "measure_imposed", measure=name, deferred=False, ground=ground)
    return file.keep("measures", {"id": name, **measure, "ground": file.judged(ground, when, "s1")})


def _listed(file: _File, when: int, debtor: str) -> Record:
    """Write a listing with its decision and service; now and then one of the two is lacking."""
    met = file.judged(not file.hit(DEFECT), when, "s1")
    measure = _imposed(file, when, {"type": "dishonesty_listing", "person_id": debtor, "dishonesty_ground_met": met})
    if not file.hit(DEFECT):
        name = f"w{measure['id'][1:]}"
        file.keep("documents", {"id": name, "type": "dishonesty_decision", "measure_id": measure["id"]})
        issued = file.add(when - file.between(1, 30) * MINUTE, "document_issued", document=name)
        if not file.hit(DEFECT):
            file.add(file.after(issued, 1, 15), "document_served", document=name, party=debtor)
    return measure


def _new_representative(file: _File, imposed: int, measure: Record) -> None:
    """Write that a debtor's representative has changed and that the old one asks to be let off."""
    person = measure["person_id"]
    file.keep("parties", {"id": f"{person}n", "role": "legal_representative", "type": "natural_person"})
    changed = file.after(imposed, 20, 90)
    names = {"from_person_id": person, "to_person_id": f"{person}n"}
    file.add(changed, "legal_representative_changed", **names)
    request = {"type": "lift_former_representative", "by_role": "former_legal_representative"}
    asked = _asked(file, file.after(changed, 1, 20), request | {"measure_id": measure["id"]})
    _lift(file, asked, [measure], 10)


def _asked(file: _File, when: int, request: Record) -> int:
    """Write a request and its receipt; return when it was received."""
    name = f"q{len(file.record['requests']) + 1}"
    file.keep("requests", {"id": name, **request})
    return file.add(when, "request_received", request=name)


def _lift(file: _File, start: int, measures: list[Record], working_days: int) -> None:
    """Write that measures are lifted, each by its own act; one lifted before stays as it is."""
    gone = {event["measure"] for _, event in file.log if event["type"] == "measure_lifted"}
    for measure in measures:
        when = file.answer(start, _working_days(start, working_days))
        if when is not None and measure["id"] not in gone:
            file.add(when, "measure_lifted", measure=measure["id"])


def _end(file: _File, last: int, end: str, measures: list[Record]) -> None:
    """Write the end of a case: performance and lifting, closing, and what follows it."""
    restrictions = [measure for measure in measures if measure["type"] == "consumption_restriction"]
    occasion = OCCASIONS.pick(file.rng)
    if restrictions and occasion == "security":
        given = file.add(file.after(last, 1, 9), "security_provided", effective=not file.hit(WEAK_SECURITY))
        _lift(file, given, restrictions[:1], 3)
    if restrictions and occasion == "consent":
        given = file.add(file.after(last, 1, 9), "applicant_consented", to="lift_restriction", party="s1")
        _lift(file, given, restrictions, 3)
    if file.hit(NEVER_CLOSED):
        return
    if end == "terminated_pro_tem":
        _pro_tem(file, max(last, (file.filed + PRO_TEM_REST) * DAY))
    elif end == "terminated":
        closed = file.add(file.after(last, 1, 30), "case_closed", closing_method="terminated")
        _lift(file, closed, restrictions, 20)
    else:
        _performed(file, last, restrictions, measures)


def _performed(file: _File, last: int, restrictions: list[Record], measures: list[Record]) -> None:
    """Write full performance, the lifting of restrictions, the closing and the repair of credit."""
    performed = file.add(file.after(last, 0, 2), "debtor_fully_performed")
    if restrictions and file.hit(URGENT_LIFTING):
        urgent = file.judged(file.hit(REALLY_URGENT), performed, "d1")
        request = {"type": "urgent_lifting", "by_role": "debtor", "measure_id": restrictions[0]["id"], "urgent": urgent}
        _asked(file, file.after(performed, 0, 1), request)
    _lift(file, performed, restrictions, 3)
    delivered = {event["asset"] for _, event in file.log if event["type"] == "asset_delivered"}
    held = [event["asset"] for _, event in file.log if event["type"] == "asset_controlled"]
    for asset in held:
        if asset not in delivered and not file.hit(DEFECT):
            released = file.after(performed, 0, 8)
            file.add(released, "asset_released", asset=asset, scope="whole", ground="performance")
    closed = file.add(file.after(performed, 1, 12), "case_closed", closing_method="fully_enforced")
    for measure in measures:
        if measure["type"] == "dishonesty_listing" and not file.hit(DEFECT):
            hidden = file.add(file.after(closed, 0, 5), "dishonesty_info_shielded", measure=measure["id"])
            file.add(file.after(hidden, 0, 5), "credit_agency_notified", measure=measure["id"])


def _pro_tem(file: _File, last: int) -> None:
    """Write a closing pro tem with its ruling; what is still held can't be sold, as a rule."""
    when = file.after(last, 2, 40)
    file.record["executable_property"] = file.judged("none", when, "s1")
    ground = "no_property"
    for asset in file.record["assets"]:
        if not file.hit(DEFECT):
            asset["realizable"] = False
            asset["non_disposable_reason"] = NOT_SALEABLE.pick(file.rng)
            ground = "non_disposable_property"
    if file.hit(DEFECT):
        ground = "applicant_did_not_request_auction"
    if not file.hit(DEFECT):
        file.keep("documents", {"id": "z1", "type": "pro_tem_termination_ruling", "in_e_file": True})
        file.add(when - file.between(1, 40) * MINUTE, "document_issued", document="z1")
    file.add(when, "case_closed", closing_method="terminated_pro_tem", termination_ground=ground)


def _suspension(file: _File, received: int) -> None:
    """Stop the course of the case for a while: everything later moves back by as much."""
    start = file.after(received, 10, 90)
    days = file.between(30, 150)
    file.log = [(when + days * DAY if when > start else when, event) for when, event in file.log]
    resumed = file.office(_next_workday(start // DAY + days)) - OPENING
    if file.hit(BANKRUPTCY):
        file.add(start, "bankruptcy_review_notice_received", form="written")
        file.add(start + file.between(1, 20) * HOUR, "enforcement_suspended", ground="bankruptcy_review")
        file.add(resumed, "bankruptcy_not_accepted", party="d1")
        file.add(resumed + MINUTE, "enforcement_resumed", ground="bankruptcy_not_accepted")
    else:
        file.add(start, "enforcement_suspended", ground="party_request")
        file.add(resumed, "enforcement_resumed", ground="ground_ceased")


def _changes(file: _File, received: int, claim: int) -> None:
    """Write that the claim shrinks or the case moves to another court."""
    if file.hit(CLAIM_REDUCED):
        when = file.after(received, 20, 90)
        less = _yuan(max(100, claim * file.between(50, 95) // 100))
        was = {"from": _iso(file.filed), "value": file.record["claim_amount"]}
        file.record["claim_amount"] = [was, {"from": _iso(when // DAY), "value": less}]
        file.add(when, "claim_changed", amount=less)
    if file.hit(COURT_CHANGE):
        others = [court.code for court in COURTS if court is not file.court]
        to_court = others[file.between(0, len(others) - 1)]
        file.add(file.after(received, 20, 90), "case_reassigned", by_court_id=file.court.superior, to_court_id=to_court)


def _preservation(file: _File, claim: int) -> None:
    """Write a preservation case: ruling, control, end."""
    debtors = _parties(file)
    filed = file.add(file.office(file.filed), "case_filed")
    received = file.add(file.after(filed, 0, 2), "case_materials_received")
    assets = [_asset(file, claim, debtors, k) for k in range(file.between(1, 3))]
    for asset in assets:
        asset["needs_realization"] = False  # nothing is sold before there is a title
    contents = [] if file.hit(DEFECT) else ["frozen_amount"]
    file.keep("documents", {"id": "w1", "type": "freeze_ruling", "contents": contents})
    ruled = file.add(received + file.between(5, 200) * MINUTE, "document_issued", document="w1")
    held, _ = _control(file, [(ruled, asset) for asset in assets], claim)
    if not file.hit(NEVER_CLOSED):
        last = max([when for when, _ in held], default=ruled)
        file.add(file.after(last, 1, 10), "case_closed", closing_method="other")


def _review(file: _File) -> None:
    """Write an objection, reconsideration or supervision case: received, accepted, assigned, decided."""
    _parties(file)
    role = OBJECTORS.pick(file.rng)
    third = role == "third_person"
    kind, ground = ("third_party_objection", "substantive_right") if third else ("other", "procedural")
    got = _asked(file, file.office(file.filed), {"type": kind, "by_role": role, "ground": ground})
    filed = file.add(file.after(got, 0, 3), "case_filed")
    route = "other" if file.hit(DEFECT) else "cpl_227" if third else "cpl_225"
    file.add(filed + MINUTE, "request_accepted", request="q1", route=route)
    unit = "judge_led_team" if file.hit(DEFECT) else REVIEW_UNITS.pick(file.rng)
    assigned = file.add(file.after(filed, 0, 4), "case_assigned", unit=unit)
    outcome = OUTCOMES.pick(file.rng)
    decided = file.add(file.after(assigned, 5, 60), "request_decided", request="q1", outcome=outcome)
    if not file.hit(NEVER_CLOSED):
        file.add(file.after(decided, 0, 10), "case_closed", closing_method="other")


# --- writing it down -----------------------------------------------------------------------------------------------


def _written(file: _File) -> Record:
    """Return the record: its events up to the docket day in order, in one style, with the gaps of a paper file."""
    end = (DOCKET_DAY + 1) * DAY
    log = sorted((entry for entry in file.log if entry[0] < end), key=_moment)
    record = file.record
    if file.hit(PAPER):
        _lose(file.rng, record)
        record["events"] = [_told(event, _on_paper(file.rng, when)) for when, event in log]
        return record
    if file.hit(IN_ORDER):
        record["events_in_order"] = True
    stamp = _stamper(file)
    if file.hit(NUMBERED):
        by = record["handler_ids"][0]
        for k, (_, event) in enumerate(log, 1):
            event["id"] = f"e{k}"
            if event["type"] not in BY_ITSELF:
                event["by"] = by
    record["events"] = [_told(event, stamp(when)) for when, event in log]
    return record


def _told(event: Record, at: str | Record) -> Record:
    """Return an event with its time, in the order in which people read it."""
    return {"type": event.pop("type"), "at": at, **event}


def _moment(entry: tuple[int, Record]) -> int:
    return entry[0]


def _stamper(file: _File) -> Callable[[int], str]:
    """Return how this file writes a moment: its offset from UTC, seconds or none, or the day only."""
    zone, offset = STAMPS.pick(file.rng)
    seconds = not file.hit(MINUTES_ONLY)
    if file.hit(DATES_ONLY):
        return lambda when: _iso(when // DAY)
    shift = (offset - 8) * HOUR

    def stamp(when: int) -> str:
        day, second = divmod(when + shift, DAY)
        minute, second = divmod(second, MINUTE)
        tail = f":{second:02}" if seconds else ""
        return f"{_iso(day)}T{minute // 60:02}:{minute % 60:02}{tail}{zone}"

    return stamp


def _on_paper(rng: Random, when: int) -> str | Record:
    """Return a moment as a paper file tells it: the month, a bound or the day."""
    day = when // DAY
    chance = rng.random()
    if chance < PAPER_MONTH:
        return _iso(day)[:7]
    if chance >= PAPER_MONTH + PAPER_BOUND:
        return _iso(day)
    bounds = {
        "not_before": _iso(day - int(rng.random() * PAPER_SLACK)),
        "not_after": _iso(min(DOCKET_DAY, day + int(rng.random() * PAPER_SLACK))),
    }
    form = BOUNDS.pick(rng)
    return bounds if form == "both" else {form: bounds[form]}


def _lose(rng: Random, record: Record) -> None:
    """Leave out some of the facts that a paper file may lack, and some of its empty lists."""
    for plural in LISTS:
        if not record[plural] and rng.random() < PAPER_MISSING:
            del record[plural]
    for plural, names in GAPS.items():
        for entity in record.get(plural, ()) if plural else (record,):
            for name in names:
                if name in entity and rng.random() < PAPER_MISSING:
                    del entity[name]
