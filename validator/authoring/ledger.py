"""The ledger: every article and norm, how it is checked, what it needs, and how well its examples pin it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from validator.authoring.mutation import score
from validator.expressions import expression as x
from validator.legal_time.deadline import Unit
from validator.output.text import padded
from validator.rules.binding import reads_attested
from validator.rules.labels import CHECKS, KINDS, in_force
from validator.rules.program import (
    Both,
    By,
    ChainTrigger,
    Condition,
    EventTrigger,
    Every,
    Norm,
    Pattern,
    Program,
    Review,
    StateTrigger,
    Until,
    durations_of,
    expressions_of,
    parameters_of,
)
from validator.rules.rulebook import RuleBook

_CHINESE = {
    "working-day clock": "工作日期限", "day clock": "日期限", "hour clock": "小时期限", "minute clock": "分钟期限",
    "month clock": "月期限", "year clock": "年期限", "parameter": "参数", "table": "名录", "fixed date": "固定日期",
    "date in the record": "记录中的日期", "series": "周期", "hold": "期间保持", "at the trigger": "触发时判断",
    "bounded permission": "有限度的许可", "exception": "豁免事由", "stopped clock": "期限停止", "for each": "逐一计算",
    "counted once": "合并计算", "validity in time": "生效时间", "any of several triggers": "数种触发之一",
    "earliest only": "只算最早一次", "standing": "始终适用", "state trigger": "状态触发", "breach chain": "由违规触发",
    "clock of a clock": "由期限触发", "guard": "触发条件", "later of two facts": "以后发生者起算", "all of": "全部满足",
    "any of": "满足其一", "human review": "人工评议", "absence": "不得有的事件", "event": "应有的事件",
    "arithmetic": "算术", "quantifier over a list": "对列表逐项判断", "coverage of a set": "覆盖集合",
    "membership": "属于集合", "other record": "关联记录", "time plus period": "时间加期间",
    "presence of a fact": "有无记载", "attested fact": "签认的认定",
}  # fmt: skip
"""Features in Chinese."""
_TITLES = {
    "zh": ("编号", "标题", "种类", "核验", "用到的写法", "等待的参数", "示例", "发现改动"),
    "en": ("id", "title", "kind", "check", "features", "parameters", "examples", "mutants noticed"),
}
_WIDEST = 15  # columns of a check or a kind
CLOCKS = {
    Unit.WORKING_DAYS: "working-day clock",
    Unit.DAYS: "day clock",
    Unit.HOURS: "hour clock",
    Unit.MINUTES: "minute clock",
    Unit.MONTHS: "month clock",
    Unit.YEARS: "year clock",
}


def ledger(rules: RuleBook, *, mutate: bool = False) -> list[dict[str, Any]]:
    """Return the articles with their norms.

    Each article: ``{article, title, norms: [{norm, records: [{id, title, in_force, kind, check, level, subject,
    features, parameters, tables, examples, mutants?, equivalent?, survivors?}]}]}``.  ``mutate`` runs the
    mutation test for the last three.
    """
    articles: dict[int, dict[str, Any]] = {}
    for norm in rules.program.norms:
        article = articles.setdefault(
            norm.article, {"article": norm.article, "title": norm.article_title.as_json(), "norms": {}}
        )
        article["norms"].setdefault(norm.norm, []).append(_entry(rules, norm, mutate=mutate))
    return [
        {**a, "norms": [{"norm": n, "records": records} for n, records in a["norms"].items()]}
        for _, a in sorted(articles.items())
    ]


def _entry(rules: RuleBook, norm: Norm, *, mutate: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": norm.id,
        "title": norm.title.as_json(),
        "in_force": {lang: in_force(norm.effective, lang) for lang in ("zh", "en")},
        "kind": norm.kind,
        "check": norm.check,
        "level": norm.level,
        "subject": norm.subject,
        "mode": norm.mode,
        "features": sorted(set(features(rules.program, norm))),
        "parameters": sorted(set(parameters_of(norm))),
        "tables": sorted(set(_tables(norm))),
        "examples": len(rules.examples(norm)),
    }
    if mutate:
        found = score(rules, norm)
        entry |= {
            "mutants": found.count,
            "equivalent": list(found.equivalent),
            "survivors": list(found.survivors),
        }
    return entry


def _tables(norm: Norm) -> Iterator[str]:
    for expression in expressions_of(norm):
        yield from (n.name for n in x.walk(expression) if isinstance(n, x.TableRead))


def features(program: Program, norm: Norm) -> Iterator[str]:
    """Yield the features of the record language that a norm uses."""
    for duration in durations_of(norm):
        unit = duration.period.unit if duration.period else Unit(program.vocabulary.parameters[duration.parameter].unit)
        yield CLOCKS[unit]
    tests: Iterable[tuple[str, bool]] = (
        ("parameter", any(True for _ in parameters_of(norm))),
        ("table", any(True for _ in _tables(norm))),
        ("fixed date", isinstance(norm.deadline, By) and norm.deadline.instant is not None),
        ("date in the record", isinstance(norm.deadline, By) and norm.deadline.path is not None),
        ("series", isinstance(norm.deadline, Every)),
        ("hold", isinstance(norm.deadline, Until)),
        ("at the trigger", norm.mode == "at"),
        ("bounded permission", norm.kind == "permission"),
        ("exception", bool(norm.unless)),
        ("stopped clock", bool(norm.stops)),
        ("for each", norm.for_each is not None),
        ("counted once", bool(norm.counts_with)),
        ("validity in time", bool(in_force(norm.effective, "en")) or norm.effective.reaches_back),
    )
    yield from (name for name, holds in tests if holds)
    yield from _trigger_features(norm)
    yield from _condition_features(norm.condition)
    for expression in expressions_of(norm):
        if reads_attested(expression, program.vocabulary):
            yield "attested fact"
        yield from (name for node in x.walk(expression) for kind, name in _NODES if isinstance(node, kind))


def _trigger_features(norm: Norm) -> Iterator[str]:
    alternatives = norm.trigger.alternatives
    if len(alternatives) > 1:
        yield "any of several triggers"
    if norm.trigger.one_per:
        yield "earliest only"
    for alternative in alternatives:
        if isinstance(alternative, StateTrigger):
            yield "standing" if alternative.expression is None else "state trigger"
        elif isinstance(alternative, ChainTrigger):
            yield "breach chain" if alternative.on_breach else "clock of a clock"
        elif isinstance(alternative, EventTrigger):
            if alternative.where is not None:
                yield "guard"
            if alternative.legs:
                yield "later of two facts"


def _condition_features(condition: Condition) -> Iterator[str]:
    if isinstance(condition, Both):
        yield "all of" if condition.conjunction else "any of"
        for part in condition.parts:
            yield from _condition_features(part)
    elif isinstance(condition, Review):
        yield "human review"
    elif isinstance(condition, Pattern):
        yield "absence" if condition.negated else "event"


_NODES: tuple[tuple[type[x.Expression], str], ...] = (
    (x.Arithmetic, "arithmetic"),
    (x.Generator, "quantifier over a list"),
    (x.Contains, "coverage of a set"),
    (x.Membership, "membership"),
    (x.Linked, "other record"),
    (x.Shift, "time plus period"),
    (x.Known, "presence of a fact"),
)


def markdown(entries: list[dict[str, Any]], lang: str) -> Iterator[str]:
    """Yield the ledger as Markdown tables, one per article."""
    yield "# 规则台账" if lang == "zh" else "# Ledger of norms"
    for article in entries:
        yield f"\n## {_head(article, lang)}\n"
        yield f"| {' | '.join(_TITLES[lang])} |"
        yield "|---|---|---|---|---|---|---:|---:|"
        for record in _records([article]):
            cells = (
                record["id"], _titled(record, lang), KINDS[record["kind"]].text(lang),
                CHECKS[record["check"]].text(lang), _features(record, lang), ", ".join(record["parameters"]),
                str(record["examples"]), _scored(record),
            )  # fmt: skip
            yield "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"
    yield f"\n{_totals(entries, lang)}"


def plain(entries: list[dict[str, Any]], lang: str) -> Iterator[str]:
    """Yield the ledger as text, one line a record, and the totals."""
    for article in entries:
        yield _head(article, lang)
        for record in _records([article]):
            waits = f"  <{', '.join(record['parameters'])}>" if record["parameters"] else ""
            shown = f"  [{_features(record, lang)}]" if record["features"] else ""
            check, kind = (labels[record[name]].text(lang) for name, labels in (("check", CHECKS), ("kind", KINDS)))
            yield (
                f"  {record['id']:<8}  {padded(check, _WIDEST)}  {padded(kind, _WIDEST)}  "
                f"{_examples(record['examples'], lang)} {_scored(record):>6}  {_titled(record, lang)}{waits}{shown}"
            )
    yield _totals(entries, lang)


def _titled(record: dict[str, Any], lang: str) -> str:
    span = record["in_force"][lang]
    return f"{record['title'][lang]} ({span})" if span else str(record["title"][lang])


def _features(record: dict[str, Any], lang: str) -> str:
    names = record["features"]
    return "、".join(_CHINESE[name] for name in names) if lang == "zh" else ", ".join(names)


def _examples(n: int, lang: str) -> str:
    return f"{n:>3} 个示例" if lang == "zh" else f"{n:>3} {'example ' if n == 1 else 'examples'}"


def _head(article: dict[str, Any], lang: str) -> str:
    number = f"第{article['article']}条" if lang == "zh" else f"Article {article['article']}"
    return f"{number} {article['title'][lang]}"


def _records(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for article in entries for norm in article["norms"] for record in norm["records"]]


def _scored(record: dict[str, Any]) -> str:
    """Say how many of its mutants the examples of a record notice: "17/18", or "" when that was not asked."""
    if "mutants" not in record:
        return ""
    total = record["mutants"] - len(record["equivalent"])
    return f"{total - len(record['survivors'])}/{total}"


def _totals(entries: list[dict[str, Any]], lang: str) -> str:
    norms = sum(len(a["norms"]) for a in entries)
    examples = sum(r["examples"] for r in _records(entries))
    if lang == "zh":
        return f"{len(entries)} 条，{norms} 项规范，{len(_records(entries))} 条规则，{examples} 个示例"
    return f"{len(entries)} articles, {norms} norms, {len(_records(entries))} records, {examples} examples"
