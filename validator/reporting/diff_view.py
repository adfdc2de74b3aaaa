"""What the page of an amendment shows: changes in words, and verdicts that flip."""

from __future__ import annotations

from typing import Any

from validator.authoring.impact import Change, Flip, Impact, changes
from validator.facts.vocabulary import Label
from validator.judging.finding import VERDICT_LABELS, Verdict
from validator.output.phrases import phrase
from validator.output.render import sentences
from validator.rules.rulebook import RuleBook

LONG = 60
"""Characters of a text up to which it is shown whole."""
BESIDE = 20
"""Characters shown before and behind what differs."""


def diff_view(old: RuleBook, new: RuleBook, found: Impact | None, lang: str) -> dict[str, Any]:
    """Return what text and page show; ``reports/README.md`` says what each name is.

    Args:
        old: the rules as they are.
        new: the rules as they would be.
        found: what the amendment does to a docket; None without one.
        lang: "zh" or "en".
    """
    titles = {n.id: n.title.text(lang) for book in (old, new) for n in book.program.norms}
    return {
        "changes": [_change(c, lang) for c in changes(old, new)],
        "records": None if found is None else found.records,
        "flips": [] if found is None else [
            {
                "norm": norm, "title": titles[norm], "old": was, "new": now, "count": count,
                "old_label": VERDICT_LABELS[Verdict(was)].text(lang),
                "new_label": VERDICT_LABELS[Verdict(now)].text(lang),
                "examples": [_example(f, lang) for f in found.examples[norm, was, now]],
            }
            for (norm, was, now), count in sorted(found.flips.items(), key=lambda i: (-i[1], i[0]))
        ],
        "moved": [] if found is None else [
            {"norm": norm, "title": titles[norm], "count": count} for norm, count in sorted(found.moved.items())
        ],
    }  # fmt: skip


def _change(change: Change, lang: str) -> dict[str, str]:
    old, new = _around(*(_told(text, change.kind, lang) for text in (change.old, change.new)))
    return {
        "kind": phrase(lang, f"diff.{change.kind}"), "name": change.name, "path": change.path, "old": old, "new": new
    }  # fmt: skip


def _told(written: str | Label, kind: str, lang: str) -> str:
    if isinstance(written, Label):
        return written.text(lang)
    return phrase(lang, f"diff.{written}") if written and kind == "calendar" else written


def _around(old: str, new: str) -> tuple[str, str]:
    """Cut what two long texts have in common before and behind what differs, all but some characters."""
    if min(len(old), len(new)) <= LONG:
        return old, new
    before = _alike(old, new)
    behind = _alike(old[before:][::-1], new[before:][::-1])
    first, last = max(before - BESIDE, 0), max(behind - BESIDE, 0)
    kept = (text[first : len(text) - last] for text in (old, new))
    one, other = (f"{'…' if first else ''}{text}{'…' if last else ''}" for text in kept)
    return one, other


def _alike(one: str, other: str) -> int:
    """Return with how many equal characters two texts begin."""
    shorter = min(len(one), len(other))
    return next((i for i in range(shorter) if one[i] != other[i]), shorter)


def _example(flip: Flip, lang: str) -> dict[str, str]:
    finding = flip.finding
    why = ["" if f is None else phrase(lang, "semicolon").join(sentences(f, lang)) for f in (flip.old, flip.new)]
    return {"record": finding.record, "key": finding.key, "old": why[0], "new": why[1]}
