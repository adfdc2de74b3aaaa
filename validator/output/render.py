"""Text for people: findings, summaries and explanations; one line a finding when piped, set out on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from validator.errors import columns, visible
from validator.judging.finding import VERDICT_LABELS, Finding, Lateness, Verdict
from validator.output.phrases import phrase
from validator.output.text import Line, Piece, listed, moment, padded, wrap
from validator.rules.labels import LEVELS

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
MOST_POINTERS = 4
MOST_NORMS = 8


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
        at = when(finding.decided_at, lang)
        yield phrase(lang, "true_then", at=at) if at else phrase(lang, "held")
    else:
        yield phrase(lang, "violated", at=when(finding.breach_at, lang))


def _short(what: str) -> str:
    """Name the norm whose term is open, and not the key of one of its instances."""
    norm, colon, _ = what.partition(":")
    return norm if colon and not {"/", " "} & set(norm) else what


def _against_due(finding: Finding, lang: str) -> str:
    at = when(finding.decided_at, lang)
    if finding.verdict is Verdict.COMPLIANT:
        return phrase(lang, "done", at=at)
    if finding.verdict is Verdict.LATE:
        return phrase(lang, "done_late", at=at, late=lateness_text(finding.late_by, lang))
    return phrase(lang, "not_done", late=lateness_text(finding.late_by, lang))


def when(at: str, lang: str) -> str:
    """Write a time of a finding: a day or a moment, or between which two days it lies (``2022-03-01..2022-03-31``)."""
    first, dots, last = moment(at).partition("..")
    if not dots:
        return first
    return phrase(lang, "between" if first and last else "not_before" if first else "not_after", first=first, last=last)


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
    return phrase(lang, "between" if last else "not_before", first=first, last=last)


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
    # where more than dates is open, dates alone need not settle it
    dates = "coarse" if finding.asks or finding.missing else "settle"
    for name, words in (("asks", finding.asks), ("missing", finding.missing), (dates, finding.would_settle)):
        if words:
            yield phrase(lang, name, words=listed(tuple(dict.fromkeys(map(_short, words))), lang, most))
    if finding.elapsed is not None and finding.elapsed.calendar_days:
        yield phrase(lang, "elapsed", elapsed=lateness_text(finding.elapsed, lang))


# -- findings ----------------------------------------------------------------------------------------------------------
def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings of one record, the worst verdict and the highest level first, else as they come."""
    rank = {word: i for words in (Verdict, LEVELS) for i, word in enumerate(words)}
    return sorted(findings, key=lambda f: (rank[f.verdict], rank[f.level]))


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
    why = phrase(lang, "semicolon").join(sentences(finding, lang, most))
    return f"{place}  {label}  {_norm(finding, lang)}  {about}  {finding.title.text(lang)}{phrase(lang, 'colon')}{why}"


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
    for sentence in why if separate else [phrase(lang, "semicolon").join(why)]:
        for i, line in enumerate(wrap(sentence, max(width - column - 2, 20))):
            indent = column + (2 if separate and i else 0)
            yield (Piece(" " * indent + line, "dim" if finding.verdict in _QUIET else ""),)


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
    summary: Mapping[str, Any], folds: Mapping[str, int], labels: Mapping[str, str], as_of: str, lang: str,
    most: int = MOST_NORMS,
) -> Iterator[str]:  # fmt: skip
    """Yield the sentences below the table; ``labels`` are those of figures and tables, by name."""
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
    unset = {k.removeprefix(UNSET): n for k, n in folds.items() if n and k.startswith(UNSET)}
    yield from _unset_lines(unset, labels, lang, most)
    if summary["engine"]["compiled"]:
        yield phrase(lang, "engines", **summary["engine"])
    silent = summary["never_fired"]
    if silent and summary["records"]["judged"]:
        yield phrase(lang, "never_fired", n=len(silent), words=listed(silent, lang, most))


def _unset_lines(unset: Mapping[str, int], labels: Mapping[str, str], lang: str, most: int) -> Iterator[str]:
    """Yield which figures are waited for, by how many findings, the most first."""
    if unset:
        yield phrase(lang, "folded_unset", n=sum(unset.values()))
    ordered = sorted(unset.items(), key=lambda pair: (-pair[1], pair[0]))
    for names, n in ordered[:most] if most else ordered:
        words = phrase(lang, "comma").join(labels[name] for name in names.split(", ") if name in labels)
        yield f"{n:>8}  {names}  {words}".rstrip()
    if most and len(ordered) > most:
        yield phrase(lang, "folded_unset_more", n=len(ordered) - most)
