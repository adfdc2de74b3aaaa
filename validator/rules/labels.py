"""What the codes of a rule file are called: kinds of norms, who checks them, how grave a breach is, when in force."""

from __future__ import annotations

from collections.abc import Mapping

from validator.facts.vocabulary import Label
from validator.legal_time.instant import END, day_of, format_day
from validator.rules.program import Effective

KINDS: Mapping[str, Label] = {
    "achievement": Label("达成义务", "achievement"),
    "maintenance": Label("维持义务", "maintenance"),
    "prohibition": Label("禁止", "prohibition"),
    "permission": Label("许可", "permission"),
    "ordering": Label("先后", "ordering"),
    "limit": Label("数量界限", "limit"),
    "content": Label("内容要求", "content"),
    "separation": Label("职责分离", "separation"),
    "periodic": Label("周期义务", "periodic"),
    "declaratory": Label("宣示", "declaratory"),
}
CHECKS: Mapping[str, Label] = {
    "machine": Label("机器判断", "machine"),
    "evidence": Label("凭签署的证据", "signed evidence"),
    "human": Label("人工评议", "human review"),
}
LEVELS: Mapping[str, Label] = {"high": Label("高", "high"), "medium": Label("中", "medium"), "low": Label("低", "low")}
"""The gravest first."""
MODES: Mapping[str, Label] = {
    "reach": Label("到期以前做到", "reach it in time"),
    "hold": Label("期间一直保持", "hold throughout"),
    "at": Label("触发时符合", "true at the trigger"),
}
_IN_FORCE: Mapping[tuple[bool, bool], Label] = {
    (False, False): Label("", ""),
    (True, False): Label("自 {start} 起", "from {start}"),
    (False, True): Label("至 {end}", "until {end}"),
    (True, True): Label("自 {start} 至 {end}", "from {start} until {end}"),
}


def in_force(effective: Effective, lang: str) -> str:
    """Say from when and until when a version of a norm is in force, as far as its record does; else ""."""
    start = format_day(day_of(effective.start)) if effective.explicit else ""
    end = format_day(day_of(effective.end)) if effective.end < END else ""
    return _IN_FORCE[bool(start), bool(end)].text(lang).format(start=start, end=end)
