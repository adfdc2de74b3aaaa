"""The examples inside the shipped policy records hold; they are the jurists' tests of the norms."""

from functools import cache

import pytest

from validator.authoring.policytest import judge_example, run_examples
from validator.rules.program import Norm
from validator.rules.rulebook import RuleBook, read_rules

DEFINITE = {"compliant", "late", "breached", "excused"}


@cache
def rules() -> RuleBook:
    """Read the shipped rule set once."""
    return read_rules()


def norms() -> list[Norm]:
    """Return all shipped norm records."""
    return list(rules().program.norms)


@pytest.mark.parametrize("norm", norms(), ids=lambda n: n.id)
def test_every_example_holds(norm: Norm) -> None:
    """What the law and hand arithmetic say is what the interpreter says."""
    failed = [r for r in run_examples(rules(), norm) if not r.holds]
    assert [(f.name, f.differences, [p.render("en") for p in f.problems]) for f in failed] == []


@pytest.mark.parametrize("norm", norms(), ids=lambda n: n.id)
def test_an_omission_that_counts_once_counts_once(norm: Norm) -> None:
    """Where an example says that two breaches are one (只计一次), they are one in the totals."""
    for example in rules().examples(norm):
        if "只计一次" in example.plain["name"]:
            found = [f for f in judge_example(rules().program, norm, example) if f.verdict in {"late", "breached"}]
            assert len([f for f in found if not f.counted_with]) == 1


@pytest.mark.parametrize("norm", norms(), ids=lambda n: n.id)
def test_no_norm_can_only_say_one_thing(norm: Norm) -> None:
    """A norm's examples show it in order and not in order (a question: asked and answered)."""
    seen = {str(f.verdict) for example in rules().examples(norm) for f in judge_example(rules().program, norm, example)}
    assert len(seen) >= 2
    if norm.check == "machine":
        assert seen & {"compliant", "pending"}  # a hold that never ends is kept, not complied with once for all
        assert seen & {"late", "breached"} or norm.deadline.__class__.__name__ == "NoDeadline"


@pytest.mark.parametrize("norm", norms(), ids=lambda n: n.id)
def test_the_cited_words_stand_in_the_record(norm: Norm) -> None:
    """A norm cites its place; its readings say what was decided and what else could have been."""
    assert norm.paragraph >= 0
    assert norm.sentence >= 0
    assert norm.words
    for reading in norm.readings:
        assert reading.taken.zh != reading.point.zh
