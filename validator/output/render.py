"""Text for people: findings, summaries and explanations; one line a finding when piped, set out on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TextIO

from validator.errors import columns, visible
from validator.judging.finding import VERDICT_LABELS, Finding, Lateness, Verdict
from validator.output.text import Line, Piece, listed, moment, padded, wrap

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
LEVELS = ("high", "medium", "low")
MOST_POINTERS = 4
MOST_NORMS = 8

# Phrases by language.  {placeholders} are filled from findings; {n:day|days} is a number with its word.
PHRASES: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "due": "期限至 {due}",
        "done": "{at} 完成",
        "done_late": "{at} 完成，逾期 {late}",
        "not_done": "未按期完成，已逾 {late}",
        "violated": "{at} 违反",
        "true_then": "{at} 符合要求",
        "held": "期间一直符合要求",
        "pending": "期限至 {due}，尚未完成",
        "undated": "尚未完成",
        "suspended": "期限停止计算中，尚未完成",
        "holding": "仍在期间内，未见违反",
        "open_ended": "没有期限，已 {elapsed}，尚未完成",
        "excused": "依规豁免：{ground}",
        "perhaps_excused": "可能豁免：{ground}",
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
        "assumed_in_force": "假定已施行",
        "counted_with": "与 {leader} 属同一不作为，只计一次",
        "unattested": "无人签认：{words}",
        "days": "{working} 个工作日（{calendar} 日）",
        "at_least": "{days}以上",
        "under_a_day": "不足一日",
        "moot": "无须再查：{words}",
        "reason.never_happened": "没有发生触发事件",
        "reason.condition_false": "触发条件不成立",
        "reason.no_entity": "没有相应的对象",
        "reason.waiting_for": "等待 {what}",
        "reason.upstream_open": "上游规则尚无定论",
        "reason.before_issue": "规范发布之前",
        "reason.not_yet_in_force": "尚未施行",
        "reason.ended_on": "已停止施行",
        "reason.cut_short": "一个周期未满即已结束",
        "records": "读入 {read} 件 = 判断 {judged} 件 + 拒绝 {rejected} 件",
        "breaches": "违规和逾期 {breaches} 项（同一不作为只计一次）",
        "as_of": "截至 {as_of}",
        "assumed": "适用同日从宽的结论 {n} 项",
        "provisional_n": "日期暂定的结论 {n} 项",
        "unattested_n": "依据无人签认的认定的结论 {n} 项",
        "waiting_n": "只待本院设定参数的结论 {n} 项",
        "ignored": "略过 {n} 个不认识的事件",
        "engines": "编译代码判断 {compiled} 项，解释器判断 {interpreted} 项（一条规则判断一件记录为一项）",
        "never_fired": "从未触发的规则 {n} 条：{words}",
        "folded_hold": "另有 {n} 项仍在期间内未见违反（--show-all 列出）",
        "before_issue": "规范发布以前触发、因此没有判断的 {n} 项（--assume-in-force 假定已施行）",
        "folded_declaratory": "宣示性规范 {n} 项待评议（--show-all 列出）",
        "folded_unset": "有 {n} 项等待本院用 --parameters 设定的参数（--show-all 列出）",
        "folded_unset_more": "          …还有 {n} 个参数",
        "records_read": "已读 {read} 件，每秒 {rate} 件",
        "progress": "已判断 {read} 件，每秒 {rate} 件，违规 {breaches} 项，拒绝 {rejected} 件",
        "lines_read": "已读 {lines} 行，每秒 {rate} 行",
        "warnings_left": "警告 {code}：另有 {n} 处未列出（--all-warnings 全部列出）",
        "exit": "退出码 {code}：{meaning}",
        "bug": "这是程序的错误，请报告；设置环境变量 ZHIJIAN_DEBUG=1 再运行，可得到详细的位置",
        "article": "第{n}条",
        "gate.allow": "放行：这一步不违反任何规则（判断时点 {as_of}）",
        "gate.deny": "拦截：这一步会违反下列规则（判断时点 {as_of}）",
        "gate.review": "需核对：资料不足，不能断定这一步不违反下列规则（判断时点 {as_of}）",
        "gate.denied": "会违反  {title}",
        "gate.doubtful": "可能违反  {title}",
        "gate.first": "须先有：{words}",
        "gate.never": "此前不得有：{words}",
        "gate.starts": "将开始计算的期限：",
        "gate.settles": "将了结的义务：",
        "or": " 或 ",
        "replay.identical": "一致：记录、规则、参数、日历、选项和结论都没有变",
        "replay.changed": "有变化的：{words}",
        "replay.version": "程序版本",
        "replay.policies": "规则",
        "replay.parameters": "参数",
        "replay.calendar": "日历",
        "replay.context": "关联记录",
        "replay.waivers": "豁免",
        "replay.options": "选项",
        "replay.records": "案件记录",
        "replay.record": "内容变了的记录：{words}",
        "replay.differ": "结论不同的 {count} 项",
        "verified": "{path}: 完好，{lines} 行，截至 {as_of}，程序版本 {version}",
        "comma": "、",
        "diff.norm": "规则",
        "diff.parameter": "参数",
        "diff.table": "表",
        "diff.calendar": "日历",
        "diff.entities": "对象",
        "diff.links": "联系",
        "diff.variables": "变量",
        "diff.law": "法律",
        "diff.event_attributes": "事件属性",
        "diff.events": "事件",
        "diff.remedies": "总则措施",
        "diff.actors": "办理人",
        "diff.working": "工作日",
        "diff.rest": "休息日",
        "diff.published": "放假安排已公布",
        "diff.none": "（无）",
        "diff.same": "两套规则没有不同",
        "diff.records": "判断 {records} 件，结论改变 {flips} 项",
        "diff.moved": "结论不变而到期日改变的 {count} 项",
        "due.left": "还有 {n} 个工作日",
        "due.over": "已逾 {n} 个工作日",
        "due.just_over": "已逾不足一个工作日",
        "due.between": "{first} 至 {last} 之间",
        "due.not_before": "不早于 {first}",
        "due.provisional": "{due}（暂定）",
        "due.ends": "期限届满：{due}",
        "due.actors": "（{words}）",
        "due.nobody": "未分派",
        "due.total": "未办结的期限 {n} 项：{words}",
        "due.unset": "没有设定提前量，不分提醒和预警：{words}",
        "no_letter": "{record} 没有这种文书所说的结论，没有写成文书",
        "examples": "规则 {norms} 条，示例 {examples} 个：通过 {passed} 个，失败 {failed} 个",
        "unnoticed": "没有示例发现的改动：",
        "stale": "equivalent_changes 列出的改动已被示例发现，或者不存在：",
        "mutants": "改动 {total} 处：未被发现 {unnoticed} 处，列明等价 {equivalent} 处",
        "linted": "规则 {norms} 条，错误 0 个，警告 {warnings} 个",
        "installed": "这是随程序安装的规则：{folder}；检查自己改的文件，请写出它的路径，如 policies",
        "example_failed": "未通过",
        "usage.line": "用法：{command} {pieces}",
        "usage.more": "说明：{command} --help",
        "usage.error": "错误：{message}",
        "usage.no_option": "没有选项“{word}”",
        "usage.no_command": "没有命令“{word}”",
        "usage.meant": "；是不是{words}？",
        "usage.no_argument": "缺少参数“{word}”",
        "usage.no_value": "缺少选项“{word}”",
        "usage.bad": "“{word}”的值不对：{message}",
        "usage.choice": "“{value}”不是可选的值，应为：{words}",
        "usage.choices": "“{value}”不是可选的值，应为：{words}",
        "usage.range": "{value} 不在范围 {range} 之内",
        "usage.kind": "“{value}”不是{kind}",
        "usage.extra": "多出了“{words}”",
        "usage.extras": "多出了“{words}”",
        "usage.flag": "选项“{word}”不带值",
        "usage.argument": "选项“{word}”要带一个值",
        "usage.command": "缺少命令",
    },
    "en": {
        "due": "due {due}",
        "done": "done {at}",
        "done_late": "done {at}, {late} late",
        "not_done": "not done in time, {late} overdue",
        "violated": "violated {at}",
        "true_then": "in order {at}",
        "held": "held to the end",
        "pending": "due {due}, not done yet",
        "undated": "not done yet",
        "suspended": "clock stopped, not done yet",
        "holding": "still running, nothing violated",
        "open_ended": "no deadline, open for {elapsed}",
        "excused": "excused: {ground}",
        "perhaps_excused": "perhaps excused: {ground}",
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
        "assumed_in_force": "assumed to be in force",
        "counted_with": "one omission with {leader}, counted once",
        "unattested": "nobody vouches for: {words}",
        "days": "{working:working day|working days} ({calendar:day|days})",
        "at_least": "at least {days}",
        "under_a_day": "less than a day",
        "moot": "need not be found out: {words}",
        "reason.never_happened": "the trigger never happened",
        "reason.condition_false": "the trigger's condition is false",
        "reason.no_entity": "nothing of that kind in the record",
        "reason.waiting_for": "waiting for {what}",
        "reason.upstream_open": "the norm on which it depends is still open",
        "reason.before_issue": "before the law was issued",
        "reason.not_yet_in_force": "not yet in force",
        "reason.ended_on": "no longer in force",
        "reason.cut_short": "ended before a period was over",
        "records": "{read} read = {judged} judged + {rejected} rejected",
        "breaches": "{breaches} breached or late (one omission counts once)",
        "as_of": "as of {as_of}",
        "assumed": "findings by the same-day presumption: {n}",
        "provisional_n": "findings with provisional dates: {n}",
        "unattested_n": "findings that rest on unattested judgements: {n}",
        "waiting_n": "findings that only wait for figures of the court: {n}",
        "ignored": "{n:unknown event|unknown events} ignored",
        "engines": "compiled code judged {compiled}, the interpreter {interpreted} (pairs of a norm and a record)",
        "never_fired": "{n:norm record|norm records} never fired: {words}",
        "folded_hold": "{n} more still running, nothing violated (--show-all)",
        "before_issue": "{n:was|were} triggered before the law was issued and not judged (--assume-in-force)",
        "folded_declaratory": "{n:declaratory norm awaits|declaratory norms await} review (--show-all)",
        "folded_unset": "{n:awaits|await} figures that a court sets with --parameters (--show-all)",
        "folded_unset_more": "          … and {n:more figure|more figures}",
        "records_read": "{read:record|records}, {rate} a second",
        "progress": "{read:record|records}, {rate} a second, {breaches:breach|breaches}, {rejected} rejected",
        "lines_read": "{lines:line|lines}, {rate} a second",
        "warnings_left": "warning {code}: {n:more is|more are} not listed (--all-warnings lists all)",
        "exit": "exit {code}: {meaning}",
        "bug": "this is a bug of the program, please report it; run again with ZHIJIAN_DEBUG=1 to see where it is",
        "article": "art. {n}",
        "gate.allow": "allow: the step violates no norm (as of {as_of})",
        "gate.deny": "deny: the step would violate the norms below (as of {as_of})",
        "gate.review": "review: facts are missing, the step may violate the norms below (as of {as_of})",
        "gate.denied": "would violate  {title}",
        "gate.doubtful": "may violate  {title}",
        "gate.first": "must come first: {words}",
        "gate.never": "must not come before: {words}",
        "gate.starts": "terms that would begin to run:",
        "gate.settles": "duties that would be done:",
        "or": " or ",
        "replay.identical": "identical: records, policies, parameters, calendar, options and findings",
        "replay.changed": "changed: {words}",
        "replay.version": "version",
        "replay.policies": "policies",
        "replay.parameters": "parameters",
        "replay.calendar": "calendar",
        "replay.context": "context",
        "replay.waivers": "waivers",
        "replay.options": "options",
        "replay.records": "records",
        "replay.record": "records whose text has changed: {words}",
        "replay.differ": "{count:finding differs|findings differ}",
        "verified": "{path}: intact, {lines:line|lines}, as of {as_of}, version {version}",
        "comma": ", ",
        "diff.norm": "norm",
        "diff.parameter": "parameter",
        "diff.table": "table",
        "diff.calendar": "calendar",
        "diff.entities": "entity",
        "diff.links": "link",
        "diff.variables": "variable",
        "diff.law": "law",
        "diff.event_attributes": "event attribute",
        "diff.events": "event",
        "diff.remedies": "general remedy",
        "diff.actors": "actor",
        "diff.working": "working day",
        "diff.rest": "rest day",
        "diff.published": "holidays published",
        "diff.none": "(nothing)",
        "diff.same": "the two rule sets do not differ",
        "diff.records": "{records:record|records} judged, {flips:verdict changes|verdicts change}",
        "diff.moved": "{count:verdict stays|verdicts stay}, but with another last day",
        "due.left": "{n:working day|working days} left",
        "due.over": "{n:working day|working days} over",
        "due.just_over": "less than a working day over",
        "due.between": "between {first} and {last}",
        "due.not_before": "not before {first}",
        "due.provisional": "{due} (provisional)",
        "due.ends": "end of the term: {due}",
        "due.actors": "[{words}]",
        "due.nobody": "nobody",
        "due.total": "{n:duty|duties} not done: {words}",
        "due.unset": "no lead is set, so nothing is a reminder or a warning: {words}",
        "no_letter": "{record} has no finding that such a letter is about; no letter was written",
        "examples": "{norms:norm|norms}, {examples:example|examples}: {passed} passed, {failed} failed",
        "unnoticed": "no example notices:",
        "stale": "listed in equivalent_changes, but noticed by an example or no such change:",
        "mutants": "{total:change|changes}: {unnoticed} unnoticed, {equivalent} listed as equivalent",
        "linted": "{norms:norm|norms}, 0 errors, {warnings:warning|warnings}",
        "installed": "these are the installed rules, {folder}; to check your own, name their path, such as policies",
        "example_failed": "FAIL",
        "usage.line": "Usage: {command} {pieces}",
        "usage.more": "Try '{command} --help' for help.",
        "usage.error": "Error: {message}",
        "usage.no_option": "No such option {word}.",
        "usage.no_command": "No such command {word}.",
        "usage.meant": " Did you mean {words}?",
        "usage.no_argument": "Missing argument {word}.",
        "usage.no_value": "Missing option {word}.",
        "usage.bad": "Invalid value for {word}: {message}",
        "usage.choice": "{value} is not one of {words}.",
        "usage.choices": "{value} are not one of {words}.",
        "usage.range": "{value} is not in the range {range}.",
        "usage.kind": "{value} is not a valid {kind}.",
        "usage.extra": "Got unexpected extra argument ({words})",
        "usage.extras": "Got unexpected extra arguments ({words})",
        "usage.flag": "Option {word} does not take a value.",
        "usage.argument": "Option {word} requires an argument.",
        "usage.command": "Missing command.",
    },
}


class _Number(int):
    """A whole number that brings its word: ``{n:day|days}`` is "1 day", "2 days"."""

    def __format__(self, spec: str) -> str:
        one, bar, more = spec.partition("|")
        return f"{int(self)} {one if self == 1 else more}" if bar else super().__format__(spec)


def phrase(lang: str, name: str, **values: object) -> str:
    """Return a phrase in a language, filled."""
    return PHRASES[lang][name].format(**{k: _Number(v) if type(v) is int else v for k, v in values.items()})


# -- why a finding has its verdict -------------------------------------------------------------------------------------
def sentences(finding: Finding, lang: str, most: int = 0) -> Iterator[str]:
    """Yield why a finding has its verdict, in short sentences; lists are cut after ``most`` (0: never)."""
    yield from _core(finding, lang, most)
    if finding.ground is not None and finding.verdict is not Verdict.EXCUSED:
        yield phrase(lang, "perhaps_excused", ground=finding.ground.text(lang))
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
        yield phrase(lang, "unattested", words=listed(finding.unattested, lang, most))
    if finding.counted_with:
        yield phrase(lang, "counted_with", leader=" / ".join(finding.counts_with))


def _core(finding: Finding, lang: str, most: int) -> Iterator[str]:
    due, verdict = _due(finding, lang), finding.verdict
    if verdict is Verdict.NOT_TRIGGERED:
        name, _, what = finding.reason.partition(":")
        yield phrase(lang, f"reason.{name}", what=what)
    elif verdict is Verdict.EXCUSED:
        yield phrase(lang, "excused", ground="" if finding.ground is None else finding.ground.text(lang))
    elif verdict is Verdict.PENDING:
        yield from _pending(finding, lang)
    elif verdict in (Verdict.UNDETERMINED, Verdict.NEEDS_REVIEW):
        yield from _open(finding, lang, due, most)
    elif due:
        yield due
        yield _against_due(finding, lang)
    elif verdict is Verdict.COMPLIANT:
        at = moment(finding.decided_at)
        yield phrase(lang, "true_then", at=at) if at else phrase(lang, "held")
    else:
        yield phrase(lang, "violated", at=moment(finding.breach_at))


def _short(what: str) -> str:
    """Name the norm whose term is open, and not the key of one of its instances."""
    norm, colon, _ = what.partition(":")
    return norm if colon and not {"/", " "} & set(norm) else what


def _against_due(finding: Finding, lang: str) -> str:
    at = moment(finding.decided_at)
    if finding.verdict is Verdict.COMPLIANT:
        return phrase(lang, "done", at=at)
    if finding.verdict is Verdict.LATE:
        return phrase(lang, "done_late", at=at, late=lateness_text(finding.late_by, lang))
    return phrase(lang, "not_done", late=lateness_text(finding.late_by, lang))


def due_text(finding: Finding) -> str:
    """Return the last day of a term or, for hours and office hours, the moment; "" without one."""
    return finding.due_day if finding.ends_with_day or not finding.due else moment(finding.due)


def ends_text(finding: Finding, lang: str) -> str:
    """Return between which two days or moments a term ends; one, when that is certain; and whether provisionally."""
    ends = _ends(finding, lang)
    return phrase(lang, "due.provisional", due=ends) if "provisional" in finding.flags else ends


def _ends(finding: Finding, lang: str) -> str:
    first = due_text(finding)
    if not finding.due_latest:
        return first
    last = finding.latest_day if finding.ends_with_day or not finding.latest_day else moment(finding.due_latest)
    return phrase(lang, "due.between" if last else "due.not_before", first=first, last=last)


def _due(finding: Finding, lang: str) -> str:
    """Say when a term ends; "" without one."""
    name = "due.ends" if finding.due_latest else "due"
    return phrase(lang, name, due=_ends(finding, lang)) if finding.due_day else ""


def lateness_text(lateness: Lateness | None, lang: str) -> str:
    """Say how late in working and calendar days."""
    if lateness is None or not lateness.calendar_days:
        return phrase(lang, "under_a_day")
    days = phrase(lang, "days", working=lateness.working_days, calendar=lateness.calendar_days)
    return phrase(lang, "at_least", days=days) if lateness.at_least else days


def _pending(finding: Finding, lang: str) -> Iterator[str]:
    if "suspended" in finding.flags:
        yield phrase(lang, "suspended")
    elif "holding" in finding.flags:
        yield phrase(lang, "holding")
    elif "open_ended" in finding.flags:
        yield phrase(lang, "open_ended", elapsed=lateness_text(finding.elapsed, lang))
    elif finding.due_day and not finding.due_latest:
        yield phrase(lang, "pending", due=due_text(finding))
    else:  # when it is due is not certain, or waits for a figure
        yield from filter(None, (_due(finding, lang), phrase(lang, "undated")))


def _open(finding: Finding, lang: str, due: str, most: int) -> Iterator[str]:
    if finding.question is not None:
        yield phrase(lang, "question", question=finding.question.text(lang))
    if due:
        yield due
    if finding.could_be:
        labels = (VERDICT_LABELS[v].text(lang) for v in Verdict if str(v) in finding.could_be)
        yield phrase(lang, "could_be", words=" / ".join(labels))
    for name, words in (("asks", finding.asks), ("missing", finding.missing), ("settle", finding.would_settle)):
        if words:
            yield phrase(lang, name, words=listed(tuple(dict.fromkeys(map(_short, words))), lang, most))
    if finding.elapsed is not None and finding.elapsed.calendar_days:
        yield phrase(lang, "elapsed", elapsed=lateness_text(finding.elapsed, lang))


# -- findings ----------------------------------------------------------------------------------------------------------
def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings of one record, the worst verdict and the highest level first, else as they come."""
    rank = {verdict: i for i, verdict in enumerate(Verdict)}
    return sorted(findings, key=lambda f: (rank[f.verdict], LEVELS.index(f.level)))


UNSET = "unset: "
"""Before the names of figures for which a finding waits."""


def folded(finding: Finding) -> str:
    """Say as what a finding is folded in text: a running hold, a declaratory norm awaiting review, no instance.

    One that only waits for figures that nobody has set is folded as their names, after `UNSET`: a court sets them once,
    and not case by case.
    """
    if finding.verdict is Verdict.NOT_TRIGGERED:
        return "not_triggered"
    if "holding" in finding.flags:
        return "folded_hold"
    if finding.verdict is Verdict.NEEDS_REVIEW and finding.key.endswith(":always") and not finding.reviews:
        return "folded_declaratory"
    if finding.asks and not finding.missing and all(map(_is_setting, finding.asks)):
        return UNSET + ", ".join(finding.asks)
    return ""


def _is_setting(name: str) -> bool:
    return name.startswith(("param.", "table."))


def entity_names(finding: Finding) -> str:
    """Return the ids of the entities concerned, without the record itself."""
    found = ("?" if i is None else visible(i) for i in finding.entities.values() if i != finding.record)
    return "+".join(found)


def _norm(finding: Finding, lang: str) -> str:
    return f"{finding.norm} [{phrase(lang, 'article', n=finding.article)}]"


def finding_line(finding: Finding, path: str, line: int, lang: str, most: int = MOST_POINTERS) -> str:
    """Return one finding as one greppable line: place, verdict, norm, article, record, entities, title, why."""
    place = f"{visible(path)}:{line}" if line else visible(path)
    about = " ".join(filter(None, (visible(finding.record), entity_names(finding))))
    label = VERDICT_LABELS[finding.verdict].text(lang)
    why = "; ".join(sentences(finding, lang, most))
    return f"{place}  {label}  {_norm(finding, lang)}  {about}  {finding.title.text(lang)}: {why}"


def finding_block(finding: Finding, lang: str, width: int, most: int = MOST_POINTERS) -> Iterator[Line]:
    """Yield one finding as lines of a terminal: verdict, norm and title, then why; indented below the verdict."""
    labels = [VERDICT_LABELS[v].text(lang) for v in Verdict]
    column = max(map(columns, labels)) + 4
    style = STYLES[finding.verdict]
    norm, names, title = _norm(finding, lang), entity_names(finding), visible(finding.title.text(lang))
    lines = wrap(f"{norm}  {names + '  ' if names else ''}{title}", max(width - column, 20))
    label = padded(VERDICT_LABELS[finding.verdict].text(lang), column - 2)
    yield Piece("  "), Piece(label, style), Piece(lines[0][: len(norm)], "bold"), Piece(lines[0][len(norm) :])
    for line in lines[1:]:
        yield (Piece(" " * column + line),)
    why = list(sentences(finding, lang, most))
    separate = finding.verdict in (Verdict.UNDETERMINED, Verdict.NEEDS_REVIEW)
    for sentence in why if separate else [("；" if lang == "zh" else "; ").join(why)]:
        for i, line in enumerate(wrap(sentence, max(width - column - 2, 20))):
            indent = column + (2 if separate and i else 0)
            yield (Piece(" " * indent + line, "dim" if finding.verdict in _QUIET else ""),)


def _heading(record: str, place: str, width: int) -> Iterator[Line]:
    """Yield what stands above the findings of a record; a place that has no room behind the record stands below it."""
    if columns(record) + len(_INDENT) + columns(place) <= width:
        yield Piece(record, "bold"), Piece(_INDENT + place, "dim")
    else:
        yield (Piece(record, "bold"),)
        yield (Piece(_INDENT + place, "dim"),)


_INDENT = "  "
_QUIET = frozenset({Verdict.COMPLIANT, Verdict.NOT_TRIGGERED, Verdict.EXCUSED})


# -- summary -----------------------------------------------------------------------------------------------------------
def summary_table(summary: Mapping[str, Any], lang: str) -> Iterator[Line]:
    """Yield the table of verdicts, in which nothing vanishes."""
    counts = {v: str(summary["findings"][str(v)]) for v in Verdict}
    labels = {v: VERDICT_LABELS[v].text(lang) for v in Verdict}
    first, second, third = (max(map(columns, words)) for words in (labels.values(), map(str, Verdict), counts.values()))
    for verdict, count in counts.items():
        word = f"  {padded(verdict, second)}" if lang == "zh" else ""
        text = f"  {padded(labels[verdict], first)}{word}  {padded(count, third, right=True)}"
        yield (Piece(text, STYLES[verdict] if count != "0" else "dim"),)


def summary_lines(
    summary: Mapping[str, Any], folds: Mapping[str, int], as_of: str, lang: str, most: int = MOST_NORMS
) -> Iterator[str]:
    """Yield the sentences below the table."""
    yield phrase(lang, "as_of", as_of=as_of) + " · " + phrase(lang, "records", **summary["records"])
    yield phrase(lang, "breaches", breaches=summary["breaches"])
    for key, name in (("assumed_same_day", "assumed"), ("provisional", "provisional_n"), ("unattested", "unattested_n"),
                      ("ignored_events", "ignored")):  # fmt: skip
        if summary[key]:
            yield phrase(lang, name, n=summary[key])
    early = summary["not_triggered_reasons"].get("before_issue")
    if early:
        yield phrase(lang, "before_issue", n=early)
    for name in ("folded_hold", "folded_declaratory"):
        if folds.get(name):
            yield phrase(lang, name, n=folds[name])
    yield from _unset_lines(
        {k.removeprefix(UNSET): n for k, n in folds.items() if n and k.startswith(UNSET)}, lang, most
    )
    if summary["engine"]["compiled"]:
        yield phrase(lang, "engines", **summary["engine"])
    silent = summary["never_fired"]
    if silent and summary["records"]["judged"]:
        yield phrase(lang, "never_fired", n=len(silent), words=listed(silent, lang, most))


def _unset_lines(unset: Mapping[str, int], lang: str, most: int) -> Iterator[str]:
    """Yield which figures are waited for, by how many findings, the most first."""
    if unset:
        yield phrase(lang, "folded_unset", n=sum(unset.values()))
    ordered = sorted(unset.items(), key=lambda pair: (-pair[1], pair[0]))
    for name, n in ordered[:most] if most else ordered:
        yield f"{n:>8}  {name}"
    if most and len(ordered) > most:
        yield phrase(lang, "folded_unset_more", n=len(ordered) - most)


# -- printing ----------------------------------------------------------------------------------------------------------
class Screen(Protocol):
    """Where lines are shown in colour; ``width`` is how many columns there are."""

    @property
    def width(self) -> int: ...  # noqa: D102 - said above

    def show(self, line: Line) -> None: ...  # noqa: D102 - said by its name


def _terminal(stream: TextIO, columns: int) -> Screen:
    from validator.output.terminal import Terminal  # noqa: PLC0415 - rich takes long to import and is of no use to a pipe

    return Terminal(stream, columns)


@dataclass(slots=True)
class Printer:
    """Prints lines: coloured and set out on a terminal, plain and never wrapped elsewhere.

    With a number of `columns` the stream is taken for a terminal of that width.
    """

    stream: TextIO
    columns: int = 0
    screen: Screen | None = field(init=False)
    started: bool = False

    def __post_init__(self) -> None:
        self.screen = _terminal(self.stream, self.columns) if self.columns or self.stream.isatty() else None

    @property
    def width(self) -> int:
        """How many columns there are; 0: no limit."""
        return 0 if self.screen is None else self.screen.width

    def line(self, text: Line | str = "") -> None:
        """Print one line: what a terminal would obey, or no eye sees, is written as an escape, whoever wrote it."""
        pieces = (Piece(text),) if isinstance(text, str) else text
        line = tuple(Piece(visible(piece.text), piece.style) for piece in pieces)
        if self.screen is None:
            self.stream.write("".join(piece.text for piece in line) + "\n")
        else:
            self.screen.show(line)

    def sentence(self, text: str) -> None:
        """Print a sentence; on a terminal that is too narrow for it as several lines, below the first ones indented."""
        fits = not self.width or columns(text) <= self.width
        first, *rest = [text] if fits else wrap(text, self.width - len(_INDENT))
        self.line(first)
        for line in rest:
            self.line(_INDENT + line)

    def findings(self, found: Iterable[Finding], path: str, line: int, lang: str, most: int = MOST_POINTERS) -> None:
        """Print findings of one record: one line each, or below a heading on a terminal."""
        findings = worst_first(found)
        if not findings:
            return
        if self.screen is None:
            for finding in findings:
                self.line(finding_line(finding, path, line, lang, most))
            return
        place = f"{visible(path)}:{line}" if line else visible(path)
        if self.started:
            self.line()
        self.started = True
        for text in _heading(visible(findings[0].record), place, self.width):
            self.line(text)
        for finding in findings:
            for text in finding_block(finding, lang, self.width, most):
                self.line(text)
