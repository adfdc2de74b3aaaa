"""One judgement step by step: trigger, counting day by day, what decided it, the citation, what would change it.

The steps are read from the interpreter's own instance and outcome; there is no second description of the law.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from validator.facts.timeline import Upstream
from validator.facts.vocabulary import Step
from validator.judging.clock import trace
from validator.judging.finding import VERDICT_LABELS, VIOLATIONS, Verdict
from validator.judging.interpreter import Judged
from validator.legal_time.deadline import DayNote, parse_period
from validator.legal_time.instant import BEGIN, END, day_of, format_day, format_instant
from validator.output.phrases import phrase
from validator.output.render import due_text, sentences, when
from validator.output.text import moment
from validator.questions.figures import figures
from validator.questions.gate import unmet
from validator.questions.states import states
from validator.rules.labels import in_force
from validator.rules.program import Norm, Program

_WORDS = {
    "zh": {
        "law": "依据",
        "record": "记录",
        "trigger": "触发",
        "entities": "对象",
        "counting": "期限计算",
        "outcome": "结论",
        "reading": "采用的理解",
        "instead": "其他理解",
        "remedy": "处置",
        "key": "标识",
        "since": "起算",
        "basis": "依据规则",
        "norm": "规则",
        "in_force": "有效",
        "until": "（有效至 {day}）",
        "state": "状态",
        "at_first": "起初",
        "otherwise": "怎样会不同",
        "in_time": "最迟于 {due} 完成，即为按期",
        "first": "此前已有：{words}",
        "never": "此前没有：{words}",
        "settled": "查明或决定：{words}",
    },
    "en": {
        "law": "law",
        "record": "record",
        "trigger": "trigger",
        "entities": "concerns",
        "counting": "counting",
        "outcome": "verdict",
        "reading": "reading taken",
        "instead": "alternatives",
        "remedy": "remedy",
        "key": "key",
        "since": "runs from",
        "basis": "basis",
        "norm": "norm",
        "in_force": "in force",
        "until": " (as in force until {day})",
        "state": "state",
        "at_first": "at first",
        "otherwise": "otherwise if",
        "in_time": "done by {due}: in time",
        "first": "there had been before: {words}",
        "never": "there had not been before: {words}",
        "settled": "found out or decided: {words}",
    },
}
_REASONS = {
    "zh": {
        "start": "起算日，不计入",
        "working": "工作日",
        "make-up": "调休上班",
        "rest": "休息日",
        "calendar": "计入",
        "stopped": "停止计算",
        "roll": "顺延至此日",
    },
    "en": {
        "start": "starting day, not counted",
        "working": "working day",
        "make-up": "make-up workday",
        "rest": "rest day",
        "calendar": "counted",
        "stopped": "clock stopped",
        "roll": "rolled to this day",
    },
}


def explanation(found: Iterable[Judged], program: Program, lang: str) -> Iterator[str]:
    """Yield the lines of an explanation of instances, a blank line behind each; the readings of a norm once.

    What is in a record stands in them as it is: who hands them on makes it visible.
    """
    for _, same in groupby(found, key=lambda judged: id(judged.instance.norm)):
        instances = list(same)
        for number, judged in enumerate(instances, 1):
            yield from _steps(judged, program, lang)
            if number == len(instances):
                yield from _readings(judged.instance.norm, lang)
            yield ""


def _steps(judged: Judged, program: Program, lang: str) -> Iterator[str]:
    norm, finding, words = judged.instance.norm, judged.finding, _WORDS[lang]
    yield f"{words['norm']}  {norm.id}  {norm.title.text(lang)}"
    yield f"{words['law']}  {citation(norm, lang)}"
    if in_force(norm.effective, lang):
        yield f"{words['in_force']}  {in_force(norm.effective, lang)}"
    yield f"{words['key']}  {finding.key}"
    if finding.verdict is not Verdict.NOT_TRIGGERED:
        yield f"{words['trigger']}  {_trigger_text(judged, lang)}"
        kinds = program.vocabulary.entities
        names = (f"{kinds[kind].label.text(lang)} {i or '?'}" for kind, i in finding.entities.items())
        yield f"{words['entities']}  {phrase(lang, 'comma').join(names)}"
        notes = trace(judged.conditions, judged.instance) if norm.mode == "reach" else []
        if notes:
            yield f"{words['counting']}  {parse_period(finding.period).text(lang)}"
            for note in notes:
                yield f"    {day_text(note, program, lang)}"
            rules = counting_rules(judged, program, lang)
            if rules:
                yield f"    {rules}"
        yield from _states(judged, lang)
    label = VERDICT_LABELS[finding.verdict].text(lang)
    why = [*sentences(finding, lang), *figures(program, norm, judged.instance.start.lo, lang)]
    yield f"{words['outcome']}  {label} ({finding.verdict}){phrase(lang, 'colon')}{phrase(lang, 'semicolon').join(why)}"
    for text in otherwise(judged, program, lang):
        yield f"{words['otherwise']}  {text}"
    if finding.verdict in (Verdict.BREACHED, Verdict.LATE):
        for step in norm.remedy:
            by = program.vocabulary.actor(step.by).text(lang)
            yield f"{words['remedy']}  {step_text(step, program, lang)} [{by}] {', '.join(step.basis)}"


def _readings(norm: Norm, lang: str) -> Iterator[str]:
    words = _WORDS[lang]
    for reading in norm.readings:
        yield f"{words['reading']}  {reading.point.text(lang)}{phrase(lang, 'colon')}{reading.taken.text(lang)}"
        for other in reading.alternatives:
            yield f"    {words['instead']}  {other.text(lang)}"


def _states(judged: Judged, lang: str) -> Iterator[str]:
    """Yield the states that the norm reads, a line each, with the moments at which they changed."""
    words = _WORDS[lang]
    for state in states(judged):
        values = [
            f"{words['at_first'] if at <= BEGIN else moment(format_instant(at))} {value.text(lang)}"
            for at, value in state.values
        ]
        told = phrase(lang, "semicolon").join(values)
        yield f"{words['state']}  {state.variable.label.text(lang)}{phrase(lang, 'colon')}{told}"


def otherwise(judged: Judged, program: Program, lang: str) -> Iterator[str]:
    """Yield what would have changed a verdict, or would settle it, as far as the finding can say.

    The last moment at which an act would have been in time; what must, or must not, have come before; facts that nobody
    has stated and decisions that nobody has taken.
    """
    finding, words, comma = judged.finding, _WORDS[lang], phrase(lang, "comma")
    if finding.verdict in VIOLATIONS and finding.due_day:
        yield words["in_time"].format(due=due_text(finding))
    if finding.verdict in VIOLATIONS:
        for name, labels in zip(("first", "never"), unmet(program, judged), strict=True):
            if labels:
                yield words[name].format(words=comma.join(label.text(lang) for label in labels))
    facts = (*finding.asks, *finding.missing, *finding.would_settle)
    if facts:
        yield words["settled"].format(words=comma.join(facts))


def step_text(step: Step, program: Program, lang: str) -> str:
    """Return what a step of a remedy does, with the condition on which the general remedy it is of applies."""
    if not step.general:
        return step.do.text(lang)
    when = program.vocabulary.remedies[step.general].when
    return phrase(lang, "step_when", do=step.do.text(lang), when=when.text(lang))


def counting_rules(judged: Judged, program: Program, lang: str) -> str:
    """Name the rules of counting that the rule set declares (``param.period_rules``); "" if it declares none."""
    parameter = program.vocabulary.parameters.get("period_rules")
    found = None if parameter is None else parameter.at(judged.instance.start.lo)
    if parameter is None or found is None or found.basis is None:
        return ""
    return f"{parameter.label.text(lang)}{phrase(lang, 'colon')}{found.basis.text(lang)}"


def citation(norm: Norm, lang: str) -> str:
    """Cite a norm's place in the law with its words."""
    quoted = f"“{norm.words}”" if norm.words else ""
    return f"{place_in_law(norm, lang)}{'' if lang == 'zh' else ' '}{quoted}".rstrip()


def place_in_law(norm: Norm, lang: str) -> str:
    """Name a norm's place in the law: its name, article, paragraph, sentence (paragraph 0: the heading).

    Of a version that ends it says until when, for the law reads otherwise, or not at all, after it.
    """
    end = norm.effective.end
    until = "" if end >= END else _WORDS[lang]["until"].format(day=format_day(day_of(end)))
    law = "" if norm.law is None else norm.law.text(lang)
    if lang == "zh":
        place = f"第{norm.paragraph}款第{norm.sentence}句" if norm.paragraph else "标题"
        return f"{law}第{norm.article}条（{norm.article_title.zh}）{place}{until}"
    place = f"para. {norm.paragraph}, sentence {norm.sentence}" if norm.paragraph else "heading"
    return f"{law} art. {norm.article} ({norm.article_title.en}), {place}{until}".lstrip()


def _trigger_text(judged: Judged, lang: str) -> str:
    event, finding = judged.instance.event, judged.finding
    since = phrase(lang, "semicolon") + _WORDS[lang]["since"]
    if event is None:
        return f"{_WORDS[lang]['since']} {when(finding.started, lang)}"
    if isinstance(event, Upstream):  # what is written of it is the key of the other finding
        return f"{event.type.label.text(lang)} {event.pointer}{since} {when(finding.started, lang)}"
    text = f"{event.type.label.text(lang)} ({event.type.name}) {moment(event.written)} {event.pointer}"
    return text if finding.started == event.written else f"{text}{since} {when(finding.started, lang)}"


def day_text(note: DayNote, program: Program, lang: str) -> str:
    """Return one line of the counting: day, number if it counts, why."""
    number = "-" if note.number is None else str(note.number)
    return f"{format_day(note.day)}  {number:>3}  {day_reason(note, program, lang)}"


def day_reason(note: DayNote, program: Program, lang: str) -> str:
    """Say why a day of a counting counts or does not."""
    reason = _REASONS[lang][note.reason]
    if note.reason not in ("rest", "roll", "make-up"):
        return reason
    named = program.calendar.reason(note.day, lang)
    return named if note.reason == "rest" else reason if named == reason else f"{reason} {named}".strip()
