"""What a text was meant to be: times, periods and names in notations that people use and the language has not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from validator.reading.halfwidth import half

_TIME = re.compile(
    r"\s*([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?"
    r"(?:[\sTt]*([0-9]{1,2})[:：时]([0-9]{1,2})(?:[:：分](?:([0-9]{1,2})秒?)?)?(?:[.,]([0-9]*))?"
    r"\s*([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?\s*"
)
_COMPACT = re.compile(r"\s*([0-9]{4})([0-9]{2})([0-9]{2})\s*")
_DIGITS: Mapping[str, int] = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"两": 2}
_TENS: Mapping[str, int] = {"十": 10, "百": 100}
_PERIOD = re.compile(r"([0-9]+|[零一二两三四五六七八九十百]+|半)\s*个?\s*([^\W0-9]+(?: days?)?)")
_UNITS: Mapping[str, tuple[int, str]] = {
    **dict.fromkeys(("工作日", "工作天", "workday", "workdays", "business day", "business days"), (1, "个工作日")),
    **dict.fromkeys(("日", "天", "自然日", "日历日"), (1, "日")),
    **dict.fromkeys(("周", "星期", "礼拜"), (7, "日")),
    **dict.fromkeys(("小时", "钟头", "时"), (1, "小时")),
    **dict.fromkeys(("分钟", "分"), (1, "分钟")),
    "月": (1, "个月"),
    "季度": (3, "个月"),
    "年": (1, "年"),
}
"""Words for a length of time: how many of which unit of the language."""
_ASIDE = re.compile(r"\s*[（(].*[）)]\s*$|(?:之|以)?内\s*$")
_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("无", "没有", "无期限", "不设"), "none"),
    **dict.fromkeys(("触发时", "当时"), "at trigger"),
    **dict.fromkeys(("永远", "始终"), "forever"),
    "触发状态结束": "trigger ends",
}
_FIGURE = re.compile(r"(?:参数[.:： ]*|param[ _:]+)?([a-z_]+_(?:days|hours|minutes|months|years))")


def respelled(text: str, fits: Callable[[str], bool]) -> str:
    """Return the first respelling of a text that fits, "" when none does."""
    return next((other for other in _spellings(text) if other != text and fits(other)), "")


def _spellings(text: str) -> Iterator[str]:
    plain = half(text).strip(" '\"")
    yield plain
    yield time_meant(plain)
    yield period_meant(plain)
    yield _WORDS.get(plain, "")
    yield from (plain.lower(), plain.upper(), re.sub(r"[-\s]+", "_", plain))
    figure = _FIGURE.fullmatch(plain)
    yield f"param.{figure[1]}" if figure else ""


def time_meant(text: str) -> str:
    """Return the day or time that 2022/1/5, 2022年1月5日 or 20220105 seems to mean, "" for other texts.

    An offset stays, as without it this would be another time; where anything else follows (PM), nobody knows.
    """
    found = _TIME.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        return ""
    year, month, day, *clock = found.groups()
    try:
        meant = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
    if not clock or clock[0] is None:
        return meant
    hour, minute, second, fraction, zone = clock
    meant += f"T{int(hour):02d}:{int(minute):02d}:{int(second or 0):02d}"
    return meant + (f".{fraction}" if fraction else "") + (zone or "").upper()


def period_meant(text: str) -> str:
    """Return the period that 三个工作日, 24小时内, 2周 or 半年 seems to mean, "" for other texts."""
    found = _PERIOD.fullmatch(_ASIDE.sub("", _ASIDE.sub("", half(text))).strip())
    if found is None or found[2] not in _UNITS:
        return ""
    times, unit = _UNITS[found[2]]
    if found[1] == "半":
        return "6个月" if found[2] == "年" else ""
    return f"{_number(found[1]) * times}{unit}"


def _number(digits: str) -> int:
    """Return the number that is written in Arabic or in Chinese digits, below a thousand."""
    if digits.isdecimal():
        return int(digits)
    total = last = 0
    for digit in digits:
        if digit in _TENS:
            total, last = total + (last or 1) * _TENS[digit], 0
        else:
            last = _DIGITS[digit]
    return total + last
