"""Which court a record is of, and which court is above a court.

A case number names its court by a code: 最高法 for the Supreme People's Court, the short name of the province for a
high court (京), two digits more for an intermediate court (京01) and four for a basic court (京0105).  Source:
法〔2015〕137号《最高人民法院关于人民法院案件案号的若干规定》, articles 3 to 5, in force since 2016-01-01; the codes
are published by the Supreme People's Court under article 12 (法院代字表).

The first two of four digits are those of the intermediate court above, with two exceptions: in the four municipalities
they are the same for all districts (京0105 is under 京03), and 90 stands for counties directly under a province
(鄂9004).  Such a court is put under the high court of its province, unless a court record says more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from validator.facts.timeline import Timeline
from validator.facts.vocabulary import Vocabulary

SUPREME = "最高法"
PROVINCES = "京津冀晋内辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔云藏陕甘青宁新兵军"
"""What high courts are called; 内: Inner Mongolia, 兵: the Xinjiang corps, 军: the army (article 4)."""
MUNICIPALITIES = "京津沪渝"
NO_COURT = ""
"""Stands for the court of a record that does not say which."""
LEVELS = ("supreme", "high", "intermediate", "basic")
"""Levels of courts, from above; other courts have the level ""."""

_FIRST_YEAR = 2016
_DIRECTLY_UNDER = "90"
_INTERMEDIATE = 2  # digits of the code
_CODE = rf"{SUPREME}|[{PROVINCES}](?:[0-9]{{4}}|[0-9]{{2}})?"
_NUMBERED = re.compile(rf"[(（]([0-9]{{4}})[)）]({_CODE})(?![0-9])")
_BARE = re.compile(rf"({_CODE})(?=-|$)")
_FORM = re.compile(_CODE)
# The links of the vocabulary that lead from a record to its court, and from a court to the one above.
_OF, _UP = "court", "superior"


def code_in(identifier: str) -> str:
    """Return the code of the court in a case number or at the beginning of another id; `NO_COURT` if there is none.

    Numbers from before 2016 name courts in other ways, which do not tell them apart.
    """
    numbered = _NUMBERED.match(identifier)
    if numbered is not None:
        return numbered[2] if int(numbered[1]) >= _FIRST_YEAR else NO_COURT
    bare = _BARE.match(identifier)
    return NO_COURT if bare is None else bare[1]


def level_of(court: str) -> str:
    """Return the level of a court by its code, one of `LEVELS`; "" for a court that is known by name only."""
    if court == SUPREME:
        return LEVELS[0]
    return {1: LEVELS[1], 3: LEVELS[2], 5: LEVELS[3]}[len(court)] if _FORM.fullmatch(court) else ""


def above_by_code(court: str) -> str:
    """Return the court above by the code alone; `NO_COURT` above the highest, and above one known by name only."""
    level = level_of(court)
    if level in ("", LEVELS[0]):
        return NO_COURT
    if level == LEVELS[1]:
        return SUPREME
    province, digits = court[0], court[1:]
    if len(digits) == _INTERMEDIATE or province in MUNICIPALITIES or digits.startswith(_DIRECTLY_UNDER):
        return province
    return court[: 1 + _INTERMEDIATE]


class Courts:
    """Courts of records and courts above courts: as context records say, else by codes.

    Args:
        vocabulary: names the attributes that lead from a record to its court and from a court to the one above.
        context: records by (record type, id).
    """

    def __init__(self, vocabulary: Vocabulary, context: Mapping[tuple[str, str], Timeline]) -> None:
        of, up = vocabulary.links.get(_OF), vocabulary.links.get(_UP)
        self._type = of.to if of is not None else _OF
        self._of = {key: found for key, t in context.items() if (found := _stated(t, of.sources if of else ()))}
        self._up = {t.id: found for t in context.values() if (found := _stated(t, up.sources if up else ()))}

    def of(self, record_type: str, identifier: str) -> str:
        """Return the court of a record: by its number, else as the context says, else `NO_COURT`."""
        found = code_in(identifier) or self._of.get((record_type, identifier), NO_COURT)
        return found or (identifier if record_type == self._type else NO_COURT)

    def line(self, court: str) -> tuple[str, ...]:
        """Return a court and those above it, upwards; `NO_COURT` is above whatever has no known court above."""
        found = [court]
        while (above := self._up.get(found[-1]) or above_by_code(found[-1])) and above not in found:
            found.append(above)
        return (*found, *([] if level_of(found[-1]) or found[-1] == NO_COURT else [NO_COURT]))


def _stated(timeline: Timeline, sources: tuple[str, ...]) -> str:
    """Return the last id that a record states in the attribute that one of the sources names."""
    attributes = [a for kind, _, a in (s.partition(".") for s in sources) if kind == timeline.record_type]
    values = [stated.value for a in attributes for stated in timeline.record.facts.get(a, ())]
    return values[-1] if values and isinstance(values[-1], str) else NO_COURT
