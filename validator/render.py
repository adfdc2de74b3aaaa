"""Text for people: findings, summaries and explanations, for a terminal (rich) or plain and stable when piped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from validator.errors import visible
from validator.finding import VERDICT_LABELS, Finding, Lateness, Verdict

STYLES: Mapping[Verdict, str] = {
    Verdict.BREACHED: "bold red",
    Verdict.LATE: "red",
    Verdict.NEEDS_REVIEW: "magenta",
    Verdict.UNDETERMINED: "yellow",
    Verdict.PENDING: "cyan",
    Verdict.EXCUSED: "blue",
    Verdict.COMPLIANT: "green",
    Verdict.NOT_TRIGGERED: "dim",
}

# Phrases by language.  {placeholders} are filled from findings.
PHRASES: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "due": "应于 {due} 前完成",
        "done": "{at} 完成",
        "done_late": "{at} 完成，逾期 {late}",
        "not_done": "至今未完成，逾期 {late}",
        "violated": "{at} 违反",
        "true_then": "{at} 符合要求",
        "held": "期间一直符合要求",
        "pending": "期限至 {due}，尚未完成",
        "suspended": "期限停止计算中，尚未完成",
        "holding": "仍在期间内，未见违反",
        "open_ended": "没有期限，已 {elapsed}，尚未完成",
        "excused": "依规豁免：{ground}",
        "could_be": "可能是：{words}",
        "missing": "缺少：{words}",
        "asks": "待决定：{words}",
        "settle": "查明即可确定：{words}",
        "question": "{question}",
        "elapsed": "已过 {elapsed}",
        "times": "共 {times} 次",
        "later_ground": "其后才有的事由：{ground}",
        "same_day": "同日先后从宽认定",
        "provisional": "放假安排未公布，日期暂定",
        "rolled": "末日遇休息日顺延",
        "assumed_in_force": "假定《意见》已施行",
        "counted_with": "与 {leader} 属同一不作为，只计一次",
        "unattested": "无人签认：{words}",
        "days": "{working} 个工作日（{calendar} 日）",
        "moot": "无须再查：{words}",
        "reason.never_happened": "没有发生触发事件",
        "reason.condition_false": "触发条件不成立",
        "reason.no_entity": "没有相应的对象",
        "reason.waiting_for": "等待 {what}",
        "reason.before_issue": "《意见》发布之前",
        "reason.not_yet_in_force": "尚未施行",
        "reason.ended_on": "已停止施行",
        "verdict": "结论",
        "count": "数量",
        "total": "合计",
        "records": "读入 {read} 件 = 判断 {judged} 件 + 拒绝 {rejected} 件",
        "breaches": "违规 {breaches} 项（同一不作为只计一次）",
        "as_of": "截至 {as_of}",
        "assumed": "其中 {n} 项适用同日从宽",
        "provisional_n": "其中 {n} 项日期暂定",
        "unattested_n": "其中 {n} 项依据无人签认的认定",
        "ignored": "略过 {n} 个不认识的事件",
        "never_fired": "从未触发的规则：{words}",
        "folded_hold": "另有 {n} 项仍在期间内未见违反（--show-all 列出）",
        "folded_declaratory": "宣示性规范 {n} 项待评议（--show-all 列出）",
        "exit": "退出码 {code}：{meaning}",
        "article": "第{n}条",
        "record": "案件",
    },
    "en": {
        "due": "due by {due}",
        "done": "done {at}",
        "done_late": "done {at}, {late} late",
        "not_done": "not done, {late} overdue",
        "violated": "violated {at}",
        "true_then": "in order {at}",
        "held": "held to the end",
        "pending": "due {due}, not done yet",
        "suspended": "clock stopped, not done yet",
        "holding": "still running, nothing violated",
        "open_ended": "no deadline, open for {elapsed}",
        "excused": "excused: {ground}",
        "could_be": "could be: {words}",
        "missing": "missing: {words}",
        "asks": "to be decided: {words}",
        "settle": "would settle it: {words}",
        "question": "{question}",
        "elapsed": "{elapsed} gone by",
        "times": "{times} times",
        "later_ground": "a ground that came later: {ground}",
        "same_day": "order within the day presumed in favour",
        "provisional": "holidays not announced yet, date provisional",
        "rolled": "last day moved past a rest day",
        "assumed_in_force": "the Opinions assumed to be in force",
        "counted_with": "one omission with {leader}, counted once",
        "unattested": "nobody vouches for: {words}",
        "days": "{working} working days ({calendar} days)",
        "moot": "need not be found out: {words}",
        "reason.never_happened": "the trigger never happened",
        "reason.condition_false": "the trigger's condition is false",
        "reason.no_entity": "nothing of that kind in the record",
        "reason.waiting_for": "waiting for {what}",
        "reason.before_issue": "before the Opinions were issued",
        "reason.not_yet_in_force": "not yet in force",
        "reason.ended_on": "no longer in force",
        "verdict": "verdict",
        "count": "count",
        "total": "total",
        "records": "{read} read = {judged} judged + {rejected} rejected",
        "breaches": "{breaches} breaches (one omission counts once)",
        "as_of": "as of {as_of}",
        "assumed": "{n} of them by the same-day presumption",
        "provisional_n": "{n} of them provisional",
        "unattested_n": "{n} of them rest on unattested judgements",
        "ignored": "{n} unknown events ignored",
        "never_fired": "norms that never fired: {words}",
        "folded_hold": "{n} more still running, nothing violated (--show-all)",
        "folded_declaratory": "{n} declaratory norms await review (--show-all)",
        "exit": "exit {code}: {meaning}",
        "article": "art. {n}",
        "record": "record",
    },
}


def phrase(lang: str, name: str, **values: object) -> str:
    """Return a phrase in a language, filled."""
    return PHRASES[lang][name].format(**values)


def _days(lateness: Lateness | None, lang: str) -> str:
    if lateness is None:
        return ""
    return phrase(lang, "days", working=lateness.working_days, calendar=lateness.calendar_days)


def sentences(finding: Finding, lang: str) -> Iterator[str]:
    """Yield why a finding has its verdict, in short sentences."""
    yield from _core(finding, lang)
    if finding.ground is not None and finding.verdict is not Verdict.EXCUSED:
        yield phrase(lang, "excused", ground=finding.ground.text(lang))
    if finding.later_ground is not None:
        yield phrase(lang, "later_ground", ground=finding.later_ground.text(lang))
    if finding.times > 1:
        yield phrase(lang, "times", times=finding.times)
    if finding.assumed:
        yield phrase(lang, "same_day")
    for flag in ("rolled", "provisional", "assumed_in_force"):
        if flag in finding.flags:
            yield phrase(lang, flag)
    if finding.unattested:
        yield phrase(lang, "unattested", words=_words(finding.unattested))
    if finding.counted_with:
        yield phrase(lang, "counted_with", leader=finding.counted_with)


def _core(finding: Finding, lang: str) -> Iterator[str]:
    due = phrase(lang, "due", due=finding.due_day) if finding.due_day else ""
    verdict = finding.verdict
    if verdict is Verdict.NOT_TRIGGERED:
        name, _, what = finding.reason.partition(":")
        yield phrase(lang, f"reason.{name}", what=what)
    elif verdict is Verdict.EXCUSED:
        yield phrase(lang, "excused", ground="" if finding.ground is None else finding.ground.text(lang))
    elif verdict is Verdict.PENDING:
        yield _pending(finding, lang)
    elif verdict in (Verdict.UNDETERMINED, Verdict.NEEDS_REVIEW):
        yield from _open(finding, lang, due)
    elif due:
        yield due
        if verdict is Verdict.COMPLIANT:
            yield phrase(lang, "done", at=finding.decided_at)
        elif verdict is Verdict.LATE:
            yield phrase(lang, "done_late", at=finding.decided_at, late=_days(finding.late_by, lang))
        else:
            yield phrase(lang, "not_done", late=_days(finding.late_by, lang))
    elif verdict is Verdict.COMPLIANT:
        yield phrase(lang, "true_then", at=finding.decided_at) if finding.decided_at else phrase(lang, "held")
    else:
        yield phrase(lang, "violated", at=finding.breach_at)


def _pending(finding: Finding, lang: str) -> str:
    if "suspended" in finding.flags:
        return phrase(lang, "suspended")
    if "holding" in finding.flags:
        return phrase(lang, "holding")
    if "open_ended" in finding.flags:
        return phrase(lang, "open_ended", elapsed=_days(finding.elapsed, lang))
    return phrase(lang, "pending", due=finding.due_day)


def _open(finding: Finding, lang: str, due: str) -> Iterator[str]:
    if finding.question is not None:
        yield phrase(lang, "question", question=finding.question.text(lang))
    if due and not finding.due_latest:
        yield due
    if finding.asks:
        yield phrase(lang, "asks", words=_words(finding.asks))
    if finding.missing:
        yield phrase(lang, "missing", words=_words(finding.missing))
    if finding.would_settle:
        yield phrase(lang, "settle", words=_words(finding.would_settle))
    if finding.could_be:
        labels = (VERDICT_LABELS[Verdict(c)].text(lang) for c in finding.could_be)
        yield phrase(lang, "could_be", words=" / ".join(labels))
    if finding.elapsed is not None:
        yield phrase(lang, "elapsed", elapsed=_days(finding.elapsed, lang))


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(visible(w) for w in words)


def finding_line(finding: Finding, path: str, line: int, lang: str) -> Text:
    """Return one finding as one greppable line: place, verdict, norm, entities, title, why."""
    text = Text()
    text.append(f"{visible(path)}:{line}" if line else visible(path), style="dim")
    text.append("  ")
    label = VERDICT_LABELS[finding.verdict].text(lang)
    text.append(label, style=STYLES[finding.verdict])
    names = "+".join("?" if i is None else visible(i) for i in finding.entities.values())
    text.append(f"  {finding.norm}", style="bold")
    text.append(f"  {names or visible(finding.record)}  {finding.title.text(lang)}: ")
    text.append("; ".join(sentences(finding, lang)))
    return text


def folded(finding: Finding) -> str:
    """Say as what a finding is folded in text: a running hold, a declaratory norm awaiting review, no instance."""
    if finding.verdict is Verdict.NOT_TRIGGERED:
        return "not_triggered"
    if "holding" in finding.flags:
        return "folded_hold"
    if finding.verdict is Verdict.NEEDS_REVIEW and finding.key.endswith(":always") and not finding.reviews:
        return "folded_declaratory"
    return ""


def summary_table(summary: Mapping[str, Any], lang: str) -> Table:
    """Return the table of verdicts, in which nothing vanishes."""
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(phrase(lang, "verdict"))
    table.add_column(phrase(lang, "count"), justify="right")
    for verdict in Verdict:
        count = summary["findings"][str(verdict)]
        label = f"{VERDICT_LABELS[verdict].text(lang)} {verdict}" if lang == "zh" else VERDICT_LABELS[verdict].en
        table.add_row(Text(label, style=STYLES[verdict] if count else "dim"), str(count))
    return table


def summary_lines(summary: Mapping[str, Any], folds: Mapping[str, int], as_of: str, lang: str) -> Iterator[str]:
    """Yield the sentences below the table."""
    yield phrase(lang, "as_of", as_of=as_of) + " · " + phrase(lang, "records", **summary["records"])
    yield phrase(lang, "breaches", breaches=summary["breaches"])
    for key, name in (("assumed_same_day", "assumed"), ("provisional", "provisional_n"), ("unattested", "unattested_n"),
                      ("ignored_events", "ignored")):  # fmt: skip
        if summary[key]:
            yield phrase(lang, name, n=summary[key])
    for name in ("folded_hold", "folded_declaratory"):
        if folds.get(name):
            yield phrase(lang, name, n=folds[name])
    if summary["never_fired"]:
        yield phrase(lang, "never_fired", words=", ".join(summary["never_fired"]))


def print_plain(console: Console, text: Text | str) -> None:
    """Print one line: never wrapped, never reinterpreted as markup."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)
